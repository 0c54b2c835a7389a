"""A map as generated Python: a pass over the segments validates and sorts them, a pass over what is bound reads it.

It answers only for documents about which there is nothing to say: no fault, no note, nothing unusual. For all others
it answers None, and the exact reader explains. So it never has to be complete, only never different.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from gateway.guides.compile import Machine, by_tag, slotted
from gateway.guides.generate import Exceeded, Source
from gateway.guides.model import Position, SegmentSpec
from gateway.maps import compile_blocks
from gateway.maps.compile_blocks import Declined
from gateway.maps.compile_places import Layout, Unsupported
from gateway.maps.map import Map

Reads = Callable[[list[list[str]]], Any]
"""The object that the exact reader gives without any fault or note; None says: ask the exact reader."""

KEPT = 128
_kept: OrderedDict[int, tuple[Map, Reads]] = OrderedDict()


def compiled(map: Map) -> Reads:
    """The map's fast reader. Made once per map; functions come into being when a document needs them."""
    kept = _kept.get(id(map))
    if kept is None:
        kept = _kept[id(map)] = (map, _reads(map))
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return kept[1]


def source(map: Map) -> str:
    """What the map compiles to, as Python a person can read: its blocks, then its guide's segments."""
    layout = Layout()
    blocks = compile_blocks.blocks(map.root, layout)
    machine = Machine(map.guide, Sorting(layout), _declining, True, layout.slots.__contains__)
    return "\n\n".join([blocks.text, *(text for text in machine.texts())])


class Sorting:
    """The guide's functions also sort: every bound segment is hung into the node of its open loop.

    A node is a list: the segment that opened the loop, then a slot per bound child. `S` holds the open node of each
    depth behind the machine's counters.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.first = 0

    def opens(self, position: Position, source: Source) -> None:
        return

    def element(self, position: Position, number: int, variable: str, source: Source) -> bool:
        return False

    def closes(self, position: Position, source: Source) -> None:
        loop = position.parent
        if loop is not None and loop.parent is not None and position.index == 0:
            if loop in self.layout.templates:
                template = source.constant(self.layout.templates[loop])
                source.add(f"x = {template}[:]")
                source.add("x[0] = e")
                source.add(f"S[{self.first + position.depth}] = x")
                self._hang(loop, "x", source)
        else:
            self._hang(position, "e", source)

    def _hang(self, child: Position, what: str, source: Source) -> None:
        slot = self.layout.slots.get(child)
        if slot is None:
            return
        source.add(f"d = S[{self.first + child.depth}]")
        source.add(f"l = d[{slot}]")
        source.add(f"if l is None: d[{slot}] = [{what}]")
        if slotted(child):
            source.add(f"elif len(l) == {child.max}: raise {source.constant(Exceeded)}")
        source.add(f"else: l.append({what})")


def _declining(spec: SegmentSpec) -> Callable[[list[str]], None]:
    return _decline


def _decline(elements: list[str]) -> None:
    raise Declined


def _never(segments: list[list[str]]) -> None:
    """The reader of a map the compiler has no words for: it always asks the exact one."""


def _reads(map: Map) -> Reads:
    layout = Layout()
    try:
        root = compile_blocks.run(map.root, layout, f"<map {map.name}>")
    except Unsupported:
        return _never
    if not by_tag(map.guide):
        return _never
    sorting = Sorting(layout)
    machine = Machine(map.guide, sorting, _declining, True, layout.slots.__contains__)
    sorting.first = machine.slots
    walk, counters = machine.walker(), [0] * machine.slots
    nodes: list[Any] = [None] * (1 + max(place.depth for place in map.guide.root.walk()))
    template = layout.template(map.guide.root)
    direct, validate = compile_blocks.direct(map.root), map.document.model_validate

    def reads(segments: list[list[str]]) -> Any:
        slots = [*counters, *nodes]
        slots[sorting.first] = document = template[:]
        try:
            if not walk(segments, slots):
                return None
            found = root(document)
            return found if direct else validate(found)
        except (Declined, Exceeded, ValueError):  # pydantic's ValidationError is a ValueError
            return None

    return reads
