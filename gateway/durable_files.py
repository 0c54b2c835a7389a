"""Placing a file so that it is either there as a whole, and stays there after a power cut, or not there at all."""

from __future__ import annotations

import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.faultpoints import reach

CHUNK = 1 << 20
NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})


def place(
    target: Path,
    source: bytes | Path,
    before: str,
    after: str,
    *,
    work: Path | None = None,
    replace: bool = False,
) -> None:
    """Writes `source` under a temporary name in `work` (default: beside the target), then renames it to `target`.

    File and directory are on disk on return. `before` and `after` are the fault points around the rename.
    Raises OSError, and then leaves nothing behind; FileExistsError when the name is taken and not to be replaced.
    """
    temporary = (work or target.parent) / f".{uuid.uuid4().hex}.tmp"
    try:
        write(temporary, source)
        reach(before)
        rename(temporary, target, replace)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    reach(after)


def rename(source: Path, target: Path, replace: bool) -> None:
    """Renames in one step. A hard link is the one way not to replace; where there are none, the rename is plain."""
    if not replace:
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
        else:
            return source.unlink()
    return os.replace(source, target)


def write(path: Path, source: bytes | Path) -> None:
    """A new file with these bytes, fsynced; the name must be free."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        if isinstance(source, bytes):
            _write_all(handle, source)
        else:
            with source.open("rb") as original:
                while chunk := original.read(CHUNK):
                    _write_all(handle, chunk)
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def sync_folder(folder: Path) -> None:
    """Makes renames in that folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keeps out whoever asks the same of that folder, in any process; ends with the process at the latest."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
