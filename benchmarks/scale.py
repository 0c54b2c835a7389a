"""How much is measured: all of it, or so little that a test can afford it."""

from __future__ import annotations

from dataclasses import dataclass

MB, GB = 10**6, 10**9


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes in bytes, counts of files, rounds of each race."""

    rounds: int = 5
    small: int = 5 * MB
    large: int = 50 * MB
    memory: tuple[int, ...] = (5 * MB, 50 * MB, 250 * MB, GB)
    arriving: tuple[int, ...] = (5 * MB, 50 * MB)
    files: int = 5000
    written: int = MB
    acknowledgments: int = 5000
    warm: int = 300
    sent: int = 2000
    paced: int = 400
    conversations: int = 500
    records: tuple[int, ...] = (2 * MB, 500 * MB)


QUICK = Scale(
    1, 60_000, 120_000, (60_000, 240_000), (300_000,), 20, 30_000, 20, 20, 20, 10, 10, (60_000, 240_000)
)
