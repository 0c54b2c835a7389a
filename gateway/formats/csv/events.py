"""What reading rows yields: batches, and documents that divide their rows into records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from gateway.faults import Code, Fault, Place
from gateway.formats.csv.columns import Columns
from gateway.formats.csv.rows import Cell, Row, cells, rows_of, unwrapped
from gateway.formats.events import Limits
from gateway.formats.records import events
from gateway.formats.records.layout import RecordType
from gateway.formats.records.record import Record
from gateway.formats.segment import COMPONENT, REPETITION, Segment
from gateway.formats.spot import Spot

SYMBOLS = {ord(REPETITION): "\u241e", ord(COMPONENT): "\u241f"}
"""Data is never taken for a separator."""


class RowRecord(Record):
    """A record of a row; several levels may share one. `row` is that row as it stands in the file.

    The last level has the row's bytes, and those of lines behind it that hold nothing; of the others `raw` is empty.
    """

    __slots__ = ("row",)

    row: Standing


class Standing(NamedTuple):
    """A row's text, its cells' places there, and how many bytes it has."""

    text: str
    cells: list[Cell]
    size: int


class Spread(NamedTuple):
    """One record of a document: its type, the row it stands in, and its elements."""

    type: RecordType
    row: int
    elements: list[str]


class Differs(NamedTuple):
    """A row that says otherwise than the first of its level, at an element of that."""

    type: RecordType
    row: int
    element: int
    came: str
    expected: str


class Interchange(events.Interchange):
    standard = "csv"


class TransactionSet(events.TransactionSet):
    """A document of rows. `cells` are theirs, where nothing is odd about any; `bare` as `Lines` are.

    `first` where it is but the file's first row, which may be the layout's first record.
    """

    __slots__ = ("bare", "cells", "first")

    separator: ClassVar[None] = None

    def __init__(
        self,
        raw: bytes,
        cells: list[list[str]] | None,
        spot: Spot,
        syntax: Columns,
        limits: Limits,
        number: int,
        skipped: bool = False,
        bare: bool = False,
        first: bool = False,
    ) -> None:
        self.cells = cells
        self.bare = bare
        self.first = first
        super().__init__(raw, spot, syntax, limits, number, skipped)

    def _plain(self) -> list[list[str]] | None:
        rows, raw = self.cells, self.raw
        if rows is None or (not self.bare and (b"\x1f" in raw or b"\x1e" in raw)):
            return None
        if not self.bare:
            rows = [row for row in rows if row]
            if b'="' in raw:
                rows = [[unwrapped(cell) for cell in row] for row in rows]
        width = self.syntax.width
        if width and set(map(len, rows)) != {width}:
            return None
        return self._typed(rows) if not self.syntax.layout.levels else self._levelled(rows)

    def _typed(self, rows: list[list[str]]) -> list[list[str]] | None:
        """Each row a record."""
        columns: Columns = self.syntax
        types = [columns.type_of(row) for row in rows]
        if None in types:
            return None
        return [columns.make[one.tag](row) for one, row in zip(types, rows, strict=True) if one is not None]

    def _levelled(self, rows: list[list[str]]) -> list[list[str]] | None:
        """Each row a record of every level, where the rows say the same of the levels they share."""
        columns: Columns = self.syntax
        levels = columns.layout.levels
        if len(levels) != 2 or columns.layout.types[levels[1]].by:
            spread = list(_spread(columns, rows))
            found = [one.elements for one in spread if isinstance(one, Spread)]
            return found if len(found) == len(spread) else None
        head, leaf = columns.make[levels[0]], columns.make[levels[1]]
        said = list(map(columns.whole[levels[0]], rows))
        if said.count(said[0]) != len(rows) and any([one != said[0] and any(one) for one in said]):
            return None
        bare = self.bare and columns.width >= columns.least
        parts = columns.quick[levels[1]](rows) if bare else list(map(leaf, rows))
        return [head(rows[0]), *[elements for elements in parts if len(elements) > 1]]

    def _exactly(self, spot: Spot) -> tuple[list[Segment], list[Fault]]:
        return _Exact(self, spot).read()


class _Exact:
    """One document row by row, with the places of everything."""

    def __init__(self, found: TransactionSet, spot: Spot) -> None:
        self.found = found
        self.columns: Columns = found.syntax
        self.spot = spot
        self.records: list[RowRecord] = []
        self.faults: list[Fault] = []
        self.spots: list[Spot] = []
        self.placed: list[Standing] = []
        self.there: list[Row] = []

    def read(self) -> tuple[list[Segment], list[Fault]]:
        said: list[list[str]] = []
        raws: list[bytes] = []
        for row in rows_of(
            self.found.raw, self.columns.encoding, self.columns.delimiter, self.columns.newline
        ):
            if any(cell.strip() for cell in row.cells) or not raws:
                self._row(row)
                raws.append(row.raw)
                said.append([unwrapped(cell).translate(SYMBOLS) for cell in row.cells])
            else:
                raws[-1] += row.raw
            self.spot = Spot(self.spot.offset + len(row.raw), self.spot.line + row.lines, 1)
        spread = _spread(self.columns, said) if self.columns.layout.levels else self._types(said)
        holds: dict[int, RowRecord] = {}
        for one in spread:
            if isinstance(one, Differs):
                record = self._record(one.type, one.row, [one.type.tag])
                fault = Fault(Code.ROWS_DIFFER, record.place(one.element), one.came, one.expected)
                self.faults.append(fault)
            else:
                holds[one.row] = self._record(one.type, one.row, one.elements)
                self.records.append(holds[one.row])
        holder = holds[0]
        for at, raw in enumerate(raws):
            holder = holds.get(at, holder)
            holder.raw = (holder.raw or b"") + raw
        return list(self.records), self.faults

    def _row(self, row: Row) -> None:
        """Notes where the row's cells stand, and what is wrong with it."""
        text = row.raw.decode(self.columns.encoding, "replace")
        places = cells(text, self.columns.delimiter) if not row.broken else []
        self.spots.append(self.spot)
        self.placed.append(Standing(text, places, len(row.raw)))
        self.there.append(row)
        if row.broken:
            began = text.find('"')
            place = Spot(self.spot.offset + max(began, 0), self.spot.line, max(began, 0) + 1).place()
            told = any(field.secret for one in self.columns.layout.records for field in one.fields)
            self.faults.append(Fault(Code.QUOTE, place, None if told else text.rstrip("\r\n")))
            return
        if row.odd:
            self._undecodable(row, places)
        if (
            odd := next(
                (at for at, cell in enumerate(row.cells) if REPETITION in cell or COMPONENT in cell), None
            )
        ) is not None:
            place = self._at(len(self.there) - 1, odd)
            self.faults.append(
                Fault(Code.CHARACTER, place, row.cells[odd], "data without separators of our own")
            )
        width, size = self.columns.width, len(row.cells)
        wanted = f"{width} cells"
        if size < width:
            place = self._at(len(self.there) - 1, size - 1)
            names = self.columns.header.cells[size:width] if self.columns.header else []
            self.faults.append(
                Fault(Code.RECORD_SHORT, place, f"{size} cells", f"{wanted}, also {', '.join(names)}")
            )
        elif width and any(cell.strip() for cell in row.cells[width:]):
            surplus = next(at for at in range(width, size) if row.cells[at].strip())
            place = self._at(len(self.there) - 1, surplus)
            self.faults.append(Fault(Code.RECORD_LONG, place, row.cells[surplus], wanted))

    def _undecodable(self, row: Row, places: list[Cell]) -> None:
        try:
            row.raw.decode(self.columns.encoding)
        except UnicodeDecodeError as error:
            before = len(row.raw[: error.start].decode(self.columns.encoding, "replace"))
            at = next((n for n, cell in enumerate(places) if before <= cell.end), 0)
            came, hint = f"byte {row.raw[error.start]:02X}", "see `encoding:` in the guide"
            place = self._at(len(self.there) - 1, at)
            self.faults.append(Fault(Code.ENCODING, place, came, self.columns.encoding, hint=hint))

    def _types(self, said: list[list[str]]) -> Iterator[Spread]:
        for at, row in enumerate(said):
            type = self.columns.layout.first if self.found.first else self.columns.type_of(row)
            type = type or self.columns.type_of(row)
            if type is None:
                marks = next((one.marks for one in self.columns.layout.records if one.marks), ())
                tag = " ".join(row[mark.first - 1] for mark in marks if len(row) >= mark.first).strip() or "?"
                yield Spread(RecordType(tag, ()), at, [tag, *row])
            else:
                yield Spread(type, at, self.columns.make[type.tag](row))

    def _record(self, type: RecordType, row: int, elements: list[str]) -> RowRecord:
        spot = self.spots[row]
        number = len(self.records) + 1
        known = type.tag in self.columns.layout.types
        starts = [self._start(row, cell) for cell in self.columns.at[type.tag]] if known else []
        whole = (spot.offset, spot.line, 1)
        found = RowRecord(elements, number, spot.offset, spot.line, 1, [whole, *starts], b"")
        found.type = type if known else None
        found.row = self.placed[row]
        return found

    def _start(self, row: int, cell: int | None) -> tuple[int, int, int]:
        """Where a cell begins; the row where it has none."""
        spot, (text, places, _) = self.spots[row], self.placed[row]
        if cell is None or cell >= len(places):
            return spot.offset, spot.line, 1
        before = text[: places[cell].start]
        size = len(before) if before.isascii() else len(before.encode(self.columns.encoding, "replace"))
        breaks = before.count("\n")
        column = len(before) - before.rfind("\n") if breaks else len(before) + 1
        return spot.offset + size, spot.line + breaks, column

    def _at(self, row: int, cell: int) -> Place:
        """The place of a cell, called by the field that it is."""
        columns = self.columns
        for tag, at in columns.at.items():
            if columns.layout.levels and cell in at:
                type = columns.layout.types[tag]
                record = self._record(type, row, [tag])
                return record.place(at.index(cell) + 1)
        offset, line, column = self._start(row, cell)
        return Spot(offset, line, column).place(columns.layout.head)


def _spread(columns: Columns, rows: Sequence[Sequence[str]]) -> Iterator[Spread | Differs]:
    """The records of a document's rows: of a level above the last when its key is another, of the last for every row.

    A level that a row leaves blank is the one before.
    """
    levels = [columns.layout.types[tag] for tag in columns.layout.levels]
    held: list[tuple[object, list[str]] | None] = [None] * len(levels)
    for at, row in enumerate(rows):
        fresh = False
        for depth, type in enumerate(levels):
            elements = columns.make[type.tag](row)
            last = depth == len(levels) - 1 and not type.by and depth > 0
            before = held[depth]
            if last or before is None or fresh:
                new = True
            else:
                key = [elements[n] if n < len(elements) else "" for n in type.by]
                new = depth > 0 and key != before[0] and len(elements) > 1
            if not new and before is not None:
                yield from _difference(type, at, before[1], elements)
            elif len(elements) > 1 or not depth:
                held[depth] = [elements[n] if n < len(elements) else "" for n in type.by], elements
                fresh = True
                yield Spread(type, at, elements)


def _difference(type: RecordType, row: int, first: list[str], elements: list[str]) -> Iterator[Differs]:
    for n in range(1, len(elements)):
        if elements[n] and elements[n] != (first[n] if n < len(first) else ""):
            stood = first[n] if n < len(first) else ""
            if type.fields[n - 1].secret:
                yield Differs(type, row, n, "***", "the same, as in its first row")
                continue
            yield Differs(type, row, n, elements[n], f"{stood or 'nothing'}, as in its first row")
