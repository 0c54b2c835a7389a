"""A document as a tree: segments in the loops their guide puts them in. What grammar yields and maps read and write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from gateway.faults import Place
from gateway.formats.segment import COMPONENT, Segment
from gateway.guides.model import Composite, Element, Position


class SegmentNode:
    """One segment at its position. `position` is None for a segment the guide has no place for (residue).

    `elements` may be changed by a writer; `source` is the segment as read, None for one that was created.
    """

    __slots__ = ("elements", "position", "source")

    def __init__(self, position: Position | None, elements: list[str], source: Segment | None = None) -> None:
        self.position = position
        self.elements = elements
        self.source = source

    @property
    def tag(self) -> str:
        return self.elements[0]

    def get(self, element: int) -> str:
        """The element's text, empty when the segment ends before it."""
        return self.elements[element] if element < len(self.elements) else ""

    def set(self, element: int, text: str) -> None:
        """Sets the element, filling up with empty ones before it."""
        if element >= len(self.elements):
            if not text:
                return
            self.elements.extend([""] * (element + 1 - len(self.elements)))
        self.elements[element] = text

    def place(self, element: int | None = None, component: int | None = None) -> Place:
        """Its address in the bytes it was read from, or only its name where it was created."""
        name = loop = label = None
        if self.position is not None and self.position.spec is not None:
            uses, label = self.position.spec.uses, self.position.spec.label(element)
            name = uses[element - 1].name if element and element <= len(uses) else self.position.spec.name
            loop = self.position.loop
        if self.source is not None:
            return self.source.place(element, component, name, loop)
        return Place(
            segment=self.tag, element=element, component=component, name=name, loop=loop, label=label
        )

    def spelled(self, mark: str) -> list[str]:
        """Its elements, the numbers among them with this decimal mark where the guide lets it be one."""
        spec = self.position.spec if self.position is not None else None
        if mark == "." or spec is None:
            return self.elements
        uses = zip(self.elements[1:], spec.uses, strict=False)
        return [
            self.tag,
            *(_marked(text, use.of, mark) for text, use in uses),
            *self.elements[1 + len(spec.uses) :],
        ]

    def copy(self) -> SegmentNode:
        return SegmentNode(self.position, self.elements[:], self.source)

    def __repr__(self) -> str:
        return f"<{'*'.join(self.elements)}>"


def _marked(text: str, of: Element | Composite, mark: str) -> str:
    if isinstance(of, Composite):
        parts = text.split(COMPONENT)
        kinds = [use.of for use in of.components]
        return COMPONENT.join(
            [
                *(_marked(part, kind, mark) for part, kind in zip(parts, kinds, strict=False)),
                *parts[len(kinds) :],
            ]
        )
    return text.replace(".", mark) if of.type == "R" and mark in of.marks else text


class LoopNode:
    """One occurrence of a loop: its first item is the segment that opened it. The document is the root's.

    A level of a tree holds those that lie in it, behind its own segments, with the same position. A document is
    `scattered` that did not send each behind its parent: then its segments keep the order they came in.
    """

    __slots__ = ("items", "position", "scattered")

    def __init__(self, position: Position, items: list[SegmentNode | LoopNode] | None = None) -> None:
        self.position = position
        self.items: list[SegmentNode | LoopNode] = items if items is not None else []
        self.scattered = False

    @property
    def head(self) -> SegmentNode:
        """The segment that opened the loop; the root has none."""
        return cast(SegmentNode, self.items[0])

    def segments(self) -> Iterator[SegmentNode]:
        """All segments below, in document order."""
        return iter(as_sent(list(self._below()))) if self.scattered else self._below()

    def _below(self) -> Iterator[SegmentNode]:
        for item in self.items:
            if isinstance(item, SegmentNode):
                yield item
            else:
                yield from item.segments()

    def copy(self) -> LoopNode:
        """A deep copy that shares positions and sources."""
        found = LoopNode(self.position, [item.copy() for item in self.items])
        found.scattered = self.scattered
        return found

    def __repr__(self) -> str:
        return f"LoopNode({self.position.path or 'document'}, {self.items!r})"


def as_sent(nodes: list[SegmentNode]) -> list[SegmentNode]:
    """The segments in the order they came in; one that did not come stays behind the one before it."""
    numbers, last = [], 0
    for node in nodes:
        last = node.source.number if node.source is not None else last
        numbers.append(last)
    return [node for _, node in sorted(zip(numbers, nodes, strict=True), key=lambda one: one[0])]
