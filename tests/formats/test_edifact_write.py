"""What is written reads back as it was, or is refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gateway.errors import NotWritable
from gateway.formats.edifact import Delimiters, Interchange, Package, Writer, read, ung, unh
from gateway.formats.edifact.charset import ENCODINGS
from gateway.formats.segment import COMPONENT, REPETITION, Segment, trimmed, trimmed_parts

from .edifact_cases import CASES, LEVEL_B, OTHER, REPEATING, USUAL, WRITTEN_SHORTER
from .edifact_documents import BODY, MESSAGE, UNA, events, grouped, order, sets, words

NOON = datetime(2026, 3, 1, 15, 30)  # noqa: DTZ001  a wall-clock time, as S004 carries it


def writer(signs: Delimiters = USUAL, **settings: str) -> Writer:
    """A writer of the version that has these signs."""
    return Writer(signs, **{"version": "4" if signs.repetition else "3", **settings})


@pytest.mark.parametrize(("signs", "elements", "wire"), CASES + WRITTEN_SHORTER)
def test_write(signs: Delimiters, elements: list[str], wire: bytes) -> None:
    assert writer(signs).segment(elements) == wire


@pytest.mark.parametrize(
    ("made", "elements", "expected"),
    [
        (writer(LEVEL_B), ["FTX", "a\x1db"], "not-writable FTX01"),
        (writer(Delimiters(release=None)), ["FTX", "", "it's"], "not-writable FTX02"),
        (writer(Delimiters(release=None)), ["FTX", "a:b"], "not-writable FTX01"),
        (writer(), ["FTX", "a\x1eb"], "not-writable FTX01"),
        (writer(), ["FTX", "a\nb"], "character FTX01"),
        (writer(Delimiters(segment="\n")), ["FTX", "a\nb"], "character FTX01"),
        (writer(), ["FTX", "a\x00"], "character FTX01"),
        (writer(), ["FTX", "a\x85"], "character FTX01"),
        (writer(level="UNOA"), ["FTX", "ok"], "character FTX01"),
        (writer(level="UNOB"), ["FTX", "a@b"], "character FTX01"),
        (writer(level="UNOA"), ["FTX", "A_B"], "character FTX01"),
        (writer(level="UNOC"), ["FTX", "\u20ac"], "character FTX01"),
        (writer(level="UNOE"), ["FTX", "\u00e9"], "character FTX01"),
        (writer(level="UNOW"), ["FTX", "\ud800"], "character FTX01"),
        (writer(charset="latin-1", level="UNOA"), ["FTX", "\u20ac"], "character FTX01"),
        (writer(), ["ftx", "1"], "not-writable ftx"),
        (writer(), ["F+X", "1"], "not-writable F+X"),
        (writer(), ["FT", "1"], "not-writable FT"),
    ],
)
def test_what_cannot_be_written_is_refused(made: Writer, elements: list[str], expected: str) -> None:
    with pytest.raises(NotWritable) as raised:
        made.segment(elements)
    assert [f"{fault.code.word} {fault.place.address}" for fault in raised.value.faults] == [expected]


def test_a_separator_in_data_is_told_with_its_value_and_what_it_does() -> None:
    with pytest.raises(NotWritable) as raised:
        writer(Delimiters(release=None)).transaction_set(unh(1, "ORDERS", "D96A"), [["BGM", "a+b:c", "'"]])
    told = [(fault.place.segment_number, fault.came, fault.expected) for fault in raised.value.faults]
    assert told == [
        (2, "a+b:c", "data without ':' (separates components), '+' (separates elements)"),
        (2, "'", "data without ''' (ends segments)".replace("'''", '"\'"')),
    ]
    assert "release character" in str(raised.value.faults[0].hint)


def test_every_fault_of_a_message_is_named_with_its_segment() -> None:
    with pytest.raises(NotWritable) as raised:
        writer().transaction_set(
            unh(1, "ORDERS", "D96A"), [["BGM", "\n"], ["FTX", "1"], ["UNT", "1"], ["FTX", "a", "\x01"]]
        )
    assert [(fault.place.segment_number, fault.place.address) for fault in raised.value.faults] == [
        (2, "BGM01"),
        (4, "UNT"),
        (5, "FTX02"),
    ]


LINES = [["BGM", "220", "4500017", "9"], ["NAD", "BY", "5412345000013\x1f\x1f9", "", "Muster + Co\x1fWhat?"]]
LINES += [["LIN", "1", "", "4000862141404\x1fSRV"]]
HEADER = ("14/5412345000013", "14/4012345000009", NOON, 7)


def test_an_interchange_is_written_with_its_counts() -> None:
    made = writer(line_end="\n", una="always")
    written = made.transaction_set(unh(1, "ORDERS", "D96A", association="EAN008"), LINES)
    assert written.decode().splitlines() == MESSAGE
    header = made.unb(*HEADER, test=True, application="ORDERS", agreement="AGREED")
    assert made.interchange(header, [written]) == order("\n") + b"\n"
    group = made.group(ung("ORDERS", "/A", "/B", NOON, 9, "D96A"), [written])
    assert made.interchange(header, [group]) == grouped("\n") + b"\n"


@pytest.mark.parametrize(
    ("made", "una"),
    [
        (writer(), ""),
        (writer(una="always"), UNA),
        (writer(REPEATING), ""),
        (writer(version="4"), UNA),
        (writer(Delimiters(repetition="!")), "UNA:+.?!'"),
        (writer(REPEATING, una="always"), "UNA:+.?*'"),
        (writer(Delimiters(decimal=",")), "UNA:+,? '"),
        (writer(Delimiters(release=None)), "UNA:+.  '"),
        (writer(OTHER), "UNA;|,\\ ~"),
        (writer(LEVEL_B, level="UNOB"), ""),
    ],
)
def test_a_una_is_written_where_it_is_needed(made: Writer, una: str) -> None:
    data = made.interchange(made.unb(*HEADER), [])
    assert data.startswith((una + "UNB").encode())
    first = events(data)[0]
    assert isinstance(first, Interchange)
    assert (first.delimiters, words(data)) == (made.delimiters, [])


def test_the_date_is_as_long_as_the_syntax_version_has_it() -> None:
    assert writer().unb(*HEADER)[3] == "260301\x1f1530"
    assert writer(REPEATING).unb(*HEADER)[3] == "20260301\x1f1530"


def test_a_package_is_written_with_its_length() -> None:
    made = writer(REPEATING, line_end="\r\n")
    package = made.package(["P1", "AAA\x1f1", "48\x1fEDA"], b"'UNZ+1+7'\x00")
    assert package == b"UNO+P1+AAA:1+48:EDA+10''UNZ+1+7'\x00UNP+10+P1'\r\n"
    data = made.interchange(made.unb(*HEADER), [package])
    assert words(data) == []
    (found,) = (event for event in events(data) if isinstance(event, Package))
    assert found.data == b"'UNZ+1+7'\x00"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({0: "UNOA\x1f3"}, "not-writable UNB01-01"),
        ({0: "UNOC\x1f4"}, "not-writable UNB01-02"),
        ({1: ""}, "element-missing UNB02"),
        ({1: "x" * 36}, "too-long UNB02-01"),
        ({3: "260301"}, "element-missing UNB04-02"),
        ({4: "x" * 15}, "too-long UNB05"),
        ({4: "\n"}, "element-missing UNB05"),
        ({10: "x"}, "character-type UNB11"),
        ({6: "\u20ac"}, "character UNB07"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(change: dict[int, str], expected: str) -> None:
    header = [change.get(at, text) for at, text in enumerate(writer().unb(*HEADER))]
    with pytest.raises(NotWritable) as raised:
        writer().interchange(header, [])
    (fault,) = raised.value.faults
    assert f"{fault.code.word} {fault.place.address}" == expected


def test_other_headers_that_do_not_fit_are_refused() -> None:
    for make in (
        lambda: writer().transaction_set(["1", "ORDERS"], []),
        lambda: writer().transaction_set(["", *unh(1, "ORDERS", "D96A")[1:]], []),
        lambda: writer().group(ung("ORDERS", "/A", "/B", NOON, "", "D96A"), []),
        lambda: writer().package(["P1", "AAA\x1f1", "48\x1fEDA"], b""),
        lambda: writer(REPEATING).package(["P1"], b""),
        lambda: writer().interchange(writer().unb(*HEADER), [b"UNG+1'UNE+0+1'", b"UNH+1'"]),
    ):
        with pytest.raises(NotWritable):
            make()


@pytest.mark.parametrize(
    "settings",
    [
        {"delimiters": Delimiters(element=":")},
        {"delimiters": Delimiters(element="A")},
        {"delimiters": Delimiters(element=" ")},
        {"delimiters": Delimiters(element="\n")},
        {"delimiters": Delimiters(decimal="+")},
        {"delimiters": Delimiters(decimal="x")},
        {"delimiters": Delimiters(segment="\u2026")},
        {"delimiters": Delimiters(segment="\n"), "line_end": "\n"},
        {"delimiters": REPEATING, "version": "3"},
    ],
)
def test_delimiters_that_cannot_be_written_are_refused_at_once(settings: dict[str, object]) -> None:
    with pytest.raises(NotWritable, match="delimiters"):
        Writer(**settings)  # type: ignore[arg-type]


@dataclass
class Node:
    """What a tree's segment node is to the writer."""

    elements: list[str]
    source: Segment | None = None


ODD_BUT_TRUE = [
    order("\r\n"),
    order("", NAD="NAD+BY+?5++'' "),
    order("\n", NAD="\tNAD+BY+\n?'5'", UNT="  UNT+005+1'"),
    order("\n", UNH="UNH+1+ORDERS:D\n:96A:UN'", LIN="LIN+1++?''"),
    order("\n", UNT="UNT+5+1'", UNZ=""),
]


@pytest.mark.parametrize("data", ODD_BUT_TRUE)
def test_onto_its_original_an_untouched_message_is_the_same_bytes(data: bytes) -> None:
    (only,) = sets(data)
    nodes = [Node(segment.elements, segment) for segment in only.located()]
    assert writer(only.delimiters).transaction_set(only.header[1:], nodes, onto=only) == only.raw


def test_onto_its_original_only_what_changed_is_written() -> None:
    (only,) = sets(order("\r\n", BGM="BGM+220?+1+9+'", LIN="LIN+1?''"))
    nodes = [Node(segment.elements, segment) for segment in only.located()]
    nodes[1] = Node(["NAD", "BY", "it's"], nodes[1].source)
    nodes.insert(2, Node(["FTX", "AAI"]))
    written = writer(only.delimiters, line_end="\r\n").transaction_set(only.header[1:], nodes, onto=only)
    assert written.split(b"\r\n") == [
        MESSAGE[0].encode(),
        b"BGM+220?+1+9+'",
        b"NAD+BY+it?'s'",
        b"FTX+AAI'",
        b"LIN+1?''",
        b"UNT+6+1'",
    ]


def test_onto_an_original_with_another_reference_unh_and_unt_are_written() -> None:
    (only,) = sets(order("\n"))
    nodes = [Node(segment.elements, segment) for segment in only.located()]
    header = ["9", *only.header[2:]]
    written = writer(line_end="\n").transaction_set(header, nodes, onto=only)
    assert written == only.raw.replace(b"UNH+1", b"UNH+9").replace(b"UNT+5+1", b"UNT+5+9")


def test_where_a_file_ends_without_a_terminator_one_is_written() -> None:
    (only,) = sets(order("", UNT="UNT+5+1", UNZ=""))
    nodes = [Node(segment.elements, segment) for segment in only.located()]
    assert only.gap(only.located()[0].raw or b"") == b""
    assert only.gap(b"FTX+?'") is None
    assert writer().transaction_set(only.header[1:], nodes, onto=only) == only.raw


SIGNS = st.sampled_from(":+?'*|!@#~^;\\$%\x1c\x1d\x1e\x1f\t\x15\u00a7\u00a4\u2026\u00d6\n\r")
ALPHABET = st.sampled_from(
    "AZaz09 .,:+?'*|!@#~^;\\\u00e9\u00a7\u2026\u20ac\u0416\u0141" + COMPONENT + REPETITION
)
SEGMENTS = st.lists(
    st.tuples(
        st.sampled_from(["FTX", "NAD", "BGM", "UNS"]),
        st.lists(st.text(ALPHABET, max_size=6), max_size=4),
    ),
    max_size=6,
)


def law(elements: Sequence[str]) -> list[str]:
    """What the law leaves out: empty ends of segments, and of components and repetitions inside an element."""
    tag, *rest = elements
    return [tag, *(REPETITION.join(map(COMPONENT.join, trimmed_parts(text))) for text in trimmed(rest))]


@example([":", "+", "?", "*", "'"], True, True, "", [[("FTX", ["?'?"])]], "UNOC", "4")
@example(["\x1e", "\x1f", "?", "*", "\x1d"], True, False, "", [[("FTX", ["a\x1fb"])]], "UNOW", "3")
@given(
    st.lists(SIGNS, min_size=5, max_size=5, unique=True),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "\n", "\r\n"]),
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.sampled_from(["IATA", *ENCODINGS]),
    st.sampled_from("1234X"),
)
def test_what_is_written_reads_back(
    signs: list[str],
    releases: bool,
    in_group: bool,
    line_end: str,
    bodies: list[list[tuple[str, list[str]]]],
    level: str,
    version: str,
) -> None:
    component, element, release, repetition, segment = signs
    repeats = repetition if version == "4" else None
    delimiters = Delimiters(component, element, ".", release if releases else None, repeats, segment)
    try:
        made = Writer(delimiters, "auto", line_end, level, version)
        inside = [
            made.transaction_set(unh(at, "ORDERS", "D96A"), [[tag, *rest] for tag, rest in body])
            for at, body in enumerate(bodies, 1)
        ]
        if in_group:
            inside = [made.group(ung("ORDERS", "/A", "14/B", NOON, 1, "D96A"), inside)]
        data = made.interchange(made.unb(*HEADER), inside)
    except NotWritable:
        return
    found = sets(data)
    assert [one.segments() for one in found] == [[law([tag, *rest]) for tag, rest in body] for body in bodies]
    assert [word for word in words(data) if not word.startswith("(code-unknown")] == []
    first = events(data)[0]
    assert isinstance(first, Interchange)
    assert (first.delimiters, first.sender, first.level) == (delimiters, "14/5412345000013", level)


@given(st.lists(SEGMENTS, min_size=1, max_size=2))
def test_most_of_what_the_law_is_tried_on_is_written(bodies: list[list[tuple[str, list[str]]]]) -> None:
    made = Writer(REPEATING, line_end="\n", level="UNOW", version="4")
    assume(all(bodies))
    inside = [
        made.transaction_set(unh(at, "ORDERS", "D96A"), [[tag, *rest] for tag, rest in body])
        for at, body in enumerate(bodies, 1)
    ]
    assert len(list(read(made.interchange(made.unb(*HEADER), inside)))) == 4 + len(bodies)


def test_the_bodies_of_the_tables_are_those_of_the_documents() -> None:
    assert [writer().segment(line) for line in LINES] == [line.encode() for line in BODY]
