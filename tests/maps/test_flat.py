"""A warehouse's fixed columns and a supplier's CSV, both ways: files as they come, and the laws through real bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest

from gateway import library
from gateway.canonical import (
    InventoryReport,
    OrderAcknowledgment,
    PriceList,
    WarehouseOrder,
    WarehouseShipment,
)
from gateway.errors import NotWritable
from gateway.faults import rejecting
from gateway.formats import csv, fixed, known
from gateway.formats.records.write import RecordWriter
from gateway.maps import Map, load
from gateway.maps.compile import compiled
from gateway.maps.examples import example
from gateway.pipeline.translation.translate import Translation, by_map, translate

from . import flat
from .flat import CONFIRMATIONS, FILES, PRICES, SHIPMENTS, STOCK, File

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
NAMES = sorted(name for name in flat.texts() if not name.startswith("guides/"))
MOST_REFUSED = 0.2


@cache
def map_named(name: str) -> Map:
    return load(name, flat.texts().get)


def writer(chosen: Map) -> RecordWriter:
    layout = chosen.guide.layout
    assert layout is not None
    return fixed.Writer(layout) if layout.format == "fixed" else csv.Writer(layout)


def read(chosen: Map, data: bytes) -> list[Translation]:
    events = list(translate(data, by_map(chosen), trees=True, layout=chosen.guide.layout))
    assert [
        fault for event in events if not isinstance(event, Translation) for fault in rejecting(event.faults)
    ] == []
    return [event for event in events if isinstance(event, Translation)]


def objects(file: File) -> list[Any]:
    found = read(map_named(file.map), file.data)
    assert [fault for one in found for fault in one.all_faults] == []
    return [one.object for one in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_map_has_nothing_to_remark_on(name: str) -> None:
    assert map_named(name).problems == ()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.map)
def test_a_file_is_read_alike_by_both_readers_and_written_as_it_came(file: File) -> None:
    chosen = map_named(file.map)
    batch = next(iter(known.read(file.data, layout=chosen.guide.layout)))
    for one in read(chosen, file.data):
        assert compiled(chosen)(one.set.texts(), one.set.separator) == one.object
        assert one.tree is not None
        tree = chosen.write(one.object, onto=one.tree)
        assert (
            known.writer_like(batch).transaction_set((), list(tree.segments()), onto=one.set) == one.set.raw
        )  # type: ignore[arg-type]


def test_shipments_of_two_orders_are_two_documents() -> None:
    first, second = objects(SHIPMENTS)
    assert isinstance(first, WarehouseShipment)
    assert (first.order_number, first.shipment, str(first.shipped_at)) == (
        "WO-1001",
        "S000000001",
        "2026-11-28T14:05",
    )
    assert first.weight.value == Decimal("123.450")
    assert [(leg.carrier.value, leg.tracking) for leg in first.transport] == [("SWFT", "1Z999AA10123456784")]
    assert second.transport == []
    told = [
        (one.ssccs, [(line.ids["vendor"], line.quantity, line.lot) for line in one.lines])
        for one in first.packs
    ]
    assert told == [
        (["340123450000000017"], [("TEA", Decimal("12.00"), "L-77"), ("COFFEE", Decimal("0.50"), None)]),
        (["340123450000000024"], [("TEA", Decimal("3.00"), "L-78")]),
    ]
    assert second.packs[0].lines[0].quantity == Decimal("-1.00")


def test_stock_in_packed_numbers_of_a_mainframe() -> None:
    (report,) = objects(STOCK)
    assert isinstance(report, InventoryReport)
    assert [(line.ids["vendor"], line.quantity, line.lot) for line in report.lines] == [
        ("TEA", 1200, "L-77"),
        ("COFFEE", 80, None),
    ]
    assert (report.lines[0].expires_at.date, report.lines[1].expires_at) == (date(2027, 6, 30), None)


def test_prices_of_one_day_are_one_list() -> None:
    (prices,) = objects(PRICES)
    assert isinstance(prices, PriceList)
    assert (prices.valid_from, prices.currency) == (date(2027, 1, 1), "EUR")
    assert [(line.ids["vendor"], line.price.amount, line.minimum_quantity) for line in prices.lines] == [
        ("00471", Decimal("12.50"), 5),
        ("00472", 8, None),
    ]


def test_rows_of_one_line_of_an_order_are_answers_to_it() -> None:
    first, second = objects(CONFIRMATIONS)
    assert isinstance(first, OrderAcknowledgment)
    assert [[(said.action, said.quantity) for said in line.responses] for line in first.lines] == [
        [("accepted", 8), ("backordered", 2)],
        [("rejected", 0)],
    ]
    assert second.lines[0].price.amount == Decimal("1012.50")


def laws(chosen: Map, random: Random) -> str | None:
    """What is written is read back equal, also onto another document, and untouched as it was; else why not."""
    wanted, other, hand = example(chosen, random), example(chosen, random), writer(chosen)
    header = hand.header(sender="A", control="1", at=AT)
    try:
        data = hand.transaction_set((), [node.elements for node in chosen.write(wanted).segments()])
        before = hand.transaction_set((), [node.elements for node in chosen.write(other).segments()])
    except NotWritable as error:
        return "; ".join(map(str, error.faults))
    (one,) = read(chosen, hand.interchange(header, [data]))
    assert rejecting(one.all_faults) == []
    assert one.object == wanted
    assert one.tree is not None
    assert (
        hand.transaction_set((), list(chosen.write(wanted, onto=one.tree).segments()), onto=one.set) == data
    )
    (original,) = read(chosen, hand.interchange(header, [before]))
    assert original.tree is not None
    try:
        merged = hand.transaction_set(
            (), list(chosen.write(wanted, onto=original.tree).segments()), onto=original.set
        )
    except NotWritable as error:
        broken = "read back as" in str(error)
        return f"a law is broken: {error}" if broken else None
    (again,) = read(chosen, hand.interchange(header, [merged]))
    assert again.object == wanted
    return None


@pytest.mark.parametrize("name", NAMES)
def test_the_laws_hold_through_bytes(name: str) -> None:
    refused = [why for seed in range(40) if (why := laws(map_named(name), Random(seed)))]
    assert [why for why in refused if "read back as" in why] == []
    assert len(refused) <= MOST_REFUSED * 40, refused[:3]


def test_objects_are_rendered_as_one_batch_that_adds_them_up() -> None:
    chosen = map_named("swift3pl/orders")
    said = {
        "ship_to": {"name": "Store One"},
        "lines": [{"number": "1", "ids": {"vendor": "TEA"}, "quantity": 12}],
    }
    orders = [WarehouseOrder.model_validate({"number": f"WO-{number}", **said}) for number in (1, 2)]
    data = library.render(
        orders, chosen, sender="ZZ/NORTH", receiver="ZZ/SWIFT", control=41, test=True, at=AT
    )
    first, *_, last = data.decode("cp1252").splitlines()
    assert first == "HDRNORTH     SWIFT     000000041202611280930T".ljust(80)
    assert last == "TRL00000020000002000000000002D".ljust(80)
    events = list(translate(data, by_map(chosen), layout=chosen.guide.layout))
    assert [one.object for one in events if isinstance(one, Translation)] == orders
    assert (events[0].sender, events[0].receiver, events[0].test) == ("NORTH", "SWIFT", True)  # type: ignore[union-attr]


def test_a_price_list_is_rendered_as_csv() -> None:
    (prices,) = objects(PRICES)
    data = library.render([prices], map_named(PRICES.map)).decode()
    assert data.splitlines() == [
        "Valid From,Currency,SKU,EAN,Name,List Price,MOQ",
        '2027-01-01,EUR,00471,4006381333931,"Saw, small",12.50,5',
        "2027-01-01,EUR,00472,,Hammer,8,",
    ]


def test_of_a_list_a_record_has_room_for_one() -> None:
    (first, _), chosen = objects(SHIPMENTS), map_named("swift3pl/shipments")
    two = first.model_copy(update={"transport": [*first.transport, *first.transport]})
    with pytest.raises(NotWritable) as caught:
        chosen.write(two)
    (fault,) = caught.value.faults
    assert (fault.place.field, fault.expected) == (
        "transport[1]",
        "one alone: the document has room for no more",
    )
    (one, _) = read(chosen, SHIPMENTS.data)
    assert one.tree is not None
    other = first.transport[0].model_copy(update={"tracking": "X"})
    for legs, stands in (([other], "SWFTX                 "), ([], "                      ")):
        tree = chosen.write(first.model_copy(update={"transport": legs}), onto=one.tree)
        data = writer(chosen).transaction_set((), list(tree.segments()), onto=one.set)
        assert data == one.set.raw.replace(b"SWFT1Z999AA10123456784", stands.encode())
