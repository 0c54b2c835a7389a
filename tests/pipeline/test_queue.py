"""What the queue says sooner than the ledger: one step once, one partner's flood behind another's one file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.pipeline.queue import FAIR_STEP, Job, Queue, Step

Perform = Callable[[Step, str], Awaitable[None]]


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
    async def perform(step: Step, id: str, claimed: object = None) -> None:
        done.append(f"{step} {id}")

    return perform


async def test_every_job_is_done(done: list[str], note: Perform):
    queue = await run([Job(step, "a") for step in Step], note)
    assert sorted(done) == ["deliver a", "poll a", "receive a", "send a"]
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

    async def perform(step: Step, id: str, claimed: object = None) -> None:
        nonlocal ran
        ran += 1
        began.set()
        await go_on.wait()

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

    async def perform(step: Step, id: str, claimed: object = None) -> None:
        began.set()
        await asyncio.sleep(0.2)
        done.append(id)

    queue = Queue(perform, 2)
    await queue.put(Job(Step.RECEIVE, f"{n}") for n in range(20))
    working = asyncio.create_task(queue.run())
    async with asyncio.timeout(20):
        await began.wait()
        queue.stop()
        await working
    assert 0 < len(done) < 20
    assert queue.waiting == 20 - len(done)
