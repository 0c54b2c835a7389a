"""What a partner says of what we sent: closed, refused with its reasons, or nothing of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from gateway.cli.asking import waiting_with_reason
from gateway.cli.stories import to_do
from gateway.ledger import deadlines, documents, outbox
from gateway.ledger.deadlines import DeadlineRow
from gateway.ledger.states import State
from gateway.pipeline import metrics
from gateway.pipeline.queue import Step
from gateway.pipeline.work import overdue

from ..desk import ACME, NOON, Desk
from ..documents import acknowledgment, interchange, said

PROFILE = f"{ACME}  997: x12/004010/997\n  999: {{map: x12/005010/999}}\n"

GROUP, CONTROL = "41", "000000077"


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """We sent one interchange to acme with two documents in its group 41."""
    desk = open_desk({"profiles/acme.yaml": PROFILE})

    def send(tx: Any) -> None:
        named = {"partner": "acme", "group_code": "SH", "group_control": GROUP}
        carries = [
            documents.new("out", "856", NOON, State.RENDERED, ordinal=n, set_control=f"{n:04d}", **named)
            for n in (1, 2)
        ]
        facts = {"partner": "acme", "channel": "acme.drop", "name": "asn.edi", "type": "856"}
        outbox.add(tx, b"ISA*", NOON, carries=carries, control=CONTROL, group_control=GROUP, **facts)

    desk.ledger.commit_now(send)
    return desk


Logged = Callable[[str], list[tuple[str, str, str]]]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Of the log lines with this word: how loud, what the document was, and what the partner says."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.BoundLogger)
    with capture_logs() as lines:
        yield lambda word: [
            (line["log_level"], line["was"], line["says"]) for line in lines if line["event"] == word
        ]
    structlog.configure(wrapper_class=before)


def ours(desk: Desk) -> tuple[list[str], str]:
    """The states of the two documents, and of the sending they went in."""
    sent = [row for row in desk.documents if row.direction == "out"]
    return [row.state for row in sent], desk.outbox[0].state


def theirs(desk: Desk) -> list[str]:
    """The states of the acknowledgments that came."""
    return [row.state for row in desk.documents if row.direction == "in"]


def waiting(desk: Desk, kind: str) -> str:
    """Why the one thing of this kind waits for a person, and what to do, as `gateway dead` has it."""
    told = desk.ask(lambda tx: waiting_with_reason(tx, "acme"))
    ((one, why),) = [(one, why) for one, _, why in told if one.kind == kind]
    return " ".join(filter(None, (why, to_do(one.detail))))


def contradictions() -> float:
    named = {"partner": "acme", "type": "856"}
    return metrics.REGISTRY.get_sample_value("gateway_contradicted_total", named) or 0


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
    ((f"AK1*SH*{GROUP}", "AK9*M*2*2*0"), ["refused", "refused"], "refused"),
    ((f"AK1*SH*{GROUP}", *BOTH, "AK5*A", "AK9*W*2*2*0"), ["refused", "refused"], "refused"),
    # however they write our numbers
    ((f"AK1*SH*{GROUP}", "AK2*856*000000001", "AK5*R*5", "AK2*856*000000002", "AK5*A", "AK9*P*2*2*1"),
     ["refused", "acknowledged"], "refused"),
    ((f"AK1*SH*{GROUP}", "AK2*856*00002", "AK5*R*5", "AK9*P*2*2*1"), ["acknowledged", "refused"], "refused"),
    ((f"AK1*SH*0000000{GROUP}", "AK9*A*2*2*2"), ["acknowledged", "acknowledged"], "acknowledged"),
    # what was received of a group that is rejected may be less; one without a trailer states no count
    ((f"AK1*SH*{GROUP}", "AK9*R*2*1*0*5"), ["refused", "refused"], "refused"),
    ((f"AK1*SH*{GROUP}", "AK9*R*0*2*0*3"), ["refused", "refused"], "refused"),
    # an A where one of two was rejected, and counted so
    ((f"AK1*SH*{GROUP}", *BOTH, "AK5*R*5", "AK9*A*2*2*1"), ["acknowledged", "refused"], "refused"),
    ((f"AK1*SH*{GROUP}", *BOTH, "AK5*A", "AK9*P*2*2*2"), ["acknowledged", "acknowledged"], "acknowledged"),
    # accepted with errors, and not counted as accepted
    ((f"AK1*SH*{GROUP}", *BOTH, "AK5*E*5", "AK9*P*2*2*1"), ["acknowledged", "acknowledged"], "acknowledged"),
    # named twice: the rejection holds
    ((f"AK1*SH*{GROUP}", "AK2*856*0001", "AK5*R*5", *BOTH, "AK5*A", "AK9*P*2*2*1"),
     ["refused", "acknowledged"], "refused"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "states", "sending"), CASES)
async def test_a_997(desk: Desk, body: tuple[str, ...], states: list[str], sending: str):
    await desk.work()
    await desk.receive(acknowledgment(*body))
    assert ours(desk) == (states, sending)
    assert theirs(desk) == ["delivered"]
    assert desk.sent_as("997") == desk.sent_as("999") == []


HELD = [
    # what they say of group 41 -> our documents' states, and what is told
    (("AK9*P*2*2*1",), ["sent", "sent"], "AK901: it does not say"),  # which of them, nobody said
    (("AK2*856*0042", "AK5*R*5", "AK9*P*2*2*1"), ["sent", "sent"], "AK202: nothing we sent"),
    (("AK2*856*0042", "AK5*R*5", "AK9*R*1*1*0"), ["sent", "sent"], "AK202: nothing we sent"),
    (("AK2*856*0042", "AK5*E*5", "AK9*E*1*1*1"), ["sent", "sent"], "AK202: nothing we sent"),
    (("AK2*856*ABCD", "AK5*R*5", "AK9*P*2*2*1"), ["sent", "sent"], "AK202: nothing we sent"),
    # of what it names for certain it is believed
    (("AK2*856*0001", "AK5*R*5", "AK2*856*0042", "AK5*A", "AK9*P*2*2*1"), ["refused", "sent"], "awaited still: 0002"),
    ((*BOTH, "AK5*R*5", "AK2*856*0042", "AK5*A", "AK9*P*3*3*2"), ["acknowledged", "refused"], "AK202: nothing we sent"),
    # its own counts disagree with what would follow
    (("AK2*856*0002", "AK5*R*5", "AK9*P*2*2*0"), ["sent", "refused"], "came 'AK9*P*2*2*0'"),
    (("AK2*856*0002", "AK5*R*5", "AK9*P*3*2*1"), ["sent", "refused"], "came 'AK9*P*3*2*1'"),
    (("AK2*856*0002", "AK5*R*5", "AK9*P*2*1*1"), ["sent", "refused"], "came 'AK9*P*2*1*1'"),
    (("AK2*856*0002", "AK5*A", "AK9*P*2*2*1"), ["sent", "acknowledged"], "awaited still: 0001"),
    # accepted, but what?
    (("AK2*856*0042", "AK5*A", "AK9*A*1*1*1"), ["sent", "sent"], "awaited still: 0001, 0002"),
    (("AK2*856*0042", "AK5*R*5", "AK9*A*2*2*1"), ["sent", "sent"], "awaited still: 0001, 0002"),
    ((*BOTH, "AK5*A", "AK2*856*0042", "AK5*A", "AK9*A*3*3*3"), ["acknowledged", "acknowledged"], "AK202: nothing we"),
    # its number is ours, what it is called is not
    (("AK2*860*0001", "AK5*A", "AK9*A*2*2*2"), ["sent", "sent"], "AK201: nothing we sent is named so"),
    (("AK2*860*0001", "AK5*R*5", "AK9*R*2*2*0"), ["sent", "sent"], "came '860'; expected 856, as our 0001 is"),
    (("AK2*860*0042", "AK5*A", "AK2*860*0043", "AK5*A", "AK9*A*2*2*2"), ["sent", "sent"], "AK202: nothing we sent"),
    (("AK2*856*0001", "AK5*A", "AK2*860*0002", "AK5*A", "AK9*A*2*2*2"), ["acknowledged", "sent"], "still: 0002"),
    # the verdict rests on the group, whose counts are not ours
    (("AK9*A*5*5*5",), ["sent", "sent"], "came '5'; expected 2, as many as we sent"),
    (("AK9*A*2*2*0",), ["sent", "sent"], "came '0'; expected 2 of 2, by its verdicts"),
    (("AK9*A*2*1*2",), ["sent", "sent"], "AK903"),
    (("AK9*E*1*1*1",), ["sent", "sent"], "awaited still: 0001, 0002"),
    (("AK9*R*5*5*0",), ["sent", "sent"], "AK902"),
    (("AK9*R*2*2*2",), ["sent", "sent"], "AK904"),
    (("AK9*R*2*5*0",), ["sent", "sent"], "AK903"),
    (("AK2*856*0001", "AK5*A", "AK9*A*1*1*1"), ["acknowledged", "sent"], "awaited still: 0002"),
    # the group says otherwise than its sets, and nothing tells which holds
    ((*BOTH, "AK5*A", "AK9*R*2*2*2"), ["sent", "sent"], "came '2'; expected 0 of 2, by its verdicts"),
    ((*BOTH, "AK5*R*5", "AK9*A*2*2*2"), ["sent", "sent"], "came '2'; expected 1 of 2, by its verdicts"),
    ((*BOTH, "AK5*A", "AK9*P*2*2*1"), ["sent", "sent"], "came '1'; expected 2 of 2, by its verdicts"),
    (("AK2*856*0001", "AK5*A", "AK9*R*2*2*1"), ["sent", "sent"], "AK904"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "states", "told"), HELD)
async def test_what_is_not_said_for_certain_closes_nothing(
    desk: Desk, body: tuple[str, ...], states: list[str], told: str
):
    await desk.work()
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", *body))
    assert ours(desk)[0] == states
    assert theirs(desk) == ["held"]
    said = waiting(desk, "document")
    assert told in said
    assert f"it says group {GROUP} " in said


@pytest.mark.parametrize("verdict", ["AK9*A*2*2*2", "AK9*R*2*2*0"])
@pytest.mark.parametrize("sets", [(), ("AK2*810*0001", "AK5*A")])
async def test_a_group_of_another_kind_is_none_of_ours(desk: Desk, verdict: str, sets: tuple[str, ...]):
    """Its number is that of ours: held, and what we sent is awaited until the deadline."""
    await desk.work()
    (row,) = desk.outbox
    about = ("in", row.partner, row.type, row.id, row.correlation, NOON, NOON + timedelta(hours=4))
    desk.ledger.commit_now(lambda tx: deadlines.add(tx, [DeadlineRow(row.id, "997", "", "", *about)]))
    await desk.receive(acknowledgment(f"AK1*IN*{GROUP}", *sets, verdict))
    assert (ours(desk), theirs(desk)) == ((["sent", "sent"], "sent"), ["held"])
    said = waiting(desk, "document")
    assert f"AK101: nothing we sent is named so; came 'IN'; expected SH, as our group {GROUP} has" in said
    assert await overdue.watch(desk.ledger, NOON + timedelta(hours=5)), "it is awaited no more"


async def test_of_two_groups_of_a_number_the_one_of_that_kind_is_meant(desk: Desk):
    """Numbers begin anew, and each pair of identities has its own."""

    def send(tx: Any) -> None:
        named = {"partner": "acme", "group_code": "IN", "group_control": GROUP, "set_control": "0001"}
        invoice = documents.new("out", "810", NOON, State.RENDERED, **named)
        facts = {"partner": "acme", "channel": "acme.drop", "name": "inv.edi", "type": "810"}
        outbox.add(tx, b"ISA*I", NOON, carries=[invoice], control=CONTROL, group_control=GROUP, **facts)

    desk.ledger.commit_now(send)
    await desk.work()
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", "AK9*A*2*2*2"))
    assert [row.state for row in desk.outbox] == ["acknowledged", "sent"]
    await desk.receive(acknowledgment(f"AK1*IN*{GROUP}", "AK9*R*1*1*0", control="000000901"))
    assert [row.state for row in desk.outbox] == ["acknowledged", "refused"]


@pytest.mark.parametrize("counts", ["7*7*7", "2*2*0", "0*0*0"])
async def test_wrong_counts_are_noted_where_each_is_named(desk: Desk, counts: str):
    await desk.work()
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", *BOTH, "AK5*A", f"AK9*A*{counts}"))
    assert (ours(desk)[0], theirs(desk)) == (["acknowledged", "acknowledged"], ["delivered"])
    ((_, detail),) = desk.events("matched")
    assert {fault["severity"] for fault in detail["faults"]} == {"note"}
    assert detail["faults"][-1]["place"] == "AK904"


async def test_dead_tells_a_held_acknowledgment_in_the_partner_s_words(desk: Desk):
    await desk.work()
    body = ("AK2*856*0042", "AK3*BSN*2**8", "AK4*2*396*7*NY1", "AK5*R*5", "AK9*P*2*2*1")
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", *body))
    said = waiting(desk, "document")
    assert (
        "it says group 41 partially accepted; 856 0042 rejected: code 5; BSN 2 code 8; BSN02 code 7" in said
    )
    assert ours(desk) == (["sent", "sent"], "sent"), "what it may have meant is awaited no more"


async def test_accepted_under_other_numbers_counts_if_it_counts_as_many(desk: Desk):
    await desk.work()
    body = ("AK2*856*0042", "AK5*A", "AK2*856*0043", "AK5*A", "AK9*A*2*2*2")
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", *body))
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")
    assert theirs(desk) == ["delivered"]
    ((_, detail),) = desk.events("matched")
    assert [fault["came"] for fault in detail["faults"]] == ["0042", "0043"]


async def test_what_is_awaited_closes_once_the_partner_says_it_for_certain(desk: Desk):
    await desk.work()
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", "AK9*P*2*2*1"))
    body = (*BOTH, "AK5*R*5", "AK9*P*2*2*1")
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", *body, control="000000901"))
    assert ours(desk) == (["acknowledged", "refused"], "refused")


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
    assert ours(desk) == (["sent", "sent"], "sent")
    assert theirs(desk) == ["held"]
    assert "AK102: nothing we sent" in waiting(desk, "document")


async def test_said_twice_changes_nothing(desk: Desk):
    await desk.work()
    body = (f"AK1*SH*{GROUP}", "AK9*A*2*2*2")
    await desk.receive(acknowledgment(*body), acknowledgment(*body, control="000000901"))
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")
    assert len(desk.events("acknowledged")) == 3  # two documents and their sending, once


async def test_accepted_after_a_refusal_is_accepted(desk: Desk, logged: Logged):
    """They mended their side; what was sent is good after all, and the story tells that it was not at first."""
    await desk.work()
    refusal = acknowledgment(f"AK1*SH*{GROUP}", "AK9*R*2*2*0")
    good = acknowledgment(f"AK1*SH*{GROUP}", "AK9*A*2*2*2", control="000000901")
    await desk.receive(refusal, good)
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")
    assert [detail["was"] for _, detail in desk.events("reversed")] == ["refused", "refused"]
    assert logged("reversed") == [("warning", "refused", "accepted")] * 2
    assert theirs(desk) == ["delivered", "delivered"]


async def test_refused_after_an_acceptance_is_told_and_changes_nothing(desk: Desk, logged: Logged):
    """A person asks the partner which of the two holds: the second is held, and says which document it is about."""
    counted = contradictions()
    await desk.work()
    good = acknowledgment(f"AK1*SH*{GROUP}", "AK9*A*2*2*2")
    await desk.receive(good, acknowledgment(f"AK1*SH*{GROUP}", "AK9*R*2*2*0", control="000000901"))
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")
    assert theirs(desk) == ["delivered", "held"]
    assert len(desk.events("contradicted")) == 2
    assert contradictions() == counted + 2
    assert logged("contradicted") == [("warning", "acknowledged", "rejected")] * 2
    (first,) = [row.id for row in desk.documents if (row.direction, row.ordinal) == ("out", 1)]
    said = waiting(desk, "document")
    assert f"came 'rejected'; expected acknowledged, as 856 0001 is ({first}) (and 1 more)" in said
    assert "it says group 41 rejected" in said


async def test_a_rejection_of_what_was_given_up_stops_nothing(desk: Desk):
    """The partner has it after all, though we could not send it; what is said is held for a person."""
    id = desk.outbox[0].id
    desk.ledger.commit_now(lambda tx: outbox.move(tx, id, State.DEAD, None, NOON))
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", "AK9*R*2*2*0"))
    assert ours(desk) == (["dead", "dead"], "dead")
    assert theirs(desk) == ["held"]
    assert [row.state for row in desk.arrivals] == ["processed"]


async def test_what_was_refused_says_why_also_while_the_others_are_awaited(desk: Desk):
    await desk.work()
    body = ("AK2*856*0001", "AK3*HL*4**8", "AK5*R*5", "AK9*P*9*9*1")
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", *body))
    (row,) = desk.outbox
    before = NOON - timedelta(hours=1)
    about = ("in", row.partner, row.type, row.id, row.correlation, before, before)
    desk.ledger.commit_now(lambda tx: deadlines.add(tx, [DeadlineRow(row.id, "997", "", "", *about)]))
    assert await overdue.watch(desk.ledger, NOON)
    late = "no acknowledgment came until 2026-11-21 11:00 UTC"
    assert waiting(desk, "outbox") == f"{late}; 0001: code 5; HL 4 code 8"


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


async def test_dead_names_what_was_in_an_interchange_that_a_ta1_rejects(desk: Desk):
    def send(tx: Any) -> None:
        named = {"partner": "acme", "group_control": "42"}
        rows = [
            documents.new("out", "856", NOON, State.RENDERED, ordinal=n, number=f"SN-{n}", **named)
            for n in range(1, 8)
        ]
        facts = {"partner": "acme", "channel": "acme.drop", "name": "b.edi", "type": "856"}
        outbox.add(tx, b"ISA*2", NOON, carries=rows, control="000000078", group_control="42", **facts)

    desk.ledger.commit_now(send)
    await desk.work()
    await desk.receive(interchange("TA1*000000078*261121*1200*R*006~\n", control="000000901", count=0))
    assert waiting(desk, "outbox") == (
        "the interchange was rejected: TA105 006; in it: 856 SN-1, 856 SN-2, 856 SN-3, 856 SN-4, 856 SN-5 and 2 more"
    )


async def test_an_interchange_rejected_that_was_acknowledged_is_told(desk: Desk, logged: Logged):
    """Nothing changes but the story, the log and the count."""
    counted = contradictions()
    await desk.work()
    await desk.receive(acknowledgment(f"AK1*SH*{GROUP}", "AK9*A*2*2*2"))
    data = interchange(f"TA1*{CONTROL}*261121*1200*R*006~\n", control="000000901", count=0)
    await desk.receive(data)
    assert ours(desk) == (["acknowledged", "acknowledged"], "acknowledged")
    ((_, detail),) = desk.events("contradicted")
    assert (detail["verdict"], detail["code"]) == ("R", "006")
    assert logged("contradicted") == [("warning", "acknowledged", "the interchange was rejected: TA105 006")]
    assert contradictions() == counted + 1


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
