"""The most memory that is held, from a small interchange to one that nobody could hold in memory.

By a process that only reads it, and by a running gateway that delivers it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from benchmarks import end_to_end, orders
from benchmarks.contestants import peak
from benchmarks.measure import alone
from benchmarks.scale import MB, Scale
from benchmarks.tables import Table, promise

SLOWEST = 50
"""Orders a second, below which a running gateway hangs."""


def run(scale: Scale) -> Iterator[Table]:
    """The peak is VmHWM, Python itself included."""
    yield from reading(scale)
    yield arriving(scale)


def reading(scale: Scale) -> Iterator[Table]:
    """Orders made as they are read, through a pipe."""
    rows, most = [], 0.0
    for size in scale.memory:
        checked = alone("verdicts", ["-"], partial(orders.file_of, size))
        most = max(most, checked.peak)
        objects = (
            alone("objects", ["-"], partial(orders.file_of, size)) if size == min(scale.memory) else None
        )
        both = (f"{checked.peak:.1f}", f"{objects.peak:.1f}" if objects else "")
        rows.append([f"{size / MB:g} MB", str(checked.count), *both, f"{checked.per(size / MB):.1f}"])
    bare = alone("nothing")
    yield Table(
        "Peak memory of a reading process",
        ("interchange", "orders", "peak MiB, checked", "peak MiB, to objects", "MB per CPU s, checked"),
        rows,
        [f"Python alone: {bare.peak:.1f} MiB", promise("peak MiB, checked", most, 40, 32)],
    )


def arriving(scale: Scale) -> Table:
    """One interchange over SFTP, until its last order stands in the ERP's folder; a gateway for each."""
    rows, most = [], 0.0
    for size in scale.arriving:
        with tempfile.TemporaryDirectory() as folder, end_to_end.gateway(Path(folder)) as house:
            began = time.monotonic()
            count, read = delivered(house, size)
            seconds, own = time.monotonic() - began, peak(str(house.process.pid))
        most = max(most, own)
        figures = (f"{own:.1f}", f"{read:.1f}", f"{count / seconds:.0f}")
        rows.append([f"{size / MB:g} MB", str(count), *figures])
    return Table(
        "Peak memory of a running gateway: SFTP in, orders in a folder, one 997 back",
        ("interchange", "orders", "peak MiB, gateway", "its reading process", "orders a second"),
        rows,
        [promise("peak MiB, gateway", most, 250, 200)],
    )


def delivered(house: end_to_end.House, size: int) -> tuple[int, float]:
    """Sends one interchange of about that size; how many orders came of it, and the peak of the process that read."""
    folder = house.folder / "large"
    folder.mkdir()
    path = orders.write(folder / "large.edi", orders.file_of(size))
    with path.open("rb") as file:
        count = sum(line.startswith(b"ST*") for line in file)
    end_to_end.put(house, folder, 1, 0)
    read, pid = 0.0, house.process.pid
    for _ in end_to_end.until(house, count, 1, end_to_end.PATIENCE + count / SLOWEST):
        with suppress(OSError, ValueError):  # a process that ends just now
            below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            read = max([read, *map(peak, below)])
        time.sleep(0.5)
    return count, read
