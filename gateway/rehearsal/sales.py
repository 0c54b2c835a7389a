"""What an ERP knows of an order, and answers: acknowledgment, ship notice, invoice. Pure.

It kept the order's number and date, its lines' numbers, items, quantities and prices. Of a partner's references, store
numbers and item numbers it kept nothing, as ERPs do: whoever wants these finds them in the order that is answered.
"""

from __future__ import annotations

import datetime as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from gateway.canonical import (
    AcknowledgedLine,
    Address,
    Invoice,
    InvoicedLine,
    Line,
    Moment,
    OrderAcknowledgment,
    OrderRef,
    Pack,
    Part,
    Party,
    PartyId,
    Price,
    PurchaseOrder,
    Quantity,
    Response,
    ShipNotice,
    ShippedLine,
    ShippedOrder,
    WarehouseOrder,
)
from gateway.canonical.gs1 import sscc

CENT = Decimal("0.01")
PLAIN = ("stand-alone", "new")
OURS = ("vendor item", "vendor", "sku")
"""Where an order names an item as we do."""
COMPANY_PREFIX = "08475551"
"""GS1's extension digit, and our company prefix."""


@dataclass(frozen=True, slots=True)
class Sold:
    """One line as the ERP keeps it."""

    number: str
    item: str
    quantity: Decimal
    unit: str | None
    price: Decimal

    @property
    def ids(self) -> dict[str, str]:
        return {"vendor item": self.item}

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class Sale:
    """An order as the ERP keeps it: `n` counts its orders."""

    n: int
    customer_order: str
    release: str | None
    ordered_on: clock.date
    lines: tuple[Sold, ...]
    at: clock.datetime

    @property
    def day(self) -> clock.date:
        return self.at.date()

    @property
    def number(self) -> str:
        return f"SO-{self.n:05d}"

    @property
    def order(self) -> OrderRef:
        return OrderRef(number=self.customer_order, release=self.release, ordered_on=self.ordered_on)


def is_plain(order: PurchaseOrder) -> bool:
    """Whether it is an order that an ERP answers by itself; about the others people talk."""
    whole = all(
        line.number and line.quantity and line.unit and line.price and line.price.amount
        for line in order.lines
    )
    return order.purpose == "original" and order.kind in PLAIN and bool(order.lines) and whole


def sale(order: PurchaseOrder, n: int, now: clock.datetime) -> Sale:
    lines = tuple(sold(line, at) for at, line in enumerate(order.lines, 1))
    return Sale(n, order.number, order.release, order.ordered_on, lines, now)


def sold(line: Line, at: int) -> Sold:
    """The line under its number in the order, and under our number of the item."""
    own = next((line.ids[word] for word in OURS if word in line.ids), None)
    price = line.price.amount if line.price and line.price.amount is not None else Decimal(0)
    number = line.number or str(at)
    return Sold(number, own or f"ITEM-{number}", line.quantity or Decimal(0), line.unit, price)


def acknowledgment(sale: Sale) -> OrderAcknowledgment:
    """Every line accepted as it was ordered."""
    return OrderAcknowledgment(
        number=sale.number,
        purpose="original",
        order=sale.order,
        verdict="detail and no change",
        acknowledged_on=sale.day,
        lines=[
            AcknowledgedLine(
                number=line.number,
                ids=line.ids,
                quantity=line.quantity,
                unit=line.unit,
                price=Price(amount=line.price),
                responses=[Response(action="accepted", quantity=line.quantity, unit=line.unit)],
            )
            for line in sale.lines
        ],
    )


def ship_notice(sale: Sale) -> ShipNotice:
    """All of it in one carton."""
    lines = [
        ShippedLine(
            number=line.number,
            ids=line.ids,
            quantity=line.quantity,
            unit=line.unit,
            ordered=Quantity(value=line.quantity, unit=line.unit),
        )
        for line in sale.lines
    ]
    carton = Pack(kind="pack", ssccs=[sscc(COMPANY_PREFIX, sale.n)], lines=lines)
    return ShipNotice(
        number=f"SN-{sale.n:05d}",
        purpose="original",
        created_at=Moment(sale.day, sale.at.time().replace(second=0, microsecond=0)),
        shipped_at=Moment(sale.day),
        shape="order pack line",
        orders=[
            ShippedOrder(
                number=sale.customer_order, release=sale.release, ordered_on=sale.ordered_on, packs=[carton]
            )
        ],
    )


def invoice(sale: Sale) -> Invoice:
    total = sum((line.amount for line in sale.lines), Decimal(0)).quantize(CENT)
    return Invoice(
        number=f"INV-{sale.n:05d}",
        issued_on=sale.day,
        order=sale.order,
        total=total,
        lines=[
            InvoicedLine(
                number=line.number,
                ids=line.ids,
                quantity=line.quantity,
                unit=line.unit,
                price=Price(amount=line.price),
            )
            for line in sale.lines
        ],
    )


ANSWERS: Mapping[str, Callable[[Sale], Part]] = {
    "OrderAcknowledgment": acknowledgment,
    "ShipNotice": ship_notice,
    "Invoice": invoice,
}


def replenishment(account: str, number: str) -> PurchaseOrder:
    """What the ERP orders from a supplier, whose number with it this is."""
    lines = [
        Line(
            number=str(at),
            ids={"vendor item": item},
            quantity=Decimal(quantity),
            unit="each",
            price=Price(amount=Decimal(price)),
        )
        for at, (item, quantity, price) in enumerate(
            (("MUG-WHT", "144", "1.85"), ("PLATE-24", "60", "2.10")), 1
        )
    ]
    return PurchaseOrder(
        number=number,
        purpose="original",
        kind="stand-alone",
        ordered_on=clock.date(2026, 3, 2),
        supplier=Party(id=PartyId(kind="buyer", value=account)),
        ship_to=Party(
            name="Northwind Distribution, Dock 4",
            id=PartyId(kind="buyer", value="DC4"),
            address=Address(lines=["2200 Canal Road"], city="Joliet", region="IL", postcode="60432"),
        ),
        lines=lines,
    )


def to_the_warehouse(account: str, number: str) -> WarehouseOrder:
    """What the ERP has its warehouse ship, whose number with it this is."""
    lines = [
        Line(number=str(at), ids={"vendor": item}, quantity=Decimal(quantity), unit="each")
        for at, (item, quantity) in enumerate((("MUG-WHT", "24"), ("PLATE-24", "6")), 1)
    ]
    return WarehouseOrder(
        number=number,
        warehouse=Party(id=PartyId(kind="account", value=account)),
        ship_on=clock.date(2026, 3, 16),
        ship_to=Party(
            name="Harbor & Main Store 12",
            address=Address(lines=["400 Wharf Street"], city="Portland", region="ME", postcode="04101"),
        ),
        lines=lines,
    )
