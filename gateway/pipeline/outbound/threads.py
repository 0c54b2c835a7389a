"""An order beside all that answers it: line by line what was ordered, acknowledged, shipped, invoiced; what differs.

What counts is what was said: a repeat that was dropped was not, nor what we have written and the partner never had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from gateway.canonical import Invoice, OrderAcknowledgment, PurchaseOrder, unbalanced
from gateway.canonical.answered import answered
from gateway.canonical.answers import REFUSES, about
from gateway.canonical.fulfilment import Standing, Tally, counting, standing
from gateway.canonical.invoice import CREDITS
from gateway.ledger import documents, threads
from gateway.ledger.documents import DocumentRow
from gateway.ledger.states import State
from gateway.ledger.threads import Key
from gateway.pipeline.awaited import CANCELLATION

UNSAID = {
    "in": frozenset({State.DROPPED, State.REJECTED, State.HELD, State.QUARANTINED}),
    "out": frozenset({State.DROPPED, State.QUARANTINED, State.HELD, State.REFUSED, State.DEAD}),
}
"""By direction, the states of a document that one of the two has not said, or does not stand by; nor do we by what a
partner said as long as it waits for a person.
"""

FINE = Decimal("0.0001")
STEPS = ("ordered", "acknowledged", "shipped", "invoiced")


@dataclass(frozen=True, slots=True)
class Thread:
    """One order of one partner. `order` is what holds of it, None where the ledger has only answers to it.

    `answers` are in the order of time; those of `counted` are in the `lines`. `cancelled` is what took the order back,
    `total` what the counted invoices say they come to, None where one is for other orders too. `doubts` are differences
    of no line, `notes` what is good to know.
    """

    key: Key
    order: DocumentRow | None
    answers: Sequence[DocumentRow]
    counted: frozenset[str] = frozenset()
    lines: Sequence[Standing] = ()
    cancelled: DocumentRow | None = None
    total: Decimal | None = None
    doubts: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def differences(self) -> list[str]:
        """What does not agree, in words."""
        return [*(told for line in self.lines for told in differences(line)), *self.doubts]

    def money(self, step: str) -> Decimal | None:
        """What all lines of that step come to; None where the money of one of them is not known."""
        found = [tally for line in self.lines if (tally := getattr(line, step)) is not None]
        known = [tally.money for tally in found if tally.money is not None]
        return sum(known, Decimal(0)) if found and len(known) == len(found) else None

    def as_dict(self) -> dict[str, Any]:
        """The thread as JSON has it, decimals as strings."""
        return {
            "partner": self.key.partner,
            "number": self.key.number,
            "release": self.key.release or None,
            "order": self.order.id if self.order else None,
            "cancelled": self.cancelled.id if self.cancelled else None,
            "answers": [
                {
                    "id": row.id,
                    "kind": row.kind,
                    "number": row.number,
                    "state": row.state,
                    "counted": row.id in self.counted,
                }
                for row in self.answers
            ],
            "lines": [line_dict(line) for line in self.lines],
            "money": {step: _plain(self.money(step)) for step in STEPS},
            "total": _plain(self.total),
            "differences": self.differences,
            "notes": list(self.notes),
        }


def threads_of(tx: Connection, ids: Iterable[str]) -> list[Thread]:
    """The threads that these documents belong to, but for orders that nothing answers yet."""
    found = (thread(tx, key) for key in threads.keys(tx, set(ids)))
    return [one for one in found if one.answers]


def is_said(row: DocumentRow) -> bool:
    """Whether one of the two has said it to the other, and stands by it."""
    return row.canonical is not None and row.state not in UNSAID[row.direction]


def takes_back(business: Any) -> bool:
    """Whether it takes something back, or refuses it, as may well be said of an order that was cancelled."""
    if isinstance(business, Invoice) and business.kind in CREDITS:
        return True
    refuses = isinstance(business, OrderAcknowledgment) and business.verdict in REFUSES
    return refuses or getattr(business, "purpose", None) == CANCELLATION


def thread(tx: Connection, key: Key) -> Thread:
    forms, answers = threads.orders(tx, key), threads.answering(tx, key)
    order = in_force(forms)
    if order is None:
        return Thread(key, None, answers)
    said = {row.id: (row, documents.canonical(tx, row)) for row in answers if is_said(row)}
    business, objects = documents.canonical(tx, order), [one for _, one in said.values()]
    taken_back = last if (last := last_said(forms)) and last.purpose == CANCELLATION else None
    standing_ones = {id(one) for one in counting(objects)}
    invoices = [
        (row, one) for row, one in said.values() if isinstance(one, Invoice) and id(one) in standing_ones
    ]
    return Thread(
        key,
        order,
        answers,
        frozenset(said),
        standing(business, objects),
        taken_back,
        total_of(business, [one for _, one in invoices]),
        [*too_late(taken_back, said.values()), *not_adding_up(invoices)],
        [*of_no_release(order, said.values(), threads.orders(tx, Key(key.partner, key.number)))],
    )


def in_force(orders: Sequence[DocumentRow]) -> DocumentRow | None:
    """The last that was said; where none was, the last there is. What cancels it says no more what was ordered."""
    known = [row for row in orders if row.canonical is not None]
    forms = [row for row in known if row.purpose != CANCELLATION] or known
    return last_said(forms) or next(iter(forms[-1:]), None)


def last_said(orders: Sequence[DocumentRow]) -> DocumentRow | None:
    return next((row for row in reversed(orders) if is_said(row)), None)


def total_of(order: PurchaseOrder, invoices: Sequence[Invoice]) -> Decimal | None:
    """What they say they come to; None where there is none, or one is for other orders too."""
    if not invoices or not all(about(order, ref) for one in invoices for ref in answered(one)):
        return None
    return sum((-abs(one.total) if one.kind in CREDITS else one.total for one in invoices), Decimal(0))


def too_late(cancelled: DocumentRow | None, said: Iterable[tuple[DocumentRow, Any]]) -> Iterator[str]:
    """What goes on with an order that was taken back before."""
    for row, business in said:
        if cancelled is not None and row.id > cancelled.id and not takes_back(business):
            yield f"{name_of_document(row)} answers it, though it was cancelled before"


def not_adding_up(invoices: Iterable[tuple[DocumentRow, Invoice]]) -> Iterator[str]:
    for row, invoice in invoices:
        for fault in unbalanced(invoice):
            yield f"{name_of_document(row)}: {fault.place.field} is {fault.came}, which comes to {fault.expected}"


def of_no_release(
    order: DocumentRow, said: Iterable[tuple[DocumentRow, Any]], forms: Iterable[DocumentRow]
) -> Iterator[str]:
    """What is counted under several releases of an order, for it does not say which it means."""
    releases = sorted({form.release for form in forms if form.release})
    if order.release is None or len(releases) < 2:
        return
    for row, business in said:
        if any(ref.number == order.number and ref.release is None for ref in answered(business)):
            yield f"{name_of_document(row)} names no release: it is counted under each, {', '.join(releases)}"


# -- in words


def name_of_document(row: DocumentRow) -> str:
    return " ".join(filter(None, (row.type, row.number)))


def cancelled_by(row: DocumentRow) -> str:
    """`850 0002 of group 8 (06f1...) cancelled it on 2026-03-02 10:15 UTC`."""
    control = f" of group {row.group_control}" if row.group_control else ""
    named = " ".join(filter(None, (row.type, row.set_control)))
    return f"{named}{control} ({row.id}) cancelled it on {row.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def name_of(line: Standing) -> str:
    """`line 2`, or where it has no number what the item is called."""
    called = next((f"{kind} {value}" for kind, value in line.ids.items()), "a line without a name")
    return f"line {line.number}" if line.number else called


def differences(line: Standing) -> Iterator[str]:
    """What is said of the line that is not what was said just before."""
    name, before = name_of(line), [("ordered", line.ordered)] if line.ordered else []
    if line.ordered is None:
        said = ", ".join(f"{amount(tally)} {step}" for step in STEPS if (tally := getattr(line, step)))
        yield f"{name} was not ordered: {said}"
        return
    for step in STEPS[1:]:
        tally = getattr(line, step)
        if tally is None:
            continue
        if step in line.differing:
            yield from _differs(name, step, tally, before)
        before.append((step, tally))


def _differs(name: str, step: str, tally: Tally, before: Sequence[tuple[str, Tally]]) -> Iterator[str]:
    earlier, last = before[-1]
    if tally.apart:
        yield f"{name}: {amount(tally)} {step}, in another unit than {amount(before[0][1])} ordered"
    elif last.quantity not in (None, tally.quantity):
        yield f"{name}: {amount(tally)} {step}, {amount(last)} {earlier}"
    priced = next(((said, one) for said, one in reversed(before) if each(one) is not None), None)
    if priced and each(tally) not in (None, each(priced[1])):
        yield f"{name}: {step} at {_plain(each(tally))}, {priced[0]} at {_plain(each(priced[1]))}"


def amount(tally: Tally) -> str:
    """`12 box`, with what is in other units behind it; `some` where no quantity was said."""
    own = [f"{_plain(tally.quantity)} {tally.unit or ''}".strip()] if tally.quantity is not None else []
    others = [f"{_plain(one.value)} {one.unit}" for one in tally.apart]
    return " + ".join([*own, *others]) or "some"


def each(tally: Tally) -> Decimal | None:
    """The price of one, to a hundredth of a cent."""
    if tally.money is None or not tally.quantity:
        return None
    return (tally.money / tally.quantity).quantize(FINE).normalize()


def _plain(value: Decimal | None) -> str | None:
    """Without an exponent; cents where there are decimals."""
    if value is None:
        return None
    text = f"{value.normalize():f}"
    return f"{value:.2f}" if "." in text and len(text.rpartition(".")[2]) < 2 else text


def line_dict(line: Standing) -> dict[str, Any]:
    said = {step: tally_dict(tally) for step in (*STEPS, "backordered") if (tally := getattr(line, step))}
    return {"number": line.number, "ids": dict(line.ids), **said, "agrees": line.agrees}


def tally_dict(tally: Tally) -> dict[str, Any]:
    apart = [{"quantity": str(one.value), "unit": one.unit} for one in tally.apart]
    quantity = None if tally.quantity is None else str(tally.quantity)
    money = None if tally.money is None else str(tally.money)
    return {"quantity": quantity, "unit": tally.unit, "money": money} | ({"apart": apart} if apart else {})
