"""Envelopes: what is wrong is said with its place, and reading goes on."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import pytest

from gateway.formats.controls import ControlNumbers
from gateway.formats.x12 import (
    Group,
    GroupEnd,
    Interchange,
    InterchangeAcknowledgment,
    InterchangeEnd,
    Limits,
    Stray,
    TransactionSet,
    controls,
    read,
)
from gateway.formats.x12.scan import Scan

from .x12_documents import BODY, GS, ISA, SET, events, order, sets, words

KINDS = [Interchange, Group, TransactionSet, GroupEnd, InterchangeEnd]


def test_a_good_file() -> None:
    found = events(order())
    assert [type(event) for event in found] == KINDS
    interchange, group, only, group_end, end = found
    assert isinstance(interchange, Interchange)
    assert (interchange.sender, interchange.receiver, interchange.test) == ("ZZ/BUYER", "12/8475551234", True)
    assert (interchange.version, interchange.date, interchange.ack_requested) == ("00401", "260301", False)
    assert isinstance(group, Group)
    assert (group.code, group.control, group.version) == ("PO", "7", "004010")
    assert isinstance(only, TransactionSet)
    assert (only.code, only.control, only.version, only.segment_count) == ("850", "0001", "004010", 5)
    assert (only.offset, only.line, only.plain, only.incomplete) == (156, 3, True, False)
    assert only.raw == "\n".join(SET).encode()
    assert isinstance(group_end, GroupEnd)
    assert (group_end.sets, group_end.complete) == (1, True)
    assert isinstance(end, InterchangeEnd)
    assert (end.groups, end.complete, end.trailer) == (1, True, ("1", "000000007"))
    assert words(order()) == []


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        ({"SE": "SE*6*0001~"}, ["se-count SE01 7:4"]),
        ({"SE": "SE*x*0001~"}, ["se-count SE01 7:4"]),
        ({"SE": "SE*5*0001*x~"}, ["too-many-elements SE03 7:11"]),
        ({"SE": "SE*5*0001***x*y~"}, ["too-many-elements SE05 7:13"]),
        ({"SE": "SE*5*0001**~"}, []),
        ({"ST": "ST*850*0001*004010*x~"}, ["too-many-elements ST04 3:20"]),
        ({"SE": "SE*5*1~"}, ["se-control SE02 7:6"]),
        ({"SE": "SE*5~"}, ["se-control SE02 7:4"]),
        ({"SE": "SE*005*0001~"}, []),
        ({"SE": ""}, ["missing-se SE 7:1"]),
        ({"ST": "ST*850~"}, ["st-element ST02 3:4", "se-control SE02 7:6"]),
        ({"ST": "ST**0001~"}, ["st-element ST01 3:4"]),
        ({"GE": "GE*2*7~"}, ["ge-count GE01 8:4"]),
        ({"GE": "GE*1*8~"}, ["ge-control GE02 8:6"]),
        ({"GE": "GE*1*007~"}, []),
        ({"GE": ""}, ["missing-ge GE 8:1"]),
        ({"IEA": "IEA*2*000000007~"}, ["iea-count IEA01 9:5"]),
        ({"IEA": "IEA*1*000000008~"}, ["iea-control IEA02 9:7"]),
        ({"IEA": "IEA*1*7~"}, []),
        ({"IEA": ""}, ["missing-iea IEA 8:8"]),
        (
            {"GS": "GS*PO*BUYER*8475551234*20260301*1530**X*004010~"},
            ["gs-element GS06 2:38", "ge-control GE02 8:6"],
        ),
        (
            {"GS": "GS*PO*BUYER~"},
            [*(f"gs-element GS{at:02d} 2:12" for at in range(3, 9)), "ge-control GE02 8:6"],
        ),
        ({"GS": ""}, ["unexpected-envelope ST 2:1", "iea-count IEA01 8:5"]),
        ({"ST": "SE*1*0001~\nST*850*0001~"}, ["unexpected-envelope SE 3:1"]),
        ({"IEA": "GE*1*7~\nIEA*1*000000007~"}, ["unexpected-envelope GE 9:1"]),
        ({"GE": "REF*XX*1~\nGE*1*7~"}, ["segment-out-of-place REF 8:1"]),
        ({"GE": "~\nGE*1*7~"}, ["(segment-empty  8:1)"]),
        ({"GS": "ISB*1~\n" + GS}, ["(segment-out-of-place ISB 2:1)"]),
        ({"ISA": ISA.replace("*T*", "*X*")}, ["isa-element ISA15 1:103"]),
        ({"ISA": ISA.replace("000000007", "00000000A")}, ["isa-element ISA13 1:91", "iea-control IEA02 9:7"]),
        ({"GS": GS.replace("BUYER", "BU\x01ER")}, ["character GS02 2:7"]),
        ({"ST": "\n".join(SET) + "\nST*850*0001~", "GE": "GE*2*7~"}, ["duplicate-set ST02 8:8"]),
    ],
)
def test_envelope_faults(replaced: dict[str, str], expected: list[str]) -> None:
    assert words(order(**replaced)) == expected
    kinds = [type(event) for event in events(order(**replaced)) if not isinstance(event, Stray)]
    assert kinds[:2] == KINDS[:2]
    assert kinds[-2:] == KINDS[-2:]


def test_truncated_anywhere_never_takes_a_half_set_for_a_whole_one() -> None:
    whole = order()
    for size in range(1, len(whole)):
        found = list(read(whole[:size]))
        faults = [fault for event in found for fault in event.faults if not fault.is_note]
        assert faults or whole[size:].strip(b"~") == b"", size
        for event in found:
            if isinstance(event, TransactionSet) and not event.incomplete:
                assert event.segments()[-1] == ["CTT", "1"]
                assert event.control == "0001"


def test_events_nest_however_the_file_is_spoiled() -> None:
    whole = order("")
    pieces = [piece + b"~" for piece in whole.split(b"~")[:-1]]
    for left_out in range(1, len(pieces)):
        for doubled in range(len(pieces)):
            spoiled = pieces[:left_out] + pieces[left_out + 1 :]
            spoiled.insert(doubled, pieces[doubled])
            assert_nested(read(b"".join(spoiled)))


def assert_nested(found: Iterable[object]) -> None:
    depth = 0
    expected = {
        Interchange: (0, 1),
        Group: (1, 2),
        TransactionSet: (2, 2),
        GroupEnd: (2, 1),
        InterchangeEnd: (1, 0),
    }
    for event in found:
        if type(event) in expected:
            before, after = expected[type(event)]
            assert depth == before
            depth = after
    assert depth == 0


def test_several_interchanges_with_delimiters_of_their_own() -> None:
    other = order().translate(bytes.maketrans(b"*~>", b"|\x1c<"))
    found = [event for event in events(order() + b"\r\n" + other + order()) if isinstance(event, Interchange)]
    assert [str(event.delimiters) for event in found] == ["*>~", "|<\x1c", "*>~"]
    assert words(order() + other) == []


def test_an_interchange_without_iea_ends_where_the_next_begins() -> None:
    other = order().translate(bytes.maketrans(b"*~>", b"|\x1c<"))
    assert words(order(IEA="") + other) == ["missing-iea IEA 8:8"]
    assert words(order(SE="", GE="", IEA="") + b"\n" + order()) == [
        "missing-se SE 7:1",
        "missing-ge GE 7:1",
        "missing-iea IEA 7:1",
    ]


def test_ta1_stands_between_isa_and_gs() -> None:
    data = order(GS="TA1*000000050*200229*1200*A*000~\nTA1*000000051*200229*1200*R*001~\n" + GS)
    found = events(data)
    assert [event.elements[1] for event in found if isinstance(event, InterchangeAcknowledgment)] == [
        "000000050",
        "000000051",
    ]
    assert words(data) == []


def test_an_interchange_of_ta1_alone_may_count_one_group() -> None:
    data = "\n".join([ISA, "TA1*000000050*200229*1200*A*000~", "IEA*1*000000007~"]).encode()
    assert words(data) == ["(iea-count IEA01 3:5)"]


def test_what_stands_behind_the_interchange_is_kept_as_a_note() -> None:
    data = order() + b"\n\x1a"
    assert words(data) == ["(outside-interchange  10:1)"]
    stray = events(data)[-1]
    assert isinstance(stray, Stray)
    assert (stray.offset, stray.size, stray.sample) == (len(data) - 1, 1, b"\x1a")


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "empty-file", ""),
        (b" \r\n\t", "empty-file", ""),
        (b"\xef\xbb\xbf\n", "empty-file", ""),
        (b"%PDF-1.7\n%\xe2\xe3", "unknown-format", "a PDF"),
        (b'{"order": 1}', "unknown-format", "JSON"),
        (b"<?xml version='1.0'?><a/>", "unknown-format", "XML"),
        (b"PK\x03\x04....", "unknown-format", "ZIP"),
        (b"UNA:+.? 'UNB+UNOA:4", "unknown-format", "EDIFACT"),
        (b"GS*PO*A*B~", "unknown-format", "X12 without its ISA"),
        (bytes(range(256)) * 500, "unknown-format", "binary data"),
        (b"hello " * 20000, "unknown-format", "text"),
        ("ISA*00*".encode("utf-16"), "encoding", ""),
        (ISA.encode("utf-16-le"), "encoding", ""),
        (b"ISA*00*     ", "isa-truncated", ""),
        (ISA[:104].encode(), "isa-truncated", ""),
    ],
)
def test_no_x12_is_one_fault_at_byte_0(data: bytes, code: str, says: str) -> None:
    (stray,) = events(data)
    (fault,) = stray.faults
    assert (fault.code.word, fault.place.offset, stray.offset) == (code, 0, 0)
    assert says in str(fault)


def test_a_header_with_too_few_elements_is_truncated_and_the_next_interchange_is_read() -> None:
    assert words(order(ISA=ISA.replace("*U*", "*")) + b"\n" + order()) == ["isa-truncated ISA 1:1"]
    assert len(sets(order(ISA=ISA.replace("*U*", "*")) + b"\n" + order())) == 1


def many(count: int) -> bytes:
    found = [ISA, GS]
    for number in range(1, count + 1):
        found += [f"ST*850*{number:04d}~", *BODY, f"SE*5*{number:04d}~"]
    return "\n".join([*found, f"GE*{count}*7~", "IEA*1*000000007~"]).encode()


def facts(found: Iterable[object]) -> list[str]:
    keys = ("offset", "line", "column", "raw", "faults", "sample", "size", "header", "trailer")
    return [f"{type(event).__name__} {[getattr(event, key, None) for key in keys]}" for event in found]


@pytest.mark.parametrize("size", [1, 7, 100, 32768])
def test_how_the_source_is_cut_says_nothing(size: int) -> None:
    data = b"\xef\xbb\xbf" + many(40) + b"\n" + order(SE="") + order("\r\n") + b"tail"
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert facts(read(pieces)) == facts(read(data))
    assert facts(read(io.BytesIO(data))) == facts(read(data))


SIGNS = b"*~>^ 09AZ\n\r\x00\x1f\xe9"


@pytest.mark.parametrize("charset", ["auto", "basic", "latin-1"])
def test_an_ordinary_envelope_is_read_as_any_other(charset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte of the envelope replaced, left out and doubled: the short way says what the long one says."""
    whole = order("")
    envelope = [*range(whole.index(b"ST*")), *range(whole.index(b"GE*"), len(whole))]
    spoiled = [
        whole[:at] + change + whole[at + 1 :]
        for at in envelope
        for change in (b"", 2 * whole[at : at + 1], *(SIGNS[i : i + 1] for i in range(len(SIGNS))))
    ]
    spoiled += [
        whole + whole,
        order(),
        order("\r\n"),
        order(GE=f"GE*1*7~{GS}GE*0*7~", IEA="IEA*2*000000007~"),
    ]
    soon = [facts(read(data, charset=charset)) for data in spoiled]
    monkeypatch.setattr(Scan, "ordinary", lambda scan: None)
    monkeypatch.setattr(controls, "WELL", re.compile("(?!)"))
    for data, found in zip(spoiled, soon, strict=True):
        assert facts(read(data, charset=charset)) == found, data


def test_a_source_may_answer_less_than_it_was_asked() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(3)

    data = many(40)
    assert facts(read(Slow(data))) == facts(read(data))


@pytest.mark.parametrize("repeated", [30, 3000])
def test_a_set_larger_than_the_limit_is_passed_over(repeated: int) -> None:
    body = "\n".join(["REF*DP*" + "x" * 60 + "~"] * repeated)
    large = order(CTT=body + "\nCTT*1~", SE=f"SE*{repeated + 5}*0001~")
    limits = Limits(set_bytes=1000)
    assert words(large + b"\n" + order(), limits=limits) == ["set-too-large ST 3:1"]
    first, second = sets(large + b"\n" + order(), limits=limits)
    assert (first.skipped, first.control, first.raw) == (True, "0001", b"ST*850*0001~")
    assert first.segments() == first.located() == []
    assert second.line == first.line + repeated + 9
    assert words(large.replace(b"\nSE*", b"\nXX*"), limits=limits)[:2] == [
        "set-too-large ST 3:1",
        f"missing-se SE {repeated + 8}:1",
    ]


def test_a_segment_longer_than_the_limit_is_a_fault() -> None:
    data = order(CTT="CTT*" + "1" * 500 + "~")
    assert words(data, limits=Limits(segment_bytes=300)) == ["segment-too-long CTT 6:1"]
    assert not sets(data, limits=Limits(segment_bytes=300))[0].plain
    assert words(data, limits=Limits(segment_bytes=504)) == []


def test_a_file_larger_than_the_limit_is_read_up_to_it() -> None:
    data = many(10)
    found = words(data, limits=Limits(file_bytes=400))
    assert found[0].startswith("missing-se")
    assert found[-1].startswith("file-too-large")
    assert words(data, limits=Limits(file_bytes=len(data))) == []


@pytest.mark.parametrize("filler", ["~", "ISA*~", "BIN*99999*~", "ST*~", "GS*~", "AB*~GE*~", " ", "\n", "A"])
def test_endless_repetition_takes_time_in_proportion(filler: str) -> None:
    """Each of these was, or could be, quadratic: a megabyte would take minutes."""
    lead = "".join([ISA, GS, "ST*850*0001~"])
    data = (lead + filler * (100_000 // len(filler))).encode()
    assert_nested(read(data))


def test_an_unknown_charset_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="known: auto, basic"):
        read(b"", charset="ebcdic")


@pytest.mark.parametrize(
    ("numbers", "repeated"),
    [
        (["1", "2", "3", "2"], [3]),
        (["5", "3", "4", "6", "3", "7", "5"], [4, 6]),
        (["0001", "1", "01", "0001"], [3]),
        (["A1", "A2", "A1"], [2]),
        (["9", "1", "8", "2", "7", "9", "8"], [5, 6]),
        (["\u0661", "1", "\u0661"], [2]),
    ],
)
def test_control_numbers_are_remembered(numbers: list[str], repeated: list[int]) -> None:
    seen = ControlNumbers()
    assert [at for at, number in enumerate(numbers) if seen.repeats(number)] == repeated
