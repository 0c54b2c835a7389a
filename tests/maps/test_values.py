"""Types: the guide's against the canonical one, both ways, exactly or not at all."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.guides.model import Element
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


@given(st.decimals(allow_nan=False, allow_infinity=False), st.sampled_from(["R", "N0", "N2", "N4"]))
def test_every_number_reads_back_or_is_refused(value: Decimal, kind: str) -> None:
    row = element(kind, 1, 15)
    types = pair(row, Decimal)
    try:
        text = types.write(value, row)
    except ValueError:
        return
    assert types.read(text, row) == value
