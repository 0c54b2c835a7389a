"""The bytes between what was read from the source and what is still needed: flat memory, exact places."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO

from gateway.formats.spot import Spot

CHUNK = 32 << 10

Source = BinaryIO | bytes | Iterable[bytes]


class Window:
    """`buffer[at:]` is what is not yet taken."""

    __slots__ = ("_from", "_limit", "_read", "_spot", "at", "buffer", "ended", "overrun", "total")

    def __init__(self, source: Source, limit: int | None = None) -> None:
        self._read = _reader(source)
        self._limit = limit
        self.buffer = b""
        self.at = 0
        self._spot = Spot()
        self._from = 0
        self.total = 0
        self.ended = False
        self.overrun = False

    def more(self) -> bool:
        """Reads on, moving what is not taken to the front; False when the source has no more.

        What is waiting decides how much: a set of n bytes is copied a few times, not n / 32 KiB times.
        """
        if self.ended:
            return False
        waiting = len(self.buffer) - self.at
        data = self._read(max(CHUNK, waiting // 4))
        self.total += len(data)
        if self._limit is not None and self.total > self._limit:
            data = data[: len(data) - (self.total - self._limit)]
            self.overrun = self.ended = True
        if not data:
            self.ended = True
            return False
        self._settle()
        self.buffer = self.buffer[self.at :] + data
        self.at = self._from = 0
        return True

    @property
    def spot(self) -> Spot:
        """The address of `buffer[at]`. Lines are counted when it is asked for, each byte once."""
        if self._from != self.at:
            self._settle()
        return self._spot

    def _settle(self) -> None:
        self._spot = self._spot.after(self.buffer[self._from : self.at])
        self._from = self.at

    def need(self, size: int) -> bool:
        """Whether that many bytes are there, after reading on as far as necessary."""
        while len(self.buffer) - self.at < size:
            if not self.more():
                return False
        return True

    def take(self, size: int) -> bytes:
        """The next bytes, now done with."""
        data = self.buffer[self.at : self.at + size]
        self.at += len(data)
        return data

    def rest(self) -> int:
        """How many bytes are there without reading on."""
        return len(self.buffer) - self.at


def _reader(source: Source) -> Callable[[int], bytes]:
    """`read(size)` over whatever came; an empty answer is the end."""
    if isinstance(source, bytes | bytearray | memoryview):
        return _slices(bytes(source))
    read: Callable[[int], bytes] | None = getattr(source, "read", None)
    return read if read is not None else _gathered(iter(source))


def _slices(data: bytes) -> Callable[[int], bytes]:
    at = 0

    def read(size: int) -> bytes:
        nonlocal at
        at += size
        return data[at - size : at]

    return read


def _gathered(pieces: Iterable[bytes]) -> Callable[[int], bytes]:
    pieces = iter(pieces)

    def read(size: int) -> bytes:
        held, have = [], 0
        for piece in pieces:
            held.append(piece)
            have += len(piece)
            if have >= size:
                break
        return b"".join(held)

    return read
