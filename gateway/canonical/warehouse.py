"""What a warehouse is asked to ship, and what it says it has shipped, for the company whose goods it keeps."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Day, Maybe, Text, Words
from gateway.canonical.moment import Moment
from gateway.canonical.order import Document, Line
from gateway.canonical.parts import (
    Dates,
    DeliveryTerms,
    Handling,
    OrderRef,
    Party,
    Quantity,
    References,
    Remark,
    Transport,
)
from gateway.canonical.ship_notice import Carried, Pack, ShippedLine


class WarehouseOrder(Document):
    """A depositor asks its warehouse to ship goods. `number` is the depositor's; `customer_order` is whom they are for.

    `quantity`, `weight` and `volume` are those of all lines.
    """

    number: Text
    customer_order: Maybe[OrderRef] = None
    kind: Annotated[Text, Words("order_kinds")] | None = None
    warehouse: Maybe[Party] = None
    depositor: Maybe[Party] = None
    ship_on: Day | None = None
    deliver_on: Day | None = None
    dates: Dates = Field(default_factory=dict)
    delivery_terms: Maybe[DeliveryTerms] = None
    transport: list[Transport] = Field(default_factory=list)
    handling: list[Handling] = Field(default_factory=list)
    marks: References = Field(default_factory=dict)
    remarks: list[Remark] = Field(default_factory=list)
    quantity: Maybe[Quantity] = None
    weight: Maybe[Quantity] = None
    volume: Maybe[Quantity] = None
    lines: list[Line] = Field(default_factory=list)


class WarehouseShipment(Carried, Document):
    """A warehouse says what it has shipped of an order of the depositor's, `order_number`; `shipment` is its own.

    Goods that lie in no pack are in `lines`.
    """

    order_number: Text
    shipment: Text | None = None
    customer_order: Maybe[OrderRef] = None
    warehouse: Maybe[Party] = None
    depositor: Maybe[Party] = None
    shipped_at: Moment | None = None
    quantity: Maybe[Quantity] = None
    weight: Maybe[Quantity] = None
    volume: Maybe[Quantity] = None
    packs: list[Pack] = Field(default_factory=list)
    lines: list[ShippedLine] = Field(default_factory=list)
