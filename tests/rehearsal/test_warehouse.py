"""The rehearsal warehouse: what it is told to ship it ships, and says so in columns that its own maps read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway import library
from gateway.canonical import InventoryReport, WarehouseShipment
from gateway.rehearsal import sales
from gateway.rehearsal.warehouse import CUSTOMER, NAME, USER, Warehouse, warehouse

NOW = datetime(2026, 11, 28, 14, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def played() -> Warehouse:
    return warehouse(Path(__file__).parents[2] / "partners")


def read(played: Warehouse, name: str, data: bytes) -> list[library.Translation]:
    return list(library.translate(data, library.load_map(f"{USER}/{name}", played.texts)))


def test_it_ships_what_it_is_told(played: Warehouse):
    orders = [sales.to_the_warehouse("W-500", number) for number in ("WO-1", "WO-2")]
    batch = library.render(
        orders, library.load_map(f"{USER}/orders", played.texts), sender=CUSTOMER, receiver=NAME, at=NOW
    )
    shipments, stock = played.replies(batch, NOW)
    said = [one.object for one in read(played, "shipments", shipments.data)]
    assert [type(one) for one in said] == [WarehouseShipment] * 2
    assert [one.order_number for one in said] == ["WO-1", "WO-2"]
    assert len({one.shipment for one in said}) == 2
    (report,) = read(played, "stock", stock.data)
    assert isinstance(report.object, InventoryReport)
    assert [(line.ids["vendor"], line.quantity) for line in report.object.lines] == [
        ("MUG-WHT", 452),
        ("PLATE-24", 488),
    ]
    assert report.all_faults == []


def test_what_is_no_batch_of_orders_it_leaves(played: Warehouse):
    assert played.replies(b"hello", NOW) == []
