import pytest

from gateway.faults import Code
from gateway.guides.model import Element
from gateway.guides.spelling import coded, length, real_date, real_time, spelled

GOOD, SHORT, LONG, CHARACTER, DATE, TIME = (
    None,
    Code.TOO_SHORT,
    Code.TOO_LONG,
    Code.CHARACTER,
    Code.DATE,
    Code.TIME,
)

CASES = [
    ("AN", 1, 5, "ABC", GOOD),
    ("AN", 1, 5, "  A ", GOOD),  # blanks are characters
    ("AN", 1, 5, "ABCDEF", LONG),
    ("AN", 2, 5, "A", SHORT),
    ("AN", 1, 5, "A\tB", CHARACTER),
    ("AN", 1, 5, "A\u00a0B", GOOD),  # no break space is Latin-1 data, not a control
    ("AN", 1, 5, "\x85", CHARACTER),
    ("ID", 2, 2, "EA", GOOD),
    ("ID", 2, 2, "EAS", LONG),
    ("N0", 1, 3, "123", GOOD),
    ("N0", 1, 3, "-123", GOOD),  # the sign is not counted
    ("N2", 1, 3, "1234", LONG),
    ("N0", 2, 3, "-1", SHORT),
    ("N2", 1, 3, "1.5", CHARACTER),
    ("N0", 1, 3, "+1", CHARACTER),
    ("N0", 1, 3, "-", CHARACTER),
    ("N0", 1, 3, "١٢", CHARACTER),  # digits, but not X12's
    ("R", 1, 3, "1.50", GOOD),  # nor is the decimal point
    ("R", 1, 3, "-12.5", GOOD),
    ("R", 1, 3, ".5", GOOD),
    ("R", 1, 3, "5.", GOOD),
    ("R", 1, 3, "1234", LONG),
    ("R", 4, 10, "1.50", SHORT),
    ("R", 1, 3, ".", CHARACTER),
    ("R", 1, 3, "1E2", CHARACTER),
    ("R", 1, 3, "1.2.3", CHARACTER),
    ("R", 1, 9, "1,000", CHARACTER),
    ("DT", 8, 8, "20260228", GOOD),
    ("DT", 8, 8, "20240229", GOOD),
    ("DT", 8, 8, "20260229", DATE),
    ("DT", 8, 8, "20261301", DATE),
    ("DT", 8, 8, "00000101", DATE),
    ("DT", 8, 8, "2026311", SHORT),
    ("DT", 8, 8, "260228", SHORT),
    ("DT", 8, 8, "2026-W10", DATE),
    ("DT", 6, 6, "260228", GOOD),
    ("DT", 6, 6, "20260228", LONG),
    ("DT", 6, 8, "260228", GOOD),
    ("DT", 6, 8, "2602281", DATE),
    ("TM", 4, 8, "2359", GOOD),
    ("TM", 4, 8, "235959", GOOD),
    ("TM", 4, 8, "2359595", GOOD),
    ("TM", 4, 8, "23595999", GOOD),
    ("TM", 4, 8, "2400", TIME),
    ("TM", 4, 8, "1260", TIME),
    ("TM", 4, 8, "12595", TIME),
    ("TM", 4, 8, "12:00", TIME),
    ("TM", 4, 4, "235959", LONG),
    ("TM", 4, 8, "123", SHORT),
    ("B", 1, 3, "\x00\x01", GOOD),
    ("B", 1, 3, "\x00\x01\x02\x03", LONG),
]


@pytest.mark.parametrize(("kind", "least", "most", "text", "code"), CASES)
def test_a_value_is_spelled_as_its_type_says(kind, least, most, text, code):
    wrong = spelled(text, Element("1", "Any", kind, least, most))
    assert (wrong[0] if wrong else None) is code


def test_what_was_expected_is_said_in_words():
    number = Element("324", "Number", "AN", 1, 22)
    assert spelled("X" * 23, number) == (LONG, "1..22 characters")
    assert spelled("ABC", Element("1", "Code", "ID", 2, 2)) == (LONG, "exactly 2 characters")
    assert spelled("1234", Element("1", "Quantity", "R", 1, 3)) == (LONG, "1..3 digits")
    assert length(Element("1", "Code", "ID", 2, 2)) == "exactly 2 characters"


def test_a_code_outside_the_standards_list_is_noted_and_outside_a_closed_one_refused():
    purposes = {"00": "Original", "01": "Cancellation"}
    assert coded("00", Element("353", "Purpose", "ID", 2, 2, purposes)) is None
    assert coded("77", Element("353", "Purpose", "ID", 2, 2, purposes)) == (
        Code.CODE_UNKNOWN,
        "one of 00, 01",
    )
    assert coded("77", Element("353", "Purpose", "ID", 2, 2, purposes, closed=True)) == (
        Code.CODE_NOT_ALLOWED,
        "one of 00, 01",
    )
    assert coded("77", Element("353", "Purpose", "ID", 2, 2)) is None


def test_a_long_list_is_cut():
    element = Element("1", "Code", "ID", 1, 3, {str(number): "" for number in range(50)})
    assert coded("X", element)[1].endswith("10, 11, ... (50 codes)")


@pytest.mark.parametrize("text", ["", "2026022", "202602281", "abcdefgh", "\uff12\uff10260228"])
def test_only_six_or_eight_ascii_digits_can_be_a_date(text):
    assert not real_date(text)


@pytest.mark.parametrize("text", ["", "12", "12345", "123456789"])
def test_only_these_lengths_can_be_a_time(text):
    assert not real_time(text)
