"""The parts business objects share: parties, prices, charges, terms, measures. Everything in them may be missing."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import ByWord, Day, Maybe, Number, Part, Text, Words
from gateway.canonical.moment import Moment

Unit = Annotated[Text, Words("units")]
Role = Annotated[Text, Words("roles")]
PartyIdKind = Annotated[Text, Words("party_ids")]
LocationKind = Annotated[Text, Words("locations")]
WeightKind = Annotated[Text, Words("weights")]
DescriptionForm = Annotated[Text, Words("description_forms")]
AgencyWord = Annotated[Text, Words("agencies")]

References = ByWord[Annotated[list[Text], Field(min_length=1)]]
"""department, contract, promotion ... -> every value given for it; `reference_texts` hold what was said beside them."""

Dates = ByWord[Moment]
"""delivery requested, ship not before ... -> when."""

ItemIds = ByWord[Text]
"""buyer, vendor, upc, gtin, color ... -> what that side calls the item."""


class Quantity(Part):
    """How much of which unit."""

    value: Number | None = None
    unit: Unit | None = None


class StatedQuantity(Part):
    """How much of what there is to count: shipped, on order, sold ...; in words where it is no number."""

    kind: Annotated[Text, Words("quantities")] | None = None
    value: Number | None = None
    unit: Unit | None = None
    text: Text | None = None


class Discrepancy(Part):
    """By how much a quantity is another than was said before, less than nothing where some is missing, and why."""

    quantity: Number | None = None
    kind: Annotated[Text, Words("quantities")] | None = None
    status: Annotated[Text, Words("shipment_statuses")] | None = None
    reason: Annotated[Text, Words("change_reasons")] | None = None


class Amount(Part):
    """A sum of money, and what it is the sum of. Without a currency it is the document's."""

    kind: Annotated[Text, Words("amounts")] | None = None
    amount: Number | None = None
    currency: Text | None = None
    references: References = Field(default_factory=dict)
    dates: Dates = Field(default_factory=dict)


class PartyId(Part):
    """Who is meant, and in whose list: `{kind: duns, value: "012345678"}`."""

    kind: PartyIdKind | None = None
    value: Text | None = None


class Location(Part):
    """A place by a code of some list: `{kind: plant, value: RG}`."""

    kind: LocationKind | None = None
    value: Text | None = None


class Address(Part):
    """Where post goes."""

    lines: list[Text] = Field(default_factory=list)
    city: Text | None = None
    region: Text | None = None
    postcode: Text | None = None
    country: Text | None = None


class Contact(Part):
    """Whom to ask. `other` holds further ways to reach them: `mobile`, `telex`, `web` ..."""

    function: Annotated[Text, Words("contacts")] | None = None
    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    fax: Text | None = None
    other: ByWord[Text] = Field(default_factory=dict)


class Note(Part):
    """What a person wrote for a person; `number` and `title` where the writer gave the note such."""

    kind: Annotated[Text, Words("references")] | None = None
    number: Text | None = None
    title: Text | None = None
    lines: list[Text] = Field(default_factory=list)
    dates: Dates = Field(default_factory=dict)


class Remark(Part):
    """A note that stands alone, in words, and what it is about."""

    kind: Annotated[Text, Words("remarks")] | None = None
    text: Text | None = None


class Description(Part):
    """One thing said about a product or its packing: `aspect` is what (color, size, material), `code` or `text` how."""

    form: DescriptionForm | None = None
    aspect: Annotated[Text, Words("aspects")] | None = None
    agency: AgencyWord | None = None
    code: Text | None = None
    text: Text | None = None


class Packing(Part):
    """How goods are to be packed, marked or loaded."""

    form: DescriptionForm | None = None
    aspect: Annotated[Text, Words("packing_aspects")] | None = None
    agency: AgencyWord | None = None
    code: Text | None = None
    text: Text | None = None


class OrderRef(Part):
    """Another order, or a line of it; `change` counts what was changed since."""

    number: Text | None = None
    line: Text | None = None
    ordered_on: Day | None = None
    release: Text | None = None
    change: Text | None = None


class Price(Part):
    """`basis` says what the amount is for (`each`, `contract each`); or `per` and `unit`: 12.50 per 100 pieces."""

    customer: Annotated[Text, Words("customer_classes")] | None = None
    kind: Annotated[Text, Words("prices")] | None = None
    amount: Number | None = None
    basis: Annotated[Text, Words("price_bases")] | None = None
    per: Number | None = None
    unit: Unit | None = None
    multiplier_kind: Annotated[Text, Words("multipliers")] | None = None
    multiplier: Number | None = None
    total: Number | None = None


class Tax(Part):
    """A tax that is due: rate, or amount, or both, and on what. Without a currency it is the document's."""

    kind: Annotated[Text, Words("taxes")] | None = None
    rate: Number | None = None
    category: Annotated[Text, Words("tax_categories")] | None = None
    amount: Number | None = None
    currency: Text | None = None
    base: Number | None = None
    jurisdiction_kind: Annotated[Text, Words("jurisdictions")] | None = None
    jurisdiction: Text | None = None
    relation: Annotated[Text, Words("relations")] | None = None
    number: Text | None = None


class TaxStatus(Part):
    """Under which number somebody is taxed, or why not."""

    number: Text | None = None
    location: Maybe[Location] = None
    exemption: Annotated[Text, Words("tax_categories")] | None = None


class AllowanceCharge(Part):
    """Something taken off (`allowance`) or added (`charge`). Amounts are positive; `kind` is the sign.

    Without a currency it is the document's. `taxes` are those due on it.
    """

    kind: Annotated[Text, Words("charges")] | None = None
    service: Annotated[Text, Words("services")] | None = None
    agency: AgencyWord | None = None
    agency_service: Text | None = None
    text: Text | None = None
    amount: Number | None = None
    currency: Text | None = None
    percent_basis: Annotated[Text, Words("percent_bases")] | None = None
    percent: Number | None = None
    rate: Number | None = None
    unit: Unit | None = None
    quantity: Number | None = None
    up_to_quantity: Number | None = None
    settlement: Annotated[Text, Words("settlements")] | None = None
    reference: Text | None = None
    option: Text | None = None
    taxes: list[Tax] = Field(default_factory=list)


class PaymentTerms(Part):
    """When what is owed, and what paying early earns. Days count from `counted_from`."""

    kind: Annotated[Text, Words("terms")] | None = None
    counted_from: Annotated[Text, Words("terms_bases")] | None = None
    net_days: int | None = None
    due_on: Day | None = None
    discount_percent: Number | None = None
    discount_days: int | None = None
    discount_due_on: Day | None = None
    discount_amount: Number | None = None
    deferred_due_on: Day | None = None
    deferred_amount: Number | None = None
    deferred_percent: Number | None = None
    day_of_month: int | None = None
    method: Annotated[Text, Words("payment_methods")] | None = None
    text: Text | None = None


class DeliveryTerms(Part):
    """Who pays the freight, to where, and where risk and title pass."""

    payer: Annotated[Text, Words("freight_payers")] | None = None
    place_kind: LocationKind | None = None
    place: Text | None = None
    rules: Annotated[Text, Words("terms_rules")] | None = None
    incoterm: Text | None = None
    title_place_kind: LocationKind | None = None
    title_place: Text | None = None
    risk: Annotated[Text, Words("risks")] | None = None
    text: Text | None = None


class Transport(Part):
    """One leg of the way goods travel: by whom, how, and with what service."""

    sequence: Annotated[Text, Words("legs")] | None = None
    carrier: Maybe[PartyId] = None
    mode: Annotated[Text, Words("modes")] | None = None
    routing: Text | None = None
    status: Annotated[Text, Words("shipment_statuses")] | None = None
    location: Maybe[Location] = None
    transit_time: Number | None = None
    transit_unit: Annotated[Text, Words("transit_units")] | None = None
    service: Annotated[Text, Words("service_levels")] | None = None
    equipment: Text | None = None
    tracking: Text | None = None
    references: ByWord[Text] = Field(default_factory=dict)


class Equipment(Part):
    """A container, trailer or car."""

    kind: Annotated[Text, Words("equipment")] | None = None
    initial: Text | None = None
    number: Text | None = None
    seal: Text | None = None


class Load(Part):
    """What is shipped as packages: how many of which kind, how heavy, how large."""

    kind: Annotated[Text, Words("packages")] | None = None
    count: int | None = None
    text: Text | None = None
    weight_kind: WeightKind | None = None
    weight: Maybe[Quantity] = None
    volume: Maybe[Quantity] = None


class Handling(Part):
    """How goods must be handled: a special treatment, or a hazard; `applies` where that is asked or answered."""

    kind: Annotated[Text, Words("handlings")] | None = None
    hazard_list: Annotated[Text, Words("hazard_lists")] | None = None
    hazard: Text | None = None
    text: Text | None = None
    applies: Annotated[Text, Words("yes_or_no")] | None = None


class Party(Part):
    """A company or a place of one, what it is to this document, and how goods travel to or from it."""

    role: Role | None = None
    id: Maybe[PartyId] = None
    name: Text | None = None
    more_names: list[Text] = Field(default_factory=list)
    address: Maybe[Address] = None
    location: Maybe[Location] = None
    contacts: list[Contact] = Field(default_factory=list)
    references: References = Field(default_factory=dict)
    reference_texts: References = Field(default_factory=dict)
    dates: Dates = Field(default_factory=dict)
    delivery_terms: Maybe[DeliveryTerms] = None
    transport: list[Transport] = Field(default_factory=list)
    loads: list[Load] = Field(default_factory=list)
    equipment: list[Equipment] = Field(default_factory=list)
    handling: list[Handling] = Field(default_factory=list)
    packing: list[Packing] = Field(default_factory=list)


class Measure(Part):
    """One measured (or required) property; a range has `low` and `high`."""

    aspect: Annotated[Text, Words("measured_things")] | None = None
    kind: Annotated[Text, Words("measures")] | None = None
    value: Number | None = None
    unit: Unit | None = None
    low: Number | None = None
    high: Number | None = None


class Packaging(Part):
    """How an item is packed: `pack` inner packages of `size` `unit` in one outer one, its weight and its outside."""

    pack: int | None = None
    size: Number | None = None
    unit: Unit | None = None
    kind: Annotated[Text, Words("packages")] | None = None
    weight_kind: WeightKind | None = None
    weight: Maybe[Quantity] = None
    volume: Maybe[Quantity] = None
    length: Number | None = None
    width: Number | None = None
    height: Number | None = None
    dimension_unit: Unit | None = None
    inner: int | None = None


class Schedule(Part):
    """When how much is wanted; `to` where it is not the line's destination."""

    quantity: Number | None = None
    unit: Unit | None = None
    to: Maybe[Party] = None
    kind: Annotated[Text, Words("dates")] | None = None
    at: Moment | None = None
    until_kind: Annotated[Text, Words("dates")] | None = None
    until: Moment | None = None
    reference: Text | None = None
    references: References = Field(default_factory=dict)
    transport: list[Transport] = Field(default_factory=list)


class Destination(Part):
    """How much goes to one store or place."""

    unit: Unit | None = None
    kind: PartyIdKind | None = None
    place: Text | None = None
    quantity: Number | None = None
