"""One process runs a ledger; a second one is told so, and who the first is."""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gateway.errors import SetupError

PATIENCE = 1.0
"""Seconds to wait for the lock: a command that only migrates lets go of it soon."""


@dataclass
class Lock:
    """An advisory lock on a file beside the ledger; the operating system lets go of it when the process dies."""

    file: IO[str]

    @classmethod
    def take(cls, path: Path) -> Lock | None:
        """The lock, or None when another process has it."""
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        return cls(file)

    def release(self) -> None:
        self.file.close()


def lock(path: Path) -> Lock:
    """The lock, or a `SetupError` that names the process that has it."""
    patience = time.monotonic() + PATIENCE
    while (taken := Lock.take(path)) is None and time.monotonic() < patience:
        time.sleep(0.05)
    if taken is None:
        holder = path.read_text().strip() or "unknown"
        raise SetupError(
            f"opening the ledger: another gateway (process {holder}) is running on it; "
            f"stop that one, or set GATEWAY_DATABASE_URL to a ledger of its own (lock: {path})"
        )
    return taken
