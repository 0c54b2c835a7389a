"""What is wrong with a map as a whole, found before any document: the second half of its fourth law.

A field or a place bound twice, a written `[*]`, a mandatory place nothing provides, a required field that a valid
document may leave empty: each would be a document refused, or a value lost, on some later day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

from gateway.canonical import fields
from gateway.guides.model import Composite, Position, Seat, Use
from gateway.maps.exclusions import places_of
from gateway.maps.model import (
    Binding,
    Block,
    Constant,
    Filter,
    Instances,
    Part,
    Place,
    Source,
    Value,
    Values,
    Words,
)
from gateway.marked_yaml import Path

Report = Callable[[Path, str, str, str], None]
Origins = dict[tuple[int, str], Path]
Way = tuple[Any, ...]


class Bound(NamedTuple):
    """A binding of a scope and the path of its line in the map."""

    binding: Binding
    path: Path


def examine(root: Block, guide_root: Position, origins: Origins, report: Report) -> None:
    """Reports everything wrong with the map's blocks, outermost first."""
    fixed = [constant.place for block in blocks(root) for constant in block.constants]
    fixed += [computed.spot.place for block in blocks(root) for computed in block.computed]
    levels = {(id(position), Seat(at)) for position in guide_root.walk() for at in position.numbered}
    _Examination(origins, report, fixed, levels).scope(root, None, guide_root, ("fields",), set())


def creates(constant: Constant, root: Block) -> bool:
    """Whether the guide demands the constant's segment, or no binding of the map could bring it."""
    place = constant.place
    demanded = place.position.required and not place.steps and not place.only.tests
    return demanded or not any(
        one.position is place.position and may_meet(one.only, place.only)
        for block in blocks(root)
        for binding in (*block.bindings, *(echo.binding for echo in block.echoes))
        for one in places_of(binding)
    )


class _Examination:
    def __init__(
        self, origins: Origins, report: Report, fixed: list[Place], levels: set[tuple[int, Seat]]
    ) -> None:
        self.origins = origins
        self.report = report
        self.fixed = fixed
        self.levels = levels

    def scope(
        self, block: Block, around: Place | None, loop: Position | None, path: Path, seen: set[int]
    ) -> None:
        """One scope: its bindings, parts and mappings opened; then the scopes in it."""
        if id(block) in seen:
            return
        seen.add(id(block))
        bound = list(self._opened(block, path))
        self._twice(bound)
        self._early(bound)
        for one in bound:
            self._written(one)
            self._required(one)
        echoed = self._echoed(block, path)
        self._mandatory(bound + echoed, around, path)
        if loop is not None:
            self._positions(bound + echoed, loop, path)
        for binding, at in bound:
            if isinstance(binding, Instances):
                inside = binding.place.steps[-1].loop if binding.place.own and binding.place.steps else None
                self.scope(binding.block, binding.place, inside, at, seen)

    def _opened(self, block: Block, path: Path) -> Iterator[Bound]:
        if block.model is not None:
            self._unbound(block, path)
        for binding in block.bindings:
            at = self.origins.get((id(block), binding.name), path)
            if isinstance(binding, Part):
                yield from self._opened(binding.block, at)
            else:
                yield Bound(binding, at)

    def _unbound(self, block: Block, path: Path) -> None:
        known = fields(block.model) if block.model else {}
        for name in sorted(name for name in block.unbound if known[name].required):
            what = (
                f"{block.model.__name__ if block.model else ''} needs the field {name}, which nothing binds"
            )
            self.report(path, what, "no document could be read", f"{name}: PLACE")

    def _twice(self, bound: list[Bound]) -> None:
        """Two bindings, or a binding and a constant, that write one place."""
        taken: dict[Way, str] = {}
        for binding, path in bound:
            for way in dict.fromkeys(_ways(binding)):
                if way in taken:
                    why = "what one writes the other would overwrite"
                    self.report(path, f"{binding.name}: {taken[way]} is bound twice", why, "bind it once")
                    break
                taken[way] = _name(binding)
        for binding, path in bound:
            if any(self._is_own(place, seat) for place in _written(binding) for seat in _values(place)):
                why = "a constant, a computed element and a level's number are the map's own to write"
                self.report(
                    path,
                    f"{binding.name}: {_name(binding)} is bound and written by the map",
                    why,
                    "remove one",
                )

    def _early(self, bound: list[Bound]) -> None:
        """A value whose qualifier is a field as well stands behind that, whose word decides whether it may stand."""
        said: set[tuple[int, Seat]] = set()
        for binding, path in bound:
            places = list(_written(binding))
            for place in places:
                if any((id(place.position), seat) not in said for seat in place.shared):
                    what = f"{binding.name}: {place.text} stands before the field that says what qualifies it"
                    self.report(path, what, "it could never be written", "move it behind that field")
            said |= {(id(place.position), seat) for place in places for seat in place.seats}

    def _is_own(self, place: Place, seat: Seat) -> bool:
        """Whether the map itself writes there, into a segment the place could mean."""
        if (id(place.position), seat) in self.levels:
            return True
        fixed = (one for one in self.fixed if one.position is place.position and seat in _values(one))
        return any(may_meet(only_of(one), only_of(place)) for one in fixed)

    def _echoed(self, block: Block, path: Path) -> list[Bound]:
        """What the scope echoes: each place once, and none that the map writes by itself. A field may have it too."""
        found = [Bound(echo.binding, self.origins.get((id(block), echo.text), path)) for echo in block.echoes]
        self._twice(found)
        for one in found:
            self._written(one)
        return found

    def _written(self, one: Bound) -> None:
        """A written place must say its qualifier."""
        source = one.binding.writing if isinstance(one.binding, Value | Values) else None
        if source is not None and source.spots[0].place.any_code:
            place = source.spots[0].place.text
            why = "when written, nothing says which qualifier to use"
            self.report(
                one.path,
                f"{one.binding.name}: {place} cannot be written",
                why,
                "name a qualifier before it, or {read: ...}",
            )

    def _required(self, one: Bound) -> None:
        """A field the object needs must stand where the guide demands a value, or have a default."""
        binding = one.binding
        if not isinstance(binding, Value | Values | Instances) or not binding.required:
            return
        source = binding.reading if isinstance(binding, Value | Values) else None
        places = (
            [binding.place]
            if isinstance(binding, Instances)
            else [s.place for s in source.spots]
            if source
            else []
        )
        if source is not None and (source.default is not None or source.required):
            return
        if not any(_always(place) for place in places):
            texts = " or ".join(place.text for place in places) or "nothing"
            why = f"{texts} may be empty in a valid document"
            fix = "add `default ...`, or `required`: then a document without it is a fault"
            self.report(one.path, f"{binding.name}: the object always needs this field", why, fix)

    def _mandatory(self, bound: list[Bound], around: Place | None, path: Path) -> None:
        """Every mandatory element of a segment the scope writes is bound, a qualifier, a constant or computed."""
        places = [(place, at) for binding, at in bound for place in _written(binding)]
        provided: dict[int, set[Seat]] = {}
        for place, _ in places:
            provided.setdefault(id(place.position), set()).update(_elements(place))
        for place in self.fixed:
            provided.setdefault(id(place.position), set()).update(_elements(place))
        if around is not None:
            provided.setdefault(id(around.position), set()).update(_said(around))
            places.append((around, path))
        for at, (place, where) in {
            id(place.position): (place, where) for place, where in reversed(places)
        }.items():
            for seat, use in _missing(place, provided.get(at, set())):
                number, component = seat
                name = place.spec.address(number) + (f"-{component:02d}" if component else "")
                why = (
                    f"{name} ({use.name}) is mandatory in {place.spec.tag}, and no document could be written"
                )
                self.report(
                    where, f"nothing provides {name}", why, f"bind it, or `constants: {{{name}: ...}}`"
                )

    def _positions(self, bound: list[Bound], loop: Position, path: Path) -> None:
        """Every mandatory segment of the loop has something that brings it."""
        reached = {
            id(position)
            for binding, _ in bound
            for place in _written(binding, True)
            for position in _on_way(place)
        }
        reached |= {id(position) for place in self.fixed for position in _on_way(place)}
        for child in loop.children[1 if loop.tag else 0 :]:
            if child.required and not child.constants and id(child) not in reached:
                where = f"the loop {loop.path}" if loop.tag else "the document"
                why = f"{child.tag} is mandatory in {where}, and no document could be written"
                self.report(
                    path,
                    f"nothing provides {child.tag}",
                    why,
                    f"bind an element of {child.tag}, or a constant",
                )


def blocks(root: Block) -> list[Block]:
    """The block and all below it, each once."""
    found = {id(root): root}
    waiting = [root]
    while waiting:
        for binding in waiting.pop().bindings:
            if isinstance(binding, Part | Instances) and id(binding.block) not in found:
                found[id(binding.block)] = binding.block
                waiting.append(binding.block)
    return list(found.values())


def _written(binding: Binding, scopes: bool = False) -> Iterator[Place]:
    """The places a binding writes to; with `scopes` those of `in:` and `each:` too."""
    if isinstance(binding, Words):
        yield from (spot.place for spot in binding.spots)
    elif isinstance(binding, Value | Values) and binding.writing is not None:
        yield from (spot.place for spot in binding.writing.spots)
    elif isinstance(binding, Instances) and scopes:
        yield binding.place


def _values(place: Place) -> Iterator[Seat]:
    yield from place.seats
    yield from place.also


def _elements(place: Place) -> Iterator[Seat]:
    """The seats a value, its qualifier and its segment's qualifiers fill."""
    yield from _values(place)
    yield from _said(place)
    if place.pair is not None:
        yield next(place.pair.pairs.seats)[0]
    yield from (test.seat for test in place.qualified)


def only_of(place: Place) -> Filter:
    """What its segment must say: of one that opens a loop the step says it."""
    return place.steps[-1].only if place.own and place.steps else place.only


def _said(place: Place) -> set[Seat]:
    return {*(test.seat for test in only_of(place).tests), *map(Seat, place.position.numbered)}


def _missing(place: Place, provided: set[Seat]) -> Iterator[tuple[Seat, Use]]:
    """Mandatory elements, and mandatory components of composites of which anything is written."""
    filled = {seat.element for seat in provided}
    for at, use in enumerate(place.spec.uses, 1):
        if at not in filled:
            if use.required:
                yield Seat(at), use
        elif isinstance(use.of, Composite) and Seat(at) not in provided:
            inner = ((Seat(at, one), part) for one, part in enumerate(use.of.components, 1))
            yield from ((seat, part) for seat, part in inner if part.required and seat not in provided)


def _on_way(place: Place) -> Iterator[Position]:
    yield from (step.loop for step in place.steps)
    yield place.position


def _ways(binding: Binding) -> Iterator[Way]:
    """What a binding writes, so that equal ways are one slot."""
    if isinstance(binding, Value | Values) and binding.writing is not None:
        yield from (
            way for spot in binding.writing.spots for way in _slots(spot.place, _part_of(binding.writing))
        )


def _slots(place: Place, part: Any) -> Iterator[Way]:
    steps = tuple((id(step.loop), step.only.tests, step.only.first) for step in place.steps)
    way = (place.up, place.own, steps, id(place.position), place.only.tests, place.only.first)
    if place.pair is not None:
        yield from ((*way, "pair", code) for code in place.pair.codes)
        return
    said = list(product(*(test.codes or ("*",) for test in place.qualified)))
    yield from ((*way, *seat, codes, part) for seat in (*place.seats, *place.also) for codes in said)


def _part_of(source: Source) -> Any:
    """Two fields may share an element when each owns a part of it (`split`)."""
    parts = [codec.part for spot in source.spots for codec in spot.codecs if hasattr(codec, "part")]
    return tuple(parts)


def _name(binding: Binding) -> str:
    return next((place.text for place in _written(binding)), binding.name)


def _always(place: Place) -> bool:
    """Whether every valid document has a value here, once its scope is there."""
    if place.up or place.pair is not None or place.qualified:
        return False
    gates = [(step.loop.required, step.only) for step in place.steps]
    if not place.own:
        gates.append((place.position.required, place.only))
    if not all(required and only == Filter() for required, only in gates):
        return False
    return place.element == 0 or _filled(place)


def _filled(place: Place) -> bool:
    use = place.spec.uses[place.element - 1]
    if not use.required or not isinstance(use.of, Composite):
        return use.required
    return use.of.components[(place.component or 1) - 1].required


def may_meet(one: Filter, other: Filter) -> bool:
    """Whether some segment could pass both filters by their codes."""
    codes = {test.seat: set(test.codes) for test in one.tests if test.codes}
    return all(
        not test.codes or test.seat not in codes or codes[test.seat] & set(test.codes) for test in other.tests
    )
