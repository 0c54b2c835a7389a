"""The SFTP client: whom it believes, what it gives away, and what it does when the host misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from dataclasses import replace
from types import SimpleNamespace

import asyncssh
import pytest
from peers import (
    CLIENT_KEY_TEXT,
    PASSWORD,
    STRANGER_KEY,
    Ledger,
    asyncssh_host,
    resolve,
)

from gateway.arrival import Content
from gateway.errors import Refused, SetupError, ShutOut, TransportError, Unreachable
from gateway.protocols import sftp
from gateway.protocols.ports import Channel
from gateway.protocols.settings import Pull, Push
from gateway.protocols.sftp import host as way
from gateway.protocols.sftp.host import algorithms
from gateway.protocols.sftp.pull import SftpListener

ORDER = Content.of_bytes(b"ISA*00*~")
LEGACY = {
    "kex_algs": ["diffie-hellman-group14-sha1"],
    "encryption_algs": ["aes128-cbc"],
    "mac_algs": ["hmac-sha1"],
    "signature_algs": ["ssh-rsa"],
}


def settings(port: int, host_key: object, **changes: object) -> sftp.Settings:
    login = {"host": "127.0.0.1", "port": port, "user": "hub", "key": "secret:key", "host_key": host_key}
    return sftp.Settings.model_validate(login | changes)


@pytest.fixture
def channel(tmp_path):
    (tmp_path / "host" / "in").mkdir(parents=True)
    (tmp_path / "host" / "out").mkdir()
    return Channel("acme.drop", "acme", tmp_path / "store", tmp_path, resolve, 1_000_000)


@pytest.fixture
async def host(tmp_path, channel):
    async with asyncssh_host(tmp_path / "host") as running:
        yield running


async def sent(channel: Channel, login: sftp.Settings) -> None:
    sender = sftp.sender(channel, login, Push(to="/in"))
    try:
        await sender.send("997.edi", ORDER)
    finally:
        await sender.close()


# -- whom it believes


async def test_a_host_key_can_be_pinned_by_its_line(host, channel):
    async with asyncssh.connect(
        "127.0.0.1", host.port, username="hub", password=PASSWORD, known_hosts=None
    ) as other:
        line = other.get_server_host_key().export_public_key().decode().strip()
    await sent(channel, settings(host.port, line))


async def test_one_of_several_pins_is_enough(host, channel):
    await sent(channel, settings(host.port, [STRANGER_KEY.get_fingerprint(), host.host_key]))


async def test_another_host_key_is_refused_and_named_and_nothing_is_sent(host, channel):
    with pytest.raises(Refused) as caught:
        await sent(channel, settings(host.port, STRANGER_KEY.get_fingerprint(), password="secret:password"))
    assert host.host_key in str(caught.value)
    assert caught.value.retry
    assert list((host.root / "in").iterdir()) == []


async def test_a_changed_host_key_stops_the_poll_too(host, channel):
    listener = sftp.listener(channel, settings(host.port, STRANGER_KEY.get_fingerprint()), Pull())
    with pytest.raises(Refused, match="host key"):
        await listener.poll(Ledger().accept)


async def test_any_host_is_trusted_only_with_a_reason(host, channel):
    await sent(channel, settings(host.port, "any: a lab"))


async def test_a_host_with_several_keys_is_asked_for_the_pinned_one(tmp_path, channel):
    async with asyncssh_host(tmp_path / "host", "ssh-ed25519 ecdsa-sha2-nistp256 ssh-rsa") as host:
        await sent(channel, settings(host.port, host.host_key))


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
async def test_legacy_hosts_need_their_algorithms_named(tmp_path, channel):
    async with asyncssh_host(tmp_path / "host", "ssh-rsa", **LEGACY) as host:
        with pytest.raises(Refused, match="legacy"):
            await sent(channel, settings(host.port, host.host_key))
        names = ["ssh-rsa", "diffie-hellman-group14-sha1", "aes128-cbc", "hmac-sha1"]
        await sent(channel, settings(host.port, host.host_key, legacy=names))


@pytest.mark.parametrize("cipher", ["aes128-gcm@openssh.com", "aes256-ctr", "chacha20-poly1305@openssh.com"])
async def test_a_host_with_one_modern_cipher_needs_nothing_named(tmp_path, channel, cipher):
    async with asyncssh_host(tmp_path / "host", encryption_algs=[cipher]) as host:
        await sent(channel, settings(host.port, host.host_key))


def test_legacy_is_an_exact_list():
    assert algorithms(("ssh-rsa", "3des-cbc")) == {
        "server_host_key_algs": ["ssh-rsa"],
        "signature_algs": ["ssh-rsa"],
        "encryption_algs": ["3des-cbc"],
    }
    with pytest.raises(SetupError, match="rot13"):
        algorithms(("rot13",))


# -- logins and secrets


async def test_a_password_serves_where_there_is_no_key(host, channel):
    await sent(channel, settings(host.port, host.host_key, key=None, password="secret:password"))


async def test_after_a_refused_login_nobody_knocks_for_a_while(host, channel, monkeypatch):
    """Hosts lock out who does; what was to be sent waits, and is told the same."""
    clock = [100.0]
    monkeypatch.setattr(way, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    sender = sftp.sender(channel, settings(host.port, host.host_key, user="nobody"), Push(to="/in"))
    told = []
    for later in (0, 59, 1):
        clock[0] += later
        with pytest.raises(ShutOut, match="login") as caught:
            await sender.send("997.edi", ORDER)
        told.append(caught.value)
    assert all(one.retry for one in told)
    assert len({str(one) for one in told}) == 1
    await sender.close()


async def test_a_secret_put_right_is_used_at_once(host, channel):
    """Though its wrong one has just been turned away; so is a wrong one, though the connection still stands."""
    stored = {"secret:pw": "wrong"}
    ours = replace(channel, resolve=stored.__getitem__)
    login = settings(host.port, host.host_key, key=None, password="secret:pw")
    sender, listener = (
        sftp.sender(ours, login, Push(to="/in")),
        sftp.listener(ours, login, Pull.model_validate({"from": "/out"})),
    )
    for secret, enters in (("wrong", False), (PASSWORD, True), ("wrong", False), (PASSWORD, True)):
        stored["secret:pw"] = secret
        for attempt in (sender.send("997.edi", ORDER), listener.poll(Ledger().accept)):
            with contextlib.nullcontext() if enters else pytest.raises(ShutOut, match="login"):
                await attempt
    assert [path.name for path in (host.root / "in").iterdir()] == ["997.edi"]
    for door in (sender, listener):
        await door.close()


@pytest.mark.parametrize("named", ["secret:rubbish", "secret:nowhere"])
async def test_a_secret_that_is_no_key_is_said_without_showing_it(channel, named):
    def found(reference: str) -> str:
        if reference == "secret:nowhere":
            raise SetupError(f"resolving {reference}: there is none")
        return resolve(reference)

    ours = replace(channel, resolve=found)
    with pytest.raises(SetupError, match=named) as caught:
        await sent(ours, settings(22, STRANGER_KEY.get_fingerprint(), key=named))
    assert "not a key" not in str(caught.value)


async def test_where_nobody_answers_the_channel_is_unreachable(channel):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable):
        await sent(channel, settings(port, STRANGER_KEY.get_fingerprint()))


async def test_secrets_are_in_no_log_and_no_repr(host, channel, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    login = settings(host.port, host.host_key, password="secret:password")
    sender = sftp.sender(channel, login, Push(to="/in"))
    await sender.send("997.edi", ORDER)
    with pytest.raises(Refused) as caught:
        await sent(channel, settings(host.port, host.host_key, user="nobody", password="secret:password"))
    await sender.close()
    said = "".join(
        [caplog.text, *capsys.readouterr(), repr(sender), repr(channel), repr(login), str(caught.value)]
    )
    assert PASSWORD not in said
    assert CLIENT_KEY_TEXT.splitlines()[1] not in said


# -- a host that misbehaves


class Moody(asyncssh.SFTPServer):
    """Does what the test says once a read or write has come."""

    on_read = staticmethod(lambda server: None)
    on_write = staticmethod(lambda server: None)
    refused = frozenset()

    def read(self, file_obj, offset, size):
        self.on_read(self)
        return super().read(file_obj, offset, size)

    def write(self, file_obj, offset, data):
        self.on_write(self)
        return super().write(file_obj, offset, data)

    def open(self, path, pflags, attrs):
        self._check("open", path)
        return super().open(path, pflags, attrs)

    def rename(self, oldpath, newpath):
        self._check("rename", oldpath)
        return super().rename(oldpath, newpath)

    def remove(self, path):
        self._check("remove", path)
        return super().remove(path)

    def _check(self, operation: str, path: bytes) -> None:
        if operation in self.refused or (operation, path.rpartition(b"/")[2]) in self.refused:
            raise asyncssh.SFTPPermissionDenied("no")


@pytest.fixture
async def moody(tmp_path, channel):
    class Here(Moody):
        pass

    async with asyncssh_host(tmp_path / "host", sftp=Here) as host:
        host.mood = Here
        yield host


def polling(channel: Channel, host: object, **pull: str) -> SftpListener:
    rules = Pull.model_validate({"from": "/out", "ready": "rename"} | pull)
    return sftp.listener(channel, settings(host.port, host.host_key, timeout="2s"), rules)


def hang_up(server: asyncssh.SFTPServer) -> None:
    server.connection.abort()


async def test_a_connection_lost_in_the_middle_of_a_fetch_loses_and_halves_nothing(moody, channel, tmp_path):
    ledger, listener = Ledger(), polling(channel, moody)
    (moody.root / "out" / "po.edi").write_bytes(b"x" * 900_000)
    moody.mood.on_read = staticmethod(hang_up)
    with pytest.raises(TransportError):
        await listener.poll(ledger.accept)
    assert ledger.arrivals == []
    assert not list(tmp_path.glob("store/*"))
    moody.mood.on_read = staticmethod(lambda server: None)
    assert await listener.poll(ledger.accept) == 1
    assert ledger.contents == [b"x" * 900_000]
    await listener.close()


async def test_a_connection_lost_in_the_middle_of_an_upload_leaves_no_half_file(moody, channel):
    sender = sftp.sender(channel, settings(moody.port, moody.host_key, timeout="2s"), Push(to="/in"))
    moody.mood.on_write = staticmethod(hang_up)
    with pytest.raises(TransportError):
        await sender.send("997.edi", ORDER)
    assert not (moody.root / "in" / "997.edi").exists()
    moody.mood.on_write = staticmethod(lambda server: None)
    await sender.send("997.edi", ORDER)
    assert [one.name for one in (moody.root / "in").iterdir()] == ["997.edi"]
    await sender.close()


async def test_a_host_that_does_not_answer_is_given_up_in_time(channel):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(TransportError):
        async with asyncio.timeout(5):
            await sent(channel, settings(port, STRANGER_KEY.get_fingerprint(), timeout="200ms"))
    server.close()


async def test_a_door_that_is_left_finishes_what_is_in_hand_and_stays_connected_no_longer(moody, channel):
    """A reload closes it, perhaps in the middle of an upload."""
    closing: list[asyncio.Future[None]] = []
    sender = sftp.sender(channel, settings(moody.port, moody.host_key), Push(to="/in"))
    moody.mood.on_write = staticmethod(lambda server: closing.append(asyncio.ensure_future(sender.close())))
    await sender.send("997.edi", ORDER)
    await asyncio.gather(*closing)
    assert closing
    assert sender._host._connection is None
    moody.mood.on_write = staticmethod(lambda server: None)
    await sender.send("998.edi", ORDER)
    assert sender._host._connection is None
    assert sorted(one.name for one in (moody.root / "in").iterdir()) == ["997.edi", "998.edi"]


async def test_a_file_that_vanishes_between_list_and_read_is_no_error(moody, channel):
    ledger, listener = Ledger(), polling(channel, moody)
    for name in ("a.edi", "b.edi"):
        (moody.root / "out" / name).write_bytes(name.encode())

    async def accept(arrival):
        (moody.root / "out" / "b.edi").unlink(missing_ok=True)
        return await ledger.accept(arrival)

    assert await listener.poll(accept) == 1
    assert ledger.contents == [b"a.edi"]
    await listener.close()


async def test_a_file_that_may_not_be_read_does_not_stop_the_others_and_is_tried_again(moody, channel):
    ledger, listener = Ledger(), polling(channel, moody)
    for name in ("a.edi", "b.edi"):
        (moody.root / "out" / name).write_bytes(name.encode())
    moody.mood.refused = frozenset({("open", b"a.edi")})
    assert await listener.poll(ledger.accept) == 1
    moody.mood.refused = frozenset()
    assert await listener.poll(ledger.accept) == 1
    assert ledger.contents == [b"b.edi", b"a.edi"]
    await listener.close()


async def test_a_file_that_may_not_be_filed_away_is_fetched_once(moody, channel):
    ledger, listener = Ledger(), polling(channel, moody, done="delete")
    (moody.root / "out" / "po.edi").write_bytes(b"order")
    moody.mood.refused = frozenset({"remove"})
    assert [await listener.poll(ledger.accept) for _ in range(3)] == [1, 0, 0]
    moody.mood.refused = frozenset()
    await listener.poll(ledger.accept)
    assert list((moody.root / "out").iterdir()) == []
    assert ledger.contents == [b"order"]
    await listener.close()


async def test_a_file_that_grows_while_it_is_read_is_left_for_later(moody, channel):
    ledger, listener = Ledger(), polling(channel, moody)
    path = moody.root / "out" / "po.edi"
    path.write_bytes(b"half")
    moody.mood.on_read = staticmethod(lambda server: path.write_bytes(b"half and half"))
    assert await listener.poll(ledger.accept) == 0
    assert listener.unsettled
    moody.mood.on_read = staticmethod(lambda server: None)
    assert await listener.poll(ledger.accept) == 1
    assert ledger.contents == [b"half and half"]
    await listener.close()


async def test_taking_by_rename_falls_back_where_the_host_forbids_it(moody, channel):
    ledger, listener = Ledger(), polling(channel, moody, take="rename", done="delete")
    (moody.root / "out" / "po.edi").write_bytes(b"order")
    moody.mood.refused = frozenset({"rename"})
    assert await listener.poll(ledger.accept) == 1
    assert ledger.contents == [b"order"]
    await listener.close()


async def test_a_folder_that_is_not_there_is_refused_with_its_name(host, channel):
    listener = sftp.listener(
        channel, settings(host.port, host.host_key), Pull.model_validate({"from": "/nowhere"})
    )
    with pytest.raises(Refused, match="/nowhere"):
        await listener.poll(Ledger().accept)
    await listener.close()


DONE = {"delete": [], "rename(.DONE)": ["po.edi.DONE"], "archive": ["archive/po.edi"]}


@pytest.mark.parametrize(("done", "left"), DONE.items())
async def test_what_was_accepted_is_filed_away_as_the_profile_says(host, channel, done, left):
    listener = polling(channel, host, done=done, ready="marker(*.ok)")
    (host.root / "out" / "po.edi").write_bytes(b"order")
    (host.root / "out" / "po.ok").touch()
    await listener.poll(Ledger().accept)
    out = host.root / "out"
    assert [str(one.relative_to(out)) for one in out.rglob("*") if one.is_file()] == left
    await listener.close()


async def test_a_file_over_the_limit_goes_to_the_error_folder_with_the_reason(host, channel):
    listener = polling(channel, host)
    (host.root / "out" / "po.edi").write_bytes(b"x" * 1_000_001)
    assert [await listener.poll(Ledger().accept) for _ in range(2)] == [0, 0]
    assert (host.root / "out" / "error" / "po.edi").exists()
    assert "1000001 bytes" in (host.root / "out" / "error" / "po.edi.txt").read_text()
    await listener.close()


@pytest.mark.parametrize("done", DONE)
@pytest.mark.parametrize("take", ["read", "rename"])
async def test_the_longest_names_are_fetched_and_filed_away(host, channel, done, take):
    name = "x" * 251 + ".edi"
    listener, ledger = polling(channel, host, done=done, take=take, ready="rename"), Ledger()
    for data in (b"one", b"two"):
        (host.root / "out" / name).write_bytes(data)
        await listener.poll(ledger.accept)
    assert [arrival.name for arrival in ledger.arrivals] == [name, name]
    assert not (host.root / "out" / name).exists()
    (host.root / "out" / name).write_bytes(b"x" * 1_000_001)
    await listener.poll(ledger.accept)
    assert (host.root / "out" / "error" / name).exists()
    (why,) = (host.root / "out" / "error").glob("*.txt")
    assert "1000001 bytes" in why.read_text()
    await listener.close()


async def test_the_longest_name_is_given(host, channel):
    sender = sftp.sender(channel, settings(host.port, host.host_key), Push(to="/in"))
    await sender.send("x" * 251 + ".edi", ORDER)
    assert [one.name for one in (host.root / "in").iterdir()] == ["x" * 251 + ".edi"]
    await sender.close()


async def test_one_connection_serves_many_sends(host, channel):
    sender = sftp.sender(channel, settings(host.port, host.host_key), Push(to="/in"))
    await sender.send("1.edi", ORDER)
    connection = sender._host._connection
    await asyncio.gather(*(sender.send(f"{number}.edi", ORDER) for number in range(2, 9)))
    assert sender._host._connection is connection
    assert len(list((host.root / "in").iterdir())) == 8
    await sender.close()
