"""What arrived, over which channel, and its hash: all that a protocol knows and all it may say.

A listener hands an `Arrival` to `accept` and acknowledges to the partner only after `accept` returns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Content:
    """The exact bytes, in memory when small, else in a file that `accept` may move away."""

    digest: str
    size: int
    data: bytes | None = None
    path: Path | None = None

    @classmethod
    def of_bytes(cls, data: bytes) -> Content:
        return cls(hashlib.sha256(data).hexdigest(), len(data), data=data)

    @classmethod
    def of_file(cls, path: Path) -> Content:
        """Hashes the file in chunks; the file must not change afterwards."""
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
        return cls(digest.hexdigest(), size, path=path)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing a partner sent.

    `channel` is `partner.channel` (`acme.drop`), or `company.channel` for a shared mailbox, where `partner` is
    None. `key` is the transport key: what the protocol repeats when it sends the same thing again (path and
    digest for files, Message-ID for AS2, Idempotency-Key for REST).
    """

    channel: str
    partner: str | None
    protocol: str
    name: str
    key: str
    content: Content
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The ledger has it on disk. `duplicate` when the transport key and the bytes were there before."""

    arrival_id: str
    duplicate: bool = False


Accept = Callable[[Arrival], Awaitable[Receipt]]
"""Returns once the ledger has the arrival on disk; raises `LedgerUnavailable` if it was not taken."""
