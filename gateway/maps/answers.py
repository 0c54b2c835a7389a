"""Which document an object answers, part by part and line by line: found by what the object itself says, or by nothing.

An original that is not known, or that no number names, is `Unanswered`: never another one in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.canonical.base import parts
from gateway.canonical.meeting import bare
from gateway.faults import Code
from gateway.maps.read import Path, spoken

Names = tuple[str, ...]
"""Fields, one inside the other; in a mapping, a word."""
Named = tuple[str, str | None]
"""The number of a document, and its release where that is said."""
Answered = Mapping[str, Mapping[str | None, Any]]
"""Documents that may be answered, by number and release."""


def by_number(documents: Iterable[Any]) -> Answered:
    """Of several of one number and release the last."""
    found: dict[str, dict[str | None, Any]] = {}
    for one in documents:
        found.setdefault(one.number, {})[getattr(one, "release", None)] = one
    return found


@dataclass(frozen=True, slots=True)
class Naming:
    """Where an object names what it answers: at `path` of itself, or of each part it lists as `scope`, however deep.

    Beside a `number` its `release` may stand.
    """

    text: str
    scope: str
    path: Names

    def named(self, path: Path, part: Any) -> Named | None:
        """What the part that stands there names, if it is one that does."""
        listed = next((step for step in reversed(path) if isinstance(step, str)), "")
        number = at(part, self.path) if listed == self.scope else None
        if not isinstance(number, str):
            return None
        *around, last = self.path
        release = at(part, (*around, "release")) if last == "number" else None
        return number, release if isinstance(release, str) else None


@dataclass(frozen=True, slots=True)
class Meeting:
    """By which of their fields a listed part and one of the original are the same."""

    ours: Names
    theirs: Names


@dataclass(frozen=True, slots=True)
class Answers:
    """`document` is the canonical name of what is answered; `reads` whether anything is echoed from it."""

    document: str
    namings: tuple[Naming, ...]
    meetings: Mapping[str, tuple[Meeting, ...]]
    reads: bool = False

    def stated(self, business: Any) -> dict[Path, Named]:
        """What names a document, by where the part stands that does."""
        named = ((path, self.named(path, part)) for path, part in parts(business))
        return {path: one for path, one in named if one is not None}

    def named(self, path: Path, part: Any) -> Named | None:
        """By the first naming that gives a number."""
        found = (one.named(path, part) for one in self.namings)
        return next((one for one in found if one is not None), None)

    @property
    def spoken(self) -> str:
        return " or ".join(naming.text for naming in self.namings)


class Unanswered(Exception):
    """An original that cannot be had: what kind of fault that is, at which field, and why."""

    def __init__(self, code: Code, path: Path, came: str | None, expected: str) -> None:
        self.code, self.field, self.came, self.expected = code, spoken(path), came, expected
        super().__init__(expected)


class Originals:
    """What each part of one object answers, among the documents that are `known`.

    A release that is said means that one, or a document that has none; where
    none is said, every release of the number may be meant, and what is echoed must be the same in all.
    """

    def __init__(self, answers: Answers, business: Any, known: Answered) -> None:
        self.answers = answers
        self.business = business
        self.known = known
        self._stated = answers.stated(business)
        self._found: dict[Path, list[Any]] = {}
        self._listed: dict[tuple[int, str, Names], dict[Any, list[Any]]] = {}

    def said(self, path: Path, names: Names) -> Any:
        """What the original of the part there says at `names`, None where it says nothing. Raises Unanswered."""
        values = [at(one, names) for one in self.of(path)]
        if any(value != values[0] for value in values):
            expected = self._apart(path) or "one value, or a place in the scope of each document"
            came = " / ".join(map(_told, values))
            raise Unanswered(Code.ORIGINALS_DIFFER, (*path, "answered", *names), came, expected)
        return values[0]

    def of(self, path: Path) -> list[Any]:
        """The originals, or the original's lines, that the part there answers. Raises Unanswered."""
        if path not in self._found:
            self._found[path] = self._lines(path, self._originals(path))
        return self._found[path]

    def _naming(self, path: Path) -> list[Path]:
        """Who names the original: the part itself, the nearest around it, else all in the nearest that holds any."""
        around = [path[:end] for end in range(len(path), -1, -1)]
        nearest = next((outer for outer in around if outer in self._stated), None)
        if nearest is not None:
            return [nearest]
        for outer in around:
            if inside := [one for one in self._stated if one[: len(outer)] == outer]:
                first = {self._stated[one]: one for one in reversed(inside)}
                return sorted(first.values(), key=inside.index)
        expected = f"the number of the {self.answers.document} it answers, in {self.answers.spoken}"
        raise Unanswered(Code.ORIGINAL_MISSING, (), None, expected)

    def _originals(self, path: Path) -> list[Any]:
        found = [one for where in self._naming(path) for one in self._meant(where)]
        return list({id(one): one for one in found}.values())

    def _meant(self, where: Path) -> list[Any]:
        """What the part there names: one document, or every release of it. Raises Unanswered."""
        number, release = self._stated[where]
        releases = self.known.get(number)
        if releases is None:
            expected = f"a {self.answers.document} that is known"
            raise Unanswered(Code.ORIGINAL_MISSING, self._naming_field(where), number, expected)
        if release is None:
            return list(releases.values())
        if release not in releases and None not in releases:
            expected = f"a release of {number} that is known: {_listed(releases)}"
            place = (*self._naming_field(where)[:-1], "release")
            raise Unanswered(Code.ORIGINAL_MISSING, place, release, expected)
        return [releases[release if release in releases else None]]

    def _apart(self, path: Path) -> str | None:
        """What would tell apart the releases of one document that is answered here."""
        for where in self._naming(path):
            if len(self._meant(where)) > 1:
                place = spoken((*self._naming_field(where)[:-1], "release"))
                return f"the release that is meant, in {place}: {_listed(self.known[self._stated[where][0]])}"
        return None

    def _naming_field(self, where: Path) -> Path:
        part = at(self.business, where)
        naming = next(one for one in self.answers.namings if one.named(where, part) is not None)
        return (*where, *naming.path)

    def _lines(self, path: Path, originals: list[Any]) -> list[Any]:
        """The lines met on the way to the part, or the originals where none is listed."""
        found = originals
        for end, step in enumerate(path, 1):
            if step in self.answers.meetings and isinstance(step, str):
                found = self._met(path[: end + 1], step, found)
        return found

    def _met(self, path: Path, name: str, originals: list[Any]) -> list[Any]:
        """In each original the one listed part that fits ours; there must be one somewhere, and nowhere two."""
        ours = at(self.business, path)
        fitting = [self._fitting(original, name, ours) for original in originals]
        if not any(fitting) or any(len(found) > 1 for found in fitting):
            expected = f"one of its {name} in the {self.answers.document}; {max(map(len, fitting))} fit"
            raise Unanswered(Code.ORIGINAL_LINE_MISSING, path, self._key(ours, name), expected)
        return [line for found in fitting for line in found]

    def _fitting(self, original: Any, name: str, ours: Any) -> list[Any]:
        """By the first key our part gives; where several fit, or one of the two gives none, by its item ids."""
        for meeting in self.answers.meetings[name]:
            key = at(ours, meeting.ours)
            if key is not None:
                index = self._index(original, name, meeting.theirs)
                found = index.get(_bare(key), [])
                if not found:
                    return [one for one in index.get(None, []) if same_item(one, ours)]
                exact = [one for one in found if at(one, meeting.theirs) == key] or found
                return exact if len(exact) < 2 else [one for one in exact if same_item(one, ours)]
        return [one for one in getattr(original, name, None) or () if same_item(one, ours)]

    def _index(self, original: Any, name: str, names: Names) -> dict[Any, list[Any]]:
        known = self._listed.get((id(original), name, names))
        if known is None:
            known = self._listed[id(original), name, names] = {}
            for one in getattr(original, name, None) or ():
                known.setdefault(_bare(at(one, names)), []).append(one)
        return known

    def _key(self, ours: Any, name: str) -> str | None:
        keys = [at(ours, meeting.ours) for meeting in self.answers.meetings[name]]
        given = next((key for key in keys if key is not None), None)
        ids = " ".join(f"{kind} {value}" for kind, value in sorted(_ids(ours).items()))
        return str(given) if given is not None else ids or None


def at(value: Any, path: Path) -> Any:
    """What stands at the path: of a part a field, of a mapping a word, of a list an item; None where it ends early."""
    for step in path:
        if isinstance(step, int):
            value = value[step]
        else:
            value = value.get(step) if isinstance(value, Mapping) else getattr(value, step, None)
    return None if value in ([], {}) else value


def same_item(one: Any, other: Any) -> bool:
    """Whether both name the item in some common way, and in no common way differently."""
    mine, theirs = _ids(one), _ids(other)
    shared = mine.keys() & theirs.keys()
    return bool(shared) and all(mine[kind] == theirs[kind] for kind in shared)


def _listed(releases: Iterable[str | None]) -> str:
    return ", ".join(one or "none" for one in releases)


def _told(value: Any) -> str:
    return "nothing" if value is None else ", ".join(value) if isinstance(value, list) else str(value)


def _ids(part: Any) -> Mapping[str, str]:
    return getattr(part, "ids", None) or {}


def _bare(key: Any) -> Any:
    return bare(key) if isinstance(key, str) else key
