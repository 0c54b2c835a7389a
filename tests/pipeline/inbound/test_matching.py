"""What a partner says of what we sent: closed, refused with its reasons, or nothing of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.ledger import documents, outbox
from gateway.ledger.states import State
from gateway.pipeline.queue import Step

from ..desk import ACME, NOON, Desk
from ..documents import acknowledgment, interchange, said

PROFILE = f"{ACME}  997: x12/004010/997\n  999: {{map: x12/005010/999}}\n"

GROUP, CONTROL = "41", "000000077"


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """We sent one interchange to acme with two documents in its group 41."""
    desk = open_desk({"profiles/acme.yaml": PROFILE})

    def send(tx: Any) -> None:
        named = {"partner": "acme", "group_control": GROUP}
        carries = [
            documents.new("out", "856", NOON, State.RENDERED, ordinal=n, set_control=f"{n:04d}", **named)
            for n in (1, 2)
        ]
        facts = {"partner": "acme", "channel": "acme.drop", "name": "asn.edi", "type": "856"}
        outbox.add(tx, b"ISA*", NOON, carries=carries, control=CONTROL, group_control=GROUP, **facts)

    desk.ledger.commit_now(send)
    return desk


def ours(desk: Desk) -> tuple[list[str], str]:
    """The states of the two documents, and of the sending they went in."""
    sent = [row for row in desk.documents if row.direction == "out"]
    return [row.state for row in sent], desk.outbox[0].state


BOTH = ("AK2*856*0001", "AK5*A", "AK2*856*0002")

CASES = [
    # what they say -> our documents' states, and the sending's
    ((f"AK1*SH*{GROUP}", *BOTH, "AK5*A", "AK9*A*2*2*2"), ["acknowledged", "acknowledged"], "acknowledged"),
    ((f"AK1*SH*{GROUP}", "AK9*A*2*2*2"), ["acknowledged", "acknowledged"], "acknowledged"),
    ((f"AK1*SH*{GROUP}", "AK9*R*2*2*0"), ["refused", "refused"], "refused"),
    ((f"AK1*SH*{GROUP}", *BOTH, "AK5*E*5", "AK9*E*2*2*2"), ["acknowledged", "acknowledged"], "acknowledged"),
    ((f"AK1*SH*{GROUP}", *BOTH, "AK5*R*5", "AK9*P*2*2*1"), ["acknowledged", "refused"], "refused"),
    ((f"AK1*SH*{GROUP}", "AK2*856*0002", "AK5*R*5", "AK9*P*2*2*1"), ["acknowledged", "refused"], "refused"),
    ((f"AK1*SH*{GROUP}", *BOTH, "AK5*A", "AK9*R*2*2*0*4"), ["refused", "refused"], "refused"),
    ((f"AK1*SH*{GROUP}", "AK9*P*2*2*1"), ["refused", "refused"], "refused"),  # which of them, nobody said
    (("AK1*SH*999", "AK9*A*1*1*1"), ["sent", "sent"], "sent"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "states", "sending"), CASES)
async def test_a_997(desk: Desk, body: tuple[str, ...], states: list[str], sending: str):
    await desk.work()
    await desk.receive(acknowledgment(*body))
    assert ours(desk) == (states, sending)
    (row,) = [one for one in desk.documents if one.direction == "in"]
    assert row.state == ("held" if "999" in body[0] else "delivered")
    assert desk.sent_as("997") == desk.sent_as("999") == []


async def test_a_997_with_reasons_keeps_them(desk: Desk):
    await desk.work()
    body = (f"AK1*SH*{GROUP}", "AK2*856*0002", "AK3*HL*4**8", "AK4*1*628*1", "AK5*R*5", "AK9*R*2*2*0")
    await desk.receive(acknowledgment(*body))
    (told,) = [one.acknowledged for one in desk.documents if one.set_control == "0002"]
    assert told["verdict"] == "rejected"
    assert told["codes"] == ["5"]
    assert told["segments"][0]["segment"] == "HL"
    assert told["segments"][0]["elements"][0]["reference"] == "628"


async def test_a_999_closes_as_a_997_does(desk: Desk):
    await desk.work()
    body = (f"AK1*SH*{GROUP}*005010", "AK2*856*0001", "IK5*A", "AK2*856*0002", "IK5*R*5", "AK9*P*2*2*1")
    await desk.receive(acknowledgment(*body, code="999", version="005010"))
    assert ours(desk) == (["acknowledged", "refused"], "refused")


async def test_an_unknown_group_is_told_and_stops_nothing(desk: Desk):
    await desk.work()
    await desk.receive(acknowledgment("AK1*SH*999", "AK9*A*1*1*1"))
    ((_, detail),) = desk.events("unmatched")
    assert [fault["code"] for fault in detail["faults"]] == ["unmatched-acknowledgment"]
    assert detail["faults"][0]["came"] == "999"


async def test_an_unknown_set_of_a_known_group_is_told(desk: Desk):
    await desk.work()
    await desk.receive(
        acknowledgment(f"AK1*SH*{GROUP}", *BOTH, "AK5*A", "AK2*856*0009", "AK5*A", "AK9*A*3*3*3")
    )
    ((_, detail),) = desk.events("matched")
    assert [fault["came"] for fault in detail["faults"]] == ["0009"]
    assert ours(desk)[1] == "acknowledged"


async def test_said_twice_changes_nothing(desk: Desk):
    await desk.work()
    body = (f"AK1*SH*{GROUP}", "AK9*A*2*2*2")
    await desk.receive(acknowledgment(*body), acknowledgment(*body, control="000000901"))
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")
    assert len(desk.events("acknowledged")) == 3  # two documents and their sending, once


async def test_accepted_after_a_refusal_is_accepted(desk: Desk):
    """They mended their side; what was sent is good after all."""
    await desk.work()
    refusal = acknowledgment(f"AK1*SH*{GROUP}", "AK9*R*2*2*0")
    await desk.receive(refusal, acknowledgment(f"AK1*SH*{GROUP}", "AK9*A*2*2*2", control="000000901"))
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")


async def test_refused_after_an_acceptance_is_told_and_changes_nothing(desk: Desk):
    await desk.work()
    good = acknowledgment(f"AK1*SH*{GROUP}", "AK9*A*2*2*2")
    await desk.receive(good, acknowledgment(f"AK1*SH*{GROUP}", "AK9*R*2*2*0", control="000000901"))
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")
    assert len(desk.events("contradicted")) == 2


async def test_an_acknowledgment_may_overtake_our_own_book_keeping(desk: Desk):
    """They answer before we wrote down that it was sent; the verdict stays."""
    await desk.take(acknowledgment(f"AK1*SH*{GROUP}", "AK9*A*2*2*2"))
    id = desk.outbox[0].id
    token = desk.ledger.commit_now(lambda tx: outbox.claim(tx, id, "w", NOON, NOON))
    assert token
    (arrival,) = desk.arrivals
    await desk.worker.perform(Step.RECEIVE, arrival.id)
    desk.ledger.commit_now(lambda tx: outbox.sent(tx, id, token, NOON))
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")


async def test_another_partner_s_acknowledgment_closes_nothing_here(
    open_desk: Callable[..., Desk], desk: Desk
):
    await desk.work()
    bolt = PROFILE.replace("acme", "bolt").replace("ZZ/ACME", "ZZ/BOLT")
    desk.change({"profiles/acme.yaml": PROFILE, "profiles/bolt.yaml": bolt})
    data = acknowledgment(f"AK1*SH*{GROUP}", "AK9*R*2*2*0").replace(b"ZZ*ACME", b"ZZ*BOLT")
    await desk.receive(data, channel="bolt.drop")
    assert ours(desk) == (["sent", "sent"], "sent")


TA1 = [
    (f"TA1*{CONTROL}*261121*1200*A*000~\n", "sent", "interchange-accepted"),
    (f"TA1*{CONTROL}*261121*1200*E*020~\n", "sent", "interchange-accepted"),
    (f"TA1*{CONTROL}*261121*1200*R*006~\n", "refused", "refused"),
    ("TA1*000000099*261121*1200*R*006~\n", "sent", "unmatched"),
    ("TA1*~\n", "sent", "unmatched"),
]


@pytest.mark.parametrize(("line", "state", "event"), TA1)
async def test_a_ta1(desk: Desk, line: str, state: str, event: str):
    await desk.work()
    await desk.receive(interchange(line, control="000000901", count=0))
    assert desk.outbox[0].state == state
    assert len(desk.events(event)) == 1
    assert len(desk.outbox) == 1, "an acknowledgment was acknowledged"


async def test_a_997_that_cannot_be_read_is_kept_and_never_answered(desk: Desk):
    await desk.work()
    await desk.receive(acknowledgment("AK1*SH", "AK9*Q*x"))
    (row,) = [one for one in desk.documents if one.direction == "in"]
    assert row.state == "quarantined"
    assert [said(data, "AK9") for data in desk.sent_as("997")] == []
    assert ours(desk)[1] == "sent"


async def test_a_997_for_production_closes_no_test_of_the_same_number(desk: Desk):
    """Control numbers of tests are counted apart, so that group 41 may be there twice."""

    def send(tx: Any) -> None:
        test = documents.new(
            "out", "856", NOON, State.RENDERED, partner="acme", group_control=GROUP, set_control="0001"
        )
        facts = {"partner": "acme", "channel": "acme.drop", "name": "asn-t.edi", "type": "856", "usage": "T"}
        outbox.add(tx, b"ISA*T", NOON, carries=[test], control=CONTROL, group_control=GROUP, **facts)

    desk.ledger.commit_now(send)
    await desk.work()
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", "AK9*A*2*2*2"))
    assert [row.state for row in desk.outbox] == ["acknowledged", "sent"]
