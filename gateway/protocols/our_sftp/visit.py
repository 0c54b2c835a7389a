"""One partner's session: each request in, one reply out, no socket.

An upload becomes an arrival when its handle is closed, or when its unfinished name is exchanged for the last one;
the reply waits for `accept`. Uploads that are still open when the partner leaves never existed.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from gateway.arrival import Accept, Arrival, Content
from gateway.errors import GatewayError, LedgerUnavailable
from gateway.faultpoints import reach
from gateway.faults import shown
from gateway.protocols.our_sftp import wire
from gateway.protocols.our_sftp.home import Full, Home, Quota, is_ours, is_unfinished
from gateway.protocols.our_sftp.refusal import reason_of, refusal, words_of
from gateway.protocols.our_sftp.upload import IN_MEMORY, Upload
from gateway.protocols.our_sftp.wire import Request, Status

MOST_HANDLES = 64
ROWS = 100

FETCHED, REMOVED, REFUSED, UNFINISHED = "fetched", "removed", "refused", "unfinished"


class Told(Protocol):
    """Told of a channel what became of a file: `fetched` or `removed` from `out/`, or of an upload: `refused`, and
    why, or `unfinished`, left under a name that is not the last one.

    Of a login that failed `name` is who tried; the channel is empty where nobody has that name. Whys are few.
    """

    def __call__(self, channel: str, name: str, what: str, why: str = "") -> None: ...


log = structlog.get_logger()


@dataclass(slots=True)
class Fetch:
    """A file being read by the partner; `reached` is how far."""

    path: str
    file: int
    size: int
    reached: int = 0


@dataclass(slots=True)
class Listing:
    """A folder being listed."""

    rows: list[tuple[str, wire.Attributes]]


Handle = Upload | Fetch | Listing


class Visit:
    """What a client may do. `answer` returns the reply, or an awaitable of it where the ledger is involved."""

    def __init__(
        self,
        channel: str,
        partner: str | None,
        home: Home,
        quota: Quota,
        accept: Accept,
        told: Told,
        address: str = "",
    ) -> None:
        self.channel, self.partner, self.home, self.quota = channel, partner, home, quota
        self.accept, self.told, self.address = accept, told, address
        self._handles: dict[bytes, Handle] = {}
        self._opened = 0
        self._settling: dict[str, asyncio.Future[None]] = {}

    def answer(self, request: Request) -> bytes | Awaitable[bytes]:
        """Never raises: what goes wrong is a status. Requests for a path that is being stored wait for that."""
        waiting = self._waiting_for(request)
        return self._after(waiting, request) if waiting else self._answer(request)

    def leave(self) -> None:
        """The partner is gone: what was not closed never came."""
        for held in self._handles.values():
            self._drop(held)
        self._handles.clear()

    def _waiting_for(self, request: Request) -> list[asyncio.Future[None]]:
        if not self._settling or request.operation in BY_HANDLE:
            return []
        paths = (
            posixpath.normpath(b"/" + sent.lstrip(b"/"))
            for sent in request.arguments
            if isinstance(sent, bytes)
        )
        return [self._settling[path] for path in map(_readable, paths) if path in self._settling]

    async def _after(self, waiting: list[asyncio.Future[None]], request: Request) -> bytes:
        await asyncio.wait(waiting)
        reply = self._answer(request)
        return reply if isinstance(reply, bytes) else await reply

    def _answer(self, request: Request) -> bytes | Awaitable[bytes]:
        operation = getattr(self, f"_{request.operation}", None) if request.operation in KNOWN else None
        if operation is None:
            return wire.status(request.number, Status.UNSUPPORTED, "this is not supported here")
        try:
            reply: bytes | Awaitable[bytes] = operation(request.number, *request.arguments)
        except OSError as error:
            return refusal(request.number, error)
        return reply

    # -- handles

    def _hold(self, number: int, held: Handle) -> bytes:
        self._opened += 1
        name = self._opened.to_bytes(4, "big")
        self._handles[name] = held
        return wire.handle(number, name)

    def _held(self, name: bytes) -> Handle:
        if name not in self._handles:
            raise OSError("no such handle")
        return self._handles[name]

    def _drop(self, held: Handle) -> None:
        if isinstance(held, Upload):
            self.home.arriving -= held.size
            held.discard()
        elif isinstance(held, Fetch):
            os.close(held.file)

    def _open(self, number: int, sent: bytes, flags: int) -> bytes:
        if not flags & wire.WRITE:
            return self._open_one(number, sent, self._fetch)
        try:
            return self._open_one(number, sent, lambda path: self._upload(path, flags))
        except OSError as error:
            self._refused(_readable(sent), error)
            raise

    def _open_one(self, number: int, sent: bytes, opened: Callable[[str], Handle]) -> bytes:
        if len(self._handles) >= MOST_HANDLES:
            raise OSError("too many open files")
        return self._hold(number, opened(self.home.path(sent)))

    def _fetch(self, path: str) -> Fetch:
        if self.home.about(path).folder:
            raise OSError("is a folder")
        file = os.open(self.home.real(path), os.O_RDONLY | os.O_NOFOLLOW)
        return Fetch(path, file, os.fstat(file).st_size)

    def _upload(self, path: str, flags: int) -> Upload:
        if is_ours(path):
            raise PermissionError("out/ is for what we have for you")
        real = self.home.real(path)
        if not real.parent.is_dir():
            self.home.stand()
        if not real.parent.is_dir():
            raise FileNotFoundError("no such folder")
        if real.is_dir():
            raise OSError("is a folder")
        if real.exists() and not flags & wire.TRUNCATE:
            raise OSError("continuing a file is not supported; send it from the start")
        return Upload(path, self.home.work, self.home.room(self.quota))

    def _close(self, number: int, name: bytes) -> bytes | Awaitable[bytes]:
        held = self._held(name)
        del self._handles[name]
        if isinstance(held, Upload):
            return self._close_upload(number, held)
        self._drop(held)
        if isinstance(held, Fetch) and is_ours(held.path) and held.reached >= held.size:
            self.told(self.channel, posixpath.basename(held.path), FETCHED)
        return wire.status(number, Status.OK)

    def _close_upload(self, number: int, upload: Upload) -> bytes | Awaitable[bytes]:
        if not is_unfinished(upload.path):
            return self._settle(upload.path, self._store_upload(number, upload))
        try:
            upload.keep(self.home.real(upload.path))
        except OSError as error:
            self._unfinished(upload, error)
            raise
        finally:
            self._drop(upload)
        return wire.status(number, Status.OK)

    def _read(self, number: int, name: bytes, offset: int, length: int) -> bytes:
        held = self._held(name)
        if not isinstance(held, Fetch):
            raise PermissionError("this handle is not for reading")
        chunk = os.pread(held.file, min(length, wire.LONGEST_DATA), offset)
        held.reached = max(held.reached, offset + len(chunk))
        return wire.data(number, chunk) if chunk else wire.status(number, Status.EOF, "end of file")

    def _write(self, number: int, name: bytes, offset: int, data: bytes) -> bytes:
        held = self._held(name)
        if not isinstance(held, Upload):
            raise PermissionError("this handle is not for writing")
        try:
            self._grow(held, offset, data)
        except OSError as error:
            if not held.spoiled:
                self._refused(held.path, error)
            held.spoiled = words_of(error)
            raise
        return wire.status(number, Status.OK)

    def _grow(self, upload: Upload, offset: int, data: bytes) -> None:
        before = upload.size
        upload.write(offset, data)
        self.home.arriving += upload.size - before
        if self.home.arriving > self.quota.bytes:
            raise Full("the mailbox is full")

    # -- storing

    def _settle(self, path: str, storing: Awaitable[bytes]) -> Awaitable[bytes]:
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settling[path] = settled

        async def stored() -> bytes:
            try:
                return await storing
            finally:
                if self._settling.get(path) is settled:
                    del self._settling[path]
                settled.set_result(None)

        return stored()

    async def _store_upload(self, number: int, upload: Upload) -> bytes:
        try:
            content = await asyncio.to_thread(upload.content) if upload.large else upload.content()
            return self._outcome(number, await self._store(upload.path, content))
        except OSError as error:
            self._unfinished(upload, error)
            return refusal(number, error)
        finally:
            self._drop(upload)

    async def _store_renamed(self, number: int, path: str, source: Path) -> bytes:
        try:
            why_not = await self._store(path, await asyncio.to_thread(content_of, source))
            if not why_not:
                await asyncio.to_thread(source.unlink, missing_ok=True)
        except OSError as error:
            self._refused(path, error)
            return refusal(number, error)
        return self._outcome(number, why_not)

    async def _store(self, path: str, content: Content) -> str:
        """Hands the file to the ledger. Returns why it was not taken, or the empty text when the ledger has it."""
        key = f"{path}:{content.digest}"
        name = posixpath.basename(path)
        arrival = Arrival(self.channel, self.partner, "our_sftp", name, key, content, datetime.now(UTC))
        reach("our_sftp.before_accept")
        try:
            await self.accept(arrival)
        except LedgerUnavailable as error:
            self._refused(path, error)
            return "not stored; send it again later"
        except GatewayError as error:
            self._refused(path, error)
            return f"not taken: {error}"
        except Exception as error:
            log.exception("accept failed", channel=self.channel, name=name)
            self._refused(path, LedgerUnavailable(f"a fault of ours: {error!r}"))
            return "not stored; send it again later"
        reach("our_sftp.after_accept")
        self.home.remember(path, content.size)
        return ""

    def _refused(self, path: str, error: OSError | GatewayError) -> None:
        """For the operator: the partner may never say that an upload failed."""
        why = words_of(error) if isinstance(error, OSError) else str(error)
        told = {"channel": self.channel, "name": shown(path, 120), "address": self.address, "why": why}
        log.warning("sftp upload refused", **told)
        self.told(self.channel, posixpath.basename(path), REFUSED, reason_of(error))

    def _unfinished(self, upload: Upload, error: OSError) -> None:
        """What was refused while it was being written is told already."""
        if not upload.spoiled:
            self._refused(upload.path, error)

    @staticmethod
    def _outcome(number: int, why_not: str) -> bytes:
        return wire.status(number, Status.FAILURE if why_not else Status.OK, why_not)

    # -- paths

    def _rename(self, number: int, sent: bytes, target: bytes) -> bytes | Awaitable[bytes]:
        return self._exchange(number, self.home.path(sent), self.home.path(target), replace=False)

    def _posix_rename(self, number: int, sent: bytes, target: bytes) -> bytes | Awaitable[bytes]:
        return self._exchange(number, self.home.path(sent), self.home.path(target), replace=True)

    def _exchange(self, number: int, old: str, new: str, replace: bool) -> bytes | Awaitable[bytes]:
        if is_ours(old) != is_ours(new) or old in FIXED or new in FIXED:
            raise PermissionError("files do not move between out/ and elsewhere")
        if self.home.forget(old):
            return wire.status(number, Status.OK)
        source, target = self.home.real(old), self.home.real(new)
        if not source.is_file():
            raise FileNotFoundError("no such file")
        if target.exists() and not replace:
            raise FileExistsError("there is already a file of that name")
        if not is_ours(new) and not is_unfinished(new):
            return self._settle(new, self._store_renamed(number, new, source))
        source.rename(target)
        return wire.status(number, Status.OK)

    def _remove(self, number: int, sent: bytes) -> bytes:
        path = self.home.path(sent)
        if not self.home.forget(path):
            self.home.real(path).unlink()
            if is_ours(path):
                self.told(self.channel, posixpath.basename(path), REMOVED)
        return wire.status(number, Status.OK)

    def _mkdir(self, number: int, sent: bytes) -> bytes:
        path = self.home.path(sent)
        if is_ours(path):
            raise PermissionError("out/ is for what we have for you")
        self.home.room(self.quota)
        self.home.real(path).mkdir(mode=0o700)
        return wire.status(number, Status.OK)

    def _rmdir(self, number: int, sent: bytes) -> bytes:
        path = self.home.path(sent)
        if path in FIXED or is_ours(path):
            raise PermissionError("this folder stays")
        self.home.real(path).rmdir()
        return wire.status(number, Status.OK)

    # -- looking

    def _stat(self, number: int, sent: bytes) -> bytes:
        return wire.attributes(number, self.home.about(self.home.path(sent)))

    _lstat = _stat

    def _fstat(self, number: int, name: bytes) -> bytes:
        held = self._held(name)
        if isinstance(held, Listing):
            raise OSError("this handle is of a folder")
        return wire.attributes(number, wire.Attributes(held.size, folder=False, modified=0))

    def _setstat(self, number: int, sent: bytes) -> bytes:
        """Times and permissions are ours; clients set them after each upload and must not fail for it."""
        return wire.status(number, Status.OK)

    _fsetstat = _setstat

    def _realpath(self, number: int, sent: bytes) -> bytes:
        return wire.names(number, [(self.home.path(sent), wire.Attributes(0, folder=True, modified=0))])

    def _opendir(self, number: int, sent: bytes) -> bytes:
        if len(self._handles) >= MOST_HANDLES:
            raise OSError("too many open files")
        return self._hold(number, Listing(self.home.listing(self.home.path(sent))))

    def _readdir(self, number: int, name: bytes) -> bytes:
        held = self._held(name)
        if not isinstance(held, Listing):
            raise OSError("this handle is not of a folder")
        rows, held.rows = held.rows[:ROWS], held.rows[ROWS:]
        return wire.names(number, rows) if rows else wire.status(number, Status.EOF, "end of folder")

    def _limits(self, number: int) -> bytes:
        return wire.limits(number)


FIXED = frozenset({"/", "/in", "/out"})
BY_HANDLE = frozenset({"close", "read", "write", "fstat", "fsetstat", "readdir", "limits"})
KNOWN = frozenset({name for name, _ in (*wire.OPERATIONS.values(), *wire.EXTENDED.values())})


def _readable(path: bytes) -> str:
    return path.decode("utf-8", "replace")


def content_of(path: Path) -> Content:
    """The file's bytes, in memory when small. Never follows a link."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(file, "rb") as opened:
        if os.fstat(file).st_size <= IN_MEMORY:
            return Content.of_bytes(opened.read())
    return Content.of_file(path)
