"""Before a written document leaves: it passes its own guide, and reads back as the object it was written from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Any

from gateway.faults import Code, Fault, Place, rejecting
from gateway.formats.segment import Segment
from gateway.guides.model import Guide
from gateway.guides.place import parse
from gateway.guides.tree import LoopNode
from gateway.maps.locate import Scope
from gateway.maps.model import Block, Instances, Part, Value, Values
from gateway.maps.read import Path, Reading, read_block, spoken
from gateway.maps.view import differences, two_way

FIRST = 2
"""The number of the first segment behind ST."""

Echoed = tuple[int, int]
"""A segment's number and an element that was echoed there."""


def unproved(
    guide: Guide,
    root: Block,
    wanted: dict[str, Any],
    tree: LoopNode,
    onto: LoopNode | None,
    echoed: Container[Echoed] = (),
) -> list[Fault]:
    """Every new fault of grammar, then every field that would read differently; empty when the document may leave.

    A field the object leaves open may read as what was `echoed` there.
    """
    read, grammar = parsed(guide, tree)
    reading = Reading()
    values = read_block(root, Scope(read), reading, ())
    if faults := _new(rejecting(grammar), guide, onto):
        return [_at_field(fault, root, reading) for fault in faults]
    found = two_way(root, values)
    return [
        Fault(
            Code.NOT_WRITABLE,
            Place(field=spoken(path)),
            None if said is None else str(said),
            "nothing, for so it reads back" if back is None else f"a value that does not read back as {back}",
        )
        for path, said, back in differences(two_way(root, wanted), found)
        if not _only_added(path, said, back, reading, echoed)
    ]


def _only_added(path: Path, said: Any, back: Any, reading: Reading, echoed: Container[Echoed]) -> bool:
    """Whether all that was said stands, and all that came to it was echoed."""
    if isinstance(said, list) and isinstance(back, list) and back[: len(said)] == said:
        added = [((*path, number), back[number]) for number in range(len(said), len(back))]
    else:
        added = [(path, back)]
    leaves = [leaf for at, value in added for leaf in _leaves(value, at)]
    return (said is None or isinstance(said, list)) and all(
        _is_echo(leaf, reading, echoed) for leaf in leaves
    )


def _leaves(value: Any, path: Path) -> Iterator[Path]:
    """The values in it, a list of values as one."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _leaves(below, (*path, name))
    elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, number))
    else:
        yield path


def _is_echo(path: Path, reading: Reading, echoed: Container[Echoed]) -> bool:
    """What came from no place is a default, or fixed, and comes with the part it is in."""
    segment, element, _ = reading.origins.get(path, (None, None, None))
    if segment is None or segment.source is None or element is None:
        return segment is None
    return (segment.source.number, element) in echoed


def parsed(guide: Guide, tree: LoopNode) -> tuple[LoopNode, list[Fault]]:
    """The tree's segments placed anew, as the receiver will."""
    nodes = enumerate(tree.segments(), FIRST)
    return parse(guide, [Segment(node.elements[:], number) for number, node in nodes])


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


def _at_field(fault: Fault, root: Block, reading: Reading) -> Fault:
    """The fault with the field that was written there, or was not; else the part its segment is."""
    if fault.code is Code.SEGMENT_MISSING:
        return _unsaid(fault, _bound_to(fault.place, root, (), set()))
    number, element = fault.place.segment_number, fault.place.element
    near = [
        (at, path)
        for path, (segment, at, _) in reading.origins.items()
        if segment.source is not None and segment.source.number == number
    ]
    near.sort(key=lambda one: (one[0] != element, len(one[1])))
    if not near:
        return fault
    if fault.code is Code.ELEMENT_MISSING and (names := _bound_to(fault.place, root, (), set())):
        return _unsaid(fault, _beside(names, near[0][1]))
    return replace(fault, place=replace(fault.place, field=spoken(near[0][1])))


def _bound_to(at: Place, block: Block, names: tuple[str, ...], seen: set[int]) -> tuple[str, ...]:
    """The names that lead to the field written at the place; none where no field is."""
    if id(block) in seen:
        return ()
    for binding in block.bindings:
        if isinstance(binding, Instances) and _opens(binding, at):
            return (*names, binding.name)
        if isinstance(binding, Part | Instances):
            if found := _bound_to(at, binding.block, (*names, binding.name), seen | {id(block)}):
                return found
        elif isinstance(binding, Value | Values) and binding.writing:
            spots = [spot.place for spot in binding.writing.spots]
            if any(
                (one.spec.tag, one.element, one.position.loop) == (at.segment, at.element, at.loop)
                for one in spots
            ):
                return (*names, binding.name)
    return ()


def _opens(binding: Instances, at: Place) -> bool:
    """Whether each of the binding's scopes begins with the segment at the place."""
    here = binding.place
    return (here.spec.tag, here.position.loop, at.element) == (at.segment, at.loop, None)


def _unsaid(fault: Fault, path: Path) -> Fault:
    """What is missing in the object, where a field of it is written there."""
    if not path:
        return fault
    field = spoken(path)
    return replace(fault, place=replace(fault.place, field=field), hint=f"the object must say {field}")


def _beside(names: tuple[str, ...], path: Path) -> Path:
    """The names, with the indexes of the path as far as both go together."""
    found: list[str | int] = []
    rest = list(path)
    for name in names:
        found.append(name)
        rest = rest[1:] if rest[:1] == [name] else []
        while rest and isinstance(rest[0], int):
            found.append(rest.pop(0))
    return tuple(found)
