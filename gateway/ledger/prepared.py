"""Statements that run for every document: SQLAlchemy spells each once per dialect, then the driver runs it itself.

SQLAlchemy's execution of a statement takes ten times as long as SQLite's own, and a document needs some thirty. What
it gives beside (results of any shape, events, automatic values) the ledger's own statements do not use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    Table,
    Update,
    insert,
    literal,
)
from sqlalchemy.exc import DBAPIError

from gateway.ledger.tables import insert_once

Convert = Callable[[Any], Any]
Statement = Select[Any] | Insert | Update | Delete


@dataclass(frozen=True, slots=True)
class Spelled:
    """One statement in one dialect.

    `values` are what the driver is given, in order: a name and a conversion, or a constant under no name. `columns`
    are those of the rows that need a conversion, by position. `names` when the driver wants values by name.
    """

    sql: str
    values: tuple[tuple[str | None, Convert | None, Any], ...]
    columns: tuple[tuple[int, Convert], ...]
    names: tuple[str, ...] | None

    def given(self, values: Mapping[str, Any]) -> Any:
        """What the driver is given. Raises `KeyError` where a value is missing."""
        found = [
            constant if name is None else values[name] if convert is None else convert(values[name])
            for name, convert, constant in self.values
        ]
        return dict(zip(self.names, found, strict=True)) if self.names else found

    def read(self, row: Any) -> tuple[Any, ...]:
        """A row of the driver's as the columns' types have it."""
        found = list(row)
        for at, convert in self.columns:
            found[at] = convert(found[at])
        return tuple(found)


class Prepared:
    """A statement with its values as bind parameters; with a function, one that dialects spell differently."""

    def __init__(self, statement: Statement | Callable[[str], Statement]) -> None:
        self._statement = statement
        self._spelled: dict[str, Spelled] = {}

    def rows(self, tx: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """All rows."""
        cursor, spelled = self._run(tx, values)
        rows = cursor.fetchall()
        cursor.close()
        return [spelled.read(row) for row in rows]

    def one(self, tx: Connection, **values: Any) -> tuple[Any, ...] | None:
        """The first row, if there is any."""
        cursor, spelled = self._run(tx, values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else spelled.read(row)

    def value(self, tx: Connection, **values: Any) -> Any:
        """The first row's first column, None where there is no row."""
        row = self.one(tx, **values)
        return row[0] if row else None

    def run(self, tx: Connection, **values: Any) -> int:
        """How many rows it changed."""
        cursor, _ = self._run(tx, values)
        cursor.close()
        return int(cursor.rowcount)

    def run_many(self, tx: Connection, given: Sequence[Mapping[str, Any]]) -> None:
        """Runs it once for each."""
        spelled = self.spelled(tx.dialect)
        cursor = tx.connection.cursor()
        try:
            cursor.executemany(spelled.sql, [spelled.given(values) for values in given])
        except Exception as error:
            _refused(tx, spelled, error)
        finally:
            cursor.close()

    def _run(self, tx: Connection, values: Mapping[str, Any]) -> tuple[Any, Spelled]:
        spelled = self._spelled.get(tx.dialect.name) or self.spelled(tx.dialect)
        given = spelled.given(values)
        cursor = tx.connection.cursor()
        try:
            cursor.execute(spelled.sql, given)
        except Exception as error:
            cursor.close()
            _refused(tx, spelled, error)
        return cursor, spelled

    def spelled(self, dialect: Dialect) -> Spelled:
        """The statement as this dialect's driver takes it."""
        if dialect.name not in self._spelled:
            made = self._statement(dialect.name) if callable(self._statement) else self._statement
            self._spelled[dialect.name] = _spelled(made, dialect)
        return self._spelled[dialect.name]


def adding(table: Table) -> Prepared:
    """An INSERT of a whole row."""
    return Prepared(insert(table))


def adding_once(table: Table) -> Prepared:
    """The same, doing nothing where the row is there."""
    return Prepared(lambda dialect: insert_once(table, dialect))


def one_of(column: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """`column IN (...)` of constants, so that the statement's text is known before its values are."""
    return column.in_([literal(value) for value in values])


def _spelled(statement: Statement, dialect: Dialect) -> Spelled:
    whole = [column.name for column in statement.table.columns] if isinstance(statement, Insert) else None
    compiled: Any = statement.compile(dialect=dialect, column_keys=whole)
    names = tuple(compiled.positiontup if compiled.positional else compiled.params)
    values = tuple(_value(name, compiled.binds[name], dialect) for name in names)
    return Spelled(
        str(compiled), values, tuple(_columns(statement, dialect)), None if compiled.positional else names
    )


def _value(name: str, bound: BindParameter[Any], dialect: Dialect) -> tuple[str | None, Convert | None, Any]:
    convert = bound.type.dialect_impl(dialect).bind_processor(dialect)
    if bound.required:
        return name, convert, None
    return None, None, convert(bound.value) if convert else bound.value


def _columns(statement: Statement, dialect: Dialect) -> Iterator[tuple[int, Convert]]:
    if isinstance(statement, Select):
        types = [column.type for column in statement.selected_columns]
    else:
        types = [one["type"] for one in statement.returning_column_descriptions]
    for at, type in enumerate(types):
        convert = type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            yield at, convert


def _refused(tx: Connection, spelled: Spelled, error: Exception) -> NoReturn:
    """The driver's error as SQLAlchemy raises it; what is no driver's error as it is."""
    base: Any = tx.dialect.dbapi
    if not isinstance(error, base.Error):
        raise error
    raise DBAPIError.instance(spelled.sql, None, error, base.Error, dialect=tx.dialect) from error
