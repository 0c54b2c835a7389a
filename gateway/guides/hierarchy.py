"""Where does a level of a tree hang? In the level that has the number it names as its parent's.

What a document leaves open is settled as a person would settle it, and said: a fault only where two readings remain.
Levels without a parent lie at the top, or, where the guide says they never do, in the nearest open level that may hold
them. The open levels are the one read last, the one it lies in, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.faults import Code, Fault
from gateway.formats.segment import Segment
from gateway.guides.model import Position, Tree
from gateway.guides.spelling import choice
from gateway.guides.tree import LoopNode

YES, NO = "1", "0"
"""Of the child flag (X12 data element 736)."""
DEEPEST = 64
"""Levels in one another; real documents have six. What reads and writes them goes down by itself."""


@dataclass(slots=True, eq=False)
class Level:
    """One level, the one it hangs in, and whether any hangs in it."""

    segment: Segment
    node: LoopNode
    number: str
    code: str
    parent: Level | None = None
    depth: int = 1
    held: bool = False


class Hierarchy:
    """One tree of one document, as far as it has been read."""

    def __init__(self, loop: Position, faults: list[Fault]) -> None:
        if loop.tree is None:
            raise TypeError(f"{loop.path} is no tree")
        self.loop = loop
        self.tree: Tree = loop.tree
        self.faults = faults
        self.known: dict[str, list[Level]] = {}
        self.last: Level | None = None

    def hang(self, node: LoopNode, root: LoopNode) -> None:
        """Hangs the new level into its parent, or at the top, and finds everything there is to say about it."""
        segment = node.head.source or Segment(node.head.elements)
        level = Level(segment, node, self._text(segment, self.tree.id), self._text(segment, self.tree.level))
        named = self._text(segment, self.tree.parent)
        level.parent = self._named(level, named) if named else self._unnamed(level)
        self._deep(level)
        self._lies(level)
        self._numbered(level)
        if level.parent is not None:
            level.parent.held = True
        root.scattered |= not _stands_last(level.parent, root)
        (level.parent.node if level.parent is not None else root).items.append(node)
        self.last = level

    def end(self) -> None:
        """What the child flags said, once it is known which levels have children."""
        at = self.tree.children
        for level in (one for alike in self.known.values() for one in alike) if at else ():
            said = self._text(level.segment, at)
            if said in (YES, NO) and (said == YES) != level.held:
                self._say(Code.CHILDREN, level, at, "1 for some" if level.held else "0 for none")

    def _deep(self, level: Level) -> None:
        """Beside its parent where it would lie too deep in it."""
        if level.parent is not None and level.parent.depth == DEEPEST:
            self._say(
                Code.LEVEL_TOO_DEEP, level, self.tree.parent, f"at most {DEEPEST} levels in one another"
            )
            level.parent = level.parent.parent
        level.depth = level.parent.depth + 1 if level.parent is not None else 1

    def _named(self, level: Level, number: str) -> Level | None:
        found, open = self.known.get(number, []), list(self._open())
        if not found:
            self._say(Code.PARENT_UNKNOWN, level, self.tree.parent, _numbers(open))
            return self._nearest(level)
        standing = [one for one in open if one.number == number]
        if len(standing) != 1:
            code = Code.LEVEL_OUT_OF_ORDER if len(found) == 1 else Code.PARENT_UNCLEAR
            self._say(code, level, self.tree.parent, _numbers(open))
        return standing[0] if standing else found[-1]

    def _unnamed(self, level: Level) -> Level | None:
        """At the top, unless the guide knows an open level for it and none at the top."""
        if self.tree.holds(None, level.code):
            return None
        found = self._nearest(level)
        if found is not None:
            self._say(Code.PARENT_MISSING, level, self.tree.parent, self._spoken(found))
        return found

    def _nearest(self, level: Level) -> Level | None:
        fitting = (one for one in self._open() if self.tree.levels and self.tree.holds(one.code, level.code))
        return next(fitting, None)

    def _open(self) -> Iterator[Level]:
        """The level read last, the one it lies in, and so on."""
        level = self.last
        while level is not None:
            yield level
            level = level.parent

    def _lies(self, level: Level) -> None:
        """Whether the guide knows such a level there."""
        around = level.parent.code if level.parent is not None else None
        if self.tree.holds(around, level.code):
            return
        inside = self.tree.top if around is None else self.tree.levels.get(around, ())
        code = Code.LEVEL_NOT_ALLOWED if around in self.tree.closed else Code.LEVEL_UNUSUAL
        where = "at the top" if around is None else f"in {around}"
        self._say(code, level, self.tree.level, f"{', '.join(sorted(inside)) or 'none'} {where}")

    def _numbered(self, level: Level) -> None:
        if level.number in self.known and level.number:
            self._say(Code.LEVEL_NUMBER_TWICE, level, self.tree.id, "a number of its own")
        self.known.setdefault(level.number, []).append(level)

    def _spoken(self, level: Level) -> str:
        return f"{level.number} ({level.code}), in which it was read"

    def _text(self, segment: Segment, element: int | None) -> str:
        return segment.get(element).rstrip(" ") if element else ""

    def _say(self, code: Code, level: Level, element: int | None, expected: str) -> None:
        head = self.loop.children[0]
        name = head.spec.uses[element - 1].name if head.spec and element else None
        place = level.segment.place(element, None, name, self.loop.path)
        self.faults.append(Fault(code, place, self._text(level.segment, element) or None, expected))


def _numbers(open: list[Level]) -> str:
    """What a level may name as its parent's, from the top down."""
    numbers = choice(dict.fromkeys(level.number for level in reversed(open)))
    return f"{numbers}, the open levels" if open else "nothing, for no level is open"


def _stands_last(level: Level | None, root: LoopNode) -> bool:
    """Whether what is hung into the level stands behind all that came before."""
    while level is not None:
        around = level.parent.node if level.parent is not None else root
        if around.items[-1] is not level.node:
            return False
        level = level.parent
    return True
