"""The receiving advice: what came of a shipment, as whoever received it counted, and what of it is otherwise."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Maybe, Part, Text, Words
from gateway.canonical.moment import Moment
from gateway.canonical.order import Document, Line
from gateway.canonical.parts import (
    Dates,
    DeliveryTerms,
    Discrepancy,
    Equipment,
    Load,
    OrderRef,
    Quantity,
    References,
    StatedQuantity,
    Transport,
)


class ReceivedLine(Line):
    """An item as it came: `quantity` was received, `accepted` of it kept, `shipped` is what was told of it."""

    order: Maybe[OrderRef] = None
    delivery_note: Text | None = None
    accepted: Maybe[Quantity] = None
    shipped: Maybe[Quantity] = None
    quantities: list[StatedQuantity] = Field(default_factory=list)
    discrepancies: list[Discrepancy] = Field(default_factory=list)
    lot: Text | None = None
    serials: list[Text] = Field(default_factory=list)
    expires_at: Moment | None = None


class ReceivedPack(Part):
    """A handling unit as it came, and what lay in it."""

    kind: Annotated[Text, Words("pack_levels")]
    ssccs: list[Text] = Field(default_factory=list)
    marks: References = Field(default_factory=dict)
    loads: list[Load] = Field(default_factory=list)
    discrepancies: list[Discrepancy] = Field(default_factory=list)
    packs: list[ReceivedPack] = Field(default_factory=list)
    lines: list[ReceivedLine] = Field(default_factory=list)


class ReceivingAdvice(Document):
    """A buyer says what it has received. `order` is that of all goods that name none, `ship_notice` told of them."""

    number: Text
    order: Maybe[OrderRef] = None
    ship_notice: Text | None = None
    delivery_note: Text | None = None
    received_at: Moment | None = None
    dates: Dates = Field(default_factory=dict)
    delivery_terms: Maybe[DeliveryTerms] = None
    transport: list[Transport] = Field(default_factory=list)
    equipment: list[Equipment] = Field(default_factory=list)
    loads: list[Load] = Field(default_factory=list)
    packs: list[ReceivedPack] = Field(default_factory=list)
    lines: list[ReceivedLine] = Field(default_factory=list)
