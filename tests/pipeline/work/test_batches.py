"""Documents that wait for one another travel in one interchange: in order, once, and a bad one does not stop them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.cli.asking import replayed
from gateway.ledger import stories

from ..desk import COMPANY, NOON, Desk
from ..documents import acknowledgment, said, segments
from ..orders_out import SELLING, file, po, sold_by
from .test_dispatch import out, states

Open = Callable[..., Desk]


def selling(batch: str, name: str = "acme", number: str = "S-77") -> dict[str, str]:
    profile = sold_by(name, number).replace(
        "send:\n  850: x12/004010/850", SELLING.format(batch=batch).split("\n", 1)[1].rstrip()
    )
    return {f"profiles/{name}.yaml": profile}


def orders(data: bytes) -> list[str]:
    return [line.split("*")[3] for line in said(data, "BEG")]


async def test_a_run_is_one_interchange_and_one_group(open_desk: Open):
    desk = open_desk(selling("run"))
    await desk.hand_over(file(po("P1"), po("P2"), po("P3")))
    ((name, data),) = desk.acme.taken
    assert (name, orders(data)) == ("850_000000001.edi", ["P1", "P2", "P3"])
    assert said(data, "ST") == ["ST*850*0001", "ST*850*0002", "ST*850*0003"]
    assert said(data, "GE", "IEA") == ["GE*3*1", "IEA*1*000000001"]
    assert states(desk) == ["sent"] * 3
    assert [row.set_control for row in out(desk)] == ["0001", "0002", "0003"]


async def test_each_run_leaves_by_itself(open_desk: Open):
    desk = open_desk(selling("run"))
    await desk.take(file(po("P1"), po("P2")), name="PurchaseOrder-1.json", channel="system.erp")
    await desk.take(file(po("P3")), name="PurchaseOrder-2.json", channel="system.erp")
    await desk.work()
    assert [orders(data) for _, data in desk.acme.taken] == [["P1", "P2"], ["P3"]]


async def test_a_long_run_waits_until_all_of_it_was_looked_at(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gateway.pipeline.work.dispatcher.AT_ONCE", 2)
    desk = open_desk(selling("run"), batch=3)
    await desk.hand_over(file(*(po(f"P{n}") for n in range(9))))
    desk.later(seconds=2)
    await desk.work()
    assert [orders(data) for _, data in desk.acme.taken] == [[f"P{n}" for n in range(9)]]


async def test_a_bad_one_ends_alone_and_the_others_are_numbered_without_it(open_desk: Open):
    desk = open_desk(selling("run"))
    await desk.hand_over(file(po("P1"), po("P" * 40), po("P3", ordered_on="never"), po("P4")))
    ((_, data),) = desk.acme.taken
    assert said(data, "ST", "BEG") == [
        "ST*850*0001",
        "BEG*00*SA*P1**20261120",
        "ST*850*0002",
        "BEG*00*SA*P4**20261120",
    ]
    assert states(desk) == ["sent", "quarantined", "quarantined", "sent"]


async def test_a_run_of_bad_ones_alone_leaves_nothing(open_desk: Open):
    desk = open_desk(selling("run"))
    await desk.hand_over(file(po("P" * 40), po("P" * 41)))
    assert (desk.outbox, states(desk)) == ([], ["quarantined"] * 2)


async def test_what_comes_within_the_time_leaves_together_at_its_end(open_desk: Open):
    desk = open_desk(selling("15m"))
    await desk.hand_over(file(po("P1")))
    desk.later(minutes=10)
    await desk.hand_over(file(po("P2"), po("P3")), name="PurchaseOrder-2.json")
    assert states(desk) == ["translated"] * 3
    assert desk.acme.taken == []
    assert {row.due_at for row in out(desk)} == {NOON.replace(minute=15)}
    desk.later(minutes=5)
    await desk.work()
    await desk.hand_over(file(po("P4")), name="PurchaseOrder-3.json")
    desk.later(minutes=15)
    await desk.work()
    assert [orders(data) for _, data in desk.acme.taken] == [["P1", "P2", "P3"], ["P4"]]
    assert [segments(data)[0][13] for _, data in desk.acme.taken] == ["000000001", "000000002"]


async def test_a_time_of_the_day_is_that_of_the_calendar(open_desk: Open):
    company = COMPANY + "  calendar: us\ncalendars: {us: {timezone: America/Chicago}}\n"
    desk = open_desk({**selling('"17:00"'), "company.yaml": company})
    await desk.hand_over(file(po("P1")))
    assert out(desk)[0].due_at == NOON.replace(hour=23)
    assert [fault for fault in desk.worker.house.snapshot.texts if fault == "calendar"] == []


async def test_one_partner_s_batch_holds_nothing_of_another_s(open_desk: Open):
    desk = open_desk({**selling("15m"), **selling("15m", "bolt", "S-88")})
    desk.worker.doors.senders["bolt.drop"] = desk.acme  # type: ignore[index]  # both into one place
    await desk.hand_over(file(po("P1"), po("P2", supplier="S-88"), po("P3")))
    desk.later(minutes=15)
    await desk.work()
    assert {segments(data)[0][8].strip(): orders(data) for _, data in desk.acme.taken} == {
        "ACME": ["P1", "P3"],
        "BOLT": ["P2"],
    }


async def test_what_can_no_longer_be_written_when_its_batch_leaves_ends_alone(open_desk: Open):
    desk = open_desk(selling("15m"))
    await desk.hand_over(file(po("P1"), po("P23456789")))
    narrow = "map: acme/850\nextends: x12/004010/850\nguide: {BEG03: {max: 5}}\n"
    changed = {
        name: text.replace("map: x12/004010/850", "map: acme/850") for name, text in selling("15m").items()
    }
    desk.change({"maps/acme/850.yaml": narrow, **changed})
    desk.later(minutes=15)
    await desk.work()
    assert [orders(data) for _, data in desk.acme.taken] == [["P1"]]
    assert states(desk) == ["sent", "quarantined"]


async def test_tests_and_production_never_travel_together(open_desk: Open):
    """The partner goes live while its documents wait: what a live system handed over for tests never leaves as one."""
    testing = {
        name: text.replace("stage: live", "stage: testing").replace("{erp: S-77}", "{erp: S-77, trial: S-77}")
        for name, text in selling("15m").items()
    }
    desk = open_desk(testing)
    await desk.hand_over(file(po("T1")), system="trial")
    live = {name: text.replace("stage: testing", "stage: live") for name, text in testing.items()}
    desk.change(live)
    await desk.hand_over(file(po("P1")), name="PurchaseOrder-2.json")
    desk.later(minutes=15)
    await desk.work()
    ((_, data),) = desk.acme.taken
    assert (orders(data), segments(data)[0][15]) == (["P1"], "P")
    assert states(desk) == ["held", "sent"]


async def test_a_997_may_refuse_one_of_a_batch(open_desk: Open):
    desk = open_desk(selling("run"))
    await desk.hand_over(file(po("P1"), po("P2")))
    await desk.receive(acknowledgment("AK1*PO*1", "AK2*850*0002", "AK5*R*5", "AK9*P*2*2*1"))
    assert states(desk) == ["acknowledged", "refused"]
    assert desk.outbox[0].state == "refused"


async def test_replaying_one_of_a_batch_sends_the_batch_as_it_was(open_desk: Open):
    desk = open_desk(selling("run"))
    await desk.hand_over(file(po("P1"), po("P2")))
    id = out(desk)[0].id
    assert desk.ledger.commit_now(lambda tx: replayed(tx, id)) == "document replayed"
    await desk.work()
    first, again = desk.acme.taken
    assert first == again


async def test_the_story_of_one_is_not_that_of_its_neighbours(open_desk: Open):
    desk = open_desk(selling("run"))
    await desk.hand_over(file(po("P1"), po("P2")))
    await desk.receive(acknowledgment("AK1*PO*1", "AK9*A*2*2*2"))
    story = desk.ask(lambda tx: stories.trace(tx, "P2"))
    assert [row.number for row in story.documents] == ["P2"]
    assert [row.id for row in story.outbox] == [desk.outbox[0].id]
    assert [event.kind for event in story.events if event.document_id] == [
        "received",
        "translated",
        "rendered",
        "acknowledged",
    ]
    whole = desk.ask(lambda tx: stories.trace(tx, desk.outbox[0].name))
    assert [row.number for row in whole.documents] == ["P1", "P2"]
