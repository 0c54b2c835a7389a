"""Public documents of records and rows, as their publishers wrote them: what each is expected to be, and why.

Runs on the folder that GATEWAY_SAMPLES names; without it the suite is skipped.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.faults import Fault, rejecting
from gateway.formats import known
from gateway.formats.events import Interchange, TransactionSet
from gateway.guides import records
from gateway.guides.compile import compiled
from gateway.guides.place import parse
from gateway.pipeline.translation.inspection import inspect

FOLDER = Path(os.environ.get("GATEWAY_SAMPLES", ""))
GUIDES = Path(__file__).with_name("flat_samples")
pytestmark = pytest.mark.skipif(
    "GATEWAY_SAMPLES" not in os.environ, reason="GATEWAY_SAMPLES names no folder of public documents"
)


class Row(NamedTuple):
    """`looks` is what inspect says of it without a guide; `documents` are their records; `faults` those that reject."""

    file: str
    guide: str
    looks: str
    documents: list[int]
    faults: list[str]
    why: str


ROWS = [
    Row(
        "jf-tech__omniparser/flat__csv2__4_nested.input.csv",
        "manifest",
        "rows of 7 cells parted by ,",
        [3, 3],
        [],
        "header and detail rows mixed, marked in the first cell; the last line has no end",
    ),
    Row(
        "jf-tech__omniparser/flat__fixedlength2__4_nested.input.txt",
        "works",
        "records marked HDR, GRH, NWR, SPU, ...",
        [3, 4, 5, 9],
        ["29:9 GRT.works", "30:9 TRL.works"],
        "blank lines between works, records without their last blanks; its trailers count another file's works",
    ),
    Row(
        "jf-tech__omniparser/flat__json__2_multiple_objects.input.json",
        "",
        "JSON",
        [],
        [],
        "no file of records: the guide of another refuses it as a whole",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_what_it_looks_like_is_said_without_a_guide(row: Row) -> None:
    report = inspect((FOLDER / row.file).read_bytes(), row.file)
    (fault,) = report.faults
    assert f"it looks like {row.looks};" in (fault.hint or "")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_it_is_read_by_its_guide(row: Row) -> None:
    name = row.guide or "works"
    guide = records.load((GUIDES / f"{name}.yaml").read_text("utf-8"), f"samples/{name}")
    faults: list[Fault] = []
    found: list[int] = []
    layout = guide.layout
    assert layout is not None
    writer = None
    for event in known.read((FOLDER / row.file).read_bytes(), layout=layout):
        faults += event.faults
        if isinstance(event, Interchange):
            writer = known.writer_like(event)
        if isinstance(event, TransactionSet):
            found.append(len(event.located()))
            judged = [*event.syntax_faults(), *parse(guide, event.located())[1]]
            faults += judged
            assert (event.plain and compiled(guide)(event.texts(), event.separator)) is not bool(
                rejecting(judged)
            )
            assert writer is not None
            nodes = [_Node(one) for one in event.located()]
            assert writer.transaction_set((), nodes, onto=event).rstrip() == event.raw.rstrip()
    assert found == row.documents
    told = [str(fault.place) for fault in rejecting(faults)]
    assert told == (row.faults if row.guide else ["1:1"])


class _Node:
    def __init__(self, source: object) -> None:
        self.source = source
        self.elements = list(source.elements)  # type: ignore[attr-defined]
