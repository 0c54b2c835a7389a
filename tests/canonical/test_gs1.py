"""GS1's check digit, on numbers whose labels others printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical import gs1


@pytest.mark.parametrize(
    "number",
    [
        "106141412345678908",  # SSCCs in GS1's own examples
        "006141411234567890",
        "9501101530003",  # a GTIN-13
        "4006381333931",
        "012345678905",  # a UPC
    ],
)
def test_the_last_digit_checks_the_others(number: str) -> None:
    assert gs1.check_digit(number[:-1]) == number[-1]


@pytest.mark.parametrize(
    ("company", "serial"), [("08475551", 1), ("0854120", 123), ("00614141", 999_999_999)]
)
def test_an_sscc_is_made_of_company_and_serial_number(company: str, serial: int) -> None:
    made = gs1.sscc(company, serial)
    assert gs1.is_sscc(made)
    assert made.startswith(company)
    assert int(made[len(company) : -1]) == serial


@pytest.mark.parametrize("text", ["", "12A", "1 2", "\u0663"])
def test_what_is_no_digit_has_no_check_digit(text: str) -> None:
    with pytest.raises(ValueError, match="digits only"):
        gs1.check_digit(text)


@pytest.mark.parametrize(
    "text",
    [
        "106141412345678907",
        "10614141234567890",
        "00106141412345678908",
        "10614141234567890O",
        "",
        "9501101530003",
    ],
)
def test_what_is_no_sscc(text: str) -> None:
    assert not gs1.is_sscc(text)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits: str, at: int, by: int) -> None:
    number = digits + gs1.check_digit(digits)
    assert gs1.is_sscc(number)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert not gs1.is_sscc(wrong)
