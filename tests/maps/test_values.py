"""Types: the guide's against the canonical one, both ways, exactly or not at all."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical import Moment
from gateway.guides.model import Element
from gateway.maps.moments import read_moment, write_moment
from gateway.maps.values import Conversion, conversion, fitting


def element(type: str, least: int = 1, most: int = 10) -> Element:
    return Element("1", "one", type, least, most)


def pair(row: Element, canonical: type[Any]) -> Conversion:
    found = conversion(row, canonical)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("row", "text", "value", "written"),
    [
        (element("N2"), "1250", Decimal("12.50"), "1250"),
        (element("N2"), "-5", Decimal("-0.05"), "-5"),
        (element("N0"), "007", 7, "7"),
        (element("R"), "12.50", Decimal("12.5"), "12.5"),
        (element("R"), ".5", Decimal("0.5"), "0.5"),
        (element("R", 1, 3), "1", Decimal("1.00000"), "1"),
        (element("R", 4, 10), "1.25", Decimal("1.25"), "01.25"),
        (element("R"), "3.0", 3, "3"),
        (element("DT", 8, 8), "20260301", date(2026, 3, 1), "20260301"),
        (element("DT", 6, 6), "260301", date(2026, 3, 1), "260301"),
        (element("DT", 6, 6), "681231", date(2068, 12, 31), "681231"),
        (element("DT", 6, 6), "690101", date(1969, 1, 1), "690101"),
        (element("DT", 6, 6), "991231", date(1999, 12, 31), "991231"),
        (element("DT", 6, 6), "000229", date(2000, 2, 29), "000229"),
        (element("TM", 4, 8), "0930", time(9, 30), "0930"),
        (element("TM", 4, 8), "09301525", time(9, 30, 15, 250000), "09301525"),
        (element("AN"), "abc", "abc", "abc"),
        (element("R"), "1.50", "1.50", "1.50"),
    ],
)
def test_reads_and_writes(row: Element, text: str, value: Any, written: str) -> None:
    types = pair(row, type(value))
    assert types.read(text, row) == value
    assert types.write(value, row) == written
    assert types.read(written, row) == value


@pytest.mark.parametrize(
    ("row", "value", "expected"),
    [
        (element("N2"), Decimal("1.255"), "at most 2 decimals"),
        (element("N0"), Decimal("1.5"), "a whole number"),
        (element("R", 1, 3), Decimal("12345"), "1..3 digits"),
        (element("R", 1, 3), Decimal("1.2345"), "1..3 digits"),
        (element("TM", 4, 8), time(9, 0, 0, 1), "hundredths"),
    ],
)
def test_nothing_is_rounded_or_cut(row: Element, value: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        pair(row, type(value)).write(value, row)


@pytest.mark.parametrize(
    ("row", "canonical", "text"),
    [
        (element("DT"), date, "20260231"),
        (element("DT"), date, "2026-311"),
        (element("TM"), time, "2561"),
        (element("TM"), time, "09301"),
        (element("R"), Decimal, "1e5"),
        (element("R"), Decimal, "NaN"),
        (element("N2"), Decimal, "12.5"),
        (element("R"), int, "1.5"),
    ],
)
def test_what_is_none_is_not_read(row: Element, canonical: type[Any], text: str) -> None:
    with pytest.raises(ValueError, match="a "):
        pair(row, canonical).read(text, row)


def test_types_that_do_not_meet() -> None:
    assert conversion(element("DT"), Decimal) is None
    assert conversion(element("R"), date) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abcd", "1..3 characters"),
        ("ab ", "no blanks at the end"),
        ("a\x1fb", "control"),
        ("a\nb", "control"),
    ],
)
def test_a_text_must_fit_its_element(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        fitting(text, element("AN", 1, 3))


MOMENT = (element("DT", 8, 8), element("TM", 4, 8), element("ID", 2, 2))


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        (("20260301", "", ""), "2026-03-01"),
        (("20260301", "0930", ""), "2026-03-01T09:30"),
        (("20260301", "0930", "UT"), "2026-03-01T09:30Z"),
        (("20260301", "0930", "19"), "2026-03-01T09:30-06:00"),
        (("20260301", "0930", "ET"), "2026-03-01T09:30[America/New_York]"),
        (("20260301", "0930", "AT"), "2026-03-01T09:30[America/Anchorage]"),
        (("20260301", "0930", "XX"), "2026-03-01T09:30[x12:XX]"),
    ],
)
def test_moments_keep_the_precision_they_came_with(texts: tuple[str, ...], text: str) -> None:
    moment = read_moment(texts, MOMENT)
    assert str(moment) == text
    assert write_moment(moment, MOMENT) == texts


@pytest.mark.parametrize(
    ("code", "zone", "written"),
    [("ES", "-05:00", "20"), ("ED", "-04:00", "21"), ("TD", "-03:00", "22"), ("GM", "Z", "UT")],
)
def test_one_of_several_codes_of_a_zone_is_written(code: str, zone: str, written: str) -> None:
    moment = read_moment(("20260301", "0930", code), MOMENT)
    assert moment.zone == zone
    assert write_moment(moment, MOMENT)[2] == written
    assert read_moment(write_moment(moment, MOMENT), MOMENT) == moment


@pytest.mark.parametrize(
    ("moment", "rows", "expected"),
    [
        (Moment.parse("2026-03-01T09:30"), 1, "without a time"),
        (Moment.parse("2026-03-01T09:30Z"), 2, "without a zone"),
        (Moment.parse("2026-03-01T09:30[Mars/Olympus]"), 3, "X12 has a code for"),
    ],
)
def test_a_moment_more_exact_than_its_place_is_refused(moment: Moment, rows: int, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        write_moment(moment, MOMENT[:rows])


@given(st.decimals(allow_nan=False, allow_infinity=False), st.sampled_from(["R", "N0", "N2", "N4"]))
def test_every_number_reads_back_or_is_refused(value: Decimal, kind: str) -> None:
    row = element(kind, 1, 15)
    types = pair(row, Decimal)
    try:
        text = types.write(value, row)
    except ValueError:
        return
    assert types.read(text, row) == value


CENTURY = (element("DT", 6, 6), *MOMENT[1:], element("N0", 2, 2))


@pytest.mark.parametrize(
    ("texts", "said", "written"),
    [
        (("980315", "", "", ""), "1998-03-15", ("980315", "", "", "")),
        (
            ("980315", "0930", "ET", "19"),
            "1998-03-15T09:30[America/New_York]",
            ("980315", "0930", "ET", "19"),
        ),
        (("450101", "", "", "19"), "1945-01-01", ("450101", "", "", "19")),
        (("450101", "", "", "20"), "2045-01-01", ("450101", "", "", "20")),
        (("450101",), "2045-01-01", ("450101", "", "", "")),
    ],
)
def test_a_century_that_is_said_wins_and_stays(
    texts: tuple[str, ...], said: str, written: tuple[str, ...]
) -> None:
    moment = read_moment(texts, CENTURY)
    assert str(moment) == said
    assert write_moment(moment, CENTURY, texts) == written


@pytest.mark.parametrize(
    ("day", "current", "century"),
    [
        (date(2026, 3, 1), ("",), ""),
        (date(2026, 3, 1), ("980315", "", "", "19"), "20"),
        (date(1968, 12, 31), ("",), "19"),
        (date(2069, 1, 1), ("260301", "", "", ""), "20"),
    ],
)
def test_a_century_is_written_where_the_day_alone_would_say_another(
    day: date, current: tuple[str, ...], century: str
) -> None:
    texts = write_moment(Moment(day), CENTURY, current)
    assert texts[3] == century
    assert read_moment(texts, CENTURY) == Moment(day)


@pytest.mark.parametrize(
    "texts", [("000229", "", "", "19"), ("980315", "", "", "-1"), ("980315", "", "", "1")]
)
def test_a_century_without_such_a_day_is_no_date(texts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="a date"):
        read_moment(texts, CENTURY)
