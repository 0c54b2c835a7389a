"""What a benchmark prints: rows of figures, and whether what was promised held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, rows under columns, and what is to be said beneath. The first column is text, the others figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default_factory=tuple)

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.columns))]
        first, *others = (self._line(line, widths) for line in lines)
        rule = "-" * len(first)
        return "\n".join([self.title, rule, first, rule, *others, rule, *self.notes, ""])

    @staticmethod
    def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
        aligned = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "  ".join([cells[0].ljust(widths[0]), *aligned])


def promise(what: str, measured: float, least: float, aim: float) -> str:
    """`at least 3.5 times pyx12 (aim 5): 4.3, held`. Where less is better `aim` is below `least`."""
    held = measured <= least if aim < least else measured >= least
    word = "at most" if aim < least else "at least"
    return f"{what}: {measured:.2f}; {word} {least:g}, aim {aim:g}: {'held' if held else 'MISSED'}"
