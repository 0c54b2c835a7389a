"""The gateway's end of a process that reads arrivals: starting it, telling it, hearing it, and ending it."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, cast

from gateway.errors import GatewayError
from gateway.pipeline.inbound.reading_process import HEAD, Order, Texts, framed
from gateway.pipeline.translation.house import House

COMMAND = (sys.executable, "-P", "-m", "gateway.pipeline.inbound")
PATIENCE = 300.0
"""Seconds for one batch; a process that says nothing for so long is ended."""
MOMENT = 5.0
"""Seconds in which a process that has closed its pipes says how it ended."""
REST = 60.0
"""Seconds without an arrival after which the process ends, and gives its memory back."""


class ReadingLost(GatewayError):
    """The process that read an arrival is gone. The arrival is read again; where that recurs, it is given up."""

    retry = True


class Told(NamedTuple):
    """What a process was told last: the process, and the number of the wish among all that it was told."""

    process: Process
    number: int


class ReadingChild:
    """Such a process, started when it is first needed. `under` is the digest of the house that it reads under.

    Whatever does not come to its end in order ends the process at once: no answer is ever taken for another's.
    """

    def __init__(
        self, command: tuple[str, ...] = COMMAND, patience: float = PATIENCE, rest: float = REST
    ) -> None:
        self.process: Process | None = None
        self.under = ""
        self._command = command
        self._patience = patience
        self._rest = rest
        self._number = 0
        self._end: asyncio.TimerHandle | None = None
        self._heard: Process | None = None
        self._leaving: dict[Process, asyncio.Future[Any]] = {}

    async def settle(self, house: House) -> None:
        """Has the process read under this house from now on. Raises what it raised, or `ReadingLost`."""
        await self._start()
        if house.digest == self.under:
            return
        told = await self.tell(Texts(dict(house.snapshot.texts), house.snapshot.environment))
        answer = await self.hear(told)
        if answer is not None:
            raise answer
        self.under = house.digest

    async def tell(self, wish: Texts | Order) -> Told:
        """Says what is wished; its answer is to be heard in turn. Raises `ReadingLost`."""
        self._go_on()
        process = self.process
        if process is None:
            raise ReadingLost("reading an arrival: its process has ended")
        self._number += 1
        told = Told(process, self._number)
        try:
            orders = cast(StreamWriter, process.stdin)
            orders.write(framed(wish))
            await orders.drain()
        except ConnectionError:
            raise await self._lost(process) from None
        except BaseException:
            self.abandon(process)
            raise
        return told

    async def hear(self, told: Told, longer: float = 0) -> Any:
        """The next batch, None at the end, or what was raised there. `longer` is patience for it, in seconds.

        Raises `ReadingLost`; where that or anything else is raised, the process has ended.
        """
        process, patience = told.process, self._patience + longer
        try:
            if process is not self.process:
                raise ReadingLost("reading an arrival: its process has ended")
            async with asyncio.timeout(patience):
                number, answer = await self._answer(process)
            if number != told.number:
                raise ReadingLost(
                    f"reading an arrival: its process answered {number} when asked {told.number}"
                )
        except TimeoutError:
            self.abandon(process)
            silence = f"its process said nothing for {patience:.1f} seconds, and was ended"
            raise ReadingLost(f"reading an arrival: {silence}") from None
        except asyncio.IncompleteReadError:
            raise await self._lost(process) from None
        except BaseException:
            self.abandon(process)
            raise
        return answer

    async def _answer(self, process: Process) -> tuple[int, Any]:
        said, self._heard = cast(StreamReader, process.stdout), process
        try:
            size = HEAD.unpack(await said.readexactly(HEAD.size))[0]
            body = await said.readexactly(size)
        finally:
            self._heard = None
        found: tuple[int, Any] = pickle.loads(body)  # noqa: S301  # our own process says it
        return found

    def rest(self) -> None:
        """It has nothing to do; where that lasts, it ends."""
        self._go_on()
        self._end = asyncio.get_running_loop().call_later(self._rest, self._leave)

    def abandon(self, process: Process) -> None:
        """Ends the process, whatever it does: nobody is answered by it any more. Its pipes are emptied and closed."""
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        if process is self.process:
            self.process, self.under = None, ""
        if process is not self._heard and process not in self._leaving:
            self._leaving[process] = leaving = asyncio.ensure_future(process.communicate())
            leaving.add_done_callback(lambda _: self._leaving.pop(process, None))

    async def close(self) -> None:
        """Ends the process, and waits until it is gone."""
        self._go_on()
        if self.process is not None:
            self.abandon(self.process)
        await asyncio.gather(*self._leaving.values(), return_exceptions=True)

    async def _start(self) -> None:
        self._go_on()
        if self.process is None or self.process.returncode is not None:
            await self.close()
            self._number = 0
            self.process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, env=environment(), start_new_session=True
            )

    def _go_on(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def _leave(self) -> None:
        self._end = None
        if self.process is not None:
            self.abandon(self.process)

    async def _lost(self, process: Process) -> ReadingLost:
        """Why, once it has had a moment to end by itself."""
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), MOMENT)
        self.abandon(process)
        code = process.returncode
        if code is None:
            return ReadingLost("reading an arrival: its process closed its pipes, and was ended")
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        memory = "; it may have run out of memory" if code == -signal.SIGKILL else ""
        return ReadingLost(f"reading an arrival: its process ended {how}{memory}")


def environment() -> dict[str, str]:
    """Ours, and where this package was found."""
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))}
