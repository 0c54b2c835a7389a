"""What reading fixed records yields: batches, and documents that divide their records when they are plain."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, ClassVar

from gateway.faults import Code, Fault
from gateway.formats.fixed.divide import SEPARATORS, SYMBOLS, Divides, classifier, divider, field_text
from gateway.formats.records import events
from gateway.formats.records.events import Signs
from gateway.formats.records.layout import Layout, RecordType
from gateway.formats.records.record import Record
from gateway.formats.segment import Segment, trimmed
from gateway.formats.spot import Spot

BLANK = " \t\r\n\x1a\x00\x85"
"""A record of nothing else is none: an empty line, or the end that old systems mark."""


class Syntax:
    """A layout made ready to read: `newline` ends records, `back` may stand before it; both are empty without lines."""

    __slots__ = ("back", "classify", "divide", "encoding", "layout", "newline", "segment", "width")

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.encoding = layout.encoding
        self.newline, self.back = ("\n", "\r") if layout.lines else ("", "")
        self.segment = self.newline.encode(layout.encoding)
        self.classify = classifier(layout)
        self.divide: Divides = divider(layout)
        self.width = layout.length or 0

    def __reduce__(self) -> tuple[Any, ...]:
        return syntax, (self.layout,)

    @property
    def signs(self) -> Signs:
        return Signs(self.encoding, self.newline, "", self.layout.length)

    def inside(self, raw: bytes) -> bytes:
        """What identifies a document's bytes: however its records end."""
        return raw.replace(self.back.encode(self.encoding) + self.segment, self.segment) if self.back else raw

    def texts(self, raw: bytes) -> list[str]:
        """The records' texts without their ends. Raises UnicodeDecodeError."""
        text = raw.decode(self.encoding)
        if not self.newline:
            return [text[at : at + self.width] for at in range(0, len(text), self.width)]
        if "\r" in text:
            crlf = text.count("\r\n")
            if crlf != text.count("\r") or crlf < text.count("\n"):
                return [one.removesuffix("\r") for one in text.split("\n")]
            return text.split("\r\n")
        return text.split("\n")

    def pieces(self, raw: bytes) -> list[bytes]:
        """The records' bytes with their ends, which a last one may lack; none is empty."""
        if not self.newline:
            return [raw[at : at + self.width] for at in range(0, len(raw), self.width)]
        if self.segment == b"\n":
            return io.BytesIO(raw).readlines()
        parts = raw.split(self.segment)
        kept = [part + self.segment for part in parts[:-1]]
        return [*kept, parts[-1]] if parts[-1] else kept

    def text(self, piece: bytes) -> tuple[str, int | None]:
        """A record's text without its end, and which of its bytes is the first that is no text."""
        data = piece.removesuffix(self.segment) if self.segment else piece
        data = data.removesuffix(self.back.encode(self.encoding)) if self.back else data
        try:
            text, bad = data.decode(self.encoding), None
        except UnicodeDecodeError as error:
            text, bad = data.decode(self.encoding, "replace"), error.start
        return text, bad

    def record(
        self, piece: bytes, spot: Spot, number: int, first: bool = False
    ) -> tuple[Record, list[Fault]]:
        """One record with its places, and what is wrong with its bytes; `first` in its file."""
        text, bad = self.text(piece)
        type = self.layout.first if first and self.layout.first else self.classify(text)
        offset, line, column = spot
        found = Record(
            self._elements(text, type), number, offset, line, column, self._starts(text, type, spot), piece
        )
        found.type = type
        faults = self._sized(found, text, type)
        if bad is not None:
            at = self._element_at(type, len(piece[:bad].decode(self.encoding, "replace")))
            came, hint = f"byte {piece[bad]:02X}", "see `encoding:` in the guide"
            faults.append(Fault(Code.ENCODING, found.place(at), came, self.encoding, hint=hint))
        if (odd := next((at for at, sign in enumerate(text) if sign in SEPARATORS), None)) is not None:
            place = found.place(self._element_at(type, odd))
            faults.append(Fault(Code.CHARACTER, place, text[odd], "data without separators of our own"))
        return found, faults

    def _elements(self, text: str, type: RecordType | None) -> list[str]:
        text = text.translate(SYMBOLS)
        if type is None:
            return [self._marked(text), text]
        return trimmed([type.tag, *(field_text(field, text, self.encoding) for field in type.fields)])

    def _marked(self, text: str) -> str:
        """What stands where types are marked."""
        marks = next((record.marks for record in self.layout.records if record.marks), ())
        return "".join(text[mark.first - 1 : mark.last] for mark in marks).strip() or text[:8].strip() or "?"

    def _starts(self, text: str, type: RecordType | None, spot: Spot) -> list[tuple[int, int, int]]:
        """Where the record and each of its fields begin."""
        offset, line, column = spot
        places = [(offset, line, column)]
        for field in type.fields if type else ():
            before = min(field.first - 1, len(text))
            size = before if text.isascii() else len(text[:before].encode(self.encoding, "replace"))
            places.append((offset + size, line, before + 1))
        return places

    def _sized(self, found: Record, text: str, type: RecordType | None) -> list[Fault]:
        """Whether the record is as long as its fields."""
        if type is None:
            return []
        last = len(text) if type.open else type.size
        length, size = self.layout.length, len(text)
        wanted = f"{length or last} characters"
        if size < (length or 0) or (length is None and self._cut(type, size)):
            at = next((n for n, field in enumerate(type.fields, 1) if field.last > size), None)
            return [Fault(Code.RECORD_SHORT, found.place(at), f"{size} characters", wanted)]
        if (length is not None and size > length) or text[last:].strip(BLANK):
            behind = text[length if length is not None else last :].strip()
            if behind:
                place = Spot(found.offset or 0, found.line or 1, (length or last) + 1).place(found.tag)
                return [Fault(Code.RECORD_LONG, place, behind, wanted)]
        return []

    @staticmethod
    def _cut(type: RecordType, size: int) -> bool:
        """Whether a record of that size ends inside a field that is never cut: a text only lacks its blanks."""
        return any(field.first - 1 < size < field.last for field in type.fields if field.whole)

    @staticmethod
    def _element_at(type: RecordType | None, at: int) -> int | None:
        fields = type.fields if type else ()
        return next((n for n, field in enumerate(fields, 1) if field.first <= at + 1 <= field.last), None)


@lru_cache(maxsize=64)
def syntax(layout: Layout) -> Syntax:
    return Syntax(layout)


class Interchange(events.Interchange):
    standard = "fixed"


class TransactionSet(events.TransactionSet):
    """A document of fixed records."""

    __slots__ = ()

    separator: ClassVar[None] = None

    def _plain(self) -> list[list[str]] | None:
        raw, syntax = self.raw, self.syntax
        try:
            texts: list[str] = syntax.texts(raw)
        except UnicodeDecodeError:
            return None
        if b"\x1f" in raw or b"\x1e" in raw:
            return None
        if not texts[-1]:
            del texts[-1]
        found: list[list[str]] | None = syntax.divide(texts)
        return found

    def _exactly(self, spot: Spot) -> tuple[list[Segment], list[Fault]]:
        records: list[Segment] = []
        faults: list[Fault] = []
        for piece in self.syntax.pieces(self.raw):
            text, _ = self.syntax.text(piece)
            if records and not text.strip(BLANK):
                last = records[-1]
                last.raw = (last.raw or b"") + piece
            else:
                record, wrong = self.syntax.record(piece, spot, len(records) + 1)
                records.append(record)
                faults += wrong
            spot = Spot(spot.offset + len(piece), spot.line + 1, 1)
        return records, faults
