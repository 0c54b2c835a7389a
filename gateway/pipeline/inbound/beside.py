"""Small arrivals are read in a process beside the gateway's own while many are in hand, so that two cores work.

It is told of the next arrivals while it reads; what it finds comes in the order in which it was told. Until it is
ready, and for whatever does not go well with it, arrivals are read where all others are.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from datetime import datetime
from time import monotonic

import structlog

from gateway.formats.events import Limits
from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.inbound.findings import Finding
from gateway.pipeline.inbound.reading_child import ReadingChild, Told
from gateway.pipeline.inbound.reading_process import Order
from gateway.pipeline.translation.house import House

log = structlog.get_logger()

PATIENCE = 30.0
"""Seconds for one small arrival; a process that says nothing for so long is ended."""
PAUSE = 60.0
"""Seconds until a process is tried again that did not get ready."""


class Beside:
    """The process, and whose turn it is to tell it and to hear it."""

    def __init__(self, batch: int, limits: Limits, child: ReadingChild | None = None) -> None:
        self.child = child or ReadingChild(patience=PATIENCE)
        self.useful = cores() > 1
        self._not_before = 0.0
        self._batch = batch
        self._limits = limits
        self._inhand = 0
        self._telling = asyncio.Lock()
        self._hearing = asyncio.Lock()
        self._getting_ready: asyncio.Task[None] | None = None

    def ready(self, house: House) -> bool:
        """Whether it can be asked at once; where it is of use, it gets ready."""
        if house.digest == self.child.under:
            return True
        if self.useful and self._getting_ready is None and monotonic() >= self._not_before:
            self._getting_ready = asyncio.create_task(self._get_ready(house))
        return False

    async def batches(
        self, house: House, arrival: ArrivalRow, source: Iterable[bytes], at: datetime
    ) -> list[list[Finding]] | None:
        """All that a `Reader` finds, in its batches; None where it must be read elsewhere."""
        self._inhand += 1
        try:
            async with self._telling:
                if house.digest != self.child.under:
                    return None
                told = await self.child.tell(Order(arrival, source, at, self._batch, self._limits))
            return await self._heard(told)
        except Exception as error:
            log.warning("to be read elsewhere", arrival=arrival.id, why=repr(error))
            return None
        finally:
            self._inhand -= 1
            if not self._inhand:
                self.child.rest()

    async def close(self) -> None:
        if (getting_ready := self._getting_ready) is not None:
            getting_ready.cancel()
            await asyncio.gather(getting_ready, return_exceptions=True)
        await self.child.close()

    async def _heard(self, told: Told) -> list[list[Finding]]:
        """The answer to that order. Where it is not heard to its end, the process ends before another listens."""
        found: list[list[Finding]] = []
        finished = False
        try:
            async with self._hearing:
                while isinstance(heard := await self.child.hear(told), list):
                    found.append(heard)
                finished = True
        finally:
            if not finished:
                self.child.abandon(told.process)
        if heard is not None:
            raise heard
        return found

    async def _get_ready(self, house: House) -> None:
        """What is read meanwhile, or if it cannot, is read elsewhere."""
        try:
            async with self._telling, self._hearing:
                await self.child.settle(house)
        except Exception as error:
            self._not_before = monotonic() + PAUSE
            log.warning("no process reads beside this one", why=repr(error))
            await self.child.close()
        finally:
            self._getting_ready = None


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
