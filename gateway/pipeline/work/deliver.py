"""The two ways out: a document to the system behind us, an outbox entry to its partner. Each claims what it works on.

The order never changes: claim in the ledger, act outside it, write down what came of it under the claim's token. A
crash in between means acting again with the same key and the same bytes, which the other side takes as one.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import structlog
from sqlalchemy import Connection

from gateway.arrival import Content
from gateway.canonical import document
from gateway.connectors import Connector, Taken
from gateway.errors import GatewayError, LedgerUnavailable, Refused, SetupError, words
from gateway.faultpoints import reach
from gateway.faults import Fault
from gateway.ledger import arrivals, attempts, blobs, documents, outbox, threads
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.ledger import Ledger
from gateway.ledger.moves import StaleLease
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import State
from gateway.pipeline import awaited, metrics
from gateway.pipeline.inbound import answering, correction, matching, precedence
from gateway.pipeline.inbound.findings import body_digest, keys_of, orders_answered
from gateway.pipeline.inbound.incoming import Reading
from gateway.pipeline.inbound.reader import answers_to, translate_one
from gateway.pipeline.outbound import differences
from gateway.pipeline.outbound.differences import Verdict
from gateway.pipeline.queue import Claimed, held
from gateway.pipeline.retry import GiveUp, decide
from gateway.pipeline.translation.answer import Answers
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import Translation
from gateway.pipeline.work.outages import Outages
from gateway.profiles.senders import OF_A_SYSTEM
from gateway.profiles.standards import NEVER_ACKNOWLEDGED
from gateway.protocols.ports import Poller, Sender

log = structlog.get_logger()

T = TypeVar("T")

Waits = Sequence[timedelta]
Kept = bytes | GatewayError
ORIGINAL = "original"
AFTER_ANOTHER = timedelta(seconds=1)
"""When a document is looked at again while another under its key is being delivered."""


class Due(NamedTuple):
    """A document's bytes as its system gets them, and the digests of what they may replace there."""

    body: Kept
    supersedes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Doors:
    """What leads out and what is looked into, by name: a connector per system, a sender or a poller per channel."""

    systems: Mapping[str, Connector] = field(default_factory=dict)
    senders: Mapping[str, Sender] = field(default_factory=dict)
    pollers: Mapping[str, Poller] = field(default_factory=dict)


class Courier:
    """Delivers documents and sends outbox entries, as one worker. What failed, the sweeper brings back."""

    def __init__(
        self, ledger: Ledger, worker: str, now: Callable[[], datetime], lease: timedelta, outages: Outages
    ) -> None:
        self._ledger = ledger
        self._worker = worker
        self._now = now
        self._lease = lease
        self._outages = outages

    async def deliver(self, id: str, house: House, doors: Doors, claimed: Claimed | None = None) -> None:
        """One document to its system; nothing when somebody else has it or there is nothing to do."""
        ours = held(claimed, self._now(), self._lease)
        taken = ours or await self._ledger.commit(lambda tx: self._take_document(tx, id))
        if taken is None:
            return
        row, token, found = taken
        body, earlier = Due(found) if ours else found
        began, error = self._now(), None
        said: Taken | None = None
        try:
            if row.state == State.RECEIVED or row.canonical is None:
                again = await self._read_again(house, row, token)
                if again is None:
                    return
                row, (body, earlier) = again
            if row.kind in differences.ANSWERS and not await self._agrees(house, row, token, opened(body)):
                return
            system = connected(house, doors, row)
            key, kind = business_key(row), row.kind or ""
            handed = system.deliver(key, kind, opened(body), row.correlation, earlier)
            said = await self._over(f"{OF_A_SYSTEM}{house.destination(row)}", handed)
        except (StaleLease, LedgerUnavailable):
            raise
        except Exception as failure:
            error = failure
        reach("deliver.before_commit")
        waits = house.retry(row.partner)
        await self._ledger.commit(lambda tx: self._delivered(tx, row, token, began, error or said, waits))
        reach("deliver.after_commit")
        metrics.DOCUMENTS.labels(row.partner, row.type, "failed" if error else "delivered").inc()
        told(
            "delivered",
            error,
            document=row.id,
            partner=row.partner,
            number=row.number,
            correlation=row.correlation,
        )

    async def send(self, id: str, house: House, doors: Doors, claimed: Claimed | None = None) -> None:
        """One outbox entry to its partner; nothing when somebody else has it or there is nothing to do."""
        taken = held(claimed, self._now(), self._lease) or await self._ledger.commit(
            lambda tx: self._take_outbox(tx, id)
        )
        if taken is None:
            return
        row, token, body = taken
        began, error = self._now(), None
        try:
            row = await self._addressed(house, row, token)
            sender = doors.senders.get(row.channel)
            if sender is None:
                why = f"no channel {row.channel!r} can send now" if row.channel else answering.NO_CHANNEL
                raise SetupError(f"sending {row.name}: {why}")
            reach("send.before_send")
            await self._over(row.channel, sender.send(row.name, Content.of_bytes(opened(body))))
            reach("send.after_send")
        except Exception as failure:
            error = failure
        waits = house.retry(row.partner, row.channel)
        await self._ledger.commit(lambda tx: self._sent(tx, house, row, token, began, error, waits))
        reach("send.after_commit")
        metrics.SENT.labels(row.partner, "failed" if error else "sent").inc()
        told("sent", error, sending=row.id, partner=row.partner, name=row.name, correlation=row.correlation)

    async def _over(self, channel: str, handed: Awaitable[T]) -> T:
        """What came of handing something over; the channel is told to fail while that fails."""
        try:
            outcome = await handed
        except Exception as error:
            self._outages.used(channel, error, self._now())
            raise
        self._outages.used(channel, None, self._now())
        return outcome

    async def _addressed(self, house: House, row: OutboxRow, token: str) -> OutboxRow:
        """With the channel it leaves over, also where there was none when it was put out."""
        if row.channel:
            return row
        return await self._ledger.commit(lambda tx: answering.address(tx, house, row, token))

    async def _read_again(self, house: House, row: DocumentRow, token: str) -> tuple[DocumentRow, Due] | None:
        """A replayed document is read anew, under the house as it is now; None when that finds faults again."""
        source, arrival = await self._ledger.read(lambda tx: origin(tx, row))
        found = translate_one(house, arrival, source, row.ordinal)
        reading = Reading(house, arrival, self._now)

        def outcome(tx: Connection, answers: Answers | None = None) -> tuple[DocumentRow, Due] | None:
            due = self._translated(tx, house, row, token, found)
            correction.correct(tx, reading, found, row, answers)
            return due

        try:
            return await self._ledger.commit(outcome)
        except correction.NeverTold:
            offset = correction.offset_of(found) if found else 0
            answers = answers_to(house, arrival, source, self._now(), offset)
            return await self._ledger.commit(lambda tx: outcome(tx, answers))

    async def _agrees(self, house: House, row: DocumentRow, token: str, body: bytes) -> bool:
        """Whether a document that answers an order of ours goes on; what differs is told in any case."""
        business = document(row.kind or "").from_json(body)
        verdict = await self._ledger.read(lambda tx: differences.incoming(tx, house, row, business))
        if verdict.faults:
            await self._ledger.commit(lambda tx: self._differs(tx, row, token, verdict))
        return verdict.state is None

    # -- inside the ledger's transactions

    def _differs(self, tx: Connection, row: DocumentRow, token: str, verdict: Verdict) -> None:
        faults = [*row.faults, *(one for one in map(Fault.as_dict, verdict.faults) if one not in row.faults)]
        if verdict.state is None:
            documents.amend(tx, row.id, token, faults=faults)
            return
        detail = {differences.DIFFERS: list(verdict.decided)}
        changes: dict[str, Any] = {"faults": faults, "due_at": None}
        documents.move(tx, row.id, verdict.state, token, self._now(), detail=detail, **changes)

    def _take_document(self, tx: Connection, id: str) -> tuple[DocumentRow, str, Due] | None:
        token = documents.claim(tx, id, self._worker, self._now(), self._now() + self._lease)
        if token is None:
            return None
        row = documents.get(tx, id)
        if row.state == State.RECEIVED or row.canonical is None:
            return row, token, Due(b"")
        earlier = self._its_turn(tx, row, token)
        return None if earlier is None else (row, token, Due(kept(tx, row.canonical), earlier))

    def _its_turn(self, tx: Connection, row: DocumentRow, token: str) -> frozenset[str] | None:
        """What the document may replace in its system; None when another of its key goes first, or in its place."""
        now = self._now()
        found = precedence.footing(tx, row, now)
        if found.superseded_by:
            detail = {"superseded by": found.superseded_by}
            documents.move(tx, row.id, State.DROPPED, token, now, detail=detail, due_at=None)
            return None
        if found.waits:
            documents.amend(tx, row.id, token, due_at=now + AFTER_ANOTHER)
            documents.release(tx, row.id, token)
            return None
        return found.supersedes

    def _take_outbox(self, tx: Connection, id: str) -> tuple[OutboxRow, str, Kept] | None:
        token = outbox.claim(tx, id, self._worker, self._now(), self._now() + self._lease)
        if token is None:
            return None
        row = outbox.get(tx, id)
        return row, token, kept(tx, row.digest)

    def _translated(
        self, tx: Connection, house: House, row: DocumentRow, token: str, found: Translation | None
    ) -> tuple[DocumentRow, Due] | None:
        faults = [fault.as_dict() for fault in found.all_faults] if found else list(row.faults)
        changes: dict[str, Any] = {"faults": faults, "snapshot": house.digest}
        if found is None or found.object is None:
            documents.move(tx, row.id, State.QUARANTINED, token, self._now(), **changes)
            return None
        body = found.object.to_json().encode()
        named = keys_of(found.object) | {"canonical": blobs.add_bytes(tx, body)}
        documents.amend(tx, row.id, token, **named)
        threads.again(tx, row.id, orders_answered(found.object))
        documents.move(tx, row.id, State.TRANSLATED, token, self._now(), **changes)
        again = documents.get(tx, row.id)
        if row.type in NEVER_ACKNOWLEDGED:
            documents.release(tx, row.id, token)
            matching.functional(tx, again, found.object, self._now())
            return None
        digest = body_digest(found.set.raw, found.interchange.syntax)
        if ended := precedence.decided(tx, again, digest, self._now()):
            state, why = ended
            documents.move(tx, row.id, state, token, self._now(), detail={"why": why})
            return None
        awaited.received(tx, house, again, arrivals.get(tx, row.arrival_id or "").received_at)
        earlier = self._its_turn(tx, again, token)
        return None if earlier is None else (again, Due(body, earlier))

    def _delivered(
        self,
        tx: Connection,
        row: DocumentRow,
        token: str,
        began: datetime,
        came: Taken | Exception | None,
        waits: Waits,
    ) -> None:
        now, attempt = self._now(), row.attempt + 1
        if not isinstance(came, Exception):
            attempts.add(tx, attempt, began, now, attempts.DELIVERED, row.canonical or "", document_id=row.id)
            moved: dict[str, Any] = {"attempt": attempt, "due_at": None}
            documents.move(tx, row.id, State.DELIVERED, token, now, detail=said_of(came), **moved)
            return
        error = came
        state, due = after(error, attempt, waits, now)
        attempts.add(tx, attempt, began, now, "failed", in_full(error), document_id=row.id)
        detail = {"why": words(error)}
        if newer := precedence.footing(tx, row, now).superseded_by:
            state, due, detail = State.DROPPED, None, {"superseded by": newer}
        documents.move(tx, row.id, state, token, now, detail=detail, attempt=attempt, due_at=due)

    def _sent(
        self,
        tx: Connection,
        house: House,
        row: OutboxRow,
        token: str,
        began: datetime,
        error: Exception | None,
        waits: Waits,
    ) -> None:
        now, attempt = self._now(), row.attempt + 1
        if error is None:
            attempts.add(tx, attempt, began, now, "sent", outbox_id=row.id)
            outbox.sent(tx, row.id, token, now, attempt=attempt, due_at=None)
            awaited.sent(tx, house, row, now)
            return
        state, due = after(error, attempt, waits, now)
        attempts.add(tx, attempt, began, now, "failed", in_full(error), outbox_id=row.id)
        detail = {"why": words(error)}
        outbox.move(tx, row.id, state, token, now, detail=detail, attempt=attempt, due_at=due)


def business_key(row: DocumentRow) -> str:
    """What names the object in its system for ever: partner and number, then release and purpose where they differ.

    An original and its replacement are two objects; a second original of the same number is one.
    """
    purpose = None if row.purpose == ORIGINAL else row.purpose
    parts = (row.partner, row.number or row.id, row.release, purpose)
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts if part)


def told(what: str, error: Exception | None, **about: Any) -> None:
    """One line of log per change of a state; a bug of ours with its traceback."""
    if error is None:
        log.info(what, **about)
    elif isinstance(error, GatewayError):
        log.warning(f"not {what}", why=str(error), **about)
    else:
        log.error(f"not {what}", why=words(error), exc_info=error, **about)


def in_full(error: Exception) -> str:
    """Why, with all that is kept of what the other side said."""
    body = error.body if isinstance(error, Refused) else ""
    return f"{words(error)}\n{body}" if body else words(error)


def said_of(taken: Taken | None) -> dict[str, str]:
    """What the system called the document and said of it, for the event."""
    told = {"as": taken.number, "status": taken.status} if taken else {}
    return {key: value for key, value in told.items() if value}


def kept(tx: Connection, digest: str) -> Kept:
    """The bytes; or why they cannot be had, so that the attempt ends with that and is not made for ever."""
    try:
        return blobs.read(tx, digest)
    except GatewayError as error:
        return error


def opened(body: Kept) -> bytes:
    if isinstance(body, GatewayError):
        raise body
    return body


def connected(house: House, doors: Doors, row: DocumentRow) -> Connector:
    """The connector of the system the document is routed to."""
    name = house.destination(row)
    found = doors.systems.get(name)
    if found is None:
        raise SetupError(f"delivering {row.kind} {row.number}: system {name!r} is not connected")
    return found


def origin(tx: Connection, row: DocumentRow) -> tuple[Iterable[bytes], ArrivalRow]:
    """The bytes the document came in, and their arrival."""
    arrival = arrivals.get(tx, row.arrival_id or "")
    return blobs.chunks(tx, arrival.digest), arrival


def after(error: Exception, attempt: int, waits: Waits, now: datetime) -> tuple[State, datetime | None]:
    """The state that follows from a failure, and when it is due again. Our own set-up's faults wait for a person."""
    if isinstance(error, SetupError):
        return State.HELD, None
    decision = decide(error, attempt, waits, random.random())  # noqa: S311 (jitter, not secrecy)
    if isinstance(decision, GiveUp):
        return State.DEAD, None
    return State.RETRYING, now + decision.after
