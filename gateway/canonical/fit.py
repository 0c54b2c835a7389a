"""Whether JSON fits a business object: the object, or all that does not fit, by JSON path, in business words."""

from __future__ import annotations

import datetime as clock
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.canonical.base import Part
from gateway.canonical.moment import Moment
from gateway.canonical.vocabulary import fields
from gateway.faults import Code, Fault, Place
from gateway.marked_yaml import close

P = TypeVar("P", bound=Part)

ONE: Mapping[type[Any], str] = {
    str: "text that is not empty",
    int: "a whole number",
    Decimal: 'a decimal number, such as "12.50"',
    clock.date: 'a date, such as "2026-03-01"',
    clock.time: 'a time, such as "14:30"',
    Moment: 'a moment, such as "2026-03-01", "2026-03-01T14:30" or "2026-03-01T14:30-05:00"',
}
"""What one value of a type is to whoever writes the JSON."""

FARTHEST = 30
"""Digits before a number's point, and behind it; no standard we write has room for more."""

LEVELS = {
    "one": [],
    "list": ["a list, in [ ]"],
    "mapping": ["an object of words and their values"],
    "mapping of lists": ["an object of words and their lists", "a list that is not empty"],
}
"""What stands around the values of a field, from outside in."""


def fitted(kind: type[P], text: str, root: str = "$") -> P | list[Fault]:
    """The object the text says, or every fault. `root` is the path of the text in its file."""
    try:
        found = kind.from_json(text)
    except ValidationError as error:
        return [_fault(kind, root, detail) for detail in error.errors(include_url=False)]
    far = [_beyond(root, path, number) for path, number in _numbers(found, ()) if _is_far(number)]
    return [*_said_twice(root, text), *far] or found


def _said_twice(root: str, text: str) -> list[Fault]:
    """The names that stand twice in one object: JSON leaves open which of them counts (RFC 8259, section 4)."""
    doubles: dict[int, tuple[Any, list[str]]] = {}

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counted = Counter(name for name, _ in pairs)
            doubles[id(found)] = found, [name for name, many in counted.items() if many > 1]
        return found

    said = json.loads(text, object_pairs_hook=made)
    found = _objects(said, ()) if doubles else ()
    twice = ((path, name) for path, here in found if id(here) in doubles for name in doubles[id(here)][1])
    return [_twice(root, path, name) for path, name in twice]


def _objects(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every object of the JSON, and where it stands."""
    if isinstance(value, dict):
        yield path, value
    if isinstance(value, dict | list):
        for step, below in _below(value):
            yield from _objects(below, (*path, step))


def _twice(root: str, path: Iterable[str | int], name: str) -> Fault:
    place = Place(field=root + "".join(map(_step, (*path, name))))
    return Fault(Code.VALUE, place, expected="each name once in its object", hint="say which one you mean")


def _numbers(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Decimal]]:
    """Every decimal of the object, and where it stands."""
    if isinstance(value, Decimal):
        yield path, value
    elif isinstance(value, Part | Mapping | list):
        for step, below in _below(value):
            yield from _numbers(below, (*path, step))


def _below(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, list):
        return enumerate(value)
    return (value if isinstance(value, Mapping) else value.__dict__).items()


def _is_far(number: Decimal) -> bool:
    """Whether it has more digits than any amount of goods or money, or than we could count with."""
    exponent = number.as_tuple().exponent
    return abs(number.adjusted()) > FARTHEST or (isinstance(exponent, int) and exponent < -FARTHEST)


def _beyond(root: str, path: Iterable[str | int], number: Decimal) -> Fault:
    place = Place(field=root + "".join(map(_step, path)))
    expected = f"a number with at most {FARTHEST} digits on either side of its point"
    return Fault(Code.VALUE, place, _json(str(number)[:80]), expected, hint="is it what you meant to say?")


def _fault(kind: type[Part], root: str, detail: ErrorDetails) -> Fault:
    path, why = detail["loc"], detail["type"]
    place = Place(field=root + "".join(map(_step, path)))
    if why == "json_invalid":
        said = str(detail["ctx"]["error"]).partition(" at line ")[0]
        return Fault(Code.UNKNOWN_FORMAT, place, expected=f"JSON ({said})", hint="mend the JSON here")
    if why == "missing":
        return Fault(Code.FIELD_MISSING, place, expected=_expected(kind, path), hint="add it")
    if why == "extra_forbidden":
        known = fields(_around(kind, path))
        return Fault(Code.FIELD_UNKNOWN, place, _json(detail["input"]), hint=close(path[-1], known))
    came, expected = detail["input"], _expected(kind, path)
    if expected == ONE[Decimal] and (type(came) is int or (type(came) is float and isfinite(came))):
        # what came was rounded when it was read, so it is not shown
        hint = "write it as text, in quotes; readers round a JSON number"
        return Fault(Code.VALUE, place, expected=expected, hint=hint)
    hint = f"`gateway schema {kind.__name__}` prints all that fits"
    return Fault(Code.VALUE, place, _json(came), expected, hint=hint)


def _step(step: str | int) -> str:
    if step == "[key]":  # pydantic's mark that the word itself is meant, not its value
        return ""
    return f".{step}" if str(step).isidentifier() else f"[{_json(step)}]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _expected(kind: type[Part], path: Iterable[str | int]) -> str:
    """What fits where the path leads."""
    if "[key]" in path:
        return "a word that is not empty"
    found, levels = _at(kind, path)
    return levels[0] if levels else ONE.get(found) or f"an object, in {{ }}, with fields of {found.__name__}"


def _around(kind: type[Part], path: tuple[str | int, ...]) -> Any:
    return _at(kind, path[:-1])[0]


def _at(kind: Any, path: Iterable[str | int]) -> tuple[Any, list[str]]:
    """The type of the values where the path leads, and what still stands around them."""
    levels: list[str] = []
    for step in path:
        if levels:
            levels = levels[1:]
        else:
            field = fields(kind)[str(step)]
            kind, levels = field.type, LEVELS[field.holds]
    return kind, levels
