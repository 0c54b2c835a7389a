"""Before a written document leaves: it passes its own guide, and reads back as the object it was written from."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from gateway.faults import Code, Fault, Place, rejecting
from gateway.formats.segment import Segment
from gateway.guides.model import Guide
from gateway.guides.place import parse
from gateway.guides.tree import LoopNode
from gateway.maps.locate import Scope
from gateway.maps.model import Block
from gateway.maps.read import Reading, read_block, spoken
from gateway.maps.view import differences, two_way


def unproved(
    guide: Guide, root: Block, wanted: dict[str, Any], tree: LoopNode, onto: LoopNode | None
) -> list[Fault]:
    """Every new fault of grammar, then every field that would read differently; empty when the document may leave."""
    read, grammar = parsed(guide, tree)
    reading = Reading()
    values = read_block(root, Scope(read), reading, ())
    if faults := _new(rejecting(grammar), guide, onto):
        return [_at_field(fault, reading) for fault in faults]
    found = two_way(root, values)
    return [
        Fault(
            Code.NOT_WRITABLE,
            Place(field=spoken(path)),
            None if said is None else str(said),
            "nothing, for so it reads back" if back is None else f"a value that does not read back as {back}",
        )
        for path, said, back in differences(two_way(root, wanted), found)
    ]


def parsed(guide: Guide, tree: LoopNode) -> tuple[LoopNode, list[Fault]]:
    """The tree's segments placed anew, as the receiver will."""
    return parse(guide, [Segment(node.elements[:], number) for number, node in enumerate(tree.segments(), 2)])


def _new(faults: list[Fault], guide: Guide, onto: LoopNode | None) -> list[Fault]:
    """Without those the original had already: they are its sender's."""
    if not faults or onto is None:
        return faults
    had = Counter(_what(fault) for fault in rejecting(parsed(guide, onto)[1]))
    kept = []
    for fault in faults:
        if had[_what(fault)]:
            had[_what(fault)] -= 1
        else:
            kept.append(fault)
    return kept


def _what(fault: Fault) -> tuple[Any, ...]:
    return fault.code, fault.place.address, fault.place.loop, fault.came


def _at_field(fault: Fault, reading: Reading) -> Fault:
    """The fault with the field that was written there, or the part its segment is."""
    number, element = fault.place.segment_number, fault.place.element
    near = [
        (at, path)
        for path, (segment, at, _) in reading.origins.items()
        if segment.source is not None and segment.source.number == number
    ]
    near.sort(key=lambda one: (one[0] != element, len(one[1])))
    return replace(fault, place=replace(fault.place, field=spoken(near[0][1]))) if near else fault
