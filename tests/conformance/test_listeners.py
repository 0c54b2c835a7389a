"""What every listener promises, asked of each of them. A new one is one line in LISTENERS."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncssh
import pytest
from openssh import openssh_host
from peers import Ledger, OurServer, asyncssh_host, our_server, paramiko_host, resolve

from gateway.arrival import Accept, Arrival, Receipt
from gateway.errors import LedgerUnavailable
from gateway.protocols import folder, sftp
from gateway.protocols.our_sftp.home import Quota
from gateway.protocols.ports import Channel
from gateway.protocols.settings import Pull

LIMIT = 1_000_000


class Polled:
    """A listener that looks into a folder, which the partner fills on the disk."""

    def __init__(self, make: Callable[[], object], place: Path, ready: str, ledger: Ledger) -> None:
        self.make, self.place, self.ready, self.ledger = make, place, ready, ledger
        self.listener = make()

    async def put(self, name: str, data: bytes) -> None:
        await self.begin(name, data)
        await self.end(name, b"")

    async def begin(self, name: str, data: bytes) -> None:
        path = self.place / name
        path.with_name(f"{name}.tmp" if self.ready == "rename" else name).write_bytes(data)

    async def end(self, name: str, rest: bytes) -> None:
        path = self.place / name
        written = path.with_name(f"{name}.tmp") if self.ready == "rename" else path
        with written.open("ab") as file:
            file.write(rest)
        if self.ready == "rename":
            written.rename(path)
        if self.ready.startswith("marker"):
            (self.place / f"{name}.ok").touch()

    async def look(self) -> None:
        for _ in range(2):
            with contextlib.suppress(LedgerUnavailable):
                await self.listener.poll(self.ledger.accept)

    async def look_while_writing(self, name: str) -> None:
        """Where only the size tells, the file grows between looks."""
        await self.listener.poll(self.ledger.accept)
        if self.ready == "stable":
            with (self.place / name).open("ab") as file:
                file.write(b".")
        await self.listener.poll(self.ledger.accept)

    async def again(self, name: str, data: bytes) -> None:
        """The partner does what partners do when a file was not taken: for a folder, nothing."""
        await self.look()

    async def put_and_crash(self, name: str, data: bytes, crash: Accept) -> None:
        await self.put(name, data)
        if self.ready == "stable":
            await self.listener.poll(crash)
        with pytest.raises(Killed):
            await self.listener.poll(crash)

    async def restart(self) -> None:
        await self.close()
        self.listener = self.make()

    async def link(self, name: str, target: Path) -> None:
        (self.place / name).symlink_to(target)
        if self.ready.startswith("marker"):
            (self.place / f"{name}.ok").touch()

    async def close(self) -> None:
        if hasattr(self.listener, "close"):
            await self.listener.close()

    def left(self) -> list[str]:
        done = {"archive", "error", ".taken"}
        return [one.name for one in self.place.rglob("*") if one.is_file() and not done & set(one.parts)]


class Served:
    """Our SFTP server, which partners call."""

    def __init__(self, ours: OurServer) -> None:
        self.ours, self.ledger = ours, ours.ledger
        self.half: asyncssh.SFTPClientFile | None = None
        self.stack = contextlib.AsyncExitStack()

    async def put(self, name: str, data: bytes) -> None:
        with contextlib.suppress(asyncssh.SFTPError):
            async with self.ours.client() as client, client.open(f"/in/{name}", "wb") as file:
                await file.write(data)

    async def begin(self, name: str, data: bytes) -> None:
        client = await self.stack.enter_async_context(self.ours.client())
        self.half = await client.open(f"/in/{name}", "wb")
        await self.half.write(data)

    async def end(self, name: str, rest: bytes) -> None:
        assert self.half
        await self.half.write(rest)
        await self.half.close()

    async def look(self) -> None:
        await asyncio.sleep(0)

    async def look_while_writing(self, name: str) -> None:
        async with self.ours.client() as other:
            assert name not in await other.listdir("/in")
        assert self.half
        await self.half.write(b".")

    async def again(self, name: str, data: bytes) -> None:
        await self.put(name, data)

    async def put_and_crash(self, name: str, data: bytes, crash: Accept) -> None:
        """For the client a crash is a connection that ends before the reply."""
        async with self.ours.connect() as connection, connection.start_sftp_client() as client:
            file = await client.open(f"/in/{name}", "wb")
            await file.write(data)
            connection.abort()

    async def restart(self) -> None:
        """Clients do not see the difference."""

    async def link(self, name: str, target: Path) -> None:
        (self.ours.home / "in" / name).symlink_to(target)
        async with self.ours.client() as client:
            with pytest.raises(asyncssh.SFTPError):
                await client.rename(f"/in/{name}", f"/in/{name}.final")
            with pytest.raises(asyncssh.SFTPError):
                await client.open(f"/in/{name}", "rb")

    async def close(self) -> None:
        await self.stack.aclose()

    def left(self) -> list[str]:
        return [one.name for one in (self.ours.home / "in").rglob("*") if one.is_file()]


class ServedToParamiko(Served):
    """The same, the partner using paramiko, which looks at the size of what it has just put."""

    async def put(self, name: str, data: bytes) -> None:
        def work() -> None:
            with self.ours.paramiko() as client, contextlib.suppress(OSError):
                client.putfo(io.BytesIO(data), f"in/{name}", confirm=True)

        await asyncio.to_thread(work)


# -- the listeners


@contextlib.asynccontextmanager
async def watched(tmp: Path, ledger: Ledger, ready: str) -> AsyncIterator[Polled]:
    place = tmp / "in"
    place.mkdir()
    channel = Channel("acme.drop", "acme", tmp / "store", tmp, max_bytes=LIMIT)
    settings = folder.Settings.model_validate({"in": "in"})
    yield Polled(lambda: folder.listener(channel, settings, Pull(ready=ready)), place, ready, ledger)


@contextlib.asynccontextmanager
async def fetched(
    tmp: Path, ledger: Ledger, ready: str, host: Callable, **pull: str
) -> AsyncIterator[Polled]:
    (tmp / "host" / "out").mkdir(parents=True)
    async with host(tmp / "host") as found:
        channel = Channel("acme.drop", "acme", tmp / "store", tmp, resolve, LIMIT)
        login = {"host": "127.0.0.1", "port": found.port, "user": found.user, "key": "secret:key"}
        settings = sftp.Settings.model_validate(login | {"host_key": found.host_key})
        rules = Pull.model_validate({"from": f"{found.base}/out", "ready": ready} | pull)
        place = found.root / "out"
        polled = Polled(lambda: sftp.listener(channel, settings, rules), place, ready, ledger)
        yield polled
        await polled.close()


@contextlib.asynccontextmanager
async def fetched_from_ours(tmp: Path, ledger: Ledger) -> AsyncIterator[Polled]:
    """Our client looks into the `out/` of our server."""
    async with our_server(tmp, Ledger()) as ours:
        channel = Channel("acme.drop", "acme", tmp / "store", tmp, resolve, LIMIT)
        shown = asyncssh.read_private_key(str(tmp / "host_key")).get_fingerprint()
        login = {
            "host": "127.0.0.1",
            "port": ours.port,
            "user": "bolt",
            "key": "secret:key",
            "host_key": shown,
        }
        rules = Pull.model_validate({"from": "/out", "done": "rename(.DONE)"})
        settings = sftp.Settings.model_validate(login)
        polled = Polled(lambda: sftp.listener(channel, settings, rules), ours.home / "out", "stable", ledger)
        yield polled
        await polled.close()


@contextlib.asynccontextmanager
async def serving(tmp: Path, ledger: Ledger, kind: type[Served]) -> AsyncIterator[Served]:
    async with our_server(tmp, ledger, quota=Quota(file_size=LIMIT)) as ours:
        served = kind(ours)
        yield served
        await served.close()


LISTENERS = {
    "folder, stable size": lambda tmp, ledger: watched(tmp, ledger, "stable"),
    "folder, rename": lambda tmp, ledger: watched(tmp, ledger, "rename"),
    "folder, marker": lambda tmp, ledger: watched(tmp, ledger, "marker(*.ok)"),
    "sftp, stable size": lambda tmp, ledger: fetched(tmp, ledger, "stable", asyncssh_host),
    "sftp, rename": lambda tmp, ledger: fetched(tmp, ledger, "rename", asyncssh_host),
    "sftp, marker": lambda tmp, ledger: fetched(tmp, ledger, "marker(*.ok)", asyncssh_host),
    "sftp, taken by rename": lambda tmp, ledger: fetched(tmp, ledger, "stable", asyncssh_host, take="rename"),
    "sftp, paramiko's host": lambda tmp, ledger: fetched(tmp, ledger, "stable", paramiko_host),
    "sftp, our own host": fetched_from_ours,
    "our_sftp": lambda tmp, ledger: serving(tmp, ledger, Served),
    "our_sftp, paramiko's client": lambda tmp, ledger: serving(tmp, ledger, ServedToParamiko),
}
POLLERS = {name: make for name, make in LISTENERS.items() if not name.startswith("our_sftp")}
OPENSSH = {
    "sftp, OpenSSH, stable size": lambda tmp, ledger: fetched(tmp, ledger, "stable", openssh_host),
    "sftp, OpenSSH, rename": lambda tmp, ledger: fetched(tmp, ledger, "rename", openssh_host),
    "sftp, OpenSSH, marker": lambda tmp, ledger: fetched(tmp, ledger, "marker(*.ok)", openssh_host),
    "sftp, OpenSSH, taken by rename": lambda tmp, ledger: fetched(
        tmp, ledger, "stable", openssh_host, take="rename"
    ),
}


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture(params=[*LISTENERS, *(pytest.param(name, marks=pytest.mark.interop) for name in OPENSSH)])
async def partner(request, tmp_path, ledger):
    async with (LISTENERS | OPENSSH)[request.param](tmp_path, ledger) as made:
        yield made


@pytest.mark.parametrize(
    "data", [b"ISA*00*", b"", bytes(range(256)), b"x" * 700_000], ids=["text", "empty", "bytes", "large"]
)
async def test_a_file_arrives_once_with_its_bytes_and_name(partner, ledger, data):
    await partner.put("po.edi", data)
    await partner.look()
    await partner.look()
    assert ledger.contents == [data]
    (arrival,) = ledger.arrivals
    assert arrival.name == "po.edi"
    assert arrival.content.size == len(data)
    assert arrival.partner == arrival.channel.partition(".")[0]
    assert arrival.key.endswith(arrival.content.digest)
    assert "po.edi" not in partner.left()


async def test_a_half_written_file_is_not_taken_and_then_arrives_whole(partner, ledger):
    await partner.begin("po.edi", b"half")
    await partner.look_while_writing("po.edi")
    assert ledger.arrivals == []
    await partner.end("po.edi", b" and half")
    await partner.look()
    (content,) = ledger.contents
    assert content.startswith(b"half")
    assert content.endswith(b" and half")


async def test_the_same_twice_has_one_key_and_other_bytes_another(partner, ledger):
    for data in (b"one", b"one", b"two"):
        await partner.put("po.edi", data)
        await partner.look()
    assert ledger.contents == [b"one", b"one", b"two"]
    assert [arrival.key for arrival in ledger.arrivals].count(ledger.arrivals[0].key) == 2
    assert len(ledger.keys) == 2


async def test_what_the_ledger_cannot_store_comes_again_and_is_not_acknowledged(partner, ledger):
    ledger.failures = 99
    await partner.put("po.edi", b"order")
    await partner.look()
    assert ledger.failures < 99
    assert ledger.arrivals == []
    ledger.failures = 0
    await partner.again("po.edi", b"order")
    assert ledger.contents == [b"order"]


async def test_many_files_arrive_each_once(partner, ledger):
    for number in range(20):
        await partner.put(f"po{number:02}.edi", b"%d" % number)
    await partner.look()
    assert sorted(ledger.contents, key=int) == [b"%d" % number for number in range(20)]


async def test_a_file_over_the_limit_never_arrives_and_its_neighbour_does(partner, ledger):
    await partner.put("huge.edi", b"x" * (LIMIT + 1))
    await partner.put("po.edi", b"order")
    await partner.look()
    await partner.look()
    assert ledger.contents == [b"order"]


async def test_a_symbolic_link_is_never_followed(partner, ledger, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"not yours")
    await partner.link("po.edi", secret)
    await partner.look()
    assert b"not yours" not in ledger.contents


@pytest.mark.parametrize(
    "name", ["a b.edi", "Bestellung Nr. 5 ü.edi", "po;rm -rf.edi", "$(id).edi", "'quoted'.edi"]
)
async def test_strange_names_arrive_as_they_are(partner, ledger, name):
    await partner.put(name, b"order")
    await partner.look()
    assert ledger.names == [name]


@pytest.mark.parametrize("name", POLLERS)
async def test_a_poller_is_settled_once_no_file_waits_for_its_next_look(name, tmp_path, ledger):
    async with POLLERS[name](tmp_path, ledger) as partner:
        poller = partner.listener
        assert poller.unsettled  # nobody has looked yet
        await poller.poll(ledger.accept)
        assert not poller.unsettled
        await partner.put("po.edi", b"order")
        await poller.poll(ledger.accept)
        assert poller.unsettled == (ledger.contents == [])
        await poller.poll(ledger.accept)
        await poller.poll(ledger.accept)
        assert not poller.unsettled
        assert ledger.contents == [b"order"]
        await partner.begin("half.edi", b"half")
        await partner.look_while_writing("half.edi")
        assert poller.unsettled == (partner.ready == "stable")
        assert ledger.contents == [b"order"]


class Killed(BaseException):
    """The process ends here."""


async def test_a_crash_before_the_ledger_has_it_loses_nothing(partner, ledger):
    """The process ends inside accept; the next one finds the file, or the client sends it again."""

    async def crash(arrival: Arrival) -> Receipt:
        raise Killed

    await partner.put_and_crash("po.edi", b"order", crash)
    assert ledger.arrivals == []
    await partner.restart()
    await partner.again("po.edi", b"order")
    assert ledger.contents == [b"order"]
