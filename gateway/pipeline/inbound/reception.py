"""Writes down what reading an arrival found, batch by batch, one transaction each.

Writing the same down again after a crash changes nothing; the ledger knows the rows by their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from gateway.faults import Fault, rejecting
from gateway.formats import x12
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.states import State
from gateway.pipeline.inbound import release
from gateway.pipeline.inbound.findings import (
    Closed,
    Ended,
    Finding,
    GroupClosed,
    Opened,
    Sets,
    Stray,
    Trailed,
)
from gateway.pipeline.inbound.incoming import Incoming, Reading
from gateway.pipeline.queue import Job, Lease
from gateway.pipeline.translation.house import House

Write = Callable[[Connection], list[Job]]

MOST_FAULTS = 100
"""Faults kept with the arrival itself; each document keeps all of its own."""


class Reception:
    """One arrival under one house. After the last batch is written, `state` and `faults` are the arrival's."""

    def __init__(
        self,
        house: House,
        arrival: ArrivalRow,
        now: Callable[[], datetime],
        batch: int,
        lease: Callable[[], Lease | None] = lambda: None,
    ) -> None:
        self.reading = Reading(house, arrival, now, lease)
        self.faults: list[Fault] = []
        self._batch = batch
        self._interchanges = 0
        self._held = False
        self._hollow = True
        self._incoming: Incoming | None = None

    @property
    def state(self) -> State:
        """What becomes of the arrival: junk and what holds nothing is quarantined, what nobody claims is held."""
        if not self._interchanges or (self._hollow and rejecting(self.faults)):
            return State.QUARANTINED
        return State.HELD if self._held else State.PROCESSED

    def writes(self, batch: Sequence[Finding]) -> Iterator[Write]:
        """A batch as transactions; each is committed, but for the last, before the next is asked for.

        Mostly there is one. An interchange that began some batches ago and turns out to repeat another is decided on
        part by part before it ends.
        """
        closed = next((found for found in batch if isinstance(found, Closed | Opened)), None)
        incoming = self._incoming
        if isinstance(closed, Closed) and incoming is not None and incoming.earlier is not None:
            ends(incoming, closed)
            for first in range(closed.first, closed.last, self._batch):
                span = (closed.digest, first, min(closed.last, first + self._batch - 1))
                yield partial(self._repeat, incoming, span)
        yield partial(self._write_all, batch)

    def _repeat(self, incoming: Incoming, span: tuple[str, int, int], tx: Connection) -> list[Job]:
        return release.repeat_some(tx, self.reading, incoming, *span)

    def _write_all(self, batch: Sequence[Finding], tx: Connection) -> list[Job]:
        return [job for found in batch for job in self._write(found, tx)]

    def _write(self, found: Finding, tx: Connection) -> list[Job]:
        if isinstance(found, Opened):
            return self._open(found, tx)
        if isinstance(found, Ended):
            self._hollow = found.hollow
            return []
        if isinstance(found, Stray):
            self._note(found.faults)
            return []
        return self._within(found, tx)

    def _within(
        self, found: Sets | GroupClosed | Trailed | x12.InterchangeAcknowledgment | Closed, tx: Connection
    ) -> list[Job]:
        """What stands in an interchange; there is always one, for the reader says where it begins."""
        reading, incoming = self.reading, self._incoming
        if incoming is None:
            return []
        if isinstance(found, Sets):
            return release.stage(tx, incoming, found.drafts)
        if isinstance(found, GroupClosed):
            return release.close_group(tx, reading, incoming, found)
        if isinstance(found, Trailed):
            return release.release_staged(tx, reading, incoming, found)
        if isinstance(found, Closed):
            return self._close(incoming, found, tx)
        return release.match_interchange(tx, reading, incoming, found)

    def _open(self, found: Opened, tx: Connection) -> list[Job]:
        house = self.reading.house
        self._interchanges += 1
        self._held |= found.partner is None
        self._incoming = Incoming(found.header, house.partner(found.partner), house.partner(found.addressee))
        return release.open_interchange(tx, self.reading, self._incoming)

    def _close(self, incoming: Incoming, found: Closed, tx: Connection) -> list[Job]:
        """Whether it repeats another is known only in the ledger; then all its faults are the arrival's too."""
        ends(incoming, found)
        self._incoming = None
        jobs = release.close_interchange(tx, self.reading, incoming)
        self._note(incoming.faults)
        return jobs

    def _note(self, faults: list[Fault]) -> None:
        self.faults += faults[: MOST_FAULTS - len(self.faults)]


def ends(incoming: Incoming, found: Closed) -> None:
    """What is known of an interchange once it was read to its end."""
    incoming.faults, incoming.rejected, incoming.answerable = found.faults, found.rejected, found.answerable
    incoming.end, incoming.digest = found.end, found.digest
    incoming.first, incoming.last, incoming.answers = found.first, found.last, found.answers
