"""What one of a line's unit costs, whatever its price is for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from gateway.canonical import Line
from gateway.canonical.pricing import lot_size, unit_price


def line(amount: Any, unit: str | None = "each", pack: int | None = None, **price: Any) -> Line:
    return Line.model_validate(
        {"unit": unit, "price": {"amount": amount, **price}, "packaging": {"pack": pack} if pack else None}
    )


@pytest.mark.parametrize(
    ("one", "price"),
    [
        (line("1.5"), "1.5"),
        (line("1.5", unit=None), "1.5"),
        (line("1.5", "case"), "1.5"),
        (line("1.5", basis="contract each"), "1.5"),
        (line("1.5", basis="quoted"), "1.5"),
        (line("1.5", "case", basis="each"), "1.5"),
        (line("1.5", "case", 12, basis="each"), None),  # one of the case, or one of its twelve?
        (line("1.5", "case", 12), "1.5"),
        (line(150, basis="hundred"), "1.5"),
        (line(150, "hundred", basis="hundred"), "150"),
        (line(1500, basis="wholesale thousand"), "1.5"),
        (line(18, basis="dozen"), "1.5"),
        (line(1, basis="dozen"), "1/12"),
        (line(18, "dozen", basis="contract dozen"), "18"),
        (line(18, "case", basis="dozen"), None),
        (line(2, "pound", basis="pound"), "2"),
        (line(2, basis="pound"), None),
        (line(150, "foot", basis="hundred feet"), "1.5"),
        (line(15, per=10), "1.5"),
        (line(15, "case", per=10), "1.5"),
        (line(15, per=0), None),
        (line(15, per=10, basis="hundred"), None),
        (line(15, basis="to be negotiated"), None),
        (line(15, basis="x12:Q9"), None),
        (line(15, multiplier="0.95"), None),
        (line(None, basis="each"), None),
        (Line(), None),
    ],
)
def test_what_one_of_the_lines_unit_costs(one: Line, price: str | None) -> None:
    assert unit_price(one) == (None if price is None else Fraction(price))


def test_a_price_by_a_unit_of_its_own() -> None:
    of = {"amount": 15, "per": 10, "unit": "each"}
    assert lot_size(Line.model_validate({"unit": "each", "price": of})) == 10
    assert lot_size(Line.model_validate({"unit": "case", "price": of})) is None
