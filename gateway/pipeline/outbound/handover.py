"""What a system behind us hands over: canonical JSON, one object or a list; each becomes a document that goes out.

An object that does not fit its kind is quarantined alone. A file that is no JSON, or whose name does not say what is in
it, goes no further as a whole: nobody knows what else it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from gateway.canonical import document
from gateway.faults import Code, Fault, Place
from gateway.formats.events import Limits
from gateway.ledger import blobs, departures, documents, threads
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.ids import new_id
from gateway.ledger.states import State
from gateway.pipeline.inbound.findings import Draft, Finding, Sets, Stray, keys_of, orders_answered
from gateway.pipeline.inbound.incoming import Reading
from gateway.pipeline.inbound.reception import MOST_FAULTS, Write
from gateway.pipeline.outbound.consignee import TYPES
from gateway.pipeline.queue import Job, Lend, Step
from gateway.pipeline.translation.conversion import NOTHING_IN_IT, Value, told, values, within
from gateway.pipeline.translation.house import House
from gateway.profiles.senders import OF_A_SYSTEM


def handed_over(row: ArrivalRow) -> bool:
    """Whether a system behind us sent it, and no partner."""
    return row.channel.startswith(OF_A_SYSTEM)


def system_of(channel: str) -> str:
    """`erp` of `system.erp`."""
    return channel.removeprefix(OF_A_SYSTEM)


class Objects:
    """Reads one such arrival under one house, as `Reader` reads a partner's; `at` is when its documents begin."""

    def __init__(self, house: House, arrival: ArrivalRow, at: datetime, batch: int) -> None:
        self._house, self._arrival, self._at, self._batch = house, arrival, at, batch

    def batches(self, source: Iterable[bytes], limits: Limits) -> Iterator[list[Finding]]:
        """Each is to be written down in one transaction. Reading again after a crash yields the same."""
        kind = kind_of(self._arrival.name)
        found = values_of(source, limits) if isinstance(kind, str) else kind
        if isinstance(found, Fault):
            yield [Stray([found])]
            return
        for start in range(0, len(found), self._batch):
            some = found[start : start + self._batch]
            alone = self._arrival.correlation if len(found) == 1 else ""
            yield [Sets([self._draft(str(kind), one, at, alone) for at, one in enumerate(some, start + 1)])]

    def _draft(self, kind: str, value: Value, ordinal: int, correlation: str) -> Draft:
        """One document; of several each has a correlation of its own, so that its story is not theirs."""
        business, faults = read_one(kind, value)
        row = documents.new(
            "out",
            TYPES[kind][0],
            self._at,
            State.QUARANTINED if faults else State.RECEIVED,
            id=new_id(),
            arrival_id=self._arrival.id,
            **{"kind": kind, **keys_of(business)},
            ordinal=ordinal,
            correlation=correlation,
            snapshot=self._house.digest,
            faults=[fault.as_dict() for fault in faults],
        )
        canonical = business.to_json().encode() if business is not None else None
        return Draft(row, canonical, answers=orders_answered(business))


def kind_of(name: str) -> str | Fault:
    """`OrderAcknowledgment-4500017.json` -> the business object that is in it."""
    kind = re.split(r"[-.]", name, maxsplit=1)[0]
    if kind in TYPES:
        return kind
    hint = "name it KIND-ANYTHING.json, as in Invoice-2041.json, and hand it over again"
    return Fault(Code.UNKNOWN_DOCUMENT, Place(field="name"), kind, f"one of {', '.join(TYPES)}", hint=hint)


def values_of(source: Iterable[bytes], limits: Limits) -> list[Value] | Fault:
    """The objects of the file, each with its own text and its path; or why there are none."""
    data = within(iter(source), limits)
    found = [data] if isinstance(data, Fault) else list(values(data))
    wrong = next((one for one in found if isinstance(one, Fault)), None)
    return wrong or [one for one in found if isinstance(one, Value)] or NOTHING_IN_IT


def read_one(kind: str, value: Value) -> tuple[Any, list[Fault]]:
    """The object, or every fault, each with its line and its JSON path."""
    made = told(document(kind), value)
    return (None, made) if isinstance(made, list) else (made, [])


def read_again(row_kind: str, data: bytes, ordinal: int) -> tuple[Any, list[Fault]]:
    """The same for one object of a file that was read before."""
    found = values_of([data], Limits())
    if isinstance(found, Fault) or len(found) < ordinal:
        return None, [found if isinstance(found, Fault) else NOTHING_IN_IT]
    return read_one(row_kind, found[ordinal - 1])


class Handover:
    """Writes down what `Objects` found, as `Reception` does for a partner's arrival."""

    def __init__(self, house: House, arrival: ArrivalRow, now: Callable[[], datetime], lend: Lend) -> None:
        self.reading = Reading(house, arrival, now, lend)
        self.faults: list[Fault] = []

    @property
    def state(self) -> State:
        return State.QUARANTINED if self.faults else State.PROCESSED

    def writes(self, batch: Sequence[Finding]) -> Iterator[Write]:
        yield partial(self._write, batch)

    def ended(self, tx: Connection) -> list[Job]:
        """The arrival was read to its end: a run that waited for that may be whole."""
        return run_completed(tx, self.reading.arrival.id)

    def _write(self, batch: Sequence[Finding], tx: Connection) -> list[Job]:
        jobs: list[Job] = []
        for found in batch:
            if isinstance(found, Sets):
                jobs += stored(tx, found.drafts)
            elif isinstance(found, Stray):
                self.faults += found.faults[: MOST_FAULTS - len(self.faults)]
        return jobs


def stored(tx: Connection, drafts: Sequence[Draft]) -> list[Job]:
    """The documents, their objects and what these answer. The first good one's step looks at all of them."""
    digests = [blobs.add_bytes(tx, one.canonical) if one.canonical is not None else None for one in drafts]
    rows = [replace(one.row, canonical=digest) for one, digest in zip(drafts, digests, strict=True)]
    ids = documents.add_many(tx, rows)
    threads.add(tx, {id: one.answers for id, one in zip(ids, drafts, strict=True)})
    good = [id for id, row in zip(ids, rows, strict=True) if row.state == State.RECEIVED]
    return [Job(Step.RENDER, id) for id in good[:1]]


def run_completed(tx: Connection, arrival_id: str) -> list[Job]:
    """What is to be done next where this was the last that a run waited for."""
    return [Job(Step.RENDER, id, partner) for id, partner in departures.complete_run(tx, arrival_id)]
