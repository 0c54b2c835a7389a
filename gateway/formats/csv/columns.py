"""Which cell is which field: by the names in the file's first row, in any order, or by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from gateway.faults import Code, Fault, shown
from gateway.formats.csv.rows import NEWLINE, Row, cells, unwrapped
from gateway.formats.records.events import Signs
from gateway.formats.records.layout import Layout, RecordType
from gateway.formats.spot import Spot

Make = Callable[[Sequence[str]], list[str]]
MakeAll = Callable[[Sequence[Sequence[str]]], list[list[str]]]


def name_of(heading: str) -> str:
    """A heading as it is compared: case and blanks say nothing."""
    return " ".join(heading.split()).casefold()


class Columns:
    """A layout met with one file's header.

    `width` is how many cells a row has, 0 where no header says it; one of `least` has all that are known. `at` has the
    cell of each field of each type, None where the file has no such column. `make` makes a type's tag and elements of
    a row's cells, `quick` of many rows whose cells are bare.
    """

    def __init__(self, layout: Layout, header: Row | None = None, newline: bytes = NEWLINE) -> None:
        self.layout = layout
        self.header = header
        self.encoding = layout.encoding
        self.delimiter = layout.delimiter
        names = [name_of(unwrapped(cell)) for cell in header.cells] if header else []
        while names and not names[-1]:
            names.pop()
        self.names = names
        self.width = len(names)
        self.at = {
            one.tag: [self._cell(field.heading, field.cell) for field in one.fields] for one in layout.records
        }
        self.make: dict[str, Make] = {one.tag: _maker(one, self.at[one.tag]) for one in layout.records}
        self.quick: dict[str, MakeAll] = {
            one.tag: _maker_of_all(one, self.at[one.tag]) for one in layout.records
        }
        self.keys = {
            one.tag: self._picked([self.at[one.tag][n - 1] for n in one.by]) for one in layout.records
        }
        self.least = max(
            (cell + 1 for found in self.at.values() for cell in found if cell is not None), default=0
        )
        self.whole = {one.tag: self._picked(self.at[one.tag]) for one in layout.records}
        self.newline = self.segment = newline
        self.end = "\r\n" if header is not None and header.raw.endswith(b"\r\n") else newline.decode()

    def __reduce__(self) -> tuple[Any, ...]:
        return Columns, (self.layout, self.header)

    def inside(self, raw: bytes) -> bytes:
        """What identifies a document's bytes: however its rows end."""
        return raw.replace(b"\r\n", b"\n")

    @property
    def known(self) -> bool:
        """Whether the header has any column of the layout."""
        return any(cell is not None for found in self.at.values() for cell in found)

    @property
    def signs(self) -> Signs:
        return Signs(self.encoding, self.end, self.delimiter)

    def type_of(self, row: Sequence[str]) -> RecordType | None:
        """The type of a row that is one record, None where it is marked as none."""
        default = None
        for one in self.layout.records:
            if one.first:
                continue
            if not one.marks:
                default = one
            elif all(
                len(row) >= mark.first and row[mark.first - 1].strip() == mark.text.strip()
                for mark in one.marks
            ):
                return one
        return default

    def faults(self, spot: Spot) -> list[Fault]:
        """What is wrong with the header: columns that are missing, twice or unknown."""
        if self.header is None:
            return []
        places = cells(self.header.raw.decode(self.encoding, "replace"), self.delimiter)
        found: list[Fault] = []
        wanted = {
            name_of(field.heading) for one in self.layout.records for field in one.fields if field.heading
        }
        for at, name in enumerate(self.names):
            place = (
                Spot(spot.offset, spot.line, places[at].start + 1).place()
                if at < len(places)
                else spot.place()
            )
            if name in wanted and name in self.names[:at]:
                found.append(Fault(Code.COLUMN_TWICE, place, self.header.cells[at]))
            elif name and name not in wanted:
                found.append(Fault(Code.COLUMN_EXTRA, place, self.header.cells[at]))
        for one in self.layout.records:
            for field, cell in zip(one.fields, self.at[one.tag], strict=True):
                if cell is None:
                    fault = Fault(Code.COLUMN_MISSING, spot.place(), expected=shown(field.heading))
                    found.append(fault if field.required else fault.as_note())
        return found

    def _cell(self, heading: str, cell: int) -> int | None:
        if not heading:
            return cell - 1
        name = name_of(heading)
        return self.names.index(name) if name in self.names else None

    def _picked(self, at: Sequence[int | None]) -> Callable[[Sequence[str]], Any]:
        """What the cells hold, as they are, comparable."""
        there = [cell for cell in at if cell is not None]
        if not there:
            return lambda row: ()
        pick = itemgetter(*there)
        if self.width:
            return pick
        most = max(there) + 1
        return lambda row: pick(row if len(row) >= most else [*row, *[""] * (most - len(row))])


def _maker_of_all(type: RecordType, at: Sequence[int | None]) -> MakeAll:
    """Makes tag and elements of the cells of many rows that are bare and have all cells."""
    found: MakeAll = _made(
        type,
        "def make(rows):",
        f"    found = [[tag, {_cells(type, at, '')}] for c in rows]",
        "    for e in found:",
        "        while not e[-1]: del e[-1]",
        "    return found",
    )
    return found


def _maker(type: RecordType, at: Sequence[int | None]) -> Make:
    """Makes tag and elements of a row's cells, without blanks around them and without empty ones at the end."""
    most = max((cell for cell in at if cell is not None), default=-1) + 1
    found: Make = _made(
        type,
        "def make(c):",
        f"    if len(c) < {most}: c = [*c, *[''] * ({most} - len(c))]",
        f"    e = [tag, {_cells(type, at, '.strip()')}]",
        "    while not e[-1]: del e[-1]",
        "    return e",
    )
    return found


def _cells(type: RecordType, at: Sequence[int | None], strip: str) -> str:
    """The elements as Python; a date of zeros is none."""
    parts = []
    for number, (field, cell) in enumerate(zip(type.fields, at, strict=True)):
        text = "''" if cell is None else f"c[{cell}]{strip}"
        parts.append(f"('' if (v := {text}) in nothing[{number}] else v)" if field.nothing else text)
    return ", ".join(parts)


def _made(type: RecordType, *lines: str) -> Any:
    names: dict[str, Any] = {"tag": type.tag, "nothing": [frozenset(field.nothing) for field in type.fields]}
    exec(compile("\n".join(lines), f"<columns {type.tag}>", "exec"), names)  # noqa: S102
    return names["make"]
