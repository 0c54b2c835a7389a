"""The base maps of INVOIC carry what suppliers send, credit notes too: all of it read, written fresh, and added up."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from guides.documents import damaged
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.canonical import Invoice, PurchaseOrder
from gateway.canonical.totals import unbalanced
from gateway.errors import NotWritable
from gateway.faults import Code, rejecting
from gateway.formats import edifact
from gateway.formats.segment import Segment
from gateway.guides.load import nearest
from gateway.guides.place import parse
from gateway.maps.account import Share
from gateway.maps.answers import by_number
from gateway.maps.compile import compiled
from gateway.maps.examples import example

from .invoics import CREDIT, FULL, GROSS_AND_ON_TOP, NET_OF_ALLOWANCES
from .messages import read, segments, text_of, tree_of
from .test_base_maps import unbound
from .test_compile import agree

D96A, D01B = "edifact/D96A/INVOIC", "edifact/D01B/INVOIC"
FULL_D01B = (
    FULL.replace("PAC+40++PX", "EQD+CN+CONT1234567\nPAC+40++PX")
    .replace("TAX+7+VAT++500+:::19+S", "TAX+7+VAT+++:::19+S\nMOA+125:500")
    .replace("TAX+7+VAT++650+:::19+S", "TAX+7+VAT+++:::19+S\nMOA+125:650")
)
HABITS = {"net": NET_OF_ALLOWANCES, "gross": GROSS_AND_ON_TOP, "credit": CREDIT}


def invoice(text: str, name: str = D96A) -> Invoice:
    found = read(maps.load(name), text)
    assert isinstance(found, Invoice)
    return found


@pytest.mark.parametrize(("name", "text"), [(D96A, FULL), (D01B, FULL_D01B)])
def test_everything_in_the_message_is_carried(name: str, text: str) -> None:
    map = maps.load(name)
    found = invoice(text, name)
    assert Counter(text_of(map.write(found)).split("\n")) == Counter(text.strip().split("\n"))
    assert map.read(map.write(found)) == (found, [])
    assert text_of(map.write(found, onto=tree_of(map, text))) == text.strip()
    assert Invoice.from_json(found.to_json()) == found
    assert compiled(map)(segments(text)) == found
    assert [one for one in map.account(tree_of(map, text)) if one.share is Share.RESIDUE] == []


LEFT = {"credit": {("DTM", "3"), ("DTM", "20260415"), ("DTM", "102")}}
"""When the invoice was that is credited: references have no dates."""


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("name", [D96A, D01B])
def test_partners_habits_are_read_kept_and_written_as_one_of_ours(name: str, habit: str) -> None:
    map, text = maps.load(name), HABITS[habit]
    found = invoice(text, name)
    assert unbalanced(found) == []
    assert map.read(map.write(found)) == (found, [])
    assert text_of(map.write(found, onto=tree_of(map, text))) == text.strip()
    assert compiled(map)(segments(text)) == found
    residue = [one for one in map.account(tree_of(map, text)) if one.share is Share.RESIDUE]
    assert {(one.place.segment, one.text) for one in residue} == LEFT.get(habit, set())


def test_an_invoice_reads_in_business_words() -> None:
    found = invoice(FULL)
    assert (found.number, found.kind, found.purpose, found.issued_on) == (
        "RE-7001",
        "product invoice",
        "original",
        date(2026, 4, 1),
    )
    assert found.order is not None
    assert (found.order.number, found.order.ordered_on, found.order.release, found.order.change) == (
        "4500017",
        date(2026, 3, 1),
        "3",
        "2",
    )
    assert (found.total, found.discountable, found.discount) == (1428, 1181, Decimal("23.62"))
    assert (found.delivery_note, found.consolidated, found.currency) == ("LS-9", "C-55", "EUR")
    assert [party.role for party in found.other_parties] == ["receives remittance"]
    assert [(one.kind, one.service, one.amount, one.reference) for one in found.charges] == [
        ("charge", "freight", 75, "F-1"),
        ("allowance", "discount", 25, None),
    ]
    assert [(one.kind, one.rate, one.category, one.base, one.amount) for one in found.taxes] == [
        ("value added", 19, "standard", 1200, 228)
    ]
    assert [(one.kind, one.amount, one.currency) for one in found.amounts] == [
        ("total of lines", 1150, None),
        ("prepaid", 100, "EUR"),
        ("amount due", 1328, None),
    ]
    assert found.amounts[1].references == {"payment": ["ADVANCE-1"]}


def test_an_invoiced_line_reads_in_business_words() -> None:
    line = invoice(FULL).lines[0]
    assert line.order is not None
    assert (line.order.number, line.order.line, line.order.ordered_on) == ("4500018", "10", date(2026, 3, 2))
    assert line.price is not None
    assert (line.quantity, line.unit, line.price.amount, line.price.per) == (40, "piece", Decimal("12.5"), 1)
    assert [(one.kind, one.value) for one in line.quantities] == [("ordered", 50)]
    assert [(one.kind, one.amount) for one in line.prices] == [("gross", 14)]
    assert [(one.kind, one.rate, one.base, one.amount) for one in line.taxes] == [
        ("value added", 19, 500, 95)
    ]
    assert [(one.kind, one.percent, one.amount) for one in line.charges] == [("allowance", 3, 15)]


def test_payment_terms_say_what_is_due_when_and_what_paying_early_earns() -> None:
    basic, discount = invoice(FULL).payment_terms
    assert (basic.kind, basic.counted_from, basic.net_days, basic.due_on, basic.method) == (
        "basic",
        "invoice date",
        30,
        date(2026, 5, 1),
        "bank account",
    )
    assert (discount.kind, discount.discount_days, discount.discount_percent, discount.discount_amount) == (
        "discount",
        10,
        2,
        Decimal("23.62"),
    )
    assert (basic.discount_days, discount.net_days) == (None, None)


@pytest.mark.parametrize(
    ("was", "came", "total"),
    [
        ("MOA+77:1428", "MOA+39:1428", 1428),
        ("MOA+77:1428", "MOA+86:1428", 1428),
        ("MOA+77:1428", "MOA+128:1428", 1428),
        ("MOA+77:1428\n", "", 1328),
        ("MOA+77:1428", "MOA+86:1\nMOA+77:1428\nMOA+39:2", 1428),
    ],
)
def test_the_total_is_the_first_sum_that_says_it_and_none_is_lost(was: str, came: str, total: int) -> None:
    map, text = maps.load(D96A), FULL.replace(was, came)
    found = invoice(text)
    assert found.total == total
    assert [one for one in map.account(tree_of(map, text)) if one.share is Share.RESIDUE] == []
    fresh = map.write(found)
    assert f"MOA+77:{total}" in text_of(fresh).split("\n")
    assert map.read(fresh)[0] == found
    assert compiled(map)(segments(text)) == found
    changed = found.model_copy(update={"total": Decimal(7)})
    assert map.read(map.write(changed, onto=tree_of(map, text)))[0] == changed


@pytest.mark.parametrize("cux", ["CUX+2:EUR:4\n", "CUX+1:EUR\n", "", "CUX+2:EUR\n"])
def test_the_currency_may_stand_beside_the_total_alone(cux: str) -> None:
    text = CREDIT.replace("CUX+2:EUR:4\n", cux)
    assert invoice(text if cux else text.replace("MOA+77:113.05", "MOA+77:113.05:EUR")).currency == "EUR"


def test_an_amount_has_its_currency_where_it_is_another() -> None:
    text = CREDIT.replace("MOA+124:18.05\nTAX", "MOA+124:18.05\nMOA+261:98.5:GBP\nTAX")
    text = text.replace(
        "TAX+7+VAT+++:::19+S\nMOA+124:18.05\nMOA", "TAX+7+VAT+++:::19+S\nMOA+124:18.05:EUR\nMOA"
    )
    found = invoice(text)
    assert [one.currency for one in found.amounts if one.kind == "alternate currency"] == ["GBP"]
    assert found.taxes[0].currency == "EUR"
    assert unbalanced(found) == []
    assert "MOA+261:98.5:GBP" in text_of(maps.load(D96A).write(found))


WRONG: list[tuple[str, str, str, list[tuple[str, str, str]]]] = [
    (NET_OF_ALLOWANCES, "MOA+77:2550,32", "MOA+77:2550,33", [("total", "2550.33", "2550.32")]),
    (NET_OF_ALLOWANCES, "MOA+203:1900", "MOA+203:1910", [("lines[0].amounts[0].amount", "1910", "1900.00")]),
    (NET_OF_ALLOWANCES, "MOA+79:2170,39", "MOA+79:2170,4", [("amounts[0].amount", "2170.4", "2170.39")]),
    (NET_OF_ALLOWANCES, "MOA+124:379,93", "MOA+124:379,94", [("amounts[2].amount", "379.94", "379.93")]),
    (NET_OF_ALLOWANCES, "MOA+125:270,39", "MOA+125:270", [("taxes[1].base", "270", "270.39")]),
    (
        NET_OF_ALLOWANCES,
        "MOA+124:18,93\n",
        "MOA+124:18,83\n",
        [
            ("total", "2550.32", "2550.22"),
            ("taxes[1].amount", "18.83", "18.92"),
        ],
    ),
    (GROSS_AND_ON_TOP, "MOA+9:156.4", "MOA+9:166.4", [("amounts[1].amount", "166.4", "156.40")]),
    (
        GROSS_AND_ON_TOP,
        "MOA+86:206.4",
        "MOA+86:205.4",
        [("total", "205.4", "206.40"), ("amounts[1].amount", "156.4", "155.40")],
    ),
    (GROSS_AND_ON_TOP, "MOA+8:30", "MOA+8:31", [("total", "206.4", "207.40")]),
    (CREDIT, "MOA+77:113.05", "MOA+77:113", [("total", "113", "113.05")]),
    (CREDIT, "MOA+125:95\nMOA+124", "MOA+125:94\nMOA+124", [("amounts[1].amount", "94", "95.00")]),
]


@pytest.mark.parametrize(("text", "was", "came", "faults"), WRONG, ids=[came for _, _, came, _ in WRONG])
def test_what_does_not_add_up_is_told_to_the_cent(
    text: str, was: str, came: str, faults: list[tuple[str, str, str]]
) -> None:
    assert was in text
    found = unbalanced(invoice(text.replace(was, came, 1)))
    assert {fault.code for fault in found} == {Code.TOTAL}
    assert [(fault.place.field, fault.came, fault.expected) for fault in found] == faults


@pytest.mark.parametrize("text", [FULL, *HABITS.values()])
def test_these_invoices_add_up(text: str) -> None:
    assert unbalanced(invoice(text)) == []


def test_a_credit_note_may_be_in_negative_amounts() -> None:
    text = CREDIT
    for amount in ("MOA+77:", "MOA+79:", "MOA+125:", "MOA+124:"):
        text = text.replace(amount, amount + "-")
    assert unbalanced(invoice(text.replace("QTY+47:10", "QTY+47:-10").replace("MOA+203:", "MOA+203:-"))) == []
    assert invoice(text).kind == "credit memo"


@pytest.mark.parametrize(
    ("was", "came", "address", "code"),
    [
        ("BGM+380+RE-7001+9", "BGM+380", "BGM02", Code.FIELD_MISSING),
        ("DTM+137:20260401:102\n", "", "DTM01", Code.FIELD_MISSING),
        ("MOA+77:1428\n", "", None, None),  # what is due says it
        ("QTY+47:40:PCE", "QTY+47:FORTY:PCE", "QTY01-02", Code.VALUE),
    ],
)
def test_a_bad_invoice_is_told_with_its_place(
    was: str, came: str, address: str | None, code: Code | None
) -> None:
    map, text = maps.load(D96A), FULL.replace(was, came, 1)
    tree, _ = parse(map.guide, [Segment(one, at) for at, one in enumerate(segments(text), 2)])
    found, faults = map.read(tree)
    told = [(fault.code, fault.place.address) for fault in rejecting(faults)]
    assert told == ([(code, address)] if code else [])
    assert compiled(map)(segments(text)) == (None if code else found)


NO_PLACE = {
    "contacts",
    "created_at",
    "discounted_total",
    "equipment",
    "handling",
    "marks",
    "measures",
    "packing",
    "prices",
    "reference_texts",
    "remarks",
    "requirements",
    "restrictions",
    "shipped",
    "tax_statuses",
}


def test_every_field_of_the_invoice_is_bound_but_those_the_invoic_has_no_place_for() -> None:
    found = {one.partition(".")[2] for one in unbound(maps.load(D96A).root) if one.startswith("Invoice.")}
    assert found == NO_PLACE
    found = {one.partition(".")[2] for one in unbound(maps.load(D01B).root) if one.startswith("Invoice.")}
    assert found == NO_PLACE - {"equipment"}


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"restrictions": {"shipping": "NONE"}}, Code.NOT_CARRIED, "restrictions"),
        ({"discounted_total": "1"}, Code.NOT_CARRIED, "discounted_total"),
        ({"kind": "drop shipment"}, Code.NOT_WRITABLE, "kind"),
        (
            {
                "payment_terms": [
                    {"kind": "basic", "counted_from": "invoice date", "net_days": 30, "discount_days": 10}
                ]
            },
            Code.NOT_CARRIED,
            "payment_terms[0].discount_days",
        ),
    ],
)
def test_what_the_invoic_cannot_say_is_refused_by_name(more: dict[str, Any], code: Code, field: str) -> None:
    found = invoice(CREDIT)
    changed = Invoice.model_validate(found.model_dump() | more)
    with pytest.raises(NotWritable) as refused:
        maps.load(D96A).write(changed)
    assert [(fault.code, fault.place.field) for fault in refused.value.faults] == [(code, field)]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from([D96A, D01B]))
def test_what_is_written_is_read_back(seed: int, name: str) -> None:
    map = maps.load(name)
    made = example(map, Random(seed))
    made = made.model_copy(update={"currency": made.currency or "EUR"})  # or a sum might say another
    written = map.write(made)
    assert map.read(written)[0] == made
    lines = [node.elements for node in written.segments()]
    assert compiled(map)(lines) in (None, made)
    assert [node.elements for node in map.write(made, onto=written).segments()] == lines


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from([D96A, D01B]), st.sampled_from([FULL, *HABITS.values()]))
def test_on_damaged_invoices_the_fast_reader_says_what_the_exact_one_says(
    seed: int, name: str, text: str
) -> None:
    random = Random(seed)
    agree(maps.load(name), damaged(segments(text), random, random.randrange(3)))


def test_numbers_of_lines_keep_their_zeros() -> None:
    map, text = maps.load(D96A), CREDIT.replace("LIN+1+", "LIN+000010+")
    assert invoice(text).lines[0].number == "000010"
    assert "LIN+000010++4012345000016:EN" in text_of(map.write(invoice(text))).split("\n")
    values = invoice(text).model_dump()
    values["lines"][0]["number"] = "10-A"
    lettered = Invoice.model_validate(values)
    with pytest.raises(NotWritable, match=r"lines\[0\].number in LIN01"):
        map.write(lettered)


def test_a_line_within_another_says_of_which() -> None:
    assert [line.within for line in invoice(FULL).lines] == [None, None, "2"]
    other = FULL.replace("EN+1:2", "EN+:2")  # of no known relation
    assert invoice(other).lines[2].within is None
    text = text_of(maps.load(D96A).write(invoice(FULL)))
    assert "LIN+3++4012345000030:EN+1:2" in text.split("\n")


ECHOED = """
map: p/INVOIC
extends: edifact/D96A/INVOIC
write:
  "RFF[PD]": answered.references.promotion
  "NAD[BY]02": answered.buyer.id.value
  "NAD[BY]02-03": answered.buyer.id.kind
  lines: {LIN01: answered.number, "PIA[5][IN]": "answered.ids.buyer item"}
"""


def test_what_the_order_said_is_echoed() -> None:
    map = maps.load("p/INVOIC", {"p/INVOIC": ECHOED}.get)
    values = invoice(CREDIT).model_dump() | {"buyer": None}
    values["order"], values["lines"][0]["order"], values["lines"][0]["number"] = (
        {"number": "4500020"},
        None,
        None,
    )
    order = PurchaseOrder.model_validate(
        {
            "number": "4500020",
            "ordered_on": "2026-03-01",
            "references": {"promotion": ["P-1"]},
            "buyer": {"id": {"kind": "gln", "value": "4099999000008"}},
            "lines": [{"number": "10", "ids": {"ean": "4012345000016", "buyer item": "A100"}}],
        }
    )
    written = map.write(Invoice.model_validate(values), answered=by_number([order]))
    lines = text_of(written).split("\n")
    assert {"RFF+PD:P-1", "NAD+BY+4099999000008::9", "LIN+10++4012345000016:EN", "PIA+5+A100:IN"} <= {*lines}


# -- documents others published

EXPECTED: dict[str, tuple[set[str], list[str]]] = {
    # an interchange of fragments: no BGM, no UNS, no amounts
    "edifact.Issue188.edi": (set(), [*["segment-missing"] * 3, *["field-missing"] * 2]),
    # a number of type IN without a number, the line of a reference, the status of an amount
    "INVOIC_D.03B_Interchange_with_UNA.txt": ({"RFF01-03", "LIN03-02", "MOA01-05"}, []),
    # an order of 1999-97-15, and item numbers of no type
    "invoic_d93a_una.edi": ({"DTM01-01", "DTM01-02", "DTM01-03", "LIN03"}, ["date", "value"]),
    "invoic_d97b.edi": ({"ALI01"}, []),  # the country an item is from
    "wrapped_invoic_d97b_una.edi": ({"ALI01"}, []),
}
"""By file: what no binding touches, and the faults of its guide and of the map."""


def published() -> Iterator[tuple[str, edifact.TransactionSet]]:
    folder = os.environ.get("GATEWAY_SAMPLES")
    if not folder:
        pytest.skip("GATEWAY_SAMPLES names no folder of sample documents")
    for line in (Path(folder) / "INDEX.tsv").read_text("utf-8").splitlines()[1:]:
        file, said = line.split("\t")[:2]
        if said.startswith("EDIFACT") and ("INVOIC" in said or "invoic" in file):
            for event in edifact.read((Path(folder) / file).read_bytes()):
                if isinstance(event, edifact.TransactionSet) and event.code == "INVOIC":
                    yield Path(file).name, event


def test_published_invoices_are_carried_but_for_what_is_listed_and_add_up() -> None:
    seen = Counter[str]()
    for file, message in published():
        map = maps.load(str(nearest("edifact", "INVOIC", message.version)[0]))
        tree, faults = parse(map.guide, message.located())
        found, meaning = map.read(tree)
        residue, wrong = EXPECTED[file]
        assert [fault.code.word for fault in rejecting([*faults, *meaning])] == wrong, file
        assert (found is None) == ("field-missing" in wrong)
        seen[file] += 1
        if found is None:
            continue
        assert unbalanced(found) == []
        assert {one.place.address for one in map.account(tree) if one.share is Share.RESIDUE} == residue, file
        assert map.read(map.write(found))[0] == found
        assert text_of(map.write(found, onto=tree)) == text_of(tree)
    assert seen == Counter(dict.fromkeys(EXPECTED, 1) | {"edifact.Issue188.edi": 2})
