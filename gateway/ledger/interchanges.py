"""The envelopes of what arrived: one row per interchange, found again by its place when an arrival is reread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from gateway.ledger.ids import new_id
from gateway.ledger.tables import interchange as table


@dataclass(frozen=True)
class InterchangeRow:
    """An interchange as the ledger has it; hand one without `id` to `add`."""

    id: str
    arrival_id: str
    direction: str
    partner: str | None
    format: str
    sender: str
    receiver: str
    usage: str
    control: str
    version: str
    state: str
    offset: int
    length: int = 0
    digest: str | None = None
    faults: Sequence[Mapping[str, Any]] = field(default_factory=list)


_ADD = insert(table)
_ONE = select(table).where(table.c.id == bindparam("id"))
_PLACE = select(table.c.id).where(
    table.c.arrival_id == bindparam("arrival"), table.c.offset == bindparam("offset")
)
_OF_ARRIVAL = select(table).where(table.c.arrival_id == bindparam("id")).order_by(table.c.offset)


def add(tx: Connection, row: InterchangeRow) -> str:
    """Stores the interchange and returns its id; the one already there at that place stays as it is."""
    known: str | None = tx.scalar(_PLACE, {"arrival": row.arrival_id, "offset": row.offset})
    if known:
        return known
    id = row.id or new_id()
    tx.execute(_ADD, {**vars(row), "id": id})
    return id


def get(tx: Connection, id: str) -> InterchangeRow:
    """The interchange. Raises `LookupError`."""
    row = tx.execute(_ONE, {"id": id}).one_or_none()
    if row is None:
        raise LookupError(f"reading interchange {id}: the ledger has none")
    return InterchangeRow(*row)


def of_arrival(tx: Connection, arrival_id: str) -> list[InterchangeRow]:
    """The interchanges of an arrival, in the order of their bytes."""
    return [InterchangeRow(*row) for row in tx.execute(_OF_ARRIVAL, {"id": arrival_id})]


def amend(tx: Connection, id: str, **changes: Any) -> None:
    """Writes what was learned at its end: state, length, digest, faults. Its arrival's lease covers it."""
    tx.execute(update(table).where(table.c.id == id).values(**changes))
