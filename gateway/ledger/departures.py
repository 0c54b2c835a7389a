"""Documents that go out, from what a system behind us handed over until a sending carries them.

They are taken in lots: what came together is looked at together, and what waits for one batch is written together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, update

from gateway.ledger import arrivals, documents, moves
from gateway.ledger.documents import DocumentRow
from gateway.ledger.ids import new_id
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.prepared import Prepared, one_of
from gateway.ledger.states import WORK, Life, State
from gateway.ledger.tables import document as table

UNWRITTEN = (State.RECEIVED, State.RETRYING)
"""What nobody has looked at with success yet."""
STANDING = (State.TRANSLATED, State.RETRYING, State.DELIVERED)
"""An order in these states has reached its system, or is on its way there."""
TO_COME = (State.RECEIVED, State.STAGED, State.QUARANTINED, State.HELD, State.REJECTED, State.DEAD)
"""One in these states came, and stands only once it goes on."""

WHOLE = datetime(9999, 12, 31, tzinfo=UTC)
"""The due time of what waits until its run is whole."""

_OURS = (table.c.direction == "out", table.c.outbox_id.is_(None))
_FROM_ARRIVAL = (table.c.arrival_id == bindparam("arrival"),)
_HELD = Prepared(
    select(table).where(table.c.lease == bindparam("token")).order_by(table.c.arrival_id, table.c.ordinal)
)
_HOLD = Prepared(
    update(table)
    .where(table.c.lease == bindparam("token"))
    .values(lease_until=bindparam("set_lease_until", type_=table.c.lease_until.type))
)
_WAKE = Prepared(
    update(table)
    .where(
        *_OURS,
        table.c.arrival_id == bindparam("row_arrival"),
        one_of(table.c.state, (State.TRANSLATED,)),
        table.c.due_at == WHOLE,
    )
    .values(due_at=None)
    .returning(table.c.id, table.c.partner, table.c.type)
)
_UNWRITTEN = Prepared(
    select(table.c.id).where(*_OURS, *_FROM_ARRIVAL, one_of(table.c.state, UNWRITTEN)).limit(1)
)
_ORDERS = Prepared(
    select(table)
    .where(
        table.c.number == bindparam("number"),
        table.c.kind == "PurchaseOrder",
        table.c.direction == bindparam("direction"),
        table.c.canonical.is_not(None),
    )
    .order_by(table.c.id)
)


amend = documents.OUTBOUND.amend


def take(
    tx: Connection, id: str, worker: str, now: datetime, until: datetime, most: int
) -> tuple[str, list[DocumentRow]] | None:
    """The document and those that are looked at with it, in order, under one token; None when it has no work now.

    What is not written yet is taken with the others of its arrival, at most so many; what waits for its batch with
    all of its partner and type whose time has come.
    """
    row = documents.get(tx, id)
    token, waits = f"{worker}/{new_id()}", row.state == State.TRANSLATED
    named = {"partner": row.partner, "type": row.type} if waits else {"arrival": row.arrival_id, "most": most}
    if not _taking(waits).run(tx, now=now, set_lease=token, set_lease_until=until, **named):
        return None
    return token, [DocumentRow(*one) for one in _HELD.rows(tx, token=token)]


@lru_cache
def _taking(waits: bool) -> Prepared:
    leased = {name: bindparam(f"set_{name}", type_=table.c[name].type) for name in ("lease", "lease_until")}
    return Prepared(update(table).where(*_lot(waits)).values(leased))


def _lot(waits: bool) -> Sequence[ColumnElement[bool]]:
    if waits:
        theirs = (table.c.partner == bindparam("partner"), table.c.type == bindparam("type"))
        return [*_OURS, *theirs, *moves.free(table, (State.TRANSLATED,))]
    free = [*_OURS, *_FROM_ARRIVAL, *moves.free(table, UNWRITTEN)]
    first: Select[Any] = select(table.c.id).where(*free).order_by(table.c.ordinal).limit(bindparam("most"))
    return [table.c.id.in_(first), *moves.free(table, UNWRITTEN)]


def hold(tx: Connection, token: str, until: datetime) -> None:
    """All that was taken under the token is held longer."""
    _HOLD.run(tx, token=token, set_lease_until=until)


def complete_run(tx: Connection, arrival_id: str) -> list[tuple[str, str]]:
    """What waits for its run is due once all of the arrival has been read and looked at.

    To be asked after each of both. Returns, of each partner and type, the id of a document and the partner.
    """
    unread = arrivals.get(tx, arrival_id).state in WORK[Life.ARRIVAL]
    if unread or _UNWRITTEN.one(tx, arrival=arrival_id) is not None:
        return []
    woken = _WAKE.rows(tx, row_arrival=arrival_id)
    return list({(partner, type): (id, partner) for id, partner, type in woken}.values())


def orders(tx: Connection, number: str, direction: str = "in") -> list[DocumentRow]:
    """The orders of that number that stand, oldest first: received from partners, or (`out`) handed over for them.

    One whose delivery was tried and given up stands too, where none of its partner and release has gone on: we took
    it, and its system may have it, for an answer of that system says so.
    """
    found = [DocumentRow(*row) for row in _ORDERS.rows(tx, number=number, direction=direction)]
    if direction == "out":
        return found
    gone_on = {(row.partner, row.release) for row in found if row.state in STANDING}
    return [
        row
        for row in found
        if row.state in STANDING or (was_tried(row) and (row.partner, row.release) not in gone_on)
    ]


def to_come(tx: Connection, number: str) -> list[DocumentRow]:
    """The orders of that number that partners sent and that do not stand yet, oldest first."""
    found = [DocumentRow(*row) for row in _ORDERS.rows(tx, number=number, direction="in")]
    return [row for row in found if row.state in TO_COME and not was_tried(row)]


def was_tried(row: DocumentRow) -> bool:
    """Whether an order waits for a person since it was handed to its system, and nobody knows what became of it."""
    return row.attempt > 0 and row.state in (State.DEAD, State.HELD)


def move(
    tx: Connection,
    id: str,
    state: State,
    token: str | None,
    now: datetime,
    *,
    kind: str | None = None,
    detail: Mapping[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Moves a document that goes out to `state`, changing other columns with it; see `moves.Lived.move`."""
    documents.OUTBOUND.move(tx, id, state, token, now, kind=kind, detail=detail, **changes)
    if state in WORK[Life.OUTBOUND] and state is not State.RETRYING and token is not None:
        documents.OUTBOUND.release(tx, id, token)


def carry(tx: Connection, id: str, token: str, sending: OutboxRow, now: datetime, **changes: Any) -> None:
    """The sending carries the document from now on, and says what becomes of it."""
    detail = {"control": sending.control}
    move(
        tx, id, State(sending.state), token, now, detail=detail, outbox_id=sending.id, due_at=None, **changes
    )


def replay(tx: Connection, id: str, now: datetime, detail: Mapping[str, Any] | None = None) -> None:
    """Puts a document that no sending carries back to its beginning, to be written anew."""
    changes: dict[str, Any] = {"attempt": 0, "due_at": None, "faults": []}
    move(tx, id, State.RECEIVED, None, now, kind=documents.REPLAYED, detail=detail, **changes)
