"""Codes a map asks for that are on no list of its guide: mostly a slip of the pen, and the place then reads nothing.

A list that the partner's own guide closed is not looked at: what the map binds beyond it is what it inherited.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from gateway.guides.model import Composite, Element, Position, Seat, SegmentSpec
from gateway.maps.exclusions import places_of
from gateway.maps.model import Block, Filter, Place, Test
from gateway.maps.provisions import Origins, blocks
from gateway.maps.strays import Stray

WHY = "no standard document has it, so nothing would be read there"


def unlisted(root: Block, origins: Origins) -> Iterator[Stray]:
    """Every code in brackets that is on no list, with those that look like it; of one line each once."""
    told: set[tuple[object, ...]] = set()
    for block in blocks(root):
        for binding in block.bindings:
            path = origins.get((id(block), binding.name), ("fields",))
            for place in places_of(binding):
                for spec, test in _asked(place):
                    listed = _list(spec, test.seat)
                    for code in test.codes if listed else ():
                        known = path, spec.tag, test.seat, code
                        if code and code not in listed and known not in told:
                            told.add(known)
                            yield Stray(path, _what(place, spec, test.seat, code), WHY, _fix(code, listed))


def _asked(place: Place) -> Iterator[tuple[SegmentSpec, Test]]:
    """The codes that the place's brackets ask for: of its loops, its segment, its pair, and beside its value."""
    for step in place.steps:
        yield from _tests(step.loop.children[0] if step.loop.children else step.loop, step.only)
    yield from _tests(place.position, place.only)
    if place.pair is not None:
        seat = next(iter(place.pair.pairs.seats))[0]
        yield place.spec, Test(seat, place.pair.codes)
    yield from ((place.spec, test) for test in place.qualified)


def _tests(position: Position, only: Filter) -> Iterator[tuple[SegmentSpec, Test]]:
    if position.spec is not None:
        yield from ((position.spec, test) for test in only.tests)


def _list(spec: SegmentSpec, seat: Seat) -> Mapping[str, str]:
    """The standard's list for a seat; empty where there is none, or another agency's codes may stand there."""
    of: Element | Composite = spec.uses[seat.element - 1].of
    if isinstance(of, Composite):
        component = seat.component or 1
        if component in of.agencies:
            return {}
        of = of.components[component - 1].of
    return of.codes or {} if isinstance(of, Element) and not of.closed else {}


def _what(place: Place, spec: SegmentSpec, seat: Seat, code: str) -> str:
    return f"{place.text}: {code} is no code of {spec.address(seat.element)}"


def _fix(code: str, listed: Mapping[str, str]) -> str:
    """The codes that look most like it, those that begin alike first."""
    near = difflib.get_close_matches(code, listed, 20, 0.6)
    near.sort(key=lambda one: -alike(one, code))
    named = [f"{one} ({listed[one]})" if listed[one] else one for one in near[:3]]
    meant = f"did you mean {', '.join(named[:-1])}{' or ' if named[1:] else ''}{named[-1]}? " if named else ""
    return f"{meant}A code that the partner made up may stay"


def alike(one: str, other: str) -> int:
    """How many characters they begin with in common."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
