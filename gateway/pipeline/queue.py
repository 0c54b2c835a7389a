"""Which document to look at next. The ledger is the truth; this only says it sooner.

Jobs are pgqueuer's: in memory on one machine. A job is one step of one arrival, document or outbox entry and
carries its id, never its content; the same step at the same attempt is queued once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pgqueuer import PgQueuer
from pgqueuer.models import Job as QueuedJob

FAIR_STEP = 50
"""One level of priority per so many of a partner's jobs ahead of it: start-time fair queueing."""


class Step(StrEnum):
    """What is done next: look into a channel, read an arrival, deliver a document to its system, send to a partner."""

    POLL = "poll"
    RECEIVE = "receive"
    DELIVER = "deliver"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim in this worker's name: the token its writes carry, and until when it holds."""

    token: str
    until: datetime


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
    """One step of one thing. `attempt` tells a retry from the job it follows. Retries are queued when they are due."""

    step: Step
    id: str
    partner: str = ""
    attempt: int = 0
    claimed: Claimed | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        return f"{self.step}:{self.id}:{self.attempt}"


Perform = Callable[[Step, str, "Claimed | None"], Awaitable[None]]


class Queue:
    """The jobs of one process. `put` may be called before and while `run` works through them."""

    def __init__(self, perform: Perform, concurrency: int) -> None:
        self._perform = perform
        self._concurrency = concurrency
        self._ahead: Counter[str] = Counter()
        self._claimed: dict[tuple[Step, str], Claimed] = {}
        self._changed = asyncio.Event()
        self._engine = PgQueuer.in_memory()
        for step in Step:
            self._engine.entrypoint(step.value)(self._handler(step))

    async def put(self, jobs: Iterable[Job]) -> None:
        """Queues what is not queued yet."""
        wanted = list(jobs)
        if not wanted or self._engine.queries is None:
            return
        self._claimed.update({(job.step, job.id): job.claimed for job in wanted if job.claimed})
        queued = await self._engine.queries.enqueue(
            [job.step.value for job in wanted],
            [self._payload(job) for job in wanted],
            [self._priority(job) for job in wanted],
            None,
            [job.key for job in wanted],
            on_conflict="skip",
        )
        for job, number in zip(wanted, queued, strict=True):
            if number is None:
                self._done(job.partner)

    async def run(self) -> None:
        """Works until `stop`; then finishes what is in hand."""
        await self._engine.qm.run(
            batch_size=max(1, self._concurrency // 2),
            max_concurrent_tasks=max(2, self._concurrency),
            dequeue_timeout=timedelta(seconds=1),
        )

    def stop(self) -> None:
        self._engine.shutdown.set()

    @property
    def waiting(self) -> int:
        """Jobs queued or in hand."""
        return self._ahead.total()

    async def idle(self) -> None:
        """Returns once nothing is queued or in hand."""
        while self.waiting:
            self._changed.clear()
            await self._changed.wait()

    def _payload(self, job: Job) -> bytes:
        return f"{job.partner}\n{job.id}".encode()

    def _priority(self, job: Job) -> int:
        ahead = self._ahead[job.partner]
        self._ahead[job.partner] += 1
        return -(ahead // FAIR_STEP)

    def _handler(self, step: Step) -> Callable[[QueuedJob], Awaitable[None]]:
        async def handle(job: QueuedJob) -> None:
            partner, _, found = (job.payload or b"").decode().partition("\n")
            try:
                await self._perform(step, found, self._claimed.pop((step, found), None))
            finally:
                self._done(partner)

        return handle

    def _done(self, partner: str) -> None:
        self._ahead[partner] -= 1
        if self._ahead[partner] <= 0:
            del self._ahead[partner]
        self._changed.set()
