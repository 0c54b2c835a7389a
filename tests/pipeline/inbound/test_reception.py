"""One arrival to its end, on a real ledger: rows, releases, repeats, acknowledgments, and reading it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.cli.asking import replayed
from gateway.errors import LedgerUnavailable
from gateway.formats import x12
from gateway.ledger import documents, stories, work
from gateway.ledger.states import State
from gateway.pipeline.inbound import release
from gateway.pipeline.queue import Step
from gateway.pipeline.translation.house import House
from gateway.pipeline.work.registrar import READING
from gateway.profiles import restore
from gateway.setup import surroundings

from ..desk import ACME, Desk, house_in, house_of
from ..documents import bad_order, group, interchange, one, order, said, transaction_set


def with_policy(**facts: str) -> dict[str, str]:
    told = ", ".join(f"{name}: {value}" for name, value in facts.items())
    return {"profiles/acme.yaml": f"{ACME}duplicates: {{{told}}}\n"}


async def test_an_order_reaches_the_erp_and_its_sender_hears_of_it(desk: Desk):
    await desk.receive(one())
    (arrival,) = desk.arrivals
    (interchange_,) = desk.interchanges
    (document,) = desk.documents
    assert (arrival.state, interchange_.state, document.state) == ("processed", "processed", "delivered")
    assert (document.kind, document.number, document.purpose) == ("PurchaseOrder", "4500017", "original")
    assert (interchange_.sender, interchange_.control, interchange_.usage) == ("ZZ/ACME", "000000007", "P")
    assert [(row.type, row.state, row.control) for row in desk.outbox] == [
        ("997", "sent", "000000001"),
        ("TA1", "sent", "000000002"),
    ]
    assert said(desk.sent_as("997")[0], "AK1", "AK2", "AK5", "AK9") == [
        "AK1*PO*7",
        "AK2*850*0001",
        "AK5*A",
        "AK9*A*1*1*1",
    ]
    assert said(desk.sent_as("TA1")[0], "TA1") == ["TA1*000000007*260301*1530*A*000"]
    assert desk.erp.names == ["acme/4500017"]
    assert b'"4500017"' in desk.erp.taken[0][1]


async def test_a_ta1_that_nobody_could_write_stops_nothing(desk: Desk):
    """Its control number holds a byte that is no character of the file's."""
    await desk.receive(one().replace(b"*000000007*", b"*00000\xa007*"))
    assert [row.state for row in desk.arrivals] == ["processed"]
    assert [row.type for row in desk.outbox if row.type == "TA1"] == []
    ((_, detail),) = desk.events("not-acknowledged")
    assert "TA101" in detail["why"]


async def test_one_correlation_from_arrival_to_erp_and_back(desk: Desk):
    id = await desk.receive(one())
    assert {row.correlation for row in [*desk.arrivals, *desk.documents, *desk.outbox]} == {id}


UNREADABLE = [
    # a type, its group, its body, what names it, the orders it answers
    (
        "850",
        "PO",
        ["BEG*00*SA*P9**20261399", "PO1*1*5*EA*9.5**UP*012345678905"],
        ("P9", "original", None),
        [],
    ),
    ("855", "PR", ["BAK*00*AD*P9*20261399"], ("P9", "original", None), ["P9"]),
    ("856", "SH", ["BSN*00*SN-1*20261399*1200"], ("SN-1", "original", None), []),
    ("810", "IN", ["BIG*20261399*INV-1**P9*R7"], ("INV-1", None, None), ["P9"]),
    ("850", "PO", ["PO1*1*5*EA*9.5**UP*012345678905"], (None, None, None), []),
    ("850", "PO", [f"BEG*00*SA*{'9' * 81}**20260301"], (None, "original", None), []),
]


@pytest.mark.parametrize(("type", "code", "body", "named", "answers"), UNREADABLE)
async def test_what_cannot_be_an_object_is_still_found_by_its_number(
    open_desk: Callable[..., Desk],
    type: str,
    code: str,
    body: list[str],
    named: tuple[str | None, ...],
    answers: list[str],
):
    agreed = "".join(f"  {one}: x12/004010/{one}\n" for one in ("855", "856", "810"))
    desk = open_desk({"profiles/acme.yaml": ACME + agreed})
    await desk.receive(interchange(group(transaction_set(type, "0001", body), code=code)))
    (row,) = desk.documents
    assert (row.state, row.number, row.purpose, row.release, row.canonical) == ("quarantined", *named, None)
    for number in {*answers, *filter(None, named[:1])}:
        story = desk.ask(lambda tx, number=number: stories.trace(tx, number))
        assert [found.id for found in story.documents] == [row.id]


async def test_what_cannot_be_an_object_takes_no_key(desk: Desk):
    """The order that the partner sends again, mended, is the first of its number."""
    await desk.receive(interchange(group(bad_order("4500099", "0001"))))
    await desk.receive(one("4500099", "000000008"))
    assert [(row.number, row.state) for row in desk.documents] == [
        ("4500099", "quarantined"),
        ("4500099", "delivered"),
    ]
    assert desk.erp.names == ["acme/4500099"]


async def test_a_bad_set_is_quarantined_alone(desk: Desk):
    data = interchange(group(order("1", "0001"), bad_order("2", "0002"), order("3", "0003"), control="7"))
    await desk.receive(data)
    assert desk.states == ["delivered", "quarantined", "delivered"]
    assert desk.erp.names == ["acme/1", "acme/3"]
    told = said(desk.sent_as("997")[0], "AK2", "AK5", "AK9")
    assert told == [
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK5*R*5",
        "AK2*850*0003",
        "AK5*A",
        "AK9*P*3*3*2",
    ]
    assert desk.faults(desk.documents[1]) == {"date", "condition"}


BACK = ["BAK*00*AD*4500017*20260301", "PO1*1*5*EA*9.5**UP*012345678905", "ACK*IA*5*EA", "CTT*1"]
JUDGED = [
    ("x12/004010/810", BACK, "AK5*A"),
    ("edifact/D96A/ORDRSP", BACK, "AK5*A"),
    ("x12/004010/810", ["BAK*00*AD*4500017*20261399"], "AK5*R*5"),
]


@pytest.mark.parametrize(("agreed", "body", "verdict"), JUDGED)
async def test_a_map_of_another_kind_never_judges(desk: Desk, agreed: str, body: list[str], verdict: str):
    """`gateway check` refuses such a profile; a house of before it did may have one. The standard's guide judges."""
    entry = "  855: x12/004010/855\n"
    sound = house_of(house_in(desk.settings.partners_dir.parent, {"profiles/acme.yaml": ACME + entry}))
    texts = dict(sound.snapshot.texts)
    texts["profiles/acme.yaml"] = ACME + entry.replace("x12/004010/855", agreed)
    desk.move_in(House(restore(texts, surroundings(desk.settings))))
    await desk.receive(interchange(group(transaction_set("855", "0001", body), code="PR")))
    (row,) = desk.documents
    assert (row.state, row.map) == ("held", None)
    (fault,) = [one for one in row.faults if one["code"] == "wrong-map"]
    assert fault["hint"] == "correct profiles/acme.yaml: receive.855, then replay"
    assert said(desk.sent_as("997")[0], "AK5") == [verdict]
    desk.move_in(sound)
    desk.ledger.commit_now(lambda tx: replayed(tx, row.id))
    await desk.work()
    assert "wrong-map" not in desk.faults(desk.documents[0])
    assert (desk.documents[0].number == "4500017") is (verdict == "AK5*A")


# -- repeats


async def test_the_same_file_under_the_same_transport_key_is_dropped_unread(desk: Desk):
    await desk.receive(one(), one(), key="/out/po.edi")
    assert [row.state for row in desk.arrivals] == ["processed", "dropped"]
    assert len(desk.documents) == len(desk.erp.taken) == 1
    assert len(desk.outbox) == 2


async def test_other_bytes_under_the_same_transport_key_are_read(desk: Desk):
    await desk.receive(one("1"), one("2", "000000008"), key="/out/po.edi")
    assert [row.state for row in desk.arrivals] == ["processed", "processed"]
    assert desk.erp.names == ["acme/1", "acme/2"]


async def test_a_transport_repeat_before_the_first_was_read_waits_for_it(desk: Desk):
    await desk.take(one(), key="/out/po.edi")
    await desk.take(one(), key="/out/po.edi")
    await desk.work()
    assert sorted(row.state for row in desk.arrivals) == ["dropped", "processed"]
    assert len(desk.erp.taken) == 1


async def test_a_quarantined_first_never_blocks_its_transport_repeat(desk: Desk):
    """Our own map was wrong at the first attempt; the same bytes come again after it was mended."""
    desk.change({"profiles/acme.yaml": ACME.replace("ZZ/ACME", "ZZ/ANOTHER")})
    await desk.receive(one(), key="/out/po.edi")
    assert [row.state for row in desk.arrivals] == ["held"]
    desk.change({"profiles/acme.yaml": ACME})
    await desk.receive(one(), key="/out/po.edi")
    assert [row.state for row in desk.arrivals] == ["held", "processed"]
    assert desk.erp.names == ["acme/4500017"]


POLICIES = [
    # the policy -> the repeated document's state, what the ERP has, what 997s went back for the repeat
    ("drop", "dropped", 1),
    ("hold", "held", 1),
    ("reject", "rejected", 1),
    ("accept", "delivered", 2),
]


@pytest.mark.parametrize("which", ["same", "changed"])
@pytest.mark.parametrize(("policy", "state", "taken"), POLICIES)
async def test_a_business_key_that_came_before(
    open_desk: Callable[..., Desk], which: str, policy: str, state: str, taken: int
):
    """A new interchange with the number of an order we have: `same` bytes of the set, or `changed` ones."""
    other = {"same": "accept", "changed": "accept"} | {which: policy}
    desk = open_desk(with_policy(**other))
    quantity = "5" if which == "same" else "6"
    await desk.receive(one("1"), one("1", "000000008", quantity=quantity))
    assert desk.states == ["delivered", state]
    assert len(desk.erp.taken) == taken


@pytest.mark.parametrize("which", ["same", "changed"])
@pytest.mark.parametrize(("policy", "state", "taken"), POLICIES)
async def test_an_interchange_control_number_that_came_before(
    open_desk: Callable[..., Desk], which: str, policy: str, state: str, taken: int
):
    other = {"same": "accept", "changed": "accept"} | {which: policy}
    desk = open_desk(with_policy(**other))
    again = one("1") if which == "same" else one("2")
    await desk.receive(one("1"), again)
    assert desk.states == ["delivered", state]
    assert len(desk.erp.taken) == taken
    (repeat,) = (one for one in desk.interchanges[1].faults if one["code"] == "duplicate-interchange")
    assert repeat["severity"] == ("note" if policy == "accept" else "fault")


@pytest.mark.parametrize(("policy", "state", "taken"), POLICIES)
async def test_a_large_interchange_that_repeats_another_is_decided_on_part_by_part(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, policy: str, state: str, taken: int
):
    """Nobody else can commit while a transaction lasts."""
    desk = open_desk(with_policy(same=policy), batch=2)
    moved: list[int] = []
    commit, move = desk.ledger.commit, documents.move

    async def counted(work: Callable[[Any], Any]) -> Any:
        moved.append(0)
        return await commit(work)

    def counting(*args: Any, **facts: Any) -> None:
        moved[-1] += 1
        move(*args, **facts)

    await desk.receive(many(9))
    monkeypatch.setattr(desk.ledger, "commit", counted)
    monkeypatch.setattr(documents, "move", counting)
    await desk.receive(many(9))
    assert desk.states == ["delivered"] * 9 + [state] * 9
    assert len(desk.erp.taken) == 9 * taken
    assert max(moved) <= 5
    assert [kind for kind, _ in desk.events(state)].count(state) == 9 * (1 + (state == "delivered"))


async def test_the_policy_for_a_repeat_is_not_another_interchange_s(open_desk: Callable[..., Desk]):
    """The first of the file repeats one that was accepted; the second's group is broken, and held for that."""
    desk = open_desk(batch=2)
    await desk.receive(one("1"))
    broken = group(*(order(f"{n}", f"{n:04d}") for n in range(2, 7)), control="8", trailer="GE*9*8~\n")
    await desk.receive(one("1") + interchange(broken, control="000000008"))
    assert desk.states == ["delivered", "dropped"] + ["held"] * 5


async def test_a_rejected_repeat_of_an_interchange_is_told_by_ta1(open_desk: Callable[..., Desk]):
    desk = open_desk(with_policy(same="reject"))
    await desk.receive(one(), one())
    assert [said(data, "TA1")[0][-5:] for data in desk.sent_as("TA1")] == ["A*000", "R*025"]
    assert len(desk.sent_as("997")) == 1


async def test_an_accepted_repeat_of_an_interchange_is_not_told_that_it_is_rejected(
    open_desk: Callable[..., Desk],
):
    desk = open_desk(with_policy(changed="accept"))
    await desk.receive(one("1"), one("2"))
    assert desk.states == ["delivered", "delivered"]
    assert [said(data, "TA1")[0][-5:] for data in desk.sent_as("TA1")] == ["A*000", "A*000"]


async def test_a_dropped_repeat_gets_no_second_acknowledgment(desk: Desk):
    await desk.receive(one(), one())
    assert desk.states == ["delivered", "dropped"]
    assert [row.type for row in desk.outbox] == ["997", "TA1"]


async def test_another_purpose_is_another_document(desk: Desk):
    """A cancellation has its order's number and is no repeat of it, neither here nor in the ERP."""
    await desk.receive(one("1"), one("1", "000000008", purpose="01"))
    assert desk.states == ["delivered", "delivered"]
    assert len(set(desk.erp.names)) == 2


async def test_a_repeat_after_the_window_is_no_repeat(open_desk: Callable[..., Desk]):
    desk = open_desk(with_policy(same="drop", window="30d"))
    await desk.receive(one("1"))
    desk.later(days=31)
    await desk.receive(one("1"))
    assert desk.states == ["delivered", "delivered"]
    await desk.receive(one("1"), one("1", "000000008"))
    assert desk.states == ["delivered", "delivered", "dropped", "dropped"]


async def test_within_one_file_an_order_counts_once(desk: Desk):
    data = interchange(group(order("1", "0001"), order("1", "0002"), order("1", "0003", quantity="9")))
    await desk.receive(data)
    assert desk.states == ["delivered", "dropped", "held"]
    assert [desk.faults(row) for row in desk.documents] == [
        set(),
        {"duplicate-document"},
        {"duplicate-document"},
    ]


async def test_a_rejected_first_attempt_never_blocks_its_retry(desk: Desk):
    """The first file had a bad date; the partner mends it and sends it with the same control numbers."""
    await desk.receive(interchange(group(bad_order("1", "0001"))), interchange(group(order("1", "0001"))))
    assert desk.states == ["quarantined", "delivered"]
    assert [said(data, "AK9")[0] for data in desk.sent_as("997")] == ["AK9*R*1*1*0", "AK9*A*1*1*1"]
    assert desk.interchanges[1].faults == []


async def test_a_held_document_keeps_its_key_until_somebody_decides(open_desk: Callable[..., Desk]):
    desk = open_desk(with_policy(changed="hold"))
    await desk.receive(one("1"), one("1", "000000008", quantity="6"), one("1", "000000009", quantity="7"))
    assert desk.states == ["delivered", "held", "held"]


async def test_st02_repeated_rejects_the_second_set_only(desk: Desk):
    await desk.receive(interchange(group(order("1", "0001"), order("2", "0001"))))
    assert desk.states == ["delivered", "quarantined"]
    assert said(desk.sent_as("997")[0], "AK5", "AK9") == ["AK5*A", "AK5*R*23", "AK9*P*2*2*1"]


# -- what is incomplete

CUT = {
    "without IEA": (interchange(group(order()), trailer=""), "held", "AK9*A*1*1*1"),
    "without GE": (interchange(group(order(), trailer=" \n"), trailer=""), "held", "AK9*R*1*1*0*3"),
    "with a wrong GE01": (interchange(group(order(), trailer="GE*9*7~\n")), "held", "AK9*R*9*1*0*5"),
    "with a wrong GE02": (interchange(group(order(), trailer="GE*1*8~\n")), "held", "AK9*R*1*1*0*4"),
}


@pytest.mark.parametrize("case", CUT)
async def test_incomplete_hold(desk: Desk, case: str):
    data, state, verdict = CUT[case]
    await desk.receive(data)
    assert desk.states == [state]
    assert said(desk.sent_as("997")[0], "AK9") == [verdict]
    assert bool(desk.faults(desk.documents[0])) is (state == "held")
    assert desk.faults(desk.arrivals[0])


@pytest.mark.parametrize("case", CUT)
async def test_incomplete_process(open_desk: Callable[..., Desk], case: str):
    """What is whole is processed; what the partner is told of its trailers stays the same."""
    desk = open_desk({"profiles/acme.yaml": f"{ACME}incomplete: process\n"})
    await desk.receive(CUT[case][0])
    assert desk.states == ["delivered"]


async def test_half_a_set_is_never_processed(open_desk: Callable[..., Desk]):
    desk = open_desk({"profiles/acme.yaml": f"{ACME}incomplete: process\n"})
    whole = interchange(group(order("1", "0001"), order("2", "0002")))
    await desk.receive(whole[: whole.index(b"CTT*1~", whole.index(b"0002"))])
    assert desk.states == ["delivered", "quarantined"]
    assert "missing-se" in desk.faults(desk.documents[1])


# -- large ones


def many(count: int, control: str = "000000007") -> bytes:
    return interchange(group(*(order(f"P{n}", f"{n:04d}") for n in range(1, count + 1))), control=control)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
async def test_batches_change_nothing_but_the_number_of_commits(open_desk: Callable[..., Desk], count: int):
    desk = open_desk(batch=2)
    await desk.receive(many(count))
    assert desk.states == ["delivered"] * count
    assert desk.erp.names == [f"acme/P{n}" for n in range(1, count + 1)]
    assert said(desk.sent_as("997")[0], "AK9") == [f"AK9*A*{count}*{count}*{count}"]


async def test_staged_sets_wait_for_their_trailer(open_desk: Callable[..., Desk]):
    desk = open_desk(batch=2)
    await desk.receive(many(5).replace(b"GE*5*7~", b"GE*9*7~"))
    assert desk.states == ["held"] * 5
    assert all(desk.faults(row) == {"ge-count"} for row in desk.documents)
    assert desk.erp.taken == []


async def test_staged_sets_of_a_dropped_interchange_are_dropped(open_desk: Callable[..., Desk]):
    desk = open_desk(batch=2)
    await desk.receive(many(5), many(5))
    assert desk.states == ["delivered"] * 5 + ["dropped"] * 5
    assert len(desk.erp.taken) == 5


async def test_two_groups_with_the_same_number_are_released_apart(open_desk: Callable[..., Desk]):
    """GS06 need not be unique in what partners send; the first group is good, the second's trailer is not."""
    desk = open_desk(batch=1)
    groups = [group(order("1", "0001"), order("2", "0002")), group(order("3", "0001"), trailer="GE*9*7~\n")]
    await desk.receive(interchange(*groups))
    assert desk.states == ["delivered", "delivered", "held"]


async def test_groups_released_before_a_missing_iea_was_found_are_not_called_back(
    open_desk: Callable[..., Desk],
):
    """As docs/operating.md says, parts of a group too; the whole may come again, and every order takes effect once."""
    desk = open_desk(batch=2)
    groups = [
        group(order("1", "0001"), order("2", "0002")),
        group(order("3", "0001"), order("4", "0002"), order("5", "0003"), control="8"),
    ]
    await desk.receive(interchange(*groups, trailer=""))
    assert desk.states == ["delivered", "delivered", "held", "held", "delivered"]
    assert "missing-iea" in desk.faults(desk.arrivals[0])
    assert [said(data, "AK9")[0] for data in desk.sent_as("997")] == ["AK9*A*2*2*2", "AK9*A*3*3*3"]
    assert said(desk.sent_as("TA1")[0], "TA1")[0].endswith("*R*023")
    await desk.receive(interchange(*groups))
    assert desk.states[5:] == ["dropped", "dropped", "delivered", "delivered", "dropped"]
    assert sorted(desk.erp.names) == ["acme/1", "acme/2", "acme/3", "acme/4", "acme/5"]


# -- after a crash


class Crash(BaseException):
    """Stands for kill -9: nothing may catch it."""


async def read_until(desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, visits: int = 1) -> None:
    """Does the receive step and dies at the point; the lease it held is forgotten, as at the next start."""
    left = [visits]

    def reach(name: str) -> None:
        left[0] -= name == point
        if name == point and left[0] == 0:
            raise Crash

    monkeypatch.setattr("gateway.pipeline.work.registrar.reach", reach)
    with pytest.raises(Crash):
        await desk.work()
    monkeypatch.undo()
    desk.ledger.commit_now(work.forget_leases)


BREAKS = [
    ("receive.after_batch", 1),
    ("receive.after_batch", 2),
    ("receive.after_batch", 3),
    ("receive.before_commit", 1),
    ("receive.after_commit", 1),
]


@pytest.mark.parametrize(("point", "visits"), BREAKS)
async def test_read_again_after_a_crash_writes_nothing_twice(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, point: str, visits: int
):
    calm = open_desk(batch=2)
    await calm.receive(many(5))
    desk = open_desk(batch=2)
    await desk.take(many(5))
    await read_until(desk, monkeypatch, point, visits)
    await desk.work()
    assert desk.states == calm.states
    assert sorted(desk.erp.taken) == sorted(calm.erp.taken)
    assert desk.sent == calm.sent
    assert desk.size() == calm.size()


async def test_a_crash_between_two_groups_acknowledges_each_once(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
):
    desk = open_desk(batch=1)
    groups = [
        group(order("1", "0001"), order("2", "0002"), control="7"),
        group(order("3", "0001"), control="8"),
    ]
    await desk.take(interchange(*groups))
    await read_until(desk, monkeypatch, "receive.after_batch", 3)
    await desk.work()
    assert [said(data, "AK1")[0] for data in desk.sent_as("997")] == ["AK1*PO*7", "AK1*PO*8"]
    assert desk.states == ["delivered"] * 3
    assert desk.erp.names == ["acme/1", "acme/2", "acme/3"]


async def test_reading_that_fails_for_a_reason_of_ours_is_tried_again_then_left_for_a_person(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(release, "close_group", broken)
    await desk.receive(one())
    assert [row.state for row in desk.arrivals] == ["retrying"]
    for wait in (5, 60, 600):
        desk.later(seconds=wait)
        await desk.work()
    (arrival,) = desk.arrivals
    assert (arrival.state, arrival.attempt) == ("dead", 4)
    assert "a bug of ours" in str(desk.events("dead"))
    assert desk.documents == desk.outbox == []


async def test_what_failed_for_a_reason_of_ours_goes_through_once_that_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(release, "close_group", broken)
    await desk.receive(one())
    monkeypatch.undo()
    desk.later(seconds=5)
    await desk.work()
    assert desk.states == ["delivered"]
    assert len(desk.outbox) == 2


async def test_a_ledger_that_cannot_store_leaves_the_arrival_as_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise LedgerUnavailable("the disk is full")

    await desk.take(one())
    monkeypatch.setattr(release, "close_group", full)
    (row,) = desk.arrivals
    await desk.worker.perform(Step.RECEIVE, row.id)
    assert [row.state for row in desk.arrivals] == [State.RECEIVED]
    monkeypatch.undo()
    desk.later(seconds=61)  # its lease has run out
    await desk.work()
    assert desk.states == ["delivered"]


# -- whose it is

STRANGERS = [
    # what is wrong -> the fault of the interchange
    (interchange(group(order()), sender="ZZ/NOBODY"), "unknown-sender"),
    (interchange(group(order()), receiver="12/9999999999"), "not-for-us"),
    (interchange(group(order()), usage="T"), "wrong-usage"),
]


@pytest.mark.parametrize(("data", "code"), STRANGERS)
async def test_an_interchange_that_nobody_may_send_is_held_unread(desk: Desk, data: bytes, code: str):
    await desk.receive(data)
    (arrival,), (found,) = desk.arrivals, desk.interchanges
    assert (arrival.state, found.state) == ("held", "held")
    assert desk.faults(found) == desk.faults(arrival) == {code}
    assert desk.documents == []
    assert desk.erp.taken == []


async def test_a_set_without_an_agreement_is_held_and_told(desk: Desk):
    invoice = transaction_set("810", "0001", ["BIG*20260301*INV1", "TDS*100"])
    await desk.receive(interchange(group(invoice, code="IN"), group(order(), control="8")))
    assert desk.states == ["held", "delivered"]
    assert said(desk.sent_as("997")[0], "AK1", "AK5", "AK9") == ["AK1*IN*7", "AK5*R*1", "AK9*R*1*1*0"]


async def test_junk_is_quarantined_with_its_bytes(desk: Desk):
    await desk.receive(b"%PDF-1.7 junk")
    (arrival,) = desk.arrivals
    assert arrival.state == "quarantined"
    assert desk.faults(arrival) == {"unknown-format"}


async def test_two_interchanges_in_one_file_are_judged_apart(desk: Desk):
    good = one("1", "000000001")
    await desk.receive(interchange(group(order("9")), control="000000002", sender="ZZ/NOBODY") + good)
    assert [row.state for row in desk.interchanges] == ["held", "processed"]
    assert [row.state for row in desk.arrivals] == ["held"]
    assert desk.states == ["delivered"]


async def test_a_replayed_arrival_processes_what_was_held_and_nothing_twice(desk: Desk):
    """One of two interchanges was from a stranger; the profile is mended and the file replayed."""
    both = one("1", "000000001") + interchange(group(order("9")), control="000000002", sender="ZZ/NEW")
    id = await desk.receive(both)
    desk.change({"profiles/acme.yaml": ACME.replace("x12: ZZ/ACME", "x12: [ZZ/ACME, ZZ/NEW]")})
    assert desk.ledger.commit_now(lambda tx: replayed(tx, id)) == "arrival replayed"
    await desk.work()
    assert sorted(desk.erp.names) == ["acme/1", "acme/9"]
    assert [row.state for row in desk.arrivals] == ["processed"]
    assert len(desk.sent_as("997")) == 2


async def test_a_limit_refuses_one_set_and_its_neighbours_go_on(open_desk: Callable[..., Desk]):
    desk = open_desk(limits=x12.Limits(set_bytes=400))
    lines = [f"PO1*{n}*5*EA*9.5**UP*012345678905" for n in range(1, 40)]
    large = transaction_set("850", "0002", ["BEG*00*SA*2**20260301", *lines, "CTT*39"])
    await desk.receive(interchange(group(order("1", "0001"), large, order("3", "0003"))))
    assert desk.states == ["delivered", "quarantined", "delivered"]
    assert "set-too-large" in desk.faults(desk.documents[1])


def test_the_waits_before_reading_again_grow_and_end():
    assert list(READING) == sorted(READING)
    assert READING[-1] <= timedelta(hours=1)


async def test_a_repeat_waits_while_its_first_is_read_and_is_then_dropped(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
):
    """A large file is half read when its partner, who heard no success, sends it again: one acknowledgment."""
    desk = open_desk(batch=2)
    await desk.take(many(5), key="/out/po.edi")
    await desk.take(many(5), key="/out/po.edi")
    await read_until(desk, monkeypatch, "receive.after_batch")
    first, second = (row.id for row in desk.arrivals)
    await desk.worker.perform(Step.RECEIVE, second)
    assert [row.state for row in desk.arrivals] == ["received", "received"]
    await desk.worker.perform(Step.RECEIVE, first)
    await desk.work()
    assert [row.state for row in desk.arrivals] == ["processed", "dropped"]
    assert len(desk.sent_as("997")) == 1
    assert desk.states == ["delivered"] * 5


async def test_a_transport_repeat_of_what_failed_is_read_once_the_house_has_changed(desk: Desk):
    """The set had no agreement; under the same profile a repeat is dropped, under a mended one it goes through."""
    desk.change({"profiles/acme.yaml": ACME.replace("850: x12/004010/850", "855: x12/004010/855")})
    await desk.receive(one(), one(), key="/out/po.edi")
    assert desk.states == ["held"]
    desk.change({"profiles/acme.yaml": ACME})
    await desk.receive(one(), key="/out/po.edi")
    assert desk.states == ["held", "delivered"]
    await desk.receive(one(), key="/out/po.edi")
    assert desk.states == ["held", "delivered", "dropped"]


# -- answers that repeat what came


async def test_a_control_number_too_short_for_the_standard_is_answered_all_the_same(desk: Desk):
    await desk.receive(interchange(group(order("1", "1"))))
    assert desk.states == ["delivered"]
    assert said(desk.sent_as("997")[0], "AK2", "AK5") == ["AK2*850*1", "AK5*A"]


@pytest.mark.parametrize("cut", [106, 120])
async def test_an_interchange_cut_before_its_first_set_is_quarantined(desk: Desk, cut: int):
    await desk.receive(interchange(group(order()))[:cut])
    assert desk.arrivals[0].state == "quarantined"
    assert "missing-iea" in desk.faults(desk.arrivals[0])


async def test_what_a_lenient_agreement_cannot_read_is_told_as_rejected(open_desk: Callable[..., Desk]):
    lenient = (
        ACME.replace("850: {", "850: {validate: lenient, ")
        if "850: {" in ACME
        else f"{ACME}validate: lenient\n"
    )
    desk = open_desk({"profiles/acme.yaml": lenient})
    await desk.receive(interchange(group(bad_order("1", "0001"))))
    assert desk.states == ["quarantined"]
    assert said(desk.sent_as("997")[0], "AK9") == ["AK9*R*1*1*0"]


async def test_a_repeated_interchange_is_answered_with_the_same_bytes(desk: Desk):
    data = interchange(group(order("1", "0001")))
    await desk.receive(data, key="first")
    before = desk.sent_as("997")
    await desk.receive(data, key="second")
    assert desk.states == ["delivered", "dropped"]
    assert desk.sent_as("997") == before
    assert desk.acme.tries == 2 * len(desk.outbox)
