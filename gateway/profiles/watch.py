"""Hot reload: looks at sizes and times, loads when one changed, and hands on what came of it.

Parse, validate, then swap: whoever listens gets a whole `Loaded` and replaces its snapshot in one assignment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.profiles import files
from gateway.profiles.house import Surroundings
from gateway.profiles.load import load
from gateway.profiles.snapshot import Loaded, Snapshot


async def watch(
    root: Path, around: Surroundings, current: Snapshot | None, every: float = 1.0
) -> AsyncIterator[Loaded]:
    """Yields a `Loaded` after every change under `root`, never ends by itself. Secrets are not watched.

    The first look compares with what `current` was made of, so nothing that changed since is missed.
    """
    seen: dict[str, tuple[int, int, int]] | None = None
    while True:
        stamps = await asyncio.to_thread(files.stamps, root)
        if stamps != seen:
            loaded = await asyncio.to_thread(load, root, around, current)
            if seen is not None or differs(loaded, current):
                current = loaded.snapshot or current
                yield loaded
            seen = stamps
        await asyncio.sleep(every)


def differs(loaded: Loaded, current: Snapshot | None) -> bool:
    """Whether there may be anything to say that whoever holds `current` does not know.

    A file broken since then falls back to its text in `current`, so that the digest is the same and only the fault
    tells of it.
    """
    if current is None or loaded.snapshot is None or not loaded.sound:
        return True
    return loaded.snapshot.digest != current.digest
