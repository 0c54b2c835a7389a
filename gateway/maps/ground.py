"""What must stand in a loop for a binding to find anything there: so that reading looks only where something is.

Of an order's three hundred bindings a document fills thirty; asking each of the others took most of reading exactly.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.guides.tree import LoopNode
from gateway.maps.model import Binding, Block, Fixed, Instances, Part, Place, Words

Positions = frozenset[int]
"""Positions of the guide, each by its `id`."""

NOTHING: Positions = frozenset()


def standing(node: LoopNode) -> Positions:
    """The positions at which something stands directly in the loop."""
    return frozenset([id(item.position) for item in node.items])


def needs(block: Block) -> tuple[Positions | None, ...]:
    """For each binding of the block the positions of which one must be filled; None where it must always look."""
    if block.needs is None:
        block.needs = tuple(_of(binding, (block,)) for binding in block.bindings)
    return block.needs


def _of(binding: Binding, around: tuple[Block, ...]) -> Positions | None:
    if isinstance(binding, Fixed):
        return NOTHING
    if isinstance(binding, Part):
        return _of_part(binding.block, around)
    if isinstance(binding, Instances):
        return _union([_of_place(binding.place)])
    if isinstance(binding, Words):
        return _union([_of_place(spot.place) for spot in binding.spots])
    source = binding.reading
    return NOTHING if source is None else _union(_of_place(spot.place) for spot in source.spots)


def _of_part(block: Block, around: tuple[Block, ...]) -> Positions | None:
    """A part brings what its bindings find; one that stands in itself is always looked at."""
    if block in around:
        return None
    return _union(_of(binding, (*around, block)) for binding in block.bindings)


def _of_place(place: Place) -> Positions | None:
    """The first position on the way; the scope's own segment is always there, and scopes outside are others."""
    if place.up or (place.own and not place.steps):
        return None
    return frozenset([id(place.steps[0].loop if place.steps else place.position)])


def _union(found: Iterable[Positions | None]) -> Positions | None:
    known: set[int] = set()
    for one in found:
        if one is None:
            return None
        known |= one
    return frozenset(known)
