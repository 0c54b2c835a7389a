"""The gateway's end of a process that reads arrivals: starting it, telling it, hearing it, and ending it."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, cast

from gateway.errors import GatewayError
from gateway.pipeline.house import House
from gateway.pipeline.reading_process import HEAD, Order, Texts, framed

COMMAND = (sys.executable, "-P", "-m", "gateway.pipeline.reading_process")
PATIENCE = 300.0
"""Seconds for one batch; a process that says nothing for so long is ended."""
REST = 60.0
"""Seconds without an arrival after which the process ends, and gives its memory back."""


class ReadingLost(GatewayError):
    """The process that read an arrival is gone. The arrival is read again; where that recurs, it is given up."""

    retry = True


class ReadingChild:
    """Such a process, started when it is first needed. `under` is the digest of the house that it reads under."""

    def __init__(
        self, command: tuple[str, ...] = COMMAND, patience: float = PATIENCE, rest: float = REST
    ) -> None:
        self.process: Process | None = None
        self.under = ""
        self._command = command
        self._patience = patience
        self._rest = rest
        self._end: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def settle(self, house: House) -> None:
        """Has the process read under this house from now on. Raises what it raised, or `ReadingLost`."""
        await self._start()
        if house.digest == self.under:
            return
        process = await self.tell(Texts(dict(house.snapshot.texts), house.snapshot.environment))
        answer = await self.hear(process)
        if answer is not None:
            raise answer
        self.under = house.digest

    async def tell(self, wish: Texts | Order) -> Process:
        """Returns the process that was told, for it alone is to be heard. Raises `ReadingLost`."""
        self._go_on()
        process = self.process
        if process is None:
            raise ReadingLost("reading an arrival: its process has ended")
        try:
            orders = cast(StreamWriter, process.stdin)
            orders.write(framed(wish))
            await orders.drain()
        except ConnectionError:
            raise await self._lost(process) from None
        return process

    async def hear(self, process: Process, longer: float = 0) -> Any:
        """The next batch, None at the end, or what was raised there. `longer` is patience for it, in seconds."""
        told, patience = cast(StreamReader, process.stdout), self._patience + longer
        try:
            async with asyncio.timeout(patience):
                size = HEAD.unpack(await told.readexactly(HEAD.size))[0]
                return pickle.loads(await told.readexactly(size))  # noqa: S301  # our own process says it
        except TimeoutError:
            silence = f"its process said nothing for {patience:.1f} seconds, and was ended"
            raise ReadingLost(f"reading an arrival: {silence}") from None
        except asyncio.IncompleteReadError:
            raise await self._lost(process) from None

    def rest(self) -> None:
        """It has nothing to do; where that lasts, it ends."""
        self._go_on()
        self._end = asyncio.get_running_loop().call_later(self._rest, self._leave)

    async def close(self) -> None:
        """Ends the process, whatever it does."""
        self._go_on()
        process, self.process, self.under = self.process, None, ""
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.communicate()

    async def _start(self) -> None:
        self._go_on()
        if self.process is None or self.process.returncode is not None:
            await self.close()
            self.process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, env=environment(), start_new_session=True
            )

    def _go_on(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def _leave(self) -> None:
        self._leaving = asyncio.create_task(self.close())

    async def _lost(self, process: Process) -> ReadingLost:
        code = await process.wait()
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        memory = "; it may have run out of memory" if code == -signal.SIGKILL else ""
        return ReadingLost(f"reading an arrival: its process ended {how}{memory}")


def environment() -> dict[str, str]:
    """Ours, and where this package was found."""
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))}
