"""OpenSSH's client at our SFTP server: what a partner's batch may do, what it is told, and where it gets no further."""

from __future__ import annotations

import asyncio
import os
import subprocess

import asyncssh
import pytest
from openssh_client import Client, until
from peers import CLIENT_KEY, PASSWORD, STRANGER_KEY, Ledger, bolt, our_server

from gateway.arrival import Content
from gateway.protocols.our_sftp.passwords import hash_password

pytestmark = pytest.mark.interop

LARGE = b"0123456789abcdef" * 500_000


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
async def ours(tmp_path, ledger):
    async with our_server(tmp_path / "ours", ledger) as running:
        yield running


@pytest.fixture
def client(tmp_path, ours):
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "po.edi").write_bytes(b"ISA*00*order~")
    (folder / "large.edi").write_bytes(LARGE)
    shown = asyncssh.read_private_key(str(tmp_path / "ours" / "host_key"))
    return Client(folder, ours.port, "bolt", shown, CLIENT_KEY)


def left(ours) -> list[str]:
    """Every file in the home, by its path there."""
    return sorted(str(one.relative_to(ours.home)) for one in ours.home.rglob("*") if not one.is_dir())


# -- putting

PUTS = {
    "put": ["put po.edi in/"],
    "put under another name": ["put large.edi in/po.edi.tmp", "rm in/po.edi.tmp", "put po.edi in/po.edi"],
    "put and rename": ["put po.edi in/po.edi.tmp", "rename in/po.edi.tmp in/po.edi"],
    "put as .part, rename": ["cd in", "put po.edi po.edi.part", "rename po.edi.part po.edi", "ls -l po.edi"],
    "with times and permissions": ["put -p po.edi in/", "chmod 600 in/po.edi"],
    "with fsync": ["put -f po.edi in/"],
    "put and look": ["put po.edi in/", "ls -l in/po.edi"],
    "put and remove": ["put po.edi in/", "rm in/po.edi"],
    "into the home": ["put po.edi"],
    "into a folder of their own": ["mkdir in/today", "put po.edi in/today/po.edi"],
}


@pytest.mark.parametrize("batch", PUTS.values(), ids=PUTS)
async def test_a_file_arrives_once_under_its_last_name(client, ours, ledger, batch):
    done = await client.sftp(*batch)
    assert (done.status, done.said) == (0, "")
    assert ledger.contents == [b"ISA*00*order~"]
    assert ledger.names == ["po.edi"]
    assert left(ours) == []


async def test_a_large_file_and_its_size_are_seen_by_who_looks_afterwards(client, ledger):
    done = await client.sftp("put large.edi in/", "ls -l in")
    assert f" {len(LARGE)} " in done.out
    assert ledger.contents == [LARGE]


async def test_many_files_arrive_each_once(client, ledger):
    for number in range(40):
        (client.folder / f"po{number:02}.edi").write_bytes(b"%d" % number)
    done = await client.sftp("put po[0-9]*.edi in/")
    assert done.status == 0
    assert sorted(ledger.contents, key=int) == [b"%d" % number for number in range(40)]


async def test_what_the_ledger_does_not_store_fails_in_their_batch_and_may_come_again(client, ours, ledger):
    ledger.failures = 2
    plain = await client.sftp("put po.edi in/")
    renamed = await client.sftp("put po.edi in/po.edi.tmp", "rename in/po.edi.tmp in/po.edi")
    assert (plain.status, renamed.status) == (1, 1)
    assert ledger.arrivals == []
    again = await client.sftp("rename in/po.edi.tmp in/po.edi")
    assert again.status == 0
    assert ledger.contents == [b"ISA*00*order~"]


async def test_a_put_that_breaks_off_never_arrives(client, ours, ledger):
    command = ["sftp", "-q", "-l", "8000", "-b", "-", *client.options, "bolt@127.0.0.1"]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, cwd=client.folder)
    process.stdin.write(b"put large.edi in/\n")
    process.stdin.write_eof()
    await until(lambda: any(one.stat().st_size for one in (ours.folder / "bolt" / "work").iterdir()))
    process.kill()
    await process.wait()
    await until(lambda: not ours.server.visitors)
    assert ledger.arrivals == []
    assert left(ours) == []
    assert list((ours.folder / "bolt" / "work").iterdir()) == []


# -- fetching


@pytest.fixture
async def waiting(ours):
    for name, content in [("997_1.edi", b"ISA*997~"), ("997_2.edi", LARGE)]:
        await ours.server.sender("bolt.mailbox").send(name, Content.of_bytes(content))


@pytest.mark.usefixtures("waiting")
async def test_what_waits_is_listed_fetched_and_removed_and_we_are_told(client, ours):
    done = await client.sftp("ls -1 out", "get out/*.edi", "rm out/997_1.edi", "ls -1 out")
    assert done.status == 0
    assert done.out.split() == ["out/997_1.edi", "out/997_2.edi", "out/997_2.edi"]
    assert (client.folder / "997_1.edi").read_bytes() == b"ISA*997~"
    assert (client.folder / "997_2.edi").read_bytes() == LARGE
    assert ours.told == [
        ("bolt.mailbox", "997_1.edi", "fetched"),
        ("bolt.mailbox", "997_2.edi", "fetched"),
        ("bolt.mailbox", "997_1.edi", "removed"),
    ]
    assert left(ours) == ["out/997_2.edi"]


@pytest.mark.usefixtures("waiting")
async def test_a_fetch_is_taken_up_where_it_broke_off(client):
    (client.folder / "997_2.edi").write_bytes(LARGE[:1_000_000])
    done = await client.sftp("reget out/997_2.edi")
    assert done.status == 0
    assert (client.folder / "997_2.edi").read_bytes() == LARGE


@pytest.mark.usefixtures("waiting")
async def test_everything_is_fetched_with_its_folders(client):
    done = await client.sftp("get -r -p . all")
    assert done.status == 0
    assert (client.folder / "all" / "out" / "997_2.edi").read_bytes() == LARGE


# -- who they are


@pytest.mark.parametrize(
    "changes", [{"key": STRANGER_KEY}, {"user": "nobody"}], ids=["other key", "other user"]
)
async def test_who_is_not_known_gets_nowhere(client, ledger, changes):
    for name, value in changes.items():
        setattr(client, name, value)
    done = await client.sftp("put po.edi in/")
    assert done.status == 255
    assert "Permission denied" in done.said
    assert ledger.arrivals == []


async def test_a_client_that_pinned_another_host_key_does_not_trust_us(client, ledger):
    client.host_key = STRANGER_KEY
    done = await client.sftp("put po.edi in/")
    assert done.status == 255
    assert "Host key verification failed" in done.said
    assert ledger.arrivals == []


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, 0), ("guess", 255)], ids=["right", "wrong"])
async def test_a_password_serves_as_well(client, ours, ledger, password, status):
    ours.server.adopt([bolt(ours.folder, keys=(), password=hash_password(PASSWORD), resolve=str)])
    ask = client.folder / "ask"
    ask.write_text(f"#!/bin/sh\necho '{password}'\n")
    ask.chmod(0o700)
    command = ["sftp", "-o", "BatchMode=no", "-b", "-", *client.options, "bolt@127.0.0.1"]
    asking = os.environ | {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    done = await client.run(*command, feed=("put po.edi in/",), env=asking)
    assert done.status == status
    assert len(ledger.arrivals) == (status == 0)


# -- where they get no further

REFUSED = {
    "a link to a file of ours": ["ln -s /etc/passwd in/po.edi"],
    "a hard link": ["ln out/997_1.edi in/po.edi"],
    "a link that lies there, read": ["get out/link"],
    "a link that lies there, written": ["put po.edi in/link"],
    "through a linked folder": ["get out/folder/secret"],
    "into a linked folder": ["put po.edi in/folder/po.edi"],
    "a system's file": ["get /etc/passwd"],
    "a system's file, upwards": ["get ../../../../../../etc/passwd"],
    "our host key": ["get ../../host_key"],
    "upwards, step by step": ["cd ..", "cd ..", "get host_key"],
    "into what we have for them": ["put po.edi out/po.edi"],
    "moved into what we have for them": ["put po.edi in/a.tmp", "rename in/a.tmp out/po.edi"],
    "moved out of it": ["rename out/997_1.edi in/po.edi"],
    "the folders themselves": ["rmdir in"],
    "out/ itself": ["rename out gone"],
    "continuing a put": ["put large.edi in/po.edi.tmp", "reput large.edi in/po.edi.tmp"],
}


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("batch", REFUSED.values(), ids=REFUSED)
async def test_a_batch_that_wants_more_than_it_may_fails(client, ours, ledger, tmp_path, batch):
    secret = tmp_path / "ours" / "secret"
    secret.write_bytes(b"not yours")
    for place in ("in", "out"):
        (ours.home / place / "link").symlink_to(secret)
        (ours.home / place / "folder").symlink_to(secret.parent)
    done = await client.sftp(*batch)
    assert done.status == 1
    assert done.said
    assert str(tmp_path / "ours") not in done.out + done.said
    assert ledger.arrivals == []
    assert secret.read_bytes() == b"not yours"
    assert not (secret.parent / "po.edi").exists()
    assert {one.name for one in client.folder.iterdir()} <= {"key", "known_hosts", "po.edi", "large.edi"}
    assert {"out/997_1.edi", "out/997_2.edi"} <= set(left(ours))


async def test_upwards_of_the_home_is_the_home(client, ours):
    done = await client.sftp("cd ../../..", "pwd", "ls -1 /")
    assert done.out.splitlines() == ["Remote working directory: /", "/in", "/out"]


async def test_a_file_put_upwards_lands_in_the_home_and_arrives(client, ours, ledger):
    done = await client.sftp("put po.edi ../../../../po.edi")
    assert done.status == 0
    assert [arrival.key.partition(":")[0] for arrival in ledger.arrivals] == ["/po.edi"]
    assert not list(ours.folder.parent.glob("po.edi"))


async def test_there_is_no_shell_no_command_and_no_way_through(client, ours, ledger):
    command = await client.ssh("id")
    shell = await client.ssh("-T")
    reached = []
    inside = await asyncio.start_server(lambda *_: reached.append(True), "127.0.0.1", 0)
    through = await client.ssh("-W", f"127.0.0.1:{inside.sockets[0].getsockname()[1]}")
    inside.close()
    assert all(one.status and not one.out for one in (command, shell, through))
    assert reached == []


async def test_scp_works_over_sftp_and_not_otherwise(client, ledger):
    target = f"scp://{client.user}@127.0.0.1:{client.port}/in/po.edi"
    old = await client.scp("-O", "po.edi", target)
    assert old.status
    assert ledger.arrivals == []
    new = await client.scp("-s", "po.edi", target)
    assert (new.status, new.said) == (0, "")
    assert ledger.contents == [b"ISA*00*order~"]
