"""What a document says about itself: constants the map writes, and elements computed from the others."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gateway.faults import Code, Fault
from gateway.maps import spelling
from gateway.maps.locate import Scope, Slot, count, families, slots, slots_in
from gateway.maps.model import Block, Computed


def remarks(block: Block, scope: Scope, values: dict[str, Any]) -> list[Fault]:
    """A note for every constant that is another value, and every computed element that does not add up."""
    notes = []
    for constant in block.constants:
        for slot in slots(constant.place, scope):
            if slot.texts and slot.texts[0] != constant.text:
                notes.append(_note(Code.CONSTANT, slot, constant.text))
    for computed in block.computed:
        for slot, right in results(computed, scope, values):
            if slot.texts and not _says(computed, slot, right):
                notes.append(_note(Code.COMPUTED, slot, str(right)))
    return notes


def results(computed: Computed, scope: Scope, values: dict[str, Any]) -> Iterator[tuple[Slot, Any]]:
    """Each slot of the computed place, and what belongs there."""
    place = computed.spot.place
    if computed.total:
        right = total(computed, scope, values)
        yield from ((slot, right) for slot in slots(place, scope))
        return
    number = 0
    for family in families(place, scope):
        number = number if computed.function == "running" else 0
        for found in family:
            number += 1
            yield from ((slot, number) for slot in slots_in(found, place, scope))


def total(computed: Computed, scope: Scope, values: dict[str, Any]) -> Any:
    """`count`: how many; `sum`: of what is there."""
    if computed.counted is not None:
        return count(computed.counted, scope)
    found = list(leaves(values, computed.path))
    return len(found) if computed.function == "count" else sum(found, Decimal(0))


def leaves(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Everything at the path, lists opened on the way."""
    if isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    elif not path:
        yield value
    else:
        below = value.get(path[0]) if isinstance(value, dict) else getattr(value, path[0])
        if below is not None:
            yield from leaves(below, path[1:])


def _says(computed: Computed, slot: Slot, right: Any) -> bool:
    try:
        return bool(spelling.read(computed.spot, slot.texts) == right)
    except ValueError:
        return False


def _note(code: Code, slot: Slot, expected: str) -> Fault:
    return Fault(code, slot.segment.place(*slot.seats[0]), slot.texts[0], expected)
