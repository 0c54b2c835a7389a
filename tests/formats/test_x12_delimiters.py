"""Delimiters come from the ISA, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats.x12 import CHARSETS, Delimiters, Interchange, Stray, delimiters

from .x12_documents import ISA, events, order, sets, with_delimiters, words

DELIMITERS = [
    (Delimiters("*", ">", None, "~"), "utf-8"),
    (Delimiters("|", "<", None, "'"), "utf-8"),
    (Delimiters("*", ">", None, "\n"), "utf-8"),
    (Delimiters("*", ">", None, "\r"), "utf-8"),
    (Delimiters("\x1d", "\x1f", None, "\x1c"), "utf-8"),
    (Delimiters("\x1f", "\x1e", None, "\x15"), "utf-8"),
    (Delimiters("*", ">", None, "\u00a6"), "utf-8"),
    (Delimiters("*", ">", None, "\u00a6"), "latin-1"),
    (Delimiters("*", ">", None, "\u2026"), "utf-8"),
    (Delimiters("*", ">", None, "\u00d6"), "utf-8"),
    (Delimiters("*", ">", None, "\u00d6"), "latin-1"),
    (Delimiters("\u00a7", "\u00b6", None, "\u00d6"), "latin-1"),
    (Delimiters("\u00a7", "\u00b6", None, "\u00d6"), "utf-8"),
    (Delimiters("^", "*", None, "$"), "utf-8"),
]


@pytest.mark.parametrize(("signs", "encoding"), DELIMITERS)
def test_any_characters_may_separate(signs: Delimiters, encoding: str) -> None:
    found = events(with_delimiters(signs, encoding))
    assert isinstance(found[0], Interchange)
    assert found[0].delimiters == signs
    assert [fault for event in found for fault in event.faults] == []
    (only,) = sets(with_delimiters(signs, encoding))
    assert only.segments()[1][6:] == ["UP", "012345678905"]
    assert [segment.elements for segment in only.located()] == only.segments()


@pytest.mark.parametrize(
    ("name", "isa", "segment", "component"),
    [
        ("fixed", ISA, "~", ">"),
        (
            "collapsed",
            "ISA*00* *00* *ZZ*BUYER *12*8475551234 *260301*1530*U*00401*000000007*0*T*>~",
            "~",
            ">",
        ),
        ("wrapped", ISA[:80] + "\r\n" + ISA[80:], "~", ">"),
        ("wrapped in ISA", "I\nS" + ISA[2:], "~", ">"),
        ("broken before the terminator", ISA[:105] + "\n~", "~", ">"),
        ("broken before ISA16", ISA[:104] + "\r\n>~", "~", ">"),
        ("ISA16 left out", ISA[:104] + "~", "~", ""),
    ],
)
def test_odd_headers_are_read(name: str, isa: str, segment: str, component: str) -> None:
    for line_end in ("\n", "\r\n", ""):
        first, *rest = events(order(line_end, ISA=isa))
        assert isinstance(first, Interchange), name
        assert (first.delimiters.segment, first.delimiters.component) == (segment, component)
        assert (first.sender, first.receiver, first.control) == ("ZZ/BUYER", "12/8475551234", "000000007")
        assert [fault for event in rest for fault in event.faults if not fault.is_note] == []


def test_crlf_after_a_newline_terminator_is_plain() -> None:
    data = with_delimiters(Delimiters("*", ">", None, "\n")).replace(b"\n", b"\r\n")
    (only,) = sets(data)
    assert only.delimiters.segment == "\n"
    assert only.plain
    assert only.segments()[-1] == ["CTT", "1"]
    assert only.located()[-1].elements == ["CTT", "1"]
    assert words(data) == []


@pytest.mark.parametrize(
    ("standard", "version", "repetition"),
    [
        ("U", "00401", None),
        ("^", "00401", None),
        ("^", "00402", "^"),
        ("!", "00501", "!"),
        ("U", "00501", None),
        (" ", "00501", None),
    ],
)
def test_isa11_separates_repetitions_from_00402_on(
    standard: str, version: str, repetition: str | None
) -> None:
    isa = ISA.replace("*U*00401*", f"*{standard}*{version}*")
    first = events(order(ISA=isa, CTT=f"CTT*1{standard}2~"))[0]
    assert isinstance(first, Interchange)
    assert first.delimiters.repetition == repetition
    (only,) = sets(order(ISA=isa, CTT=f"CTT*1{standard}2~"))
    assert only.segments()[-1][1] == ("1\x1e2" if repetition else f"1{standard}2")


def test_delimiters_that_cannot_be_told_apart_are_a_fault_and_reading_goes_on() -> None:
    assert "delimiter ISA16 1:105" in words(order(ISA=ISA.replace(">~", "*~")))
    assert sets(order(ISA=ISA.replace(">~", "~~")))[0].segments()[0][0] == "BEG"
    unreadable = events(order("", ISA=ISA.replace(">~", ">X")) + order())
    assert unreadable[0].faults[0].code.word == "delimiter"
    assert len([event for event in unreadable if isinstance(event, Interchange)]) == 2


@pytest.mark.parametrize(
    "junk", [b"VISA*12*34 ", b"ISABEL*WAS*HERE\n", b"ISA is here: ", b"\xff\x00\x01", b"ISA*1*2*\n"]
)
def test_isa_is_no_prefix_of_other_text(junk: bytes) -> None:
    stray, first, *_ = events(junk + order())
    assert isinstance(stray, Stray)
    assert isinstance(first, Interchange)
    assert (stray.offset, stray.size, first.offset) == (0, len(junk), len(junk))


@pytest.mark.parametrize("lead", [b"", b"\n\n", b"  \t\r\n"])
def test_blanks_and_a_byte_order_mark_are_nothing(lead: bytes) -> None:
    assert words(lead + order()) == []
    assert words(b"\xef\xbb\xbf" + lead + order()) == []
    (only,) = sets(b"\xef\xbb\xbf" + order())
    assert only.raw == b"\xef\xbb\xbf".join([b"", order()])[only.offset :][: len(only.raw)]


SPOILING = "*>~|UZG \r\n\x1e\u00e9A0"


@given(
    at=st.lists(st.integers(0, 120), max_size=3),
    signs=st.lists(st.sampled_from(SPOILING), min_size=3, max_size=3),
    version=st.sampled_from(["00401", "00501", "     "]),
    charset=st.sampled_from(CHARSETS),
    kept=st.integers(100, 160),
)
def test_the_usual_header_is_read_as_any_other(
    at: list[int], signs: list[str], version: str, charset: str, kept: int
) -> None:
    text = list(order("").decode().replace("*00401*", f"*{version}*"))
    for place, sign in zip(at, signs, strict=False):
        text[place] = sign
    head = "".join(text).encode("latin-1" if charset == "latin-1" else "utf-8")[:kept]
    usual = delimiters._usual(head, charset)
    if usual is not None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimiters, "_usual", lambda head, charset: None)
            assert delimiters.find_delimiters(head, charset) == usual


def test_the_usual_header_is_taken_the_short_way() -> None:
    for line_end in ("", "\n", "\r\n"):
        assert delimiters._usual(order(line_end), "auto") is not None
    assert delimiters._usual(ISA.encode() + b"TA1*", "auto") is None
