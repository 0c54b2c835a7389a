"""Schema: migrations make exactly the tables, rows match columns, PostgreSQL understands all of it."""

import importlib
import json
import pkgutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateColumn, CreateTable
from sqlalchemy.sql.expression import Executable

import gateway.ledger
from gateway.errors import SetupError
from gateway.ledger import (
    arrivals,
    attempts,
    deadlines,
    documents,
    events,
    interchanges,
    keys,
    migrations,
    outbox,
    snapshots,
    tables,
    threads,
)
from gateway.ledger.engines import compact
from gateway.ledger.prepared import Prepared
from gateway.ledger.tables import storable

NOW, LATER = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
SENDING = """
    INSERT INTO outbox (id, partner, channel, name, type, digest, size, rendered_at, state, attempt, correlation,
                        detail, expects_until, overdue_at)
    VALUES ('s1', 'acme', 'acme.drop', 'a.edi', '850', 'd', 1, '', 'sent', 1, 'c1', '{}', :until, :told)
"""

VERSIONS = importlib.import_module("gateway.ledger.migrations.versions")

ROWS = [
    (tables.arrival, arrivals.ArrivalRow),
    (tables.interchange, interchanges.InterchangeRow),
    (tables.document, documents.DocumentRow),
    (tables.outbox, outbox.OutboxRow),
    (tables.answer, threads.AnswerRow),
    (tables.deadline, deadlines.DeadlineRow),
    (tables.event, events.EventRow),
    (tables.delivery_attempt, attempts.AttemptRow),
    (tables.seen_key, keys.SeenKey),
    (tables.snapshot, snapshots.Snapshot),
]


@pytest.mark.parametrize(("table", "row"), ROWS, ids=lambda each: getattr(each, "name", ""))
def test_a_row_has_its_tables_columns_in_order(table, row):
    assert list(row.__match_args__) == [column.name for column in table.columns]


@contextmanager
def migrated():
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        migrations.upgrade(connection)
        yield connection
    engine.dispose()


def test_migrations_from_empty_make_the_tables():
    with migrated() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        assert migrations.current(tx) == migrations.REVISION
        migrations.upgrade(tx)
        migrations.check(tx)


@pytest.mark.parametrize(("told", "due"), [(None, LATER), (NOW, None)])
def test_what_was_awaited_is_awaited_still_after_the_upgrade_and_back(told, due):
    with migrated() as tx:
        config = Config()
        config.set_main_option("script_location", str(migrations.__path__[0]))
        config.attributes["connection"] = tx
        command.downgrade(config, "0003")
        waits = {"until": LATER, "told": told}
        tx.execute(text(SENDING), {name: at and f"{at:%Y-%m-%dT%H:%M:%S.%fZ}" for name, at in waits.items()})
        for _ in range(2):
            migrations.upgrade(tx)
            (row,) = tx.execute(tables.deadline.select())
            found = deadlines.DeadlineRow(*row)
            about = (found.after, found.awaited, found.number, found.partner, found.type, found.outbox_id)
            assert about == ("s1", "997", "", "acme", "850", "s1")
            assert (found.until, found.due_at, found.overdue_at) == (LATER, due, told)
            command.downgrade(config, "0003")


def test_the_named_revision_is_the_newest():
    config = Config()
    config.set_main_option("script_location", str(migrations.__path__[0]))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.REVISION]


def test_a_newer_ledger_is_refused():
    with migrated() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(SetupError, match="schema is revision 9999, this gateway needs"):
            migrations.upgrade(tx)


def test_the_database_knows_what_the_tables_declare():
    with migrated() as tx:
        found = inspect(tx)
        for table in tables.metadata.sorted_tables:
            assert {index["name"] for index in found.get_indexes(table.name)} >= {
                index.name for index in table.indexes
            }


@pytest.mark.parametrize("sql", ["UPDATE event SET kind = 'x'", "DELETE FROM event"])
def test_events_are_append_only(sql):
    with migrated() as tx:
        events.add(tx, "received", datetime.now(UTC))
        with pytest.raises(IntegrityError, match="append-only"):
            tx.execute(text(sql))
        assert tx.scalar(select(tables.event.c.kind)) == "received"


def test_the_schema_compiles_for_postgresql():
    for table in tables.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert "TIMESTAMP WITH TIME ZONE" in str(CreateTable(tables.event).compile(dialect=postgresql.dialect()))


def test_the_migration_says_the_same_to_postgresql():
    """Offline: the DDL that the migration would run there, against the DDL of the tables."""
    dialect, said = postgresql.dialect(), StringIO()
    context = MigrationContext.configure(dialect=dialect, opts={"as_sql": True, "output_buffer": said})
    made: dict[str, Any] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(VERSIONS.__path__)):
        made |= vars(importlib.import_module(f"{VERSIONS.__name__}.{name}"))
    with Operations.context(context) as op:
        for table in tables.metadata.sorted_tables:
            made[f"_{table.name}"]()
        made["_added"]()
        for statement in made["APPEND_ONLY"]["postgresql"]:
            op.execute(statement)
    first = _flat(said.getvalue())
    for table_name, names in made["DROPPED"].items():
        start, of, rest = first.partition(f"CREATETABLE{table_name}(")
        mine, end, others = rest.partition(";")
        for name in names:
            mine = mine.replace(f"{name}TIMESTAMPWITHTIMEZONE,", "")
        first = start + of + mine + end + others
    for table in tables.metadata.sorted_tables:
        whole = _flat(CreateTable(table).compile(dialect=dialect))
        for column in (table.columns[name] for name in made["ADDED"].get(table.name, ())):
            spelled = _flat(CreateColumn(column).compile(dialect=dialect))
            assert f"ALTERTABLE{table.name}ADDCOLUMN{spelled};" in first
            whole = whole.replace(f"{spelled},", "")
        assert whole in first
    assert "TRUNCATE ON event" in said.getvalue()


def _flat(sql: object) -> str:
    return "".join(str(sql).split())


def statements():
    for module in pkgutil.iter_modules(gateway.ledger.__path__):
        for name, value in vars(importlib.import_module(f"gateway.ledger.{module.name}")).items():
            if isinstance(value, Executable | Prepared):
                yield f"{module.name}.{name}", value


def test_every_statement_can_be_said_to_postgresql():
    found, dialect = dict(statements()), postgresql.psycopg2.dialect()
    assert len(found) > 25
    for name, statement in found.items():
        if isinstance(statement, Prepared):
            spelled = statement.spelled(dialect)
            assert spelled.names is not None, name
            assert all(f"%({value})s" in spelled.sql for value in spelled.names), name
        else:
            assert str(statement.compile(dialect=dialect)), name
    assert "ON CONFLICT DO NOTHING" in found["blobs._ADD"].spelled(dialect).sql


def test_moments_are_utc_and_sort_as_time():
    sqlite, server = create_engine("sqlite://").dialect, postgresql.dialect()
    moment, chicago = tables.Moment(), timezone(timedelta(hours=-6))
    early, late = datetime(2026, 1, 1, 23, tzinfo=chicago), datetime(2026, 1, 2, 5, 0, 0, 1, tzinfo=UTC)
    stored = [moment.process_bind_param(each, sqlite) for each in (early, late)]
    assert stored == ["2026-01-02T05:00:00.000000Z", "2026-01-02T05:00:00.000001Z"]
    assert [moment.process_result_value(each, sqlite) for each in stored] == [early, late]
    assert moment.process_bind_param(early, server) is early


def test_a_moment_without_zone_is_refused():
    with migrated() as tx, pytest.raises(ValueError, match="needs its zone"):
        events.add(tx, "received", datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4500017", "4500017"),
        ("M\u00fcller", "M\u00fcller"),
        ("0\udca07", "0\\udca07"),
        ("a\x00b", "a\\u0000b"),
    ],
)
def test_what_no_database_takes_is_spelled_out(text: str, kept: str) -> None:
    assert storable(text, "\\") == kept
    assert json.loads(compact({"why": text})) == {"why": kept if "\x00" not in text else text}
