"""What is owed after a document, by us or by its partner, as `expect:` says: awaited from then on, met by what answers.

After what came in something of ours must go; after what we sent something of theirs must come. An acknowledgment ends
with the sending it is about, everything else with the first document of its type that answers the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from gateway.ledger import deadlines, documents, events, outbox, threads
from gateway.ledger.deadlines import DeadlineRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import State
from gateway.ledger.threads import CAME, ORDER, Ref
from gateway.pipeline.translation.house import House
from gateway.profiles.expectations import Span
from gateway.profiles.standards import ACKNOWLEDGMENTS, NEVER_ACKNOWLEDGED

TA1 = "TA1"
INTERCHANGE_ACCEPTED = "interchange-accepted"
"""The event of a sending that its TA1 accepted; what is in it is judged by another acknowledgment."""
CANCELLATION = "cancellation"
"""The purpose of an order that takes an order back."""


def received(tx: Connection, house: House, row: DocumentRow, since: datetime) -> None:
    """A partner's document has come: what waits for it is met, and what we owe after it is awaited."""
    if row.state not in CAME["in"] or row.type in NEVER_ACKNOWLEDGED:
        return
    refs = orders_of(tx, row)
    settle(tx, row, refs)
    if row.state != State.HELD:
        deadlines.add(tx, list(of_orders(tx, row, house.owed(row, since), refs)))


def sent(tx: Connection, house: House, row: OutboxRow, now: datetime) -> None:
    """The partner's side has what the sending carries: what waits for that is met, what they owe after it awaited."""
    if row.type in NEVER_ACKNOWLEDGED:
        return
    spans = house.awaited(row, now)
    others = {word: span for word, span in spans.items() if word not in ACKNOWLEDGMENTS}
    if len(others) < len(spans) and outbox.get(tx, row.id).state == State.SENT:
        deadlines.add(tx, list(acknowledgments(tx, row, spans)))
    for carried in documents.of_outbox(tx, row.id):
        refs = orders_of(tx, carried)
        settle(tx, carried, refs)
        deadlines.add(tx, list(of_orders(tx, carried, others, refs)))


def acknowledgments(tx: Connection, row: OutboxRow, spans: Mapping[str, Span]) -> Iterator[DeadlineRow]:
    """Of those that judge the documents the first that is due: any of them will do. A TA1 is awaited by itself."""
    about = ("in", row.partner, row.type, row.id, row.correlation)
    judging = [word for word in spans if word in NEVER_ACKNOWLEDGED]
    wanted = [min(judging, key=lambda word: spans[word].until)] if judging else []
    if TA1 in spans and not events.of_sending(tx, row.correlation, row.id, INTERCHANGE_ACCEPTED):
        wanted.append(TA1)
    for word in wanted:
        yield DeadlineRow(row.id, word, "", "", *about, *spans[word].moments)


def settle(tx: Connection, row: DocumentRow, refs: list[Ref]) -> None:
    """What waits for the document is met; after an order that is cancelled nothing is owed."""
    if row.kind != ORDER:
        deadlines.met(tx, row.partner or "", row.type, row.direction, refs)
    elif row.purpose == CANCELLATION and row.state != State.HELD:
        deadlines.cancelled(tx, row.partner or "", refs)


def orders_of(tx: Connection, row: DocumentRow) -> list[Ref]:
    """The order that the document is, or those it answers."""
    if row.kind != ORDER:
        return threads.refs(tx, row.id)
    return [(row.number, row.release or "")] if row.number else []


def of_orders(
    tx: Connection, row: DocumentRow, spans: Mapping[str, Span], refs: list[Ref]
) -> Iterator[DeadlineRow]:
    """What is awaited after the document, but for what has been answered since."""
    if row.purpose == CANCELLATION:
        return
    direction = "in" if row.direction == "out" else "out"
    for awaited, span in spans.items():
        for number, release in refs:
            key = threads.Key(row.partner or "", number, release)
            if not threads.answered(tx, key, awaited, direction, row.id):
                about = (direction, key.partner, row.type, row.outbox_id, row.correlation)
                yield DeadlineRow(row.id, awaited, number, release, *about, *span.moments)
