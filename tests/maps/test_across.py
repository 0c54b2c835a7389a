"""One object in two standards: written as 850 and ORDERS, as 810 and INVOIC, it reads back equal from both."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.canonical import Invoice, unbalanced
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


# -- invoices

INVOICED = LINE | {"price": {"amount": "1"}}
LINE_DISCOUNT = {
    "kind": "allowance",
    "service": "discount",
    "percent": "7.5",
    "percent_basis": "unit base price",
    "amount": "15",
}
SHARED: dict[str, Any] = {
    "number": "RE-7001",
    "kind": "credit memo",
    "purpose": "original",
    "issued_on": "2026-04-01",
    "currency": "EUR",
    "order": {"number": "4500017", "ordered_on": "2026-03-01", "release": "3", "change": "2"},
    "delivery_note": "LS-9",
    "dates": {"shipped": "2026-03-30", "delivered": "2026-04-01T08:00"},
    "references": {"contract": ["K-1", "K-2"], "bill of lading": ["B-1"]},
    "buyer": {
        "id": {"kind": "gln", "value": "4099999000008"},
        "name": "EINKAUF GMBH",
        "more_names": ["FILIALE 4"],
        "address": {"lines": ["RETAIL STR. 1"], "city": "HAMBURG", "postcode": "20095", "country": "DE"},
        "contacts": [
            {
                "function": "accounts payable",
                "name": "UTE FREI",
                "phone": "040123456",
                "email": "UTE@EINKAUF.EXAMPLE",
            }
        ],
    },
    "supplier": {"id": {"kind": "seller", "value": "77"}, "name": "RHEINLAND WERKE"},
    "ship_to": {"id": {"kind": "buyer", "value": "55"}},
    "other_parties": [{"role": "receives remittance", "name": "RHEINLAND BANK"}],
    "payment_terms": [
        {"kind": "basic", "counted_from": "invoice date", "net_days": 30, "due_on": "2026-05-01"},
        {
            "kind": "basic discount offered",
            "counted_from": "invoice date",
            "discount_days": 10,
            "discount_percent": "2",
            "discount_amount": "4.40",
        },
    ],
    "charges": [
        {"kind": "charge", "service": "freight", "amount": "7.50", "text": "FREIGHT", "reference": "F-1"},
        {"kind": "allowance", "service": "discount", "settlement": "off invoice", "amount": "2.50"},
    ],
    "taxes": [{"kind": "value added", "rate": "19", "base": "190.00", "amount": "36.10"}],
    "total": "226.10",
    "discountable": "220.00",
    "discount": "4.40",
    "lines": [
        {
            "number": "1",
            "ids": {"ean": "4012345000016", "buyer item": "A100"},
            "description": "BLUE MUG",
            "quantity": "20",
            "unit": "piece",
            "price": {"amount": "10", "basis": "contract"},
            "order": {"number": "4500018", "line": "10"},
            "quantities": [{"kind": "shipped", "value": "25", "unit": "piece"}],
            "amounts": [{"kind": "line total", "amount": "185.00"}],
            "taxes": [{"kind": "value added", "rate": "19"}],
            "charges": [LINE_DISCOUNT],
        }
    ],
    "control_total": "20",
}


@pytest.mark.parametrize("name", ["x12/004010/810", "edifact/D96A/INVOIC", "edifact/D01B/INVOIC"])
def test_what_an_invoice_mostly_says_all_carry(name: str) -> None:
    map = maps.load(name)
    invoice = Invoice.model_validate_json(json.dumps(SHARED))
    assert unbalanced(invoice) == []
    assert map.read(map.write(invoice)) == (invoice, [])


@pytest.mark.parametrize("name", ["edifact/D96A/INVOIC", "edifact/D01B/INVOIC"])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.booleans())
def test_an_invoice_that_both_carry_is_the_same_from_both(name: str, seed: int, turned: bool) -> None:
    x12, edifact = maps.load("x12/004010/810"), maps.load(name)
    one, other = (edifact, x12) if turned else (x12, edifact)
    invoice, told = both_carry(one, other, seed, {"lines": [INVOICED]})
    assert x12.read(x12.write(invoice))[0] == invoice
    assert edifact.read(edifact.write(invoice))[0] == invoice
    assert all(fault.place.field for fault in told)
