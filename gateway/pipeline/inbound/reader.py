"""Reads one arrival, and says what it finds: syntax, grammar and meaning, and the answers that follow from them.

Pure: no ledger and no clock, so that a large arrival can be read in a process of its own. Reading is streamed: what is
found comes in batches of a bounded number of transaction sets, whatever the file's size.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.faults import UNENDED, Code, Fault, Place
from gateway.formats import edifact, x12
from gateway.formats.events import Group, GroupEnd, Interchange, InterchangeEnd, Limits, TransactionSet
from gateway.formats.known import Event
from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.inbound.findings import (
    Closed,
    Draft,
    Ended,
    Finding,
    GroupClosed,
    Opened,
    Sets,
    Stray,
    Terms,
    Trailed,
    draft,
)
from gateway.pipeline.inbound.inhand import InHand, Unit
from gateway.pipeline.translation import acknowledge, answer
from gateway.pipeline.translation.answer import Answers
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.layouts import arrived
from gateway.pipeline.translation.translate import Choice, Source, Translation, translate
from gateway.profiles import Partner

ANSWERED_AT_ONCE = 100
"""Sets whose documents stand in memory while only the answer to their group is wanted."""
BATCH_BYTES = 4 << 20
"""A batch ends when its canonical objects are so large, however few they are."""


class Reader:
    """One arrival under one house. `at` is the moment that its documents came into being."""

    def __init__(self, house: House, arrival: ArrivalRow, at: datetime, batch: int) -> None:
        self._house = house
        self._arrival = arrival
        self._at = at
        self._batch = batch
        self._hollow = True
        self._ordinal = 0
        self._sets = 0
        self._bytes = 0
        self._found: list[Finding] = []
        self._batches: deque[list[Finding]] = deque()
        self._inhand: InHand | None = None
        self._between: list[Fault] = []
        self._drafts: list[Draft] = []
        self._digest = hashlib.sha256()

    def batches(self, source: Source, limits: Limits) -> Iterator[list[Finding]]:
        """Each is to be written down in one transaction. Reading again after a crash yields the same."""
        house, arrival = self._house, self._arrival
        charset = house.charset(arrival.partner)
        layout, source = arrived(house, arrival.channel, arrival.name, source)
        for event in translate(source, self._choose, charset=charset, limits=limits, layout=layout):
            self._on(event)
            if self._sets >= self._batch or self._bytes >= BATCH_BYTES:
                self._end_batch()
            while self._batches:
                yield self._batches.popleft()
        self._close_interchange(None)
        self._found.append(Ended(self._hollow))
        self._end_batch()
        yield from self._batches

    def _end_batch(self) -> None:
        """What was found becomes one transaction."""
        if self._inhand is not None:
            self._stage()
        found, self._found, self._sets, self._bytes = self._found, [], 0, 0
        if found:
            self._batches.append(found)

    def _on(self, event: Event | Translation) -> None:
        if isinstance(event, Translation):
            self._on_set(event)
        elif isinstance(event, Interchange):
            self._close_interchange(None)
            self._open_interchange(event)
        elif isinstance(event, Group):
            if self._inhand is not None:
                self._inhand.open_group(event)
        elif isinstance(event, GroupEnd):
            self._close_group(event)
        elif isinstance(event, InterchangeEnd):
            self._close_interchange(event)
        elif isinstance(event, x12.InterchangeAcknowledgment):
            self._on_interchange_acknowledgment(event)
        elif isinstance(event, edifact.Package):
            self._on_package(event)
        else:
            self._found.append(Stray(event.faults))
            (self._between if self._inhand is None else self._inhand.between).extend(event.faults)

    def _open_interchange(self, header: Interchange) -> None:
        inhand = InHand.of(self._house, self._arrival.channel, header)
        inhand.first = self._ordinal + 1
        inhand.between, self._between = self._between, []
        self._inhand, self._drafts, self._digest = inhand, [], hashlib.sha256()
        self._found.append(Opened(header, named(inhand.partner), named(inhand.addressee)))

    def _choose(self, header: Interchange, group: Group | None, found: TransactionSet) -> Choice:
        if self._inhand is None:
            return Choice()
        return self._inhand.choose(self._house, group, found, self._arrival.name)

    def _on_set(self, translation: Translation) -> None:
        self._ordinal += 1
        self._hollow = False
        inhand = self._inhand
        if inhand is None or inhand.partner is None:
            return
        self._digest.update(translation.set.raw)
        partner, agreement = inhand.partner.partner, inhand.agreement
        made = draft(self._house, self._arrival, self._at, partner, agreement, translation, self._ordinal)
        self._drafts.append(made)
        inhand.judge(self._house, acknowledge.set_verdict(translation), self._ordinal, translation.set.offset)
        self._sets += 1
        self._bytes += len(made.canonical or b"")

    def _on_interchange_acknowledgment(self, event: x12.InterchangeAcknowledgment) -> None:
        inhand = self._inhand
        self._hollow = False
        if inhand is not None:
            inhand.groups += 1
        if inhand is not None and inhand.partner is not None:
            self._found.append(event)

    def _on_package(self, event: edifact.Package) -> None:
        """An object that no guide describes: it stays where it is, which is told."""
        self._hollow = False
        if self._inhand is not None:
            self._inhand.only_acknowledges = False
        place = Place(offset=event.offset, line=event.line, segment="UNO", name=event.control)
        note = Fault(Code.PACKAGE, place, came=f"{event.size} bytes")
        self._found.append(Stray([*event.faults, note]))

    def _stage(self) -> None:
        """The sets that still wait for a trailer are stored meanwhile."""
        drafts, self._drafts = self._drafts, []
        if drafts:
            self._found.append(Sets(drafts))

    def _close_group(self, end: GroupEnd) -> None:
        inhand = self._inhand
        group = inhand.close_group(end) if inhand is not None else None
        if inhand is None or group is None or inhand.partner is None or not inhand.by_group:
            return
        last = self._ordinal
        units = inhand.released() or [Unit(group, inhand.agreement, group.header.offset, last + 1, last)]
        answers = answer.as_agreed(self._house, inhand.partner, inhand.agreement, inhand.header, group)
        self._release(units, (), answers)

    def _release(self, units: Sequence[Unit], around: Sequence[Fault], answers: Answers) -> None:
        """These sets go on: those that no batch holds yet with their units, of the others it is only told."""
        drafts, self._drafts = self._drafts, []
        waiting = drafts[0].row.ordinal if drafts else self._ordinal + 1
        told = []
        for unit in units:
            terms = Terms(unit.offset, unit.agreement, unit.broken(around))
            mine = [one for one in drafts if unit.first <= one.row.ordinal <= unit.last]
            self._found.append(GroupClosed(terms, mine, answers))
            told.append((terms, unit.first, min(unit.last, waiting - 1)))
            answers = {}
        for terms, begin, end in told:
            for first in range(begin, end + 1, self._batch):
                self._end_batch()
                self._found.append(Trailed(terms, first, min(end, first + self._batch - 1)))

    def _unended(self, missing: list[Fault]) -> None:
        """That its interchange has no trailer is told of every group that this batch releases."""
        for at in range(len(self._found) - 1, -1, -1) if missing else ():
            found = self._found[at]
            if isinstance(found, Opened):
                break
            if isinstance(found, GroupClosed | Trailed):
                terms = replace(found.terms, broken=(*found.terms.broken, *missing))
                self._found[at] = replace(found, terms=terms)

    def _close_interchange(self, end: InterchangeEnd | None) -> None:
        inhand = self._inhand
        if inhand is None:
            return
        if end is not None:
            inhand.close(end)
            self._unended([fault for fault in end.faults if fault.code in UNENDED])
        if inhand.partner is not None and not inhand.by_group:
            self._release(inhand.released(), inhand.own, {})
        self._stage()
        self._inhand = None
        self._found.append(
            Closed(
                inhand.faults,
                inhand.rejected,
                inhand.answerable,
                end.offset if end else 0,
                self._digest.hexdigest(),
                inhand.first,
                self._ordinal,
                inhand.answers(self._house),
            )
        )


def named(partner: Partner | None) -> str | None:
    return partner.partner if partner else None


def answers_to(house: House, arrival: ArrivalRow, source: Source, at: datetime, offset: int) -> Answers:
    """What goes back for the group, or the interchange, at this place of an arrival, read under this house."""
    opened = None
    for batch in Reader(house, arrival, at, ANSWERED_AT_ONCE).batches(source, Limits()):
        for found in batch:
            if isinstance(found, Opened):
                opened = found.header.offset
            elif isinstance(found, GroupClosed | Closed) and found.answers:
                where = opened if isinstance(found, Closed) else found.terms.offset
                if where == offset:
                    return found.answers
    return {}


def translate_one(house: House, arrival: ArrivalRow, source: Source, ordinal: int) -> Translation | None:
    """One transaction set of an arrival, by its number in the file, read under this house."""
    partner: Partner | Fault | None = None

    def choose(header: Interchange, group: Group | None, found: TransactionSet) -> Choice:
        if not isinstance(partner, Partner):
            return Choice()
        agreed = house.agreement(partner, header, group, found, arrival.name)
        return house.choice(agreed, header, group, found)

    sets = 0
    layout, source = arrived(house, arrival.channel, arrival.name, source)
    for event in translate(source, choose, charset=house.charset(arrival.partner), layout=layout):
        if isinstance(event, Interchange):
            partner = house.sender(arrival.channel, event)
        elif isinstance(event, Translation):
            sets += 1
            if sets == ordinal:
                return event
    return None
