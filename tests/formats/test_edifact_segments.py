"""A message's bytes to segments: the fast way and the exact way say the same, and oddities have their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats.edifact import Delimiters, TransactionSet
from gateway.formats.edifact.charset import ENCODINGS

from .edifact_cases import CASES
from .edifact_documents import order, sets, words


def one_message(signs: Delimiters, body: bytes, level: str = "UNOC", charset: str = "auto") -> TransactionSet:
    """A message of three segments, UNH, what is given, and UNT, read with these service characters."""
    version = "4" if signs.repetition else "3"
    lead = f"UNB+{level}:{version}+A+B+20260301:1530+1'UNH+1+ORDERS:D:96A:UN'"
    table = str.maketrans({":": signs.component, "+": signs.element, "'": signs.segment})
    start, end = lead.translate(table), "UNT+3+1'UNZ+1+1'".translate(table)
    encoding = ENCODINGS[level]
    (only,) = sets((signs.una + start).encode(encoding) + body + end.encode(encoding), charset)
    return only


@pytest.mark.parametrize(("signs", "elements", "wire"), CASES)
def test_read(signs: Delimiters, elements: list[str], wire: bytes) -> None:
    only = one_message(signs, wire)
    assert only.segments() == [elements]
    (segment,) = only.located()
    assert segment.elements == elements
    assert (segment.number, segment.raw) == (2, wire)
    assert only.faults == only.syntax_faults() == []
    assert [text.split(only.separator) for text in only.texts()] == [elements] * only.plain


def test_nearly_all_of_them_are_plain() -> None:
    plain = [one_message(signs, wire).plain for signs, _, wire in CASES]
    assert plain.count(False) == 2  # service characters outside ASCII, and those that are ours for others


def test_places_are_exact() -> None:
    data = order("\r\n", NAD="  NAD+BY+54?+1::9+x'")
    (only,) = sets(data)
    bgm, nad, _ = only.located()
    assert (bgm.number, bgm.line, bgm.column, data[bgm.offset :][:4]) == (2, 4, 1, b"BGM+")
    assert (nad.number, nad.line, nad.column, data[nad.offset :][:4]) == (3, 5, 3, b"NAD+")
    place = nad.place(3)
    assert (place.line, place.column, place.address) == (5, 19, "NAD03")
    assert data[place.offset :][:2] == b"x'"


def test_raws_of_all_segments_are_the_message() -> None:
    (only,) = sets(order("\r\n", NAD="\t''NAD+BY+\r\n?'5' "))
    first, last = only.ends()
    assert first + b"".join(segment.raw or b"" for segment in only.located()) + last == only.raw
    assert only.located()[1].elements == ["NAD", "BY", "'5"]


@pytest.mark.parametrize(
    ("replaced", "expected", "plain"),
    [
        ({}, [], True),
        ({"NAD": "\n\n NAD+BY'"}, [], False),
        ({"NAD": "NAD+BY+\nX'"}, ["(line-break NAD02 5:8)"], False),
        ({"NAD": "N\nAD+BY\r\n+X'"}, ["(line-break NAD 5:1)"], False),
        ({"NAD": "NAD+BY\n'"}, ["(line-break NAD01 5:5)"], False),
        ({"NAD": "NAD+a?\n'b'"}, ["(line-break NAD01 5:5)"], False),
        ({"NAD": "NAD+BY''"}, ["(segment-empty  5:8)"], False),
        ({"NAD": "NAD+BY' '\t'"}, ["(segment-empty  5:9)"], False),
        ({"NAD": "NAD+BY++:'"}, [], True),
        ({"NAD": "NAD+?B?Y'"}, ["(release-needless NAD01 5:5)"], False),
        ({"NAD": "NAD+a+12?.5+12?,5'"}, ["(release-needless NAD03 5:13)"], False),
        ({"NAD": "NAD+12?.5'"}, [], True),
        ({"NAD": "NAD+a?*b'"}, ["(release-needless NAD01 5:5)"], False),
        ({"NAD": "NAD+BY\t'"}, ["character NAD01 5:5"], False),
        ({"NAD": "NAD+\x00+5'"}, ["character NAD01 5:5"], False),
        ({"NAD": "NAD+?\x015'"}, ["(release-needless NAD01 5:5)", "character NAD01 5:5"], False),
        ({"NAD": "NAD+BY\x85'"}, ["character NAD01 5:5"], False),
        ({"NAD": "NAD+a\x1fb\x1ec'"}, ["character NAD01 5:5"], False),
        ({"NAD": "+BY'"}, [], False),
        ({"NAD": "NAD:1:2+BY'"}, [], True),
        ({"UNT": "U\nNT+5+1'"}, ["(line-break UNT 7:1)"], False),
        ({"UNH": "UNH+1+ORDERS:D\n:96A:UN'"}, ["(line-break UNH02 3:7)"], False),
    ],
)
def test_oddities(replaced: dict[str, str], expected: list[str], plain: bool) -> None:
    data = order(**replaced)
    assert words(data) == expected
    (only,) = sets(data)
    assert only.plain is plain
    assert only.segment_count == 5
    assert only.segments() == [segment.elements for segment in only.located()]
    assert only.segments()[-1] == ["LIN", "1", "", "4000862141404\x1fSRV"]


def test_a_separator_of_ours_that_comes_as_data_is_none() -> None:
    (only,) = sets(order(NAD="NAD+a\x1fb\x1ec:?\x1fd'"))
    assert only.segments()[1] == ["NAD", "a\u241fb\u241ec\x1f\u241fd"]


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n", "\r"])
def test_one_line_end_behind_every_segment_is_plain(line_end: str) -> None:
    (only,) = sets(order(line_end))
    assert only.plain
    assert only.segments()[1] == ["NAD", "BY", "5412345000013\x1f\x1f9", "", "Muster + Co\x1fWhat?"]
    assert len(only.segments()) == 3


def test_lines_of_any_width_are_joined() -> None:
    """Also where they break a tag, or stand between a release character and what it releases."""
    data = order("", NAD="NAD+BY+a?'b??+c?+?:d??'")
    for width in range(9, 90):
        broken = b"\r\n".join(data[at : at + width] for at in range(0, len(data), width))
        assert sets(broken)[0].segments() == sets(data)[0].segments(), width
        assert all(word.startswith("(line-break") for word in words(broken)), width


RELEASED = [
    (b"FTX+a?'UNT+5+1?'b'", ["FTX", "a'UNT", "5", "1'b"]),
    (b"FTX+a??'", ["FTX", "a?"]),
    (b"FTX+a???''", ["FTX", "a?'"]),
    (b"FTX+a????'", ["FTX", "a??"]),
    (b"FTX+?'\nUNH?+2'", ["FTX", "'UNH+2"]),
    (b"FTX+??:??'", ["FTX", "?\x1f?"]),
    (b"FTX+???:'", ["FTX", "?:"]),
    (b"FTX+???+'", ["FTX", "?+"]),
    (b"FTX+??+?'", ["FTX", "?", "'LIN", "1"]),
]


@pytest.mark.parametrize(("wire", "elements"), RELEASED)
def test_a_release_character_in_every_position(wire: bytes, elements: list[str]) -> None:
    data = order("", BGM=wire.decode(), NAD="", LIN="LIN+1'", UNT="UNT+4+1'")
    (only,) = sets(data)
    assert only.segments()[0] == elements
    assert only.segments() == [segment.elements for segment in only.located()]
    assert only.incomplete is False


LEVELS = [
    ("UNOA", "CAFE 1/2", "ascii", []),
    ("UNOA", "cafe", "ascii", ["character"]),
    ("UNOA", "A_B", "ascii", ["character"]),
    ("UNOA", "CAF\u00c9", "utf-8", ["character"]),
    ("UNOA", "CAF\u00c9", "iso8859-1", ["character"]),
    ("UNOB", "cafe", "ascii", []),
    ("UNOB", "a@b", "ascii", ["character"]),
    ("UNOC", "a@b caf\u00e9", "iso8859-1", []),
    ("UNOC", "caf\u00e9", "utf-8", ["other-charset"]),
    ("UNOD", "\u0141\u00f3d\u017a", "iso8859-2", []),
    ("UNOE", "\u041c\u043e\u0441\u043a\u0432\u0430", "iso8859-5", []),
    ("UNOF", "\u0391\u03b8\u03ae\u03bd\u03b1", "iso8859-7", []),
    ("UNOG", "\u0126a\u017c\u017c", "iso8859-3", []),
    ("UNOH", "R\u012bga", "iso8859-4", []),
    ("UNOI", "\u0645\u0635\u0631", "iso8859-6", []),
    ("UNOJ", "\u05d7\u05d9\u05e4\u05d4", "iso8859-8", []),
    ("UNOK", "\u0130zmir", "iso8859-9", []),
    ("UNOW", "\u6771\u4eac \u20ac", "utf-8", []),
    ("UNOW", "caf\u00e9", "iso8859-1", ["encoding"]),
    ("UNOW", "a\u0085b", "utf-8", ["character"]),
    ("IATA", "caf\u00e9 \u20ac", "utf-8", []),
    ("IATA", "caf\u00e9", "iso8859-1", []),
]


@pytest.mark.parametrize(("level", "text", "encoding", "expected"), LEVELS)
def test_levels(level: str, text: str, encoding: str, expected: list[str]) -> None:
    unb = f"UNB+{level}:3+A+B+260301:1530+7'"
    data = order("", UNB=unb, NAD="NAD+%'").replace(b"%", text.encode(encoding)).replace(b"Muster", b"MUSTER")
    (only,) = sets(data)
    assert [fault.code.word for fault in only.syntax_faults()] == expected
    assert [fault.place.address for fault in only.syntax_faults()] in ([], ["NAD01"], ["UNH"])
    assert only.plain is not bool(expected)
    read = only.segments()[1][1]
    if expected in ([], ["character"]):
        assert read == text
    elif expected == ["encoding"]:
        assert read == "caf\ufffd"
    else:
        assert read.encode("iso8859-1").decode("utf-8") == text


def test_bytes_a_character_set_does_not_have() -> None:
    (only,) = sets(order(UNB="UNB+UNOF:3+A+B+260301:1530+7'", NAD="NAD+a\xffb'"))
    assert [(fault.code.word, fault.came) for fault in only.syntax_faults()] == [("encoding", "ff")]
    assert only.segments()[1] == ["NAD", "a\ufffdb"]


@pytest.mark.parametrize(
    ("charset", "level", "text", "expected"),
    [
        ("utf-8", "UNOA", "caf\u00e9", []),
        ("utf-8", "UNOC", "caf\u00e9", []),
        ("latin-1", "UNOA", "cafe", []),
        ("UNOC", "UNOA", "cafe", []),
        ("UNOA", "UNOC", "cafe", ["character"]),
        ("UNOW", "UNOC", "caf\u00e9", []),
    ],
)
def test_what_a_profile_says_overrules_the_unb(
    charset: str, level: str, text: str, expected: list[str]
) -> None:
    unb = f"UNB+{level}:3+A+B+260301:1530+7'"
    data = order("", "utf-8", UNB=unb, BGM="BGM+X'", NAD=f"NAD+{text}'")
    (only,) = sets(data, charset)
    assert [fault.code.word for fault in only.syntax_faults()] == expected
    assert only.segments()[1] == ["NAD", text]


def test_the_low_line_came_with_syntax_version_4() -> None:
    unb = "UNB+UNOA:{}+A+B+20260301:1530+7'"
    assert words(order(UNB=unb.format(4), NAD="NAD+A_B'")) == []
    assert words(order(UNB=unb.format(3), NAD="NAD+A_B'")) == ["character NAD01 5:5"]


ODD = "AZ09 +:'?*\n\r\t\x1f\x1e\x85\u00e9UNT"


@given(
    st.text(ODD, max_size=40),
    st.sampled_from(["UNOA", "UNOB", "UNOC", "UNOW", "UNOF"]),
    st.sampled_from("34"),
)
def test_the_fast_way_is_only_taken_where_it_says_the_same(text: str, level: str, version: str) -> None:
    unb = f"UNB+{level}:{version}+A+B+20260301:1530+7'"
    for data in (
        order("", UNB=unb, NAD=text),
        order("\n", UNB=unb, NAD=f"NAD+{text}'"),
        order("\r\n", UNB=unb, LIN=f"LIN+1'{text}"),
    ):
        for found in sets(data):
            assert found.segments() == [segment.elements for segment in found.located()]
            if found.plain:
                assert found.syntax_faults() == []
                assert found.segment_count == len(found.located()) + 2
            first, last = found.ends()
            middle = b"".join(segment.raw or b"" for segment in found.located())
            assert first + middle + last == found.raw


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_never_raise(junk: bytes) -> None:
    words(junk)
    words(order()[:60] + junk + order()[60:])
    words(order()[:150] + junk)
