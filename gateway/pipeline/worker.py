"""Who does it when: one worker's hands on the queue, from an arrival's first look to the last attempt.

What one step could not do is written down with it; a step never ends the worker, and a failing document never stops
another. What the queue forgot the sweeper finds in the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import structlog
from sqlalchemy import Connection

from gateway.arrival import Arrival, Content, Receipt
from gateway.errors import GatewayError, LedgerUnavailable
from gateway.faultpoints import reach
from gateway.formats import x12
from gateway.ledger import arrivals, blobs, documents, work
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.ids import new_id
from gateway.ledger.ledger import Ledger
from gateway.ledger.moves import StaleLease
from gateway.ledger.states import WORK, Life, State
from gateway.pipeline import metrics
from gateway.pipeline.apart import Apart
from gateway.pipeline.beside import Beside
from gateway.pipeline.deliver import Courier, Doors
from gateway.pipeline.findings import Finding
from gateway.pipeline.house import House
from gateway.pipeline.outages import Outages
from gateway.pipeline.queue import Claimed, Job, Lease, Queue, Step, held
from gateway.pipeline.reader import Reader
from gateway.pipeline.reception import Reception, Write
from gateway.pipeline.retry import GiveUp, decide
from gateway.protocols.ports import Poller

log = structlog.get_logger()

CHUNK = 32 << 10
"""Bytes handed to the reader at once: small enough for flat memory, large enough for speed."""

CLAIMED_AT_MOST = 500
"""While fewer jobs wait, work is claimed in the commit that makes it; its bytes wait in memory."""

STEPS = {work.ARRIVAL: Step.RECEIVE, work.DOCUMENT: Step.DELIVER, work.OUTBOX: Step.SEND}
READING = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=10))
"""Waits before an arrival is read again whose reading failed for a reason of ours."""
LARGE_IN_HAND = 4
"""Large arrivals read, or waiting to be, at the same time; more would leave no hand for small ones. The others wait in
the ledger, until one of these is read.
"""
MANY = 4
"""Jobs queued or in hand from which on arrivals are read in a second process; fewer are done sooner here."""
AFTER_FIRST = timedelta(seconds=1)
"""When a repeat is looked at again whose first is not read yet, should nobody wake it sooner."""


class Stopping(Exception):
    """The gateway stops in the middle of a large arrival."""


class Worker:
    """Works through one ledger under the house and doors that are current when a step begins."""

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        now: Callable[[], datetime],
        *,
        limits: x12.Limits,
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
        self._ledger = ledger
        self._name = name
        self._now = now
        self._limits = limits
        self._lease = lease
        self._batch = batch
        self._inline = inline
        self._ahead = ahead
        self._apart = Apart(batch, limits)
        self._beside = Beside(batch, limits)
        self._stopping = False
        self._put_off: set[str] = set()
        self._courier = Courier(ledger, name, now, lease)

    def stop(self) -> None:
        """Takes up nothing new; what is in hand is finished, a large arrival left where it is: it is read again."""
        self._stopping = True
        self.queue.stop()

    async def close(self) -> None:
        """To be called when `queue` has ended."""
        await self._apart.child.close()
        await self._beside.close()

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
            return await self.receive(id, house, claimed)
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
        return any(poller.unsettled for channel, poller in pollers if channel not in self.outages)

    async def receive(self, id: str, house: House, claimed: Claimed | None = None) -> list[Job]:
        """Reads one arrival to its end; its documents live on their own from then on."""
        if id in self._put_off and self._apart.waiting >= LARGE_IN_HAND:
            return []
        self._put_off.discard(id)
        taken = held(claimed, self._now(), self._lease) or await self._ledger.commit(
            lambda tx: self._take(tx, id)
        )
        if taken is None:
            return []
        row, token, source = taken
        if row.size > self._inline and self._apart.waiting >= LARGE_IN_HAND:
            self._put_off.add(id)
            await self._ledger.commit(lambda tx: arrivals.release(tx, row.id, token))
            return []
        reception = Reception(house, row, self._now, self._batch, self.lease)
        try:
            async with aclosing(self._found(house, source, row)) as found:
                return await self._read(reception, found, row, token)
        except (StaleLease, LedgerUnavailable):
            raise
        except Stopping:
            await self._ledger.commit(lambda tx: arrivals.release(tx, row.id, token))
            log.info("left for the next start", arrival=id, name=row.name, correlation=row.correlation)
            return []
        except Exception as failure:
            log.exception("reading failed", arrival=id, why=repr(failure))
            error = failure
        finally:
            if self._put_off and self._apart.waiting < LARGE_IN_HAND:
                self.queue.room.set()
        await self._ledger.commit(lambda tx: self._unread(tx, row, token, error))
        return []

    async def _read(
        self, reception: Reception, found: AsyncIterator[list[Finding]], row: ArrivalRow, token: str
    ) -> list[Job]:
        """Commits what is found batch by batch, the last together with the arrival's own end."""
        last: Write | None = None
        async for batch in found:
            for write in reception.writes(batch):
                if last is not None:
                    await self.queue.put(
                        await self._ledger.commit(partial(self._part_read, last, row, token))
                    )
                    reach("receive.after_batch")
                    if self._stopping:
                        raise Stopping
                last = write
        reach("receive.before_commit")
        jobs = await self._ledger.commit(lambda tx: self._read_to_end(tx, row, token, reception, last))
        reach("receive.after_commit")
        log.info(
            reception.state, arrival=row.id, partner=row.partner, name=row.name, correlation=row.correlation
        )
        return jobs

    def _found(
        self, house: House, source: Iterable[bytes], row: ArrivalRow
    ) -> AsyncGenerator[list[Finding], None]:
        """What reading the arrival finds; a large one is read in a process of its own, many are in one beside ours."""
        if row.size > self._inline:
            return self._apart.batches(house, row, source, self._now())
        if self.queue.waiting >= MANY and self._beside.ready(house):
            return self._found_beside(house, source, row)
        return inline(Reader(house, row, self._now(), self._batch), source, self._limits)

    async def _found_beside(
        self, house: House, source: Iterable[bytes], row: ArrivalRow
    ) -> AsyncGenerator[list[Finding], None]:
        """The same; what does not go well there is read with nothing beside it."""
        batches = await self._beside.batches(house, row, source, self._now())
        if batches is not None:
            for batch in batches:
                yield batch
            return
        async with aclosing(self._apart.batches(house, row, source, self._now())) as found:
            async for batch in found:
                yield batch

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

    def _part_read(self, write: Write, row: ArrivalRow, token: str, tx: Connection) -> list[Job]:
        """A batch of a large arrival; whoever holds it goes on holding it."""
        jobs = write(tx)
        arrivals.extend(tx, row.id, token, self._now() + self._lease)
        return jobs

    def _take(self, tx: Connection, id: str) -> tuple[ArrivalRow, str, Iterable[bytes]] | None:
        token = arrivals.claim(tx, id, self._name, self._now(), self._now() + self._lease)
        if token is None:
            return None
        row = arrivals.get(tx, id)
        if row.duplicate_of and self._repeats(tx, row, token, arrivals.get(tx, row.duplicate_of)):
            return None
        return row, token, content(tx, row.digest)

    def _repeats(self, tx: Connection, row: ArrivalRow, token: str, first: ArrivalRow) -> bool:
        """Whether a transport repeat needs no reading: it waits while its first is read, and is dropped after that.

        What is left of a first that failed never blocks: it is read again once the house has changed.
        """
        if first.state in WORK[Life.ARRIVAL]:
            due = max(first.due_at or self._now(), self._now()) + AFTER_FIRST
            arrivals.amend(tx, row.id, token, due_at=due)
            arrivals.release(tx, row.id, token)
            return True
        if first.state != State.PROCESSED:
            return False
        if first.snapshot != (self.house and self.house.digest) and documents.any_waits(tx, first.id):
            return False
        arrivals.move(tx, row.id, State.DROPPED, token, self._now(), detail={"duplicate_of": first.id})
        return True

    def _read_to_end(
        self, tx: Connection, row: ArrivalRow, token: str, reception: Reception, last: Write | None
    ) -> list[Job]:
        """The last batch and the arrival's own end, together."""
        jobs = last(tx) if last else []
        faults = [fault.as_dict() for fault in reception.faults]
        changes: dict[str, Any] = {
            "faults": faults,
            "snapshot": reception.reading.house.digest,
            "due_at": None,
        }
        detail = {"faults": len(faults)} if faults else {}
        arrivals.move(tx, row.id, reception.state, token, self._now(), detail=detail, **changes)
        for repeat in arrivals.wake_repeats(tx, row):
            jobs.append(Job(Step.RECEIVE, repeat, row.partner or ""))
        return jobs

    def _unread(self, tx: Connection, row: ArrivalRow, token: str, error: Exception) -> None:
        """Reading failed for a reason of ours: tried again for a while, then left for a person."""
        attempt, detail = row.attempt + 1, {"why": f"{type(error).__name__}: {error}"}
        decision = decide(error, attempt, READING)
        state = State.DEAD if isinstance(decision, GiveUp) else State.RETRYING
        due = None if isinstance(decision, GiveUp) else self._now() + decision.after
        arrivals.move(tx, row.id, state, token, self._now(), detail=detail, attempt=attempt, due_at=due)

    # -- the ledger is the truth

    async def sweep(self) -> int:
        """Queues what the ledger holds unfinished and due, as far as there is room; returns how much was found."""
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


def content(tx: Connection, digest: str, just_kept: Content | None = None) -> Iterable[bytes]:
    """The arrival's bytes; where they cannot be had, reading them raises, so that the reading ends with that."""
    try:
        return blobs.chunks(tx, digest, CHUNK, just_kept)
    except GatewayError as error:
        return Unreadable(error)


@dataclass(frozen=True)
class Unreadable:
    """Bytes that cannot be had."""

    error: GatewayError

    def __iter__(self) -> Iterator[bytes]:
        raise self.error


async def inline(
    reader: Reader, source: Iterable[bytes], limits: x12.Limits
) -> AsyncGenerator[list[Finding], None]:
    """What is read here and now."""
    for batch in reader.batches(source, limits):
        yield batch


@contextmanager
def measured(step: Step) -> Iterator[None]:
    """Counts a step in hand and the seconds it took."""
    began = perf_counter()
    with metrics.IN_HAND.track_inprogress():
        try:
            yield
        finally:
            metrics.SECONDS.labels(step).observe(perf_counter() - began)
