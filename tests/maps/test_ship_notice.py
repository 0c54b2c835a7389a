"""The base maps of the 856: what is on its way, both ways, in every shape partners use; each line keeps its facts."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from guides.documents import damaged
from guides.documents import segments as lists
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.canonical import Moment, Quantity, ShipNotice, gs1
from gateway.errors import NotWritable, SetupError
from gateway.faults import Code, rejecting
from gateway.guides.load import nearest
from gateway.guides.place import parse
from gateway.maps import Map

from .full_856 import FULL_856
from .test_base_maps import elements, lost, published, read, segments, unbound, written
from .test_compile import agree
from .test_laws import laws


def base(version: str = "004010") -> Map:
    return maps.load(f"x12/{version}/856")


def shaped(shape: str, code: str) -> Map:
    """A partner's map that says no more than its shape, and under which code."""
    codes = {word: "~" for word in ("order pack line", "pack order line")} | {shape: f'"{code}"'}
    table = ", ".join(f"{word}: {code}" for word, code in codes.items())
    text = f"map: acme/856\nextends: x12/004010/856\nshape: {shape}\ncodes: {{shapes: {{{table}}}}}\n"
    return maps.load("acme/856", {"acme/856": text}.get)


def notice(text: str = FULL_856, of: Map | None = None) -> ShipNotice:
    found = read(of or base(), text)
    assert isinstance(found, ShipNotice)
    return found


EARLY_856 = re.sub(r"\b20(2[67]\d{4})\b", r"\1", FULL_856)


@pytest.mark.parametrize(
    ("version", "text"), [("003060", EARLY_856), ("004010", FULL_856), ("005010", FULL_856)]
)
def test_everything_in_the_document_is_carried(version: str, text: str) -> None:
    of = base(version)
    found = notice(text, of)
    assert written(of, found) == text.strip()
    assert ShipNotice.from_json(found.to_json()) == found
    tree, _ = parse(of.guide, segments(text))
    assert of.residue(tree) == []
    assert [node.elements for node in of.write(found, tree).segments()] == [
        node.elements for node in tree.segments()
    ]


def test_before_004010_dates_had_six_digits_and_charges_stood_in_ita() -> None:
    assert notice(EARLY_856, base("003060")) == notice()
    early = "BSN*00*SH-1*980312*0815\nNTE*GEN*CALL FIRST\nHL*1**S\nITA*C*AX*FREIGHT*06*77**12500******BY LAND\nCTT*1"
    of = base("003060")
    found = notice(early, of)
    assert found.created_at == Moment(date(1998, 3, 12), time(8, 15))
    assert [(one.kind, one.amount, one.text) for one in found.charges] == [
        ("charge", Decimal("125.00"), "BY LAND")
    ]
    tree, _ = parse(of.guide, segments(early))
    assert written_onto(found, tree, of) == early
    assert [place.address for place in of.residue(tree)] == ["NTE01", "NTE02"]
    assert "SAC*C**AX*FREIGHT*12500" in written(base(), found)


def test_every_field_is_bound_but_those_the_856_has_no_place_for() -> None:
    assert set(unbound(base().root)) == {
        "ShipNotice.notes",  # no N9 in an 856
        "OrderRef.line",  # of the order of all goods
        "Pack.count",  # TD1 and PO4 count packages
        "Party.role",  # where the field already says it
        *(f"Party.{name}" for name in NOT_OF_A_PARTY),
        "Transport.equipment",  # TD3
        "Transport.tracking",
        "Transport.references",
        "AllowanceCharge.taxes",
        *(f"ShippedLine.{name}" for name in NOT_OF_A_LINE),
        *(f"Line.{name}" for name in NOT_OF_INNER),
        *(f"Price.{name}" for name in NOT_OF_A_PRICE),
    }


NOT_OF_A_PARTY = ("dates", "equipment", "handling", "loads", "packing", "transport")
NOT_OF_A_LINE = (
    "amounts",
    "commodities",
    "discrepancies",
    "notes",
    "payment_terms",
    "price",
    "prices",
    "relation",  # only what is inside another line belongs to one
    "schedule",
    "substitution",
    "tax_statuses",
    "taxes",
    "text",
    "within",
)
NOT_OF_INNER = (
    "amounts",
    "charges",
    "commodities",
    "contacts",
    "dates",
    "delivery_terms",
    "description",
    "descriptions",
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
    "reference_texts",
    "references",
    "schedule",
    "ship_to",
    "substitution",
    "tax_statuses",
    "taxes",
    "text",
    "transport",
)
NOT_OF_A_PRICE = (
    "customer",
    "kind",
    "multiplier",
    "multiplier_kind",
    "per",
    "total",
    "unit",
)


def test_a_notice_reads_in_business_words() -> None:
    found = notice()
    assert (found.number, found.purpose, found.kind) == ("SH-1001", "original", "product invoice")
    assert found.created_at == Moment(date(2026, 3, 12), time(8, 15))
    assert found.shape == "order pack line"
    assert found.shipped_at == Moment(date(2026, 3, 12), time(8), "America/New_York")
    assert found.delivery_expected_at == Moment(date(2026, 3, 15))
    assert set(found.dates) == {"delivery scheduled"}
    assert found.references["bill of lading"] == ["0001234"]
    assert [load.count for load in found.loads] == [40]
    assert found.control_total == Decimal(27)
    order = found.orders[0]
    assert (order.number, order.release, order.ordered_on) == ("4500017", "3", date(2026, 3, 1))
    assert (order.change, order.contract, order.kind) == ("2", "C-77", "stand-alone")
    pallet = order.packs[0]
    assert (pallet.kind, pallet.ssccs, pallet.quantity) == ("tare", ["106141412345678908"], 2)
    carton = pallet.packs[0]
    assert (carton.kind, carton.ssccs) == ("pack", ["006141411234567890"])
    assert carton.marks == {"carrier assigned package id": ["1Z999"]}
    assert [(one.kind, one.ssccs) for one in carton.packs] == [("subpack", ["340123450000000000"])]


def test_a_line_reads_in_business_words() -> None:
    line = notice().orders[0].packs[0].packs[0].lines[0]
    assert (line.number, line.quantity, line.unit, line.status) == ("1", 12, "each", "accepted")
    assert line.ids == {"buyer catalog": "065322-117", "upc": "012345678905"}
    assert (line.lot, line.serials) == ("L-9", ["S-1", "S-2"])
    assert line.expires_at == Moment(date(2027, 1, 1))
    assert line.ordered == Quantity(value=Decimal(20), unit="each")
    assert line.shipped_to_date == 100
    assert line.order is not None
    assert (line.order.number, line.order.line) == ("4500017", "7")
    assert line.description == "SMALL WIDGET\nIN A BOX"
    assert [(one.count, one.quantity, one.references) for one in line.packed] == [
        (2, 6, {"packing list": ["P-1"]})
    ]
    assert [(one.place, one.quantity) for one in line.destinations] == [("0042", 6), ("0043", 6)]


@pytest.mark.parametrize(
    ("said", "lot"),
    [
        ("LIN**UP*012345678905*LT*L-1\nSN1**1*EA", "L-1"),
        ("LIN**UP*012345678905\nSN1**1*EA\nREF*LT*L-2", "L-2"),
    ],
)
def test_a_lot_stands_in_either_place(said: str, lot: str) -> None:
    text = f"{HEAD}\nHL*2*1*I\n{said}\nCTT*2"
    found = notice(text)
    assert found.lines[0].lot == lot
    tree, _ = parse(base().guide, segments(text))
    assert written_onto(found, tree) == text


def written_onto(document: ShipNotice, tree: Any, of: Map | None = None) -> str:
    return "\n".join("*".join(node.elements) for node in (of or base()).write(document, tree).segments())


# -- shapes

HEAD = "BSN*00*SH-1*20260312*0815\nHL*1**S"
SOPI = """
BSN*00*SH-1*20260312*0815*0001
HL*1**S
HL*2*1*O
PRF*A-1***20260301
REF*IV*I-1
HL*3*2*P
MAN*GM*00106141412345678908
HL*4*3*I
LIN*1*UP*012345678905
SN1**12*EA
HL*5*3*I
LIN*2*UP*012345678912
SN1**6*EA
HL*6*2*P
MAN*GM*00006141411234567890
HL*7*6*I
LIN*1*UP*012345678905
SN1**8*EA
HL*8*1*O
PRF*B-2
HL*9*8*P
MAN*GM*00340123450000000000
HL*10*9*I
LIN*1*UP*012345678905
SN1**2*CA
CTT*10
"""
SOTPI = """
BSN*00*SH-1*20260312*0815*0001
HL*1**S
HL*2*1*O
PRF*A-1***20260301
HL*3*2*T
MAN*GM*00340123450000000000
HL*4*3*P
MAN*GM*00106141412345678908
HL*5*4*I
LIN*1*UP*012345678905
SN1**12*EA
HL*6*3*P
MAN*GM*00006141411234567890
HL*7*6*I
LIN*2*UP*012345678912
SN1**6*EA
CTT*7
"""
STOPI = """
BSN*00*SH-1*20260312*0815*0001
HL*1**S
HL*2*1*T
MAN*GM*00340123450000000000
HL*3*2*O
PRF*A-1***20260301
HL*4*3*P
MAN*GM*00106141412345678908
HL*5*4*I
LIN*1*UP*012345678905
SN1**12*EA
HL*6*3*P
MAN*GM*00006141411234567890
HL*7*6*I
LIN*2*UP*012345678912
SN1**6*EA
CTT*7
"""
SOI = """
BSN*00*SH-1*20260312*0815*0004
HL*1**S
TD1*CTN*5
HL*2*1*O
PRF*A-1***20260301
HL*3*2*I
LIN*1*UP*012345678905
SN1**12*EA*40*20*EA
HL*4*2*I
LIN*2*UP*012345678912
SN1**6*EA
HL*5*1*O
PRF*B-2
HL*6*5*I
LIN*1*UP*012345678905
SN1**2*CA
CTT*6
"""
SPOI = """
BSN*00*SH-1*20260312*0815*0003
HL*1**S
HL*2*1*P
MAN*GM*00106141412345678908
HL*3*2*O
PRF*A-1***20260301
REF*IV*I-1
HL*4*3*I
LIN*1*UP*012345678905
SN1**12*EA
HL*5*3*I
LIN*2*UP*012345678912
SN1**6*EA
HL*6*1*P
MAN*GM*00006141411234567890
HL*7*6*O
PRF*A-1***20260301
REF*IV*I-1
HL*8*7*I
LIN*1*UP*012345678905
SN1**8*EA
HL*9*1*P
MAN*GM*00340123450000000000
HL*10*9*O
PRF*B-2
HL*11*10*I
LIN*1*UP*012345678905
SN1**2*CA
CTT*11
"""
SOIP = """
BSN*00*SH-1*20260312*0815*0002
HL*1**S
HL*2*1*O
PRF*A-1***20260301
HL*3*2*I
LIN*1*UP*012345678905
SN1**20*EA
HL*4*3*P
SN1**12*EA
MAN*GM*00106141412345678908
HL*5*3*P
SN1**8*EA
MAN*GM*00006141411234567890
CTT*5
"""
SPI = """
BSN*00*SH-1*20260312*0815*0003
HL*1**S
HL*2*1*P
MAN*GM*00106141412345678908
HL*3*2*I
LIN*1*UP*012345678905
SN1**12*EA
PRF*A-1***20260301*1
HL*4*2*I
LIN*1*UP*012345678912
SN1**6*EA
PRF*B-2****4
CTT*4
"""
SHAPES = {
    "SOPI": ("order pack line", "0001", SOPI),
    "SOTPI": ("order tare pack line", "0001", SOTPI),
    "STOPI": ("tare order pack line", "0001", STOPI),
    "SOI": ("order line", "0004", SOI),
    "SPOI": ("pack order line", "0003", SPOI),
    "SOIP": ("order line pack", "0002", SOIP),
    "SPI": ("pack line", "0003", SPI),
}


@pytest.mark.parametrize(("shape", "code", "text"), SHAPES.values(), ids=SHAPES)
def test_a_shape_both_ways(shape: str, code: str, text: str) -> None:
    of = shaped(shape, code)
    found = notice(text, of)
    assert found.shape == shape
    assert found.arranged(shape) == found
    assert written(of, found) == text.strip()
    tree, _ = parse(of.guide, segments(text))
    assert written_onto(found, tree, of) == text.strip()


@pytest.mark.parametrize(("shape", "code", "_"), SHAPES.values(), ids=SHAPES)
def test_the_laws_hold_in_every_shape(shape: str, code: str, _: str) -> None:
    assert [laws(shaped(shape, code), Random(seed)) for seed in range(2)] == [None, None]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from(["004010", "005010"]))
def test_on_damaged_notices_the_fast_reader_says_what_the_exact_one_says(seed: int, version: str) -> None:
    chance = Random(seed)
    text = chance.choice([FULL_856, *(text for _, _, text in SHAPES.values())])
    agree(base(version), damaged(lists(text), chance, chance.randrange(3)))


@pytest.mark.parametrize(("shape", "code", "text"), SHAPES.values(), ids=SHAPES)
def test_the_base_map_reads_any_shape_and_writes_it_as_it_came(shape: str, code: str, text: str) -> None:
    tree, faults = parse(base().guide, segments(text))
    assert faults == []
    found = notice(text)
    assert base().residue(tree) == []
    assert written(base(), found) == text.strip()
    assert written_onto(found, tree) == text.strip()


@pytest.mark.parametrize(
    ("before", "after"),
    [("SOPI", "SPOI"), ("SPOI", "SOPI"), ("SOTPI", "STOPI"), ("STOPI", "SOTPI")],
)
def test_one_shape_is_sent_on_as_another(before: str, after: str) -> None:
    found = notice(SHAPES[before][2])
    shape, code, text = SHAPES[after]
    assert written(shaped(shape, code), found) == text.strip()


def test_packs_of_a_line_become_packs_with_a_line_each() -> None:
    lines = written(shaped("order pack line", "0001"), notice(SOIP)).splitlines()
    assert [line for line in lines if line.startswith(("HL", "SN1", "MAN"))] == [
        "HL*1**S",
        "HL*2*1*O",
        "HL*3*2*P",
        "SN1**12*EA",
        "MAN*GM*00106141412345678908",
        "HL*4*3*I",
        "SN1**12*EA",
        "HL*5*2*P",
        "SN1**8*EA",
        "MAN*GM*00006141411234567890",
        "HL*6*5*I",
        "SN1**8*EA",
    ]


MARKED = """\
BSN*00*SH-9*20260301*1200*0001
HL*1**S
HL*2*1*O
PRF*4500017
HL*3*2*P
MAN*GM*00106141412345678908**CP*1Z4498810300012345
HL*4*3*I
LIN*1*UP*012345678905
SN1**12*EA
CTT*4
"""


def test_a_carriers_number_beside_an_sscc_is_read_and_stays_where_it_was() -> None:
    found = notice(MARKED)
    (pack,) = found.orders[0].packs
    assert pack.ssccs == ["106141412345678908"]
    assert pack.marks == {"carrier assigned package id": ["1Z4498810300012345"]}
    tree, _ = parse(base().guide, segments(MARKED))
    assert written_onto(found, tree) == MARKED.strip()
    fresh = written(base(), found).splitlines()
    assert {line for line in fresh if line.startswith("MAN")} == {
        "MAN*GM*00106141412345678908",
        "MAN*CP*1Z4498810300012345",
    }


def test_what_a_shape_has_no_place_for_is_refused_by_its_field() -> None:
    with pytest.raises(NotWritable) as refused:
        shaped("order line", "0004").write(notice(SOPI))
    assert {fault.code for fault in refused.value.faults} == {Code.NOT_CARRIED}
    assert [fault.place.field for fault in refused.value.faults][:2] == [
        "orders[0].packs[0].kind",
        "orders[0].packs[0].ssccs",
    ]


def test_a_partner_without_a_structure_code() -> None:
    text = "map: acme/856\nextends: x12/004010/856\nshape: pack line\nfields: {shape: ~}\n"
    of = maps.load("acme/856", {"acme/856": text}.get)
    lines = written(of, notice(SPI)).splitlines()
    assert lines[0] == "BSN*00*SH-1*20260312*0815"
    assert lines[1:] == SPI.strip().splitlines()[1:]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("shape: pack line\n", "pack line has no code that BSN05 could say"),
        ("shape: pack carton\n", "there are order, tare, pack, line"),
    ],
)
def test_a_shape_that_cannot_be_said_is_told_when_the_map_is_loaded(said: str, what: str) -> None:
    with pytest.raises(SetupError, match=what):
        maps.load("acme/856", {"acme/856": f"map: acme/856\nextends: x12/004010/856\n{said}"}.get)


# -- SSCCs


@pytest.mark.parametrize("qualifier", ["GM", "AA"])
@pytest.mark.parametrize("digits", ["106141412345678908", "00106141412345678908"])
def test_an_sscc_is_its_18_digits_and_stays_as_it_was_sent(qualifier: str, digits: str) -> None:
    text = f"{HEAD}\nHL*2*1*P\nMAN*{qualifier}*{digits}\nCTT*2"
    found = notice(text)
    assert found.packs[0].ssccs == ["106141412345678908"]
    tree, _ = parse(base().guide, segments(text))
    assert written_onto(found, tree) == text
    assert "MAN*GM*00106141412345678908" in written(base(), found)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("00106141412345678907", "its check digit would be 8"),
        ("10614141234567890", "18 digits"),
        ("CARTON 7", "18 digits"),
    ],
)
def test_what_is_no_sscc_is_noted_with_its_place_and_not_written(digits: str, expected: str) -> None:
    text = f"{HEAD}\nHL*2*1*P\nMAN*GM*{digits}\nCTT*2"
    of = base()
    tree, faults = parse(of.guide, segments(text))
    found, notes = of.read(tree)
    assert rejecting([*faults, *notes]) == []
    assert [(note.code, note.place.address, note.came) for note in notes] == [
        (Code.CHECK_DIGIT, "MAN02", digits)
    ]
    assert expected in str(notes[0].expected)
    assert written_onto(found, tree) == text
    with pytest.raises(NotWritable, match=expected) as refused:
        of.write(found)
    (fault,) = refused.value.faults
    assert (fault.place.field, fault.place.address) == ("packs[0].ssccs[0]", "MAN02")
    assert fault.hint == "compare it with the label; no digit is put in its place"


# -- documents others published

NOT_FRESH = {"856.Crossdock.OK.edi": "its SSCCs have wrong check digits"}
RESIDUE = {
    "856.edi": None,  # its repetition separator stands in numbers: its guide rejects it
    "SH856__fail__2.edi": None,  # two segments end in ~ and swallow the next
    "856.Crossdock.OK.edi": {},
    "asn856.txt": {"SN101": "2"},  # the lines' numbers, which LIN01 says
}
"""What fresh writing does not bring back, by file; None where the document is rejected."""


def relabelled(found: ShipNotice) -> ShipNotice:
    """With SSCCs whose check digits are right."""
    text = re.sub(
        r'(?<="ssccs":\[")\d{18}', lambda one: one[0][:-1] + gs1.check_digit(one[0][:-1]), found.to_json()
    )
    return ShipNotice.from_json(text)


def test_published_notices_are_carried() -> None:
    seen = 0
    for path, document in published("X12 856"):
        name, _ = nearest("x12", "856", document.version)
        of = maps.load(str(name))
        tree, faults = parse(of.guide, document.located())
        found, meaning = of.read(tree)
        assert bool(rejecting([*faults, *meaning])) == (RESIDUE[path.name] is None), path
        if RESIDUE[path.name] is None:
            continue
        same = [node.elements for node in of.write(found, tree).segments()]
        assert same == [node.elements for node in tree.segments()]
        if path.name in NOT_FRESH:
            with pytest.raises(NotWritable, match="check digit would be"):
                of.write(found)
            found = relabelled(found)
            tree = of.write(found, tree)
        fresh = of.write(found)
        assert of.read(fresh)[0] == found
        assert lost(elements(tree), elements(fresh)) == RESIDUE[path.name], path
        seen += 1
    assert seen == 2
