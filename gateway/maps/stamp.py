"""What a map writes by itself: constants beside bound values, and elements computed from the object.

Onto an original they create nothing, and change only what changed with the object.
"""

from __future__ import annotations

from typing import Any

from gateway.guides.check import broken
from gateway.maps import compute
from gateway.maps.locate import Scope, Slot, segments, slots
from gateway.maps.model import Block, Constant
from gateway.maps.read import Reading, read_block
from gateway.maps.writing import Wanted, Writing


def put_constants(block: Block, scope: Scope, writing: Writing) -> None:
    """Constants go into segments this writing made; a segment of constants alone comes with a new document."""
    for constant in block.constants:
        if constant.alone and writing.is_new(scope) and not segments(constant.place, scope):
            slot = writing.room(constant.place, scope)
            if slot is not None:
                writing.fill(slot, constant.place, (constant.text,))
    waiting: dict[int, list[tuple[Constant, Slot]]] = {}
    for constant in block.constants:
        for slot in slots(constant.place, scope):
            if id(slot.segment) in writing.made and not slot.texts:
                waiting.setdefault(id(slot.segment), []).append((constant, slot))
    for candidates in waiting.values():
        for constant, slot in _welcome(candidates):
            writing.fill(slot, constant.place, (constant.text,))


def _welcome(candidates: list[tuple[Constant, Slot]]) -> list[tuple[Constant, Slot]]:
    """Those that break no condition: a constant follows the elements it is paired with (X12.6 P, C, L and E)."""
    kept = candidates
    while True:
        numbers = {constant.place.element for constant, _ in kept}
        left = [(constant, slot) for constant, slot in kept if _may_stand(constant, slot, numbers)]
        if len(left) == len(kept):
            return left
        kept = left


def _may_stand(constant: Constant, slot: Slot, numbers: set[int]) -> bool:
    element = constant.place.element
    rules = [rule for rule in constant.place.spec.rules if element in rule.at]
    asking = [rule for rule in rules if rule.kind in "PE" or (rule.kind in "CL" and rule.at[0] == element)]

    def has(number: int) -> bool:
        return number in numbers or bool(slot.segment.get(number))

    return all(broken(rule, has) is None for rule in asking)


def before(block: Block, scope: Scope, writing: Writing) -> list[Any]:
    """What the computed elements were computed from, so that only what changed is written."""
    if not block.computed or writing.is_new(scope):
        return []
    values = read_block(block, scope, Reading(), ())
    return [
        compute.total(computed, scope, values)
        if computed.total
        else {id(slot.segment): right for slot, right in compute.results(computed, scope, {})}
        for computed in block.computed
    ]


def put_computed(block: Block, wanted: Wanted, scope: Scope, writing: Writing, was: list[Any]) -> None:
    """Computed elements are written into new segments, and corrected where what they count has changed."""
    for number, computed in enumerate(block.computed):
        then = was[number] if was else None
        if writing.is_new(scope) and computed.total and not segments(computed.spot.place, scope):
            right = compute.total(computed, scope, wanted)
            writing.put(computed.spot, writing.room(computed.spot.place, scope), right, (computed.function,))
        for slot, right in compute.results(computed, scope, wanted):
            made = id(slot.segment) in writing.made
            same = (
                then == right if computed.total else then is not None and then.get(id(slot.segment)) == right
            )
            if made or (slot.texts and not same):
                writing.put(computed.spot, slot, right, (computed.function,))
