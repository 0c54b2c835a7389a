"""Control numbers: each is given once per own identity, partner identity, usage and level, until they roll over.

They are drawn in the transaction that stores the rendered bytes, so that a number is never used twice and a
failed rendering gives its number back.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, case, select, update

from gateway.ledger import events
from gateway.ledger.prepared import Prepared, adding_once
from gateway.ledger.tables import control_number as table

CEILING = 999_999_999

_ONE = [
    table.c.own == bindparam("row_own"),
    table.c.partner == bindparam("row_partner"),
    table.c.usage == bindparam("row_usage"),
    table.c.level == bindparam("row_level"),
]
_NEXT = Prepared(
    update(table)
    .where(*_ONE)
    .values(value=case((table.c.value >= bindparam("ceiling"), 1), else_=table.c.value + 1))
    .returning(table.c.value)
)
_SET = Prepared(update(table).where(*_ONE).values(value=bindparam("set_value")))
_CURRENT = Prepared(select(table.c.value).where(*_ONE))
_BEGIN = adding_once(table)


def next(tx: Connection, own: str, partner: str, usage: str, level: str, ceiling: int = CEILING) -> int:
    """The next number, from 1; after `ceiling` comes 1 again."""
    named = _named(own, partner, usage, level)
    value = _NEXT.value(tx, **named, ceiling=ceiling)
    if value is None:
        _begin(tx, own, partner, usage, level)
        value = _NEXT.value(tx, **named, ceiling=ceiling)
    return int(value or 0)


def current(tx: Connection, own: str, partner: str, usage: str, level: str) -> int:
    """The number given last, 0 before the first."""
    return int(_CURRENT.value(tx, **_named(own, partner, usage, level)) or 0)


def set(
    tx: Connection, own: str, partner: str, usage: str, level: str, value: int, now: datetime, by: str
) -> None:
    """Makes `value` the number given last; an audited event."""
    before = current(tx, own, partner, usage, level)
    _begin(tx, own, partner, usage, level)
    _SET.run(tx, **_named(own, partner, usage, level), set_value=value)
    which = {"own": own, "partner": partner, "usage": usage, "level": level}
    events.add(tx, "control-set", now, detail={**which, "before": before, "value": value, "by": by})


def _begin(tx: Connection, own: str, partner: str, usage: str, level: str) -> None:
    _BEGIN.run(tx, own=own, partner=partner, usage=usage, level=level, value=0)


def _named(own: str, partner: str, usage: str, level: str) -> dict[str, str]:
    return {"row_own": own, "row_partner": partner, "row_usage": usage, "row_level": level}
