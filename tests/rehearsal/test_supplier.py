"""What the rehearsal's suppliers bill adds up, whatever their prices are for, and stands in either standard."""

from __future__ import annotations

import datetime as clock
from decimal import Decimal
from typing import Any

import pytest

from gateway import maps
from gateway.canonical import PurchaseOrder, unbalanced
from gateway.rehearsal.supplier import EDIFACT, X12, Invoice, invoice

NOW = clock.datetime(2026, 3, 4, 8, tzinfo=clock.UTC)


def order(*lines: dict[str, Any]) -> PurchaseOrder:
    numbered = [{"number": str(at), "unit": "each", **line} for at, line in enumerate(lines, 1)]
    return PurchaseOrder.model_validate({"number": "P-1", "ordered_on": NOW.date(), "lines": numbered})


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([{"quantity": "3", "price": {"amount": "18.40"}}], "36.80"),
        ([{"quantity": "81", "price": {"amount": "45.00", "per": "100", "unit": "each"}}], "36.00"),
        (
            [{"quantity": "26", "price": {"amount": "10", "basis": "contract hundred"}}, {"quantity": "2"}],
            "2.60",
        ),
        ([{"quantity": "4", "price": {"amount": "0.125"}}], "0.38"),
    ],
)
def test_it_adds_up(lines: list[dict[str, Any]], total: str) -> None:
    billed = invoice(order(*lines), NOW, 1)
    assert billed.total == Decimal(total)
    assert unbalanced(billed) == []


@pytest.mark.parametrize("speaks", [X12, EDIFACT])
def test_either_standard_says_it(speaks: dict[type, str]) -> None:
    map = maps.load(speaks[Invoice])
    billed = invoice(order({"quantity": "3", "price": {"amount": "18.40"}}), NOW, 1)
    assert map.read(map.write(billed))[0] == billed
