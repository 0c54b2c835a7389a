"""Faults of a functional group -> the acknowledgment its sender gets: a canonical object like any other.

Judges syntax and grammar only (ASC X12 transaction sets 997 and 999): a fault of our own map is never mentioned,
and an acknowledgment is never acknowledged. Pure; rendering and sending are somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from gateway.canonical import (
    AcknowledgedElement,
    AcknowledgedGroup,
    AcknowledgedSegment,
    AcknowledgedSet,
    FunctionalAcknowledgment,
    InterchangeAcknowledgment,
)
from gateway.faults import Fault, rejecting
from gateway.formats import edifact
from gateway.formats.events import Group, Interchange
from gateway.guides.model import Composite, Guide
from gateway.pipeline.translation.translate import Translation
from gateway.profiles.standards import ERRORS, NEVER_ACKNOWLEDGED, STANDARDS

ACCEPTED, WITH_ERRORS, PARTIALLY, REJECTED = (
    "accepted",
    "accepted with errors",
    "partially accepted",
    "rejected",
)


class Practice(NamedTuple):
    """How a standard's documents are acknowledged: by which documents, and each group when it ends, or the interchange.

    `receipt` is what acknowledges an interchange's envelope alone, where that is something of its own.
    """

    functional: tuple[str, ...]
    by_group: bool
    receipt: str | None


TA1 = "TA1"
PRACTICES = {
    "x12": Practice(STANDARDS["x12"].closing, True, TA1),
    "edifact": Practice(STANDARDS["edifact"].closing, False, None),
    **dict.fromkeys(("fixed", "csv"), Practice((ERRORS,), False, None)),
}

MOST_CODES = 5
"""AK502 to AK506 and AK905 to AK909 hold five codes."""
MOST_ELEMENTS = 99
SETS_AT_ONCE = 500
"""Sets of a group whose acknowledgment stands in memory as objects at the same time."""
MOST_COPIED = 99
"""AK404 is at most 99 characters."""


@dataclass(slots=True)
class SetVerdict:
    """What the acknowledgment needs of one received transaction set; small, so that a large group stays small.

    `version` is ST03, `identifier` what UNH02 consists of: nothing in the other standard.
    """

    code: str
    control: str
    version: str | None
    faults: tuple[Fault, ...] = ()
    guide: Guide | None = None
    identifier: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return not self.faults


@dataclass(slots=True)
class GroupVerdict:
    """One received functional group: its sets' verdicts, what its envelope says, what was counted."""

    header: Group
    sets: list[SetVerdict] = field(default_factory=list)
    faults: tuple[Fault, ...] = ()
    stated: int | None = None

    @property
    def acknowledgeable(self) -> bool:
        """Sets that stand in no group, and groups of acknowledgments, get none."""
        if not self.header.control or self.header.code == "FA":
            return False
        return not any(one.code in NEVER_ACKNOWLEDGED for one in self.sets)


def set_verdict(translation: Translation, extra: Iterable[Fault] = ()) -> SetVerdict:
    """The verdict on a translated set; `extra` are faults the profile's policy adds (a duplicate it rejects)."""
    faults = tuple(rejecting([*translation.faults, *extra]))
    found, guide = translation.set, translation.choice.guide if faults else None
    if isinstance(found, edifact.TransactionSet):
        return SetVerdict(found.code, found.control, None, faults, guide, found.identifier)
    version = found.header[3] if len(found.header) > 3 else None
    return SetVerdict(found.code, found.control, version, faults, guide)


def carries_versions(guide: Guide) -> bool:
    """Whether this version's AK1 has room for the group's version (AK103, from 005010 on)."""
    return len(guide.segments["AK1"].uses) > 2


def functional(group: GroupVerdict, *, versions: bool) -> FunctionalAcknowledgment:
    """The 997's or 999's content for one group. AK9 counts what GE stated, what was received and what accepted."""
    (whole,) = in_parts(group, versions=versions, most=len(group.sets) or 1)
    return whole


def in_parts(
    group: GroupVerdict, *, versions: bool, most: int = SETS_AT_ONCE
) -> Iterator[FunctionalAcknowledgment]:
    """The same, again and again, each time with the next of its sets: no object holds all of a large group's."""
    accepted = sum(one.accepted for one in group.sets)
    codes = distinct(fault.code.value.group for fault in rejecting(group.faults))
    for start in range(0, len(group.sets) or 1, most):
        yield FunctionalAcknowledgment(
            group=AcknowledgedGroup(
                code=group.header.code,
                control=group.header.control,
                version=group.header.version if versions else None,
            ),
            verdict=group_verdict(accepted, len(group.sets), codes),
            codes=codes,
            stated=group.stated if group.stated is not None else len(group.sets),
            received=len(group.sets),
            accepted=accepted if not codes else 0,
            sets=[acknowledged_set(one, bool(codes), versions) for one in group.sets[start : start + most]],
        )


def group_verdict(accepted: int, received: int, codes: Sequence[str]) -> str:
    """AK901: a broken group envelope rejects the whole group."""
    if codes or not accepted:
        return REJECTED
    return ACCEPTED if accepted == received else PARTIALLY


def acknowledged_set(one: SetVerdict, rejected_with_group: bool, versions: bool) -> AcknowledgedSet:
    segments = list(acknowledged_segments(one))
    codes = distinct(fault.code.value.set for fault in one.faults)
    if segments and "5" not in codes:
        codes = [*codes, "5"][:MOST_CODES]
    accepted = one.accepted and not rejected_with_group
    return AcknowledgedSet(
        code=one.code,
        control=one.control,
        version=one.version or None if versions else None,
        verdict=ACCEPTED if accepted else REJECTED,
        codes=codes,
        segments=segments,
    )


def acknowledged_segments(one: SetVerdict) -> Iterable[AcknowledgedSegment]:
    """One AK3 or IK3 per segment in error, in document order, with its elements in error beneath.

    AK303 stays empty: it names loops bounded by LS and LE (X12 data element 447), and none of these sets has one.
    """
    told = [fault for fault in one.faults if fault.code.value.segment or fault.code.value.element]
    told.sort(key=lambda fault: fault.place.segment_number or 0)
    for (number, tag), faults in groupby(
        told, key=lambda f: (f.place.segment_number or 1, f.place.segment or "ST")
    ):
        found = list(faults)
        elements = [acknowledged_element(fault, one.guide) for fault in found if fault.code.value.element]
        codes = distinct(fault.code.value.segment for fault in found)
        if elements and "8" not in codes:
            codes.append("8")
        for code in codes:
            yield AcknowledgedSegment(
                segment=tag[:3],
                number=number,
                code=code,
                elements=elements[:MOST_ELEMENTS] if code == "8" else [],
            )


def acknowledged_element(fault: Fault, guide: Guide | None) -> AcknowledgedElement:
    place = fault.place
    return AcknowledgedElement(
        element=place.element or 1,
        component=place.component,
        repetition=place.repetition,
        reference=reference_number(fault, guide),
        code=fault.code.value.element or "",
        value=copied(fault.came),
    )


def reference_number(fault: Fault, guide: Guide | None) -> str | None:
    """The data element's number in the dictionary (AK402), where the guide knows the element."""
    place = fault.place
    spec = guide.segments.get(place.segment or "") if guide else None
    if spec is None or not place.element or place.element > len(spec.uses):
        return None
    of = spec.uses[place.element - 1].of
    if isinstance(of, Composite):
        parts = of.components
        of = parts[place.component - 1].of if place.component and place.component <= len(parts) else of
    return of.id if of.id.isdigit() else None


def copied(value: str | None) -> str | None:
    """AK404: the bad data, without what could break the acknowledgment itself."""
    kept = "".join(
        char for char in value or "" if char.isascii() and char.isprintable() and char not in "*~^:>|\\"
    )
    return kept[:MOST_COPIED].strip() or None


def distinct(codes: Iterable[str | None]) -> list[str]:
    """Each code once, in order of appearance, no more than there is room for."""
    return list(dict.fromkeys(code for code in codes if code))[:MOST_CODES]


def interchange(header: Interchange, faults: Iterable[Fault], now: datetime) -> InterchangeAcknowledgment:
    """What a TA1 says of one interchange (X12.5): accepted, or rejected with the first code that says why.

    Date and time are the interchange's own (TA102, TA103), ours where those are none.
    """
    codes = distinct(fault.code.value.interchange for fault in rejecting(faults))
    at = sent_at(header.date, header.time, now)
    return InterchangeAcknowledgment(
        control=header.control,
        date=at.date(),
        time=at.time(),
        verdict=REJECTED if codes else ACCEPTED,
        code=codes[0] if codes else "000",
    )


def sent_at(day: str, clock: str, now: datetime) -> datetime:
    """ISA09 (YYMMDD) and ISA10 (HHMM) as a moment."""
    digits = day + clock[:4]
    if len(digits) != 10 or not digits.isdecimal():
        return now.replace(second=0, microsecond=0)
    year, month, date, hour, minute = (int(digits[at : at + 2]) for at in range(0, 10, 2))
    try:
        return datetime(2000 + year, month, date, hour, minute, tzinfo=now.tzinfo)
    except ValueError:
        return now.replace(second=0, microsecond=0)


def ta1(said: InterchangeAcknowledgment) -> list[str]:
    """TA101 to TA105."""
    verdict = "A" if said.verdict == ACCEPTED else "R"
    return [said.control.zfill(9), f"{said.date:%y%m%d}", f"{said.time:%H%M}", verdict, said.code]
