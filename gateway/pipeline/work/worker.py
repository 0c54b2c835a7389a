"""Who does it when: one worker's hands on the queue, from an arrival's first look to the last attempt.

What one step could not do is written down with it; a step never ends the worker, and a failing document never stops
another. What the queue forgot the sweeper finds in the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from time import perf_counter

import structlog
from sqlalchemy import Connection

from gateway.arrival import Arrival, Receipt
from gateway.errors import GatewayError, LedgerUnavailable
from gateway.faultpoints import reach
from gateway.formats.events import Limits
from gateway.ledger import arrivals, work
from gateway.ledger.ids import new_id
from gateway.ledger.ledger import Ledger
from gateway.ledger.moves import StaleLease
from gateway.pipeline import metrics
from gateway.pipeline.queue import Claimed, Job, Lease, Queue, Step
from gateway.pipeline.translation.house import House
from gateway.pipeline.work import overdue
from gateway.pipeline.work.deliver import Courier, Doors
from gateway.pipeline.work.dispatcher import Dispatcher
from gateway.pipeline.work.outages import Outages
from gateway.pipeline.work.registrar import Registrar, content
from gateway.protocols.ports import Poller

log = structlog.get_logger()

CLAIMED_AT_MOST = 500
"""While fewer jobs wait, work is claimed in the commit that makes it; its bytes wait in memory."""

STEPS = {
    work.ARRIVAL: Step.RECEIVE,
    work.DOCUMENT: Step.DELIVER,
    work.OUTGOING: Step.RENDER,
    work.OUTBOX: Step.SEND,
}


class Worker:
    """Works through one ledger under the house and doors that are current when a step begins."""

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        now: Callable[[], datetime],
        *,
        limits: Limits,
        lease: timedelta = timedelta(seconds=60),
        concurrency: int = 32,
        batch: int = 100,
        inline: int = 256 << 10,
        ahead: int = CLAIMED_AT_MOST,
    ) -> None:
        self.house: House | None = None
        self.doors = Doors()
        self.outages = Outages()
        self.queue = Queue(self.perform, concurrency)
        self.registrar = Registrar(
            ledger, name, now, lease, self.queue, self.lease, limits=limits, batch=batch, inline=inline
        )
        self._courier = Courier(ledger, name, now, lease, self.outages)
        self._dispatcher = Dispatcher(ledger, name, now, lease, self.lease)
        self._ledger = ledger
        self._name = name
        self._now = now
        self._lease = lease
        self._ahead = ahead

    def stop(self) -> None:
        """Takes up nothing new; what is in hand is finished, a large arrival left where it is: it is read again."""
        self.registrar.stop()
        self.queue.stop()

    async def close(self) -> None:
        """To be called when `queue` has ended."""
        await self.registrar.close()

    # -- the port of all listeners

    async def accept(self, arrival: Arrival) -> Receipt:
        """Stores the arrival; returns once it is on disk. Only then may the listener answer its partner."""
        await self._ledger.store(arrival.content)
        reach("accept.before_commit")
        receipt, claimed = await self._ledger.commit(lambda tx: self._store(tx, arrival))
        reach("accept.after_commit")
        metrics.ARRIVALS.labels(arrival.channel, str(receipt.duplicate).lower()).inc()
        log.info(
            "arrived",
            arrival=receipt.arrival_id,
            channel=arrival.channel,
            name=arrival.name,
            size=arrival.content.size,
        )
        await self.queue.put([Job(Step.RECEIVE, receipt.arrival_id, arrival.partner or "", claimed=claimed)])
        return receipt

    # -- steps

    async def perform(self, step: Step, id: str, claimed: Claimed | None = None) -> Sequence[Job]:
        """One step; returns what is to be done next. Whatever happens is written down or logged, and never raised."""
        house = self.house
        if house is None:
            return ()
        with measured(step):
            try:
                return await self._step(step, id, house, claimed)
            except StaleLease as error:
                log.warning("taken over", step=step, id=id, why=str(error))
            except (LedgerUnavailable, LookupError) as error:
                log.error("not done", step=step, id=id, why=str(error))
            except Exception as error:
                log.exception("not done", step=step, id=id, why=repr(error))
        return ()

    async def _step(self, step: Step, id: str, house: House, claimed: Claimed | None) -> list[Job]:
        if step is Step.POLL:
            return await self._poll(id)
        if step is Step.RECEIVE:
            return await self.registrar.receive(id, house, claimed)
        if step is Step.RENDER:
            return await self._dispatcher.render(id, house)
        if step is Step.DELIVER:
            await self._courier.deliver(id, house, self.doors, claimed)
        else:
            await self._courier.send(id, house, self.doors, claimed)
        return []

    async def _poll(self, channel: str) -> list[Job]:
        """One look into a channel. What goes wrong there is that channel's, and is tried again at its next look."""
        poller = self.doors.pollers.get(channel)
        if poller is None:
            return []
        try:
            await poller.poll(self.accept)
        except LedgerUnavailable:
            raise
        except Exception as error:
            self._looked(channel, poller, error)
            if not isinstance(error, GatewayError):
                raise
            log.warning("poll failed", channel=channel, why=str(error), retry=error.retry)
        else:
            self._looked(channel, poller)
        return []

    def _looked(self, channel: str, poller: Poller, failure: Exception | None = None) -> None:
        """How a look went, unless the channel was changed meanwhile."""
        if self.doors.pollers.get(channel) is not poller:
            return
        if failure:
            self.outages.failed(channel, failure, self._now())
        else:
            self.outages.went_well(channel)

    @property
    def unsettled(self) -> bool:
        """Whether a channel's next look may take what its last one saw. One that cannot be looked into is settled."""
        pollers = self.doors.pollers.items()
        return any(poller.unsettled for channel, poller in pollers if not self.outages.blind(channel))

    def lease(self) -> Lease | None:
        """A claim for something that is worked on next; none while so much waits that it would run out."""
        if self.queue.waiting >= self._ahead:
            return None
        return Lease(f"{self._name}/{new_id()}", self._now() + self._lease)

    # -- inside the ledger's transactions

    def _store(self, tx: Connection, arrival: Arrival) -> tuple[Receipt, Claimed | None]:
        """The arrival, claimed for this worker as it is born unless it is a repeat."""
        lease = self.lease()
        held_by = (lease.token, lease.until) if lease else ()
        row = arrivals.add(tx, arrival, self._now(), *held_by)
        receipt = Receipt(row.id, duplicate=row.duplicate_of is not None)
        if lease is None or receipt.duplicate:
            return receipt, None
        return receipt, Claimed(row, lease, content(tx, row.digest, arrival.content))

    # -- the ledger is the truth

    async def sweep(self) -> int:
        """Queues what the ledger holds unfinished and due, as far as there is room; returns how much was found.

        What a partner owes us and did not send in time is told on the way.
        """
        await overdue.watch(self._ledger, self._now())
        full = self.queue.full
        tasks = await self._ledger.read(lambda tx: work.due(tx, self._now(), full=full))
        await self.queue.put(
            Job(STEPS[task.kind], task.id, task.partner or "", task.attempt) for task in tasks
        )
        return len(tasks)

    async def sweep_forever(self, every: float) -> None:
        """Every so often, and as soon as there is room for what had to stay in the ledger."""
        while True:
            with suppress(LedgerUnavailable):
                await self.sweep()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.queue.room.wait(), every)
            self.queue.room.clear()


@contextmanager
def measured(step: Step) -> Iterator[None]:
    """Counts a step in hand and the seconds it took."""
    began = perf_counter()
    with metrics.IN_HAND.track_inprogress():
        try:
            yield
        finally:
            metrics.SECONDS.labels(step).observe(perf_counter() - began)
