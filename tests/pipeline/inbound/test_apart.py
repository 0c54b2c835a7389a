"""Large arrivals are read in a process of their own: the same comes of them, and however it ends, nothing hangs."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from nursery import PYTHON, Nursery

from gateway.formats import x12
from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.inbound.apart import Apart
from gateway.pipeline.inbound.reader import Reader
from gateway.pipeline.inbound.reading_child import COMMAND, ReadingChild, environment
from gateway.pipeline.queue import Job
from gateway.pipeline.work import registrar as registrars

from .. import records
from ..desk import ACME, Desk
from ..documents import bad_order, group, interchange, one, order

OWN = """\
map: acme/850
extends: x12/004010/850
"""
DIES = (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
LEAVES = (sys.executable, "-c", "raise SystemExit(3)")
SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def forked(nursery: Nursery) -> tuple[str, ...]:
    """The process that reads, without the second that its imports take."""
    return (str(nursery.bin() / PYTHON), *COMMAND[1:])


@pytest.fixture
async def desk(open_desk: Callable[..., Desk], forked: tuple[str, ...]) -> AsyncIterator[Desk]:
    """Everything is large at this desk."""
    found = open_desk(inline=100, batch=2)
    apart(found, command=forked)
    yield found
    await found.worker.close()


def many(count: int, first: int = 1) -> bytes:
    sets = [order(str(n), f"{n:04d}") for n in range(first, first + count)]
    return interchange(group(*sets), control=f"{first:09d}")


def apart(desk: Desk, **facts: Any) -> ReadingChild:
    """The desk's own, with another process or less patience."""
    desk.worker.registrar.apart = Apart(2, desk.worker.registrar._limits, ReadingChild(**facts))
    return desk.worker.registrar.apart.child


SHAPES = {
    "many": many(5),
    "a bad one": interchange(group(order("1"), bad_order(), order("3", "0003"), order("4", "0004"))),
    "cut short": interchange(group(order("1"), order("2", "0002"), order("3", "0003")), trailer=""),
    "of two groups": interchange(group(order("1")), group(order("2"), order("3", "0002"), control="8")),
    "of a stranger": one().replace(b"ZZ*ACME", b"ZZ*NOBO"),
    "not for us": interchange(group(order()), receiver="12/1112223333"),
    "no document at all": b"%PDF-1.4" * 40,
    "an unknown type": interchange(group(order().replace("850", "877"))),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_same_comes_of_it(desk: Desk, open_desk: Callable[..., Desk], shape: str):
    """As of what is read here and now: rows, their faults, events and answers."""
    here = open_desk(batch=2)
    for each in (desk, here):
        await each.receive(SHAPES[shape])
    assert desk.outcome == here.outcome


async def test_a_partner_s_own_map_reaches_it_and_so_does_its_change(desk: Desk):
    mapped = ACME.replace("850: x12/004010/850", "850: acme/850")
    desk.change({"profiles/acme.yaml": mapped, "maps/acme/850.yaml": OWN})
    await desk.receive(many(2))
    process = desk.worker.registrar.apart.child.process
    desk.change(
        {"profiles/acme.yaml": mapped, "maps/acme/850.yaml": OWN + "fields:\n  contract: {read: BEG03}\n"}
    )
    await desk.receive(many(2, 3))
    assert [b'"contract"' in body for _, body in desk.erp.taken] == [False, False, True, True]
    assert desk.worker.registrar.apart.child.process is process
    assert {row.map for row in desk.documents} == {"acme/850"}


async def test_the_event_loop_goes_on_meanwhile(desk: Desk):
    """A thread of pure Python would hold it back again and again; a process does not."""
    await desk.take(many(2000))
    (row,) = desk.arrivals
    reading = asyncio.create_task(desk.worker.registrar.receive(row.id, desk.worker.house))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.01)
        turns += 1
    await reading
    assert turns > 20
    assert desk.arrivals[0].state == "processed"


# -- however it ends


async def half_way(desk: Desk) -> tuple[ArrivalRow, asyncio.Task[list[Job]]]:
    """The one arrival, and its reading when some of what it holds is written down."""
    (row,) = desk.arrivals
    reading = asyncio.create_task(desk.worker.registrar.receive(row.id, desk.worker.house))
    async with asyncio.timeout(60):
        while len(desk.documents) < 20:  # noqa: ASYNC110  # the ledger says nothing by itself
            await asyncio.sleep(0.01)
    return row, reading


async def test_one_that_is_killed_is_started_again(desk: Desk):
    """Half-way, as when memory runs out; what it had found already stays, and nothing is found twice."""
    await desk.take(many(3000))
    row, reading = await half_way(desk)
    async with asyncio.timeout(60):
        process = desk.worker.registrar.apart.child.process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        await reading
    (row,) = desk.arrivals
    assert (row.state, row.attempt) == ("retrying", 1)
    assert (
        "its process ended by SIGKILL; it may have run out of memory" in desk.events("retrying")[0][1]["why"]
    )
    assert 0 < len(desk.documents) < 3000
    desk.later(minutes=1)
    await desk.worker.registrar.receive(row.id, desk.worker.house)
    assert desk.arrivals[0].state == "processed"
    assert [row.ordinal for row in desk.documents] == list(range(1, 3001))


async def test_a_gateway_that_stops_leaves_a_large_arrival_where_it_is(desk: Desk):
    """It is read again by the next; nothing is found twice, and it was no failed attempt."""
    await desk.take(many(3000))
    row, reading = await half_way(desk)
    async with asyncio.timeout(60):
        desk.worker.stop()
        await reading
    (row,) = desk.arrivals
    assert (row.state, row.attempt, row.lease) == ("received", 0, None)
    assert 0 < len(desk.documents) < 3000
    desk.worker.registrar._stopping = False  # the next gateway
    await desk.worker.registrar.receive(row.id, desk.worker.house)
    assert desk.arrivals[0].state == "processed"
    assert [row.ordinal for row in desk.documents] == list(range(1, 3001))


@pytest.mark.parametrize(
    ("command", "why"),
    [(DIES, "ended by SIGKILL"), (LEAVES, "ended with status 3"), (SLEEPS, "said nothing for 0.5 seconds")],
    ids=["dies", "leaves", "sleeps"],
)
async def test_one_that_always_ends_is_given_up(desk: Desk, command: tuple[str, ...], why: str):
    """Its arrival waits for a person, with the reason; everything else goes on."""
    apart(desk, command=command, patience=0.5)
    await desk.take(many(5))
    for _ in range(5):
        await desk.work()
        desk.later(minutes=15)
    assert [row.state for row in desk.arrivals] == ["dead"]
    assert why in desk.events("dead")[0][1]["why"]
    assert [kind for kind, _ in desk.events()].count("retrying") == 3


async def test_what_the_reader_raises_is_raised_here(desk: Desk):
    """A stored file that changed on disk: the reason is the ledger's own."""
    await desk.take(many(900))
    (row,) = desk.arrivals
    path = desk.ledger.shelf.path(row.digest)
    path.write_bytes(path.read_bytes().replace(b"PO1*1*5", b"PO1*1*6"))
    await desk.work()
    assert [row.state for row in desk.arrivals] == ["dead"]
    assert "its bytes have changed on disk" in desk.events("dead")[0][1]["why"]


def test_nobody_listens_any_more_and_it_ends():
    """The gateway may be killed: then nothing of it stays behind."""
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
    process.communicate(timeout=20)
    assert process.returncode == 0


async def test_an_abandoned_reading_ends_its_process(desk: Desk):
    await desk.take(many(2000))
    (row,) = desk.arrivals
    reading = asyncio.create_task(desk.worker.registrar.receive(row.id, desk.worker.house))
    async with asyncio.timeout(60):
        while not desk.documents:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    process = desk.worker.registrar.apart.child.process
    assert process is not None
    reading.cancel()
    await asyncio.wait([reading])
    assert process.returncode is not None


async def test_it_ends_when_none_has_come_for_a_while(desk: Desk, forked: tuple[str, ...]):
    found = apart(desk, rest=600, command=forked)
    await desk.receive(many(5))
    process = found.process
    assert process is not None
    found._rest = 0.1
    found.rest()
    await asyncio.wait_for(process.wait(), 20)
    await desk.receive(many(5, 6))
    assert found.process is not process
    assert desk.states == ["delivered"] * 10


# -- turns


async def test_many_large_arrivals_leave_hands_for_small_ones(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """One is read, one waits for it; the third waits in the ledger, and is looked for when the first is read."""
    monkeypatch.setattr(registrars, "LARGE_IN_HAND", 2)
    for first in (1, 11, 21):
        await desk.take(many(10, first), f"{first}.edi")
    ids = [row.id for row in desk.arrivals]
    async with asyncio.timeout(60):
        await asyncio.gather(*(desk.worker.registrar.receive(id, desk.worker.house) for id in ids))
    assert [row.state for row in desk.arrivals] == ["processed", "processed", "received"]
    assert desk.arrivals[2].lease is None
    assert desk.worker.queue.room.is_set()
    await desk.work()
    assert desk.states == ["delivered"] * 30


async def test_waiting_in_the_ledger_costs_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """The sweeper finds it again and again, while there is no hand for it."""
    monkeypatch.setattr(registrars, "LARGE_IN_HAND", 0)
    await desk.take(many(10))
    (row,) = desk.arrivals
    counted = desk.ledger.writer
    assert counted is not None
    await desk.worker.registrar.receive(row.id, desk.worker.house)
    before = counted.members
    for _ in range(10):
        await desk.worker.registrar.receive(row.id, desk.worker.house)
    assert counted.members == before


async def test_what_was_found_is_plain(desk: Desk):
    """Nothing of a map or of a business object crosses the line: a batch is little more than its JSON."""
    await desk.take(many(100))
    (row,) = desk.arrivals
    assert desk.worker.house is not None
    reader = Reader(desk.worker.house, row, desk.clock[0], 50)
    for batch in reader.batches(many(100), x12.Limits()):
        said = pickle.dumps(batch)
        assert len(said) < 100_000
        assert b"gateway.maps" not in said
        assert b"gateway.canonical" not in said


async def test_records_are_read_there_too(open_desk: Callable[..., Desk], forked: tuple[str, ...]):
    """Batch by batch until the trailer tells that all is well; the same file again is known by its documents."""
    desk = open_desk(records.files(), inline=100, batch=2)
    apart(desk, command=forked)
    data = records.batch([records.shipment(n) for n in range(5)])
    await desk.receive(data.replace(b"LIN00001TEA", b"LIN0000XTEA", 1), data, name="ship.txt")
    states = [row.state for row in desk.documents]
    assert states[:5] == ["quarantined", *["delivered"] * 4]
    assert states[5:] == ["delivered", *["dropped"] * 4]
    assert [row.name for row in desk.outbox] == ["errors_1.csv"]
    await desk.worker.close()
