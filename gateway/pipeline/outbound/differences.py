"""What does not add up between a document and the order it answers, or within it; and what `differs:` makes of it.

Whatever is held for that goes on once a person has replayed it: the same difference does not hold it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from gateway.canonical import Invoice, OrderRef, PurchaseOrder, ShipNotice, ShippedOrder, unbalanced
from gateway.canonical.answered import answered
from gateway.canonical.answers import Answer, about, may_mean
from gateway.canonical.fulfilment import exceeding, standing
from gateway.faults import Code, Fault, Place, rejecting
from gateway.ledger import departures, documents, events, interchanges, threads
from gateway.ledger.documents import REPLAYED, DocumentRow
from gateway.ledger.states import State
from gateway.pipeline.awaited import CANCELLATION
from gateway.pipeline.outbound.threads import cancelled_by, is_said, takes_back
from gateway.pipeline.translation.house import House
from gateway.profiles import Agreement, Partner

ANSWERS = frozenset({"OrderAcknowledgment", "ShipNotice", "Invoice"})
"""The kinds that answer an order."""
DIFFERS = "differs"
"""In the detail of the event that holds a document: which of its differences did."""
AGAIN = "again"
"""Beside those of `differs:`, what `duplicates:` decides on."""
ORDERS = frozenset({"850", "ORDERS"})
"""What orders are in X12 and in EDIFACT."""
SAY_RELEASE = "whoever answers has to say which: what differs from one may be right for the other"
UNREAD = frozenset({State.RECEIVED, State.STAGED})
"""Where an order goes on by itself."""
GONE_ON = frozenset({State.DELIVERED, State.RENDERED, State.SENT, State.ACKNOWLEDGED})
"""Where a document of a later id has gone on already, while this one was held."""
BY_TIME = attrgetter("id")
"""Ids are made in the order of time."""
STATES = {"hold": State.HELD, "reject": State.REJECTED}

Found = Mapping[str, Sequence[Fault]]
"""Faults by the word of `differs:` that decides on them."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order that a document answers, as the ledger has it.

    `ends` are the identities it was sent between, `earlier` what answered it before in the same kind.
    """

    row: DocumentRow
    object: PurchaseOrder
    ends: tuple[str, str] | None = None
    earlier: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a document goes for its differences, None where it goes on; all that is told of them; which decided."""

    state: State | None = None
    faults: Sequence[Fault] = ()
    decided: Sequence[str] = ()


def orders(
    tx: Connection, business: Any, direction: str, own: str, partner: str | None = None
) -> list[Order]:
    """The orders that the object of the document `own` answers, oldest first, as they went in that direction; of one
    partner, or of all.
    """
    return [
        Order(
            row,
            documents.canonical(tx, row),
            ends_of(tx, row),
            said_before(tx, row, type(business).__name__, own),
        )
        for wanted in answered(business)
        for row in of_release(departures.orders(tx, wanted.number or "", direction), wanted)
        if partner is None or row.partner == partner
    ]


def to_come(tx: Connection, business: Any, known: Sequence[Order]) -> list[DocumentRow]:
    """Of the orders that a system's object answers and that are not known, those that came and do not stand yet."""
    return [
        row
        for wanted in answered(business)
        if not any(about(order.object, wanted) for order in known)
        for row in of_release(departures.to_come(tx, wanted.number or ""), wanted)
    ]


def replayed_first(row: DocumentRow) -> str:
    """`order 4500017 came from acme and is held (ID): replay that first`."""
    release = f" release {row.release}" if row.release else ""
    first = "replay once it goes on" if row.state in UNREAD else "replay that first"
    came = f"came from {row.partner or 'nobody known'} and is {row.state} ({row.id})"
    return f"order {row.number}{release} {came}: {first}"


def said_before(tx: Connection, order: DocumentRow, kind: str, own: str) -> list[Answer]:
    """What of that kind answered the order before the document `own`, or went on before it did, and still holds."""
    known = threads.answering(tx, threads.Key(order.partner or "", order.number or "", order.release or ""))
    others = (row for row in known if row.kind == kind and row.direction != order.direction and row.id != own)
    before = (row for row in others if row.id < own or row.state in GONE_ON)
    return [documents.canonical(tx, row) for row in before if is_said(row)]


def ends_of(tx: Connection, row: DocumentRow) -> tuple[str, str] | None:
    """Sender and receiver of the interchange that the document came in."""
    if row.interchange_id is None:
        return None
    found = interchanges.get(tx, row.interchange_id)
    return found.sender, found.receiver


def of_release(rows: Sequence[DocumentRow], wanted: OrderRef) -> Sequence[DocumentRow]:
    """Those of that very release, else those that may mean it; and what may take it back."""
    exactly = [row for row in rows if row.release == wanted.release]
    if not exactly:
        return [row for row in rows if may_mean(row.release, wanted.release)]
    takes = (row for row in rows if row.purpose == CANCELLATION and row.release != wanted.release)
    return sorted((*exactly, *(row for row in takes if may_mean(row.release, wanted.release))), key=BY_TIME)


def let_go(tx: Connection, document_id: str) -> frozenset[str]:
    """The differences that held a document before a person replayed it."""
    held, waived = set[str](), set[str]()
    for kind, detail in events.of_document(tx, document_id):
        held |= set(detail.get(DIFFERS, ()))
        waived |= held if kind == REPLAYED else set()
    return frozenset(waived)


def found(business: Any, known: Sequence[Order], whose: str, coming: Sequence[DocumentRow] = ()) -> Found:
    """All differences of an object that answers these orders. `whose` says where its orders would be known from."""
    told = {
        "order": [*(unknown(business, known, whose, coming) if whose else ()), *cancelled(business, known)]
    }
    if isinstance(business, Answer):
        told["quantity"] = [fault for order in newest(known) for fault in too_much(order, business)]
        if rejecting(told["quantity"]):
            told["quantity"] = [*unreleased(business, known), *told["quantity"]]
    if isinstance(business, Invoice):
        told["total"] = unbalanced(business)
    return told


def newest(known: Iterable[Order]) -> list[Order]:
    """Of several forms of one order the one that came last; what cancels it says no more what was ordered."""
    known = list(known)
    forms = [order for order in known if order.row.purpose != CANCELLATION] or known
    return list({(order.row.number, order.row.release): order for order in forms}.values())


def too_much(order: Order, business: Answer) -> list[Fault]:
    """What goes beyond the order, by itself or together with what was said before."""
    return [*exceeding(order.object, business), *together(order, business)]


def together(order: Order, business: Answer) -> Iterator[Fault]:
    """Of each line that is not too much by itself: whether it is with what was shipped, or invoiced, before."""
    step = {ShipNotice: "shipped", Invoice: "invoiced"}.get(type(business))
    if not order.earlier or step is None:
        return
    before = standing(order.object, order.earlier)
    after = standing(order.object, [*order.earlier, business])
    for was, line in zip(before, after, strict=False):
        most = line.ordered.quantity if line.ordered else None
        earlier, total = (tally.quantity if (tally := getattr(one, step)) else None for one in (was, line))
        own = None if total is None else total - (earlier or 0)
        if most is not None and total is not None and own and own <= most < total:
            expected = f"at most {most}, as ordered; {earlier} {step} before, {total} together"
            place = Place(field=f"lines of order {order.row.number}, line {line.number or '?'}")
            yield Fault(Code.QUANTITY_EXCEEDS, place, str(own), expected)


def unknown(
    business: Any, known: Iterable[Order], whose: str, coming: Sequence[DocumentRow]
) -> Iterable[Fault]:
    for ref in answered(business):
        if not any(about(order.object, ref) for order in known):
            waits = next(iter(of_release([row for row in coming if row.number == ref.number], ref)), None)
            hint = f"{replayed_first(waits)}, then this; before, it goes as it is" if waits else None
            place, expected = Place(field="order.number"), f"an order {whose}"
            yield Fault(Code.UNKNOWN_ORDER, place, called(ref), expected, hint=hint)


def unreleased(business: Any, known: Iterable[Order]) -> Iterable[Fault]:
    """Of each order that is named without a release, though several are known: which it may mean."""
    for ref in answered(business):
        releases = dict.fromkeys(order.row.release for order in known if order.row.number == ref.number)
        if ref.release is None and len(releases) > 1:
            listed = ", ".join(one or "none" for one in releases)
            expected = f"the release of order {ref.number} that is meant: {listed}"
            place = Place(field="order.release")
            yield Fault(Code.ORIGINALS_DIFFER, place, expected=expected, hint=SAY_RELEASE)


def cancelled(business: Any, known: Iterable[Order]) -> Iterator[Fault]:
    """Each order it answers that was taken back since; not where it takes something back itself."""
    if takes_back(business):
        return
    for ref in answered(business):
        said = [order.row for order in known if about(order.object, ref) and is_said(order.row)]
        takes = [row for row in said if row.purpose == CANCELLATION]
        if takes and not any(outlasts(row, takes) for row in said):
            expected = f"an order in force; {cancelled_by(max(takes, key=BY_TIME))}"
            yield Fault(Code.ORDER_CANCELLED, Place(field="order.number"), called(ref), expected)


def outlasts(row: DocumentRow, takes: Iterable[DocumentRow]) -> bool:
    """Whether it orders something that nothing behind it takes back."""
    behind = (one for one in takes if one.id >= row.id)
    return not any(may_mean(one.release, row.release) for one in behind)


def called(ref: OrderRef | ShippedOrder) -> str:
    """`4500017`, or `4500017 release 2`."""
    return f"{ref.number} release {ref.release}" if ref.release else str(ref.number)


def judged(told: Found, agreement: Agreement, waived: Collection[str]) -> Verdict:
    """What `differs:` makes of it: the hardest word decides; what was let go, or only notes say, decides nothing."""
    faults: list[Fault] = []
    decided: dict[str, State] = {}
    for word, some in told.items():
        state = None if word in waived else STATES.get(agreement.differs[word])
        if state is not None and rejecting(some):
            decided[word] = state
        faults += some if state is not None else (fault.as_note() for fault in some)
    state = State.REJECTED if State.REJECTED in decided.values() else State.HELD if decided else None
    return Verdict(state, faults, tuple(decided))


def ours_to(partner: Partner) -> str:
    """Where the orders would be known from that a partner's documents answer; empty where we send it none."""
    return f"we sent {partner.partner}" if speaks_of_orders(partner.send) else ""


def theirs_from(partner: Partner) -> str:
    """The same for what we send it."""
    return f"{partner.partner} sent us" if speaks_of_orders(partner.receive) else ""


def speaks_of_orders(entries: Mapping[str, Any]) -> bool:
    return any(key.partition("/")[0] in ORDERS for key in entries)


def incoming(tx: Connection, house: House, row: DocumentRow, business: Any) -> Verdict:
    """What becomes of a partner's document that answers an order of ours. Raises `SetupError` without agreement."""
    partner, agreement = house.terms(row)
    known = orders(tx, business, "out", row.id, row.partner)
    told = found(business, known, ours_to(partner))
    waived = let_go(tx, row.id) if any(map(rejecting, told.values())) else frozenset[str]()
    return judged(told, agreement, waived)
