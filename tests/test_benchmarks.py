"""Each benchmark, tiny: that it still runs and measures what it says. Figures are `make bench`'s."""

from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path

import pytest
from nursery import Nursery

from benchmarks import edifact_orders, orders
from benchmarks.__main__ import NAMES
from benchmarks.scale import QUICK
from gateway.pipeline.translation.translate import Translation, by_standard, translate


def tables(name: str) -> str:
    return "\n".join(map(str, importlib.import_module(f"benchmarks.{name}").run(QUICK)))


EXPECTED = {
    "reading": ("badx12", "times pyx12", "CPU per file", "855s", "856s", "810s"),
    "edifact": ("times pydifact", "peak MiB"),
    "records": ("times the bare read", "peak MiB", "csv", "fixed"),
    "memory": ("peak MiB, checked", "peak MiB, gateway"),
    "writing": ("850s", "855s", "856s", "810s", "997s", "plain join"),
    "end_to_end": ("documents a second", "p99", "50 acknowledgments listed"),
    "conversation": ("conversations a second",),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_to_its_tables(name: str, nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes are forked here: how long each takes to start is nothing to this test."""
    monkeypatch.setattr(sys, "executable", str(nursery.bin() / "python"))
    printed = tables(name)
    for expected in EXPECTED[name]:
        assert expected in printed


def test_the_orders_are_the_same_every_time_and_without_fault() -> None:
    data = b"".join(orders.file_of(300_000))
    assert data == b"".join(orders.file_of(300_000))
    found = [event for event in translate(data, by_standard) if isinstance(event, Translation)]
    assert len(found) > 100
    assert all(one.object is not None and not one.all_faults for one in found)
    assert len({one.object.number for one in found}) == len(found)


def test_spoiled_orders_are_rejected_as_often_as_said() -> None:
    made = orders.spoiled(itertools.islice(orders.stream(), 20), 5)
    data = b"".join(orders.interchange(made))
    found = [event for event in translate(data, by_standard) if isinstance(event, Translation)]
    assert [one.accepted for one in found] == ([True] * 4 + [False]) * 4


def test_contestants_count_the_same_orders(tmp_path: Path) -> None:
    from benchmarks.contestants import CONTESTANTS

    path = orders.write(tmp_path / "orders.edi", orders.file_of(20_000))
    readers = ("verdicts", "objects", "pyx12_reader", "badx12_parser")
    assert len({CONTESTANTS[name](str(path))() for name in readers}) == 1


def test_edifact_orders_are_the_same_every_time_and_without_fault(tmp_path: Path) -> None:
    from benchmarks.contestants import CONTESTANTS
    from gateway.formats import edifact

    data = b"".join(edifact_orders.file_of(100_000))
    assert data == b"".join(edifact_orders.file_of(100_000))
    found = list(edifact.read(data))
    messages = [event for event in found if isinstance(event, edifact.TransactionSet)]
    assert len(messages) > 40
    assert all(one.plain and b"?" in one.raw for one in messages)
    assert [fault for event in found for fault in event.faults] == []
    path = orders.write(tmp_path / "orders.edi", edifact_orders.file_of(20_000))
    readers = ("edifact_segments", "edifact_validated", "edifact_objects", "pydifact_parser")
    assert len({CONTESTANTS[name](str(path))() for name in readers}) == 1
