"""Nothing lost: every element of a document is bound, constant, computed, or residue. Which, is said here.

The residue is what no binding touches: a function of the document and the map, so reading has nothing to track.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from gateway.faults import Place
from gateway.formats.segment import COMPONENT, REPETITION
from gateway.guides.model import Seat
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps.exclusions import places_of
from gateway.maps.locate import Scope, instances, slots
from gateway.maps.model import Block, Filter, Instances, Part
from gateway.maps.model import Place as MapPlace
from gateway.maps.provisions import blocks
from gateway.maps.read import Reading, read_block


class Share(StrEnum):
    """Whose an element of the document is."""

    BOUND = "bound"
    CONSTANT = "constant"
    COMPUTED = "computed"
    RESIDUE = "residue"


class Accounted(NamedTuple):
    """One value of the document: where it stands, what it is, and whose."""

    place: Place
    text: str
    share: Share


Touched = dict[tuple[int, Seat], Share]
"""(segment's identity, seat) -> whose it is."""


def account(root: Block, tree: LoopNode) -> list[Accounted]:
    """Every value in the document, in its order."""
    reading = Reading()
    read_block(root, Scope(tree), reading, ())
    touched: Touched = {}
    for _, slot in reading.used:
        for seat in (*slot.seats, *slot.qualifiers):
            touched[id(slot.segment), seat] = Share.BOUND
    _written(root, Scope(tree), touched)
    _qualifiers(tree, _asked(root), {segment for segment, _ in touched}, touched)
    return [one for node in tree.segments() for one in _values(node, touched)]


def _written(block: Block, scope: Scope, touched: Touched) -> None:
    """What the map writes by itself, in this scope and those in it."""
    own = [(constant.place, Share.CONSTANT) for constant in block.constants]
    for place, share in own + [(computed.spot.place, Share.COMPUTED) for computed in block.computed]:
        for slot in slots(place, scope):
            touched.setdefault((id(slot.segment), slot.seats[0]), share)
    for binding in block.bindings:
        if isinstance(binding, Instances):
            for inner in instances(binding, scope):
                _written(binding.block, inner, touched)
        elif isinstance(binding, Part):
            _written(binding.block, scope, touched)


def _asked(root: Block) -> dict[int, set[Seat]]:
    """The seats that places ask about, by position: qualifiers, which are bound with what they qualify."""
    asked: dict[int, set[Seat]] = {}
    for block in blocks(root):
        own = [constant.place for constant in block.constants]
        own += [computed.spot.place for computed in block.computed]
        for place in [*own, *(place for binding in block.bindings for place in places_of(binding))]:
            for position, only in _gates(place):
                asked.setdefault(position, set()).update(test.seat for test in only.tests)
    return asked


def _gates(place: MapPlace) -> Iterator[tuple[int, Filter]]:
    yield from ((id(step.loop.children[0]), step.only) for step in place.steps)
    yield id(place.position), place.only


def _qualifiers(node: LoopNode, asked: dict[int, set[Seat]], bound: set[int], touched: Touched) -> bool:
    """Marks the qualifiers of every segment something is bound in, or in the loop it opens; True if any was."""
    used = False
    for item in node.items:
        if isinstance(item, LoopNode):
            used |= _qualifiers(item, asked, bound, touched)
        elif id(item) in bound:
            _mark(item, asked, touched)
            used = True
    if used and node.items and isinstance(node.items[0], SegmentNode) and node.position.parent is not None:
        _mark(node.items[0], asked, touched)
        for element in node.items[0].position.numbered if node.items[0].position else ():
            touched.setdefault((id(node.items[0]), Seat(element)), Share.COMPUTED)
    return used


def _mark(segment: SegmentNode, asked: dict[int, set[Seat]], touched: Touched) -> None:
    for seat in asked.get(id(segment.position), ()):
        touched.setdefault((id(segment), seat), Share.BOUND)


def _values(node: SegmentNode, touched: Touched) -> Iterator[Accounted]:
    fixed = len(node.position.constants) if node.position is not None else 0
    spec = node.position.spec if node.position is not None else None
    for element, whole in enumerate(node.elements):
        if not element or not whole:
            continue
        if element <= fixed:  # UNS[S]: the guide says it
            yield Accounted(node.place(element), whole, Share.CONSTANT)
            continue
        for number, repetition in enumerate(whole.split(REPETITION), 1):
            parts = repetition.split(COMPONENT)
            for component, text in enumerate(parts, 1):
                if text:
                    share = _share(node, element, component, touched) if number == 1 else Share.RESIDUE
                    place = node.place(element, component if len(parts) > 1 else None)
                    text = (spec.shown(element, text) if spec is not None else None) or text
                    yield Accounted(replace(place, repetition=number) if number > 1 else place, text, share)


def _share(node: SegmentNode, element: int, component: int, touched: Touched) -> Share:
    exact = touched.get((id(node), Seat(element, component)))
    whole = touched.get((id(node), Seat(element)))
    return exact or whole or Share.RESIDUE
