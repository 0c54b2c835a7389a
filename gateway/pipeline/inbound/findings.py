"""What reading an arrival finds, in the order in which it is written down.

Plain values without a ledger, a map or a business object in them: they may come from another process.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.canonical import OrderAcknowledgment, WarehouseShipment
from gateway.canonical.answered import answered
from gateway.canonical.answers import Answer
from gateway.faults import Fault
from gateway.formats import x12
from gateway.formats.events import Interchange
from gateway.ledger import documents
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.ids import new_id
from gateway.ledger.states import State
from gateway.ledger.threads import Ref
from gateway.pipeline.translation.answer import Answers
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import Translation
from gateway.profiles import Agreement
from gateway.profiles.standards import NEVER_ACKNOWLEDGED

NAMES = ("number", "purpose", "release")
LONGEST_NAME = 80


@dataclass(slots=True)
class Draft:
    """One transaction set that is not in the ledger yet, its canonical object as JSON, and the digest of its body.

    `answers` are the orders it answers.
    """

    row: DocumentRow
    canonical: bytes | None = None
    body: str = ""
    answers: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """An interchange began. `partner` is whose it is; where it is nobody's, `addressee` may be told so."""

    header: Interchange
    partner: str | None
    addressee: str | None = None


@dataclass(frozen=True, slots=True)
class Sets:
    """Transaction sets whose group is still open: they are stored, and wait for its trailer."""

    drafts: list[Draft]


@dataclass(frozen=True, slots=True)
class Terms:
    """On what a group's sets go on: what is agreed, and what rejects the envelopes around them.

    That the interchange has no trailer is among these as far as it was known when the group was released.
    """

    offset: int
    agreement: Agreement | None
    broken: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class GroupClosed:
    """The trailer that sets waited for was read, or is known to be missing: those not stored yet, and answers."""

    terms: Terms
    drafts: list[Draft]
    answers: Answers


@dataclass(frozen=True, slots=True)
class Trailed:
    """The same for those of the sets that are stored: these, by their ordinals."""

    terms: Terms
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The interchange was read to its end. `answerable` unless it only acknowledges; `digest` is of its sets.

    `first` and `last` are their ordinals; `answers` are about all of it, where it is not answered group by group.
    """

    faults: list[Fault]
    rejected: bool
    answerable: bool
    end: int
    digest: str
    first: int
    last: int
    answers: Answers


@dataclass(frozen=True, slots=True)
class Stray:
    """What stands in no interchange."""

    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class Ended:
    """The arrival was read to its end. `hollow` when there was nothing in its envelopes, if it had any."""

    hollow: bool


Finding = Opened | Sets | GroupClosed | Trailed | x12.InterchangeAcknowledgment | Closed | Stray | Ended


def draft(
    house: House,
    arrival: ArrivalRow,
    at: datetime,
    partner: str | None,
    agreement: Agreement | None,
    translation: Translation,
    ordinal: int,
) -> Draft:
    """The set as the ledger will store it. Its state is `staged` unless its own faults decide already."""
    found, group, business = translation.set, translation.group, translation.object
    row = documents.new(
        "in",
        found.code,
        at,
        first_state(translation, agreement),
        id=new_id(),
        arrival_id=arrival.id,
        partner=partner,
        **(keys_of(business) or names_of(translation)),
        group_code=group.code if group else None,
        group_control=group.control if group else None,
        set_control=found.control,
        version=found.version,
        ordinal=ordinal,
        offset=found.offset,
        length=len(found.raw),
        correlation=arrival.correlation,
        map=translation.choice.map.name if translation.choice.map else None,
        snapshot=house.digest,
        faults=[fault.as_dict() for fault in translation.all_faults],
    )
    canonical = business.to_json().encode() if business is not None else None
    answers = orders_answered(business) or orders_named(translation)
    return Draft(row, canonical, body_digest(found.raw, found.syntax), answers)


def body_digest(raw: bytes, syntax: Any) -> str:
    """Identifies a set's bytes without its header and trailer, whose control numbers differ from sending to sending."""
    return hashlib.sha256(syntax.inside(raw)).hexdigest()


def first_state(translation: Translation, agreement: Agreement | None) -> State:
    """A set is held where nothing is agreed, or not what it takes; one with faults quarantined; others wait for their
    trailer."""
    if translation.choice.ours or (agreement is None and translation.set.code not in NEVER_ACKNOWLEDGED):
        return State.HELD
    return State.QUARANTINED if translation.object is None else State.STAGED


def keys_of(business: Any) -> dict[str, str | None]:
    """What names a canonical object in the ledger, as far as this kind of object has it.

    An acknowledgment of an order is named by its order: a second one says what holds instead of the first. A shipment
    of a warehouse may only have the number that is the warehouse's own.
    """
    if business is None:
        return {}
    named = {name: getattr(business, name, None) for name in NAMES}
    if isinstance(business, WarehouseShipment):
        named["number"] = business.number or business.shipment
    if isinstance(business, OrderAcknowledgment):
        named |= {"number": business.order.number, "release": business.order.release}
    known = {name: None if value is None else str(value) for name, value in named.items()}
    return {"kind": type(business).__name__, **known}


def names_of(translation: Translation) -> dict[str, str | None]:
    """What names a document that is no object, as its object would be named: people ask for it by its number."""
    chosen, said = translation.choice.map, translation.names
    if chosen and chosen.document is OrderAcknowledgment:
        said = {"purpose": said.get("purpose"), **said.get("order", {})}
    elif chosen and chosen.document is WarehouseShipment:
        said = {"number": said.get("shipment"), **said}
    return {name: text for name in NAMES if (text := short(said.get(name)))}


def orders_named(translation: Translation) -> tuple[Ref, ...]:
    """The order that a document which is no object says it answers."""
    order = translation.names.get("order", {})
    number = short(order.get("number"))
    return ((number, short(order.get("release")) or ""),) if number else ()


def short(said: Any) -> str | None:
    """What may be a name; of what is rejected for its length nothing is kept but the bytes."""
    text = "" if said is None else str(said)
    return text if 0 < len(text) <= LONGEST_NAME else None


def orders_answered(business: Any) -> tuple[Ref, ...]:
    """The orders that the object answers, as the ledger knows them."""
    refs = answered(business) if isinstance(business, Answer) else []
    return tuple((one.number, one.release or "") for one in refs if one.number)
