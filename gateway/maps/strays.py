"""A segment that a binding means may stand elsewhere: found before any document, from the guide's placing rule alone.

The innermost open loop takes a segment first, so MEA behind PID is the PID's. That is no fault of the document, and
where the map reads nothing there the value becomes residue in silence. Told is what a document in the guide's own
order can do; and what one can that sends the segment late, where the binding goes by a code or is one value, says only
one place, and the map reads the loop that takes the segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import NamedTuple

from gateway.guides.model import UNBOUNDED, Position, Seat
from gateway.maps.exclusions import places_of
from gateway.maps.model import Binding, Block, Filter, Instances, Part, Place, Test, Value, Values
from gateway.maps.places import AREAS, split_outside
from gateway.maps.provisions import Bound, Origins, blocks, only_of
from gateway.marked_yaml import Path

Known = tuple[Filter, int, int]
"""Which segments, of which position, are missed at which other: said once, however many values stand in them."""

Codes = dict[Seat, str]
"""Seat -> the code it has in the segment that is meant."""


class Stray(NamedTuple):
    """A line of the map whose segment may stand elsewhere, and what to say of it."""

    path: Path
    what: str
    why: str
    fix: str


class Rival(NamedTuple):
    """Another position that takes the segment: through `way`, the loops open by then, or `up` loops further out."""

    position: Position
    in_order: bool
    way: tuple[Position, ...] = ()
    up: int = 0


def strays(root: Block, origins: Origins, strict: bool = False) -> Iterator[Stray]:
    """Every binding that can miss its segment, with the first position in the guide where it would.

    `strict`: nobody sends a segment late, for its place in the message is what it means.
    """
    read, told = _Read(root), set[Known]()
    for binding, path in _bound(root, origins, ("fields",), set()):
        for place, rival in _missed(binding, read, strict):
            known = only_of(place), id(_home(place)), id(rival.position)
            if known not in told:
                told.add(known)
                yield _told(binding, path, place, rival)


def _missed(binding: Binding, read: _Read, strict: bool) -> Iterator[tuple[Place, Rival]]:
    """By each position it reads, the first that could take the segment from it."""
    places = list(_meant(binding))
    homes = {id(_home(place)): _home(place) for place in places}
    late = not strict and len(homes) == 1 and _by_name(binding, places)
    for home in homes.values():
        others = (one for one in read.rivals(home) if id(one.position) not in homes)
        rivals = [one for one in others if one.in_order or (late and read.loops(one))]
        own = [place for place in places if _home(place) is home]
        yield from islice(((place, one) for one in rivals for place in own if read.misses(place, one)), 1)


class _Read:
    """What the map reads: by position the codes it asks for, and the loops it has anything in."""

    def __init__(self, root: Block) -> None:
        self.tests: dict[int, list[tuple[Test, ...]]] = {}
        self.inside: set[int] = set()
        self.known: dict[int, list[Rival]] = {}
        for block in blocks(root):
            for place in (place for binding in block.bindings for place in _meant(binding)):
                self.tests.setdefault(id(_home(place)), []).append(only_of(place).tests)
                self._reach(place)
            for constant in block.constants:
                self._reach(constant.place)
            for computed in block.computed:
                self._reach(computed.spot.place)

    def _reach(self, place: Place) -> None:
        loop = place.position.parent
        while loop is not None:
            self.inside.add(id(loop))
            loop = loop.parent

    def rivals(self, home: Position) -> list[Rival]:
        if id(home) not in self.known:
            self.known[id(home)] = list(_rivals(home))
        return self.known[id(home)]

    def loops(self, rival: Rival) -> bool:
        """Whether the map has something in every loop that must be open for the rival."""
        return all(id(loop) in self.inside for loop in rival.way)

    def misses(self, place: Place, rival: Rival) -> bool:
        """Whether some segment that the place means could stand at the rival with nothing of the map to read it."""
        there = self.tests.get(id(rival.position), [])
        return any(
            _could_be(codes, rival.position) and not any(_passes(codes, tests) for tests in there)
            for codes in _segments(place)
        )


# -- the guide's side


def _rivals(home: Position) -> Iterator[Rival]:
    """The positions of the same tag that are asked before this one: beside it, in loops beside it, and further out."""
    loop = home.parent
    for sibling in loop.children[1 if loop.tag else 0 :] if loop else ():
        in_order = _asked_first(sibling, home)
        if sibling is home or not (in_order or (sibling.index > home.index and _reachable(home, sibling))):
            continue
        if sibling.tag == home.tag:
            yield Rival(sibling, in_order)
        for way, position in _inside(sibling, home.tag):
            yield Rival(position, in_order, way)
    yield from _further_out(home)


def _asked_first(sibling: Position, home: Position) -> bool:
    """Whether, in a valid document, the sibling may be what came last before the segment that is meant."""
    around = home.parent.children if home.parent else ()
    if home.parent and home.index in home.parent.behind.get(sibling.index, ()):
        return True
    between = around[sibling.index + 1 : home.index]
    return sibling.index < home.index and not any(one.required for one in between)


def _reachable(home: Position, other: Position) -> bool:
    """Nobody sends what is said once for the document among its lines; at its end, some do."""
    return other.area in (home.area, "summary")


def _inside(loop: Position, tag: str) -> Iterator[tuple[tuple[Position, ...], Position]]:
    """(loops on the way, position) of that tag anywhere in the loop; what opens the loop itself is not in it."""
    for child in loop.children[1:]:
        if child.tag == tag:
            yield (loop,), child
        for way, position in _inside(child, tag):
            yield (loop, *way), position


def _further_out(home: Position) -> Iterator[Rival]:
    """What takes a segment that its own loop takes no more. Passing a mandatory segment over is no silence."""
    loop, up = home.parent, 1
    if loop is None or (home.max >= UNBOUNDED and home.index + 1 == len(loop.children)):
        return
    while loop.parent is not None:
        for other in loop.parent.children[loop.index + 1 :]:
            if other.tag == home.tag and _reachable(home, other):
                yield Rival(other, False, (), up)
            if other.required:
                break
        loop, up = loop.parent, up + 1


def _could_be(codes: Codes, position: Position) -> bool:
    """Whether the guide's constants of the position let such a segment in."""
    return all(codes.get(Seat(at), code) == code for at, code in enumerate(position.constants, 1))


# -- the map's side


def _bound(block: Block, origins: Origins, path: Path, seen: set[int]) -> Iterator[Bound]:
    """The map's bindings with their lines, parts and scopes opened, each block once."""
    if id(block) in seen:
        return
    seen.add(id(block))
    for binding in block.bindings:
        at = origins.get((id(block), binding.name), path)
        if isinstance(binding, Part | Instances):
            yield from _bound(binding.block, origins, at, seen)
        if not isinstance(binding, Part):
            yield Bound(binding, at)


def _meant(binding: Binding) -> Iterator[Place]:
    """The places it reads that are segments of their own; the scope's own segment is the scope's to find."""
    if isinstance(binding, Value | Values):
        places = [spot.place for spot in binding.reading.spots] if binding.reading else []
    else:
        places = list(places_of(binding))
    return (place for place in places if not place.up and (place.steps or not place.own))


def _home(place: Place) -> Position:
    """The position as its loop's child: for a segment that opens a loop, that loop."""
    return place.steps[-1].loop if place.own and place.steps else place.position


def _by_name(binding: Binding, places: list[Place]) -> bool:
    """A value, or a part known by a code. A list of what stands there, and all others of a mapping, are not."""
    coded = any(test.codes for place in places for test in only_of(place).tests)
    return isinstance(binding, Value | Values) or (isinstance(binding, Instances) and coded)


def _segments(place: Place) -> Iterator[Codes]:
    """The codes of every segment the place means; of `[*]`, one whose code is not said."""
    tests = [test for test in only_of(place).tests if test.codes]
    said = {Seat(at): code for at, code in enumerate(place.position.constants, 1)}
    for codes in product(*(test.codes for test in tests)):
        yield said | {test.seat: code for test, code in zip(tests, codes, strict=True)}


def _passes(codes: Codes, tests: tuple[Test, ...]) -> bool:
    return all(test.seat not in codes or test.passes(codes[test.seat]) for test in tests)


# -- the words


def _told(binding: Binding, path: Path, place: Place, rival: Rival) -> Stray:
    home, tag = _home(place), place.spec.tag
    here, there = home.path, rival.position.path
    if here == there:
        here, there = f"{home.area}/{here}", f"{rival.position.area}/{there}"
    what = f"{place.text}: {_when(home, rival)} the guide puts {tag} at {there}, not at {here}"
    why = "the map reads none there, so the value would be residue"
    return Stray(path, what, why, _fix(binding, place, rival))


def _when(home: Position, rival: Rival) -> str:
    if rival.way:
        return "after " + "/".join(loop.tag for loop in rival.way)
    if rival.in_order:
        return "where nothing stands between"
    loop = home.parent.path if home.parent else ""
    return f"late in the loop {loop}" if loop else "late in the document"


def _fix(binding: Binding, place: Place, rival: Rival) -> str:
    other = _spelled(place, rival)
    if other is None:
        return f"bind {rival.position.path} as well"
    if isinstance(binding, Value | Values):
        return f"bind `{place.text} or {other}`"
    return f"bind {other} in a field of its own"


def _spelled(place: Place, rival: Rival) -> str | None:
    """The rival as the map would write it in this scope; None where it stands outside of it."""
    *steps, last = split_outside(place.text, "/")
    area, steps = (steps[:1], steps[1:]) if steps and steps[0] in AREAS else ([], steps)
    if rival.up > len(steps):
        return None
    kept = steps[: len(steps) - rival.up]
    if not kept and not rival.up:
        area = [] if rival.way else [rival.position.area]
    return "/".join([*area, *kept, *(loop.tag for loop in rival.way), last])
