"""The two ways out: what is tried again, what is given up, what waits for a person, and what replaying does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from gateway.cli.asking import replayed, tried_again
from gateway.connectors import Taken
from gateway.errors import Refused, SetupError, ShutOut, TransportError
from gateway.ledger import arrivals, documents, outbox
from gateway.ledger.states import State
from gateway.ledger.tables import delivery_attempt
from gateway.pipeline.work.deliver import Doors, business_key
from gateway.pipeline.work.worker import STEPS

from ..desk import ACME, COMPANY, NOON, Desk
from ..documents import acknowledgment, bad_order, group, interchange, one, order, said

BUSY = TransportError("the other side is busy")


def attempts(desk: Desk) -> list[tuple[int, str]]:
    query = select(delivery_attempt.c.n, delivery_attempt.c.outcome).order_by(delivery_attempt.c.id)
    return desk.ask(lambda tx: [(n, outcome) for n, outcome in tx.execute(query)])


def replay(desk: Desk, id: str) -> str:
    return desk.ledger.commit_now(lambda tx: replayed(tx, id))


# -- to the system behind us


async def test_a_busy_system_is_tried_again_when_it_is_due(desk: Desk):
    desk.erp.failures = [BUSY]
    await desk.receive(one())
    (row,) = desk.documents
    assert (row.state, row.attempt) == ("retrying", 1)
    assert 60 <= (row.due_at - NOON).total_seconds() <= 66
    await desk.work()
    assert desk.erp.tries == 1, "it was tried before it was due"
    desk.later(seconds=66)
    await desk.work()
    assert desk.states == ["delivered"]
    assert desk.erp.names == ["acme/4500017"]
    assert (1, "failed") in attempts(desk)
    assert (2, "delivered") in attempts(desk)


async def test_after_its_last_attempt_a_document_is_dead_with_its_reason(desk: Desk):
    desk.erp.failures = [BUSY] * 3
    await desk.receive(one())
    for _ in range(5):
        desk.later(minutes=10)
        await desk.work()
    assert desk.states == ["dead"]
    assert desk.erp.tries == 3  # at once, after 1m, after 5m
    assert "busy" in str(desk.events("dead"))


async def test_what_a_system_calls_a_document_is_told_with_its_delivery(desk: Desk):
    desk.erp.says = Taken("SO-00001", "open")
    await desk.receive(one())
    assert desk.events("delivered") == [("delivered", {"as": "SO-00001", "status": "open"})]


async def test_what_a_system_says_when_it_refuses_is_kept_with_the_attempt(desk: Desk):
    desk.erp.failures = [Refused("answered 422", '{"error": "no such customer"}')]
    await desk.receive(one())
    query = select(delivery_attempt.c.detail).where(delivery_attempt.c.outcome == "failed")
    assert desk.ask(lambda tx: list(tx.execute(query).scalars())) == [
        'answered 422\n{"error": "no such customer"}'
    ]
    assert desk.events("dead") == [("dead", {"why": "answered 422"})]


async def test_a_system_that_says_when_to_come_back_is_not_asked_sooner(desk: Desk):
    desk.erp.failures = [TransportError("busy", retry_after=1800)]
    await desk.receive(one())
    (row,) = desk.documents
    assert (row.due_at - NOON).total_seconds() == 1800


async def test_a_dead_document_is_replayed_under_the_same_key(desk: Desk):
    desk.erp.failures = [Refused("no such customer")]
    await desk.receive(one())
    (row,) = desk.documents
    assert row.state == "dead"
    assert replay(desk, row.id) == "document replayed"
    await desk.work()
    assert desk.states == ["delivered"]
    assert desk.erp.names == ["acme/4500017"]
    assert len(desk.outbox) == 2, "replaying a document must not acknowledge again"


async def test_a_document_without_a_route_is_held_and_told(open_desk: Callable[..., Desk]):
    desk = open_desk({"company.yaml": COMPANY.replace("PurchaseOrder: erp", "Invoice: erp")})
    await desk.receive(one())
    assert desk.states == ["held"]
    assert "no route for PurchaseOrder" in str(desk.events("held"))
    desk.change({"company.yaml": COMPANY})
    replay(desk, desk.documents[0].id)
    await desk.work()
    assert desk.states == ["delivered"]


async def test_a_test_document_never_reaches_the_live_system(open_desk: Callable[..., Desk]):
    desk = open_desk({"profiles/acme.yaml": ACME.replace("stage: live", "stage: testing")})
    await desk.receive(interchange(group(order()), usage="T"))
    assert desk.states == ["held"]
    assert desk.erp.taken == []


async def test_an_error_nobody_thought_of_is_tried_again_and_ends(desk: Desk):
    """A bug in a connector must neither loop for ever nor be lost."""
    desk.erp.failures = [ZeroDivisionError("a bug of ours")] * 10
    await desk.receive(one())
    for _ in range(10):
        desk.later(minutes=10)
        await desk.work()
    assert desk.states == ["dead"]
    assert desk.erp.tries == 3
    assert "a bug of ours" in str(desk.events("dead"))


async def test_a_quarantined_document_is_read_again_by_the_map_as_it_is_now(desk: Desk):
    """The partner's guide was too narrow; it is widened, and the document replayed."""
    narrow = "map: acme/850\nextends: x12/004010/850\nguide:\n  BEG03: {max: 3}\n"
    own = ACME.replace("x12/004010/850", "acme/850")
    desk.change({"profiles/acme.yaml": own, "maps/acme/850.yaml": narrow})
    await desk.receive(interchange(group(order("1", "0001"), order("4500017", "0002"))))
    assert desk.states == ["delivered", "quarantined"]
    id = desk.documents[1].id
    assert replay(desk, id).startswith("document replayed; the partner was told rejected by 997 ")
    await desk.work()
    assert desk.states == ["delivered", "quarantined"], "nothing was mended yet"
    desk.change({"maps/acme/850.yaml": narrow.replace("max: 3", "max: 22"), "profiles/acme.yaml": own})
    replay(desk, id)
    await desk.work()
    assert desk.states == ["delivered", "delivered"]
    assert desk.faults(desk.documents[1]) == set()
    assert sorted(desk.erp.names) == ["acme/1", "acme/4500017"]
    assert desk.documents[1].snapshot == desk.worker.house.digest


async def test_what_is_bad_stays_bad_when_it_is_replayed(desk: Desk):
    await desk.receive(interchange(group(bad_order())))
    replay(desk, desk.documents[0].id)
    await desk.work()
    assert desk.states == ["quarantined"]
    assert "date" in desk.faults(desk.documents[0])


async def test_a_replayed_delivery_is_the_same_object_again(desk: Desk):
    await desk.receive(one())
    replay(desk, desk.documents[0].id)
    await desk.work()
    first, second = desk.erp.taken
    assert first == second


async def test_a_held_repeat_is_let_go_by_replaying_it(open_desk: Callable[..., Desk]):
    desk = open_desk({"profiles/acme.yaml": f"{ACME}duplicates: {{changed: hold}}\n"})
    await desk.receive(one("1"), one("1", "000000008", quantity="9"))
    assert desk.states == ["delivered", "held"]
    replay(desk, desk.documents[1].id)
    await desk.work()
    assert desk.states == ["delivered", "delivered"]


def test_replaying_what_there_is_not(desk: Desk):
    assert replay(desk, "0000000000000000").startswith("nothing has this id")


async def test_a_replayed_arrival_that_was_processed_does_nothing_twice(desk: Desk):
    id = await desk.receive(one())
    assert replay(desk, id) == "arrival replayed"
    await desk.work()
    assert len(desk.erp.taken) == 1
    assert len(desk.outbox) == 2
    assert desk.arrivals[0].state == "processed"


KEYS = [
    ({"number": "1"}, "acme/1"),
    ({"number": "1", "purpose": "original"}, "acme/1"),
    ({"number": "1", "purpose": "cancellation"}, "acme/1/cancellation"),
    ({"number": "1", "release": "7", "purpose": "original"}, "acme/1/7"),
    ({"number": "a/b"}, "acme/a%2Fb"),
    ({"number": "a%2Fb"}, "acme/a%252Fb"),
    ({"number": None}, "acme/ID"),
]


@pytest.mark.parametrize(("facts", "key"), KEYS)
def test_business_key(facts: dict[str, str], key: str):
    row = documents.new("in", "850", NOON, State.TRANSLATED, id="ID", partner="acme", **facts)
    assert business_key(row) == key


# -- to the partner


async def test_a_busy_partner_is_sent_the_same_bytes_under_the_same_name(desk: Desk):
    desk.acme.failures = [BUSY, BUSY]
    await desk.receive(one())
    assert {row.state for row in desk.outbox} == {"retrying"}
    before = desk.sent
    desk.later(minutes=2)
    await desk.work()
    assert {row.state for row in desk.outbox} == {"sent"}
    assert sorted(desk.acme.names) == ["997_000000001.edi", "TA1_000000002.edi"]
    assert sorted(data for _, data in desk.acme.taken) == sorted(data for _, data in before)
    assert said(desk.acme.taken[0][1], "IEA")


async def test_a_refusal_is_dead_at_once_and_replayed_as_it_was(desk: Desk):
    desk.acme.failures = [Refused("login denied"), Refused("login denied")]
    await desk.receive(one())
    assert {row.state for row in desk.outbox} == {"dead"}
    for row in desk.outbox:
        assert replay(desk, row.id) == "sending replayed"
    await desk.work()
    assert {row.state for row in desk.outbox} == {"sent"}
    assert desk.states == ["delivered"]


async def test_a_channel_that_is_not_there_holds_what_is_to_be_sent(desk: Desk):
    desk.worker.doors = Doors({"erp": desk.erp}, {})
    await desk.receive(one())
    assert {row.state for row in desk.outbox} == {"held"}
    assert "no channel 'acme.drop'" in str(desk.events("held"))
    desk.move_in(desk.worker.house)
    for row in desk.outbox:
        replay(desk, row.id)
    await desk.work()
    assert len(desk.acme.taken) == 2


async def test_an_acknowledgment_that_could_not_leave_leaves_once_a_channel_can_send(
    open_desk: Callable[..., Desk],
):
    """`push:` was missing (`gateway check` warned); it is added, with its own pattern, and the answers replayed."""
    desk = open_desk({"profiles/acme.yaml": ACME.replace("    push: {to: .}\n", "")})
    await desk.receive(one())
    assert [(row.state, row.channel) for row in desk.outbox] == [("held", "")] * 2
    assert "no channel of theirs can send" in str(desk.events("held"))
    replay(desk, desk.outbox[0].id)
    await desk.work()
    assert desk.outbox[0].state == "held", "nothing was mended yet"
    before = desk.sent
    desk.change({"profiles/acme.yaml": ACME.replace("{to: .}", "{to: ., name: <document>-<control>.x12}")})
    for row in desk.outbox:
        replay(desk, row.id)
    await desk.work()
    assert [(row.state, row.channel) for row in desk.outbox] == [("sent", "acme.drop")] * 2
    assert desk.acme.names == ["997-000000001.x12", "TA1-000000002.x12"]
    assert [data for _, data in desk.acme.taken] == [data for _, data in before]


async def test_a_shared_mailbox_answers_what_came_by_it(open_desk: Callable[..., Desk]):
    company = COMPANY + (
        "channels:\n  van:\n    folder: {in: van/in, out: van/out}\n    pull: {}\n"
        "    push: {name: <document>-<control>.x12}\n"
    )
    profile = (
        ACME[: ACME.index("channels:")] + "channels: {box: company.van}\n" + ACME[ACME.index("receive:") :]
    )
    desk = open_desk({"company.yaml": company, "profiles/acme.yaml": profile})
    desk.worker.doors = Doors({"erp": desk.erp}, {"company.van": desk.acme})
    await desk.receive(one(), channel="company.van")
    assert {(row.state, row.channel) for row in desk.outbox} == {("sent", "company.van")}
    assert desk.acme.names == ["997-000000001.x12", "TA1-000000002.x12"]


async def test_what_a_host_shuts_out_waits_and_goes_once_it_is_let_in(desk: Desk):
    """By `retry: [1m, 5m]`; the channel says why meanwhile. Who waits longer than that ends dead."""
    desk.acme.failures = [ShutOut("the host key is not the pinned one")] * 4
    await desk.receive(one())
    assert {row.state for row in desk.outbox} == {"retrying"}
    assert desk.worker.outages.as_dict()["acme.drop"]["why"] == "the host key is not the pinned one"
    for partner in ("", "acme"):
        told = desk.ask(lambda tx, partner=partner: tried_again(tx, partner))
        assert told == {"acme": (2, "the host key is not the pinned one")}
    assert desk.ask(lambda tx: tried_again(tx, "bolt")) == {}
    desk.later(minutes=2)
    await desk.work()
    desk.later(minutes=6)
    await desk.work()
    assert ({row.state for row in desk.outbox}, len(desk.acme.taken)) == ({"sent"}, 2)
    desk.acme.failures = [ShutOut("the login was refused")] * 6
    await desk.receive(one("2", "000000008"))
    for _ in range(2):
        desk.later(minutes=6)
        await desk.work()
    assert [row.state for row in desk.outbox[2:]] == ["dead", "dead"]


async def test_an_error_of_the_set_up_is_held_not_retried(desk: Desk):
    desk.acme.failures = [SetupError("the key file is gone")] * 2
    await desk.receive(one())
    assert {row.state for row in desk.outbox} == {"held"}


async def test_bytes_that_are_gone_end_in_a_dead_letter_not_in_a_loop(desk: Desk):
    """Somebody changed the stored blobs: each of the three steps says so once, and waits for a person."""
    await desk.take(one("1"))
    await desk.take(one("2", "000000008"), "other.edi")
    await desk.worker.perform(STEPS["arrival"], desk.arrivals[0].id)
    desk.ledger.commit_now(lambda tx: tx.exec_driver_sql("UPDATE blob SET data = x'00'"))
    await desk.work()
    assert [row.state for row in desk.arrivals] == ["processed", "dead"]
    assert desk.states == ["dead"]
    assert {row.state for row in desk.outbox} == {"dead"}
    assert all("restore it from a backup" in str(detail) for _, detail in desk.events("dead"))


async def test_a_mended_997_is_matched_not_delivered(open_desk: Callable[..., Desk]):
    """It was quarantined for a guide of ours that was too narrow; replayed, it does what a 997 does."""
    own = f"{ACME}  997: acme/997\n"
    narrow = "map: acme/997\nextends: x12/004010/997\nguide:\n  AK102: {max: 1}\n"
    desk = open_desk({"profiles/acme.yaml": own, "maps/acme/997.yaml": narrow})
    await desk.receive(acknowledgment("AK1*PO*41", "AK9*A*1*1*1"))
    assert desk.states == ["quarantined"]
    desk.change({"profiles/acme.yaml": own, "maps/acme/997.yaml": narrow.replace("max: 1", "max: 9")})
    replay(desk, desk.documents[0].id)
    await desk.work()
    assert desk.states == ["held"]  # we sent no such group
    assert desk.erp.taken == []
    assert len(desk.events("unmatched")) == 1


async def test_what_was_replayed_has_its_key_and_its_repeat_is_one(open_desk: Callable[..., Desk]):
    own = ACME.replace("x12/004010/850", "acme/850")
    narrow = "map: acme/850\nextends: x12/004010/850\nguide:\n  BEG03: {max: 3}\n"
    desk = open_desk({"profiles/acme.yaml": own, "maps/acme/850.yaml": narrow})
    await desk.receive(one())
    desk.change({"profiles/acme.yaml": own, "maps/acme/850.yaml": narrow.replace("max: 3", "max: 22")})
    replay(desk, desk.documents[0].id)
    await desk.work()
    await desk.receive(one(control="000000008"))
    assert desk.states == ["delivered", "dropped"]


# -- two workers


async def test_what_another_worker_holds_is_left_alone(desk: Desk):
    await desk.take(one())
    (row,) = desk.arrivals
    until = NOON.replace(hour=13)
    token = desk.ledger.commit_now(lambda tx: arrivals.claim(tx, row.id, "other", NOON, until))
    assert token
    assert await desk.work() == []
    desk.later(hours=2)
    await desk.work()
    assert desk.states == ["delivered"]


async def test_a_worker_that_wakes_up_late_writes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """Its lease ran out while it was frozen in the middle of a delivery; another has finished it meanwhile."""
    await desk.take(one())
    await desk.worker.perform(STEPS["arrival"], desk.arrivals[0].id)
    id = desk.documents[0].id
    deliver = desk.erp.deliver

    async def freeze(*args: object) -> None:
        monkeypatch.undo()
        desk.later(hours=1)
        await desk.worker.perform(STEPS["document"], id)
        assert desk.states == ["delivered"]
        await deliver(*args)

    monkeypatch.setattr(desk.erp, "deliver", freeze)
    events = len(desk.events("delivered"))
    await desk.worker.perform(STEPS["document"], id)
    assert len(desk.events("delivered")) == events + 1
    assert desk.states == ["delivered"]
    assert desk.erp.names == ["acme/4500017"] * 2  # the same key, so the system has it once


def test_outbox_replay_of_what_was_never_sent_is_refused(desk: Desk):
    with pytest.raises(LookupError):
        desk.ledger.commit_now(lambda tx: outbox.replay(tx, "0000000000000000", NOON))
