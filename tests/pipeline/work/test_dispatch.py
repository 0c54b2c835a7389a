"""From an object that the ERP hands over to the partner's channel: for whom, by which terms, once, or why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete

from gateway.cli.asking import replayed
from gateway.errors import TransportError
from gateway.faults import Code, Fault, Place
from gateway.ledger import documents, work
from gateway.ledger.tables import blob
from gateway.maps import Map
from gateway.pipeline.queue import Step
from gateway.pipeline.work.deliver import Doors

from ..desk import Desk
from ..documents import acknowledgment, one, said, segments
from ..orders_out import SUPPLIER, file, po, sold_by

Open = Callable[..., Desk]


@pytest.fixture
def desk(open_desk: Open) -> Desk:
    return open_desk({"profiles/acme.yaml": SUPPLIER})


def out(desk: Desk) -> list[Any]:
    return [row for row in desk.documents if row.direction == "out"]


def states(desk: Desk) -> list[str]:
    return [row.state for row in out(desk)]


def replay(desk: Desk, id: str) -> str:
    return desk.ledger.commit_now(lambda tx: replayed(tx, id))


async def test_an_order_of_ours_reaches_its_supplier(desk: Desk):
    await desk.hand_over(file(po()))
    ((name, data),) = desk.acme.taken
    assert name == "850_000000001.edi"
    isa, gs = segments(data)[:2]
    assert [part.strip() for part in isa[5:9]] == ["12", "8475551234", "ZZ", "ACME"]
    assert (isa[12], isa[13], isa[15]) == ("00401", "000000001", "P")
    assert (gs[1], gs[2], gs[3], gs[6], gs[8]) == ("PO", "8475551234", "ACME", "1", "004010")
    assert said(data, "ST", "BEG") == ["ST*850*0001", "BEG*00*SA*P1**20261120"]
    (row,) = out(desk)
    assert (row.state, row.partner, row.number, row.kind) == ("sent", "acme", "P1", "PurchaseOrder")
    assert (row.group_control, row.set_control, row.map) == ("1", "0001", "x12/004010/850")
    assert [one.state for one in desk.arrivals] == ["processed"]


async def test_one_correlation_from_the_erp_to_the_partner(desk: Desk):
    await desk.hand_over(file(po()))
    (arrival,), (row,), (sending,) = desk.arrivals, out(desk), desk.outbox
    assert {arrival.correlation, row.correlation, sending.correlation} == {arrival.correlation}
    assert sending.id == row.outbox_id


async def test_of_a_list_each_object_is_a_document_and_a_story_of_its_own(desk: Desk):
    await desk.hand_over(file(po("P1"), po("P2"), po("P3")))
    assert states(desk) == ["sent"] * 3
    assert desk.acme.names == [f"850_00000000{n}.edi" for n in (1, 2, 3)]
    assert [row.number for row in out(desk)] == ["P1", "P2", "P3"]
    assert len({row.correlation for row in out(desk)}) == 3
    assert {row.correlation for row in out(desk)} == {row.correlation for row in desk.outbox}


async def test_many_are_looked_at_in_lots_and_all_go(open_desk: Open, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gateway.pipeline.work.dispatcher.AT_ONCE", 3)
    desk = open_desk({"profiles/acme.yaml": SUPPLIER}, batch=2)
    await desk.hand_over(file(*(po(f"P{n}") for n in range(8))))
    assert states(desk) == ["sent"] * 8
    assert [said(data, "BEG")[0].split("*")[3] for _, data in desk.acme.taken] == [f"P{n}" for n in range(8)]


async def test_their_997_closes_it(desk: Desk):
    await desk.hand_over(file(po()))
    await desk.receive(acknowledgment("AK1*PO*1", "AK9*A*1*1*1"))
    assert states(desk) == ["acknowledged"]
    assert desk.outbox[0].state == "acknowledged"


# -- what the ERP gets wrong


BAD_FILES = [
    # name, bytes -> the fault that quarantines the file
    ("orders.json", file(po()), "unknown-document"),
    ("FunctionalAcknowledgment-1.json", b"{}", "unknown-document"),
    ("PurchaseOrder.json", b"", "empty-file"),
    ("PurchaseOrder.json", b"[]", "empty-file"),
    ("PurchaseOrder.json", b'{"number": ', "unknown-format"),
    ("PurchaseOrder.json", file(po(), po("P2"))[:-20], "unknown-format"),
    ("PurchaseOrder.json", b'{"number": "\xff"}', "encoding"),
]


@pytest.mark.parametrize(("name", "data", "fault"), BAD_FILES)
async def test_a_file_that_says_nothing_clear_goes_no_further(desk: Desk, name: str, data: bytes, fault: str):
    await desk.hand_over(data, name=name)
    assert [row.state for row in desk.arrivals] == ["quarantined"]
    assert desk.faults(desk.arrivals[0]) == {fault}
    assert desk.documents == []


async def test_a_bad_object_is_quarantined_alone_with_the_path_of_each_fault(desk: Desk):
    bad = po("P2", ordered_on="yesterday", colour="red")
    await desk.hand_over(file(po("P1"), bad, po("P3")))
    assert states(desk) == ["sent", "quarantined", "sent"]
    fields = {fault["field"] for fault in out(desk)[1].faults}
    assert fields == {"$[1].ordered_on", "$[1].colour"}


async def test_what_cannot_be_written_is_quarantined_alone(desk: Desk):
    await desk.hand_over(file(po("P1"), po("P" * 40), po("P3*~")))
    assert states(desk) == ["sent", "quarantined", "quarantined"]
    assert [fault["field"] for fault in out(desk)[1].faults] == ["number"]
    assert desk.outbox[0].control == "000000001"
    assert len(desk.outbox) == 1, "a number was drawn for what was not written"


async def test_a_repeat_of_the_file_is_dropped(desk: Desk):
    for _ in range(2):
        await desk.receive(file(po()), name="PurchaseOrder.json", channel="system.erp", key="same")
    assert [row.state for row in desk.arrivals] == ["processed", "dropped"]
    assert len(desk.acme.taken) == 1


# -- for whom


ACCOUNTS = {"profiles/acme.yaml": SUPPLIER, "profiles/bolt.yaml": sold_by("bolt", "S-88")}

WITHOUT_ONE = [
    # profiles, the supplier's number -> the fault, and what its hint says
    ({}, "S-99", "no-partner", "accounts: {erp: S-99}"),
    ({"profiles/bolt.yaml": sold_by("bolt", "S-77")}, "S-77", "no-partner", "acme and bolt both have"),
    (
        {"profiles/acme.yaml": SUPPLIER.replace("send:\n  850: x12/004010/850\n", "")},
        "S-77",
        "no-agreement",
        "send: {850: x12/004010/850}",
    ),
    (
        {"profiles/acme.yaml": SUPPLIER.replace("stage: live", "stage: suspended")},
        "S-77",
        "no-agreement",
        "suspended",
    ),
    (
        {"profiles/acme.yaml": SUPPLIER.replace("stage: live", "stage: testing")},
        "S-77",
        "wrong-usage",
        "make it live",
    ),
]


@pytest.mark.parametrize(("files", "supplier", "fault", "hint"), WITHOUT_ONE)
async def test_held_with_what_to_do(
    open_desk: Open, files: dict[str, str], supplier: str, fault: str, hint: str
):
    desk = open_desk({"profiles/acme.yaml": SUPPLIER, **files})
    await desk.hand_over(file(po(supplier=supplier)))
    (row,) = out(desk)
    assert row.state == "held"
    assert row.partner == (None if fault == "no-partner" else "acme"), "who is told of it asks by partner"
    (found,) = row.faults
    assert found["code"] == fault
    assert hint in found["hint"]
    assert desk.outbox == []


async def test_what_only_a_later_gateway_can_read_is_kept_also_where_it_stops(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patched:
        fault = Fault(Code.FIELD_UNKNOWN, Place(field="$.colour"))
        patched.setattr("gateway.pipeline.outbound.handover.read_one", lambda kind, value: (None, [fault]))
        await desk.hand_over(file(po(supplier="S-99")))
    (row,) = out(desk)
    assert (row.state, row.number, row.canonical) == ("quarantined", None, None)
    replay(desk, row.id)
    await desk.work()
    (row,) = out(desk)
    assert (row.state, row.number, desk.faults(row)) == ("held", "P1", {"no-partner"})
    assert desk.ask(lambda tx: documents.canonical(tx, row)).number == "P1"


async def test_replayed_once_the_profile_says_for_whom(desk: Desk):
    await desk.hand_over(file(po(supplier="S-99")))
    (row,) = out(desk)
    assert replay(desk, row.id) == "document replayed"
    await desk.work()
    assert states(desk) == ["held"], "nothing had changed"
    desk.change({"profiles/acme.yaml": SUPPLIER.replace("S-77", "S-99")})
    replay(desk, row.id)
    await desk.work()
    assert states(desk) == ["sent"]
    assert out(desk)[0].faults == []


async def test_a_system_for_tests_serves_partners_that_get_tests(open_desk: Open):
    testing = SUPPLIER.replace("stage: live", "stage: testing").replace(
        "{erp: S-77}", "{erp: S-77, trial: S-77}"
    )
    desk = open_desk({"profiles/acme.yaml": testing})
    await desk.hand_over(file(po()), system="trial")
    ((_, data),) = desk.acme.taken
    assert segments(data)[0][15] == "T"
    desk.change({"profiles/acme.yaml": testing.replace("testing", "live")})
    await desk.hand_over(file(po("P2")), system="trial")
    assert states(desk) == ["sent", "held"]
    assert "is test: true" in out(desk)[1].faults[0]["hint"]


async def test_a_system_that_company_yaml_does_not_know_sends_nothing(desk: Desk):
    profile = SUPPLIER.replace("{erp: S-77}", "{erp: S-77, trial: S-77}")
    desk.change({"profiles/acme.yaml": profile})
    await desk.hand_over(file(po()), system="old")
    assert states(desk) == ["held"]


# -- sending


async def test_a_busy_channel_is_tried_again_with_the_same_bytes(desk: Desk):
    desk.acme.failures = [TransportError("busy")]
    await desk.hand_over(file(po()))
    assert states(desk) == ["retrying"]
    before = desk.sent
    desk.later(minutes=2)
    await desk.work()
    assert states(desk) == ["sent"]
    assert [("850", data) for _, data in desk.acme.taken] == before == desk.sent


async def test_replaying_what_was_sent_sends_the_same_bytes(desk: Desk):
    await desk.hand_over(file(po()))
    desk.change({"profiles/acme.yaml": SUPPLIER.replace("004010/850\nreceive", "005010/850\nreceive")})
    assert replay(desk, out(desk)[0].id) == "document replayed"
    await desk.work()
    assert states(desk) == ["sent"]
    (first, again) = desk.acme.taken
    assert first == again
    assert len(desk.outbox) == 1


async def test_a_channel_that_is_away_does_not_lose_it(desk: Desk):
    doors, desk.worker.doors = desk.worker.doors, Doors()
    await desk.hand_over(file(po()))
    assert states(desk) == ["held"]
    desk.worker.doors = doors
    replay(desk, desk.outbox[0].id)
    await desk.work()
    assert states(desk) == ["sent"]


# -- after a crash


class Crash(BaseException):
    """Stands for kill -9: nothing may catch it."""


async def handed_over_and_sent(desk: Desk) -> None:
    """Two good orders with a bad one between them, and time for every batch."""
    await desk.hand_over(file(po("P1"), po("bad", ordered_on="never"), po("P2")))
    desk.later(minutes=20)
    await desk.work()


POINTS = [
    ("gateway.pipeline.work.registrar.reach", "receive.before_commit"),
    ("gateway.pipeline.work.registrar.reach", "receive.after_commit"),
    ("gateway.pipeline.work.dispatcher.reach", "render.before_commit"),
    ("gateway.pipeline.work.dispatcher.reach", "render.after_commit"),
    ("gateway.pipeline.work.deliver.reach", "send.before_send"),
    ("gateway.pipeline.work.deliver.reach", "send.after_send"),
    ("gateway.pipeline.work.deliver.reach", "send.after_commit"),
]


@pytest.mark.parametrize("batch", ["each", "run", "15m"])
@pytest.mark.parametrize(("where", "point"), POINTS)
async def test_done_again_after_a_crash_it_is_written_once(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch, where: str, point: str, batch: str
):
    def reach(name: str) -> None:
        if name == point:
            raise Crash

    profile = SUPPLIER.replace(
        "850: x12/004010/850\nreceive", f"850: {{map: x12/004010/850, batch: {batch}}}\nreceive"
    )
    desk = open_desk({"profiles/acme.yaml": profile})
    monkeypatch.setattr(where, reach)
    with pytest.raises(Crash):
        await handed_over_and_sent(desk)
    monkeypatch.undo()
    desk.ledger.commit_now(work.forget_leases)
    await desk.work()
    desk.later(minutes=20)
    await desk.work()
    assert states(desk) == ["sent", "quarantined", "sent"]
    written = {name: data for name, data in desk.acme.taken}
    numbers = [line for data in written.values() for line in said(data, "BEG")]
    assert numbers == ["BEG*00*SA*P1**20261120", "BEG*00*SA*P2**20261120"]
    controls = [segments(data)[0][13] for data in written.values()]
    assert controls == [f"{n:09d}" for n in range(1, len(written) + 1)]


# -- what the file is called


def named(pattern: str) -> dict[str, str]:
    return {"profiles/acme.yaml": SUPPLIER.replace("push: {to: .}", f"push: {{to: ., name: '{pattern}'}}")}


async def test_its_name_is_the_channel_s_template_filled_in(open_desk: Open):
    desk = open_desk(named("{{ document }}-{{ number }}-{{ control }}-{{ date }}.x12"))
    await desk.hand_over(file(po("45/17")))
    await desk.receive(one())
    assert desk.acme.names == [
        "850-45-17-000000001-20261121.x12",
        "997_000000002.edi",
        "TA1_000000003.edi",
    ]


async def test_a_name_that_cannot_be_filled_in_holds_the_document_and_no_acknowledgment(open_desk: Open):
    desk = open_desk(named("{{ buyer.name }}_{{ control }}.edi"))
    await desk.hand_over(file(po()))
    await desk.receive(one())
    assert states(desk) == ["held"]
    (fault,) = out(desk)[0].faults
    assert fault["code"] == "not-named"
    assert "there is no value buyer.name; correct `name:` of the channel" in fault["hint"]
    assert desk.acme.names == ["997_000000001.edi", "TA1_000000002.edi"]
    desk.change(named("{{ buyer.name if buyer else number }}_{{ control }}.edi"))
    replay(desk, out(desk)[0].id)
    await desk.work()
    assert desk.acme.names[2:] == ["P1_000000003.edi"]


# -- whatever goes wrong with one


async def test_one_whose_bytes_are_gone_ends_alone(desk: Desk):
    """As far as it can be tried again it is, and then it is dead; its neighbours went on."""
    await desk.take(file(po("P1"), po("P2"), po("P3")), name="PurchaseOrder.json", channel="system.erp")
    await desk.worker.perform(Step.RECEIVE, desk.arrivals[0].id)
    lost = next(row.canonical for row in out(desk) if row.number == "P2")
    desk.ledger.commit_now(lambda tx: tx.execute(delete(blob).where(blob.c.digest == lost)))
    await desk.work()
    assert states(desk) == ["sent", "retrying", "sent"]
    for _ in range(3):
        desk.later(minutes=10)
        await desk.work()
    assert states(desk) == ["sent", "dead", "sent"]
    assert "the ledger has none" in str(desk.events("dead"))


async def test_one_that_brings_a_map_down_ends_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    write = Map.write

    def broken(chosen: Map, business: Any, *given: Any, **named: Any) -> Any:
        if business.number == "P2":
            raise ZeroDivisionError("a fault of ours")
        return write(chosen, business, *given, **named)

    monkeypatch.setattr(Map, "write", broken)
    await desk.hand_over(file(po("P1"), po("P2"), po("P3")))
    assert states(desk) == ["sent", "retrying", "sent"]
    monkeypatch.undo()
    desk.later(minutes=10)
    await desk.work()
    assert states(desk) == ["sent"] * 3
    assert [said(data, "BEG")[0].split("*")[3] for _, data in desk.acme.taken] == ["P1", "P3", "P2"]


async def test_two_workers_write_it_once(desk: Desk):
    """The second finds that the first has taken all of it."""
    await desk.take(file(po("P1"), po("P2")), name="PurchaseOrder.json", channel="system.erp")
    await desk.worker.perform(Step.RECEIVE, desk.arrivals[0].id)
    ids = [row.id for row in out(desk)]
    await asyncio.gather(*(desk.worker.perform(Step.RENDER, id) for id in ids * 2))
    await desk.work()
    assert states(desk) == ["sent"] * 2
    assert len(desk.outbox) == 2
