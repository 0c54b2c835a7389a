"""The ship notice: what is on its way, in which packages, for which orders. Contents nest as deep as the goods do."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Day, Maybe, Number, Part, Text, Words
from gateway.canonical.moment import Moment
from gateway.canonical.order import Document, Line
from gateway.canonical.parts import (
    AllowanceCharge,
    Contact,
    Dates,
    DeliveryTerms,
    Description,
    Discrepancy,
    Equipment,
    Handling,
    Load,
    Measure,
    OrderRef,
    Packaging,
    Packing,
    Party,
    Quantity,
    References,
    Transport,
    Unit,
)


class Carried(Part):
    """What is said of goods on their way: of the shipment, of an order in it, of a pack."""

    references: References = Field(default_factory=dict)
    reference_texts: References = Field(default_factory=dict)
    dates: Dates = Field(default_factory=dict)
    marks: References = Field(default_factory=dict)
    packaging: Maybe[Packaging] = None
    descriptions: list[Description] = Field(default_factory=list)
    measures: list[Measure] = Field(default_factory=list)
    packing: list[Packing] = Field(default_factory=list)
    loads: list[Load] = Field(default_factory=list)
    transport: list[Transport] = Field(default_factory=list)
    equipment: list[Equipment] = Field(default_factory=list)
    handling: list[Handling] = Field(default_factory=list)
    contacts: list[Contact] = Field(default_factory=list)
    delivery_terms: Maybe[DeliveryTerms] = None
    charges: list[AllowanceCharge] = Field(default_factory=list)
    buyer: Maybe[Party] = None
    ship_to: Maybe[Party] = None
    ship_from: Maybe[Party] = None
    other_parties: list[Party] = Field(default_factory=list)


class Packed(Part):
    """So many packages alike: `count` of a kind, with `quantity` of the line's units in each."""

    count: int | None = None
    quantity: Number | None = None
    kind: Annotated[Text, Words("packages")] | None = None
    size: Number | None = None
    unit: Unit | None = None
    references: References = Field(default_factory=dict)
    reference_texts: References = Field(default_factory=dict)


class ShippedLine(Line):
    """An item of the shipment: `quantity` is what was shipped. `packs` where the packages stand beneath their item."""

    order: Maybe[OrderRef] = None
    ordered: Maybe[Quantity] = None
    shipped_to_date: Number | None = None
    status: Annotated[Text, Words("line_actions")] | None = None
    lot: Text | None = None
    serials: list[Text] = Field(default_factory=list)
    expires_at: Moment | None = None
    discrepancies: list[Discrepancy] = Field(default_factory=list)
    packed: list[Packed] = Field(default_factory=list)
    packs: list[Pack] = Field(default_factory=list)


class Pack(Carried):
    """A handling unit: a pallet (`tare`), a carton (`pack`), one in it (`subpack`), and what lies in it."""

    kind: Annotated[Text, Words("pack_levels")]
    ssccs: list[Text] = Field(default_factory=list)
    count: int | None = None
    quantity: Number | None = None
    unit: Unit | None = None
    orders: list[ShippedOrder] = Field(default_factory=list)
    packs: list[Pack] = Field(default_factory=list)
    lines: list[ShippedLine] = Field(default_factory=list)


class ShippedOrder(Carried):
    """An order that goods of the shipment are for, and those of its goods that are here."""

    number: Text | None = None
    release: Text | None = None
    change: Text | None = None
    ordered_on: Day | None = None
    contract: Text | None = None
    kind: Annotated[Text, Words("order_kinds")] | None = None
    packs: list[Pack] = Field(default_factory=list)
    lines: list[ShippedLine] = Field(default_factory=list)


class ShipNotice(Carried, Document):
    """A seller says what it has shipped. `shape` names how the contents nest: `order pack line`, `pack order line`.

    `order` is the order of all goods that are in none and name none.
    """

    number: Text
    order: Maybe[OrderRef] = None
    kind: Annotated[Text, Words("transactions")] | None = None
    shape: Annotated[Text, Words("shapes")] | None = None
    shipped_at: Moment | None = None
    delivery_expected_at: Moment | None = None
    control_total: Number | None = None
    weight: Maybe[Quantity] = None
    volume: Maybe[Quantity] = None
    orders: list[ShippedOrder] = Field(default_factory=list)
    packs: list[Pack] = Field(default_factory=list)
    lines: list[ShippedLine] = Field(default_factory=list)

    def arranged(self, shape: str) -> ShipNotice:
        """The same notice with its contents nested as the shape says, from outside in: `pack order line`.

        Nothing is lost and nothing is said twice: what cannot be nested so raises NotWritable, every fault by field.
        """
        from gateway.canonical.arrange import arranged

        return arranged(self, shape)
