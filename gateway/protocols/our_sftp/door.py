"""One SFTP session on an SSH connection: moves bytes between the channel and a visit, keeps the order of replies free.

Replies may overtake each other, as SFTP allows: while one file is being stored the next is already read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncssh

from gateway.faultpoints import reach
from gateway.protocols.our_sftp import wire
from gateway.protocols.our_sftp.visit import Visit

MOST_STORING = 32
"""So many files of one session may be waiting for the ledger; then the session is not read further."""


class Door(asyncssh.SSHServerSession[bytes]):
    """Answers only to the subsystem `sftp`: no shell, no command."""

    def __init__(self, visit: Visit, stirred: Callable[[], None]) -> None:
        self._visit = visit
        self._stirred = stirred
        self._channel: Any = None
        self._buffer = bytearray()
        self._greeted = False
        self._storing: set[asyncio.Task[None]] = set()
        self._full = False
        self._reading = False
        self.ended = False

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def session_started(self) -> None:
        """Nothing to say before the client has spoken."""

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self._stirred()
        self._buffer += data
        self._read_on()

    def _read_on(self) -> None:
        """Answers every whole packet of the buffer, until one has to wait.

        A reply may free the channel to bring more bytes at once: those are appended, and the same loop finds them.
        """
        if self._reading:
            return
        self._reading, at = True, 0
        try:
            while not self._blocked and (packet := self._packet(at)) is not None:
                at += 4 + len(packet)
                self._take(packet)
        except wire.BadMessage:
            self._close(1)
        finally:
            self._reading = False
            del self._buffer[:at]
        if self.ended and not self._storing and not self._full:
            self._close(0)

    def _packet(self, at: int) -> bytes | None:
        if len(self._buffer) - at < 4:
            return None
        length = int.from_bytes(self._buffer[at : at + 4], "big")
        if not 0 < length <= wire.LONGEST_PACKET:
            raise wire.BadMessage("a packet has an impossible length")
        return bytes(self._buffer[at + 4 : at + 4 + length]) if len(self._buffer) - at >= 4 + length else None

    def _take(self, packet: bytes) -> None:
        if not self._greeted:
            wire.version_of(packet)
            self._greeted = True
            return self._reply(wire.hello())
        reply = self._visit.answer(wire.request(packet))
        if isinstance(reply, bytes):
            return self._reply(reply)
        task = asyncio.ensure_future(self._reply_later(reply))
        self._storing.add(task)
        task.add_done_callback(self._stored)
        return None

    async def _reply_later(self, reply: Awaitable[bytes]) -> None:
        self._reply(await reply)
        reach("our_sftp.after_reply")

    def _stored(self, task: asyncio.Task[None]) -> None:
        self._storing.discard(task)
        self._read_on()
        self._set_pace()

    def _reply(self, reply: bytes) -> None:
        if not self._channel.is_closing():
            self._channel.write(reply)
        self._set_pace()

    # -- pace: neither side may make the other keep more than a little in memory

    @property
    def _blocked(self) -> bool:
        return self._full or len(self._storing) >= MOST_STORING

    def _set_pace(self) -> None:
        if self._channel.is_closing():
            return
        if self._blocked:
            self._channel.pause_reading()
        else:
            self._channel.resume_reading()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._read_on()
        self._set_pace()

    # -- the end

    def eof_received(self) -> bool:
        """The client says no more; what it has closed before is still stored and answered."""
        self.ended = True
        self._read_on()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._buffer.clear()
        self._visit.leave()

    def _close(self, code: int) -> None:
        self._visit.leave()
        if not self._channel.is_closing():
            self._channel.exit(code)

    async def settled(self) -> None:
        """Returns when nothing of this session waits for the ledger any more."""
        if self._storing:
            await asyncio.wait(set(self._storing))
