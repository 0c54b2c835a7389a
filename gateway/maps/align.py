"""Which old instance is which new item: by key, else qualifier, else equal value; and the order they then stand in.

What is unbound in an instance never passes to another one, so without a match the old goes and a new one comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps.model import Instances, Value

T = TypeVar("T")
Values = dict[str, Any]


def aligned(binding: Instances, old: Sequence[Values], new: Sequence[Values]) -> list[int | None]:
    """For each new item the number of the old one it is. Equal values are preferred, then the document's order."""
    names = key_of(binding)
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for number, values in enumerate(old):
        waiting[_key(names, values)].append(number)
    found: list[int | None] = [None] * len(new)
    for exact in (True, False):
        for at, values in enumerate(new):
            bucket = waiting.get(_key(names, values), []) if found[at] is None else []
            same = next((number for number in bucket if not exact or old[number] == values), None)
            if same is not None:
                bucket.remove(same)
                found[at] = same
    return found


def key_of(binding: Instances) -> tuple[str, ...]:
    """The fields an instance is known by: the map's `key`, else those bound to its segment's qualifiers."""
    if binding.key:
        return (binding.key,)
    qualifiers = binding.place.spec.qualifiers
    return tuple(
        one.name
        for one in binding.block.bindings
        if isinstance(one, Value) and one.reading and _is_qualifier(one, qualifiers)
    )


def surviving(
    slots: Sequence[T], old: Sequence[Any], new: Sequence[Any], spans: bool
) -> tuple[list[T], list[T]]:
    """(slots to keep, slots to clear) when fewer values are wanted: those leave where the first difference is.

    Where the place spans several elements of a segment the values move up instead, so that none starts empty.
    """
    surplus = max(0, len(old) - len(new))
    same = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(new))
    first = len(new) if spans else min(same, len(new))
    return [*slots[:first], *slots[first + surplus :]], list(slots[first : first + surplus])


def arrange(node: LoopNode, items: Sequence[SegmentNode | LoopNode]) -> None:
    """Puts the items, which all stand in the loop, into this order, using only the places they have."""
    known = {id(item) for item in items}
    places = [at for at, item in enumerate(node.items) if id(item) in known]
    for at, item in zip(places, items, strict=True):
        node.items[at] = item


def _is_qualifier(binding: Value, qualifiers: tuple[int, ...]) -> bool:
    place = binding.reading.spots[0].place if binding.reading else None
    return (
        place is not None and place.own and not place.steps and not place.up and place.element in qualifiers
    )


def _key(names: tuple[str, ...], values: Values) -> Hashable:
    """The key's values; a whole value where it has none."""
    key = tuple(values.get(name) for name in names)
    return key if any(part is not None for part in key) else _frozen(values)


def _frozen(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple(sorted((name, _frozen(below)) for name, below in value.items()))
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return repr(value)
