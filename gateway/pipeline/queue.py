"""Which document to look at next. The ledger is the truth; this only says it sooner.

Jobs are pgqueuer's: in memory on one machine. A job is one step of one arrival, document or outbox entry and
carries its id, never its content; the same step at the same attempt is queued once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pgqueuer import PgQueuer
from pgqueuer.adapters.inmemory import InMemoryDriver, InMemoryQueries
from pgqueuer.models import Job as QueuedJob

FAIR_STEP = 50
"""One level of priority per so many of a partner's jobs ahead of it: start-time fair queueing."""

URGENT = 1
"""Levels by which what its sender calls urgent goes before all else; a flood of that steps down like any other."""

MOST_OF_ONE = 1000
"""Jobs of one partner that wait here at most; the others wait in the ledger, until half of these are done."""

AT_ONCE = 4
"""As many jobs that follow from one may be done without being queued: others are not to wait for long."""

LOGGED = 1000
"""Jobs after which the engine's log of them is thrown away: the ledger has told it all, and it would grow for ever."""


class Step(StrEnum):
    """What is done next: look into a channel, read an arrival, deliver a document to its system, render one that goes
    out, send to a partner.
    """

    POLL = "poll"
    RECEIVE = "receive"
    DELIVER = "deliver"
    RENDER = "render"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim in this worker's name: the token its writes carry, and until when it holds."""

    token: str
    until: datetime


Lend = Callable[[], "Lease | None"]
"""Claims something that is worked on next, where that is worth it."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that was claimed in the commit that made the work for it, with its bytes: it need not be claimed again.

    It is only a short cut: once the lease has run out, or after a crash, the row is claimed like any other.
    """

    row: Any
    lease: Lease
    body: Any


def held(claimed: Claimed | None, now: datetime, lease: timedelta) -> tuple[Any, str, Any] | None:
    """The row, its token and its bytes, while the claim still holds for long enough to finish: half a lease."""
    if claimed is None or now + lease / 2 > claimed.lease.until:
        return None
    return claimed.row, claimed.lease.token, claimed.body


@dataclass(frozen=True, slots=True)
class Job:
    """One step of one thing. `attempt` tells a retry from the job it follows. Retries are queued when they are due.

    `urgent` is what its sender calls so; the ledger, which finds what is left over, does not ask.
    """

    step: Step
    id: str
    partner: str = ""
    attempt: int = 0
    claimed: Claimed | None = field(default=None, compare=False)
    urgent: bool = field(default=False, compare=False)

    @property
    def key(self) -> str:
        return f"{self.step}:{self.id}:{self.attempt}"


Perform = Callable[[Step, str, "Claimed | None"], Awaitable[Sequence[Job]]]
"""Does one step, and says what is to be done next."""


class Queue:
    """The jobs of one process. `put` may be called before and while `run` works through them.

    What follows from a step is done by the same hand, where it is little and claimed already: an order to its system
    and the acknowledgment to its partner, side by side.

    `room` is set when a partner whose jobs were left in the ledger has room for them again.
    """

    def __init__(self, perform: Perform, concurrency: int, most: int = MOST_OF_ONE) -> None:
        self._perform = perform
        self._concurrency = concurrency
        self._most = most
        self._ahead: Counter[str] = Counter()
        self._queued: dict[str, Claimed | None] = {}
        self._left: set[str] = set()
        self._logged = 0
        self.room = asyncio.Event()
        self._changed = asyncio.Event()
        driver = InMemoryDriver()
        self._jobs = InMemoryQueries(driver)
        self._engine = PgQueuer(driver, queries=self._jobs)
        for step in Step:
            self._engine.entrypoint(step.value)(self._handler(step))

    async def put(self, jobs: Iterable[Job]) -> None:
        """Queues what is not queued yet, and of each partner only as much as there is room for.

        What the ledger does not hold for others to find, a look into a channel or what is claimed already, always has.
        """
        wanted = [(job, self._priority(job)) for job in jobs if self._takes(job)]
        if not wanted:
            return
        queued = await self._jobs.enqueue(
            [job.step.value for job, _ in wanted],
            [self._payload(job) for job, _ in wanted],
            [priority for _, priority in wanted],
            None,
            [job.key for job, _ in wanted],
            on_conflict="skip",
        )
        for (job, _), number in zip(wanted, queued, strict=True):
            if number is None:
                self._done(job)
        self._logged += len(wanted)
        if self._logged >= LOGGED:
            self._logged = 0
            await self._jobs.clear_queue_log()

    async def run(self) -> None:
        """Works until `stop`; then finishes what is in hand."""
        await self._engine.qm.run(
            batch_size=max(1, self._concurrency // 2),
            max_concurrent_tasks=max(2, self._concurrency),
            dequeue_timeout=timedelta(seconds=1),
            log_aggregation_interval=timedelta(0),
        )

    def stop(self) -> None:
        self._engine.shutdown.set()

    @property
    def waiting(self) -> int:
        """Jobs queued or in hand."""
        return self._ahead.total()

    @property
    def full(self) -> list[str]:
        """The partners that have no room for more."""
        return [partner for partner, ahead in self._ahead.items() if ahead >= self._most]

    async def idle(self) -> None:
        """Returns once nothing is queued or in hand."""
        while self.waiting:
            await self.change()

    async def change(self) -> None:
        """Returns when the next job ends."""
        self._changed.clear()
        await self._changed.wait()

    def _takes(self, job: Job) -> bool:
        if job.key in self._queued:
            return False
        if job.claimed is None and job.step is not Step.POLL and self._ahead[job.partner] >= self._most:
            self._left.add(job.partner)
            return False
        self._queued[job.key] = job.claimed
        return True

    def _payload(self, job: Job) -> bytes:
        return f"{job.partner}\n{job.id}\n{job.attempt}".encode()

    def _priority(self, job: Job) -> int:
        ahead = self._ahead[job.partner]
        self._ahead[job.partner] += 1
        return URGENT * job.urgent - ahead // FAIR_STEP

    def _handler(self, step: Step) -> Callable[[QueuedJob], Awaitable[None]]:
        async def handle(queued: QueuedJob) -> None:
            partner, id, attempt = (queued.payload or b"").decode().split("\n")
            await self._do(Job(step, id, partner, int(attempt)))

        return handle

    async def _do(self, job: Job) -> None:
        claimed, self._queued[job.key] = self._queued[job.key], None
        at_once: list[Job] = []
        try:
            at_once = await self._following(await self._perform(job.step, job.id, claimed))
        finally:
            self._done(job)
        if at_once:
            await asyncio.gather(*map(self._do, at_once))

    async def _following(self, made: Sequence[Job]) -> list[Job]:
        """What is to be done at once: all of it, where it is little and claimed; else it is queued."""
        if len(made) > AT_ONCE or not all(job.claimed for job in made):
            await self.put(made)
            return []
        taken = [job for job in made if self._takes(job)]
        self._ahead.update(job.partner for job in taken)
        return taken

    def _done(self, job: Job) -> None:
        del self._queued[job.key]
        self._ahead[job.partner] -= 1
        ahead = self._ahead[job.partner]
        if ahead <= 0:
            del self._ahead[job.partner]
        if ahead <= self._most // 2 and job.partner in self._left:
            self._left.remove(job.partner)
            self.room.set()
        self._changed.set()
