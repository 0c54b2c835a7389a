"""What must come, or go, until when: a row for each as long as it is awaited; what came, or went, takes the row away.

A row says one thing at a time: that it will soon be late, where that is wished, then that it is. Each is told once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, literal, select, update

from gateway.ledger import events
from gateway.ledger.prepared import Prepared, adding_once
from gateway.ledger.tables import deadline as table
from gateway.ledger.threads import Ref

OVERDUE = "overdue"
"""The event that tells of it when the time has passed, and what the document or sending is called since then."""
DUE_SOON = "due-soon"
"""The event that tells of it before."""


@dataclass(frozen=True)
class DeadlineRow:
    """`awaited` (997, 855) follows the document, or sending, `after`, which is a `type`; `direction` is where it goes.

    An answer to an order follows with its `number` and `release`, empty where there is none; an acknowledgment with
    neither. `outbox_id` is the sending since which it is awaited, None after what came in. `due_at` is when something
    is told next: a warning, or at `until` that it is late, which was told at `overdue_at`.
    """

    after: str
    awaited: str
    number: str
    release: str
    direction: str
    partner: str
    type: str
    outbox_id: str | None
    correlation: str
    until: datetime
    due_at: datetime | None
    overdue_at: datetime | None = None


_ADD = adding_once(table)
_DUE = Prepared(
    select(table).where(table.c.due_at < bindparam("now", type_=table.c.due_at.type)).order_by(table.c.due_at)
)
_THIS = tuple(table.c[name] == bindparam(f"row_{name}") for name in ("after", "awaited", "number", "release"))
_TOLD = Prepared(
    update(table)
    .where(*_THIS)
    .values(
        due_at=bindparam("set_due_at", type_=table.c.due_at.type),
        overdue_at=bindparam("set_overdue_at", type_=table.c.overdue_at.type),
    )
)
_ACKNOWLEDGED = Prepared(delete(table).where(table.c.after == bindparam("row_after")))
_TAKEN = Prepared(
    delete(table).where(table.c.after == bindparam("row_after"), table.c.awaited == bindparam("row_awaited"))
)
_AGAIN = Prepared(delete(table).where(table.c.outbox_id == bindparam("row_outbox")))
_OF_ORDER = delete(table).where(
    *(table.c[name] == bindparam(f"row_{name}") for name in ("partner", "awaited", "direction", "number"))
)
_MET = Prepared(_OF_ORDER)
_CANCELLED = Prepared(
    delete(table).where(
        *(table.c[name] == bindparam(f"row_{name}") for name in ("partner", "number", "release"))
    )
)
_MET_RELEASE = Prepared(_OF_ORDER.where(table.c.release.in_([literal(""), bindparam("row_release")])))


def add(tx: Connection, rows: Sequence[DeadlineRow]) -> None:
    """From now on these are awaited; what is awaited already goes on as it was."""
    if rows:
        _ADD.run_many(tx, [vars(row) for row in rows])


def due(tx: Connection, now: datetime) -> list[DeadlineRow]:
    """Of what there is something to tell: that it is late, or soon will be."""
    return [DeadlineRow(*row) for row in _DUE.rows(tx, now=now)]


def tell(tx: Connection, row: DeadlineRow, now: datetime, detail: Mapping[str, Any]) -> str:
    """Writes down that it is late, or will be soon, and which of the two it is; it goes on being awaited."""
    late = row.until < now
    kind = OVERDUE if late else DUE_SOON
    told: dict[str, Any] = {
        "set_due_at": None if late else row.until,
        "set_overdue_at": now if late else None,
    }
    _TOLD.run(tx, **_named(row), **told)
    document_id = None if row.after == row.outbox_id else row.after
    about = {"document_id": document_id, "outbox_id": row.outbox_id, "correlation": row.correlation}
    events.add(tx, kind, now, detail=detail, **about)
    return kind


def acknowledged(tx: Connection, outbox_id: str) -> None:
    """The partner has judged the sending: no acknowledgment of it is awaited any more."""
    _ACKNOWLEDGED.run(tx, row_after=outbox_id)


def taken(tx: Connection, outbox_id: str, by: str) -> None:
    """The partner has said by this word that it has the interchange, and nothing yet of what is in it."""
    _TAKEN.run(tx, row_after=outbox_id, row_awaited=by)


def sent_again(tx: Connection, outbox_id: str) -> None:
    """What was awaited since the sending is not, until it is sent once more."""
    _AGAIN.run(tx, row_outbox=outbox_id)


def met(tx: Connection, partner: str, awaited: str, direction: str, refs: Collection[Ref]) -> None:
    """Such a document has come from the partner, or gone to it, that answers these orders.

    A release that either leaves out is not denied.
    """
    for number, release in refs:
        named = {"row_partner": partner, "row_awaited": awaited, "row_direction": direction}
        if release:
            _MET_RELEASE.run(tx, row_number=number, row_release=release, **named)
        else:
            _MET.run(tx, row_number=number, **named)


def cancelled(tx: Connection, partner: str, refs: Collection[Ref]) -> None:
    """Nothing is awaited any more that answers these orders."""
    for number, release in refs:
        _CANCELLED.run(tx, row_partner=partner, row_number=number, row_release=release)


def _named(row: DeadlineRow) -> dict[str, str]:
    return {
        "row_after": row.after,
        "row_awaited": row.awaited,
        "row_number": row.number,
        "row_release": row.release,
    }
