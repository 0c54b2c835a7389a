"""What the queue says sooner than the ledger: one step once, one partner's flood behind another's one file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest

from gateway.pipeline import queue as queues
from gateway.pipeline.queue import FAIR_STEP, Claimed, Job, Lease, Queue, Step

from .retained import reachable

Perform = Callable[[Step, str], Awaitable[Sequence[Job]]]


async def run(jobs: list[Job], perform: Perform, concurrency: int = 2) -> Queue:
    """Queues the jobs, works through them, and stops."""
    queue = Queue(perform, concurrency)
    await queue.put(jobs)
    working = asyncio.create_task(queue.run())
    async with asyncio.timeout(20):
        await queue.idle()
        queue.stop()
        await working
    return queue


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def note(done: list[str]) -> Perform:
    async def perform(step: Step, id: str, claimed: object = None) -> Sequence[Job]:
        done.append(f"{step} {id}")
        return ()

    return perform


async def test_every_job_is_done(done: list[str], note: Perform):
    queue = await run([Job(step, "a") for step in Step], note)
    assert sorted(done) == sorted(f"{step} a" for step in Step)
    assert queue.waiting == 0


@pytest.mark.parametrize(
    ("claimed", "count", "queued"),
    [(True, 2, 1), (False, 2, 3), (True, 5, 6)],
    ids=["little and claimed", "not claimed", "much"],
)
async def test_what_follows_is_done_by_the_same_hand(
    done: list[str], monkeypatch: pytest.MonkeyPatch, claimed: bool, count: int, queued: int
):
    """Where it is little and claimed already; all else is queued, and nothing is idle before it is done."""
    claim = Claimed(None, Lease("w", datetime(2026, 11, 28, tzinfo=UTC)), b"") if claimed else None

    async def perform(step: Step, id: str, held: Claimed | None = None) -> Sequence[Job]:
        done.append(f"{step} {id}")
        if step is Step.RECEIVE:
            return [Job(Step.DELIVER, str(n), "acme", claimed=claim) for n in range(count)]
        assert held is claim
        await asyncio.sleep(0.01)
        return ()

    put = 0

    async def counted(self: Queue, jobs: Sequence[Job]) -> None:
        nonlocal put
        put += len(jobs)
        await original(self, jobs)

    original = Queue.put
    monkeypatch.setattr(Queue, "put", counted)
    queue = await run([Job(Step.RECEIVE, "a", "acme")], perform)
    assert sorted(done) == [*(f"deliver {n}" for n in range(count)), "receive a"]
    assert put == queued
    assert queue.waiting == 0


async def test_the_same_step_is_queued_once(done: list[str], note: Perform):
    await run([Job(Step.RECEIVE, "a", "acme")] * 3, note)
    assert done == ["receive a"]


async def test_the_next_attempt_is_another_job(done: list[str], note: Perform):
    await run([Job(Step.DELIVER, "a", "acme", attempt) for attempt in (0, 1)], note)
    assert done == ["deliver a", "deliver a"]


async def test_a_step_may_be_queued_again_when_it_is_done(done: list[str], note: Perform):
    queue = Queue(note, 2)
    working = asyncio.create_task(queue.run())
    async with asyncio.timeout(20):
        while len(done) < 2:  # the engine forgets a finished job a moment later
            await queue.put([Job(Step.POLL, "acme.drop")])
            await queue.idle()
            await asyncio.sleep(0.01)
        queue.stop()
        await working
    assert done == ["poll acme.drop"] * 2


async def test_while_a_step_is_in_hand_it_is_not_queued_again():
    """The sweeper sees it unfinished and queues it; it must not run beside itself."""
    began, go_on, ran = asyncio.Event(), asyncio.Event(), 0

    async def perform(step: Step, id: str, claimed: object = None) -> Sequence[Job]:
        nonlocal ran
        ran += 1
        began.set()
        await go_on.wait()
        return ()

    queue = Queue(perform, 4)
    working = asyncio.create_task(queue.run())
    async with asyncio.timeout(20):
        await queue.put([Job(Step.RECEIVE, "a")])
        await began.wait()
        await queue.put([Job(Step.RECEIVE, "a")])
        await asyncio.sleep(0.1)
        go_on.set()
        await queue.idle()
        queue.stop()
        await working
    assert ran == 1


async def test_one_file_is_not_behind_another_partner_s_flood(done: list[str], note: Perform):
    flood = [Job(Step.RECEIVE, f"f{n}", "flood") for n in range(10 * FAIR_STEP)]
    await run([*flood, Job(Step.RECEIVE, "one", "small")], note)
    assert len(done) == len(flood) + 1
    assert done.index("receive one") <= 2 * FAIR_STEP


async def test_what_is_urgent_goes_first(done: list[str], note: Perform):
    plain = [Job(Step.DELIVER, f"d{n}", f"p{n}") for n in range(20)]
    await run([*plain, Job(Step.DELIVER, "a", "acme", urgent=True)], note)
    assert done.index("deliver a") <= 2  # as many as are in hand before it is looked for


async def test_a_flood_that_was_worked_off_is_forgotten(done: list[str], note: Perform):
    """Who sent much yesterday is not behind today."""
    queue = Queue(note, 2)
    working = asyncio.create_task(queue.run())
    async with asyncio.timeout(20):
        await queue.put(Job(Step.RECEIVE, f"f{n}", "flood") for n in range(3 * FAIR_STEP))
        await queue.idle()
        done.clear()
        await queue.put(
            [Job(Step.RECEIVE, "a", "flood"), *(Job(Step.RECEIVE, f"b{n}", "b") for n in range(200))]
        )
        await queue.idle()
        queue.stop()
        await working
    assert done.index("receive a") <= FAIR_STEP


async def test_stopping_finishes_what_is_in_hand_and_begins_nothing(done: list[str]):
    began = asyncio.Event()

    async def perform(step: Step, id: str, claimed: object = None) -> Sequence[Job]:
        began.set()
        await asyncio.sleep(0.2)
        done.append(id)
        return ()

    queue = Queue(perform, 2)
    await queue.put(Job(Step.RECEIVE, f"{n}") for n in range(20))
    working = asyncio.create_task(queue.run())
    async with asyncio.timeout(20):
        await began.wait()
        queue.stop()
        await working
    assert 0 < len(done) < 20
    assert queue.waiting == 20 - len(done)


# -- memory


async def test_nothing_is_kept_of_jobs_that_are_done(done: list[str], monkeypatch: pytest.MonkeyPatch):
    """A million documents are four million jobs."""
    monkeypatch.setattr(queues, "LOGGED", 50)
    kept = []

    async def perform(step: Step, id: str, claimed: object = None) -> Sequence[Job]:
        return ()

    queue = Queue(perform, 4)
    working = asyncio.create_task(queue.run())
    async with asyncio.timeout(20):
        for flood in range(12):
            await queue.put(Job(Step.RECEIVE, f"{flood}.{n}", f"p{n % 3}") for n in range(50))
            await queue.idle()
            await asyncio.sleep(0.15)  # the engine writes down what is finished a moment later
            if flood in (3, 11):
                kept.append(reachable(queue))
        queue.stop()
        await working
    assert kept[1] < kept[0] + 100


async def test_of_one_partner_only_so_many_jobs_wait(done: list[str], note: Perform):
    """The others wait in the ledger; there is room for them again when half of these are done."""
    queue = Queue(note, 2, most=10)
    await queue.put(Job(Step.DELIVER, f"{n}", "flood") for n in range(100))
    assert queue.waiting == 10
    assert queue.full == ["flood"]
    await queue.put([Job(Step.RECEIVE, "one", "small")])
    assert queue.waiting == 11
    assert not queue.room.is_set()
    working = asyncio.create_task(queue.run())
    async with asyncio.timeout(20):
        await queue.room.wait()
        assert 0 < queue.waiting <= 6
        await queue.put(Job(Step.DELIVER, f"{n}", "flood") for n in range(100))
        assert queue.waiting <= 11
        await queue.idle()
        queue.stop()
        await working
    assert done.index("receive one") <= 10


async def test_what_nobody_would_find_in_the_ledger_always_has_room(note: Perform):
    """A look into a channel stands in no ledger, and what is claimed already is hidden there."""
    claimed = Claimed(None, Lease("desk/1", datetime.now(UTC)), b"")
    queue = Queue(note, 2, most=1)
    await queue.put([Job(Step.DELIVER, "a"), Job(Step.DELIVER, "b", claimed=claimed), Job(Step.POLL, "c")])
    assert queue.waiting == 3


async def test_what_is_queued_already_takes_no_room(note: Perform):
    """The sweeper finds in the ledger what waits here, too."""
    queue = Queue(note, 2, most=10)
    found = [Job(Step.DELIVER, f"{n}", "acme") for n in range(20)]
    await queue.put(found[:8])
    await queue.put(found)
    assert queue.waiting == 10
