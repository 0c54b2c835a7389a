"""Ids: in order, of one length, safe anywhere."""

import time

from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger import ids


def test_ids_are_in_strict_order_and_fit_in_a_url():
    made = [ids.new_id() for _ in range(5000)]
    assert made == sorted(set(made))
    assert all(len(id) == ids.LENGTH and set(id) <= set(ids.ALPHABET) for id in made)


def test_order_survives_a_clock_that_is_set_back(monkeypatch):
    before = ids.new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    assert before < ids.new_id() < ids.new_id()


def test_ids_of_two_processes_are_in_the_order_of_time(monkeypatch):
    hour = 3_600_000_000_000
    now = time.time_ns() + 24 * hour
    monkeypatch.setattr(time, "time_ns", lambda: now)
    early = ids.new_id()
    monkeypatch.setattr(time, "time_ns", lambda: now + hour)
    assert early < ids.new_id()
    monkeypatch.setattr(ids, "_last", 0)


@given(st.integers(0, 2**80 - 1), st.integers(0, 2**80 - 1))
def test_spelling_keeps_the_order(a, b):
    assert (ids.spelled(a) < ids.spelled(b)) == (a < b)
