"""What the partner was told of a set, and that it is told anew, once, when a person's replay changed that."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gateway.cli.asking import rejected, replayed, waiting_with_reason
from gateway.errors import TransportError
from gateway.ledger import work
from gateway.pipeline.inbound import correction

from ..desk import ACME, Desk
from ..documents import bad_order, group, interchange, one, order, said

Open = Callable[..., Desk]

OWN = ACME.replace("x12/004010/850", "acme/850")
NARROW = "map: acme/850\nextends: x12/004010/850\nguide:\n  BEG03: {max: 3}\n"
WIDE = NARROW.replace("max: 3", "max: 22")
TAGS = ("AK1", "AK2", "AK3", "AK5", "AK9")
TAGS_999 = ("AK1", "AK2", "IK3", "IK5", "AK9")


def narrow(open_desk: Open, profile: str = OWN) -> Desk:
    """A guide of ours that takes no number of more than three digits."""
    return open_desk({"profiles/acme.yaml": profile, "maps/acme/850.yaml": NARROW})


def widen(desk: Desk, profile: str = OWN) -> None:
    desk.change({"profiles/acme.yaml": profile, "maps/acme/850.yaml": WIDE})


async def replay(desk: Desk, *positions: int) -> None:
    """A person replays these documents in one go."""
    for at in positions:
        id = desk.documents[at].id
        desk.ledger.commit_now(lambda tx, id=id: replayed(tx, id))
    await desk.work()


def answers(desk: Desk, type: str = "997", tags: tuple[str, ...] = TAGS) -> list[list[str]]:
    return [said(data, *tags) for data in desk.sent_as(type)]


async def test_the_last_bad_set_of_a_group_is_mended(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("1", "0001"), order("4500017", "0002"))))
    widen(desk)
    await replay(desk, 1)
    assert desk.states == ["delivered", "delivered"]
    assert answers(desk) == [
        ["AK1*PO*7", "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK3*BEG*2**8", "AK5*R*5", "AK9*P*2*2*1"],
        ["AK1*PO*7", "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK5*A", "AK9*A*2*2*2"],
    ]
    assert [row.state for row in desk.outbox if row.type == "997"] == ["sent", "sent"]
    assert len(desk.sent_as("TA1")) == 1
    first = desk.outbox[0].control
    told = ("told-anew", {"verdict": "accepted", "before": f"rejected by 997 {first}"})
    assert desk.events("told-anew") == [told]


async def test_it_names_every_set_as_it_stands_now(open_desk: Open):
    """One set is mended and another stays bad: that one is told again as it was told before, in all detail."""
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017", "0001"), bad_order("3", "0002"))))
    widen(desk)
    await replay(desk, 0)
    assert desk.states == ["delivered", "quarantined"]
    (first, anew) = answers(desk)
    assert anew[0:3] == ["AK1*PO*7", "AK2*850*0001", "AK5*A"]
    assert anew[-1] == "AK9*P*2*2*1"
    assert anew[3:-1] == first[first.index("AK2*850*0002") : -1]


async def test_of_several_replayed_together_one_answer_tells(open_desk: Open):
    desk = narrow(open_desk)
    numbers = ["4500017", "4500018", "4500019"]
    await desk.receive(interchange(group(*(order(number, f"000{n}") for n, number in enumerate(numbers, 1)))))
    widen(desk)
    await replay(desk, 0, 1, 2)
    assert [lines[-1] for lines in answers(desk)] == ["AK9*R*3*3*0", "AK9*A*3*3*3"]


async def test_those_replayed_one_after_another_are_told_one_after_another(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017", "0001"), order("4500018", "0002"))))
    widen(desk)
    for at in (1, 0):
        await replay(desk, at)
    assert [lines[-1] for lines in answers(desk)] == ["AK9*R*2*2*0", "AK9*P*2*2*1", "AK9*A*2*2*2"]
    controls = [row.group_control for row in desk.outbox if row.type == "997"]
    assert len(set(controls)) == 3


async def test_of_groups_replayed_together_each_is_told(open_desk: Open):
    desk = narrow(open_desk)
    groups = [group(order("4500017"), control="7"), group(order("4500018"), control="8")]
    await desk.receive(interchange(*groups))
    widen(desk)
    await replay(desk, 0, 1)
    assert [(lines[0], lines[-1]) for lines in answers(desk)[2:]] == [
        ("AK1*PO*7", "AK9*A*1*1*1"),
        ("AK1*PO*8", "AK9*A*1*1*1"),
    ]


async def test_the_last_of_those_replayed_together_is_still_bad(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017", "0001"), bad_order("3", "0002"))))
    widen(desk)
    await replay(desk, 0, 1)
    assert desk.states == ["delivered", "quarantined"]
    assert [lines[-1] for lines in answers(desk)] == ["AK9*R*2*2*0", "AK9*P*2*2*1"]


async def test_replaying_again_tells_nothing_again(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017"))))
    widen(desk)
    for _ in range(3):
        await replay(desk, 0)
    assert desk.states == ["delivered"]
    assert len(answers(desk)) == 2


async def test_what_is_bad_stays_told_as_it_was(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017"))))
    await replay(desk, 0)
    assert len(answers(desk)) == 1


async def test_what_was_accepted_is_not_told_again(desk: Desk):
    """Held as a change of an order we have: its syntax was good, and that the partner heard."""
    await desk.receive(one("1"), one("1", "000000008", quantity="9"))
    assert desk.states == ["delivered", "held"]
    await replay(desk, 1)
    assert desk.states == ["delivered", "delivered"]
    assert len(answers(desk)) == 2


GROUPS = {
    # a trailer -> what is told at first, when one of the two sets is let go, when both are
    "without GE": (" \n", "AK9*R*2*2*0*3", "AK9*P*2*2*1*3", "AK9*E*2*2*2*3"),
    "with a wrong GE01": ("GE*9*7~\n", "AK9*R*9*2*0*5", "AK9*P*9*2*1*5", "AK9*E*9*2*2*5"),
}


@pytest.mark.parametrize("case", GROUPS)
async def test_sets_of_an_incomplete_group_that_are_let_go(desk: Desk, case: str):
    """What was wrong with the envelope goes on being said, beside the sets that were accepted all the same."""
    trailer, *expected = GROUPS[case]
    await desk.receive(
        interchange(group(order("1", "0001"), order("2", "0002"), trailer=trailer), trailer="")
    )
    assert desk.states == ["held", "held"]
    for at in (0, 1):
        await replay(desk, at)
    assert desk.states == ["delivered", "delivered"]
    assert [lines[-1] for lines in answers(desk)] == expected
    assert answers(desk)[1][1:-1] == ["AK2*850*0001", "AK5*A", "AK2*850*0002", "AK5*R"]


async def test_a_set_that_had_no_agreement(desk: Desk):
    desk.change({"profiles/acme.yaml": ACME.replace("850: x12/004010/850", "997: x12/004010/997")})
    await desk.receive(interchange(group(order("1", "0001"))))
    assert answers(desk)[0][1:] == ["AK2*850*0001", "AK5*R*1", "AK9*R*1*1*0"]
    desk.change({"profiles/acme.yaml": ACME})
    await replay(desk, 0)
    assert answers(desk)[1][1:] == ["AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]


async def test_the_999_of_a_partner_that_wants_one(open_desk: Open):
    wanted = OWN + "acknowledge: [997, 999]\n"
    desk = narrow(open_desk, wanted)
    await desk.receive(interchange(group(order("4500017"))))
    widen(desk, wanted)
    await replay(desk, 0)
    assert [lines[-2:] for lines in answers(desk)] == [["AK5*R*5", "AK9*R*1*1*0"], ["AK5*A", "AK9*A*1*1*1"]]
    assert [lines[-2:] for lines in answers(desk, "999", TAGS_999)] == [
        ["IK5*R*5", "AK9*R*1*1*0"],
        ["IK5*A", "AK9*A*1*1*1"],
    ]


async def test_whoever_wants_no_acknowledgment_any_more_gets_none(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017"))))
    widen(desk, OWN + "acknowledge: none\n")
    await replay(desk, 0)
    assert desk.states == ["delivered"]
    assert len(answers(desk)) == 1


async def test_each_group_and_interchange_is_told_of_its_own(open_desk: Open):
    """Two groups of one number in each of two interchanges; only one set of one group is mended."""
    desk = narrow(open_desk)
    groups = [group(order("4500017", "0001")), group(order("4500018", "0001"))]
    both = interchange(*groups, control="000000001") + interchange(
        group(order("4500019", "0001")), control="000000002"
    )
    await desk.receive(both)
    widen(desk)
    await replay(desk, 1)
    assert desk.states == ["quarantined", "delivered", "quarantined"]
    assert len(answers(desk)) == 4
    told = desk.ask(lambda tx: correction.told(tx, desk.arrivals[0].id))
    assert [told[row.id].verdict for row in desk.documents] == ["rejected", "accepted", "rejected"]


async def test_two_sets_of_one_control_number_are_told_apart(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017", "0001"), order("2", "0001"))))
    assert desk.states == ["quarantined", "quarantined"]
    widen(desk)
    await replay(desk, 0)
    assert answers(desk)[1] == [
        "AK1*PO*7",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0001",
        "AK5*R*23",
        "AK9*P*2*2*1",
    ]


async def test_a_partner_that_sends_again_meanwhile_is_told_once(open_desk: Open):
    """The R made it send the order again; letting the first go then changes nothing, and nothing more is told."""
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017"))))
    widen(desk)
    await desk.receive(one("4500017", "000000008"))
    await replay(desk, 0)
    assert desk.states == ["dropped", "delivered"]
    assert [lines[-1] for lines in answers(desk)] == ["AK9*R*1*1*0", "AK9*A*1*1*1"]


async def test_a_crash_while_a_set_is_let_go_tells_once(open_desk: Open, monkeypatch: pytest.MonkeyPatch):
    class Crash(BaseException):
        """Stands for kill -9: nothing may catch it."""

    def die(name: str) -> None:
        if name == "deliver.before_commit":
            raise Crash

    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017"))))
    widen(desk)
    monkeypatch.setattr("gateway.pipeline.work.deliver.reach", die)
    with pytest.raises(Crash):
        await replay(desk, 0)
    monkeypatch.undo()
    desk.ledger.commit_now(work.forget_leases)
    await desk.work()
    assert desk.states == ["delivered"]
    assert len(answers(desk)) == 2


BUSY = TransportError("the other side is busy")


async def test_what_never_went_out_is_not_sent_after_its_correction(open_desk: Open):
    """The partner could not be reached while it was told no: it hears only what holds now."""
    desk = narrow(open_desk)
    desk.acme.failures = [BUSY, BUSY]
    await desk.receive(interchange(group(order("4500017"))))
    assert [row.state for row in desk.outbox] == ["retrying", "retrying"]
    widen(desk)
    await replay(desk, 0)
    desk.later(hours=1)
    await desk.work()
    assert [(row.type, row.state) for row in desk.outbox] == [
        ("997", "dropped"),
        ("TA1", "sent"),
        ("997", "sent"),
    ]
    (data,) = [data for name, data in desk.acme.taken if name.startswith("997")]
    assert said(data, "AK9") == ["AK9*A*1*1*1"]


# -- a group that nothing was said of


async def test_a_set_of_an_interchange_that_was_held_is_acknowledged_once_it_is_accepted(desk: Desk):
    """Its control number came before, with other bytes. A set that is still held is told of its syntax, as always."""
    await desk.receive(one("1"), interchange(group(order("2", "0001"), order("3", "0002"), control="8")))
    assert desk.states == ["delivered", "held", "held"]
    assert len(answers(desk)) == 1
    await replay(desk, 1)
    assert desk.states == ["delivered", "delivered", "held"]
    told = ["AK1*PO*8", "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK5*A", "AK9*A*2*2*2"]
    assert answers(desk)[1:] == [told]
    await replay(desk, 2)
    assert desk.states == ["delivered"] * 3
    assert len(answers(desk)) == 2
    assert [row.state for row in desk.outbox if row.type == "997"] == ["sent", "sent"]


async def test_a_held_group_without_a_good_trailer_is_told_what_holds_now(desk: Desk):
    """Never that the order was rejected, though for the group's trailer its sets would have been."""
    broken = group(order("2", "0001"), order("3", "0002"), control="8", trailer="GE*9*8~\n")
    await desk.receive(one("1"), interchange(broken))
    await replay(desk, 1)
    assert desk.states == ["delivered", "delivered", "held"]
    sent = [said(data, *TAGS) for name, data in desk.acme.taken if name.startswith("997")]
    assert sent[1:] == [
        ["AK1*PO*8", "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK5*R", "AK9*P*9*2*1*5"],
    ]


async def test_of_a_held_group_the_bad_set_is_told_too(desk: Desk):
    await desk.receive(one("1"), interchange(group(order("2", "0001"), bad_order("3", "0002"), control="8")))
    assert desk.states == ["delivered", "held", "quarantined"]
    await replay(desk, 1, 2)
    assert desk.states == ["delivered", "delivered", "quarantined"]
    (told,) = answers(desk)[1:]
    assert told[1:4] == ["AK2*850*0001", "AK5*A", "AK2*850*0002"]
    assert told[-2:] == ["AK5*R*5", "AK9*P*2*2*1"]


async def test_a_held_group_is_told_of_only_where_that_is_agreed(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": ACME + "acknowledge: none\n"})
    await desk.receive(one("1"), one("2"))
    await replay(desk, 1)
    assert desk.states == ["delivered", "delivered"]
    assert desk.outbox == []


async def test_dead_says_that_the_control_number_came_before(desk: Desk):
    await desk.receive(one("1"), one("2"))
    ((_, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert "ISA13" in why
    assert "this interchange control number was received before" in why


async def test_dead_never_gives_a_note_for_a_reason(desk: Desk):
    """A code that no standard lists is carried as it came; what holds the order is told."""
    await desk.receive(one("1"), one("2").replace(b"*EA*", b"*Z9*"))
    assert {fault["severity"] for fault in desk.documents[1].faults} == {"note"}
    ((_, _, why),) = desk.ask(lambda tx: waiting_with_reason(tx, ""))
    assert "this interchange control number was received before" in why


# -- what a person is told


async def test_replay_says_what_the_partner_was_told(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("1", "0001"), order("4500017", "0002"))))
    good, bad = (row.id for row in desk.documents)
    control = desk.outbox[0].control
    assert desk.ledger.commit_now(lambda tx: replayed(tx, good)) == "document replayed"
    assert desk.ledger.commit_now(lambda tx: replayed(tx, bad)) == (
        f"document replayed; the partner was told rejected by 997 {control}, and is told anew once it is accepted"
    )
    assert desk.events("replayed")[1][1] == {"by": "gateway replay", "told": f"rejected by 997 {control}"}
    widen(desk)
    await desk.work()
    assert desk.ask(lambda tx: rejected(tx, bad)) is None


async def test_an_answer_whose_bytes_are_gone_stops_no_replay(open_desk: Open):
    desk = narrow(open_desk)
    await desk.receive(interchange(group(order("4500017"))))
    widen(desk)
    digest = desk.outbox[0].digest
    desk.ledger.commit_now(
        lambda tx: tx.exec_driver_sql("UPDATE blob SET data = x'00' WHERE digest = ?", (digest,))
    )
    await replay(desk, 0)
    assert desk.states == ["delivered"]
    assert json.dumps(desk.ask(lambda tx: list(correction.told(tx, desk.arrivals[0].id)))) == "[]"


def test_nothing_was_told_of_a_set_no_group_held(desk: Desk):
    assert desk.ask(lambda tx: correction.told(tx, "0000000000000000")) == {}
