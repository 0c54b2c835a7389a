"""What is committed here has happened; what is not, has not.

`Ledger.open(...)` brings the schema up to date, `commit` runs functions in the one writer thread, `read` runs them
on a snapshot. All of the ledger's functions take the `Connection` they are given as `tx` and never commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar, cast

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from gateway.arrival import Content
from gateway.errors import LedgerUnavailable, SetupError
from gateway.ledger import engines, migrations
from gateway.ledger.blobs import INLINE, SHELF, Shelf
from gateway.ledger.lock import Lock, lock
from gateway.ledger.writer import Writer, reason
from gateway.settings import Settings

T = TypeVar("T")
Mode = Literal["run", "once", "read"]
READERS = 3


@dataclass
class Ledger:
    """The open ledger. `run` is the gateway itself, one process per SQLite file; `once` is a command that writes
    and ends, also beside a running gateway; `read` writes nothing.
    """

    url: URL
    shelf: Shelf
    mode: Mode
    writer: Writer | None
    _reading: Engine
    _threads: ThreadPoolExecutor
    _lock: Lock | None

    @classmethod
    def open(cls, url: str, blob_dir: Path | str, mode: Mode = "run") -> Ledger:
        """Opens, and makes or migrates the schema where that is this process's to do.

        Raises `SetupError` when another process runs this ledger, when there is none to read, or when its schema
        is not this version's; `LedgerUnavailable` when the database cannot be reached.
        """
        place = engines.parsed(url)
        shelf = Shelf(Path(blob_dir))
        held = _prepare(place, mode)
        try:
            if mode != "read":
                shelf.make()
            if held:
                shelf.sweep()
            writer = None if mode == "read" else Writer(engines.writing(place), {SHELF: shelf})
        except BaseException:
            if held:
                held.release()
            raise
        readers = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")
        return cls(place, shelf, mode, writer, engines.reading(place, READERS), readers, held)

    async def commit(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in the writer thread and returns what it returned, once that is on disk.

        What `work` raises is raised here and only its own changes are undone. `LedgerUnavailable` means that
        nothing was stored. A caller that is cancelled meanwhile does not undo it.
        """
        return cast(T, await self._writing().submit(work))

    def commit_now(self, work: Callable[[Connection], T]) -> T:
        """`commit` for a caller without an event loop."""
        return cast(T, self._writing().run(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` on a snapshot of what is committed, in a thread; it can change nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read_now, work)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """`read` for a caller without an event loop."""
        try:
            with self._reading.connect() as connection, connection.begin():
                connection.info[SHELF] = self.shelf
                return work(connection)
        except OperationalError as error:
            raise LedgerUnavailable(f"reading the ledger: {reason(error)}") from error

    async def touch(self) -> None:
        """Returns when the ledger has shown that it can still write. Raises `LedgerUnavailable`."""
        await self.commit(engines.touch)

    async def store(self, content: Content) -> None:
        """Puts large content on the shelf ahead of its commit, so that the writer does not wait for its fsync."""
        if content.size > INLINE:
            await asyncio.to_thread(self.shelf.put, content)

    def close(self) -> None:
        """Commits what was handed in before, takes nothing more, and lets go of the files."""
        if self.writer:
            self.writer.close()
            self.writer.engine.dispose()
        self._threads.shutdown()
        self._reading.dispose()
        if self._lock:
            self._lock.release()
            self._lock = None

    def _writing(self) -> Writer:
        if self.writer is None:
            raise SetupError("writing: the ledger was opened only for reading")
        return self.writer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _prepare(place: URL, mode: Mode) -> Lock | None:
    """Takes the lock and migrates as the mode allows; the lock is kept only by a running gateway."""
    file = engines.file_of(place)
    if mode == "read" and file and not file.exists():
        raise SetupError(f"opening the ledger: there is none at {file}; `gateway run` makes it")
    held = _locked(file, mode) if file else None
    try:
        _schema(place, upgrade=mode == "run" or (mode == "once" and (held is not None or file is None)))
    except BaseException:
        if held:
            held.release()
        raise
    if held and mode != "run":
        held.release()
        return None
    return held


def _locked(file: Path, mode: Mode) -> Lock | None:
    path = file.with_name(f"{file.name}.lock")
    if mode == "read":
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    return lock(path) if mode == "run" else Lock.take(path)


def _schema(place: URL, upgrade: bool) -> None:
    engine = engines.writing(place) if upgrade else engines.reading(place, 1)
    try:
        with engine.connect() as connection, connection.begin():
            migrations.upgrade(connection) if upgrade else migrations.check(connection)
    except DatabaseError as error:
        raise LedgerUnavailable(f"opening the ledger at {place!r}: {reason(error)}") from error
    finally:
        engine.dispose()


def open_ledger(settings: Settings, mode: Mode) -> Ledger:
    """The ledger of this machine: `run` for the gateway, `once` or `read` for commands."""
    return Ledger.open(settings.ledger_url, settings.blob_dir, mode)
