"""A draft is what the exact writer writes, to the byte; and one that is not leaves for nobody."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from gateway import maps
from gateway.errors import NotWritable
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps import Map
from gateway.maps import map as map_module
from gateway.maps.answers import by_number
from gateway.maps.compile import compiled
from gateway.maps.draft import drafted
from gateway.maps.examples import example

from . import test_answers as answers
from .trial import text_of, trial

EXAMPLES = 6


def exactly(map: Map, document: Any, **how: Any) -> str:
    """What the exact writer writes, or what it says is wrong."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(map_module, "drafted", lambda *_: False)
        return told(map, document, **how)


def told(map: Map, document: Any, **how: Any) -> str:
    try:
        return text_of(map.write(document, **how))
    except NotWritable as error:
        return "\n".join(f"refused: {fault}" for fault in error.faults)


def never(*_: Any) -> None:
    raise AssertionError("asked the exact writer")


@pytest.mark.parametrize("name", ["trial", *maps.names()])
def test_a_draft_is_what_the_exact_writer_writes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    map = trial() if name == "trial" else maps.load(name)
    documents = [example(map, Random(seed)) for seed in range(EXAMPLES)]
    written = {at: exactly(map, one, forbidden="*>~") for at, one in enumerate(documents)}
    able = {at: text for at, text in written.items() if not text.startswith("refused")}
    assert len(able) > EXAMPLES / 2
    monkeypatch.setattr(map_module, "write_tree", never)
    assert {at: text_of(map.write(documents[at], forbidden="*>~")) for at in able} == able


@pytest.mark.parametrize("seed", range(0, 60, 10))
def test_a_draft_with_echoes_is_what_the_exact_writer_writes(seed: int) -> None:
    map = echoing()
    for said in (example(map, Random(one)) for one in range(seed, seed + 10)):
        known = by_number([answers.answered_by(said)]) if said.order.number else {}
        assert told(map, said, answered=known) == exactly(map, said, answered=known)


def echoing() -> Map:
    places = '  "REF[*]": answered.references | codes(references)\n  BAK06: answered.contract\n'
    return answers.mapped(places + "  N1[ST]02: answered.ship_to.name\n" + answers.LINES)


def test_echoes_are_proved_without_the_exact_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_module, "write_tree", never)
    monkeypatch.setattr(map_module, "unproved", never)
    map, said = echoing(), answers.acknowledgment(lines=[answers.line(number="1")])
    compiled(map)
    written = text_of(map.write(said, answered=by_number([answers.ORDER])))
    assert [one for one in written.split("\n") if one[:3] in ("BAK", "REF", "N1*", "PO1")] == [
        "BAK*00*AT*4500017*20260301**CTR-9",
        "REF*DP*038",
        "REF*IA*077310",
        "REF*PD*A",
        "REF*PD*B",
        "N1*ST*Store 12",
        "PO1*1*1*EA***BP*A100",
    ]


# -- what a draft might get wrong, were it wrong


def first(tree: LoopNode, tag: str) -> SegmentNode:
    return next(node for node in tree.segments() if node.tag == tag)


def added(tree: LoopNode, elements: list[str]) -> None:
    """One more of the segments that stand there."""
    like = first(tree, elements[0])
    at = next(at for at, item in enumerate(tree.items) if item is like)
    tree.items.insert(at + 1, SegmentNode(like.position, elements))


def changed(tag: str, at: int, text: str) -> Callable[[LoopNode], None]:
    return lambda tree: first(tree, tag).set(at, text)


def removed(tag: str) -> Callable[[LoopNode], None]:
    return lambda tree: tree.items.remove(first(tree, tag))


SPOILT: dict[str, Callable[[LoopNode], None]] = {
    "another value": changed("BAK", 3, "4500018"),
    "a value where there was none": changed("BAK", 5, "1"),
    "no value": changed("PO1", 2, ""),
    "what the guide refuses": changed("BAK", 4, "20261301"),
    "no segment": removed("DTM"),
    "one segment more": lambda tree: added(tree, ["REF", "CT", "1"]),
    "another word": lambda tree: added(tree, ["REF", "PD", "C"]),
    "another line's item": lambda tree: first(tree, "PO1").set(7, "A200"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=list(SPOILT))
@pytest.mark.parametrize("echoed", [False, True])
@pytest.mark.parametrize("fast", [False, True])
def test_what_does_not_read_back_is_written_anew(
    spoil: Callable[[LoopNode], None], echoed: bool, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    map = echoing() if echoed else answers.mapped("  {}\n")
    if fast:
        compiled(map)
    said = answers.acknowledgment(
        references={"contract": ["7"]},
        dates={"shipped": "2026-03-09"},
        lines=[answers.line(number="1", ids={"sku": "77", "buyer": "A100"})],
    )
    known = by_number([answers.ORDER])
    wanted = exactly(map, said, answered=known)
    spoilt = []

    def spoiling(root: Any, document: Any, tree: LoopNode, writing: Any) -> bool:
        done = drafted(root, document, tree, writing)
        spoil(tree)
        spoilt.append(text_of(tree))
        return done

    monkeypatch.setattr(map_module, "drafted", spoiling)
    assert told(map, said, answered=known) == wanted
    assert wanted not in spoilt
