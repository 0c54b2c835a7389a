"""A file of fixed records, read by the layout that its guide makes: batches, and in them documents, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.formats.events import Limits
from gateway.formats.fixed.events import Interchange, syntax
from gateway.formats.fixed.scan import Scan
from gateway.formats.records.layout import Layout
from gateway.formats.records.read import Batches, Event
from gateway.formats.records.record import Record
from gateway.formats.spot import Spot
from gateway.formats.window import Source, Window


def read(source: Source, layout: Layout, *, limits: Limits | None = None) -> Iterator[Event]:
    """The file's events, in order and properly nested, while it is read.

    Nothing the file holds raises; only the source itself may (OSError).
    """
    ready, most = syntax(layout), limits or Limits()
    window = Window(source, most.file_bytes)

    def opens(records: list[Record], spot: Spot) -> Interchange:
        header = tuple(records[0].elements[1:]) if records else ()
        return Interchange(header, ready.signs, ready, spot.offset, spot.line, records=records)

    scan = Scan(window, ready, most)
    return Batches(layout, window, most, opens).events(
        lambda: scan.pieces(Spot(scan.mark())), lambda: scan.spot
    )
