"""What partners sent: one row per arrival, stored before anybody is told that we have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from gateway.arrival import Arrival
from gateway.ledger import blobs, events, moves
from gateway.ledger.ids import new_id
from gateway.ledger.prepared import Prepared, adding
from gateway.ledger.states import FIRST, Life, State
from gateway.ledger.tables import arrival as table

_arrival = moves.Lived(table, Life.ARRIVAL)
claim, extend, release, amend, move = (
    _arrival.claim,
    _arrival.extend,
    _arrival.release,
    _arrival.amend,
    _arrival.move,
)


@dataclass(frozen=True)
class ArrivalRow:
    """An arrival as the ledger has it. `duplicate_of` is the first with the same channel, key and bytes."""

    id: str
    channel: str
    partner: str | None
    protocol: str
    name: str
    transport_key: str
    digest: str
    size: int
    received_at: datetime
    state: str
    duplicate_of: str | None
    correlation: str
    snapshot: str | None = None
    attempt: int = 0
    due_at: datetime | None = None
    lease: str | None = None
    lease_until: datetime | None = None
    faults: Sequence[Mapping[str, Any]] = field(default_factory=list)


_ADD = adding(table)
_ONE = Prepared(select(table).where(table.c.id == bindparam("id")))
_SEEN = Prepared(
    select(table.c.id)
    .where(
        table.c.channel == bindparam("channel"),
        table.c.transport_key == bindparam("key"),
        table.c.digest == bindparam("digest"),
    )
    .order_by(table.c.id)
    .limit(1)
)
_UNDER = Prepared(
    select(table.c.id, table.c.digest)
    .where(table.c.channel == bindparam("channel"), table.c.transport_key == bindparam("key"))
    .order_by(table.c.id)
    .limit(1)
)
_WAKE = Prepared(
    update(table)
    .where(
        table.c.channel == bindparam("row_channel"),
        table.c.transport_key == bindparam("row_key"),
        table.c.digest == bindparam("row_digest"),
        table.c.state == State.RECEIVED,
        table.c.lease.is_(None),
        table.c.due_at.is_not(None),
    )
    .values(due_at=None)
    .returning(table.c.id)
)


def add(
    tx: Connection,
    arrival: Arrival,
    now: datetime,
    lease: str | None = None,
    lease_until: datetime | None = None,
) -> ArrivalRow:
    """Stores the bytes and the arrival. A repeat is stored too, and says of which arrival it is one.

    With a `lease` the arrival is claimed as it is born, unless it is a repeat.
    """
    digest = blobs.add(tx, arrival.content)
    first = _SEEN.value(tx, channel=arrival.channel, key=arrival.key, digest=digest)
    id = new_id()
    row = ArrivalRow(
        id,
        arrival.channel,
        arrival.partner,
        arrival.protocol,
        arrival.name,
        arrival.key,
        digest,
        arrival.content.size,
        arrival.received_at,
        FIRST[Life.ARRIVAL],
        first,
        correlation=id,
        lease=lease if first is None else None,
        lease_until=lease_until if first is None else None,
    )
    _ADD.run(tx, **vars(row))
    detail = {"name": arrival.name, "size": row.size, **({"duplicate_of": first} if first else {})}
    events.add(tx, row.state, now, arrival_id=id, detail=detail, correlation=id)
    return row


def get(tx: Connection, id: str) -> ArrivalRow:
    """The arrival. Raises `LookupError`."""
    row = _ONE.one(tx, id=id)
    if row is None:
        raise LookupError(f"reading arrival {id}: the ledger has none")
    return ArrivalRow(*row)


def first_under(tx: Connection, channel: str, key: str) -> tuple[str, str] | None:
    """The first arrival by this channel under this transport key: its id, and the digest of its bytes."""
    row = _UNDER.one(tx, channel=channel, key=key)
    return None if row is None else (row[0], row[1])


def wake_repeats(tx: Connection, first: ArrivalRow) -> list[str]:
    """Those of its repeats that waited for it are due now."""
    named = {"row_channel": first.channel, "row_key": first.transport_key, "row_digest": first.digest}
    return [id for (id,) in _WAKE.rows(tx, **named)]


def replay(tx: Connection, id: str, now: datetime, detail: Mapping[str, Any] | None = None) -> None:
    """Puts the arrival back to its beginning, to be read again; documents that it already gave stay as they are."""
    move(tx, id, State.RECEIVED, None, now, kind="replayed", detail=detail, attempt=0, due_at=None, faults=[])
