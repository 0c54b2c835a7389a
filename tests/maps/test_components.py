"""Places inside composites: EDIFACT's qualifiers, pairs and values are components, and each is touched alone."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import maps
from gateway.canonical import Moment, PurchaseOrder
from gateway.errors import NotWritable
from gateway.faults import Code
from gateway.formats.segment import COMPONENT, Segment
from gateway.guides.load import load
from gateway.guides.place import parse
from gateway.guides.tree import LoopNode
from gateway.maps import Map
from gateway.maps.compile import compiled
from gateway.maps.resolve import Ground, resolve

from .messages import segments

GUIDE = load("edifact/D96A/ORDERS")
ROOT = Ground(GUIDE.root)
LINE = Ground(next(child for child in GUIDE.root.children if child.tag == "LIN"))

MAP = """
map: trial
document: PurchaseOrder
guide: edifact/D96A/ORDERS
fields:
  number: BGM02 required
  ordered_on: "DTM[137] required"
  requested_delivery_at: "DTM[2]"
  dates: {"*": "DTM[*] | codes(dates)"}
  references: {"*": "RFF[*] | codes(references)"}
  currency: "CUX[2]"
  buyer: {in: "NAD[BY]", use: party}
  other_parties: {each: NAD, role: NAD01, use: party}
  lines:
    each: LIN
    key: number
    number: LIN01
    ids:
      buyer: "PIA[5][BP]"
      "*": "LIN[*] or PIA[1|5][*] | codes(item_ids)"
    quantity: "QTY[21]"
    unit: "QTY[21]01-03"
    price: {amount: "PRI[AAA]"}
parts:
  party:
    id: {kind: NAD02-03, value: NAD02}
    name: NAD04
    more_names: NAD04-02..03
    contacts: {each: CTA, function: CTA01, name: CTA02-02, phone: "COM[TE]", email: "COM[EM]"}
constants: {CUX01-03: "9"}
computed: {"CNT[2]": count(lines)}
"""
CODES = """
codes:
  contacts: {orders: OC}
  dates: {shipped: "11"}
  references: {contract: CT}
  roles: {supplier: SU}
  party_ids: {gln: "9", by buyer: "92"}
  item_ids: {gtin: EN, vendor: SA, batch: NB}
  units: {piece: PCE}
"""
ORDER = """
BGM+220+4500017+9
DTM+137:20260301:102
DTM+11:202603100930:203
RFF+CT:C-77
NAD+BY+4099999000008::9++Einkauf GmbH:Abteilung 3
CTA+OC+:Ute Frei
COM+0049 89 1234:TE
COM+ute@einkauf.example:EM
NAD+SU+55::92
CUX+2:EUR:9
LIN+1++4012345000016:EN
PIA+1+V-5:SA+B-100:BP
PIA+5+A100:BP::92
QTY+21:10,5:PCE
PRI+AAA:12.5
UNS+S
CNT+2:1
"""


def trial(text: str = MAP) -> Map:
    return maps.load("trial", {"trial": text, "edifact/codes": CODES, "edifact/parts": ""}.get)


def tree(text: str, map: Map) -> LoopNode:
    return parse(map.guide, [Segment(elements, at) for at, elements in enumerate(segments(text), 2)])[0]


def text_of(tree: LoopNode) -> str:
    lines = ("+".join(node.elements).replace(COMPONENT, ":") for node in tree.segments())
    return "\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "ground", "element", "component"),
    [
        ("BGM02", ROOT, 2, None),
        ("BGM01", ROOT, 1, 1),
        ("BGM01-04", ROOT, 1, 4),
        ("RFF[CT]", ROOT, 1, 2),
        ("DTM[2]", ROOT, 1, 2),
        ("NAD02-03", ROOT, 2, 3),
        ("CNT[2]01-03", ROOT, 1, 3),
        ("LIN[EN]", LINE, 3, 1),
        ("PIA[5][SA]", LINE, 2, 1),
        ("QTY[21]01-03", LINE, 1, 3),
    ],
)
def test_a_place_is_the_component_the_guide_says_is_the_value(
    text: str, ground: Ground, element: int, component: int | None
) -> None:
    assert resolve(text, ground, GUIDE).seat == (element, component)


def test_a_qualifier_in_a_composite_is_its_first_component() -> None:
    place = resolve("RFF[CT]", ROOT, GUIDE)
    assert [test.seat for test in place.steps[-1].only.tests] == [(1, 1)]


def test_an_order_reads_and_what_is_read_is_written_as_it_was() -> None:
    map = trial()
    order, faults = map.read(tree(ORDER, map))
    assert faults == []
    assert order == PurchaseOrder.model_validate(
        {
            "number": "4500017",
            "ordered_on": "2026-03-01",
            "dates": {"shipped": "2026-03-10T09:30"},
            "references": {"contract": ["C-77"]},
            "currency": "EUR",
            "buyer": {
                "id": {"kind": "gln", "value": "4099999000008"},
                "name": "Einkauf GmbH",
                "more_names": ["Abteilung 3"],
                "contacts": [
                    {
                        "function": "orders",
                        "name": "Ute Frei",
                        "phone": "0049 89 1234",
                        "email": "ute@einkauf.example",
                    }
                ],
            },
            "other_parties": [{"role": "supplier", "id": {"kind": "by buyer", "value": "55"}}],
            "lines": [
                {
                    "number": "1",
                    "ids": {"gtin": "4012345000016", "vendor": "V-5", "buyer": "A100"},
                    "quantity": "10.5",
                    "unit": "piece",
                    "price": {"amount": "12.5"},
                }
            ],
        }
    )
    assert text_of(map.write(order, onto=tree(ORDER, map))) == ORDER
    assert compiled(map)(segments(ORDER)) == order


def test_a_new_order_says_all_of_it_and_the_segments_that_come_with_it() -> None:
    map = trial()
    order, _ = map.read(tree(ORDER, map))
    new = text_of(map.write(order))
    assert map.read(tree(new, map)) == (order, [])
    lines = new.split()
    assert ("UNS+S" in lines, "CNT+2:1" in lines, "CUX+2:EUR:9" in lines) == (True, True, True)
    assert "LIN+1++4012345000016:EN" in lines
    assert "PIA+5+A100:BP+V-5:SA" in lines


CHANGES: list[tuple[dict[str, Any], str, str]] = [
    ({"buyer.id.value": "77"}, "NAD+BY+4099999000008::9++", "NAD+BY+77::9++"),
    ({"buyer.id": None}, "NAD+BY+4099999000008::9++Ein", "NAD+BY+++Ein"),
    ({"buyer.name": "Neu AG"}, "Einkauf GmbH:Abteilung 3", "Neu AG:Abteilung 3"),
    ({"buyer.more_names": []}, "Einkauf GmbH:Abteilung 3", "Einkauf GmbH"),
    ({"buyer.contacts.0.phone": None}, "COM+0049 89 1234:TE\n", ""),
    ({"lines.0.ids.buyer": "A2"}, "A100:BP::92", "A2:BP::92"),
    ({"lines.0.ids.vendor": None}, "PIA+1+V-5:SA+B-100:BP", "PIA+1+B-100:BP"),
    ({"lines.0.ids.batch": "L7"}, "PIA+1+V-5:SA+B-100:BP", "PIA+1+V-5:SA+B-100:BP+L7:NB"),
    (
        {"lines.0.ids": {"gtin": "4012345000016", "buyer": "A2"}},
        "PIA+1+V-5:SA+B-100:BP\nPIA+5+A100",
        "PIA+1+B-100:BP\nPIA+5+A2",
    ),
    ({"lines.0.unit": None}, "10,5:PCE", "10,5"),
    ({"lines.0.quantity": "11"}, "10,5:PCE", "11:PCE"),
    ({"dates.shipped": "2026-03-11T10:00"}, "202603100930:203", "202603111000:203"),
    ({"currency": None}, "CUX+2:EUR:9\n", ""),
    ({"references.contract": ["C-77", "C-78"]}, "RFF+CT:C-77", "RFF+CT:C-77\nRFF+CT:C-78"),
]


@pytest.mark.parametrize(("change", "was", "is_now"), CHANGES, ids=[next(iter(one[0])) for one in CHANGES])
def test_a_change_touches_its_component_and_nothing_beside_it(
    change: dict[str, Any], was: str, is_now: str
) -> None:
    map = trial()
    order, _ = map.read(tree(ORDER, map))
    values = order.model_dump(mode="json", exclude_defaults=True)
    ((path, value),) = change.items()
    *way, last = path.split(".")
    around: Any = values
    for step in way:
        around = around[int(step)] if isinstance(around, list) else around[step]
    if value is None:
        del around[last]
    else:
        around[last] = value
    changed = PurchaseOrder.model_validate(values)
    assert ORDER.count(was) == 1
    assert text_of(map.write(changed, onto=tree(ORDER, map))) == ORDER.replace(was, is_now)


@pytest.mark.parametrize("period", ["DTM+169:30:804", "DTM+11:202611:610", "DTM+A:B", "DTM+2:14:804"])
def test_a_period_among_moments_says_nothing_and_stays(period: str) -> None:
    map, text = trial(), ORDER.replace("DTM+11:202603100930:203", period)
    order, _ = map.read(tree(text, map))
    assert order.dates == {}
    assert compiled(map)(segments(text)) == (order if "+11:" in period or "+2:" in period else None)
    assert text_of(map.write(order, onto=tree(text, map))) == text
    moved = order.model_copy(update={"dates": {"shipped": Moment.parse("2026-03-11")}})
    kept = text.replace(period, f"{period}\nDTM+11:20260311:102")
    assert text_of(map.write(moved, onto=tree(text, map))) == kept


@pytest.mark.parametrize("gone", ["DTM+137:20260301:102\n", "+4500017+9"])
def test_what_the_map_requires_and_the_standard_does_not_is_a_fault(gone: str) -> None:
    map, text = trial(), ORDER.replace(gone, "")
    order, faults = map.read(tree(text, map))
    assert order is None
    assert [fault.code for fault in faults] == [Code.FIELD_MISSING]
    assert compiled(map)(segments(text)) is None


def test_only_what_the_object_needs_can_be_required() -> None:
    with pytest.raises(Exception, match="required on an optional field"):
        trial(MAP.replace('"DTM[2]"', '"DTM[2] required"'))


def test_a_component_that_its_composite_demands_must_be_provided() -> None:
    with pytest.raises(Exception, match="nothing provides PAT02-01"):
        trial(
            MAP.replace(
                "  currency:", "  payment_terms: {each: PAT, kind: PAT01, text: PAT02-04}\n  currency:"
            )
        )


def test_a_word_that_no_place_has_room_for_is_refused() -> None:
    map = trial(MAP.replace("LIN[*] or PIA[1|5][*]", "LIN[*]"))
    order, _ = map.read(tree(ORDER, map))
    more = order.model_copy(
        update={"lines": [order.lines[0].model_copy(update={"ids": {"gtin": "1", "vendor": "2"}})]}
    )
    with pytest.raises(NotWritable, match="room in LIN"):
        map.write(more)
