"""Reads one arrival, and says what it finds: syntax, grammar and meaning, and the answers that follow from them.

Pure: no ledger and no clock, so that a large arrival can be read in a process of its own. Reading is streamed: what is
found comes in batches of a bounded number of transaction sets, whatever the file's size.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gateway.faults import UNENDED, Fault, rejecting
from gateway.formats import x12
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
from gateway.pipeline.translation import acknowledge, answer
from gateway.pipeline.translation.acknowledge import GroupVerdict
from gateway.pipeline.translation.answer import Answers
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import Choice, Source, Translation, by_standard, translate
from gateway.profiles import Agreement, Partner

FUNCTIONAL_ACKNOWLEDGMENT = "FA"
"""GS01 of the groups that hold 997 and 999."""
LONGEST_COUNT = 6
"""GE01 has at most so many digits."""
ANSWERED_AT_ONCE = 100
"""Sets whose documents stand in memory while only the answer to their group is wanted."""
BATCH_BYTES = 4 << 20
"""A batch ends when its canonical objects are so large, however few they are."""


@dataclass(slots=True)
class InHand:
    """One interchange while it is read. Without a partner its sets are not translated; `addressee` may be told so.

    `drafts` are the open group's sets that no batch holds yet, `staged` how many of them earlier batches hold. `first`
    is the ordinal of its first set.
    """

    header: Interchange
    partner: Partner | None
    addressee: Partner | None = None
    faults: list[Fault] = field(default_factory=list)
    agreement: Agreement | None = None
    group: GroupVerdict | None = None
    drafts: list[Draft] = field(default_factory=list)
    staged: int = 0
    rejected: bool = False
    groups: int = 0
    only_acknowledges: bool = True
    first: int = 1
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def answerable(self) -> bool:
        """An interchange of acknowledgments alone is not acknowledged itself: that would never end."""
        return not (self.groups and self.only_acknowledges)


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

    def batches(self, source: Source, limits: Limits) -> Iterator[list[Finding]]:
        """Each is to be written down in one transaction. Reading again after a crash yields the same."""
        charset = self._house.charset(self._arrival.partner)
        for event in translate(source, self._choose, charset=charset, limits=limits):
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
            self._stage(self._inhand)
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
            self._on_group(event)
        elif isinstance(event, GroupEnd):
            self._close_group(event)
        elif isinstance(event, InterchangeEnd):
            self._close_interchange(event)
        elif isinstance(event, x12.InterchangeAcknowledgment):
            self._on_interchange_acknowledgment(event)
        else:
            self._found.append(Stray(event.faults))

    def _open_interchange(self, header: Interchange) -> None:
        channel = self._arrival.channel
        found = self._house.sender(channel, header)
        inhand = InHand(header, None if isinstance(found, Fault) else found, faults=list(header.faults))
        inhand.first = self._ordinal + 1
        if isinstance(found, Fault):
            inhand.faults.append(found)
            inhand.addressee = self._house.addressee(channel, header)
        self._inhand = inhand
        self._found.append(Opened(header, named(inhand.partner), named(inhand.addressee)))

    def _on_group(self, header: Group) -> None:
        if self._inhand is not None:
            self._inhand.group = GroupVerdict(header, faults=tuple(header.faults))
            self._inhand.agreement = None
            self._inhand.only_acknowledges &= header.code == FUNCTIONAL_ACKNOWLEDGMENT
            self._inhand.groups += 1

    def _choose(self, header: Interchange, group: Group | None, found: TransactionSet) -> Choice:
        inhand, house = self._inhand, self._house
        if inhand is None or inhand.partner is None:
            return Choice()
        agreed = house.agreement(inhand.partner, header, group, found, self._arrival.name)
        if isinstance(agreed, Fault) and found.code in acknowledge.NEVER_ACKNOWLEDGED:
            return by_standard(header, group, found)
        inhand.agreement = None if isinstance(agreed, Fault) else agreed
        return house.choice(agreed, header, group, found)

    def _on_set(self, translation: Translation) -> None:
        self._ordinal += 1
        self._hollow = False
        inhand = self._inhand
        if inhand is None or inhand.partner is None:
            return
        inhand.digest.update(translation.set.raw)
        partner, agreement = inhand.partner.partner, inhand.agreement
        made = draft(self._house, self._arrival, self._at, partner, agreement, translation, self._ordinal)
        inhand.drafts.append(made)
        verdict = acknowledge.set_verdict(translation)
        inhand.rejected |= not verdict.accepted
        if inhand.group is not None:
            inhand.group.sets.append(verdict)
        self._sets += 1
        self._bytes += len(made.canonical or b"")

    def _on_interchange_acknowledgment(self, event: x12.InterchangeAcknowledgment) -> None:
        inhand = self._inhand
        self._hollow = False
        if inhand is not None:
            inhand.groups += 1
        if inhand is not None and inhand.partner is not None:
            self._found.append(event)

    def _stage(self, inhand: InHand) -> None:
        """The sets of a group that is still open are stored; they wait for its trailer."""
        drafts, inhand.drafts = inhand.drafts, []
        if drafts:
            inhand.staged += len(drafts)
            self._found.append(Sets(drafts))

    def _close_group(self, end: GroupEnd) -> None:
        inhand = self._inhand
        if inhand is None or inhand.group is None or inhand.partner is None:
            return
        group, inhand.group = inhand.group, None
        group.faults, group.stated = (*group.faults, *end.faults), stated(end)
        inhand.faults += group.faults
        inhand.rejected |= bool(rejecting(group.faults))
        drafts, inhand.drafts = inhand.drafts, []
        staged, inhand.staged = inhand.staged, 0
        terms = Terms(group.header.offset, inhand.agreement, tuple(rejecting(group.faults)))
        answers = answer.as_agreed(self._house, inhand.partner, inhand.agreement, inhand.header, group)
        self._found.append(GroupClosed(terms, drafts, answers))
        last = self._ordinal - len(drafts)
        for first in range(last - staged + 1, last + 1, self._batch):
            self._end_batch()
            self._found.append(Trailed(terms, first, min(last, first + self._batch - 1)))

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
            inhand.faults += end.faults
            self._unended([fault for fault in end.faults if fault.code in UNENDED])
        self._stage(inhand)
        self._inhand = None
        self._found.append(
            Closed(
                inhand.faults,
                inhand.rejected,
                inhand.answerable,
                end.offset if end else 0,
                inhand.digest.hexdigest(),
                inhand.first,
                self._ordinal,
            )
        )


def named(partner: Partner | None) -> str | None:
    return partner.partner if partner else None


def stated(end: GroupEnd) -> int | None:
    """GE01, where it is a number."""
    count = end.trailer[0].strip() if end.trailer else ""
    return int(count) if count.isdecimal() and len(count) <= LONGEST_COUNT else None


def answers_to(house: House, arrival: ArrivalRow, source: Source, at: datetime, offset: int) -> Answers:
    """What goes back for the group at this place of an arrival, read under this house."""
    batches = Reader(house, arrival, at, ANSWERED_AT_ONCE).batches(source, Limits())
    groups = (found for batch in batches for found in batch if isinstance(found, GroupClosed))
    return next((group.answers for group in groups if group.terms.offset == offset), {})


def translate_one(house: House, arrival: ArrivalRow, source: Source, ordinal: int) -> Translation | None:
    """One transaction set of an arrival, by its number in the file, read under this house."""
    partner: Partner | Fault | None = None

    def choose(header: Interchange, group: Group | None, found: TransactionSet) -> Choice:
        if not isinstance(partner, Partner):
            return Choice()
        agreed = house.agreement(partner, header, group, found, arrival.name)
        return house.choice(agreed, header, group, found)

    sets = 0
    for event in translate(source, choose, charset=house.charset(arrival.partner)):
        if isinstance(event, Interchange):
            partner = house.sender(arrival.channel, event)
        elif isinstance(event, Translation):
            sets += 1
            if sets == ordinal:
                return event
    return None
