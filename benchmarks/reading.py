"""Validated reading, to verdicts and to canonical objects, beside what reads segments only: 850s and their answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import answers, orders
from benchmarks.measure import Entrants, Run, race
from benchmarks.scale import MB, Scale
from benchmarks.tables import Table, promise

OURS, OBJECTS = "gateway, every element checked", "gateway, to canonical objects"
PYX12, BADX12 = "pyx12 X12Reader, segments only", "badx12, segments only"


def run(scale: Scale) -> Iterator[Table]:
    """A small and a large interchange, the small one without repeats and with faults, and many files of one order."""
    with tempfile.TemporaryDirectory() as folder:
        small = orders.write(Path(folder, "small.edi"), orders.file_of(scale.small))
        yield of_file(small, {**entrants(small), BADX12: ("badx12_parser", [small])}, scale.rounds, True)
        large = orders.write(Path(folder, "large.edi"), orders.file_of(scale.large))
        yield of_file(large, entrants(large), min(scale.rounds, 2), False)
        large.unlink()
        unlike = Path(folder, "unlike.edi")
        made = orders.until(scale.small, orders.stream(kinds=scale.small))
        orders.write(unlike, orders.interchange(made))
        yield of_file(unlike, entrants(unlike), min(scale.rounds, 3), False, ", no two orders alike")
        faulty = Path(folder, "faulty.edi")
        made = orders.spoiled(orders.until(scale.small, orders.stream()), 50)
        orders.write(faulty, orders.interchange(made))
        yield of_file(faulty, entrants(faulty), min(scale.rounds, 2), False, ", one order in 50 with a fault")
        yield of_files(Path(folder, "files"), scale)
        for type in answers.MADE:
            path = orders.write(Path(folder, f"{type}.edi"), answers.file_of(type, scale.small))
            yield of_file(path, entrants(path, type), min(scale.rounds, 3), False, type=type)


def entrants(path: Path, type: str = "850") -> Entrants:
    ours = {OURS: ("verdicts", [path, type]), OBJECTS: ("objects", [path, type])}
    return {**ours, PYX12: ("pyx12_reader", [path])}


def of_file(
    path: Path, known: Entrants, rounds: int, judged: bool, what: str = "", type: str = "850"
) -> Table:
    size = path.stat().st_size
    found = race(known, rounds)
    return Table(
        f"Reading {size / MB:.2g} MB of {type}s in one interchange{what}",
        ("", "documents", "CPU s", "wall s", "MB per CPU s", "times pyx12", "start-up s", "peak MiB"),
        [row(name, one, size, found[PYX12]) for name, one in found.items()],
        promises(found) if judged else (),
    )


def row(name: str, one: Run, size: int, peer: Run) -> list[str]:
    figures = (one.cpu, one.wall, one.per(size / MB), peer.cpu / one.cpu, one.startup, one.peak)
    return [name, str(one.count), *(f"{figure:.2f}" for figure in figures)]


def promises(found: dict[str, Run]) -> list[str]:
    """Of an interchange of 5 MB."""
    peer = found[PYX12].cpu
    return [
        promise("checked, times pyx12 per CPU second", peer / found[OURS].cpu, 3.5, 5),
        promise("to objects, times pyx12 per CPU second", peer / found[OBJECTS].cpu, 2, 3),
    ]


def of_files(folder: Path, scale: Scale) -> Table:
    """Many small files, each an interchange of one order."""
    folder.mkdir()
    made = orders.stream()
    for number in range(1, scale.files + 1):
        (folder / f"{number:06d}.edi").write_bytes(orders.single(number, made))
    found = race(entrants(folder), min(scale.rounds, 3))
    share = found[OURS].cpu / found[PYX12].cpu
    return Table(
        f"Reading {scale.files} files of one 850 each",
        ("", "orders", "CPU s", "wall s", "CPU ms per file", "share of pyx12"),
        [
            [
                name,
                str(one.count),
                f"{one.cpu:.2f}",
                f"{one.wall:.2f}",
                f"{one.cpu / scale.files * 1000:.3f}",
                f"{one.cpu / found[PYX12].cpu:.2f}",
            ]
            for name, one in found.items()
        ],
        [promise("checked, CPU per file as a share of pyx12's", share, 0.333, 0.25)],
    )
