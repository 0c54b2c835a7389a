"""One thread writes, and everything that waits at the same moment shares one transaction and one fsync.

A member of a batch that raises undoes only itself. A batch that cannot be committed never half-applies: all of
its members hear `LedgerUnavailable`, and nothing of it is there. No caller is answered before COMMIT returned.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from gateway.errors import LedgerUnavailable
from gateway.faultpoints import reach

LONGEST_BATCH = 0.02
"""Seconds after which a batch takes no further member, so that the first one is not kept waiting."""

NO_STORE = (OperationalError, InterfaceError)
"""What the database says when it cannot store, as opposed to what it says about a wrong statement."""


AFTER = "after commit"
log = structlog.get_logger()


def after_commit(tx: Connection, call: Callable[[], object]) -> None:
    """Calls this once the transaction is on disk, and never if it is not: for what is counted, or logged."""
    tx.info[AFTER].append(call)


@dataclass(slots=True)
class Entry:
    """One function that waits to be run, and then what it returned or raised; `after` is what it wants done then."""

    work: Callable[[Connection], Any]
    answer: asyncio.Future[Any] | Future[Any]
    loop: asyncio.AbstractEventLoop | None
    result: Any = None
    error: BaseException | None = None
    after: list[Callable[[], object]] = field(default_factory=list)

    def settle(self) -> None:
        """Answers the caller, after what was to be done after the commit; a caller that is gone changes nothing."""
        for call in self.after if self.error is None else ():
            try:
                call()
            except Exception:
                log.exception("not done after a commit")
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)


@dataclass
class Writer:
    """The thread and its queue. `batches` and `members` count what was committed, for the metrics."""

    engine: Engine
    info: dict[str, Any]
    batches: int = 0
    members: int = 0
    _queue: SimpleQueue[Entry | None] = field(default_factory=SimpleQueue)
    _closed: bool = False
    _connection: Connection | None = None

    def __post_init__(self) -> None:
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], Any]) -> asyncio.Future[Any]:
        """Queues the function; the future is settled in the running loop after the commit."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._put(Entry(work, answer, loop))
        return answer

    def run(self, work: Callable[[Connection], Any]) -> Any:
        """The same for a caller without an event loop: returns after the commit."""
        answer: Future[Any] = Future()
        self._put(Entry(work, answer, None))
        return answer.result()

    def close(self) -> None:
        """Takes nothing more, commits what waits, and ends the thread."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _put(self, entry: Entry) -> None:
        with self._door:
            if self._closed:
                raise LedgerUnavailable("committing: the ledger is closed")
            self._queue.put(entry)

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            settle(self._commit(entry))
        self._drop()

    def _commit(self, first: Entry) -> list[Entry]:
        """Runs and commits one batch that begins with `first`; returns its members with their outcomes."""
        batch = [first]
        try:
            connection = self._begin()
            self._collect(connection, batch)
            reach("ledger.before_commit")
            connection.commit()
            reach("ledger.after_commit")
        except Exception as error:
            self._drop()
            for entry in batch:
                entry.error = LedgerUnavailable(f"committing: {reason(error)}; nothing was stored")
            return batch
        self.batches += 1
        self.members += sum(entry.error is None for entry in batch)
        return batch

    def _collect(self, connection: Connection, batch: list[Entry]) -> None:
        """Runs the first member, then every other that waits, each so that it can be undone alone."""
        self._first(connection, batch[0])
        end = time.monotonic() + LONGEST_BATCH
        while time.monotonic() < end:
            try:
                entry = self._queue.get_nowait()
            except Empty:
                return
            if entry is None:
                self._queue.put(None)
                return
            batch.append(entry)
            self._member(connection, entry)

    def _first(self, connection: Connection, entry: Entry) -> None:
        """Nothing stands before it, so undoing it is undoing the transaction: it needs no savepoint."""
        if not attempt(connection, entry):
            connection.rollback()
            connection.begin()

    def _member(self, connection: Connection, entry: Entry) -> None:
        cursor = connection.connection.cursor()
        try:
            cursor.execute("SAVEPOINT member")
            if not attempt(connection, entry):
                cursor.execute("ROLLBACK TO SAVEPOINT member")
            cursor.execute("RELEASE SAVEPOINT member")
        finally:
            cursor.close()

    def _begin(self) -> Connection:
        if self._connection is None:
            self._connection = self.engine.connect()
            self._connection.info.update(self.info)
        self._connection.begin()
        return self._connection

    def _drop(self) -> None:
        """Gives up the connection after trouble; the next batch opens a fresh one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.rollback()
        except SQLAlchemyError:
            connection.invalidate()
        connection.close()


def attempt(connection: Connection, entry: Entry) -> bool:
    """Runs one member; False when it raised. A database that cannot store ends the whole batch instead."""
    connection.info[AFTER] = entry.after
    try:
        entry.result = entry.work(connection)
    except NO_STORE:
        raise
    except Exception as error:
        entry.error = error
        return False
    return True


def settle(batch: Iterable[Entry]) -> None:
    """Answers every caller, with one wake-up of an event loop for all of its callers."""
    for _, group in groupby(batch, key=lambda entry: id(entry.loop)):
        entries = list(group)
        loop = entries[0].loop
        if loop is None:
            _settle(entries)
        elif not loop.is_closed():
            try:
                loop.call_soon_threadsafe(_settle, entries)
            except RuntimeError:
                continue


def _settle(entries: list[Entry]) -> None:
    for entry in entries:
        entry.settle()


def reason(error: BaseException) -> str:
    """The database's own words, without SQLAlchemy's frame around them."""
    return str(error.orig) if isinstance(error, DBAPIError) and error.orig else str(error)
