"""`[*]` means all that no other binding of its scope names: this is where a scope's names meet.

A gate is what decides about one segment: the filter of a step, of the segment itself, or of its pairs. Gates are
compared by the positions on the way, so that `N1[ST]` takes the ship-to away from `each: N1`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from gateway.guides.model import Seat
from gateway.maps.model import (
    Binding,
    Block,
    Fixed,
    Instances,
    PairOf,
    Part,
    Place,
    Source,
    Spot,
    Step,
    Test,
    Value,
    Values,
    Words,
)

Way = tuple[int, ...]
"""Scopes to go up, then the identities of the positions stepped into."""


def settle(block: Block) -> None:
    """Tells every `[*]` place of the scope, parts and mappings included, what the others name.

    And every place beside a qualifier that is a field of its own as well that this is the one to say it.
    """
    places = [place for binding in block.flat() for place in _claimed(binding)]
    seats = frozenset((_way(place, len(place.steps), True), place.seat) for place in places if not place.pair)
    places += [constant.place for constant in block.constants]
    gates = [gate for place in places for gate in _named(place)]
    pairs = [(_way(place, len(place.steps), True), place.pair.codes) for place in places if place.pair]
    _tell(block, Names(gates, pairs, seats))


def places_of(binding: Binding) -> Iterator[Place]:
    """Every place a binding of the scope names, alternatives and both directions included."""
    if isinstance(binding, Instances):
        yield binding.place
    elif isinstance(binding, Words):
        yield from (spot.place for spot in binding.spots)
    elif isinstance(binding, Value | Values):
        sources = (
            [binding.reading] if binding.reading is binding.writing else [binding.reading, binding.writing]
        )
        yield from (spot.place for source in sources if source for spot in source.spots)


def _claimed(binding: Binding) -> Iterator[Place]:
    """Those that are the binding's own: where it reads elsewhere than it writes, what it writes to."""
    if isinstance(binding, Value | Values) and binding.reading and binding.writing:
        return places_of(replace(binding, reading=binding.writing))
    return places_of(binding)


Gates = list[tuple[Way, tuple[Test, ...]]]


class Names(NamedTuple):
    """What the bindings of a scope name: codes of segments, codes of pairs, and seats."""

    gates: Gates
    pairs: list[tuple[Way, tuple[str, ...]]]
    seats: frozenset[tuple[Way, Seat]]


def _way(place: Place, steps: int, segment: bool = False) -> Way:
    way = (place.up, *(id(step.loop) for step in place.steps[:steps]))
    return (*way, id(place.position)) if segment else way


def _named(place: Place) -> Iterator[tuple[Way, tuple[Test, ...]]]:
    """The gates of a place that name a qualifier."""
    for number, step in enumerate(place.steps, 1):
        if tests := tuple(test for test in step.only.tests if test.codes):
            yield _way(place, number), tests
    if tests := tuple(test for test in place.only.tests if test.codes):
        yield _way(place, len(place.steps), True), tests


def _tell(block: Block, names: Names) -> None:
    told = []
    for binding in block.bindings:
        if isinstance(binding, Part):
            _tell(binding.block, names)
        told.append(_told(binding, names))
    block.bindings = tuple(told)


def _told(binding: Binding, names: Names) -> Binding:
    if isinstance(binding, Instances):
        place = _besides(binding.place, names, whole=True)
        return binding if place is binding.place else replace(binding, place=place)
    if isinstance(binding, Words):
        return replace(binding, spots=tuple(_spot(spot, names) for spot in binding.spots))
    if isinstance(binding, Part | Fixed):
        return binding
    reading = _source(binding.reading, names)
    writing = reading if binding.reading is binding.writing else _source(binding.writing, names)
    same = reading is binding.reading and writing is binding.writing
    return binding if same else replace(binding, reading=reading, writing=writing)


def _source(source: Source | None, names: Names) -> Source | None:
    spots = tuple(_spot(spot, names) for spot in source.spots) if source else ()
    if source is None or all(spot is before for spot, before in zip(spots, source.spots, strict=True)):
        return source
    return replace(source, spots=spots)


def _spot(spot: Spot, names: Names) -> Spot:
    place = _besides(spot.place, names)
    return spot if place is spot.place else replace(spot, place=place)


def _besides(place: Place, names: Names, *, whole: bool = False) -> Place:
    """The place with what others name taken out of its `[*]`; an `each:` without a bracket means `[*]`.

    The place itself where nothing is taken out: most have no `[*]`.
    """
    steps = tuple(
        _step(step, _way(place, number), names.gates, whole and place.own and number == len(place.steps))
        for number, step in enumerate(place.steps, 1)
    )
    only, pair, shared, way = place.only, place.pair, place.shared, _way(place, len(place.steps), True)
    if only.any_code or (whole and not place.own and not only.tests):
        only = replace(only, but=_others(way, names.gates, only.tests))
    if pair is not None and not pair.codes:
        but = frozenset(code for at, codes in names.pairs if at == way for code in codes)
        pair = PairOf(pair.pairs, (), but)
    if place.qualified:
        shared |= {test.seat for test in place.qualified if (way, test.seat) in names.seats}
    same = only is place.only and pair is place.pair and shared == place.shared
    if same and all(step is before for step, before in zip(steps, place.steps, strict=True)):
        return place
    return replace(place, steps=steps, only=only, pair=pair, shared=shared)


def _step(step: Step, way: Way, gates: Gates, whole: bool) -> Step:
    only = step.only
    if only.any_code or (whole and not only.tests):
        return replace(step, only=replace(only, but=_others(way, gates, only.tests)))
    return step


def _others(way: Way, gates: Gates, own: tuple[Test, ...]) -> tuple[tuple[Test, ...], ...]:
    mine = tuple(test for test in own if test.codes)
    return tuple(dict.fromkeys(tests for at, tests in gates if at == way and tests != mine))
