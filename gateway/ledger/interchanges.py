"""The envelopes of what arrived: one row per interchange, found again by its place when an arrival is reread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from gateway.ledger.ids import new_id
from gateway.ledger.prepared import Prepared, adding
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


_ADD = adding(table)
_ONE = Prepared(select(table).where(table.c.id == bindparam("id")))
_PLACE = Prepared(
    select(table.c.id).where(
        table.c.arrival_id == bindparam("arrival"), table.c.offset == bindparam("offset")
    )
)
_OF_ARRIVAL = Prepared(select(table).where(table.c.arrival_id == bindparam("id")).order_by(table.c.offset))


def add(tx: Connection, row: InterchangeRow) -> str:
    """Stores the interchange and returns its id; the one already there at that place stays as it is."""
    known: str | None = _PLACE.value(tx, arrival=row.arrival_id, offset=row.offset)
    if known:
        return known
    id = row.id or new_id()
    _ADD.run(tx, **{**vars(row), "id": id})
    return id


def get(tx: Connection, id: str) -> InterchangeRow:
    """The interchange. Raises `LookupError`."""
    row = _ONE.one(tx, id=id)
    if row is None:
        raise LookupError(f"reading interchange {id}: the ledger has none")
    return InterchangeRow(*row)


def of_arrival(tx: Connection, arrival_id: str) -> list[InterchangeRow]:
    """The interchanges of an arrival, in the order of their bytes."""
    return [InterchangeRow(*row) for row in _OF_ARRIVAL.rows(tx, id=arrival_id)]


def amend(tx: Connection, id: str, **changes: Any) -> None:
    """Writes what was learned at its end: state, length, digest, faults. Its arrival's lease covers it."""
    values = {f"set_{name}": value for name, value in changes.items()}
    _amending(tuple(sorted(changes))).run(tx, row_id=id, **values)


@lru_cache
def _amending(names: tuple[str, ...]) -> Prepared:
    values = {name: bindparam(f"set_{name}", type_=table.c[name].type) for name in names}
    return Prepared(update(table).where(table.c.id == bindparam("row_id")).values(values))
