"""Canonical objects to bytes: mapped, checked against the guide, counted, delimiters refused inside data.

The peers start from finished segments: what they leave out is most of the work, so they are a floor, not a rival.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import answers, orders
from benchmarks.measure import Entrants, race
from benchmarks.scale import MB, Scale
from benchmarks.tables import Table


def run(scale: Scale) -> Iterator[Table]:
    """Each document of the order cycle, then 997s."""
    with tempfile.TemporaryDirectory() as folder:
        for type in answers.GROUPS:
            path = orders.write(Path(folder, f"{type}.edi"), answers.file_of(type, scale.written))
            yield of_file(type, path, scale)
        path = orders.write(Path(folder, "997.edi"), orders.acknowledgments(scale.acknowledgments))
        yield of_file("997", path, scale)


def of_file(type: str, path: Path, scale: Scale) -> Table:
    documents = path.read_text("ascii").count(f"ST*{type}")
    known: Entrants = {
        "gateway, from canonical objects": ("written", [path, type]),
        "pyx12 X12Writer, from its segments": ("pyx12_writer", [path]),
        "plain join, from split elements": ("joined", [path]),
    }
    found = race(known, min(scale.rounds, 3))
    peer = found["pyx12 X12Writer, from its segments"]
    return Table(
        f"Writing {documents} {type}s",
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
