"""What a partner says of what we sent: its 997, 999, CONTRL or TA1 closes our documents, or says why it refuses them.

Matched by partner and control numbers. What matches nothing is an event and a fault, never an error: partners
acknowledge what they got from a backup system, or twice. What is not said for certain closes nothing: the
acknowledgment is held, and what it may have meant goes on being awaited.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection

from gateway.canonical import AcknowledgedSet, FunctionalAcknowledgment
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
from gateway.pipeline.translation.acknowledge import ACCEPTED, PARTIALLY, WITH_ERRORS
from gateway.profiles.standards import X12, standard_of

log = structlog.get_logger()


class Named(NamedTuple):
    """Where a standard's acknowledgment names what it is about, a set of that, and says what became of all."""

    whole: Place
    set: Place
    verdict: Place


OF_GROUPS = Named(
    Place(segment="AK1", element=2, name="Group Control Number"),
    Place(segment="AK2", element=2, name="Transaction Set Control Number"),
    Place(segment="AK9", element=1, name="Functional Group Acknowledge Code"),
)
OF_INTERCHANGES = Named(
    Place(segment="UCI", element=1, name="Interchange control reference"),
    Place(segment="UCM", element=1, name="Message reference number"),
    Place(segment="UCI", element=4, name="Action, coded"),
)
UCF01 = Place(segment="UCF", element=1, name="Group reference number")
GOOD = frozenset({ACCEPTED, WITH_ERRORS})
RECEIVED = "received"
"""An interchange is there, and nothing else is said of it (0083, 8)."""


def functional(tx: Connection, row: DocumentRow, said: FunctionalAcknowledgment, now: datetime) -> None:
    """Applies a functional acknowledgment that came in as the document `row`, and ends that document.

    It ends held where a person has to ask the partner: it names what we never sent, does not say for certain what it
    accepts, or says otherwise than before.
    """
    sent = meant(tx, row, said)
    outcome, faults = judged(said, sent)
    places = named_in(said)
    for document in sent:
        if document.id in outcome and (
            contradiction := apply(tx, row, document, outcome[document.id], now, places)
        ):
            faults.append(contradiction)
    for outbox_id in dict.fromkeys(document.outbox_id for document in sent if document.id in outcome):
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


def named_in(said: FunctionalAcknowledgment) -> Named:
    return OF_INTERCHANGES if said.interchange else OF_GROUPS


def control_of(said: FunctionalAcknowledgment) -> str:
    """The control number of what it is about."""
    about = said.interchange or said.group
    return (about.control if about else None) or ""


def meant(tx: Connection, row: DocumentRow, said: FunctionalAcknowledgment) -> list[DocumentRow]:
    """The documents of ours in that group, or interchange: of several the last that was sent, tests apart."""
    control, partner = bare(control_of(said)), row.partner or ""
    if said.interchange:
        known = [
            one for sent in outbox.sent_as(tx, partner, control) for one in documents.of_outbox(tx, sent.id)
        ]
    else:
        known = [one for one in documents.sent_as(tx, partner, control) if standard_of(one.type) == X12]
    usage = interchanges.get(tx, row.interchange_id).usage if known and row.interchange_id else None
    for id in dict.fromkeys(one.outbox_id for one in known if one.outbox_id):
        if usage is None or outbox.get(tx, id).usage in (None, usage):
            return sorted((one for one in known if one.outbox_id == id), key=lambda one: one.ordinal)
    return []


def judged(
    said: FunctionalAcknowledgment, sent: Sequence[DocumentRow]
) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    """What it says of our documents of the group, by their ids, and what is odd about it.

    A document without an outcome is one that it says nothing of for certain. Partners write our `0001` as `1`, or fill
    it to nine digits.
    """
    places = named_in(said)
    if not sent:
        return {}, [unmatched(control_of(said), places.whole)]
    if said.verdict == RECEIVED and not said.sets:
        return {}, []
    said, strange = of_our_group(said, sent[0].group_control or "")
    if strange:
        return {}, strange
    worst_last = sorted(said.sets, key=lambda one: one.verdict not in GOOD)
    named = {bare(one.control or ""): one for one in worst_last}
    ours = {bare(one.set_control or "") for one in sent}
    strangers = [one for control, one in named.items() if control not in ours]
    for_all = speaks_for_all(said, named, ours)
    outcome, left = {}, []
    for document in sent:
        one = named.get(bare(document.set_control or ""))
        if one or for_all:
            outcome[document.id] = verdict(said, one)
        else:
            left.append(document.set_control or document.id)
    if for_all:
        return outcome, [unmatched(one.control or "", places.set).as_note() for one in strangers]
    awaited = f"; awaited still: {', '.join(left)}" if left else ""
    hint = f"ask the partner what became of our documents{awaited}"
    faults = [Fault(Code.UNMATCHED_ACKNOWLEDGMENT, places.set, one.control, hint=hint) for one in strangers]
    if left and not faults and said.verdict != RECEIVED:
        counts = "*".join(
            "" if one is None else str(one) for one in (said.stated, said.received, said.accepted)
        )
        came = f"AK9*P*{counts}" if said.group and not said.interchange else said.verdict
        faults.append(Fault(Code.UNCERTAIN_ACKNOWLEDGMENT, places.verdict, came, hint=hint))
    return outcome, faults


def of_our_group(
    said: FunctionalAcknowledgment, control: str
) -> tuple[FunctionalAcknowledgment, list[Fault]]:
    """What it says of the one group that our interchanges have; the faults where it speaks of others alone.

    What rejects the interchange rejects the group, which is not named where nothing is wrong with it.
    """
    if not said.groups:
        return said, []
    ours = [one for one in said.groups if bare(one.group.control or "") == bare(control)]
    if not ours:
        controls = [one.group.control or "" for one in said.groups]
        return said, [unmatched(one, UCF01) for one in controls]
    of_group = ours[0] if said.verdict in GOOD else said
    update = {
        "verdict": of_group.verdict,
        "codes": of_group.codes,
        "sets": [*said.sets, *ours[0].sets],
        "groups": [],
    }
    return said.model_copy(update=update), []


def speaks_for_all(
    said: FunctionalAcknowledgment, named: Mapping[str, AcknowledgedSet], ours: Collection[str]
) -> bool:
    """Whether the group's verdict holds for those of our sets that it does not name.

    Not where it names sets that we never sent: it may mean ours by them. An A holds all the same if it counts (AK902 to
    AK904) as many as we sent. One that is partially accepted must name those in error, and count the others.
    """
    bad = sum(one.verdict not in GOOD for one in named.values())
    counts = (said.stated, said.received, said.accepted) == (len(ours), len(ours), len(ours) - bad)
    known = named.keys() <= set(ours)
    if said.verdict == RECEIVED:  # that it came is no judgement of what is not named
        return False
    if said.verdict == PARTIALLY:
        return known and counts and bad > 0
    return known or (said.verdict == ACCEPTED and counts and not bad)


def verdict(said: FunctionalAcknowledgment, one: AcknowledgedSet | None) -> dict[str, Any]:
    """What is written down for one document: its own verdict, or the group's where it is not named.

    A group rejected for its envelope rejects every set, whatever AK5 says of them; one that is partially accepted
    may name only the sets in error, and accepts the others.
    """
    if one is None:
        return {"verdict": ACCEPTED if said.verdict == PARTIALLY else said.verdict, "codes": list(said.codes)}
    reasons = [segment.model_dump(mode="json", exclude_none=True) for segment in one.segments]
    around = one.at.model_dump(mode="json", exclude_none=True) if one.at else None
    overruled = said.verdict not in (*GOOD, PARTIALLY, RECEIVED)
    return {
        "verdict": said.verdict if overruled else one.verdict,
        "codes": list(one.codes or (said.codes if overruled else ())),
        "segments": reasons,
        **({"at": around} if around else {}),
    }


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


def unmatched(control: str, place: Place) -> Fault:
    return Fault(Code.UNMATCHED_ACKNOWLEDGMENT, place, came=control)
