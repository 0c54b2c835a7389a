"""Leases: one holder at a time, and who lost a row can do it no harm."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from gateway.ledger import ANYONE, ImpossibleStep, Life, StaleLease, State, arrivals, documents, outbox
from gateway.ledger.states import TRANSITIONS, WORK
from gateway.ledger.tables import event

from .conftest import NOW, arrived, opened

MINUTE = timedelta(minutes=1)


@pytest.fixture
def arrival(do):
    return do(arrivals.add, arrived(), NOW).id


@pytest.fixture
def rows(do, arrival):
    """One row of each kind that is worked on, with its module and where its work ends."""
    (document,) = do(
        documents.add_many, [documents.new("in", "850", NOW, State.RECEIVED, arrival_id=arrival)]
    )
    named = {"partner": "acme", "channel": "acme.drop", "name": "x", "type": "997"}
    sending = do(lambda tx: outbox.add(tx, b"ISA", NOW, **named).id)
    return [
        (arrivals, arrival, State.PROCESSED),
        (documents, document, State.DELIVERED),
        (outbox, sending, State.SENT),
    ]


@pytest.mark.parametrize("which", range(3))
def test_one_worker_holds_a_row(do, rows, which):
    module, id, end = rows[which]
    mine = do(module.claim, id, "a", NOW, NOW + MINUTE)
    assert mine
    assert do(module.claim, id, "b", NOW, NOW + MINUTE) is None
    with pytest.raises(StaleLease):
        do(module.move, id, end, None, NOW)
    do(module.extend, id, mine, NOW + 3 * MINUTE)
    assert do(module.claim, id, "b", NOW + 2 * MINUTE, NOW + 9 * MINUTE) is None
    do(module.amend, id, mine, attempt=1)
    do(module.move, id, end, mine, NOW)
    row = do(module.get, id)
    assert (row.state, row.attempt, row.lease, row.lease_until) == (end, 1, None, None)
    assert do(module.claim, id, "b", NOW, NOW + MINUTE) is None


@pytest.mark.parametrize("which", range(3))
def test_a_frozen_worker_that_wakes_up_does_no_harm(do, rows, which):
    module, id, end = rows[which]
    frozen = do(module.claim, id, "a", NOW, NOW + MINUTE)
    taken = do(module.claim, id, "b", NOW + 2 * MINUTE, NOW + 9 * MINUTE)
    assert taken not in (None, frozen)
    before = do(module.get, id)
    for write in (
        lambda tx: module.move(tx, id, end, frozen, NOW),
        lambda tx: module.extend(tx, id, frozen, NOW + MINUTE),
        lambda tx: module.amend(tx, id, frozen, attempt=9),
        lambda tx: module.release(tx, id, frozen),
    ):
        with pytest.raises(StaleLease, match="another worker holds it now"):
            do(write)
    assert do(module.get, id) == before
    do(module.move, id, end, taken, NOW)
    with pytest.raises(StaleLease):
        do(module.move, id, State.RETRYING, frozen, NOW)


def test_a_released_row_is_free(do, rows):
    module, id, _ = rows[0]
    do(module.release, id, do(module.claim, id, "a", NOW, NOW + MINUTE))
    assert do(module.claim, id, "b", NOW, NOW + MINUTE)


def test_work_goes_on_under_the_same_lease_until_it_rests(do, rows):
    module, id, _ = rows[1]
    token = do(module.claim, id, "a", NOW, NOW + MINUTE)
    do(module.move, id, State.TRANSLATED, token, NOW)
    assert do(module.get, id).lease == token
    do(module.move, id, State.RETRYING, token, NOW, attempt=1, due_at=NOW + MINUTE)
    assert do(module.get, id).lease is None


def test_a_row_that_is_not_due_is_not_claimed(do, rows):
    module, id, _ = rows[0]
    do(module.move, id, State.RETRYING, None, NOW, due_at=NOW + MINUTE)
    assert do(module.claim, id, "a", NOW, NOW + MINUTE) is None
    assert do(module.claim, id, "a", NOW + MINUTE, NOW + 2 * MINUTE)


def test_anyone_may_write_what_a_partner_said_while_a_worker_holds_the_row(do, rows):
    module, id, _ = rows[2]
    token = do(module.claim, id, "a", NOW, NOW + MINUTE)
    do(module.move, id, State.ACKNOWLEDGED, ANYONE, NOW)
    do(module.sent, id, token, NOW)
    assert do(module.get, id).state == "acknowledged"


class Lease(RuleBasedStateMachine):
    """Random workers, steps and clocks against one document; the model is a dict and the table of states."""

    ledger = None

    def __init__(self):
        super().__init__()
        self.now, self.tokens, self.holder, self.until, self.state, self.steps = (
            NOW,
            [],
            None,
            NOW,
            "received",
            1,
        )
        row = documents.new("in", "850", NOW, State.RECEIVED)
        (self.id,) = self.ledger.commit_now(lambda tx: documents.add_many(tx, [row]))

    def do(self, function, *args):
        return self.ledger.commit_now(lambda tx: function(tx, *args))

    @rule(minutes=st.integers(0, 3))
    def wait(self, minutes):
        self.now += minutes * MINUTE

    @rule(minutes=st.integers(1, 3))
    def claim(self, minutes):
        until = self.now + minutes * MINUTE
        token = self.do(documents.claim, self.id, "w", self.now, until)
        free = self.holder is None or self.until < self.now
        assert bool(token) == (self.state in WORK[Life.INBOUND] and free)
        if token:
            self.tokens.append(token)
            self.holder, self.until = token, until

    @rule(data=st.data(), state=st.sampled_from(list(TRANSITIONS[Life.INBOUND])))
    def move(self, data, state):
        token = data.draw(st.sampled_from([None, *self.tokens]))
        allowed = state in TRANSITIONS[Life.INBOUND][State(self.state)]
        try:
            self.do(documents.move, self.id, state, token, self.now)
        except StaleLease:
            assert token != self.holder
        except ImpossibleStep:
            assert token == self.holder
            assert not allowed
        else:
            assert token == self.holder
            assert allowed
            self.state, self.steps = state, self.steps + 1
            if state not in WORK[Life.INBOUND] or state is State.RETRYING:
                self.holder = None

    @invariant()
    def the_ledger_agrees(self):
        row = self.ledger.read_now(lambda tx: documents.get(tx, self.id))
        assert (row.state, row.lease) == (self.state, self.holder)
        told = select(func.count()).select_from(event).where(event.c.document_id == self.id)
        assert self.ledger.read_now(lambda tx: tx.scalar(told)) == self.steps


def test_the_laws_of_leases(tmp_path):
    with opened(tmp_path) as ledger:
        machine = type("OneLease", (Lease,), {"ledger": ledger})
        run_state_machine_as_test(
            machine, settings=settings(max_examples=40, stateful_step_count=25, deadline=None)
        )
