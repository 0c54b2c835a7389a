"""What the commands of a running house ask the ledger: why something waits, and to put it back to its beginning."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, or_, select

from gateway.canonical import FunctionalAcknowledgment
from gateway.cli.stories import reason, refusal, verdicts
from gateway.errors import GatewayError
from gateway.ledger import arrivals, departures, documents, outbox, stories
from gateway.ledger.deadlines import DUE_SOON, OVERDUE
from gateway.ledger.states import ImpossibleStep, State
from gateway.ledger.stories import Story, Waiting
from gateway.ledger.tables import arrival, deadline, document, event, interchange
from gateway.ledger.work import DOCUMENT, OUTBOX

if TYPE_CHECKING:
    from gateway.pipeline.inbound.correction import Told
    from gateway.pipeline.outbound.threads import Thread

REPLAYED = "replayed"
TIMES = (DUE_SOON, OVERDUE)
"""Events that tell of a deadline: what comes of waiting, and never why."""
MOST_NAMED = 5
"""Documents of a sending that are named in a line."""
LAST = 20
"""Events that are looked through for why something waits."""

# -- stories


def threads_in(tx: Connection, story: Story) -> list[Thread]:
    """The orders of the story with what answers them, compared."""
    from gateway.pipeline.outbound.threads import threads_of

    return threads_of(tx, [row.id for row in story.documents])


def waiting_with_reason(tx: Connection, partner: str) -> list[tuple[Waiting, str, str]]:
    """What waits, each with the file it came in, and why."""
    waiting = stories.dead(tx, partner=partner or None)
    return [(one, file_of(tx, one.id) or "", why_it_waits(tx, one)) for one in waiting]


def tried_again(tx: Connection, partner: str) -> dict[str, tuple[int, str]]:
    """By partner: how much waits for its next attempt, and why the latest of it does."""
    found: dict[str, tuple[int, str]] = {}
    for one in stories.dead(tx, (State.RETRYING,), partner or None):
        if one.state == State.RETRYING:
            owner = one.partner or "-"
            count, _ = found.get(owner, (0, ""))
            found[owner] = count + 1, one.id
    why = {owner: reason(last_words(tx, id, event.c.kind.not_in(TIMES))) for owner, (_, id) in found.items()}
    return {owner: (count, why[owner]) for owner, (count, _) in found.items()}


def why_it_waits(tx: Connection, one: Waiting) -> str:
    """Its own faults in short, else what its last events wrote down, else what is wrong with its interchange.

    What the partner said is always told: the reasons why it refused what we sent, the words of an acknowledgment that
    is held. Once something is refused, that it was overdue before is no longer why it waits. What is late, or soon will
    be, because it waits, comes last.
    """
    refused = refused_for(tx, one.id)
    if refused and one.state == State.REFUSED:
        return refused
    told = reason(rejecting(one.detail)) or reason(last_words(tx, one.id, event.c.kind.not_in(TIMES)))
    if one.state == OVERDUE:
        told = reason(last_words(tx, one.id, event.c.kind == OVERDUE)) or told
    words = (told, refused, words_of(tx, one))
    why = "; ".join(filter(None, words)) or reason(rejecting(faults_around(tx, one.id)))
    late = "" if one.state == OVERDUE else reason(still_awaited(tx, one.id))
    return "; ".join(filter(None, (why, late, carried(tx, one, why))))


def carried(tx: Connection, one: Waiting, why: str) -> str:
    """Which documents are in a sending, where nothing that was told names them."""
    rows = documents.of_outbox(tx, one.id) if one.kind == OUTBOX else []
    named = [f"{row.type} {row.number}" for row in rows if row.number and row.number not in why]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"in it: {', '.join(named[:MOST_NAMED])}{more}" if named else ""


def rejecting(detail: Any) -> Any:
    """Of faults those that are more than notes: a note is never why something waits."""
    if not isinstance(detail, list):
        return detail
    return [fault for fault in detail if fault.get("severity") != "note"]


def faults_around(tx: Connection, id: str) -> Any:
    """What is wrong with the interchange that the document of this id came in."""
    around = select(document.c.interchange_id).where(document.c.id == id).scalar_subquery()
    return tx.scalar(select(interchange.c.faults).where(interchange.c.id == around))


def file_of(tx: Connection, id: str) -> str | None:
    """The file that the document of this id came in."""
    inside = select(document.c.arrival_id).where(document.c.id == id).scalar_subquery()
    return tx.scalar(select(arrival.c.name).where(arrival.c.id == inside))


def last_words(tx: Connection, id: str, of: ColumnElement[bool]) -> Any:
    """The detail of the last event of that kind about this id that says why something is so."""
    about = or_(event.c.document_id == id, event.c.outbox_id == id, event.c.arrival_id == id)
    told = tx.scalars(select(event.c.detail).where(about, of).order_by(event.c.id.desc()).limit(LAST))
    return next((detail for detail in told if reason(detail)), None)


def still_awaited(tx: Connection, id: str) -> Any:
    """What was told last of its time, as long as something is awaited after it."""
    after = select(deadline.c.awaited).where(or_(deadline.c.after == id, deadline.c.outbox_id == id))
    return last_words(tx, id, event.c.kind.in_(TIMES)) if tx.scalar(after.limit(1)) else None


def refused_for(tx: Connection, id: str) -> str:
    """What the partner said against the documents of a sending that it refused; a TA1 says nothing of documents."""
    refused = [row for row in documents.of_outbox(tx, id) if row.state == State.REFUSED]
    told = {row.number or row.set_control: row.acknowledged for row in refused if row.acknowledged}
    return "; ".join(f"{name}: {refusal(said)}" for name, said in told.items())


def words_of(tx: Connection, one: Waiting) -> str:
    """What an acknowledgment of the partner's says, where it waits because nobody knows how it is meant."""
    if one.kind != DOCUMENT or one.state != State.HELD:
        return ""
    row = documents.get(tx, one.id)
    if row.kind != FunctionalAcknowledgment.__name__ or row.canonical is None:
        return ""
    return f"it says {verdicts(documents.canonical(tx, row))}"


def rejections(tx: Connection, story: Story) -> dict[str, str]:
    """The documents of a story whose partner was told no, and by what."""
    from gateway.pipeline.inbound import correction

    told: dict[str, Told] = {}
    for arrival_id in {row.arrival_id for row in story.documents if row.arrival_id}:
        told |= correction.told(tx, arrival_id)
    ids = [row.id for row in story.documents]
    return {id: str(told[id]) for id in ids if id in told and told[id].rejected}


# -- back to the beginning


def replayed(tx: Connection, id: str) -> str:
    """Replays whatever has this id; says what it was, or why it cannot be."""
    kinds: tuple[tuple[str, Any], ...] = (("document", documents), ("arrival", arrivals), ("sending", outbox))
    for kind, room in kinds:
        try:
            state = room.get(tx, id).state
        except LookupError:
            continue
        if room is documents:
            room, id = going_out(tx, id) or (room, id)
        before = rejected(tx, id) if room is documents else None
        detail = {"by": "gateway replay"} | ({"told": str(before)} if before else {})
        try:
            room.replay(tx, id, datetime.now(UTC), detail)
        except ImpossibleStep:
            return f"this {kind} is {state}, and cannot be put back from there; see `gateway trace {id}`"
        except GatewayError as error:
            return str(error)
        told = f"; the partner was told {before}, and is told anew once it is accepted" if before else ""
        return f"{kind} {REPLAYED}{told}"
    return "nothing has this id; `gateway dead` shows them"


def going_out(tx: Connection, id: str) -> tuple[Any, str] | None:
    """Where a document that goes out is replayed: its sending sends the same bytes; one without is written anew."""
    row = documents.get(tx, id)
    if row.direction == "in":
        return None
    return (outbox, row.outbox_id) if row.outbox_id else (departures, id)


def rejected(tx: Connection, id: str) -> Told | None:
    """What the partner was told of a document that came in, where that was no."""
    from gateway.pipeline.inbound import correction

    told = correction.told(tx, documents.get(tx, id).arrival_id or "").get(id)
    return told if told and told.rejected else None
