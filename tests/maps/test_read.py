"""Reading: what each binding gives, and every fault with its element and field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.canonical import PurchaseOrder
from gateway.faults import Code, Fault
from gateway.maps.account import Share

from .trial import ORDER, edited, grammar, tree, trial

SMALL = """
BEG*00*SA*1**20260301
{}
PO1*1*10*EA*12.50
{}
CTT*1
"""


def read(text: str, map_text: str | None = None) -> tuple[PurchaseOrder, list[Fault]]:
    map = trial(map_text) if map_text else trial()
    found, faults = map.read(tree(text, map))
    return found, faults


def small(
    heading: str = "", line: str = "", map_text: str | None = None
) -> tuple[PurchaseOrder, list[Fault]]:
    return read(SMALL.format(heading, line), map_text)


def test_the_whole_order() -> None:
    map = trial()
    assert grammar(ORDER, map) == []
    order, faults = map.read(tree(ORDER, map))
    assert [fault.code for fault in faults if not fault.is_note] == []
    first, second = order.lines
    assert order.references["department"] == ["017"]
    assert order.references["x12:ZZ"] == ["MAIN"]
    assert str(order.requested_delivery_at) == "2026-03-15T08:00[America/New_York]"
    assert order.ship_to.address.lines == ["1 Main St", "Suite 5"]
    assert [party.role for party in order.other_parties] == ["buyer"]
    assert order.charges[0].amount == Decimal("12.50")
    assert order.notes[0].lines == ["Deliver to the rear", "Ring twice"]
    assert first.ids == {"buyer": "A100", "upc": "012345678905", "sku": "77"}
    assert first.description == "Blue mug"
    assert [one.quantity for one in first.destinations] == [4, 6]
    assert second.inner[0].unit == "each"
    assert order.total == 160


@pytest.mark.parametrize(
    ("heading", "line", "field", "value"),
    [
        ("CUR*BY*EUR", "", "currency", "EUR"),
        ("CUR*SE*CAD", "", "currency", "CAD"),
        ("PER*BD**EM*a@b.example*TE*1", "", "contacts.0.phone", "1"),
        ("DTM*001*20260401", "", "cancel_after", "2026-04-01"),
        ("DTM*038*20260401*0930", "", "dates.ship not after", "2026-04-01T09:30"),
        ("TD5**2*UPSN", "", "transport.0.carrier.value", "UPSN"),
        ("MAN*GM*00123", "", "marks.sscc", "['00123']"),
        ("REF*PD*A\nREF*PD*B", "", "references.promotion", "['A', 'B']"),
        ("N1*ST**92*0012", "", "ship_to.id.kind", "assigned by buyer"),
        ("N1*ZZ*Somebody", "", "other_parties.0.role", "x12:ZZ"),
        ("", "PID*F****one\nPID*F****two", "lines.0.description", "one\ntwo"),
        ("", "PID*S*73***Blue", "lines.0.descriptions.0.aspect", "color"),
        ("", "MEA*PD*WD*3.5*IN>2", "lines.0.measures.0.unit", "inch"),
        ("", "SCH*5*EA***106*20260401*1200", "lines.0.schedule.0.at", "2026-04-01T12:00"),
    ],
)
def test_a_place_gives_its_field(heading: str, line: str, field: str, value: str) -> None:
    order, _ = small(heading, line)
    found: Any = order
    for step in field.split("."):
        known = step in found if isinstance(found, dict) else step.isdigit()
        found = found[int(step) if step.isdigit() else step] if known else getattr(found, step)
    assert str(found) == value


def test_an_empty_part_is_none() -> None:
    order, _ = small("N1*ST")
    assert order.ship_to is None
    assert order.currency is None


def test_an_unknown_code_is_carried_with_a_note() -> None:
    order, faults = small("N1*XX*Somebody")
    assert order.other_parties[0].role == "x12:XX"
    note = next(fault for fault in faults if fault.code is Code.WORD_UNKNOWN)
    assert note.is_note
    assert (note.place.address, note.came, note.place.field) == ("N101", "XX", "other_parties[0].role")


@pytest.mark.parametrize(
    ("text", "code", "address", "field", "line"),
    [
        ("BEG*00*SA*1**20260231", Code.VALUE, "BEG05", "ordered_on", 2),
        ("BEG*00*SA***20260301", Code.FIELD_MISSING, "BEG03", "number", None),
        ("BEG*00*SA*1**20260301\nPO1*1*ten*EA", Code.VALUE, "PO102", "lines[0].quantity", 3),
        (
            "BEG*00*SA*1**20260301\nPO1*1*1*EA\nPO1*2*1*EA\nDTM*002*2026",
            Code.VALUE,
            "DTM02",
            "lines[1].dates.delivery requested",
            5,
        ),
    ],
)
def test_a_fault_has_its_element_and_its_field(
    text: str, code: Code, address: str, field: str, line: int | None
) -> None:
    _, faults = read(text)
    fault = next(fault for fault in faults if not fault.is_note)
    assert (fault.code, fault.place.address, fault.place.field) == (code, address, field)
    assert line is None or fault.place.segment_number == line or fault.place.line == line


def test_every_fault_is_reported_and_none_twice() -> None:
    found, faults = read("BEG*00*SA*1**2026\nPO1*1*ten*EA*x")
    assert found is None
    fields = [fault.place.field for fault in faults if not fault.is_note]
    assert sorted(fields) == ["lines[0].price.amount", "lines[0].quantity", "ordered_on"]  # type: ignore[type-var]


def test_constants_and_computed_elements_are_checked_with_notes() -> None:
    _, faults = read("BEG*00*SA*1**20260301\nPO1*1*1*EA\nSCH*1*EA***002*20260301\nCTT*7")
    notes = {(fault.code, fault.place.address, fault.came, fault.expected) for fault in faults}
    assert (Code.CONSTANT, "SCH05", "002", "106") in notes
    assert (Code.COMPUTED, "CTT01", "7", "1") in notes
    assert all(fault.is_note for fault in faults)


@pytest.mark.parametrize(
    ("binding", "heading", "value"),
    [
        ("release: BEG04 | pad(6)", "BEG*00*SA*1*000120*20260301", "120"),
        ('release: BEG04 | split("/",2)', "BEG*00*SA*1*A/B*20260301", "B"),
        ("release: =fixed", "BEG*00*SA*1*A*20260301", "fixed"),
        ('release: {read: N1/N301.. | join(" ")}', "BEG*00*SA*1*A*20260301\nN1*ST*X\nN3*a*b\nN3*c", "a b c"),
        ("release: TD5[#2]03", "BEG*00*SA*1*A*20260301\nTD5*O*2*AA\nTD5*B*2*BB", "BB"),
        ("release: N1[BY]04[9]", "BEG*00*SA*1*A*20260301\nN1*BY*X*1*5\nN1*BY*X*9*7", "7"),
    ],
)
def test_the_other_forms_of_a_binding(binding: str, heading: str, value: str) -> None:
    text = edited(("release: BEG04", binding), ("    carrier: {kind: TD502, value: TD503}\n", ""))
    order, _ = read(heading + "\nPO1*1*1*EA\n", text)
    assert order.release == value


def test_a_default_is_read_where_nothing_stands() -> None:
    order, faults = read(
        "BEG*00*SA*1\nPO1*1*1*EA", edited(("ordered_on: BEG05", "ordered_on: BEG05 default 2026-01-01"))
    )
    assert str(order.ordered_on) == "2026-01-01"
    assert [fault for fault in faults if not fault.is_note] == []


def test_a_segment_without_a_place_in_the_guide_is_residue() -> None:
    map = trial()
    root = tree("BEG*00*SA*1**20260301\nZZZ*9\nPO1*1*1*EA", map)
    assert [place.address for place in map.residue(root)] == ["ZZZ01"]


def test_every_value_is_accounted_for() -> None:
    map = trial()
    root = tree(ORDER + "", map)
    shares = {one.place.address: one.share for one in map.account(root)}
    values = sum(1 for node in root.segments() for text in node.elements[1:] if text)
    assert len(map.account(root)) == values
    assert shares["SCH05"] is Share.CONSTANT
    assert shares["CTT01"] is Share.COMPUTED
    assert shares["DTM01"] is shares["N101"] is shares["PO106"] is Share.BOUND


@pytest.mark.parametrize(
    ("line", "residue"),
    [
        ("REF*DP*1*why", ["REF03"]),
        ("PWK*AB", ["PWK01"]),
        ("DTM*002*20260301\nDTM*002*20260302", ["DTM01", "DTM02"]),
        ("PER*BD*A*TE*1*TE*2", ["PER05", "PER06"]),
    ],
)
def test_the_residue_is_what_no_binding_touches(line: str, residue: list[str]) -> None:
    map = trial()
    found = [place.address for place in map.residue(tree(SMALL.format(line, ""), map))]
    assert found == residue
