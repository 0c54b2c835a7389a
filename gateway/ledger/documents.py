"""One row per business document, in or out; the unit that is translated, delivered, acknowledged and replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from gateway.canonical import document as object_named
from gateway.ledger import blobs, events, moves
from gateway.ledger.events import EventRow
from gateway.ledger.ids import new_id
from gateway.ledger.prepared import Prepared, adding, one_of
from gateway.ledger.states import Life, State
from gateway.ledger.tables import document as table
from gateway.ledger.tables import event

REPLAYED = "replayed"
"""The event of a document that was put back to its beginning."""


_inbound, OUTBOUND = moves.Lived(table, Life.INBOUND), moves.Lived(table, Life.OUTBOUND)
claim, extend, release, amend, move, move_many = (
    _inbound.claim,
    _inbound.extend,
    _inbound.release,
    _inbound.amend,
    _inbound.move,
    _inbound.move_many,
)


@dataclass(frozen=True)
class DocumentRow:
    """A document as the ledger has it; hand one without `id` to `add_many` to store it.

    `type` is the partner's word (`850`), `kind` ours (`PurchaseOrder`), `number` the business key. `offset` and
    `length` say where its bytes stand in its arrival's blob; `canonical` is the digest of its object as JSON.
    """

    id: str
    arrival_id: str | None
    interchange_id: str | None
    outbox_id: str | None
    direction: str
    partner: str | None
    type: str
    kind: str | None
    number: str | None
    purpose: str | None
    release: str | None
    group_code: str | None
    group_control: str | None
    set_control: str | None
    version: str | None
    ordinal: int
    offset: int
    length: int
    created_at: datetime
    state: str
    attempt: int = 0
    due_at: datetime | None = None
    lease: str | None = None
    lease_until: datetime | None = None
    correlation: str = ""
    map: str | None = None
    snapshot: str | None = None
    canonical: str | None = None
    faults: Sequence[Mapping[str, Any]] = field(default_factory=list)
    acknowledged: Mapping[str, Any] | None = None


def new(direction: str, type: str, created_at: datetime, state: State, **facts: Any) -> DocumentRow:
    """A document to be stored, with nothing in it but what is given; `add_many` gives it its id."""
    blank: dict[str, Any] = dict.fromkeys(DocumentRow.__match_args__[:20])
    blank |= {"id": "", "ordinal": 0, "offset": 0, "length": 0}
    known = {"direction": direction, "type": type, "created_at": created_at, "state": state}
    return DocumentRow(**blank | known | facts)


_ADD = adding(table)
_ONE = Prepared(select(table).where(table.c.id == bindparam("id")))
_OF_ARRIVAL = Prepared(select(table).where(table.c.arrival_id == bindparam("id")).order_by(table.c.ordinal))
_STANDING = Prepared(
    select(table)
    .where(
        table.c.arrival_id == bindparam("id"),
        table.c.ordinal.between(bindparam("first"), bindparam("last")),
        table.c.state == bindparam("state"),
    )
    .order_by(table.c.ordinal)
)
_OF_OUTBOX = Prepared(select(table).where(table.c.outbox_id == bindparam("id")).order_by(table.c.ordinal))
_ORDINALS = Prepared(
    select(table.c.ordinal, table.c.id).where(
        table.c.arrival_id == bindparam("arrival"),
        table.c.ordinal.between(bindparam("first"), bindparam("last")),
    )
)
_SENT = Prepared(
    select(table)
    .where(
        table.c.partner == bindparam("partner"),
        table.c.direction == "out",
        table.c.group_control == bindparam("group"),
    )
    .order_by(table.c.id.desc())
)
_FOLLOWING = Prepared(
    select(table.c.id, table.c.set_control)
    .where(table.c.arrival_id == bindparam("arrival"), table.c.offset > bindparam("offset"))
    .order_by(table.c.ordinal)
    .limit(bindparam("most"))
)
_OF_GROUP = (
    table.c.arrival_id == bindparam("arrival"),
    table.c.interchange_id == bindparam("interchange"),
    table.c.group_control == bindparam("group"),
)
_REPLAYED = Prepared(
    select(table.c.id, table.c.state).where(
        *_OF_GROUP,
        table.c.id.in_(
            select(event.c.document_id).where(
                event.c.arrival_id == bindparam("arrival"),
                event.c.kind == REPLAYED,
                event.c.document_id.is_not(None),
            )
        ),
    )
)
_STILL = Prepared(select(table.c.id).where(*_OF_GROUP, table.c.state == State.RECEIVED).limit(1))
_WAITS = Prepared(
    select(table.c.id)
    .where(table.c.arrival_id == bindparam("id"), one_of(table.c.state, (State.QUARANTINED, State.HELD)))
    .limit(1)
)


def add_many(tx: Connection, rows: Sequence[DocumentRow]) -> list[str]:
    """Stores the documents of one arrival (or none), one event each; returns their ids in order.

    A document that the ledger has already under the same arrival and ordinal is left as it is, so that reading
    an arrival again after a crash adds only what was missing.
    """
    known = _known(tx, rows)
    ids = [known.get(row.ordinal) or row.id or new_id() for row in rows]
    fresh = [
        {**vars(row), "id": id, "correlation": row.correlation or id}
        for row, id in zip(rows, ids, strict=True)
        if row.ordinal not in known
    ]
    if fresh:
        _ADD.run_many(tx, fresh)
        events.add_many(tx, [_born(row) for row in fresh])
    return ids


def _known(tx: Connection, rows: Sequence[DocumentRow]) -> dict[int, str]:
    arrival = rows[0].arrival_id if rows else None
    if arrival is None:
        return {}
    ordinals = [row.ordinal for row in rows]
    return dict(_ORDINALS.rows(tx, arrival=arrival, first=min(ordinals), last=max(ordinals)))


def _born(row: Mapping[str, Any]) -> EventRow:
    detail = {name: row[name] for name in ("type", "number") if row[name] is not None}
    about = (row["arrival_id"], row["id"], row["outbox_id"])
    return EventRow(new_id(), row["created_at"], *about, row["state"], detail, row["correlation"])


def get(tx: Connection, id: str) -> DocumentRow:
    """The document. Raises `LookupError`."""
    row = _ONE.one(tx, id=id)
    if row is None:
        raise LookupError(f"reading document {id}: the ledger has none")
    return DocumentRow(*row)


def canonical(tx: Connection, row: DocumentRow) -> Any:
    """The document's canonical object."""
    return object_named(row.kind or "").from_json(blobs.read(tx, row.canonical or ""))


def of_arrival(tx: Connection, arrival_id: str) -> list[DocumentRow]:
    """The documents of an arrival, in the order of their bytes."""
    return _rows(tx, _OF_ARRIVAL, id=arrival_id)


def standing(tx: Connection, arrival_id: str, state: State, first: int, last: int) -> list[DocumentRow]:
    """The documents of the arrival that are in that state, from one ordinal to another."""
    return _rows(tx, _STANDING, id=arrival_id, state=state, first=first, last=last)


def following(tx: Connection, arrival_id: str, offset: int, most: int) -> list[tuple[str, str | None]]:
    """Id and control number of the documents after that place in their arrival, in order, at most so many."""
    rows = _FOLLOWING.rows(tx, arrival=arrival_id, offset=offset, most=most)
    return [(id, control) for id, control in rows]


def any_still_replayed(tx: Connection, row: DocumentRow) -> bool:
    """Whether a document of this one's group was put back to its beginning, and its turn has not come yet."""
    return _STILL.one(tx, **_group(row)) is not None


def replayed(tx: Connection, row: DocumentRow) -> dict[str, str]:
    """The documents of this one's group that a person has replayed, with their states."""
    return {id: state for id, state in _REPLAYED.rows(tx, **_group(row))}


def _group(row: DocumentRow) -> dict[str, str | None]:
    return {"arrival": row.arrival_id, "interchange": row.interchange_id, "group": row.group_control}


def any_waits(tx: Connection, arrival_id: str) -> bool:
    """Whether a document of the arrival is quarantined or held, so that it may yet succeed."""
    return _WAITS.one(tx, id=arrival_id) is not None


def of_outbox(tx: Connection, outbox_id: str) -> list[DocumentRow]:
    """The documents that went out in one sending."""
    return _rows(tx, _OF_OUTBOX, id=outbox_id)


def sent_as(tx: Connection, partner: str, group: str) -> list[DocumentRow]:
    """What we sent to the partner in the group of this control number, newest first: what its 997 speaks of."""
    return _rows(tx, _SENT, partner=partner, group=group)


def _rows(tx: Connection, statement: Prepared, **values: Any) -> list[DocumentRow]:
    return [DocumentRow(*row) for row in statement.rows(tx, **values)]


def acknowledge(
    tx: Connection, id: str, state: State, now: datetime, acknowledged: Mapping[str, Any]
) -> None:
    """Writes down what the partner said of a document that we sent: `ACKNOWLEDGED`, or `REFUSED` with its reasons."""
    OUTBOUND.move(tx, id, state, moves.ANYONE, now, detail=acknowledged, acknowledged=acknowledged)


def replay(tx: Connection, id: str, now: datetime, detail: Mapping[str, Any] | None = None) -> None:
    """Puts the document back to its beginning, to be translated and delivered again under the same key."""
    changes: dict[str, Any] = {"attempt": 0, "due_at": None, "faults": []}
    move(tx, id, State.RECEIVED, None, now, kind=REPLAYED, detail=detail, **changes)
