"""How much a file that does not say what it is looks like rows of a layout."""

from __future__ import annotations

from gateway.formats.csv.columns import Columns
from gateway.formats.csv.rows import rows_of
from gateway.formats.records.layout import Layout

LOOKED_AT = 50
"""Rows from the file's beginning."""


def likeness(head: bytes, layout: Layout) -> float:
    """From 0, nothing, to 1: how many of its columns the first row names, and of the named ones are its; without a
    first row how many rows are of its types, where one without marks counts half."""
    end = head.rfind(b"\n") + 1
    rows = [row for row in rows_of(head[:end] or head, layout.encoding, layout.delimiter) if any(row.cells)]
    if not rows:
        return 0.0
    if layout.header:
        columns = Columns(layout, rows[0])
        at = [cell for found in columns.at.values() for cell in found]
        there = {cell for cell in at if cell is not None}
        return (len(there) / len(at)) * (len(there) / max(1, columns.width))
    columns = Columns(layout)
    types = [columns.type_of(row.cells) for row in rows[:LOOKED_AT]]
    wide = [len(row.cells) >= columns.least / 2 for row in rows[:LOOKED_AT]]
    known = [
        (1.0 if type.marks else 0.5)
        for type, fits in zip(types, wide, strict=True)
        if type is not None and fits
    ]
    return sum(known) / len(types)
