"""Files of records come in: each document alone, told apart by content, and a corrected batch does only the rest."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
from maps import flat

from gateway.cli.asking import replayed
from gateway.formats.events import Limits
from gateway.ledger import blobs
from gateway.ledger.states import State
from gateway.pipeline.inbound.reader import Reader
from gateway.pipeline.queue import Step
from gateway.setup import check

from ..desk import NOON, Desk, house_in
from ..records import CONFIRMATIONS, PRICES, PROFILE, STOCK, batch, files, shipment

Open = Callable[..., Desk]
BROKEN = "0000012X0"


@pytest.fixture
def desk(open_desk: Open) -> Desk:
    return open_desk(files())


def states(desk: Desk) -> list[tuple[str | None, str]]:
    return [(row.number, row.state) for row in desk.documents]


async def test_a_broken_record_holds_up_nobody_but_its_own_document(desk: Desk):
    await desk.receive(batch([shipment(1), shipment(2, BROKEN), shipment(3)]), name="ship.txt")
    assert states(desk) == [
        ("S000000001", "delivered"),
        ("S000000002", "quarantined"),
        ("S000000003", "delivered"),
    ]
    assert [row.kind for row in desk.documents] == ["WarehouseShipment", None, "WarehouseShipment"]
    (fault,) = desk.documents[1].faults
    assert (fault["place"], fault["line"], fault["column"], fault["came"]) == ("LIN.qty", 7, 29, "12X0")
    (arrived,) = desk.arrivals
    assert arrived.state == State.PROCESSED
    assert [one["severity"] for one in arrived.faults] == [
        "note"
    ]  # the total, for what is wrong is said above
    (interchange,) = desk.interchanges
    assert (interchange.format, interchange.sender, interchange.control) == ("fixed", "SWIFT", "41")


async def test_its_sender_is_told_in_a_table(desk: Desk):
    await desk.receive(batch([shipment(1), shipment(2, BROKEN)]), name="ship.txt")
    ((name, table),) = desk.sent
    (row,) = desk.outbox
    assert (name, row.name, row.type) == ("errors", "errors_1.csv", "errors")
    head, line = table.decode().splitlines()
    assert head == "line,document,record,field,came,expected,what"
    assert line.startswith('7,2,LIN,qty,12X0,"digits, the sign over the last one",')
    await desk.receive(batch([shipment(3)], control=42), name="good.txt")
    assert len(desk.sent) == 1  # there is nothing to tell of it


async def test_a_corrected_batch_processes_what_had_failed(desk: Desk):
    first = batch([shipment(1), shipment(2, BROKEN), shipment(3)])
    await desk.receive(first, name="ship.txt")
    await desk.receive(batch([shipment(1), shipment(2), shipment(3)]), name="ship-2.txt")
    assert states(desk)[3:] == [
        ("S000000001", "dropped"),
        ("S000000002", "delivered"),
        ("S000000003", "dropped"),
    ]
    assert sorted(desk.erp.names) == sorted({*desk.erp.names})
    again = await desk.receive(batch([shipment(1), shipment(2), shipment(3)]), name="ship-3.txt")
    assert [row.state for row in desk.documents if row.arrival_id == again] == ["dropped"] * 3


@pytest.mark.parametrize(
    ("said", "place", "code"),
    [
        ({"count": 3}, "TRL.shipments", "trailer-total"),
        ({"total": 2401}, "TRL.hash", "trailer-total"),
        ({"end": ""}, "TRL", "missing-trailer"),
    ],
)
async def test_a_trailer_that_does_not_fit_holds_the_batch(open_desk: Open, said, place, code):
    desk = open_desk(files())
    await desk.receive(batch([shipment(1), shipment(2)], **said), name="ship.txt")
    assert [row.state for row in desk.documents] == ["held", "held"]
    assert {(one["place"], one["code"]) for row in desk.documents for one in row.faults} == {(place, code)}
    await desk.receive(batch([shipment(1), shipment(2)]), name="again.txt")
    assert [row.state for row in desk.documents][2:] == ["delivered", "delivered"]


async def test_where_it_is_agreed_a_batch_goes_on_without_its_trailer(open_desk: Open):
    desk = open_desk(
        files(PROFILE.replace("acknowledge: errors", "acknowledge: errors, incomplete: process"))
    )
    await desk.receive(batch([shipment(1)], end=""), name="ship.txt")
    assert [row.state for row in desk.documents] == ["delivered"]
    assert desk.sent[0][1].splitlines()[1].split(b",")[2] == b"TRL"


@pytest.mark.parametrize(
    ("said", "place", "code"),
    [
        ({"sender": "SLOW"}, "HDR.sender", "unknown-sender"),
        ({"usage": "T"}, "HDR.usage", "wrong-usage"),
    ],
)
async def test_whose_batch_it_is_must_be_right(desk: Desk, said, place, code):
    await desk.receive(batch([shipment(1)], **said), name="ship.txt")
    assert desk.documents == []
    (arrived,) = desk.arrivals
    (fault,) = arrived.faults
    assert (arrived.state, fault["place"], fault["code"], fault["line"]) == (State.HELD, place, code, 1)


async def test_what_a_file_is_its_content_says(desk: Desk):
    for data in (STOCK, PRICES, CONFIRMATIONS, batch([shipment(1)])):
        await desk.receive(data, name="file")
    assert [(row.type, row.kind, row.number, row.state) for row in desk.documents] == [
        ("stock", "InventoryReport", "R-815", "delivered"),
        ("prices", "PriceList", "Winter", "delivered"),
        ("confirmations", "OrderAcknowledgment", "P-1", "delivered"),
        ("confirmations", "OrderAcknowledgment", "P-2", "delivered"),
        ("shipments", "WarehouseShipment", "S000000001", "delivered"),
    ]
    assert [row.format for row in desk.interchanges] == ["fixed", "csv", "csv", "fixed"]


async def test_what_a_file_is_its_name_may_say(open_desk: Open):
    profile = PROFILE.replace("stock: swift3pl/stock", 'stock: {map: swift3pl/stock, when: {file: "STOCK*"}}')
    desk = open_desk(files(profile))
    await desk.receive(STOCK, name="STOCK.txt")
    await desk.receive(STOCK.replace(b"R-815", b"R-816"), name="other.txt")
    assert [row.number for row in desk.documents] == ["R-815"]
    assert desk.arrivals[1].state == State.QUARANTINED


async def test_records_of_no_type_and_orphans_are_told_and_stop_nothing(desk: Desk):
    orphan, stray = "CTN340123450000000017\n", "XYZ what is this\n"
    await desk.receive(batch([f"{orphan}{shipment(1)}{stray}", shipment(2)]), name="ship.txt")
    assert [(row.number, row.state) for row in desk.documents] == [
        ("S000000001", "quarantined"),
        ("S000000002", "delivered"),
    ]
    told = [(one["code"], one["line"]) for one in desk.arrivals[0].faults if one["severity"] == "fault"]
    assert told == [("segment-out-of-place", 2)]
    assert [(one["code"], one["line"]) for one in desk.documents[0].faults] == [("segment-unknown", 6)]
    lines = desk.sent[0][1].decode().splitlines()[1:]
    assert [line.split(",")[:3] for line in lines] == [["2", "", "CTN"], ["6", "1", "XYZ"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"hello, who reads this?\n", "unknown-format"),
        (b"", "empty-file"),
        (b"%PDF-1.4 \x00\x01", "unknown-format"),
        ("Artikel;Gültig ab;Währung\r\n1;01.01.2027;EUR\r\n".encode(), "column-missing"),
    ],
)
async def test_a_file_that_is_none_of_them(desk: Desk, data, code):
    await desk.receive(data, name="file")
    told = [one["code"] for one in desk.arrivals[0].faults]
    assert code in told
    assert not [row for row in desk.documents if row.state == "delivered"]


async def test_what_has_no_number_repeats_what_stood_last(open_desk: Open):
    given = files()
    given["maps/werkstatt/prices.yaml"] = given["maps/werkstatt/prices.yaml"].replace(
        "  number: list.title\n", ""
    )
    guide = given["guides/werkstatt/prices.yaml"].replace("by: [title]", "by: [valid_from]")
    given["guides/werkstatt/prices.yaml"] = guide.replace("Liste | M", "Liste")
    desk = open_desk(given)
    other = PRICES.replace(b"1.250,50", b"1.300,00")
    for data in (PRICES, PRICES, other, PRICES):
        await desk.receive(data, name="prices.csv")
    assert [row.state for row in desk.documents] == ["delivered", "dropped", "delivered", "delivered"]


def test_an_entry_is_called_as_its_guide(tmp_path: Path):
    profile = PROFILE.replace("stock: swift3pl/stock", "945: swift3pl/stock")
    (fault,) = [one for one in check(house_in(tmp_path, files(profile))).faults if not one.warning]
    assert fault.what == "receive.945: swift3pl/stock is a map of stock, not of 945"


async def test_a_thousand_orders_one_of_them_broken(desk: Desk):
    shipments = [shipment(number) for number in range(1000)]
    broken = [*shipments[:500], shipment(500, BROKEN), *shipments[501:]]
    began = perf_counter()
    await desk.take(batch(broken), name="ship.txt")
    await desk.worker.perform(Step.RECEIVE, desk.arrivals[0].id)
    took = perf_counter() - began
    found = [row.state for row in desk.documents]
    assert (found.count("translated"), found.count("quarantined")) == (999, 1)
    assert desk.documents[500].faults[0]["line"] == 500 * 3 + 4
    assert took < 5
    await desk.take(batch(shipments), name="corrected.txt")
    await desk.worker.perform(Step.RECEIVE, desk.arrivals[1].id)
    again = [row.state for row in desk.documents[1000:]]
    assert (again.count("translated"), again.count("dropped")) == (1, 999)


async def test_what_is_found_may_come_from_another_process(desk: Desk):
    for data in (batch([shipment(1), shipment(2, BROKEN)]), STOCK, PRICES):
        await desk.take(data, name="file")
    house = desk.worker.house
    assert house is not None
    for arrived in desk.arrivals:
        raw = desk.ask(lambda tx, digest=arrived.digest: blobs.read(tx, digest))
        found = list(Reader(house, arrived, NOON, 100).batches(raw, Limits()))
        again = pickle.loads(pickle.dumps(found))  # noqa: S301  # our own
        opened, known = again[0][0], found[0][0]
        assert (opened.header.sender, opened.header.control) == (known.header.sender, known.header.control)
        assert opened.header.syntax.inside(raw) == known.header.syntax.inside(raw)


async def test_a_mainframe_s_records_have_no_line_ends(open_desk: Open):
    """Another partner's habits: EBCDIC, packed decimals, records of 40 bytes one behind the other, no header."""
    given = files(PROFILE.replace("swift3pl/stock", "mainframe/stock"))
    own = {
        name.replace("swift3pl", "mainframe"): text for name, text in flat.texts().items() if "stock" in name
    }
    for name, text in own.items():
        place = f"{name}.yaml" if name.startswith("guides/") else f"maps/{name}.yaml"
        given[place] = text.replace("swift3pl", "mainframe")
    desk = open_desk(given)
    data = flat.STOCK.data
    await desk.receive(data + data.replace(b"\xf0\xf8\xf1\xf5", b"\xf0\xf8\xf1\xf6"), name="STOCK")
    assert [(row.type, row.number, row.state) for row in desk.documents] == [
        ("stock", "00000815", "delivered"),
        ("stock", "00000816", "delivered"),
    ]
    broken = bytearray(data.replace(b"\xf0\xf8\xf1\xf5", b"\xf0\xf8\xf1\xf7"))
    broken[59] = 0xC1  # the last half of a packed number is its sign
    await desk.receive(bytes(broken) + data.replace(b"\xf0\xf8\xf1\xf5", b"\xf0\xf8\xf1\xf8"), name="STOCK-2")
    assert [row.state for row in desk.documents][2:] == ["quarantined", "delivered"]
    (fault,) = desk.documents[2].faults
    assert (fault["place"], fault["line"]) == ("I.on_hand", 2)


async def test_what_our_guide_was_wrong_about_goes_on_once_that_is_mended(desk: Desk):
    await desk.receive(batch([shipment(1), shipment(2).replace("EA\n", "BX\n")]), name="ship.txt")
    assert [row.state for row in desk.documents] == ["delivered", "quarantined"]
    given = files()
    for name in ("guides/swift3pl/shipments.yaml", "maps/swift3pl/shipments.yaml"):
        mended = given[name].replace("[EA, CS, PL]", "[EA, CS, PL, BX]")
        given[name] = mended.replace("pallet: [PL]", "pallet: [PL], box: [BX]")
    desk.change(given)
    desk.ledger.commit_now(lambda tx: replayed(tx, desk.documents[1].id))
    await desk.work()
    assert states(desk) == [("S000000001", "delivered"), ("S000000002", "delivered")]
    assert [row.type for row in desk.outbox] == ["errors"]  # it is not told anew: the file had been told of


async def test_a_person_may_let_a_held_batch_go(desk: Desk):
    await desk.receive(batch([shipment(1), shipment(2)], count=3), name="ship.txt")
    for row in desk.documents:
        desk.ledger.commit_now(lambda tx, id=row.id: replayed(tx, id))
    await desk.work()
    assert [row.state for row in desk.documents] == ["delivered", "delivered"]
    assert [row.type for row in desk.outbox] == ["errors"]
    await desk.receive(batch([shipment(1), shipment(2)]), name="right.txt")
    assert [row.state for row in desk.documents][2:] == ["dropped", "dropped"]


async def test_a_file_that_nobody_could_read_is_read_again_as_a_whole(open_desk: Open):
    profile = PROFILE.replace("  shipments: {map: swift3pl/shipments, acknowledge: errors}\n", "")
    desk = open_desk(files(profile))
    arrived = await desk.receive(batch([shipment(1)]), name="ship.txt")
    assert [row.state for row in desk.documents] == []
    desk.change(files())
    desk.ledger.commit_now(lambda tx: replayed(tx, arrived))
    await desk.work()
    assert states(desk) == [("S000000001", "delivered")]
