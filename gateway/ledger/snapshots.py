"""Accepted configurations by their hash: what every document was processed with can be had again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from gateway.ledger.tables import insert_once, snapshot


@dataclass(frozen=True)
class Snapshot:
    """One configuration: company, profiles, maps, guides and tables, as its adopter wrote them into `body`."""

    digest: str
    body: bytes
    adopted_at: datetime


_ONE = select(snapshot).where(snapshot.c.digest == bindparam("digest"))
_AGAIN = (
    update(snapshot)
    .where(snapshot.c.digest == bindparam("row_digest"))
    .values(adopted_at=bindparam("set_at", type_=snapshot.c.adopted_at.type))
)
_LATEST = select(snapshot).order_by(snapshot.c.adopted_at.desc()).limit(1)


def adopt(tx: Connection, digest: str, body: bytes, now: datetime) -> bool:
    """Keeps the configuration and makes it the latest; False when the ledger had it."""
    row = {"digest": digest, "body": body, "adopted_at": now}
    if tx.execute(insert_once(snapshot, tx.dialect.name), row).rowcount:
        return True
    tx.execute(_AGAIN, {"row_digest": digest, "set_at": now})
    return False


def get(tx: Connection, digest: str) -> Snapshot:
    """The configuration. Raises `LookupError`."""
    row = tx.execute(_ONE, {"digest": digest}).one_or_none()
    if row is None:
        raise LookupError(f"reading snapshot {digest}: the ledger has none")
    return Snapshot(*row)


def latest(tx: Connection) -> Snapshot | None:
    """The one adopted last."""
    row = tx.execute(_LATEST).one_or_none()
    return Snapshot(*row) if row else None
