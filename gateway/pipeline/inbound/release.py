"""What reading an arrival writes: rows stored, groups released, repeats recognised, acknowledgments put out.

Everything here runs inside one ledger transaction, so that what the partner is told and what we do about its
documents are decided together, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from gateway.faults import UNENDED, Code, Fault, Place, rejecting
from gateway.formats import x12
from gateway.ledger import ANYONE, blobs, documents, interchanges, keys, threads
from gateway.ledger.documents import DocumentRow
from gateway.ledger.interchanges import InterchangeRow
from gateway.ledger.keys import SeenKey
from gateway.ledger.states import State
from gateway.pipeline import awaited
from gateway.pipeline.inbound import answering, matching, precedence
from gateway.pipeline.inbound.findings import Draft, GroupClosed, Terms, Trailed, body_digest
from gateway.pipeline.inbound.incoming import Incoming, Reading
from gateway.pipeline.queue import Claimed, Job, Lease, Step
from gateway.profiles import Agreement
from gateway.profiles.senders import HEADERS
from gateway.profiles.standards import NEVER_ACKNOWLEDGED

POLICIES = {
    "drop": State.DROPPED,
    "hold": State.HELD,
    "reject": State.REJECTED,
    "accept": State.TRANSLATED,
}
"""What `duplicates:` of a profile makes of a repeat."""


def open_interchange(tx: Connection, reading: Reading, incoming: Incoming) -> list[Job]:
    """Stores the envelope, and finds out whether an accepted interchange had its control number."""
    header = incoming.header
    row = InterchangeRow(
        id="",
        arrival_id=reading.arrival.id,
        direction="in",
        partner=incoming.partner.partner if incoming.partner else None,
        format=header.standard,
        sender=header.sender,
        receiver=header.receiver,
        usage=incoming.usage,
        control=header.control,
        version=header.version,
        state=State.RECEIVED,
        offset=header.offset,
    )
    incoming.id = interchanges.add(tx, row)
    earlier = keys.find(tx, keys.INTERCHANGE, incoming.scope, header.control) if header.control else None
    if earlier is None or not earlier.accepted or earlier.ref == incoming.id or incoming.partner is None:
        return []
    if reading.now() - earlier.at > reading.house.duplicates(incoming.partner).window:
        keys.expire(tx, keys.INTERCHANGE, incoming.scope, header.control)
    else:
        incoming.earlier = earlier
    return []


def stage(tx: Connection, incoming: Incoming, drafts: Sequence[Draft]) -> list[Job]:
    """Stores sets whose group is not complete yet."""
    store(tx, incoming, drafts)
    return []


def store(tx: Connection, incoming: Incoming, drafts: Sequence[Draft]) -> list[DocumentRow]:
    """Stores sets, their objects and what these answer; returns the rows under the ids that the ledger has them by."""
    rows = [
        replace(
            one.row,
            interchange_id=incoming.id,
            canonical=blobs.add_bytes(tx, one.canonical) if one.canonical is not None else None,
        )
        for one in drafts
    ]
    ids = documents.add_many(tx, rows)
    threads.add(tx, {id: one.answers for id, one in zip(ids, drafts, strict=True)})
    return [replace(row, id=id) for row, id in zip(rows, ids, strict=True)]


def close_group(tx: Connection, reading: Reading, incoming: Incoming, found: GroupClosed) -> list[Job]:
    """The group's sets go on, or are held as agreed; its sender gets its functional acknowledgment."""
    terms = found.terms
    drafts = [
        replace(one, row=leased(reading, settled(tx, reading, incoming, terms, one.row, one.body)))
        for one in found.drafts
    ]
    stored = store(tx, incoming, drafts)
    jobs = [job for row, one in zip(stored, drafts, strict=True) for job in effects(tx, reading, row, one)]
    if incoming.earlier is not None:
        incoming.unanswered.append((terms, found.answers))
    else:
        jobs += answering.acknowledge_group(tx, reading, incoming, terms.offset, found.answers)
    return [replace(job, urgent=incoming.header.urgent) for job in jobs]


def leased(reading: Reading, row: DocumentRow) -> DocumentRow:
    """A document that goes on at once is born claimed; one that takes another's place has more to ask first."""
    goes_on = row.state == State.TRANSLATED and row.type not in NEVER_ACKNOWLEDGED and not repeats(row)
    lease = reading.lease() if goes_on else None
    return replace(row, lease=lease.token, lease_until=lease.until) if lease else row


def release_staged(tx: Connection, reading: Reading, incoming: Incoming, found: Trailed) -> list[Job]:
    """The same for some of the group's sets that earlier transactions stored."""
    jobs: list[Job] = []
    for row in documents.standing(tx, reading.arrival.id, State.STAGED, found.first, found.last):
        then = settled(tx, reading, incoming, found.terms, row, body_of(tx, reading, incoming, row))
        documents.move(tx, row.id, State(then.state), None, reading.now(), faults=then.faults)
        jobs += effects(tx, reading, then)
    return jobs


def settled(
    tx: Connection, reading: Reading, incoming: Incoming, terms: Terms, row: DocumentRow, body: str
) -> DocumentRow:
    """The set as it goes on, by its group's trailer, its interchange and what came before; what holds it is told."""
    if row.state != State.STAGED:
        return row
    if incoming.earlier is not None:
        return blamed(row, State.HELD, [])
    return admitted(tx, reading, incoming, terms, row, body)


def admitted(
    tx: Connection, reading: Reading, incoming: Incoming, terms: Terms, row: DocumentRow, body: str
) -> DocumentRow:
    """A good set of an interchange that goes on: its group's trailer and its own key decide."""
    agreement = terms.agreement
    incomplete = agreement.incomplete if agreement else "hold"
    if terms.broken and incomplete == "hold":
        return blamed(row, State.HELD, terms.broken)
    if row.type in NEVER_ACKNOWLEDGED or agreement is None:
        return blamed(row, State.TRANSLATED, [])
    if row.number is None:
        return nameless(tx, reading, incoming, agreement, row, body)
    return repeated(tx, reading, agreement, row, body)


def decide(
    tx: Connection, reading: Reading, row: DocumentRow, then: DocumentRow, detail: dict[str, Any]
) -> list[Job]:
    """Moves a held document on, unless another policy goes on holding it, which is told."""
    if then.state == State.HELD:
        documents.amend(tx, row.id, ANYONE, faults=then.faults)
        return []
    documents.move(tx, row.id, State(then.state), None, reading.now(), detail=detail, faults=then.faults)
    return effects(tx, reading, then)


def let_in(tx: Connection, reading: Reading, incoming: Incoming, row: DocumentRow) -> DocumentRow:
    """A set of an interchange that repeats another's control number, and is accepted, is judged like any other.

    Of the interchange's groups the last that begins before the set is its own.
    """
    around = [terms for terms, _ in incoming.unanswered if terms.offset < row.offset]
    if not around:
        return replace(row, state=State.TRANSLATED)
    unended = [fault for fault in incoming.faults if fault.code in UNENDED]
    terms = replace(around[-1], broken=tuple(dict.fromkeys([*around[-1].broken, *unended])))
    return admitted(tx, reading, incoming, terms, row, body_of(tx, reading, incoming, row))


def body_of(tx: Connection, reading: Reading, incoming: Incoming, row: DocumentRow) -> str:
    """The digest of a stored set's body."""
    raw = blobs.part(tx, reading.arrival.digest, row.offset, row.length)
    return body_digest(raw, incoming.header.syntax)


def repeated(
    tx: Connection, reading: Reading, agreement: Agreement, row: DocumentRow, body: str
) -> DocumentRow:
    """Claims the business key for this document, or applies `duplicates:` when another has it.

    What is accepted takes the other's place; an older form that is only read later is dropped all the same.
    """
    now, policy = reading.now(), agreement.duplicates
    earlier = precedence.claim(tx, row, body, now)
    if earlier is None:
        return blamed(row, State.TRANSLATED, [])
    verdict = policy.same if earlier.digest == body else policy.changed
    if now - earlier.at > policy.window:
        verdict = "accept"
    fault = precedence.repeat(row, earlier, body, Place(offset=row.offset))
    if verdict == "accept" and not precedence.supersede(tx, row, body, earlier, now):
        return blamed(row, State.DROPPED, [fault.as_note()])
    return blamed(row, POLICIES[verdict], [fault.as_note() if verdict == "accept" else fault])


def nameless(
    tx: Connection, reading: Reading, incoming: Incoming, agreement: Agreement, row: DocumentRow, body: str
) -> DocumentRow:
    """A price list has no number: it repeats what stood last at its place in such a file, if it says just that.

    What says something else is news, and takes that place.
    """
    now = reading.now()
    called = "|".join((row.type, "", incoming.header.control, row.set_control or ""))
    earlier = keys.accept(tx, keys.BUSINESS, precedence.scope(row), called, body, row.id, now)
    if earlier is None or earlier.digest != body or now - earlier.at > agreement.duplicates.window:
        if earlier is not None:
            keys.hand_on(tx, earlier, body, row.id, now)
        return blamed(row, State.TRANSLATED, [])
    fault = precedence.repeat(row, earlier, body, Place(offset=row.offset))
    verdict = agreement.duplicates.same
    return blamed(row, POLICIES[verdict], [fault.as_note() if verdict == "accept" else fault])


def repeats(row: DocumentRow) -> bool:
    """Whether another document had this one's key before."""
    return any(fault["code"] == Code.DUPLICATE_DOCUMENT.word for fault in row.faults)


def blamed(row: DocumentRow, state: State, faults: Sequence[Fault]) -> DocumentRow:
    """The document in that state, with what brought it there beside what was wrong with it before."""
    told = [fault.as_dict() for fault in faults]
    return replace(row, state=state, faults=[*row.faults, *(one for one in told if one not in row.faults)])


def effects(tx: Connection, reading: Reading, row: DocumentRow, draft: Draft | None = None) -> list[Job]:
    """What follows from a stored document: its delivery, or what its acknowledgment closes.

    `draft` is what the row was stored from; where the ledger had the document already, its claim is not ours.
    """
    awaited.received(tx, reading.house, row, reading.arrival.received_at)
    if row.state != State.TRANSLATED:
        return []
    if row.type in NEVER_ACKNOWLEDGED:
        matching.functional(tx, row, documents.canonical(tx, row), reading.now())
        return []
    claimed = None
    if draft is not None and draft.row.id == row.id and row.lease and row.lease_until:
        claimed = Claimed(row, Lease(row.lease, row.lease_until), draft.canonical)
    return [Job(Step.DELIVER, row.id, row.partner or "", claimed=claimed)]


def match_interchange(
    tx: Connection, reading: Reading, incoming: Incoming, event: x12.InterchangeAcknowledgment
) -> list[Job]:
    """A TA1 closes, or rejects, what we sent under that interchange control number."""
    partner = incoming.partner.partner if incoming.partner else ""
    matching.interchange(tx, partner, incoming.usage, event.elements, reading.arrival, reading.now())
    return []


def close_interchange(tx: Connection, reading: Reading, incoming: Incoming) -> list[Job]:
    """The interchange was read to its end. Its control number blocks from now on if all of it was accepted."""
    jobs: list[Job] = []
    digest = incoming.digest
    state = State.PROCESSED if incoming.partner else State.HELD
    if incoming.earlier is not None:
        jobs += repeat(tx, reading, incoming, digest)
    else:
        jobs += answer_all(tx, reading, incoming)
        control = incoming.header.control  # a file without one is known by its documents alone
        if control and incoming.partner and not incoming.rejected and not rejecting(incoming.faults):
            keys.accept(tx, keys.INTERCHANGE, incoming.scope, control, digest, incoming.id, reading.now())
    interchanges.amend(
        tx,
        incoming.id,
        state=state,
        digest=digest,
        length=max(0, incoming.end - incoming.header.offset),
        faults=[fault.as_dict() for fault in incoming.faults],
    )
    return jobs


def answer_all(tx: Connection, reading: Reading, incoming: Incoming) -> list[Job]:
    """What answers the interchange as one, where it is answered so, else what tells of its envelope."""
    if incoming.answers:
        return answering.acknowledge_group(tx, reading, incoming, incoming.header.offset, incoming.answers)
    return answering.acknowledge_interchange(tx, reading, incoming)


def repeat(tx: Connection, reading: Reading, incoming: Incoming, digest: str) -> list[Job]:
    """An accepted interchange had this control number: `duplicates:` decides over all that this one holds."""
    earlier = incoming.earlier
    if earlier is None or incoming.partner is None:
        return []
    verdict = verdict_on_repeat(reading, incoming, earlier, digest)
    place = incoming.header.placed(HEADERS[incoming.header.standard].control)
    fault = Fault(Code.DUPLICATE_INTERCHANGE, place, came=incoming.header.control)
    incoming.faults.append(fault.as_note() if verdict == "accept" else fault)
    jobs = repeat_some(tx, reading, incoming, digest, incoming.first, incoming.last)
    if verdict in ("reject", "accept"):
        jobs += answering.acknowledge_interchange(tx, reading, incoming)
    if verdict == "accept":
        jobs += answering.acknowledge_group(tx, reading, incoming, incoming.header.offset, incoming.answers)
    for terms, answers in incoming.unanswered if verdict == "accept" else ():
        jobs += answering.acknowledge_group(tx, reading, incoming, terms.offset, answers)
    if verdict == "drop":
        jobs += answering.answer_again(tx, reading, earlier.ref)
    return jobs


def repeat_some(
    tx: Connection, reading: Reading, incoming: Incoming, digest: str, first: int, last: int
) -> list[Job]:
    """The same over those of its sets that stand from one ordinal to another. Done again, it finds nothing to do."""
    earlier, jobs = incoming.earlier, list[Job]()
    verdict = verdict_on_repeat(reading, incoming, earlier, digest) if earlier else "hold"
    if earlier is None or verdict == "hold":
        return jobs
    for row in documents.standing(tx, reading.arrival.id, State.HELD, first, last):
        if row.canonical:
            then = replace(row, state=POLICIES[verdict])
            if verdict == "accept":
                then = let_in(tx, reading, incoming, row)
            jobs += decide(tx, reading, row, then, {"repeats": earlier.ref})
    return jobs


def verdict_on_repeat(reading: Reading, incoming: Incoming, earlier: SeenKey, digest: str) -> str:
    """What `duplicates:` says of an interchange whose number an earlier one had: drop, hold, reject or accept."""
    if incoming.partner is None:
        return "hold"
    policy = reading.house.duplicates(incoming.partner)
    return policy.same if earlier.digest == digest else policy.changed
