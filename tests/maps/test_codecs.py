"""Codecs: what each reads and writes, what it refuses, and that what is written reads back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.faults import Code
from gateway.maps import codecs
from gateway.maps.codecs import Codec, From, Join, Pad, Split, Sscc, Upper, Wrap

UNITS = codecs.codes("units", "x12", {"each": ["EA", "PC"], "case": ["CA"]})
ITEMS = codecs.lookup("items", "ours,theirs\nA-1,9001\nB-2,9002\n")


@pytest.mark.parametrize(
    ("codec", "wire", "value", "written"),
    [
        (UNITS, "EA", "each", "EA"),
        (UNITS, "PC", "each", "EA"),
        (UNITS, "PBU", "x12:PBU", "PBU"),
        (ITEMS, "9002", "B-2", "9002"),
        (Pad("pad", 6, "0"), "000120", "120", "000120"),
        (Pad("pad", 3, "0"), "000", "0", "000"),
        (From("from", 2), "2", "1", "2"),
        (From("from", 0), "9", "10", "9"),
        (Upper("upper"), "abC", "ABC", "ABC"),
        (Split("split", "/", 2), "A/B/C", "B", "/B"),
        (Sscc("sscc", "00"), "00106141412345678908", "106141412345678908", "00106141412345678908"),
        (Sscc("sscc", "00"), "106141412345678908", "106141412345678908", "00106141412345678908"),
        (Sscc("sscc", ""), "00106141412345678908", "106141412345678908", "106141412345678908"),
    ],
)
def test_reads_and_writes(codec: Codec, wire: str, value: str, written: str) -> None:
    assert codec.read(wire) == value
    assert codec.write(value) == written
    assert codec.read(written) == value


def test_split_keeps_the_other_parts() -> None:
    assert Split("split", "/", 2).write("X", "A/B/C") == "A/X/C"
    assert Split("split", "/", 3).read("A/B") == ""


@pytest.mark.parametrize(
    ("codec", "value", "expected"),
    [
        (UNITS, "cases", "did you mean case?"),
        (UNITS, "x12:EA", "each"),
        (UNITS, "EA", "a word of the table units; EA is the code of `each`"),
        (UNITS, "edifact:PCE", "a word of the table units"),
        (ITEMS, "C-3", "lists"),
        (Pad("pad", 3, "0"), "1234", "at most 3"),
        (From("from", 2), "A", "a whole number"),
        (Split("split", "/", 1), "A/B", "without /"),
        (Sscc("sscc", "00"), "106141412345678907", "its check digit would be 8"),
        (Sscc("sscc", "00"), "10614141234567890", "18 digits"),
        (Sscc("sscc", "00"), "00106141412345678908", "18 digits"),
        (Sscc("sscc", ""), "10614141234567890X", "18 digits"),
    ],
)
def test_refuses_what_would_not_read_back(codec: Codec, value: str, expected: str) -> None:
    with pytest.raises(ValueError, match=re.escape(expected)):
        codec.write(value)


@pytest.mark.parametrize(
    ("standing", "written"),
    [
        ("006141411234567890", "106141412345678908"),
        ("00006141411234567890", "00106141412345678908"),
        ("CASE 7", "00106141412345678908"),
        ("", "00106141412345678908"),
    ],
)
def test_an_sscc_keeps_the_form_it_stands_in(standing: str, written: str) -> None:
    assert Sscc("sscc", "00").write("106141412345678908", standing) == written


@pytest.mark.parametrize("text", ["106141412345678907", "00106141412345678907", "CASE 7", "0614141234567890"])
def test_what_is_no_sscc_is_read_as_it_came_and_noted(text: str) -> None:
    codec = Sscc("sscc", "00")
    assert not codec.knows(text)
    assert text.endswith(codec.read(text))
    assert codec.remark is Code.CHECK_DIGIT
    assert "an SSCC" in str(codec.wanted(text))


def test_lookup_does_not_guess() -> None:
    with pytest.raises(ValueError, match="items lists"):
        ITEMS.read("1234")


@pytest.mark.parametrize(
    ("text", "problem"),
    [("ours,theirs\nA,1\nA,2\n", "twice"), ("ours,theirs\nA\n", "two columns")],
)
def test_a_table_without_a_way_back_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        codecs.lookup("items", text)


def test_one_code_under_two_words_is_refused() -> None:
    with pytest.raises(ValueError, match="EA stands under both each and piece"):
        codecs.codes("units", "x12", {"each": ["EA"], "piece": ["EA"]})


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ('pad(10,"0")', Pad),
        ('split("/", 1)', Split),
        ('split(",",2)', Split),
        ("upper", Upper),
        ('join(" ")', Join),
        ("wrap(35)", Wrap),
    ],
)
def test_calls(call: str, kind: type[Codec]) -> None:
    assert isinstance(codecs.plain(*codecs.call(call)), kind)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("pad(x)", "pad takes a length"),
        ('pad(3,"ab")', "pad takes a length"),
        ('split("/",0)', "split takes a separator"),
        ("split", "does not take 0 arguments"),
        ("wrap(0)", "wrap takes a width"),
        ("uper", "did you mean upper"),
        ("pad(1,2,3)", "does not take 3 arguments"),
        ("upper(", "this is no codec"),
    ],
)
def test_wrong_calls_are_refused(call: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        codecs.plain(*codecs.call(call))


@given(
    st.sampled_from([Pad("pad", 6, "0"), Split("split", "/", 2), Upper("upper"), UNITS]), st.text(max_size=8)
)
def test_what_is_written_reads_back_or_is_seen_not_to(codec: Codec, text: str) -> None:
    try:
        written = codec.write(text)
    except ValueError:
        return
    again = codec.read(written)
    assert again == text or codec.write(again) == written or isinstance(codec, Upper | Pad)
