import pytest

from gateway.faults import Code
from gateway.formats.segment import Segment
from gateway.guides.compile import compiled
from gateway.guides.place import check, parse
from gateway.guides.tree import LoopNode, SegmentNode

from .documents import located
from .small import guide

GUIDE = guide()
MISSING, TOO_OFTEN, LOOP = Code.SEGMENT_MISSING, Code.SEGMENT_TOO_OFTEN, Code.LOOP_TOO_OFTEN
PLACE, NOT_IN_SET, UNKNOWN = Code.SEGMENT_OUT_OF_PLACE, Code.SEGMENT_NOT_IN_SET, Code.SEGMENT_UNKNOWN


def document(tags: str) -> list[list[str]]:
    return [[tag, "x"] for tag in tags.split()]


def shape(node: LoopNode) -> str:
    """`BEG N1(N1 N3)`; a segment without a position is `?TAG`."""
    parts = []
    for item in node.items:
        if isinstance(item, LoopNode):
            parts.append(f"{item.position.tag}({shape(item)})")
        else:
            parts.append(item.tag if item.position else f"?{item.tag}")
    return " ".join(parts)


CASES = [
    # document, its shape, (code, tag, number in the set) of each fault
    ("BEG PO1 TXI", "BEG PO1(PO1 TXI)", []),
    ("BEG REF REF DTM PO1 TXI CTT AMT", "BEG REF REF DTM PO1(PO1 TXI) CTT(CTT AMT)", []),
    # the innermost open loop first: this REF is the party's, not the document's
    ("BEG N1 N3 REF REF REF PO1 TXI", "BEG N1(N1 N3 REF REF REF) PO1(PO1 TXI)", []),
    # the segment that opens a loop opens the next one
    ("BEG N1 N3 N1 N3 PO1 TXI PO1 TXI", "BEG N1(N1 N3) N1(N1 N3) PO1(PO1 TXI) PO1(PO1 TXI)", []),
    # a loop inside another one is left when nothing in it fits
    ("BEG PO1 PID MEA MEA N1 N3 TXI", "BEG PO1(PO1 PID(PID MEA MEA) N1(N1 N3) TXI)", []),
    ("PO1 TXI", "PO1(PO1 TXI)", [(MISSING, "BEG", 2)]),
    ("", "", [(MISSING, "BEG", 2), (MISSING, "PO1", 2)]),
    ("BEG", "BEG", [(MISSING, "PO1", 3)]),
    ("BEG PO1 PO1 TXI", "BEG PO1(PO1) PO1(PO1 TXI)", [(MISSING, "TXI", 4)]),
    ("BEG N1 PO1 TXI", "BEG N1(N1) PO1(PO1 TXI)", [(MISSING, "N3", 4)]),
    ("BEG REF REF REF PO1 TXI", "BEG REF REF REF PO1(PO1 TXI)", [(TOO_OFTEN, "REF", 5)]),
    ("BEG DTM DTM PO1 TXI", "BEG DTM DTM PO1(PO1 TXI)", [(TOO_OFTEN, "DTM", 4)]),
    ("BEG PO1 TXI CTT CTT", "BEG PO1(PO1 TXI) CTT(CTT) CTT(CTT)", [(LOOP, "CTT", 6)]),
    ("BEG" + " PO1 TXI" * 4, "BEG" + " PO1(PO1 TXI)" * 4, [(LOOP, "PO1", 9)]),
    ("BEG DTM REF PO1 TXI", "BEG DTM REF PO1(PO1 TXI)", [(PLACE, "REF", 4)]),
    # what was missed and comes after all is out of sequence, nothing else
    ("PO1 TXI BEG", "PO1(PO1 TXI) BEG", [(PLACE, "BEG", 4)]),
    ("BEG PO1 N1 N3 PID TXI", "BEG PO1(PO1 N1(N1 N3) PID(PID) TXI)", [(PLACE, "PID", 6)]),
    # nobody opened the loop it belongs to
    ("BEG N3 PO1 TXI", "BEG ?N3 PO1(PO1 TXI)", [(PLACE, "N3", 3)]),
    ("BEG ZZZ PO1 TXI", "BEG ?ZZZ PO1(PO1 TXI)", [(NOT_IN_SET, "ZZZ", 3)]),
    ("BEG Q1 PO1 TXI", "BEG ?Q1 PO1(PO1 TXI)", [(UNKNOWN, "Q1", 3)]),
]


@pytest.mark.parametrize(("tags", "expected", "faults"), CASES)
def test_segments_go_where_the_rule_puts_them(tags, expected, faults):
    tree, found = parse(GUIDE, located(document(tags)))
    assert shape(tree) == expected
    assert [(fault.code, fault.place.segment, fault.place.segment_number) for fault in found] == faults


@pytest.mark.parametrize(("tags", "expected", "faults"), CASES)
def test_every_segment_stays_in_document_order(tags, expected, faults):
    segments = located(document(tags))
    tree, _ = parse(GUIDE, segments)
    assert [node.source for node in tree.segments()] == segments


@pytest.mark.parametrize(("tags", "expected", "faults"), CASES)
def test_the_compiled_guide_agrees(tags, expected, faults):
    assert compiled(GUIDE)(document(tags)) == (not faults)


def test_a_missing_segment_stands_where_it_was_missed_and_says_its_name():
    segments = [
        Segment(["BEG", "x"], 2, 0, 1, 1),
        Segment(["PO1", "1"], 3, 6, 2, 1),
        Segment(["CTT", "1"], 4, 12, 3, 1),
    ]
    _, (fault,) = parse(GUIDE, segments)
    assert (fault.code, fault.place.segment, fault.place.line, fault.place.loop) == (MISSING, "TXI", 3, "PO1")
    assert fault.expected == "TXI (Name of TXI)"


def test_a_missing_loop_is_named_by_its_first_segment():
    _, (fault,) = parse(GUIDE, located(document("BEG")))
    assert (fault.place.loop, fault.expected) == ("PO1", "the loop PO1 (Name of PO1)")


def test_elements_are_checked_where_the_segment_stands():
    _, (fault,) = parse(GUIDE, located([["BEG", "x"], ["PO1", "x"], ["TXI", "X" * 31]]))
    assert (fault.code, str(fault.place.address), fault.place.loop) == (Code.TOO_LONG, "TXI01", "PO1")


def test_elements_of_a_homeless_segment_are_checked_too():
    _, faults = parse(GUIDE, located([["BEG", "x"], ["N3", "X" * 31], ["PO1", "1"], ["TXI", "1"]]))
    assert [fault.code for fault in faults] == [PLACE, Code.TOO_LONG]


CONSTANTS = """
heading: [BEG M 1]
detail:
  - "REF[D] M 1"
  - PO1 M 3:
      - TXI O 1
summary:
  - "REF[S] M 1"
  - CTT O 1
"""


@pytest.mark.parametrize(
    ("second", "last", "good"), [("D", "S", True), ("S", "D", False), ("D", "D", False), ("D", "X", False)]
)
def test_a_position_with_constants_takes_only_its_own(second, last, good):
    small = guide(CONSTANTS)
    elements = [["BEG", "x"], ["REF", second], ["PO1", "1"], ["REF", last], ["CTT", "1"]]
    _, faults = parse(small, located(elements))
    assert (not faults) == good
    assert compiled(small)(elements) == good


def test_what_is_written_is_judged_like_what_is_read():
    tree, _ = parse(GUIDE, located(document("BEG PO1 TXI")))
    assert check(GUIDE, tree) == []
    first = next(tree.segments())
    first.set(1, "X" * 31)
    (fault,) = check(GUIDE, tree)
    assert (fault.code, fault.place.address, fault.place.offset) == (Code.TOO_LONG, "BEG01", None)


def test_a_segment_written_where_a_reader_would_not_find_it_is_a_fault():
    """A reader takes this REF for the party's, whatever the writer meant."""
    tree, _ = parse(GUIDE, located(document("BEG N1 N3 PO1 TXI")))
    own = next(place for place in GUIDE.root.children if place.tag == "REF")
    tree.items.insert(2, SegmentNode(own, ["REF", "x"]))
    (fault,) = check(GUIDE, tree)
    assert (fault.code, fault.came, fault.expected) == (PLACE, "N1/REF", "REF")
