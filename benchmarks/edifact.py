"""Reading EDIFACT beside pydifact, segments and messages: ORDERS with something to release in most texts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import edifact_orders, orders
from benchmarks.measure import alone, race
from benchmarks.scale import MB, Scale
from benchmarks.tables import Table, promise

OURS, PYDIFACT = "gateway, segments, counts and characters", "pydifact Parser, segments only"
VALIDATED = "gateway, validated by D.96A"
OBJECTS = "gateway, canonical orders"


def run(scale: Scale) -> Iterator[Table]:
    """A file that pydifact reads in seconds, and what is held of one of any size."""
    with tempfile.TemporaryDirectory() as folder:
        path = orders.write(Path(folder, "orders.edi"), edifact_orders.file_of(scale.written))
        size = path.stat().st_size
        entrants = {
            OURS: ("edifact_segments", [path]),
            VALIDATED: ("edifact_validated", [path]),
            OBJECTS: ("edifact_objects", [path]),
            PYDIFACT: ("pydifact_parser", [path]),
        }
        found = race(entrants, min(scale.rounds, 3))
    peer = found[PYDIFACT]
    yield Table(
        f"Reading {size / MB:.2g} MB of ORDERS in one interchange",
        ("", "segments", "CPU s", "MB per CPU s", "times pydifact", "start-up s", "peak MiB"),
        [
            [
                name,
                str(one.count),
                *(
                    f"{figure:.2f}"
                    for figure in (one.cpu, one.per(size / MB), peer.cpu / one.cpu, one.startup, one.peak)
                ),
            ]
            for name, one in found.items()
        ],
        [
            promise("segments, times pydifact per CPU second", peer.cpu / found[OURS].cpu, 12, 20),
            promise("validated, times pydifact per CPU second", peer.cpu / found[VALIDATED].cpu, 6, 10),
            promise("canonical objects, times pydifact per CPU second", peer.cpu / found[OBJECTS].cpu, 3, 5),
        ],
    )
    yield memory(scale)


def memory(scale: Scale) -> Table:
    """Messages made as they are read, through a pipe."""
    rows, most = [], 0.0
    for size in scale.memory:
        one = alone("edifact_segments", ["-"], partial(edifact_orders.file_of, size))
        most = max(most, one.peak)
        rows.append([f"{size / MB:g} MB", str(one.count), f"{one.peak:.1f}", f"{one.per(size / MB):.1f}"])
    return Table(
        "Peak memory of a process that reads EDIFACT segments",
        ("interchange", "segments", "peak MiB", "MB per CPU s"),
        rows,
        [promise("peak MiB", most, 40, 32)],
    )
