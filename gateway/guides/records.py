"""Guides of files of records: where fields stand, how they are spelled, what a document is.

    format: fixed
    records:
      SHP: {is: "1..3 = SHP", fields: [order 4..18 M, shipped 23..30 date(yyyyMMdd)]}
      LIN: {is: "1..3 = LIN", fields: [sku 4..23 M, qty 24..31 zoned2]}
    structure:
      - document SHP M *:
          - LIN M 9999

The document's records are the guide's segments; those around it envelop. See docs/writing-a-guide.md.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from gateway import marked_yaml
from gateway.errors import SetupError, SetupFault
from gateway.formats.records.layout import OPEN, Batch, Field, Layout, Mark, RecordType, Said, Total
from gateway.guides.fields import FIX as FIX_FIELD
from gateway.guides.fields import Typed, typed
from gateway.guides.model import Element, Guide, Position, SegmentSpec, Use
from gateway.guides.structure import below, number
from gateway.marked_yaml import Marked, Path, close

KEYS = {
    "fixed": ("length", "lines"),
    "csv": ("delimiter", "header"),
}
SHARED = ("guide", "name", "format", "encoding", "records", "structure", "envelope", "codes")
RECORD_KEYS = ("is", "fields", "by", "name")
ENVELOPE = ("sender", "receiver", "control", "created", "test", "computed")
TAG = re.compile(r"[A-Za-z]\w*")
LIKE_AN_ELEMENT = re.compile(r"[A-Z][A-Z0-9]{1,2}[0-9]{2}")
MARK = re.compile(r"(?P<first>[1-9]\d*)(?:\.\.(?P<last>[1-9]\d*))? = (?P<text>\S.*)")
FIELD = re.compile(
    r"(?P<name>[A-Za-z]\w*) (?P<first>[1-9]\d*)(?P<to>\.\.(?P<last>[1-9]\d*)?)?(?: (?P<said>.+))?"
)
NAME = re.compile(r"[A-Za-z]\w*")
DOCUMENT = re.compile(r"document (?P<tag>\w+) [MO] (?:\*|[1-9]\d*)")
AROUND = re.compile(r"(?P<tag>\w+) (?P<use>[MO]) 1")
REFERENCE = re.compile(r"(?P<tag>\w+)\.(?P<field>\w+)")
COMPUTED = re.compile(r"count\((?P<counted>\w+)\)|sum\((?P<tag>\w+)\.(?P<field>\w+)\)")
LONGEST = 100_000
"""Columns of a record at most."""


def load(text: str, name: str, file: str = "") -> Guide:
    """The guide that the text says. Raises SetupError with every fault of it."""
    marked = marked_yaml.load(text, file or f"{name}.yaml")
    if not isinstance(marked.data, dict):
        raise SetupError([marked.fault((), "not a mapping", fix="write `key: value` lines")])
    return _Guide(marked, name).load()


def is_one(data: Any) -> bool:
    """Whether what a guide's text says is a guide of records."""
    return isinstance(data, dict) and "format" in data


@dataclass(slots=True)
class _Record:
    """One record type being read: its fields as the layout has them and as the guide does."""

    tag: str
    marks: tuple[Mark, ...] = ()
    fields: list[Field] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    by: tuple[int, ...] = ()
    title: str = ""

    def at(self, name: str) -> int | None:
        return next((n for n, one in enumerate(self.fields, 1) if one.name == name), None)


class _Guide:
    def __init__(self, marked: Marked, name: str) -> None:
        self.marked = marked
        self.data: dict[str, Any] = marked.data
        self.name = name
        self.faults: list[SetupFault] = []
        self.records: dict[str, _Record] = {}
        self.format = str(self.data.get("format"))

    def load(self) -> Guide:
        if self.format not in KEYS:
            self._fault(("format",), f"format: no such format {self.format}", close(self.format, KEYS))
            raise SetupError(self.faults)
        known = (*SHARED, *KEYS[self.format])
        for key in self.data:
            if key not in known:
                self._fault((key,), f"unknown key {key}", close(key, known), key=True)
        encoding, length = self._encoding(), self._length()
        lines = self._truth("lines", True)
        if not lines and length is None:
            self._fault(
                ("lines",), "lines: without line ends every record has one length", "add `length: 80`"
            )
        self._records()
        head, leading, trailing, root = self._structure()
        if self.faults:
            raise SetupError(self.faults)
        self._packable(encoding, lines)
        self._fillers(length)
        inside = frozenset(place.tag for place in root.walk() if place.tag)
        batch = self._batch(leading, trailing)
        layout = Layout(
            self.format,
            self.name,
            tuple(RecordType(one.tag, tuple(one.fields), one.marks, one.by) for one in self.records.values()),
            head,
            inside,
            batch,
            encoding,
            length,
            lines,
            self._delimiter(),
            self._truth("header", any(each.heading for one in self.records.values() for each in one.fields)),
            self._levels(root),
        )
        if self.faults:
            raise SetupError(self.faults)
        specs = {tag: _spec(one) for tag, one in self.records.items()}
        for place in root.walk():
            if place.spec is not None:
                place.spec = specs[place.tag]
        return Guide(
            id=self.name,
            name=str(self.data.get("name") or self.name),
            set=layout.code,
            version="",
            group="",
            root=root,
            segments={tag: specs[tag] for tag in sorted(inside)},
            known=frozenset(specs),
            digest=sha256(repr(self.data).encode()).hexdigest(),
            layout=layout,
        )

    # -- the file

    def _encoding(self) -> str:
        said = str(self.data.get("encoding") or "utf-8")
        try:
            found = codecs.lookup(said)
            "A1 ".encode(said)
        except (LookupError, UnicodeError, TypeError):
            self._fault(("encoding",), f"encoding: there is none called {said}", "utf-8, cp1252, cp037")
            return "utf-8"
        return found.name

    def _length(self) -> int | None:
        said = self.data.get("length")
        if said is None:
            return None
        if not str(said).isdecimal() or not 1 <= int(said) <= LONGEST:
            self._fault(("length",), f"length: {said} is no number of columns", "write `length: 80`")
            return None
        return int(said)

    def _truth(self, key: str, default: bool) -> bool:
        said = self.data.get(key)
        if said is not None and said not in ("true", "false"):
            self._fault((key,), f"{key}: true or false, not {said}", f"write `{key}: false`")
        return default if said is None else said == "true"

    def _levels(self, root: Position) -> tuple[str, ...]:
        """The records that one row holds, where nothing marks them."""
        if self.format != "csv" or any(one.marks for one in self.records.values()):
            return ()
        tags = tuple(dict.fromkeys(place.tag for place in root.walk() if place.tag))
        for tag in tags[1:-1]:
            if not self.records[tag].by:
                what, fix = f"{tag}: nothing says which rows are one", "add `by: [FIELD]` to it"
                self._fault(("records", tag), what, fix, key=True)
        return tags

    def _delimiter(self) -> str:
        said = str(self.data.get("delimiter") or ",")
        sign = "\t" if said == "tab" else said
        if len(sign) != 1 or sign.isalnum() or sign in '"\r\n':
            self._fault(("delimiter",), f"delimiter: {said} cannot part cells", 'write ";", "," "|" or tab')
            return ","
        return sign

    # -- records

    def _records(self) -> None:
        said = self.data.get("records")
        if not isinstance(said, dict) or not said:
            self._fault(
                ("records",), "records: none", 'write records: {LIN: {is: "1..3 = LIN", fields: [...]}}'
            )
            return
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
        unmarked = [tag for tag, one in self.records.items() if not one.marks]
        if len(unmarked) > 1 and (self.format == "fixed" or any(one.marks for one in self.records.values())):
            what = f"{' and '.join(unmarked)}: nothing tells these records apart"
            self._fault(("records", unmarked[1]), what, 'add `is: "1..3 = TAG"`', key=True)

    def _record(self, tag: str, row: dict[str, Any], path: Path) -> _Record:
        for key in row:
            if key not in RECORD_KEYS:
                self._fault((*path, key), f"{tag}: unknown key {key}", close(key, RECORD_KEYS), key=True)
        found = _Record(tag, self._marks(row.get("is"), (*path, "is")), title=str(row.get("name") or ""))
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

    def _field(self, record: _Record, path: Path, name: str, text: Any) -> None:
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

    def _packable(self, encoding: str, lines: bool) -> None:
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

    def _fillers(self, length: int | None) -> None:
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

    # -- structure and envelope

    def _structure(self) -> tuple[str, list[tuple[str, bool]], list[tuple[str, bool]], Position]:
        """The record that begins a document, (record, mandatory) before and behind the documents, and the root."""
        said = self.data.get("structure")
        leading: list[tuple[str, bool]] = []
        trailing: list[tuple[str, bool]] = []
        head, root = "", Position("", True, 1, None)
        specs = {tag: _spec(one) for tag, one in self.records.items()}
        for at, line in enumerate(said if isinstance(said, list) else []):
            text = next(iter(line)) if isinstance(line, dict) and len(line) == 1 else line
            path: Path = ("structure", at)
            if match := DOCUMENT.fullmatch(str(text)):
                if head:
                    self._fault(path, f"{text}: there is one document", "put the other's records beneath it")
                head = self._tag(match["tag"], path)
                root = below(
                    self.marked, (*path, text) if isinstance(line, dict) else ("-",), specs, self.faults
                )
            elif match := AROUND.fullmatch(str(text)):
                (trailing if head else leading).append((self._tag(match["tag"], path), match["use"] == "M"))
            else:
                fix = "write `HDR M 1`, or `document SHP M *:` with the records beneath it"
                self._fault(path, f"{text}: not a line of a guide of records", fix)
        if not head:
            self._fault(
                ("structure",), "structure: no document", "mark the record it begins with: document SHP M *:"
            )
        elif head in specs:
            first = Position(head, True, 1, specs[head])
            root.children = (first, *root.children)
        return head, leading, trailing, number(root)

    def _tag(self, tag: str, path: Path) -> str:
        if tag not in self.records:
            self._fault(path, f"{tag}: there is no such record", close(tag, self.records))
        return tag

    def _batch(self, leading: list[tuple[str, bool]], trailing: list[tuple[str, bool]]) -> Batch:
        said = self.data.get("envelope") or {}
        if not isinstance(said, dict):
            self._fault(("envelope",), "envelope: not a mapping", "write {sender: HDR.sender}")
            said = {}
        for key in said:
            if key not in ENVELOPE:
                self._fault(("envelope", key), f"unknown key {key}", close(key, ENVELOPE), key=True)
        day, _, clock = str(said.get("created") or "").partition(" + ")
        test, _, yes = str(said.get("test") or "").partition(" = ")
        return Batch(
            tuple(tag for tag, _ in leading),
            tuple(tag for tag, _ in trailing),
            frozenset(tag for tag, required in [*leading, *trailing] if required),
            self._said("sender", said.get("sender")),
            self._said("receiver", said.get("receiver")),
            self._said("control", said.get("control")),
            self._said("created", day),
            self._said("created", clock),
            self._said("test", test, yes),
            tuple(self._totals(said.get("computed") or {})),
        )

    def _said(self, key: str, text: Any, yes: str = "") -> Said | None:
        if not text:
            return None
        found = self._reference(str(text), ("envelope", key))
        return Said(found[0].tag, found[1], yes) if found else None

    def _reference(self, text: str, path: Path, key: bool = False) -> tuple[_Record, int] | None:
        match = REFERENCE.fullmatch(text)
        record = self.records.get(match["tag"]) if match else None
        at = record.at(match["field"]) if record and match else None
        if record is None or at is None:
            known = [f"{tag}.{one.name}" for tag, rec in self.records.items() for one in rec.fields]
            self._fault(path, f"{text}: there is no such field", close(text, known), key=key)
            return None
        return record, at

    def _totals(self, said: Any) -> Iterable[Total]:
        for text, how in said.items() if isinstance(said, dict) else ():
            path: Path = ("envelope", "computed", text)
            found = self._reference(text, path, key=True)
            match = COMPUTED.fullmatch(str(how))
            if match is None:
                self._fault(path, f"{how}: this is not computed", "count(LIN) or sum(LIN.qty)")
                continue
            summed = self._reference(f"{match['tag']}.{match['field']}", path) if match["tag"] else None
            counted = self._tag(match["counted"], path) if match["counted"] else ""
            if found is None or (match["tag"] and summed is None):
                continue
            record, at = found
            into = record.uses[at - 1].of
            of = summed[0].uses[summed[1] - 1].of if summed else None
            if (
                not isinstance(into, Element)
                or not _numeric(into)
                or (isinstance(of, Element) and not _numeric(of))
            ):
                self._fault(path, f"{text}: {how}: these are no numbers", "give both a numeric type")
                continue
            read = _reader(of) if isinstance(of, Element) else Decimal
            yield Total(
                record.tag,
                at,
                summed[0].tag if summed else counted,
                summed[1] if summed else 0,
                read,
                _reader(into),
                _writer(into),
                str(how),
            )

    def _fault(self, path: Path, what: str, fix: str = "", key: bool = False) -> None:
        self.faults.append(self.marked.fault(path, what, fix=fix, key=key))


def _spec(record: _Record) -> SegmentSpec:
    return SegmentSpec(record.tag, record.title or record.tag, tuple(record.uses), named=True)


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
    )


def _numeric(of: Element) -> bool:
    return of.type.startswith("N") or of.type == "R"


def _places(of: Element) -> int:
    return int(of.type[1:] or 0) if of.type.startswith("N") else 0


def _reader(of: Element) -> Any:
    """The number a field's text says."""
    return lambda text: Decimal(of.plain(text)).scaleb(-_places(of))


def _writer(of: Element) -> Any:
    """A total as the field's text; ValueError where it has too many decimals, or digits."""

    def write(total: Decimal) -> str:
        shifted = total.scaleb(_places(of))
        if of.type.startswith("N") and shifted != shifted.to_integral_value():
            raise ValueError(f"at most {_places(of)} decimals")
        text = f"{shifted.to_integral_value():f}" if of.type.startswith("N") else f"{shifted:f}"
        if sum(map(str.isdigit, text)) > of.max:
            raise ValueError(f"at most {of.max} digits")
        return of.formed(text)

    return write
