"""Differences are found where they are, and not where a writer is free to choose."""

from __future__ import annotations

import pytest

from gateway.certification.differences import documents, objects

from .conftest import ACKNOWLEDGMENT, ORDER, TA1

OBJECTS = [
    ({"a": 1}, {"a": 1}, []),
    ({"a": 1}, {"a": 2}, [("$.a", "1", "2")]),
    ({"a": 1}, {}, [("$.a", "1", None)]),
    ({}, {"a": [1]}, [("$.a", None, "[1]")]),
    ({"a": [1, 2]}, {"a": [1]}, [("$.a[1]", "2", None)]),
    ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}, [("$.a[0].b", "x", "y")]),
    (None, {"a": 1}, [("$", None, '{"a": 1}')]),
    ([1], {"a": 1}, [("$", "[1]", '{"a": 1}')]),
]


@pytest.mark.parametrize(("expected", "got", "rows"), OBJECTS)
def test_objects(expected, got, rows):
    assert [(one.path, one.expected, one.got) for one in objects(expected, got)] == rows


CHOSEN = [
    ("other delimiters", ACKNOWLEDGMENT, ACKNOWLEDGMENT.replace(b"*", b"|").replace(b"~", b"\n")),
    (
        "other control numbers, days and hours",
        ACKNOWLEDGMENT,
        ACKNOWLEDGMENT.replace(b"999*", b"123*").replace(b"*999~", b"*123~").replace(b"990101*0000", b"260101*1200"),
    ),
    ("line ends", ORDER, ORDER.replace(b"\n", b"")),
    ("trailing empty elements", ORDER, ORDER.replace(b"CTT*1~", b"CTT*1**~")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in CHOSEN], ids=[row[0] for row in CHOSEN])
def test_what_the_writer_chooses_is_no_difference(one, other):
    assert one != other
    assert documents(one, other) == []


TOLD = [
    ("a value", ORDER.replace(b"*0042", b"*0043"), ["segment 5"]),
    ("a segment more", ORDER.replace(b"CTT*1~", b"CTT*1~AMT*TT*25~"), ["segment 8"]),
    ("a segment less", ORDER.replace(b"REF*DP*0042~\n", b""), ["segment 5"]),
    ("the sender", ORDER.replace(b"GS*PO*9254110060", b"GS*PO*SHOP"), ["segment 2"]),
    ("the version", ORDER.replace(b"*00401*", b"*00501*"), ["segment 1"]),
    ("a trailer", ORDER.replace(b"IEA*1*000000118~\n", b""), ["segment 10"]),
    ("junk behind", ORDER + b"JUNK", ["segment 11"]),
]


@pytest.mark.parametrize(("got", "paths"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_everything_else_is(got, paths):
    assert [one.path for one in documents(ORDER, got)] == paths


def test_a_ta1_is_told_apart_from_nothing():
    assert [one.expected for one in documents(TA1, b"")][1] == "TA1*000000118*260302*0930*A*000"
