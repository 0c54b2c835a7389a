"""The base maps of RECADV and INVRPT carry what is received and what is in stock: all of it read, and written fresh."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from guides.documents import damaged
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.canonical import InventoryReport, ReceivingAdvice
from gateway.errors import NotWritable
from gateway.faults import rejecting
from gateway.formats.segment import Segment
from gateway.guides.load import nearest
from gateway.guides.place import parse
from gateway.maps import Map
from gateway.maps.account import Share
from gateway.maps.compile import compiled

from .despatches import FULL, HABITS, HEAD
from .messages import read, segments, text_of, tree_of
from .test_compile import agree
from .test_laws import held
from .test_orders import published

RECADV = """
BGM+632+WE-5512+9
DTM+137:20260304:102
DTM+50:202603031115:203
DTM+35:20260303:102
RFF+ON:4500017
DTM+171:20260220:102
RFF+AAK:DES-88441
RFF+DQ:LS-88441
RFF+BM:B-1
NAD+BY+4099999000008::9++EINKAUF GMBH
NAD+SU+4012345000009::9++RHEINLAND WERKE
NAD+DP+4099999000022::9
RFF+VA:DE123456789
CTA+SD+:UTE FREI
COM+0221123456:TE
NAD+FW+++SPEDITION NORD
TOD+6+PP+CIF
LOC+1+:::BREMEN
TDT+20+TRACK-1+30++ABCD::182:ROAD CARRIER
EQD+CN+CONT1234567
CPS+1
PAC+2++201
CPS+2+1+3
PAC+1++201
QVR+-1:48+AF
PCI+33E
GIN+BJ+340123450000000017
LIN+1++4012345000016:EN
PIA+1+L-7731:NB+A100:IN
IMD+F++:::BLUE MUG
QTY+48:24:PCE
QTY+194:22:PCE
QTY+12:25:PCE
QTY+195:2:PCE
QVR+-1:48+AF+BA
DTM+36:20271231:102
DTM+361:20271130:102
GIN+BN+S-1+S-2
RFF+ON:4500018:10
DTM+171:20260221:102
RFF+DQ:LS-88442
RFF+VN:S-77
CPS+3+1+1
PAC+1++CT
LIN+2++4012345000023:EN
QTY+48:6:PCE
CNT+2:2
"""

INVRPT = """
BGM+35+STOCK-31+9
DTM+137:20260301:102
DTM+366:202602282359:203
DTM+90:20260201:102
RFF+AUF:C-1
NAD+BY+4099999000008::9
NAD+SU+4012345000009::9
NAD+WH+77::91++LAGER NORD
CTA+WH+:UTE FREI
COM+0221123456:TE
NAD+OE+88::92
CUX+2:EUR:9
LIN+1++4012345000016:EN
PIA+1+L-7731:NB+A100:IN
IMD+F++:::BLUE MUG
MEA+PD+AAB+KGM:0.35
LOC+18+77
DTM+36:20271231:102
RFF+VN:S-77
QTY+145:120:PCE
INV++1
LOC+18+A-1
DTM+194:20260210:102
QTY+145:8:PCE
INV++2
GIN+BX+L-1+L-2
QTY+156:40:PCE
INV+1++2
RFF+DQ:LS-88441
LIN+2++4012345000023:EN
QTY+145:0:PCE
"""
EVERY = [
    (directory, message, text)
    for directory in ("D96A", "D01B")
    for message, text in (("RECADV", RECADV), ("INVRPT", INVRPT))
]


def of_directory(directory: str, text: str) -> str:
    """D.01B puts the movement before its quantity, and demands one; a receiving advice has notes and a line parties."""
    if directory == "D96A":
        return text
    if "BGM+632" in text:
        more = text.replace("RFF+ON:4500017", "CUX+2:EUR:9\nFTX+DEL+++ONE PALLET WET\nRFF+ON:4500017")
        line = "PRI+AAA:12.5\nFTX+AAI+++COUNTED TWICE\nNAD+UC+88::92"
        return more.replace("GIN+BN", f"{line}\nGIN+BN")
    lines = text.strip().split("\n")
    quantities = [at for at, line in enumerate(lines) if line.startswith("QTY")]
    for at in quantities:
        if at + 1 < len(lines) and lines[at + 1].startswith("INV"):
            lines[at : at + 2] = [lines[at + 1], lines[at]]
        else:
            lines[at] = f"INV\n{lines[at]}"
    return "\n".join(lines)


@pytest.mark.parametrize(("directory", "message", "text"), EVERY)
def test_everything_in_the_message_is_carried(directory: str, message: str, text: str) -> None:
    map, text = maps.load(f"edifact/{directory}/{message}"), of_directory(directory, text)
    found = read(map, text)
    assert Counter(text_of(map.write(found)).split("\n")) == Counter(text.strip().split("\n"))
    assert map.read(map.write(found)) == (found, [])
    assert text_of(map.write(found, onto=tree_of(map, text))) == text.strip()
    assert type(found).from_json(found.to_json()) == found
    assert compiled(map)(segments(text)) == found
    assert residue(map, text) == []


def residue(map: Map, text: str) -> list[str]:
    return [str(one.place.address) for one in map.account(tree_of(map, text)) if one.share is Share.RESIDUE]


def test_what_was_received_reads_in_business_words() -> None:
    advice = read(maps.load("edifact/D96A/RECADV"), RECADV)
    assert isinstance(advice, ReceivingAdvice)
    assert advice.order is not None
    assert (advice.number, advice.ship_notice, advice.order.number) == ("WE-5512", "DES-88441", "4500017")
    assert (str(advice.received_at), advice.delivery_note) == ("2026-03-03T11:15", "LS-88441")
    pallet, carton = advice.packs
    assert (pallet.kind, pallet.ssccs, len(carton.lines)) == ("tare", ["340123450000000017"], 1)
    (mugs,) = pallet.lines
    assert mugs.accepted is not None
    assert (mugs.quantity, mugs.accepted.value, mugs.lot) == (Decimal(24), Decimal(22), "L-7731")
    assert [(one.kind, one.value) for one in mugs.quantities] == [("received to be returned", Decimal(2))]
    (missing,) = mugs.discrepancies
    assert (missing.quantity, missing.status, missing.reason) == (
        Decimal(-1),
        "delivered damaged",
        "damaged goods",
    )


def test_the_same_stock_is_read_from_both_directories() -> None:
    both = [
        read(maps.load(f"edifact/{directory}/INVRPT"), of_directory(directory, INVRPT))
        for directory in ("D96A", "D01B")
    ]
    assert both[0] == both[1]
    assert isinstance(both[0], InventoryReport)
    stock = [(one.kind, one.value, one.condition, one.movement) for one in both[0].lines[0].quantities]
    assert stock == [
        ("actual stock", Decimal(120), "accepted", None),
        ("actual stock", Decimal(8), "damaged", None),
        ("inventory movement", Decimal(40), None, "out"),
    ]
    assert both[0].lines[0].quantities[2].reason == "delivered"


@pytest.mark.parametrize(
    ("message", "text", "old", "new", "told"),
    [
        ("RECADV", RECADV, "CPS+3+1+1", "CPS+3+9+1", "CPS02"),
        ("RECADV", RECADV, "QTY+48:24:PCE", "QTY+48:all:PCE", "QTY01"),
        ("RECADV", RECADV, "BGM+632+WE-5512", "BGM+632+", "number in BGM02"),
        ("RECADV", RECADV, "CNT+2:2", "CNT+2:3", "CNT01"),
        ("INVRPT", INVRPT, "QTY+145:8:PCE", "QTY+145", "QTY01"),
        ("INVRPT", INVRPT, "DTM+366:202602282359:203", "DTM+366:20260230:102", "DTM01"),
        ("INVRPT", INVRPT, "LIN+2++4012345000023:EN\n", "XXX+1\n", "XXX"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_stays(
    message: str, text: str, old: str, new: str, told: str
) -> None:
    map, text = maps.load(f"edifact/D96A/{message}"), text.replace(old, new)
    tree, faults = parse(map.guide, [Segment(one, at) for at, one in enumerate(segments(text), 2)])
    found, meaning = map.read(tree)
    assert any(told in str(one) for one in faults + meaning), [str(one) for one in faults + meaning]
    assert compiled(map)(segments(text)) is None
    assert found is None or text_of(map.write(found, onto=tree)) == text.strip()


@pytest.mark.parametrize(("directory", "message"), [one[:2] for one in EVERY])
def test_the_laws_hold(directory: str, message: str) -> None:
    held(maps.load(f"edifact/{directory}/{message}"), 4)


MESSAGES = {
    "DESADV": [FULL, *(HEAD + text.lstrip() for _, text, _, _ in HABITS)],
    "RECADV": [RECADV],
    "INVRPT": [INVRPT],
}


@settings(max_examples=60, deadline=None, database=None)
@given(seed=st.integers(0, 2**32), times=st.sampled_from([0, 1, 1, 2, 4]))
def test_both_readers_agree_on_damaged_messages_and_what_is_good_stays(seed: int, times: int) -> None:
    random = Random(seed)
    message = random.choice(sorted(MESSAGES))
    map = maps.load(f"edifact/D96A/{message}")
    document = damaged(segments(random.choice(MESSAGES[message])), random, times)
    agree(map, document)
    tree, faults = parse(map.guide, [Segment(one, at) for at, one in enumerate(document, 2)])
    found, meaning = map.read(tree)
    if found is not None and not rejecting(faults + meaning):
        assert text_of(map.write(found, onto=tree)) == text_of(tree)


LEFT = {"BGM01-04", "DTM01-01", "DTM01-02", "DTM01-03", "PIA02-04", "RFF01-03"}
"""Their own name for what it is, a reference's date and line, and whose number the item's is."""
TOO_LONG = "14:18 NAD04-01 (Party name): the value is too long"
"""A supplier's name of 36 characters: told, read and kept, and not written anew."""


def test_published_receiving_advice_is_carried_but_for_what_is_listed() -> None:
    seen = []
    for file, message in published("RECADV"):
        map = maps.load(str(nearest("edifact", "RECADV", message.version)[0]))
        tree, faults = parse(map.guide, message.located())
        found, meaning = map.read(tree)
        assert [str(one).partition(";")[0] for one in rejecting(faults + meaning)] == [TOO_LONG]
        left = {str(one.place.address) for one in map.account(tree) if one.share is Share.RESIDUE}
        assert left == LEFT
        assert text_of(map.write(found, onto=tree)) == text_of(tree)
        with pytest.raises(NotWritable, match=r"1\.\.35"):
            map.write(found)
        seen.append((file, [line.quantity for line in found.lines]))
    assert seen == [("recadv.txt", [Decimal(200)])]
