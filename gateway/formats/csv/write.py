"""Writing says exactly what it was given or nothing: every value in its column, quoted where it must be.

What cannot be written so raises `NotWritable` with every fault. Written onto an original, a row that still says the
same keeps its bytes, and of one that changed so does every cell that did not; columns nobody knows stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from gateway.errors import NotWritable
from gateway.faults import Code, Fault, Place
from gateway.formats.csv.columns import Columns
from gateway.formats.csv.events import Interchange, RowRecord, Standing, TransactionSet
from gateway.formats.csv.rows import newline_of, quoted, rows_of, unwrapped
from gateway.formats.events import Limits
from gateway.formats.records.layout import Layout, RecordType
from gateway.formats.records.write import RecordWriter, place_of
from gateway.formats.segment import Item, Segment
from gateway.formats.spot import Spot


class _Record(NamedTuple):
    """A record to write, its number in the document, and the one it was read from."""

    number: int
    elements: Sequence[str]
    source: Segment | None


@dataclass(frozen=True, slots=True)
class Writer(RecordWriter):
    """How one file of rows is written: with the columns of `names`, a first row that was read; else the layout's."""

    NEWLINE: ClassVar = "\r\n"

    layout: Layout
    line_end: str = NEWLINE
    names: bytes = b""

    @classmethod
    def like(cls, came: Interchange, charset: str = "auto", line_end: str = "") -> Writer:
        """A writer that writes as the file was written: its columns in their order."""
        columns: Columns = came.syntax
        return cls(came.layout, line_end or columns.end, columns.header.raw if columns.header else b"")

    def segment(self, elements: Sequence[str]) -> bytes:
        """The record as a row of its own, without a line end."""
        return self._fresh([_Record(1, elements, None)]).encode(self.layout.encoding)

    def line(self, elements: Sequence[str]) -> bytes:
        return self.segment(elements) + self.line_end.encode()

    def transaction_set(self, header: Sequence[str], body: Iterable[Item], onto: Any = None) -> bytes:
        faults: list[Fault] = []
        rows: list[bytes] = []
        for records in self._rows(body):
            try:
                rows.append(self._row(records, onto is not None))
            except NotWritable as error:
                number = records[-1].number
                faults += [
                    replace(one, place=replace(one.place, segment_number=number)) for one in error.faults
                ]
        if faults:
            raise NotWritable(faults)
        return self._as_it_ended(b"".join(rows), onto)

    def interchange(self, header: Sequence[Any], inside: Sequence[bytes]) -> bytes:
        """The row of column names, where the layout has one, and the batch."""
        # Called by name: a dataclass with slots is another class than the one `super()` was compiled in.
        names = self._columns.header
        return (names.raw if names else b"") + RecordWriter.interchange(self, header, inside)

    def read_back(self, data: bytes, number: int) -> TransactionSet:
        found = rows_of(data, self.layout.encoding, self.layout.delimiter, newline_of(data))
        return TransactionSet(data, [row.cells for row in found], Spot(), self._columns, Limits(), number)

    # -- rows

    @property
    def _columns(self) -> Columns:
        return _columns(self.layout, self.names, self.line_end)

    def _rows(self, body: Iterable[Item]) -> Iterator[list[_Record]]:
        """The records that share a row, from the document's level down."""
        held: list[_Record] = []
        levels, waiting = self.layout.levels, False
        for number, item in enumerate(body, 1):
            known = isinstance(item, Sequence)
            elements = item if isinstance(item, Sequence) else item.elements
            source = None if known or isinstance(item, Sequence) else item.source
            record = _Record(number, elements, source)
            if not levels:
                yield [record]
                continue
            depth = levels.index(elements[0]) if elements[0] in levels else len(levels)
            if depth <= len(held) - 1 and waiting:
                yield held[:]
            held = [*held[:depth], record]
            waiting = True
            if depth == len(levels) - 1:
                yield held[:]
                waiting = False
        if waiting:
            yield held

    def _row(self, records: list[_Record], onto: bool) -> bytes:
        source = records[-1].source
        if not onto or not isinstance(source, RowRecord) or not source.raw:
            return (self._fresh(records) + self.line_end).encode(self.layout.encoding)
        text, cells, size = source.row
        changed = self._changed(records, source.row)
        gap = source.raw[size:]
        raw = source.raw[:size]
        if changed:
            for at in sorted(changed, reverse=True):
                start, end, _ = cells[at]
                text = text[:start] + self._cell_like(text[start:end], changed[at]) + text[end:]
            raw = text.encode(self.layout.encoding)
        if not raw.endswith((b"\n", b"\r")):
            raw += self.line_end.encode()
        return raw + gap

    def _changed(self, records: list[_Record], row: Standing) -> dict[int, str]:
        """The cells of the row that now say something else."""
        found: dict[int, str] = {}
        faults: list[Fault] = []
        for record in records:
            type = self._type(record.elements[0])
            for at, cell in enumerate(self._columns.at[type.tag], 1):
                said = _get(record.elements, at)
                there = cell is not None and cell < len(row.cells)
                stood = unwrapped(row.cells[cell or 0].text).strip() if there else ""
                stood = "" if stood in type.fields[at - 1].nothing else stood
                if said == stood or (not stood and record is not records[-1] and _said(record, at) == said):
                    continue
                if cell is None or cell >= len(row.cells):
                    faults.append(Fault(Code.NOT_WRITABLE, place_of(type, at), said, "a column of the file"))
                else:
                    found[cell] = said
                    faults += self._faults(type, at, said)
        if faults:
            raise NotWritable(faults)
        return found

    def _fresh(self, records: list[_Record]) -> str:
        """A new row."""
        columns = self._columns
        cells: list[str] = [""] * columns.width
        faults: list[Fault] = []
        for record in records:
            type = self._type(record.elements[0])
            if len(record.elements) > len(type.fields) + 1:
                wanted = f"{len(type.fields)} fields"
                place = Place(segment=type.tag)
                faults.append(Fault(Code.NOT_WRITABLE, place, f"{len(record.elements) - 1} fields", wanted))
                continue
            for mark in type.marks:
                _put(cells, mark.first - 1, mark.text)
            for at, cell in enumerate(columns.at[type.tag], 1):
                said = _get(record.elements, at)
                if said and cell is None:
                    faults.append(Fault(Code.NOT_WRITABLE, place_of(type, at), said, "a column of the file"))
                elif cell is not None:
                    faults += self._faults(type, at, said)
                    _put(cells, cell, said or (cells[cell] if cell < len(cells) else ""))
        if faults:
            raise NotWritable(faults)
        return self.layout.delimiter.join(quoted(cell, self.layout.delimiter) for cell in cells)

    def _type(self, tag: str) -> RecordType:
        type = self.layout.types.get(tag)
        if type is None:
            expected = f"one of {', '.join(self.layout.types)}"
            raise NotWritable([Fault(Code.NOT_WRITABLE, Place(segment=tag), tag, expected)])
        return type

    def _faults(self, type: RecordType, at: int, said: str) -> list[Fault]:
        """Why this cell cannot be written; mostly nothing."""
        if not said.isprintable():
            expected = "a text without control characters"
        elif unwrapped(said) != said or said != said.strip():
            expected = "a text that reads back as itself"
        else:
            try:
                said.encode(self.layout.encoding)
            except UnicodeEncodeError as error:
                expected = f"characters that {self.layout.encoding} has, not {said[error.start]}"
            else:
                return []
        return [Fault(Code.NOT_WRITABLE, place_of(type, at), said, expected)]

    def _cell_like(self, stood: str, said: str) -> str:
        """The cell with the habits of the one that stood there: Excel's `="0012"`, quotation marks, blanks."""
        if stood.startswith('="') and stood.endswith('"') and '"' not in said:
            return f'="{said}"'
        return quoted(said, self.layout.delimiter, always=stood.startswith('"'))


@lru_cache(maxsize=64)
def _columns(layout: Layout, names: bytes, line_end: str) -> Columns:
    """The columns of a first row, or the layout's in its order."""
    if not layout.header:
        return Columns(layout)
    if not names:
        headings = [field.heading for one in layout.records for field in one.fields if field.heading]
        cells = [quoted(one, layout.delimiter) for one in dict.fromkeys(headings)]
        names = (layout.delimiter.join(cells) + line_end).encode(layout.encoding)
    newline = newline_of(names)
    return Columns(layout, rows_of(names, layout.encoding, layout.delimiter, newline)[0], newline)


def _said(record: _Record, at: int) -> str:
    """What the element said in the document that was read."""
    return _get(record.source.elements, at) if record.source is not None else ""


def _put(cells: list[str], at: int, text: str) -> None:
    cells.extend([""] * (at + 1 - len(cells)))
    cells[at] = text


def _get(elements: Sequence[str], at: int) -> str:
    return elements[at] if at < len(elements) else ""
