"""Faults of an interchange -> what CONTRL reports of it, its groups and its messages: a canonical object.

Judges syntax and grammar only (ISO 9735, syntax and service report message): a fault of our own map is never
mentioned. Every message is named, so that nothing is left to be guessed. Pure; rendering and sending are somebody
else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gateway.canonical import (
    AcknowledgedElement,
    AcknowledgedEnd,
    AcknowledgedGroup,
    AcknowledgedInterchange,
    AcknowledgedPlace,
    AcknowledgedSegment,
    AcknowledgedSet,
    FunctionalAcknowledgment,
    GroupAcknowledgment,
)
from gateway.faults import Code, Fault, Place, rejecting
from gateway.formats.events import Group, Interchange
from gateway.formats.segment import COMPONENT
from gateway.guides.model import Composite, Guide
from gateway.pipeline.translation.acknowledge import (
    ACCEPTED,
    REJECTED,
    SETS_AT_ONCE,
    GroupVerdict,
    SetVerdict,
)
from gateway.profiles.standards import NEVER_ACKNOWLEDGED

SERVICE = frozenset({"UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"})
"""0013 and 0135: the segments whose errors are told where their level is."""
UNSPECIFIED = "18"
"""0085, where nothing else says why."""
NOBODY = "0"
"""0062 or 0065 of a message that has no reference, or no type."""
MOST_SEGMENTS = 999
MOST_ELEMENTS = 99
MOST_ALIKE = 9
"""Elements in error among which the same error of the same element is looked for: each of its characters is a fault."""


def carries_occurrences(guide: Guide) -> bool:
    """Whether this version's S011 has room for which occurrence of an element is in error (0136, from 4 on)."""
    of = guide.segments["UCD"].uses[1].of
    return isinstance(of, Composite) and len(of.components) > 2


def on_interchange(
    header: Interchange,
    groups: Sequence[GroupVerdict],
    faults: Iterable[Fault],
    *,
    occurrences: bool,
    most: int = SETS_AT_ONCE,
) -> Iterator[FunctionalAcknowledgment]:
    """The report, again and again, each time with the next of its messages: no object holds all of a large one's.

    `faults` are those of the interchange's own envelope; one of them rejects all that is in it. Messages that stand
    in no group are in one without a header.
    """
    says = _Words(occurrences)
    alone = [group for group in groups if not group.header.header]
    wrong = rejecting([*faults, *(fault for group in alone for fault in group.faults)])
    said: dict[str, Any] = {
        "interchange": AcknowledgedInterchange(
            control=kept(header.control), sender=end(header.sender), receiver=end(header.receiver)
        ),
        **says.judged(wrong, bool(wrong)),
    }
    sets = [one for group in alone for one in told_of(group)]
    inside = [says.on_group(group, bool(wrong)) for group in groups if group.header.header]
    if not inside:
        for start in range(0, len(sets) or 1, most):
            some = [says.acknowledged(one, bool(wrong)) for one in sets[start : start + most]]
            yield FunctionalAcknowledgment(**said, sets=some)
        return
    beside = [says.acknowledged(one, bool(wrong)) for one in sets]
    for at, one in enumerate(inside):
        yield FunctionalAcknowledgment(**said, sets=[] if at else beside, groups=[one])


def told_of(group: GroupVerdict) -> list[SetVerdict]:
    """Those of its messages that are acknowledged: an acknowledgment never is."""
    return [one for one in group.sets if one.code not in NEVER_ACKNOWLEDGED]


@dataclass(frozen=True, slots=True)
class _Words:
    """How a report puts it; `occurrences` where it can say which occurrence of an element is meant."""

    occurrences: bool

    def on_group(self, group: GroupVerdict, rejected: bool) -> GroupAcknowledgment:
        """The same of one group of it."""
        wrong = rejecting(group.faults)
        header: Group = group.header
        return GroupAcknowledgment(
            group=AcknowledgedGroup(
                control=kept(header.control) or NOBODY,
                sender=application(header.header, 1),
                receiver=application(header.header, 2),
            ),
            **self.judged(wrong, rejected or bool(wrong)),
            sets=[self.acknowledged(one, rejected or bool(wrong)) for one in told_of(group)],
        )

    def acknowledged(self, one: SetVerdict, rejected: bool) -> AcknowledgedSet:
        """One message: what is wrong with UNH or UNT, and the segments in error beneath."""
        around = [fault for fault in one.faults if is_around(fault)]
        segments = list(self.in_error(fault for fault in one.faults if not is_around(fault)))
        said = self.judged(around, rejected or not one.accepted)
        if not (one.accepted or segments or said["codes"]):
            said["codes"] = [UNSPECIFIED]
        names = (*one.identifier, "", "", "", "", "")
        return AcknowledgedSet(
            control=kept(one.control) or NOBODY,
            code=kept(names[0]) or NOBODY,
            version=kept(names[1]),
            release=kept(names[2]),
            agency=kept(names[3]),
            association=kept(names[4]),
            segments=segments[:MOST_SEGMENTS],
            **said,
        )

    def judged(self, wrong: Sequence[Fault], rejected: bool) -> dict[str, Any]:
        """A level's action, the first error that has a code, and where in its envelope that is."""
        told = next((fault for fault in wrong if fault.code.value.syntax_error), None)
        codes = [told.code.value.syntax_error or ""] if told else []
        return {
            "verdict": REJECTED if rejected else ACCEPTED,
            "codes": codes,
            "at": self.place_in(told.place) if told else None,
        }

    def place_in(self, place: Place) -> AcknowledgedPlace | None:
        if place.segment not in SERVICE:
            return None
        repetition = place.repetition if self.occurrences else None
        return AcknowledgedPlace(
            segment=place.segment, element=place.element, component=place.component, repetition=repetition
        )

    def in_error(self, faults: Iterable[Fault]) -> Iterator[AcknowledgedSegment]:
        """One UCS per segment in error, in document order, with its elements in error beneath. UNH is number 1."""
        told = [fault for fault in faults if fault.code.value.syntax_error]
        told.sort(key=_number)
        for number, group in groupby(told, key=_number):
            found = list(group)
            whole = [fault for fault in found if fault.place.element is None]
            elements: list[AcknowledgedElement] = []
            for one in (self.in_segment(fault) for fault in found if fault.place.element is not None):
                if one not in elements[-MOST_ALIKE:]:
                    elements.append(one)
            yield AcknowledgedSegment(
                number=number,
                code=whole[0].code.value.syntax_error if whole else None,
                elements=elements[:MOST_ELEMENTS],
            )

    def in_segment(self, fault: Fault) -> AcknowledgedElement:
        place = fault.place
        return AcknowledgedElement(
            element=min(place.element or 1, 999),
            component=place.component,
            repetition=place.repetition if self.occurrences else None,
            code=fault.code.value.syntax_error or "",
        )


def _number(fault: Fault) -> int:
    """Of a segment that is missing that of the last before the gap (0096)."""
    number = fault.place.segment_number or 1
    return max(1, number - 1) if fault.code is Code.SEGMENT_MISSING else number


def is_around(fault: Fault) -> bool:
    """Whether it is told of the message as a whole: it stands in UNH or UNT, or in no segment at all."""
    return fault.place.segment_number is None or (fault.place.segment or "UNH") in SERVICE


def end(identity: str) -> AcknowledgedEnd:
    qualifier, _, id = identity.partition("/")
    return AcknowledgedEnd(kind=kept(qualifier), value=kept(id))


def application(header: Sequence[str], at: int) -> AcknowledgedEnd | None:
    """S006 and S007 of a group's header."""
    id, _, rest = header[at].partition(COMPONENT) if at < len(header) else ("", "", "")
    return AcknowledgedEnd(kind=kept(rest.partition(COMPONENT)[0]), value=kept(id)) if id.strip() else None


def kept(text: str) -> str | None:
    """What came, without what could not be written: a name is at most 70 characters, and holds no controls."""
    return "".join(char for char in text if char.isprintable() and ord(char) < 256)[:70].strip() or None
