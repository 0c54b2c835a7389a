"""Objects to try a map with, made from the map itself: canonical type, element, codec and the guide's conditions.

A generator that ignores the conditions has nearly everything refused and proves nothing; so presence is decided
first and repaired until every segment's mandatory elements and relational conditions hold, then values are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gateway.errors import NotWritable
from gateway.guides.check import broken
from gateway.guides.model import Composite, Position, Rule, Seat
from gateway.guides.tree import SegmentNode
from gateway.maps import samples, spelling
from gateway.maps.locate import fits, set_text
from gateway.maps.map import Map
from gateway.maps.model import Block, Fixed, Instances, Part, Place, Spot, Step, Value, Values, Words
from gateway.maps.provisions import blocks, may_meet, only_of

Path = tuple[str, ...]
STEP = re.compile(r"\w+")
ROUNDS = 12
MOST_TRIES = 8
DEEPEST = 5
"""Levels of a tree within one another: as deep as an item in a carton on a pallet for an order of a shipment."""


def example(map: Map, random: Random) -> Any:
    """An object the map can most likely write; the same random numbers give the same object."""
    found = map.document.model_validate(_Making(random, map).block(map.root, None))
    for _ in range(MOST_TRIES):
        try:
            return map.nested(found)
        except NotWritable as error:
            found = _without(found, [fault.place.field or "" for fault in error.faults])
    return found


def _without(found: Any, paths: list[str]) -> Any:
    """The object without what its shape has no place for: at each path, the innermost item of a list."""
    values = found.model_dump(mode="json", exclude_defaults=True)
    items = {_steps(path[: path.rindex("]")]) for path in paths if "]" in path}
    for *way, last in sorted(items, reverse=True):
        around = values
        for step in way:
            around = around[step]
        del around[last]
    return type(found).model_validate(values)


def _steps(path: str) -> tuple[Any, ...]:
    return tuple(int(step) if step.isdecimal() else step for step in STEP.findall(path))


@dataclass(slots=True)
class _Leaf:
    """A bound value of the scope, where it is written, and whether the example has it."""

    path: Path
    binding: Value | Values
    place: Place
    on: bool

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Those filled whenever the value is there; of a moment only the date surely is, of pairs the first."""
        return next(self.place.pair.pairs.seats) if self.place.pair is not None else (self.place.seat,)

    @property
    def beside(self) -> tuple[Seat, ...]:
        """Those of what qualifies it."""
        return tuple(test.seat for test in self.place.qualified)

    @property
    def elements(self) -> tuple[int, ...]:
        return tuple(seat.element for seat in self.seats)


@dataclass(slots=True)
class _Segment:
    """The leaves that are written into one segment, and what else stands in it; `alive` is there whatever they are."""

    place: Place
    alive: bool
    leaves: list[_Leaf] = field(default_factory=list)
    given: set[Seat] = field(default_factory=set)

    @property
    def present(self) -> bool:
        return self.alive or any(leaf.on for leaf in self.leaves)

    def has(self, element: int) -> bool:
        return any(seat.element == element for seat in self.filled())

    def filled(self) -> set[Seat]:
        """What stands in the segment."""
        return self.given | {seat for leaf in self.leaves if leaf.on for seat in (*leaf.seats, *leaf.beside)}

    def qualify(self) -> None:
        """Switches off what stands where another value does, and on what says the qualifiers of the others."""
        taken: set[Seat] = set()
        for leaf in (leaf for leaf in self.leaves if leaf.on and leaf.beside):
            leaf.on = leaf.place.seat not in taken
            taken.add(leaf.place.seat)
        for leaf in self.leaves:
            leaf.on |= any(leaf.place.seat in one.beside for one in self.leaves if one.on)

    def switch(self, element: int, on: bool) -> None:
        """Switches what is bound to the element."""
        bound = [leaf for leaf in self.leaves if element in leaf.elements]
        for leaf in bound[:1] if on else bound:
            leaf.on = on

    def complete(self, element: int, of: Composite) -> None:
        """A composite of which anything stands has its mandatory components too; else nothing stands in it."""
        filled = self.filled()
        if not any(seat.element == element for seat in filled):
            return
        for number, use in enumerate(of.components, 1):
            seat = Seat(element, number)
            if use.required and seat not in filled:
                bound = [leaf for leaf in self.leaves if seat in leaf.seats]
                for leaf in bound[:1]:
                    leaf.on = True
                if not bound:
                    self.switch(element, False)


class _Making:
    def __init__(self, random: Random, map: Map) -> None:
        self.random = random
        self.depth = 0
        own = [constant.place for block in blocks(map.root) for constant in block.constants]
        own += [computed.spot.place for block in blocks(map.root) for computed in block.computed]
        self.own = own

    def _given(self, place: Place) -> set[Seat]:
        """What the map itself writes into such segments."""
        return {
            one.seat
            for one in self.own
            if one.position is place.position and may_meet(only_of(one), only_of(place))
        }

    def block(self, block: Block, around: Instances | None) -> dict[str, Any]:
        """One instance of a scope."""
        leaves = list(self._leaves(block, ()))
        segments = self._segments(leaves, around)
        own = [leaf for leaf in leaves if leaf.place.own and not leaf.place.steps]
        if around is not None and own and not any(leaf.on for leaf in own):
            self.random.choice(own).on = True
        asked = {test.seat for test in only_of(around.place).tests} if around is not None else set()
        for leaf in own:
            leaf.on = leaf.on or leaf.place.seat in asked
        for segment in segments:
            self._settle(segment)
        self._demanded(segments)
        values: dict[str, Any] = {}
        for leaf in leaves:
            if leaf.on:
                _put(values, leaf.path, self._value(leaf))
        for segment in segments:
            self._agree(segment, values)
        self._others(block, values, [leaf.place for leaf in leaves if leaf.on and leaf.place.pair])
        return values

    def _demanded(self, segments: list[_Segment]) -> None:
        """A mandatory segment that only has qualified values stands with one of them."""
        groups: dict[int, list[_Segment]] = {}
        for segment in segments:
            if segment.alive and segment.place.only.tests:
                groups.setdefault(id(segment.place.position), []).append(segment)
        for group in groups.values():
            if not any(leaf.on for segment in group for leaf in segment.leaves):
                group[0].leaves[0].on = True
                self._settle(group[0])

    def _leaves(self, block: Block, path: Path) -> Iterator[_Leaf]:
        for binding in block.bindings:
            if isinstance(binding, Part):
                inner = list(self._leaves(binding.block, (*path, binding.name)))
                if binding.required and inner and not any(leaf.on for leaf in inner):
                    inner[0].on = True
                yield from inner
            elif (
                isinstance(binding, Value | Values)
                and binding.writing is not None
                and binding.reading is not None
            ):
                place = binding.writing.spots[0].place
                on = binding.required or self.random.random() < 0.5
                yield _Leaf((*path, binding.name), binding, place, on)

    def _segments(self, leaves: list[_Leaf], around: Instances | None) -> list[_Segment]:
        """The leaves by the segment they are written into."""
        found: dict[Any, _Segment] = {}
        for leaf in leaves:
            place = leaf.place
            steps = tuple((id(step.loop), step.only.tests) for step in place.steps)
            way = (place.up, place.own, steps, id(place.position), place.only.tests)
            if way not in found:
                own = place.own and not place.steps and not place.up
                said = _qualifiers(around.place if around and own else place)
                given = said | self._given(around.place if around and own else place)
                needed = not place.steps and not place.up and place.position.required
                found[way] = _Segment(place, own or needed, given=given)
            found[way].leaves.append(leaf)
        return list(found.values())

    def _settle(self, segment: _Segment) -> None:
        """Switches leaves until the segment's mandatory elements and conditions hold, or give up."""
        spec = segment.place.spec
        segment.qualify()
        pairs = [leaf for leaf in segment.leaves if leaf.place.pair is not None and leaf.on]
        for leaf in pairs[spec.pairs.count if spec.pairs else 0 :]:
            leaf.on = False
        for _ in range(ROUNDS):
            if not segment.present:
                return
            lacking = [at for at, use in enumerate(spec.uses, 1) if use.required and not segment.has(at)]
            for element in lacking:
                segment.switch(element, True)
            for at, use in enumerate(spec.uses, 1):
                if isinstance(use.of, Composite):
                    segment.complete(at, use.of)
            wrong = next((rule for rule in spec.rules if broken(rule, segment.has) is not None), None)
            if wrong is None:
                return
            self._mend(segment, wrong)

    def _mend(self, segment: _Segment, rule: Rule) -> None:
        """One condition: by adding what it asks for where that is bound, else by leaving out what asks for it."""
        present = [element for element in rule.at if segment.has(element)]
        absent = [element for element in rule.at if element not in present]
        if rule.kind == "E":
            wanted = []
        elif rule.kind in "RL":
            wanted = [self.random.choice([e for e in absent if self._bound(segment, e)] or absent)]
        else:
            wanted = absent
        if wanted and all(self._bound(segment, element) for element in wanted):
            for element in wanted:
                segment.switch(element, True)
            return
        for element in present[1:] if rule.kind == "E" else present[:1] if rule.kind in "CL" else present:
            segment.switch(element, False)

    def _bound(self, segment: _Segment, element: int) -> bool:
        given = any(seat.element == element for seat in segment.given)
        return given or any(element in leaf.elements for leaf in segment.leaves)

    # -- values

    def _value(self, leaf: _Leaf) -> Any:
        binding = leaf.binding
        spot = binding.writing.spots[0] if binding.writing else None
        if spot is None:
            return None
        if isinstance(binding, Value):
            return samples.value(spot, self.random)
        seats = len(list(leaf.place.seats))
        most = seats if leaf.place.own else seats * min(leaf.place.position.max, 3)
        found = [samples.value(spot, self.random) for _ in range(self.random.randint(1, min(most, 4)))]
        return "\n".join(found) if binding.lines else found

    def _agree(self, segment: _Segment, values: dict[str, Any]) -> None:
        """What a field says of its own beside a value is what qualifies that value, or the segment."""
        for leaf in segment.leaves:
            own = [test for test in leaf.place.only.tests if test.seat == leaf.place.seat and any(test.codes)]
            if leaf.on and own and leaf.binding.writing:
                code = self.random.choice([code for code in own[0].codes if code])
                _put(values, leaf.path, spelling.read(leaf.binding.writing.spots[0], (code,)))
        for test in (
            test for leaf in segment.leaves if leaf.on for test in leaf.place.qualified if test.codes
        ):
            for leaf in segment.leaves:
                if leaf.on and leaf.place.seat == test.seat and leaf.binding.writing:
                    code = self.random.choice(test.codes)
                    _put(values, leaf.path, spelling.read(leaf.binding.writing.spots[0], (code,)))

    def _others(self, block: Block, values: dict[str, Any], paired: list[Place]) -> None:
        """Fixed fields, mappings and instances, in this block and its parts; `paired` are the pairs that are taken."""
        for binding in block.bindings:
            if isinstance(binding, Fixed):
                values[binding.name] = binding.value
            elif isinstance(binding, Words):
                values |= self._words(binding, paired)
            elif isinstance(binding, Instances) and not binding.instead:
                self._instances(binding, values)
            elif isinstance(binding, Part):
                inner = values.get(binding.name, {})
                self._others(binding.block, inner, paired)
                if inner.keys() - {one.name for one in binding.block.bindings if isinstance(one, Fixed)}:
                    values[binding.name] = [inner] if binding.listed else inner

    def _words(self, binding: Words, paired: list[Place]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        spot = binding.spots[-1]
        most = min(2, _room(spot.place, paired))
        for _ in range(self.random.randint(0, most)):
            word = samples.free_word(binding, self.random)
            if word is not None:
                value = samples.value(spot, self.random)
                found[word] = [value] if binding.many else value
        return found

    def _instances(self, binding: Instances, values: dict[str, Any]) -> None:
        below = len(_levels(binding.place))
        self.depth += below
        least, most = self._least(binding), self._most(binding)
        count = self.random.randint(least, max(least, most))
        items = [item for _ in range(count) if (item := self._item(binding)) is not None]
        self.depth -= below
        if items:
            values[binding.name] = items if binding.many else items[0]

    def _least(self, binding: Instances) -> int:
        loop = _loop(binding.place)
        return int(binding.required or (loop.required and self.depth < 2))

    def _most(self, binding: Instances) -> int:
        """Few; of a tree's levels the fewer the deeper they lie."""
        if not binding.many:
            return 1
        if _levels(binding.place) and self.depth > 1:
            return int(self.depth <= DEEPEST) + int(self.depth == 2)
        return min(_loop(binding.place).max, 4 if binding.groups else 2)

    def _item(self, binding: Instances) -> dict[str, Any] | None:
        """One instance that no other binding would take for its own."""
        for _ in range(MOST_TRIES):
            item = self.block(binding.block, binding)
            if item and fits(self._head(binding, item), only_of(binding.place)):
                return item
        return None

    def _head(self, binding: Instances, item: dict[str, Any]) -> SegmentNode:
        """The item's own segment, as far as its qualifiers go."""
        segment = SegmentNode(binding.place.position, [binding.place.spec.tag])
        for test in only_of(binding.place).tests:
            if test.codes:
                set_text(segment, test.seat, test.codes[0])
        for leaf in self._leaves(binding.block, ()):
            value = _at(item, leaf.path)
            own = leaf.place.own and not leaf.place.steps and leaf.place.pair is None
            if own and value is not None and isinstance(leaf.binding, Value) and leaf.binding.writing:
                _spell(segment, leaf.binding.writing.spots[0], value)
        return segment


def _spell(segment: SegmentNode, spot: Spot, value: Any) -> None:
    try:
        texts = spelling.write(spot, value)
    except ValueError:
        return
    set_text(segment, spot.place.seat, texts[0])


def _room(place: Place, paired: list[Place]) -> int:
    """How many words surely fit: in the scope's own segment as many as there are pairs left."""
    if place.pair is None or not place.own or place.steps:
        return max(2 if place.pair is not None else 1, place.position.max)
    return place.pair.pairs.count - sum(one.position is place.position for one in paired)


def _loop(place: Place) -> Position:
    return place.steps[-1].loop if place.own and place.steps else place.position


def _levels(place: Place) -> list[Step]:
    """The steps into levels of a tree."""
    return [step for step in place.steps if step.loop.tree is not None]


def _qualifiers(place: Place) -> set[Seat]:
    """The seats the place's own codes fill."""
    return {test.seat for test in only_of(place).tests if test.codes and test.codes[0]}


def _put(values: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    values[path[-1]] = value


def _at(values: Any, path: Path) -> Any:
    for name in path:
        values = values.get(name) if isinstance(values, dict) else None
    return values
