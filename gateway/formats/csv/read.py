"""A file of rows, read by the layout that its guide makes: its header, then batches, and in them documents."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from gateway.faults import Code, Fault
from gateway.formats.csv.columns import Columns
from gateway.formats.csv.events import Interchange
from gateway.formats.csv.rows import Lines, Row, blocks, newline_of
from gateway.formats.csv.scan import Scan
from gateway.formats.events import SAMPLE, Limits, Stray
from gateway.formats.records.layout import Layout
from gateway.formats.records.read import Batches, Event, Piece
from gateway.formats.records.record import Record
from gateway.formats.spot import Spot
from gateway.formats.window import Source, Window

Block = Lines | list[Row]


def read(source: Source, layout: Layout, *, limits: Limits | None = None) -> Iterator[Event]:
    """The file's events, in order and properly nested, while it is read.

    Nothing the file holds raises; only the source itself may (OSError).
    """
    return _Reading(source, layout, limits or Limits()).events()


class _Reading:
    def __init__(self, source: Source, layout: Layout, limits: Limits) -> None:
        self.layout = layout
        self.limits = limits
        self.window = Window(source, limits.file_bytes)
        self.columns = Columns(layout)
        self.reached = Spot()
        self.faults: list[Fault] = []
        self.batches = Batches(layout, self.window, limits, self._opens)

    def events(self) -> Iterator[Event]:
        return self.batches.events(self._pieces, lambda: self.reached)

    def _opens(self, records: list[Record], spot: Spot) -> Interchange:
        header = tuple(records[0].elements[1:]) if records else ()
        columns = self.columns
        faults, self.faults = self.faults, []
        return Interchange(header, columns.signs, columns, spot.offset, spot.line, faults, records)

    def _pieces(self) -> Iterator[Piece]:
        layout, window = self.layout, self.window
        scan = Scan(window, self.columns, (), self.limits)
        begin = Spot(scan.mark())
        newline = newline_of(window.buffer)
        self.columns = Columns(layout, None, newline)
        found = blocks(window, layout.encoding, layout.delimiter, self.limits.segment_bytes, newline)
        if layout.header:
            header, spot, found = _first(found, begin)
            if header is None:
                return
            self.columns = Columns(layout, header, newline)
            if not self.columns.known:
                yield self._headless(header, found, spot)
                return
            self.faults = self.columns.faults(spot)
            self.batches.begun = spot
            begin = Spot(spot.offset + len(header.raw), spot.line + header.lines)
        scan = Scan(window, self.columns, found, self.limits)
        yield from scan.pieces(begin)
        self.reached = scan.spot

    def _headless(self, first: Row, found: Iterator[Block], spot: Spot) -> Stray:
        """Without its header nothing says which cell is what."""
        size = len(first.raw)
        for block in found:
            raws = block.raws if isinstance(block, Lines) else [row.raw for row in block]
            size += sum(map(len, raws))
        wanted = [field.heading for one in self.layout.records for field in one.fields if field.heading]
        came = first.raw[:SAMPLE].decode(self.layout.encoding, "replace").rstrip("\r\n")
        fault = Fault(Code.MISSING_HEADER, spot.place(), came, f"columns {', '.join(wanted)}")
        return Stray(spot.offset, size, first.raw[:SAMPLE], spot.line, [fault])


def _first(found: Iterator[Block], begin: Spot) -> tuple[Row | None, Spot, Iterator[Block]]:
    """The first row that says anything, where it begins, and what comes behind it."""
    offset, line, _ = begin
    for block in found:
        rows = list(map(Row, block.raws, block.cells)) if isinstance(block, Lines) else block
        for at, row in enumerate(rows):
            if any(cell.strip() for cell in row.cells):
                rest = (
                    Lines(block.raws[at + 1 :], block.cells[at + 1 :])
                    if isinstance(block, Lines)
                    else rows[at + 1 :]
                )
                return row, Spot(offset, line), chain([rest], found)
            offset += len(row.raw)
            line += row.lines
    return None, Spot(offset, line), found
