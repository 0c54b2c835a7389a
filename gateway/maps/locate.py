"""Where a place is in a document: its segments and slots, found the same way for reading and for writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from gateway.formats.segment import COMPONENT, REPETITION
from gateway.guides.model import Position, Seat
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps.model import Filter, Instances, Place, Source, Spot, Step, Test
from gateway.maps.moments import Texts


class Scope(NamedTuple):
    """One instance of a block's ground: its loop node, its own segment, and how far its group of elements is off."""

    node: LoopNode
    segment: SegmentNode | None = None
    outer: Scope | None = None
    shift: int = 0
    first: int = 0


class Found(NamedTuple):
    """A segment and the loop node that holds it."""

    owner: LoopNode
    segment: SegmentNode


class Slot(NamedTuple):
    """Where one value stands: its seat (or those of a moment), and those of what qualifies it."""

    owner: LoopNode
    segment: SegmentNode
    seats: tuple[Seat, ...]
    qualifiers: tuple[Seat, ...] = ()

    @property
    def texts(self) -> Texts:
        """What stands there, without the blanks that fill up (X12.6: they carry nothing); () where nothing does."""
        first = text_at(self.segment, self.seats[0])
        if not first or len(self.seats) == 1:
            return (first,) if first else ()
        return (first, *[text_at(self.segment, seat) for seat in self.seats[1:]])

    def put(self, texts: Texts) -> None:
        """Writes the texts; other components and repetitions of the element stay."""
        for seat, text in zip(self.seats, texts, strict=True):
            set_text(self.segment, seat, text)

    @property
    def code(self) -> str:
        return text_at(self.segment, self.qualifiers[0]) if self.qualifiers else ""


def text_at(segment: SegmentNode, seat: Seat) -> str:
    """The element's first repetition, or one of its components, without the blanks that fill up."""
    element, component = seat
    text = segment.get(element)
    if REPETITION in text:
        text = text.partition(REPETITION)[0]
    if component is not None:
        parts = text.split(COMPONENT)
        text = parts[component - 1] if component <= len(parts) else ""
    return text.rstrip(" ")


def set_text(segment: SegmentNode, seat: Seat, text: str) -> None:
    """Replaces just that, so that everything beside it stands as it was."""
    element, component = seat
    first, mark, rest = segment.get(element).partition(REPETITION)
    if component is not None:
        parts = first.split(COMPONENT)
        parts += [""] * (component - len(parts))
        parts[component - 1] = text
        text = COMPONENT.join(parts).rstrip(COMPONENT)
    segment.set(element, (text + mark + rest).rstrip(REPETITION))


def segments(place: Place, scope: Scope) -> list[Found]:
    """The segments the place means, in document order."""
    if place.own and not place.steps and not place.up:
        return own(place, scope)
    return [found for family in families(place, scope) for found in family]


def families(place: Place, scope: Scope) -> list[list[Found]]:
    """The same, those together that stand side by side in one loop."""
    if place.own and not place.steps:
        for _ in range(place.up):
            scope = scope.outer or scope
        return [own(place, scope)]
    nodes = around(place, scope)
    if place.own:
        return [entered(node, place.steps[-1]) for node in nodes]
    return [fitting(list(standing(node, place.position)), place.only) for node in nodes]


def own(place: Place, scope: Scope) -> list[Found]:
    """The scope's own segment, where it has one that fits."""
    return fitting([Found(scope.node, scope.segment)], place.only) if scope.segment is not None else []


def entered(node: LoopNode, step: Step) -> list[Found]:
    """The loops a step goes into, each with the segment that opens it."""
    return fitting([Found(loop, loop.head) for loop in loops(node, step.loop)], step.only)


def standing(node: LoopNode, position: object) -> Iterator[Found]:
    """The loop's own segments at that position."""
    for item in node.items:
        if isinstance(item, SegmentNode) and item.position is position:
            yield Found(node, item)


def loops(node: LoopNode, position: object) -> Iterator[LoopNode]:
    """The loops nested directly in it at that position."""
    return (item for item in node.items if isinstance(item, LoopNode) and item.position is position)


def fitting(found: list[Found], only: Filter) -> list[Found]:
    """Those the filter lets through: its tests, its exclusions, what their loop holds, then its count."""
    if not only.tests and not only.but and not only.counts and not only.holding:
        return found
    kept = [one for one in found if fits(one.segment, only)]
    if only.holding:
        kept = [one for one in kept if has(one.owner, only.holding) != only.lacked]
    return kept[only.first - 1 : only.last] if only.counts else kept


def has(node: LoopNode, way: tuple[Position, ...]) -> bool:
    """Whether the loop has a segment where the way leads, through loops that lie in one another."""
    there = [item for item in node.items if item.position is way[0]]
    return bool(there) and (
        len(way) == 1 or any(has(one, way[1:]) for one in there if isinstance(one, LoopNode))
    )


def fits(segment: SegmentNode, only: Filter) -> bool:
    """Whether one segment passes the tests and none of the exclusions; neither its occurrence nor its loop is asked."""
    return passes(segment, only.tests) and not any(passes(segment, tests) for tests in only.but)


def passes(segment: SegmentNode, tests: tuple[Test, ...]) -> bool:
    return all(test.passes(text_at(segment, test.seat)) for test in tests)


def slots(place: Place, scope: Scope) -> Iterator[Slot]:
    """Every slot of the place in the segments that are there, filled or not."""
    for found in segments(place, scope):
        yield from slots_in(found, place, scope)


def slots_in(found: Found, place: Place, scope: Scope) -> Iterator[Slot]:
    """The place's slots in one of its segments. A pair is a slot only where its qualifier stands."""
    owner, segment = found
    if place.pair is not None:
        for qualifier, value in place.pair.pairs.seats:
            if place.pair.passes(text_at(segment, qualifier)):
                yield Slot(owner, segment, (value,), (qualifier,))
        return
    if not passes(segment, place.qualified):
        return
    yield from plain_slots(found, place, scope)


def plain_slots(found: Found, place: Place, scope: Scope) -> Iterator[Slot]:
    """The elements, or components, that the place counts through, whatever qualifies them."""
    owner, segment = found
    qualifiers = tuple(test.seat for test in place.qualified)
    shift = scope.shift if place.own and place.element >= scope.first and not place.up else 0
    for first in place.seats:
        seats = (first, *place.also)
        if shift:
            seats = tuple(Seat(element + shift, component) for element, component in seats)
        yield Slot(owner, segment, seats, qualifiers)


def filled(source: Source, scope: Scope) -> Iterator[tuple[Spot, Slot]]:
    """The slots that hold something, alternative by alternative."""
    return ((spot, slot) for spot, slot in each_slot(source.spots, scope) if slot.texts)


def each_slot(spots: Iterable[Spot], scope: Scope) -> Iterator[tuple[Spot, Slot]]:
    """Every slot of every place, in their order."""
    for spot in spots:
        for slot in slots(spot.place, scope):
            yield spot, slot


def code_of(place: Place, slot: Slot) -> str:
    """The qualifier a `[*]` place met here."""
    if place.pair is not None:
        return slot.code
    own, seat = place.own or place.only.any_code, place.word_seat
    return text_at(slot.segment if own else slot.owner.head, seat) if seat else ""


def around(place: Place, scope: Scope) -> list[LoopNode]:
    """The nodes that hold the segments, or loops, the place means: reached by all steps but the loop's own."""
    for _ in range(place.up):
        scope = scope.outer or scope
    nodes = [scope.node]
    for step in place.steps[:-1] if place.own else place.steps:
        nodes = [found.owner for node in nodes for found in entered(node, step)]
    return nodes


def levels(node: LoopNode, loop: object) -> Iterator[LoopNode]:
    """A tree's levels in it, however deep they lie, each before those that lie in it."""
    for level in loops(node, loop):
        yield level
        yield from levels(level, loop)


def count(place: Place, scope: Scope) -> int:
    """How many segments there are at the place; of a tree, its levels however deep, or what lies in them."""
    trees = [at for at, step in enumerate(place.steps) if step.loop.tree is not None]
    if not trees:
        return len(segments(place, scope))
    step, rest = place.steps[trees[-1]], place.steps[trees[-1] + 1 :]
    nodes = around(replace(place, own=True, steps=place.steps[: trees[-1] + 1]), scope)
    every = [Found(level, level.head) for node in nodes for level in levels(node, step.loop)]
    found = [level for level, _ in fitting(every, replace(step.only, first=1, last=None))]
    if place.own and not rest:
        return len(found)
    inner = replace(place, up=0, steps=rest)
    return sum(len(segments(inner, Scope(level))) for level in found)


def inside(place: Place, scope: Scope, found: Found, shift: int = 0, first: int = 0) -> Scope:
    """The scope of one instance. What is around a level of a tree is around all of them."""
    outer: Scope | None = scope
    if place.lower:
        for _ in range(place.up):
            scope = scope.outer or scope
        outer = scope.outer
    return Scope(found.owner, found.segment, outer, shift, first)


def instances(binding: Instances, scope: Scope) -> Iterator[Scope]:
    """The scopes an `in:` or `each:` finds: a segment, the loop it opens, or a group of its elements, each."""
    for found in segments(binding.place, scope):
        if binding.groups is None:
            yield inside(binding.place, scope, found)
            continue
        first, size = binding.groups.first, binding.groups.size
        for shift in range(0, binding.groups.count * size, size):
            if any(found.segment.get(element + shift) for element in range(first, first + size)):
                yield inside(binding.place, scope, found, shift, first)
