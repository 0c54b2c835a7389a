"""The compiled guide and the exact reader give the same verdict on every document: the heart of this room."""

import builtins
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import marked_yaml
from gateway.faults import Fault, rejecting
from gateway.guides import compile, generate
from gateway.guides.compile import compiled, source
from gateway.guides.layers import Layer
from gateway.guides.load import available, load
from gateway.guides.model import Element, Guide
from gateway.guides.place import parse

from .documents import ORDER, damaged, located, segments, undivided, walk
from .small import guide

PARTNER = """
BEG03: {max: 7}
REF01: {codes: [DP, IA, ZZ]}
PO1: {require: ["PO1[UP]", PO102], max: 3}
DTM02: {type: date(yyMMdd)}
N1/N4: {required: true}
N1/N402: {required: true}
PO1/PID: {max: 1}
PO103: {required: true, codes: {EA: Each, CA: Case}}
allow: ["PO1: PID before PO4", "REF before CUR"]
"""
BASE = "x12/004010/850"
LAYERED = load(BASE, [Layer(marked_yaml.load(PARTNER, "partner.yaml"))])
GUIDES = [load(name) for standard in ("x12", "edifact") for name in available(standard)]


def verdicts(guide: Guide, document: list[list[str]]) -> tuple[bool, bool, list[Fault]]:
    tree, faults = parse(guide, located([elements[:] for elements in document]))
    assert [node.elements for node in tree.segments()] == document  # nothing is lost
    fast = compiled(guide)(document)
    if not any("\x1d" in text for elements in document for text in elements):
        texts = undivided(document)  # seen for the first time, seen again, remembered
        assert [compiled(guide)(texts, "\x1d") for _ in range(3)] == [fast] * 3
    return fast, not rejecting(faults), faults


def agree(guide: Guide, document: list[list[str]]) -> bool:
    fast, exact, faults = verdicts(guide, document)
    assert fast == exact, (guide.id, document, [str(fault) for fault in faults])
    return exact


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32), times=st.sampled_from([0, 1, 1, 2, 3, 8]), layered=st.booleans())
def test_on_damaged_orders(seed, times, layered):
    document = damaged(segments(ORDER), Random(seed), times)
    agree(LAYERED if layered else load(BASE), document)


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 2**32), times=st.sampled_from([0, 1, 2]), which=st.sampled_from([*GUIDES, LAYERED])
)
def test_on_damaged_walks_through_every_guide(seed, times, which):
    random = Random(seed)
    document = walk(which, random, random.choice([0.1, 0.4, 0.8]))
    agree(which, damaged(document, random, times))


TAGS = st.sampled_from(["BEG", "REF", "DTM", "N1", "N3", "PO1", "PID", "MEA", "TXI", "CTT", "AMT", "ZZZ"])


@settings(max_examples=300, deadline=None)
@given(tags=st.lists(st.tuples(TAGS, st.integers(1, 3)), max_size=20))
def test_on_any_order_of_segments(tags):
    agree(guide(), [[tag, "x"] for tag, times in tags for _ in range(times)])


@settings(max_examples=300, deadline=None)
@given(
    elements=st.lists(st.text(max_size=12), max_size=12),
    tag=st.sampled_from(["BEG", "REF", "PO1", "N1", "DTM"]),
)
def test_on_any_text_in_any_element(elements, tag):
    document = segments(ORDER)
    at = next(index for index, segment in enumerate(document) if segment[0] == tag)
    document[at] = [tag, *elements]
    agree(load(BASE), document)


def test_the_order_these_tests_damage_is_good():
    assert agree(load(BASE), segments(ORDER))


@pytest.mark.parametrize(("lines", "good"), [(100, True), (3001, True)])
def test_orders_of_many_lines(lines, good):
    document = [*segments(ORDER)[:1], *([["PO1", "1", "1", "EA"], ["PID", "F", "", "", "", "X"]] * lines)]
    assert agree(load(BASE), document) == good


@pytest.mark.parametrize(("parties", "good"), [(200, True), (201, False)])
def test_a_loop_counted_while_reading_may_be_full_but_no_fuller(parties, good):
    document = [segments(ORDER)[0], *([["N1", "ST", "STORE"]] * parties), ["PO1", "1", "1", "EA"]]
    assert agree(load(BASE), document) == good


@pytest.mark.parametrize(("each", "good"), [(1000, True), (1001, False)])
def test_counting_begins_anew_with_the_loop_around(each, good):
    line = [["PO1", "1", "1", "EA"], *([["PID", "F", "", "", "", "X"]] * each)]
    assert agree(load(BASE), [segments(ORDER)[0], *line, *line]) == good


def test_the_same_guide_compiles_once():
    assert compiled(load(BASE)) is compiled(load(BASE))
    assert compiled(load(BASE)) is not compiled(LAYERED)


def test_the_source_can_be_read_and_holds_no_text_of_the_guide():
    text = source(LAYERED)
    assert "# PO1/PID: Product/Item Description" in text
    assert "def at_PO1_PID_PID(e):" in text
    assert "'DP'" not in text
    builtins.compile(text, "source", "exec")


def test_hostile_codes_are_constants():
    hostile = "'); import os; os.abort(); ('"
    layer = marked_yaml.load(f'BEG02: {{codes: ["SA", "{hostile}"], max: 60}}', "hostile.yaml")
    document = segments(ORDER)
    document[0][2] = hostile
    assert agree(load(BASE, [Layer(layer)]), document)


def test_the_memory_for_dates_is_bounded(monkeypatch):
    monkeypatch.setattr(generate, "MEMO", 3)
    monkeypatch.setattr(generate, "SEEN", {})
    seen, good = generate.remembered(Element("373", "Date", "DT", 8, 8))
    for day in range(1, 29):
        assert good(f"202602{day:02d}")
        assert 0 < len(seen) <= 3
    assert not good("20260230")


def test_the_memory_for_segments_is_bounded(monkeypatch):
    monkeypatch.setattr(compile, "MEMO", 4)
    machine = compile.Machine(load(BASE))
    memory = compile.Remembered(machine, "*")
    walk = memory.walker()
    for number in [*range(30), *range(30), 1, 1]:
        assert walk(["BEG*00*SA*1**20260301", f"PO1*{number}", f"PO1*{number}"], [0] * machine.slots)
        assert len(memory.once) <= 4
        assert all(len(known) <= 4 + 2 for known in memory.known.values())


def test_separators_of_which_segments_are_remembered_are_few():
    machine = compile.Machine(load(BASE))
    walk = machine.walker()
    for element in map(chr, range(0x21, 0x2F)):
        texts = [element.join(["BEG", "00", "SA", "1", "", "20260301"]), f"PO1{element}1"]
        assert walk(texts, [0] * machine.slots, element)
        assert 0 < len(machine.readings) <= compile.SEPARATORS
