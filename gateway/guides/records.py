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
from hashlib import sha256
from typing import Any

from gateway import marked_yaml
from gateway.errors import SetupError, SetupFault
from gateway.formats.records.layout import Layout
from gateway.guides.model import Guide, Position
from gateway.guides.record_batch import Batching
from gateway.guides.record_types import LONGEST, Reading, RecordTypes
from gateway.guides.structure import below, number
from gateway.marked_yaml import Marked, Path, close

KEYS = {
    "fixed": ("length", "lines"),
    "csv": ("delimiter", "header"),
}
ASCII = '\n,;"A1 '
"""What a byte each stands for: rows are found by the bytes of ASCII, records by one byte a sign."""
SHARED = ("guide", "name", "format", "encoding", "records", "structure", "envelope", "codes")
DOCUMENT = re.compile(r"document (?P<tag>\w+) [MO] (?:\*|[1-9]\d*)")
AROUND = re.compile(r"(?P<tag>\w+) (?P<use>[MO]) 1")


def load(text: str, name: str, file: str = "") -> Guide:
    """The guide that the text says. Raises SetupError with every fault of it."""
    marked = marked_yaml.load(text, file or f"{name}.yaml")
    if not isinstance(marked.data, dict):
        raise SetupError([marked.fault((), "not a mapping", fix="write `key: value` lines")])
    return _Guide(marked, name).load()


class _Guide:
    def __init__(self, marked: Marked, name: str) -> None:
        self.marked = marked
        self.data: dict[str, Any] = marked.data
        self.name = name
        self.faults: list[SetupFault] = []
        self.format = str(self.data.get("format"))
        self.types = RecordTypes(marked, self.format, self.faults)
        self.records: dict[str, Reading] = {}

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
        self.records = self.types.read()
        head, leading, trailing, root = self._structure()
        if self.faults:
            raise SetupError(self.faults)
        self.types.check_packed(encoding, lines)
        self.types.fill(length)
        inside = frozenset(place.tag for place in root.walk() if place.tag)
        batch = Batching(self.marked, self.records, self.faults).read(leading, trailing)
        layout = Layout(
            self.format,
            self.name,
            tuple(one.type for one in self.records.values()),
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
        specs = {tag: one.spec for tag, one in self.records.items()}
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
            name = codecs.lookup(said).name.removesuffix("-sig")
            signs = ASCII.encode(name)
        except (LookupError, UnicodeError, TypeError):
            self._fault(("encoding",), f"encoding: there is none called {said}", "utf-8, cp1252, cp037")
            return "utf-8"
        if len(signs) != len(ASCII) or (self.format == "csv" and signs != ASCII.encode("ascii")):
            what = f"encoding: {said} cannot be read so: its digits and line ends take other bytes"
            self._fault(("encoding",), what, "utf-8, cp1252; ask the partner to send one of these")
        return name

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
        if self.format != "csv" or any(one.marks or one.first for one in self.records.values()):
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

    # -- structure

    def _structure(self) -> tuple[str, list[tuple[str, bool]], list[tuple[str, bool]], Position]:
        """The record that begins a document, (record, mandatory) before and behind the documents, and the root."""
        said = self.data.get("structure")
        leading: list[tuple[str, bool]] = []
        trailing: list[tuple[str, bool]] = []
        head, root = "", Position("", True, 1, None)
        specs = {tag: one.spec for tag, one in self.records.items()}
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
        for tag in {one.tag for one in self.records.values() if one.first} - {tag for tag, _ in leading[:1]}:
            what, fix = f"{tag}: the first record leads the documents", "put it first in `structure:`, once"
            self._fault(("records", tag), what, fix, key=True)
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

    def _fault(self, path: Path, what: str, fix: str = "", key: bool = False) -> None:
        self.faults.append(self.marked.fault(path, what, fix=fix, key=key))
