"""A segment as every delimited syntax yields it: no delimiters, no escapes, and its place in the bytes.

Element text is normalised, so that grammar and meaning never ask which syntax they read: components stand
apart by `COMPONENT`, repetitions by `REPETITION`. Both are control characters no standard allows as data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.faults import Place

COMPONENT = "\x1f"
REPETITION = "\x1e"


class Segment:
    """`elements[0]` is the tag, `elements[3]` the third element, exactly as sent (blanks kept).

    `number` counts from 1 at the set's first segment (ST). `offset` is the segment's first byte in the file,
    `line` and `column` count from 1. `starts` holds, where the reader kept them, each element's byte offset, line
    and column. `raw` is the segment's own bytes with its terminator and whatever stands before the next segment.
    """

    __slots__ = ("column", "elements", "line", "number", "offset", "raw", "starts")

    def __init__(
        self,
        elements: list[str],
        number: int = 0,
        offset: int | None = None,
        line: int | None = None,
        column: int | None = None,
        starts: list[tuple[int, int, int]] | None = None,
        raw: bytes | None = None,
    ) -> None:
        self.elements = elements
        self.number = number
        self.offset = offset
        self.line = line
        self.column = column
        self.starts = starts
        self.raw = raw

    @property
    def tag(self) -> str:
        return self.elements[0]

    def get(self, element: int) -> str:
        """The element's text, empty when the segment ends before it."""
        return self.elements[element] if element < len(self.elements) else ""

    def place(
        self,
        element: int | None = None,
        component: int | None = None,
        name: str | None = None,
        loop: str | None = None,
    ) -> Place:
        """The address of this segment, or of one of its elements."""
        offset, line, column = self.offset, self.line, self.column
        if element and self.starts and element < len(self.starts):
            offset, line, column = self.starts[element]
        return Place(
            offset=offset,
            line=line,
            column=column,
            segment_number=self.number or None,
            segment=self.tag,
            element=element,
            component=component,
            name=name,
            loop=loop,
        )

    def __repr__(self) -> str:
        return f"Segment({self.elements!r})"


class Written(Protocol):
    """A segment to write that may know the one it was read from (a tree's segment node is one)."""

    @property
    def elements(self) -> Sequence[str]: ...

    @property
    def source(self) -> Segment | None: ...


Item = Sequence[str] | Written
"""What writers take for a segment."""


def trimmed(elements: Sequence[str]) -> list[str]:
    """Without the empty elements at the end."""
    kept = list(elements)
    while kept and not kept[-1].strip(COMPONENT + REPETITION):
        kept.pop()
    return kept


def trimmed_parts(text: str) -> list[list[str]]:
    """An element's repetitions and their components, without the empty ones at the end of each."""
    repetitions = [part.rstrip(COMPONENT) for part in text.split(REPETITION)]
    while repetitions and not repetitions[-1]:
        repetitions.pop()
    return [part.split(COMPONENT) for part in repetitions]
