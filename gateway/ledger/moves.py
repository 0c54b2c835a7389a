"""Every change of a state goes through here: the table allows it, the worker still holds it, one event tells it.

A worker *claims* a row and gets a token. Each of its writes carries the token; when the row was claimed by another
meanwhile (the worker was frozen, its lease ran out), the write raises `StaleLease` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, or_, select, update

from gateway.errors import GatewayError
from gateway.ledger import events
from gateway.ledger.events import EventRow
from gateway.ledger.ids import new_id
from gateway.ledger.prepared import Prepared, one_of
from gateway.ledger.states import WORK, ImpossibleStep, Life, State, before, step
from gateway.ledger.tables import arrival, document, outbox

ANYONE = "*"
"""In place of a token: a write by nobody's worker (a partner's acknowledgment, an operator); no lease is asked."""


class StaleLease(GatewayError):
    """The row is held by somebody else now; nothing was changed. Stop working on it."""


@dataclass(frozen=True, slots=True)
class Lived:
    """The rows of a table that live one life, and all that may be done to one of them."""

    table: Table
    life: Life

    def claim(self, tx: Connection, id: str, worker: str, now: datetime, until: datetime) -> str | None:
        """A token when the row has work that is due and nobody holds it, else None."""
        token = f"{worker}/{new_id()}"
        values = {"row_id": id, "now": now, "set_lease": token, "set_lease_until": until}
        return token if _claiming(self.table, self.life).run(tx, **values) else None

    def extend(self, tx: Connection, id: str, token: str, until: datetime) -> None:
        """Holds the row longer. Raises `StaleLease` when it is no longer ours."""
        self._write(tx, id, token, {"lease_until": until})

    def release(self, tx: Connection, id: str, token: str) -> None:
        """Lets go of the row as it stands. Raises `StaleLease` when it is no longer ours."""
        self._write(tx, id, token, {"lease": None, "lease_until": None})

    def amend(self, tx: Connection, id: str, token: str, **changes: Any) -> None:
        """Changes columns other than the state, under the same lease; tells no event. Raises `StaleLease`."""
        self._write(tx, id, token, changes)

    def move(
        self,
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
        """Moves the row to `state`, changing other columns with it, and tells one event, of that `kind`.

        Raises `ImpossibleStep`, `StaleLease` or `LookupError`. With `token` None the row must be held by nobody. The
        lease goes on into a state that has more work, and ends in every other.
        """
        self.move_many(tx, [id], state, token, now, kind=kind, detail=detail, **changes)

    def move_many(
        self,
        tx: Connection,
        ids: Sequence[str],
        state: State,
        token: str | None,
        now: datetime,
        *,
        kind: str | None = None,
        detail: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        """The same for several rows, all of them or none."""
        names = tuple(sorted(changes))
        statement = _moving(self.table, self.life, state, names, token is None, token == ANYONE)
        values = {"token": token, **{f"set_{name}": changes[name] for name in names}}
        with tx.begin_nested() if len(ids) > 1 else nullcontext():
            told = []
            for id in ids:
                moved = statement.one(tx, row_id=id, **values)
                if moved is None:
                    raise _why(tx, self.table, self.life, id, state, token)
                told.append(_event(self.table, id, moved, now, kind or state, detail))
            events.add_many(tx, told)

    def _write(self, tx: Connection, id: str, token: str, changes: Mapping[str, Any]) -> None:
        names = tuple(sorted(changes))
        values = {"row_id": id, "token": token, **{f"set_{name}": changes[name] for name in names}}
        if not _amending(self.table, names, token != ANYONE).run(tx, **values):
            raise _stale(self.table, id)


DIRECTION = {Life.INBOUND: "in", Life.OUTBOUND: "out"}


def _event(
    table: Table,
    id: str,
    moved: tuple[Any, ...],
    now: datetime,
    kind: str,
    detail: Mapping[str, Any] | None,
) -> EventRow:
    correlation, *of_arrival = moved
    return EventRow(
        new_id(),
        now,
        id if table is arrival else of_arrival[0],
        id if table is document else None,
        id if table is outbox else None,
        kind,
        detail or {},
        correlation,
    )


@lru_cache
def _claiming(table: Table, life: Life) -> Prepared:
    wanted = [table.c.id == bindparam("row_id"), *free(table, WORK[life]), *_direction(table, life)]
    return Prepared(update(table).where(*wanted).values(_set(table, ("lease", "lease_until"))))


def free(table: Table, states: Sequence[State]) -> list[ColumnElement[bool]]:
    """The rows in these states whose time has come (`now`) and that nobody holds."""
    now = bindparam("now", type_=table.c.due_at.type)
    return [
        one_of(table.c.state, states),
        or_(table.c.due_at.is_(None), table.c.due_at <= now),
        or_(table.c.lease.is_(None), table.c.lease_until < now),
    ]


@lru_cache(maxsize=256)
def _amending(table: Table, names: tuple[str, ...], leased: bool) -> Prepared:
    ours = [table.c.lease == bindparam("token")] if leased else []
    return Prepared(update(table).where(table.c.id == bindparam("row_id"), *ours).values(_set(table, names)))


@lru_cache(maxsize=256)
def _moving(
    table: Table, life: Life, state: State, names: tuple[str, ...], unheld: bool, anyone: bool
) -> Prepared:
    wanted = [
        table.c.id == bindparam("row_id"),
        one_of(table.c.state, before(life, state)),
        *_direction(table, life),
    ]
    if unheld:
        wanted.append(table.c.lease.is_(None))
    elif not anyone:
        wanted.append(table.c.lease == bindparam("token"))
    values = {"state": state, **_set(table, names)}
    if state not in WORK[life] or state is State.RETRYING:
        values |= {"lease": None, "lease_until": None}
    told = [table.c.correlation, *([] if table is arrival else [table.c.arrival_id])]
    return Prepared(update(table).where(*wanted).values(values).returning(*told))


def _direction(table: Table, life: Life) -> list[ColumnElement[bool]]:
    return [table.c.direction == DIRECTION[life]] if table is document else []


def _set(table: Table, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: bindparam(f"set_{name}", type_=table.c[name].type) for name in names}


def _stale(table: Table, id: str) -> StaleLease:
    return StaleLease(f"writing {table.name} {id}: another worker holds it now; nothing was changed")


def _why(tx: Connection, table: Table, life: Life, id: str, state: State, token: str | None) -> Exception:
    """Why this row did not move. To a worker that lost it, that comes first: whatever its state is now."""
    found = select(table.c.state, table.c.lease).where(table.c.id == id)
    row = tx.execute(found).one_or_none()
    if row is None:
        return LookupError(f"moving {table.name} {id}: the ledger has none")
    if token != ANYONE and row.lease != token:
        return _stale(table, id)
    try:
        step(life, row.state, state)
    except ImpossibleStep as error:
        return ImpossibleStep(f"moving {table.name} {id}: {error}")
    return _stale(table, id)
