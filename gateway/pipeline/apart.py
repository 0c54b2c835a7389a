"""Large arrivals are read in a process of their own, so that the event loop answers partners meanwhile.

One process, one arrival at a time: it starts when the first one comes, and ends when none has come for a while. It says
what it finds batch by batch, the next when the last was taken. However it ends, only its arrival is read again.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from gateway.errors import GatewayError
from gateway.formats import x12
from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.findings import Finding
from gateway.pipeline.house import House
from gateway.pipeline.reading_process import HEAD, Order, framed

COMMAND = (sys.executable, "-P", "-m", "gateway.pipeline.reading_process")
PATIENCE = 300.0
"""Seconds for one batch; a process that says nothing for so long is ended."""
REST = 60.0
"""Seconds without an arrival after which the process ends, and gives its memory back."""


class ReadingLost(GatewayError):
    """The process that read an arrival is gone. The arrival is read again; where that recurs, it is given up."""

    retry = True


class Apart:
    """The process and its one turn. `waiting` is how many arrivals are read or wait for that."""

    def __init__(
        self,
        batch: int,
        limits: x12.Limits,
        command: tuple[str, ...] = COMMAND,
        patience: float = PATIENCE,
        rest: float = REST,
    ) -> None:
        self.waiting = 0
        self.process: Process | None = None
        self._batch = batch
        self._limits = limits
        self._command = command
        self._patience = patience
        self._rest = rest
        self._turn = asyncio.Lock()
        self._house = ""
        self._end: asyncio.Task[None] | None = None

    async def batches(
        self, house: House, arrival: ArrivalRow, source: Iterable[bytes], at: datetime
    ) -> AsyncGenerator[list[Finding], None]:
        """What a `Reader` finds, in its batches. Raises what the reader raised, or `ReadingLost`.

        Whoever stops before the end must close this, which ends the process.
        """
        self.waiting += 1
        try:
            async with self._turn:
                process, finished = await self._started(), False
                try:
                    await self._tell(process, house, arrival, source, at)
                    while isinstance(heard := await self._hear(process), list):
                        yield heard
                    finished = heard is None
                    if heard is not None:
                        raise heard
                finally:
                    await self._leave(finished)
        finally:
            self.waiting -= 1

    async def close(self) -> None:
        """Ends the process, whatever it does."""
        if self._end is not None:
            self._end.cancel()
        process, self.process, self._house = self.process, None, ""
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.communicate()

    async def _started(self) -> Process:
        if self._end is not None:
            self._end.cancel()
        if self.process is None or self.process.returncode is not None:
            await self.close()
            self.process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, env=environment(), start_new_session=True
            )
        return self.process

    async def _tell(
        self, process: Process, house: House, arrival: ArrivalRow, source: Iterable[bytes], at: datetime
    ) -> None:
        """What to read, and the house to read it under where that is another than before."""
        texts = None if house.digest == self._house else dict(house.snapshot.texts)
        order = Order(arrival, source, at, self._batch, self._limits, texts, house.snapshot.environment)
        try:
            orders = cast(StreamWriter, process.stdin)
            orders.write(framed(order))
            await orders.drain()
        except ConnectionError:
            raise await self._lost(process) from None
        self._house = house.digest

    async def _hear(self, process: Process) -> Any:
        """The next batch, None at the end, or what the reader raised."""
        told = cast(StreamReader, process.stdout)
        try:
            async with asyncio.timeout(self._patience):
                size = HEAD.unpack(await told.readexactly(HEAD.size))[0]
                return pickle.loads(await told.readexactly(size))  # noqa: S301  # our own process says it
        except TimeoutError:
            silence = f"its process said nothing for {self._patience:g} seconds, and was ended"
            raise ReadingLost(f"reading a large arrival: {silence}") from None
        except asyncio.IncompleteReadError:
            raise await self._lost(process) from None

    async def _lost(self, process: Process) -> ReadingLost:
        code = await process.wait()
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        memory = "; it may have run out of memory" if code == -signal.SIGKILL else ""
        return ReadingLost(f"reading a large arrival: its process ended {how}{memory}")

    async def _leave(self, finished: bool) -> None:
        """A process that is still in the middle of something is ended, one that is not rests."""
        if not finished:
            await self.close()
            return
        self._end = asyncio.create_task(self._after_rest())

    async def _after_rest(self) -> None:
        await asyncio.sleep(self._rest)
        self._end = None
        await self.close()


def environment() -> dict[str, str]:
    """Ours, and where this package was found."""
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))}
