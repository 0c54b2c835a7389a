"""What a map's YAML says, with its place: dotted names opened, parts put where they are used, nothing judged yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import SetupFault
from gateway.maps.places import Misfit
from gateway.marked_yaml import Marked, Path, close

SCOPE = ("in", "each", "use", "key", "constants", "computed")
"""The keys of a block that are no fields."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the map and where it stands. `value` is text, a mapping of entries, a list, or None."""

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

    def __init__(self, marked: Marked) -> None:
        self.marked = marked
        self.data: dict[str, Any] = marked.data if isinstance(marked.data, dict) else {}
        self.faults: list[SetupFault] = []

    def fault(self, path: Path, what: str, why: str = "", fix: str = "", *, key: bool = False) -> None:
        self.faults.append(self.marked.fault(path, what, why, fix, key=key))

    def misfit(self, path: Path, misfit: Misfit, *, key: bool = False) -> None:
        self.fault(path, misfit.what, misfit.why, misfit.fix, key=key)

    def entry(self, path: Path) -> Entry:
        """What stands at the path, dotted names and `use:` opened, all the way down."""
        found: Any = self.data
        for step in path:
            found = found[step]
        return self._opened(found, path)

    def _opened(self, value: Any, path: Path) -> Entry:
        if not isinstance(value, dict):
            return Entry(value, path)
        entries: dict[str, Entry] = {}
        for key, below in value.items():
            if key in SCOPE:
                entries[key] = Entry(below, (*path, key))
            else:
                self._put(entries, key.split("."), self._opened(below, (*path, key)))
        return Entry(entries, path)

    def _put(self, entries: dict[str, Entry], names: list[str], entry: Entry) -> None:
        """`price.amount` is the entry `amount` of `price`; both ways of writing may be mixed."""
        name, *rest = names
        there = entries.get(name)
        if rest:
            if there is None:
                there = entries[name] = Entry({}, entry.path)
            if isinstance(there.value, dict):
                self._put(there.value, rest, entry)
                return
        elif there is None:
            entries[name] = entry
            return
        elif isinstance(there.value, dict) and isinstance(entry.value, dict):
            for key, below in entry.value.items():
                self._put(there.value, [key], below)
            return
        self.fault(
            entry.path, f"{'.'.join(map(str, entry.path[-1:]))}: bound twice", fix="remove one", key=True
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
