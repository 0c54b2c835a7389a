"""What a partner says of what we sent: its 997, 999, CONTRL or TA1 closes our documents, or says why it refuses them.

Matched by partner and control numbers, and by what it is called (`verdicts`). What matches nothing is an event and a
fault, never an error: partners acknowledge what they got from a backup system, or twice. What is not said for certain
closes nothing: the acknowledgment is held, and what it may have meant goes on being awaited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from gateway.canonical import FunctionalAcknowledgment
from gateway.canonical.meeting import bare
from gateway.faults import Code, Fault, Place
from gateway.ledger import deadlines, documents, events, interchanges, moves, outbox
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import TRANSITIONS, Life, State
from gateway.ledger.writer import after_commit
from gateway.pipeline import metrics
from gateway.pipeline.awaited import INTERCHANGE_ACCEPTED, TA1
from gateway.pipeline.inbound.verdicts import (
    GOOD,
    RECEIVED,
    Named,
    Sent,
    control_of,
    judged,
    misnamed,
    named_in,
    unmatched,
)
from gateway.profiles.standards import X12, standard_of

log = structlog.get_logger()


def functional(tx: Connection, row: DocumentRow, said: FunctionalAcknowledgment, now: datetime) -> None:
    """Applies a functional acknowledgment that came in as the document `row`, and ends that document.

    It ends held where a person has to ask the partner: it names what we never sent, does not say for certain what it
    accepts, or says otherwise than before.
    """
    sent = meant(tx, row, said)
    outcome, faults = judged(said, sent)
    places = named_in(said)
    for document in sent.documents:
        if document.id in outcome and (
            contradiction := apply(tx, row, document, outcome[document.id], now, places)
        ):
            faults.append(contradiction)
    for outbox_id in dict.fromkeys(
        document.outbox_id for document in sent.documents if document.id in outcome
    ):
        if outbox_id:
            outbox.settle(tx, outbox_id, now, {"by": row.id})
    about = "interchange" if said.interchange else "group"
    detail: dict[str, Any] = {"closes": sorted(outcome), about: control_of(said)}
    if said.verdict == RECEIVED:
        detail["verdict"] = RECEIVED
    if faults:
        detail["faults"] = [fault.as_dict() for fault in faults]
    if all(fault.is_note for fault in faults):
        documents.move(tx, row.id, State.DELIVERED, None, now, kind="matched", detail=detail)
        return
    kind = None if outcome else "unmatched"
    wrong = [*row.faults, *detail["faults"]]
    documents.move(tx, row.id, State.HELD, None, now, kind=kind, detail=detail, faults=wrong)


def meant(tx: Connection, row: DocumentRow, said: FunctionalAcknowledgment) -> Sent:
    """The documents of ours in that group, or interchange; nothing where none has its number, tests apart.

    Of several the last that was sent and is called so, else the last: numbers begin anew, and each pair of identities
    has its own.
    """
    control, partner = bare(control_of(said)), row.partner or ""
    if said.interchange:
        ids = [one.id for one in outbox.sent_as(tx, partner, control)]
    else:
        known = documents.sent_as(tx, partner, control)
        ids = [one.outbox_id for one in known if one.outbox_id and standard_of(one.type) == X12]
    usage = interchanges.get(tx, row.interchange_id).usage if ids and row.interchange_id else None
    last = Sent()
    for sending in (outbox.get(tx, id) for id in dict.fromkeys(ids)):
        if usage is not None and sending.usage not in (None, usage):
            continue
        carried = documents.of_outbox(tx, sending.id)
        sent = Sent(carried, sending.own, sending.other)
        if carried and not misnamed(said, sent):
            return sent
        last = last if last.documents else sent
    return last


def apply(
    tx: Connection,
    row: DocumentRow,
    document: DocumentRow,
    outcome: dict[str, Any],
    now: datetime,
    places: Named,
) -> Fault | None:
    """Closes one document; a second acknowledgment that says the same changes nothing.

    One that says what can no longer be changes nothing either, and is a fault: a person asks which of the two holds.
    """
    state = State.ACKNOWLEDGED if outcome["verdict"] in GOOD else State.REFUSED
    if document.state == state:
        return None
    about = {"document_id": document.id, "outbox_id": document.outbox_id, "correlation": document.correlation}
    named: dict[str, Any] = {
        "partner": document.partner or "",
        "type": document.type,
        "document": document.id,
        "number": document.number,
        "was": document.state,
        "says": outcome["verdict"],
        "by": row.id,
    }
    if state not in TRANSITIONS[Life.OUTBOUND][State(document.state)]:
        events.add(tx, "contradicted", now, detail={**outcome, "by": row.id}, **about)
        after_commit(tx, partial(contradicted, **named))
        called = f"{document.type} {document.number or document.set_control}"
        known = f"{document.state}, as {called} is ({document.id})"
        return Fault(Code.CONTRADICTING_ACKNOWLEDGMENT, places.verdict, outcome["verdict"], known)
    if document.state == State.REFUSED:
        events.add(tx, "reversed", now, detail={"was": document.state, "by": row.id}, **about)
        after_commit(tx, partial(log.warning, "reversed", **named))
    documents.acknowledge(tx, document.id, state, now, outcome)
    return None


def interchange(
    tx: Connection, partner: str, usage: str, elements: Sequence[str], arrival: ArrivalRow, now: datetime
) -> None:
    """Applies a TA1: TA101 names our interchange, TA104 is A, E or R, TA105 says why."""
    control = elements[1].strip() if len(elements) > 1 else ""
    sign = elements[4].strip() if len(elements) > 4 else ""
    code = elements[5].strip() if len(elements) > 5 else ""
    detail: dict[str, Any] = {"verdict": sign, "code": code, "by": arrival.id}
    rows = [row for row in outbox.sent_as(tx, partner, control.zfill(9)) if row.usage in (None, usage)]
    if not rows:
        about = {"arrival_id": arrival.id, "correlation": arrival.correlation}
        faults = [unmatched(control, Place(segment="TA1", element=1)).as_dict()]
        events.add(tx, "unmatched", now, detail={**detail, "faults": faults}, **about)
        return
    row = rows[0]
    if sign == "R" and row.state != State.REFUSED:
        reject(tx, row, {**detail, "why": f"the interchange was rejected: TA105 {code}"}, now)
    else:
        kind = "interchange-rejected" if sign == "R" else INTERCHANGE_ACCEPTED
        if kind == INTERCHANGE_ACCEPTED:
            deadlines.taken(tx, row.id, TA1)
        events.add(tx, kind, now, outbox_id=row.id, correlation=row.correlation, detail=detail)


def reject(tx: Connection, row: OutboxRow, detail: Mapping[str, Any], now: datetime) -> None:
    """Marks a sending refused as a whole. One that was acknowledged, or that we never sent, stays as it is."""
    if State.REFUSED in TRANSITIONS[Life.SENDING][State(row.state)]:
        outbox.move(tx, row.id, State.REFUSED, moves.ANYONE, now, detail=detail)
        deadlines.acknowledged(tx, row.id)
        return
    events.add(tx, "contradicted", now, outbox_id=row.id, correlation=row.correlation, detail=detail)
    about = {"partner": row.partner, "type": row.type, "was": row.state, "says": detail["why"]}
    after_commit(tx, partial(contradicted, **about, sending=row.id, by=detail["by"]))


def contradicted(*, partner: str, type: str, **about: Any) -> None:
    """Counted, and told in the log."""
    metrics.CONTRADICTED.labels(partner, type).inc()
    log.warning("contradicted", partner=partner, type=type, **about)
