"""A legacy warehouse for rehearsals: it fetches our orders over SFTP, ships them, and says so in fixed columns.

Its batches are read and written by the guides and maps that its profile names: it has no others.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway import library
from gateway.canonical import (
    InventoryReport,
    Moment,
    Pack,
    Part,
    Party,
    PartyId,
    WarehouseOrder,
    WarehouseShipment,
)
from gateway.canonical.gs1 import sscc
from gateway.rehearsal.supplier import Reply

USER = "swift3pl"
NAME, CUSTOMER = "SWIFT", "NORTHWIND"
COMPANY_PREFIX = "34012345"
"""GS1's extension digit, and its company prefix."""
STOCK = Decimal(500)
"""So many of each item lay there before."""


@dataclass(slots=True)
class Warehouse:
    """Its side: the texts of guides and maps by name, and the numbers it counts on by."""

    texts: Mapping[str, str]
    user: str = USER
    orders: str = "orders_"
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def replies(self, data: bytes, now: datetime) -> list[Reply]:
        """What it sends for a batch of orders: one of shipments, and what is left in stock."""
        read = library.translate(data, self._map("orders"))
        found = [one.object for one in read if isinstance(one.object, WarehouseOrder)]
        if not found:
            return []
        shipped = [shipment(order, now, next(self.numbers)) for order in found]
        return [
            self._reply("shipments", shipped, now),
            self._reply("stock", [stock(found, now, next(self.numbers))], now),
        ]

    def _map(self, name: str) -> Any:
        return library.load_map(f"{USER}/{name}", self.texts)

    def _reply(self, name: str, objects: Sequence[Part], now: datetime) -> Reply:
        control = int(now.timestamp()) % 100_000 * 100 + next(self.numbers) % 100
        written = library.render(
            objects, self._map(name), sender=NAME, receiver=CUSTOMER, control=control, at=now
        )
        return Reply(f"{name}_{control}.txt", written)


def warehouse(partners: Path) -> Warehouse:
    """The warehouse with the guides and maps that lie there."""
    maps = {f"{USER}/{one.stem}": one for one in (partners / "maps" / USER).glob("*.yaml")}
    guides = {f"guides/{USER}/{one.stem}": one for one in (partners / "guides" / USER).glob("*.yaml")}
    return Warehouse({name: path.read_text("utf-8") for name, path in {**maps, **guides}.items()})


def shipment(order: WarehouseOrder, now: datetime, number: int) -> WarehouseShipment:
    """All of it in one carton."""
    lines: list[Any] = [
        {"number": line.number, "ids": line.ids, "quantity": line.quantity, "unit": line.unit}
        for line in order.lines
    ]
    carton = Pack.model_validate({"kind": "pack", "ssccs": [sscc(COMPANY_PREFIX, number)], "lines": lines})
    return WarehouseShipment(
        order_number=order.number,
        shipment=f"S{now:%y%m%d}{number:03d}",
        shipped_at=Moment(now.date(), now.time().replace(second=0, microsecond=0)),
        packs=[carton],
    )


def stock(orders: Sequence[WarehouseOrder], now: datetime, number: int) -> InventoryReport:
    """What is left of the items that were ordered."""
    left: dict[tuple[str, str | None], Decimal] = {}
    for line in (line for order in orders for line in order.lines):
        key = line.ids.get("vendor", ""), line.unit
        left[key] = left.get(key, STOCK) - (line.quantity or Decimal(0))
    lines: list[Any] = [
        {"ids": {"vendor": item}, "quantity": quantity, "unit": unit}
        for (item, unit), quantity in left.items()
    ]
    return InventoryReport.model_validate(
        {
            "number": f"R{now:%y%m%d}{number:03d}",
            "reported_at": Moment(now.date()),
            "warehouse": Party(id=PartyId(kind="warehouse", value="W1")),
            "lines": lines,
        }
    )
