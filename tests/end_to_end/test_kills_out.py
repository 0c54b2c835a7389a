"""Killed with kill -9 anywhere on the way out and started again: the partner gets each document once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nursery import Nursery
from pipeline.documents import said, segments
from pipeline.orders_out import SELLING, file, po

from gateway.arrival import Arrival, Content
from gateway.ledger import Ledger, arrivals, stories

from .house import PROFILE, Client, Place

POINTS = [
    "receive.before_commit",
    "receive.after_commit",
    "render.before_commit",
    "render.after_commit",
    "our_sftp.before_drop",
    "our_sftp.after_drop",
    "send.before_send",
    "send.after_send",
    "send.after_commit",
    *(f"ledger.before_commit:{visit}" for visit in range(4, 9)),
    *(f"ledger.after_commit:{visit}" for visit in range(4, 9)),
]
"""The ledger's commits before are the start's own; the last of these are those of the sendings."""

NUMBERS = ("P1", "P2", "P3")


def hand_over(place: Place) -> None:
    """What a system does: the arrival is in the ledger; the gateway that runs, or the next one, takes it up."""
    data = file(po(NUMBERS[0]), po("bad", ordered_on="never"), *map(po, NUMBERS[1:]))
    name, now = "PurchaseOrder-1.json", datetime.now(UTC)
    found = Arrival("system.erp", None, "files", name, name, Content.of_bytes(data), now)
    url = f"sqlite:///{place.folder / 'var' / 'ledger.sqlite'}"
    with Ledger.open(url, place.folder / "var" / "blobs", "once") as ledger:
        ledger.commit_now(lambda tx: arrivals.add(tx, found, now))


async def first(*ways: Coroutine[Any, Any, object]) -> None:
    """Waits for the first of these."""
    tasks = [asyncio.create_task(way) for way in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@pytest.mark.parametrize("batch", ["each", "run"])
@pytest.mark.parametrize("point", POINTS)
async def test_killed_at(tmp_path: Path, nursery: Nursery, point: str, batch: str):
    place = Place(tmp_path, nursery, PROFILE + SELLING.format(batch=batch))
    child = place.start(GATEWAY_KILL_AT=point, GATEWAY_SWEEP_SECONDS="0.1", GATEWAY_CONCURRENCY="2")
    async with asyncio.timeout(60):
        await place.opened()
        hand_over(place)
        if point.startswith("ledger."):
            await first(child.ended(), place.finished())
            child.signal(signal.SIGKILL)  # how many commits there are depends on what is committed together
        else:
            assert await child.ended() == -signal.SIGKILL, f"nobody reached {point}: {place.log()}"
        child = place.start()
        await place.opened()
        await place.finished()
    child.signal(signal.SIGTERM)
    assert await child.ended() == 0
    sent = place.out.values()
    written = [line.split("*")[3] for data in sent for line in said(data, "BEG")]
    assert Counter(written) == Counter(NUMBERS)
    controls = sorted(segments(data)[0][13] for data in sent)
    assert controls == [f"{n:09d}" for n in range(1, (1 if batch == "run" else 3) + 1)]
    assert place.erp == {}


async def test_what_the_partner_takes_from_out_is_seen(tmp_path: Path, nursery: Nursery):
    """It lies there until the partner has fetched and removed it, also over a restart; both stand in its story."""
    place = Place(tmp_path, nursery, PROFILE + SELLING.format(batch="run"))
    child = place.start(GATEWAY_SWEEP_SECONDS="0.1")
    async with asyncio.timeout(60):
        await place.opened()
        hand_over(place)
        await place.finished()
        child.signal(signal.SIGTERM)
        assert await child.ended() == 0
        child = place.start()
        await place.opened()
        (name,) = place.out
        async with Client(place.port).visiting() as sftp:
            await sftp.get(f"out/{name}", str(tmp_path / "fetched"))
            await sftp.remove(f"out/{name}")
    child.signal(signal.SIGTERM)
    assert await child.ended() == 0
    assert place.out == {}
    assert b"*P1*" in (tmp_path / "fetched").read_bytes()
    with place.ledger() as ledger:
        story = ledger.read_now(lambda tx: stories.trace(tx, "P1"))
    kinds = [event.kind for event in story.events if event.outbox_id]
    assert kinds == ["rendered", "sent", "fetched", "removed"]


async def test_a_wait_that_is_given_up_ends_what_was_waited_for(tmp_path: Path, nursery: Nursery):
    """Else the thread that waits would hold up the test's end for ever."""
    place = Place(tmp_path, nursery, PROFILE)
    child = place.start()
    await place.opened()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await child.ended()
    async with asyncio.timeout(20):
        await place.start(GATEWAY_KILL_AT="ledger.before_commit:1").ended()
