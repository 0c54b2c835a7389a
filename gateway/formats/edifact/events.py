"""What reading an EDIFACT file yields: the events of every syntax, as UNB, UNG and UNH say them, and packages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from gateway.faults import Fault, Place
from gateway.formats import events
from gateway.formats.edifact.delimiters import ELEMENT, Delimiters, Syntax
from gateway.formats.edifact.envelope import envelope_name, part_of
from gateway.formats.edifact.segments import exact_segments, plain_segments, spans
from gateway.formats.events import GroupEnd, InterchangeEnd, Stray
from gateway.formats.segment import COMPONENT, Segment
from gateway.formats.spot import Spot


def identity(elements: tuple[str, ...], at: int) -> str:
    """`14/4012345000009`: qualifier and identification of a composite that begins with these two, swapped."""
    return f"{part_of(elements, at, 2)}/{part_of(elements, at, 1)}"


@dataclass(slots=True)
class Interchange(events.Interchange):
    """A UNB. `header` holds its elements, normalised. Identities read `14/4012345000009`, as in X12.

    `offset` is that of the UNA, where there is one.
    """

    standard = "edifact"

    delimiters: Delimiters
    syntax: Syntax

    @property
    def level(self) -> str:
        return part_of(self.header, 1, 1)

    @property
    def version(self) -> str:
        """The syntax version number, 1 to 4."""
        return part_of(self.header, 1, 2)

    @property
    def sender(self) -> str:
        return identity(self.header, 2)

    @property
    def receiver(self) -> str:
        return identity(self.header, 3)

    @property
    def date(self) -> str:
        return part_of(self.header, 4, 1)

    @property
    def time(self) -> str:
        return part_of(self.header, 4, 2)

    @property
    def control(self) -> str:
        return part_of(self.header, 5)

    @property
    def application(self) -> str:
        """The application reference: often the type of all messages inside."""
        return part_of(self.header, 7)

    @property
    def priority(self) -> str:
        return part_of(self.header, 8)

    @property
    def urgent(self) -> bool:
        """Of priority A, the highest (0029)."""
        return self.priority == "A"

    @property
    def ack_requested(self) -> bool:
        return part_of(self.header, 9) == "1"

    @property
    def usage(self) -> str:
        """`T` where the test indicator is set, to whatever."""
        return "P" if part_of(self.header, 11) in ("", "0") else "T"


@dataclass(slots=True)
class Group(events.Group):
    """A UNG. `header` holds its elements, normalised; it is empty where the messages stand in no group."""

    @property
    def code(self) -> str:
        return part_of(self.header, 1)

    @property
    def sender(self) -> str:
        return part_of(self.header, 2)

    @property
    def receiver(self) -> str:
        return part_of(self.header, 3)

    @property
    def date(self) -> str:
        return part_of(self.header, 4, 1)

    @property
    def time(self) -> str:
        return part_of(self.header, 4, 2)

    @property
    def control(self) -> str:
        return part_of(self.header, 5)

    @property
    def agency(self) -> str:
        return part_of(self.header, 6)

    @property
    def version(self) -> str:
        return part_of(self.header, 7, 1) + part_of(self.header, 7, 2)


@lru_cache(maxsize=256)
def _components(text: str) -> tuple[str, ...]:
    """The same tuple for the same text: the messages of an interchange are of few types."""
    return tuple(text.split(COMPONENT))


class TransactionSet(events.TransactionSet):
    """A message from UNH to UNT. Its `code` is the type (`ORDERS`), its `version` the directory (`D96A`)."""

    __slots__ = ()

    naming = Place(segment="UNH", element=2, name="Message Identifier")

    syntax: Syntax

    def _plain(self) -> list[str] | None:
        return plain_segments(self.raw, self.syntax, self.limits.segment_bytes)

    def _measure(self) -> tuple[int, list[str], list[str]]:
        count, first, last = 0, None, None
        for span in spans(self.raw, self.syntax):
            if span.end > span.start:
                first, last, count = first or span, span, count + 1
        return count, self._alone(first), self._alone(last)

    def _alone(self, span: tuple[int, int, int] | None) -> list[str]:
        if span is None:
            return ["UNH"]
        segments, _ = exact_segments(self.raw[span[0] : span[2]], Spot(), self.syntax, len(self.raw))
        return segments[0].elements

    def _exactly(self, spot: Spot) -> tuple[list[Segment], list[Fault]]:
        return exact_segments(self.raw, spot, self.syntax, self.limits.segment_bytes)

    def _terminator(self, raw: bytes) -> int:
        """One that is released is none."""
        match = self.syntax.body.match(raw)
        return match.end() if match else len(raw)

    def _named(self, segment: str, element: int) -> str | None:
        return envelope_name(segment, element)

    @property
    def separator(self) -> str:
        return ELEMENT

    @property
    def delimiters(self) -> Delimiters:
        return self.syntax.delimiters

    @property
    def control(self) -> str:
        """The message reference exactly as sent."""
        return self.header[1] if len(self.header) > 1 else ""

    @property
    def identifier(self) -> tuple[str, ...]:
        """What UNH02 consists of: type, version, release, agency, association and what else it says."""
        return _components(self.header[2]) if len(self.header) > 2 else ()

    @property
    def code(self) -> str:
        return part_of(self.header[1:], 2, 1)

    @property
    def version(self) -> str:
        """Message version and release number together, or what the group says of all its messages."""
        return part_of(self.header[1:], 2, 2) + part_of(self.header[1:], 2, 3) or self.group_version

    @property
    def agency(self) -> str:
        return part_of(self.header[1:], 2, 4)

    @property
    def association(self) -> str:
        """The association assigned code: `EAN008`."""
        return part_of(self.header[1:], 2, 5)


@dataclass(slots=True)
class Package:
    """An object between UNO and UNP, as many octets as it says. `header` holds the UNO's elements, normalised.

    `between` are the segments before the object, such as those of security. `incomplete` when there is no UNP;
    `skipped` when the object is larger than a set may be: `data` is then empty.
    """

    header: tuple[str, ...]
    data: bytes
    size: int
    offset: int
    line: int = 1
    between: list[Segment] = field(default_factory=list)
    incomplete: bool = False
    skipped: bool = False
    faults: list[Fault] = field(default_factory=list)

    @property
    def control(self) -> str:
        return part_of(self.header, 1)


Event = Interchange | Group | TransactionSet | Package | GroupEnd | InterchangeEnd | Stray
