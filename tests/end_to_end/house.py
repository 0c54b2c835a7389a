"""A house in a temporary folder with one partner on our SFTP server, its side of the wire, and what must be true."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
from nursery import Child, Nursery
from pipeline.desk import ACME, COMPANY, NOON, house_in
from pipeline.documents import group, interchange, order, said, segments, transaction_set

from gateway.ledger import Ledger, stories, work

KEY = asyncssh.generate_private_key("ssh-ed25519")
MAILBOX = "channels:\n  mailbox:\n    our_sftp: {user: acme, keys: acme.pub}\n"
PROFILE = ACME[: ACME.index("channels:")] + MAILBOX + ACME[ACME.index("receive:") :]

AT_ONCE = 4
"""Files that a client puts at the same time."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Sent:
    """One file of the partner, and what it must bring about: order numbers with their first quantity, 997s."""

    name: str
    data: bytes
    orders: dict[str, str]
    acknowledged: list[str]


def single(n: int) -> Sent:
    """One order in one interchange."""
    data = interchange(group(order(f"S{n}", quantity=str(n)), control=str(n)), control=f"{n:09d}")
    return Sent(f"single-{n}.edi", data, {f"S{n}": str(n)}, [f"AK1*PO*{n}"])


def change(n: int) -> Sent:
    """The order of `single(n)` again, changed, in an interchange of its own."""
    data = interchange(group(order(f"S{n}", quantity="99"), control=str(n + 100)), control=f"{n + 100:09d}")
    return Sent(f"change-{n}.edi", data, {f"S{n}": "99"}, [f"AK1*PO*{n + 100}"])


def several(n: int, count: int = 5) -> Sent:
    """Some orders in one group: more than one batch, where a batch is two."""
    numbers = {f"M{n}.{i}": str(i) for i in range(1, count + 1)}
    sets = [order(number, f"{i:04d}", quantity=str(i)) for i, number in enumerate(numbers, 1)]
    data = interchange(group(*sets, control=str(n)), control=f"{n:09d}")
    return Sent(f"several-{n}.edi", data, numbers, [f"AK1*PO*{n}"])


def large(n: int) -> Sent:
    """One order of 100 KiB: too large to live in the ledger's own rows."""
    lines = [f"PO1*{i}*{n}*EA*9.5**UP*012345678905" for i in range(1, 2500)]
    body = [f"BEG*00*SA*L{n}**20260301", *lines, "CTT*2499"]
    data = interchange(group(transaction_set("850", "0001", body), control=str(n)), control=f"{n:09d}")
    assert len(data) > 64 << 10
    return Sent(f"large-{n}.edi", data, {f"L{n}": str(n)}, [f"AK1*PO*{n}"])


@dataclass
class Place:
    """The house on disk, and the ports it is reached at."""

    folder: Path
    nursery: Nursery
    profile: str = PROFILE
    port: int = field(default_factory=free_port)
    company: str = COMPANY

    def __post_init__(self) -> None:
        house_in(self.folder, {"company.yaml": self.company, "profiles/acme.yaml": self.profile})
        (self.folder / "partners" / "acme.pub").write_bytes(KEY.export_public_key())

    def start(self, *arguments: str, **environment: str) -> Child:
        """A `gateway run` in this place, or another command."""
        own = {
            "GATEWAY_SFTP_PORT": str(self.port),
            "GATEWAY_HTTP_PORT": "0",
            "GATEWAY_INTERNAL_PORT": "0",
            "GATEWAY_SAMPLES_DIR": "samples",
            "GATEWAY_BATCH_SETS": "2",
            "GATEWAY_SWEEP_SECONDS": "0.2",
            "GATEWAY_KILL_AT": "",
        }
        return self.nursery.start(self.folder, *(arguments or ("run",)), **{**own, **environment})

    def held(self) -> str:
        """The id of the one document that waits for a person."""
        with self.ledger() as ledger:
            (found,) = ledger.read_now(stories.dead)
        return found.id

    @property
    def erp(self) -> dict[str, bytes]:
        """What stands in the ERP's folder; hidden files are nobody's business."""
        return {one.name: one.read_bytes() for one in (self.folder / "erp").glob("[!.]*")}

    @property
    def out(self) -> dict[str, bytes]:
        """What waits for the partner in its `out/`."""
        folder = self.folder / "var" / "channels" / "acme.mailbox" / "home" / "out"
        return {one.name: one.read_bytes() for one in folder.glob("[!.]*")}

    def ledger(self) -> Ledger:
        return Ledger.open(
            f"sqlite:///{self.folder / 'var' / 'ledger.sqlite'}", self.folder / "var" / "blobs", "read"
        )

    async def opened(self) -> None:
        """Returns once the gateway's SFTP door is open: from then on it hears signals."""
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                greeting = await reader.read(4)
                writer.close()
                if greeting == b"SSH-":
                    return
            await asyncio.sleep(0.05)

    async def finished(self) -> None:
        """Returns once the ledger holds nothing unfinished."""
        with self.ledger() as ledger:
            while await ledger.read(lambda tx: work.unfinished(tx, NOON.replace(year=2099))):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def log(self) -> str:
        return (self.folder / "gateway.log").read_text()[-3000:]

    def holds(self, files: Iterable[Sent]) -> None:
        """Each order stands in the ERP's folder once, each interchange has one 997 and one TA1."""
        sent = list(files)
        orders = {number: quantity for one in sent for number, quantity in one.orders.items()}
        found = [json.loads(data) for data in self.erp.values()]
        assert Counter(one["number"] for one in found) == Counter(list(orders))
        assert {one["number"]: one["lines"][0]["quantity"] for one in found} == orders
        wanted = [(ak1, count) for one in sent for ak1 in one.acknowledged for count in [len(one.orders)]]
        verdicts = [
            (said(data, "AK1")[0], said(data, "AK9")[0])
            for name, data in self.out.items()
            if name.startswith("997")
        ]
        assert Counter(verdicts) == Counter((ak1, f"AK9*A*{n}*{n}*{n}") for ak1, n in wanted)
        interchanges = [said(data, "TA1")[0] for name, data in self.out.items() if name.startswith("TA1")]
        assert len(interchanges) == len(set(interchanges)) == len(sent)
        assert all(line.endswith("*A*000") for line in interchanges)
        controls = [segments(data)[0][13] for data in self.out.values()]
        assert len(controls) == len(set(controls)), "a control number of ours was used twice"


@dataclass
class Client:
    """The partner: puts its files, and sends one again, same name and bytes, until it hears that it was taken."""

    port: int
    sent: list[Sent] = field(default_factory=list)

    async def put(self, files: Iterable[Sent]) -> None:
        waiting = list(files)
        while waiting:
            with suppress(OSError, asyncssh.Error):
                await self._visit(waiting)
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def visiting(self) -> AsyncIterator[asyncssh.SFTPClient]:
        """Logged in for the length of a `with` block."""
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(
                asyncssh.connect(
                    "127.0.0.1",
                    self.port,
                    username="acme",
                    client_keys=[KEY],
                    known_hosts=None,
                    config=None,
                    agent_path=None,
                )
            )
            yield await stack.enter_async_context(connection.start_sftp_client())

    async def _visit(self, waiting: list[Sent]) -> None:
        async with self.visiting() as sftp:
            while waiting:
                await asyncio.gather(*(self._put_one(sftp, one, waiting) for one in waiting[:AT_ONCE]))

    async def _put_one(self, sftp: asyncssh.SFTPClient, one: Sent, waiting: list[Sent]) -> None:
        async with sftp.open(f"in/{one.name}", "wb") as file:
            await file.write(one.data)
        await sftp.stat(f"in/{one.name}")  # asyncssh closes in silence where the connection is gone
        waiting.remove(one)
        self.sent.append(one)
