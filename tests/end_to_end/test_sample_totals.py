"""The samples' invoices add up to the cent, both those that came and those we send; the one that must not does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.canonical import Invoice, unbalanced

SAMPLES = Path(__file__).parents[2] / "sample_documents"
OFF = {
    "KI-30116": [("total", "48.20", "49.20")],
    "RE-2026-1301": [("taxes[0].amount", "4.65", "4.56")],
}
"""What is wrong with an invoice, by its number: the field, what it states, what it comes to."""


def invoices() -> Iterator[Invoice]:
    for path in sorted(SAMPLES.glob("*/*/canonical.json")):
        for one in json.loads(path.read_text("utf-8")):
            if one is not None and "issued_on" in one:
                yield Invoice.model_validate_json(json.dumps(one))


INVOICES = list(invoices())


def test_there_are_invoices_of_every_kind():
    assert len(INVOICES) >= 13
    assert {one.kind for one in INVOICES} >= {None, "product invoice", "consolidated invoice", "credit memo"}
    assert any(one.charges for one in INVOICES)
    assert any(one.taxes for one in INVOICES)
    assert OFF.keys() <= {one.number for one in INVOICES}


@pytest.mark.parametrize("invoice", INVOICES, ids=lambda one: one.number)
def test_it_adds_up(invoice: Invoice):
    found = [(fault.place.field, fault.came, fault.expected) for fault in unbalanced(invoice)]
    assert found == OFF.get(invoice.number, [])
