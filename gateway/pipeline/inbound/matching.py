"""What a partner says of what we sent: its 997, 999 or TA1 closes our documents, or marks them refused and why.

Matched by partner and control numbers. What matches nothing is an event and a fault, never an error: partners
acknowledge what they got from a backup system, or twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gateway.canonical import AcknowledgedSet, FunctionalAcknowledgment
from gateway.faults import Code, Fault, Place
from gateway.ledger import documents, events, interchanges, moves, outbox
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.states import State
from gateway.pipeline.translation.acknowledge import ACCEPTED, PARTIALLY, REJECTED, WITH_ERRORS

AK102 = Place(segment="AK1", element=2, name="Group Control Number")
GOOD = frozenset({ACCEPTED, WITH_ERRORS})


def functional(tx: Connection, row: DocumentRow, said: FunctionalAcknowledgment, now: datetime) -> None:
    """Applies a functional acknowledgment that came in as the document `row`, and ends that document."""
    sent = meant(tx, row, said.group.control)
    named = {one.control: one for one in said.sets}
    outcome = {document.id: verdict(said, named.get(document.set_control or "")) for document in sent}
    for document in sent:
        apply(tx, document, outcome[document.id], now)
    for outbox_id in dict.fromkeys(document.outbox_id for document in sent):
        if outbox_id:
            outbox.settle(tx, outbox_id, now, {"by": row.id})
    known = {document.set_control for document in sent}
    strangers = [control for control in named if control not in known] if sent else [said.group.control]
    detail: dict[str, Any] = {"closes": sorted(outcome), "group": said.group.control}
    if strangers:
        detail["faults"] = [unmatched(control).as_dict() for control in strangers]
    if not sent:
        faults = [*row.faults, *detail["faults"]]
        documents.move(tx, row.id, State.HELD, None, now, kind="unmatched", detail=detail, faults=faults)
        return
    documents.move(tx, row.id, State.DELIVERED, None, now, kind="matched", detail=detail)


def meant(tx: Connection, row: DocumentRow, group: str) -> list[DocumentRow]:
    """The documents of ours in that group: of several the group that was sent last, tests apart from production."""
    known = documents.sent_as(tx, row.partner or "", group)
    usage = interchanges.get(tx, row.interchange_id).usage if known and row.interchange_id else None
    for id in dict.fromkeys(one.outbox_id for one in known if one.outbox_id):
        if usage is None or outbox.get(tx, id).usage in (None, usage):
            return [one for one in known if one.outbox_id == id]
    return []


def verdict(said: FunctionalAcknowledgment, one: AcknowledgedSet | None) -> dict[str, Any]:
    """What is written down for one document: its own verdict, or the group's where it is not named.

    A group rejected for its envelope rejects every set, whatever AK5 says of them; one that is partially accepted
    may name only the sets in error, and accepts the others.
    """
    if one is None:
        named_bad = said.verdict == PARTIALLY and bool(said.sets)
        return {"verdict": ACCEPTED if named_bad else said.verdict, "codes": list(said.codes)}
    reasons = [segment.model_dump(mode="json", exclude_none=True) for segment in one.segments]
    overruled = said.verdict == REJECTED
    return {
        "verdict": REJECTED if overruled else one.verdict,
        "codes": list(one.codes or (said.codes if overruled else ())),
        "segments": reasons,
    }


def apply(tx: Connection, document: DocumentRow, outcome: dict[str, Any], now: datetime) -> None:
    """Closes one document; a second acknowledgment that says the same changes nothing."""
    state = State.ACKNOWLEDGED if outcome["verdict"] in GOOD else State.REFUSED
    if document.state == state:
        return
    if document.state == State.ACKNOWLEDGED:
        about = {
            "document_id": document.id,
            "outbox_id": document.outbox_id,
            "correlation": document.correlation,
        }
        events.add(tx, "contradicted", now, detail=outcome, **about)
        return
    documents.acknowledge(tx, document.id, state, now, outcome)


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
    if sign == "R" and row.state in (State.SENT, State.RENDERED, State.RETRYING):
        detail["why"] = f"the interchange was rejected: TA105 {code}"
        outbox.move(tx, row.id, State.REFUSED, moves.ANYONE, now, detail=detail, expects_until=None)
    else:
        events.add(
            tx, "interchange-accepted", now, outbox_id=row.id, correlation=row.correlation, detail=detail
        )


def unmatched(control: str, place: Place = AK102) -> Fault:
    return Fault(Code.UNMATCHED_ACKNOWLEDGMENT, place, came=control)
