"""Writing says exactly what it was given or nothing: no trailing separators, no delimiter inside data, right counts.

What cannot be written so raises `NotWritable` with every fault. Written onto an original, a segment that still says
the same keeps its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.errors import NotWritable
from gateway.faults import Code, Fault, Place
from gateway.formats.segment import COMPONENT, REPETITION, Item, trimmed, trimmed_parts
from gateway.formats.writing import SetWriter
from gateway.formats.x12.charset import ALLOWED, CONTROL
from gateway.formats.x12.delimiters import WIDTHS, Delimiters
from gateway.formats.x12.events import Interchange, TransactionSet
from gateway.formats.x12.places import envelope_name

CLASH = "replace the sign in the value, or state other `separators:` in the partner's `envelope:`"
"""X12 has no way to say that a separator is meant as data."""


@dataclass(frozen=True, slots=True)
class Writer(SetWriter):
    """How one interchange is written. `line_end` stands behind every terminator: nothing, `\\n` or `\\r\\n`.

    `auto`, `basic`, `extended` and `utf-8` are written as UTF-8 (ASCII where it suffices), `latin-1` as Latin-1;
    `basic` and `extended` refuse characters outside X12.6's sets.
    """

    delimiters: Delimiters = field(default_factory=Delimiters)
    charset: str = "auto"
    line_end: str = ""

    def __post_init__(self) -> None:
        signs = str(self.delimiters)
        told_apart = len(set(signs)) == len(signs) and not any(c.isascii() and c.isalnum() for c in signs)
        if not told_apart or not _encodes(signs, self.encoding):
            raise NotWritable([Fault(Code.DELIMITER, came=signs, expected=f"four signs {self.encoding} has")])

    @property
    def encoding(self) -> str:
        return "latin-1" if self.charset == "latin-1" else "utf-8"

    def segment(self, elements: Sequence[str]) -> bytes:
        """The segment with its terminator, without a line end."""
        return (self._text(elements) + self.delimiters.segment).encode(self.encoding)

    def _text(self, elements: Sequence[str]) -> str:
        delimiters = self.delimiters
        kept = [elements[0], *trimmed(elements[1:])]
        faults = [] if _is_tag(kept[0]) else [_fault(Code.NOT_WRITABLE, kept[0], None, "a segment tag")]
        if not self._clean("".join(kept)):
            for at in range(1, len(kept)):
                faults += self._faults(kept[0], at, kept[at])
                kept[at] = self._element(kept[at])
        if faults:
            raise NotWritable(faults)
        return delimiters.element.join(kept)

    def _clean(self, text: str) -> bool:
        """Whether there is nothing to refuse and nothing to spell otherwise: so it is with most segments."""
        if not (text.isascii() and text.isprintable()) or self.charset in ALLOWED:
            return False
        return not any(sign in text for sign in str(self.delimiters))

    def _element(self, text: str) -> str:
        if COMPONENT not in text and REPETITION not in text:
            return text
        # Part by part: the sign between repetitions may be the very one that stands for components here.
        repetitions = map(self.delimiters.component.join, trimmed_parts(text))
        return (self.delimiters.repetition or "").join(repetitions)

    def _faults(self, tag: str, element: int, text: str) -> list[Fault]:
        """Why this element cannot be written; mostly nothing."""
        delimiters = self.delimiters
        data = text.replace(COMPONENT, "").replace(REPETITION, "")
        faults = []
        clashes = [sign for sign in str(delimiters) if sign in data]
        if clashes:
            told = ", ".join(f"{sign!r} ({delimiters.use_of(sign)})" for sign in clashes)
            clash = _fault(Code.NOT_WRITABLE, data, (tag, element), f"data without {told}")
            faults.append(replace(clash, hint=CLASH))
        control = next((c for c in CONTROL.findall(data) if c not in clashes), None)
        if control is not None:
            faults.append(_fault(Code.CHARACTER, control, (tag, element), "data without control characters"))
        elif (outside := self._outside(data)) is not None:
            faults.append(_fault(Code.CHARACTER, outside, (tag, element), f"{self.charset} characters"))
        if COMPONENT in text.rstrip(COMPONENT + REPETITION) and not delimiters.component:
            faults.append(_fault(Code.NOT_WRITABLE, data, (tag, element), "a component separator in ISA16"))
        if REPETITION in text.rstrip(COMPONENT + REPETITION) and not delimiters.repetition:
            faults.append(_fault(Code.NOT_WRITABLE, data, (tag, element), "a repetition separator in ISA11"))
        return faults

    def _outside(self, data: str) -> str | None:
        """The first character the charset does not have."""
        if data.isascii() and self.charset not in ALLOWED:
            return None
        allowed = ALLOWED.get(self.charset)
        if allowed is not None:
            return next((character for character in data if character not in allowed), None)
        return next((character for character in data if not _encodes(character, self.encoding)), None)

    # -- envelopes

    @classmethod
    def like(cls, came: Interchange, charset: str = "auto", line_end: str = "") -> Writer:
        """Writes with the delimiters of what came."""
        return cls(came.delimiters, charset, line_end)

    def reference(self, number: int) -> str:
        return f"{number:04d}"

    def heading(self, code: str, version: str, number: int) -> tuple[str, str]:
        """ST01 and ST02; the version stands in the group."""
        return code, self.reference(number)

    def renumbered(self, header: Sequence[str], number: int) -> list[str]:
        return [header[1], self.reference(number), *header[3:]]

    def transaction_set(
        self, header: Sequence[str], body: Iterable[Item], onto: TransactionSet | None = None
    ) -> bytes:
        """ST to SE. `header` is `["850", "0001"]` (ST01, ST02, perhaps ST03); SE is counted.

        With `onto`, which must have been read with these delimiters, a segment whose `source` still says the same
        is written as its bytes were; so are ST and SE when nothing in them changes.
        """
        return self.written_set(["ST", *header], body, "SE", header[1], onto)

    def group(self, header: Sequence[str], sets: Sequence[bytes]) -> bytes:
        """GS, the sets, and a GE that counts them. `header` is GS01 to GS08."""
        trailer = ["GE", str(len(sets)), header[5]]
        return b"".join((self.line(["GS", *header]), *map(self.closed, sets), self.line(trailer)))

    def interchange(
        self,
        header: Sequence[str],
        groups: Sequence[bytes],
        acknowledgments: Sequence[Sequence[str]] = (),
    ) -> bytes:
        """ISA at its fixed width, TA1s, the groups, and an IEA that counts them. `header` is ISA01 to ISA16.

        ISA11 (from 00402 on) and ISA16 must be the writer's delimiters; `isa` makes such a header.
        """
        acknowledged = [self.line(["TA1", *elements]) for elements in acknowledgments]
        trailer = self.line(["IEA", str(len(groups)), header[12].strip().zfill(9)])
        return b"".join((self._isa(header), *acknowledged, *groups, trailer))

    def _isa(self, header: Sequence[str]) -> bytes:
        delimiters = self.delimiters
        faults: list[Fault] = []
        if len(header) != 16:
            raise NotWritable([_fault(Code.ISA_ELEMENT, str(len(header)), ("ISA", 16), "16 elements")])
        elements = []
        for at, (text, width) in enumerate(zip(header, WIDTHS, strict=True), 1):
            fitted = text.strip().zfill(width) if at == 13 else text.ljust(width)
            signs = (11, 16)
            expected = delimiters.component if at == 16 else delimiters.repetition if at == 11 else None
            if len(fitted) != width or (expected is not None and text != expected):
                faults.append(_fault(Code.ISA_ELEMENT, text, ("ISA", at), expected or f"{width} characters"))
            elif at not in signs or expected is None:
                faults += self._faults("ISA", at, fitted)
            elements.append(fitted)
        if faults:
            raise NotWritable(faults)
        text = delimiters.element.join(["ISA", *elements]) + delimiters.segment + self.line_end
        return text.encode(self.encoding)

    def isa(
        self,
        sender: str,
        receiver: str,
        at: datetime,
        control: int,
        version: str = "00401",
        test: bool = False,
        ack_requested: bool = False,
    ) -> tuple[str, ...]:
        """ISA01 to ISA16. Identities are `ZZ/ACME`."""
        standard = "U" if version < "00402" or not self.delimiters.repetition else self.delimiters.repetition
        from_qualifier, _, from_id = sender.partition("/")
        to_qualifier, _, to_id = receiver.partition("/")
        return (
            "00",
            " " * 10,
            "00",
            " " * 10,
            from_qualifier,
            from_id,
            to_qualifier,
            to_id,
            f"{at:%y%m%d}",
            f"{at:%H%M}",
            standard,
            version,
            f"{control:09d}",
            "1" if ack_requested else "0",
            "T" if test else "P",
            self.delimiters.component,
        )


def gs(code: str, sender: str, receiver: str, at: datetime, control: int, version: str) -> tuple[str, ...]:
    """GS01 to GS08, dated CCYYMMDD as from version 004010 on (YYMMDD before)."""
    day = f"{at:%Y%m%d}" if version >= "004010" else f"{at:%y%m%d}"
    return (code, sender, receiver, day, f"{at:%H%M}", str(control), "X", version)


def _is_tag(text: str) -> bool:
    return 2 <= len(text) <= 3 and text.isascii() and text.isalnum() and text == text.upper()


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _fault(code: Code, came: str, at: tuple[str, int] | None, expected: str) -> Fault:
    tag, element = at or (came, None)
    place = Place(segment=tag, element=element, name=envelope_name(tag, element) if at else None)
    return Fault(code, place, came, expected)
