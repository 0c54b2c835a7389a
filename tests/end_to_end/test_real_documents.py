"""Public documents, as their senders published them: `real_documents.tsv` says what is expected of each, and why.

Runs on the folder that GATEWAY_SAMPLES names; without it the suite is skipped. `sets` and `faults` (those that reject)
are in the order of the file and of the alphabet; `*n` is n of them.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.certification import laws
from gateway.faults import rejecting
from gateway.formats import x12
from gateway.formats.known import FAMILIES
from gateway.pipeline.translation.inspection import inspect
from gateway.pipeline.translation.translate import Translation, translate

FOLDER = Path(os.environ.get("GATEWAY_SAMPLES", ""))
pytestmark = pytest.mark.skipif(
    "GATEWAY_SAMPLES" not in os.environ, reason="GATEWAY_SAMPLES names no folder of public documents"
)


class Row(NamedTuple):
    file: str
    format: str
    sets: str
    faults: str
    why: str


def rows() -> list[Row]:
    lines = Path(__file__).with_name("real_documents.tsv").read_text("utf-8").splitlines()[1:]
    return [Row(*line.split("\t")) for line in lines]


ROWS = rows()
X12 = [row for row in ROWS if row.format == "x12"]
MAPPED = ("810", "850", "855", "856")
"""Sets that a base map reads as a business document."""
BUSINESS = [row for row in X12 if any(code in row.sets for code in MAPPED)]
SOUND = [row for row in BUSINESS if not row.faults]
NOT_WRITTEN = ("olmelabs__EdiEngine/856.Crossdock.OK.edi",)
"""Sound, and yet refused when written: the check digits of its SSCCs are wrong."""
each = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
each_x12 = pytest.mark.parametrize("row", X12, ids=lambda row: row.file)
each_business = pytest.mark.parametrize("row", BUSINESS, ids=lambda row: row.file)
each_sound = pytest.mark.parametrize("row", SOUND, ids=lambda row: row.file)


@cache
def data(file: str) -> bytes:
    return (FOLDER / file).read_bytes()


def read(file: str) -> list[Translation]:
    return [event for event in translate(data(file), trees=True) if isinstance(event, Translation)]


def business(file: str) -> list[Translation]:
    return [one for one in read(file) if one.set.code in MAPPED]


def times(word: str, number: int) -> str:
    return f"{word}*{number}" if number > 1 else word


def test_every_file_has_a_row():
    there = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert there - {"INDEX.tsv"} == {row.file for row in ROWS}


@each
def test_inspect(row: Row):
    report = inspect(data(row.file), row.file)
    sets = [one["code"] for at in report.interchanges for group in at["groups"] for one in group["sets"]]
    faults = Counter(fault.code.word for fault in rejecting(report.faults))
    assert " ".join(times(code, len(list(same))) for code, same in groupby(sets)) == row.sets
    assert " ".join(times(word, faults[word]) for word in sorted(faults)) == row.faults, row.why
    assert report.accepted == (not row.faults)
    assert report.format == (row.format if row.format in FAMILIES else None)


@pytest.mark.parametrize("row", [row for row in ROWS if row.format not in FAMILIES], ids=lambda row: row.file)
def test_what_is_of_no_syntax_is_said_to_look_like_what_it_is(row: Row):
    (fault,) = inspect(data(row.file), row.file).faults
    assert f"it looks like {row.format}" in (fault.hint or "")


@each_x12
def test_the_envelopes_nest_whatever_the_file_looks_like(row: Row):
    depth = 0
    for event in x12.read(data(row.file)):
        if isinstance(event, x12.Interchange | x12.Group):
            depth += 1
        elif isinstance(event, x12.GroupEnd | x12.InterchangeEnd):
            depth -= 1
        assert 0 <= depth <= 2
    assert depth == 0


@each_x12
def test_every_byte_of_a_set_is_one_of_its_segments(row: Row):
    for one in read(row.file):
        opening, closing = one.set.ends()
        middle = b"".join(segment.raw or b"" for segment in one.set.located())
        assert opening + middle + closing == one.set.raw


@each_x12
def test_fast_and_exact_reading_agree(row: Row):
    assert [found for one in read(row.file) if (found := laws.disagreement(one))] == []


@each_business
def test_a_document_becomes_an_object_exactly_where_nothing_rejects_it(row: Row):
    for one in business(row.file):
        assert (one.object is not None) == (not rejecting(one.all_faults)), row.why


@each_sound
def test_a_sound_document_is_written_fresh_and_reads_back_equal(row: Row):
    written = [made for one in business(row.file) if (made := laws.write(one))]
    check = laws.same_object(written)
    assert check.held, check.diff
    assert laws.passes_guide(written).held or row.file in NOT_WRITTEN
    assert all(one.refused for one in written) == (row.file in NOT_WRITTEN)


@each_sound
def test_a_sound_document_is_written_onto_itself_byte_for_byte(row: Row):
    for one in business(row.file):
        assert laws.rewritten(one) == one.set.raw


@each_business
def test_every_value_of_a_document_is_accounted_for(row: Row):
    check, _, _ = laws.shares(business(row.file), 0)
    assert check.held, check.diff


@pytest.mark.parametrize(("code", "least"), [("810", 3), ("850", 4), ("855", 2), ("856", 1)])
def test_there_are_sound_documents(code: str, least: int):
    """Else the laws above would hold of nothing."""
    assert len([row for row in SOUND if code in row.sets]) >= least
