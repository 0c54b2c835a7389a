"""What the queue forgot the sweeper finds; what one step could not do ends nothing else."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest

from gateway.errors import LedgerUnavailable, Refused, SetupError, ShutOut, TransportError, Unreachable
from gateway.ledger import work
from gateway.pipeline import queue as queues
from gateway.pipeline.queue import Queue, Step
from gateway.pipeline.translation.house import House
from gateway.pipeline.work.deliver import Doors
from gateway.pipeline.work.outages import Outages

from ..desk import ACME, BOLT, Desk, house_of
from ..documents import group, interchange, one, order
from ..retained import reachable


async def until_idle(desk: Desk) -> None:
    """The queue as the gateway runs it, until nothing is queued or due."""
    working = asyncio.create_task(desk.worker.queue.run())
    async with asyncio.timeout(20):
        while True:
            await desk.worker.queue.idle()
            if not await desk.worker.sweep():
                break
        desk.worker.queue.stop()
        await working


async def test_an_arrival_is_queued_by_its_acceptance(desk: Desk):
    await desk.take(one())
    assert desk.worker.queue.waiting == 1
    working = asyncio.create_task(desk.worker.queue.run())
    async with asyncio.timeout(20):
        await desk.worker.queue.idle()
        desk.worker.queue.stop()
        await working
    assert desk.states == ["delivered"]
    assert {row.state for row in desk.outbox} == {"sent"}


async def test_what_the_queue_lost_is_found_in_the_ledger(desk: Desk):
    """Each of the three kinds of work, left over by a process that is gone."""
    desk.erp.failures, desk.acme.failures = [TransportError("busy")], [TransportError("busy")]
    await desk.receive(one("1"))
    await desk.take(one("2", "000000008"), "later.edi")
    desk.later(minutes=10)
    due = await desk.ledger.read(lambda tx: work.due(tx, desk.clock[0]))
    assert {task.kind for task in due} == {"arrival", "document", "outbox"}
    await until_idle(desk)
    assert desk.states == ["delivered", "delivered"]
    assert {row.state for row in desk.outbox} == {"sent"}


async def test_what_is_not_due_is_left_alone(desk: Desk):
    desk.erp.failures = [TransportError("busy")]
    await desk.receive(one())
    assert await desk.worker.sweep() == 0


async def test_one_partner_s_trouble_is_not_another_s(open_desk: Callable[..., Desk]):
    desk = open_desk({"profiles/bolt.yaml": BOLT})
    await desk.take(one("1"))
    await desk.take(one("2").replace(b"ZZ*ACME", b"ZZ*BOLT"), channel="bolt.drop")
    await desk.work()
    assert sorted(desk.erp.names) == ["acme/1", "bolt/2"]
    assert {(row.partner, row.state) for row in desk.outbox} == {("acme", "sent"), ("bolt", "held")}


async def test_nothing_is_done_without_a_house(desk: Desk):
    await desk.take(one())
    desk.worker.house = None
    await desk.worker.perform(Step.RECEIVE, desk.arrivals[0].id)
    assert desk.arrivals[0].state == "received"


async def test_an_id_there_is_not_ends_nothing(desk: Desk):
    for step in Step:
        await desk.worker.perform(step, "0000000000000000")


async def test_nothing_is_accepted_that_is_not_stored(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    async def full(_: object) -> None:
        raise LedgerUnavailable("the disk is full")

    monkeypatch.setattr(desk.ledger, "commit", full)
    with pytest.raises(LedgerUnavailable):
        await desk.take(one())
    monkeypatch.undo()
    assert desk.arrivals == []
    assert desk.worker.queue.waiting == 0


async def test_a_poll_that_fails_is_its_channel_s_alone(desk: Desk):
    looks: list[str] = []

    desk.worker.doors = Doors({}, {}, {"acme.drop": Away(looks)})
    await desk.worker.perform(Step.POLL, "acme.drop")
    await desk.worker.perform(Step.POLL, "acme.gone")
    assert looks == ["away"]


@pytest.mark.parametrize("error", [TransportError("no answer"), Refused("no answer"), OSError("no answer")])
async def test_a_channel_that_fails_is_told_since_its_first_look_that_did(desk: Desk, error: Exception):
    away = Away([], error)
    desk.worker.doors = Doors({}, {}, {"acme.drop": away})
    assert desk.worker.unsettled
    for _ in range(2):
        await desk.worker.perform(Step.POLL, "acme.drop")
        desk.later(hours=1)
    told = desk.worker.outages.as_dict()
    assert told["acme.drop"]["since"] == "2026-11-21T12:00:00+00:00"
    assert told["acme.drop"]["why"].endswith("no answer")
    assert not desk.worker.unsettled
    away.error = None
    await desk.worker.perform(Step.POLL, "acme.drop")
    assert desk.worker.outages.as_dict() == {}


GONE = [
    # what failed, whose channel is told to fail
    (TransportError("no answer"), True),
    (ShutOut("no such login"), True),
    (OSError("no answer"), True),
    (Refused("this one I have with other bytes"), False),
]


@pytest.mark.parametrize(("error", "fails"), GONE, ids=str)
async def test_what_leaves_over_a_channel_tells_of_it(desk: Desk, error: Exception, fails: bool):
    """A system or a partner that is away is told since its first failure, a no to one document is not."""
    desk.erp.failures, desk.acme.failures = [error], [error, error]
    await desk.receive(one("1"))
    told = desk.worker.outages.as_dict()
    assert set(told) == ({"system.erp", "acme.drop"} if fails else set())
    assert all(one["why"].endswith(str(error)) for one in told.values())
    desk.later(minutes=10)
    await desk.receive(one("2", "000000008"))
    assert desk.worker.outages.as_dict() == {}


def test_a_channel_that_fails_in_both_ways_goes_well_when_both_do():
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    outages = Outages()
    outages.failed("acme.drop", TransportError("no answer"), at)
    outages.used("acme.drop", TransportError("no room"), at - timedelta(hours=1))
    assert outages.as_dict() == {"acme.drop": {"since": "2026-11-21T11:00:00+00:00", "why": "no room"}}
    outages.used("acme.drop", None, at)
    assert (outages.as_dict()["acme.drop"]["why"], outages.blind("acme.drop")) == ("no answer", True)
    outages.went_well("acme.drop")
    assert "acme.drop" not in outages


AT_THE_DOOR = [
    # why what was to leave did not, whether a look that goes well ends that
    (Unreachable("no answer"), True),
    (ShutOut("no such login"), True),
    (TransportError("no room"), False),
]


@pytest.mark.parametrize(("error", "over"), AT_THE_DOOR, ids=str)
def test_who_gets_through_the_door_ends_what_was_wrong_with_it(error: Exception, over: bool):
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    outages = Outages()
    for way in (outages.used, outages.failed):
        way("acme.drop", error, at)
    outages.went_well("acme.drop")
    assert ("acme.drop" in outages) is not over
    outages.failed("acme.drop", error, at)
    outages.used("acme.drop", None, at)
    assert outages.blind("acme.drop") is not over


def test_a_channel_that_could_not_be_opened_fails_until_it_can_be():
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    outages = Outages()
    for hour in range(2):
        outages.keep({"bolt.box"}, {"acme.box": SetupError("no such key")}, at + timedelta(hours=hour))
        assert outages.as_dict() == {"acme.box": {"since": "2026-11-21T12:00:00+00:00", "why": "no such key"}}
    outages.used("acme.box", TransportError("no room"), at)
    outages.keep({"acme.box", "bolt.box"}, {}, at)
    assert {name: one["why"] for name, one in outages.as_dict().items()} == {"acme.box": "no room"}


async def test_a_look_that_a_reload_has_overtaken_tells_nothing(desk: Desk):
    """Its host was slow to say no, and the channel is another one by then, or none."""
    away = Away([])
    away.meanwhile = lambda: setattr(desk.worker, "doors", Doors())
    desk.worker.doors = Doors({}, {}, {"acme.drop": away})
    await desk.worker.perform(Step.POLL, "acme.drop")
    assert away.looks == ["away"]
    assert desk.worker.outages.as_dict() == {}


async def test_a_ledger_that_is_away_is_not_the_channel_s_fault(desk: Desk):
    desk.worker.doors = Doors({}, {}, {"acme.drop": Away([], LedgerUnavailable("the disk is full"))})
    await desk.worker.perform(Step.POLL, "acme.drop")
    assert desk.worker.outages.as_dict() == {}


@dataclass
class Away:
    """A poller whose host does not answer, until it does."""

    looks: list[str]
    error: Exception | None = field(default_factory=lambda: TransportError("nobody answers"))
    meanwhile: Callable[[], None] = lambda: None
    every = 1.0
    unsettled = True

    async def poll(self, accept: object) -> int:
        self.looks.append("away")
        self.meanwhile()
        if self.error:
            raise self.error
        return 0


async def test_the_sweeper_outlives_a_ledger_that_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    sweeps = 0

    async def sweep() -> int:
        nonlocal sweeps
        sweeps += 1
        raise LedgerUnavailable("locked")

    monkeypatch.setattr(desk.worker, "sweep", sweep)
    sweeping = asyncio.create_task(desk.worker.sweep_forever(0.01))
    await asyncio.sleep(0.1)
    assert not sweeping.done()
    assert sweeps > 2
    sweeping.cancel()


# -- memory


async def test_what_found_no_room_in_the_queue_follows_at_once(open_desk: Callable[..., Desk]):
    """Neither lost nor late: the sweeper need not wait for its time."""
    desk = open_desk()
    desk.worker.queue = Queue(desk.worker.perform, 4, most=4)
    await desk.take(interchange(group(*(order(str(n), f"{n:04d}") for n in range(1, 31)))))
    parts = [desk.worker.queue.run(), desk.worker.sweep_forever(every=3600)]
    working, sweeping = map(asyncio.create_task, parts)
    async with asyncio.timeout(20):
        while set(desk.states) != {"delivered"}:
            assert desk.worker.queue.waiting <= 4
            await asyncio.sleep(0.01)
        desk.worker.queue.stop()
        await working
    sweeping.cancel()
    assert len(desk.erp.taken) == 30


class Shredder:
    """A system, and a partner, that keeps nothing."""

    async def deliver(self, key: str, kind: str, document: object, correlation: str) -> None:
        return

    async def send(self, name: str, content: object) -> None:
        return


async def test_a_worker_keeps_nothing_of_what_is_done(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
):
    """Weeks, and a million small documents."""
    monkeypatch.setattr(queues, "LOGGED", 20)
    desk = open_desk(ahead=500)
    desk.worker.doors = Doors({"erp": Shredder()}, {"acme.drop": Shredder()})
    working = asyncio.create_task(desk.worker.queue.run())
    kept = []
    async with asyncio.timeout(60):
        for n in range(1, 181):
            await desk.take(one(str(n), f"{n:09d}"))
            await desk.worker.queue.idle()
            if n in (60, 180):
                await asyncio.sleep(0.2)
                kept.append(reachable(desk.worker))
        desk.worker.queue.stop()
        await working
    assert kept[1] < kept[0] + 300


def test_a_house_hands_its_maps_on(open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch):
    """A reload reads again only what was changed; of what nobody uses any more nothing is kept."""
    monkeypatch.setattr(import_module("gateway.maps.load"), "RECENT", 0)
    own = "map: acme/850\nextends: x12/004010/850\n# no other test reads this one\n"
    mapped = ACME.replace("850: x12/004010/850", "850: acme/850")
    desk = open_desk({"profiles/acme.yaml": mapped, "maps/acme/850.yaml": own})
    snapshot = house_of(desk.settings).snapshot
    before = House(snapshot)
    made = weakref.ref(before.map("acme/850"))
    after = House(snapshot, before)
    del before
    gc.collect()
    assert after.map("acme/850") is made()
    del after
    gc.collect()
    assert (made() is None) is True, "still kept"


# -- claimed as it is born


async def drained(desk: Desk) -> None:
    """The worker's own queue runs until nothing is left in it."""
    running = asyncio.create_task(desk.worker.queue.run())
    await asyncio.wait_for(desk.worker.queue.idle(), 20)
    desk.worker.queue.stop()
    await running


@pytest.mark.parametrize(("ahead", "commits"), [(0, 9), (500, 5)])
async def test_work_that_is_claimed_as_it_is_born_costs_fewer_commits(
    open_desk: Callable[..., Desk], ahead: int, commits: int
):
    """accept, read, deliver, 997, TA1: one commit each, without the four claims."""
    desk = open_desk(ahead=ahead)
    counted = desk.ledger.writer
    assert counted is not None
    before = counted.members
    await desk.take(interchange(group(order("1", "0001"))))
    await drained(desk)
    assert desk.states == ["delivered"]
    assert counted.members - before == commits


async def test_a_claim_that_ran_out_is_claimed_anew(open_desk: Callable[..., Desk]):
    desk = open_desk(ahead=500)
    await desk.take(interchange(group(order("1", "0001"))))
    desk.later(minutes=5)
    await drained(desk)
    assert desk.states == ["delivered"]
    assert len(desk.erp.taken) == 1


async def test_what_a_dead_process_had_claimed_is_taken_over(open_desk: Callable[..., Desk]):
    desk = open_desk(ahead=500)
    await desk.take(interchange(group(order("1", "0001"))))
    assert await desk.work() == []
    for _ in range(2):
        await desk.ledger.commit(work.forget_leases)
        await desk.work()
    assert desk.states == ["delivered"]
