"""What makes the gateway unwell: no room, no ledger; and that asking often costs no more than asking once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.pipeline.work import vitals
from gateway.pipeline.work.vitals import FRESH, STUCK, Vitals

from ..desk import Desk

MIB = 1 << 20


class Clock:
    """Seconds that tests turn."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Touched:
    """A ledger that counts how often it is asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.times = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def touch(self) -> None:
        self.times += 1
        await self.answers.wait()


def watched(ledger: object, folder: Path, clock: Clock, least: int = MIB) -> Vitals:
    return Vitals(ledger, [folder, folder / "not there"], least, clock)  # type: ignore[arg-type]


async def test_all_is_well(desk: Desk, tmp_path: Path):
    assert await watched(desk.ledger, tmp_path, Clock()).trouble() == {}


async def test_a_disk_that_is_nearly_full(desk: Desk, tmp_path: Path):
    found = await watched(desk.ledger, tmp_path, Clock(), 1 << 60).trouble()
    assert set(found) == {"disk"}
    assert f"MiB free at {tmp_path}, less than the {1 << 40} MiB of GATEWAY_MIN_FREE_BYTES" in found["disk"]


async def test_a_disk_with_room_for_bytes_but_not_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    room = SimpleNamespace(f_bavail=MIB, f_frsize=4096, f_files=10_000, f_favail=7)
    monkeypatch.setattr(os, "statvfs", lambda _: room)
    found = await watched(Touched(), tmp_path, Clock()).trouble()
    assert found == {"disk": f"room for 7 more files at {tmp_path}"}
    room.f_files = room.f_favail = 0  # a file system that does not count them
    assert await watched(Touched(), tmp_path, Clock()).trouble() == {}


async def test_a_ledger_that_cannot_be_written(desk: Desk, tmp_path: Path):
    clock = Clock()
    vitals = watched(desk.ledger, tmp_path, clock)
    desk.ledger.commit_now(lambda tx: tx.exec_driver_sql("PRAGMA query_only=ON"))
    found = await vitals.trouble()
    assert set(found) == {"ledger"}
    assert "readonly" in found["ledger"]
    assert desk.ledger.writer
    desk.ledger.writer.engine.dispose()  # its next connection may write again
    assert await vitals.trouble() == found, "that was found a moment ago"
    clock.now += FRESH
    assert await vitals.trouble() == {}


async def test_touching_the_ledger_writes_and_changes_nothing(desk: Desk):
    await desk.ledger.touch()
    before, size = written(desk), desk.size()
    await desk.ledger.touch()
    assert written(desk) > before
    assert desk.size() == size


def written(desk: Desk) -> int:
    """Bytes of the write-ahead log."""
    return Path(f"{desk.ledger.url.database}-wal").stat().st_size


async def test_many_who_ask_share_one_look(tmp_path: Path):
    ledger, clock = Touched(), Clock()
    vitals = watched(ledger, tmp_path, clock)
    assert await asyncio.gather(*(vitals.trouble() for _ in range(50))) == [{}] * 50
    for _ in range(50):
        await vitals.trouble()
    assert ledger.times == 1
    clock.now += FRESH
    await vitals.trouble()
    assert ledger.times == 2


async def test_nobody_waits_for_a_ledger_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vitals, "PATIENCE", 0.05)
    ledger, clock = Touched(), Clock()
    ledger.answers.clear()
    looking = watched(ledger, tmp_path, clock)
    async with asyncio.timeout(5):
        assert await looking.trouble() == {}, "one slow commit is no trouble yet"
        clock.now += STUCK
        assert await looking.trouble() == {"ledger": "no answer for 10 seconds"}
        assert ledger.times == 1
        ledger.answers.set()
        assert await looking.trouble() == {}
        await looking.close()


async def test_a_look_that_hangs_is_ended_with_the_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vitals, "PATIENCE", 0.05)
    ledger = Touched()
    ledger.answers.clear()
    looking = watched(ledger, tmp_path, Clock())
    await looking.trouble()
    async with asyncio.timeout(5):
        await looking.close()


async def test_what_nobody_thought_of_is_trouble_too(tmp_path: Path):
    class Broken:
        async def touch(self) -> None:
            raise ZeroDivisionError("a bug of ours")

    assert await watched(Broken(), tmp_path, Clock()).trouble() == {
        "ledger": "ZeroDivisionError('a bug of ours')"
    }


def test_one_disk_is_named_once(tmp_path: Path):
    (tmp_path / "a").mkdir()
    told = vitals.shortages([tmp_path, tmp_path / "a"], 1 << 60)
    assert told.count("MiB free") == 1
