"""Whether what everything rests on holds: room on our disks, and a ledger that can still write.

Asking is cheap however often it is done: one look at a time, at most one every few seconds, and nobody waits long for
it. A look that does not come back is trouble itself.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from gateway.errors import GatewayError
from gateway.ledger.ledger import Ledger

FRESH = 5.0
"""Seconds for which what was found is told again without another look."""
PATIENCE = 1.0
"""Seconds that one question waits for a look; then the last finding is told."""
STUCK = 10.0
"""Seconds after which a look that is not over is trouble."""
FEWEST_FILES = 1000
"""Fewer files than this on a disk is no room either, whatever bytes there are."""

DISK, LEDGER = "disk", "ledger"


class Vitals:
    """Looks after the disks these folders are on, and the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        folders: Iterable[Path],
        least: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger, self._folders, self._least, self._clock = ledger, tuple(folders), least, clock
        self._found: dict[str, str] = {}
        self._looking: asyncio.Task[None] | None = None
        self._at = DISK
        self._began = self._looked = clock() - FRESH

    async def trouble(self) -> dict[str, str]:
        """What is wrong, and why, by its part; empty when all is well."""
        if self._looking is None and self._clock() - self._looked >= FRESH:
            self._began = self._clock()
            self._looking = asyncio.create_task(self._look())
        if self._looking is not None:
            await asyncio.wait([self._looking], timeout=PATIENCE)
        if self._looking is not None and self._clock() - self._began >= STUCK:
            return {**self._found, self._at: f"no answer for {STUCK:.0f} seconds"}
        return dict(self._found)

    async def close(self) -> None:
        """Ends a look that goes on."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    async def _look(self) -> None:
        found: dict[str, str] = {}
        try:
            self._at = DISK
            if short := await asyncio.to_thread(shortages, self._folders, self._least):
                found[DISK] = short
            self._at = LEDGER
            await self._ledger.touch()
        except Exception as error:
            found[self._at] = str(error) if isinstance(error, GatewayError) else repr(error)
        finally:
            self._found, self._looked, self._looking = found, self._clock(), None


def shortages(folders: Iterable[Path], least: int) -> str:
    """What is nearly full, each disk once; nothing where there is room."""
    disks = {folder.stat().st_dev: folder for folder in folders if folder.exists()}
    return "; ".join(filter(None, (shortage(folder, least) for folder in disks.values())))


def shortage(folder: Path, least: int) -> str:
    """Why little more can be stored there, or nothing."""
    room = os.statvfs(folder)
    free = room.f_bavail * room.f_frsize
    if free < least:
        wanted = f"the {least >> 20} MiB of GATEWAY_MIN_FREE_BYTES"
        return f"{free >> 20} MiB free at {folder.resolve()}, less than {wanted}"
    if room.f_files and room.f_favail < FEWEST_FILES:
        return f"room for {room.f_favail} more files at {folder.resolve()}"
    return ""
