"""The base maps of DESADV carry what sellers send of shipments, pallets and cartons, and meet the 856 in one object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.canonical import Part, PurchaseOrder, ShipNotice, gs1
from gateway.errors import NotWritable
from gateway.faults import Code
from gateway.formats.segment import Segment
from gateway.guides.place import parse
from gateway.maps import Map
from gateway.maps.account import Share
from gateway.maps.answers import by_number
from gateway.maps.compile import compiled

from .despatches import BENEATH, FULL, HABITS, HEAD, LABELS, MUGS
from .messages import read, segments, text_of, tree_of
from .test_laws import held

D96A = "edifact/D96A/DESADV"
BOTH = pytest.mark.parametrize("name", [D96A, "edifact/D01B/DESADV"])


def of_directory(name: str) -> str:
    """D.01B knows a currency, and parties and a carrier of a line."""
    if "D96A" in name:
        return FULL
    more = FULL.replace("RFF+DQ:LS", "CUX+2:EUR:9\nRFF+DQ:LS")
    line = "NAD+UC+88::92++LADEN 7+MARKT 1+BONN++53111+DE\nTDT+20++30"
    return more.replace("FTX+PKG+++HANDLE", f"{line}\nFTX+PKG+++HANDLE")


@BOTH
def test_everything_in_the_message_is_carried(name: str) -> None:
    map, text = maps.load(name), of_directory(name)
    found = read(map, text)
    assert Counter(text_of(map.write(found)).split("\n")) == Counter(text.strip().split("\n"))
    assert map.read(map.write(found)) == (found, [])
    assert text_of(map.write(found, onto=tree_of(map, text))) == text.strip()
    assert type(found).from_json(found.to_json()) == found
    assert compiled(map)(segments(text)) == found
    assert residue(map, text) == []


def residue(map: Map, text: str) -> list[str]:
    return [str(one.place.address) for one in map.account(tree_of(map, text)) if one.share is Share.RESIDUE]


def test_a_shipment_reads_in_business_words() -> None:
    notice = read(maps.load(D96A), FULL)
    assert isinstance(notice, ShipNotice)
    assert (notice.number, notice.purpose, str(notice.shipped_at)) == (
        "DES-88441",
        "original",
        "2026-03-02T18:00",
    )
    assert notice.references == {"delivery note": ["LS-88441"], "bill of lading": ["B-1"]}
    assert [(load.count, load.kind) for load in notice.loads] == [(1, "pallet"), (3, "carton")]
    (pallet,) = notice.packs
    assert (pallet.kind, pallet.ssccs, pallet.loads[0].kind) == (
        "tare",
        ["340123450000000017"],
        "euro pallet",
    )
    cartons, carton = pallet.packs
    assert (cartons.kind, cartons.quantity, len(cartons.ssccs)) == ("pack", Decimal(12), 2)
    (mugs,) = cartons.lines
    assert (mugs.quantity, mugs.unit, mugs.lot, mugs.serials) == (
        Decimal(24),
        "piece",
        "L-7731",
        ["S-1", "S-2", "S-3"],
    )
    assert mugs.order is not None
    assert (mugs.order.number, mugs.order.line, mugs.order.ordered_on) == ("4500017", "10", date(2026, 2, 20))
    assert [line.order.number for line in carton.lines if line.order] == ["4500018"]


# -- habits of sellers


@pytest.mark.parametrize(("what", "text", "contents", "left"), HABITS, ids=[one[0] for one in HABITS])
def test_what_sellers_send_is_read_and_stays_as_it_is(
    what: str, text: str, contents: dict[str, Any], left: list[str]
) -> None:
    map, text = maps.load(D96A), HEAD + text.lstrip()
    found = read(map, text)
    said = found.model_dump(mode="json", exclude_defaults=True)
    names = ("order", "loads", "packs", "lines")
    assert {name: said[name] for name in names if name in said} == contents
    assert residue(map, text) == left
    assert text_of(map.write(found, onto=tree_of(map, text))) == text.strip()
    assert compiled(map)(segments(text)) == found
    again = map.read(map.write(found))[0]
    assert shipped(again) == shipped(found)


def test_goods_in_several_cartons_are_written_in_each() -> None:
    map = maps.load(D96A)
    found = map.read(map.write(read(map, HEAD + BENEATH.lstrip())))[0]
    assert [(pack.ssccs, [line.quantity for line in pack.lines]) for pack in found.packs] == [
        (LABELS[:1], [Decimal(16)]),
        (LABELS[1:2], [Decimal(8)]),
    ]


# -- what we send

FOR_A_BUYER = """
map: einkauf/DESADV
extends: edifact/D96A/DESADV
write:
  "RFF[ON]": answered.number
  "RFF[ON]/DTM[171]": answered.ordered_on
  lines: {"PIA[5][BP]": answered.ids.buyer}
"""


def test_a_buyer_gets_its_order_in_the_heading_and_its_own_item_numbers() -> None:
    order = {
        "number": "A-1",
        "ordered_on": "2026-02-20",
        "lines": [MUGS | {"ids": MUGS["ids"] | {"buyer": "K-77"}}],
    }
    line = MUGS | {"quantity": "3", "order": {"number": "A-1", "line": "1"}}
    notice = ShipNotice.model_validate({"number": "S", "packs": [{"kind": "pack", "lines": [line]}]})
    map = maps.load("einkauf/DESADV", {"einkauf/DESADV": FOR_A_BUYER}.get)
    written = text_of(map.write(notice, answered=by_number([PurchaseOrder.model_validate(order)])))
    assert written.split("\n") == [
        "BGM+351+S",
        "RFF+ON:A-1",
        "DTM+171:20260220:102",
        "CPS+1",
        "CPS+2+1+1",
        "LIN+1++4012345000016:EN",
        "PIA+5+K-77:BP",
        "QTY+12:3",
        "RFF+ON:A-1:1",
        "CNT+2:1",
    ]


# -- faults

BAD = [
    ("CPS+4+2+1", "CPS+4+9+1", "CPS02"),
    ("GIN+BJ+340123450000000048", "GIN+BJ+340123450000000049", "check digit"),
    ("QTY+12:24:PCE", "QTY+12:many:PCE", "QTY01"),
    ("DTM+11:202603021800:203", "DTM+11:20260230:102", "DTM01"),
    ("BGM+351+DES-88441+9", "BGM+351++9", "number in BGM02"),
    ("CNT+2:2", "CNT+2:7", "CNT01"),
]


@BOTH
@pytest.mark.parametrize(("old", "new", "told"), BAD)
def test_what_is_wrong_is_told_and_the_rest_is_read(name: str, old: str, new: str, told: str) -> None:
    map, text = maps.load(name), FULL.replace(old, new)
    tree, faults = parse(map.guide, [Segment(one, at) for at, one in enumerate(segments(text), 2)])
    found, meaning = map.read(tree)
    said = [str(fault) for fault in faults + meaning]
    assert any(told in one for one in said), said
    assert compiled(map)(segments(text)) is None
    assert found is None or text_of(map.write(found, onto=tree)) == text.strip()


# -- the laws, and the other standard


@BOTH
def test_the_laws_hold(name: str) -> None:
    held(maps.load(name), 4)


def shipped(notice: ShipNotice) -> Counter[tuple[Any, ...]]:
    """Order, labels around, item, lot and quantity of all that is in the notice."""
    return Counter(_shipped(notice, notice.order.number if notice.order else None, ()))


def _shipped(around: Part, order: str | None, labels: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    for one in getattr(around, "orders", ()):
        yield from _shipped(one, one.number, labels)
    for one in getattr(around, "packs", ()):
        yield from _shipped(one, order, (*labels, *one.ssccs))
    for line in getattr(around, "lines", ()):
        own = line.order.number if line.order and line.order.number else order
        shares = [((*labels, *one.ssccs), one.quantity) for one in line.packs] or [(labels, line.quantity)]
        for marks, quantity in shares:
            yield own, marks, tuple(sorted(line.ids.items())), line.lot, quantity, line.unit


def some_notice(random: Random) -> ShipNotice:
    """Pallets of cartons, cartons and loose goods, of several orders: lain in orders, named by lines, or both."""
    labels = count(1)

    def line(named: bool) -> dict[str, Any]:
        number = random.choice(["A-1", "B-2"])
        order = {"number": number, "line": str(random.randint(1, 9)), "release": number[-1]}
        said = {
            "number": str(random.randint(1, 99)),
            "ids": {"ean": f"401234500{random.randint(1000, 9999)}", "vendor": random.choice("XYZ")},
            "quantity": str(random.randint(1, 500)),
            "unit": random.choice(["each", "case"]),
            "lot": random.choice(["L-1", None]),
        }
        return said | ({"order": order} if named and random.random() < 0.8 else {})

    def pack(named: bool, kind: str = "pack") -> dict[str, Any]:
        digits = f"3401234500{next(labels):07d}"
        inside = {"packs": some(pack, named)} if kind == "tare" else {"lines": some(line, named)}
        return {"kind": kind, "ssccs": [digits + gs1.check_digit(digits)], **inside}

    def some(one: Callable[..., dict[str, Any]], *more: Any) -> list[dict[str, Any]]:
        return [one(*more) for _ in range(random.randint(1, 3))]

    def order() -> dict[str, Any]:
        packs = some(pack, False, random.choice(["tare", "pack"]))
        number = random.choice("CDE")
        return {"number": number, "ordered_on": "2026-02-20", "packs": packs, "lines": some(line, False)[1:]}

    order_of_all = {"order": {"number": "F"}} if random.random() < 0.3 else {}
    packs = some(pack, True, random.choice(["tare", "pack"]))
    parts = {"orders": some(order)[1:], "packs": packs, "lines": some(line, True)[1:]}
    head = {"number": "S-1", "created_at": "2026-03-01T12:00", "purpose": "original"}
    return ShipNotice.model_validate(head | order_of_all | parts)


@settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_an_856_that_goes_on_as_a_desadv_and_comes_back_keeps_what_is_shipped(seed: int) -> None:
    x12, edifact, wanted = maps.load("x12/004010/856"), maps.load(D96A), some_notice(Random(seed))
    notice = x12.read(x12.write(wanted))[0]
    assert notice == wanted
    between = edifact.read(edifact.write(notice))[0]
    back = x12.read(x12.write(between))[0]
    assert shipped(wanted) == shipped(between) == shipped(back)
    assert back == between  # what a DESADV says, an 856 says too
    assert shipped(back.arranged("pack order line")) == shipped(wanted)


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        (
            {"orders": [{"number": "A", "references": {"department": ["7"]}}]},
            Code.NOT_CARRIED,
            "orders[0].number",
        ),
        ({"packs": [{"kind": "subpack"}]}, Code.NOT_WRITABLE, "packs[0].kind"),
        (
            {"packs": [{"kind": "pack", "charges": [{"kind": "charge"}]}]},
            Code.NOT_CARRIED,
            "packs[0].charges",
        ),
        ({"contacts": [{"name": "UTE"}]}, Code.NOT_CARRIED, "contacts"),
    ],
)
def test_what_a_desadv_cannot_say_is_named(more: dict[str, Any], code: Code, field: str) -> None:
    with pytest.raises(NotWritable) as refused:
        maps.load(D96A).write(ShipNotice.model_validate({"number": "1", **more}))
    assert [(one.code, one.place.field) for one in refused.value.faults][:1] == [(code, field)]
