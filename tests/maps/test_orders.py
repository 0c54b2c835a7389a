"""The base maps of ORDERS, ORDRSP and ORDCHG carry what buyers and sellers send: all of it read, and written fresh."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gateway import library, maps
from gateway.canonical import OrderAcknowledgment, OrderChange, PurchaseOrder
from gateway.faults import rejecting
from gateway.formats import edifact
from gateway.guides.load import nearest
from gateway.guides.place import parse
from gateway.maps.account import Share
from gateway.maps.compile import compiled

from .messages import read, segments, text_of, tree_of

FULL_ORDERS = """
BGM+220+4500017+9+AP
DTM+137:20260301:102
DTM+2:202603200800:203
DTM+37:20260310:102
DTM+38:20260315:102
DTM+61:20260331:102
DTM+63:20260322:102
IMD+F++:::SPRING RANGE
FTX+DEL+++CALL BEFORE DELIVERY:DOCK 7 ONLY
FTX+AAI++4+NO SUBSTITUTES
RFF+RE:3
RFF+CT:C-77
RFF+PD:P-1
RFF+PD:P-2
NAD+BY+4099999000008::9++EINKAUF GMBH:FILIALE 4+RETAIL STR. 1:HOF 2+HAMBURG+HH+20095+DE
LOC+7+DOCK7
RFF+VA:DE123456789
CTA+OC+:UTE FREI
COM+040123456:TE
COM+UTE@EINKAUF.EXAMPLE:EM
COM+040123457:FX
NAD+SU+4012345000009::9++RHEINLAND WERKE
NAD+DP+55::92
NAD+IV+4099999000015::9
NAD+SF+77::91
NAD+FW+++SPEDITION NORD
TAX+7+VAT++1165+:::19+S
MOA+124:221.35
CUX+2:EUR:9
PAT+1
DTM+13:20260430:102
PCD+12:2
TDT+20+TRACK-1+30++ABCD::182:ROAD CARRIER
TOD+6+PP+CIF:::INSURED
LOC+1+:::BREMEN
PAC+40++PX:::PALLETS
EQD+CN+CONT1234567
ALC+C++2++FC:::FREIGHT
MOA+8:75
TAX+7+VAT+++:::19
ALC+A
PCD+3:2.5
LIN+1++4012345000016:EN
PIA+1+A100:IN+V-5:SA
IMD+F++:::BLUE MUG:WITH HANDLE
IMD+C+35+CU::9:BLUE
MEA+PD+WT+KGM:0.35
QTY+21:40:PCE
QTY+59:4
DTM+69:20260321:102
MOA+203:500
FTX+PKG+++HANDLE WITH CARE
PRI+AAA:12.5:CT::1:PCE
PRI+AAB:14
RFF+LI:10
PAC+10++CT
LOC+7+0001::9
QTY+11:20:PCE
LOC+7+0002::9
QTY+11:20:PCE
TAX+7+VAT+++:::19+S
NAD+UC+88::92
ALC+A++++DI
PCD+3:3
TDT+20++30
TOD+6+PP
LIN+2++4012345000023:EN
QTY+21:10
UNS+S
MOA+86:1165
MOA+79:1090
CNT+2:2
CNT+1:50
CNT+7:14.5:KGM
CNT+15:0.2:MTQ
"""

FULL_ORDRSP = """
BGM+231+R-1+4
DTM+137:20260302:102
DTM+69:20260321:102
DTM+79:20260318:102
RFF+ON:4500017
DTM+171:20260301:102
RFF+VN:S-77
NAD+BY+4099999000008::9
NAD+SU+4012345000009::9
CUX+2:EUR:9
LIN+1+6+4012345000016:EN
QTY+21:40:PCE
QTY+113:30:PCE
QTY+83:10:PCE
PRI+AAA:12.5
LIN+2+7+4012345000023:EN
QTY+21:10
LIN+3+5+V-5:SA
QTY+21:1
UNS+S
CNT+2:3
"""

FULL_ORDCHG = """
BGM+230+CHG-1+4
DTM+137:20260303:102
DTM+2:20260325:102
RFF+ON:4500017
NAD+BY+4099999000008::9
LIN+1+3+4012345000016:EN
QTY+21:50:PCE
LIN+2+2
LIN+4+1+4012345000030:EN
QTY+21:5:PCE
UNS+S
CNT+2:3
"""


MESSAGES = [("ORDERS", FULL_ORDERS), ("ORDRSP", FULL_ORDRSP), ("ORDCHG", FULL_ORDCHG)]


@pytest.mark.parametrize("directory", ["D96A", "D01B"])
@pytest.mark.parametrize(("message", "text"), MESSAGES)
def test_everything_in_the_message_is_carried(directory: str, message: str, text: str) -> None:
    map = maps.load(f"edifact/{directory}/{message}")
    found = read(map, text)
    assert Counter(text_of(map.write(found)).split("\n")) == Counter(text.strip().split("\n"))
    assert map.read(map.write(found)) == (found, [])
    assert text_of(map.write(found, onto=tree_of(map, text))) == text.strip()
    assert type(found).from_json(found.to_json()) == found
    assert compiled(map)(segments(text)) == found
    residue = [one for one in map.account(tree_of(map, text)) if one.share is Share.RESIDUE]
    assert residue == []


def test_an_order_reads_in_business_words() -> None:
    order = read(maps.load("edifact/D96A/ORDERS"), FULL_ORDERS)
    assert isinstance(order, PurchaseOrder)
    assert (order.number, order.kind, order.purpose, order.release) == (
        "4500017",
        "stand-alone",
        "original",
        "3",
    )
    assert order.ordered_on == date(2026, 3, 1)
    assert order.ship_to is not None
    assert order.ship_to.id is not None
    assert (order.ship_to.id.kind, order.ship_to.id.value) == ("buyer", "55")
    assert [party.role for party in order.other_parties] == ["forwarder"]
    assert [note.lines for note in order.notes] == [
        ["CALL BEFORE DELIVERY", "DOCK 7 ONLY"],
        ["NO SUBSTITUTES"],
    ]
    line = order.lines[0]
    assert (line.quantity, line.unit) == (Decimal(40), "piece")
    assert line.ids == {"ean": "4012345000016", "buyer item": "A100", "vendor": "V-5"}
    assert line.description == "BLUE MUG\nWITH HANDLE"
    assert [place.place for place in line.destinations] == ["0001", "0002"]


def test_an_answer_says_what_comes_of_each_line() -> None:
    answer = read(maps.load("edifact/D96A/ORDRSP"), FULL_ORDRSP)
    assert isinstance(answer, OrderAcknowledgment)
    assert (answer.order.number, answer.order.ordered_on, answer.verdict) == (
        "4500017",
        date(2026, 3, 1),
        "detail and change",
    )
    assert [line.action for line in answer.lines] == ["accepted and changed", "rejected", "accepted"]
    said = [(one.action, one.quantity) for one in answer.lines[0].responses]
    assert said == [("accepted", Decimal(30)), ("backordered", Decimal(10))]


def test_a_change_says_what_becomes_of_each_line() -> None:
    change = read(maps.load("edifact/D96A/ORDCHG"), FULL_ORDCHG)
    assert isinstance(change, OrderChange)
    assert (change.order.number, change.number, change.purpose) == ("4500017", "CHG-1", "change")
    assert [line.action for line in change.lines] == ["changed", "deleted", "added"]


def test_numbers_have_the_decimal_mark_of_the_interchange_and_texts_do_not() -> None:
    order = read(maps.load("edifact/D96A/ORDERS"), FULL_ORDERS.replace("BLUE MUG", "MUG NO. 5"))
    signs = edifact.Delimiters(decimal=",")
    data = library.render([order], "edifact/D96A/ORDERS", delimiters=signs, newline=True)
    assert b"UNA:+,? '" in data
    assert b"PRI+AAA:12,5:CT::1:PCE'" in data
    assert b"MUG NO. 5" in data
    assert [one.object for one in library.translate(data)] == [order]


def test_a_number_that_is_a_name_is_the_same_with_either_mark() -> None:
    map = maps.load("edifact/D96A/ORDERS")
    text = FULL_ORDERS.replace("LIN+1++", "LIN+1,5++")
    order, faults = map.read(tree_of(map, text))
    assert (order.lines[0].number, faults) == ("1.5", [])
    assert compiled(map)(segments(text)) == order
    assert text_of(map.write(order, onto=tree_of(map, text))) == text.strip()
    signs = edifact.Delimiters(decimal=",")
    written = library.render([order], map, delimiters=signs)
    assert [one.object for one in library.translate(written)] == [order]


# -- documents others published

COMS = {"COM01-01", "COM01-02"}
"""Repetitions behind the first: a contact has one way of each kind."""
EXPECTED: dict[str, tuple[set[str], str]] = {
    "order.edi": ({"BGM01-03"}, ""),
    "order2.edi": (set(), ""),
    "wikipedia_de.edi": (set(), ""),
    "ORDERS_D.03B_Interchange.txt": ({*COMS, "LIN02", "FTX02"}, ""),
    # 37 times the same DTM, two more than there may be
    "BAD_ORDERS_D.03B_Interchange.txt": (
        {*COMS, "LIN02", "FTX02", "DTM01-01", "DTM01-02", "DTM01-03"},
        "the segment occurs too often",
    ),
    # German meter readings: a location longer than the directory's, DTM behind IMD, and what no order knows
    "edifact.ORDRSP.edi": ({"AJT01", "QTY01-01", "QTY01-02", "QTY01-03"}, "the segment is not in its place"),
}
"""By file: what no binding touches, and the first fault of its guide."""


def published(kind: str) -> Iterator[tuple[str, edifact.TransactionSet]]:
    folder = os.environ.get("GATEWAY_SAMPLES")
    if not folder:
        pytest.skip("GATEWAY_SAMPLES names no folder of sample documents")
    for line in (Path(folder) / "INDEX.tsv").read_text("utf-8").splitlines()[1:]:
        file, said = line.split("\t")[:2]
        if said.startswith(f"EDIFACT {kind}"):
            for event in edifact.read((Path(folder) / file).read_bytes()):
                if isinstance(event, edifact.TransactionSet) and event.code == kind:
                    yield Path(file).name.rpartition("__")[2], event


@pytest.mark.parametrize("kind", ["ORDERS", "ORDRSP"])
def test_published_orders_are_carried_but_for_what_is_listed(kind: str) -> None:
    seen = set()
    for file, message in published(kind):
        map = maps.load(str(nearest("edifact", kind, message.version)[0]))
        tree, faults = parse(map.guide, message.located())
        found, meaning = map.read(tree)
        residue, fault = EXPECTED[file]
        assert rejecting(meaning) == []
        assert {str(one.place.address) for one in map.account(tree) if one.share is Share.RESIDUE} == residue
        assert fault in next((str(one) for one in rejecting(faults)), "")
        assert bool(fault) == bool(rejecting(faults))
        if not fault:
            assert map.read(map.write(found))[0] == found
        assert text_of(map.write(found, onto=tree)) == text_of(tree)
        seen.add(file)
    assert seen == {file for file in EXPECTED if ("ORDRSP" in file) == (kind == "ORDRSP")}
