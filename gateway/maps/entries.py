"""What a map's YAML says, with its place: dotted names opened, parts put where they are used, nothing judged yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import SetupFault
from gateway.maps.places import Misfit
from gateway.marked_yaml import Marked, Node, Path, close

SCOPE = ("in", "each", "use", "key", "constants", "computed")
"""The keys of a block that are no fields."""
Nodes = dict[str, tuple[Node, Node]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the map and where it stands. `value` is text, a mapping or a list of entries, or None."""

    value: Any
    path: Path

    def get(self, key: str) -> Entry | None:
        found: Entry | None = self.value.get(key) if isinstance(self.value, dict) else None
        return found

    def fields(self) -> Iterator[tuple[str, Entry]]:
        """The entries that are fields."""
        return ((name, entry) for name, entry in self.value.items() if name not in SCOPE)


class Text:
    """The map's merged text: entries by path, and the faults found so far."""

    def __init__(self, marked: Marked, faults: list[SetupFault]) -> None:
        self.marked = marked
        self.data: dict[str, Any] = marked.data if isinstance(marked.data, dict) else {}
        self.faults = faults

    def fault(self, path: Path, what: str, why: str = "", fix: str = "", *, key: bool = False) -> None:
        self.faults.append(self.marked.fault(path, what, why, fix, key=key))

    def misfit(self, path: Path, misfit: Misfit, *, key: bool = False) -> None:
        self.fault(path, misfit.what, misfit.why, misfit.fix, key=key)

    def entry(self, path: Path) -> Entry:
        """What stands at the path, all the way down; nothing where the path ends early."""
        found: Any = self.data
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        return self._opened(found, path)

    def _opened(self, value: Any, path: Path) -> Entry:
        if isinstance(value, list):
            return Entry([self._opened(one, (*path, at)) for at, one in enumerate(value)], path)
        if not isinstance(value, dict):
            return Entry(value, path)
        below = {key: (*path, key) for key in value}
        return Entry(
            {k: Entry(v, below[k]) if k in SCOPE else self._opened(v, below[k]) for k, v in value.items()},
            path,
        )

    def used(self, entry: Entry, seen: tuple[str, ...] = ()) -> Entry:
        """The block with the part it uses beneath its own fields."""
        use = entry.get("use")
        if use is None:
            return entry
        parts = self.data.get("parts")
        known: Mapping[str, Any] = parts if isinstance(parts, dict) else {}
        if not isinstance(use.value, str) or not isinstance(known.get(use.value), dict):
            self.fault(use.path, f"no part {use.value}", fix=close(use.value, known))
        elif use.value in seen:
            self.fault(
                use.path,
                f"the part {use.value} is made of itself",
                fix="put it in an in: or each: of its own",
            )
        else:
            part = self.used(self.entry(("parts", use.value)), (*seen, use.value))
            return Entry({**part.value, **entry.value}, entry.path)
        return entry


def dotted(marked: Marked, faults: list[SetupFault]) -> Marked:
    """The map with every dotted field opened: `price.amount: PO104` is `price: {amount: PO104}`.

    Done before maps are merged, so that either way of writing overrides the other.
    """
    root = marked.node
    if not isinstance(root.value, dict):
        return marked
    opened = {
        key: (named, _undotted(below, faults) if key in ("fields", "parts") else below)
        for key, (named, below) in root.value.items()
    }
    return Marked(Node(opened, root.file, root.line, root.column, root.flow))


def _undotted(node: Node, faults: list[SetupFault]) -> Node:
    if not isinstance(node.value, dict):
        return node
    opened: Nodes = {}
    for key, (named, below) in node.value.items():
        inner = below if key in SCOPE else _undotted(below, faults)
        _put(opened, key.split("."), named, inner, faults)
    return Node(opened, node.file, node.line, node.column, node.flow)


def _put(opened: Nodes, names: list[str], named: Node, below: Node, faults: list[SetupFault]) -> None:
    name, *rest = names
    there = opened.get(name)
    if rest:
        if there is None:
            there = opened[name] = (named, Node({}, named.file, named.line, named.column))
        if isinstance(there[1].value, dict):
            _put(there[1].value, rest, named, below, faults)
            return
    elif there is None:
        opened[name] = (named, below)
        return
    elif isinstance(there[1].value, dict) and isinstance(below.value, dict):
        for key, (inner, value) in below.value.items():
            _put(there[1].value, [key], inner, value, faults)
        return
    faults.append(SetupFault(named.mark, f"{named.value}: bound twice", fix="remove one"))
