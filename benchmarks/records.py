"""Reading fixed columns beside bare slicing, and CSV beside the csv module's bare read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import orders, record_orders
from benchmarks.measure import alone, race
from benchmarks.scale import MB, Scale
from benchmarks.tables import Table, promise

BARE = {
    "fixed": ("bare slicing, nothing checked", "sliced"),
    "csv": ("the csv module's bare read", "csv_module"),
}
MOST = {"fixed": (12.0, 10.0), "csv": (8.0, 6.0)}
VALIDATED, OBJECTS = "gateway, validated by its guide", "gateway, canonical orders"


def run(scale: Scale) -> Iterator[Table]:
    """A file that repeats what such files repeat, and what is held of one of any size."""
    with tempfile.TemporaryDirectory() as folder:
        for format, made in record_orders.MADE.items():
            path = orders.write(Path(folder, format), made(scale.small))
            yield of_file(path, format, scale)
    for format in record_orders.MADE:
        yield memory(format, scale)


def of_file(path: Path, format: str, scale: Scale) -> Table:
    size = path.stat().st_size
    bare, contestant = BARE[format]
    found = race(
        {
            bare: (contestant, [path]),
            VALIDATED: ("records_validated", [path, format]),
            OBJECTS: ("records_objects", [path, format]),
        },
        scale.rounds,
    )
    floor, ours = found[bare], found[OBJECTS]
    most, aim = MOST[format]
    return Table(
        f"Reading {size / MB:.2g} MB of {format} orders",
        ("", "records", "CPU s", "MB per CPU s", "times the bare read", "start-up s", "peak MiB"),
        [
            [name, str(one.count)]
            + [f"{n:.2f}" for n in (one.cpu, one.per(size / MB), one.cpu / floor.cpu, one.startup, one.peak)]
            for name, one in found.items()
        ],
        [
            promise("canonical objects, times the bare read", ours.cpu / floor.cpu, most, aim),
            promise("canonical objects, MB per CPU second", ours.per(size / MB), 5, 10),
        ],
    )


def memory(format: str, scale: Scale) -> Table:
    """Files made as they are read, through a pipe."""
    rows, most = [], 0.0
    for size in scale.records:
        one = alone("records_validated", ["-", format], partial(record_orders.MADE[format], size))
        most = max(most, one.peak)
        rows.append([f"{size / MB:g} MB", str(one.count), f"{one.peak:.1f}", f"{one.per(size / MB):.1f}"])
    return Table(
        f"Peak memory of a process that reads {format} orders",
        ("file", "records", "peak MiB", "MB per CPU s"),
        rows,
        [promise("peak MiB", most, 56, 48)],
    )
