"""What reading an X12 file yields: the events of every syntax, as ISA, GS and ST say them, and TA1s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.faults import Fault, Place
from gateway.formats import events
from gateway.formats.events import GroupEnd, InterchangeEnd, Limits, Stray, nth
from gateway.formats.segment import Segment
from gateway.formats.spot import Spot
from gateway.formats.x12.delimiters import Delimiters, Syntax
from gateway.formats.x12.places import envelope_name
from gateway.formats.x12.segments import Binaries, Span, exact_segments, plain_segments, spans


def identity(elements: Sequence[str], qualifier: int) -> str:
    return f"{nth(elements, qualifier)}/{nth(elements, qualifier + 1)}"


@dataclass(slots=True)
class Interchange(events.Interchange):
    """An ISA. `header` holds its 16 elements as sent. Identities read `ZZ/ACME`, stripped of padding."""

    standard = "x12"

    delimiters: Delimiters
    syntax: Syntax

    @property
    def sender(self) -> str:
        return identity(self.header, 5)

    @property
    def receiver(self) -> str:
        return identity(self.header, 7)

    @property
    def date(self) -> str:
        return nth(self.header, 9)

    @property
    def time(self) -> str:
        return nth(self.header, 10)

    @property
    def version(self) -> str:
        return nth(self.header, 12)

    @property
    def control(self) -> str:
        return nth(self.header, 13)

    @property
    def ack_requested(self) -> bool:
        return nth(self.header, 14) == "1"

    @property
    def usage(self) -> str:
        return nth(self.header, 15)


@dataclass(slots=True)
class InterchangeAcknowledgment:
    """A TA1. `elements[0]` is the tag."""

    elements: list[str]
    offset: int
    line: int = 1
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Group(events.Group):
    """A GS. `header` holds GS01 to GS08 as sent; it is empty where the sets stand in no group."""

    @property
    def code(self) -> str:
        return nth(self.header, 1)

    @property
    def sender(self) -> str:
        return nth(self.header, 2)

    @property
    def receiver(self) -> str:
        return nth(self.header, 3)

    @property
    def date(self) -> str:
        return nth(self.header, 4)

    @property
    def time(self) -> str:
        return nth(self.header, 5)

    @property
    def control(self) -> str:
        return nth(self.header, 6)

    @property
    def agency(self) -> str:
        return nth(self.header, 7)

    @property
    def version(self) -> str:
        return nth(self.header, 8)


class TransactionSet(events.TransactionSet):
    """A set from ST to SE. Binary segments are known by where they begin, for their data may hold terminators."""

    __slots__ = ("binaries",)

    naming = Place(segment="ST", element=1, name="Transaction Set Identifier Code")

    syntax: Syntax

    def __init__(
        self,
        raw: bytes,
        spot: Spot,
        syntax: Syntax,
        limits: Limits,
        group_version: str = "",
        binaries: Binaries | None = None,
        ended: bool = True,
        skipped: bool = False,
    ) -> None:
        self.binaries: Binaries = binaries or {}
        super().__init__(raw, spot, syntax, limits, group_version, ended, skipped, odd=binaries is not None)

    def _plain(self) -> list[str] | None:
        return plain_segments(self.raw, self.syntax, self.limits.segment_bytes)

    def _measure(self) -> tuple[int, list[str], list[str]]:
        found = [span for span in spans(self.raw, self.syntax, self.binaries) if span.end > span.start]
        first, last = (found[0], found[-1]) if found else (None, None)
        return len(found), self._alone(first), self._alone(last)

    def _alone(self, span: Span | None) -> list[str]:
        if span is None:
            return ["ST"]
        segments, _ = exact_segments(self.raw[span.start : span.next], Spot(), self.syntax, {}, len(self.raw))
        return segments[0].elements

    def _exactly(self, spot: Spot) -> tuple[list[Segment], list[Fault]]:
        return exact_segments(self.raw, spot, self.syntax, self.binaries, self.limits.segment_bytes)

    def _named(self, segment: str, element: int) -> str | None:
        return envelope_name(segment, element)

    @property
    def separator(self) -> str:
        return self.syntax.delimiters.element

    @property
    def delimiters(self) -> Delimiters:
        return self.syntax.delimiters

    @property
    def code(self) -> str:
        return nth(self.header[1:], 1)

    @property
    def control(self) -> str:
        """ST02 exactly as sent."""
        return self.header[2] if len(self.header) > 2 else ""

    @property
    def version(self) -> str:
        """ST03 where the set states its own convention, else GS08."""
        return nth(self.header[1:], 3) or self.group_version


Event = Interchange | Group | TransactionSet | InterchangeAcknowledgment | GroupEnd | InterchangeEnd | Stray
