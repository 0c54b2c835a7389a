"""A ledger in a temporary folder. Every statement that any test runs on it must compile for PostgreSQL too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import empty_ledger
import pytest
from sqlalchemy import ClauseElement, Dialect, event
from sqlalchemy.dialects import postgresql

from gateway.arrival import Arrival, Content
from gateway.ledger import Ledger
from gateway.ledger.prepared import Prepared, Spelled

POSTGRESQL = postgresql.psycopg2.dialect()
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def compiles_elsewhere(_: Any, statement: Any, *__: Any) -> None:
    if isinstance(statement, ClauseElement) and "sqlite" not in type(statement).__module__:
        assert str(statement.compile(dialect=POSTGRESQL))


def opened(folder: Path, mode: Any = "run") -> Ledger:
    return Ledger.open(f"sqlite:///{folder / 'ledger.db'}", folder / "blobs", mode)


def spelled_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prepared statements are spelled for the other dialect when they are first spelled for this one."""
    spelled = Prepared.spelled

    def both(prepared: Prepared, dialect: Dialect) -> Spelled:
        assert spelled(prepared, POSTGRESQL).sql
        return spelled(prepared, dialect)

    monkeypatch.setattr(Prepared, "spelled", both)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    spelled_elsewhere(monkeypatch)
    empty_ledger.put(tmp_path / "ledger.db")
    with opened(tmp_path) as ledger:
        assert ledger.writer
        for engine in (ledger.writer.engine, ledger._reading):
            event.listen(engine, "before_execute", compiles_elsewhere)
        yield ledger


@pytest.fixture
def do(ledger: Ledger) -> Callable[..., Any]:
    """Runs a ledger function in a commit of its own."""
    return lambda function, *args, **kwargs: ledger.commit_now(lambda tx: function(tx, *args, **kwargs))


def arrived(name: str = "po.edi", data: bytes = b"ISA*00*", key: str | None = None, **facts: Any) -> Arrival:
    known = {"channel": "acme.drop", "partner": "acme", "protocol": "sftp", "received_at": NOW}
    return Arrival(name=name, key=key or name, content=Content.of_bytes(data), **known | facts)
