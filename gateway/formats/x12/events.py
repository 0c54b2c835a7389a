"""What reading an X12 file yields: envelopes and whole transaction sets, always properly nested.

`Interchange`, then for each group `Group`, its `TransactionSet`s, `GroupEnd`, then `InterchangeEnd`, whatever the
file looks like: a missing trailer yields its end event all the same, with the fault and `complete` False; a set
without a GS stands in a `Group` whose header is empty. `Stray` and `InterchangeAcknowledgment` come where they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.faults import Fault, Place
from gateway.formats.segment import Segment
from gateway.formats.x12.delimiters import Delimiters, Syntax
from gateway.formats.x12.places import Spot, envelope_name
from gateway.formats.x12.segments import Binaries, exact_segments, plain_segments, spans


@dataclass(frozen=True, slots=True)
class Limits:
    """How large things may be, in bytes; None is no limit."""

    segment_bytes: int = 1 << 20
    set_bytes: int = 64 << 20
    file_bytes: int | None = None


def nth(elements: Sequence[str], at: int) -> str:
    """The element's text without padding, empty when there is none. `nth(header, 6)` is ISA06."""
    return elements[at - 1].strip() if at <= len(elements) else ""


def identity(elements: Sequence[str], qualifier: int) -> str:
    return f"{nth(elements, qualifier)}/{nth(elements, qualifier + 1)}"


@dataclass(slots=True)
class Interchange:
    """An ISA. `header` holds its 16 elements as sent. Identities read `ZZ/ACME`, stripped of padding."""

    header: tuple[str, ...]
    delimiters: Delimiters
    syntax: Syntax
    offset: int
    line: int = 1
    faults: list[Fault] = field(default_factory=list)

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
    def test(self) -> bool:
        return nth(self.header, 15) == "T"

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
class Group:
    """A GS. `header` holds GS01 to GS08 as sent; it is empty where the sets stand in no group."""

    header: tuple[str, ...]
    offset: int
    line: int = 1
    faults: list[Fault] = field(default_factory=list)

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


class TransactionSet:
    """A set's bytes from ST to SE, terminators included, and what its envelope says.

    `faults` are those of the envelope (counts, control numbers, a missing SE). `plain` promises that `segments()`
    says all there is to say about the bytes; where it is False, `syntax_faults()` says what else is the matter.
    `incomplete` when there is no SE. `skipped` when the set was larger than the limit: `raw` is then its ST only.
    `segment_count` counts ST and SE too.
    """

    __slots__ = (
        "_exact",
        "_parts",
        "binaries",
        "column",
        "faults",
        "group_version",
        "header",
        "incomplete",
        "limits",
        "line",
        "offset",
        "raw",
        "segment_count",
        "skipped",
        "syntax",
        "trailer",
    )

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
        self.raw = raw
        self.offset, self.line, self.column = spot
        self.syntax = syntax
        self.limits = limits
        self.group_version = group_version
        self.binaries: Binaries = binaries or {}
        self.incomplete = not ended
        self.skipped = skipped
        self.faults: list[Fault] = []
        self._exact: tuple[list[Segment], list[Fault]] | None = None
        odd = skipped or binaries is not None or not ended
        self._parts = None if odd else plain_segments(raw, syntax, limits.segment_bytes)
        self.header: list[str]
        self.trailer: list[str] | None = None
        if self._parts is None:
            self._measure()
        else:
            element = syntax.delimiters.element
            self.header = self._parts[0].split(element)
            self.trailer = self._parts[-1].split(element)
            self.segment_count = len(self._parts)

    def _measure(self) -> None:
        """Header, trailer and count where the bytes are not plain, without keeping every segment."""
        found = [span for span in spans(self.raw, self.syntax, self.binaries) if span.end > span.start]
        self.segment_count = len(found)
        ends = [found[0], found[-1]] if found else []
        read = [self._alone(self.raw[span.start : span.next]) for span in ends]
        self.header = read[0] if read else ["ST"]
        self.trailer = None if self.incomplete or self.skipped else read[-1]

    def _alone(self, raw: bytes) -> list[str]:
        segments, _ = exact_segments(raw, Spot(), self.syntax, {}, len(raw))
        return segments[0].elements

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

    @property
    def plain(self) -> bool:
        return self._parts is not None

    def texts(self) -> list[str]:
        """Of a plain set: the segments between ST and SE, normalised and undivided. The fastest way."""
        return [] if self._parts is None else self._parts[1:-1]

    def segments(self) -> list[list[str]]:
        """The segments between ST and SE as lists of tag and elements, normalised. The fast way."""
        if self._parts is None:
            return [segment.elements for segment in self.located()]
        element = self.syntax.delimiters.element
        return [part.split(element) for part in self._parts[1:-1]]

    def located(self) -> list[Segment]:
        """The same segments with their places and bytes. The exact way; the first one's number is 2."""
        segments = self._read()[0]
        return segments[1:] if self.incomplete else segments[1:-1]

    def syntax_faults(self) -> list[Fault]:
        """What is wrong or odd about the bytes of the set's segments, ST and SE included."""
        return self._read()[1]

    def ends(self) -> tuple[bytes, bytes]:
        """The bytes of ST, and of SE where there is one, each with what stands before the next segment."""
        segments = self._read()[0]
        last = b"" if self.incomplete else segments[-1].raw
        return segments[0].raw or b"", last or b""

    def envelope_place(self, segment: int, element: int) -> Place:
        """The place of an element of ST (0) or SE (-1), or where it would stand."""
        read = self._read()[0][segment]
        at = min(element, len(read.elements) - 1)
        return replace(read.place(at, name=envelope_name(read.tag, element)), element=element)

    def _read(self) -> tuple[list[Segment], list[Fault]]:
        if self.skipped:
            return [Segment(self.header, 1, self.offset, self.line, self.column, raw=self.raw)] * 2, []
        if self._exact is None:
            spot = Spot(self.offset, self.line, self.column)
            limit = self.limits.segment_bytes
            self._exact = exact_segments(self.raw, spot, self.syntax, self.binaries, limit)
        return self._exact

    def __repr__(self) -> str:
        return f"TransactionSet({self.code!r}, {self.control!r}, {len(self.raw)} bytes at {self.offset})"


@dataclass(slots=True)
class GroupEnd:
    """A GE, or the place where one is missing. `sets` is how many were read; `complete` when the GE was there."""

    trailer: tuple[str, ...] | None
    sets: int
    complete: bool
    offset: int
    line: int = 1
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class InterchangeEnd:
    """An IEA, or the place where one is missing. `groups` is how many were read."""

    trailer: tuple[str, ...] | None
    groups: int
    complete: bool
    offset: int
    line: int = 1
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Stray:
    """Bytes that belong to no envelope: how many, from where, and how they begin."""

    offset: int
    size: int
    sample: bytes
    line: int = 1
    faults: list[Fault] = field(default_factory=list)


Event = Interchange | Group | TransactionSet | InterchangeAcknowledgment | GroupEnd | InterchangeEnd | Stray
