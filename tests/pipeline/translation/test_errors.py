"""The table that the sender of a file of records gets: by line, one row for each fault, and nothing that computes."""

from __future__ import annotations

import csv
import io

import pytest

from gateway.faults import Code, Fault, Place
from gateway.formats.records.events import Group
from gateway.pipeline.translation.acknowledge import GroupVerdict, SetVerdict
from gateway.pipeline.translation.errors import COLUMNS, MOST_ROWS, harmless, table


def fault(line: int, came: str = "x") -> Fault:
    place = Place(line=line, segment="LIN", element=3, name="qty", label="qty")
    return Fault(Code.CHARACTER, place, came, "digits")


def group(*sets: tuple[Fault, ...]) -> GroupVerdict:
    verdicts = [SetVerdict("shipments", str(n), None, faults) for n, faults in enumerate(sets, 1)]
    return GroupVerdict(Group((), 0), verdicts)


def rows(*sets: tuple[Fault, ...], around: tuple[Fault, ...] = ()) -> list[list[str]]:
    told = table([group(*sets)], around)
    assert told is not None
    return list(csv.reader(io.StringIO(told.decode(), newline="")))


def test_where_nothing_is_wrong_there_is_none():
    assert table([group((), ())], [fault(3).as_note()]) is None


def test_by_line_whoever_says_it():
    found = rows((fault(7),), (fault(4), fault(9)), around=(Fault(Code.TRAILER_TOTAL, Place(line=5)),))
    assert found[0] == list(COLUMNS)
    assert [(row[0], row[1]) for row in found[1:]] == [("4", "2"), ("5", ""), ("7", "1"), ("9", "2")]
    assert found[1][2:6] == ["LIN", "qty", "x", "digits"]


def test_a_file_of_nothing_but_faults_gets_a_table_that_ends():
    found = rows(tuple(fault(n) for n in range(MOST_ROWS + 5)))
    assert len(found) == MOST_ROWS + 2
    assert found[-1] == ["", "", "", "", "", "", "and 5 more"]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("=cmd()", "'=cmd()"),
        ("@x", "'@x"),
        ("-1+1", "'-1+1"),
        ("\t=1", "'\t=1"),
        ("-12.50", "-12.50"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_no_cell_computes(cell: str, told: str):
    assert harmless(cell) == told
