"""The order: who wants how much of what, when, where, and on which terms; and what all documents about one share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import ByWord, Day, Maybe, Number, Part, Text, Words
from gateway.canonical.moment import Moment
from gateway.canonical.parts import (
    AllowanceCharge,
    Amount,
    Contact,
    Dates,
    DeliveryTerms,
    Description,
    Destination,
    Equipment,
    Handling,
    ItemIds,
    Load,
    Measure,
    Note,
    Packaging,
    Packing,
    Party,
    PaymentTerms,
    Price,
    Quantity,
    References,
    Remark,
    Schedule,
    Tax,
    TaxStatus,
    Transport,
    Unit,
)


class Document(Part):
    """What every document says of itself and of those it is between."""

    number: Text | None = None
    purpose: Annotated[Text, Words("purposes")] | None = None
    created_at: Moment | None = None
    currency: Text | None = None
    references: References = Field(default_factory=dict)
    reference_texts: References = Field(default_factory=dict)
    notes: list[Note] = Field(default_factory=list)
    buyer: Maybe[Party] = None
    supplier: Maybe[Party] = None
    ship_to: Maybe[Party] = None
    bill_to: Maybe[Party] = None
    ship_from: Maybe[Party] = None
    other_parties: list[Party] = Field(default_factory=list)
    contacts: list[Contact] = Field(default_factory=list)


class Line(Part):
    """One item of a document. `inner` are the items it is made of; those say how they belong to it (`relation`)."""

    number: Text | None = None
    within: Text | None = None
    relation: Annotated[Text, Words("relations")] | None = None
    ids: ItemIds = Field(default_factory=dict)
    description: Text | None = None
    descriptions: list[Description] = Field(default_factory=list)
    quantity: Number | None = None
    unit: Unit | None = None
    price: Maybe[Price] = None
    prices: list[Price] = Field(default_factory=list)
    amounts: list[Amount] = Field(default_factory=list)
    dates: Dates = Field(default_factory=dict)
    references: References = Field(default_factory=dict)
    reference_texts: References = Field(default_factory=dict)
    commodities: ByWord[Text] = Field(default_factory=dict)
    notes: list[Note] = Field(default_factory=list)
    text: list[Text] = Field(default_factory=list)
    charges: list[AllowanceCharge] = Field(default_factory=list)
    taxes: list[Tax] = Field(default_factory=list)
    tax_statuses: list[TaxStatus] = Field(default_factory=list)
    packaging: Maybe[Packaging] = None
    packing: list[Packing] = Field(default_factory=list)
    measures: list[Measure] = Field(default_factory=list)
    schedule: list[Schedule] = Field(default_factory=list)
    destinations: list[Destination] = Field(default_factory=list)
    ship_to: Maybe[Party] = None
    other_parties: list[Party] = Field(default_factory=list)
    contacts: list[Contact] = Field(default_factory=list)
    payment_terms: list[PaymentTerms] = Field(default_factory=list)
    delivery_terms: Maybe[DeliveryTerms] = None
    transport: list[Transport] = Field(default_factory=list)
    loads: list[Load] = Field(default_factory=list)
    handling: list[Handling] = Field(default_factory=list)
    marks: References = Field(default_factory=dict)
    substitution: Annotated[Text, Words("substitutions")] | None = None
    inner: list[Line] = Field(default_factory=list)


class Trade(Document):
    """What an order, its acknowledgment and its invoice have in common: how it is paid, carried, packed and taxed."""

    dates: Dates = Field(default_factory=dict)
    payment_terms: list[PaymentTerms] = Field(default_factory=list)
    delivery_terms: Maybe[DeliveryTerms] = None
    transport: list[Transport] = Field(default_factory=list)
    equipment: list[Equipment] = Field(default_factory=list)
    loads: list[Load] = Field(default_factory=list)
    handling: list[Handling] = Field(default_factory=list)
    remarks: list[Remark] = Field(default_factory=list)
    requirements: list[Annotated[Text, Words("requirements")]] = Field(default_factory=list)
    restrictions: ByWord[Text] = Field(default_factory=dict)
    charges: list[AllowanceCharge] = Field(default_factory=list)
    taxes: list[Tax] = Field(default_factory=list)
    tax_statuses: list[TaxStatus] = Field(default_factory=list)
    prices: list[Price] = Field(default_factory=list)
    descriptions: list[Description] = Field(default_factory=list)
    packing: list[Packing] = Field(default_factory=list)
    measures: list[Measure] = Field(default_factory=list)
    marks: References = Field(default_factory=dict)
    amounts: list[Amount] = Field(default_factory=list)
    control_total: Number | None = None
    weight: Maybe[Quantity] = None
    volume: Maybe[Quantity] = None


class PurchaseOrder(Trade):
    """A buyer orders goods. `number` is the buyer's, and with `release` it names the order."""

    number: Text
    kind: Annotated[Text, Words("order_kinds")] | None = None
    ordered_on: Day
    release: Text | None = None
    contract: Text | None = None
    answer: Annotated[Text, Words("answers")] | None = None
    requested_delivery_at: Moment | None = None
    ship_not_before: Moment | None = None
    ship_not_after: Moment | None = None
    cancel_after: Moment | None = None
    total: Number | None = None
    lines: list[Line] = Field(default_factory=list)
