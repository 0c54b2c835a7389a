"""One file on its way in: in memory while small, in a private file when large, an arrival only when it is whole."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from gateway.arrival import Content

IN_MEMORY = 1 << 18
"""Larger uploads go to disk while they arrive."""


class TooLarge(OSError):
    """The upload breaks a limit; the text says which."""


class Incomplete(OSError):
    """The upload was closed with a part of it missing."""


class Upload:
    """Bytes arrive in any order, at offsets. `content` refuses a file with a gap in it, or with a refused write:
    a client that closes it all the same must not have half of it taken for the whole.
    """

    def __init__(self, path: str, work: Path, limit: int) -> None:
        self.path = path
        self.size = 0
        self.spoiled = ""
        self._received = 0
        self._limit = limit
        self._work = work
        self._memory = bytearray()
        self._file: int | None = None
        self._spool: Path | None = None

    def write(self, offset: int, data: bytes) -> None:
        end = offset + len(data)
        if end > self._limit:
            raise TooLarge(f"the file is larger than {self._limit} bytes")
        if end > IN_MEMORY and self._file is None:
            self._spill()
        if self._file is not None:
            self._write_to_file(self._file, offset, data)
        else:
            self._memory.extend(bytes(max(0, offset - len(self._memory))))
            self._memory[offset:end] = data
        self._received += len(data)
        self.size = max(self.size, end)

    def _spill(self) -> None:
        self._spool = self._work / uuid.uuid4().hex
        self._file = os.open(self._spool, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self._write_to_file(self._file, 0, bytes(self._memory))
        self._memory.clear()

    @staticmethod
    def _write_to_file(file: int, offset: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(file, view, offset)
            view, offset = view[written:], offset + written

    @property
    def large(self) -> bool:
        """Whether the bytes are in a file, so that reading them takes time."""
        return self._file is not None

    def content(self) -> Content:
        """The whole file. Raises OSError when a part of it is missing."""
        self._check_whole()
        if self._spool is None:
            return Content.of_bytes(bytes(self._memory))
        self._close()
        return Content.of_file(self._spool)

    def keep(self, target: Path) -> None:
        """Puts the whole file where the partner named it, to wait there for its last name."""
        self._check_whole()
        if self._spool is None:
            self._spool = self._work / uuid.uuid4().hex
            self._spool.write_bytes(self._memory)
        self._spool.replace(target)

    def _check_whole(self) -> None:
        if self.spoiled:
            raise OSError(f"a part of it was refused: {self.spoiled}")
        if self._received < self.size:
            raise Incomplete(f"{self.size - self._received} of {self.size} bytes never came")

    def discard(self) -> None:
        """Leaves nothing behind; harmless after `keep`, and after `accept` moved the file away."""
        self._close()
        self._memory.clear()
        if self._spool is not None:
            self._spool.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
