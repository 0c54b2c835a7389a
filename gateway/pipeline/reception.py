"""Reads one arrival, and yields what it means as writes to the ledger, one transaction each.

Reading is streamed: a write holds a bounded number of transaction sets, whatever the file's size. Reading an arrival
again after a crash yields the same writes; the ledger knows their rows by their place and leaves them alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from gateway.faults import Fault, rejecting
from gateway.formats import x12
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.states import State
from gateway.pipeline import acknowledge, release
from gateway.pipeline.acknowledge import GroupVerdict
from gateway.pipeline.house import House
from gateway.pipeline.incoming import Incoming, Reading, draft
from gateway.pipeline.queue import Job, Lease
from gateway.pipeline.translate import Choice, Source, Translation, by_standard, translate
from gateway.profiles import Partner

Write = Callable[[Connection], list[Job]]
FUNCTIONAL_ACKNOWLEDGMENT = "FA"
"""GS01 of the groups that hold 997 and 999."""
LONGEST_COUNT = 6
"""GE01 has at most so many digits."""
MOST_FAULTS = 100
"""Faults kept with the arrival itself; each document keeps all of its own."""


class Reception:
    """One arrival under one house. After `writes` is exhausted, `state` and `faults` are the arrival's."""

    def __init__(
        self,
        house: House,
        arrival: ArrivalRow,
        now: Callable[[], datetime],
        batch: int = 200,
        lease: Callable[[], Lease | None] = lambda: None,
    ) -> None:
        self.reading = Reading(house, arrival, now, lease)
        self.faults: list[Fault] = []
        self._batch = batch
        self._interchanges = 0
        self._held = False
        self._hollow = True
        self._ordinal = 0
        self._size = 0
        self._collected: list[Write] = []
        self._batches: deque[Write] = deque()
        self._incoming: Incoming | None = None

    def writes(self, source: Source, limits: x12.Limits) -> Iterator[Write]:
        """Each is to be committed before the next is asked for; it returns the jobs that follow from it."""
        charset = self.reading.house.charset(self.reading.arrival.partner)
        for event in translate(source, self._choose, charset=charset, limits=limits):
            self._on(event)
            if self._size >= self._batch:
                self._end_batch()
            yield from self._ended()
        self._close_interchange(None)
        self._end_batch()
        yield from self._ended()

    @property
    def state(self) -> State:
        """What becomes of the arrival: junk and what holds nothing is quarantined, what nobody claims is held."""
        if not self._interchanges or (self._hollow and rejecting(self.faults)):
            return State.QUARANTINED
        return State.HELD if self._held else State.PROCESSED

    def _end_batch(self) -> None:
        """What was collected becomes one transaction."""
        if self._incoming is not None:
            self._stage(self._incoming)
        collected, self._collected, self._size = self._collected, [], 0
        if collected:
            self._batches.append(partial(together, collected))

    def _ended(self) -> Iterator[Write]:
        while self._batches:
            yield self._batches.popleft()

    def _on(self, event: x12.Event | Translation) -> None:
        if isinstance(event, Translation):
            self._on_set(event)
        elif isinstance(event, x12.Interchange):
            self._close_interchange(None)
            self._open_interchange(event)
        elif isinstance(event, x12.Group):
            self._on_group(event)
        elif isinstance(event, x12.GroupEnd):
            self._close_group(event)
        elif isinstance(event, x12.InterchangeEnd):
            self._close_interchange(event)
        elif isinstance(event, x12.InterchangeAcknowledgment):
            self._on_interchange_acknowledgment(event)
        else:
            self._note(event.faults)

    def _note(self, faults: list[Fault]) -> None:
        self.faults += faults[: MOST_FAULTS - len(self.faults)]

    def _open_interchange(self, header: x12.Interchange) -> None:
        self._interchanges += 1
        found = self.reading.house.sender(self.reading.arrival.channel, header)
        incoming = Incoming(header, None if isinstance(found, Fault) else found, faults=list(header.faults))
        if isinstance(found, Fault):
            incoming.faults.append(found)
            incoming.addressee = self.reading.house.addressee(self.reading.arrival.channel, header)
            self._held = True
        self._incoming = incoming
        self._collected.append(lambda tx: release.open_interchange(tx, self.reading, incoming))

    def _on_group(self, header: x12.Group) -> None:
        if self._incoming is not None:
            self._incoming.group = GroupVerdict(header, faults=tuple(header.faults))
            self._incoming.agreement = None
            self._incoming.only_acknowledges &= header.code == FUNCTIONAL_ACKNOWLEDGMENT
            self._incoming.groups += 1

    def _choose(self, header: x12.Interchange, group: x12.Group | None, found: x12.TransactionSet) -> Choice:
        incoming, house = self._incoming, self.reading.house
        if incoming is None or incoming.partner is None:
            return Choice()
        agreed = house.agreement(incoming.partner, header, group, found, self.reading.arrival.name)
        if isinstance(agreed, Fault) and found.code in acknowledge.NEVER_ACKNOWLEDGED:
            return by_standard(header, group, found)
        incoming.agreement = None if isinstance(agreed, Fault) else agreed
        return house.choice(agreed, header, group, found)

    def _on_set(self, translation: Translation) -> None:
        self._ordinal += 1
        self._hollow = False
        incoming = self._incoming
        if incoming is None or incoming.partner is None:
            return
        incoming.digest.update(translation.set.raw)
        incoming.drafts.append(draft(self.reading, incoming, translation, self._ordinal))
        verdict = acknowledge.set_verdict(translation)
        incoming.rejected |= not verdict.accepted
        if incoming.group is not None:
            incoming.group.sets.append(verdict)
        self._size += 1

    def _on_interchange_acknowledgment(self, event: x12.InterchangeAcknowledgment) -> None:
        incoming = self._incoming
        self._hollow = False
        if incoming is not None:
            incoming.groups += 1
        if incoming is not None and incoming.partner is not None:
            self._collected.append(lambda tx: release.match_interchange(tx, self.reading, incoming, event))

    def _stage(self, incoming: Incoming) -> None:
        """Stores the sets of a group that is still open; they wait for its trailer."""
        drafts, incoming.drafts = incoming.drafts, []
        if drafts:
            incoming.staged += len(drafts)
            self._collected.append(lambda tx: release.stage(tx, incoming, drafts))

    def _close_group(self, end: x12.GroupEnd) -> None:
        incoming = self._incoming
        if incoming is None or incoming.group is None or incoming.partner is None:
            return
        group, incoming.group = incoming.group, None
        group.faults, group.stated = (*group.faults, *end.faults), stated(end)
        incoming.faults += group.faults
        incoming.rejected |= bool(rejecting(group.faults))
        drafts, incoming.drafts = incoming.drafts, []
        staged, incoming.staged = incoming.staged, 0
        closing = release.Closing(group, incoming.agreement, drafts)
        self._collected.append(lambda tx: release.close_group(tx, self.reading, incoming, closing))
        for _ in range(0, staged, self._batch):
            self._end_batch()
            self._collected.append(
                lambda tx: release.release_staged(tx, self.reading, incoming, closing, self._batch)
            )

    def _close_interchange(self, end: x12.InterchangeEnd | None) -> None:
        incoming, self._incoming = self._incoming, None
        if incoming is None:
            return
        if end is not None:
            incoming.faults += end.faults
            incoming.end = end.offset
        self._stage(incoming)
        self._collected.append(lambda tx: self._closed(tx, incoming))

    def _closed(self, tx: Connection, incoming: Incoming) -> list[Job]:
        """Whether it repeats another is known only in the ledger; then all its faults are the arrival's too."""
        jobs = release.close_interchange(tx, self.reading, incoming)
        self._note(incoming.faults)
        return jobs


def together(writes: list[Write], tx: Connection) -> list[Job]:
    """Several writes in one transaction."""
    return [job for write in writes for job in write(tx)]


def stated(end: x12.GroupEnd) -> int | None:
    """GE01, where it is a number."""
    count = end.trailer[0].strip() if end.trailer else ""
    return int(count) if count.isdecimal() and len(count) <= LONGEST_COUNT else None


def translate_one(house: House, arrival: ArrivalRow, source: Source, ordinal: int) -> Translation | None:
    """One transaction set of an arrival, by its number in the file, read under this house."""
    partner: Partner | Fault | None = None

    def choose(header: x12.Interchange, group: x12.Group | None, found: x12.TransactionSet) -> Choice:
        if not isinstance(partner, Partner):
            return Choice()
        agreed = house.agreement(partner, header, group, found, arrival.name)
        return house.choice(agreed, header, group, found)

    sets = 0
    for event in translate(source, choose, charset=house.charset(arrival.partner)):
        if isinstance(event, x12.Interchange):
            partner = house.sender(arrival.channel, event)
        elif isinstance(event, Translation):
            sets += 1
            if sets == ordinal:
                return event
    return None
