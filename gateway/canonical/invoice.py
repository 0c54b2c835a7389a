"""The invoice: what is owed for what was delivered. `totals` says what it adds up to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Day, Maybe, Number, Part, Text, Words
from gateway.canonical.order import Line, Trade
from gateway.canonical.parts import Description, OrderRef, Quantity, StatedQuantity, Unit

CREDITS = (
    *(
        "credit memo",
        "credit invoice",
        "credit note for goods or services",
        "credit note for financial adjustments",
    ),
    *("self-billed credit note", "consolidated credit note", "price variation credit note"),
    *("delcredere credit note", "factored credit note"),
)
"""Kinds that give back; some write their amounts and quantities as negative, some as positive."""


class LineShipment(Part):
    """How much of a line was shipped, and how that stands to what was ordered."""

    quantity: Number | None = None
    unit: Unit | None = None
    status: Annotated[Text, Words("shipment_statuses")] | None = None
    difference: Number | None = None


class ShipmentSummary(Part):
    """What was shipped of one kind of package, in all."""

    quantity: Number | None = None
    unit: Unit | None = None
    weight: Maybe[Quantity] = None
    volume: Maybe[Quantity] = None
    descriptions: list[Description] = Field(default_factory=list)


class InvoicedLine(Line):
    """An item that is charged for: `quantity` is the invoiced one; `order` where it is not the invoice's."""

    order: Maybe[OrderRef] = None
    quantities: list[StatedQuantity] = Field(default_factory=list)
    shipments: list[LineShipment] = Field(default_factory=list)


class Invoice(Trade):
    """A seller asks for money. `total` is what is owed before a discount for paying early; a credit note's is negative.

    `consolidated` is the number of the invoice that this one is a part of.
    """

    number: Text
    kind: Annotated[Text, Words("transactions")] | None = None
    issued_on: Day
    order: Maybe[OrderRef] = None
    delivery_note: Text | None = None
    consolidated: Text | None = None
    total: Number
    discountable: Number | None = None
    discounted_total: Number | None = None
    discount: Number | None = None
    shipped: list[ShipmentSummary] = Field(default_factory=list)
    lines: list[InvoicedLine] = Field(default_factory=list)
