"""Killed with kill -9 anywhere on a document's way and started again: everything happens, and nothing twice.

The points of the folder and of the SFTP client are proved where those protocols are (`tests/protocols/test_kills.py`),
those on the way to an ERP over REST in `test_erp.py`, those of what goes out in `test_kills_out.py`.
"""

from __future__ import annotations

import asyncio
import random
import signal
from itertools import count
from pathlib import Path

import pytest
from nursery import Nursery

from gateway.faultpoints import POINTS

from .house import AT_ONCE, PROFILE, Client, Place, change, large, several, single

ELSEWHERE = ("folder.", "sftp.", "rest.", "render.")
LATER = {"ledger.before_commit": 6, "ledger.after_commit": 6}
"""At a start the ledger commits for itself; the visits after that are documents'."""

ON_THE_WAY = sorted(point for point in POINTS if not point.startswith(ELSEWHERE))


@pytest.fixture
def place(tmp_path: Path, nursery: Nursery) -> Place:
    return Place(tmp_path, nursery)


async def test_without_a_kill_everything_arrives(place: Place):
    files = [single(1), several(2), large(3)]
    child = place.start()
    client = Client(place.port)
    async with asyncio.timeout(30):
        await client.put(files)
        await place.finished()
    child.signal(signal.SIGTERM)
    assert await child.ended() == 0
    place.holds(files)


@pytest.mark.parametrize("point", ON_THE_WAY)
async def test_killed_at(place: Place, point: str):
    files = [single(1), several(2), large(3)]
    child = place.start(GATEWAY_KILL_AT=f"{point}:{LATER.get(point, 1)}")
    client = Client(place.port)
    putting = asyncio.create_task(client.put(files))
    async with asyncio.timeout(30):
        assert await child.ended() == -signal.SIGKILL, f"nobody reached {point}: {place.log()}"
        child = place.start()
        await putting
        await place.finished()
    child.signal(signal.SIGTERM)
    assert await child.ended() == 0
    place.holds(files)


CHANGED = [
    # what is done with a change of an order, at which visit of a point of its way the gateway dies
    ("accept", "receive.before_commit:2"),
    ("accept", "receive.after_commit:2"),
    ("accept", "deliver.before_commit:2"),
    ("accept", "deliver.after_commit:2"),
    ("accept", "files.before_rename:2"),
    ("accept", "files.after_rename:2"),
    ("hold", "deliver.before_commit"),
    ("hold", "files.before_rename"),
    ("hold", "files.after_rename"),
]


@pytest.mark.parametrize(("policy", "point"), CHANGED)
async def test_killed_while_a_change_takes_the_place_of_its_order(
    tmp_path: Path, nursery: Nursery, policy: str, point: str
):
    """Accepted by the profile, or held and let go by a person: the ERP has the order once, as it was changed."""
    place = Place(tmp_path, nursery, f"{PROFILE}duplicates: {{changed: {policy}}}\n")
    armed = {"GATEWAY_KILL_AT": point}
    child = place.start(**(armed if policy == "accept" else {}))
    client = Client(place.port)
    await client.put([single(1)])
    await place.finished()
    putting = asyncio.create_task(client.put([change(1)]))
    async with asyncio.timeout(30):
        if policy == "hold":
            await putting
            await place.finished()
            child.signal(signal.SIGTERM)
            await child.ended()
            assert await place.start("replay", place.held()).ended() == 0
            child = place.start(**armed)
        assert await child.ended() == -signal.SIGKILL, f"nobody reached {point}: {place.log()}"
        child = place.start()
        await putting
        await place.opened()
        await place.finished()
    child.signal(signal.SIGTERM)
    assert await child.ended() == 0
    place.holds(client.sent)


@pytest.mark.parametrize("visits", [1, 3])
async def test_killed_while_an_arrival_is_read_apart(place: Place, visits: int):
    """Its process ends with the gateway, and the next one reads the arrival again."""
    files = [several(1, 50), large(2)]
    apart = {"GATEWAY_INLINE_BYTES": "500"}
    child = place.start(GATEWAY_KILL_AT=f"receive.after_batch:{visits}", **apart)
    client = Client(place.port)
    putting = asyncio.create_task(client.put(files))
    async with asyncio.timeout(60):
        assert await child.ended() == -signal.SIGKILL, place.log()
        child = place.start(**apart)
        await putting
        await place.finished()
    child.signal(signal.SIGTERM)
    assert await child.ended() == 0
    place.holds(files)


async def test_killed_thirty_times_under_load(place: Place):
    chance = random.Random(20261121)
    client, numbers, enough = Client(place.port), count(1), asyncio.Event()

    async def keep_putting() -> None:
        while not enough.is_set():
            four = [next(numbers) for _ in range(AT_ONCE)]
            await client.put([several(n, 3) if n % 5 == 0 else single(n) for n in four])

    putting = asyncio.create_task(keep_putting())
    for _ in range(30):
        child = place.start()
        wanted = len(client.sent) + chance.randint(0, 6)
        async with asyncio.timeout(30):
            while len(client.sent) < wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        await asyncio.sleep(chance.uniform(0, 0.15))
        child.signal(signal.SIGKILL)
        assert await child.ended() == -signal.SIGKILL
    enough.set()
    child = place.start()
    async with asyncio.timeout(30):
        await putting
        await place.finished()
    child.signal(signal.SIGTERM)
    assert await child.ended() == 0
    assert len(client.sent) >= 80
    place.holds(client.sent)
