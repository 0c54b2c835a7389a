"""The base map of the 810 carries what suppliers send: everything in these documents is read, and written fresh."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from guides.documents import damaged
from guides.documents import segments as lists
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.canonical import Invoice, Moment
from gateway.canonical.parts import Destination
from gateway.canonical.totals import unbalanced
from gateway.errors import NotWritable
from gateway.faults import Code, rejecting
from gateway.formats import x12
from gateway.guides.place import parse
from gateway.maps.compile import compiled

from .invoices import FULL, PLAIN, invoice
from .test_base_maps import NO_WORD, blocks, coded, elements, read, segments, unbound, written
from .test_compile import agree

FIFTH = FULL.replace("N4*DALLAS*TX*75201*US*SN*0042", "N4*LONDON**EC1*GB*SN*0042*LND")


@pytest.mark.parametrize(
    ("version", "text"),
    [("004010", FULL), ("004010", PLAIN), ("005010", FULL), ("005010", FIFTH)],
)
def test_everything_in_the_document_is_carried(version: str, text: str) -> None:
    of = maps.load(f"x12/{version}/810")
    found = read(of, text)
    assert written(of, found) == text.strip()
    assert Invoice.from_json(found.to_json()) == found


@pytest.mark.parametrize("version", ["004010", "005010"])
def test_the_fast_reader_takes_invoices(version: str) -> None:
    of = maps.load(f"x12/{version}/810")
    for text in (
        PLAIN,
        FULL.replace("*0800*07", "*0800"),
    ):  # 07 is on no list, and what is said is the exact one's
        lines = [line.split("*") for line in text.strip().splitlines()]
        assert compiled(of)(lines) == read(of, text)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from(["004010", "005010"]), st.sampled_from([PLAIN, FULL]))
def test_on_damaged_invoices_the_fast_reader_says_what_the_exact_one_says(
    seed: int, version: str, text: str
) -> None:
    random = Random(seed)
    agree(maps.load(f"x12/{version}/810"), damaged(lists(text), random, random.randrange(3)))


def test_every_field_of_the_invoice_is_bound_but_those_the_810_has_no_place_for() -> None:
    assert set(unbound(maps.load("x12/004010/810").root)) == {
        "Invoice.created_at",  # GS04 and GS05 say it, for the whole group
        *(f"Invoice.{name}" for name in NOT_OF_AN_INVOICE),
        "InvoicedLine.within",  # only what is inside another line belongs to one
        "InvoicedLine.relation",
        *(f"InvoicedLine.{name}" for name in NOT_OF_A_LINE),
        *(f"Line.{name}" for name in NOT_OF_AN_INNER_LINE),
        "OrderRef.change",  # BIG06, of the invoice's own order
        "OrderRef.line",
        "OrderRef.ordered_on",
        "Party.role",  # where the field already says it
        *(f"Party.{name}" for name in ("dates", "delivery_terms", "transport", *LOADS, "packing")),
        *(f"Price.{name}" for name in NOT_OF_A_LINES_PRICE),
        "AllowanceCharge.currency",  # that of the document
        "Tax.currency",
        "AllowanceCharge.taxes",  # no TXI at the SAC of a sub-line
        "Amount.currency",
        "Amount.dates",
        "Amount.references",
        "Note.dates",
        *(f"Transport.{name}" for name in ("location", "sequence", "transit_time", "transit_unit")),
    }


LOADS = ("loads", "equipment", "handling")
NOT_OF_AN_INVOICE = (*LOADS, "marks", "prices", "requirements", "restrictions", "tax_statuses")
NOT_OF_A_LINE = (
    "commodities",
    "delivery_terms",
    "handling",
    "loads",
    "marks",
    "notes",
    "schedule",
    "substitution",
    "tax_statuses",
    "text",
)
NOT_OF_AN_INNER_LINE = (
    "amounts",
    "contacts",
    "delivery_terms",
    "destinations",
    "handling",
    "inner",
    "loads",
    "marks",
    "measures",
    "notes",
    "other_parties",
    "packaging",
    "packing",
    "payment_terms",
    "prices",
    "schedule",
    "ship_to",
    "substitution",
    "tax_statuses",
    "text",
    "transport",
)
NOT_OF_A_LINES_PRICE = ("customer", "kind", "multiplier", "multiplier_kind", "per", "total", "unit")


def test_an_invoice_reads_in_business_words() -> None:
    found = invoice(FULL)
    assert (found.number, found.issued_on, found.kind) == ("INV-7001", date(2026, 4, 1), "product invoice")
    assert found.order is not None
    assert (found.order.number, found.order.ordered_on, found.order.release, found.order.change) == (
        "4500017",
        date(2026, 3, 1),
        "3",
        "2",
    )
    assert (found.total, found.discountable, found.discounted_total, found.discount) == (
        Decimal("1876.40"),
        Decimal(1800),
        Decimal("1838.87"),
        Decimal("37.53"),
    )
    assert (found.delivery_note, found.consolidated, found.currency) == ("PS-9", "C-55", "USD")
    assert found.supplier is not None
    assert found.supplier.name == "NORTHWIND"
    assert [party.role for party in found.other_parties] == ["remit to", "receives remittance"]
    assert [(one.kind, one.service, one.amount) for one in found.charges] == [
        ("charge", "freight", Decimal(75)),
        ("allowance", "discount", Decimal(30)),
    ]
    assert [tax.amount for tax in found.charges[0].taxes] == [Decimal("5.63")]
    assert [(tax.kind, tax.amount, tax.rate) for tax in found.taxes] == [
        ("state sales tax", Decimal(120), Decimal("7.5")),
        ("local sales", Decimal(30), None),
    ]
    (carried,) = found.transport
    assert carried.carrier is not None
    assert (carried.mode, carried.carrier.kind, carried.carrier.value) == ("motor", "scac", "RDWY")
    assert carried.references == {"bill of lading": "PRO-1"}
    assert [one.quantity for one in found.shipped] == [40, 2]
    assert [(one.kind, one.text) for one in found.remarks] == [
        ("general", "THANK YOU"),
        (None, "PAY PROMPTLY"),
    ]


def test_an_invoiced_line_reads_in_business_words() -> None:
    line = invoice(FULL).lines[0]
    assert line.order is not None
    assert (line.order.number, line.order.line, line.order.release) == ("4500018", "10", "4")
    assert line.ids == {"buyer catalog": "065322-117", "upc": "012345678905"}
    assert line.price is not None
    assert (line.quantity, line.unit, line.price.amount) == (120, "each", Decimal("9.25"))
    assert [(one.kind, one.value, one.unit) for one in line.quantities] == [
        ("original", 125, "each"),
        ("shipped", 120, None),
    ]
    assert [(one.quantity, one.status, one.difference) for one in line.shipments] == [(120, "partial", 5)]
    assert [(one.kind, one.amount) for one in line.amounts] == [("line total", Decimal(1110))]
    assert [leg.tracking for leg in line.transport] == ["1Z999", None]
    assert line.dates == {"shipped": Moment(date(2026, 3, 30))}
    assert [(one.relation, one.quantity) for one in line.inner] == [("included", 2)]


@pytest.mark.parametrize("segment", ["N1*SU*NORTHWIND", "N1*VN*NORTHWIND", "N1*SE*NORTHWIND"])
def test_who_sells(segment: str) -> None:
    found = invoice(PLAIN.replace("N1*ST*STORE 42*92*0042", segment))
    assert found.supplier is not None
    assert found.supplier.name == "NORTHWIND"


@pytest.mark.parametrize("text", [FULL, PLAIN])
def test_these_invoices_add_up(text: str) -> None:
    assert unbalanced(invoice(text)) == []


def test_the_order_of_a_line_stands_in_either_place() -> None:
    text = PLAIN.replace("IT1*2*1*CA*100", "IT1*2*1*CA*100\nREF*PO*4500018")
    (_, line) = invoice(text).lines
    assert line.order is not None
    assert line.order.number == "4500018"


def test_a_wrong_count_of_lines_is_a_note() -> None:
    of = maps.load("x12/004010/810")
    found, faults = of.read(parse(of.guide, segments(PLAIN.replace("CTT*2", "CTT*3")))[0])
    assert found is not None
    assert [(fault.code, fault.is_note, fault.came) for fault in faults] == [(Code.COMPUTED, True, "3")]


def test_a_code_without_a_word_is_carried_as_it_came() -> None:
    text = PLAIN.replace("BIG*20260401*INV-1*20260301*4500017", "BIG*20260401*INV-1*****Q9")
    text = text.replace("SAC*C*D240", "SAC*C*D999").replace("*CA*100", "*Q7*100")
    found = invoice(text)
    assert (found.kind, found.charges[0].service, found.lines[1].unit) == ("x12:Q9", "x12:D999", "x12:Q7")
    assert written(maps.load("x12/004010/810"), found) == text.strip()


def test_a_partners_closed_list_rejects() -> None:
    partners = (
        'map: p/810\nextends: x12/004010/810\nguide: {SAC02: {codes: [D240]}, IT1: {require: ["IT1[UP]"]}}\n'
    )
    of = maps.load("p/810", {"p/810": partners}.get)
    assert rejecting(parse(of.guide, segments(PLAIN.replace("CA*100", "CA*100**UP*1")))[1]) == []
    _, faults = parse(of.guide, segments(PLAIN.replace("D240", "C310")))
    assert sorted(fault.code.word for fault in rejecting(faults)) == ["code-not-allowed", "element-missing"]


def test_what_the_810_has_no_place_for_is_refused_by_name() -> None:
    found = invoice(PLAIN)
    with pytest.raises(NotWritable, match="restrictions"):
        maps.load("x12/004010/810").write(found.model_copy(update={"restrictions": {"shipping": "NONE"}}))


def test_what_a_segment_lacks_in_which_nothing_is_read_is_told_with_the_line_it_stands_in() -> None:
    found = invoice(PLAIN)
    lines = [found.lines[0], found.lines[1].model_copy(update={"destinations": [Destination(kind="buyer")]})]
    with pytest.raises(NotWritable) as refused:
        maps.load("x12/004010/810").write(found.model_copy(update={"lines": lines}))
    assert {fault.place.field for fault in refused.value.faults} == {
        "lines[1].destinations.unit",
        "lines[1].destinations.place",
        "lines[1].destinations.quantity",
    }


def test_every_code_the_guide_names_has_a_word_and_every_code_with_a_word_is_on_the_list() -> None:
    of = maps.load("x12/004010/810")
    ways = {"EA", "EM", "FX", "TE"}  # a contact's ways, which are fields
    for element, table in coded(of.root):
        if element.codes:
            wordless = {code for code in element.codes if not table.knows(code)}
            assert wordless <= NO_WORD.get(element.id, set()) | (ways if element.id == "365" else set())
            assert {code for code in table.words if code not in element.codes} == set()
    assert sum(1 for _ in blocks(of.root)) > 20


# -- documents others published


def published() -> Iterator[tuple[Path, x12.TransactionSet]]:
    folder = os.environ.get("GATEWAY_SAMPLES")
    if not folder:
        pytest.skip("GATEWAY_SAMPLES names no folder of sample documents")
    for line in (Path(folder) / "INDEX.tsv").read_text("utf-8").splitlines()[1:]:
        file, kind = line.split("\t")[:2]
        if re.match(r"X12 810\b", kind):
            for event in x12.read((Path(folder) / file).read_bytes()):
                if isinstance(event, x12.TransactionSet) and event.code == "810":
                    yield Path(folder) / file, event


LEFT = {
    "x12.810a.edi": {
        ("DTM04", "PD"),  # written as the hours it is from UTC
        ("PID09", "EN"),  # in which language a text is, is not kept
        ("SAC16", "EN"),
    },
    "4010_810_freight.txt": {
        ("AMT03", "D"),  # whether it is owed or due is not kept
        ("FA101", "ZZ"),  # accounts of the payer's
        ("FA201", "84"),
        ("FA201", "ZZ"),
        ("FA202", "1395.5"),
        ("FA202", "45000-98Z890-2012-81-12345-21620-5580889"),
        ("QTY03", "ZZ\x1f\x1f1"),  # a multiplier of its unit
    },
}
"""What fresh writing does not bring back, by file."""

WRONG = [
    ("4010_810_freight.txt", "0001"),  # one line of several is left in it
    ("invoice810_po850_dual.edi", "000000002"),  # the total of the set before it
    ("simple810.edi", "000000002"),
]
"""Those that do not add up, with their control numbers."""

RESPELLED = re.compile(r"CUR01|N101|IT1\d\d")
"""The same currency, the same seller, the same pairs, elsewhere or under another code."""


def test_published_invoices_are_carried_but_for_what_is_listed() -> None:
    of = maps.load("x12/004010/810")
    seen, wrong = 0, []
    for path, document in published():
        tree, faults = parse(of.guide, document.located())
        assert rejecting(faults) == []
        found, faults = of.read(tree)
        assert rejecting(faults) == []
        fresh = of.write(found)
        assert of.read(fresh)[0] == found
        if unbalanced(found):
            wrong.append((path.name, document.control))
        gone = {one for one in elements(tree) - elements(fresh) if not RESPELLED.fullmatch(one[0])}
        assert gone == LEFT.get(path.name, set()), path.name
        seen += 1
    assert seen == 7
    assert wrong == WRONG
