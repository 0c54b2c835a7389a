"""The two ways out: a document to the system behind us, an outbox entry to its partner. Each claims what it works on.

The order never changes: claim in the ledger, act outside it, write down what came of it under the claim's token. A
crash in between means acting again with the same key and the same bytes, which the other side takes as one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from gateway.arrival import Content
from gateway.connectors import Connector
from gateway.errors import GatewayError, SetupError
from gateway.faultpoints import reach
from gateway.ledger import arrivals, attempts, blobs, documents, outbox
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.ledger import Ledger
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import State
from gateway.pipeline import metrics
from gateway.pipeline.house import House
from gateway.pipeline.incoming import keys_of
from gateway.pipeline.queue import Job, Step
from gateway.pipeline.reception import translate_one
from gateway.pipeline.retry import GiveUp, decide
from gateway.pipeline.translate import Translation
from gateway.protocols.ports import Poller, Sender


@dataclass(frozen=True, slots=True)
class Doors:
    """What leads out and what is looked into, by name: a connector per system, a sender or a poller per channel."""

    systems: Mapping[str, Connector] = field(default_factory=dict)
    senders: Mapping[str, Sender] = field(default_factory=dict)
    pollers: Mapping[str, Poller] = field(default_factory=dict)


class Courier:
    """Delivers documents and sends outbox entries of one ledger, as one worker."""

    def __init__(self, ledger: Ledger, worker: str, now: Callable[[], datetime], lease: timedelta) -> None:
        self._ledger = ledger
        self._worker = worker
        self._now = now
        self._lease = lease

    async def deliver(self, id: str, house: House, doors: Doors) -> list[Job]:
        """One document to its system; nothing when somebody else has it or there is nothing to do."""
        taken = await self._ledger.commit(lambda tx: self._take_document(tx, id))
        if taken is None:
            return []
        row, token, body = taken
        if row.state == State.RECEIVED:
            again = await self._again_translated(house, row, token)
            if again is None:
                return []
            row, body = again
        began = self._now()
        try:
            hand = self._system(house, doors, row)
            await hand.deliver(f"{row.partner}/{row.number}", row.kind or "", body, row.correlation)
        except GatewayError as failure:
            error, schedule = failure, house.retry(row.partner)
            return await self._ledger.commit(
                lambda tx: self._document_failed(tx, row, token, began, error, schedule)
            )
        reach("deliver.before_commit")
        await self._ledger.commit(lambda tx: self._document_delivered(tx, row, token, began))
        reach("deliver.after_commit")
        metrics.DOCUMENTS.labels(row.partner, row.type, State.DELIVERED).inc()
        return []

    async def send(self, id: str, house: House, doors: Doors) -> list[Job]:
        """One outbox entry to its partner; nothing when somebody else has it or there is nothing to do."""
        taken = await self._ledger.commit(lambda tx: self._take_outbox(tx, id))
        if taken is None:
            return []
        row, token, body = taken
        began = self._now()
        try:
            sender = doors.senders.get(row.channel)
            if sender is None:
                raise SetupError(f"sending {row.name}: no channel {row.channel!r} can send now")
            reach("send.before_send")
            await sender.send(row.name, Content.of_bytes(body))
            reach("send.after_send")
        except GatewayError as failure:
            metrics.SENT.labels(row.partner, "failed").inc()
            error, schedule = failure, house.retry(row.partner, row.channel)
            return await self._ledger.commit(
                lambda tx: self._outbox_failed(tx, row, token, began, error, schedule)
            )
        await self._ledger.commit(lambda tx: self._outbox_sent(tx, row, token, began))
        reach("send.after_commit")
        metrics.SENT.labels(row.partner, "sent").inc()
        return []

    @staticmethod
    def _system(house: House, doors: Doors, row: DocumentRow) -> Connector:
        """The connector the document is routed to."""
        name = house.destination(row)
        found = doors.systems.get(name)
        if found is None:
            raise SetupError(f"delivering {row.kind} {row.number}: system {name!r} is not connected")
        return found

    async def _again_translated(
        self, house: House, row: DocumentRow, token: str
    ) -> tuple[DocumentRow, bytes] | None:
        """A replayed document is read anew, under the house as it is now; None when that finds faults again."""
        source, arrival = await self._ledger.read(lambda tx: self._origin(tx, row))
        translation = translate_one(house, arrival, source, row.ordinal)
        return await self._ledger.commit(lambda tx: self._retranslated(tx, house, row, token, translation))

    # -- inside the ledger's transactions

    def _take_document(self, tx: Connection, id: str) -> tuple[DocumentRow, str, bytes] | None:
        token = documents.claim(tx, id, self._worker, self._now(), self._now() + self._lease)
        if token is None:
            return None
        row = documents.get(tx, id)
        return row, token, blobs.read(tx, row.canonical) if row.canonical else b""

    @staticmethod
    def _origin(tx: Connection, row: DocumentRow) -> tuple[bytes, ArrivalRow]:
        arrival = arrivals.get(tx, row.arrival_id or "")
        return blobs.read(tx, arrival.digest), arrival

    def _retranslated(
        self, tx: Connection, house: House, row: DocumentRow, token: str, found: Translation | None
    ) -> tuple[DocumentRow, bytes] | None:
        faults = [fault.as_dict() for fault in found.all_faults] if found else list(row.faults)
        changes: dict[str, Any] = {"faults": faults, "snapshot": house.digest}
        if found is None or found.object is None:
            documents.move(tx, row.id, State.QUARANTINED, token, self._now(), **changes)
            return None
        body = found.object.to_json().encode()
        changes |= keys_of(found.object) | {"canonical": blobs.add_bytes(tx, body)}
        documents.move(tx, row.id, State.TRANSLATED, token, self._now(), **changes)
        return documents.get(tx, row.id), body

    def _take_outbox(self, tx: Connection, id: str) -> tuple[OutboxRow, str, bytes] | None:
        token = outbox.claim(tx, id, self._worker, self._now(), self._now() + self._lease)
        if token is None:
            return None
        row = outbox.get(tx, id)
        return row, token, blobs.read(tx, row.digest)

    def _document_delivered(self, tx: Connection, row: DocumentRow, token: str, began: datetime) -> None:
        now = self._now()
        attempts.add(tx, row.attempt + 1, began, now, "delivered", document_id=row.id)
        documents.move(tx, row.id, State.DELIVERED, token, now, attempt=row.attempt + 1, due_at=None)

    def _outbox_sent(self, tx: Connection, row: OutboxRow, token: str, began: datetime) -> None:
        now = self._now()
        attempts.add(tx, row.attempt + 1, began, now, "sent", outbox_id=row.id)
        outbox.sent(tx, row.id, token, now, attempt=row.attempt + 1, due_at=None)

    def _document_failed(
        self,
        tx: Connection,
        row: DocumentRow,
        token: str,
        began: datetime,
        error: GatewayError,
        schedule: Any,
    ) -> list[Job]:
        state, changes = self._after(error, row.attempt + 1, schedule)
        attempts.add(tx, row.attempt + 1, began, self._now(), "failed", str(error), document_id=row.id)
        documents.move(tx, row.id, state, token, self._now(), detail={"why": str(error)}, **changes)

    def _outbox_failed(
        self, tx: Connection, row: OutboxRow, token: str, began: datetime, error: GatewayError, schedule: Any
    ) -> list[Job]:
        state, changes = self._after(error, row.attempt + 1, schedule)
        attempts.add(tx, row.attempt + 1, began, self._now(), "failed", str(error), outbox_id=row.id)
        outbox.move(tx, row.id, state, token, self._now(), detail={"why": str(error)}, **changes)

    def _after(
        self, error: GatewayError, attempt: int, schedule: Any
    ) -> tuple[State, dict[str, Any], timedelta | None]:
        """The state, the columns and the wait that follow from a failure."""
        if isinstance(error, SetupError):
            return State.HELD, {"attempt": attempt, "due_at": None}, None
        decision = decide(error, attempt, schedule, random.random())  # noqa: S311 (jitter, not secrecy)
        if isinstance(decision, GiveUp):
            return State.DEAD, {"attempt": attempt, "due_at": None}, None
        return State.RETRYING, {"attempt": attempt, "due_at": self._now() + decision.after}, decision.after
