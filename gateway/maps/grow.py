"""Where a value goes that has no slot yet, and what remains when one leaves: the only hands on a document's tree.

A segment is made where the guide puts it, with the qualifiers its place says; it is taken away when nothing but
those is left in it. What no place names is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.formats.segment import COMPONENT
from gateway.guides.model import Position, Seat
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps.locate import Found, Scope, Slot, entered, plain_slots, segments, set_text, text_at
from gateway.maps.model import Block, Filter, Place, Step
from gateway.maps.moments import Texts


class Growth:
    """What one writing has made, and which seats are only frame: constants and computed ones, by position."""

    def __init__(self, fresh: bool) -> None:
        self.fresh = fresh
        self.made: dict[int, SegmentNode] = {}
        self.frame: dict[int, set[Seat]] = {}
        self.gaps: list[tuple[SegmentNode, int]] = []

    def close_ranks(self) -> None:
        """Where the first pair is mandatory and gone the next takes its place: PIA02, whose pair is one composite."""
        for segment, first in self.gaps:
            spec = segment.position.spec if segment.position is not None else None
            while spec is not None and spec.uses[first - 1].required and segment.elements[first:][:1] == [""]:
                del segment.elements[first]

    def framed(self, block: Block) -> None:
        """Remembers what the block writes by itself."""
        own = [constant.place for constant in block.constants]
        for place in own + [computed.spot.place for computed in block.computed]:
            self.frame.setdefault(id(place.position), set()).add(place.seat)

    def is_new(self, scope: Scope) -> bool:
        """Whether the scope's instance was made by this writing."""
        return self.fresh if scope.segment is None else id(scope.segment) in self.made

    # -- making

    def room(self, place: Place, scope: Scope) -> Slot | None:
        """An empty slot for one more value, in a segment that is there or in a new one; None where there is none."""
        for found in segments(place, scope):
            if slot := _vacancy(found, place, scope):
                return slot
        if place.own and not place.steps:
            return None
        return _vacancy(self.segment(place, scope), place, scope)

    def segment(self, place: Place, scope: Scope, *, apart: bool = False) -> Found:
        """A new segment at the place; loops on the way are entered if they are there, else made.

        With `apart` the loop around it is a new one too, where the guide lets it repeat, it is no level of a tree, and
        the place does not say which one (`PAC[#1]/MEA`).
        """
        for _ in range(place.up):
            scope = scope.outer or scope
        node = scope.node
        steps = place.steps[:-1] if place.own else place.steps
        for number, step in enumerate(steps, 1):
            there = entered(node, step)
            repeats = step.loop.max > 1 and step.loop.tree is None and not step.only.counts
            anew = apart and number == len(steps) and repeats
            node = there[0].owner if there and not anew else self.loop(node, step)
        if place.own:
            node = self.loop(node, place.steps[-1])
            return Found(node, node.head)
        return Found(node, self.put_segment(node, place.position, place.only))

    def loop(self, node: LoopNode, step: Step) -> LoopNode:
        """A new loop with the segment that opens it."""
        loop = LoopNode(step.loop)
        self.put_segment(loop, step.loop.children[0], step.only)
        self.furnish(loop)
        insert(node, loop, step.loop)
        return loop

    def furnish(self, loop: LoopNode) -> None:
        """The segments that the guide demands and says all of, as UNS[S]: they come with their loop."""
        for child in loop.position.children:
            if child.required and child.constants and not child.is_loop:
                self.put_segment(loop, child, Filter())

    def put_segment(self, node: LoopNode, position: Position, only: Filter) -> SegmentNode:
        """A new segment in the loop, with the qualifiers by which it is known."""
        segment = SegmentNode(position, [position.tag, *position.constants])
        for test in only.tests:
            if test.codes and test.codes[0]:
                self.seat(segment.elements, test.seat, test.codes[0])
        self.made[id(segment)] = segment
        insert(node, segment, position)
        return segment

    # -- filling and clearing

    def seat(self, elements: list[str], at: Seat, text: str) -> None:
        """Sets a new segment's element or component, filling up with empty ones before it."""
        element, component = at
        missing = element - len(elements)
        if component is not None and (component > 1 or missing < 0):
            parts = elements[element].split(COMPONENT) if missing < 0 else []
            parts += [""] * (component - len(parts))
            parts[component - 1] = text
            text = COMPONENT.join(parts)
        if missing < 0:
            elements[element] = text
        else:
            elements += [*[""] * missing, text]

    def fill(self, slot: Slot, place: Place, texts: Texts) -> None:
        """Writes the value and, where it has none yet, the qualifiers beside it."""
        new = not slot.texts
        slot.put(texts)
        codes = [place.pair.codes] if place.pair is not None else [test.codes for test in place.qualified]
        for seat, known in zip(slot.qualifiers, codes, strict=True) if new else ():
            if known and not text_at(slot.segment, seat):
                set_text(slot.segment, seat, known[0])
        trim(slot.segment)

    def clear(self, slot: Slot, place: Place, scope: Scope) -> None:
        """Takes the value out with what only qualifies it, and the segment when it says nothing more."""
        slot.put(("",) * len(slot.seats))
        asked = {test.seat for test in place.qualified if place.spec.always(test.seat)}
        for seat in slot.qualifiers:
            if seat not in asked | place.shared:
                set_text(slot.segment, seat, "")
        if place.pair is not None and place.pair.pairs.components is not None:
            self.gaps.append((slot.segment, place.pair.pairs.value))
        trim(slot.segment)
        if (place.steps or not place.own) and self._empty(slot.segment, place):
            _drop(slot, place, scope)

    def _empty(self, segment: SegmentNode, place: Place) -> bool:
        only = place.steps[-1].only if place.own else place.only
        frame = {test.seat for test in (*only.tests, *place.qualified)}
        frame |= self.frame.get(id(place.position), set())
        return not any(text and seat not in frame for seat, text in _values(segment))


def insert(node: LoopNode, item: SegmentNode | LoopNode, position: Position) -> None:
    """At the guide's place: behind the last item that may not come later."""
    items, index = node.items, _index(node, position)
    at = len(items)
    while at and ((last := items[at - 1].position) is None or _index(node, last) > index):
        at -= 1
    items.insert(at, item)


def _index(node: LoopNode, position: Position) -> int:
    """Where it stands in the loop; a level of a tree behind everything of the level it lies in."""
    return len(position.children) if position is node.position else position.index


def _values(segment: SegmentNode) -> Iterator[tuple[Seat, str]]:
    """Each value with its seat: as the guide has it, an element or the components of a composite."""
    spec = segment.position.spec if segment.position is not None else None
    for at, text in enumerate(segment.elements[1:], 1):
        if spec is not None and at <= len(spec.uses) and spec.seat(at).component:
            yield from ((Seat(at, one), part) for one, part in enumerate(text.split(COMPONENT), 1))
        else:
            yield Seat(at), text


def trim(segment: SegmentNode) -> None:
    """No empty elements at the end."""
    while len(segment.elements) > 1 and not segment.elements[-1]:
        segment.elements.pop()


def parent_of(node: LoopNode, item: SegmentNode | LoopNode) -> LoopNode | None:
    """The loop at or under `node` that holds the item."""
    if any(one is item for one in node.items):
        return node
    below = (parent_of(one, item) for one in node.items if isinstance(one, LoopNode))
    return next((found for found in below if found is not None), None)


def _drop(slot: Slot, place: Place, scope: Scope) -> None:
    """Takes the segment away; one that opened a loop stays as long as anything follows it there."""
    if not place.own:
        slot.owner.items.remove(slot.segment)
    elif len(slot.owner.items) == 1:
        for _ in range(place.up):
            scope = scope.outer or scope
        holder = parent_of(scope.node, slot.owner)
        if holder is not None:
            holder.items.remove(slot.owner)


def _vacancy(found: Found, place: Place, scope: Scope) -> Slot | None:
    """The slot in this segment that the next value of the place takes."""
    owner, segment = found
    if place.pair is not None:
        pairs = [Slot(owner, segment, (value,), (qualifier,)) for qualifier, value in place.pair.pairs.seats]
        said = [slot for slot in pairs if slot.code in place.pair.codes and not slot.texts]
        free = [slot for slot in pairs if not slot.code and not slot.texts]
        return next(iter(said + free), None)
    for test in place.qualified:
        code = text_at(segment, test.seat)
        if (code or test.seat in place.shared) and not test.passes(code):
            return None
    empty: list[Slot] = []
    for slot in plain_slots(found, place, scope):
        empty = [] if slot.texts else [*empty, slot]
    return empty[0] if empty else None
