"""Canonical object -> tree, fresh or onto an original: touches nothing that already says the value.

A value is changed where it was found, cleared where it became None, and added at the guide's place in the map's
order; all that no binding names stays as it stands. What cannot be written is a fault by field; all are reported.
Where this writing made the ground itself, nothing can stand there that a field without a value would have to clear.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, takewhile
from typing import Any

from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps import levels
from gateway.maps.align import aligned, arrange
from gateway.maps.echo import due
from gateway.maps.locate import Scope, around, fits, inside, instances
from gateway.maps.model import (
    Binding,
    Block,
    Fixed,
    Instances,
    Part,
    Value,
    Values,
    Words,
)
from gateway.maps.read import Path, Reading, read_block, read_instances
from gateway.maps.stamp import before, put_computed, put_constants
from gateway.maps.write_values import put_value, put_values, put_words
from gateway.maps.writing import Wanted, Writing


def write_tree(root: Block, wanted: Wanted, tree: LoopNode, writing: Writing) -> None:
    """Makes the tree say what is wanted."""
    was = levels.standing(tree)
    put_block(root, wanted, Scope(tree), writing, ())
    writing.close_ranks()
    levels.number(tree, was)


def put_block(block: Block, wanted: Wanted, scope: Scope, writing: Writing, path: Path) -> None:
    """Every binding in the map's order, then what the block writes by itself."""
    writing.framed(block)
    was, new = before(block, scope, writing), writing.is_new(scope)
    for at, binding in enumerate(block.bindings):
        if new and binding.name not in wanted and not isinstance(binding, Part | Words):
            continue
        if not _is_other(binding) and not _stands(binding, _others(block, at), wanted, scope, writing):
            WRITERS[type(binding)](binding, wanted, scope, writing, (*path, binding.name))
    _echo(block, scope, writing, path)
    put_constants(block, scope, writing)
    put_computed(block, wanted, scope, writing, was)


def _echo(block: Block, scope: Scope, writing: Writing, path: Path) -> None:
    """What the object left open and the document answered says."""
    with writing.echoing():
        for echo, said in due(block, scope, writing, path):
            binding = echo.binding
            WRITERS[type(binding)](binding, said, scope, writing, (*path, binding.name))


def _others(block: Block, at: int) -> list[Instances]:
    """The alternatives to the binding there, which stand behind it."""
    behind = islice(block.bindings, at + 1, None)
    return [one for one in takewhile(_is_other, behind) if isinstance(one, Instances)]


def _is_other(binding: Binding) -> bool:
    return isinstance(binding, Instances) and binding.instead


def _stands(
    binding: Binding, others: list[Instances], wanted: Wanted, scope: Scope, writing: Writing
) -> bool:
    """Whether one of them says what is wanted. If not, only the first shall: what the others say is taken out."""
    if not isinstance(binding, Instances) or not others or writing.is_new(scope):
        return False
    value = wanted.get(binding.name)
    said = [read_instances(one, scope, Reading(), ()) for one in (binding, *others)]
    if next((one for one in said if one), None) == value:
        return True
    for one in others if not value or not said[0] else ():
        _instances(one, {}, scope, writing, ())
    return False


def _part(binding: Part, wanted: Wanted, scope: Scope, writing: Writing, path: Path) -> None:
    block, values = binding.block, wanted.get(binding.name) or {}
    if binding.listed:
        values, path = values[0] if values else {}, (*path, 0)
    if values or block.constants or block.computed or not writing.is_new(scope):
        put_block(block, values, scope, writing, path)


def _instances(binding: Instances, wanted: Wanted, scope: Scope, writing: Writing, path: Path) -> None:
    value = wanted.get(binding.name)
    new: list[Wanted] = [] if value is None else value if binding.many else [value]
    if not new and writing.is_new(scope):
        return
    there = list(instances(binding, scope))
    read = [read_block(binding.block, inner, Reading(), path) for inner in there]
    if binding.groups is not None:
        _groups(binding, new, [(i, r) for i, r in zip(there, read, strict=True) if r], scope, writing, path)
        return
    if not binding.many:
        _instance(binding, new, there, read, scope, writing, path)
        return
    old = [(inner, values) for inner, values in zip(there, read, strict=True) if values]
    match = aligned(binding, [values for _, values in old], new)
    scopes = []
    for at, item in enumerate(new):
        number = match[at]
        inner = _made(binding, scope, writing) if number is None else old[number][0]
        _fill(binding, item, inner, writing, (*path, at))
        scopes.append(inner)
    for number, (inner, _) in enumerate(old):
        if number not in match:
            _remove(binding, inner, scope)
    _order(binding, scopes, scope)


def _instance(
    binding: Instances,
    new: list[Wanted],
    there: list[Scope],
    read: list[Wanted],
    scope: Scope,
    writing: Writing,
    path: Path,
) -> None:
    """The one instance of an `in:`: the first that says something, else one that is there, else a new one."""
    saying = [inner for inner, values in zip(there, read, strict=True) if values]
    if new:
        inner = next(iter(saying + there), None) or _made(binding, scope, writing)
        _fill(binding, new[0], inner, writing, path)
    for inner in [] if new else saying:
        _remove(binding, inner, scope)


def _made(binding: Instances, scope: Scope, writing: Writing) -> Scope:
    return inside(binding.place, scope, writing.segment(binding.place, scope, apart=True))


def _fill(binding: Instances, item: Wanted, inner: Scope, writing: Writing, path: Path) -> None:
    """Writes the item, which must not make its segment one that another binding of the map takes."""
    put_block(binding.block, item, inner, writing, path)
    place = binding.place
    only = place.steps[-1].only if place.own and place.steps else place.only
    if inner.segment is not None and not fits(inner.segment, only):
        came = "*".join(inner.segment.elements[:3])
        writing.refuse(path, None, came, "a qualifier that no other field of the map has taken")


def _remove(binding: Instances, inner: Scope, scope: Scope) -> None:
    item = _item(binding, inner)
    if holder := _holders(binding, [inner], scope).get(id(item)):
        holder.items.remove(item)


def _is_loop(binding: Instances) -> bool:
    return binding.place.own and bool(binding.place.steps)


def _item(binding: Instances, inner: Scope) -> SegmentNode | LoopNode:
    return inner.node if _is_loop(binding) or inner.segment is None else inner.segment


def _holders(binding: Instances, scopes: list[Scope], scope: Scope) -> dict[int, LoopNode]:
    """The loop nodes whose items the instances are, by those items' identity."""
    if not _is_loop(binding):
        return {id(_item(binding, inner)): inner.node for inner in scopes}
    return {id(item): node for node in around(binding.place, scope) for item in node.items}


def _order(binding: Instances, scopes: list[Scope], scope: Scope) -> None:
    """The instances in the object's order, where one loop holds them all."""
    items, known = [_item(binding, inner) for inner in scopes], _holders(binding, scopes, scope)
    holders = {id(node): node for item in items if (node := known.get(id(item))) is not None}
    if len(holders) == 1:
        arrange(next(iter(holders.values())), items)


# -- groups of elements (SDQ)


def _groups(
    binding: Instances,
    new: list[Wanted],
    old: list[tuple[Scope, Wanted]],
    scope: Scope,
    writing: Writing,
    path: Path,
) -> None:
    """Segments whose groups all stay are kept, from the front and from the back; between them new ones are made."""
    if [values for _, values in old] == new:
        return
    chunks: dict[int, tuple[Scope, list[Wanted]]] = {}
    for inner, values in old:
        chunks.setdefault(id(inner.segment), (inner, []))[1].append(values)
    front, back = _kept([groups for _, groups in chunks.values()], new)
    standing = [inner for inner, _ in chunks.values()]
    first = sum(len(groups) for _, groups in list(chunks.values())[:front])
    last = len(new) - sum(len(groups) for _, groups in list(chunks.values())[len(standing) - back :])
    for inner in standing[front : len(standing) - back]:
        _remove(binding, inner, scope)
    made = _segments(binding, new[first:last], first, scope, writing, path)
    _order(binding, [*standing[:front], *made, *standing[len(standing) - back :]], scope)


def _kept(chunks: list[list[Wanted]], new: list[Wanted]) -> tuple[int, int]:
    """How many segments from the front, and how many of the rest from the back, say what is wanted."""
    front, at = 0, 0
    while front < len(chunks) and new[at : at + len(chunks[front])] == chunks[front]:
        at += len(chunks[front])
        front += 1
    back, end = 0, len(new)
    while back < len(chunks) - front and end - len(chunks[-1 - back]) >= at:
        chunk = chunks[-1 - back]
        if new[end - len(chunk) : end] != chunk:
            break
        end -= len(chunk)
        back += 1
    return front, back


def _segments(
    binding: Instances, items: list[Wanted], start: int, scope: Scope, writing: Writing, path: Path
) -> list[Scope]:
    """New segments, each filled with groups as long as what stands before the groups is the same."""
    groups, made = binding.groups, list[Scope]()
    names, shared, shift = shared_names(binding), None, 0
    for at, item in enumerate(items, start):
        before = [item.get(name) for name in names]
        if groups is None or not made or before != shared or shift == groups.count * groups.size:
            made.append(_made(binding, scope, writing))
            shared, shift = before, 0
        inner = made[-1]
        first, size = (groups.first, groups.size) if groups else (0, 0)
        _fill(binding, item, Scope(inner.node, inner.segment, scope, shift, first), writing, (*path, at))
        shift += size
    return made


def shared_names(binding: Instances) -> list[str]:
    """The fields that the groups of one segment have in common."""
    first = binding.groups.first if binding.groups else 0
    bound = [one for one in binding.block.bindings if isinstance(one, Value) and one.reading]
    return [one.name for one in bound if one.reading and one.reading.spots[0].place.element < first]


WRITERS: dict[type[Any], Callable[[Any, Wanted, Scope, Writing, Path], None]] = {
    Value: put_value,
    Values: put_values,
    Words: put_words,
    Fixed: lambda binding, wanted, scope, writing, path: None,
    Part: _part,
    Instances: _instances,
}
