"""Control numbers: each once, in order, rolling over to one."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.ledger import control
from gateway.ledger.tables import event

from .conftest import NOW, opened

ACME = ("ZZ/US", "01/ACME", "P", "interchange")


def test_numbers_count_from_one_for_each_level(do):
    assert [do(control.next, *ACME) for _ in range(3)] == [1, 2, 3]
    others = [
        ("ZZ/WEST", *ACME[1:]),
        ("ZZ/US", "01/BOLT", *ACME[2:]),
        (*ACME[:2], "T", ACME[3]),
        (*ACME[:3], "group"),
    ]
    assert [do(control.next, *other) for other in others] == [1, 1, 1, 1]
    assert do(control.next, *ACME) == 4
    assert do(control.current, *ACME) == 4
    assert do(control.current, "?", "?", "?", "?") == 0


async def test_numbers_drawn_at_once_are_all_different(ledger):
    async def draw():
        return await ledger.commit(lambda tx: control.next(tx, *ACME))

    drawn = await asyncio.gather(*(draw() for _ in range(500)))
    assert sorted(drawn) == list(range(1, 501))


def test_numbers_of_two_processes_are_all_different(do, tmp_path):
    with opened(tmp_path, "once") as other:
        drawn = [
            number
            for _ in range(20)
            for number in (do(control.next, *ACME), other.commit_now(lambda tx: control.next(tx, *ACME)))
        ]
    assert drawn == list(range(1, 41))


def test_after_the_ceiling_comes_one(do):
    do(control.set, *ACME, control.CEILING - 1, NOW, "ann")
    assert [do(control.next, *ACME) for _ in range(3)] == [999_999_999, 1, 2]


def test_setting_a_number_is_an_audited_event(do):
    do(control.next, *ACME)
    do(control.set, *ACME, 500, NOW, "ann")
    (told,) = do(lambda tx: tx.execute(select(event).where(event.c.kind == "control-set")).all())
    assert told.detail == {
        "own": "ZZ/US",
        "partner": "01/ACME",
        "usage": "P",
        "level": "interchange",
        "before": 1,
        "value": 500,
        "by": "ann",
    }
    assert do(control.next, *ACME) == 501


def test_no_number_comes_twice_before_all_came(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("control")) as ledger:

        @settings(max_examples=30, deadline=None)
        @given(ceiling=st.integers(1, 20), start=st.integers(0, 20), level=st.uuids())
        def law(ceiling, start, level):
            def draw(tx):
                if start:
                    control.set(tx, *ACME[:3], level.hex, start, NOW, "test")
                return [control.next(tx, *ACME[:3], level.hex, ceiling) for _ in range(3 * ceiling)]

            drawn = ledger.commit_now(draw)
            for at in range(2 * ceiling):
                assert sorted(drawn[at : at + ceiling]) == list(range(1, ceiling + 1))

        law()
