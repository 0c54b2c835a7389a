"""A new document, drafted: each binding is a step, made when the map first writes, that writes without asking twice.

Nothing is judged here: a draft leaves only after it was read back, and what has a doubt in it is left to the exact
writer, which starts anew and says what is wrong. So it never has to be complete, only never different.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gateway.canonical.base import says
from gateway.formats.segment import COMPONENT
from gateway.guides.model import Groups, Seat
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps import levels, spelling
from gateway.maps.echo import due
from gateway.maps.locate import Found, Scope, fits, inside, segments
from gateway.maps.model import Binding, Block, Fixed, Instances, Part, Place, Spot, Value, Values, Words
from gateway.maps.read import Path
from gateway.maps.stamp import put_computed, put_constants
from gateway.maps.view import plain
from gateway.maps.write import WRITERS, shared_names
from gateway.maps.write_values import lines_of
from gateway.maps.writing import Writing

Step = Callable[[Any, Scope, Writing, Path], None]
"""Writes one field's value, or all fields of a part, into new ground."""


class Doubt(Exception):
    """The exact writer shall write this document."""


def drafted(root: Block, document: Any, tree: LoopNode, writing: Writing) -> bool:
    """Makes the new tree say the object; False, and a tree to throw away, where there is any doubt."""
    try:
        filling(root)(document, Scope(tree), writing, ())
    except (Doubt, ValueError):
        return False
    levels.number(tree, levels.NONE)
    told = "".join(["".join(node.elements) for node in tree.segments()])
    return not any(sign in told for sign in writing.forbidden)


def filling(block: Block) -> Step:
    """The step of a whole block, made once."""
    if block.filling is None:
        block.filling = _filling(block)
    found: Step = block.filling
    return found


def _filling(block: Block) -> Step:
    stamped = _is_stamped(block)
    steps = [_step(binding) for binding in block.bindings if not _writes_nothing(binding)]
    echoes = {id(echo): _step(echo.binding) for echo in block.echoes}

    def fill(part: Any, scope: Scope, writing: Writing, path: Path) -> None:
        values = _fields(part)
        if stamped:
            writing.framed(block)
        for name, step in steps:
            value = values if name is None else values.get(name)
            if value is not None:
                step(value, scope, writing, path)
        if echoes:
            with writing.echoing():
                for echo, said in due(block, scope, writing, path):
                    name, step = echoes[id(echo)]
                    step(said if name is None else said[name], scope, writing, path)
        if stamped:
            put_constants(block, scope, writing)
            put_computed(block, values, scope, writing, [])
        if writing.faults:
            raise Doubt

    return fill


def _step(binding: Binding) -> tuple[str | None, Step]:
    """The step of a binding, and the field it takes; None for the part itself."""
    return None if _takes_all(binding) else binding.name, STEPS[type(binding)](binding)


def _is_stamped(block: Block) -> bool:
    return bool(block.constants or block.computed)


def _fields(part: Any) -> dict[str, Any]:
    """A part's fields, or a mapping's words."""
    return part if isinstance(part, dict) else part.__dict__


def _writes_nothing(binding: Binding) -> bool:
    """Read only, or fixed, or another place to read the same from."""
    if isinstance(binding, Value | Values):
        return binding.writing is None
    return isinstance(binding, Fixed) or (isinstance(binding, Instances) and binding.instead)


def _takes_all(binding: Binding) -> bool:
    """Whether its step takes the part itself: the rest of a mapping, or a part that is stamped though it is empty."""
    return isinstance(binding, Words) or (isinstance(binding, Part) and _is_stamped(binding.block))


def _exactly(binding: Binding) -> Step:
    """As the exact writer does it, with all it looks for."""

    def put(value: Any, scope: Scope, writing: Writing, path: Path) -> None:
        at = (*path, binding.name)
        WRITERS[type(binding)](binding, plain(binding, value, at, writing.faults), scope, writing, at)

    return put


# -- where


Find = Callable[[Scope], list[SegmentNode]]
Make = Callable[[Scope, Writing], Found]
Room = tuple[list[str], Seat]
"""A segment's elements, and the seat among them where a value belongs."""


def _is_own(place: Place) -> bool:
    """The scope's own segment, whatever it says."""
    only = place.only
    return place.own and not (place.steps or place.up or only.tests or only.but or only.counts)


def _finding(place: Place) -> Find:
    """The segments at the place, of those that are there."""
    position, only = place.position, place.only
    if _is_own(place):
        return lambda scope: [scope.segment] if scope.segment is not None else []
    if place.own or place.steps or place.up or only.counts:
        return lambda scope: [found.segment for found in segments(place, scope)]

    free = not (only.tests or only.but)

    def find(scope: Scope) -> list[SegmentNode]:
        there = [one for one in scope.node.items if one.position is position and isinstance(one, SegmentNode)]
        return there if free else [one for one in there if fits(one, only)]

    return find


def _making(place: Place) -> Make:
    """A new segment at the place, apart from others."""
    position, only = place.position, place.only
    if place.up or len(place.steps) != place.own:
        return lambda scope, writing: writing.segment(place, scope, apart=True)
    if not place.own:
        return lambda scope, writing: Found(scope.node, writing.put_segment(scope.node, position, only))

    def make(scope: Scope, writing: Writing) -> Found:
        loop = writing.loop(scope.node, place.steps[0])
        return Found(loop, loop.head)

    return make


def _text(elements: list[str], at: Seat) -> str:
    """What stands there; nothing repeats in a new document."""
    element, component = at
    if element >= len(elements):
        return ""
    if component is None:
        return elements[element]
    parts = elements[element].split(COMPONENT)
    return parts[component - 1] if component <= len(parts) else ""


class Way(NamedTuple):
    """A spot at work: whether something stands there, the next free seat with its qualifier, how a value is laid."""

    spot: Spot
    taken: Callable[[Scope], bool]
    take: Callable[[Scope, Writing, str], Room]
    lay: Callable[[Writing, list[str], Seat, Any], None]
    code: str

    def put(self, value: Any, scope: Scope, writing: Writing) -> None:
        self.lay(writing, *self.take(scope, writing, self.code), value)


def _way(spot: Spot) -> Way:
    """The way to a spot whose seats stand alone or beside their qualifier; a lone one has none."""
    place, pair, find = spot.place, spot.place.pair, _finding(spot.place)
    seats = tuple(pair.pairs.seats) if pair is not None else tuple((None, at) for at in place.seats)
    codes = pair.codes if pair is not None else ()

    def taken(scope: Scope) -> bool:
        if scope.shift and place.own:
            raise Doubt
        for elements in [segment.elements for segment in find(scope)]:
            for qualifier, at in seats:
                said = _text(elements, qualifier or at)
                if said and (pair is None or pair.passes(said)):
                    return True
        return False

    def take(scope: Scope, writing: Writing, code: str) -> Room:
        for segment in find(scope):
            if found := _free(writing, segment.elements, seats, code):
                return found
        if place.own and not place.steps:
            raise Doubt
        found = _free(writing, writing.segment(place, scope).segment.elements, seats, code)
        if found is None:
            raise Doubt
        return found

    return Way(spot, taken, take, _laying(spot), codes[0] if codes else "")


def _free(
    writing: Writing, elements: list[str], seats: tuple[tuple[Seat | None, Seat], ...], code: str
) -> Room | None:
    for qualifier, at in seats:
        if not _text(elements, qualifier or at) and not _text(elements, at):
            if qualifier:
                writing.seat(elements, qualifier, code)
            return elements, at
    return None


def _laying(spot: Spot) -> Callable[[Writing, list[str], Seat, Any], None]:
    """Writes a value into the elements from that seat on: its text, or what there is of a moment."""
    if spot.timing is not None:
        rows, first, write = spot.elements, spot.place.element, spot.timing.write
        others = [(at - first, component) for at, component in (spot.place.seat, *spot.place.also)]

        def lay_moment(writing: Writing, elements: list[str], at: Seat, value: Any) -> None:
            for (beside, component), text in zip(others, write(value, rows, ("",)), strict=True):
                if text:
                    writing.seat(elements, Seat(at.element + beside, component), text)

        return lay_moment
    spell = spelling.speller(spot)

    def lay(writing: Writing, elements: list[str], at: Seat, value: Any) -> None:
        text = spell(value)
        if not text:
            raise Doubt
        writing.seat(elements, at, text)

    return lay


# -- the kinds of binding


def _value(binding: Value) -> Step:
    spots, exactly = binding.writing.spots if binding.writing is not None else (), _exactly(binding)
    if binding.one_way or not _are_plain(spots):
        return exactly
    ways = [_way(spot) for spot in spots]
    if len(spots) == 1 and _is_own(spots[0].place) and spots[0].place.pair is None:
        return _own_value(ways[0])

    def put(value: Any, scope: Scope, writing: Writing, path: Path) -> None:
        if any([way.taken(scope) for way in ways]):
            exactly(value, scope, writing, path)
            return
        able = ways if len(ways) == 1 else [way for way in ways if spelling.holds(way.spot, value)]
        if not able:
            raise Doubt
        able[0].put(value, scope, writing)

    return put


def _are_plain(spots: tuple[Spot, ...]) -> bool:
    """Whether no value has a qualifier there but a pair's."""
    return not any(spot.place.qualified for spot in spots)


def _own_value(way: Way) -> Step:
    """Most values: one element of the scope's own segment."""
    spot, lay, own = way.spot, way.lay, way.spot.place.seat

    def put(value: Any, scope: Scope, writing: Writing, path: Path) -> None:
        if scope.segment is None:
            raise Doubt
        elements, at = scope.segment.elements, own
        if scope.shift and own.element >= scope.first:
            at = Seat(own.element + scope.shift, own.component)
        said = _text(elements, at)
        if not said:
            lay(writing, elements, at, value)
        elif spot.timing is not None:
            raise Doubt
        elif spelling.read(spot, (said,)) != value:  # the code by which its segment is known, and others
            writing.seat(elements, at, *spelling.write(spot, value, (said,)))

    return put


def _values(binding: Values) -> Step:
    source, exactly = binding.writing, _exactly(binding)
    if source is None or binding.one_way or len(source.spots) > 1 or not _are_plain(source.spots):
        return exactly
    way = _way(source.spots[0])

    def put(value: Any, scope: Scope, writing: Writing, path: Path) -> None:
        if value and way.taken(scope):
            exactly(value, scope, writing, path)
            return
        for one in lines_of(source, value) if binding.lines else value:
            way.put(one, scope, writing)

    return put


def _words(binding: Words) -> Step:
    """A pair for each, or a segment with the word's code as its qualifier."""
    spots, codes, exactly = binding.spots, binding.codes, _exactly(binding)
    place = spots[-1].place
    if not _are_plain(spots) or any(spot.place.pair is None for spot in spots[:-1]):
        return exactly
    ways = [_way(spot) for spot in spots]
    if place.pair is None:
        find = _finding(place)
        ways[-1] = ways[-1]._replace(taken=lambda scope: bool(find(scope)), take=_segment_each(place))

    def put(values: Any, scope: Scope, writing: Writing, path: Path) -> None:
        said = [(word, value) for word, value in values.items() if word not in binding.taken and says(value)]
        if said and any([way.taken(scope) for way in ways]):
            exactly(values, scope, writing, path)
            return
        for word, value in said:
            for one in value if binding.many else (value,):
                way, room = _roomy(ways, scope, writing, codes.write(word))
                way.lay(writing, *room, one)

    return put


def _roomy(ways: list[Way], scope: Scope, writing: Writing, code: str) -> tuple[Way, Room]:
    """The first way that has room, and that."""
    for way in ways[:-1]:
        try:
            return way, way.take(scope, writing, code)
        except Doubt:
            continue
    return ways[-1], ways[-1].take(scope, writing, code)


def _segment_each(place: Place) -> Callable[[Scope, Writing, str], Room]:
    make, at = _making(place), place.word_seat
    in_own = place.own or place.only.any_code

    def take(scope: Scope, writing: Writing, code: str) -> Room:
        found = make(scope, writing)
        if at is not None:
            writing.seat((found.segment if in_own else found.owner.head).elements, at, code)
        if not fits(found.segment, place.only):
            raise Doubt
        return found.segment.elements, place.seat

    return take


def _part(binding: Part) -> Step:
    block, name, whole = binding.block, binding.name, _takes_all(binding)

    def put(value: Any, scope: Scope, writing: Writing, path: Path) -> None:
        part = (value.get(name) or {}) if whole else value
        at = (*path, name)
        if binding.listed and part:
            if len(part) > 1:
                raise Doubt
            part, at = part[0], (*at, 0)
        if part or whole:
            filling(block)(part, scope, writing, at)

    return put


def _instances(binding: Instances) -> Step:
    place, name, block, groups = binding.place, binding.name, binding.block, binding.groups
    find, make, exactly = _finding(place), _making(place), _exactly(binding)
    only = place.steps[-1].only if place.own and place.steps else place.only

    def put(value: Any, scope: Scope, writing: Writing, path: Path) -> None:
        items = value if binding.many else (value,)
        if items and find(scope):
            exactly(value, scope, writing, path)
            return
        fill = filling(block)
        for number, item in enumerate(items):
            found = make(scope, writing)
            inner = (*path, name, number) if binding.many else (*path, name)
            fill(item, inside(place, scope, found), writing, inner)
            if not fits(found.segment, only):
                raise Doubt

    return put if groups is None else _grouped(binding, groups)


def _grouped(binding: Instances, groups: Groups) -> Step:
    """Groups of elements fill a segment as long as what stands before them there is the same."""
    place, name, shared, end = binding.place, binding.name, shared_names(binding), groups.count * groups.size
    find, make, exactly = _finding(place), _making(place), _exactly(binding)

    def put(value: Any, scope: Scope, writing: Writing, path: Path) -> None:
        if value and (find(scope) or not binding.many):
            exactly(value, scope, writing, path)
            return
        fill, inner, before = filling(binding.block), Scope(scope.node, shift=end), None
        for number, item in enumerate(value):
            values = _fields(item)
            now, shift = [values.get(one) for one in shared], inner.shift + groups.size
            if now != before or shift >= end:
                inner, before, shift = inside(place, scope, make(scope, writing), 0, groups.first), now, 0
            inner = inner._replace(shift=shift)
            fill(item, inner, writing, (*path, name, number))
            if inner.segment is None or not fits(inner.segment, place.only):
                raise Doubt

    return put


STEPS: dict[type[Any], Callable[[Any], Step]] = {
    Value: _value,
    Values: _values,
    Words: _words,
    Part: _part,
    Instances: _instances,
}
