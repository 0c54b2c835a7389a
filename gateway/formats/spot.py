"""Where bytes stand: offset from 0, line and column from 1."""

from __future__ import annotations

from typing import NamedTuple

from gateway.faults import Place


class Spot(NamedTuple):
    """One byte's address in the file."""

    offset: int = 0
    line: int = 1
    column: int = 1

    def after(self, data: bytes) -> Spot:
        """The address behind these bytes."""
        offset, line, column = self
        breaks = data.count(b"\n")
        if not breaks:
            return Spot(offset + len(data), line, column + width(data))
        tail = data[data.rfind(b"\n") + 1 :]
        return Spot(offset + len(data), line + breaks, 1 + width(tail) if tail else 1)

    def place(
        self,
        segment: str | None = None,
        element: int | None = None,
        name: str | None = None,
        number: int | None = None,
    ) -> Place:
        return Place(
            line=self.line,
            column=self.column,
            offset=self.offset,
            segment_number=number,
            segment=segment,
            element=element,
            name=name,
        )


def width(data: bytes) -> int:
    """How many columns an editor shows these bytes in, as UTF-8 or else Latin-1; a byte order mark takes none."""
    if data.isascii():
        return len(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return len(data)
    return len(text) - text.count("\ufeff")
