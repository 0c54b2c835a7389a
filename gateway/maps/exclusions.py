"""`[*]` means all that no other binding of its scope names: this is where a scope's names meet.

A gate is what decides about one segment: the filter of a step, of the segment itself, or of its pairs. Gates are
compared by the positions on the way, so that `N1[ST]` takes the ship-to away from `each: N1`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.maps.model import (
    Binding,
    Block,
    Fixed,
    Instances,
    PairOf,
    Part,
    Place,
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
    """Tells every `[*]` place of the scope, parts and mappings included, what the others name."""
    places = [place for binding in block.flat() for place in places_of(binding)]
    places += [constant.place for constant in block.constants]
    gates = [gate for place in places for gate in _named(place)]
    pairs = [(_way(place, len(place.steps), True), place.pair.codes) for place in places if place.pair]
    _tell(block, gates, pairs)


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


Gates = list[tuple[Way, tuple[Test, ...]]]
PairCodes = list[tuple[Way, tuple[str, ...]]]


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


def _tell(block: Block, gates: Gates, pairs: PairCodes) -> None:
    told = []
    for binding in block.bindings:
        if isinstance(binding, Part):
            _tell(binding.block, gates, pairs)
        told.append(_told(binding, gates, pairs))
    block.bindings = tuple(told)


def _told(binding: Binding, gates: Gates, pairs: PairCodes) -> Binding:
    if isinstance(binding, Instances):
        place = _besides(binding.place, gates, pairs, whole=True)
        return binding if place is binding.place else replace(binding, place=place)
    if isinstance(binding, Words):
        return replace(binding, spots=tuple(_spot(spot, gates, pairs) for spot in binding.spots))
    if isinstance(binding, Part | Fixed):
        return binding
    if binding.reading is None:
        return binding
    spots = tuple(_spot(spot, gates, pairs) for spot in binding.reading.spots)
    if all(spot is before for spot, before in zip(spots, binding.reading.spots, strict=True)):
        return binding
    reading = replace(binding.reading, spots=spots)
    if binding.reading is binding.writing:
        return replace(binding, reading=reading, writing=reading)
    return replace(binding, reading=reading)


def _spot(spot: Spot, gates: Gates, pairs: PairCodes) -> Spot:
    place = _besides(spot.place, gates, pairs)
    return spot if place is spot.place else replace(spot, place=place)


def _besides(place: Place, gates: Gates, pairs: PairCodes, *, whole: bool = False) -> Place:
    """The place with what others name taken out of its `[*]`; an `each:` without a bracket means `[*]`.

    The place itself where nothing is taken out: most have no `[*]`.
    """
    steps = tuple(
        _step(step, _way(place, number), gates, whole and place.own and number == len(place.steps))
        for number, step in enumerate(place.steps, 1)
    )
    only = place.only
    if only.any_code or (whole and not place.own and not only.tests):
        only = replace(only, but=_others(_way(place, len(place.steps), True), gates, only.tests))
    pair = place.pair
    if pair is not None and not pair.codes:
        way = _way(place, len(place.steps), True)
        pair = PairOf(pair.pairs, (), frozenset(code for at, codes in pairs if at == way for code in codes))
    same = only is place.only and pair is place.pair
    if same and all(step is before for step, before in zip(steps, place.steps, strict=True)):
        return place
    return replace(place, steps=steps, only=only, pair=pair)


def _step(step: Step, way: Way, gates: Gates, whole: bool) -> Step:
    only = step.only
    if only.any_code or (whole and not only.tests):
        return replace(step, only=replace(only, but=_others(way, gates, only.tests)))
    return step


def _others(way: Way, gates: Gates, own: tuple[Test, ...]) -> tuple[tuple[Test, ...], ...]:
    mine = tuple(test for test in own if test.codes)
    return tuple(dict.fromkeys(tests for at, tests in gates if at == way and tests != mine))
