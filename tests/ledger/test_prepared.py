"""What the driver is given and gives back is what SQLAlchemy's own execution gives, to the last type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, create_engine, func, insert, select, true, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError

from gateway.ledger.prepared import Prepared, adding, adding_once, one_of
from gateway.ledger.tables import event, metadata, outbox, seen_key

NOW = datetime(2026, 11, 27, 22, 15, 0, 250_000, tzinfo=UTC)
EVENT = {
    "id": "1",
    "at": NOW,
    "arrival_id": None,
    "document_id": "d",
    "outbox_id": None,
    "kind": "received",
    "detail": {"why": "größer", "sizes": [1, 2.5]},
    "correlation": None,
}
KEY = {"level": "business", "scope": "acme/in", "key": "1", "digest": "d", "ref": "r", "at": NOW}
ALL = Prepared(select(event).order_by(event.c.id))


@pytest.fixture
def tx() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_rows_come_back_as_they_were_given(tx: Connection) -> None:
    assert adding(event).run(tx, **EVENT) == 1
    assert ALL.rows(tx) == [tuple(EVENT.values())]
    assert ALL.rows(tx) == [tuple(row) for row in tx.execute(select(event))]


def test_sqlalchemy_reads_what_the_driver_wrote_and_the_other_way_round(tx: Connection) -> None:
    adding(event).run(tx, **EVENT)
    tx.execute(insert(event), {**EVENT, "id": "2"})
    one, other = tx.execute(select(event).order_by(event.c.id)).all()
    assert one[1:] == other[1:] == tuple(EVENT.values())[1:]


def test_many_are_run_in_order(tx: Connection) -> None:
    adding(event).run_many(tx, [{**EVENT, "id": str(number)} for number in range(3)])
    adding(event).run_many(tx, [])
    assert [row[0] for row in ALL.rows(tx)] == ["0", "1", "2"]


def test_one_row_one_value_or_none(tx: Connection) -> None:
    kind = Prepared(select(event.c.kind, event.c.detail).where(event.c.id == bindparam("id")))
    assert kind.one(tx, id="1") is None
    assert kind.value(tx, id="1") is None
    adding(event).run(tx, **EVENT)
    assert kind.one(tx, id="1") == ("received", EVENT["detail"])
    assert kind.value(tx, id="1") == "received"


def test_constants_are_part_of_the_statement(tx: Connection) -> None:
    add, accept = adding_once(seen_key), Prepared(update(seen_key).values(accepted=true(), ref="new"))
    assert [add.run(tx, **KEY, accepted=False), add.run(tx, **KEY, accepted=False)] == [1, 0]
    assert accept.run(tx) == 1
    assert Prepared(select(seen_key.c.accepted, seen_key.c.ref)).one(tx) == (True, "new")


def test_one_of_names_its_values_in_the_text(tx: Connection) -> None:
    adding(event).run_many(tx, [{**EVENT, "id": kind, "kind": kind} for kind in ("a", "b", "c")])
    found = Prepared(select(func.count()).select_from(event).where(one_of(event.c.kind, ("a", "c", "d"))))
    assert found.value(tx) == 2


def test_what_an_update_returns_is_read(tx: Connection) -> None:
    adding(event).run(tx, **EVENT)
    moved = Prepared(
        update(event)
        .where(event.c.id == bindparam("row_id"))
        .values(kind=bindparam("set_kind"))
        .returning(event.c.at, event.c.detail)
    )
    assert moved.one(tx, row_id="1", set_kind="sent") == (NOW, EVENT["detail"])
    assert moved.one(tx, row_id="2", set_kind="sent") is None


def test_a_missing_value_is_ours_to_mend(tx: Connection) -> None:
    with pytest.raises(KeyError, match="correlation"):
        adding(event).run(tx, **{name: value for name, value in EVENT.items() if name != "correlation"})


@pytest.mark.parametrize("many", [False, True])
def test_what_the_database_refuses_is_raised_as_sqlalchemy_raises_it(tx: Connection, many: bool) -> None:
    add = adding(event)
    add.run(tx, **EVENT)
    with pytest.raises(IntegrityError, match="UNIQUE"):
        add.run_many(tx, [EVENT]) if many else add.run(tx, **EVENT)
    assert len(ALL.rows(tx)) == 1


def test_a_database_that_cannot_is_told_from_a_wrong_statement(tx: Connection) -> None:
    adding(event).run(tx, **EVENT)
    tx.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(OperationalError, match="readonly"):
        adding(event).run(tx, **{**EVENT, "id": "2"})


def test_a_dialect_with_names_is_given_names() -> None:
    dialect: Any = postgresql.psycopg2.dialect()
    spelled = Prepared(
        select(outbox).where(outbox.c.state == "sent", outbox.c.sent_at < bindparam("now"))
    ).spelled(dialect)
    assert spelled.names is not None
    assert spelled.given({"now": NOW}) == {"state_1": "sent", "now": NOW}
