"""Every syntax there is, one line each, and the reader that takes whichever comes.

A file may hold interchanges of several; each is read as what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gateway.formats import edifact, x12
from gateway.formats.events import Interchange, Limits
from gateway.formats.reading import Family, reading
from gateway.formats.window import Source
from gateway.formats.writing import SetWriter

FAMILIES: dict[str, Family] = {
    "x12": x12.X12,
    "edifact": edifact.EDIFACT,
}

WRITERS: dict[str, Callable[[Any, str, str], SetWriter]] = {
    "x12": x12.Writer.like,
    "edifact": edifact.Writer.like,
}

Event = x12.Event | edifact.Event


def writer_like(came: Interchange, charset: str = "auto", line_end: str = "") -> SetWriter:
    """A writer that writes as the interchange was written. Raises `NotWritable` where its signs cannot be used."""
    return WRITERS[came.standard](came, charset, line_end)


def read(source: Source, *, charset: str = "auto", limits: Limits | None = None) -> Iterator[Event]:
    """The file's events, in order and properly nested, while it is read.

    `charset` is one that any of the syntaxes knows; for the others it is `auto`. Nothing the file holds raises; only
    the source itself may (OSError).
    """
    return reading(tuple(FAMILIES.values()), source, charset, limits)
