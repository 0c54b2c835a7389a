"""Reading looks only where something stands: that is sooner, and says the same as looking everywhere."""

from __future__ import annotations

from random import Random

import pytest
from guides.documents import ORDER, damaged, located, segments, walk

from gateway import maps
from gateway.guides.place import parse
from gateway.maps import Map, ground, read

from . import trial

BASES = [
    "x12/004010/850",
    "x12/005010/850",
    "x12/003060/850",
    "x12/004010/855",
    "x12/004010/856",
    "x12/004010/997",
    "x12/004010/999",
]
SMALL = """
BEG*00*SA*1**20260301
PO1*1*10*EA*12.50
CTT*1
"""
TRIAL = maps.load("trial", {"trial": trial.MAP}.get)


def loaded(name: str) -> Map:
    return TRIAL if name == "trial" else maps.load(name)


@pytest.mark.parametrize("name", [name for name in (*BASES, "trial") if name == "trial" or maps.exists(name)])
def test_it_says_the_same_as_looking_everywhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    map, random = loaded(name), Random(7)
    documents = [walk(map.guide, random, share) for share in (0.05, 0.2, 0.5, 0.9) for _ in range(6)]
    if map.guide.set == "850":
        documents += [damaged(segments(ORDER), random, times) for times in range(12)]
    trees = [parse(map.guide, located(document))[0] for document in documents]
    soon = [map.read(tree) for tree in trees]
    monkeypatch.setattr(read, "needs", lambda block: (None,) * len(block.bindings))
    for tree, (found, faults) in zip(trees, soon, strict=True):
        everywhere, all_faults = map.read(tree)
        assert found == everywhere
        assert faults == all_faults


def test_a_small_order_asks_few_of_its_map_s_bindings() -> None:
    map = maps.load("x12/004010/850")
    there = ground.standing(parse(map.guide, located(segments(SMALL)))[0])
    asked = [
        binding.name
        for binding, needed in zip(map.root.bindings, ground.needs(map.root), strict=True)
        if needed is None or not needed.isdisjoint(there)
    ]
    assert {"number", "ordered_on", "lines"} <= set(asked)
    assert len(asked) < len(map.root.bindings) / 3, asked
