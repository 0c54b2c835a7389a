"""What is owed after a document, by either side: told once when it is late, closed all the same when it comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select

from gateway.cli.asking import replayed, waiting_with_reason
from gateway.errors import Refused, TransportError
from gateway.ledger import stories
from gateway.ledger.tables import deadline
from gateway.pipeline.work import overdue

from ..desk import ACME, COMPANY, NOON, Desk
from ..documents import acknowledgment, bad_order, group, interchange, one
from ..orders_out import SUPPLIER, file, po
from ..outbound.test_differences import ack, released, their_ack
from .test_dispatch import out, states

Open = Callable[..., Desk]

PROFILE = SUPPLIER.replace(
    "850: x12/004010/850\nreceive", "850: {map: x12/004010/850, expect: {997: 24h}}\nreceive"
)
ACCEPTED = acknowledgment("AK1*PO*1", "AK9*A*1*1*1")


@pytest.fixture
async def desk(open_desk: Open) -> Desk:
    """We sent acme an order, and it has a day to acknowledge it."""
    desk = open_desk({"profiles/acme.yaml": PROFILE})
    await desk.hand_over(file(po()))
    return desk


async def late(desk: Desk) -> int:
    """How many are told of now."""
    return len(await overdue.watch(desk.ledger, desk.clock[0]))


def first_late(desk: Desk) -> datetime | None:
    """When the first of what is awaited is late."""
    return desk.ask(lambda tx: tx.scalar(select(func.min(deadline.c.until))))


def standing(desk: Desk) -> dict[str, int]:
    counts = desk.ask(stories.status).counts
    return {one.state: one.count for one in counts if one.kind == "outbox"}


async def test_it_is_told_once_when_the_time_has_passed(desk: Desk):
    assert first_late(desk) == NOON.replace(day=22)
    assert await late(desk) == 0
    desk.later(hours=24, seconds=1)
    assert await late(desk) == 1
    desk.later(hours=24)
    assert await late(desk) == 0
    ((_, detail),) = desk.events("overdue")
    assert detail == {"why": "no acknowledgment came until 2026-11-22 12:00 UTC"}
    assert standing(desk) == {"overdue": 1}
    assert states(desk) == ["sent"]


async def test_an_operator_sees_it_among_what_waits_and_in_its_story(desk: Desk):
    desk.later(hours=25)
    await late(desk)
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.state, waiting.type) == ("overdue", "850")
    assert "no acknowledgment came" in why
    story = desk.ask(lambda tx: stories.trace(tx, "P1"))
    assert "overdue" in [event.kind for event in story.events]


async def test_one_that_comes_late_closes_it(desk: Desk):
    desk.later(hours=25)
    await late(desk)
    await desk.receive(ACCEPTED)
    assert states(desk) == ["acknowledged"]
    assert standing(desk) == {"acknowledged": 1}
    assert desk.ask(lambda tx: waiting_with_reason(tx, "")) == []


async def test_a_refusal_that_comes_late_is_told_with_its_reasons(desk: Desk):
    desk.later(hours=25)
    await late(desk)
    await desk.receive(
        acknowledgment("AK1*PO*1", "AK2*850*0001", "AK3*BEG*2**8", "AK4*3*324*7*P1", "AK5*R*5", "AK9*R*1*1*0")
    )
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.state, why) == ("refused", "P1: code 5; BEG 2 code 8; BEG03 code 7, came 'P1'")


async def test_an_interchange_rejected_late_is_told_with_its_code(desk: Desk):
    desk.later(hours=25)
    await late(desk)
    control = desk.outbox[0].control
    await desk.receive(interchange(f"TA1*{control}*261121*1200*R*006~\n", control="000000901", count=0))
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.state, why) == ("refused", "the interchange was rejected: TA105 006; in it: 850 P1")


async def test_one_that_comes_in_time_leaves_nothing_to_tell(desk: Desk):
    await desk.receive(ACCEPTED)
    desk.later(hours=25)
    assert await late(desk) == 0


async def test_a_refusal_in_time_is_no_silence(desk: Desk):
    await desk.receive(
        acknowledgment("AK1*PO*1", "AK2*850*0001", "AK3*BEG*2**8", "AK4*3*324*7*P1", "AK5*R*5", "AK9*R*1*1*0")
    )
    desk.later(hours=25)
    assert await late(desk) == 0
    assert states(desk) == ["refused"]
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.kind, waiting.state) == ("outbox", "refused")
    assert why == "P1: code 5; BEG 2 code 8; BEG03 code 7, came 'P1'"
    assert len(desk.acme.taken) == 1, "nothing is sent again by itself"


async def test_a_ta1_that_refuses_says_why(desk: Desk):
    line = "TA1*000000001*261121*1200*R*006~\n"
    await desk.receive(interchange(line, control="000000901", count=0))
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.state, why) == ("refused", "the interchange was rejected: TA105 006; in it: 850 P1")


async def test_the_time_counts_from_when_it_was_sent(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": PROFILE})
    desk.acme.failures = [TransportError("busy")]
    await desk.hand_over(file(po()))
    assert first_late(desk) is None
    desk.later(hours=2)
    await desk.work()
    assert first_late(desk) == NOON.replace(day=22, hour=14)


async def test_replayed_it_is_awaited_anew(desk: Desk):
    desk.later(hours=25)
    await late(desk)
    desk.ledger.commit_now(lambda tx: replayed(tx, out(desk)[0].id))
    await desk.work()
    assert standing(desk) == {"sent": 1}
    assert first_late(desk) == NOON.replace(day=23, hour=13)
    desk.later(hours=25)
    assert await late(desk) == 1
    assert len(desk.events("overdue")) == 2


TERMS = [
    # expect:, calendar -> until when. Noon in London is six in Chicago, on a Saturday
    ("{997: 90m}", "", NOON.replace(hour=13, minute=30)),
    ("{997: 24h, 999: 2h}", "", NOON.replace(hour=14)),
    ("{997: 1 business day}", "calendar: us\n", datetime(2026, 11, 23, 12, tzinfo=NOON.tzinfo)),
    ("{997: 2 business hours}", "calendar: us\n", datetime(2026, 11, 23, 16, tzinfo=NOON.tzinfo)),
    ("{855: 2h}", "", NOON.replace(hour=14)),
    ("{997: {within: 2h, warn: 1h}}", "", NOON.replace(hour=14)),
    ("{}", "", None),
]


@pytest.mark.parametrize(("expect", "calendar", "until"), TERMS)
async def test_terms(open_desk: Open, expect: str, calendar: str, until: datetime | None):
    company = COMPANY + 'calendars: {us: {timezone: America/Chicago, hours: "Mon-Fri 08:00-17:00"}}\n'
    profile = PROFILE.replace("{997: 24h}", expect) + calendar
    desk = open_desk({"profiles/acme.yaml": profile, "company.yaml": company})
    await desk.hand_over(file(po()))
    assert first_late(desk) == until


async def test_our_acknowledgments_are_awaited_by_nobody(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": PROFILE})
    await desk.receive(one())
    assert first_late(desk) is None


async def test_an_acknowledgment_of_what_we_never_sent_breaks_nothing(desk: Desk):
    await desk.receive(acknowledgment("AK1*PO*77", "AK9*A*1*1*1"))
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.state, waiting.type) == ("held", "997")
    assert "nothing we sent is named so; came '77'" in why
    await desk.receive(ACCEPTED.replace(b"000000900", b"000000901"))
    assert states(desk) == ["acknowledged"]


# -- an answer, by either side

SELLER = f"{PROFILE}  855: x12/004010/855\n".replace(
    "{997: 24h}", "{855: {within: 2 business days, warn: 30h}}"
)
"""Acme has two business days to acknowledge our orders; we are told when it has not after thirty hours."""

BUYER = ACME.replace(
    "receive:\n  850: x12/004010/850",
    "accounts: {erp: C-1}\nsend:\n  855: x12/004010/855\n  856: x12/004010/856\n"
    "receive:\n  850: {map: x12/004010/850, expect: {855: {within: 24h, warn: 20h}, 856: 3d}}",
)
"""Acme orders, and gets our acknowledgment within a day and a ship notice within three."""


async def test_an_answer_that_does_not_come_is_told_of_once_early_and_once_late(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": SELLER})
    await desk.hand_over(file(po()))
    await desk.receive(ACCEPTED)
    found = []
    for hours in (29, 2, 8, 24, 24):  # Saturday noon to Tuesday noon and on
        desk.later(hours=hours)
        found.append([kind for kind, _ in await overdue.watch(desk.ledger, desk.clock[0])])
    assert found == [[], ["due-soon"], [], [], ["overdue"]]
    assert [detail for _, detail in (*desk.events("due-soon"), *desk.events("overdue"))] == [
        {"why": "no 855 of order P1 came yet; it is late after 2026-11-24 12:00 UTC"},
        {"why": "no 855 of order P1 came until 2026-11-24 12:00 UTC"},
    ]
    assert standing(desk) == {"overdue": 1}
    assert states(desk) == ["acknowledged"]
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.kind, waiting.state, why) == ("outbox", "overdue", desk.events("overdue")[0][1]["why"])
    assert "overdue" in [event.kind for event in desk.ask(lambda tx: stories.trace(tx, "P1")).events]
    await desk.receive(their_ack())
    assert "overdue" not in standing(desk)
    assert first_late(desk) is None


async def test_an_answer_in_time_leaves_nothing_to_tell(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": SELLER})
    await desk.hand_over(file(po(), po("P2")), name="PurchaseOrder-1.json")
    await desk.receive(their_ack("P2"))
    desk.later(hours=24 * 9)
    assert await late(desk) == 1
    assert [detail["why"][:18] for _, detail in desk.events("overdue")] == ["no 855 of order P1"]


async def test_an_answer_that_is_faulty_has_not_come_and_one_that_differs_has(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": SELLER})
    await desk.hand_over(file(po(), po("P2")), name="PurchaseOrder-1.json")
    await desk.receive(their_ack("P1", quantity="many"))
    await desk.receive(their_ack("P2", quantity="6", control="000000501"))
    assert sorted(row.state for row in desk.documents if row.type == "855") == ["held", "quarantined"]
    desk.later(hours=24 * 9)
    assert await late(desk) == 1
    assert [detail["why"][:18] for _, detail in desk.events("overdue")] == ["no 855 of order P1"]


async def test_what_we_owe_is_told_of_and_closed_when_it_goes(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await desk.receive(one())
    desk.later(hours=21)
    assert await late(desk) == 1
    desk.acme.failures = [TransportError("busy")]
    await desk.hand_over(file(ack()), name="OrderAcknowledgment-1.json")
    desk.later(hours=4)
    assert await late(desk) == 1, "what could not be sent has not gone"
    assert [detail["why"] for _, detail in (*desk.events("due-soon"), *desk.events("overdue"))] == [
        "no 855 of order 4500017 went out yet; it is late after 2026-11-22 12:00 UTC",
        "no 855 of order 4500017 went out until 2026-11-22 12:00 UTC",
    ]
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.kind, waiting.state, waiting.name) == ("document", "overdue", "4500017")
    assert why.startswith("no 855 of order 4500017 went out until")
    await desk.work()
    assert desk.ask(lambda tx: waiting_with_reason(tx, "")) == []
    desk.later(hours=48)
    assert await late(desk) == 1
    assert "no 856 of order 4500017 went out until" in desk.events("overdue")[-1][1]["why"]


async def test_what_died_tells_of_its_death_before_what_is_late_for_it(open_desk: Open):
    """Also once the deadline was told of, or will soon be; it goes on until the answer has gone."""
    desk = open_desk({"profiles/acme.yaml": BUYER})
    desk.erp.failures = [Refused("posting to erp: answered 400 Bad Request: no such customer")]
    await desk.receive(one())

    def told() -> str:
        ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
        assert (waiting.kind, waiting.state) == ("document", "dead")
        return why

    why = told()
    assert why == "posting to erp: answered 400 Bad Request: no such customer"
    desk.later(hours=21)
    assert await late(desk) == 1
    assert told() == f"{why}; no 855 of order 4500017 went out yet; it is late after 2026-11-22 12:00 UTC"
    desk.later(hours=4)
    assert await late(desk) == 1
    assert told() == f"{why}; no 855 of order 4500017 went out until 2026-11-22 12:00 UTC"
    await desk.hand_over(file(ack()), name="OrderAcknowledgment-1.json")
    desk.later(hours=48)
    assert await late(desk) == 1
    assert told() == f"{why}; no 856 of order 4500017 went out until 2026-11-24 12:00 UTC"


async def test_we_owe_nothing_after_what_is_wrong_or_came_before(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await desk.receive(interchange(group(bad_order())))
    assert first_late(desk) is None
    await desk.receive(one(control="000000008"))
    assert first_late(desk) == NOON.replace(day=22)
    desk.later(hours=1)
    await desk.hand_over(file(ack()), name="OrderAcknowledgment-1.json")
    assert first_late(desk) == NOON.replace(day=24)
    desk.ledger.commit_now(lambda tx: replayed(tx, desk.documents[1].id))
    await desk.work()
    assert first_late(desk) == NOON.replace(day=24), "the acknowledgment has gone already"


@pytest.mark.parametrize("faster", [False, True])
async def test_a_ta1_ends_only_what_waits_for_a_ta1(open_desk: Open, faster: bool):
    desk = open_desk({"profiles/acme.yaml": PROFILE.replace("{997: 24h}", "{TA1: 2h, 997: 24h}")})
    line = "TA1*000000001*261121*1200*A*000~\n"
    ta1 = interchange(line, control="000000901", count=0)
    if faster:
        desk.acme.failures = [TransportError("they have it, and we do not know")]
    await desk.hand_over(file(po()))
    await desk.receive(ta1)
    desk.later(hours=3)
    await desk.work()
    desk.later(hours=3)
    assert await late(desk) == 0
    desk.later(hours=24)
    assert await late(desk) == 1
    assert "no acknowledgment came" in desk.events("overdue")[0][1]["why"]


async def test_a_ta1_that_does_not_come_is_told_by_its_name(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": PROFILE.replace("{997: 24h}", "{TA1: 2h}")})
    await desk.hand_over(file(po()))
    desk.later(hours=3)
    assert await late(desk) == 1
    assert desk.events("overdue")[0][1]["why"] == "no TA1 came until 2026-11-21 14:00 UTC"


async def test_nothing_is_owed_after_an_order_that_was_cancelled(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await desk.receive(one())
    await desk.receive(one("4500018", control="000000008"))
    await desk.receive(one(control="000000009", purpose="01"))
    desk.later(hours=80)
    await late(desk)
    assert {detail["why"].split()[4] for _, detail in desk.events("overdue")} == {"4500018"}


async def test_each_release_is_answered_by_itself(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER.replace(", 856: 3d", "")})
    await desk.receive(released("A", "000000021"))
    await desk.receive(released("B", "000000022"))
    asked = {"number": "4500017", "ordered_on": "2026-03-01", "release": "B"}
    await desk.hand_over(file(ack(asked)), name="OrderAcknowledgment-1.json")
    desk.later(hours=30)
    await late(desk)
    assert [detail["why"][:36] for _, detail in desk.events("overdue")] == [
        "no 855 of order 4500017 release A we"
    ]
