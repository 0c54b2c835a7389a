"""What an invoice adds up to: every reading the trade accepts, no other, and nothing where nobody can tell."""

from __future__ import annotations

import datetime as clock
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical import Invoice
from gateway.canonical.totals import unbalanced
from gateway.faults import Code

CENT = Decimal("0.01")


def line(quantity: Any = 2, price: Any = "10", unit: str | None = "each", **more: Any) -> dict[str, Any]:
    basis = more.pop("basis", None)
    return {"quantity": quantity, "unit": unit, "price": {"amount": price, "basis": basis}, **more}


def charge(amount: Any = "3", kind: str | None = "charge", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "amount": amount, **more}


def tax(amount: Any = "1", **more: Any) -> dict[str, Any]:
    return {"kind": "state sales tax", "amount": amount, **more}


def vat(amount: Any = None, rate: Any = "19", **more: Any) -> dict[str, Any]:
    return {"kind": "value added", "amount": amount, "rate": rate, **more}


def invoice(total: Any, *lines: dict[str, Any], **more: Any) -> Invoice:
    return Invoice.model_validate(
        {"number": "1", "issued_on": clock.date(2026, 4, 1), "total": total, "lines": list(lines), **more}
    )


def found(one: Invoice) -> list[tuple[str, str | None, str | None]]:
    return [(fault.place.address, fault.came, fault.expected) for fault in unbalanced(one)]


BALANCED = {
    "a line": invoice("20", line()),
    "lines": invoice("50.00", line(), line(3)),
    "a fraction of a quantity": invoice("25", line("2.5")),
    "half a cent goes up": invoice("0.13", line(1, "0.125")),
    "half a cent of a credit goes down": invoice("-0.13", line(-1, "0.125")),
    "rounded line by line": invoice("0.26", line(1, "0.125"), line(1, "0.125")),
    "rounded once": invoice("0.25", line(1, "0.125"), line(1, "0.125")),
    "per hundred": invoice("5", line(50, "10", basis="hundred")),
    "per thousand, as agreed": invoice("0.50", line(50, "10", basis="contract thousand")),
    "hundreds at a price per hundred": invoice("500", line(50, "10", "hundred", basis="hundred")),
    "pieces at a price per dozen": invoice("10", line(12, "10", "piece", basis="dozen")),
    "pounds at a price per pound": invoice("20", line(unit="pound", basis="pound")),
    "feet at a price per hundred feet": invoice("1", line(10, "10", "foot", basis="hundred feet")),
    "cases, called each": invoice("20", line(unit="case", basis="each")),
    "a price per as many": invoice("25", {"quantity": 200, "price": {"amount": "12.50", "per": 100}}),
    "nothing charged": invoice("20", line(), line(basis="no charge")),
    "a charge": invoice("23", line(), charges=[charge()]),
    "an allowance": invoice("17", line(), charges=[charge(kind="allowance")]),
    "an allowance with a sign of its own": invoice("17", line(), charges=[charge("-3", "allowance")]),
    "off the invoice": invoice("17", line(), charges=[charge(kind="allowance", settlement="off invoice")]),
    "by rate": invoice("25", line(), charges=[charge(None, rate="0.5", quantity=10)]),
    "of a line": invoice("21", line(charges=[charge(), charge("2", "allowance")])),
    "neither": invoice("20", line(charges=[charge("99", "neither")]), charges=[charge("99", "neither")]),
    "for information": invoice("20", line(), charges=[charge(settlement="information only")]),
    "billed back": invoice("20", line(), charges=[charge(kind="allowance", settlement="bill back")]),
    "paid by the vendor": invoice("20", line(), charges=[charge(settlement="charge to be paid by vendor")]),
    "credited to the account": invoice(
        "17", line(), charges=[charge(kind="allowance", settlement="credit customer")]
    ),
    "or later": invoice("20", line(), charges=[charge(kind="allowance", settlement="credit customer")]),
    "said in words only": invoice("20", line(), charges=[charge(None, text="FRAGILE")]),
    "a tax": invoice("21", line(), taxes=[tax()]),
    "a tax of a line": invoice("21", line(taxes=[tax()])),
    "a tax by rate": invoice("21.50", line(), taxes=[tax(None, rate="7.5", base="20")]),
    "a tax in the price": invoice("20", line(), taxes=[tax(relation="included")]),
    "an exemption": invoice("20", line(), taxes=[tax(None, category="exempt")]),
    "a tax on a charge": invoice("23.50", line(), charges=[charge(taxes=[tax("0.5")])]),
    "a tax on a charge, told beside": invoice("23", line(), charges=[charge(taxes=[tax("0.5")])]),
    "all taxes, and which": invoice("22", line(), taxes=[tax("2", kind="all"), tax(), tax(kind="county")]),
    "charges of the lines, summed up above": invoice(
        "46",
        line(charges=[charge(service="freight")]),
        line(charges=[charge(service="freight")]),
        charges=[charge("6", service="freight")],
    ),
    "charges of the lines, told again above": invoice(
        "26",
        line(charges=[charge("6", service="freight")]),
        charges=[charge("4", service="freight"), charge("2", service="freight")],
    ),
    "taxes of the lines, together above": invoice("21", line(taxes=[tax()]), taxes=[tax(kind="all")]),
    "taxes of the lines, summed up above": invoice("21", line(taxes=[tax()]), taxes=[tax()]),
    "a credit memo, in positive amounts": invoice("20", line(), kind="credit memo"),
    "a credit memo, in negative ones": invoice("-20", line(), kind="credit memo"),
    "what is inside a line": invoice("20", line(inner=[line(9, relation="included")])),
    "a line's total instead of a price": invoice(
        "7.77", {"quantity": 1, "amounts": [{"kind": "line total", "amount": "7.77"}]}
    ),
    "a tax told as an amount": invoice("21", line(), amounts=[{"kind": "tax", "amount": "1"}]),
    "a tax told as an amount too": invoice(
        "21", line(), taxes=[tax()], amounts=[{"kind": "tax", "amount": "1"}]
    ),
    "a line's allowance that its net price has in it": invoice(
        "18", line(2, "9", prices=[{"kind": "gross", "amount": "10"}], charges=[charge("2", "allowance")])
    ),
    "and only its percentage is said": invoice(
        "18",
        line(
            2,
            "9",
            prices=[{"kind": "gross", "amount": "10"}],
            charges=[charge(None, "allowance", percent="10")],
        ),
    ),
    "one that its own total has in it": invoice(
        "18",
        line(2, "9", charges=[charge("2", "allowance")], amounts=[{"kind": "line total", "amount": "18"}]),
    ),
    "an allowance of the message": invoice("17", line(), charges=[charge(kind="message allowance")]),
    "tax on value added by lines' rates": invoice("23.80", line(taxes=[vat()])),
    "rounded each": invoice("0.14", line(1, "0.064", taxes=[vat()]), line(1, "0.064", taxes=[vat()])),
    "said in all, and the lines' rates": invoice("23.80", line(taxes=[vat()]), taxes=[vat("3.80")]),
    "said in all, and by line without the charges'": invoice(
        "27.37", line(taxes=[vat("3.80")]), charges=[charge()], taxes=[vat("4.37", base="23")]
    ),
    "its rate in the header, and an amount": invoice(
        "23.80", line(), taxes=[vat()], amounts=[{"kind": "tax", "amount": "3.80"}]
    ),
    "a tax told in another currency too": invoice(
        "23.80", line(), currency="EUR", taxes=[vat("3.80"), vat("3.20", currency="GBP")]
    ),
    "costs told as amounts": invoice(
        "31", line(), amounts=[{"kind": "freight", "amount": "7"}, {"kind": "insurance", "amount": "4"}]
    ),
    "what a line is made of, in lines of its own": invoice(
        "20", line(number="1"), line(1, "12", within="1"), line(1, None, within="1")
    ),
    "what a line without a price of its own is made of": invoice(
        "20", line(1, "0", number="1"), line(1, "12", within="1"), line(1, "8", within="1")
    ),
    "a price per hundred, by contract": invoice(
        "25", {"quantity": 200, "price": {"amount": "12.50", "per": 100, "basis": "contract"}}
    ),
    "a hash total": invoice("50", line(), line(3), control_total="5"),
    "a hash total of digits": invoice("15", line("1.5"), control_total="15"),
}


@pytest.mark.parametrize("one", BALANCED.values(), ids=BALANCED)
def test_it_adds_up(one: Invoice) -> None:
    assert found(one) == []


@pytest.mark.parametrize("one", BALANCED.values(), ids=BALANCED)
def test_a_cent_less_does_not(one: Invoice) -> None:
    if one.total in (Decimal("0.26"),):
        one = one.model_copy(update={"total": Decimal("0.27")})
    else:
        one = one.model_copy(update={"total": one.total - CENT})
    assert [fault.code for fault in unbalanced(one)] == [Code.TOTAL]


UNTOLD = {
    "no lines": invoice("99"),
    "a line without a price": invoice("99", line(), line(price=None)),
    "a line without a quantity": invoice("99", line(None)),
    "a price to be negotiated": invoice("99", line(basis="to be negotiated")),
    "a basis of some partner's": invoice("99", line(basis="x12:Q9")),
    "cases at a price per pound": invoice("99", line(unit="case", basis="pound")),
    "cases at a price per dozen": invoice("99", line(unit="case", basis="dozen")),
    "cases of twelve at a price for each": invoice(
        "99", line(unit="case", basis="each", packaging={"pack": 12})
    ),
    "a percentage of something": invoice("99", line(), charges=[charge(None, percent="3")]),
    "a charge in another currency": invoice("99", line(), currency="USD", charges=[charge(currency="CAD")]),
    "a request for a charge": invoice("99", line(), charges=[charge(kind="charge request")]),
    "a tax of some rate": invoice("99", line(), taxes=[tax(None, rate="7.5")]),
    "a price per dozens of dozens": invoice(
        "99", {"quantity": 200, "price": {"amount": "12.50", "per": 100, "basis": "contract dozen"}}
    ),
    "an item added to a line": invoice("99", line(inner=[line(relation="add")])),
    "numbers beyond counting": invoice("99", line("1E+40"), line("1E+999999", "1E+999999")),
    "more open charges than can be tried": invoice(
        "99", line(), charges=[charge(str(1 << n), "service") for n in range(16)]
    ),
}


@pytest.mark.parametrize("one", UNTOLD.values(), ids=UNTOLD)
def test_what_nobody_can_tell_is_not_said(one: Invoice) -> None:
    assert found(one) == []


def test_the_nearest_accepted_sum_is_expected_and_what_was_counted_is_told() -> None:
    one = invoice(
        "24.51",
        line(),
        charges=[charge(), charge("1", "allowance", settlement="credit customer")],
        taxes=[tax()],
    )
    assert found(one) == [("total", "24.51", "24.00")]
    (fault,) = unbalanced(one)
    assert "lines 20.00, charges 2.00, taxes 1.00; -1.00 of it may count or not" in str(fault)
    assert not fault.is_note


@pytest.mark.parametrize(
    "one",
    [
        invoice("20", line(), charges=[charge(None, rate="0.5", quantity=10)]),
        invoice("20", line(), taxes=[tax(None, rate="7.5", base="20")]),
        invoice("20", line(charges=[charge(service="freight")]), charges=[charge("6", service="freight")]),
        invoice("23", line(charges=[charge(service="freight")]), charges=[charge(service="handling")]),
        invoice("20", line(taxes=[tax(kind="county")]), taxes=[tax()]),
    ],
)
def test_what_nothing_repeats_counts(one: Invoice) -> None:
    assert [path for path, _, _ in found(one)] == ["total"]


STATED = [
    (invoice("23.80", line(), taxes=[vat("3.80")]), "total of lines", "20"),
    (invoice("23.80", line(), taxes=[vat("3.80")]), "total without vat", "20"),
    (invoice("27.37", line(), charges=[charge()], taxes=[vat("4.37")]), "taxable", "23"),
    (invoice("23.80", line(taxes=[vat("3.80")])), "tax", "3.80"),
    (invoice("23.80", line(taxes=[vat()]), taxes=[vat("3.80")]), "tax total", "3.80"),
    (invoice("23.80", line(), taxes=[vat("3.80")]), "invoice total", "23.80"),
    (invoice("20", line(), amounts=[{"kind": "prepaid", "amount": "5"}]), "amount due", "15"),
]


@pytest.mark.parametrize(("one", "kind", "amount"), STATED, ids=[kind for _, kind, _ in STATED])
def test_the_sums_beside_the_total_are_compared_too(one: Invoice, kind: str, amount: str) -> None:
    values = one.model_dump()
    said = {**values, "amounts": [*values["amounts"], {"kind": kind, "amount": amount}]}
    assert found(Invoice.model_validate(said)) == []
    said["amounts"][-1]["amount"] = str(Decimal(amount) + 1)
    (fault,) = found(Invoice.model_validate(said))
    assert fault[0] == f"amounts[{len(said['amounts']) - 1}].amount"


def test_of_several_rates_nobody_can_tell_what_is_taxable() -> None:
    lines = line(taxes=[vat()]), line(taxes=[vat(rate="7")])
    assert found(invoice("45.20", *lines, amounts=[{"kind": "taxable", "amount": "3"}])) == []


@pytest.mark.parametrize(
    ("taxes", "faults"),
    [
        ([vat("3.80", base="20"), vat("1.40", "7", base="20")], []),
        ([vat("3.80", base="20"), vat("1.40", "7", base="21")], ["taxes[1].base"]),
        ([vat("3.99", base="21"), vat("1.40", "7", base="20")], ["total", "taxes[0].base"]),
    ],
)
def test_what_is_taxed_at_each_rate_is_what_the_lines_of_it_come_to(
    taxes: list[dict[str, Any]], faults: list[str]
) -> None:
    lines = line(taxes=[vat()]), line(taxes=[vat(rate="7")])
    assert [path for path, _, _ in found(invoice("45.20", *lines, taxes=taxes))] == faults


def test_a_lines_own_total_is_compared_with_its_price() -> None:
    said = {"amounts": [{"kind": "unit price", "amount": "1"}, {"kind": "line total", "amount": "21"}]}
    assert found(invoice("20", line(), line(**said))) == [
        ("lines[1].amounts[1].amount", "21", "20.00"),
        ("total", "20", "40.00"),
    ]


@pytest.mark.parametrize("stated", ["20", "23"])
def test_a_lines_own_total_may_hold_its_charges(stated: str) -> None:
    said = {"amounts": [{"kind": "line total", "amount": stated}], "charges": [charge()]}
    assert found(invoice("23", line(**said))) == []


def test_of_many_lines_who_counts_one_allowance_that_is_open_counts_all() -> None:
    """So a long invoice is judged as fast and as well as a short one."""
    off = {"prices": [{"kind": "gross", "amount": "10"}], "taxes": [vat()]}
    lines = [line(2, "9", charges=[charge(str(at), "allowance")], **off) for at in range(1, 501)]
    less = Decimal(sum(range(1, 501)))
    for goods in (Decimal(9000), Decimal(9000) - less):
        taxes = [vat((goods * 19 / 100).quantize(CENT), base=goods)]
        said = [{"kind": "total of lines", "amount": goods}, {"kind": "taxable", "amount": goods}]
        total = goods + taxes[0]["amount"]
        assert found(invoice(total, *lines, taxes=taxes, amounts=said)) == []
        assert [path for path, _, _ in found(invoice(total + 1, *lines, taxes=taxes, amounts=said))] == [
            "total"
        ]


def test_a_hash_total_is_compared_with_the_quantities() -> None:
    assert found(invoice("50", line(), line(3), control_total="6")) == [("control_total", "6", "5")]


QUANTITIES = st.decimals(min_value=-9999, max_value=9999, places=3)
PRICES = st.decimals(min_value=0, max_value=99999, places=4)
AMOUNTS = st.decimals(min_value=0, max_value=999, places=2)


@given(
    st.lists(st.tuples(QUANTITIES, PRICES), min_size=1, max_size=5),
    st.lists(AMOUNTS, max_size=3),
    st.lists(AMOUNTS, max_size=3),
    st.integers(-200, 200).map(lambda off: off * CENT),
)
def test_only_the_sums_rounded_half_up_line_by_line_or_once_are_right(
    lines: list[tuple[Decimal, Decimal]], more: list[Decimal], less: list[Decimal], off: Decimal
) -> None:
    exact = [quantity * price for quantity, price in lines]
    extras = sum(more, Decimal(0)) - sum(less, Decimal(0))
    each = sum((one.quantize(CENT, ROUND_HALF_UP) for one in exact), Decimal(0)) + extras
    once = (sum(exact, Decimal(0)) + extras).quantize(CENT, ROUND_HALF_UP)
    charges = [charge(one) for one in more] + [charge(one, "allowance") for one in less]
    stated = each + off
    one = invoice(stated, *(line(quantity, price) for quantity, price in lines), charges=charges)
    assert (found(one) == []) == (stated in (each, once))
