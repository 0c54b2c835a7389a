"""What a partner said comes back to it: echoed from the document answered, or a fault that names what is missing."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from gateway import maps
from gateway.canonical import Invoice, Line, OrderAcknowledgment, PurchaseOrder, ShipNotice, ShippedOrder
from gateway.errors import NotWritable, SetupError, SetupFault
from gateway.faults import Code
from gateway.maps import Map
from gateway.maps.answers import by_number
from gateway.maps.examples import example

from .trial import text_of, tree

MAP = """
map: harbor/855
document: OrderAcknowledgment
guide: x12/004010/855
fields:
  purpose: BAK01
  verdict: BAK02
  order: {number: BAK03, ordered_on: BAK04, release: BAK05}
  contract: BAK06
  references: {"*": "REF[*] | codes(references)"}
  dates: {"*": "DTM[*] | codes(dates)"}
  ship_to: {in: "N1[ST]", use: party}
  other_parties: {each: N1, role: N101, use: party}
  lines:
    each: PO1
    key: number
    number: PO101
    quantity: PO102
    unit: PO103
    ids: {"*": "PO1[*] | codes(item_ids)"}
    responses: {each: ACK, action: ACK01, quantity: ACK02, unit: ACK03}
parts:
  party: {name: N102, id: {kind: N103, value: N104}, address: {lines: N301..02}}
answers: {PurchaseOrder: order.number, lines: number}
write:
"""

ORDER = PurchaseOrder.model_validate(
    {
        "number": "4500017",
        "ordered_on": "2026-03-01",
        "contract": "CTR-9",
        "cancel_after": "2026-04-15",
        "references": {"department": ["038"], "vendor": ["077310"], "promotion": ["A", "B"]},
        "ship_to": {
            "name": "Store 12",
            "id": {"kind": "buyer", "value": "0012"},
            "address": {"lines": ["1 Main St", "Suite 5"]},
        },
        "lines": [
            {"number": "001", "ids": {"sku": "77", "buyer": "A100", "upc": "012345678905"}, "unit": "each"},
            {"number": "002", "ids": {"sku": "78", "buyer": "A200"}, "unit": "case"},
            {"number": "003", "ids": {"sku": "78", "buyer": "A300"}, "unit": "case"},
        ],
    }
)


def mapped(write: str = "  REF[DP]: answered.references.department\n", *changes: tuple[str, str]) -> Map:
    text = MAP + write
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"{old!r} is not in the map")
        text = text.replace(old, new, 1)
    return maps.load("harbor/855", {"harbor/855": text}.get)


def acknowledgment(**said: Any) -> OrderAcknowledgment:
    known = {"purpose": "original", "verdict": "accepted"}
    order = {"number": "4500017", "ordered_on": "2026-03-01"}
    return OrderAcknowledgment.model_validate({**known, "order": order, **said})


def line(**said: Any) -> dict[str, Any]:
    return {"quantity": "1", "unit": "each", "responses": [{"action": "accepted"}], **said}


def written(map: Map, said: OrderAcknowledgment, *orders: PurchaseOrder) -> list[str]:
    return text_of(map.write(said, answered=by_number(orders or (ORDER,)))).split("\n")[:-1]


def refused(map: Map, said: Any, *orders: PurchaseOrder) -> list[tuple[Code, str | None, str | None]]:
    with pytest.raises(NotWritable) as error:
        map.write(said, answered=by_number(orders))
    return [(fault.code, fault.place.field, fault.came) for fault in error.value.faults]


# -- what is echoed


@pytest.mark.parametrize(
    ("write", "segments"),
    [
        ("REF[DP]: answered.references.department", ["REF*DP*038"]),
        ("REF[PD]: answered.references.promotion", ["REF*PD*A", "REF*PD*B"]),
        ("BAK06: answered.contract", ["BAK*00*AT*4500017*20260301**CTR-9"]),
        ("DTM[001]: answered.cancel_after", ["DTM*001*20260415"]),
        ("N1[ST]04[92]: answered.ship_to.id.value", ["N1*ST**92*0012"]),
        (
            "N1[ST]02: answered.ship_to.name\n  N1[ST]/N301..02: answered.ship_to.address.lines",
            ["N1*ST*Store 12", "N3*1 Main St*Suite 5"],
        ),
        ('REF[CT]: answered.contract | pad(8,"0")', ["REF*CT*000CTR-9"]),
        ("REF[ZZ]: answered.release", []),
        (
            '"REF[*]": answered.references | codes(references)',
            ["REF*DP*038", "REF*IA*077310", "REF*PD*A", "REF*PD*B"],
        ),
        (
            'REF[DP]03: answered.references.department\n  "REF[*]": answered.references | codes(references)',
            ["REF*DP**038", "REF*IA*077310", "REF*PD*A", "REF*PD*B"],
        ),
    ],
)
def test_a_place_takes_what_the_order_says(write: str, segments: list[str]) -> None:
    found = written(mapped(f"  {write}\n"), acknowledgment())
    plain = "BAK*00*AT*4500017*20260301"
    assert [one for one in found if one != plain] == [one for one in segments if one != plain]


def test_words_become_codes_as_in_a_field() -> None:
    """Canonical values, so the tables of the map that writes; an order's unit is a word, and so is an id's kind."""
    store = "  N1[ST]03: answered.ship_to.id.kind\n  N1[ST]04: answered.ship_to.id.value\n"
    map = mapped(
        f"{store}  lines: {{PO103: answered.unit}}\n",
        ("    unit: PO103\n", ""),
        ("    ids:", "    unit: {read: PO103}\n    ids:"),
    )
    said = acknowledgment(lines=[{"number": "2", "quantity": "1", "responses": [{"action": "accepted"}]}])
    assert written(map, said)[1:3] == ["N1*ST**92*0012", "PO1*2*1*CA"]


def test_what_the_object_says_stays() -> None:
    map = mapped('  "REF[*]": answered.references | codes(references)\n  BAK06: answered.contract\n')
    said = acknowledgment(contract="OURS", references={"department": ["777"], "promotion": ["C"]})
    assert written(map, said) == [
        "BAK*00*AT*4500017*20260301**OURS",
        "REF*DP*777",
        "REF*PD*C",
        "REF*IA*077310",
    ]


def test_nothing_is_needed_where_the_object_says_all() -> None:
    said = acknowledgment(references={"department": ["777"]})
    assert text_of(mapped().write(said)).endswith("REF*DP*777\n")


def test_a_constant_comes_with_what_is_echoed() -> None:
    map = mapped(
        '  REF[DP]: answered.references.department\nconstants: {"REF[DP]03": Dept}\n',
        ('  references: {"*": "REF[*] | codes(references)"}\n', ""),
    )
    assert written(map, acknowledgment())[1:] == ["REF*DP*038*Dept"]
    assert written(map, acknowledgment(), ORDER.model_copy(update={"references": {}})) == [
        "BAK*00*AT*4500017*20260301"
    ]


# -- which line is which

LINES = '  lines: {PO101: answered.number, "PO1[BP]": answered.ids.buyer}\n'


@pytest.mark.parametrize(
    ("said", "echoed"),
    [
        ({"number": "002"}, "PO1*002*1*EA***BP*A200"),
        ({"number": "2"}, "PO1*2*1*EA***BP*A200"),
        ({"number": "0003", "ids": {"sku": "78"}}, "PO1*0003*1*EA***SK*78*BP*A300"),
        ({"ids": {"sku": "77"}}, "PO1*001*1*EA***SK*77*BP*A100"),
        ({"ids": {"sku": "77", "color": "red"}}, "PO1*001*1*EA***SK*77*CL*red*BP*A100"),
        ({"ids": {"sku": "78", "buyer": "A200"}}, "PO1*002*1*EA***SK*78*BP*A200"),
    ],
)
def test_lines_meet_by_number_or_by_the_only_item_that_fits(said: dict[str, Any], echoed: str) -> None:
    assert written(mapped(LINES), acknowledgment(lines=[line(**said)]))[1] == echoed


@pytest.mark.parametrize(
    ("said", "came"),
    [
        ({"number": "7"}, "7"),
        ({"number": "7", "ids": {"sku": "77"}}, "7"),
        ({"ids": {"sku": "78"}}, "sku 78"),
        ({"ids": {"sku": "77", "buyer": "A200"}}, "buyer A200 sku 77"),
        ({"ids": {"color": "red"}}, "color red"),
        ({}, None),
    ],
)
def test_a_line_that_meets_none_is_named(said: dict[str, Any], came: str | None) -> None:
    lines = [line(number="1", ids={"sku": "77"}), line(**said)]
    found = refused(mapped(LINES), acknowledgment(lines=lines), ORDER)
    assert found == [(Code.ORIGINAL_LINE_MISSING, "lines[1]", came)]


def test_two_lines_of_one_number_are_told_apart_by_their_items() -> None:
    lines = [one.model_copy(update={"number": "1"}) for one in ORDER.lines]
    order = ORDER.model_copy(update={"lines": lines})
    map = mapped('  lines: {"PO1[BP]": answered.ids.buyer}\n')
    said = acknowledgment(lines=[line(number="1", ids={"sku": "77"})])
    assert written(map, said, order)[1] == "PO1*1*1*EA***SK*77*BP*A100"
    assert refused(map, acknowledgment(lines=[line(number="1")]), order)[0][0] is Code.ORIGINAL_LINE_MISSING


def test_lines_of_an_order_without_numbers_meet_by_their_items() -> None:
    lines = [one.model_copy(update={"number": None}) for one in ORDER.lines]
    order = ORDER.model_copy(update={"lines": lines})
    map = mapped('  lines: {"PO1[BP]": answered.ids.buyer}\n')
    said = acknowledgment(
        lines=[line(number="1", ids={"sku": "77"}), line(number="9", ids={"buyer": "A200"})]
    )
    assert [one for one in written(map, said, order) if one.startswith("PO1")] == [
        "PO1*1*1*EA***SK*77*BP*A100",
        "PO1*9*1*EA***BP*A200",
    ]
    for number, ids in (("1", {"sku": "78"}), ("1", {})):  # of two such items, and of none
        (fault,) = refused(map, acknowledgment(lines=[line(number=number, ids=ids)]), order)
        assert fault[0] is Code.ORIGINAL_LINE_MISSING


def test_a_line_may_meet_by_another_field() -> None:
    changes = ("lines: number}", "lines: ids.sku or number}")
    map = mapped('  lines: {"PO1[BP]": answered.ids.buyer}\n', changes)
    said = acknowledgment(lines=[line(number="9", ids={"sku": "77"}), line(number="3")])
    assert [one for one in written(map, said) if one.startswith("PO1")] == [
        "PO1*9*1*EA***SK*77*BP*A100",
        "PO1*3*1*EA***BP*A300",
    ]


# -- which original


def test_an_original_that_is_missing_is_a_fault_and_said_once() -> None:
    map = mapped("  REF[DP]: answered.references.department\n  BAK06: answered.contract\n" + LINES)
    found = refused(map, acknowledgment(lines=[line(number="1"), line(number="2")]))
    assert found == [(Code.ORIGINAL_MISSING, "order.number", "4500017")]
    nameless = OrderAcknowledgment.model_validate(
        {"verdict": "accepted", "order": {"ordered_on": "2026-03-01"}}
    )
    assert (Code.ORIGINAL_MISSING, None, None) in refused(map, nameless, ORDER)


def test_the_numbers_to_look_up() -> None:
    answers = mapped().answers
    assert answers is not None
    assert (answers.document, answers.reads) == ("PurchaseOrder", True)
    assert [*answers.stated(acknowledgment()).values()] == [("4500017", None)]
    assert maps.load("x12/004010/850").answers is None


INVOICE = """
map: harbor/810
document: Invoice
guide: x12/004010/810
fields:
  issued_on: BIG01
  number: BIG02
  order: {number: BIG04}
  references: {"*": "REF[*] | codes(references)"}
  total: TDS01
  lines:
    each: IT1
    number: IT101
    order.number: REF[PO]
    ids: {"*": "IT1[*] | codes(item_ids)"}
answers: {PurchaseOrder: lines.order.number or order.number, lines: number}
write:
  REF[DP]: answered.references.department
  lines: {"IT1[BP]": answered.ids.buyer}
"""


def invoice(*lines: dict[str, Any], **said: Any) -> Invoice:
    known = {"number": "INV1", "issued_on": date(2026, 3, 9), "total": "5.00"}
    return Invoice.model_validate({**known, "lines": list(lines), **said})


def test_every_line_is_looked_for_in_its_own_order() -> None:
    map = maps.load("harbor/810", {"harbor/810": INVOICE}.get)
    lines = [one.model_copy(update={"ids": {"buyer": f"Z{one.number}"}}) for one in ORDER.lines]
    other = ORDER.model_copy(update={"number": "9", "lines": lines})
    said = invoice({"number": "2"}, {"number": "2", "order": {"number": "9"}}, order={"number": "4500017"})
    tree = map.write(said, answered=by_number([ORDER, other]))
    assert [one for one in text_of(tree).split("\n") if one.startswith(("REF*DP", "IT1"))] == [
        "REF*DP*038",
        "IT1*2*****BP*A200",
        "IT1*2*****BP*Z002",
    ]


def test_several_originals_must_agree_where_no_one_of_them_is_meant() -> None:
    map = maps.load("harbor/810", {"harbor/810": INVOICE}.get)
    said = invoice({"number": "1", "order": {"number": "8"}}, {"number": "1", "order": {"number": "9"}})
    eight, nine = (ORDER.model_copy(update={"number": number}) for number in "89")
    assert "REF*DP*038" in text_of(map.write(said, answered=by_number([eight, nine])))
    nine = nine.model_copy(update={"references": {}})
    found = refused(map, said, eight, nine)
    assert found == [(Code.ORIGINALS_DIFFER, "answered.references.department", "038 / nothing")]


SHIPPED = """
map: harbor/856
extends: x12/004010/856
write:
  "HL[S]/N1[ST]03": answered.ship_to.id.kind
  "HL[S]/N1[ST]04": answered.ship_to.id.value
  orders: {"REF[DP]": answered.references.department}
  lines: {LIN01: answered.number, "LIN[BP]": answered.ids.buyer}
"""


def shipped(*orders: str) -> ShipNotice:
    """For each order a pack of two lines, one of them without a number."""
    lines = [
        {"number": "1", "ids": {"sku": "77"}, "quantity": "3", "unit": "each"},
        {"ids": {"sku": "78", "buyer": "A200"}, "quantity": "4", "unit": "case"},
    ]
    packs = [{"kind": "pack", "lines": lines}]
    inside = [{"number": number, "packs": packs} for number in orders]
    known = {"number": "SN1", "purpose": "original", "created_at": "2026-03-02T10:00"}
    return ShipNotice.model_validate({**known, "orders": inside})


@pytest.mark.parametrize("shape", ["order pack line", "pack order line"])
def test_lines_are_met_wherever_they_lie(shape: str) -> None:
    """However orders, packs and lines lie in one another: two orders with the same lines, each with its own words."""
    map = maps.load("harbor/856", {"harbor/856": f"{SHIPPED}shape: {shape}\n"}.get)
    said = shipped("4500017", "9")
    lines = [one.model_copy(update={"ids": {**one.ids, "buyer": f"Z{one.number}"}}) for one in ORDER.lines]
    nine = ORDER.model_copy(update={"number": "9", "references": {"department": ["9"]}, "lines": lines})
    asked = said.model_copy(update={"orders": [said.orders[0], unnamed(said.orders[1])]})
    tree = map.write(asked, answered=by_number([ORDER, nine]))
    wanted = ("N1", "PRF", "REF", "LIN")
    assert [one for one in text_of(tree).split("\n") if one.startswith(wanted)] == [
        "N1*ST**92*0012",
        "PRF*4500017",
        "REF*DP*038",
        "LIN*1*SK*77*BP*A100",
        "LIN*002*SK*78*BP*A200",
        "PRF*9",
        "REF*DP*9",
        "LIN*1*SK*77*BP*Z001",
        "LIN*2*SK*78*BP*Z002",
    ]
    back, faults = map.read(tree)
    assert [fault for fault in faults if not fault.is_note] == []
    assert back.arranged("order pack line").orders[1].references == {"department": ["9"]}


def unnamed(order: ShippedOrder) -> ShippedOrder:
    """Its second line numbered, and without the buyer's item."""
    first, second = order.packs[0].lines
    lines = [first, second.model_copy(update={"number": "2", "ids": {"sku": "78"}})]
    return order.model_copy(update={"packs": [order.packs[0].model_copy(update={"lines": lines})]})


def test_a_line_of_an_order_that_is_not_known_is_said_once() -> None:
    map = maps.load("harbor/856", {"harbor/856": SHIPPED}.get)
    assert refused(map, shipped("4500017", "9"), ORDER) == [(Code.ORIGINAL_MISSING, "orders[1].number", "9")]


# -- releases of one number

RELEASES = [
    ORDER.model_copy(update={"release": release, "references": {"department": [department]}, "lines": lines})
    for release, department, lines in (("A", "038", ORDER.lines), ("B", "040", ORDER.lines[:2]))
]
CALLED = {"number": "4500017", "ordered_on": "2026-03-01"}


@pytest.mark.parametrize(
    ("orders", "release", "department"),
    [
        (RELEASES, "A", "038"),
        (RELEASES, "B", "040"),
        (RELEASES[::-1], "A", "038"),
        (RELEASES[1:], None, "040"),
        ([ORDER], "B", "038"),  # an order that says no release may be any
        ([ORDER, *RELEASES], "B", "040"),
        ([*RELEASES, RELEASES[1].model_copy(update={"references": {"department": ["041"]}})], "B", "041"),
    ],
)
def test_the_release_that_is_said_is_echoed(
    orders: list[PurchaseOrder], release: str | None, department: str
) -> None:
    found = written(mapped(), acknowledgment(order={**CALLED, "release": release}), *orders)
    assert found[1] == f"REF*DP*{department}"


def test_one_document_answers_two_releases_each_with_its_own_words() -> None:
    map = maps.load("harbor/856", {"harbor/856": SHIPPED}.get)
    said = shipped("4500017", "4500017")
    orders = [one.model_copy(update={"release": name}) for one, name in zip(said.orders, "AB", strict=True)]
    said = said.model_copy(update={"orders": orders})
    found = text_of(map.write(said, answered=by_number(RELEASES))).split("\n")
    assert [one for one in found if one.startswith(("PRF", "REF"))] == [
        "PRF*4500017*A",
        "REF*DP*038",
        "PRF*4500017*B",
        "REF*DP*040",
    ]


def test_what_two_releases_say_alike_is_echoed_and_else_the_release_is_asked_for() -> None:
    map = mapped("  BAK06: answered.contract\n  REF[DP]: answered.references.department\n")
    assert refused(map, acknowledgment(), *RELEASES) == [
        (Code.ORIGINALS_DIFFER, "answered.references.department", "038 / 040")
    ]
    same = [one.model_copy(update={"references": ORDER.references}) for one in RELEASES]
    assert written(map, acknowledgment(), *same)[:2] == ["BAK*00*AT*4500017*20260301**CTR-9", "REF*DP*038"]
    with pytest.raises(NotWritable) as error:
        map.write(acknowledgment(), answered=by_number(RELEASES))
    assert error.value.faults[0].expected == "the release that is meant, in order.release: A, B"
    only_a = acknowledgment(lines=[line(number="3")])
    assert written(mapped(LINES), only_a, *RELEASES)[1] == "PO1*3*1*EA***BP*A300"


def test_a_release_that_is_not_known_is_named() -> None:
    said = acknowledgment(order={**CALLED, "release": "C"})
    assert refused(mapped(), said, *RELEASES) == [(Code.ORIGINAL_MISSING, "order.release", "C")]


# -- the laws


def test_what_is_written_reads_as_the_object_and_what_was_echoed() -> None:
    write = '  "REF[*]": answered.references | codes(references)\n  N1[ST]02: answered.ship_to.name\n'
    map = mapped(write + LINES)
    said = acknowledgment(lines=[line(number="1"), line(ids={"sku": "78", "buyer": "A200"})])
    back, faults = map.read(map.write(said, answered=by_number([ORDER])))
    assert faults == []
    ids = [{"buyer": "A100"}, {"sku": "78", "buyer": "A200"}]
    numbers = ["1", "002"]
    lines = [
        one.model_copy(update={"ids": its, "number": number})
        for one, its, number in zip(said.lines, ids, numbers, strict=True)
    ]
    wanted = said.model_copy(
        update={
            "references": ORDER.references,
            "lines": lines,
            "ship_to": ORDER.ship_to.model_copy(update={"id": None, "address": None}),
        }
    )
    assert back == wanted


def answered_by(said: OrderAcknowledgment) -> PurchaseOrder:
    """An order that the acknowledgment could answer: with its lines, each with one more id."""
    lines = [
        Line(number=one.number, ids={**one.ids, "buyer": f"B{at}"}) for at, one in enumerate(said.lines, 1)
    ]
    return ORDER.model_copy(update={"number": said.order.number, "lines": lines})


def test_whatever_is_written_says_what_the_object_said_and_nothing_that_was_not_echoed() -> None:
    write = '  "REF[*]": answered.references | codes(references)\n  BAK06: answered.contract\n'
    map = mapped(write + LINES)
    tried = 0
    for seed in range(200):
        try:
            said = example(map, Random(seed))
        except ValidationError:  # without the order it answers
            continue
        if len({one.number for one in said.lines}) < len(said.lines) or said.order.number is None:
            continue
        order = answered_by(said)
        try:
            found = map.write(said, answered=by_number([order]))
        except NotWritable:
            continue
        back, faults = map.read(found)
        assert [fault for fault in faults if not fault.is_note] == []
        tried += 1
        assert back.contract == (said.contract or order.contract)
        assert back.references == {**order.references, **said.references}
        assert [one.ids.get("buyer") for one in back.lines] == [
            mine.ids.get("buyer", f"B{at}") for at, mine in enumerate(said.lines, 1)
        ]
        assert without_echoes(back, said) == said
    assert tried > 100


def without_echoes(back: OrderAcknowledgment, said: OrderAcknowledgment) -> OrderAcknowledgment:
    lines = [
        theirs.model_copy(
            update={"number": mine.number, "ids": {k: v for k, v in theirs.ids.items() if k in mine.ids}}
        )
        for theirs, mine in zip(back.lines, said.lines, strict=True)
    ]
    return back.model_copy(update={"contract": said.contract, "references": said.references, "lines": lines})


def test_a_document_written_onto_itself_stays_as_it_was() -> None:
    """As constants do, echoes bring nothing into a document that stands: law 2 needs no original."""
    map = mapped('  "REF[*]": answered.references | codes(references)\n' + LINES)
    there = tree("BAK*00*AT*4500017*20260301\nREF*IA*1\nPO1**1*EA\nACK*IA\n", map)
    said, _ = map.read(there)
    assert text_of(map.write(said, onto=there)) == text_of(there)
    more = said.model_copy(update={"lines": [*said.lines, acknowledgment(lines=[line(number="3")]).lines[0]]})
    assert "PO1*3*1*EA***BP*A300" in text_of(map.write(more, onto=there, answered=by_number([ORDER])))
    assert refused_onto(map, more, there) == [Code.ORIGINAL_MISSING]


def refused_onto(map: Map, said: Any, there: Any) -> list[Code]:
    with pytest.raises(NotWritable) as error:
        map.write(said, onto=there)
    return [fault.code for fault in error.value.faults]


def test_what_is_echoed_must_pass_the_guide() -> None:
    map = mapped("  N1[ST]04: answered.ship_to.id.value\n")  # N103 must come with N104
    assert [code for code, _, _ in refused(map, acknowledgment(), ORDER)] == [Code.CONDITION] * 2
    long = ORDER.model_copy(update={"contract": "X" * 60})
    found = refused(mapped("  BAK06: answered.contract\n"), acknowledgment(), long)
    assert found == [(Code.NOT_WRITABLE, "answered.contract", "X" * 60)]


def test_an_echo_that_would_change_what_the_object_says_is_refused() -> None:
    """BAK02 reads as this word when empty; the object said just that, so no other may come there."""
    map = mapped(
        "  BAK06: answered.contract\n",
        ("  contract: BAK06\n", "  contract: {write: BAK06}\n  kind: {read: BAK06}\n"),
    )
    said = acknowledgment()
    assert "BAK*00*AT*4500017*20260301**CTR-9" in written(map, said)


def test_extends_adds_and_removes() -> None:
    base = MAP + "  REF[DP]: answered.references.department\n  BAK06: answered.contract\n"
    own = "map: own\nextends: harbor/855\nwrite:\n  BAK06: ~\n  lines: {PO101: answered.number}\n"
    map = maps.load("own", {"harbor/855": base, "own": own}.get)
    said = acknowledgment(lines=[line(ids={"sku": "77"})])
    assert written(map, said)[:3] == ["BAK*00*AT*4500017*20260301", "REF*DP*038", "PO1*001*1*EA***SK*77"]
    none = maps.load("none", {"harbor/855": base, "none": "map: none\nextends: harbor/855\nwrite: ~\n"}.get)
    assert none.answers is not None
    assert not none.answers.reads
    assert text_of(none.write(said)).startswith("BAK*00*AT*4500017*20260301\nPO1**1")


# -- what cannot stand


def faults_of(write: str, *changes: tuple[str, str]) -> list[SetupFault]:
    with pytest.raises(SetupError) as error:
        mapped(write, *changes)
    return error.value.faults


@pytest.mark.parametrize(
    ("write", "what", "fix"),
    [
        ("  REF[DP]: answered.references\n", '"*" needs the table', ""),
        (
            "  REF[DP]: answered.refrences.department\n",
            "PurchaseOrder has no field refrences",
            "did you mean references?",
        ),
        (
            "  REF[DP]: answered.references.department.x\n",
            "department holds no fields",
            "leave the rest away",
        ),
        ("  REF[DP]: answered.number.x\n", "there are no fields in a value", "leave the rest away"),
        ("  REF[DP]: answered.ship_to\n", "ship_to is no value", "name a field of it"),
        ("  REF[DP]: answered.lines.number\n", "lines is a list", "under lines: in write:"),
        ("  REF[DP]: order.number\n", "takes what the document answered says", "answered.FIELD"),
        ("  REF[DP]: =038\n", "takes what the document answered says", "answered.FIELD"),
        ("  REF[DP]: answered.number or answered.release\n", "nothing instead", "REF[DP]: answered.number"),
        ("  REF[DP]: answered.number default 1\n", "nothing instead", "REF[DP]: answered.number"),
        ("  RFE[DP]: answered.number\n", "there is no segment RFE", "did you mean REF?"),
        ("  PO101: answered.number\n", "PO1 is listed as lines", "under lines: in write:"),
        ("  BAK04: answered.total\n", "these types do not meet", "another"),
        ('  "REF[*]": answered.number\n', "REF[*] cannot be written", "name a qualifier"),
        ('  "REF[*]": answered.references\n', "needs the table of its words", "codes(references)"),
        ("  REF[DP]: answered.number\n  REF[DP]02: answered.release\n", "bound twice", "bind it once"),
        ("  BAK08: answered.number\nconstants: {BAK08: X}\n", "bound and written by the map", "remove one"),
        ("  REF[DP]: answered.number | codes(x)\n", "no table x", ""),
        ("  lynes: {PO101: answered.number}\n", "no in: or each: of that name", "did you mean lines?"),
        ("  lines: {PO101: answered.nummer}\n", "Line has no field nummer", "did you mean number?"),
        ("  lines: {each: PO1}\n", "each: write: takes", ""),
        ("  REF[DP]: ~\n  BAK06: [answered.number]\n", "takes what the document answered says", ""),
    ],
)
def test_a_broken_echo_is_found(write: str, what: str, fix: str) -> None:
    found = [fault for fault in faults_of(write) if what in fault.what]
    assert found
    assert fix in found[0].fix
    assert MAP.count("\n") < found[0].mark.line


ANSWERS = "answers: {PurchaseOrder: order.number, lines: number}\n"


@pytest.mark.parametrize(
    ("answers", "what", "fix"),
    [
        ("", "nothing is answered", "answers:"),
        ("answers: order.number\n", "names one document", "answers:"),
        ("answers: {lines: number}\n", "names one document", "answers:"),
        ("answers: {PurchaseOrder: order.number, Invoice: order.number}\n", "names one document", "answers:"),
        ("answers: {PurchaseOrder: order.nr}\n", "OrderRef has no field nr", "known:"),
        ("answers: {PurchaseOrder: order}\n", "no number of a document", "order.number"),
        ("answers: {PurchaseOrder: order.ordered_on}\n", "no number of a document", "order.number"),
        (
            "answers: {PurchaseOrder: order.number, line: number}\n",
            "line: not a list both",
            "did you mean lines?",
        ),
        (
            "answers: {PurchaseOrder: order.number, lines: nummer}\n",
            "has no field nummer",
            "did you mean number?",
        ),
        ("answers: {PurchaseOrder: order.number, lines: ids}\n", "no single value", "number"),
        ("answers: {PurchaseOrder: order.number, lines: number = quantity}\n", "do not meet", "one type"),
        ("answers: {PurchaseOrder: order.number}\n", "how they meet is missing", "lines: number"),
    ],
)
def test_broken_answers_are_found(answers: str, what: str, fix: str) -> None:
    found = [fault for fault in faults_of(LINES, (ANSWERS, answers)) if what in fault.what]
    assert found
    assert fix in found[0].fix


def test_answers_alone_is_enough_for_a_map_that_echoes_nothing() -> None:
    text = MAP.removesuffix("write:\n")
    map = maps.load("harbor/855", {"harbor/855": text}.get)
    assert map.answers is not None
    assert (map.answers.reads, [*map.answers.stated(acknowledgment()).values()]) == (
        False,
        [("4500017", None)],
    )
    assert text_of(map.write(acknowledgment())) == "BAK*00*AT*4500017*20260301\n"


def test_an_echo_may_bring_what_is_mandatory() -> None:
    """BAK03 is mandatory: read into no field, it is the order's number all the same."""
    text = MAP.replace(
        "order: {number: BAK03, ordered_on", "order: {line: BAK08, number: {read: BAK03}, ordered_on"
    )
    map = maps.load("harbor/855", {"harbor/855": text + "  BAK03: answered.number\n"}.get)
    assert written(map, acknowledgment()) == ["BAK*00*AT*4500017*20260301"]
    assert any("nothing provides BAK03" in fault.what for fault in faults_in(text))


def faults_in(text: str) -> list[SetupFault]:
    with pytest.raises(SetupError) as error:
        maps.load("harbor/855", {"harbor/855": text}.get)
    return error.value.faults
