"""Our SFTP server: the jail, the logins, the quotas, and that nothing is acknowledged before it is stored."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import os
import shutil
import stat

import asyncssh
import pytest
from peers import CLIENT_KEY, STRANGER_KEY, Ledger, bolt, our_server
from pydantic import ValidationError
from structlog.testing import capture_logs

from gateway.arrival import Arrival, Content, Receipt
from gateway.errors import LedgerUnavailable, Refused, SetupError
from gateway.protocols.ciphers import AES
from gateway.protocols.our_sftp import Settings, mailbox, server
from gateway.protocols.our_sftp.home import Quota
from gateway.protocols.our_sftp.passwords import hash_password, is_password_hash, password_fits
from gateway.protocols.our_sftp.refusal import reason_of
from gateway.protocols.ports import Channel


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
async def ours(tmp_path, ledger):
    async with our_server(tmp_path, ledger) as running:
        yield running


@pytest.fixture
async def client(ours):
    async with ours.client() as sftp:
        yield sftp


async def put(client, path: str, data: bytes = b"order") -> None:
    async with client.open(path, "wb") as file:
        await file.write(data)


# -- encryption


@pytest.mark.parametrize("cipher", AES)
async def test_every_aes_cipher_is_spoken(ours, cipher):
    async with ours.client(encryption_algs=[cipher]) as client:
        await put(client, "/in/po.edi")
    assert ours.ledger.contents == [b"order"]


async def test_chacha20_is_not_offered(ours):
    with pytest.raises(asyncssh.KeyExchangeFailed):
        async with ours.client(encryption_algs=["chacha20-poly1305@openssh.com"]):
            pass


async def test_a_client_that_likes_chacha20_best_speaks_aes(ours):
    async with ours.connect() as connection:
        assert connection.get_extra_info("recv_cipher") == "aes256-gcm@openssh.com"


# -- store before acknowledge


async def test_the_reply_to_close_waits_for_the_ledger(tmp_path):
    release = asyncio.Event()
    ledger = Ledger()

    async def slow(arrival: Arrival) -> Receipt:
        await release.wait()
        return await ledger.accept(arrival)

    waiting = Ledger()
    waiting.accept = slow
    async with our_server(tmp_path, waiting) as ours, ours.client() as client:
        file = await client.open("/in/po.edi", "wb")
        await file.write(b"order")
        closing = asyncio.create_task(file.close())
        await asyncio.sleep(0.1)
        assert not closing.done()
        await put(client, "/in/x.tmp", b"meanwhile other requests are answered")
        release.set()
        await closing
    assert ledger.contents == [b"order"]


async def test_what_is_not_stored_fails_for_the_client_and_is_not_there(ours, client, ledger):
    ledger.failures = 1
    with pytest.raises(asyncssh.SFTPFailure, match="send it again"):
        await put(client, "/in/po.edi")
    assert await client.listdir("/in") == []
    await put(client, "/in/po.edi")
    assert ledger.contents == [b"order"]


@pytest.mark.parametrize("error", [Refused("not from you"), RuntimeError("a bug"), OSError("disk")])
async def test_any_error_of_accept_is_a_failure_for_the_client(tmp_path, error, caplog):
    ledger = Ledger()

    async def broken(arrival: Arrival) -> Receipt:
        raise error

    ledger.accept = broken
    async with our_server(tmp_path, ledger) as ours, ours.client() as client:
        with pytest.raises(asyncssh.SFTPFailure):
            await put(client, "/in/po.edi")
        assert await client.listdir("/") == ["in", "out"]


async def test_a_connection_that_ends_in_the_middle_leaves_nothing(ours, ledger):
    async with ours.connect() as connection:
        client = await connection.start_sftp_client()
        for size in (10, 400_000):
            file = await client.open(f"/in/po{size}.edi", "wb")
            await file.write(b"x" * size)
        connection.abort()
    await asyncio.sleep(0.1)
    assert ledger.arrivals == []
    assert [one for one in ours.folder.rglob("*") if one.is_file()] == [ours.folder / "host_key"]


def packet(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def whole_upload(number: int, name: bytes, data: bytes) -> bytes:
    """Open, write and close in one breath, as a client that knows what our handles look like."""
    handle = packet(number.to_bytes(4, "big"))
    again = number.to_bytes(4, "big")
    opening = b"\3" + again + packet(name) + b"\0\0\0\x1a\0\0\0\0"
    writing = b"\6" + again + handle + bytes(8) + packet(data)
    return packet(opening) + packet(writing) + packet(b"\4" + again + handle)


async def test_a_client_that_hangs_up_without_waiting_is_still_stored(ours, ledger):
    """Closed is closed: the end of the session right behind it changes nothing."""
    async with ours.connect() as connection:
        writer, reader, _ = await connection.open_session(subsystem="sftp", encoding=None)
        writer.write(packet(b"\1\0\0\0\3") + whole_upload(1, b"/in/po.edi", b"order"))
        writer.write_eof()
        await reader.read()
    assert ledger.contents == [b"order"]


async def test_hundreds_of_uploads_in_one_breath_arrive_each_once(tmp_path):
    """More than may wait for the ledger at one time: the session is read on as places become free."""
    ledger = Ledger()
    store = ledger.accept

    async def slow(arrival: Arrival) -> Receipt:
        await asyncio.sleep(0.01)
        return await store(arrival)

    ledger.accept = slow
    async with our_server(tmp_path, ledger) as ours, ours.connect() as connection:
        writer, reader, _ = await connection.open_session(subsystem="sftp", encoding=None)
        writer.write(packet(b"\1\0\0\0\3"))
        for number in range(1, 301):
            writer.write(whole_upload(number, b"/in/%d.edi" % number, b"%d" % number + b" " * 20_000))
        writer.write_eof()
        await reader.read()
    assert sorted(int(content) for content in ledger.contents) == list(range(1, 301))


async def test_a_restart_discards_what_was_half_uploaded(tmp_path, ledger):
    work = tmp_path / "bolt" / "work"
    work.mkdir(parents=True)
    (work / "half").write_bytes(b"half")
    async with our_server(tmp_path, ledger):
        assert list(work.iterdir()) == []


async def test_stopping_waits_for_what_is_being_stored(tmp_path):
    ledger, started = Ledger(), asyncio.Event()
    store = ledger.accept

    async def slow(arrival: Arrival) -> Receipt:
        started.set()
        await asyncio.sleep(0.1)
        return await store(arrival)

    ledger.accept = slow
    async with our_server(tmp_path, ledger) as ours:
        connection = await ours.connect()
        client = await connection.start_sftp_client()
        sending = asyncio.create_task(put(client, "/in/po.edi"))
        await started.wait()
    await sending
    assert ledger.contents == [b"order"]
    await connection.wait_closed()


# -- names that are not the last


@pytest.mark.parametrize("name", ["po.edi.tmp", "po.edi.part", "po.edi.filepart", "PO.TMP", ".po.edi"])
@pytest.mark.parametrize("rename", ["rename", "posix_rename"])
@pytest.mark.parametrize("size", [5, 300_000])
async def test_an_unfinished_name_arrives_when_it_is_renamed(ours, client, ledger, name, rename, size):
    await put(client, f"/in/{name}", b"x" * size)
    assert ledger.arrivals == []
    assert name in await client.listdir("/in")
    await getattr(client, rename)(f"/in/{name}", "/in/po.edi")
    assert ledger.contents == [b"x" * size]
    assert ledger.names == ["po.edi"]
    assert not (ours.home / "in" / name).exists()


async def test_a_rename_that_is_not_stored_leaves_the_unfinished_file(ours, client, ledger):
    await put(client, "/in/po.tmp", b"old")
    await client.rename("/in/po.tmp", "/in/po.edi")
    await put(client, "/in/po.tmp", b"new")
    ledger.failures = 1
    with pytest.raises(asyncssh.SFTPFailure):
        await client.posix_rename("/in/po.tmp", "/in/po.edi")
    assert (ours.home / "in" / "po.tmp").read_bytes() == b"new"
    await client.posix_rename("/in/po.tmp", "/in/po.edi")
    assert ledger.contents == [b"old", b"new"]


async def test_unfinished_files_can_be_renamed_overwritten_and_removed(ours, client, ledger):
    await put(client, "/in/a.tmp", b"one")
    await put(client, "/in/a.tmp", b"two")
    await client.rename("/in/a.tmp", "/in/b.tmp")
    assert (ours.home / "in" / "b.tmp").read_bytes() == b"two"
    await client.remove("/in/b.tmp")
    assert await client.listdir("/in") == []
    assert ledger.arrivals == []


async def test_what_has_arrived_stays_in_sight_and_can_be_removed_or_renamed_without_effect(client, ledger):
    await put(client, "/in/po.edi")
    assert (await client.stat("/in/po.edi")).size == 5
    assert await client.listdir("/in") == ["po.edi"]
    await client.rename("/in/po.edi", "/in/po.done")
    await put(client, "/in/po2.edi")
    await client.remove("/in/po2.edi")
    assert await client.listdir("/in") == []
    assert ledger.names == ["po.edi", "po2.edi"]


async def test_folders_of_their_own_take_uploads_too(client, ledger):
    await client.mkdir("/orders")
    await put(client, "/orders/po.edi")
    await put(client, "/po.edi")
    assert [arrival.key.partition(":")[0] for arrival in ledger.arrivals] == ["/orders/po.edi", "/po.edi"]
    await client.rmdir("/orders")


# -- the jail


async def test_no_path_leads_out(ours, client, tmp_path):
    (tmp_path / "secret").write_bytes(b"not yours")
    for path in ("../../secret", "/../../../secret", "/in/../../../secret", str(tmp_path / "secret")):
        with pytest.raises(asyncssh.SFTPError):
            await client.open(path, "rb")
    assert await client.realpath("../../..") == "/"
    assert await client.listdir("/..") == ["in", "out"]


LINKED = {
    "read": lambda client: client.open("/out/link/secret", "rb"),
    "read the link": lambda client: client.open("/out/direct", "rb"),
    "write": lambda client: client.open("/out/link/evil", "wb"),
    "write beside in": lambda client: client.open("/link/evil.tmp", "wb"),
    "list": lambda client: client.listdir("/out/link"),
    "stat": lambda client: client.stat("/out/direct"),
    "lstat": lambda client: client.lstat("/out/link/secret"),
    "remove": lambda client: client.remove("/out/link/secret"),
    "rename": lambda client: client.rename("/out/link/secret", "/out/mine"),
    "rename into": lambda client: client.rename("/a.tmp", "/link/a.tmp"),
    "mkdir": lambda client: client.mkdir("/link/evil"),
    "rmdir": lambda client: client.rmdir("/link/folder"),
}


@pytest.mark.parametrize("work", LINKED.values(), ids=LINKED)
async def test_links_that_lie_in_the_tree_are_not_followed(ours, client, tmp_path, work):
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "secret").write_bytes(b"not yours")
    (ours.home / "out" / "link").symlink_to(outside)
    (ours.home / "out" / "direct").symlink_to(outside / "secret")
    (ours.home / "link").symlink_to(outside)
    await put(client, "/a.tmp")
    with pytest.raises(asyncssh.SFTPError):
        await work(client)
    assert sorted(one.name for one in outside.iterdir()) == ["folder", "secret"]
    assert await client.listdir("/out") == []


NOT_OFFERED = {
    "symlink": lambda client: client.symlink("/etc", "/in/etc"),
    "link": lambda client: client.link("/a.tmp", "/b.tmp"),
    "readlink": lambda client: client.readlink("/a.tmp"),
    "statvfs": lambda client: client.statvfs("/"),
    "write into out": lambda client: client.open("/out/x.edi", "wb"),
    "mkdir in out": lambda client: client.mkdir("/out/x"),
    "remove in": lambda client: client.rmdir("/in"),
    "remove out": lambda client: client.rmdir("/out"),
    "rename in": lambda client: client.rename("/in", "/out"),
    "move from out": lambda client: client.rename("/out/997.edi", "/in/997.edi"),
    "move into out": lambda client: client.rename("/a.tmp", "/out/a.tmp"),
    "append": lambda client: client.open("/a.tmp", "ab"),
    "read what arrived": lambda client: client.open("/in/gone.edi", "rb"),
    "a name with a line break": lambda client: client.open("/in/a\nb", "wb"),
    "a very long name": lambda client: client.open("/in/" + "x" * 300, "wb"),
    "a folder that is not there": lambda client: client.open("/nowhere/po.edi", "wb"),
}


@pytest.mark.parametrize("work", NOT_OFFERED.values(), ids=NOT_OFFERED)
async def test_what_a_mailbox_does_not_need_is_not_offered(ours, client, ledger, work):
    await put(client, "/a.tmp")
    (ours.home / "out" / "997.edi").write_bytes(b"997")
    with pytest.raises(asyncssh.SFTPError) as caught:
        await work(client)
    assert str(ours.folder) not in str(caught.value)
    assert ledger.arrivals == []
    assert (ours.home / "out" / "997.edi").exists()


async def test_setting_times_and_permissions_is_accepted_and_ignored(ours, client):
    await put(client, "/a.tmp")
    await client.chmod("/a.tmp", 0o4777)
    await client.utime("/a.tmp", (0, 0))
    assert stat.S_IMODE((ours.home / "a.tmp").stat().st_mode) & 0o4777 != 0o4777


async def test_there_is_no_shell_no_command_and_no_forwarding(ours):
    async with ours.connect() as connection:
        for options in ({}, {"command": "id"}, {"subsystem": "netconf"}):
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.create_process(**options)
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 22)


# -- quotas


async def test_a_file_over_its_limit_is_refused_and_never_arrives(tmp_path, ledger):
    async with our_server(tmp_path, ledger, quota=Quota(file_size=1000)) as ours, ours.client() as client:
        with pytest.raises(asyncssh.SFTPFailure, match="1000 bytes"):
            await put(client, "/in/po.edi", b"x" * 1001)
        await put(client, "/in/po.edi", b"x" * 1000)
    assert [len(content) for content in ledger.contents] == [1000]


async def test_a_full_mailbox_takes_nothing_more_until_it_is_emptied(tmp_path, ledger):
    async with (
        our_server(tmp_path, ledger, quota=Quota(bytes=1000, files=3)) as ours,
        ours.client() as client,
    ):
        await put(client, "/in/a.tmp", b"x" * 900)
        with pytest.raises(asyncssh.SFTPFailure, match="100 bytes"):
            await put(client, "/in/b.tmp", b"x" * 200)
        await put(client, "/in/b.tmp", b"x" * 100)
        for work in (put(client, "/in/c.edi"), client.mkdir("/d")):
            with pytest.raises(asyncssh.SFTPFailure, match="full"):
                await work
        await client.remove("/in/a.tmp")
        await put(client, "/in/c.edi")
    assert ledger.names == ["c.edi"]


async def test_so_many_handles_and_no_more(client):
    for number in range(64):
        await client.open(f"/in/{number}.edi", "wb")
    with pytest.raises(asyncssh.SFTPFailure, match="too many"):
        await client.open("/in/one_more.edi", "wb")


async def test_the_longest_names_are_taken_and_given(ours, client, ledger):
    name = "x" * 251 + ".edi"
    await put(client, f"/in/{name}")
    await put(client, f"/in/.{name[:-5]}")
    await client.rename(f"/in/.{name[:-5]}", f"/in/{name[1:]}")
    assert [arrival.name for arrival in ledger.arrivals] == [name, name[1:]]
    await ours.server.sender("bolt.mailbox").send(name, Content.of_bytes(b"ISA*997"))
    assert await client.listdir("/out") == [name]


async def test_what_stays_unfinished_is_told_once_with_what_to_do(tmp_path, ledger):
    async with our_server(tmp_path, ledger, unfinished=0.12) as ours, ours.client() as client:
        await client.mkdir("/in/deep")
        with capture_logs() as logs:
            for path in ("/in/.po.edi", "/in/deep/x.TMP", "/y.part"):
                await put(client, path)
            await asyncio.sleep(0.3)
            names = [line["name"] for line in logs]
            await put(client, "/in/.po.edi", b"again")
            os.utime(ours.server.mailboxes["bolt"].folder / "home/in/.po.edi", (1, 1))
            await asyncio.sleep(0.1)
        assert sorted(names) == ["'/in/.po.edi'", "'/in/deep/x.TMP'", "'/y.part'"]
        assert [line["name"] for line in logs][3:] == ["'/in/.po.edi'"]
        assert {(line["event"], line["channel"]) for line in logs} == {
            ("sftp upload unfinished", "bolt.mailbox")
        }
        assert all("rename it" in line["hint"] for line in logs)
        assert ours.told[0] == ("bolt.mailbox", ".po.edi", "unfinished")
        await client.rename("/in/.po.edi", "/in/po.edi")
    assert ledger.contents == [b"again"]


async def test_a_mailbox_that_was_removed_is_made_again(ours, client, ledger):
    await put(client, "/in/a.edi")
    shutil.rmtree(ours.server.mailboxes["bolt"].folder)
    await put(client, "/in/b.edi")
    shutil.rmtree(ours.server.mailboxes["bolt"].folder)
    with capture_logs() as logs:
        await ours.server.sender("bolt.mailbox").send("997_1.edi", Content.of_bytes(b"ISA*997"))
    assert [(line["event"], line["missing"]) for line in logs] == [
        ("sftp mailbox made again", ["in", "out", "work"])
    ]
    async with ours.client() as another:
        assert await another.listdir("/out") == ["997_1.edi"]
    assert len(ledger.contents) == 2


# -- out/


async def test_a_partner_fetches_and_removes_and_we_are_told(ours, client):
    sender = ours.server.sender("bolt.mailbox")
    await sender.send("997_1.edi", Content.of_bytes(b"ISA*997"))
    assert await client.listdir("/out") == ["997_1.edi"]
    async with client.open("/out/997_1.edi", "rb") as file:
        assert await file.read() == b"ISA*997"
    await client.remove("/out/997_1.edi")
    assert ours.told == [("bolt.mailbox", "997_1.edi", "fetched"), ("bolt.mailbox", "997_1.edi", "removed")]


async def test_half_a_fetch_is_no_fetch(ours, client):
    await ours.server.sender("bolt.mailbox").send("997_1.edi", Content.of_bytes(b"x" * 100_000))
    async with client.open("/out/997_1.edi", "rb") as file:
        await file.read(10)
    assert ours.told == []


# -- logins


def settings(**changes: object) -> Settings:
    return Settings.model_validate({"user": "bolt", "keys": "bolt.pub"} | changes)


@pytest.mark.parametrize(
    ("options", "enters"),
    [
        ({}, True),
        ({"client_keys": [STRANGER_KEY]}, False),
        ({"username": "nobody"}, False),
        ({"client_keys": None, "password": "right"}, True),
        ({"client_keys": None, "password": "wrong"}, False),
        ({"client_keys": None, "password": ""}, False),
        ({"client_keys": None, "password": "right", "username": "nobody"}, False),
    ],
)
async def test_only_the_right_key_or_password_enters(ours, options, enters):
    ours.server.adopt([bolt(ours.folder, password=hash_password("right"), resolve=str)])
    with contextlib.nullcontext() if enters else pytest.raises(asyncssh.PermissionDenied):
        async with ours.connect(**options):
            pass


async def test_a_mailbox_without_a_password_takes_none(ours):
    with pytest.raises(asyncssh.PermissionDenied):
        await ours.connect(client_keys=None, password="")


async def test_partners_change_while_the_server_runs(ours, ledger):
    async with ours.connect() as before:
        client = await before.start_sftp_client()
        ours.server.adopt([bolt(ours.folder, keys=(STRANGER_KEY.public_data,))])
        await before.wait_closed()
        with pytest.raises((asyncssh.SFTPError, OSError)):
            await put(client, "/in/po.edi")
    with pytest.raises(asyncssh.PermissionDenied):
        await ours.connect()
    async with ours.client(client_keys=[STRANGER_KEY]) as client:
        await put(client, "/in/po.edi")
    assert ledger.names == ["po.edi"]


async def test_partners_that_did_not_change_are_not_disturbed(ours, client, ledger):
    ours.server.adopt([bolt(ours.folder)])
    await put(client, "/in/po.edi")
    assert ledger.names == ["po.edi"]


async def test_guessing_ends_the_connection_and_then_bars_the_address(ours, monkeypatch):
    monkeypatch.setattr(server, "MOST_FAILURES", 4)
    for _ in range(4):
        with pytest.raises(asyncssh.PermissionDenied):
            await ours.connect(client_keys=[STRANGER_KEY])
    with pytest.raises((asyncssh.Error, OSError)):
        await ours.connect()
    ours.server.failures.clear()
    async with ours.connect():
        pass


async def test_more_connections_than_allowed_are_turned_away(tmp_path, ledger):
    async with our_server(tmp_path, ledger, most_connections=1) as ours, ours.connect():
        with pytest.raises((asyncssh.Error, OSError)):
            await ours.connect()
    assert ours.told == [("", "127.0.0.1", "turned away", "full")]


async def test_who_says_nothing_for_long_is_disconnected(tmp_path, ledger):
    async with our_server(tmp_path, ledger, idle=0.2) as ours, ours.connect() as connection:
        async with asyncio.timeout(5):
            await connection.wait_closed()


async def test_the_host_key_is_made_once_and_for_us_alone(tmp_path, ledger):
    for _ in range(2):
        async with our_server(tmp_path, ledger) as ours, ours.connect() as connection:
            shown = connection.get_server_host_key().public_data
        assert shown == asyncssh.read_private_key(str(tmp_path / "host_key")).public_data
    assert stat.S_IMODE((tmp_path / "host_key").stat().st_mode) == 0o600


def test_a_broken_host_key_says_which_file(tmp_path):
    (tmp_path / "host_key").write_text("rubbish")
    with pytest.raises(SetupError, match="host_key"):
        server.host_key(tmp_path / "host_key")


def test_passwords_are_hashed_with_salt_and_compared():
    hashed = hash_password("right")
    assert "right" not in hashed
    assert hashed != hash_password("right")
    assert is_password_hash(hashed)
    assert password_fits("right", hashed)
    assert not password_fits("wrong", hashed)
    assert not password_fits("right", "right")


@pytest.mark.parametrize("text", ["", "right", "scrypt:1048576:8:1:aa:bb", "scrypt:16384:8:99:aa:bb"])
def test_what_is_no_hash_or_costs_too_much_is_no_password(text):
    assert not is_password_hash(text)


# -- settings


def test_a_mailbox_is_made_of_key_files_and_a_hash(tmp_path):
    two = CLIENT_KEY.export_public_key() + b"# their second machine\n\n" + STRANGER_KEY.export_public_key()
    (tmp_path / "bolt.pub").write_bytes(two)
    hashed = hash_password("right")
    channel = Channel("bolt.mailbox", "bolt", tmp_path / "store", tmp_path, lambda _: hashed, max_bytes=10)
    box = mailbox(channel, settings(password="secret:bolt-password"))
    assert box.keys == (CLIENT_KEY.public_data, STRANGER_KEY.public_data)
    assert box.lets_in("right")
    assert not box.lets_in("wrong")
    assert hashed not in repr(box)
    assert box.quota.file_size == 10


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "bolt.pub"),
        ("rubbish", "bolt.pub"),
        ("# nothing\n", "none in it"),
    ],
)
def test_what_cannot_be_a_login_is_said_at_once(tmp_path, content, why):
    if content is not None:
        (tmp_path / "bolt.pub").write_text(content)
    channel = Channel("bolt.mailbox", "bolt", tmp_path / "store", tmp_path)
    with pytest.raises(SetupError, match=why):
        mailbox(channel, settings())


async def test_a_hash_is_looked_up_at_each_login(ours):
    """A new one counts at once, an old password no longer; what is no hash lets nobody in, and is said."""
    stored = {"secret:bolt": hash_password("old")}
    ours.server.adopt([bolt(ours.folder, password="secret:bolt", resolve=stored.__getitem__)])
    told = []
    ours.server.told = lambda channel, name, what, why="": told.append(why)
    for kept, offered, enters in [
        (hash_password("old"), "old", True),
        (hash_password("new"), "old", False),
        (hash_password("new"), "new", True),
        ("new", "new", False),
    ]:
        stored["secret:bolt"] = kept
        with contextlib.nullcontext() if enters else pytest.raises(asyncssh.PermissionDenied):
            async with ours.connect(client_keys=None, password=offered):
                pass
    assert told == [
        "another password",
        "secret:bolt does not hold a hash; store what hash_password returns",
    ]


@pytest.mark.parametrize(
    "changes", [{"keys": []}, {"user": "../x"}, {"user": ""}, {"password": "hunter2"}, {"shell": "yes"}]
)
def test_settings_refuse_what_cannot_work(changes):
    with pytest.raises(ValidationError) as caught:
        settings(**changes)
    assert "hunter2" not in str(caught.value)


# -- other clients


async def test_paramiko_puts_lists_and_gets(ours, ledger):
    await ours.server.sender("bolt.mailbox").send("997.edi", Content.of_bytes(b"ISA*997"))

    def work() -> tuple[list[str], bytes]:
        with ours.paramiko() as client:
            client.putfo(io.BytesIO(b"x" * 300_000), "in/po.edi.tmp")
            client.posix_rename("in/po.edi.tmp", "in/po.edi")
            got = io.BytesIO()
            client.getfo("out/997.edi", got)
            return client.listdir("in"), got.getvalue()

    assert await asyncio.to_thread(work) == (["po.edi"], b"ISA*997")
    assert ledger.contents == [b"x" * 300_000]


# -- what the operator is told


@pytest.mark.parametrize(
    ("error", "why", "reason"),
    [
        (LedgerUnavailable("the disk is full"), "the disk is full", "not stored"),
        (Refused("not from you"), "not from you", "refused"),
    ],
)
async def test_an_upload_that_is_not_taken_is_logged_and_told(tmp_path, error, why, reason):
    ledger = Ledger()

    async def broken(arrival: Arrival) -> Receipt:
        raise error

    ledger.accept = broken
    async with our_server(tmp_path, ledger) as ours, ours.client() as client:
        with capture_logs() as logs, pytest.raises(asyncssh.SFTPFailure):
            await put(client, "/in/po.edi")
    (line,) = logs
    assert (line["log_level"], line["event"], line["why"]) == ("warning", "sftp upload refused", why)
    assert (line["name"], line["address"]) == ("'/in/po.edi'", "127.0.0.1")
    assert line["channel"]
    assert ours.told == [("bolt.mailbox", "po.edi", "refused", reason)]


@pytest.mark.parametrize(
    ("quota", "why", "reason"),
    [
        (Quota(file_size=4), "larger than 4 bytes", "too large"),
        (Quota(bytes=0), "the mailbox is full", "quota"),
    ],
)
@pytest.mark.parametrize("name", ["/in/po.edi", "/in/po.tmp"])
async def test_an_upload_over_the_quota_is_logged_and_told_once(tmp_path, ledger, quota, why, reason, name):
    async with our_server(tmp_path, ledger, quota=quota) as ours, ours.client() as client:
        with capture_logs() as logs, pytest.raises(asyncssh.SFTPError):
            await put(client, name)
    assert [(line["event"], line["name"]) for line in logs] == [("sftp upload refused", repr(name))]
    assert why in logs[0]["why"]
    assert ours.told == [("bolt.mailbox", name.rpartition("/")[2], "refused", reason)]


NOT_TAKEN = [
    # where an upload goes -> why it is refused there
    ("/out/po.edi", "not permitted"),
    ("/in/nowhere/po.edi", "not possible"),
    ("/in", "not possible"),
    ("/in/" + "x" * 300, "not possible"),
    ("/in/a\x01b", "not permitted"),
]


@pytest.mark.parametrize(("name", "reason"), NOT_TAKEN, ids=lambda value: value[:20])
async def test_an_upload_to_where_none_may_go_is_told(ours, client, name, reason):
    with pytest.raises(asyncssh.SFTPError):
        await put(client, name)
    assert [(told[0], *told[2:]) for told in ours.told] == [("bolt.mailbox", "refused", reason)]


def test_what_our_own_disk_refuses_is_not_the_partner_s_doing():
    for code in (errno.ENOSPC, errno.EACCES, errno.EIO):
        assert reason_of(OSError(code, "words")) == "our disk"
    assert reason_of(PermissionError("our own words")) == "not permitted"


@pytest.mark.parametrize(
    ("user", "named", "why"),
    [
        ("bolt", "bolt", "another password"),
        ("x" * 900, "xxx", "nobody has that name"),
    ],
)
async def test_a_failed_login_is_logged_without_its_password(ours, user, named, why):
    with capture_logs() as logs, pytest.raises(asyncssh.PermissionDenied):
        await ours.connect(username=user, client_keys=[], password="hunter-2")
    (line,) = [line for line in logs if line["event"] == "sftp login failed"]
    assert (line["log_level"], line["address"], line["why"]) == ("warning", "127.0.0.1", why)
    assert named in line["user"]
    assert len(line["user"]) < 200
    assert "hunter" not in str(logs)
    (told,) = ours.told
    assert told[0] == ("bolt.mailbox" if user == "bolt" else "")
    assert told[2:] == ("login failed", why)


def test_a_name_that_failed_to_log_in_cannot_steer_a_terminal(ours):
    with capture_logs() as logs:
        assert not server.Visitor(ours.server).validate_public_key("a\x1b[2J", STRANGER_KEY)
    assert logs[0]["user"] == r"'a\x1b[2J'"
