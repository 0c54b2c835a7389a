"""Reads one arrival to its end, as one worker: claimed in the ledger, read outside it, written down batch by batch.

A reading that fails for a reason of ours is done again for a while; done again, it writes the same down once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from gateway.arrival import Content
from gateway.errors import GatewayError, LedgerUnavailable
from gateway.faultpoints import reach
from gateway.formats.events import Limits
from gateway.ledger import arrivals, blobs, documents
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.ledger import Ledger
from gateway.ledger.moves import StaleLease
from gateway.ledger.states import WORK, Life, State
from gateway.pipeline.inbound.apart import Apart
from gateway.pipeline.inbound.beside import Beside
from gateway.pipeline.inbound.findings import Finding
from gateway.pipeline.inbound.reader import Reader
from gateway.pipeline.inbound.reception import Reception, Write
from gateway.pipeline.outbound.handover import Handover, Objects, handed_over
from gateway.pipeline.queue import Claimed, Job, Lend, Queue, Step, held
from gateway.pipeline.retry import GiveUp, decide
from gateway.pipeline.translation.house import House

log = structlog.get_logger()

CHUNK = 32 << 10
"""Bytes handed to the reader at once: small enough for flat memory, large enough for speed."""

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


class Registrar:
    """Reads arrivals as one worker. `lend` claims what a reading makes work of."""

    def __init__(
        self,
        ledger: Ledger,
        worker: str,
        now: Callable[[], datetime],
        lease: timedelta,
        queue: Queue,
        lend: Lend,
        *,
        limits: Limits,
        batch: int,
        inline: int,
    ) -> None:
        self.apart = Apart(batch, limits)
        self.beside = Beside(batch, limits)
        self._ledger = ledger
        self._worker = worker
        self._now = now
        self._lease = lease
        self._queue = queue
        self._lend = lend
        self._limits = limits
        self._batch = batch
        self._inline = inline
        self._stopping = False
        self._put_off: set[str] = set()

    def stop(self) -> None:
        """What is in hand is finished, a large arrival left where it is: it is read again."""
        self._stopping = True

    async def close(self) -> None:
        """Ends the processes beside this one."""
        await self.apart.child.close()
        await self.beside.close()

    async def receive(self, id: str, house: House, claimed: Claimed | None = None) -> list[Job]:
        """Reads one arrival to its end; its documents live on their own from then on."""
        if id in self._put_off and self.apart.waiting >= LARGE_IN_HAND:
            return []
        self._put_off.discard(id)
        taken = held(claimed, self._now(), self._lease) or await self._ledger.commit(
            lambda tx: self._take(tx, id, house)
        )
        if taken is None:
            return []
        row, token, source = taken
        if row.size > self._inline and self.apart.waiting >= LARGE_IN_HAND:
            self._put_off.add(id)
            await self._ledger.commit(lambda tx: arrivals.release(tx, row.id, token))
            return []
        reception = self._reception(house, row)
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
            if self._put_off and self.apart.waiting < LARGE_IN_HAND:
                self._queue.room.set()
        await self._ledger.commit(lambda tx: self._unread(tx, row, token, error))
        return []

    def _reception(self, house: House, row: ArrivalRow) -> Reception | Handover:
        """What writes down the findings: a partner's interchanges, or what a system handed over."""
        if handed_over(row):
            return Handover(house, row, self._now, self._lend)
        return Reception(house, row, self._now, self._batch, self._lend)

    async def _read(
        self,
        reception: Reception | Handover,
        found: AsyncIterator[list[Finding]],
        row: ArrivalRow,
        token: str,
    ) -> list[Job]:
        """Commits what is found batch by batch, the last together with the arrival's own end."""
        last: Write | None = None
        async for batch in found:
            for write in reception.writes(batch):
                if last is not None:
                    await self._queue.put(
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
        if handed_over(row):
            objects = Objects(house, row, self._now(), self._batch)
            return in_thread(objects.batches(source, self._limits))
        if row.size > self._inline:
            return self.apart.batches(house, row, source, self._now())
        if self._queue.waiting >= MANY and self.beside.ready(house):
            return self._found_beside(house, source, row)
        return inline(Reader(house, row, self._now(), self._batch), source, self._limits)

    async def _found_beside(
        self, house: House, source: Iterable[bytes], row: ArrivalRow
    ) -> AsyncGenerator[list[Finding], None]:
        """The same; what does not go well there is read with nothing beside it."""
        batches = await self.beside.batches(house, row, source, self._now())
        if batches is not None:
            for batch in batches:
                yield batch
            return
        async with aclosing(self.apart.batches(house, row, source, self._now())) as found:
            async for batch in found:
                yield batch

    # -- inside the ledger's transactions

    def _part_read(self, write: Write, row: ArrivalRow, token: str, tx: Connection) -> list[Job]:
        """A batch of a large arrival; whoever holds it goes on holding it."""
        jobs = write(tx)
        arrivals.extend(tx, row.id, token, self._now() + self._lease)
        return jobs

    def _take(self, tx: Connection, id: str, house: House) -> tuple[ArrivalRow, str, Iterable[bytes]] | None:
        token = arrivals.claim(tx, id, self._worker, self._now(), self._now() + self._lease)
        if token is None:
            return None
        row = arrivals.get(tx, id)
        if row.duplicate_of and self._repeats(tx, house, row, token):
            return None
        return row, token, content(tx, row.digest)

    def _repeats(self, tx: Connection, house: House, row: ArrivalRow, token: str) -> bool:
        """Whether a transport repeat needs no reading: it waits while its first is read, and is dropped after that.

        What is left of a first that failed never blocks: it is read again once the house has changed.
        """
        first = arrivals.get(tx, row.duplicate_of or "")
        if first.state in WORK[Life.ARRIVAL]:
            due = max(first.due_at or self._now(), self._now()) + AFTER_FIRST
            arrivals.amend(tx, row.id, token, due_at=due)
            arrivals.release(tx, row.id, token)
            return True
        if first.state != State.PROCESSED:
            return False
        if first.snapshot != house.digest and documents.any_waits(tx, first.id):
            return False
        arrivals.move(tx, row.id, State.DROPPED, token, self._now(), detail={"duplicate_of": first.id})
        return True

    def _read_to_end(
        self, tx: Connection, row: ArrivalRow, token: str, reception: Reception | Handover, last: Write | None
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
        if isinstance(reception, Handover):
            jobs += reception.ended(tx)
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
    reader: Reader, source: Iterable[bytes], limits: Limits
) -> AsyncGenerator[list[Finding], None]:
    """What is read here and now."""
    for batch in reader.batches(source, limits):
        yield batch


async def in_thread(batches: Iterator[list[Finding]]) -> AsyncGenerator[list[Finding], None]:
    """What is read in a thread, so that others get their turn meanwhile."""
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        yield batch
