"""How a database is opened: the only module that asks which one it is.

SQLite is opened so that a committed transaction is on disk (WAL, synchronous FULL), foreign keys hold, writers take
the write lock at BEGIN and wait for it, and readers see one snapshot and cannot write.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from gateway.errors import SetupError
from gateway.ledger.tables import storable

BUSY_MS = 5000
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA cache_size=-16000",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA temp_store=MEMORY",
)

_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def compact(value: Any) -> str:
    """JSON that a database takes, whatever came over the wire."""
    return storable(_compact(value), "\\\\")


def parsed(url: str) -> URL:
    """The ledger's URL: `sqlite:///var/ledger.db`, a bare path, or `postgresql://...`."""
    try:
        return make_url(url if "://" in url else f"sqlite:///{url}")
    except ArgumentError as error:
        raise SetupError(
            f"opening the ledger: {url!r} is no database URL; sqlite:///var/ledger.db is"
        ) from error


def file_of(url: URL) -> Path | None:
    """The SQLite file, or None for a server."""
    if url.get_backend_name() != "sqlite":
        return None
    if url.database in (None, "", ":memory:"):
        raise SetupError(
            "opening the ledger: SQLite in memory keeps nothing; name a file: sqlite:///var/ledger.db"
        )
    return Path(str(url.database))


def writing(url: URL) -> Engine:
    """For the one writer: its transactions take the write lock at once, so that they never fail half-way."""
    engine = create_engine(url, json_serializer=compact, pool_size=1, max_overflow=1)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _durable)
        event.listen(engine, "begin", partial(_begin, "BEGIN IMMEDIATE"))
    return engine


def reading(url: URL, connections: int) -> Engine:
    """For readers: each transaction sees the ledger as of one moment, and can change nothing."""
    engine = create_engine(url, json_serializer=compact, pool_size=connections, max_overflow=0)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _durable)
        event.listen(engine, "connect", _read_only)
        event.listen(engine, "begin", partial(_begin, "BEGIN"))
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def touch(connection: Connection) -> None:
    """A write that changes nothing, and reaches the disk with its commit like any other."""
    if connection.dialect.name == "sqlite":
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version = {version:d}")
    else:
        connection.exec_driver_sql("SELECT pg_current_xact_id()")


def _durable(connection: Any, _: Any) -> None:
    """sqlite3's own transaction handling is switched off: SQLAlchemy's `begin` event says BEGIN."""
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _read_only(connection: Any, _: Any) -> None:
    """Each reader has a cache of its own; the system's, which all share, stands behind it."""
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA cache_size=-4000")


def _begin(statement: str, connection: Connection) -> None:
    connection.exec_driver_sql(statement)
