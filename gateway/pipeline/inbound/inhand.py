"""One interchange while it is read: whose it is, what was found wrong with it, and which of its sets go on together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.faults import Fault, rejecting
from gateway.formats.events import Group, GroupEnd, Interchange, InterchangeEnd, TransactionSet
from gateway.pipeline.translation import answer
from gateway.pipeline.translation.acknowledge import PRACTICES, GroupVerdict, SetVerdict
from gateway.pipeline.translation.answer import Answers
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import Choice, by_standard
from gateway.profiles import Agreement, Partner
from gateway.profiles.standards import NEVER_ACKNOWLEDGED

OF_ACKNOWLEDGMENTS = frozenset({"FA", "CONTRL", ""})
"""GS01, or UNG01, of groups that may hold nothing but acknowledgments."""
LONGEST_COUNT = 6
"""GE01, or UNE01, has at most so many digits."""


@dataclass(slots=True)
class Unit:
    """Sets of one group that go on together, by one agreement: those of these ordinals, which stand behind `offset`."""

    group: GroupVerdict
    agreement: Agreement | None
    offset: int
    first: int
    last: int

    def broken(self, around: Iterable[Fault]) -> tuple[Fault, ...]:
        """What rejects the envelopes around them."""
        return tuple(rejecting([*around, *self.group.faults]))


@dataclass(slots=True)
class InHand:
    """One interchange while it is read. Without a partner its sets are not translated; `addressee` may be told so.

    `own` are the faults of its envelope, `faults` those of its groups' too, `between` those of what is no set. `units`
    are its sets that nothing was decided on yet, `verdicts` the groups that are answered when the interchange ends,
    `wanted` by which acknowledgments. `first` is the ordinal of its first set.
    """

    header: Interchange
    partner: Partner | None
    addressee: Partner | None = None
    own: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    between: list[Fault] = field(default_factory=list)
    agreement: Agreement | None = None
    group: GroupVerdict | None = None
    verdicts: list[GroupVerdict] = field(default_factory=list)
    wanted: dict[str, None] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    rejected: bool = False
    groups: int = 0
    only_acknowledges: bool = True
    first: int = 1

    @classmethod
    def of(cls, house: House, channel: str, header: Interchange) -> InHand:
        """The interchange that begins, with whoever sent it by this channel."""
        found = house.sender(channel, header)
        inhand = cls(header, None if isinstance(found, Fault) else found)
        inhand._blame(header.faults)
        if isinstance(found, Fault):
            inhand._blame([found])
            inhand.addressee = house.addressee(channel, header)
        elif header.ack_requested and not inhand.by_group:
            inhand.wanted |= dict.fromkeys(PRACTICES[header.standard].functional)
        return inhand

    @property
    def by_group(self) -> bool:
        """Whether each group is answered, and goes on, when it ends; else all of them when the interchange does."""
        return PRACTICES[self.header.standard].by_group

    @property
    def answerable(self) -> bool:
        """An interchange of acknowledgments alone is not acknowledged itself: that would never end."""
        return not (self.groups and self.only_acknowledges)

    def open_group(self, header: Group) -> None:
        self.group = GroupVerdict(header, faults=tuple(header.faults))
        self.agreement = None
        self.only_acknowledges &= header.code in OF_ACKNOWLEDGMENTS
        self.groups += 1

    def choose(self, house: House, group: Group | None, found: TransactionSet, file: str) -> Choice:
        """What the set is read with, by what is agreed with whoever sent it."""
        self.only_acknowledges &= found.code in NEVER_ACKNOWLEDGED
        if self.partner is None:
            return Choice()
        agreed = house.agreement(self.partner, self.header, group, found, file)
        if isinstance(agreed, Fault) and found.code in NEVER_ACKNOWLEDGED:
            return by_standard(self.header, group, found)
        self.agreement = None if isinstance(agreed, Fault) else agreed
        return house.choice(agreed, self.header, group, found)

    def judge(self, house: House, verdict: SetVerdict, ordinal: int, offset: int) -> None:
        """One more set of the open group, read by the agreement that is in hand."""
        self.rejected |= not verdict.accepted
        if self.group is None:
            return
        group, agreement = self.group, self.agreement
        group.sets.append(verdict)
        last = self.units[-1] if self.units else None
        if last is None or last.group is not group or last.agreement is not agreement:
            begins = group.header.header and (last is None or last.group is not group)
            at = group.header.offset if begins else offset - 1
            self.units.append(Unit(group, agreement, at, ordinal, ordinal))
            self._want(house, agreement)
        else:
            last.last = ordinal

    def close_group(self, end: GroupEnd) -> GroupVerdict | None:
        """The group with what its trailer says of it; where the interchange is answered as one it is kept for that."""
        group, self.group = self.group, None
        if group is None:
            return None
        group.faults, group.stated = (*group.faults, *end.faults), stated(end)
        self.faults += group.faults
        self.rejected |= bool(rejecting(group.faults))
        if not self.by_group:
            self.verdicts.append(group)
        return group

    def close(self, end: InterchangeEnd) -> None:
        self._blame(end.faults)

    def answers(self, house: House) -> Answers:
        """What goes back for the interchange, where it is answered as one, once it has ended."""
        if self.partner is None or self.by_group or not self.answerable:
            return {}
        if not any(group.sets for group in self.verdicts):
            self._want(house, None)
        return answer.on_interchange(
            house, self.partner, self.header, self.verdicts, [*self.own, *self.between], tuple(self.wanted)
        )

    def released(self) -> list[Unit]:
        """All that waits for its trailer, which has come now, or is known to be missing."""
        units, self.units = self.units, []
        return units

    def _want(self, house: House, agreement: Agreement | None) -> None:
        if self.partner is not None and not self.by_group:
            standard = self.header.standard
            self.wanted |= dict.fromkeys(answer.wanted(house, self.partner, agreement, standard))

    def _blame(self, faults: Iterable[Fault]) -> None:
        told = list(faults)
        self.own += told
        self.faults += told


def stated(end: GroupEnd) -> int | None:
    """GE01 or UNE01, where it is a number."""
    count = end.trailer[0].strip() if end.trailer else ""
    return int(count) if count.isdecimal() and len(count) <= LONGEST_COUNT else None
