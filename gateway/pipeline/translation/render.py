"""Canonical objects -> the bytes of one interchange. Pure: control numbers and the time are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.formats import x12
from gateway.formats.writing import SetWriter
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps import Map
from gateway.maps.answers import Answered


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, and how. Identities are `qualifier/id`; group identities default to the ids alone."""

    sender: str
    receiver: str
    version: str = "00401"
    test: bool = False
    group_version: str = ""
    delimiters: x12.Delimiters = field(default_factory=x12.Delimiters)
    charset: str = "auto"
    line_end: str = ""
    group_sender: str = ""
    group_receiver: str = ""

    @property
    def usage(self) -> str:
        """ISA15."""
        return "T" if self.test else "P"

    @property
    def writer(self) -> x12.Writer:
        return x12.Writer(self.delimiters, self.charset, self.line_end)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The control numbers of one interchange with one functional group."""

    interchange: int
    group: int


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
    """One interchange with one functional group of these transaction sets."""
    return enclosed(envelope, numbers, at, chosen.guide.group, chosen.guide.version, written)


def enclosed(
    envelope: Envelope, numbers: Numbers, at: datetime, code: str, version: str, written: Sequence[bytes]
) -> bytes:
    """The same, where no more is known than the group's code and version."""
    header = x12.gs(
        code,
        envelope.group_sender or envelope.sender.partition("/")[2],
        envelope.group_receiver or envelope.receiver.partition("/")[2],
        at,
        numbers.group,
        envelope.group_version or version,
    )
    writer = envelope.writer
    return writer.interchange(isa(envelope, numbers, at), [writer.group(header, written)])


def transaction_set(
    writer: SetWriter, chosen: Map, number: int, business: Any, answered: Answered | None = None
) -> bytes:
    """The set for one object. What is written passes its own guide before bytes leave."""
    return in_parts(writer, chosen, number, [business], answered)


def in_parts(
    writer: SetWriter, chosen: Map, number: int, parts: Iterable[Any], answered: Answered | None = None
) -> bytes:
    """The same for one that comes in parts: each says all that stands around its loops, and some of the loops."""
    elements = (node.elements for node in joined(chosen.write(part, answered=answered) for part in parts))
    return writer.transaction_set(writer.heading(chosen.guide.set, chosen.guide.version, number), elements)


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


def acknowledgments(
    envelope: Envelope, control: int, at: datetime, elements: Sequence[Sequence[str]]
) -> bytes:
    """An interchange of TA1 segments alone (X12.5: between ISA and IEA, in no group)."""
    return envelope.writer.interchange(isa(envelope, Numbers(control, 0), at), [], elements)


def isa(envelope: Envelope, numbers: Numbers, at: datetime) -> tuple[str, ...]:
    return envelope.writer.isa(
        envelope.sender, envelope.receiver, at, numbers.interchange, envelope.version, envelope.test
    )
