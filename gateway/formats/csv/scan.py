"""Which rows belong together: by the type they are marked with, or by the key of the document's level."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from gateway.faults import Code, Fault
from gateway.formats.csv.columns import Columns
from gateway.formats.csv.events import TransactionSet
from gateway.formats.csv.rows import Lines, Row, unwrapped
from gateway.formats.events import Limits
from gateway.formats.records import scan
from gateway.formats.records.record import Record
from gateway.formats.records.scan import ENVELOPE, HEAD, INSIDE, NOTHING, UNKNOWN, roles
from gateway.formats.spot import Spot
from gateway.formats.window import Window

MOST_KEYS = 1 << 16
"""So many documents' keys are remembered; later ones are not compared."""


Key = tuple[str, ...]
"""What the rows of a document have in common, without blanks around it."""


class Rows(NamedTuple):
    """Rows that stand together. `cells` is None where something is odd about one; `key` is that of the document.

    They are `bare` as `Lines` are.
    """

    raw: bytes
    cells: list[list[str]] | None
    key: Key
    bare: bool = False


Item = tuple[int, int, int, Rows]


class Scan(scan.Scan[Rows]):
    """Rows behind the header, which is `columns`'."""

    def __init__(
        self, window: Window, columns: Columns, blocks: Iterable[Lines | list[Row]], limits: Limits
    ) -> None:
        super().__init__(window, columns.layout, limits)
        self.columns = columns
        self.blocks = blocks
        self.seen: set[int] = set()
        head = self.layout.types[self.layout.head]
        self.by = head.by
        self.pick = columns.keys[head.tag]
        self.stood: object = None
        """The key of the row before, as it stands there."""
        self.held: Key | None = None
        self.first = True

    def items(self) -> Iterator[Item]:
        keyed = bool(self.layout.levels and self.by)
        single = self._single if self.layout.levels else self._marked()
        least, first = self.columns.least, self.layout.first is not None
        for block in self.blocks:
            if keyed and isinstance(block, Lines) and min(map(len, block.cells), default=0) >= least:
                yield from self._runs(block)
                continue
            rows = map(Row, block.raws, block.cells) if isinstance(block, Lines) else block
            for row in rows:
                cells = row.cells
                kind = NOTHING if not any(cells) else single(cells)
                if first and kind != NOTHING:
                    kind, first = ENVELOPE, False
                found = Rows(row.raw, None if row.odd else [cells], self.held or ())
                yield kind, len(row.raw), row.lines, found

    def _marked(self) -> Callable[[Sequence[str]], int]:
        known, type_of = roles(self.layout), self.columns.type_of

        def kind(cells: Sequence[str]) -> int:
            type = type_of(cells)
            return UNKNOWN if type is None else known[type.tag]

        return kind

    def _single(self, cells: Sequence[str]) -> int:
        """A row begins a document where its key is another; without a key every row does. No key is the one before."""
        if not self.by:
            return HEAD
        self.stood = None
        return self._keyed(self.key(cells))

    def _keyed(self, key: Key) -> int:
        if self.held is not None and (key == self.held or not any(key)):
            return INSIDE
        self.held = key
        return HEAD

    def _runs(self, block: Lines) -> Iterator[Item]:
        """Rows side by side that have one key, at once."""
        raws, cells, bare = block
        picked = list(map(self.pick, cells))
        at, most = 0, len(picked)
        while at < most:
            key, end = picked[at], at + 1
            while end < most and picked[end] == key:
                end += 1
            if not any(key) and not any(cells[at]):  # but for its delimiters the row is blank
                kind, end = NOTHING, at + 1
            elif key == self.stood:
                kind = INSIDE
            else:
                clean = self._clean(key)
                kind = self._keyed(clean)
                self.stood = key if any(clean) else None
            raw = raws[at] if end == at + 1 else b"".join(raws[at:end])
            yield kind, len(raw), end - at, Rows(raw, cells[at:end], self.held or (), bare)
            at = end

    def key(self, cells: Sequence[str]) -> Key:
        """That of a row, which may lack cells."""
        missing = self.columns.least - len(cells)
        return self._clean(self.pick([*cells, *[""] * missing] if missing > 0 else cells))

    def _clean(self, picked: Any) -> Key:
        parts = (picked,) if isinstance(picked, str) else picked
        return tuple([unwrapped(part).strip() for part in parts])

    def document(self, kept: list[Rows], spot: Spot, skipped: bool) -> TransactionSet:
        raw, cells, key, bare = kept[0]
        if len(kept) > 1:
            raw = b"".join([rows.raw for rows in kept])
            together = [rows.cells for rows in kept]
            cells = None if None in together else [row for rows in together for row in rows or ()]
            bare = all([rows.bare for rows in kept])
        elif skipped:
            raw = raw[: raw.find(b"\n") + 1]
        found = TransactionSet(raw, cells, spot, self.columns, self.limits, 0, skipped, bare)
        if self.layout.levels and self.by:
            if hash(key) in self.seen:
                place = found.place if skipped else found.located()[0].place(self.by[0])
                found.faults.append(Fault(Code.ROWS_APART, place, " ".join(key)))
            elif len(self.seen) < MOST_KEYS:
                self.seen.add(hash(key))
        return found

    def record(self, data: Rows, spot: Spot) -> tuple[Record, list[Fault]]:
        first, self.first = self.first, False
        alone = TransactionSet(data.raw, None, spot, self.columns, self.limits, 0, first=first)
        (record, *_), faults = alone.located(), alone.syntax_faults()
        if not isinstance(record, Record):
            raise TypeError(record)
        return record, faults

    def bytes_of(self, data: Rows) -> bytes:
        return data.raw
