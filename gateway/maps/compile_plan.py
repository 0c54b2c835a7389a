"""What of a map is read when: which parts are made while their segment is validated, and which blocks look where.

Nothing is written here; `compile_segments` and `compile_blocks` ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from gateway.guides.compile import slotted
from gateway.guides.model import Position
from gateway.maps.compile_objects import plain
from gateway.maps.compile_places import Layout, Unsupported, single
from gateway.maps.exclusions import places_of
from gateway.maps.model import Binding, Block, Filter, Instances, Part, Place, Value, Words


class Plan:
    """`outward`: some place looks at a scope around its own.

    `groups` has the first element of those blocks that are read per group of elements. A segment in `ready` is read
    by one block alone, which needs nothing else; of one in `heads` the block's own share is read, `ahead` of the rest.
    """

    def __init__(self, root: Block) -> None:
        known = list(_all(root, {}).values())
        bindings = [binding for block in known for binding in block.bindings]
        places = [place for block in known for place in _places(block)]
        self.layout = Layout(any(map(_looks_inside, places)))
        if unlike := [block.model for block in known if block.model and not plain(block.model)]:
            raise Unsupported(f"{unlike[0].__name__} has rules of its own")
        self.outward = any(place.up for place in places)
        self.groups = {
            id(one.block): one.groups.first for one in bindings if isinstance(one, Instances) and one.groups
        }
        self.ready: dict[Position, Block] = {}
        self.heads: dict[Position, Block] = {}
        self.ahead: dict[int, Callable[[Binding], bool]] = {}
        apart = [place for place in places if place.steps or not place.own]
        used = Counter(place.steps[0].loop if place.steps else place.position for place in apart)
        used.update(one for place in places for step in place.steps for one in step.only.holding)
        for one in bindings:
            if isinstance(one, Instances) and _alone(one, used):
                self._read_ahead(one)

    def _read_ahead(self, one: Instances) -> None:
        """Marks a segment whose part, or whose own share of a part, is made while it is validated.

        What is hung is counted there, so a segment that may leave nothing to hang must be counted by states.
        """
        place = one.place
        if place.own and place.steps:
            loop = place.steps[0].loop
            self.heads[loop.children[0]] = one.block
            self.ahead[id(one.block)] = ahead
            if len(self.layout.template(loop)) == 1:
                self.layout.template(loop).append(None)
            else:
                del self.heads[loop.children[0]], self.ahead[id(one.block)]
        elif not place.own and scalar(one.block) and not slotted(place.position):
            self.ready[place.position] = one.block


def ahead(binding: Binding) -> bool:
    """What a loop's first segment says by itself: its own values, and the words of its own pairs."""
    if isinstance(binding, Part) and not binding.block.constants and not binding.block.computed:
        (first, *more) = binding.block.bindings or (None,)
        if isinstance(first, Words) and not more and len(first.spots) == 1:
            place = first.spots[0].place
            return (
                place.own
                and place.pair is not None
                and not place.steps
                and not place.up
                and place.only == Filter()
            )
    return own(binding)


def _looks_inside(place: Place) -> bool:
    """Whether the place, or what it asks about, is a component behind the first."""
    filters = [place.only, *(step.only for step in place.steps)]
    tests = [test for only in filters for all in (only.tests, *only.but) for test in all]
    asked = [test.seat for test in (*tests, *place.qualified)]
    asked += [seat for seats in place.pair.pairs.seats for seat in seats] if place.pair else []
    return any((seat.component or 1) > 1 for seat in (*place.seats, *place.also, *asked))


def _alone(one: Instances, used: Counter[Position]) -> bool:
    """Whether nothing else looks at the segment, and all of its kind are meant."""
    place = one.place
    filters = [place.only, *(step.only for step in place.steps)]
    if place.up or one.groups or len(place.steps) > 1 or any(only != Filter() for only in filters):
        return False
    if any(step.loop.tree for step in place.steps):
        return False
    return used[place.steps[0].loop if place.steps else place.position] == 1 and (
        place.own or not place.steps
    )


def scalar(block: Block) -> bool:
    """Whether the part is made of single values of its own segment, and of such parts."""
    return not block.constants and not block.computed and all(map(own, block.bindings))


def own(binding: Binding) -> bool:
    """Whether the binding reads one element of its scope's own segment, and no other place."""
    if isinstance(binding, Part):
        return binding.block.model is not None and not binding.listed and scalar(binding.block)
    if not isinstance(binding, Value) or binding.reading is None or len(binding.reading.spots) != 1:
        return False
    place = binding.reading.spots[0].place
    said = place.qualified or place.up or place.only != Filter()
    return place.own and single(place) and not said


def _places(block: Block) -> Iterator[Place]:
    for binding in block.bindings:
        if not isinstance(binding, Part):
            yield from places_of(binding)
    yield from (one.place for one in block.constants)
    yield from (one.spot.place for one in block.computed)
    yield from (one.counted for one in block.computed if one.counted is not None)


def _all(block: Block, found: dict[int, Block]) -> dict[int, Block]:
    """The block and all below it, each once."""
    if id(block) not in found:
        found[id(block)] = block
        for binding in block.bindings:
            if isinstance(binding, Part | Instances):
                _all(binding.block, found)
    return found
