"""Samples of files of records: what came with its table of errors, what is sent, field by field under their names."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from gateway.certification.certify import ACKNOWLEDGED, OPINION, WRITING, certificate
from gateway.certification.sample import Sample, sample
from gateway.pipeline.translation.house import House
from gateway.settings import Settings
from gateway.setup import check

from .conftest import found

ROOT = Path(__file__).parents[2]


@cache
def house() -> House:
    loaded = check(Settings(partners_dir=ROOT / "partners", samples_dir=ROOT / "sample_documents"))
    assert loaded.snapshot is not None
    return House(loaded.snapshot)


def of(case: str) -> Sample:
    return sample(ROOT / "sample_documents" / case)


def changed(case: str, **files: bytes) -> Sample:
    return replace(of(case), **files)


@pytest.mark.parametrize(
    ("was", "now", "got"),
    [
        (b"WO-20042", b"WO-20049", ("set 2, segment 1 ORD01 number", "WO-20049", "WO-20042")),
        (b"NORTHWIND ", b"SOUTHWIND ", ("HDR01", "SOUTHWIND", "NORTHWIND")),
    ],
)
def test_where_what_is_sent_differs(was, now, got):
    told = of("swift3pl/our-orders")
    made = certificate(house(), changed("swift3pl/our-orders", document=told.document.replace(was, now)))
    assert [(row.path, row.expected, row.got) for row in found(made, WRITING).diff] == [got]


@pytest.mark.parametrize(
    "end", [b"HDRNORTHWIND SWIFT     0000000991999010123", b"HDRNORTHWIND SWIFT     000000001202601010000"]
)
def test_what_its_writer_chooses_is_not_compared(end):
    told = of("swift3pl/our-orders")
    head, _, rest = told.document.partition(b"\n")
    made = certificate(house(), changed("swift3pl/our-orders", document=end.ljust(len(head)) + b"\n" + rest))
    assert not found(made, WRITING).diff


def test_where_the_table_of_errors_differs():
    told = of("swift3pl/one-broken-record")
    assert told.acknowledgment is not None
    table = told.acknowledgment.replace(b"O240{", b"0240{")
    made = certificate(house(), changed("swift3pl/one-broken-record", acknowledgment=table))
    (row,) = found(made, ACKNOWLEDGED).diff
    assert [next(csv.reader(io.StringIO(text or "")))[4] for text in (row.expected, row.got)] == [
        "0240{",
        "O240{",
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_however_its_records_end_it_is_written_onto_itself(end):
    document = of("swift3pl/two-shipments").document.replace(b"\n", end or b"\n")
    made = certificate(
        house(), changed("swift3pl/two-shipments", document=document if end else document[:-1])
    )
    assert [one.name for one in made.checks if one.held is False] == []
    assert found(made, OPINION).held is None
