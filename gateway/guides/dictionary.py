"""A standard's tables, loaded: elements, composites, code lists and segments of one version, as frozen rows.

Four files in a version's folder (`elements.yaml`, `composites.yaml`, `codes.yaml`, `segments.yaml`); each may say
`extends: x12/004010` and then holds only what differs. Keys in lower case are about the file, all others are rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from gateway import marked_yaml
from gateway.errors import Mark, SetupError, SetupFault
from gateway.guides.model import Composite, Element, Groups, Pairs, Rule, Seat, SegmentSpec, Tree, Use
from gateway.marked_yaml import Marked, close

ELEMENT = re.compile(r"(?P<name>\S.*), (?P<type>AN|ID|N\d?|R|DT|TM|B) (?P<min>\d+)\.\.(?P<max>\d+)")
REPRESENTATION = re.compile(r"(?P<name>\S.*), (?P<kind>an|a|n)(?P<upto>\.\.)?(?P<max>\d+)")
"""ISO 9735's way to say it: `Reference number, an..35`."""
KINDS = {"an": "AN", "a": "A", "n": "R"}
USE = re.compile(r"(?P<id>[A-Z]?\d+)(?: (?P<required>[MOCX]))?(?: x(?P<repeat>\d+))?")
BLOCK = re.compile(r"\((?P<uses>[^()]+)\) x(?P<count>\d+)")
RULE = re.compile(r"[PRECL](?:\d\d){2,}")
PAIRS = re.compile(r"(\d+)(?:-(\d+))?/(\d+)(?:-(\d+))?(?: x(\d+))?(?: by (\d+))?")
MOMENT = re.compile(r"(\d+) by (\d+)")
SEAT = re.compile(r"(\d+)(?:-(\d+))?")
GROUPS = re.compile(r"(\d+)\.\. by (\d+)")
LONGEST_NAME = 100
"""No file of the package is called longer, and some systems refuse to look."""
KEYS = frozenset(
    (
        *("name", "elements", "rules", "qualifier", "value", "moment", "qualified"),
        *("pairs", "groups", "tree", "source"),
    )
)
TREE = ("id", "parent", "level", "children")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """One version's tables. `known` are all tags the segment table names; `digest` identifies the texts."""

    standard: str
    elements: Mapping[str, Element]
    composites: Mapping[str, Composite]
    segments: Mapping[str, SegmentSpec]
    known: frozenset[str]
    digest: str


@lru_cache(maxsize=16)
def dictionary(standard: str) -> Dictionary:
    """The tables of `x12/004010`. Raises SetupError with every fault of the four files."""
    tables = {kind: table(f"{standard}/{kind}") for kind in ("elements", "composites", "codes", "segments")}
    rows = _Rows()
    elements = rows.elements(tables["elements"], tables["codes"])
    composites = rows.composites(tables["composites"], elements)
    segments = rows.segments(tables["segments"], {**elements, **composites})
    if rows.faults:
        raise SetupError(rows.faults)
    digest = sha256(repr([marked.data for marked in tables.values()]).encode()).hexdigest()
    return Dictionary(standard, elements, composites, segments, frozenset(segments), digest)


def packaged(name: str) -> str | None:
    """The text of one of the package's own guide files, `x12/004010/850`; None where there is none."""
    if len(name) > LONGEST_NAME:
        return None
    file = files("gateway.guides")
    for part in f"{name}.yaml".split("/"):
        if part.startswith("."):
            return None
        file = file.joinpath(part)
    return file.read_text("utf-8") if file.is_file() else None


def table(name: str) -> Marked:
    """A packaged file with what it extends merged under it. `extends` names a file, or its folder."""
    text = packaged(name)
    if text is None:
        fix = "the package is incomplete; install it again"
        raise SetupError([SetupFault(Mark(f"{name}.yaml"), f"there is no guide file {name}", fix=fix)])
    marked = marked_yaml.load(text, f"gateway/guides/{name}.yaml")
    if not isinstance(marked.data, dict):
        raise SetupError([marked.fault((), "not a mapping", fix="write `key: value` lines")])
    base = marked.data.get("extends")
    if base is None:
        return marked
    kind = name.rsplit("/", 1)[1]
    base = base if packaged(base) is not None else f"{base}/{kind}"
    if packaged(base) is None or base == name:
        fix = "name a file of gateway/guides, or its folder"
        raise SetupError([marked.fault(("extends",), f"there is no guide file {base}", fix=fix)])
    return marked_yaml.merge(table(base), marked.without("extends"))


class _Rows:
    """Tables being turned into rows; every fault is kept, the row it stands in is left out."""

    def __init__(self) -> None:
        self.faults: list[SetupFault] = []

    def elements(self, marked: Marked, codes: Marked) -> dict[str, Element]:
        lists: dict[str, Any] = codes.data
        found = {}
        for key, row in _rows(marked):
            names = self._codes(codes, key, lists.get(key))
            element = _element(key, row, names) if isinstance(row, str) else None
            if element is None:
                fix = "write `Name, AN 1..30` or `Name, an..30`"
                self._fault(marked, (key,), f"{key}: not an element row", fix)
                continue
            found[key] = element
        for key, _ in _rows(codes):
            if key not in found:
                self._fault(
                    codes, (key,), f"{key}: codes of an element elements.yaml does not have", key=True
                )
        return found

    def _codes(self, marked: Marked, key: str, listed: Any) -> Mapping[str, str] | None:
        if listed is None:
            return None
        if isinstance(listed, list):
            return {str(code): "" for code in listed}
        if isinstance(listed, dict):
            return {code: name if isinstance(name, str) else "" for code, name in listed.items()}
        self._fault(marked, (key,), f"{key}: not a code list", "write `code: name` lines")
        return None

    def composites(self, marked: Marked, elements: Mapping[str, Element]) -> dict[str, Composite]:
        found = {}
        for key, row in _rows(marked):
            if not isinstance(row, dict) or not isinstance(row.get("components"), list):
                self._fault(
                    marked, (key,), f"{key}: not a composite", "write {name: ..., components: [355 M]}"
                )
                continue
            uses = self._uses(marked, (key, "components"), row["components"], elements)
            rules = self._rules(marked, key, row, len(uses))
            moment = self._spelled(marked, key, row, len(uses))
            found[key] = Composite(key, str(row.get("name") or key), uses, rules, moment, _agencies(uses))
        return found

    def segments(self, marked: Marked, known: Mapping[str, Element | Composite]) -> dict[str, SegmentSpec]:
        found = {}
        for key, row in _rows(marked):
            if not isinstance(row, dict) or not isinstance(row.get("elements"), list):
                self._fault(
                    marked, (key,), f"{key}: not a segment", "write {name: ..., elements: [98 M, 93]}"
                )
                continue
            for word in row:
                if word not in KEYS:
                    self._fault(
                        marked, (key, word), f"{key}: unknown key {word}", close(word, KEYS), key=True
                    )
            found[key] = self._segment(marked, key, row, known)
        return found

    def _segment(
        self, marked: Marked, tag: str, row: dict[str, Any], known: Mapping[str, Element | Composite]
    ) -> SegmentSpec:
        uses = self._uses(marked, (tag, "elements"), row["elements"], known)
        most = len(uses)
        qualifiers = self._numbers(marked, (tag, "qualifier"), row.get("qualifier"), most)
        value, component, moment = self._value(marked, tag, row, uses)
        return SegmentSpec(
            tag=tag,
            name=str(row.get("name") or tag),
            uses=uses,
            rules=self._rules(marked, tag, row, most),
            qualifier=qualifiers[0] if qualifiers else None,
            qualifiers=qualifiers,
            value=value,
            component=component,
            moment=moment,
            qualified=self._qualified(marked, tag, row, uses),
            pairs=self._pairs(marked, tag, row, uses),
            groups=self._groups(marked, tag, row, most),
            tree=self._tree(marked, tag, row, most),
            source=row.get("source"),
        )

    def _uses(
        self,
        marked: Marked,
        path: marked_yaml.Path,
        rows: list[Any],
        known: Mapping[str, Element | Composite],
    ) -> tuple[Use, ...]:
        uses: list[Use] = []
        for at, row in enumerate(rows):
            block = BLOCK.fullmatch(str(row))
            texts = block["uses"].split(", ") * int(block["count"]) if block else [str(row)]
            for text in texts:
                match = USE.fullmatch(text)
                if match is None or match["id"] not in known:
                    what = f"{path[0]}: {text} is no known element"
                    self._fault(marked, (*path, at), what, "write `353 M`, `C001`, `(235, 234) x10`")
                    continue
                uses.append(Use(known[match["id"]], match["required"] == "M", int(match["repeat"] or 1)))
        return tuple(uses)

    def _rules(self, marked: Marked, key: str, row: dict[str, Any], most: int) -> tuple[Rule, ...]:
        rules = []
        for at, text in enumerate(row.get("rules") or ()):
            if not RULE.fullmatch(str(text)):
                what = f"{key}: {text} is no relational condition"
                self._fault(marked, (key, "rules", at), what, "write P0304, R0203, C0302, L030405 or E0405")
                continue
            numbers = tuple(int(text[i : i + 2]) for i in range(1, len(text), 2))
            if not all(1 <= number <= most for number in numbers):
                self._fault(marked, (key, "rules", at), f"{key}: {text} names an element beyond {most}")
                continue
            rules.append(Rule(text[0], numbers))
        return tuple(rules)

    def _number(self, marked: Marked, path: marked_yaml.Path, text: Any, most: int) -> int | None:
        if text is None:
            return None
        if not str(text).isdecimal() or not 1 <= int(text) <= most:
            self._fault(marked, path, f"{path[0]}: {text} is not an element number in 1..{most}")
            return None
        return int(text)

    def _numbers(self, marked: Marked, path: marked_yaml.Path, given: Any, most: int) -> tuple[int, ...]:
        """One element number or a list of them."""
        texts = given if isinstance(given, list) else [] if given is None else [given]
        numbers = [self._number(marked, path, text, most) for text in texts]
        return tuple(number for number in numbers if number is not None)

    def _spelled(self, marked: Marked, key: str, row: dict[str, Any], most: int) -> tuple[int, int] | None:
        """`moment: 2 by 3`: component 3 says how the moment in component 2 is spelled."""
        if (text := row.get("moment")) is None:
            return None
        match = MOMENT.fullmatch(str(text))
        if match is None or not all(1 <= int(number) <= most for number in match.groups()):
            self._fault(
                marked, (key, "moment"), f"{key}: {text} is no moment in it", "write `moment: 2 by 3`"
            )
            return None
        return int(match[1]), int(match[2])

    def _value(
        self, marked: Marked, tag: str, row: dict[str, Any], uses: tuple[Use, ...]
    ) -> tuple[int | None, int | None, tuple[int, ...] | None]:
        """`value: 4`, `value: 1-2` for a component; `value: moment 2 3 4` for date, time, zone and century, or
        `moment: [4, 5, 6]` beside a value.
        """
        text, most = row.get("value"), len(uses)
        moment = self._numbers(marked, (tag, "moment"), row.get("moment"), most)
        if isinstance(text, str) and text.startswith("moment "):
            moment = self._numbers(marked, (tag, "value"), text.split()[1:], most)
            return (moment[0] if moment else None), None, moment
        element, _, inner = str(text or "").partition("-")
        number = self._number(marked, (tag, "value"), element or None, most)
        component = self._number(marked, (tag, "value"), inner or None, _components(uses, number))
        return number, component, moment or None

    def _qualified(
        self, marked: Marked, tag: str, row: dict[str, Any], uses: tuple[Use, ...]
    ) -> Mapping[Seat, tuple[Seat, ...]]:
        """`{4: 3}`: element 04 by element 03; `{3-4: [1, 3-3]}`: a component by several seats."""
        found = {}
        for key, given in (row.get("qualified") or {}).items():
            path = (tag, "qualified", key)
            texts = given if isinstance(given, list) else [given]
            seats = [self._seat(marked, path, text, uses) for text in (key, *texts)]
            known = [seat for seat in seats if seat is not None]
            if len(known) == len(seats):
                found[known[0]] = tuple(known[1:])
        return found

    def _seat(self, marked: Marked, path: marked_yaml.Path, text: Any, uses: tuple[Use, ...]) -> Seat | None:
        """`4` or `3-4`; a composite named alone is its first component."""
        match = SEAT.fullmatch(str(text))
        number = self._number(marked, path, match[1] if match else text, len(uses))
        if match is None or number is None:
            return None
        composite = isinstance(uses[number - 1].of, Composite)
        given = match[2] or ("1" if composite else None)
        inner = self._number(marked, path, given, _components(uses, number))
        return Seat(number, inner if composite else None) if inner or given is None else None

    def _pairs(self, marked: Marked, tag: str, row: dict[str, Any], uses: tuple[Use, ...]) -> Pairs | None:
        if (text := row.get("pairs")) is None:
            return None
        if match := PAIRS.fullmatch(str(text)):
            qualifier, code, value, inner, count, step = (int(group or 0) for group in match.groups())
            components = (code, inner) if code and inner and qualifier == value else None
            step = step or (1 if components else 2)
            pairs = Pairs(qualifier, value, count or (len(uses) - value) // step + 1, step, components)
            within = max(components or (1,))
            if bool(code or inner) == bool(components) and all(
                max(places) <= len(uses) and within <= _components(uses, places[1]) for places in pairs.places
            ):
                return pairs
        fix = "write `pairs: 6/7 x10`, or `pairs: 2-2/2-1 x5` where both stand in one composite"
        self._fault(marked, (tag, "pairs"), f"{tag}: {text} are no pairs in it", fix)
        return None

    def _groups(self, marked: Marked, tag: str, row: dict[str, Any], most: int) -> Groups | None:
        if (text := row.get("groups")) is None:
            return None
        if match := GROUPS.fullmatch(str(text)):
            first, size = int(match[1]), int(match[2])
            if size and 1 <= first <= most:
                return Groups(first, size, (most - first + 1) // size)
        self._fault(marked, (tag, "groups"), f"{tag}: {text} are no groups in it", "write `groups: 3.. by 2`")
        return None

    def _tree(self, marked: Marked, tag: str, row: dict[str, Any], most: int) -> Tree | None:
        if (said := row.get("tree")) is None:
            return None
        given = said if isinstance(said, dict) else {}
        unknown = [word for word in given if word not in TREE]
        if unknown or not {"id", "parent"} <= set(given):
            what = f"{tag}: unknown key {unknown[0]}" if unknown else f"{tag}: this makes no tree"
            fix = "write {id: 1, parent: 2, level: 3, children: 4}; the last two may be missing"
            self._fault(marked, (tag, "tree", *unknown[:1]), what, fix, key=bool(unknown))
            return None
        found = {word: self._number(marked, (tag, "tree", word), given[word], most) for word in given}
        own, parent = found["id"], found["parent"]
        return Tree(own, parent, found.get("level"), found.get("children")) if own and parent else None

    def _fault(
        self, marked: Marked, path: marked_yaml.Path, what: str, fix: str = "", key: bool = False
    ) -> None:
        self.faults.append(marked.fault(path, what, fix=fix, key=key))


def _element(key: str, row: str, codes: Mapping[str, str] | None) -> Element | None:
    """One row in either standard's words; None where it is none."""
    if match := ELEMENT.fullmatch(row):
        kind = "N0" if match["type"] == "N" else match["type"]
        return Element(key, match["name"], kind, int(match["min"]), int(match["max"]), codes)
    if match := REPRESENTATION.fullmatch(row):
        kind, most = "ID" if codes is not None else KINDS[match["kind"]], int(match["max"])
        # ISO 9735: the decimal mark is a comma or a full stop.
        return Element(key, match["name"], kind, 1 if match["upto"] else most, most, codes, marks=",.")
    return None


def _agencies(uses: tuple[Use, ...]) -> dict[int, int]:
    """A code, the qualifier of its list (1131) and whose it is (3055) stand side by side: of the first the third."""
    ids = [use.of.id for use in uses]
    return {at: at + 2 for at in range(1, len(ids) - 1) if ids[at : at + 2] == ["1131", "3055"]}


def _components(uses: tuple[Use, ...], number: int | None) -> int:
    """How many components the element has; a simple one has one."""
    of = uses[number - 1].of if number else None
    return len(of.components) if isinstance(of, Composite) else 1


def _rows(marked: Marked) -> list[tuple[str, Any]]:
    rows: dict[str, Any] = marked.data
    return [(key, row) for key, row in rows.items() if not key.islower()]
