"""Fetching from a partner's SFTP host: a file is taken when it is whole, and filed away there only after `accept`.

Nothing that stops in the middle does harm: a file is filed away only after the ledger has it, and one that is fetched
twice has the same transport key.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import posixpath
import stat
import uuid
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

import asyncssh
import structlog

from gateway.arrival import Accept, Arrival, Content
from gateway.errors import GatewayError, LedgerUnavailable
from gateway.faultpoints import reach
from gateway.protocols.ports import LONGEST_NAME, Channel, ending, serve_by_polling
from gateway.protocols.settings import Pull
from gateway.protocols.sftp.host import LOST, Host

IN_MEMORY = 1 << 18
CHUNK = 2 << 20
TAKEN = ".taken"
KEEP_OPEN = 300.0
REMEMBERED = 10_000

Look = tuple[int, int]
T = TypeVar("T")

log = structlog.get_logger()


class TooLarge(Exception):
    """The file is over the limit; the text says so."""


class Changing(Exception):
    """The file is not what it was a moment ago: somebody is still writing it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file on the host: the name its sender gave it, and the path it has now."""

    name: str
    path: str
    look: Look


class SftpListener:
    """Looks into one folder of one host."""

    def __init__(self, channel: Channel, host: Host, pull: Pull) -> None:
        self._channel, self._host, self._pull = channel, host, pull
        self._seen: dict[str, Look] = {}
        self._finished: OrderedDict[str, Look] = OrderedDict()
        self.every = pull.every
        self.unsettled = True

    async def serve(self, accept: Accept) -> None:
        try:
            await serve_by_polling(self, accept, self._channel.name)
        finally:
            await self.close()

    async def close(self) -> None:
        await self._host.close()

    async def poll(self, accept: Accept) -> int:
        """Fetches what is ready, the oldest first. One bad file does not stop the others; a lost connection does."""
        count = 0
        async with self._host.session(f"fetching from {self._pull.from_}") as sftp:
            for candidate in await self._ready(sftp):
                count += await self._one(sftp, candidate, accept)
        if self.every > KEEP_OPEN:
            await self._host.close()
        return count

    async def _in_time(self, step: Awaitable[T]) -> T:
        async with asyncio.timeout(self._host.timeout):
            return await step

    # -- what is there

    async def _ready(self, sftp: asyncssh.SFTPClient) -> list[Candidate]:
        found = await self._in_time(sftp.readdir(self._pull.from_))
        names = {str(entry.filename): entry.attrs for entry in found if may_be_file(entry.attrs)}
        looks = {name: look_of(attrs) for name, attrs in names.items() if self._wants(name)}
        ready = [
            self._candidate(name, look) for name, look in looks.items() if self._is_ready(name, look, names)
        ]
        self._seen = looks
        self.unsettled = self._pull.ready == "stable" and len(ready) < len(looks)
        return sorted(ready, key=lambda candidate: (candidate.look[1], candidate.name))

    def _candidate(self, name: str, look: Look) -> Candidate:
        return Candidate(name.removesuffix(TAKEN), posixpath.join(self._pull.from_, name), look)

    def _wants(self, name: str) -> bool:
        if name.endswith(TAKEN):
            return self._pull.take == "rename" and self._pull.wants(name.removesuffix(TAKEN))
        return self._pull.wants(name)

    def _is_ready(self, name: str, look: Look, names: dict[str, asyncssh.SFTPAttrs]) -> bool:
        if name.endswith(TAKEN):
            return True
        if self._pull.marker_pattern:
            return any(marker in names for marker in self._pull.markers(name))
        return self._pull.ready == "rename" or self._seen.get(name) == look

    # -- one file

    async def _one(self, sftp: asyncssh.SFTPClient, candidate: Candidate, accept: Accept) -> bool:
        try:
            if self._finished.get(candidate.path) == candidate.look:
                await self._finish(sftp, candidate)
                return False
            return await self._take(sftp, candidate, accept)
        except LedgerUnavailable:
            raise
        except (GatewayError, TooLarge) as error:
            await self._put_aside(sftp, candidate, str(error))
        except LOST:
            raise
        except (Changing, asyncssh.SFTPError) as error:
            self.unsettled |= isinstance(error, Changing)
            log.warning(
                "file left for later", channel=self._channel.name, name=candidate.name, error=str(error)
            )
        return False

    async def _take(self, sftp: asyncssh.SFTPClient, candidate: Candidate, accept: Accept) -> bool:
        candidate = await self._renamed(sftp, candidate)
        content = await self._fetched(sftp, candidate)
        reach("sftp.after_fetch")
        try:
            await accept(self._arrival(candidate.name, content))
        finally:
            await asyncio.to_thread(forget, content)
        reach("sftp.after_accept")
        self._remember(candidate)
        await self._finish(sftp, candidate)
        reach("sftp.after_done")
        return True

    def _arrival(self, name: str, content: Content) -> Arrival:
        key = f"{posixpath.join(self._pull.from_, name)}:{content.digest}"
        now = datetime.now(UTC)
        return Arrival(self._channel.name, self._channel.partner, "sftp", name, key, content, now)

    def _remember(self, candidate: Candidate) -> None:
        """So that a file we may read but not file away is fetched once, not at every look."""
        self._finished[candidate.path] = candidate.look
        if len(self._finished) > REMEMBERED:
            self._finished.popitem(last=False)

    async def _renamed(self, sftp: asyncssh.SFTPClient, candidate: Candidate) -> Candidate:
        """The candidate out of everybody's way, where the profile asks for it and the host lets us."""
        taken = candidate.path + TAKEN
        if self._pull.take != "rename" or candidate.path.endswith(TAKEN):
            return candidate
        if len(os.fsencode(posixpath.basename(taken))) > LONGEST_NAME:
            return candidate  # what it was called could not be told from a name that is cut
        reach("sftp.before_take")
        try:
            await self._in_time(sftp.rename(candidate.path, taken))
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPOpUnsupported):
            return candidate
        reach("sftp.after_take")
        return Candidate(candidate.name, taken, candidate.look)

    async def _fetched(self, sftp: asyncssh.SFTPClient, candidate: Candidate) -> Content:
        """The whole file, spooled to disk when large. Raises Changing unless it has the size it was listed with."""
        size, limit = candidate.look[0], self._channel.max_bytes
        if size > limit:
            raise TooLarge(f"the file has {size} bytes and the limit is {limit}")
        spool = self._channel.store / uuid.uuid4().hex if size > IN_MEMORY else None
        try:
            return await self._received(sftp, candidate, Receiving(spool))
        except BaseException:
            if spool:
                await asyncio.to_thread(spool.unlink, missing_ok=True)
            raise

    async def _received(
        self, sftp: asyncssh.SFTPClient, candidate: Candidate, receiving: Receiving
    ) -> Content:
        size = candidate.look[0]
        async with await self._in_time(sftp.open(candidate.path, "rb")) as file:
            while receiving.size <= size:
                chunk = await self._in_time(file.read(CHUNK, receiving.size))
                if not chunk:
                    break
                await asyncio.to_thread(receiving.add, cast(bytes, chunk))
            now = (await self._in_time(file.stat())).size
        if not receiving.size == size == (size if now is None else now):
            raise Changing(f"listed with {size} bytes, read {receiving.size}")
        return receiving.content()

    # -- afterwards

    async def _finish(self, sftp: asyncssh.SFTPClient, candidate: Candidate) -> None:
        """Markers first: one left behind would call the next file of that name ready before it is."""
        try:
            for marker in self._pull.markers(candidate.name) if self._pull.marker_pattern else ():
                await self._remove_if_there(sftp, posixpath.join(self._pull.from_, marker))
            await self._file_away(sftp, candidate)
        except asyncssh.SFTPNoSuchFile:
            pass
        except LOST:
            raise
        except asyncssh.SFTPError as error:
            log.warning(
                "file not filed away", channel=self._channel.name, name=candidate.name, error=error.reason
            )
            return
        self._finished.pop(candidate.path, None)

    async def _file_away(self, sftp: asyncssh.SFTPClient, candidate: Candidate) -> None:
        if self._pull.done == "delete":
            await self._in_time(sftp.remove(candidate.path))
        elif suffix := self._pull.done_suffix:
            await self._move(sftp, candidate.path, posixpath.join(self._pull.from_, candidate.name), suffix)
        else:
            folder = posixpath.join(self._pull.from_, self._pull.archive(datetime.now(UTC).date()))
            await self._in_time(sftp.makedirs(folder, exist_ok=True))
            await self._move(sftp, candidate.path, posixpath.join(folder, candidate.name))

    async def _move(self, sftp: asyncssh.SFTPClient, path: str, target: str, suffix: str = "") -> str:
        """To `target` + suffix, or to the first of `target.1` + suffix ... that nothing has."""
        folder, name = posixpath.split(target)
        free, number = posixpath.join(folder, ending(name, suffix)), 0
        while await self._in_time(sftp.lexists(free)):
            number += 1
            free = posixpath.join(folder, ending(name, f".{number}{suffix}"))
        await self._in_time(sftp.rename(path, free))
        return free

    async def _remove_if_there(self, sftp: asyncssh.SFTPClient, path: str) -> None:
        try:
            await self._in_time(sftp.remove(path))
        except asyncssh.SFTPNoSuchFile:
            return

    async def _put_aside(self, sftp: asyncssh.SFTPClient, candidate: Candidate, why: str) -> None:
        """Into the error folder, with a text beside it; where the host does not let us, it is only left alone."""
        log.warning("file put aside", channel=self._channel.name, name=candidate.name, error=why)
        self._remember(candidate)
        folder = posixpath.join(self._pull.from_, self._pull.bad)
        try:
            await self._in_time(sftp.makedirs(folder, exist_ok=True))
            moved = await self._move(sftp, candidate.path, posixpath.join(folder, candidate.name))
            async with await self._in_time(
                sftp.open(posixpath.join(folder, ending(posixpath.basename(moved), ".txt")), "wb")
            ) as file:
                await self._in_time(file.write(f"{why}\n".encode()))
        except LOST:
            raise
        except asyncssh.SFTPError as error:
            log.warning(
                "file not put aside", channel=self._channel.name, name=candidate.name, error=error.reason
            )


class Receiving:
    """Bytes as they come, hashed on the way, in memory or in a spool file."""

    def __init__(self, spool: Path | None) -> None:
        self._spool, self._digest, self._memory = spool, hashlib.sha256(), bytearray()
        self.size = 0

    def add(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.size += len(chunk)
        if self._spool is None:
            self._memory += chunk
            return
        self._spool.parent.mkdir(parents=True, exist_ok=True)
        with self._spool.open("ab") as file:
            file.write(chunk)

    def content(self) -> Content:
        data = bytes(self._memory) if self._spool is None else None
        return Content(self._digest.hexdigest(), self.size, data, self._spool)


def forget(content: Content) -> None:
    """Removes the spooled copy, if `accept` has not moved it away."""
    if content.path is not None:
        content.path.unlink(missing_ok=True)


def may_be_file(attrs: asyncssh.SFTPAttrs) -> bool:
    """Not a folder, link or device, as far as the host says what it is."""
    return attrs.permissions is None or not stat.S_IFMT(attrs.permissions) or stat.S_ISREG(attrs.permissions)


def look_of(attrs: asyncssh.SFTPAttrs) -> Look:
    return int(attrs.size or 0), int(attrs.mtime or 0)
