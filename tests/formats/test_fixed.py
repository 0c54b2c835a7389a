"""Fixed records: one table proves reader and writer; what is wrong has its record, field and column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.errors import NotWritable
from gateway.faults import Code
from gateway.formats import known
from gateway.formats.events import GroupEnd, Interchange, InterchangeEnd, Limits, Stray, TransactionSet
from gateway.formats.fixed import Writer
from gateway.formats.records import Layout
from gateway.formats.segment import Segment, trimmed

from .fixed_cases import DOCUMENTS, EBCDIC, LOOSE, SHIPMENTS

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
LINE = b"SHP4711           UPSN202611281Z                            \n"
DETAIL = b"LINA-1                 00000012\n"
HEADER = b"HDRSWIFT     0000000720261128T\n"
TRAILER = b"TRL000001000000000012\n"
GOOD = HEADER + LINE + DETAIL + TRAILER


def read(data: Any, layout: Layout = SHIPMENTS, **limits: Any) -> list[Any]:
    return list(known.read(data, layout=layout, limits=Limits(**limits)))


def documents(data: bytes, layout: Layout = SHIPMENTS) -> list[TransactionSet]:
    return [event for event in read(data, layout) if isinstance(event, TransactionSet)]


def said(data: bytes, layout: Layout = SHIPMENTS) -> list[tuple[Code, str, int | None, int | None]]:
    """Code, address, line and column of every fault, envelopes' and documents'."""
    found = []
    for event in read(data, layout):
        faults = [*event.faults, *(event.syntax_faults() if isinstance(event, TransactionSet) else ())]
        found += [(f.code, f.place.address, f.place.line, f.place.column) for f in faults]
    return found


@pytest.mark.parametrize(
    ("layout", "records", "wire"), [case[1:] for case in DOCUMENTS], ids=[c[0] for c in DOCUMENTS]
)
def test_a_document_is_read_and_written(layout: Layout, records: list[list[str]], wire: bytes) -> None:
    (found,) = documents(wire, layout)
    assert found.plain
    assert [_bare(one) for one in found.segments()] == [_bare(one) for one in records]
    assert [one.elements for one in found.located()] == found.segments()
    assert found.syntax_faults() == []
    assert Writer(layout).transaction_set((), records) == wire
    assert Writer(layout).transaction_set((), _nodes(found), onto=found) == wire


def _bare(elements: list[str]) -> list[str]:
    """Without the zeros that only fill up."""
    return [
        ("-" if one.startswith("-") else "") + (one.lstrip("-0") or "0")
        if one.lstrip("-").isdecimal()
        else one
        for one in elements
    ]


class Node:
    """A segment that knows its source, as a tree's does."""

    def __init__(self, source: Segment, elements: list[str] | None = None) -> None:
        self.source = source
        self.elements = elements or list(source.elements)


def _nodes(found: TransactionSet) -> list[Node]:
    return [Node(one) for one in found.located()]


def test_a_batch_nests_as_every_syntax_does() -> None:
    events = read(GOOD)
    assert [type(event).__name__ for event in events] == [
        "Interchange",
        "Group",
        "TransactionSet",
        "GroupEnd",
        "InterchangeEnd",
    ]
    batch = events[0]
    assert isinstance(batch, Interchange)
    assert (batch.standard, batch.sender, batch.control, batch.date, batch.test) == (
        "fixed",
        "SWIFT",
        "7",
        "20261128",
        True,
    )
    assert (events[2].code, events[2].control, events[2].line) == ("shipments", "1", 2)
    assert said(GOOD) == []


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_however_it_comes_in_pieces_the_same_is_read(size: int, end: bytes) -> None:
    data = GOOD.replace(b"\n", end)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    (found,) = [event for event in read(pieces) if isinstance(event, TransactionSet)]
    assert found.segments() == documents(GOOD)[0].segments()
    assert found.raw == (LINE + DETAIL).replace(b"\n", end)


TWO = HEADER + LINE + DETAIL + LINE + DETAIL + b"TRL000002000000000024\n"

BAD: list[tuple[str, bytes, list[tuple[Code, str, int | None, int | None]]]] = [
    ("nothing", b"", [(Code.EMPTY_FILE, "", 1, 1)]),
    ("another format", b"ISA*00*~GS*PO~", [(Code.UNKNOWN_FORMAT, "", 1, 1)]),
    ("no header", GOOD[len(HEADER) :], [(Code.MISSING_HEADER, "HDR", 1, 1)]),
    ("no trailer", GOOD[: -len(TRAILER)], [(Code.MISSING_TRAILER, "TRL", 4, 1)]),
    (
        "a cut number",
        GOOD.replace(b"0000012\n", b"\n", 1),
        [(Code.RECORD_SHORT, "LIN.qty", 3, 24), (Code.TRAILER_TOTAL, "TRL.hash", 4, 10)],
    ),
    ("a long record", GOOD.replace(b"0012\nTRL", b"00129\nTRL", 1), [(Code.RECORD_LONG, "LIN", 3, 32)]),
    (
        "an orphan detail",
        HEADER + DETAIL + GOOD[len(HEADER) :],
        [(Code.SEGMENT_OUT_OF_PLACE, "LIN", 2, 1)],
    ),
    (
        "an unknown record outside",
        HEADER + b"XYZ\n" + GOOD[len(HEADER) :],
        [(Code.SEGMENT_UNKNOWN, "XYZ", 2, 1)],
    ),
    (
        "a wrong count",
        GOOD.replace(b"TRL000001", b"TRL000002"),
        [(Code.TRAILER_TOTAL, "TRL.shipments", 4, 4)],
    ),
    ("a wrong hash", GOOD.replace(b"0012\nTRL", b"0013\nTRL"), [(Code.TRAILER_TOTAL, "TRL.hash", 4, 10)]),
    (
        "no number for a total",
        GOOD.replace(b"TRL000001", b"TRL00000X"),
        [(Code.TRAILER_TOTAL, "TRL.shipments", 4, 4)],
    ),
    ("two headers in a row", HEADER + GOOD, [(Code.MISSING_TRAILER, "TRL", 2, 1)]),
    ("two trailers", GOOD + TRAILER, [(Code.SEGMENT_TOO_OFTEN, "TRL", 5, 1)]),
    ("a byte that is no text", GOOD.replace(b"A-1", b"A\xff1"), [(Code.ENCODING, "LIN.sku", 3, 4)]),
    (
        "documents behind the trailer",
        GOOD + LINE + DETAIL,
        [(Code.MISSING_HEADER, "HDR", 5, 1), (Code.MISSING_TRAILER, "TRL", 7, 1)],
    ),
]


@pytest.mark.parametrize(("data", "faults"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_wrong_has_its_place(data: bytes, faults: list[tuple[Code, str, int, int]]) -> None:
    assert said(data) == faults


BROKEN: list[tuple[str, bytes, bool]] = [
    ("nothing is broken", TWO.replace(b"24\n", b"25\n"), False),
    ("a number is none", TWO.replace(b"00000012\n", b"0000001x\n", 1), True),
    ("a record is unknown", TWO.replace(b"LIN", b"LIX", 1), True),
    ("a record belongs nowhere", TWO.replace(LINE, b"XXX\n", 1), True),
]


@pytest.mark.parametrize(("data", "note"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_total_that_differs_is_only_noted_where_a_record_is_broken(data: bytes, note: bool) -> None:
    told = [f for event in read(data) for f in event.faults if f.code is Code.TRAILER_TOTAL]
    assert told
    assert all(fault.is_note is note for fault in told)


def test_a_broken_document_leaves_its_neighbour_alone() -> None:
    first, second = documents(TWO.replace(DETAIL, b"LIXA-1\n", 1))
    assert not first.plain
    assert [one.elements[0] for one in first.located()] == ["SHP", "LIX"]
    assert second.plain


@pytest.mark.parametrize("blank", [b"\n", b"   \n", b"\r\n", b"\x1a"])
def test_blank_lines_and_the_mark_of_the_end_are_nothing(blank: bytes) -> None:
    assert said(GOOD + blank) == []
    inside = (
        GOOD.replace(DETAIL, DETAIL + b"\n") if blank == b"\x1a" else GOOD.replace(DETAIL, blank + DETAIL)
    )
    (found,) = documents(inside)
    assert [one.elements[0] for one in found.located()] == ["SHP", "LIN"]
    assert Writer(SHIPMENTS).transaction_set((), _nodes(found), onto=found) == found.raw
    assert said(inside) == []


def test_blanks_at_the_end_may_be_missing() -> None:
    (found,) = documents(HEADER + b"SHP4711           UP\nLINA-1\n" + TRAILER)
    assert found.segments() == [["SHP", "4711", "UP"], ["LIN", "A-1"]]
    assert found.plain


def test_a_byte_order_mark_belongs_to_no_field() -> None:
    assert said(b"\xef\xbb\xbf" + GOOD) == []
    assert read(b"\xef\xbb\xbf" + GOOD)[0].offset == 3


def test_records_of_one_length_are_no_longer_and_no_shorter() -> None:
    wire = next(case[3] for case in DOCUMENTS if case[1] is EBCDIC)
    assert said(wire + wire[:5], EBCDIC) == [(Code.RECORD_SHORT, "I.sku", 2, 2)]
    assert said(wire + b"\n", EBCDIC) == []


def test_what_is_no_packed_number_is_shown_in_hexadecimal() -> None:
    wire = next(case[3] for case in DOCUMENTS if case[1] is EBCDIC)
    (found,) = documents(wire.replace(b"\x01\x2d", b"\x01\x21"), EBCDIC)
    assert found.segments() == [["I", "TEA", "x'00000121'", "4"]]


def test_a_document_beyond_the_limit_is_passed_over() -> None:
    data = HEADER + LINE + DETAIL * 100 + LINE + DETAIL + b"TRL\n"
    large, small = [event for event in read(data, set_bytes=1000) if isinstance(event, TransactionSet)]
    assert large.skipped
    assert large.raw == LINE
    assert [fault.code for fault in large.faults] == [Code.SET_TOO_LARGE]
    assert small.plain


def test_a_file_without_lines_is_not_held() -> None:
    events = read(b"x" * 5000, segment_bytes=1000)
    assert [type(event) for event in events] == [Stray]


def test_a_file_beyond_the_limit_is_told() -> None:
    codes = [fault.code for event in read(GOOD * 50, file_bytes=300) for fault in event.faults]
    assert Code.FILE_TOO_LARGE in codes


CHANGES: list[tuple[int, int, str, bytes, bytes]] = [
    (0, 4, "2Z", b"1Z ", b"2Z "),
    (1, 2, "13", b"00000012", b"00000013"),
    (0, 2, "", b"UPSN", b"    "),
]


@pytest.mark.parametrize(("at", "element", "said_now", "stood", "stands"), CHANGES)
def test_only_a_changed_field_is_written_anew(
    at: int, element: int, said_now: str, stood: bytes, stands: bytes
) -> None:
    odd = (LINE + DETAIL).replace(b"00000012\n", b"00000012     \r\n")
    (found,) = documents(HEADER + odd + TRAILER)
    nodes = _nodes(found)
    nodes[at].elements[element] = said_now
    assert Writer(SHIPMENTS).transaction_set((), nodes, onto=found) == odd.replace(stood, stands, 1)


REFUSED: list[tuple[Layout, list[str], str, str]] = [
    (SHIPMENTS, ["LIN", "x" * 21, "1"], "LIN.sku", "at most 20 characters"),
    (SHIPMENTS, ["LIN", "a\nb", "1"], "LIN.sku", "a text without control characters"),
    (SHIPMENTS, ["SHX", "1"], "SHX", "one of HDR, SHP, LIN, TRL"),
    (SHIPMENTS, ["LIN", "a", "1", "2"], "LIN", "2 fields"),
    (EBCDIC, ["I", "a", "1234567890", ""], "I.count", "at most 7 digits"),
    (EBCDIC, ["I", "a", "1.5", ""], "I.count", "a whole number"),
    (EBCDIC, ["I", "€", "1", ""], "I.sku", "characters that cp037 has, not €"),
]


@pytest.mark.parametrize(("layout", "record", "address", "expected"), REFUSED)
def test_what_does_not_fit_is_refused(layout: Layout, record: list[str], address: str, expected: str) -> None:
    with pytest.raises(NotWritable) as caught:
        Writer(layout).transaction_set((), [record])
    assert [(fault.place.address, fault.expected) for fault in caught.value.faults] == [(address, expected)]


def test_a_batch_adds_up_what_is_in_it() -> None:
    writer = Writer(SHIPMENTS)
    inside = [writer.transaction_set((), [["SHP", "1"], ["LIN", "a", "5"]]) for _ in range(3)]
    header = writer.header(sender="SWIFT", control="7", at=AT, test=True)
    data = writer.interchange(header, inside)
    assert data.endswith(b"\nTRL000003000000000015\n")
    assert said(data) == []
    assert read(data)[0].test
    assert read(writer.interchange(read(data)[0].header, inside))[0].header == read(data)[0].header


FIELD = some.text("ABcé0-", max_size=6).map(lambda text: text.rstrip(" "))
DOCUMENT = some.lists(some.tuples(FIELD, some.integers(-999, 9999)), max_size=4)


def filled(number: int) -> str:
    """As it is read of four columns: zeros that only fill up are none, those behind a sign are told."""
    return f"{number:04d}" if number < 0 else str(number)


@given(some.lists(some.tuples(FIELD, DOCUMENT), max_size=5), some.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read_back(orders: list[tuple[str, list[tuple[str, int]]]], end: str) -> None:
    writer = Writer(LOOSE, end)
    wanted = [
        [trimmed(["ord", number]), *(["item", sku, filled(qty)] for sku, qty in lines)]
        for number, lines in orders
    ]
    data = writer.interchange((), [writer.transaction_set((), records) for records in wanted])
    assert [found.segments() for found in documents(data, LOOSE)] == wanted
    assert said(data, LOOSE) == ([] if wanted else [(Code.EMPTY_FILE, "", 1, 1)])


@given(some.binary(max_size=200), some.integers(0, len(TWO)), some.sampled_from([SHIPMENTS, EBCDIC, LOOSE]))
def test_no_bytes_raise_and_none_is_lost(noise: bytes, at: int, layout: Layout) -> None:
    data = TWO[:at] + noise + TWO[at + len(noise) // 2 :]
    size = 0
    for event in read(data, layout):
        if isinstance(event, TransactionSet):
            size += len(event.raw)
            records = event.located()
            assert b"".join(one.raw or b"" for one in records) == event.raw
            assert event.plain is False or [one.elements for one in records] == event.segments()
            event.syntax_faults()
        elif isinstance(event, Stray):
            size += event.size
        elif isinstance(event, GroupEnd | InterchangeEnd):
            assert event.faults is not None
    assert size <= len(data)
