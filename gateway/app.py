"""The only place that builds and joins the parts: settings in, one running gateway out."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection
from starlette.applications import Starlette

from gateway import api, collector
from gateway.api.internal import Internal
from gateway.api.tokens import speaker_of
from gateway.doors import doors_of, leave, resolver
from gateway.errors import GatewayError, LedgerUnavailable, SetupError, SetupFault
from gateway.ledger import arrivals, snapshots, work
from gateway.ledger.engines import file_of, parsed
from gateway.ledger.ledger import Ledger, open_ledger
from gateway.pipeline import metrics
from gateway.pipeline.outbound.collected import Collected
from gateway.pipeline.queue import Job, Step
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import limits
from gateway.pipeline.work.deliver import Doors
from gateway.pipeline.work.vitals import Vitals
from gateway.pipeline.work.worker import Worker
from gateway.profiles import Loaded, Snapshot, Surroundings, load, restore, watch
from gateway.profiles.senders import OF_A_SYSTEM
from gateway.protocols.our_sftp.server import Server
from gateway.protocols.ports import Poller
from gateway.settings import Settings
from gateway.setup import strangers, surroundings

log = structlog.get_logger()


def now() -> datetime:
    return datetime.now(UTC)


def folders_of(settings: Settings) -> list[Path]:
    """Where we store: the folders whose disks must not be full."""
    database = file_of(parsed(settings.ledger_url))
    return [settings.var_dir, settings.blob_dir, *([database.parent] if database else [])]


@dataclass
class Gateway:
    """One running gateway. `start` opens its doors, `stop` closes them with nothing half done."""

    settings: Settings
    ledger: Ledger
    worker: Worker
    around: Surroundings
    sftp: Server
    collected: Collected
    vitals: Vitals
    scheduler: AsyncIOScheduler = field(default_factory=lambda: AsyncIOScheduler(timezone=UTC))
    faults: tuple[SetupFault, ...] = ()
    snapshot: Snapshot | None = None
    http_port: int = 0
    internal_port: int = 0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _closing: list[asyncio.Task[None]] = field(default_factory=list)
    _failure: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def build(cls, settings: Settings) -> Gateway:
        """Opens the ledger and makes the parts; nothing listens yet. Raises `SetupError`."""
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        ledger = open_ledger(settings, "run")
        worker = Worker(
            ledger,
            f"{socket.gethostname()}:{os.getpid()}",
            now,
            limits=limits(settings),
            lease=timedelta(seconds=settings.lease_seconds),
            concurrency=settings.concurrency,
            batch=settings.batch_sets,
            inline=settings.inline_bytes,
        )
        host_key = settings.var_dir / "keys" / "sftp_host_key"
        collected = Collected(ledger, now)
        server = Server(host_key, settings.sftp_host, settings.sftp_port, told=collected.hear)
        vitals = Vitals(ledger, folders_of(settings), settings.min_free_bytes)
        return cls(settings, ledger, worker, surroundings(settings), server, collected, vitals)

    async def start(self) -> None:
        """Loads the house, takes up what was left unfinished, and opens every door."""
        asyncio.get_running_loop().set_default_executor(file_threads(self.settings.concurrency))
        for warning in strangers(os.environ):
            log.warning("setup", fault=str(warning))
        previous = await self.ledger.read(lambda tx: last_good(tx, self.around))
        loaded = await asyncio.to_thread(load, self.settings.partners_dir, self.around, previous)
        if loaded.snapshot is None:
            raise SetupError(loaded.faults)
        await self.adopt(loaded)
        freed = await self.ledger.commit(work.forget_leases)
        left = await self.worker.sweep()
        log.info("started", unfinished=left, freed=freed)
        self._spawn(self.worker.queue.run(), "queue")
        self._spawn(self.sftp.serve(self.worker.accept), "sftp")
        self._spawn(self.collected.run(), "collected")
        self._spawn(self.worker.sweep_forever(self.settings.sweep_seconds), "sweeper")
        self._spawn(self._reload(), "reload")
        self._serve_http()
        self._serve_internal()
        await self._sftp_open()
        self.scheduler.start()
        collector.spare()
        log.info("open", http=self.http_port, sftp=await self.sftp.port())

    async def stop(self) -> None:
        """Takes nothing new, finishes what is in hand, closes the ledger."""
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        self.worker.stop()
        running = {task.get_name(): task for task in self._tasks}
        for name, task in running.items():
            if name != "queue":
                task.cancel()
        await asyncio.gather(*self._tasks, *self._closing, leave(self.worker.doors), return_exceptions=True)
        with suppress(LedgerUnavailable):
            await self.collected.write()
        await self.vitals.close()
        await self.worker.close()
        await asyncio.to_thread(self.ledger.close)
        log.info("stopped")

    @property
    def health_failed(self) -> bool:
        return self._failure.is_set()

    async def failed(self) -> None:
        """Returns when a part ended that must not end."""
        await self._failure.wait()

    # -- the house and its doors

    async def adopt(self, loaded: Loaded) -> None:
        """From the next step on documents are processed by this snapshot; doors that changed are changed."""
        known, self.faults = self.faults, loaded.faults
        metrics.SETUP_FAULTS.set(sum(not fault.warning for fault in loaded.faults))
        for fault in loaded.faults:
            if fault not in known:
                (log.warning if fault.warning else log.error)("setup", fault=str(fault))
        snapshot = loaded.snapshot
        if snapshot is None:
            return
        body = json.dumps(dict(snapshot.texts), ensure_ascii=False).encode()
        await self.ledger.commit(lambda tx: snapshots.adopt(tx, snapshot.digest, body, now()))
        self.snapshot = snapshot
        before, self.worker.doors = self.worker.doors, self._opened(snapshot)
        self._closing = [task for task in self._closing if not task.done()]
        self._closing.append(asyncio.create_task(leave(before)))
        self.worker.house = House(snapshot, self.worker.house)
        log.info("adopted", snapshot=snapshot.digest[:12], partners=sorted(snapshot.partners))

    def _opened(self, snapshot: Snapshot) -> Doors:
        """The doors that the snapshot declares; what is looked into is looked into from now on."""
        made = doors_of(snapshot, self.settings, self.around.secrets, self.sftp)
        self.sftp.adopt(made.mailboxes)
        self._tell_outages(made.doors, made.left_out)
        self._schedule(made.doors.pollers)
        return made.doors

    def _tell_outages(self, doors: Doors, left_out: Mapping[str, GatewayError]) -> None:
        """What failed before and is still there goes on failing; a channel that cannot be opened fails too."""
        systems = (f"{OF_A_SYSTEM}{name}" for name in doors.systems)
        self.worker.outages.keep({*doors.pollers, *doors.senders, *systems}, left_out, now())

    def _schedule(self, pollers: Mapping[str, Poller]) -> None:
        """When to look where. A trigger only queues the look; the queue refuses a second one while the first runs."""
        self.scheduler.remove_all_jobs()
        for name, poller in pollers.items():
            job = Job(Step.POLL, name)
            self.scheduler.add_job(
                self.worker.queue.put,
                "interval",
                [[job]],
                id=job.key,
                seconds=poller.every,
                jitter=poller.every / 10,
                next_run_time=now(),
            )

    # -- parts that run until they are stopped

    def _spawn(self, work: Any, name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            log.error("a part failed", part=task.get_name(), why=repr(task.exception()))
            self._failure.set()

    async def _reload(self) -> None:
        """Adopts profiles that are dropped in or changed; a bad file leaves its last good version running."""
        settings = self.settings
        async for loaded in watch(settings.partners_dir, self.around, self.snapshot, settings.reload_seconds):
            await self.adopt(loaded)
            try:
                self._serve_internal()
            except SetupError as error:
                log.error("door left shut", why=str(error))

    async def _sftp_open(self) -> None:
        """Returns once our SFTP server listens. Raises `SetupError` when it cannot."""
        opened = asyncio.ensure_future(self.sftp.port())
        serving = next(task for task in self._tasks if task.get_name() == "sftp")
        await asyncio.wait([opened, serving], return_when=asyncio.FIRST_COMPLETED)
        if opened.done():
            return
        opened.cancel()
        raise taken("SFTP", self.settings.sftp_host, self.settings.sftp_port, serving.exception())

    def _serve_http(self) -> None:
        application = api.application(self.health, metrics.REGISTRY)
        self.http_port = self._open("HTTP", self.settings.http_host, self.settings.http_port, application)

    def _serve_internal(self) -> None:
        """Opens the port where systems give us documents, once there is one that may."""
        systems = self.snapshot.company.systems.values() if self.snapshot else ()
        if self.internal_port or not any(system.token for system in systems):
            return
        settings = self.settings
        internal = Internal(self.worker.accept, self.speaker, self._earlier, settings.max_set_bytes)
        self.internal_port = self._open(
            "INTERNAL", settings.internal_host, settings.internal_port, internal.application()
        )
        log.info("open", internal=self.internal_port)

    def speaker(self, token: str) -> str | None:
        """The system that a token speaks for, as the house is now."""
        snapshot = self.snapshot
        if snapshot is None:
            return None
        return speaker_of(snapshot.company.systems, resolver(snapshot, self.around.secrets), token)

    async def _earlier(self, channel: str, key: str) -> tuple[str, str] | None:
        return await self.ledger.read(lambda tx: arrivals.first_under(tx, channel, key))

    def _open(self, what: str, host: str, port: int, application: Starlette) -> int:
        """Serves on a port from now on; returns which. Raises `SetupError` when it cannot."""
        try:
            bound = socket.create_server((host, port))
        except OSError as error:
            raise taken(what, host, port, error) from error
        config = uvicorn.Config(application, log_config=None, lifespan="off", server_header=False)
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are the caller's
        port = int(bound.getsockname()[1])
        serving = self._spawn(server._serve([bound]), what.lower())
        serving.add_done_callback(lambda _: bound.close())
        return port

    def _ends(self) -> dict[str, str]:
        """The parts that ended and must not end, each with its reason."""
        ended = [task for task in self._tasks if task.done() and not task.cancelled()]
        return {task.get_name(): repr(task.exception()) for task in ended if task.exception() is not None}

    async def health(self) -> dict[str, Any]:
        """Well when every part runs and we can store; else `trouble` says which part, and why.

        Setup faults and channels whose looks fail are told, and make nobody unwell: a restart mends neither.
        """
        parts = {task.get_name(): "running" if not task.done() else "stopped" for task in self._tasks}
        trouble = self._ends() | await self.vitals.trouble()
        return {
            "well": not self._failure.is_set() and not trouble,
            "trouble": trouble,
            "parts": parts,
            "waiting": self.worker.queue.waiting,
            "snapshot": self.snapshot.digest[:12] if self.snapshot else None,
            "channels_failing": self.worker.outages.as_dict(),
            "setup_faults": sum(not fault.warning for fault in self.faults),
        }


def file_threads(concurrency: int) -> ThreadPoolExecutor:
    """Threads that wait for the disk, one for each step in hand: syncing many together takes little longer."""
    return ThreadPoolExecutor(max(concurrency, 8), thread_name_prefix="files")


def taken(what: str, host: str, port: int, error: BaseException | None) -> SetupError:
    """A door that cannot be opened, and which setting moves it."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else error
    return SetupError(
        f"opening the {what} port {host}:{port}: {why}; set GATEWAY_{what}_PORT, 0 takes a free one"
    )


def last_good(tx: Connection, around: Surroundings) -> Snapshot | None:
    """The snapshot that ran last, so that a profile broken while we were down goes on as it was."""
    kept = snapshots.latest(tx)
    if kept is None:
        return None
    try:
        return restore(json.loads(kept.body), around)
    except SetupError as error:
        log.warning("the last snapshot cannot be restored", why=str(error))
        return None


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Gateway]:
    """A gateway for the length of a `with` block."""
    async with AsyncExitStack() as stack:
        gateway = Gateway.build(settings)
        stack.push_async_callback(gateway.stop)
        await gateway.start()
        with suppress(asyncio.CancelledError):
            yield gateway
