"""A map as generated Python: a pass over the segments validates and sorts them, a pass over what is bound reads it.

It answers only for documents about which there is nothing to say: no fault, no note, nothing unusual. For all others
it answers None, and the exact reader explains. So it never has to be complete, only never different.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from gateway.guides.compile import Machine, Rejected, Segments, by_tag
from gateway.guides.generate import Exceeded
from gateway.guides.model import SegmentSpec
from gateway.maps.compile_blocks import Blocks
from gateway.maps.compile_places import Unsupported
from gateway.maps.compile_segments import Sorting
from gateway.maps.compile_values import Declined
from gateway.maps.map import Map


class Reads(Protocol):
    """The object that the exact reader gives without any fault or note; None says: ask the exact reader.

    Segments are lists of tag and elements, or texts still undivided, with what divides their elements.
    """

    def __call__(self, segments: Segments, element: str | None = None) -> Any: ...


_kept: WeakKeyDictionary[Map, Reads] = WeakKeyDictionary()
_asked: WeakKeyDictionary[Map, int] = WeakKeyDictionary()

WORTH = 500
"""Segments that a map is asked to read before it is compiled: the exact reader takes about as long for them."""


def reader(map: Map, segments: int) -> Reads:
    """The map's fast reader once it is worth making; until then one that always asks the exact one.

    So whoever translates one file, and the first document of a day, do not wait for what only the many need.
    """
    found = _kept.get(map)
    if found is None:
        asked = _asked[map] = _asked.get(map, 0) + segments
        found = compiled(map) if asked > WORTH else _never
    return found


def compiled(map: Map) -> Reads:
    """The map's fast reader, made once; functions come into being when a document needs them. It goes with its map."""
    found = _kept.get(map)
    if found is None:
        found = _kept[map] = _reads(map)
    return found


def source(map: Map) -> str:
    """What the map compiles to, as Python a person can read: its blocks, then its guide's segments."""
    blocks = Blocks(map.root)
    text = blocks.write().text
    return "\n\n".join([text, *_machine(map, Sorting(blocks)).texts()])


def _machine(map: Map, sorting: Sorting) -> Machine:
    """The guide's machine that sorts; what is sorted it need not count."""
    composites = sorting.layout.composites
    machine = Machine(map.guide, sorting, _declining, True, sorting.counts, composites)
    sorting.first = machine.slots
    return machine


def _declining(spec: SegmentSpec) -> Callable[[list[str]], None]:
    return _decline


def _decline(elements: list[str]) -> None:
    raise Declined


def _never(segments: Segments, element: str | None = None) -> None:
    """The reader of a map the compiler has no words for: it always asks the exact one."""


def _reads(map: Map) -> Reads:
    if not by_tag(map.guide):
        return _never
    try:
        blocks = Blocks(map.root)
        blocks.write()
    except Unsupported:
        return _never
    root = blocks.run(f"<map {map.name}>")
    sorting = Sorting(blocks)
    machine = _machine(map, sorting)
    walk, counters, trees = machine.walker(), [0] * machine.slots, tuple(machine.trees)
    nodes: list[Any] = [None] * (1 + max(place.depth for place in map.guide.root.walk()))
    template = blocks.layout.template(map.guide.root)

    def reads(segments: Segments, element: str | None = None) -> Any:
        slots = [*counters, *nodes]
        slots[sorting.first] = document = template[:]
        try:
            if not walk(segments, slots, element):
                return None
            if trees and any(slots[tree] and slots[tree].owed for tree in trees):
                return None
            return root(document)
        except (Declined, Rejected, Exceeded, ValueError):
            return None

    return reads
