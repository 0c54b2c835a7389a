"""Every syntax there is, one line each, and the reader that takes whichever comes.

A file may hold interchanges of several; each is read as what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gateway.formats import csv, edifact, fixed, x12
from gateway.formats.enclosing import Envelope
from gateway.formats.events import Group, Interchange, Limits, TransactionSet
from gateway.formats.reading import BLANK, Family, reading
from gateway.formats.records import read as records
from gateway.formats.records.layout import Layout
from gateway.formats.unknown import BOM
from gateway.formats.window import Source
from gateway.formats.writing import SetWriter

FAMILIES: dict[str, Family] = {
    "x12": x12.X12,
    "edifact": edifact.EDIFACT,
}

WRITERS: dict[str, Callable[[Any, str, str], SetWriter]] = {
    "x12": x12.Writer.like,
    "edifact": edifact.Writer.like,
    "fixed": fixed.Writer.like,
    "csv": csv.Writer.like,
}

LAYOUTS: dict[str, Callable[..., Iterator[Any]]] = {
    "fixed": fixed.read,
    "csv": csv.read,
}
"""Readers of files that do not say what they are: each is told by a layout."""

LIKENESS: dict[str, Callable[[bytes, Layout], float]] = {
    "fixed": fixed.likeness,
    "csv": csv.likeness,
}
"""How much a file's beginning looks like a layout: from 0, nothing, to 1."""

ENVELOPES: dict[str, type[Envelope]] = {
    "x12": x12.Envelope,
    "edifact": edifact.Envelope,
    "fixed": fixed.Envelope,
    "csv": csv.Envelope,
}

Event = x12.Event | edifact.Event | records.Event


def writer_like(came: Interchange, charset: str = "auto", line_end: str = "") -> SetWriter:
    """A writer that writes as the interchange was written. Raises `NotWritable` where its signs cannot be used."""
    return WRITERS[came.standard](came, charset, line_end)


def envelope_like(came: Interchange, group: Group | None, found: TransactionSet) -> Envelope:
    """The envelope that a set came in, for writing it once more."""
    return ENVELOPES[came.standard].like(came, group, found)


def envelope(standard: str, layout: Layout | None, sender: str, receiver: str, **stated: Any) -> Envelope:
    """A fresh envelope of that standard; one of records is by a layout."""
    if layout is not None:
        stated["layout"] = layout
    return ENVELOPES[standard](sender, receiver, **stated)


def begins(head: bytes, charset: str = "auto") -> bool:
    """Whether a file that begins so is one of those that say what they are."""
    start = head.removeprefix(BOM).lstrip(BLANK)
    return any(
        family.header(start, charset if charset in family.charsets else "auto") is not None
        for family in FAMILIES.values()
    )


def likest(head: bytes, layouts: Sequence[Layout]) -> Layout | None:
    """The layout that a file that begins so looks like most, the first where several do; None where there is none."""
    return max(layouts, key=lambda one: LIKENESS[one.format](head, one), default=None)


def read(
    source: Source, *, charset: str = "auto", limits: Limits | None = None, layout: Layout | None = None
) -> Iterator[Event]:
    """The file's events, in order and properly nested, while it is read.

    With a layout it is read as what that says, and nothing else. `charset` is one that any of the syntaxes knows; for
    the others it is `auto`. Nothing the file holds raises; only the source itself may (OSError).
    """
    if layout is not None:
        return LAYOUTS[layout.format](source, layout, limits=limits)
    return reading(tuple(FAMILIES.values()), source, charset, limits)
