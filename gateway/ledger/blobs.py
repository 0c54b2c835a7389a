"""Bytes are kept once, by their SHA-256, and never handed out when they no longer have it.

Up to 64 KiB they live in the ledger itself. Larger ones stand on a shelf of files (`ab/cdef...`), written to a
temporary name, fsynced, renamed, and their folder fsynced, before the commit that mentions them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import Connection, bindparam, select

from gateway.arrival import CHUNK, Content
from gateway.durable_files import sync_folder
from gateway.errors import GatewayError, LedgerUnavailable
from gateway.faultpoints import reach
from gateway.ledger.prepared import Prepared, adding_once
from gateway.ledger.tables import blob

INLINE = 64 << 10
SHELF = "gateway.ledger.shelf"
"""Where a connection's `info` keeps the shelf, so that functions need no second argument."""


class CorruptBlob(GatewayError):
    """The stored bytes are gone or are not what was stored; restore the blob folder from its backup."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of large blobs."""

    folder: Path

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest[2:]

    def make(self) -> None:
        """Makes the folder of folders, so that storing need not."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def sweep(self) -> None:
        """Removes what an interrupted process left half written; only for the process that runs the ledger alone."""
        for part in self.folder.glob("??/*.part"):
            part.unlink(missing_ok=True)

    def put(self, content: Content) -> None:
        """Returns when the bytes are on disk under their digest. Does nothing where they are already.

        Raises `LedgerUnavailable` when they cannot be written, or when the file is no longer what was hashed.
        """
        final = self.path(content.digest)
        if final.exists() and final.stat().st_size == content.size:
            self._sync(final)
            return
        part = final.with_name(f"{content.digest[2:10]}.{secrets.token_hex(4)}.part")
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            _write(part, content)
            reach("ledger.before_rename")
            part.replace(final)
            self._sync(final)
            reach("ledger.after_rename")
        except OSError as error:
            raise LedgerUnavailable(f"storing {content.size} bytes: {error}") from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _sync(self, final: Path) -> None:
        """Also for a blob found there: who renamed it may have been killed before it synced."""
        sync_folder(final.parent)
        sync_folder(self.folder)


def add(tx: Connection, content: Content) -> str:
    """Keeps the bytes and returns their digest; the same bytes again cost nothing."""
    inline = content.size <= INLINE
    if not inline:
        _shelf(tx).put(content)
    data = content.data if content.data is not None or not inline else _small(content)
    _ADD.run(tx, digest=content.digest, size=content.size, data=data if inline else None)
    return content.digest


def add_bytes(tx: Connection, data: bytes) -> str:
    """Keeps the bytes and returns their digest."""
    return add(tx, Content.of_bytes(data))


_ADD = adding_once(blob)
_ONE = Prepared(select(blob.c.size, blob.c.data).where(blob.c.digest == bindparam("digest")))


def read(tx: Connection, digest: str) -> bytes:
    """The bytes, checked against their digest. Raises `CorruptBlob` or `LookupError`."""
    _, data = _row(tx, digest)
    if data is None:
        with _opened(tx, digest) as file:
            data = file.read()
    if hashlib.sha256(data).hexdigest() != digest:
        raise CorruptBlob(f"reading blob {digest}: its bytes have changed on disk; restore it from a backup")
    return data


def part(tx: Connection, digest: str, offset: int, length: int) -> bytes:
    """Some of the bytes, without reading (or checking) the others when they stand on the shelf."""
    size, data = _row(tx, digest)
    if data is not None:
        return read(tx, digest)[offset : offset + length]
    if offset + length > size:
        raise ValueError(f"reading blob {digest}: bytes {offset} to {offset + length} of {size}")
    with _opened(tx, digest) as file:
        file.seek(offset)
        found = file.read(length)
    if len(found) != length:
        raise CorruptBlob(f"reading blob {digest}: it was cut short on disk; restore it from a backup")
    return found


@dataclass(frozen=True, slots=True)
class Chunks:
    """A blob's bytes in order, in flat memory; also after the transaction has ended, and in another process.

    A changed blob raises `CorruptBlob` before its last chunk is given.
    """

    digest: str
    size: int
    path: Path
    data: bytes | None = None

    def __iter__(self) -> Iterator[bytes]:
        if self.data is None:
            return _from_shelf(self.path, self.digest, self.size)
        return (self.data[start : start + self.size] for start in range(0, len(self.data), self.size))


def chunks(tx: Connection, digest: str, size: int = CHUNK, content: Content | None = None) -> Chunks:
    """The bytes, at most so many at a time. `content` is what was just kept, and need not be read again."""
    if content is not None and content.data is not None:
        return Chunks(digest, size, _shelf(tx).path(digest), content.data)
    _, data = _row(tx, digest)
    return Chunks(digest, size, _shelf(tx).path(digest), None if data is None else read(tx, digest))


def _from_shelf(path: Path, digest: str, size: int) -> Iterator[bytes]:
    seen, held = hashlib.sha256(), b""
    with _open(path, digest) as file:
        while chunk := file.read(size):
            seen.update(chunk)
            if held:
                yield held
            held = chunk
    if seen.hexdigest() != digest:
        raise CorruptBlob(f"reading blob {digest}: its bytes have changed on disk; restore it from a backup")
    yield held


def _row(tx: Connection, digest: str) -> tuple[int, bytes | None]:
    found = _ONE.one(tx, digest=digest)
    if found is None:
        raise LookupError(f"reading blob {digest}: the ledger has none")
    size, data = found
    return size, data


def _shelf(tx: Connection) -> Shelf:
    return cast(Shelf, tx.info[SHELF])


@contextmanager
def _opened(tx: Connection, digest: str) -> Iterator[BinaryIO]:
    with _open(_shelf(tx).path(digest), digest) as file:
        yield file


@contextmanager
def _open(path: Path, digest: str) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise CorruptBlob(f"reading blob {digest}: {error}; restore it from a backup") from error
    with file:
        yield file


def _small(content: Content) -> bytes:
    return b"".join(_read(content))


def _write(part: Path, content: Content) -> None:
    with part.open("xb") as file:
        for chunk in _read(content):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _read(content: Content) -> Iterator[bytes]:
    """The content's bytes; raises where a file is no longer the one that was hashed."""
    if content.data is not None:
        yield content.data
        return
    if content.path is None:
        raise ValueError("storing content: it has neither bytes nor a file")
    seen = hashlib.sha256()
    with content.path.open("rb") as file:
        while chunk := file.read(CHUNK):
            seen.update(chunk)
            yield chunk
    if seen.hexdigest() != content.digest:
        raise LedgerUnavailable(
            f"storing {content.path}: the file changed while it was read; nothing was stored"
        )
