"""Documents that go out: taken in lots by one worker, carried by one sending, put back to their beginning."""

from datetime import timedelta

import pytest

from gateway.ledger import State, arrivals, departures, documents, outbox, work
from gateway.ledger.moves import StaleLease
from gateway.ledger.states import ImpossibleStep

from .conftest import NOW, arrived

HOUR = timedelta(hours=1)
LATER = NOW + HOUR


@pytest.fixture
def handed(do):
    """Hands over documents in those states: (partner, state, due) each. Returns the arrival's id and theirs."""

    def hand(*rows, name="PurchaseOrder.json", read=True):
        def store(tx):
            arrival = arrivals.add(
                tx, arrived(name, name.encode(), channel="system.erp", partner=None), NOW
            ).id
            if read:
                arrivals.move(tx, arrival, State.PROCESSED, None, NOW)
            known = {"arrival_id": arrival, "kind": "PurchaseOrder"}
            drafts = [
                documents.new(
                    "out", "850", NOW, state, partner=partner, due_at=due, ordinal=n, number=f"P{n}", **known
                )
                for n, (partner, state, due) in enumerate(rows, 1)
            ]
            return arrival, documents.add_many(tx, drafts)

        return do(store)

    return hand


def taken(do, id, most=10, now=NOW):
    found = do(departures.take, id, "w", now, now + HOUR, most)
    return None if found is None else (found[0], [row.ordinal for row in found[1]])


NEW = (None, State.RECEIVED, None)


def test_what_is_not_written_is_taken_with_the_others_of_its_arrival(do, handed):
    _, ids = handed(NEW, NEW, (None, State.QUARANTINED, None), (None, State.RETRYING, LATER), NEW)
    handed(NEW, name="other.json")
    token, ordinals = taken(do, ids[1])
    assert ordinals == [1, 2, 5]
    assert taken(do, ids[0]) is None, "the first worker has it"
    assert taken(do, ids[0], now=LATER + HOUR)[1] == [1, 2, 4, 5], "its lease ran out"
    with pytest.raises(StaleLease):
        do(departures.move, ids[0], State.HELD, token, NOW)


def test_no_more_are_taken_than_asked_for_and_the_others_by_the_next(do, handed):
    _, ids = handed(*[NEW] * 5)
    assert taken(do, ids[4], most=2)[1] == [1, 2]
    assert taken(do, ids[4], most=2)[1] == [3, 4]
    assert taken(do, ids[4], most=2)[1] == [5]
    assert taken(do, ids[4], most=2) is None


def test_what_waits_for_its_batch_is_taken_with_all_of_its_partner_and_type_that_is_due(do, handed):
    waits = State.TRANSLATED
    _, ids = handed(("acme", waits, NOW), ("bolt", waits, NOW), ("acme", waits, LATER), ("acme", waits, None))
    _, others = handed(("acme", waits, None), name="other.json")
    token, ordinals = taken(do, ids[0])
    assert ordinals == [1, 4, 1]
    assert {row.lease for row in map(lambda id: do(documents.get, id), [ids[0], ids[3], *others])} == {token}


def test_a_lot_is_held_on_as_one(do, handed):
    _, ids = handed(NEW, NEW)
    token, _ = taken(do, ids[0])
    do(departures.hold, token, LATER + HOUR)
    assert {do(documents.get, id).lease_until for id in ids} == {LATER + HOUR}


def test_a_run_is_whole_once_all_of_it_was_read_and_looked_at(do, handed):
    waits = ("acme", State.TRANSLATED, departures.WHOLE)
    arrival, ids = handed(waits, ("bolt", *waits[1:]), waits, NEW, read=False)
    assert do(departures.complete_run, arrival) == []
    do(departures.move, ids[3], State.HELD, None, NOW)
    assert do(departures.complete_run, arrival) == []
    do(arrivals.move, arrival, State.PROCESSED, None, NOW)
    assert {partner for _, partner in do(departures.complete_run, arrival)} == {"acme", "bolt"}
    assert [do(documents.get, id).due_at for id in ids] == [None] * 4
    assert do(departures.complete_run, arrival) == []


def test_what_waits_for_its_run_is_no_work_until_then(do, handed):
    _, ids = handed(("acme", State.TRANSLATED, departures.WHOLE), NEW)
    assert [task.id for task in do(work.due, NOW) if task.kind == work.OUTGOING] == [ids[1]]


def test_a_sending_carries_it_and_its_states_follow(do, handed):
    _, ids = handed(NEW, NEW)
    token, _ = taken(do, ids[0])

    def carry(tx):
        facts = {
            "partner": "acme",
            "channel": "acme.drop",
            "name": "850.edi",
            "type": "850",
            "control": "000000001",
        }
        row = outbox.add(tx, b"ISA", NOW, **facts)
        departures.carry(tx, ids[0], token, row, NOW, partner="acme", set_control="0001")
        return row.id

    sending = do(carry)
    row = do(documents.get, ids[0])
    assert (row.state, row.outbox_id, row.lease, row.set_control) == ("rendered", sending, None, "0001")
    do(outbox.sent, sending, do(outbox.claim, sending, "w", NOW, LATER), NOW)
    assert do(documents.get, ids[0]).state == "sent"
    assert not [task for task in do(work.unfinished, LATER + HOUR) if task.id == ids[0]]
    with pytest.raises(ImpossibleStep, match="outbound: sent cannot become received"):
        do(departures.replay, ids[0], NOW)


def test_put_back_it_begins_anew(do, handed):
    _, ids = handed((None, State.HELD, None))
    do(departures.replay, ids[0], NOW)
    row = do(documents.get, ids[0])
    assert (row.state, row.faults) == ("received", [])
    assert taken(do, ids[0])[1] == [1]


def test_an_inbound_document_is_never_taken(do):
    def store(tx):
        arrival = arrivals.add(tx, arrived("po.edi"), NOW).id
        row = documents.new("in", "850", NOW, State.RECEIVED, arrival_id=arrival, partner="acme")
        return documents.add_many(tx, [row])[0]

    assert taken(do, do(store)) is None


ORDERS = [
    # direction, state of the order -> whether it is one that may be answered
    ("in", State.TRANSLATED, True),
    ("in", State.DELIVERED, True),
    ("in", State.RETRYING, True),
    ("in", State.HELD, False),
    ("in", State.DROPPED, False),
    ("in", State.QUARANTINED, False),
    ("out", State.SENT, True),
    ("out", State.TRANSLATED, True),
]


@pytest.mark.parametrize(("direction", "state", "known"), ORDERS)
def test_orders_by_number(do, direction, state, known):
    facts = {"partner": "acme", "number": "P1", "kind": "PurchaseOrder", "canonical": "0" * 64}
    do(documents.add_many, [documents.new(direction, "850", NOW, state, **facts)])
    assert bool(do(departures.orders, "P1", direction)) == known
    assert do(departures.orders, "P1", {"in": "out", "out": "in"}[direction]) == []
    assert do(departures.orders, "P2", direction) == []
