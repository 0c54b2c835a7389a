"""Giving to a partner's SFTP host: uploaded under a temporary name, its size checked, then renamed."""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar, cast

import asyncssh

from gateway.arrival import Content
from gateway.errors import Refused, TransportError
from gateway.faultpoints import reach
from gateway.protocols.ports import ending, sendable
from gateway.protocols.settings import TAKEN, Push
from gateway.protocols.sftp.host import LOST, Host

CHUNK = 2 << 20

T = TypeVar("T")


class SftpSender:
    """Puts files into one folder of one host."""

    def __init__(self, host: Host, push: Push) -> None:
        self._host, self._push = host, push

    async def close(self) -> None:
        await self._host.close()

    async def send(self, name: str, content: Content) -> None:
        """The same name and bytes again change nothing; other bytes are refused unless `push.replace` is set."""
        target = posixpath.join(self._push.to, sendable(name))
        async with self._host.session(f"putting {name} into {self._push.to}") as sftp:
            there = await self._compare(sftp, target, content)
            if there == "same":
                return
            if there == "other" and not self._push.replace:
                raise Refused(f"putting {target} at {self._host.name}: {TAKEN}")
            reach("sftp.before_upload")
            unfinished = posixpath.join(self._push.to, ending(name, ".tmp"))
            await self._upload(sftp, unfinished, content)
            reach("sftp.before_rename")
            await self._rename(sftp, unfinished, target)
            reach("sftp.after_rename")

    async def _in_time(self, step: Awaitable[T]) -> T:
        async with asyncio.timeout(self._host.timeout):
            return await step

    async def _compare(self, sftp: asyncssh.SFTPClient, target: str, content: Content) -> str:
        """`same`, `other`, or `unknown` when nothing is there or the host does not let us look."""
        try:
            size = (await self._in_time(sftp.stat(target))).size
        except LOST:
            raise
        except asyncssh.SFTPError:
            return "unknown"
        if size != content.size:
            return "other"
        try:
            return "same" if await self._digest(sftp, target, content.size) == content.digest else "other"
        except LOST:
            raise
        except asyncssh.SFTPError:
            return "unknown"

    async def _digest(self, sftp: asyncssh.SFTPClient, target: str, size: int) -> str:
        digest, offset = hashlib.sha256(), 0
        async with await self._in_time(sftp.open(target, "rb")) as file:
            while offset <= size and (chunk := await self._in_time(file.read(CHUNK, offset))):
                digest.update(cast(bytes, chunk))
                offset += len(chunk)
        return digest.hexdigest()

    async def _upload(self, sftp: asyncssh.SFTPClient, path: str, content: Content) -> None:
        offset = 0
        async with await self._in_time(sftp.open(path, "wb")) as file:
            async for chunk in chunks(content):
                await self._in_time(file.write(chunk, offset))
                offset += len(chunk)
        arrived = (await self._in_time(sftp.stat(path))).size
        if arrived is not None and arrived != content.size:
            raise TransportError(f"uploading {path}: {arrived} of {content.size} bytes have come")

    async def _rename(self, sftp: asyncssh.SFTPClient, path: str, target: str) -> None:
        """Plain rename does not overwrite; to replace, the POSIX one in one step, or remove and rename."""
        if not self._push.replace:
            return await self._in_time(sftp.rename(path, target))
        try:
            return await self._in_time(sftp.posix_rename(path, target))
        except asyncssh.SFTPOpUnsupported:
            pass
        if await self._in_time(sftp.exists(target)):
            await self._in_time(sftp.remove(target))
        return await self._in_time(sftp.rename(path, target))


async def chunks(content: Content) -> AsyncIterator[bytes]:
    """The bytes, a few at a time."""
    if content.path is None:
        data = content.data or b""
        for at in range(0, len(data), CHUNK):
            yield data[at : at + CHUNK]
        return
    file = await asyncio.to_thread(content.path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
    finally:
        file.close()
