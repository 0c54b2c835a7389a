"""What makes a repeat harmless: keys that were seen, and whether what they stood for was accepted.

A key is *remembered* when it is first seen and *accepted* when what it names has fully succeeded. Only an accepted
key says that something is a repeat, so that a failed first attempt never blocks the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, false, or_, select, true, update

from gateway.ledger.prepared import Prepared, adding_once
from gateway.ledger.tables import seen_key

TRANSPORT, INTERCHANGE, BUSINESS = "transport", "interchange", "business"


@dataclass(frozen=True)
class SeenKey:
    """A key of a level (`interchange`) in a scope (a partner, or two identities): `ref` is what it stood for."""

    level: str
    scope: str
    key: str
    digest: str
    ref: str
    at: datetime
    accepted: bool


_ONE = [
    seen_key.c.level == bindparam("row_level"),
    seen_key.c.scope == bindparam("row_scope"),
    seen_key.c.key == bindparam("row_key"),
]
_ADD = adding_once(seen_key)
_FIND = Prepared(select(seen_key).where(*_ONE))
_AGAIN = (
    update(seen_key)
    .where(*_ONE, or_(seen_key.c.accepted.is_(False), seen_key.c.ref == bindparam("set_ref")))
    .values(
        digest=bindparam("set_digest"),
        ref=bindparam("set_ref"),
        at=bindparam("set_at", type_=seen_key.c.at.type),
    )
)
_REPLACE, _ACCEPT = Prepared(_AGAIN), Prepared(_AGAIN.values(accepted=true()))
_EXPIRE = Prepared(update(seen_key).where(*_ONE).values(accepted=false()))
_HAND_ON = Prepared(
    update(seen_key)
    .where(*_ONE, seen_key.c.accepted == true(), seen_key.c.ref == bindparam("row_ref"))
    .values(
        digest=bindparam("set_digest"),
        ref=bindparam("set_ref"),
        at=bindparam("set_at", type_=seen_key.c.at.type),
    )
)


def find(tx: Connection, level: str, scope: str, key: str) -> SeenKey | None:
    """The key as it was seen last, accepted or not."""
    row = _FIND.one(tx, **_named(level, scope, key))
    return SeenKey(*row) if row else None


def remember(
    tx: Connection, level: str, scope: str, key: str, digest: str, ref: str, now: datetime
) -> SeenKey | None:
    """Notes that the key was seen for `ref`. Returns the accepted key that stands in its way, else None."""
    return _note(tx, _REPLACE, SeenKey(level, scope, key, digest, ref, now, False))


def accept(
    tx: Connection, level: str, scope: str, key: str, digest: str, ref: str, now: datetime
) -> SeenKey | None:
    """From now on the key blocks. Returns the one accepted earlier for something else, and then changes nothing."""
    return _note(tx, _ACCEPT, SeenKey(level, scope, key, digest, ref, now, True))


def hand_on(tx: Connection, standing: SeenKey, digest: str, ref: str, now: datetime) -> bool:
    """The accepted key is for `ref` from now on, if it still stands as it was seen; else nothing changes."""
    named = {**_named(standing.level, standing.scope, standing.key), "row_ref": standing.ref}
    values = {"set_digest": digest, "set_ref": ref, "set_at": now}
    return bool(_HAND_ON.run(tx, **named, **values))


def expire(tx: Connection, level: str, scope: str, key: str) -> None:
    """The key no longer blocks: what it stood for is too long ago, and the next one may take it."""
    _EXPIRE.run(tx, **_named(level, scope, key))


def _note(tx: Connection, change: Prepared, seen: SeenKey) -> SeenKey | None:
    """Insert, else change what is there; the row's lock makes one of two simultaneous ones the second."""
    if _ADD.run(tx, **vars(seen)):
        return None
    values = {"set_digest": seen.digest, "set_ref": seen.ref, "set_at": seen.at}
    named = _named(seen.level, seen.scope, seen.key)
    if change.run(tx, **named, **values):
        return None
    return find(tx, seen.level, seen.scope, seen.key)


def _named(level: str, scope: str, key: str) -> dict[str, str]:
    return {"row_level": level, "row_scope": scope, "row_key": key}
