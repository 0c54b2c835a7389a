"""The most memory a reading process holds, from a small interchange to one that nobody could hold in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks import orders
from benchmarks.measure import alone
from benchmarks.scale import MB, Scale
from benchmarks.tables import Table, promise


def run(scale: Scale) -> Iterator[Table]:
    """Orders made as they are read, through a pipe; the peak is VmHWM, Python itself included."""
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
