"""Which layout a file of records is read with, however it comes, and what commands make of it for a partner."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

from gateway.certification.rehearsal import rehearse
from gateway.pipeline.translation.conversion import as_agreed, converted, theirs
from gateway.pipeline.translation.inspection import inspect
from gateway.pipeline.translation.layouts import looked_into

from ..desk import house_in, house_of
from ..documents import one
from ..records import CONFIRMATIONS, PRICES, STOCK, batch, files, shipment, warehouse_orders

SHIPMENTS = batch([shipment(1), shipment(2, "0000012X0")])


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return house_of(house_in(tmp_path_factory.mktemp("house"), files()))


def pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 7] for at in range(0, len(data), 7))


@pytest.mark.parametrize(
    ("data", "guide"),
    [
        (SHIPMENTS, "swift3pl/shipments"),
        (STOCK, "swift3pl/stock"),
        (STOCK.replace(b"\n", b"\r\n"), "swift3pl/stock"),
        (PRICES, "werkstatt/prices"),
        (b"\xef\xbb\xbf" + CONFIRMATIONS, "werkstatt/confirmations"),
        (one(), None),
        (b"\r\n " + one(), None),
        (b"UNB+UNOC:3+1+2+260301:1530+7'UNZ+0+7'", None),
    ],
)
def test_a_file_is_what_it_looks_like_most(house, data, guide):
    for source in (data, io.BytesIO(data), pieces(data)):
        layout, again = theirs(house, "acme", source)
        assert (layout.name if layout else None) == guide
        assert (again if isinstance(again, bytes) else b"".join(again)) == data


def test_only_the_beginning_is_looked_into():
    taken: list[int] = []

    def blocks() -> Iterator[bytes]:
        for at in range(100):
            taken.append(at)
            yield b"x" * 1000

    head, again = looked_into(blocks())
    assert (len(head), len(taken)) == (8192, 9)
    assert len(b"".join(again)) == 100_000


def test_inspected_as_agreed(house):
    layout, source = theirs(house, "acme", SHIPMENTS)
    report = inspect(source, "ship.txt", choose=as_agreed(house, "acme"), layout=layout)
    assert report.format == "fixed"
    told = [
        (fault.place.line, str(fault.place).partition(" ")[2]) for fault in report.faults if not fault.is_note
    ]
    assert told == [(7, "LIN.qty")]


def test_translated_as_agreed_and_back(house):
    read = list(converted([STOCK], "canonical", house, "acme"))
    (stock,) = [json.loads(piece.data) for piece in read if piece.data]
    assert [line["quantity"] for line in stock["lines"]] == ["1200", "80"]
    assert b"".join(piece.data for piece in converted([STOCK], "fixed", house, "acme")).splitlines()[0] == (
        b"HDRSWIFT     0000000720261128PSTK"
    )
    written = b"".join(piece.data for piece in converted([warehouse_orders("WO-1")], "fixed", house, "acme"))
    assert written.startswith(b"HDRNORTHWIND SWIFT     000000001")
    assert b"\nORDWO-1 " in written


def test_rehearsed_with_the_table_of_its_errors(house):
    partner = house.partner("acme")
    assert partner is not None
    done = rehearse(house, partner, SHIPMENTS)
    assert [one.object is None for one in done.translations] == [False, True]
    (table,) = done.acknowledgments
    assert table.splitlines()[1].startswith(b"7,2,LIN,qty,")
