"""The numbers of a tree's levels, their parents' numbers and their child flags: written once all of them hang.

A new document counts its levels from 1, each before those that lie in it. Onto an original nothing changes as long as
the levels stand as they stood. Where one came, went or moved, the numbers count on if they counted before; else all
keep theirs and only a new level gets one. Every level then names its parent. The child flag is said where the guide
demands it, or where the original says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gateway.guides.hierarchy import NO, YES
from gateway.guides.model import Position, Seat, Tree
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps.grow import trim
from gateway.maps.locate import text_at


class Level(NamedTuple):
    """A level, the one it lies in, and whether any lies in it: by the segments that open them."""

    head: SegmentNode
    parent: SegmentNode | None
    holds: bool


class Standing(NamedTuple):
    """The levels as they stand, and whether their numbers count from 1 in the order they were sent."""

    levels: list[Level]
    counts: bool


NONE = Standing([], True)
"""How they stand in a document that is not written yet."""


def standing(tree: LoopNode) -> Standing:
    """How the levels of the document stand."""
    found = _all(tree)
    heads = {id(level.head) for level in found}
    sent = [node for node in tree.segments() if id(node) in heads] if found else []
    numbers = [text_at(head, Seat(_rows(head).id)) for head in sent]
    return Standing(found, numbers == [str(at) for at in range(1, len(numbers) + 1)])


def number(tree: LoopNode, was: Standing) -> None:
    """Says where each level hangs, unless all hang as they did."""
    now = _all(tree)
    if _shape(now) == _shape(was.levels):
        return
    tree.scattered = False
    numbers = _counted(now) if was.counts else _kept(now, was)
    flags = {id(level.head): level.holds for level in was.levels}
    flagged = any(_flag(level.head) for level in was.levels)
    for level in now:
        rows = _rows(level.head)
        _put(level.head, rows.id, numbers[id(level.head)])
        _put(level.head, rows.parent, numbers[id(level.parent)] if level.parent else "")
        new = id(level.head) not in flags
        if (new and (flagged or _demanded(level.head))) or (
            not new and _flag(level.head) and flags[id(level.head)] != level.holds
        ):
            _put(level.head, rows.children, YES if level.holds else NO)


def _counted(now: list[Level]) -> dict[int, str]:
    return {id(level.head): str(at) for at, level in enumerate(now, 1)}


def _kept(now: list[Level], was: Standing) -> dict[int, str]:
    """The numbers they had, the first of two that had one the same; for all others those behind the largest."""
    old = {id(level.head) for level in was.levels}
    numbers: dict[int, str] = {}
    taken = {""}
    for level in now:
        said = text_at(level.head, Seat(_rows(level.head).id))
        if id(level.head) in old and said not in taken:
            numbers[id(level.head)] = said
            taken.add(said)
    largest = max((int(text) for text in taken if text.isdecimal()), default=0)
    for level in now:
        if id(level.head) not in numbers:
            largest += 1
            numbers[id(level.head)] = str(largest)
    return numbers


def _all(tree: LoopNode) -> list[Level]:
    trees = (loop for loop in tree.position.children if loop.tree is not None)
    return [level for loop in trees for level in _levels(tree, None, loop)]


def _shape(levels: list[Level]) -> list[tuple[int, int, bool]]:
    return [(id(one.head), id(one.parent), one.holds) for one in levels]


def _levels(node: LoopNode, parent: SegmentNode | None, loop: Position) -> Iterator[Level]:
    """Each before those that lie in it."""
    for item in node.items:
        if isinstance(item, LoopNode) and item.position is loop:
            below = list(_levels(item, item.head, loop))
            yield Level(item.head, parent, bool(below))
            yield from below


def _rows(head: SegmentNode) -> Tree:
    loop = head.position.parent if head.position is not None else None
    if loop is None or loop.tree is None:
        raise TypeError(f"{head.tag} opens no level of a tree")
    return loop.tree


def _flag(head: SegmentNode) -> str:
    at = _rows(head).children
    return text_at(head, Seat(at)) if at else ""


def _demanded(head: SegmentNode) -> bool:
    """Whether the guide, or the agreement, demands the child flag."""
    at, spec = _rows(head).children, head.position.spec if head.position is not None else None
    return at is not None and spec is not None and spec.uses[at - 1].required


def _put(head: SegmentNode, element: int | None, text: str) -> None:
    if element and text_at(head, Seat(element)) != text:
        head.set(element, text)
        trim(head)
