"""Writing says exactly what it was given or nothing: every field in its columns, nothing cut, nothing shifted.

What cannot be written so raises `NotWritable` with every fault. Written onto an original, a record that still says the
same keeps its bytes, and of one that changed so does every field that did not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from gateway.errors import NotWritable
from gateway.faults import Code, Fault, Place
from gateway.formats.events import Limits
from gateway.formats.fixed.divide import packed
from gateway.formats.fixed.events import Interchange, Syntax, TransactionSet, syntax
from gateway.formats.records.layout import OPEN, Field, Layout, RecordType
from gateway.formats.records.write import RecordWriter, place_of
from gateway.formats.segment import Item, trimmed
from gateway.formats.spot import Spot


@dataclass(frozen=True, slots=True)
class Writer(RecordWriter):
    """How one file of fixed records is written. `line_end` stands behind every record, where the layout has lines.

    Records are as long as the layout says; without that as long as their fields reach.
    """

    NEWLINE: ClassVar = "\n"

    layout: Layout
    line_end: str = NEWLINE

    @classmethod
    def like(cls, came: Interchange, charset: str = "auto", line_end: str = "") -> Writer:
        """A writer that writes as the batch was written; the layout says the encoding."""
        return cls(came.layout, line_end or "\n")

    @property
    def _syntax(self) -> Syntax:
        return syntax(self.layout)

    @property
    def _end(self) -> str:
        return self.line_end if self.layout.lines else ""

    def segment(self, elements: Sequence[str]) -> bytes:
        """The record without a line end."""
        return self._encoded(self._text(elements, None), elements[0])

    def line(self, elements: Sequence[str]) -> bytes:
        return self.segment(elements) + self._end.encode(self.layout.encoding)

    def _item(self, item: Item, onto: Any) -> bytes:
        if isinstance(item, Sequence):
            return self.line(item)
        source = item.source
        if source is None or source.raw is None or onto is None:
            return self.line(item.elements)
        ready = self._syntax
        first = ready.pieces(source.raw)[0]
        end = first[len(first.removesuffix(ready.segment).removesuffix(ready.back.encode(ready.encoding))) :]
        gap = source.raw[len(first) :]
        lacking = self._end.encode(ready.encoding) if ready.segment and not end else b""
        if trimmed(item.elements) == trimmed(source.elements):
            return source.raw + lacking
        text, _ = ready.text(first)
        changed = self._text(item.elements, (text, source.elements))
        if self.layout.length is None:  # no blanks that were not there before
            changed = changed.rstrip(" ").ljust(len(text))
        return self._encoded(changed, item.elements[0]) + (end or lacking) + gap

    def read_back(self, data: bytes, number: int) -> TransactionSet:
        return TransactionSet(data, Spot(), self._syntax, Limits(), number)

    def _text(self, elements: Sequence[str], was: tuple[str, Sequence[str]] | None) -> str:
        """The record's columns: fresh, or those of the record it was with the fields that changed."""
        type = self.layout.types.get(elements[0])
        if type is None:
            known = ", ".join(self.layout.types)
            raise NotWritable(
                [Fault(Code.NOT_WRITABLE, Place(segment=elements[0]), elements[0], f"one of {known}")]
            )
        size = self.layout.length or type.size
        text, before = was or (_blank(type), [type.tag])
        columns = list(text.ljust(size))
        faults: list[Fault] = []
        for at, field in enumerate(type.fields, 1):
            said, stood = _get(elements, at), _get(before, at)
            if said == stood:
                continue
            try:
                columns[field.first - 1 : field.last] = self._field(field, said)
            except ValueError as error:
                faults.append(Fault(Code.NOT_WRITABLE, place_of(type, at), said, str(error)))
        if len(elements) > len(type.fields) + 1 and any(elements[len(type.fields) + 1 :]):
            wanted = f"{len(type.fields)} fields"
            faults.append(
                Fault(Code.NOT_WRITABLE, Place(segment=type.tag), f"{len(elements) - 1} fields", wanted)
            )
        if faults:
            raise NotWritable(faults)
        return "".join(columns)

    def _field(self, field: Field, text: str) -> str:
        """The field's columns. Raises ValueError with what was expected."""
        if field.packed and text:
            return packed(text, field.width, self.layout.encoding)
        if not text.isprintable():
            raise ValueError("a text without control characters")
        if field.signed and text[-1:] not in ("", "-", "+"):
            text += " "
        if len(text) > field.width:
            raise ValueError(f"at most {field.width} characters")
        try:
            text.encode(self.layout.encoding)
        except UnicodeEncodeError as error:
            raise ValueError(f"characters that {self.layout.encoding} has, not {text[error.start]}") from None
        if not text:
            return "" if field.last == OPEN else " " * field.width
        return text if field.last == OPEN else _filled(field, text)

    def _encoded(self, text: str, tag: str) -> bytes:
        try:
            return text.encode(self.layout.encoding)
        except UnicodeEncodeError as error:
            raise NotWritable(
                [Fault(Code.CHARACTER, Place(segment=tag), text[error.start], self.layout.encoding)]
            ) from None


def _filled(field: Field, text: str) -> str:
    """Filled up to the field's width; zeros stand behind a sign."""
    if not field.right:
        return text.ljust(field.width)
    if field.fill == "0" and text.startswith("-"):
        return "-" + text[1:].rjust(field.width - 1, "0")
    return text.rjust(field.width, field.fill)


def _blank(type: RecordType) -> str:
    """A record that says nothing but its type."""
    columns: list[str] = []
    for mark in type.marks:
        columns.extend(" " * (mark.last - len(columns)))
        columns[mark.first - 1 : mark.last] = mark.text.ljust(mark.last - mark.first + 1)
    return "".join(columns)


def _get(elements: Sequence[str], at: int) -> str:
    return elements[at] if at < len(elements) else ""
