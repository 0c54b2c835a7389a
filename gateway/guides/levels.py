"""Which levels of a tree may lie in which: what the guide says of them, and what an agreement makes of that.

levels: {S: O T P I, O: T P I, T: P I, P: I}

A level that stands in no other's list lies at the top.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.errors import SetupFault
from gateway.guides.model import Composite, Element, Position, Tree
from gateway.marked_yaml import Marked, close

Levels = dict[str, tuple[str, ...]]
KEY = "levels"
FIX = "write levels: {S: O, O: P I}: a level, and those that may lie in it"


def state(root: Position, marked: Marked, faults: list[SetupFault]) -> None:
    """Gives the guide's tree its levels."""
    for loop, tree, said in _said(root, marked, faults):
        loop.tree = replace(tree, levels=said, top=_top(said))


def agree(root: Position, marked: Marked, faults: list[SetupFault]) -> list[str]:
    """A layer's levels: each it names is closed, so that others may not lie in it. Returns the deviations.

    What stands at the top stays the guide's to say.
    """
    deviations = []
    for loop, tree, said in _said(root, marked, faults):
        levels, top = {**tree.levels, **said}, tree.top or _top(said)
        loop.tree = replace(tree, levels=levels, closed=tree.closed | set(said), top=top)
        for level, inside in said.items():
            if more := [one for one in inside if one not in tree.levels.get(level, ())]:
                deviations.append(f"levels: {', '.join(more)} in {level}")
    return deviations


def _said(
    root: Position, marked: Marked, faults: list[SetupFault]
) -> Iterator[tuple[Position, Tree, Levels]]:
    """The guide's tree and what is said of its levels, where anything is."""
    part = marked.at((KEY,)) if isinstance(marked.data, dict) else None
    if part is None:
        return
    loop = next((child for child in root.children if child.tree is not None), None)
    if loop is None or loop.tree is None or loop.tree.level is None:
        what = "the guide has no tree whose loops say their level"
        faults.append(marked.fault((KEY,), f"levels: {what}", fix="leave levels away", key=True))
    else:
        yield loop, loop.tree, _rows(part, _codes(loop, loop.tree.level), faults)


def _top(levels: Levels) -> frozenset[str]:
    """The levels that lie in no other; all, where that would be none."""
    below = {level for inside in levels.values() for level in inside}
    return frozenset(levels).difference(below) or frozenset(levels)


def _codes(loop: Position, element: int) -> Element:
    """The element whose codes the levels are."""
    spec = loop.children[0].spec
    if spec is None:
        raise TypeError(f"{loop.path} opens with no segment")
    of = spec.uses[element - 1].of
    while isinstance(of, Composite):
        of = of.components[0].of
    return of


def _rows(part: Marked, element: Element, faults: list[SetupFault]) -> Levels:
    found: Levels = {}
    data = part.data if isinstance(part.data, dict) else {}
    if not data:
        faults.append(part.fault((), "levels: not a mapping", fix=FIX))
    for level, text in data.items():
        inside = _listed(text)
        if inside is None:
            faults.append(part.fault((level,), f"levels: {text} are no levels", fix=FIX))
            continue
        found[level] = inside
        faults += [
            _unknown(part, level, one, element)
            for one in dict.fromkeys((level, *inside))
            if not _known(one, element)
        ]
    return found


def _unknown(part: Marked, level: str, one: str, element: Element) -> SetupFault:
    what, fix = f"levels: {one} is no {element.name}", close(one, element.codes or ())
    return part.fault((level,), what, fix=fix, key=one == level)


def _listed(text: Any) -> tuple[str, ...] | None:
    """`O P I` or a list of them; nothing where none may lie in it."""
    if isinstance(text, list):
        return tuple(text) if all(isinstance(one, str) for one in text) else None
    return tuple(text.split()) if isinstance(text, str) else () if text is None else None


def _known(level: str, element: Element) -> bool:
    """Whether it can come at all. An agreement may have closed the codes: then a level that is left out never comes."""
    if element.codes is None or element.closed:
        return element.min <= len(level) <= element.max
    return level in element.codes
