import pytest

from gateway.faults import Code
from gateway.guides.model import Element
from gateway.guides.spelling import coded, length, real_date, real_time, spelled, spelled_as

GOOD, SHORT, LONG, CHARACTER, OF_TYPE, DATE, TIME = (
    None,
    Code.TOO_SHORT,
    Code.TOO_LONG,
    Code.CHARACTER,
    Code.CHARACTER_TYPE,
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
    ("N2", 1, 3, "1.5", OF_TYPE),
    ("N0", 1, 3, "+1", OF_TYPE),
    ("N0", 1, 3, "-", OF_TYPE),
    ("N0", 1, 3, "١٢", OF_TYPE),  # digits, but not X12's
    ("R", 1, 3, "1.50", GOOD),  # nor is the decimal point
    ("R", 1, 3, "-12.5", GOOD),
    ("R", 1, 3, ".5", GOOD),
    ("R", 1, 3, "5.", GOOD),
    ("R", 1, 3, "1234", LONG),
    ("R", 4, 10, "1.50", SHORT),
    ("R", 1, 3, ".", OF_TYPE),
    ("R", 1, 3, "1E2", OF_TYPE),
    ("R", 1, 3, "1.2.3", OF_TYPE),
    ("R", 1, 9, "1,000", OF_TYPE),
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


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("24", GOOD),
        ("-24,5", GOOD),  # neither the sign nor the mark is counted
        ("-24.50", GOOD),
        ("0,5", GOOD),
        (",5", OF_TYPE),  # ISO 9735: a digit on either side of the mark
        ("5,", OF_TYPE),
        ("1.000,5", OF_TYPE),
        ("+5", OF_TYPE),
        ("12345", LONG),
    ],
)
def test_a_number_of_edifact(text, wrong):
    found = spelled(text, Element("6060", "Quantity", "R", 1, 4, marks=",."))
    assert (found and found[0]) == wrong


@pytest.mark.parametrize(("text", "wrong"), [("UNT", GOOD), ("U T", GOOD), ("UN1", OF_TYPE), ("UN", SHORT)])
def test_letters_alone(text, wrong):
    found = spelled(text, Element("0013", "Tag", "A", 3, 3))
    assert (found and found[0]) == wrong


@pytest.mark.parametrize(
    ("format", "text", "good"),
    [
        ("102", "20260301", True),
        ("102", "20260230", False),
        ("102", "260301", False),
        ("102", "2026-301", False),
        ("101", "260301", True),
        ("203", "202603011530", True),
        ("203", "202603012530", False),
        ("203", "202603011560", False),
        ("204", "20260301153059", True),
        ("303", "202603011530CET", True),
        ("303", "202603011530", False),  # the zone is missing
        ("401", "1530", True),
        ("401", "2530", False),
        ("602", "2026", True),
        ("610", "202612", True),
        ("610", "202613", False),
        ("616", "202653", True),
        ("616", "202600", False),
        ("718", "20260301-20260331", True),
        ("718", "2026030120260331", True),  # as the directories before D.97 write it
        ("718", "20260301-20260332", False),
        ("718", "20260301", False),
        ("804", "no date at all", True),  # a number of days is not looked at
        ("", "x", True),
    ],
)
def test_a_moment_is_spelled_as_its_format_says(format, text, good):
    found = spelled_as(text, format)
    assert (found is None) == good
    assert found is None or found[0] is DATE
