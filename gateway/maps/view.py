"""Canonical object -> plain values by field: what reading the written document must give back. Nothing is written here.

What the map has no place for is found here, by field, as `not carried`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.faults import Code, Fault, Place
from gateway.maps.model import Binding, Block, Fixed, Instances, Part, Value, Values, Words
from gateway.maps.read import Path, spoken

Faults = list[Fault]


def view(block: Block, source: Any, path: Path, faults: Faults) -> dict[str, Any]:
    """The fields that say something, as `read_block` would give them."""
    values: dict[str, Any] = {}
    for binding in block.bindings:
        if isinstance(binding, Words):
            values |= _words(binding, source)
        if isinstance(binding, Words) or (isinstance(binding, Instances) and binding.instead):
            continue
        at = (*path, binding.name)
        seen = VIEWS[type(binding)](binding, _get(source, binding.name), at, faults)
        if says_something(seen):
            values[binding.name] = seen
    for name in _unbound(block, source):
        faults.append(Fault(Code.NOT_CARRIED, Place(field=spoken((*path, name))), str(_get(source, name))))
    return values


def plain(binding: Binding, value: Any, path: Path, faults: Faults) -> dict[str, Any]:
    """What `view` gives for one binding alone."""
    if isinstance(binding, Words):
        return _words(binding, value)
    return {binding.name: VIEWS[type(binding)](binding, value, path, faults)}


def two_way(block: Block, values: dict[str, Any]) -> dict[str, Any]:
    """Without the fields the map marks as going one way only."""
    kept: dict[str, Any] = {}
    bound = {binding.name: binding for binding in reversed(block.bindings)}
    for name, value in values.items():
        binding = bound.get(name)
        if isinstance(binding, Value | Values) and (binding.reading is None or binding.writing is None):
            continue
        if isinstance(binding, Part | Instances):
            below = binding.block
            kept[name] = (
                [two_way(below, one) for one in value] if isinstance(value, list) else two_way(below, value)
            )
        else:
            kept[name] = value
    return kept


def differences(wanted: Any, found: Any, path: Path = ()) -> list[tuple[Path, Any, Any]]:
    """(path, wanted, found) of everything that is not equal, as deep as both go."""
    if wanted == found:
        return []
    if isinstance(wanted, dict) and isinstance(found, dict):
        names = dict.fromkeys((*wanted, *found))
        return [
            one for name in names for one in differences(wanted.get(name), found.get(name), (*path, name))
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = enumerate(zip(wanted, found, strict=True))
        return [one for index, pair in pairs for one in differences(*pair, (*path, index))]
    return [(path, wanted, found)]


def says_something(value: object) -> bool:
    """False for None, and for an empty list or mapping."""
    return value is not None and value != [] and value != {}


def _get(source: Any, name: str) -> Any:
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name)


def _unbound(block: Block, source: Any) -> list[str]:
    """Fields, or words of a mapping, that say something and have no binding."""
    if block.model is not None:
        return sorted(name for name in block.unbound if says_something(_get(source, name)))
    names = {binding.name for binding in block.bindings}
    return [] if "*" in names else [word for word in source if word not in names]


def _words(binding: Words, source: Any) -> dict[str, Any]:
    return {
        word: value for word, value in source.items() if word not in binding.taken and says_something(value)
    }


def _plain(binding: Value | Values, value: Any, path: Path, faults: Faults) -> Any:
    return value


def _fixed(binding: Fixed, value: Any, path: Path, faults: Faults) -> Any:
    if value != binding.value:
        faults.append(Fault(Code.NOT_WRITABLE, Place(field=spoken(path)), str(value), str(binding.value)))
    return binding.value


def _part(binding: Part, value: Any, path: Path, faults: Faults) -> Any:
    if binding.listed:
        return _listed(binding, value, path, faults) if says_something(value) else None
    return view(binding.block, value, path, faults) if says_something(value) else None


def _listed(binding: Part, value: Any, path: Path, faults: Faults) -> Any:
    """The one that there is room for."""
    if len(value) > 1:
        expected = "one alone: the document has room for no more"
        faults.append(Fault(Code.NOT_WRITABLE, Place(field=spoken((*path, 1))), expected=expected))
    seen = view(binding.block, value[0], (*path, 0), faults)
    if not seen:
        expected = "a part that says something the map can write"
        faults.append(Fault(Code.NOT_WRITABLE, Place(field=spoken((*path, 0))), expected=expected))
    return [seen]


def _instances(binding: Instances, value: Any, path: Path, faults: Faults) -> Any:
    if value is None:
        return None
    items = [((*path, index), item) for index, item in enumerate(value)] if binding.many else [(path, value)]
    seen = []
    for at, item in items:
        seen.append(view(binding.block, item, at, faults))
        if not seen[-1]:
            expected = "a part that says something the map can write"
            faults.append(Fault(Code.NOT_WRITABLE, Place(field=spoken(at)), expected=expected))
    return seen if binding.many else seen[0]


VIEWS: dict[type[Any], Callable[[Any, Any, Path, Faults], Any]] = {
    Value: _plain,
    Values: _plain,
    Fixed: _fixed,
    Part: _part,
    Instances: _instances,
}
