"""Placing a file so that it is either there as a whole, and stays there after a power cut, or not there at all."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from gateway.faultpoints import reach

CHUNK = 1 << 20


def place(target: Path, source: bytes | Path, before: str, after: str, work: Path | None = None) -> None:
    """Writes `source` under a temporary name in `work` (default: beside the target), then renames it to `target`.

    File and directory are on disk on return. `before` and `after` are the fault points around the rename.
    Raises OSError, and then leaves nothing behind.
    """
    temporary = (work or target.parent) / f".{uuid.uuid4().hex}.tmp"
    try:
        write(temporary, source)
        reach(before)
        temporary.rename(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    reach(after)


def write(path: Path, source: bytes | Path) -> None:
    """A new file with these bytes, fsynced; the name must be free."""
    with path.open("xb") as file:
        if isinstance(source, bytes):
            file.write(source)
        else:
            with source.open("rb") as original:
                shutil.copyfileobj(original, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes renames in that folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
