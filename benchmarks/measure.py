"""Runs contestants, each in a process of its own and in turns, and keeps each one's best.

CPU seconds are compared, not wall seconds: they hold on a machine that does other things too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Feed = Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Run:
    """What one contestant's process reported: seconds after its start-up, and its peak memory with it."""

    cpu: float
    wall: float
    startup: float
    peak: float
    count: int

    def per(self, amount: float) -> float:
        """How much of it per CPU second."""
        return amount / max(self.cpu, 1e-9)


Entrants = Mapping[str, tuple[str, Sequence[Any]]]
"""By what the table calls it: the contestant's name, and its arguments."""


def race(entrants: Entrants, rounds: int) -> dict[str, Run]:
    """Every contestant in turn, so many rounds; the one with the least CPU of each."""
    best: dict[str, Run] = {}
    for _ in range(rounds):
        for shown, (name, arguments) in entrants.items():
            run = alone(name, arguments)
            if shown not in best or run.cpu < best[shown].cpu:
                best[shown] = run
    return best


def alone(name: str, arguments: Sequence[Any] = (), feed: Feed | None = None) -> Run:
    """One contestant's process; `feed` is what comes in on its standard input."""
    command = [sys.executable, "-m", "benchmarks.contestants", name, *map(str, arguments)]
    root = Path(__file__).parent.parent
    pipe = subprocess.PIPE if feed else subprocess.DEVNULL
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=subprocess.PIPE) as process:
        if feed and process.stdin:
            with process.stdin as stdin:
                for piece in feed():
                    stdin.write(piece)
        answer = process.stdout.read() if process.stdout else b""
    if process.returncode:
        raise RuntimeError(f"{name} ended with {process.returncode}")
    return Run(**json.loads(answer))
