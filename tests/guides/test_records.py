"""Guides of records: what they say, what is wrong with them, and what is wrong with documents, fast and exact."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.errors import SetupError
from gateway.faults import Code, rejecting
from gateway.formats import fixed, known
from gateway.formats.events import Interchange, TransactionSet
from gateway.guides import fields, records
from gateway.guides.compile import compiled
from gateway.guides.model import Element
from gateway.guides.place import parse
from gateway.guides.spelling import spelled
from gateway.guides.tree import SegmentNode
from gateway.profiles.snapshot import map_text
from gateway.setup import judge_map

from .flat_documents import (
    BATCH,
    CSV_BATCH,
    CSV_GUIDE,
    CSV_HEADER,
    CSV_ORDER,
    GUIDE,
    HEADER,
    MAP,
    ORDER,
    TRAILER,
)

LOADED = records.load(GUIDE, "swift3pl/orders")


def documents(data: bytes) -> list[TransactionSet]:
    events = known.read(data, layout=LOADED.layout)
    return [event for event in events if isinstance(event, TransactionSet)]


def test_a_guide_of_records_is_a_guide() -> None:
    assert (LOADED.id, LOADED.set, LOADED.version) == ("swift3pl/orders", "orders", "")
    assert [place.path for place in LOADED.root.children] == ["ORD", "ADR", "LIN"]
    qty = LOADED.segments["LIN"].uses[2]
    assert (qty.name, qty.required, isinstance(qty.of, Element) and qty.of.type) == ("qty", True, "N0")


def test_a_good_batch_has_nothing_to_say() -> None:
    events = list(known.read(BATCH, layout=LOADED.layout))
    assert [fault for event in events for fault in event.faults] == []
    (found,) = documents(BATCH)
    assert parse(LOADED, found.located())[1] == []
    assert compiled(LOADED)(found.texts(), found.separator)
    batch: Any = events[0]
    assert (batch.sender, batch.receiver, batch.control) == ("SWIFT", "NORTH", "7")
    assert (batch.date, batch.time, batch.test) == ("20261128", "0930", False)


WRONG: list[tuple[str, str, str, list[tuple[Code, str, int, int]]]] = [
    ("a date", "20261128S1", "20261301S1", [(Code.DATE, "ORD.ordered", 2, 21)]),
    ("a date that is missing", "20261128S1", "00000000S1", [(Code.ELEMENT_MISSING, "ORD.ordered", 2, 21)]),
    ("text where a number belongs", "00000001B", "0000x001B", [(Code.CHARACTER_TYPE, "LIN.qty", 4, 29)]),
    ("a sign nobody knows", "00000001B", "00000001Z", [(Code.CHARACTER_TYPE, "LIN.qty", 4, 29)]),
    ("an unknown record", "LIN00002", "LXN00002", [(Code.SEGMENT_UNKNOWN, "LXN", 5, 1)]),
    ("a record out of place", "LIN00002", "ADR00002", [(Code.SEGMENT_OUT_OF_PLACE, "ADR", 5, 1)]),
    ("no name", "TEA  ", "     ", [(Code.ELEMENT_MISSING, "LIN.sku", 4, 9)]),
    ("control characters", "Store", "St\tre", [(Code.CHARACTER, "ORD.name", 2, 39)]),
]


@pytest.mark.parametrize(
    ("was", "now", "faults"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_what_is_wrong_has_record_field_line_and_column(
    was: str, now: str, faults: list[tuple[Code, str, int, int]]
) -> None:
    data = (HEADER + ORDER.replace(was, now) + ORDER + TRAILER).encode("cp1252")
    broken, whole = documents(data)
    told = rejecting([*broken.syntax_faults(), *parse(LOADED, broken.located())[1]])
    assert [(f.code, f.place.address, f.place.line, f.place.column) for f in told] == faults
    assert not broken.plain or not compiled(LOADED)(broken.texts(), broken.separator)
    assert compiled(LOADED)(whole.texts(), whole.separator)


def test_a_mandatory_record_that_is_missing() -> None:
    (found,) = documents((HEADER + ORDER[: ORDER.index("LIN")] + TRAILER).encode())
    told = rejecting(parse(LOADED, found.located())[1])
    assert [(f.code, f.place.address) for f in told] == [(Code.SEGMENT_MISSING, "LIN")]


@given(some.integers(0, len(ORDER) - 1), some.characters(max_codepoint=255, exclude_categories=("Cs",)))
def test_fast_and_exact_agree_on_documents_with_a_wrong_character(at: int, sign: str) -> None:
    data = (HEADER + ORDER[:at] + sign + ORDER[at + 1 :] + ORDER + TRAILER).encode("cp1252", "replace")
    for found in documents(data):
        faults = [*found.syntax_faults(), *parse(LOADED, found.located())[1]]
        fast = found.plain and compiled(LOADED)(found.texts(), found.separator)
        assert fast is not bool(rejecting(faults)) or not found.plain


# -- rows

ROWS = records.load(CSV_GUIDE, "megamart/orders")

WRONG_ROWS: list[tuple[str, str, str, list[tuple[Code, str, int, int]]]] = [
    ("nothing", "", "", []),
    ("text where a number belongs", "1,5;", "1.5;", [(Code.CHARACTER_TYPE, "line.qty", 2, 9)]),
    ("a date", "EA;1.250,50;4500;11/28", "EA;1.250,50;4500;11/31", [(Code.DATE, "order.date", 2, 30)]),
    ("no value", '="0012"', "", [(Code.ELEMENT_MISSING, "line.sku", 2, 1)]),
    ("a code nobody agreed", "EA", "PC", [(Code.CODE_NOT_ALLOWED, "line.unit", 2, 13)]),
]


@pytest.mark.parametrize(
    ("was", "now", "faults"), [c[1:] for c in WRONG_ROWS], ids=[c[0] for c in WRONG_ROWS]
)
def test_what_is_wrong_in_a_row_has_record_field_line_and_column(
    was: str, now: str, faults: list[tuple[Code, str, int, int]]
) -> None:
    rows = CSV_ORDER.splitlines(keepends=True)
    data = (CSV_HEADER + rows[0].replace(was, now) + "".join(rows[0]).replace("4500", "4501")).encode()
    events = known.read(data, layout=ROWS.layout)
    broken, whole = [event for event in events if isinstance(event, TransactionSet)]
    told = rejecting([*broken.syntax_faults(), *parse(ROWS, broken.located())[1]])
    assert [(f.code, f.place.address, f.place.line, f.place.column) for f in told] == faults
    assert compiled(ROWS)(broken.texts(), broken.separator) is not bool(faults)
    assert compiled(ROWS)(whole.texts(), whole.separator)


def test_a_date_of_zeros_is_none_and_stays() -> None:
    guide = records.load(CSV_GUIDE.replace("(MM/dd/yyyy) M", "(MM/dd/yyyy)"), "megamart/orders")
    data = CSV_BATCH.replace(b"11/28/2026", b"00/00/0000")
    came, _, found, *_ = known.read(data, layout=guide.layout)
    assert isinstance(found, TransactionSet)
    assert found.segments()[0] == ["order", "4500", "", "S1", "Store; One"]
    assert isinstance(came, Interchange)
    nodes = [SegmentNode(None, list(one.elements), one) for one in found.located()]
    assert known.writer_like(came).transaction_set((), nodes, onto=found) == found.raw


def test_a_guide_of_rows_says_its_levels() -> None:
    layout = ROWS.layout
    assert layout is not None
    assert (layout.levels, layout.header, layout.delimiter) == (("order", "line"), True, ";")
    (found,) = [e for e in known.read(CSV_BATCH, layout=layout) if isinstance(e, TransactionSet)]
    assert [place.path for place in ROWS.root.children] == ["order", "line"]
    assert found.segments()[1] == ["line", "0012", "1,5", "EA", "1.250,50"]


BAD_ROWS: list[tuple[str, str, str]] = [
    ('delimiter: ";"', "delimiter: ab", "delimiter: ab cannot part cells"),
    ('delimiter: ";"', "length: 80", "unknown key length"),
    ("format: csv", "format: csv\nencoding: cp037", "encoding: cp037 cannot be read so"),
    ("by: [po]", "by: [pow]", "order: by: it has no field pow"),
    ('sku: "Item No. | M"', 'sku: "| M"', "line.sku: not a field"),
    ('sku: "Item No. | M"', 'sku: "Item No. | packed2"', "line.sku: packed numbers stand in fixed columns"),
    ("number(.,)", "number(.)(,)", "line.price: no type number(.)(,)"),
    ("[EA, CS]", "[]", "line.unit: codes: not a list of codes"),
]


@pytest.mark.parametrize(("was", "now", "what"), BAD_ROWS)
def test_what_is_wrong_with_a_guide_of_rows_is_told(was: str, now: str, what: str) -> None:
    assert was in CSV_GUIDE
    with pytest.raises(SetupError) as caught:
        records.load(CSV_GUIDE.replace(was, now), "megamart/orders")
    assert any(fault.what.startswith(what) and fault.fix for fault in caught.value.faults), caught.value


# -- fields

FIELDS: list[tuple[str, int | None, str, str | None]] = [
    ("text", 5, "ab", "ab"),
    ("integer", 4, "0012", "0012"),
    ("integer", 4, "1.5", None),
    ("n2", 6, "-00125", "-00125"),
    ("zoned2", 6, "00012E", "000125"),
    ("zoned2", 6, "00012N", "-000125"),
    ("zoned2", 6, "000125", "000125"),
    ("zoned2", 6, "00N125", None),
    ("number", 8, "12.50", "12.50"),
    ("number", 8, "12,50", None),
    ("number(,)", 8, "12,50", "12.50"),
    ("number(,)", 8, "12.50", None),
    ("number(.,)", None, "1.250,50", "1250.50"),
    ("number(.,)", None, "1250,50", "1250.50"),
    ("number(.,)", None, "1.25,50", None),
    ("number(,.)", None, "-1,250.5", "-1250.5"),
    ("number(,-)", None, "12,50-", "-12.50"),
    ("number(,-)", None, "12,50", "12.50"),
    ("number(.,-)", None, "1.250,50-", "-1250.50"),
    ("number(-)", 8, "12.50-", "-12.50"),
    ("number(-)", 8, "-12.50", None),
    ("n2(-)", 8, "1250-", "-1250"),
    ("integer(-)", 8, "1250+", "1250"),
    ("integer(-)", 8, "-1250", None),
    ("date(yyyyMMdd)", 8, "20261128", "20261128"),
    ("date(MM/dd/yyyy)", None, "11/28/2026", "20261128"),
    ("date(MM/dd/yyyy)", None, "20261128", None),
    ("date(MM/dd/yyyy)", None, "13/28/2026", None),
    ("date(M/d/yyyy)", None, "3/1/2026", "20260301"),
    ("date(M/d/yyyy or yyyy-MM-dd)", None, "2026-03-01", "20260301"),
    ("date(M/d/yyyy or yyyy-MM-dd)", None, "3/1/2026", "20260301"),
    ("date(M/d/yyyy or yyyy-MM-dd)", None, "1.3.2026", None),
    ("date(dd.MM.yy)", None, "28.11.26", "261128"),
    ("time(HH:mm)", None, "09:30", "0930"),
    ("time(HH:mm)", None, "24:30", None),
    ("time(HHmmss)", 6, "093015", "093015"),
    ("moment(yyyy-MM-ddTHH:mm:ss)", None, "2026-11-28T09:30:15", "20261128093015"),
    ("moment(yyyy-MM-ddTHH:mm:ss)", None, "2026-11-31T09:30:15", None),
    ("boolean(Y/N)", 1, "Y", "true"),
    ("boolean(Y/N)", 1, "X", None),
    ("packed2", 4, "-12", "-12"),
]


@pytest.mark.parametrize(("said", "width", "text", "plain"), FIELDS)
def test_a_field_reads_what_its_type_spells(
    said: str, width: int | None, text: str, plain: str | None
) -> None:
    element = fields.typed("x", said, width).element
    if plain is None:
        assert spelled(text, element) is not None
        return
    assert spelled(text, element) is None
    assert element.plain(text) == plain
    assert element.plain(element.formed(plain)) == plain


BAD: list[tuple[str, str, str]] = [
    ("format: fixed", "format: fixd", "format: no such format fixd"),
    ("encoding: cp1252", "encoding: cp125", "encoding: there is none called cp125"),
    ("encoding: cp1252", "encoding: utf-16", "encoding: utf-16 cannot be read so"),
    ("encoding: cp1252", "encoding: rot13", "encoding: there is none called rot13"),
    ("encoding: cp1252", "length: x", "length: x is no number of columns"),
    ("encoding: cp1252", "lines: false", "lines: without line ends every record has one length"),
    ("encoding: cp1252", "colour: red", "unknown key colour"),
    ('is: "1..3 = ORD"', "is: ORD", "is: ORD marks nothing"),
    ('    is: "1..3 = ORD"', "    as: ORD", "ORD: unknown key as"),
    ("sku 9..28 M", "sku 28..9 M", "LIN.sku: no such columns"),
    ("sku 9..28 M", "sku", "sku: not a field"),
    ("sku 9..28 M", "line 9..28 M", "LIN.line: a field of this name went before"),
    ("sku 9..28 M", "sku 9..28 txt", "LIN.sku: no type txt; known: text"),
    ("sku 9..28 M", "sku 9..28 zoned", "LIN.sku: zoned: zoned takes its decimals"),
    ("sku 9..28 M", "sku 9..10 date(yyyyMMdd)", "LIN.sku: date(yyyyMMdd): wider than its 2 columns"),
    ("sku 9..28 M", "sku 9..28 date(yyyy)", "LIN.sku: date(yyyy): a pattern of"),
    ("sku 9..28 M", "sku 9..28 date(yyMMdd or yyyyMMdd)", "LIN.sku: date(yyMMdd or yyyyMMdd): years of two"),
    ("sku 9..28 M", "sku 9..28 n2(x)", "LIN.sku: (x): nothing in brackets"),
    ("sku 9..28 M", "sku 9..28 packed2", "LIN.sku: packed numbers may hold any byte"),
    ("  - TRL M 1", "  - TRL M 2", "TRL M 2: not a line of a guide of records"),
    ("  - TRL M 1", "  - TXL M 1", "TXL: there is no such record"),
    ("- LIN M 9999", "- LAN M 9999", "LAN: the segment table does not have it"),
    ("document ORD M *", "ORD M *", "structure: no document"),
    ("sender: HDR.sender", "sender: HDR.sendr", "HDR.sendr: there is no such field"),
    ("count(ORD)", "avg(ORD)", "avg(ORD): this is not computed"),
    ("sum(LIN.qty)", "sum(LIN.sku)", "TRL.hash: sum(LIN.sku): these are no numbers"),
    ("  ORD:", "  ORD01:", "ORD01: no name for a record"),
]


@pytest.mark.parametrize(("was", "now", "what"), BAD)
def test_what_is_wrong_with_a_guide_is_told_with_its_line(was: str, now: str, what: str) -> None:
    assert was in GUIDE
    with pytest.raises(SetupError) as caught:
        records.load(GUIDE.replace(was, now), "swift3pl/orders")
    told = [fault for fault in caught.value.faults if fault.what.startswith(what)]
    assert told, caught.value
    assert told[0].mark.line == GUIDE[: GUIDE.index(was)].count("\n") + 1 or what.startswith("structure")
    assert told[0].fix


def test_a_broken_guide_is_blamed_by_its_own_file() -> None:
    texts = {
        "maps/swift3pl/orders.yaml": MAP,
        "guides/swift3pl/orders.yaml": GUIDE.replace("zoned0 M", "zonned0 M"),
    }
    (fault,) = judge_map("swift3pl/orders", lambda name: map_text(texts, name))
    assert (fault.mark.file, fault.mark.line) == ("guides/swift3pl/orders.yaml", fault.mark.line)
    assert GUIDE.splitlines()[fault.mark.line - 1].strip().startswith("fields: [line 4..8")


def test_columns_that_no_field_has_are_kept_as_fields() -> None:
    guide = records.load(GUIDE.replace("line 4..8 integer, ", ""), "swift3pl/orders")
    assert guide.segments["LIN"].uses[-1].name == "columns_4_8"
    (found,) = [e for e in known.read(BATCH, layout=guide.layout) if isinstance(e, TransactionSet)]
    assert found.segments()[-1][-1] == "00002"


def test_a_sign_behind_has_a_column_of_its_own() -> None:
    guide = records.load(GUIDE.replace("qty 29..37 zoned0 M", "qty 29..37 n0(-) M"), "swift3pl/orders")
    assert guide.layout is not None
    hand = fixed.Writer(guide.layout)
    for text, columns in (("12-", "00000012-"), ("12", "00000012 "), ("0-", "00000000-"), ("0", "00000000 ")):
        data = hand.transaction_set((), [["ORD", "1"], ["LIN", "1", "TEA", text]])
        assert data.decode().splitlines()[1][28:37] == columns
        (found,) = [e for e in known.read(data, layout=guide.layout) if isinstance(e, TransactionSet)]
        assert found.segments()[1][3] == text


# -- a record that is told by its position


FIRST = """
format: fixed
records:
  head: {is: first, fields: [site 1..4, lines 5..8 integer]}
  item: {fields: [sku 1..6 M, qty 7..10 integer]}
structure:
  - head M 1
  - document item M *
envelope: {sender: head.site, computed: {head.lines: count(item)}}
"""
FIRST_OF_ROWS = """
format: csv
records:
  head: {is: first, fields: [site 1, lines 2 integer]}
  item: {is: "1 = I", fields: [sku 2 M, qty 3 integer]}
structure:
  - head M 1
  - document item M *
envelope: {sender: head.site, computed: {head.lines: count(item)}}
"""


@pytest.mark.parametrize(
    ("text", "data"),
    [(FIRST, b"\nWEST0002\nTEA   0012\nCOCOA 0003\n"), (FIRST_OF_ROWS, b"\nWEST,2\nI,TEA,12\nI,COCOA,3\n")],
    ids=["fixed", "rows"],
)
def test_the_first_record_is_told_by_its_place(text: str, data: bytes) -> None:
    guide = records.load(text, "west/stock")
    assert guide.layout is not None
    events = list(known.read(data, layout=guide.layout))
    assert [fault for event in events for fault in event.faults] == []
    batch, *_ = events
    assert isinstance(batch, Interchange)
    assert (batch.sender, batch.header[1]) == ("WEST", "2")
    found = [event for event in events if isinstance(event, TransactionSet)]
    assert [one.segments() for one in found] == [[["item", "TEA", "12"]], [["item", "COCOA", "3"]]]
    assert all(one.located()[0].elements == one.segments()[0] for one in found)
    hand = known.writer_like(batch)
    written = [hand.transaction_set((), one.segments()) for one in found]
    assert hand.interchange(("WEST",), written).replace(b"\r\n", b"\n") == data.lstrip(b"\n")
    wrong = list(
        known.read(data.replace(b"2\nTEA", b"3\nTEA").replace(b",2\n", b",3\n"), layout=guide.layout)
    )
    assert [fault.place.address for event in wrong for fault in event.faults] == ["head.lines"]


def test_the_first_record_leads() -> None:
    with pytest.raises(SetupError) as caught:
        records.load(
            FIRST.replace("  - head M 1\n", "").replace("item M *\n", "item M *\n  - head M 1\n"), "x/y"
        )
    assert caught.value.faults[0].what == "head: the first record leads the documents"
