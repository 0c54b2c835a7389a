"""For whom is a document that a system handed over, and how do they get it? Pure: what the ledger knows is given.

The partner is the one whose order it answers, else the one who has the buyer's or the supplier's number in that system.
Where the two disagree, or nothing is said, nobody gets it until a person has looked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.canonical import OrderRef, ShippedOrder
from gateway.canonical.base import parts
from gateway.faults import Code, Fault, Place
from gateway.formats.enclosing import Envelope
from gateway.ledger.documents import DocumentRow
from gateway.maps import Map
from gateway.pipeline.outbound.differences import Order, called, replayed_first
from gateway.pipeline.translation.house import House
from gateway.profiles import Agreement, Partner, sending
from gateway.profiles.standards import standard_of

TYPES: Mapping[str, tuple[str, ...]] = {
    "PurchaseOrder": ("850", "ORDERS"),
    "OrderAcknowledgment": ("855", "ORDRSP"),
    "ShipNotice": ("856", "DESADV"),
    "Invoice": ("810", "INVOIC"),
    "OrderChange": ("860", "ORDCHG"),
    "ReceivingAdvice": ("861", "RECADV"),
    "InventoryReport": ("846", "INVRPT"),
    "WarehouseOrder": ("940",),
    "WarehouseShipment": ("945",),
    "PriceList": ("832", "PRICAT"),
}
"""What each business object is in X12 and in EDIFACT; the `send:` entry of that type says how a partner gets it."""

NUMBERED = ("buyer", "supplier", "warehouse")
"""The parties whose id may be the partner's number in the system."""


@dataclass(frozen=True, slots=True)
class Consignee:
    """Who gets a document, on which terms, written by which map, in which envelope, over which channel."""

    partner: Partner
    agreement: Agreement
    map: Map
    envelope: Envelope
    channel: str


def addressee(
    house: House,
    system: str,
    business: Any,
    orders: Sequence[Order],
    coming: Sequence[DocumentRow] = (),
) -> Partner | Fault:
    """Who gets the object that answers these orders, and others that came and do not stand yet."""
    asked = {order.row.partner for order in orders if order.row.partner}
    return partner_for(house, system, business, asked, coming)


def consignee(
    house: House, system: str, business: Any, partner: Partner, orders: Sequence[Order]
) -> Consignee | Fault:
    """How they get it. Raises `SetupError` for a broken map."""
    theirs = [order for order in orders if order.row.partner == partner.partner]
    return on_terms(house, system, business, partner, theirs[-1] if theirs else None)


def partner_for(
    house: House, system: str, business: Any, asked: Collection[str], coming: Sequence[DocumentRow] = ()
) -> Partner | Fault:
    """Of those who ordered and those who have the number, the one that both leave."""
    numbers = {number: place for number, place in numbers_of(business)}
    known = house.snapshot.partners
    named = {name for name, one in known.items() if one.accounts.get(system) in numbers}
    both = set(asked) & named if asked and named else set(asked) or named
    if len(both) == 1 and (found := both.pop()) in known:
        return known[found]
    if not asked and not named and (answered := orders_named(business)):
        return of_no_order(system, numbers, answered, coming)
    return undecided(system, numbers, sorted(asked), sorted(named))


def numbers_of(business: Any) -> list[tuple[str, str]]:
    """The buyer's, the supplier's and the warehouse's number, each with the field it stands in."""
    parties = ((name, getattr(business, name, None)) for name in NUMBERED)
    ids = ((name, party.id) for name, party in parties if party is not None and party.id is not None)
    return [(id.value, f"{name}.id.value") for name, id in ids if id.value]


def orders_named(business: Any) -> list[tuple[str, str]]:
    """What the orders it answers are called, each with the field it first stands in."""
    found: dict[str, str] = {}
    for path, one in parts(business):
        if isinstance(one, OrderRef | ShippedOrder) and one.number:
            steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in (*path, "number"))
            found.setdefault(called(one), "".join(steps).removeprefix("."))
    return list(found.items())


def of_no_order(
    system: str,
    numbers: Mapping[str, str],
    answered: Sequence[tuple[str, str]],
    coming: Sequence[DocumentRow],
) -> Fault:
    """It answers orders, none of which is known, and no account says whose they are."""
    number, place = answered[0]
    many = len(answered) > 1
    line = f"accounts: {{{system}: {next(iter(numbers), 'NUMBER')}}}"
    account = f"write {line} into the profile of the partner it is for, then replay"
    if not numbers:
        account = (
            f"say the partner's number as buyer.id.value and hand it over again; its profile has it as {line}"
        )
    come = "one of them has come" if many else "the order has come"
    unknown = "none of the orders it names is" if many else f"order {number} is not"
    expected = "an order that a partner sent us, or that we sent one"
    first = replayed_first(coming[0]) if coming else f"{unknown} known from any partner: replay once {come}"
    hint = f"{first}, or {account}"
    return Fault(Code.NO_PARTNER, Place(field=place), number, expected, hint=hint)


def undecided(system: str, numbers: Mapping[str, str], asked: list[str], named: list[str]) -> Fault:
    """Why nobody gets it, and what to write into which profile."""
    number, place = next(iter(numbers.items()), (None, "buyer.id.value"))
    line = f"accounts: {{{system}: {number or 'NUMBER'}}}"
    hint = f"write {line} into the profile of the partner it is for, then replay"
    if number is None:
        hint = (
            f"say the partner's number as buyer.id.value or supplier.id.value and hand it over again; "
            f"its profile has it as {line}"
        )
    if asked and named:
        theirs = f"it answers an order of {' and '.join(asked)}, but {line} is {' and '.join(named)}'s"
        hint = f"{theirs}; correct one of them, then replay"
    elif len(asked) > 1:
        hint = f"its order is one of {' and '.join(asked)}; {hint}"
    elif len(named) > 1:
        hint = f"{' and '.join(named)} both have {line}; correct one of them, then replay"
    elif asked:
        hint = f"it answers an order of {asked[0]}, which is no partner any more; {hint}"
    expected = "the order it answers, or a partner's number as buyer or supplier"
    return Fault(Code.NO_PARTNER, Place(field=place), number, expected, hint=hint)


def type_for(house: House, partner: Partner, kind: str, order: Order | None) -> str:
    """What the object is for this partner: in the standard of the order it answers, else what its profile sends first.

    Where it sends no such thing, in the standard that the partner has an identity in.
    """
    types = (*TYPES[kind], *in_records(house, partner, kind))
    sent = [key.partition("/")[0] for key in partner.send]
    agreed = sorted((one for one in types if one in sent), key=sent.index)
    answered = standard_of(order.row.type) if order else None
    same = [one for one in agreed or types if standard_of(one) == answered]
    known = [one for one in types if partner.known_as(standard_of(one))]
    return next(iter([*same, *agreed, *known, *types]))


def in_records(house: House, partner: Partner, kind: str) -> list[str]:
    """What the partner calls a file of records that holds such an object, as its profile says."""
    own = ((key.partition("/")[0], entry.map) for key, entry in partner.send.items())
    return [
        key for key, name in own if house.layout(name) is not None and house.heading(name).document == kind
    ]


def on_terms(
    house: House, system: str, business: Any, partner: Partner, order: Order | None = None
) -> Consignee | Fault:
    """What is agreed with them about such a document, and its way; else the fault that says what is missing.

    What answers an order is written in its version, where that is agreed, and goes back to whom it came from.
    """
    kind = type(business).__name__
    named = type_for(house, partner, kind, order)
    if not partner.active:
        hint = f"{partner.partner} is stage: {partner.stage}; make it testing or live, then replay"
        return Fault(Code.NO_AGREEMENT, came=named, hint=hint)
    agreement = sending(house.snapshot, partner, named, order.row.version or "" if order else "")
    if isinstance(agreement, Fault):
        return agreement
    chosen = house.map_out(agreement)
    if chosen.document.__name__ != kind:
        hint = f"name a map of {kind} in profiles/{partner.partner}.yaml: send.{agreement.entry}, then replay"
        return Fault(
            Code.NO_AGREEMENT, came=f"the map {agreement.map}", expected=f"a map of {kind}", hint=hint
        )
    if why := house.apart(system, agreement):
        return Fault(Code.WRONG_USAGE, came=system, expected=why[0], hint=why[1])
    ends = order.ends if order else None
    envelope = house.envelope_to(partner, agreement, chosen, ends)
    channel = house.leaving(partner, agreement.over)
    if envelope is None:
        line = f"identities: {{{chosen.guide.standard}: ...}}"
        hint = f"add {line} to profiles/{partner.partner}.yaml or company.yaml, then replay"
        return Fault(Code.NO_IDENTITY, expected="one of ours and one of theirs", hint=hint)
    if channel is None:
        hint = f"say over: CHANNEL in profiles/{partner.partner}.yaml: send.{agreement.entry}, then replay"
        return Fault(Code.NO_CHANNEL, expected="one channel that can send", hint=hint)
    return Consignee(partner, agreement, chosen, envelope, channel)
