"""Levels hang in the parents they name: what is found, what is said of it, and that compiled readers say the same."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import marked_yaml
from gateway.errors import SetupError
from gateway.faults import Code, rejecting
from gateway.guides import dictionary as tables
from gateway.guides import levels
from gateway.guides import load as loading
from gateway.guides.compile import compiled
from gateway.guides.dictionary import dictionary
from gateway.guides.hierarchy import DEEPEST
from gateway.guides.layers import Layer
from gateway.guides.load import load
from gateway.guides.model import Guide, Tree
from gateway.guides.place import check, parse
from gateway.guides.tree import LoopNode

from .documents import damaged, located, undivided
from .levels import STRUCTURE, TREE, built, document, guide, random_document

GUIDE = guide()
UNKNOWN, UNCLEAR, MISSING = Code.PARENT_UNKNOWN, Code.PARENT_UNCLEAR, Code.PARENT_MISSING
TWICE, ORDER, FLAG = Code.LEVEL_NUMBER_TWICE, Code.LEVEL_OUT_OF_ORDER, Code.CHILDREN
UNUSUAL, NOT_ALLOWED = Code.LEVEL_UNUSUAL, Code.LEVEL_NOT_ALLOWED


def closed(text: str) -> Guide:
    found = guide()
    assert levels.agree(found.root, marked_yaml.load(f"levels: {text}", "acme.yaml"), []) == []
    return found


def shape(node: LoopNode) -> str:
    """`S(O(I I) O)`, each level by its code."""
    below = [item for item in node.items if isinstance(item, LoopNode) and item.position.tree]
    parts = [f"{item.head.get(3)}{f'({inside})' if (inside := shape(item)) else ''}" for item in below]
    return " ".join(parts)


CASES = [
    # levels, how they hang, (code, address, segment) of each finding
    ("1,,S", "S", []),
    ("1,,S 2,1,O 3,2,I 4,2,I 5,1,O 6,5,P 7,6,I", "S(O(I I) O(P(I)))", []),
    # another shipment; numbers need not count up, nor be numbers
    ("7,,S B,7,O A,B,I 3,,S", "S(O(I)) S", []),
    ("1,,S 2_,1,O 3,2,I", "S(O(I))", []),
    # packs of any depth
    ("1,,S 2,1,P 3,2,P 4,3,P 5,4,I", "S(P(P(P(I))))", []),
    # what is left open is settled by the levels
    ("1,,S 2,,O 3,,I 4,,I 5,,O 6,,I", "S(O(I I) O(I))", [(MISSING, "HL02", at) for at in range(4, 9)]),
    ("1,,S 2,,Q", "S Q", [(UNUSUAL, "HL03", 4)]),
    ("1,,O 2,1,I", "O(I)", [(UNUSUAL, "HL03", 3)]),
    # real partners nest oddly
    ("1,,S 2,1,I 3,2,O", "S(I(O))", [(UNUSUAL, "HL03", 5)]),
    ("1,,S 2,1,Q 3,2,I", "S(Q(I))", [(UNUSUAL, "HL03", 4), (UNUSUAL, "HL03", 5)]),
    # nobody has that number, or not yet
    ("1,,S 2,9,O", "S(O)", [(UNKNOWN, "HL02", 4)]),
    ("1,,S 2,3,I 3,1,O", "S(I O)", [(UNKNOWN, "HL02", 4)]),
    ("1,1,S", "S", [(UNKNOWN, "HL02", 3)]),
    ("1,,S 2,9,Q", "S Q", [(UNKNOWN, "HL02", 4), (UNUSUAL, "HL03", 4)]),
    # two have it: clear as long as one of them is open
    ("1,,S 2,1,O 3,2,I 2,1,O 3,2,I", "S(O(I) O(I))", [(TWICE, "HL01", 6), (TWICE, "HL01", 7)]),
    ("1,,S 2,1,O 2,2,I 3,2,P", "S(O(I(P)))", [(TWICE, "HL01", 5), (UNCLEAR, "HL02", 6)]),
    (
        "1,,S 2,1,O 2,1,O 3,1,O 4,2,I",
        "S(O O(I) O)",
        [(TWICE, "HL01", 5), (UNCLEAR, "HL02", 7)],
    ),
    # all orders first, then all items
    ("1,,S 2,1,O 3,1,O 4,2,I 5,3,I", "S(O(I) O(I))", [(ORDER, "HL02", 6), (ORDER, "HL02", 7)]),
    # the child flag
    ("1,,S,1 2,1,O,1 3,2,I,0", "S(O(I))", []),
    ("1,,S,0 2,1,O,1 3,1,O,0", "S(O O)", [(FLAG, "HL04", 3), (FLAG, "HL04", 4)]),
    # the table of segments says that a level without a number or a code is a fault
    ("1,,S ,1,O 3,,O", "S(O O)", [(Code.ELEMENT_MISSING, "HL01", 4), (MISSING, "HL02", 5)]),
    ("1,,S 2,1,,1 3,2,I", "S((I))", [(Code.ELEMENT_MISSING, "HL03", 4)]),
]


@pytest.mark.parametrize(("text", "hung", "findings"), CASES, ids=[case[0] for case in CASES])
def test_levels_hang_in_their_parents(text, hung, findings):
    tree, faults = parse(GUIDE, located(document(text)))
    assert shape(tree) == hung
    found = [(fault.code, fault.place.address, fault.place.segment_number) for fault in faults]
    assert sorted(found, key=str) == sorted(findings, key=str)


@pytest.mark.parametrize("text", [case[0] for case in CASES])
def test_segments_keep_the_order_they_came_in(text):
    segments = located(document(text))
    tree, _ = parse(GUIDE, segments)
    assert [node.source for node in tree.segments()] == segments
    assert [node.source for node in tree.copy().segments()] == segments


@pytest.mark.parametrize("text", [case[0] for case in CASES])
def test_the_compiled_guide_agrees(text):
    faults = parse(GUIDE, located(document(text)))[1]
    assert compiled(GUIDE)(document(text)) == (not rejecting(faults))


CLOSED = closed("{S: O, O: I, I: ~}")
NARROWED = [
    ("1,,S 2,1,O 3,2,I", []),
    ("1,,S 2,1,O 3,2,P 4,3,I", [(NOT_ALLOWED, "HL03", 5)]),
    ("1,,S 2,1,I", [(NOT_ALLOWED, "HL03", 4)]),
    ("1,,S 2,1,O 3,2,I 4,3,P", [(NOT_ALLOWED, "HL03", 6)]),
    # what it does not name stays as the guide has it
    ("1,,S 2,1,O 3,2,P 4,3,O", [(NOT_ALLOWED, "HL03", 5)]),
]


@pytest.mark.parametrize(("text", "expected"), NARROWED)
def test_an_agreement_closes_the_levels_it_names(text, expected):
    faults = parse(CLOSED, located(document(text)))[1]
    rejected = [(fault.code, fault.place.address, fault.place.segment_number) for fault in rejecting(faults)]
    assert rejected == expected
    assert compiled(CLOSED)(document(text)) == (not expected)


def test_what_stands_at_the_top_is_the_guides_to_say():
    """The agreement leaves packs no place, yet none of them is a shipment."""
    narrow = closed("{S: O, O: I, P: ~, I: ~}")
    _, (note,) = parse(narrow, located(document("1,,S 2,,P")))
    assert (note.code, note.expected) == (UNUSUAL, "S at the top")


def test_what_an_agreement_lets_in_besides_is_a_deviation():
    found = guide()
    said = marked_yaml.load("levels: {S: O T, O: [I, Q]}", "acme.yaml")
    assert levels.agree(found.root, said, []) == ["levels: T in S", "levels: Q in O"]


def test_a_finding_has_its_place_and_says_what_was_done():
    segments = located(document("1,,S 2,,O 3,8,I"))
    _, (missing, unknown) = parse(GUIDE, segments)
    assert missing.expected == "1 (S), in which it was read"
    assert (unknown.came, unknown.place.name, unknown.place.loop) == (
        "8",
        "Hierarchical Parent ID Number",
        "HL",
    )
    assert unknown.code.value.element == "7"
    assert unknown.expected == "one of 1, 2, the open levels"


def test_without_levels_a_level_lies_wherever_it_says():
    free = guide(STRUCTURE.replace("levels: {S: O P I, O: P I, P: I P, I: P}\n", ""))
    for text in ("1,,S 2,,O 3,2,I", "1,,I 2,1,S"):
        assert parse(free, located(document(text)))[1] == []
        assert compiled(free)(document(text))


def test_trees_without_level_or_flag_hang_too():
    """As EDIFACT's CPS, whose packaging level is optional."""
    text = STRUCTURE.replace("levels: {S: O P I, O: P I, P: I P, I: P}\n", "")
    bare, faults = built(text, Tree(1, 2))
    assert faults == []
    tree, found = parse(bare, located(document("1,,S 2,1,O,0 3,2,I,1 4,1,O")))
    assert (shape(tree), found) == ("S(O(I) O)", [])


def test_what_stands_in_a_level_is_its_own():
    tree, faults = parse(GUIDE, located(document("1,,S =a 2,1,O =b 3,1,O =c")))
    assert faults == []
    first = next(item for item in tree.items if isinstance(item, LoopNode))
    inside = [item for item in first.items if isinstance(item, LoopNode)]
    assert [loop.items[1].get(1) for loop in (first, *inside)] == ["a", "b", "c"]


def test_a_level_behind_the_end_of_the_document_is_out_of_place_and_hangs_all_the_same():
    lines = document("1,,S 2,1,O")
    segments = located([*lines, ["HL", "3", "2", "I"]])
    tree, (fault,) = parse(GUIDE, segments)
    assert (fault.code, shape(tree)) == (Code.SEGMENT_OUT_OF_PLACE, "S(O(I))")
    assert [node.source for node in tree.segments()] == segments


@pytest.mark.parametrize(("deep", "good"), [(DEEPEST, True), (DEEPEST + 1, False), (2000, False)])
def test_levels_lie_in_one_another_only_so_deep(deep, good):
    """Each names the one before as its parent, as many senders once did by mistake."""
    free = guide(STRUCTURE.replace("HL M 200", "HL M 200000"))
    lines = document("1,,S " + " ".join(f"{at},{at - 1},P" for at in range(2, deep + 1)))
    segments = located(lines)
    tree, faults = parse(free, segments)
    assert {fault.code for fault in rejecting(faults)} == (set() if good else {Code.LEVEL_TOO_DEEP})
    assert [node.source for node in tree.segments()] == segments
    assert compiled(free)(lines) == good


def test_levels_are_counted_together_wherever_they_hang():
    def levels_of(number: int) -> list[list[str]]:
        return document("1,,S " + " ".join(f"{at},{at // 2},P" for at in range(2, number + 1)))

    for number, good in ((200, True), (201, False)):
        faults = parse(GUIDE, located(levels_of(number)))[1]
        assert (not rejecting(faults)) == good
        assert compiled(GUIDE)(levels_of(number)) == good


@pytest.mark.parametrize("narrow", [False, True], ids=["base", "closed"])
@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32), times=st.sampled_from([0, 0, 1, 2, 4]))
def test_the_compiled_guide_agrees_on_any_tree(narrow, seed, times):
    random, which = Random(seed), CLOSED if narrow else GUIDE
    lines = damaged(random_document(random), random, times)
    segments = located([elements[:] for elements in lines])
    tree, faults = parse(which, segments)
    assert [node.source for node in tree.segments()] == segments
    assert compiled(which)(lines) == (not rejecting(faults)), [str(fault) for fault in faults]
    assert [compiled(which)(undivided(lines), "\x1d") for _ in range(2)] == [not rejecting(faults)] * 2
    assert rejecting(check(which, tree)) == [] or rejecting(faults)


# -- setting one up

BROKEN = [
    (
        "HL M 200 tree:\n      - LIN O 1\n      - N1",
        "HL M 200 tree\n  - LIN O 1\n  - N1",
        "5:5",
        "a tree is a loop",
    ),
    ("LIN O 1", "HL O 5 tree:\n          - LIN O 1", "6:9", "a tree stands in no other loop"),
    ("BSN M 1", "BSN M 1 tree:\n      - CTT O 1", "3:5", "does not say what makes it a tree"),
    ("tree:", "forest tree extra:", "5:5", "not a line of a guide"),
    ("HL M 200 tree:", "HL M 200:", "9:1", "the guide has no tree"),
    ("{S: O P I, O", "{S: O X I, O", "9:13", "X is no Hierarchical Level Code"),
    ("{S: O P I, O", "{XX: O P I, O", "9:10", "XX is no Hierarchical Level Code"),
    ("{S: O P I, O: P I, P: I P, I: P}", "S", "9:9", "levels: not a mapping"),
    ("{S: O P I, O", "{S: {O: P}, O", "9:13", "are no levels"),
]


@pytest.mark.parametrize(("old", "new", "at", "what"), BROKEN, ids=[case[3] for case in BROKEN])
def test_what_is_wrong_with_a_tree_is_said_with_its_place(old, new, at, what):
    assert old in STRUCTURE
    _, faults = built(STRUCTURE.replace(old, new, 1))
    assert what in faults[0].what
    assert f"{faults[0].mark.line}:{faults[0].mark.column}" == at
    assert faults[0].fix


def test_levels_need_a_tree_that_says_them():
    _, (fault,) = built(tree=Tree(1, 2))
    assert fault.what == "levels: the guide has no tree whose loops say their level"


def test_a_tree_may_have_a_name_as_any_loop():
    loop = guide(STRUCTURE.replace("200 tree", "200 SG10 tree")).root.children[1]
    assert (loop.name, loop.tree is not None) == ("SG10", True)


FILES = {
    "x12/009999/elements": '"628": Number, AN 1..12\n"735": Level, ID 1..2',
    "x12/009999/codes": '"735": {S: Shipment, O: Order, I: Item}',
    "x12/009999/composites": "C001: {components: [628]}",
    "x12/009999/segments": "HL: {elements: [628 M, 628, 735 M], qualifier: 3, tree: {id: 1, parent: 2, level: 3}}\n"
    "LIN: {elements: [628]}",
    "x12/009999/856": "segments: x12/009999\ndetail:\n  - HL M * tree:\n      - LIN O 1\nlevels: {S: O I, O: I}\n",
}


@pytest.fixture
def files(monkeypatch):
    texts = dict(FILES)
    for module in (tables, loading):
        monkeypatch.setattr(module, "packaged", texts.get)
    dictionary.cache_clear()
    loading._plain.cache_clear()
    yield texts
    dictionary.cache_clear()
    loading._plain.cache_clear()


def test_a_packaged_tree(files):
    tree = load("x12/009999/856").root.children[0].tree
    assert tree == Tree(1, 2, 3, None, {"S": ("O", "I"), "O": ("I",)}, top=frozenset("S"))
    assert tree.elements == (1, 2)


def test_a_layer_is_checked_against_its_own_codes(files):
    def layered(text: str) -> Guide:
        return load("x12/009999/856", [Layer(marked_yaml.load(text, "acme.yaml"))])

    found = layered("HL03: {codes: [S, I]}\nlevels: {S: I}")
    tree = found.root.children[0].tree
    assert (tree.levels, tree.closed, found.deviations) == ({"S": ("I",), "O": ("I",)}, {"S"}, ())
    with pytest.raises(SetupError, match=r"acme\.yaml:1:13 levels: P is no Level"):
        layered("levels: {S: P}")


ROWS = [
    ("tree: {id: 1}", "this makes no tree"),
    ("tree: 1", "this makes no tree"),
    ("tree: {id: 1, parent: 9}", "9 is not an element number in 1..3"),
    ("tree: {id: 1, parent: 2, levle: 3}", "unknown key levle"),
]


@pytest.mark.parametrize(("row", "what"), ROWS)
def test_a_wrong_row_of_the_table_is_said(files, row, what):
    files["x12/009999/segments"] = FILES["x12/009999/segments"].replace(
        "tree: {id: 1, parent: 2, level: 3}", row
    )
    with pytest.raises(SetupError) as error:
        load("x12/009999/856")
    assert what in str(error.value)


def test_the_small_tree_is_as_the_standard_has_it():
    assert GUIDE.segments["HL"].tree == TREE
