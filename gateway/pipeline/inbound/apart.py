"""Large arrivals are read in a process of their own, so that the event loop answers partners meanwhile.

One process, one arrival at a time. It says what it finds batch by batch, the next when the last was taken. However it
ends, only its arrival is read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime

from gateway.formats.events import Limits
from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.inbound.findings import Finding
from gateway.pipeline.inbound.reading_child import COMMAND, ReadingChild
from gateway.pipeline.inbound.reading_process import Order
from gateway.pipeline.translation.house import House

NICE = "5"
"""A large file gives way to small ones."""
SLOWEST = 1e6
"""Bytes of the arrival that give it one second more: the acknowledgment of all its sets is in one batch, too."""


class Apart:
    """The process and its one turn. `waiting` is how many arrivals are read or wait for that."""

    def __init__(self, batch: int, limits: Limits, child: ReadingChild | None = None) -> None:
        self.waiting = 0
        self.child = child or ReadingChild((*COMMAND, NICE))
        self._batch = batch
        self._limits = limits
        self._turn = asyncio.Lock()

    async def batches(
        self, house: House, arrival: ArrivalRow, source: Iterable[bytes], at: datetime
    ) -> AsyncGenerator[list[Finding], None]:
        """What a `Reader` finds, in its batches. Raises what the reader raised, or `ReadingLost`.

        Whoever stops before the end must close this, which ends the process.
        """
        self.waiting += 1
        try:
            async with self._turn:
                finished = False
                try:
                    await self.child.settle(house)
                    order = Order(arrival, source, at, self._batch, self._limits)
                    told = await self.child.tell(order)
                    while isinstance(heard := await self.child.hear(told, arrival.size / SLOWEST), list):
                        yield heard
                    finished = heard is None
                    if heard is not None:
                        raise heard
                finally:
                    await self._leave(finished)
        finally:
            self.waiting -= 1

    async def _leave(self, finished: bool) -> None:
        """A process that is still in the middle of something is ended, one that is not rests."""
        if finished:
            self.child.rest()
        else:
            await self.child.close()
