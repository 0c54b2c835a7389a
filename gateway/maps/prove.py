"""Before a written document leaves: it passes its own guide, and reads back as the object it was written from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from itertools import starmap, takewhile
from typing import Any

from gateway.canonical import Part as CanonicalPart
from gateway.faults import Code, Fault, Place, rejecting, validated
from gateway.formats.segment import COMPONENT, Segment
from gateway.guides.model import Guide, Seat
from gateway.guides.place import parse
from gateway.guides.tree import LoopNode
from gateway.maps.locate import Scope
from gateway.maps.model import Block, Instances, Part, Value, Values
from gateway.maps.model import Place as MapPlace
from gateway.maps.read import Path, Reading, read_block, spoken
from gateway.maps.view import differences, two_way

FIRST = 2
"""The number of the first segment behind ST."""

NOTHING: tuple[Any, ...] = (None, [], {})
"""What says nothing."""

Echoed = tuple[int, Seat]
"""A segment's number and a seat where something was echoed."""


def reads_as(
    reads: Callable[[list[list[str]]], Any], document: Any, tree: LoopNode, echoed: Container[Echoed]
) -> bool:
    """Whether a reader that takes only what is without any fault reads the object, and more only from echoes.

    So without what was echoed it must read the object alone. No says only that `unproved` is to be asked.
    """
    found = reads([node.elements for node in tree.segments()])
    if not echoed or found is None or found == document:
        return found is not None and bool(found == document)
    alone = reads([one.elements for one in _without(echoed, tree)])
    return alone is not None and bool(alone == document) and _stands(document, found)


def unproved(
    guide: Guide,
    root: Block,
    wanted: dict[str, Any],
    tree: LoopNode,
    onto: LoopNode | None,
    echoed: Container[Echoed] = (),
    validation: str = "normal",
) -> list[Fault]:
    """Every new fault of grammar, as `validation` has it, then every field that would read differently.

    Empty when the document may leave. A field the object leaves open may read as what was echoed there: it is open
    without what was `echoed`.
    """
    read, grammar = parse(guide, _segments(tree))
    reading = Reading()
    values = read_block(root, Scope(read), reading, ())
    if faults := _new(rejecting(validated(grammar, validation)), guide, onto):
        return [_at_field(fault, root, reading) for fault in faults]
    said = two_way(root, wanted)
    found = differences(said, two_way(root, values))
    if echoed:
        alone = read_block(root, Scope(parse(guide, _without(echoed, tree))[0]), Reading(), ())
        found = [one for one in found if not _stands(*one[1:])] or differences(said, two_way(root, alone))
    return [
        Fault(
            Code.NOT_WRITABLE,
            Place(field=spoken(path)),
            None if wanted is None else str(wanted),
            "nothing, for so it reads back" if back is None else f"a value that does not read back as {back}",
        )
        for path, wanted, back in found
    ]


def misfits(guide: Guide, root: Block, tree: LoopNode) -> list[Fault]:
    """Every finding of grammar, notes too, each with the field it stands in."""
    read, grammar = parse(guide, _segments(tree))
    reading = Reading()
    read_block(root, Scope(read), reading, ())
    return [_at_field(fault, root, reading) for fault in grammar]


def _segments(tree: LoopNode) -> list[Segment]:
    return [Segment(node.elements[:], number) for number, node in enumerate(tree.segments(), FIRST)]


def _without(echoed: Container[Echoed], tree: LoopNode) -> list[Segment]:
    """Its segments without what was echoed: values, and all of a segment that an echo made."""
    found = []
    for number, whole in enumerate(tree.segments(), FIRST):
        elements = [_spared(number, at, text, echoed) for at, text in enumerate(whole.elements)]
        while elements and not elements[-1]:
            elements.pop()
        if elements and elements[0]:
            found.append(Segment(elements, number))
    return found


def _spared(number: int, at: int, text: str, echoed: Container[Echoed]) -> str:
    """The element without those of its components that were echoed."""
    if (number, Seat(at)) in echoed:
        return ""
    parts = enumerate(text.split(COMPONENT), 1)
    return COMPONENT.join("" if (number, Seat(at, one)) in echoed else part for one, part in parts).rstrip(
        COMPONENT
    )


def _stands(said: Any, back: Any) -> bool:
    """Whether what came back says all that was said, and more only where nothing was."""
    if said in NOTHING or said == back:
        return True
    if isinstance(said, CanonicalPart) and isinstance(back, CanonicalPart):
        return _stands(said.__dict__, back.__dict__)
    if isinstance(said, dict) and isinstance(back, dict):
        there = ((value, back.get(name)) for name, value in said.items() if value not in NOTHING)
        return all(starmap(_stands, there))
    if isinstance(said, list) and isinstance(back, list):
        return all(map(_stands, said, back)) if len(said) == len(back) else back[: len(said)] == said
    return False


def _new(faults: list[Fault], guide: Guide, onto: LoopNode | None) -> list[Fault]:
    """Without those the original had already: they are its sender's."""
    if not faults or onto is None:
        return faults
    had = Counter(_what(fault) for fault in parse(guide, _segments(onto))[1])
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
        return _unsaid(fault, next(_bound_to(fault.place, root, (), frozenset()), ()))
    number, element = fault.place.segment_number, fault.place.element
    near = [
        (at, path)
        for path, (segment, at, _) in reading.origins.items()
        if segment.source is not None and segment.source.number == number
    ]
    near.sort(key=lambda one: (one[0] != element, len(one[1])))
    here = near[0][1] if near else _before(number, reading)
    if fault.code is Code.ELEMENT_MISSING or not near:
        beside = [_beside(names, here) for names in _bound_to(fault.place, root, (), frozenset())]
        if beside:
            return _unsaid(fault, max(beside, key=lambda path: _together(path, here)))
    return replace(fault, place=replace(fault.place, field=spoken(here))) if near else fault


def _before(number: int | None, reading: Reading) -> Path:
    """What was read last before a segment in which nothing was: it says in which of several loops that stands."""
    known = [
        (segment.source.number, path)
        for path, (segment, _, _) in reading.origins.items()
        if segment.source is not None and segment.source.number < (number or 0)
    ]
    return max(known, key=lambda one: one[0], default=(0, ()))[1]


def _bound_to(
    at: Place, block: Block, names: tuple[str, ...], seen: frozenset[int]
) -> Iterator[tuple[str, ...]]:
    """The names that lead to each field written at the place."""
    if id(block) in seen:
        return
    for binding in block.bindings:
        if isinstance(binding, Instances) and _opens(binding, at):
            yield (*names, binding.name)
        elif isinstance(binding, Part | Instances):
            yield from _bound_to(at, binding.block, (*names, binding.name), seen | {id(block)})
        elif isinstance(binding, Value | Values) and _is_written(binding, at):
            yield (*names, binding.name)


def _is_written(binding: Value | Values, at: Place) -> bool:
    return binding.writing is not None and any(_is_at(spot.place, at) for spot in binding.writing.spots)


def _is_at(one: MapPlace, at: Place) -> bool:
    same = (one.spec.tag, one.position.loop) == (at.segment, at.loop) and at.element in (None, one.element)
    return same and (at.component is None or one.component in (None, at.component))


def _together(path: Path, near: Path) -> int:
    """How far both go together."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, near, strict=False)))


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
