"""Small arrivals are read in a process beside ours while many are in hand: the same comes of them, whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable

import pytest

from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.inbound.beside import Beside
from gateway.pipeline.inbound.findings import Closed, Finding
from gateway.pipeline.inbound.reading_child import ReadingChild, Told
from gateway.pipeline.work import registrar as registrars

from ..desk import ACME, Desk
from ..documents import bad_order, group, interchange, one, order

LEAVES = (sys.executable, "-c", "raise SystemExit(3)")
SHAPES = {
    "good": one(),
    "a bad one": interchange(group(order("1"), bad_order(), order("3", "0003"))),
    "cut short": interchange(group(order("1"), order("2", "0002")), trailer=""),
    "of a stranger": one().replace(b"ZZ*ACME", b"ZZ*NOBO"),
    "no document at all": b"%PDF-1.4" * 40,
}


@pytest.fixture
async def desk(open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Every arrival of this desk is one of many."""
    monkeypatch.setattr(registrars, "MANY", 0)
    found = open_desk(batch=2)
    found.worker.registrar.beside.useful = True
    yield found
    await found.worker.close()


async def ready(desk: Desk) -> Beside:
    beside, house = desk.worker.registrar.beside, desk.worker.house
    assert house is not None
    async with asyncio.timeout(60):
        while not beside.ready(house):  # noqa: ASYNC110  # a process starts
            await asyncio.sleep(0.01)
    return beside


async def stored(desk: Desk, count: int) -> list[ArrivalRow]:
    for number in range(1, count + 1):
        data = interchange(group(order(str(number))), control=f"{number:09d}")
        await desk.take(data, f"{number}.edi")
    return desk.arrivals


async def read(desk: Desk, row: ArrivalRow) -> list[list[Finding]] | None:
    number = row.name.partition(".")[0]
    data = interchange(group(order(number)), control=f"{int(number):09d}")
    assert desk.worker.house is not None
    return await desk.worker.registrar.beside.batches(desk.worker.house, row, [data], desk.clock[0])


def control(batches: list[list[Finding]] | None) -> str | None:
    """Whose answer that is."""
    if batches is None:
        return None
    found = [one for batch in batches for one in batch]
    assert isinstance(found[-2], Closed)
    return str(found[0].header.control)  # type: ignore[union-attr]


async def test_the_same_comes_of_it(desk: Desk, open_desk: Callable[..., Desk]):
    beside, here = await ready(desk), open_desk(batch=2)
    for shape in SHAPES.values():
        for each in (desk, here):
            await each.receive(shape)
    assert beside.child.process is not None
    assert desk.outcome == here.outcome


async def test_each_gets_the_answer_to_its_own_order(desk: Desk):
    """They are all told before the first is answered."""
    await ready(desk)
    rows = await stored(desk, 20)
    found = await asyncio.gather(*(read(desk, row) for row in rows))
    assert [control(one) for one in found] == [f"{number:09d}" for number in range(1, 21)]


async def test_until_it_is_ready_they_are_read_here(desk: Desk):
    assert desk.worker.house is not None
    assert not desk.worker.registrar.beside.ready(desk.worker.house)
    await desk.receive(one())
    assert desk.states == ["delivered"]


async def test_a_changed_house_reaches_it_before_what_is_read_under_it(desk: Desk):
    beside = await ready(desk)
    own = "map: acme/850\nextends: x12/004010/850\nfields:\n  contract: {read: BEG03}\n"
    mapped = ACME.replace("850: x12/004010/850", "850: acme/850")
    before = desk.worker.house
    desk.change({"profiles/acme.yaml": mapped, "maps/acme/850.yaml": own})
    await ready(desk)
    await desk.receive(one())
    assert b'"contract"' in desk.erp.taken[0][1]
    (row,) = desk.arrivals
    assert before is not None
    assert await beside.batches(before, row, [one()], desk.clock[0]) is None, "under the house that it had"


async def test_what_does_not_go_well_is_read_with_nothing_beside_it(desk: Desk):
    """All that was told when the process ended is read again, by another process."""
    beside = await ready(desk)
    rows = await stored(desk, 8)
    reading = [asyncio.create_task(desk.worker.registrar.receive(row.id, desk.worker.house)) for row in rows]
    assert beside.child.process is not None
    os.kill(beside.child.process.pid, signal.SIGKILL)
    await asyncio.gather(*reading)
    assert [row.state for row in desk.arrivals] == ["processed"] * 8
    await desk.work()
    assert desk.states == ["delivered"] * 8


async def test_an_abandoned_reading_leaves_no_answer_to_be_taken_for_another(desk: Desk):
    beside = await ready(desk)
    rows = await stored(desk, 4)
    first, *others = [asyncio.create_task(read(desk, row)) for row in rows]
    await asyncio.sleep(0)
    first.cancel()
    found = [control(one) for one in await asyncio.gather(*others)]
    assert all(one in (None, f"{number:09d}") for number, one in enumerate(found, 2))
    await ready(desk)
    assert control(await read(desk, rows[1])) == "000000002"
    assert beside.child.process is not None


async def test_one_that_dies_while_nothing_is_in_hand_is_replaced(desk: Desk):
    beside = await ready(desk)
    first = beside.child.process
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    await first.wait()
    rows = await stored(desk, 2)
    assert await read(desk, rows[0]) is None
    await ready(desk)
    assert beside.child.process is not first
    assert control(await read(desk, rows[1])) == "000000002"


async def test_a_patience_that_ends_as_the_answer_comes_leaves_it_to_nobody(desk: Desk):
    """The gateway itself stood still: the answer lies in the pipe, and the time for it is over."""
    beside = await ready(desk)
    rows = await stored(desk, 4)
    beside.child._patience = 1.0
    reading = [asyncio.create_task(read(desk, row)) for row in rows]
    async with asyncio.timeout(20):
        while not beside._hearing.locked():  # noqa: ASYNC110
            await asyncio.sleep(0)
    for _ in range(3):
        await asyncio.sleep(0)
    time.sleep(1.5)  # noqa: ASYNC251  # nothing else may run
    found = [control(one) for one in await asyncio.gather(*reading)]
    assert all(one in (None, f"{number:09d}") for number, one in enumerate(found, 1))


async def test_what_is_raised_in_the_middle_of_an_answer_leaves_the_rest_to_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    await ready(desk)
    sets = [order(str(n), f"{n:04d}") for n in range(1, 9)]
    await desk.take(interchange(group(*sets), control="000000009"), "9.edi")
    rows = await stored(desk, 3)
    heard, answers = ReadingChild.hear, 0

    async def hear(self: ReadingChild, told: Told, longer: float = 0) -> object:
        nonlocal answers
        answers += 1
        if answers == 2:
            raise MemoryError
        return await heard(self, told, longer)

    monkeypatch.setattr(ReadingChild, "hear", hear)
    large = desk.arrivals[0]
    assert desk.worker.house is not None
    data = interchange(group(*sets), control="000000009")
    first = asyncio.create_task(
        desk.worker.registrar.beside.batches(desk.worker.house, large, [data], desk.clock[0])
    )
    others = [asyncio.create_task(read(desk, row)) for row in rows if row.id != large.id]
    assert await first is None
    found = [control(one) for one in await asyncio.gather(*others)]
    assert all(one in (None, f"{number:09d}") for number, one in enumerate(found, 1))


async def test_an_answer_to_another_order_is_refused(desk: Desk):
    beside = await ready(desk)
    rows = await stored(desk, 2)
    beside.child._number += 1  # as if one had been told that is not
    assert await read(desk, rows[0]) is None
    await ready(desk)
    assert control(await read(desk, rows[1])) == "000000002"


async def test_where_none_can_be_had_all_is_read_here(desk: Desk):
    """One that does not get ready is tried again after a while."""
    beside, house = desk.worker.registrar.beside, desk.worker.house
    beside.child = ReadingChild(LEAVES)
    assert house is not None
    assert not beside.ready(house)
    async with asyncio.timeout(20):
        while not beside._not_before:  # noqa: ASYNC110  # a process ends
            await asyncio.sleep(0.01)
    await desk.receive(one())
    assert desk.states == ["delivered"]
    assert not beside.ready(house)
    assert beside._getting_ready is None
    beside.child, beside._not_before = ReadingChild(), 0.0
    await ready(desk)


async def test_it_ends_when_none_has_come_for_a_while(desk: Desk):
    desk.worker.registrar.beside.child = ReadingChild(rest=0.2)
    beside = await ready(desk)
    process = beside.child.process
    assert process is not None
    await desk.receive(one())
    await asyncio.wait_for(process.wait(), 20)
    assert desk.states == ["delivered"]
