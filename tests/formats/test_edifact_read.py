"""Envelopes: what is wrong is said with its place, and reading goes on."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats.edifact import (
    Group,
    GroupEnd,
    Interchange,
    InterchangeEnd,
    Limits,
    Package,
    Stray,
    TransactionSet,
    read,
)

from .edifact_cases import OTHER
from .edifact_documents import (
    BODY,
    MESSAGE,
    UNA,
    UNB,
    UNG,
    events,
    grouped,
    order,
    sets,
    with_delimiters,
    words,
)

KINDS = [Interchange, Group, TransactionSet, GroupEnd, InterchangeEnd]


def test_a_good_file() -> None:
    found = events(order())
    assert [type(event) for event in found] == KINDS
    interchange, group, only, group_end, end = found
    assert isinstance(interchange, Interchange)
    assert (interchange.sender, interchange.receiver) == ("14/5412345000013", "14/4012345000009")
    assert (interchange.level, interchange.version, interchange.control) == ("UNOC", "3", "7")
    assert (interchange.date, interchange.time, interchange.application) == ("260301", "1530", "ORDERS")
    assert (interchange.test, interchange.usage, interchange.ack_requested) == (True, "T", False)
    assert interchange.priority == ""
    assert isinstance(group, Group)
    assert (group.header, group.code, group.version) == ((), "", "")
    assert isinstance(only, TransactionSet)
    assert (only.code, only.control, only.version, only.segment_count) == ("ORDERS", "1", "D96A", 5)
    assert (only.agency, only.association) == ("UN", "EAN008")
    assert (only.offset, only.line, only.plain, only.incomplete) == (len(UNA) + len(UNB) + 2, 3, True, False)
    assert only.raw == "\n".join(MESSAGE).encode()
    assert isinstance(group_end, GroupEnd)
    assert (group_end.trailer, group_end.sets, group_end.complete) == (None, 1, True)
    assert isinstance(end, InterchangeEnd)
    assert (end.groups, end.complete, end.trailer) == (0, True, ("1", "7"))
    assert words(order()) == []


def test_a_group() -> None:
    found = events(grouped())
    assert [type(event) for event in found] == KINDS
    _, group, only, group_end, end = found
    assert isinstance(group, Group)
    assert (group.code, group.sender, group.receiver, group.control) == ("ORDERS", "A", "B", "9")
    assert (group.date, group.time, group.agency, group.version) == ("260301", "1530", "UN", "D96A")
    assert isinstance(only, TransactionSet)
    assert isinstance(group_end, GroupEnd)
    assert (group_end.trailer, group_end.complete) == (("1", "9"), True)
    assert isinstance(end, InterchangeEnd)
    assert end.groups == 1
    assert words(grouped()) == []


UNBS = [
    ("UNB+UNOC:3+A+B+260301:1530+7'", []),
    ("UNB+UNOC:3+A+B+20260301:1530+7'", []),
    ("UNB+IATA:1+A+B+260301:1530+7'", ["(code-unknown UNB01-01 2:5)"]),
    ("UNB+UNOY:3+A+B+260301:1530+7'", ["(code-unknown UNB01-01 2:5)"]),
    ("UNB+UNOC:5+A+B+260301:1530+7'", ["syntax-version UNB01-02 2:5"]),
    ("UNB+UNOC+A+B+260301:1530+7'", ["element-missing UNB01-02 2:5"]),
    ("UNB+UNOC:3++B+260301:1530+7'", ["element-missing UNB02 2:12"]),
    ("UNB+UNOC:3+:14+B+260301:1530+7'", ["element-missing UNB02-01 2:12"]),
    ("UNB+UNOC:3+A+B+260301+7'", ["element-missing UNB04-02 2:16"]),
    ("UNB+UNOC:3+A+B+26-3-1:15.30+7'", ["character-type UNB04-01 2:16", "too-long UNB04-02 2:16"]),
    ("UNB+UNOC:3+A+B+260301:1530+7++++x'", ["character-type UNB09 2:33"]),
    ("UNB+UNOC:3+A+B+260301:1530+7+++++++1+x'", ["too-many-elements UNB12 2:36"]),
    ("UNB+UNOC:3+A+B:1:2:3:4+260301:1530+7'", ["too-many-components UNB03 2:14"]),
    (f"UNB+UNOC:3+A+{'B' * 36}+260301:1530+7'", ["too-long UNB03-01 2:14"]),
    ("UNB+UNOC:3'", [*(f"element-missing UNB{at:02d} 2:5" for at in range(2, 6)), "unz-reference UNZ02 8:7"]),
]


@pytest.mark.parametrize(("unb", "expected"), UNBS)
def test_unb_faults(unb: str, expected: list[str]) -> None:
    assert words(order(UNB=unb)) == expected
    assert [type(event) for event in events(order(UNB=unb))] == KINDS


def test_the_level_holds_for_the_unb_as_well() -> None:
    assert words(order(UNB="UNB+UNOA:3+Acme+B+260301:1530+7'", NAD="NAD+BY'")) == ["character UNB02 2:12"]


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        ({"UNT": "UNT+6+1'"}, ["unt-count UNT01 7:5"]),
        ({"UNT": "UNT+x+1'"}, ["unt-count UNT01 7:5"]),
        ({"UNT": "UNT+005+1'"}, []),
        ({"UNT": "UNT+5+1+x'"}, ["too-many-elements UNT03 7:9"]),
        ({"UNT": "UNT+5+1++'"}, []),
        ({"UNT": "UNT+5+01'"}, ["unt-reference UNT02 7:7"]),
        ({"UNT": "UNT+5'"}, ["unt-reference UNT02 7:5"]),
        ({"UNT": "UNT'"}, ["unt-count UNT01 7:1", "unt-reference UNT02 7:1"]),
        ({"UNT": ""}, ["missing-unt UNT 7:1"]),
        ({"UNH": "UNH+1'"}, ["element-missing UNH02 3:5"]),
        ({"UNH": "UNH+1+ORDERS'"}, [f"element-missing UNH02-0{at} 3:7" for at in (2, 3, 4)]),
        ({"UNH": "UNH++ORDERS:D:96A:UN'"}, ["element-missing UNH01 3:5", "unt-reference UNT02 7:7"]),
        ({"UNH": "UNH+1+ORDERS:D:96A:UN:EAN0081'"}, ["too-long UNH02-05 3:7"]),
        ({"UNH": "UNH+1+ORDERS:D:96A:UN+ref+1:C+S+G+S+x'"}, ["too-many-elements UNH08 3:37"]),
        ({"UNZ": "UNZ+2+7'"}, ["unz-count UNZ01 8:5"]),
        ({"UNZ": "UNZ+1+07'"}, ["unz-reference UNZ02 8:7"]),
        ({"UNZ": ""}, ["missing-unz UNZ 7:9"]),
        ({"UNH": "UNT+1+1'\nUNH+1+ORDERS:D:96A:UN'"}, ["unexpected-service UNT 3:1"]),
        ({"UNZ": "UNE+1+9'\nUNZ+1+7'"}, ["unexpected-service UNE 8:1"]),
        ({"UNZ": "UNP+1+9'\nUNZ+1+7'"}, ["unexpected-service UNP 8:1"]),
        ({"UNZ": "FTX+1'\nUNZ+1+7'"}, ["segment-out-of-place FTX 8:1"]),
        ({"UNZ": "'\nUNZ+1+7'"}, ["(segment-empty  8:1)"]),
        ({"UNB": UNB + "\nUSH+1'USA+2'"}, ["(segment-out-of-place USH 3:1)"]),
        ({"UNZ": "UNB is no header'\nUNZ+1+7'"}, ["segment-out-of-place  8:1"]),
        ({"UNT": "\n".join(MESSAGE[-1:] + MESSAGE)}, ["duplicate-message UNH01 8:5", "unz-count UNZ01 13:5"]),
    ],
)
def test_envelope_faults(replaced: dict[str, str], expected: list[str]) -> None:
    assert words(order(**replaced)) == expected
    kinds = [type(event) for event in events(order(**replaced)) if not isinstance(event, Stray)]
    assert kinds[:2] == KINDS[:2]
    assert kinds[-2:] == KINDS[-2:]


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        ({"UNE": "UNE+2+9'"}, ["une-count UNE01 9:5"]),
        ({"UNE": "UNE+1+8'"}, ["une-reference UNE02 9:7"]),
        ({"UNE": ""}, ["missing-une UNE 9:1"]),
        (
            {"UNG": "UNG+ORDERS+A+B+260301:1530++UN+D:96A'"},
            ["element-missing UNG05 3:28", "une-reference UNE02 9:7"],
        ),
        ({"UNG": UNG.replace("260301", "x")}, ["too-short UNG04-01 3:16"]),
        ({"UNE": f"UNE+1+9'\n{UNG}\nUNE+0+9'"}, ["duplicate-group UNG05 10:28", "unz-count UNZ01 12:5"]),
        (
            {"UNE": f"UNE+1+9'\n{UNG}\n" + "\n".join(MESSAGE)},
            ["duplicate-group UNG05 10:28", "missing-une UNE 16:1", "unz-count UNZ01 16:5"],
        ),
        (
            {"UNE": "UNE+1+9'\n" + "\n".join(MESSAGE)},
            ["groups-mixed UNH 10:1", "duplicate-message UNH01 10:5"],
        ),
        ({"UNG": "\n".join((*MESSAGE, UNG))}, ["groups-mixed UNG 8:1"]),
        (
            {
                "UNT": f"UNT+5+1'\n{UNG.replace('+9+', '+8+')}\nUNH+1+ORDERS:D:96A:UN'\nUNT+2+1'",
                "UNE": "UNE+1+8'",
            },
            ["missing-une UNE 9:1", "unz-count UNZ01 13:5"],
        ),
    ],
)
def test_group_faults(replaced: dict[str, str], expected: list[str]) -> None:
    assert words(grouped(**replaced)) == expected
    assert_nested(events(grouped(**replaced)))


def test_messages_without_unz_are_not_complete() -> None:
    (end,) = (event for event in events(order(UNZ="")) if isinstance(event, GroupEnd))
    assert end.complete is False


def test_truncated_anywhere_never_takes_a_half_message_for_a_whole_one() -> None:
    whole = order()
    for size in range(1, len(whole)):
        found = list(read(whole[:size]))
        faults = [fault for event in found for fault in event.faults if not fault.is_note]
        assert faults or whole[size:].strip(b"'") == b"", size
        for event in found:
            if isinstance(event, TransactionSet) and not event.incomplete:
                assert event.segments()[-1] == ["LIN", "1", "", "4000862141404\x1fSRV"]
                assert event.control == "1"


def test_a_release_character_at_the_end_of_the_data() -> None:
    data = order()
    at = data.index(b"?+") + 1
    assert [word.split(" ")[0] for word in words(data[:at])] == ["missing-unt", "release-last", "missing-unz"]


def test_events_nest_however_the_file_is_spoiled() -> None:
    for whole in (order(""), grouped("")):
        pieces = [piece + b"'" for piece in whole.split(b"'")[:-1]]
        for left_out in range(len(pieces)):
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
        Package: (2, 2),
        GroupEnd: (2, 1),
        InterchangeEnd: (1, 0),
    }
    for event in found:
        if type(event) in expected:
            before, after = expected[type(event)]
            assert depth == before
            depth = after
    assert depth == 0


def test_an_interchange_without_unz_ends_where_the_next_begins() -> None:
    assert words(order(UNZ="") + with_delimiters(OTHER)) == ["missing-unz UNZ 7:9"]
    assert words(order(UNT="", UNZ="") + b"\n" + order(UNA="")) == [
        "missing-unt UNT 7:1",
        "missing-unz UNZ 7:1",
    ]
    assert words(grouped(UNT="", UNE="", UNZ="") + b"\n" + order()) == [
        "missing-unt UNT 8:1",
        "missing-une UNE 8:1",
        "missing-unz UNZ 8:1",
    ]


def test_what_stands_between_interchanges_is_kept_as_a_note() -> None:
    data = b"HEAD\n" + order() + b"\nBETWEEN" + b"\n" + order(UNA="") + b"\n\x1a"
    assert words(data) == [f"(outside-interchange  {at}:1)" for at in (1, 10, 18)]
    strays = [event for event in events(data) if isinstance(event, Stray)]
    assert [(stray.size, stray.sample) for stray in strays] == [
        (5, b"HEAD\n"),
        (8, b"BETWEEN\n"),
        (1, b"\x1a"),
    ]


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "empty-file", ""),
        (b" \r\n\t", "empty-file", ""),
        (b"ISA*00*          *00*", "unknown-format", "X12"),
        (b"UNH+1+ORDERS:D:96A:UN'", "unknown-format", "EDIFACT without its UNB"),
        (b"UIB+UNOA:4'", "unknown-format", "interactive EDIFACT"),
        (b"STX=ANA:1+A+B'", "unknown-format", "TRADACOMS"),
        (UNB.encode("utf-16"), "encoding", ""),
        (UNB.encode("utf-16-be"), "encoding", ""),
        (b"UNB", "unb-truncated", ""),
        (b"UNB+UN", "unb-truncated", ""),
        (b"UNB+UNOC:3+A+B+260301", "unb-truncated", ""),
        (b"UNA:+.? '", "unb-truncated", ""),
        (b"UNA:+.? '\nUNH+1+ORDERS:D:96A:UN'", "unb-truncated", ""),
        (b"UNA:+.? '\nUNB+UNOC:3+A+B+260301?'", "unb-truncated", ""),
    ],
)
def test_no_edifact_is_one_fault_at_byte_0(data: bytes, code: str, says: str) -> None:
    (stray,) = events(data)
    (fault,) = stray.faults
    assert (fault.code.word, fault.place.offset, stray.offset) == (code, 0, 0)
    assert says in str(fault)


def many(count: int) -> bytes:
    found = [UNA, UNB]
    for number in range(1, count + 1):
        found += [f"UNH+{number}+ORDERS:D:96A:UN'", *BODY, f"UNT+5+{number}'"]
    return "\n".join([*found, f"UNZ+{count}+7'"]).encode()


def facts(found: Iterable[object]) -> list[str]:
    keys = ("offset", "line", "column", "raw", "faults", "sample", "size", "data", "header", "trailer")
    return [f"{type(event).__name__} {[getattr(event, key, None) for key in keys]}" for event in found]


PACKAGE = "UNO+P1+AAA:1+48:EDA+14'UNZ+1+7'?\x00UNT+UNP+14+P1'"
ODD_FILE = (
    b"\xef\xbb\xbfjunk '?" + many(40) + b"\n" + order(UNT="")
    + grouped("\r\n", NAD="NAD+a??'''\r\nFTX+?'?\r\n'") + b"tail" + order("", UNH=PACKAGE + MESSAGE[0])
)  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 100, 32768])
def test_how_the_source_is_cut_says_nothing(size: int) -> None:
    pieces = [ODD_FILE[at : at + size] for at in range(0, len(ODD_FILE), size)]
    assert facts(read(pieces)) == facts(read(ODD_FILE))
    assert facts(read(io.BytesIO(ODD_FILE))) == facts(read(ODD_FILE))


BITS = [
    "'",
    "?",
    "??",
    "?'",
    "+",
    ":",
    "\n",
    "\r\n",
    " ",
    "FTX+1'",
    "UNT+2+1'",
    "UNH+2+A:D:1:UN'",
    "UNZ+1+7'",
    UNG,
    UNB,
    UNA,
]
BITS += ["UNE+1+9'", "UNO+1+A:1+B:1+5'", "UNP+5+1'", "*", "\x1f"]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from(BITS)), max_size=6),
    st.integers(1, 40),
    st.sampled_from([Limits(), Limits(segment_bytes=40, set_bytes=60)]),
)
def test_whatever_is_put_in_wherever(put: list[tuple[int, str]], size: int, limits: Limits) -> None:
    """Events nest, nothing raises, and the bytes may come in pieces of any size."""
    data = grouped("").decode()
    for at, bit in put:
        data = data[:at] + bit + data[at:]
    whole = data.encode()
    found = list(read(whole, limits=limits))
    assert_nested(found)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert facts(read(pieces, limits=limits)) == facts(found)
    for one in found:
        if isinstance(one, TransactionSet):
            assert one.segments() == [segment.elements for segment in one.located()]
            assert whole[one.offset :].startswith(one.raw)


def test_a_source_may_answer_less_than_it_was_asked() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(3)

    data = many(40)
    assert facts(read(Slow(data))) == facts(read(data))


@pytest.mark.parametrize("repeated", [30, 3000])
def test_a_message_larger_than_the_limit_is_passed_over(repeated: int) -> None:
    large = order(NAD="\n".join(["NAD+?'" + "x" * 60 + "??'"] * repeated), UNT=f"UNT+{repeated + 4}+1'")
    limits = Limits(set_bytes=1000)
    assert words(large + b"\n" + order(), limits=limits) == ["set-too-large UNH 3:1"]
    first, second = sets(large + b"\n" + order(), limits=limits)
    assert (first.skipped, first.control, first.raw) == (True, "1", b"UNH+1+ORDERS:D:96A:UN:EAN008'")
    assert first.segments() == first.located() == []
    assert second.line == first.line + repeated + 7
    assert words(large.replace(b"\nUNT+", b"\nXXX+"), limits=limits)[:2] == [
        "set-too-large UNH 3:1",
        f"missing-unt UNT {repeated + 7}:1",
    ]


def test_a_segment_longer_than_the_limit_is_a_fault() -> None:
    data = order(NAD="NAD+" + "1" * 500 + "'")
    assert words(data, limits=Limits(segment_bytes=300)) == ["segment-too-long NAD 5:1"]
    assert not sets(data, limits=Limits(segment_bytes=300))[0].plain
    assert words(data, limits=Limits(segment_bytes=504)) == []


def test_a_file_larger_than_the_limit_is_read_up_to_it() -> None:
    data = many(10)
    found = words(data, limits=Limits(file_bytes=400))
    assert found[0].startswith("missing-unt")
    assert found[-1].startswith("file-too-large")
    assert words(data, limits=Limits(file_bytes=len(data))) == []


@pytest.mark.parametrize(
    "filler",
    [
        "'",
        "?",
        "?'",
        "?'UNT+",
        "UNB+'",
        "UNA:+.? '",
        "UNH+'",
        "UNG+'",
        "UNO+1+A+B+9'",
        "UNP+1",
        "A'UNE+'",
        " ",
        "\n",
        "A",
    ],
)
def test_endless_repetition_takes_time_in_proportion(filler: str) -> None:
    """Each of these was, or could be, quadratic: a megabyte would take minutes."""
    lead = "".join([UNB, "UNH+1+ORDERS:D:96A:UN'"])
    assert_nested(read((lead + filler * (100_000 // len(filler))).encode()))
    assert_nested(read((filler * (100_000 // len(filler))).encode()))


def test_an_unknown_charset_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="known: auto, utf-8, latin-1, UNOA"):
        read(b"", charset="ebcdic")


# -- packages

UNO = "UNO+P1+AAA:1*BBB:2+48:EDA+{}'"
SYNTAX_4 = "UNB+UNOC:4+A+B+20260301:1530+7'"


def packaged(data: bytes, stated: str, unp: str, between: str = "") -> bytes:
    """An interchange of one package."""
    start = (SYNTAX_4 + UNO.format(stated) + between).encode()
    return start + data + (unp + "UNZ+1+7'").encode()


OBJECTS = [
    (b"12345", "5", "UNP+5+P1'", b"12345", []),
    (b"", "0", "UNP+0+P1'", b"", []),
    (b"'UNZ+1+7'?\x00\xffUNP+3+P1'", "21", "UNP+21+P1'", b"'UNZ+1+7'?\x00\xffUNP+3+P1'", []),
    (b"12345", "4", "UNP+5+P1'", b"12345", ["object-length UNO04-01 1:58"]),
    (b"12345", "999", "UNP+5+P1'", b"12345", ["object-length UNO04-01 1:58"]),
    (b"12345", "99999999999999999", "UNP+5+P1'", b"12345", ["object-length UNO04-01 1:58"]),
    (b"12345", "x", "UNP+5+P1'", b"12345", ["character-type UNO04-01 1:58", "object-length UNO04-01 1:58"]),
    (b"12345", "5", "UNP+4+P1'", b"12345", ["unp-length UNP01 1:69"]),
    (b"12345", "5", "UNP+5+P2'", b"12345", ["unp-reference UNP02 1:71"]),
    (b"12345'", "5", "", b"12345'", ["object-length UNO04-01 1:58", "missing-unp UNP 1:66"]),
]  # fmt: skip


@pytest.mark.parametrize(("inside", "stated", "unp", "data", "expected"), OBJECTS)
def test_an_object_is_as_long_as_it_says(
    inside: bytes, stated: str, unp: str, data: bytes, expected: list[str]
) -> None:
    whole = packaged(inside, stated, unp)
    assert words(whole) == expected
    (package,) = (event for event in events(whole) if isinstance(event, Package))
    assert (package.data, package.size, package.control) == (data, len(data), "P1")
    assert package.incomplete == (not unp)
    assert_nested(events(whole))


def test_segments_may_stand_before_the_object() -> None:
    whole = packaged(b"12345", "5:2", "UNP+5+P1'", "USH+1'USA+2'")
    assert words(whole) == []
    (package,) = (event for event in events(whole) if isinstance(event, Package))
    assert [segment.tag for segment in package.between] == ["USH", "USA"]
    assert package.data == b"12345"


def test_packages_and_messages_are_counted_together() -> None:
    package = "UNO+P1+A:1+B:1+2'xxUNP+2+P1'"
    assert words(order("", UNH=package + MESSAGE[0], UNZ="UNZ+2+7'")) == []
    assert words(grouped("", UNH=package + MESSAGE[0], UNE="UNE+2+9'")) == []
    assert words(order("", UNH=package * 2 + MESSAGE[0], UNZ="UNZ+3+7'"))[0].startswith(
        "duplicate-message UNO01"
    )


def test_an_object_larger_than_the_limit_is_passed_over() -> None:
    whole = packaged(b"x" * 100_000, "100000", "UNP+100000+P1'")
    (package,) = (
        event for event in events(whole, limits=Limits(set_bytes=1000)) if isinstance(event, Package)
    )
    assert (package.skipped, package.size, package.data) == (True, 100_000, b"")
    assert words(whole, limits=Limits(set_bytes=1000)) == ["set-too-large UNO 1:65"]
