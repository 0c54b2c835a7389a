"""What every sender promises, asked of each of them. A new one is one line in SENDERS."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from openssh import openssh_host
from peers import Ledger, asyncssh_host, closed_port, our_server, paramiko_host, resolve

from gateway.arrival import Content
from gateway.errors import Refused, TransportError
from gateway.protocols import folder, sftp
from gateway.protocols.our_sftp.server import Server
from gateway.protocols.ports import Channel, Sender
from gateway.protocols.settings import Push


@dataclass
class Partner:
    """A sender, the folder its files end up in, and the same sender with nobody at the other end."""

    sender: object
    place: Path
    lost: object

    def files(self) -> dict[str, bytes]:
        return {one.name: one.read_bytes() for one in self.place.iterdir() if one.is_file()}


class WithoutFolder:
    """The sender into a folder that is gone, and that nobody can make again: a file has its name."""

    def __init__(self, sender: Sender, out: Path) -> None:
        self.sender, self.out = sender, out

    async def send(self, name: str, content: Content) -> None:
        os.rmdir(self.out)
        self.out.touch()
        await self.sender.send(name, content)


@contextlib.asynccontextmanager
async def into_folder(tmp: Path, **push: object) -> AsyncIterator[Partner]:
    channel = Channel("acme.drop", "acme", tmp / "store", tmp)
    settings = folder.Settings(out=Path("out"))
    (tmp / "out").mkdir()
    (tmp / "once").mkdir()
    gone = folder.sender(channel, folder.Settings(out=Path("once")), Push())
    await gone.send("first.edi", Content.of_bytes(b""))
    (tmp / "once" / "first.edi").unlink()
    lost = WithoutFolder(gone, tmp / "once")
    yield Partner(folder.sender(channel, settings, Push(**push)), tmp / "out", lost)


@contextlib.asynccontextmanager
async def to_host(tmp: Path, host: Callable, **push: object) -> AsyncIterator[Partner]:
    (tmp / "host" / "in").mkdir(parents=True)
    async with host(tmp / "host") as found:
        channel = Channel("acme.drop", "acme", tmp / "store", tmp, resolve)
        login = {"host": "127.0.0.1", "user": found.user, "key": "secret:key", "host_key": found.host_key}
        rules = Push(to=f"{found.base}/in", **push)
        sender = sftp.sender(channel, sftp.Settings.model_validate(login | {"port": found.port}), rules)
        lost = sftp.sender(channel, sftp.Settings.model_validate(login | {"port": closed_port()}), rules)
        yield Partner(sender, found.root / "in", lost)
        await sender.close()


@contextlib.asynccontextmanager
async def into_mailbox(tmp: Path) -> AsyncIterator[Partner]:
    async with our_server(tmp, Ledger()) as ours:
        sender = ours.server.sender("bolt.mailbox")
        yield Partner(sender, ours.home / "out", WithoutFolder(sender, ours.home / "out"))


SENDERS = {
    "folder": into_folder,
    "sftp": lambda tmp: to_host(tmp, asyncssh_host),
    "sftp, paramiko's host": lambda tmp: to_host(tmp, paramiko_host),
    "our_sftp": into_mailbox,
}
REPLACING = {
    "folder": lambda tmp: into_folder(tmp, replace=True),
    "sftp": lambda tmp: to_host(tmp, asyncssh_host, replace=True),
    "sftp, paramiko's host": lambda tmp: to_host(tmp, paramiko_host, replace=True),
}
OPENSSH = {"sftp, OpenSSH": lambda tmp: to_host(tmp, openssh_host)}
OPENSSH_REPLACING = {"sftp, OpenSSH": lambda tmp: to_host(tmp, openssh_host, replace=True)}
ORDER = Content.of_bytes(b"ISA*00*~")


def with_interop(usual: dict, interop: dict) -> list:
    return [*usual, *(pytest.param(name, marks=pytest.mark.interop) for name in interop)]


@pytest.fixture(params=with_interop(SENDERS, OPENSSH))
async def partner(request, tmp_path):
    async with (SENDERS | OPENSSH)[request.param](tmp_path) as made:
        yield made


@pytest.fixture(params=with_interop(REPLACING, OPENSSH_REPLACING))
async def replacing(request, tmp_path):
    async with (REPLACING | OPENSSH_REPLACING)[request.param](tmp_path) as made:
        yield made


CONTENTS = {"text": b"ISA*00*", "empty": b"", "bytes": bytes(range(256)), "large": b"x" * 5_000_000}


@pytest.mark.parametrize("data", CONTENTS.values(), ids=CONTENTS)
async def test_a_file_is_there_as_a_whole_and_nothing_beside_it(partner, data):
    await partner.sender.send("997_1.edi", Content.of_bytes(data))
    assert partner.files() == {"997_1.edi": data}


async def test_bytes_that_lie_in_a_file_are_sent_from_there(partner, tmp_path):
    blob = tmp_path / "blob"
    blob.write_bytes(b"y" * 3_000_000)
    await partner.sender.send("997_1.edi", Content.of_file(blob))
    assert partner.files() == {"997_1.edi": b"y" * 3_000_000}
    assert blob.exists()


async def test_sending_the_same_twice_leaves_one_file(partner):
    await partner.sender.send("997_1.edi", ORDER)
    await partner.sender.send("997_1.edi", ORDER)
    assert partner.files() == {"997_1.edi": b"ISA*00*~"}


@pytest.mark.parametrize("other", [b"ISA*01*~", b"another length"])
async def test_other_bytes_under_a_name_that_is_there_are_refused(partner, other):
    await partner.sender.send("997_1.edi", ORDER)
    with pytest.raises(Refused, match=r"what is sent keeps its name: .*replay"):
        await partner.sender.send("997_1.edi", Content.of_bytes(other))
    assert partner.files() == {"997_1.edi": b"ISA*00*~"}


async def test_with_replace_the_latest_bytes_are_there(replacing):
    for data in (b"one", b"two", b"three"):
        await replacing.sender.send("stock.edi", Content.of_bytes(data))
    assert replacing.files() == {"stock.edi": b"three"}


async def test_what_an_upload_that_broke_off_left_behind_does_no_harm(partner):
    left = partner.place / "997_1.edi.tmp"
    left.write_bytes(b"a part that is longer than the whole")
    left.chmod(0o666)  # the host may run under another account than the test
    await partner.sender.send("997_1.edi", ORDER)
    assert partner.files()["997_1.edi"] == b"ISA*00*~"


@pytest.mark.parametrize("name", ["../evil.edi", "/etc/evil.edi", "a/b.edi", "..", "", "a\0b"])
async def test_a_name_that_leads_elsewhere_is_refused(partner, name, tmp_path):
    with pytest.raises(Refused):
        await partner.sender.send(name, ORDER)
    assert partner.files() == {}
    assert not list(tmp_path.rglob("evil*"))


async def test_nobody_there_is_a_transport_error_and_retried(partner):
    with pytest.raises(TransportError) as caught:
        await partner.lost.send("997_1.edi", ORDER)
    assert caught.value.retry


async def test_a_link_in_the_way_is_not_written_through(partner, tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    (partner.place / "997_1.edi").symlink_to(outside)
    with pytest.raises((Refused, TransportError)):
        await partner.sender.send("997_1.edi", ORDER)
    assert outside.read_bytes() == b"precious"


async def test_a_channel_without_a_mailbox_is_refused(tmp_path):
    with pytest.raises(Refused, match="no mailbox serves the channel"):
        await Server(tmp_path / "host_key").sender("acme.mailbox").send("997_1.edi", ORDER)
