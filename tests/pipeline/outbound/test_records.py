"""What we send as files of records: batches with header and trailer, named by template, numbered by partner."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..desk import Desk
from ..records import OURS, PROFILE, files, warehouse_orders

Open = Callable[..., Desk]
NAME = "WarehouseOrder-1.json"


async def test_a_run_leaves_as_one_batch(open_desk: Open):
    desk = open_desk(files())
    await desk.hand_over(warehouse_orders("WO-1", "WO-2"), NAME)
    assert [(row.type, row.state, row.set_control) for row in desk.documents] == [
        ("orders", "sent", "1"),
        ("orders", "sent", "2"),
    ]
    (row,) = desk.outbox
    assert (row.type, row.control, row.own, row.other) == ("orders", "1", "NORTHWIND", "SWIFT")
    ((_, data),) = desk.sent
    assert row.name == "orders_1.txt"
    lines = data.decode("cp1252").split("\n")
    assert lines[0] == f"HDR{'NORTHWIND':<10}{'SWIFT':<10}000000001202611211200".ljust(80)
    assert [line[:18].strip() for line in lines[1:-2]] == [
        "ORDWO-1", "ADRCafé", "LIN00001TEA", "ORDWO-2", "ADRCafé", "LIN00001TEA"
    ]  # fmt: skip
    assert lines[-2:] == [f"TRL{2:07}{2:07}{'000000000002D'}".ljust(80), ""]
    assert {len(line) for line in lines[:-1]} == {80}


async def test_each_leaves_alone_under_the_name_that_its_channel_has(open_desk: Open):
    profile = PROFILE.replace("batch: run", "batch: each").replace(
        "to: .", 'to: ., name: "{{ number }}_{{ control }}.dat"'
    )
    desk = open_desk(files(profile))
    await desk.hand_over(warehouse_orders("WO-1", "WO-2"), NAME)
    assert [row.name for row in desk.outbox] == ["WO-1_1.dat", "WO-2_2.dat"]


@pytest.mark.parametrize(
    "given",
    [
        files(PROFILE.replace("{fixed: SWIFT}", "{x12: ZZ/ACME}")),
        files(company=OURS.replace(", fixed: NORTHWIND", "")),
    ],
)
async def test_a_header_that_names_both_needs_both(open_desk: Open, given):
    desk = open_desk(given)
    await desk.hand_over(warehouse_orders("WO-1"), NAME)
    (row,) = desk.documents
    assert (row.state, row.faults[0]["code"]) == ("held", "no-identity")
    assert "identities: {fixed: ...}" in row.faults[0]["hint"]


async def test_where_nobody_is_named_nobody_needs_an_identity(open_desk: Open):
    given = files(PROFILE.replace("identities: {fixed: SWIFT}\n", ""), OURS.replace(", fixed: NORTHWIND", ""))
    guide = "guides/swift3pl/orders.yaml"
    given[guide] = (
        given[guide].replace("  sender: HDR.sender\n", "").replace("  receiver: HDR.receiver\n", "")
    )
    desk = open_desk(given)
    await desk.hand_over(warehouse_orders("WO-1"), NAME)
    assert [(row.state, row.own, row.other) for row in desk.outbox] == [("sent", "main", "acme")]


async def test_totals_that_the_trailer_has_no_room_for_stop_the_batch(open_desk: Open):
    given = files()
    guide = "guides/swift3pl/orders.yaml"
    given[guide] = given[guide].replace("hash 18..30 zoned0", "hash 18..19 zoned0")
    desk = open_desk(given)
    await desk.hand_over(warehouse_orders(*map(str, range(9))), NAME)
    assert {row.state for row in desk.documents} == {"quarantined"}
    assert {(one["place"], one["came"]) for row in desk.documents for one in row.faults} == {
        ("TRL.hash", "108")
    }
    assert desk.outbox == []
    await desk.hand_over(warehouse_orders("one"), "WarehouseOrder-2.json")
    assert [row.control for row in desk.outbox] == ["1"]


async def test_what_its_columns_cannot_say_is_quarantined_alone(open_desk: Open):
    desk = open_desk(files())
    await desk.hand_over(warehouse_orders("WO-1", "A-NUMBER-OF-SIXTEEN"), NAME)
    assert [row.state for row in desk.documents] == ["sent", "quarantined"]
    (fault,) = desk.documents[1].faults
    assert (fault["field"], fault["came"]) == ("number", "A-NUMBER-OF-SIXTEEN")
