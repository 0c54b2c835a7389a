"""What is written reads back as it was, or is refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gateway.errors import NotWritable
from gateway.formats.segment import COMPONENT, REPETITION, Segment
from gateway.formats.x12 import Delimiters, Interchange, Writer, gs, read

from .x12_cases import CASES, REPEATING, USUAL, WRITTEN_SHORTER
from .x12_documents import events, order, sets, words

NOON = datetime(2026, 3, 1, 15, 30)  # noqa: DTZ001  a wall-clock time, as ISA09 and ISA10 carry it


@pytest.mark.parametrize(("delimiters", "elements", "wire"), CASES + WRITTEN_SHORTER)
def test_write(delimiters: Delimiters, elements: list[str], wire: bytes) -> None:
    assert Writer(delimiters).segment(elements) == wire.removesuffix(b"\n") + (
        b"\n" * (delimiters.segment == "\n")
    )


@pytest.mark.parametrize(
    ("writer", "elements", "expected"),
    [
        (Writer(USUAL), ["REF", "DP", "1*2"], "not-writable REF02"),
        (Writer(USUAL), ["REF", "DP~"], "not-writable REF01"),
        (Writer(USUAL), ["REF", "", ">"], "not-writable REF02"),
        (Writer(REPEATING), ["REF", "a^b"], "not-writable REF01"),
        (Writer(USUAL), ["REF", "a\x1eb"], "not-writable REF01"),
        (Writer(Delimiters("*", "", None, "~")), ["REF", "a\x1fb"], "not-writable REF01"),
        (Writer(USUAL), ["REF", "a\nb"], "character REF01"),
        (Writer(USUAL), ["REF", "a\x00"], "character REF01"),
        (Writer(USUAL), ["REF", "a\x85"], "character REF01"),
        (Writer(USUAL, "basic"), ["REF", "ok"], "character REF01"),
        (Writer(USUAL, "extended"), ["REF", "\u20ac"], "character REF01"),
        (Writer(USUAL, "latin-1"), ["REF", "\u20ac"], "character REF01"),
        (Writer(USUAL), ["REF", "\ud800"], "character REF01"),
        (Writer(USUAL), ["ref", "1"], "not-writable ref"),
        (Writer(USUAL), ["R*F", "1"], "not-writable R*F"),
    ],
)
def test_what_cannot_be_written_is_refused(writer: Writer, elements: list[str], expected: str) -> None:
    with pytest.raises(NotWritable) as raised:
        writer.segment(elements)
    assert [f"{fault.code.word} {fault.place.address}" for fault in raised.value.faults] == [expected]


def test_a_separator_in_data_is_told_with_its_value_and_what_it_does() -> None:
    with pytest.raises(NotWritable) as raised:
        Writer(REPEATING).transaction_set(["850", "0001"], [["BEG", "a^b*:c", "~"]])
    told = [(fault.place.segment_number, fault.came, fault.expected) for fault in raised.value.faults]
    assert told == [
        (
            2,
            "a^b*:c",
            "data without '*' (separates elements), ':' (separates components), '^' (separates repetitions)",
        ),
        (2, "~", "data without '~' (ends segments)"),
    ]
    assert "separators:" in str(raised.value.faults[0].hint)


def test_every_fault_of_a_set_is_named_with_its_segment() -> None:
    with pytest.raises(NotWritable) as raised:
        Writer().transaction_set(["850", "0001"], [["BEG", "*"], ["REF", "DP", "1"], ["CTT", "~", "\x01"]])
    assert [(fault.place.segment_number, fault.place.address) for fault in raised.value.faults] == [
        (2, "BEG01"),
        (4, "CTT01"),
        (4, "CTT02"),
    ]


def compose(writer: Writer, bodies: Sequence[Sequence[Sequence[str]]], version: str = "00401") -> bytes:
    written = [writer.transaction_set(["850", f"{at:04d}"], body) for at, body in enumerate(bodies, 1)]
    header = writer.isa("ZZ/BUYER", "12/8475551234", NOON, 7, version, test=True)
    group = writer.group(gs("PO", "BUYER", "8475551234", NOON, 7, "004010"), written)
    return writer.interchange(header, [group])


def test_an_interchange_is_written_with_its_counts() -> None:
    body = [
        ["BEG", "00", "SA", "4500017", "", "20260301"],
        ["PO1", "1", "5", "EA", "9.5", "", "UP", "012345678905"],
    ]
    assert compose(Writer(USUAL, line_end="\n"), [[*body, ["CTT", "1"]]]) == order("\n") + b"\n"
    assert compose(Writer(USUAL), [[*body, ["CTT", "1"]]]) == order("")


def test_ta1s_stand_behind_the_isa() -> None:
    writer = Writer(REPEATING, line_end="\n")
    header = writer.isa("ZZ/A", "ZZ/B", NOON, 1, "00501")
    data = writer.interchange(header, [], [["000000050", "260228", "1200", "A", "000"]])
    assert data.splitlines()[1:] == [b"TA1*000000050*260228*1200*A*000~", b"IEA*0*000000001~"]
    assert words(data) == []
    assert data[82:83] == b"^"


@pytest.mark.parametrize(
    ("at", "text"),
    [(6, "LONGER THAN FIFTEEN"), (6, "A*B"), (13, "1234567890"), (16, ":"), (11, "!"), (12, "0050")],
)
def test_a_header_that_does_not_fit_is_refused(at: int, text: str) -> None:
    header = list(Writer(REPEATING).isa("ZZ/A", "ZZ/B", NOON, 1, "00501"))
    header[at - 1] = text
    if (at, text) == (16, ":"):
        header[at - 1] = ">"
    if (at, text) == (12, "0050"):
        header = header[:-1]
        at = 16
    with pytest.raises(NotWritable) as raised:
        Writer(REPEATING).interchange(header, [])
    assert raised.value.faults[0].place.address == f"ISA{at:02d}"


@pytest.mark.parametrize("signs", ["**>~", "*A>~", "*>\u2026~"])
def test_delimiters_that_cannot_be_written_are_refused_at_once(signs: str) -> None:
    with pytest.raises(NotWritable, match="delimiters"):
        Writer(Delimiters(signs[0], signs[1], signs[2], signs[3]), "latin-1")


@dataclass
class Node:
    """What a tree's segment node is to the writer."""

    elements: list[str]
    source: Segment | None = None


ODD_BUT_TRUE = [
    order("\r\n"),
    order("", PO1="PO1*1*5**~~ "),
    order("\n", PO1="\tPO1*1*\n5~", SE="  SE*005*0001~"),
    order("\n", ST="ST*850*00\n01~", CTT="CTT*1**~"),
]


@pytest.mark.parametrize("data", ODD_BUT_TRUE)
def test_onto_its_original_an_untouched_set_is_the_same_bytes(data: bytes) -> None:
    (only,) = sets(data)
    nodes = [Node(segment.elements, segment) for segment in only.located()]
    assert Writer(only.delimiters).transaction_set(only.header[1:], nodes, onto=only) == only.raw


def test_onto_its_original_only_what_changed_is_written() -> None:
    (only,) = sets(order("\r\n", BEG="BEG*00*SA*4500017**20260301*~"))
    nodes = [Node(segment.elements, segment) for segment in only.located()]
    nodes[1] = Node(["PO1", "1", "6"], nodes[1].source)
    nodes.insert(2, Node(["PID", "F", "", "", "", "BOLT"]))
    written = Writer(only.delimiters, line_end="\r\n").transaction_set(["850", "0001"], nodes, onto=only)
    assert written.split(b"\r\n") == [
        b"ST*850*0001~",
        b"BEG*00*SA*4500017**20260301*~",
        b"PO1*1*6~",
        b"PID*F****BOLT~",
        b"CTT*1~",
        b"SE*6*0001~",
    ]


def test_onto_an_original_with_another_control_number_st_and_se_are_written() -> None:
    (only,) = sets(order("\n"))
    nodes = [Node(segment.elements, segment) for segment in only.located()]
    written = Writer(line_end="\n").transaction_set(["850", "0009"], nodes, onto=only)
    assert written == only.raw.replace(b"0001~", b"0009~")


SIGNS = st.sampled_from("*|>:^!\\~'\n\r\x1c\x1d\x1e\x1f\x15+\u00a6\u2026\u00d6$@")
ALPHABET = st.sampled_from("AZaz09 .,*>:^~'|\\!$@\u00e9\u00d6\u20ac\u00a6" + COMPONENT + REPETITION)
SEGMENTS = st.lists(
    st.tuples(
        st.sampled_from(["REF", "N1", "PO1", "BEG", "SLN"]),
        st.lists(st.text(ALPHABET, max_size=6), max_size=4),
    ),
    min_size=1,
    max_size=6,
)


def trimmed(elements: Sequence[str]) -> list[str]:
    """What the law leaves out: empty ends of segments, and of components and repetitions inside an element."""
    kept = [
        REPETITION.join(part.rstrip(COMPONENT) for part in element.split(REPETITION)).rstrip(REPETITION)
        for element in elements
    ]
    while len(kept) > 1 and not kept[-1]:
        kept.pop()
    return kept


@example(["*", "|", "\x15", "\x1f"], True, "", [[("REF", ["\x1e0"])]], "auto")
@example(["*", "\x1e", "~", "^"], True, "", [[("REF", ["0\x1f1"])]], "auto")
@given(
    st.lists(SIGNS, min_size=4, max_size=4, unique=True),
    st.booleans(),
    st.sampled_from(["", "\n", "\r\n"]),
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.sampled_from(["auto", "utf-8", "latin-1"]),
)
def test_what_is_written_reads_back(
    signs: list[str], repeats: bool, line_end: str, bodies: list[list[tuple[str, list[str]]]], charset: str
) -> None:
    element, component, segment, repetition = signs
    assume(not (element in "\r\n" or component in "\r\n" or repetition in "\r\n"))
    assume(not (segment in "\r\n" and line_end))
    delimiters = Delimiters(element, component, repetition if repeats else None, segment)
    try:
        writer = Writer(delimiters, charset, line_end)
        data = compose(
            writer, [[[tag, *rest] for tag, rest in body] for body in bodies], "00501" if repeats else "00401"
        )
    except NotWritable:
        return
    found = sets(data, charset)
    assert [one.segments() for one in found] == [
        [trimmed([tag, *rest]) for tag, rest in body] for body in bodies
    ]
    assert words(data, charset) == []
    first = events(data, charset)[0]
    assert isinstance(first, Interchange)
    assert first.delimiters == writer.delimiters


@given(st.lists(SEGMENTS, min_size=1, max_size=2))
def test_most_of_what_the_law_is_tried_on_is_written(bodies: list[list[tuple[str, list[str]]]]) -> None:
    writer = Writer(Delimiters("\x1d", "\x1f", "\x1e", "\x1c"), line_end="\n")
    written = compose(writer, [[[tag, *rest] for tag, rest in body] for body in bodies], "00501")
    assert len(list(read(written))) == 4 + len(bodies)
