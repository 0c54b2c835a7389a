"""Whether something can stand at a place of an object: `buyer.id.value`, `lines.0.number`, `references.any word`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.canonical.base import Part
from gateway.canonical.vocabulary import DOCUMENTS, fields
from gateway.marked_yaml import close

Step = str | int | None
"""A field, a word, an index; None is any one of a list, or of the words."""

WITHIN = {"one": (), "list": ("list",), "mapping": ("words",), "mapping of lists": ("words", "list")}

Spots = frozenset[tuple[type, tuple[str, ...]]]
"""What may stand at a place: types of values, and what still stands around them."""


@dataclass(frozen=True, slots=True)
class Astray:
    """Why nothing stands at a place, and what to do."""

    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.what}; {self.fix}"


def objects(names: Iterable[str]) -> Spots:
    """Where places of these objects begin."""
    return frozenset((DOCUMENTS[name], ()) for name in names if name in DOCUMENTS)


def follow(start: Spots, steps: Iterable[Step]) -> Spots | Astray:
    """What stands where the steps lead, from any of the spots; a word of a mapping may be any."""
    here, behind = start, ""
    for step in steps:
        there = frozenset(found for spot in here for found in _below(spot, step))
        if not there:
            return _astray(here, behind, step)
        here, behind = there, f"{behind}.{step}" if behind else str(step)
    return here


def listed(start: Spots, steps: Iterable[Step]) -> Spots | Astray:
    """One of the list where the steps lead."""
    named = tuple(steps)
    here = follow(start, named)
    if isinstance(here, Astray):
        return here
    lists = frozenset((kind, around[1:]) for kind, around in here if around[:1] == ("list",))
    dotted = ".".join(map(str, named))
    return lists or Astray(f"{dotted} is no list", "name one, such as lines")


def _below(spot: tuple[type, tuple[str, ...]], step: Step) -> Iterable[tuple[type, tuple[str, ...]]]:
    kind, around = spot
    if around:
        if around[0] == "words" or step is None or _is_index(step):
            yield kind, around[1:]
    elif issubclass(kind, Part):
        field = fields(kind).get(str(step))
        if field:
            yield field.type, WITHIN[field.holds]
    elif kind is str and (step is None or isinstance(step, int)):  # a sign of a text
        yield kind, ()


def _is_index(step: Step) -> bool:
    return isinstance(step, int) or (isinstance(step, str) and step.isascii() and step.isdecimal())


def _astray(here: Spots, behind: str, step: Step) -> Astray:
    known = {name for kind, around in here if not around and issubclass(kind, Part) for name in fields(kind)}
    if known:
        whose = behind or (next(iter(here))[0].__name__ if len(here) == 1 else "no object here")
        return Astray(
            f"{whose} has {'a' if whose.startswith('no ') else 'no'} field {step}", close(step, known)
        )
    if any(around[:1] == ("list",) for _, around in here):
        return Astray(f"{behind} is a list", f"write {behind}.0.{step} for its first, or each: {behind}")
    return Astray(
        f"{behind or 'what each: lists'} has nothing in it", f"write {behind}" if behind else "remove it"
    )
