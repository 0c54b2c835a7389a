"""A worker at its desk: a real ledger in a temporary folder, a house read from YAML, a clock that tests turn.

Nothing runs by itself. `take` is what a listener does, `work` does every step that is due until there is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import empty_ledger
from sqlalchemy import Connection, select

from gateway.arrival import Arrival, Content, Receipt
from gateway.connectors import Taken
from gateway.formats import x12
from gateway.ledger import Ledger, blobs, open_ledger, work
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.interchanges import InterchangeRow
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.tables import arrival, document, event, interchange, outbox, seen_key
from gateway.pipeline.queue import Job
from gateway.pipeline.translation.house import House
from gateway.pipeline.work.deliver import Doors
from gateway.pipeline.work.worker import STEPS, Worker
from gateway.settings import Settings
from gateway.setup import check

T = TypeVar("T")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

COMPANY = """\
company:
  main: {name: Northwind, identities: {x12: 12/8475551234}}
systems:
  erp: {files: {to: ../erp}}
  trial: {files: {to: ../trial}, test: true}
routes: {PurchaseOrder: erp}
defaults:
  acknowledge: [997, TA1]
  duplicates: {same: drop, changed: hold, window: 400d}
  retry: [1m, 5m]
"""

ACME = """\
partner: acme
stage: live
identities: {x12: ZZ/ACME}
channels:
  drop:
    folder: {in: ../mail/acme/in, out: ../mail/acme/out}
    pull: {match: "*.edi", every: 200ms, ready: rename, done: delete}
    push: {to: .}
receive:
  850: x12/004010/850
"""

BOLT = ACME.replace("acme", "bolt").replace("ZZ/ACME", "ZZ/BOLT")


def house_in(folder: Path, files: Mapping[str, str] | None = None) -> Settings:
    """Writes company and profiles; a sample for each partner, as live partners need one; an empty ledger."""
    given = {"company.yaml": COMPANY, "profiles/acme.yaml": ACME, **(files or {})}
    for name, text in given.items():
        path = folder / "partners" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if name.startswith("profiles/"):
            sample = folder / "samples" / path.stem / "one" / "in.edi"
            sample.parent.mkdir(parents=True, exist_ok=True)
            sample.write_text("sample")
            for way in ("in", "out"):
                (folder / "mail" / path.stem / way).mkdir(parents=True, exist_ok=True)
    empty_ledger.put(folder / "var" / "ledger.sqlite")
    return Settings(
        partners_dir=folder / "partners",
        samples_dir=folder / "samples",
        var_dir=folder / "var",
        http_port=0,
        internal_port=0,
        sftp_port=0,
        sweep_seconds=0.2,
        reload_seconds=0.1,
    )


_houses: dict[str, House] = {}
"""Houses by their snapshot's digest: they never change, and reading the maps is most of a small test's time."""


def house_of(settings: Settings) -> House:
    loaded = check(settings)
    assert loaded.snapshot is not None, "\n".join(map(str, loaded.faults))
    assert loaded.sound, "\n".join(map(str, loaded.faults))
    return _houses.setdefault(loaded.snapshot.digest, House(loaded.snapshot))


@dataclass
class Taker:
    """A connector, or a sender, that fails as it is told to and else keeps what it is given."""

    failures: list[Exception] = field(default_factory=list)
    says: Taken | None = None
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    tries: int = 0

    def _take(self, name: str, data: bytes) -> None:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append((name, data))

    async def deliver(
        self, key: str, kind: str, document: Any, correlation: str, supersedes: Collection[str] = ()
    ) -> Taken | None:
        self._take(key, document)
        return self.says

    async def send(self, name: str, content: Content) -> None:
        self._take(name, content.data or b"")

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.taken]


@dataclass
class Desk:
    """One worker, its ledger, and what stands on both sides of it."""

    settings: Settings
    ledger: Ledger
    worker: Worker
    clock: list[datetime]
    erp: Taker = field(default_factory=Taker)
    acme: Taker = field(default_factory=Taker)
    read: int = 0

    @classmethod
    def open(cls, folder: Path, files: Mapping[str, str] | None = None, **facts: Any) -> Desk:
        settings = house_in(folder, files)
        ledger = open_ledger(settings, "run")
        clock = [NOON]
        facts.setdefault("ahead", 0)  # the sweeper finds all work, nothing is claimed as it is born
        worker = Worker(ledger, "desk", lambda: clock[0], limits=facts.pop("limits", x12.Limits()), **facts)
        worker.registrar.beside.useful = (
            False  # it would start a process of its own accord; see test_beside.py
        )
        desk = cls(settings, ledger, worker, clock)
        desk.move_in(house_of(settings))
        return desk

    def move_in(self, house: House) -> None:
        """From now on steps are done under this house."""
        self.worker.house = house
        self.worker.doors = Doors({"erp": self.erp, "trial": self.erp}, {"acme.drop": self.acme})

    def change(self, files: Mapping[str, str]) -> None:
        """An engineer edits files, and they are adopted."""
        self.move_in(house_of(house_in(self.settings.partners_dir.parent, files)))

    # -- doing

    async def take(
        self, data: bytes, name: str = "po.edi", key: str = "", channel: str = "acme.drop"
    ) -> Receipt:
        """What a listener does with one file; without a key the file is sent under a name of its own."""
        self.read += 1
        content = Content.of_bytes(data)
        owner = channel.partition(".")[0]
        found = Arrival(
            channel,
            None if owner in ("system", "company") else owner,
            "folder",
            name,
            key or f"{self.read}:{name}",
            content,
            self.clock[0],
        )
        return await self.worker.accept(found)

    async def work(self) -> list[Job]:
        """Does every step that is due, as the sweeper finds them, until none is; returns what was done."""
        done: list[Job] = []
        while tasks := await self.ledger.read(lambda tx: work.due(tx, self.clock[0])):
            for task in tasks:
                job = Job(STEPS[task.kind], task.id, task.partner or "", task.attempt)
                await asyncio.wait_for(self.worker.perform(job.step, job.id), 30)
                done.append(job)
            assert len(done) < 2000, "the same work comes back for ever"
        return done

    async def receive(self, *files: bytes, **facts: Any) -> str:
        """Takes the files and does all that follows; returns the last arrival's id."""
        last = ""
        for data in files:
            last = (await self.take(data, **facts)).arrival_id
            await self.work()
        return last

    async def hand_over(self, data: bytes, name: str = "PurchaseOrder-1.json", system: str = "erp") -> str:
        """What a system behind us does, and all that follows; returns the arrival's id."""
        return await self.receive(data, name=name, channel=f"system.{system}")

    def later(self, **by: float) -> None:
        self.clock[0] += timedelta(**by)

    # -- looking

    def ask(self, question: Callable[[Connection], T]) -> T:
        return self.ledger.read_now(question)

    def rows(self, table: Any, row: type[T]) -> list[T]:
        return self.ask(lambda tx: [row(*one) for one in tx.execute(select(table).order_by(table.c.id))])

    @property
    def arrivals(self) -> list[ArrivalRow]:
        return self.rows(arrival, ArrivalRow)

    @property
    def interchanges(self) -> list[InterchangeRow]:
        return self.rows(interchange, InterchangeRow)

    @property
    def documents(self) -> list[DocumentRow]:
        return sorted(self.rows(document, DocumentRow), key=lambda row: (row.arrival_id or "", row.ordinal))

    @property
    def outbox(self) -> list[OutboxRow]:
        return self.rows(outbox, OutboxRow)

    @property
    def states(self) -> list[str]:
        """The state of every document, in the order of arrival and file."""
        return [row.state for row in self.documents]

    @property
    def sent(self) -> list[tuple[str, bytes]]:
        """Type and bytes of all that was put out, in order."""
        return self.ask(lambda tx: [(row.type, blobs.read(tx, row.digest)) for row in self.outbox])

    def sent_as(self, type: str) -> list[bytes]:
        return [data for found, data in self.sent if found == type]

    def events(self, *kinds: str) -> list[tuple[str, Any]]:
        """Kind and detail of every event, in order, of these kinds or of all."""
        query = select(event.c.kind, event.c.detail).order_by(event.c.id)
        found = self.ask(lambda tx: [(kind, detail) for kind, detail in tx.execute(query)])
        return [one for one in found if not kinds or one[0] in kinds]

    @property
    def outcome(self) -> dict[str, Any]:
        """What came of all that was received, but for ids and times."""
        return {
            "documents": self.states,
            "arrivals": [row.state for row in self.arrivals],
            "faults of arrivals": [row.faults for row in self.arrivals],
            "faults of documents": [row.faults for row in self.documents],
            "interchanges": [row.digest for row in self.interchanges],
            "sent": self.sent,
            "delivered": self.erp.taken,
            "events": [kind for kind, _ in self.events()],
        }

    def faults(self, row: Any) -> set[str]:
        """The codes of a row's rejecting faults."""
        return {fault["code"] for fault in row.faults if fault["severity"] == "fault"}

    def size(self) -> dict[str, int]:
        """How many rows every table has: what must not grow when a step is done again."""
        tables = (arrival, interchange, document, outbox, event, seen_key)
        return self.ask(lambda tx: {one.name: len(tx.execute(select(one)).all()) for one in tables})

    def one_document(self, number: str) -> DocumentRow:
        (found,) = [row for row in self.documents if (row.type, row.number) == ("850", number)]
        return found
