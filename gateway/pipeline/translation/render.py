"""Canonical objects -> the bytes of one interchange. Pure: control numbers and the time are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from gateway.formats.enclosing import Envelope, Kind, Numbers
from gateway.formats.writing import SetWriter
from gateway.guides.model import Guide
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps import Map
from gateway.maps.answers import Answered


def sets(
    envelope: Envelope,
    chosen: Map,
    objects: Sequence[Any],
    first: int = 1,
    answered: Answered | None = None,
) -> list[bytes]:
    """The objects as transaction sets, their control numbers counting up from `first`.

    Raises `NotWritable` with every fault: what the map cannot say, and what its guide would not let through. Nothing
    else of an interchange can fail, so control numbers are drawn after this.
    """
    return [
        transaction_set(envelope.writer, chosen, number, one, answered)
        for number, one in enumerate(objects, first)
    ]


def interchange(
    envelope: Envelope, numbers: Numbers, at: datetime, chosen: Map, written: Sequence[bytes]
) -> bytes:
    """One interchange of these sets, in one functional group where they stand in one."""
    return envelope.interchange(numbers, at, kind(chosen.guide), written)


def kind(guide: Guide) -> Kind:
    """What the sets are that this guide describes."""
    return Kind(guide.set, guide.group, guide.version)


def transaction_set(
    writer: SetWriter,
    chosen: Map,
    number: int,
    business: Any,
    answered: Answered | None = None,
    like: Sequence[str] = (),
) -> bytes:
    """The set for one object, under a header `like` one that came. What is written passes its own guide first."""
    return in_parts(writer, chosen, number, [business], answered, like)


def in_parts(
    writer: SetWriter,
    chosen: Map,
    number: int,
    parts: Iterable[Any],
    answered: Answered | None = None,
    like: Sequence[str] = (),
) -> bytes:
    """The same for one that comes in parts: each says all that stands around its loops, and some of the loops."""
    guide = chosen.guide
    header = writer.renumbered(like, number) if like else writer.heading(guide.set, guide.version, number)
    nodes = joined(chosen.write(part, answered=answered) for part in parts)
    return writer.transaction_set(header, (node.spelled(writer.mark) for node in nodes))


def joined(trees: Iterable[LoopNode]) -> Iterator[SegmentNode]:
    """What stands before the loops of the first, the loops of all, and what stands behind those of the last."""
    behind: list[SegmentNode | LoopNode] = []
    for number, tree in enumerate(trees):
        loops = [at for at, item in enumerate(tree.items) if isinstance(item, LoopNode)]
        first, end = (loops[0], loops[-1] + 1) if loops else (0, len(tree.items))
        yield from below(tree.items[first if number else 0 : end])
        behind = tree.items[end:]
    yield from below(behind)


def below(items: Iterable[SegmentNode | LoopNode]) -> Iterator[SegmentNode]:
    for item in items:
        if isinstance(item, SegmentNode):
            yield item
        else:
            yield from item.segments()
