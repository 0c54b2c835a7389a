"""Which rows belong together: by the type they are marked with, or by the key of the document's level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gateway.faults import Code, Fault
from gateway.formats.csv.columns import Columns
from gateway.formats.csv.events import TransactionSet
from gateway.formats.csv.rows import Row, unwrapped
from gateway.formats.events import Limits
from gateway.formats.records import scan
from gateway.formats.records.record import Record
from gateway.formats.records.scan import HEAD, INSIDE, NOTHING, UNKNOWN, roles
from gateway.formats.spot import Spot
from gateway.formats.window import Window

MOST_KEYS = 1 << 16
"""So many documents' keys are remembered; later ones are not compared."""


class Scan(scan.Scan[Row]):
    """Rows behind the header, which is `columns`'."""

    def __init__(self, window: Window, columns: Columns, rows: Iterable[Row], limits: Limits) -> None:
        super().__init__(window, columns.layout, limits)
        self.columns = columns
        self.rows = rows
        self.seen: set[int] = set()

    def items(self) -> Iterator[tuple[int, int, int, Row]]:
        return self._keyed() if self.layout.levels else self._marked()

    def _marked(self) -> Iterator[tuple[int, int, int, Row]]:
        known, type_of = roles(self.layout), self.columns.type_of
        for row in self.rows:
            cells = row.cells
            if not any(cells):
                kind = NOTHING
            else:
                type = type_of(cells)
                kind = UNKNOWN if type is None else known[type.tag]
            yield kind, len(row.raw), row.lines, row

    def _keyed(self) -> Iterator[tuple[int, int, int, Row]]:
        """A row begins a document where its key is another; without a key every row does. No key is the one before."""
        head = self.layout.types[self.layout.head]
        pick, keyed = self.columns.keys[head.tag], bool(head.by)
        stood: object = None
        held: object = None
        for row in self.rows:
            cells = row.cells
            if not any(cells):
                kind = NOTHING
            elif not keyed:
                kind = HEAD
            elif (picked := pick(self._filled(cells))) == stood:
                kind = INSIDE
            else:
                key = self.key(cells)
                kind = INSIDE if held is not None and (key == held or not any(key)) else HEAD
                if kind == HEAD:
                    held = key
                stood = picked if any(key) else stood
            yield kind, len(row.raw), row.lines, row

    def _filled(self, cells: Sequence[str]) -> Sequence[str]:
        """The row with empty cells for those it lacks."""
        missing = self.columns.width - len(cells)
        return [*cells, *[""] * missing] if missing > 0 else cells

    def key(self, cells: Sequence[str]) -> tuple[str, ...]:
        """What the document's rows have in common, without blanks around it."""
        head = self.layout.types[self.layout.head]
        elements = self.columns.make[head.tag]([unwrapped(cell) for cell in cells])
        return tuple(elements[n] if n < len(elements) else "" for n in head.by)

    def document(self, kept: list[Row], spot: Spot, skipped: bool) -> TransactionSet:
        found = TransactionSet(kept, spot, self.columns, self.limits, 0, skipped)
        head = self.layout.types[self.layout.head]
        if self.layout.levels and head.by:
            key = self.key(kept[0].cells)
            if hash(key) in self.seen:
                records = [] if skipped else found._read()[0]
                place = records[0].place(head.by[0]) if records else found.place
                found.faults.append(Fault(Code.ROWS_APART, place, " ".join(key)))
            elif len(self.seen) < MOST_KEYS:
                self.seen.add(hash(key))
        return found

    def record(self, data: Row, spot: Spot) -> tuple[Record, list[Fault]]:
        alone = TransactionSet([data], spot, self.columns, self.limits, 0)
        (record, *_), faults = alone.located(), alone.syntax_faults()
        if not isinstance(record, Record):
            raise TypeError(record)
        return record, faults

    def bytes_of(self, data: Row) -> bytes:
        return data.raw
