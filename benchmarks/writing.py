"""Canonical objects to bytes: mapped, checked against the guide, counted, delimiters refused inside data.

The peers start from finished segments: what they leave out is most of the work, so they are a floor, not a rival.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import orders
from benchmarks.measure import Entrants, race
from benchmarks.scale import MB, Scale
from benchmarks.tables import Table


def run(scale: Scale) -> Iterator[Table]:
    """850s, then 997s."""
    with tempfile.TemporaryDirectory() as folder:
        path = orders.write(Path(folder, "orders.edi"), orders.file_of(scale.written))
        count = path.read_text("ascii").count("ST*850")
        yield of_file(f"Writing {count} 850s", path, "written_orders", count, scale)
        path = orders.write(Path(folder, "acks.edi"), orders.acknowledgments(scale.acknowledgments))
        title = f"Writing {scale.acknowledgments} 997s"
        yield of_file(title, path, "written_acknowledgments", scale.acknowledgments, scale)


def of_file(title: str, path: Path, ours: str, documents: int, scale: Scale) -> Table:
    known: Entrants = {
        "gateway, from canonical objects": (ours, [path]),
        "pyx12 X12Writer, from its segments": ("pyx12_writer", [path]),
        "plain join, from split elements": ("joined", [path]),
    }
    found = race(known, min(scale.rounds, 3))
    peer = found["pyx12 X12Writer, from its segments"]
    return Table(
        title,
        ("", "bytes", "CPU s", "CPU us per document", "MB per CPU s", "times pyx12"),
        [
            [
                name,
                str(one.count),
                f"{one.cpu:.2f}",
                f"{one.cpu / documents * 1e6:.0f}",
                f"{one.per(one.count / MB):.2f}",
                f"{peer.cpu / one.cpu:.2f}",
            ]
            for name, one in found.items()
        ],
        ["the peers are given finished segments: they map and check nothing"],
    )
