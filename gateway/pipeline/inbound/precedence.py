"""Of several documents under one business key the newest that was accepted stands, in whatever order they are read.

The ledger hands a key on by compare-and-swap, and a connector replaces only what was handed over under it before, so
that an older form never comes back, and one that nobody accepted never takes another's place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from gateway.faults import Code, Fault, Place
from gateway.ledger import documents, events, forms, keys
from gateway.ledger.documents import DocumentRow
from gateway.ledger.keys import SeenKey
from gateway.ledger.states import WORK, Life, State
from gateway.profiles import Agreement

GOES_ON = frozenset({*WORK[Life.INBOUND], State.DELIVERED})
"""The states of a document that has reached its system, or is on its way there."""
ENDED = frozenset({State.QUARANTINED, State.HELD, State.DROPPED, State.DEAD})
"""The states of a document that goes no further by itself."""


def claim(tx: Connection, row: DocumentRow, body: str, now: datetime) -> SeenKey | None:
    """The business key is this document's from now on; or the one that has it, and nothing changes."""
    return keys.accept(tx, keys.BUSINESS, scope(row), key(row), body, row.id, now)


def supersede(tx: Connection, row: DocumentRow, body: str, earlier: SeenKey, now: datetime) -> bool:
    """Takes the key over from `earlier`. False, and nothing changes, where that came later than this document."""
    standing = earlier
    while not newer(tx, standing.ref, row):
        if keys.hand_on(tx, standing, body, row.id, now):
            about = {"arrival_id": row.arrival_id, "document_id": row.id, "correlation": row.correlation}
            events.add(tx, "supersedes", now, detail={"document": standing.ref}, **about)
            return True
        found = keys.find(tx, keys.BUSINESS, scope(row), key(row))
        if found is None or found.ref == row.id:
            return found is not None
        standing = found
    return False


def decided(tx: Connection, row: DocumentRow, body: str, now: datetime) -> tuple[State, str] | None:
    """A person lets this document go: it takes its key, and None is returned; else where it ends, and why."""
    if row.number is None:
        return None
    earlier = claim(tx, row, body, now)
    if earlier is None or supersede(tx, row, body, earlier, now):
        return None
    standing = documents.get(tx, earlier.ref)
    if earlier.digest == body and standing.state in GOES_ON:
        return State.DROPPED, f"the same was accepted as document {earlier.ref}, which came later"
    return State.HELD, (
        f"document {earlier.ref}, which came later, has taken its place; "
        "replay that one, or ask the partner to send this one again"
    )


def goes_out(
    tx: Connection, row: DocumentRow, agreement: Agreement, waived: bool, now: datetime
) -> tuple[State, Fault] | None:
    """A document that goes out takes its key, and None is returned; else where `duplicates:` ends it, and why.

    One that a person let go takes it in any case, and so does what follows one that never reached the partner well.
    """
    if row.number is None:
        return None
    named, digest = (keys.BUSINESS, f"{agreement.partner}/out", key(row)), row.canonical or ""
    earlier = keys.accept(tx, *named, digest, row.id, now)
    if earlier is None:
        return None
    policy = agreement.duplicates
    verdict = policy.same if earlier.digest == digest else policy.changed
    over = waived or now - earlier.at > policy.window or not stands(documents.get(tx, earlier.ref))
    if over or verdict == "accept":
        keys.hand_on(tx, earlier, digest, row.id, now)
        return None
    hint = "if it is to go out all the same, replay it; see `duplicates:` in the partner's profile"
    fault = replace(repeat(row, earlier, digest, Place(field="number")), hint=hint)
    return (State.DROPPED, fault.as_note()) if verdict == "drop" else (State.HELD, fault)


def repeat(row: DocumentRow, earlier: SeenKey, digest: str, place: Place) -> Fault:
    """What is told of a document whose name another has, and whether the two say the same."""
    says = "says the same" if earlier.digest == digest else "says something else"
    return Fault(Code.DUPLICATE_DOCUMENT, place, row.number, f"none after {earlier.ref}, which {says}")


def stands(row: DocumentRow) -> bool:
    """Whether the partner has the document, or will have it: what is rendered leaves sooner or later as it is."""
    if row.outbox_id is None:
        return row.state not in ENDED
    return row.state != State.REFUSED


@dataclass(frozen=True, slots=True)
class Footing:
    """How a document stands among those of its key: whose turn it is, and what it may replace in its system.

    `superseded_by` came later and has taken its place; while it `waits` another of the key is in a worker's hand.
    """

    superseded_by: str | None = None
    waits: bool = False
    supersedes: frozenset[str] = frozenset()


def footing(tx: Connection, row: DocumentRow, now: datetime) -> Footing:
    """Asked in the transaction that claims the document. One of a key is delivered at a time, the newest last."""
    if row.number is None:
        return Footing()
    found = forms.of(tx, row)
    others = [form for form in found if form.id != row.id]
    standing = keys.find(tx, keys.BUSINESS, scope(row), key(row)) if others else None
    if standing is not None and newer(tx, standing.ref, row):
        return Footing(superseded_by=standing.ref)
    if others and (standing is None or standing.ref != row.id):
        return Footing()
    handed_over = frozenset().union(*(form.digests for form in found)) - {row.canonical}
    return Footing(None, any(form.in_hand(now) for form in others), handed_over)


def newer(tx: Connection, id: str, row: DocumentRow) -> bool:
    """Whether the document of that id came later than this one; what the ledger does not know did not.

    Later is what arrived later, or stands further down in the same file. A reading that is done again finds itself.
    """
    try:
        other = documents.get(tx, id)
    except LookupError:
        return False
    return other.id != row.id and place(other) >= place(row)


def place(row: DocumentRow) -> tuple[str, int]:
    return row.arrival_id or "", row.ordinal


def scope(row: DocumentRow) -> str:
    return f"{row.partner}/in"


def key(row: DocumentRow) -> str:
    return "|".join((row.type, row.number or "", row.release or "", row.purpose or ""))
