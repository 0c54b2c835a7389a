"""The levels of a tree as compiled readers follow them: only what is usual. All else is for the exact reader.

Usual is a number of its own, the number of an open level as its parent's, a level that the guide knows there, and a
child flag that is true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.guides.generate import Exceeded
from gateway.guides.hierarchy import DEEPEST, NO, YES
from gateway.guides.model import Tree


class Level:
    """A level: the one it lies in, what its child flag says, whether it has any, and the node a map makes of it."""

    __slots__ = ("code", "depth", "flag", "held", "node", "number", "parent")

    def __init__(self, number: str, code: str, flag: str, parent: Level | None) -> None:
        self.number, self.code, self.flag, self.parent = number, code, flag, parent
        self.depth: int = parent.depth + 1 if parent is not None else 1
        self.held = False
        self.node: Any = None


class Levels:
    """One tree of one document: the numbers so far, the level read last, and how many are still owed a child."""

    __slots__ = ("known", "last", "owed")

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.last: Level | None = None
        self.owed = 0


Follow = Callable[[list[str], list[Any]], Level]
"""From a level's elements and the document's slots to the level. Raises Exceeded for anything unusual."""


def following(tree: Tree, slot: int) -> Follow:
    """What follows a tree whose levels are kept in that slot."""
    inside = {level: frozenset(codes) for level, codes in tree.levels.items()}
    top, none = tree.top, frozenset[str]()

    def follow(elements: list[str], slots: list[Any]) -> Level:
        levels: Levels = slots[slot]
        if not levels:
            levels = slots[slot] = Levels()
        number, code = _text(elements, tree.id), _text(elements, tree.level)
        parent = _parent(levels, _text(elements, tree.parent))
        known = top if parent is None else inside.get(parent.code, none)
        if not number or number in levels.known or (inside and code and code not in known):
            raise Exceeded
        levels.known.add(number)
        levels.last = Level(number, code, _text(elements, tree.children), parent)
        levels.owed += levels.last.flag == YES
        return levels.last

    return follow


def _text(elements: list[str], at: int | None) -> str:
    return elements[at].rstrip(" ") if at and at < len(elements) else ""


def _parent(levels: Levels, number: str) -> Level | None:
    """The open level of that number; that it has a child is noted."""
    if not number:
        return None
    level = levels.last
    while level is not None and level.number != number:
        level = level.parent
    if level is None or level.flag == NO or level.depth == DEEPEST:
        raise Exceeded
    if not level.held:
        level.held = True
        levels.owed -= level.flag == YES
    return level
