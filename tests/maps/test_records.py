"""One map reads and writes a warehouse's fixed records: the laws, by values that the guide can carry."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from guides.flat_documents import (
    BATCH,
    CSV_BATCH,
    CSV_HEADER,
    CSV_ORDER,
    CSV_TEXTS,
    GUIDE,
    HEADER,
    MAP,
    ORDER,
    TEXTS,
    TRAILER,
)
from hypothesis import given
from hypothesis import strategies as some

from gateway import library
from gateway.canonical import Line, PurchaseOrder
from gateway.errors import NotWritable, SetupError
from gateway.faults import Code, rejecting
from gateway.formats import csv, fixed, known
from gateway.formats.events import Interchange, Limits, TransactionSet
from gateway.maps import Map, load
from gateway.maps.compile import compiled
from gateway.pipeline.translation.translate import Choice, Translation, by_map, read_set, translate

ORDERS = load("swift3pl/orders", TEXTS.get)
WRITER = fixed.Writer(ORDERS.guide.layout) if ORDERS.guide.layout else None


def read(data: bytes) -> list[Translation]:
    events = translate(data, by_map(ORDERS), trees=True, layout=ORDERS.guide.layout)
    return [event for event in events if isinstance(event, Translation)]


def written(order: PurchaseOrder) -> bytes:
    assert WRITER is not None
    return WRITER.transaction_set((), [node.elements for node in ORDERS.write(order).segments()])


def test_a_batch_becomes_orders() -> None:
    (one,) = list(library.translate(BATCH, ORDERS))
    assert one.all_faults == []
    assert one.object.lines[0] == Line(
        number="1", ids={"vendor": "TEA"}, quantity=Decimal(12), unit="each", price={"amount": "1.25"}
    )
    assert (one.object.number, one.object.ordered_on) == ("4711", date(2026, 11, 28))
    assert ORDERS.problems == ()


def test_an_untouched_document_is_written_as_its_bytes_were() -> None:
    (one,) = read(BATCH)
    assert WRITER is not None
    assert one.tree is not None
    assert ORDERS.residue(one.tree) == []
    tree = ORDERS.write(one.object, onto=one.tree)
    assert WRITER.transaction_set((), list(tree.segments()), onto=one.set) == one.set.raw == ORDER.encode()


def test_a_changed_field_changes_its_columns_alone() -> None:
    (one,) = read(BATCH)
    assert WRITER is not None
    changed = one.object.model_copy(update={"ordered_on": date(2027, 1, 2)})
    tree = ORDERS.write(changed, onto=one.tree)
    data = WRITER.transaction_set((), list(tree.segments()), onto=one.set)
    assert data == ORDER.replace("20261128", "20270102").encode()


def test_fast_and_exact_reader_give_one_object() -> None:
    (one,) = read(BATCH)
    assert compiled(ORDERS)(one.set.texts(), one.set.separator) == one.object


TEXT = some.text("ABCÄé 0-9", min_size=1, max_size=15).map(str.strip).filter(bool)
QUANTITY = some.integers(-99_999_999, 999_999_999).map(Decimal)
PRICE = some.integers(-999_999_999, 9_999_999_999).map(lambda units: Decimal(units).scaleb(-4))
LINE = some.builds(
    lambda sku, qty, unit, price: {"ids": {"vendor": sku}, "quantity": qty, "unit": unit, "price": price},
    TEXT,
    QUANTITY,
    some.sampled_from(["each", "case", None]),
    some.none() | PRICE.map(lambda amount: {"amount": amount}),
)


@given(TEXT, some.dates(), some.lists(LINE, min_size=1, max_size=4))
def test_every_order_is_read_back_equal(number: str, day: date, lines: list[dict[str, object]]) -> None:
    order = PurchaseOrder.model_validate(
        {"number": number, "ordered_on": day, "kind": "stand-alone", "lines": lines}
    )
    (one,) = read(b"HDR\n" + written(order) + b"TRL\n")
    assert one.all_faults == []
    assert one.object == order


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"quantity": "1.5", "ids": {"vendor": "A"}}, "lines[0].quantity"),
        ({"quantity": "1", "ids": {"vendor": "A" * 21}}, "lines[0].ids.vendor"),
        ({"quantity": "1", "ids": {"gtin": "A"}}, "lines[0].ids.gtin"),
    ],
)
def test_what_the_columns_cannot_hold_is_refused_by_field(line: dict[str, object], field: str) -> None:
    order = PurchaseOrder.model_validate(
        {"number": "1", "ordered_on": "2026-01-01", "kind": "stand-alone", "lines": [line]}
    )
    with pytest.raises(NotWritable) as caught:
        written(order)
    assert [fault.place.field for fault in caught.value.faults][:1] == [field]


@pytest.mark.parametrize(
    ("was", "now", "what"),
    [
        ("ORD.number", "ORD.numbr", "ORD.numbr: ORD has no field numbr"),
        ("ORD.number", "ORD", "ORD: name the field"),
        ("ORD.number", "OXD.number", "OXD.number: there is no segment OXD"),
        ("quantity: LIN.qty", "quantity: LIN.sku", "bound twice"),
        ("guide: swift3pl/orders", "guide: {LIN: {max: 3}}", "no guide"),
    ],
)
def test_what_is_wrong_with_a_map_over_records_is_told(was: str, now: str, what: str) -> None:
    with pytest.raises(SetupError) as caught:
        load("swift3pl/orders", {**TEXTS, "swift3pl/orders": MAP.replace(was, now)}.get)
    assert what in str(caught.value)


def test_events_are_those_of_every_syntax() -> None:
    kinds = [type(event) for event in translate(BATCH, by_map(ORDERS), layout=ORDERS.guide.layout)]
    assert issubclass(kinds[0], Interchange)
    assert not any(issubclass(kind, TransactionSet) for kind in kinds)


# -- rows

ROWS = load("megamart/orders", CSV_TEXTS.get)


def read_rows(data: bytes) -> list[Translation]:
    events = translate(data, by_map(ROWS), trees=True, layout=ROWS.guide.layout)
    return [event for event in events if isinstance(event, Translation)]


def test_rows_become_an_order() -> None:
    (one,) = list(library.translate(CSV_BATCH, ROWS))
    assert one.all_faults == []
    assert one.object.ship_to.name == "Store; One"
    assert [(line.ids["buyer"], line.quantity, line.unit) for line in one.object.lines] == [
        ("0012", Decimal("1.5"), "each"),
        ("T-2", Decimal(2), "case"),
    ]
    assert one.object.lines[0].price.amount == Decimal("1250.50")
    assert compiled(ROWS)(one.set.texts(), one.set.separator) == one.object


def test_a_row_that_did_not_change_keeps_its_bytes_and_columns_nobody_knows() -> None:
    (one,) = read_rows(CSV_BATCH)
    writer = csv.Writer.like(one.interchange)  # type: ignore[arg-type]
    changed = one.object.model_copy(update={"ordered_on": date(2027, 1, 2)})
    for order, wanted in ((one.object, CSV_ORDER), (changed, CSV_ORDER.replace("11/28/2026", "01/02/2027"))):
        tree = ROWS.write(order, onto=one.tree)
        assert writer.transaction_set((), list(tree.segments()), onto=one.set) == wanted.encode()


ROW = some.builds(
    lambda sku, qty, unit, price: {"ids": {"buyer": sku}, "quantity": qty, "unit": unit, "price": price},
    TEXT,
    QUANTITY.map(lambda whole: whole.scaleb(-3)),
    some.sampled_from(["each", "case", None]),
    some.none() | PRICE.map(lambda amount: {"amount": amount}),
)


@given(TEXT, some.dates(), some.none() | TEXT, some.lists(ROW, min_size=1, max_size=4))
def test_every_order_written_as_rows_is_read_back_equal(
    number: str, day: date, name: str | None, lines: list[dict[str, object]]
) -> None:
    said = {"number": number, "ordered_on": day, "kind": "stand-alone", "lines": lines}
    order = PurchaseOrder.model_validate(
        {**said, "ship_to": {"id": {"kind": "92", "value": "1"}, "name": name}}
    )
    layout = ROWS.guide.layout
    assert layout is not None
    writer = csv.Writer(layout)
    data = writer.transaction_set((), [node.elements for node in ROWS.write(order).segments()])
    (one,) = read_rows(writer.interchange((), [data]))
    assert one.all_faults == []
    assert one.object == order


def test_a_thousand_orders_are_a_thousand_documents_and_one_is_broken() -> None:
    orders = [CSV_ORDER.replace("4500", str(number)) for number in range(1000)]
    orders[500] = orders[500].replace("1,5", "1x5")
    found = list(library.translate((CSV_HEADER + "".join(orders)).encode(), ROWS))
    assert [at for at, one in enumerate(found) if one.object is None] == [500]
    (fault,) = found[500].all_faults
    assert (fault.place.line, fault.place.address, fault.came) == (1002, "line.qty", "1x5")


# -- damage


def damaged(data: bytes, random: Random) -> bytes:
    """The file with a byte changed, put in or taken out, lines told twice, or cut off."""
    for _ in range(random.choice((1, 1, 2, 5))):
        at, kind = random.randrange(len(data) + 1), random.randrange(5)
        if kind == 0:
            data = data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + bytes(random.choices(b'\n\r";,="0x A\x00\xff\x1f', k=2)) + data[at:]
        elif kind == 2:
            data = data[:at] + data[at + random.randrange(1, 30) :]
        elif kind == 3:
            lines = data.split(b"\n")
            lines.insert(random.randrange(len(lines)), random.choice(lines))
            data = b"\n".join(lines)
        else:
            data = data[: max(at, 1)]
    return data


@pytest.mark.parametrize("seed", range(150))
@pytest.mark.parametrize(("chosen", "whole"), [(ORDERS, BATCH), (ROWS, CSV_BATCH)], ids=["fixed", "rows"])
def test_whatever_a_file_holds_gives_faults_and_both_readers_agree(
    chosen: Map, whole: bytes, seed: int
) -> None:
    batch: Interchange | None = None
    for event in known.read(damaged(whole, Random(seed)), layout=chosen.guide.layout):
        batch = event if isinstance(event, Interchange) else batch
        if not isinstance(event, TransactionSet) or batch is None:
            continue
        exact = read_set(batch, None, event, Choice(chosen.guide, chosen), tree=True)
        assert (exact.object is None) is bool(rejecting(exact.all_faults))
        sound = event.plain and not rejecting(event.faults)
        if sound and (fast := compiled(chosen)(event.texts(), event.separator)) is not None:
            assert fast == exact.object
        if exact.object is not None and exact.tree is not None:
            tree = chosen.write(exact.object, onto=exact.tree)
            written = known.writer_like(batch).transaction_set((), list(tree.segments()), onto=event)
            assert written.rstrip(b"\r\n") == event.raw.rstrip(b"\r\n")


def test_what_is_missing_from_a_map_goes_by_its_name() -> None:
    broken = MAP.replace("  number: ORD.number\n", "  number: ORD.name\n")
    with pytest.raises(SetupError) as caught:
        load("swift3pl/orders", {**TEXTS, "swift3pl/orders": broken}.get)
    assert "nothing provides ORD.number" in str(caught.value)
    order = PurchaseOrder.model_validate(
        {"number": "x" * 16, "ordered_on": "2026-01-01", "kind": "stand-alone"}
    )
    with pytest.raises(NotWritable) as refused:
        ORDERS.write(order)
    assert {fault.place.address for fault in refused.value.faults} >= {"ORD.number"}


def test_a_secret_is_shown_to_nobody() -> None:
    guide = GUIDE.replace("unit 38..39", "unit 38..39 secret").replace(
        "ship_to 29..38", "ship_to 29..38 secret"
    )
    chosen = load("swift3pl/orders", {**TEXTS, "guides/swift3pl/orders": guide}.get)
    hidden = load("swift3pl/orders", {"guides/swift3pl/orders": guide, "swift3pl/orders": NUMBERED}.get)
    data = BATCH.replace(b"BEA0", b"BE\x010").replace(b"S1   ", b"S9\x01  ")
    told = [str(fault) for one in library.translate(data, chosen) for fault in one.all_faults]
    assert told
    assert all("***" in one for one in told)
    assert not any("S9" in one for one in told)
    (one,) = translate_all(BATCH, hidden)
    assert {each.text for each in hidden.account(one.tree) if each.place.address == "ORD.ship_to"} == {"***"}


NUMBERED = """
map: swift3pl/orders
document: PurchaseOrder
guide: swift3pl/orders
fields:
  number: ORD.number
  ordered_on: ORD.ordered
  kind: =stand-alone
  lines: {each: LIN, ids: {vendor: LIN.sku}, quantity: LIN.qty}
"""


def translate_all(data: bytes, chosen: Map) -> list[Any]:
    events = translate(data, by_map(chosen), trees=True, layout=chosen.guide.layout)
    return [event for event in events if isinstance(event, Translation)]


def test_of_a_document_beyond_the_limit_only_that_is_said() -> None:
    large, small = list(
        library.translate((HEADER + ORDER * 2 + TRAILER).encode(), ORDERS, limits=Limits(set_bytes=150))
    )
    for one in (large, small):
        assert [fault.code for fault in one.all_faults] == [Code.SET_TOO_LARGE]
