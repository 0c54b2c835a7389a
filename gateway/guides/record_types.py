"""The records of a guide: what marks them, where their fields stand, how these are spelled.

LIN: {is: "1..3 = LIN", fields: [sku 4..23 M, qty 24..31 zoned2]}
order: {by: [po], fields: {po: "PO #", date: "Order Date | date(MM/dd/yyyy)"}}
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import SetupFault
from gateway.formats.records.layout import OPEN, Field, Mark, RecordType
from gateway.guides.fields import FIX as FIX_FIELD
from gateway.guides.fields import Typed, typed
from gateway.guides.model import Element, SegmentSpec, Use
from gateway.marked_yaml import Marked, Path, close

RECORD_KEYS = ("is", "fields", "by", "name")
TAG = re.compile(r"[A-Za-z]\w*")
LIKE_AN_ELEMENT = re.compile(r"[A-Z][A-Z0-9]{1,2}[0-9]{2}")
MARK = re.compile(r"(?P<first>[1-9]\d*)(?:\.\.(?P<last>[1-9]\d*))? = (?P<text>\S.*)")
FIELD = re.compile(
    r"(?P<name>[A-Za-z]\w*) (?P<first>[1-9]\d*)(?P<to>\.\.(?P<last>[1-9]\d*)?)?(?: (?P<said>.+))?"
)
NAME = re.compile(r"[A-Za-z]\w*")
FIRST = "first"
LONGEST = 100_000
"""Columns of a record at most."""


@dataclass(slots=True)
class Reading:
    """One record type being read: its fields as the layout has them and as the guide does."""

    tag: str
    marks: tuple[Mark, ...] = ()
    fields: list[Field] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    by: tuple[int, ...] = ()
    title: str = ""
    first: bool = False

    def at(self, name: str) -> int | None:
        return next((n for n, one in enumerate(self.fields, 1) if one.name == name), None)

    @property
    def type(self) -> RecordType:
        """As the layout has it."""
        return RecordType(self.tag, tuple(self.fields), self.marks, self.by, self.first)

    @property
    def spec(self) -> SegmentSpec:
        """As the guide has it."""
        return SegmentSpec(self.tag, self.title or self.tag, tuple(self.uses), named=True)


class RecordTypes:
    """Reads `records:` of a guide of one format; what is wrong is added to `faults`."""

    def __init__(self, marked: Marked, format: str, faults: list[SetupFault]) -> None:
        self.marked = marked
        self.data: dict[str, Any] = marked.data
        self.format = format
        self.faults = faults
        self.records: dict[str, Reading] = {}

    def read(self) -> dict[str, Reading]:
        """Every type by its tag; what cannot be read is a fault and left out."""
        said = self.data.get("records")
        if not isinstance(said, dict) or not said:
            self._fault(
                ("records",), "records: none", 'write records: {LIN: {is: "1..3 = LIN", fields: [...]}}'
            )
            return self.records
        for tag, row in said.items():
            path = ("records", tag)
            if not TAG.fullmatch(tag) or LIKE_AN_ELEMENT.fullmatch(tag):
                self._fault(
                    path, f"{tag}: no name for a record", "a letter, then letters, digits and _", key=True
                )
            elif not isinstance(row, dict):
                self._fault(path, f"{tag}: not a record", 'write {is: "1..3 = LIN", fields: [sku 4..23]}')
            else:
                self.records[tag] = self._record(tag, row, path)
        unmarked = [tag for tag, one in self.records.items() if not one.marks and not one.first]
        if len(unmarked) > 1 and (self.format == "fixed" or any(one.marks for one in self.records.values())):
            what = f"{' and '.join(unmarked)}: nothing tells these records apart"
            self._fault(("records", unmarked[1]), what, 'add `is: "1..3 = TAG"`', key=True)
        return self.records

    def _record(self, tag: str, row: dict[str, Any], path: Path) -> Reading:
        for key in row:
            if key not in RECORD_KEYS:
                self._fault((*path, key), f"{tag}: unknown key {key}", close(key, RECORD_KEYS), key=True)
        first = row.get("is") == FIRST
        marks = () if first else self._marks(row.get("is"), (*path, "is"))
        found = Reading(tag, marks, first=first, title=str(row.get("name") or ""))
        said = row.get("fields")
        rows: Iterable[tuple[Path, str, Any]] = ()
        if isinstance(said, dict):
            rows = [((*path, "fields", name), name, text) for name, text in said.items()]
        elif isinstance(said, list):
            rows = [((*path, "fields", at), "", text) for at, text in enumerate(said)]
        else:
            self._fault((*path, "fields"), f"{tag}: no fields", FIX_FIELD[self.format])
        for at, name, text in rows:
            self._field(found, at, name, text)
        by = row.get("by") or []
        for at_by, name in enumerate(by if isinstance(by, list) else [by]):
            at_field = found.at(str(name))
            if at_field is None:
                self._fault(
                    (*path, "by", at_by), f"{tag}: by: it has no field {name}", "name fields of this record"
                )
            else:
                found.by = (*found.by, at_field)
                found.uses[at_field - 1] = Use(found.uses[at_field - 1].of, True)
        return found

    def _marks(self, said: Any, path: Path) -> tuple[Mark, ...]:
        found = []
        for text in str(said).split(", ") if said else ():
            match = MARK.fullmatch(text)
            last = int(match["last"] or match["first"]) if match else 0
            if match is None or not int(match["first"]) <= last <= LONGEST:
                self._fault(path, f"is: {text} marks nothing", 'write "1..3 = LIN", or "1 = H, 7..8 = 01"')
            else:
                found.append(Mark(int(match["first"]), last, match["text"]))
        return tuple(found)

    def _field(self, record: Reading, path: Path, name: str, text: Any) -> None:
        heading, columns = "", (0, 0)
        if name:
            heading, _, said = (part.strip() for part in str(text).partition("|"))
            if not NAME.fullmatch(name) or not heading or self.format != "csv":
                self._fault(path, f"{record.tag}.{name}: not a field", FIX_FIELD[self.format])
                return
        else:
            match = FIELD.fullmatch(str(text))
            if match is None:
                self._fault(path, f"{text}: not a field", FIX_FIELD[self.format])
                return
            name, said = match["name"], match["said"] or ""
            open_ended = match["to"] is not None and match["last"] is None
            columns = int(match["first"]), OPEN if open_ended else int(match["last"] or match["first"])
            if not columns[0] <= columns[1] <= OPEN or (self.format == "csv" and match["to"]):
                self._fault(path, f"{record.tag}.{name}: no such columns", FIX_FIELD[self.format])
                return
        if record.at(name) is not None:
            self._fault(path, f"{record.tag}.{name}: a field of this name went before", "call it otherwise")
            return
        width = columns[1] - columns[0] + 1 if self.format == "fixed" else None
        codes = self.data.get("codes")
        listed = codes.get(f"{record.tag}.{name}") if isinstance(codes, dict) else None
        try:
            found = typed(name, said, width, listed)
        except ValueError as error:
            self._fault(path, f"{record.tag}.{name}: {error}", FIX_FIELD[self.format])
            return
        record.fields.append(_placed(found, name, heading, columns, self.format))
        record.uses.append(Use(found.element, found.required))

    def check_packed(self, encoding: str, lines: bool) -> None:
        """Packed numbers are any bytes: these must all be characters, and none the end of a record."""
        try:
            whole = len(bytes(range(256)).decode(encoding)) == 256
        except UnicodeDecodeError:
            whole = False
        for one in self.records.values():
            for at, field_ in enumerate(one.fields):
                if field_.packed and (lines or not whole):
                    what = f"{one.tag}.{field_.name}: packed numbers may hold any byte"
                    fix = "say `lines: false`, `length:` and an encoding that has all bytes, such as cp037"
                    self._fault(("records", one.tag, "fields", at), what, fix)

    def fill(self, length: int | None) -> None:
        """Columns that no field has are fields of their own: whatever stands there is residue, not lost."""
        if self.format != "fixed":
            return
        for one in self.records.values():
            taken = sorted([(mark.first, mark.last) for mark in one.marks])
            taken += sorted((each.first, each.last) for each in one.fields)
            at = 1
            for first, last in [*sorted(taken), *([(length + 1, length)] if length else [])]:
                if first > at:
                    filler = typed("", "", first - at, None)
                    name = f"columns_{at}_{first - 1}"
                    one.fields.append(_placed(filler, name, "", (at, first - 1), "fixed"))
                    one.uses.append(Use(Element(name, name, "AN", 1, first - at)))
                at = max(at, last + 1)

    def _fault(self, path: Path, what: str, fix: str = "", key: bool = False) -> None:
        self.faults.append(self.marked.fault(path, what, fix=fix, key=key))


def _placed(found: Typed, name: str, heading: str, columns: tuple[int, int], format: str) -> Field:
    first, last = columns if format == "fixed" else (0, 0)
    return Field(
        name,
        first,
        last,
        heading,
        columns[0] if format == "csv" else 0,
        found.right,
        found.fill,
        found.whole,
        found.packed,
        found.required,
        found.nothing,
        found.element.secret,
        found.signed and format == "fixed",
    )
