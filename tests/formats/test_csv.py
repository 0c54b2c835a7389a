"""Rows of cells: one table proves reader and writer; what is wrong has its record, column name, line and column."""

from __future__ import annotations

import csv as peer
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.errors import NotWritable
from gateway.faults import Code
from gateway.formats import known
from gateway.formats.csv import Writer
from gateway.formats.csv.rows import Lines, Row, cells, parsed, quoted
from gateway.formats.events import Interchange, Limits, Stray, TransactionSet
from gateway.formats.records import Layout
from gateway.formats.segment import Segment

from .csv_cases import DOCUMENTS, MIXED, ORDERS, PARCELS, PRICES

HEADER = b"PO #;Ship To;Item No.;Qty\n"
Said = tuple[Code, str, int | None, int | None]


def header_of(layout: Layout) -> bytes:
    return Writer(layout).interchange((), []) if layout.header else b""


def read(data: Any, layout: Layout = ORDERS, **limits: Any) -> list[Any]:
    return list(known.read(data, layout=layout, limits=Limits(**limits)))


def documents(data: Any, layout: Layout = ORDERS) -> list[TransactionSet]:
    return [event for event in read(data, layout) if isinstance(event, TransactionSet)]


def said(data: bytes, layout: Layout = ORDERS) -> list[Said]:
    """Code, address, line and column of every fault, envelopes' and documents'."""
    found = []
    for event in read(data, layout):
        faults = [*event.faults, *(event.syntax_faults() if isinstance(event, TransactionSet) else ())]
        found += [(f.code, f.place.address, f.place.line, f.place.column) for f in faults]
    return found


class Node:
    """A segment that knows its source, as a tree's does."""

    def __init__(self, source: Segment | None, elements: list[str] | None = None) -> None:
        self.source = source
        self.elements = elements or (list(source.elements) if source else [])


def nodes_of(found: TransactionSet) -> list[Node]:
    return [Node(one) for one in found.located()]


@pytest.mark.parametrize(
    ("layout", "records", "wire"), [case[1:] for case in DOCUMENTS], ids=[c[0] for c in DOCUMENTS]
)
def test_a_document_is_read_and_written(layout: Layout, records: list[list[str]], wire: bytes) -> None:
    (found,) = documents(header_of(layout) + wire, layout)
    assert found.segments() == records
    assert [one.elements for one in found.located()] == records
    assert found.plain
    assert found.syntax_faults() == []
    assert b"".join(one.raw or b"" for one in found.located()) == found.raw == wire
    assert Writer(layout).transaction_set((), records) == wire
    assert Writer(layout).transaction_set((), nodes_of(found), onto=found) == wire


ONE = [["order", "7", "S"], ["line", "A", "1"]]
TWO = [*ONE, ["line", "B", "1"]]

READ: list[tuple[str, bytes, list[list[list[str]]]]] = [
    ("columns in any order", b"Qty;PO #;Item No.;Ship To\n1;7;A;S\n", [ONE]),
    ("columns nobody knows", b"PO #;x;Ship To;Item No.;Qty\n7;?;S;A;1\n", [ONE]),
    ("headings in other words", b"po  #; SHIP TO ;item no.;qty\n7;S;A;1\n", [ONE]),
    ("a byte order mark", b"\xef\xbb\xbf" + HEADER + b"7;S;A;1\n", [ONE]),
    ("Excel's numbers", HEADER + b'="7";S;="0012";1\n', [[ONE[0], ["line", "0012", "1"]]]),
    ("blanks around", HEADER + b" 7 ;S; A;1\n7;S;B;1\n", [TWO]),
    ("the key but once", HEADER + b"7;S;A;1\n;;B;1\n", [TWO]),
    ("another key", HEADER + b"7;S;A;1\n8;S;A;1\n", [ONE, [["order", "8", "S"], ONE[1]]]),
    ("blank rows", HEADER + b"\n;;;\n7;S;A;1\n\r\n;;;\n7;S;B;1\n\n", [TWO]),
    ("delimiters at the end", HEADER + b"7;S;A;1;;\n", [ONE]),
    ("CR alone ends lines", HEADER.replace(b"\n", b"\r") + b"7;S;A;1\r7;S;B;1\r", [TWO]),
    ("no line end at the end", HEADER + b"7;S;A;1", [ONE]),
    ("nothing but names", HEADER, []),
]


@pytest.mark.parametrize(("data", "wanted"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_habits_of_files_are_read(data: bytes, wanted: list[list[list[str]]]) -> None:
    found = documents(data)
    assert [one.segments() for one in found] == wanted
    assert [code for code, *_ in said(data)] == ([Code.COLUMN_EXTRA] if b";x;" in data else [])
    for one in found:
        assert (
            Writer.like(read(data)[0]).transaction_set((), nodes_of(one), onto=one).rstrip()
            == one.raw.rstrip()
        )


def test_a_value_of_several_lines_is_one() -> None:
    (found,) = documents(HEADER + b'7;"a\nb";A;1\n7;"a\nb";B;1\n')
    assert found.segments()[0] == ["order", "7", "a\nb"]
    assert found.plain
    last = found.located()[-1]
    assert (last.line, last.place(1).line, last.place(1).column) == (4, 5, 4)


@pytest.mark.parametrize("size", [1, 7, 40])
def test_however_it_comes_in_pieces_the_same_is_read(size: int) -> None:
    data = HEADER + b'7;"a\nb";A;1\n8;S;"x;y";1\n'
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [one.segments() for one in documents(pieces)] == [one.segments() for one in documents(data)]


BAD: list[tuple[str, bytes, list[Said]]] = [
    ("nothing", b"", [(Code.EMPTY_FILE, "", 1, 1)]),
    ("no header", b"7;S;A;1\n8;S;A;1\n", [(Code.MISSING_HEADER, "", 1, 1)]),
    ("UTF-16", "PO #".encode("utf-16"), [(Code.ENCODING, "", 1, 1)]),
    ("a missing column", b"PO #;Ship To;Qty\n7;S;1\n", [(Code.COLUMN_MISSING, "", 1, 1)]),
    ("a doubled column", b"PO #;Ship To;Item No.;Qty;qty\n7;S;A;1;2\n", [(Code.COLUMN_TWICE, "", 1, 27)]),
    ("an open quote", HEADER + b'7;S;"A;1\n7;S;B;1\n', [(Code.QUOTE, "", 2, 5)]),
    ("text behind a quote", HEADER + b'7;S;"A"b;1\n7;S;B;1\n', [(Code.QUOTE, "", 2, 5)]),
    ("a short row", HEADER + b"7;S;A\n", [(Code.RECORD_SHORT, "line.sku", 2, 5)]),
    ("a long row", HEADER + b"7;S;A;1;x\n", [(Code.RECORD_LONG, "order", 2, 9)]),
    ("a byte that is no text", HEADER + b"7;S;A\xff;1\n", [(Code.ENCODING, "line.sku", 2, 5)]),
    ("rows that differ", HEADER + b"7;S;A;1\n7;T;B;1\n", [(Code.ROWS_DIFFER, "order.store", 3, 3)]),
    ("rows apart", HEADER + b"7;S;A;1\n8;S;A;1\n7;S;B;1\n", [(Code.ROWS_APART, "order.po", 4, 1)]),
]


@pytest.mark.parametrize(("data", "faults"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_wrong_has_its_place(data: bytes, faults: list[Said]) -> None:
    assert said(data) == faults


TYPED: list[tuple[str, bytes, list[Said]]] = [
    ("an orphan detail", b"D,1,X,Y\nH,1,2\n", [(Code.SEGMENT_OUT_OF_PLACE, "D", 1, 1)]),
    ("an unknown row", b"H,1,2\nT,1\nX,1\n", []),
    ("an unknown row first", b"X,1\nH,1,2\n", [(Code.SEGMENT_UNKNOWN, "X", 1, 1)]),
]


@pytest.mark.parametrize(("data", "faults"), [case[1:] for case in TYPED], ids=[case[0] for case in TYPED])
def test_rows_that_belong_nowhere_have_their_place(data: bytes, faults: list[Said]) -> None:
    found = said(data, MIXED)
    assert found[: len(faults)] == faults
    assert len(found) == len(faults) or data.endswith(b"X,1\n")


def test_a_broken_document_leaves_its_neighbours_alone() -> None:
    data = HEADER + b'7;S;A;1\n8;S;"A;1\n9;S;A;1\n'
    assert [(one.plain, one.segments()[0][1]) for one in documents(data)] == [
        (True, "7"),
        (False, "8"),
        (True, "9"),
    ]


def test_an_unknown_row_breaks_its_document() -> None:
    (found,) = documents(b"H,1,2\nX,1\nD,1,A\n", MIXED)
    assert [one.elements[0] for one in found.located()] == ["H", "X", "D"]
    assert not found.plain


def test_limits_hold() -> None:
    data = HEADER + b"7;S;A;1\n" * 100 + b"8;S;A;1\n"
    large, small = [event for event in read(data, set_bytes=400) if isinstance(event, TransactionSet)]
    assert large.skipped
    assert [fault.code for fault in large.faults] == [Code.SET_TOO_LARGE]
    assert small.plain
    endless = read(HEADER + b'7;S;"' + b"x" * 9000, segment_bytes=1000)
    assert any(isinstance(event, TransactionSet) and not event.plain for event in endless)


CHANGES: list[tuple[str, int, list[str] | None, bytes, bytes]] = [
    ("a cell", 2, ["line", "B", "3"], b"B ;  2", b"B ;3"),
    ("a quoted cell", 1, ["line", "a;c", "1"], b'"a;b"', b'"a;c"'),
    ("Excel's habit", 0, ["order", "008", "S"], b'="007"', b'="008"'),
    ("a row that goes", 2, None, b'="007";S;?;B ;  2;!\n', b""),
]


@pytest.mark.parametrize(
    ("at", "now", "stood", "stands"), [case[1:] for case in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_only_what_changed_is_written_anew(
    at: int, now: list[str] | None, stood: bytes, stands: bytes
) -> None:
    header = b"PO #;Ship To;x;Item No.;Qty;y\n"
    body = b'="007";S;?;"a;b";1;!\n="007";S;?;B ;  2;!\n'
    came, _, found, *_ = read(header + body)
    nodes = nodes_of(found)
    nodes[at : at + 1] = [Node(nodes[at].source, now)] if now else []
    assert Writer.like(came).transaction_set((), nodes, onto=found) == body.replace(stood, stands)


def test_a_new_row_stands_in_the_columns_of_the_file() -> None:
    came, _, found, *_ = read(b"Qty;x;Item No.;Ship To;PO #\n1;?;A;S;7\n")
    nodes = [*nodes_of(found), Node(None, ["line", "B", "2"])]
    assert Writer.like(came).transaction_set((), nodes, onto=found) == b"1;?;A;S;7\n2;;B;S;7\n"


REFUSED: list[tuple[Layout, list[list[str]], str, str]] = [
    (ORDERS, [["order", "a\nb"]], "order.po", "a text without control characters"),
    (ORDERS, [["order", '="1"']], "order.po", "a text that reads back as itself"),
    (ORDERS, [["order", "7", "S", "?"]], "order", "2 fields"),
    (ORDERS, [["oder", "7"]], "oder", "one of order, line"),
]


@pytest.mark.parametrize(("layout", "records", "address", "expected"), REFUSED)
def test_what_a_row_cannot_say_is_refused(
    layout: Layout, records: list[list[str]], address: str, expected: str
) -> None:
    with pytest.raises(NotWritable) as caught:
        Writer(layout).transaction_set((), records)
    assert [(fault.place.address, fault.expected) for fault in caught.value.faults] == [(address, expected)]


# -- laws

CELL = some.text('ab;"é, =1', max_size=5)


@given(some.lists(some.lists(CELL, min_size=2, max_size=4), max_size=5))
def test_cells_have_the_places_that_the_csv_module_reads(rows: list[list[str]]) -> None:
    for row in rows:
        text = ";".join(quoted(one, ";") for one in row) + "\r\n"
        assert [one.text for one in cells(text, ";")] == next(peer.reader([text], delimiter=";"))
        assert [one.text for one in cells(text, ";")] == row


@given(
    some.lists(some.text('ab;"\n\r', max_size=8).map(lambda text: text + "\n"), max_size=6), some.booleans()
)
def test_every_byte_of_every_line_is_in_a_row(lines: list[str], final: bool) -> None:
    data = "".join(lines).encode()
    found, taken = parsed(data, "utf-8", ";", final)
    rows = list(map(Row, found.raws, found.cells)) if isinstance(found, Lines) else found
    assert b"".join(row.raw for row in rows) == data[:taken]
    assert not final or taken == len(data)
    for row in rows:
        lines_of = io.StringIO(row.raw.decode(), newline="\n").readlines()
        assert len(lines_of) == row.lines
        assert row.broken or list(peer.reader(lines_of, delimiter=";", strict=True)) == [row.cells]


TEXT = (
    some.text('ab;"é,1', min_size=1, max_size=5).map(str.strip).filter(lambda text: text and '="' not in text)
)
LINES = some.lists(some.tuples(TEXT, TEXT), max_size=3)


ORDER = some.tuples(TEXT, TEXT, LINES)


@given(some.lists(ORDER, max_size=4, unique_by=lambda order: order[0]), some.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read_back(orders: list[tuple[str, str, list[tuple[str, str]]]], end: str) -> None:
    writer = Writer(ORDERS, end)
    wanted = [[["order", po, store], *(["line", *one] for one in lines)] for po, store, lines in orders]
    data = writer.interchange((), [writer.transaction_set((), records) for records in wanted])
    assert [found.segments() for found in documents(data)] == wanted
    assert said(data) == []


@given(some.binary(max_size=60), some.integers(0, 90), some.sampled_from([ORDERS, PARCELS, PRICES, MIXED]))
def test_no_bytes_raise_and_none_is_lost(noise: bytes, at: int, layout: Layout) -> None:
    wire = next(case[3] for case in DOCUMENTS if case[1] is layout)
    data = header_of(layout) + wire + wire.replace(b"7", b"8")
    data = data[:at] + noise + data[at:]
    for event in read(data, layout):
        if isinstance(event, TransactionSet):
            records = event.located()
            assert b"".join(one.raw or b"" for one in records) == event.raw
            assert not event.plain or [one.elements for one in records] == event.segments()
            if event.plain:
                batch = next(one for one in read(data, layout) if isinstance(one, Interchange))
                written = Writer.like(batch).transaction_set((), nodes_of(event), onto=event)
                assert written.rstrip(b"\r\n") == event.raw.rstrip(b"\r\n")
        elif isinstance(event, Stray):
            assert event.faults
