from itertools import product

import pytest

from gateway.faults import Code
from gateway.formats.segment import Segment
from gateway.guides.check import broken, check_segment
from gateway.guides.model import Composite, Element, Pairs, Rule, SegmentSpec, Use

from .documents import segments

CODE = Element("353", "Purpose", "ID", 2, 2, {"00": "Original", "01": "Change"})
CLOSED = Element("92", "Type", "ID", 2, 2, {"SA": "Stand-alone"}, closed=True)
TEXT = Element("324", "Number", "AN", 1, 5)
DAY = Element("373", "Date", "DT", 8, 8)
UNIT = Element("355", "Unit", "ID", 2, 2)
POWER = Element("1018", "Exponent", "R", 1, 5)
BINARY = Element("785", "Data", "B", 1, 9)
MEASURE = Composite("C001", "Measure", (Use(UNIT, True), Use(POWER), Use(TEXT)), (Rule("P", (2, 3)),))

SPEC = SegmentSpec(
    "XYZ",
    "Sample",
    (Use(CODE, True), Use(CLOSED), Use(TEXT, repeat=2), Use(MEASURE), Use(DAY), Use(TEXT), Use(BINARY)),
    (Rule("P", (5, 6)),),
)

CASES = [
    ("XYZ*00", []),
    ("XYZ*", [(Code.TRAILING_SEPARATORS, 1, None), (Code.ELEMENT_MISSING, 1, None)]),
    ("XYZ", [(Code.ELEMENT_MISSING, 1, None)]),
    ("XYZ*99", [(Code.CODE_UNKNOWN, 1, None)]),
    ("XYZ*00*NE", [(Code.CODE_NOT_ALLOWED, 2, None)]),
    ("XYZ*00**A^B", []),
    ("XYZ*00**A^B^C", [(Code.TOO_MANY_REPETITIONS, 3, None)]),
    ("XYZ*00*SA^SA", [(Code.TOO_MANY_REPETITIONS, 2, None)]),
    ("XYZ*00**A:B", [(Code.TOO_MANY_COMPONENTS, 3, None)]),
    ("XYZ*00***EA", []),
    ("XYZ*00***EA:2:X", []),
    ("XYZ*00***:2:X", [(Code.ELEMENT_MISSING, 4, 1)]),
    ("XYZ*00***EA:2", [(Code.CONDITION, 4, 3)]),
    ("XYZ*00***EA:2:X:Y", [(Code.TOO_MANY_COMPONENTS, 4, 4)]),
    ("XYZ*00***EA::", [(Code.TRAILING_SEPARATORS, 4, 3)]),
    ("XYZ*00***EAS", [(Code.TOO_LONG, 4, 1)]),
    ("XYZ*00*:*A", [(Code.TRAILING_SEPARATORS, 2, None)]),
    (":".join(["XYZ*", ""]), [(Code.ELEMENT_MISSING, 1, None), (Code.TRAILING_SEPARATORS, 1, None)]),
    ("XYZ*00****20260101", [(Code.CONDITION, 6, None)]),
    ("XYZ*00*****A", [(Code.CONDITION, 5, None)]),
    ("XYZ*00****20260230*A", [(Code.DATE, 5, None)]),
    ("XYZ*00******:^", [(Code.TRAILING_SEPARATORS, 7, None)]),
    ("XYZ*00******A:B^", []),  # binary data may hold anything
    ("XYZ*00*******X*Y", [(Code.TOO_MANY_ELEMENTS, 8, None)]),
    ("XYZ*00***", [(Code.TRAILING_SEPARATORS, 2, None)]),
    ("XYZ*00*" + "*" * 20, [(Code.TRAILING_SEPARATORS, 2, None)]),
    ("XYZ*0**TOOLONG", [(Code.TOO_SHORT, 1, None), (Code.TOO_LONG, 3, None)]),
]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_every_fault_of_a_segment_has_its_element(line, expected):
    (elements,) = segments(line)
    found = check_segment(Segment(elements), SPEC)
    assert [(fault.code, fault.place.element, fault.place.component) for fault in found] == expected


def test_a_fault_says_what_came_what_was_expected_and_the_elements_name():
    (elements,) = segments("XYZ*00**TOOLONG")
    (fault,) = check_segment(Segment(elements, 7, 100, 3, 1), SPEC, "PO1")
    place = fault.place
    assert (place.segment_number, place.line, place.name, place.loop) == (7, 3, "Number", "PO1")
    assert (fault.came, fault.expected) == ("TOOLONG", "1..5 characters")


def test_a_repetition_is_numbered():
    (elements,) = segments("XYZ*00**A^TOOLONG")
    (fault,) = check_segment(Segment(elements), SPEC)
    assert fault.place.repetition == 2


def test_a_condition_is_explained_by_its_elements_names():
    (elements,) = segments("XYZ*00****20260101")
    (fault,) = check_segment(Segment(elements), SPEC)
    assert fault.expected == "P0506: both or neither of XYZ05 (Date), XYZ06 (Number)"
    assert (fault.place.element, fault.came) == (6, None)


MEANS = {
    "P": lambda have: all(have) or not any(have),
    "R": any,
    "E": lambda have: sum(have) <= 1,
    "C": lambda have: not have[0] or all(have),
    "L": lambda have: not have[0] or any(have[1:]),
}


@pytest.mark.parametrize("kind", MEANS)
@pytest.mark.parametrize("have", list(product([False, True], repeat=3)))
def test_relational_conditions_mean_what_x12_says(kind, have):
    at = broken(Rule(kind, (2, 4, 6)), lambda number: have[number // 2 - 1])
    assert (at is None) == MEANS[kind](have)
    present = sum(1 << number for number, there in zip((2, 4, 6), have, strict=True) if there)
    assert Rule(kind, (2, 4, 6)).holds(present | 1 << 3) == MEANS[kind](have)


PAIRED = SegmentSpec(
    "LIN", "Item", tuple(Use(TEXT) for _ in range(6)), pairs=Pairs(1, 2, 3), require=("LIN[UP]",)
)


@pytest.mark.parametrize(
    ("line", "at"), [("LIN*UP*1", None), ("LIN*VN*1*UP*2", None), ("LIN*VN*1", 3), ("LIN*UP", 3), ("LIN", 1)]
)
def test_a_required_pair_may_stand_anywhere_among_the_pairs(line, at):
    found = check_segment(Segment(segments(line)[0]), PAIRED)
    assert [(fault.place.element, fault.expected) for fault in found] == ([(at, "LIN[UP]")] if at else [])
