"""What the ledger holds unfinished: the queue can be emptied, or lost, and is filled again from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)

from gateway.ledger.states import WORK, Life
from gateway.ledger.tables import Moment, arrival, document, outbox

ARRIVAL, DOCUMENT, OUTBOX = "arrival", "document", "outbox"
TABLES = (
    (ARRIVAL, arrival, Life.ARRIVAL),
    (DOCUMENT, document, Life.INBOUND),
    (OUTBOX, outbox, Life.OUTBOUND),
)


@dataclass(frozen=True)
class Task:
    """A row whose next step is a worker's. `kind` is `arrival`, `document` or `outbox`; the rest is the row's."""

    kind: str
    id: str
    partner: str | None
    channel: str | None
    state: str
    attempt: int
    due_at: datetime | None


_NOW: ColumnElement[datetime] = bindparam("now", type_=Moment())


def _unheld(kind: str, table: Table, life: Life) -> Select[tuple[str, str, str, str, str, int, datetime]]:
    channel = null() if table is document else table.c.channel
    mine = [table.c.direction == "in"] if table is document else []
    return select(
        literal(kind).label("kind"),
        table.c.id,
        table.c.partner,
        channel.label("channel"),
        table.c.state,
        table.c.attempt,
        table.c.due_at,
    ).where(table.c.state.in_(WORK[life]), *mine, or_(table.c.lease.is_(None), table.c.lease_until < _NOW))


_OPEN = union_all(*(_unheld(*row) for row in TABLES)).subquery()
_UNFINISHED = select(_OPEN).order_by(_OPEN.c.id).limit(bindparam("most"))
_WHOSE = func.coalesce(_OPEN.c.partner, "")
_PLACE = func.row_number().over(partition_by=_WHOSE, order_by=_OPEN.c.id)
_PLACED = (
    select(_OPEN, _PLACE.label("place"))
    .where(
        or_(_OPEN.c.due_at.is_(None), _OPEN.c.due_at <= _NOW),
        _WHOSE.not_in(bindparam("full", expanding=True)),
    )
    .subquery()
)
_DUE = (
    select(*(column for column in _PLACED.c if column.name != "place"))
    .where(_PLACED.c.place <= bindparam("most"))
    .order_by(_PLACED.c.id)
)


def unfinished(tx: Connection, now: datetime, most: int = 10_000) -> list[Task]:
    """The oldest rows that have work and that nobody holds, also those whose time has not come."""
    return [Task(*row) for row in tx.execute(_UNFINISHED, {"now": now, "most": most})]


def due(tx: Connection, now: datetime, most: int = 1000, full: Sequence[str] = ()) -> list[Task]:
    """The oldest of each partner's whose time has come: what the sweeper enqueues. Nothing of those who are `full`."""
    return [Task(*row) for row in tx.execute(_DUE, {"now": now, "most": most, "full": list(full)})]


def forget_leases(tx: Connection) -> int:
    """Frees what a dead process held; only for the process that runs the ledger alone, at its start."""
    freed = 0
    for _, table, life in TABLES:
        held = update(table).where(table.c.state.in_(WORK[life]), table.c.lease.is_not(None))
        freed += tx.execute(held.values(lease=None, lease_until=None)).rowcount
    return freed
