"""Documents: added once, found by what partners call them, replayed from their beginning."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from gateway.ledger import ImpossibleStep, StaleLease, State, arrivals, documents
from gateway.ledger.tables import event

from .conftest import NOW, arrived


@pytest.fixture
def arrival(do):
    return do(arrivals.add, arrived(), NOW).id


def order(arrival, ordinal=0, state=State.RECEIVED, **facts):
    known = {"partner": "acme", "kind": "PurchaseOrder", "number": f"PO{ordinal}"}
    return documents.new("in", "850", NOW, state, arrival_id=arrival, ordinal=ordinal, **known | facts)


def events_of(do, id):
    return do(
        lambda tx: list(
            tx.scalars(select(event.c.kind).where(event.c.document_id == id).order_by(event.c.id))
        )
    )


def test_new_needs_only_what_is_known():
    row = documents.new("out", "997", NOW, State.RENDERED)
    assert (row.id, row.direction, row.type, row.state, row.ordinal) == ("", "out", "997", "rendered", 0)
    assert (row.arrival_id, row.number, row.correlation, row.faults) == (None, None, "", [])


def test_documents_are_stored_in_order(do, arrival):
    faults = [{"code": "date", "place": "BEG05"}]
    ids = do(documents.add_many, [order(arrival, n, length=n, faults=faults) for n in range(1200)])
    rows = do(documents.of_arrival, arrival)
    assert [row.id for row in rows] == ids == sorted(set(ids))
    assert rows[7] == replace(order(arrival, 7, length=7, faults=faults), id=ids[7], correlation=ids[7])
    assert events_of(do, ids[7]) == ["received"]
    assert do(documents.add_many, []) == []


def test_reading_an_arrival_again_adds_only_what_was_missing(do, arrival):
    some = do(documents.add_many, [order(arrival, n) for n in (1, 3)])
    do(documents.move, some[1], State.TRANSLATED, None, NOW)
    all_ = do(documents.add_many, [order(arrival, n, State.STAGED) for n in (1, 2, 3, 4)])
    assert [all_[0], all_[2]] == some
    assert [row.state for row in do(documents.of_arrival, arrival)] == [
        "received",
        "staged",
        "translated",
        "staged",
    ]
    assert events_of(do, some[0]) == ["received"]


def test_a_move_changes_columns_and_tells_one_event(do, arrival):
    (id,) = do(documents.add_many, [order(arrival)])
    do(
        documents.move,
        id,
        State.TRANSLATED,
        None,
        NOW,
        detail={"map": "acme/850"},
        canonical="c" * 64,
        map="acme/850",
    )
    row = do(documents.get, id)
    assert (row.state, row.canonical, row.map) == ("translated", "c" * 64, "acme/850")
    assert events_of(do, id) == ["received", "translated"]


def test_a_group_is_released_together_or_not_at_all(do, arrival):
    ids = do(documents.add_many, [order(arrival, n, State.STAGED) for n in range(1001)])
    do(documents.move, ids[900], State.QUARANTINED, None, NOW)
    before = do(lambda tx: tx.scalar(select(func.count()).select_from(event)))

    def try_and_go_on(tx):
        with pytest.raises(
            ImpossibleStep, match=f"{ids[900]}: inbound: quarantined cannot become translated"
        ):
            documents.move_many(tx, ids, State.TRANSLATED, None, NOW)

    do(try_and_go_on)
    assert {row.state for row in do(documents.of_arrival, arrival)} == {"staged", "quarantined"}
    assert do(lambda tx: tx.scalar(select(func.count()).select_from(event))) == before
    good = [id for id in ids if id != ids[900]]
    do(documents.move_many, good, State.TRANSLATED, None, NOW)
    assert do(lambda tx: tx.scalar(select(func.count()).select_from(event))) == before + 1000


REST = [State.QUARANTINED, State.HELD, State.REJECTED, State.DROPPED, State.DEAD]


@pytest.mark.parametrize("state", REST)
def test_replay_begins_again(do, arrival, state):
    (id,) = do(documents.add_many, [order(arrival)])
    do(documents.move, id, state, None, NOW, attempt=8, due_at=NOW, faults=[{"code": "date"}])
    do(documents.replay, id, NOW, {"by": "ann"})
    row = do(documents.get, id)
    assert (row.state, row.attempt, row.due_at, row.faults) == ("received", 0, None, [])
    assert events_of(do, id) == ["received", state, "replayed"]


def test_a_document_in_work_is_not_replayed(do, arrival):
    (id,) = do(documents.add_many, [order(arrival)])
    assert do(documents.claim, id, "w", NOW, NOW.replace(hour=10))
    with pytest.raises(StaleLease):
        do(documents.replay, id, NOW)


def test_an_outbound_document_has_another_life(do):
    (id,) = do(documents.add_many, [documents.new("out", "997", NOW, State.RENDERED, partner="acme")])
    with pytest.raises(ImpossibleStep):
        do(documents.move, id, State.HELD, None, NOW)
    assert do(documents.claim, id, "w", NOW, NOW.replace(hour=10)) is None


def test_an_unknown_document_is_an_error(do):
    with pytest.raises(LookupError):
        do(documents.get, "nothing")
