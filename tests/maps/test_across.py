"""One order in two standards: written as an 850 and as an ORDERS it reads back equal from both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.errors import NotWritable
from gateway.faults import Code

from .across import both_carry

LINE = {"number": "1", "quantity": "1", "unit": "each"}
NEEDED: dict[str, Any] = {"purpose": "original", "kind": "stand-alone", "lines": [LINE]}


@pytest.mark.parametrize("orders", ["edifact/D96A/ORDERS", "edifact/D01B/ORDERS"])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_an_order_that_both_carry_is_the_same_from_both(orders: str, seed: int) -> None:
    x12, edifact = maps.load("x12/004010/850"), maps.load(orders)
    order, told = both_carry(x12, edifact, seed, NEEDED)
    assert x12.read(x12.write(order))[0] == order
    assert edifact.read(edifact.write(order))[0] == order
    assert all(fault.place.field for fault in told)


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"requirements": ["ship complete"]}, Code.NOT_CARRIED, "requirements"),
        ({"lines": [LINE | {"inner": [{"number": "1"}]}]}, Code.NOT_CARRIED, "lines[0].inner"),
        ({"kind": "dropship"}, Code.NOT_WRITABLE, "kind"),
    ],
)
def test_what_edifact_cannot_carry_is_named(more: dict[str, Any], code: Code, field: str) -> None:
    map = maps.load("edifact/D96A/ORDERS")
    order = map.document.model_validate({"number": "1", "ordered_on": "2026-03-01", **NEEDED, **more})
    with pytest.raises(NotWritable) as refused:
        map.write(order)
    assert [(fault.code, fault.place.field) for fault in refused.value.faults] == [(code, field)]
