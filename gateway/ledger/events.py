"""What happened, one row each, in order, never changed and never removed (the database itself refuses)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from gateway.ledger.ids import new_id
from gateway.ledger.prepared import Prepared, adding
from gateway.ledger.tables import event

_ADD = adding(event)
_OF_SENDING = Prepared(
    select(event.c.at).where(
        event.c.correlation == bindparam("correlation"),
        event.c.document_id.is_(None),
        event.c.outbox_id == bindparam("outbox_id"),
        event.c.kind == bindparam("kind"),
    )
)
_OF_DOCUMENT = Prepared(
    select(event.c.kind, event.c.detail)
    .where(event.c.document_id == bindparam("document_id"))
    .order_by(event.c.id)
)


@dataclass(frozen=True)
class EventRow:
    """One event. `kind` is the state something came to, or the word for what else happened."""

    id: str
    at: datetime
    arrival_id: str | None
    document_id: str | None
    outbox_id: str | None
    kind: str
    detail: Mapping[str, Any]
    correlation: str | None


def add(
    tx: Connection,
    kind: str,
    at: datetime,
    *,
    arrival_id: str | None = None,
    document_id: str | None = None,
    outbox_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
    correlation: str | None = None,
) -> str:
    """Appends an event and returns its id."""
    row = EventRow(new_id(), at, arrival_id, document_id, outbox_id, kind, detail or {}, correlation)
    _ADD.run(tx, **vars(row))
    return row.id


def of_document(tx: Connection, document_id: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Kind and detail of all that happened to a document, in order."""
    return [(kind, detail) for kind, detail in _OF_DOCUMENT.rows(tx, document_id=document_id)]


def of_sending(tx: Connection, correlation: str, outbox_id: str, kind: str) -> list[datetime]:
    """When such a thing happened to a sending of that correlation."""
    return [at for (at,) in _OF_SENDING.rows(tx, correlation=correlation, outbox_id=outbox_id, kind=kind)]


def add_many(tx: Connection, rows: Sequence[EventRow]) -> None:
    """Appends events."""
    _ADD.run_many(tx, [vars(row) for row in rows])
