"""What a partner owes us after we sent: told once when it is late, closed all the same when it comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from gateway.cli.asking import replayed, waiting_with_reason
from gateway.errors import TransportError
from gateway.ledger import stories
from gateway.pipeline.work import overdue

from ..desk import COMPANY, NOON, Desk
from ..documents import acknowledgment, interchange, one
from ..orders_out import SUPPLIER, file, po
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


def standing(desk: Desk) -> dict[str, int]:
    counts = desk.ask(stories.status).counts
    return {one.state: one.count for one in counts if one.kind == "outbox"}


async def test_it_is_told_once_when_the_time_has_passed(desk: Desk):
    (row,) = desk.outbox
    assert row.expects_until == NOON.replace(day=22)
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
    assert (waiting.state, why) == ("refused", "the interchange was rejected: TA105 006")


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
    assert (waiting.state, why) == ("refused", "the interchange was rejected: TA105 006")


async def test_the_time_counts_from_when_it_was_sent(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": PROFILE})
    desk.acme.failures = [TransportError("busy")]
    await desk.hand_over(file(po()))
    assert desk.outbox[0].expects_until is None
    desk.later(hours=2)
    await desk.work()
    assert desk.outbox[0].expects_until == NOON.replace(day=22, hour=14)


async def test_replayed_it_is_awaited_anew(desk: Desk):
    desk.later(hours=25)
    await late(desk)
    desk.ledger.commit_now(lambda tx: replayed(tx, out(desk)[0].id))
    await desk.work()
    assert standing(desk) == {"sent": 1}
    assert desk.outbox[0].expects_until == NOON.replace(day=23, hour=13)
    desk.later(hours=25)
    assert await late(desk) == 1
    assert len(desk.events("overdue")) == 2


TERMS = [
    # expect:, calendar -> until when. Noon in London is six in Chicago, on a Saturday
    ("{997: 90m}", "", NOON.replace(hour=13, minute=30)),
    ("{997: 24h, 999: 2h}", "", NOON.replace(hour=14)),
    ("{997: 1 business day}", "calendar: us\n", datetime(2026, 11, 23, 12, tzinfo=NOON.tzinfo)),
    ("{997: 2 business hours}", "calendar: us\n", datetime(2026, 11, 23, 16, tzinfo=NOON.tzinfo)),
    ("{855: 2h}", "", None),
]


@pytest.mark.parametrize(("expect", "calendar", "until"), TERMS)
async def test_terms(open_desk: Open, expect: str, calendar: str, until: datetime | None):
    company = COMPANY + 'calendars: {us: {timezone: America/Chicago, hours: "Mon-Fri 08:00-17:00"}}\n'
    profile = PROFILE.replace("{997: 24h}", expect) + calendar
    desk = open_desk({"profiles/acme.yaml": profile, "company.yaml": company})
    await desk.hand_over(file(po()))
    assert desk.outbox[0].expects_until == until


async def test_our_acknowledgments_are_awaited_by_nobody(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": PROFILE})
    await desk.receive(one())
    assert {row.expects_until for row in desk.outbox} == {None}


async def test_an_acknowledgment_of_what_we_never_sent_breaks_nothing(desk: Desk):
    await desk.receive(acknowledgment("AK1*PO*77", "AK9*A*1*1*1"))
    ((waiting, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert (waiting.state, waiting.type) == ("held", "997")
    assert "nothing we sent has this control number; came '77'" in why
    await desk.receive(ACCEPTED.replace(b"000000900", b"000000901"))
    assert states(desk) == ["acknowledged"]
