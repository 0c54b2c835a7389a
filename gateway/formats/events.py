"""What reading a file of interchanges yields, whatever its syntax: envelopes and sets, always properly nested.

`Interchange`, then for each group `Group`, its `TransactionSet`s, `GroupEnd`, then `InterchangeEnd`, whatever the
file looks like: a missing trailer yields its end event all the same, with the fault and `complete` False; a set
that is in no group stands in a `Group` whose header is empty. `Stray` comes where it stands. A syntax adds to these
what its own envelopes say, and events of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from gateway.faults import Fault, Place
from gateway.formats.segment import Segment
from gateway.formats.spot import Spot

SAMPLE = 64
"""So many bytes are shown of what belongs nowhere."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large things may be, in bytes; None is no limit."""

    segment_bytes: int = 1 << 20
    set_bytes: int = 64 << 20
    file_bytes: int | None = None


def nth(elements: Sequence[str], at: int) -> str:
    """The element's text without padding, empty when there is none. `nth(header, 6)` is ISA06."""
    return elements[at - 1].strip() if at <= len(elements) else ""


@dataclass(slots=True)
class Interchange(ABC):
    """An interchange's header. `header` holds its elements as sent, without the tag; identities read `ZZ/ACME`.

    `delimiters` are the signs it is written with; `syntax` is those made ready for its reader.
    """

    standard: ClassVar[str]
    """As guides, maps and identities name it: `x12`, `edifact`."""

    header: tuple[str, ...]
    delimiters: Any
    syntax: Any
    offset: int
    line: int = 1
    faults: list[Fault] = field(default_factory=list)

    @property
    @abstractmethod
    def sender(self) -> str: ...

    @property
    @abstractmethod
    def receiver(self) -> str: ...

    @property
    @abstractmethod
    def date(self) -> str: ...

    @property
    @abstractmethod
    def time(self) -> str: ...

    @property
    @abstractmethod
    def version(self) -> str:
        """The syntax's own version: ISA12, or UNB's syntax version number."""

    @property
    @abstractmethod
    def control(self) -> str: ...

    @property
    @abstractmethod
    def ack_requested(self) -> bool: ...

    @property
    @abstractmethod
    def usage(self) -> str:
        """`P` or `T`, or what else is said there."""

    @property
    def test(self) -> bool:
        return self.usage == "T"

    @property
    def series(self) -> str:
        """What its control number counts within, beside sender and receiver, where there are several such."""
        return ""

    def placed(self, place: Place) -> Place:
        """Where the header says what stands at that place of the standard's."""
        return replace(place, offset=self.offset, line=self.line)

    @property
    def urgent(self) -> bool:
        """Whether its sender asks for it to be processed before others, where that can be said."""
        return False


@dataclass(slots=True)
class Group(ABC):
    """A group's header, elements as sent, without the tag; it is empty where the sets stand in no group."""

    header: tuple[str, ...]
    offset: int
    line: int = 1
    faults: list[Fault] = field(default_factory=list)

    @property
    @abstractmethod
    def code(self) -> str: ...

    @property
    @abstractmethod
    def sender(self) -> str: ...

    @property
    @abstractmethod
    def receiver(self) -> str: ...

    @property
    @abstractmethod
    def date(self) -> str: ...

    @property
    @abstractmethod
    def time(self) -> str: ...

    @property
    @abstractmethod
    def control(self) -> str: ...

    @property
    @abstractmethod
    def agency(self) -> str: ...

    @property
    @abstractmethod
    def version(self) -> str: ...


class TransactionSet(ABC):
    """A set's bytes from its header to its trailer, terminators included, and what its envelope says.

    `faults` are those of the envelope (counts, control numbers, a missing trailer). `plain` promises that
    `segments()` says all there is to say about the bytes; where it is False, `syntax_faults()` says what else is the
    matter. `incomplete` when there is no trailer. `skipped` when the set was larger than the limit: `raw` is then its
    header only. `segment_count` counts header and trailer too.
    """

    __slots__ = (
        "_exact",
        "_parts",
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

    naming: ClassVar[Place]
    """The element of the header that says what the set is."""

    enveloped: ClassVar[bool] = True
    """Whether the first and the last segment are a header and a trailer, and the document only what is between."""

    syntax: Any

    def __init__(
        self,
        raw: bytes,
        spot: Spot,
        syntax: Any,
        limits: Limits,
        group_version: str = "",
        ended: bool = True,
        skipped: bool = False,
        odd: bool = False,
    ) -> None:
        self.raw = raw
        self.offset, self.line, self.column = spot
        self.syntax = syntax
        self.limits = limits
        self.group_version = group_version
        self.incomplete = not ended
        self.skipped = skipped
        self.faults: list[Fault] = []
        self._exact: tuple[list[Segment], list[Fault]] | None = None
        self._parts = None if odd or skipped or not ended else self._plain()
        self.header: list[str]
        self.trailer: list[str] | None = None
        if self._parts is None:
            self.segment_count, self.header, last = self._measure()
            self.trailer = None if self.incomplete or self.skipped else last
        else:
            self.header, last = self._divided((self._parts[0], self._parts[-1]))
            self.trailer = last if self.enveloped else None
            self.segment_count = len(self._parts)

    @abstractmethod
    def _plain(self) -> list[Any] | None:
        """All segments, normalised, undivided unless `separator` is None, where nothing is to be said of the bytes."""

    @abstractmethod
    def _measure(self) -> tuple[int, list[str], list[str]]:
        """How many segments, the first and the last, where the bytes are not plain; keeps no others."""

    @abstractmethod
    def _exactly(self, spot: Spot) -> tuple[list[Segment], list[Fault]]:
        """All segments with their places, and what is wrong or odd about their bytes."""

    @abstractmethod
    def _named(self, segment: str, element: int) -> str | None:
        """What the standard calls an element of the envelope."""

    @property
    @abstractmethod
    def separator(self) -> str | None:
        """What stands between the elements of `texts()`, never in data; None where they are divided already."""

    def _divided(self, texts: Sequence[Any]) -> list[list[str]]:
        """Of `texts()`, each as its tag and elements."""
        separator = self.separator
        return list(texts) if separator is None else [text.split(separator) for text in texts]

    @property
    @abstractmethod
    def code(self) -> str: ...

    @property
    @abstractmethod
    def control(self) -> str: ...

    @property
    @abstractmethod
    def version(self) -> str: ...

    @property
    def association(self) -> str:
        """Whose rules it says that it follows, where that is said apart from the version."""
        return ""

    @property
    def place(self) -> Place:
        """Where the header says what the set is: what is said of the set as a whole stands there."""
        return replace(self.naming, offset=self.offset, line=self.line, segment_number=1)

    @property
    def delimiters(self) -> Any:
        return self.syntax.delimiters

    @property
    def plain(self) -> bool:
        return self._parts is not None

    def texts(self) -> list[Any]:
        """Of a plain set: the segments inside the envelope, normalised, as `separator` says. The fastest way."""
        parts = self._parts or []
        return parts[1:-1] if self.enveloped else parts

    def segments(self) -> list[list[str]]:
        """The segments inside the envelope as lists of tag and elements, normalised. The fast way."""
        if self._parts is None:
            return [segment.elements for segment in self.located()]
        return self._divided(self.texts())

    def located(self) -> list[Segment]:
        """The same segments with their places and bytes. The exact way; the first one's number is 2.

        Without an envelope it is 1.
        """
        segments = self._read()[0]
        if not self.enveloped:
            return segments
        return segments[1:] if self.incomplete else segments[1:-1]

    def syntax_faults(self) -> list[Fault]:
        """What is wrong or odd about the bytes of the set's segments, header and trailer included."""
        return self._read()[1]

    def ends(self) -> tuple[bytes, bytes]:
        """The bytes of the header, and of the trailer where there is one, each up to the next segment."""
        if not self.enveloped:
            return b"", b""
        segments = self._read()[0]
        last = b"" if self.incomplete else segments[-1].raw
        return segments[0].raw or b"", last or b""

    def gap(self, raw: bytes) -> bytes | None:
        """What stands behind the terminator of a segment's bytes; None where the file ended without one."""
        terminator: bytes = self.syntax.segment
        at = self._terminator(raw)
        return raw[at + len(terminator) :] if raw.startswith(terminator, at) else None

    def _terminator(self, raw: bytes) -> int:
        """Where the terminator of a segment's bytes stands; the end where there is none."""
        at = raw.rfind(self.syntax.segment)
        return at if at >= 0 else len(raw)

    def envelope_segment(self, at: int) -> Segment:
        """The header (0), or the trailer (-1) where there is one."""
        return self._read()[0][at]

    def envelope_place(self, segment: int, element: int) -> Place:
        """The place of an element of the header (0) or the trailer (-1), or where it would stand."""
        read = self.envelope_segment(segment)
        at = min(element, len(read.elements) - 1)
        return replace(read.place(at, name=self._named(read.tag, element)), element=element)

    def _read(self) -> tuple[list[Segment], list[Fault]]:
        if self.skipped:
            alone = Segment(self.header, 1, self.offset, self.line, self.column, raw=self.raw)
            return [alone] * (2 if self.enveloped else 1), []
        if self._exact is None:
            self._exact = self._exactly(Spot(self.offset, self.line, self.column))
        return self._exact

    def __repr__(self) -> str:
        return f"TransactionSet({self.code!r}, {self.control!r}, {len(self.raw)} bytes at {self.offset})"


@dataclass(slots=True)
class GroupEnd:
    """A group's trailer, or the place where one is missing.

    `sets` is how many were read; `complete` when the trailer was there, or none belongs there and nothing is missing.
    """

    trailer: tuple[str, ...] | None
    sets: int
    complete: bool
    offset: int
    line: int = 1
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class InterchangeEnd:
    """An interchange's trailer, or the place where one is missing. `groups` is how many were read."""

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
