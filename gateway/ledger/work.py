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

ARRIVAL, DOCUMENT, OUTGOING, OUTBOX = "arrival", "document", "outgoing", "outbox"


@dataclass(frozen=True)
class Kind:
    """What is counted, worked on and waited for as one kind: the rows of a table that live this life.

    A document that goes out is of this kind until a sending carries it; then its sending is what has work.
    """

    name: str
    table: Table
    life: Life

    @property
    def mine(self) -> Sequence[ColumnElement[bool]]:
        """What tells its rows from the table's others."""
        return {
            Life.INBOUND: [document.c.direction == "in"],
            Life.OUTBOUND: [document.c.direction == "out", document.c.outbox_id.is_(None)],
        }.get(self.life, [])


KINDS = (
    Kind(ARRIVAL, arrival, Life.ARRIVAL),
    Kind(DOCUMENT, document, Life.INBOUND),
    Kind(OUTGOING, document, Life.OUTBOUND),
    Kind(OUTBOX, outbox, Life.SENDING),
)


@dataclass(frozen=True)
class Task:
    """A row whose next step is a worker's. `kind` is the name of one of `KINDS`; the rest is the row's."""

    kind: str
    id: str
    partner: str | None
    channel: str | None
    state: str
    attempt: int
    due_at: datetime | None


_NOW: ColumnElement[datetime] = bindparam("now", type_=Moment())


def _unheld(kind: Kind) -> Select[tuple[str, str, str, str, str, int, datetime]]:
    table = kind.table
    channel = null() if table is document else table.c.channel
    unheld = or_(table.c.lease.is_(None), table.c.lease_until < _NOW)
    return select(
        literal(kind.name).label("kind"),
        table.c.id,
        table.c.partner,
        channel.label("channel"),
        table.c.state,
        table.c.attempt,
        table.c.due_at,
    ).where(table.c.state.in_(WORK[kind.life]), *kind.mine, unheld)


_OPEN = union_all(*map(_unheld, KINDS)).subquery()
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
    for kind in KINDS:
        table = kind.table
        held = update(table).where(table.c.state.in_(WORK[kind.life]), *kind.mine, table.c.lease.is_not(None))
        freed += tx.execute(held.values(lease=None, lease_until=None)).rowcount
    return freed
