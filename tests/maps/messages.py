"""EDIFACT messages as the tests of base maps write them: a segment a line, `+` and `:` between, nothing released."""

from __future__ import annotations

from typing import Any

from gateway.faults import rejecting
from gateway.formats.segment import COMPONENT, Segment
from gateway.guides.place import parse
from gateway.maps import Map


def segments(text: str) -> list[list[str]]:
    return [line.replace(":", COMPONENT).split("+") for line in text.strip().split("\n")]


def tree_of(map: Map, text: str) -> Any:
    tree, faults = parse(map.guide, [Segment(one, at) for at, one in enumerate(segments(text), 2)])
    assert [str(fault) for fault in rejecting(faults)] == []
    return tree


def read(map: Map, text: str) -> Any:
    found, faults = map.read(tree_of(map, text))
    assert [str(fault) for fault in faults] == []
    return found


def text_of(tree: Any) -> str:
    return "\n".join("+".join(node.elements).replace(COMPONENT, ":") for node in tree.segments())
