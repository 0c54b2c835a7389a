"""Where does a segment go? The innermost open loop, forward from its position; else the loop around it; first hit wins.

`find`, `skipped` and `enter` are that rule and nothing else; the exact reader below and the compiled one both ask
them, so the two cannot disagree about structure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from gateway.faults import Code, Fault, Place
from gateway.formats.segment import COMPONENT, Segment
from gateway.guides.check import check_segment
from gateway.guides.hierarchy import Hierarchy
from gateway.guides.model import Guide, Position
from gateway.guides.tree import LoopNode, SegmentNode


class Frame(NamedTuple):
    """An open loop: the child last placed in it (-1 before the first) and how often in a row."""

    loop: Position
    cursor: int
    times: int


Stack = tuple[Frame, ...]


def opening(guide: Guide) -> Stack:
    """Before the first segment: only the document itself is open."""
    return (Frame(guide.root, -1, 0),)


def find(stack: Stack, elements: Sequence[str]) -> tuple[int, int] | None:
    """(depth in the stack, index among that loop's children) of the segment's place; None where it has none."""
    for depth in range(len(stack) - 1, -1, -1):
        loop, cursor, count = stack[depth]
        for index in range(max(cursor, 0), len(loop.children)):
            child = loop.children[index]
            if _fits(child, elements) and (index > cursor or count < child.max):
                return depth, index
        for index in loop.behind.get(cursor, ()):
            if _fits(loop.children[index], elements):
                return depth, index
    return None


def skipped(stack: Stack, depth: int, index: int) -> list[tuple[int, Position]]:
    """(depth, position) of everything mandatory that was passed over by going to `index` at `depth`.

    Depth -1 is the document's end: whatever is still owed at any level.
    """
    missed = []
    for level in range(len(stack) - 1, max(depth, 0) - 1, -1):
        loop, cursor, _ = stack[level]
        end = index if level == depth else len(loop.children)
        missed += [(level, child) for child in loop.children[cursor + 1 : end] if child.required]
    return missed


def enter(stack: Stack, depth: int, index: int) -> Stack:
    """The stack after a segment was placed there."""
    loop, cursor, count = stack[depth]
    placed = (*stack[:depth], Frame(loop, index, count + 1 if index == cursor else 1))
    child = loop.children[index]
    return (*placed, Frame(child, 0, 1)) if child.is_loop else placed


def parse(guide: Guide, segments: Iterable[Segment]) -> tuple[LoopNode, list[Fault]]:
    """The segments (those between ST and SE) as a tree, and everything that is wrong with them.

    Every segment is in the tree, in document order. One out of its place is bound to the position of an open loop
    that has its tag; one the guide has no position for is in the tree with `position` None.
    """
    reading = _Reading(guide)
    for segment in segments:
        reading.take(segment)
    reading.end()
    return reading.nodes[0], reading.faults


def check(guide: Guide, tree: LoopNode) -> list[Fault]:
    """Everything its guide says against a tree that is to be written; a segment is found where it was put.

    Segments a reader took over untouched keep the places of their bytes.
    """
    nodes = list(tree.segments())
    segments = [_written(node, number) for number, node in enumerate(nodes, 2)]
    read, faults = parse(guide, segments)
    for segment, put, found in zip(segments, nodes, read.segments(), strict=True):
        if put.position is not None and found.position is not None and put.position is not found.position:
            place = replace(segment.place(), loop=put.position.loop)
            faults.append(Fault(Code.SEGMENT_OUT_OF_PLACE, place, found.position.path, put.position.path))
    return faults


def _written(node: SegmentNode, number: int) -> Segment:
    """The node as a segment, with the place it was read from while it still says the same."""
    source = node.source
    if source is not None and source.elements == node.elements:
        return source
    return Segment(node.elements, number)


def _fits(position: Position, elements: Sequence[str]) -> bool:
    if position.tag != elements[0]:
        return False
    constants = position.constants
    return not constants or tuple(elements[1 : 1 + len(constants)]) == constants


class _Reading:
    """One document being read: the stack, the nodes that belong to its frames, and the faults so far."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.stack = opening(guide)
        self.nodes = [LoopNode(guide.root)]
        self.faults: list[Fault] = []
        self.last: Segment | None = None
        self.missed: dict[tuple[int, int], Fault] = {}
        self.trees: dict[Position, Hierarchy] = {}

    def take(self, segment: Segment) -> None:
        elements = segment.elements
        if COMPONENT in elements[0] and self.guide.counters:
            elements = [elements[0].partition(COMPONENT)[0], *elements[1:]]
        found = find(self.stack, elements) or self._but_for_constants(segment)
        if found is None:
            self._misplace(segment)
        else:
            self._miss(skipped(self.stack, *found), segment.place())
            self._put(segment, *found)
        self.last = segment

    def _but_for_constants(self, segment: Segment) -> tuple[int, int] | None:
        """Where it would stand if it said what the guide fixes, `UNS[S]`; that it does not is a fault."""
        tag = segment.tag
        for constants in dict.fromkeys(
            place.constants for place in self.guide.root.walk() if place.tag == tag
        ):
            found = find(self.stack, [tag, *constants]) if constants else None
            if found is not None:
                depth, index = found
                child = self.stack[depth].loop.children[index]
                wrong = next(at for at, one in enumerate(constants, 1) if segment.get(at) != one)
                name = child.spec.uses[wrong - 1].name if child.spec else None
                place = segment.place(wrong, name=name, loop=child.loop)
                came = segment.get(wrong) or None
                self.faults.append(Fault(Code.CODE_NOT_ALLOWED, place, came, constants[wrong - 1]))
                return found
        return None

    def end(self) -> None:
        """Faults for what never came; they stand where SE does."""
        place = Place(segment_number=2)
        if self.last is not None:
            number = self.last.number + 1 if self.last.number else None
            place = replace(self.last.place(), segment_number=number)
        self._miss(skipped(self.stack, -1, 0), place)
        for tree in self.trees.values():
            tree.end()

    def _put(self, segment: Segment, depth: int, index: int) -> None:
        self.stack = enter(self.stack, depth, index)
        self._add(segment, depth, self.stack[depth].loop.children[index])

    def _add(self, segment: Segment, depth: int, child: Position) -> None:
        """Hangs the segment into the tree at that depth and checks its elements."""
        del self.nodes[depth + 1 :]
        position = child.children[0] if child.is_loop else child
        node = SegmentNode(position, segment.elements, segment)
        if child.is_loop:
            loop = LoopNode(child, [node])
            self._hang(loop, depth)
            self.nodes.append(loop)
        else:
            self.nodes[depth].items.append(node)
        if position.spec is not None:
            self.faults += check_segment(segment, position.spec, position.loop)

    def _hang(self, loop: LoopNode, depth: int) -> None:
        """Into the loop around it; a level of a tree into its parent."""
        if loop.position.tree is None:
            self.nodes[depth].items.append(loop)
            return
        if loop.position not in self.trees:
            self.trees[loop.position] = Hierarchy(loop.position, self.faults)
        self.trees[loop.position].hang(loop, self.nodes[depth])

    def _miss(self, missed: list[tuple[int, Position]], place: Place) -> None:
        for level, position in missed:
            head = position.children[0] if position.is_loop else position
            name = head.spec.name if head.spec else None
            what = f"the loop {position.path}" if position.is_loop else head.tag
            at = replace(place, segment=head.tag, name=name, loop=head.loop)
            fault = Fault(Code.SEGMENT_MISSING, at, expected=f"{what} ({name})" if name else what)
            self.missed[id(self.nodes[level]), id(position)] = fault
            self.faults.append(fault)

    def _misplace(self, segment: Segment) -> None:
        """No place: bound where an open loop has its tag, else kept without a position. Always one fault."""
        for depth in range(len(self.stack) - 1, -1, -1):
            loop, cursor, _ = self.stack[depth]
            if cursor >= 0 and _fits(loop.children[cursor], segment.elements) and (cursor or not depth):
                self._too_often(segment, depth, loop.children[cursor])
                return
            for child in loop.children[1 if depth else 0 :]:
                if _fits(child, segment.elements):
                    self._out_of_place(segment, depth, child)
                    return
        self._homeless(segment)

    def _too_often(self, segment: Segment, depth: int, child: Position) -> None:
        code = Code.LOOP_TOO_OFTEN if child.is_loop else Code.SEGMENT_TOO_OFTEN
        count = self.stack[depth].times + 1
        self._miss(skipped(self.stack, depth, child.index), segment.place())
        self._fault(code, segment, child, f"number {count}", f"at most {child.max}")
        self._put(segment, depth, child.index)

    def _out_of_place(self, segment: Segment, depth: int, child: Position) -> None:
        frame = self.stack[depth]
        self._miss(skipped(self.stack, depth, frame.cursor), segment.place())
        late = self.missed.pop((id(self.nodes[depth]), id(child)), None)
        if late is not None:  # it came after all: out of sequence is the one thing to say
            self.faults = [fault for fault in self.faults if fault is not late]
        after = frame.loop.children[frame.cursor].tag
        self._fault(
            Code.SEGMENT_OUT_OF_PLACE, segment, child, f"{segment.tag} after {after}", f"before {after}"
        )
        self.stack = self.stack[: depth + 1]
        if child.is_loop:
            self.stack += (Frame(child, 0, 1),)
        self._add(segment, depth, child)

    def _homeless(self, segment: Segment) -> None:
        self.nodes[-1].items.append(SegmentNode(None, segment.elements, segment))
        spec = self.guide.segments.get(segment.tag)
        homes = [place for place in self.guide.root.walk() if place.tag == segment.tag and not place.is_loop]
        if homes and homes[0].parent is not None:
            inside = ", ".join(sorted({home.parent.path for home in homes if home.parent}))
            self._fault(
                Code.SEGMENT_OUT_OF_PLACE, segment, homes[0], segment.tag, f"inside the loop {inside}"
            )
        else:
            known = segment.tag in self.guide.known
            code = Code.SEGMENT_NOT_IN_SET if known else Code.SEGMENT_UNKNOWN
            self.faults.append(Fault(code, segment.place(name=spec.name if spec else None), segment.tag))
        if spec is not None:
            self.faults += check_segment(segment, spec)

    def _fault(self, code: Code, segment: Segment, child: Position, came: str, expected: str) -> None:
        head = child.children[0] if child.is_loop else child
        place = segment.place(name=head.spec.name if head.spec else None, loop=head.loop)
        self.faults.append(Fault(code, place, came, expected))
