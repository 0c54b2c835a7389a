"""A set's bytes to segments: the fast way and the exact way say the same, and oddities have their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.faults import Code, Fault
from gateway.formats.spot import Spot
from gateway.formats.x12 import Delimiters, TransactionSet, segments
from gateway.formats.x12.delimiters import syntax

from .x12_cases import CASES
from .x12_documents import GS, ISA, order, sets, with_delimiters, words


def one_set(
    delimiters: Delimiters, body: bytes, encoding: str = "utf-8", charset: str = "auto"
) -> TransactionSet:
    """A set of three segments, ST, what is given, and SE, read with these delimiters."""
    version = "00501" if delimiters.repetition else "00401"
    isa = ISA.replace("*U*00401*", f"*{delimiters.repetition or 'U'}*{version}*")
    table = {"*": delimiters.element, ">": delimiters.component, "~": delimiters.segment}
    lead, tail = isa + GS + "ST*850*0001~", "SE*3*0001~GE*1*7~IEA*1*000000007~"
    start, end = (part.translate(str.maketrans(table)).encode(encoding) for part in (lead, tail))
    (only,) = sets(start + body + end, charset)
    return only


@pytest.mark.parametrize(("delimiters", "elements", "wire"), CASES)
def test_read(delimiters: Delimiters, elements: list[str], wire: bytes) -> None:
    only = one_set(delimiters, wire)
    assert only.segments() == [elements]
    (segment,) = only.located()
    assert segment.elements == elements
    assert (segment.number, segment.raw) == (2, wire)
    assert only.faults == only.syntax_faults() == []


def test_places_are_exact() -> None:
    data = order("\r\n", PO1="  PO1*1*5*EA*9.5**UP*012345678905~")
    (only,) = sets(data)
    beg, po1, _ = only.located()
    assert (beg.number, beg.line, beg.column, data[beg.offset :][:4]) == (2, 4, 1, b"BEG*")
    assert (po1.number, po1.line, po1.column, data[po1.offset :][:4]) == (3, 5, 3, b"PO1*")
    place = po1.place(3)
    assert (place.line, place.column, place.address) == (5, 11, "PO103")
    assert data[place.offset :][:2] == b"EA"


def test_columns_count_characters_and_offsets_bytes() -> None:
    data = order("", BEG="BEG*00*S\u00c4*4500017**20260301~")
    (only,) = sets(data)
    place = only.located()[0].place(3)
    assert data[place.offset :].startswith(b"4500017")
    assert place.column == data.decode().index("4500017") + 1


def test_raws_of_all_segments_are_the_set() -> None:
    (only,) = sets(order("\r\n", PO1="\t~~PO1*1*\r\n5~ "))
    first, last = only.ends()
    assert first + b"".join(segment.raw or b"" for segment in only.located()) + last == only.raw


@pytest.mark.parametrize(
    ("replaced", "expected", "plain"),
    [
        ({}, [], True),
        ({"PO1": "\n\n PO1*1*5~"}, [], False),
        ({"PO1": "PO1*1*\n5~"}, ["(line-break PO102 5:7)"], False),
        ({"PO1": "P\nO1*1*\r\n5~"}, ["(line-break PO1 5:1)"], False),
        ({"PO1": "PO1*1*5\n~"}, ["(line-break PO102 5:7)"], False),
        ({"PO1": "PO1*1*5~~"}, ["(segment-empty  5:9)"], False),
        ({"PO1": "PO1*1*5~ ~\t~"}, ["(segment-empty  5:10)"], False),
        ({"PO1": "PO1*1*5**~"}, [], True),
        ({"PO1": "PO1*1*\t5~"}, ["character PO102 5:7"], False),
        ({"PO1": "PO1*\x00*5~"}, ["character PO101 5:5"], False),
        ({"PO1": "PO1*1*5\x7f~"}, ["character PO102 5:7"], False),
        ({"PO1": "PO1*1*5\x85~"}, ["character PO102 5:7"], False),
        ({"PO1": "PO1*1*a\x1fb\x1ec~"}, ["character PO102 5:7"], False),
        ({"PO1": "*1*5~"}, [], False),
        ({"SE": "S\nE*5*0001~"}, ["(line-break SE 7:1)"], False),
        ({"ST": "ST*850*00\n01~"}, ["(line-break ST02 3:8)"], False),
    ],
)
def test_oddities(replaced: dict[str, str], expected: list[str], plain: bool) -> None:
    data = order(**replaced)
    assert words(data) == expected
    (only,) = sets(data)
    assert only.plain is plain
    assert only.segment_count == 5
    assert only.segments() == [segment.elements for segment in only.located()]
    assert only.segments()[-1] == ["CTT", "1"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_blank_lines_between_segments_that_newlines_end_are_empty_segments(line_end: str) -> None:
    data = order(line_end).replace(b"~", b"\n")
    (only,) = sets(data)
    assert only.plain is False
    assert all(fault.code is Code.SEGMENT_EMPTY for fault in only.syntax_faults())
    assert only.syntax_faults()


def test_a_separator_of_ours_that_comes_as_data_is_none() -> None:
    (only,) = sets(order(PO1="PO1*1*a\x1fb\x1ec>d~"))
    assert only.segments()[1] == ["PO1", "1", "a\u241fb\u241ec\x1fd"]


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n", "\r"])
def test_one_line_end_behind_every_segment_is_plain(line_end: str) -> None:
    (only,) = sets(order(line_end))
    assert only.plain
    assert only.segments() == [["BEG", "00", "SA", "4500017", "", "20260301"], *only.segments()[1:]]
    assert len(only.segments()) == 3


def test_lines_of_80_characters_are_joined() -> None:
    data = order("")
    wrapped = b"\r\n".join(data[at : at + 80] for at in range(0, len(data), 80))
    assert sets(wrapped)[0].segments() == sets(data)[0].segments()
    for width in range(1, 60):
        broken = order("")[:106] + b"\n".join(data[at : at + width] for at in range(106, len(data), width))
        assert sets(broken)[0].segments() == sets(data)[0].segments()
        assert all(word.startswith("(line-break") for word in words(broken)), width


BINARY = [
    ("BIN*5*~SE*3~", ["BIN", "5", "~SE*3"], []),
    ("BIN*9*a*b~\r\nST*~", ["BIN", "9", "a*b~\r\nST*"], []),
    ("BIN*0*~", ["BIN", "0", ""], []),
    ("BDS*ASC*4*IEA*~", ["BDS", "ASC", "4", "IEA*"], []),
    ("BIN*3*>\u00e9~", ["BIN", "3", ">\u00c3\u00a9"], []),
    ("BIN*x*abc~", ["BIN", "x", "abc"], ["binary-length BIN01 1:171"]),
    ("BIN*2*abc~", ["BIN", "2", "abc"], ["binary-length BIN01 1:171"]),
    ("BIN*999*abc~", ["BIN", "999", "abc"], ["binary-length BIN01 1:171"]),
    ("BIN*99999999999999*abc~", ["BIN", "99999999999999", "abc"], ["binary-length BIN01 1:171"]),
    ("BIN~", ["BIN"], ["binary-length BIN01 1:167"]),
    ("BDS*ASC*x*abc~", ["BDS", "ASC", "x", "abc"], ["binary-length BDS02 1:175"]),
]


@pytest.mark.parametrize(("wire", "elements", "expected"), BINARY)
def test_binary_data_is_as_long_as_it_says(wire: str, elements: list[str], expected: list[str]) -> None:
    data = (ISA + GS + "ST*275*0001~" + wire + "CTT*1~SE*4*0001~GE*1*7~IEA*1*000000007~").encode()
    assert words(data) == expected
    (only,) = sets(data)
    assert only.segments() == [elements, ["CTT", "1"]]
    assert only.segment_count == 4


@pytest.mark.parametrize(
    ("charset", "text", "encoding", "reads", "expected"),
    [
        ("auto", "caf\u00e9", "utf-8", "caf\u00e9", []),
        ("auto", "caf\u00e9", "latin-1", "caf\u00e9", []),
        ("utf-8", "caf\u00e9", "utf-8", "caf\u00e9", []),
        ("utf-8", "caf\u00e9", "latin-1", "caf\ufffd", ["encoding PO102 5:7"]),
        ("latin-1", "caf\u00e9", "latin-1", "caf\u00e9", []),
        ("latin-1", "caf\u20ac", "utf-8", "caf\u00e2\u0082\u00ac", ["character PO102 5:7"]),
        ("basic", "CAFE", "utf-8", "CAFE", []),
        ("basic", "cafe", "utf-8", "cafe", ["character PO102 5:7"]),
        ("extended", "caf\u00e9", "utf-8", "caf\u00e9", []),
        ("extended", "caf\u20ac", "utf-8", "caf\u20ac", ["character PO102 5:7"]),
    ],
)
def test_charsets(charset: str, text: str, encoding: str, reads: str, expected: list[str]) -> None:
    data = order(PO1=f"PO1*1*{text}~").decode().encode(encoding)
    assert words(data, charset) == expected
    (only,) = sets(data, charset)
    assert only.segments()[1] == ["PO1", "1", reads]
    assert only.plain is not bool(expected)
    assert text.encode(encoding) in only.raw


def test_one_interchange_may_mix_encodings_set_by_set() -> None:
    second = "ST*850*0002~BEG*00*\u00e9~SE*3*0002~"
    data = order("", SE="SE*5*0001~", PO1="PO1*\u20ac~", GE="%GE*2*7~").decode()
    start, end = data.split("%")
    found = sets(start.encode() + second.encode("latin-1") + end.encode())
    assert [found[0].segments()[1], found[1].segments()[0]] == [["PO1", "\u20ac"], ["BEG", "00", "\u00e9"]]


ODD = "AZ09 *>~\n\r\t\x1f\x1e\x85\u00e9\u20acSEGTIB"


@given(st.text(ODD, max_size=40), st.sampled_from(["auto", "basic", "latin-1", "utf-8"]))
def test_the_fast_way_is_only_taken_where_it_says_the_same(text: str, charset: str) -> None:
    for data in (order("", PO1=text), order("\n", PO1=f"PO1*{text}~"), order("\r\n", CTT=f"CTT*1~{text}")):
        for found in sets(data, charset):
            assert found.segments() == [segment.elements for segment in found.located()]
            if found.plain:
                assert found.syntax_faults() == []
                first, last = found.ends()
                middle = b"".join(segment.raw or b"" for segment in found.located())
                assert first + middle + last == found.raw


@given(
    st.text(ODD + "*BIN", max_size=40),
    st.sampled_from(["auto", "basic", "latin-1"]),
    st.sampled_from("*^|5\x1d"),
)
def test_a_segment_of_visible_ascii_is_read_as_any_other(text: str, charset: str, sign: str) -> None:
    made = syntax(Delimiters(sign, ":", "^" if sign != "^" else None, "~"), charset)
    body = text.encode()
    if body and (plain := segments._plain_segment(body, Spot(7, 3, 5), 2, made)):
        faults: list[Fault] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(segments, "_plain_segment", lambda *_: None)
            exact = segments._segment(body, Spot(7, 3, 5), 2, made, "utf-8", False, faults)
        assert faults == []
        assert (plain.elements, plain.starts) == (exact.elements, exact.starts)
        assert (plain.offset, plain.line, plain.column, plain.number) == (7, 3, 5, 2)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_never_raise(junk: bytes) -> None:
    words(junk)
    words(order()[:200] + junk + order()[200:])
    words(order()[:150] + junk)


def test_a_delimiter_outside_ascii_settles_the_encoding() -> None:
    data = with_delimiters(Delimiters("*", ">", None, "\u00d6"), "latin-1").replace(b"4500017", b"\xc3\xa9")
    (only,) = sets(data)
    assert only.segments()[0][3] == "\u00c3\u00a9"
