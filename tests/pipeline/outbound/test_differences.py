"""What does not agree with the order it answers, or with itself: held by default, told in words, let go by a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.cli.asking import replayed, waiting_with_reason
from gateway.errors import Refused, SetupError
from gateway.pipeline.work.deliver import Doors

from ..desk import ACME, COMPANY, Desk
from ..documents import acknowledgment, group, interchange, one, order, said, segments, transaction_set
from ..orders_out import ALL, SUPPLIER, file, po
from ..work.test_dispatch import out, states

Open = Callable[..., Desk]

BUYER = ACME.replace(
    "receive:\n", "accounts: {erp: C-1}\nsend:\n  855: x12/004010/855\n  810: x12/004010/810\nreceive:\n"
)
"""Acme as a customer: it orders, and gets our acknowledgments and invoices."""

SELLER = f"{SUPPLIER}  855: x12/004010/855\n"
"""Acme as a supplier: it gets our orders, and acknowledges them."""


def entry(profile: str, type: str, said: str) -> dict[str, str]:
    plain = f"  {type}: x12/004010/{type}\n"
    assert plain in profile
    return {"profiles/acme.yaml": profile.replace(plain, f"  {type}: {{map: x12/004010/{type}, {said}}}\n")}


def replay(desk: Desk, id: str) -> str:
    return desk.ledger.commit_now(lambda tx: replayed(tx, id))


def why(desk: Desk) -> list[str]:
    return [told for _, _, told in desk.ask(lambda tx: waiting_with_reason(tx, ""))]


# -- what we send


def ack(
    order: str | dict[str, Any] = "4500017", quantity: str = "5", line: str = "1", **facts: Any
) -> dict[str, Any]:
    """An acknowledgment of one order's one line, as our ERP gives it."""
    response = {"action": "accepted", "quantity": quantity, "unit": "each"}
    told = {"number": line, "quantity": quantity, "unit": "each", "ids": {"upc": "012345678905"}}
    return {
        "purpose": "original",
        "order": {"number": order, "ordered_on": "2026-03-01"} if isinstance(order, str) else order,
        "verdict": "accepted",
        "acknowledged_on": "2026-11-20",
        "buyer": {"id": {"kind": "buyer", "value": "C-1"}},
        "lines": [{**told, "price": {"amount": "9.50"}, "responses": [response]}],
        **facts,
    }


def invoice(total: str = "47.50", **facts: Any) -> dict[str, Any]:
    line = {
        "number": "1",
        "quantity": "5",
        "unit": "each",
        "price": {"amount": "9.50"},
        "ids": {"upc": "012345678905"},
    }
    return {
        "number": "I1",
        "issued_on": "2026-11-20",
        "order": {"number": "4500017"},
        "buyer": {"id": {"kind": "buyer", "value": "C-1"}},
        "total": total,
        "lines": [line],
        **facts,
    }


async def after_order(open_desk: Open, files: dict[str, str], object: dict[str, Any], kind: str) -> Desk:
    """Acme ordered five of one item under 4500017; then the ERP says this."""
    desk = open_desk(files)
    await desk.receive(one())
    await desk.hand_over(file(object), name=f"{kind}-1.json")
    return desk


async def test_what_agrees_goes_to_the_one_whose_order_it_answers(open_desk: Open):
    files = {"profiles/acme.yaml": BUYER.replace("accounts: {erp: C-1}\n", "")}
    desk = await after_order(open_desk, files, ack(), "OrderAcknowledgment")
    assert states(desk) == ["sent"]
    (row,) = out(desk)
    assert (row.type, row.partner, row.number) == ("855", "acme", "4500017")
    assert said(desk.sent_as("855")[0], "BAK", "ACK")[0].split("*")[3] == "4500017"


DIFFERENT = [
    # kind, object, the fault, where, the word of `differs:`
    ("OrderAcknowledgment", ack("4500099"), "unknown-order", "order.number", "order"),
    (
        "OrderAcknowledgment",
        ack(quantity="6"),
        "quantity-exceeds",
        "lines[0].responses[0].quantity",
        "quantity",
    ),
    ("Invoice", invoice("47.51"), "", "total", "total"),
    ("Invoice", invoice(order={"number": "4500099"}), "unknown-order", "order.number", "order"),
]


@pytest.mark.parametrize(("kind", "object", "code", "field", "word"), DIFFERENT)
async def test_what_differs_is_held_and_let_go_by_a_person(
    open_desk: Open, kind: str, object: dict[str, Any], code: str, field: str, word: str
):
    desk = await after_order(open_desk, {"profiles/acme.yaml": BUYER}, object, kind)
    (row,) = out(desk)
    assert row.state == "held"
    (fault,) = [one for one in row.faults if one["severity"] == "fault"]
    assert fault["field"] == field
    assert not code or fault["code"] == code
    assert desk.events("held")[-1][1] == {"differs": [word]}
    assert field in why(desk)[0]
    assert replay(desk, row.id) == "document replayed"
    await desk.work()
    assert states(desk) == ["sent"]
    assert {one["severity"] for one in out(desk)[0].faults} == {"note"}


@pytest.mark.parametrize(("kind", "object", "code", "field", "word"), DIFFERENT)
async def test_what_the_profile_says_to_note_goes_on(
    open_desk: Open, kind: str, object: dict[str, Any], code: str, field: str, word: str
):
    type = {"OrderAcknowledgment": "855", "Invoice": "810"}[kind]
    files = entry(BUYER, type, f"differs: {{{word}: note}}")
    desk = await after_order(open_desk, files, object, kind)
    assert states(desk) == ["sent"]
    assert [one["field"] for one in out(desk)[0].faults] == [field]


async def test_one_let_go_for_one_difference_is_held_for_another(open_desk: Open):
    desk = await after_order(open_desk, {"profiles/acme.yaml": BUYER}, ack("4500099"), "OrderAcknowledgment")
    await desk.receive(one("4500099", "000000008", quantity="2"))
    replay(desk, out(desk)[0].id)
    await desk.work()
    assert states(desk) == ["held"]
    assert desk.faults(out(desk)[0]) == {"quantity-exceeds"}


def released(release: str, control: str) -> bytes:
    """Acme's order 4500017 once more, as this release of it."""
    return one(control=control).replace(b"*SA*4500017**", f"*SA*4500017*{release}*".encode())


@pytest.mark.parametrize(
    ("release", "state", "faults"),
    [("A", "sent", []), ("B", "sent", []), (None, "sent", []), ("C", "held", ["4500017 release C"])],
)
async def test_an_answer_is_to_the_release_it_names(
    open_desk: Open, release: str | None, state: str, faults: list[str]
):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await desk.receive(released("A", "000000021"))
    await desk.receive(released("B", "000000022"))
    asked = {"number": "4500017", "ordered_on": "2026-03-01", "release": release}
    await desk.hand_over(file(ack(order=asked)), name="OrderAcknowledgment-1.json")
    assert states(desk) == [state]
    assert [fault["came"] for fault in out(desk)[0].faults] == faults


async def test_without_a_release_it_is_told_first_that_one_is_wanted(open_desk: Open):
    """A line that only one of two releases has: nobody knows whether the other is meant."""
    desk = open_desk({"profiles/acme.yaml": BUYER})
    two = released("A", "000000021").replace(b"CTT*1~", b"PO1*2*1*EA*2.5**UP*012345678912~\nCTT*2~")
    await desk.receive(two.replace(b"SE*5*", b"SE*6*"), released("B", "000000022"))
    line = {"number": "2", "ids": {"upc": "012345678912"}, "quantity": "1", "unit": "each"}
    asked = {"number": "4500017", "ordered_on": "2026-03-01"}
    await desk.hand_over(file(ack(order=asked, lines=[line])), name="OrderAcknowledgment-1.json")
    assert states(desk) == ["held"]
    first, second = [one for one in out(desk)[0].faults if one["severity"] == "fault"]
    assert (first["field"], first["expected"]) == (
        "order.release", "the release of order 4500017 that is meant: A, B",
    )  # fmt: skip
    assert second["code"] == "no-such-line"
    assert "the release of order 4500017 that is meant: A, B" in why(desk)[0]
    asked["release"] = "A"
    again = ack(order=asked, lines=[line], number="SO-2")
    await desk.hand_over(file(again), name="OrderAcknowledgment-2.json")
    assert states(desk) == ["held", "sent"]


THEIRS = {"buyer": {"id": {"kind": "buyer", "value": "C-9"}}}
NOTICE = {"number": "SN-1", "orders": [{"number": "NOPE"}, {"number": "NADA"}]}

OF_NO_ORDER = [
    # kind, object -> where, what the hint begins with, what it says to do else
    (
        "OrderAcknowledgment",
        ack("NOPE", buyer=None),
        "order.number",
        "order NOPE is not",
        "say the partner's number",
    ),
    (
        "OrderAcknowledgment",
        ack("NOPE", **THEIRS),
        "order.number",
        "order NOPE is not",
        "write accounts: {erp: C-9}",
    ),
    ("ShipNotice", NOTICE, "orders[0].number", "none of the orders it names is", "say the partner's number"),
]


@pytest.mark.parametrize(("kind", "object", "field", "begins", "says"), OF_NO_ORDER)
async def test_what_answers_an_order_of_nobody_s_says_so_first(
    open_desk: Open, kind: str, object: dict[str, Any], field: str, begins: str, says: str
):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await desk.hand_over(file(object), name=f"{kind}-1.json")
    (row,) = out(desk)
    (fault,) = row.faults
    assert (row.state, fault["code"], fault["field"], fault["came"]) == ("held", "no-partner", field, "NOPE")
    assert fault["hint"].startswith(f"{begins} known from any partner: replay once ")
    assert says in fault["hint"]


async def test_replayed_once_the_order_has_come(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await desk.hand_over(file(ack(buyer=None)), name="OrderAcknowledgment-1.json")
    assert states(desk) == ["held"]
    await desk.receive(one(quantity="5"))
    replay(desk, out(desk)[0].id)
    await desk.work()
    assert states(desk) == ["sent"]


@pytest.mark.parametrize(
    "failure",
    [
        Refused("posting to erp: answered 400 Bad Request"),
        SetupError("no such system"),
    ],
)
async def test_an_order_that_was_tried_is_known_whatever_became_of_it(open_desk: Open, failure: Exception):
    """The system answers it, so it may have it, though it lost its answers to us: of whom it is, we know."""
    desk = open_desk({"profiles/acme.yaml": BUYER})
    desk.erp.failures = [failure]
    await desk.receive(one())
    (order,) = [row for row in desk.documents if row.direction == "in"]
    assert (order.state, order.attempt) == ("dead" if isinstance(failure, Refused) else "held", 1)
    await desk.hand_over(file(ack(buyer=None)), name="OrderAcknowledgment-1.json")
    assert [(row.state, row.partner) for row in out(desk)] == [("sent", "acme")]


async def test_one_that_was_tried_counts_for_nothing_beside_one_that_went_on(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await desk.receive(one(quantity="5"))
    desk.erp.failures = [Refused("posting to erp: answered 400 Bad Request")]
    await desk.receive(one(control="000000008", quantity="9", purpose="05"))
    assert [row.state for row in desk.documents] == ["delivered", "dead"]
    await desk.hand_over(file(ack(quantity="9")), name="OrderAcknowledgment-1.json")
    assert (states(desk), desk.faults(out(desk)[0])) == (["held"], {"quantity-exceeds"})


@pytest.mark.parametrize("buyer", [None, {"id": {"kind": "buyer", "value": "C-1"}}])
async def test_of_an_order_that_came_and_waits_it_says_so(open_desk: Open, buyer: dict[str, Any] | None):
    """It was held for its trailer, and was never handed to the system."""
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await desk.receive(interchange(group(order(), control="7"), trailer=""))
    (waits,) = desk.documents
    assert waits.state == "held"
    await desk.hand_over(file(ack(buyer=buyer)), name="OrderAcknowledgment-1.json")
    (row,) = out(desk)
    assert row.state == "held"
    came = f"order 4500017 came from acme and is held ({waits.id}): replay that first"
    assert row.faults[0]["hint"].startswith(came)
    replay(desk, waits.id)
    await desk.work()
    replay(desk, row.id)
    await desk.work()
    assert states(desk) == ["sent"]


async def test_an_order_that_the_account_contradicts_is_held(open_desk: Open):
    bolt = BUYER.replace("acme", "bolt").replace("ZZ/ACME", "ZZ/BOLT").replace("C-1", "C-2")
    desk = open_desk({"profiles/acme.yaml": BUYER, "profiles/bolt.yaml": bolt})
    await desk.receive(one())
    other = ack(buyer={"id": {"kind": "buyer", "value": "C-2"}})
    await desk.hand_over(file(other), name="OrderAcknowledgment-1.json")
    (row,) = out(desk)
    assert (row.state, desk.faults(row)) == ("held", {"no-partner"})
    assert "an order of acme, but accounts: {erp: C-2} is bolt's" in row.faults[0]["hint"]


async def test_of_two_partners_with_one_order_number_the_account_tells(open_desk: Open):
    bolt = BUYER.replace("acme", "bolt").replace("ZZ/ACME", "ZZ/BOLT").replace("C-1", "C-2")
    desk = open_desk({"profiles/acme.yaml": BUYER, "profiles/bolt.yaml": bolt})
    await desk.receive(one())
    await desk.receive(one().replace(b"ZZ*ACME", b"ZZ*BOLT"), channel="bolt.drop")
    await desk.hand_over(file(ack()), name="OrderAcknowledgment-1.json")
    await desk.hand_over(file(ack(buyer=None)), name="OrderAcknowledgment-2.json")
    assert [(row.state, row.partner) for row in out(desk)] == [("sent", "acme"), ("held", None)]
    assert "one of acme and bolt" in out(desk)[1].faults[0]["hint"]


# -- the same again


async def again(desk: Desk, *objects: dict[str, Any]) -> list[str]:
    await desk.receive(one())
    for number, object in enumerate(objects):
        await desk.hand_over(file(object), name=f"OrderAcknowledgment-{number}.json")
    return states(desk)


REPEATS = [
    # duplicates: of the profile, the second one -> what becomes of it
    ("", ack(), "dropped"),
    ("", ack(quantity="4"), "held"),
    ("duplicates: {changed: accept}\n", ack(quantity="4"), "sent"),
    ("duplicates: {same: hold}\n", ack(), "held"),
    ("", ack(purpose="replace", quantity="4"), "sent"),
]


@pytest.mark.parametrize(("policy", "second", "state"), REPEATS)
async def test_a_second_acknowledgment_of_an_order(
    open_desk: Open, policy: str, second: dict[str, Any], state: str
):
    desk = open_desk({"profiles/acme.yaml": BUYER + policy})
    assert await again(desk, ack(), second) == ["sent", state]
    assert len(desk.sent_as("855")) == 1 + (state == "sent")
    told = [fault["message"] for fault in out(desk)[1].faults if fault["code"] == "duplicate-document"]
    says = "the same" if second == ack() else "something else"
    assert [one.endswith(f", which says {says}") for one in told] == [True] * (state != "sent")


async def test_one_that_was_held_for_that_goes_when_a_person_says_so(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await again(desk, ack(), ack(quantity="4"))
    replay(desk, out(desk)[1].id)
    await desk.work()
    assert states(desk) == ["sent", "sent"]


async def test_what_follows_one_that_never_left_is_no_repeat(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    assert await again(desk, ack(quantity="6"), ack(quantity="5")) == ["held", "sent"]


async def test_what_waits_for_its_channel_will_go_and_a_second_one_is_a_repeat(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    doors, desk.worker.doors = desk.worker.doors, Doors(desk.worker.doors.systems)
    await again(desk, ack())
    desk.worker.doors = doors
    await desk.hand_over(file(ack()), name="OrderAcknowledgment-2.json")
    assert states(desk) == ["held", "dropped"]


async def test_what_follows_a_refusal_is_no_repeat(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": f"{BUYER}  997: x12/004010/997\n"})
    await again(desk, ack())
    group_control = out(desk)[0].group_control
    await desk.receive(acknowledgment(f"AK1*PR*{group_control}", "AK9*R*1*1*0"))
    await desk.hand_over(file(ack()), name="OrderAcknowledgment-2.json")
    assert states(desk) == ["refused", "sent"]


# -- what they send us


def their_ack(order: str = "P1", quantity: str = "5", control: str = "000000500", line: str = "1") -> bytes:
    body = [
        f"BAK*00*AD*{order}*20261120",
        f"PO1*{line}*{quantity}*EA*9.5**UP*012345678905",
        f"ACK*IA*{quantity}*EA",
        "CTT*1",
    ]
    found = transaction_set("855", "0001", body)
    return interchange(group(found, control=str(int(control)), code="PR"), control=control)


def come_in(desk: Desk) -> list[str]:
    return [row.state for row in desk.documents if row.direction == "in"]


async def after_our_order(open_desk: Open, said: str, *files: bytes) -> Desk:
    desk = open_desk({**entry(SELLER, "855", said), "company.yaml": ALL})
    await desk.hand_over(file(po()))
    await desk.receive(*files)
    return desk


COME_IN = [
    # what they acknowledge, differs: -> state of theirs, the fault
    (their_ack(), "differs: {}", "delivered", set()),
    (their_ack("P9"), "differs: {}", "held", {"unknown-order"}),
    (their_ack(quantity="6"), "differs: {}", "held", {"quantity-exceeds"}),
    (their_ack(quantity="6"), "differs: {quantity: note}", "delivered", set()),
    (their_ack(quantity="6"), "differs: {quantity: reject}", "rejected", {"quantity-exceeds"}),
    (their_ack("P9"), "differs: {order: note}", "delivered", set()),
]


@pytest.mark.parametrize(("data", "differs", "state", "faults"), COME_IN)
async def test_what_comes_in(open_desk: Open, data: bytes, differs: str, state: str, faults: set[str]):
    desk = await after_our_order(open_desk, differs, data)
    assert come_in(desk) == [state]
    (row,) = [row for row in desk.documents if row.direction == "in"]
    assert desk.faults(row) == faults
    assert len(desk.sent_as("997")) == 1, "it was received all the same"
    assert bool(desk.erp.taken) == (state == "delivered")


async def test_what_came_in_is_let_go_by_a_person(open_desk: Open):
    desk = await after_our_order(open_desk, "differs: {}", their_ack(quantity="6"))
    (row,) = [row for row in desk.documents if row.direction == "in"]
    assert "more than was ordered" in why(desk)[0]
    replay(desk, row.id)
    await desk.work()
    assert come_in(desk) == ["delivered"]
    assert len(desk.sent_as("997")) == 1


async def test_what_waits_for_a_person_was_not_said_until_it_goes_on(open_desk: Open):
    """A first invoice is held for its sum; the corrected one is good; letting the first one go is too much together."""
    desk = open_desk({"profiles/acme.yaml": f"{SUPPLIER}  810: x12/004010/810\n", "company.yaml": ALL})
    await desk.hand_over(file(po("P1")))
    for number, total in (("I1", "99999"), ("I2", "4750")):
        body = [f"BIG*20261120*{number}**P1", "IT1*1*5*EA*9.5**UP*012345678905", f"TDS*{total}", "CTT*1"]
        control = f"00000060{number[1]}"
        await desk.receive(
            interchange(group(transaction_set("810", "0001", body), code="IN"), control=control)
        )
    assert come_in(desk) == ["held", "delivered"]
    first = next(row for row in desk.documents if row.direction == "in")
    replay(desk, first.id)
    await desk.work()
    assert come_in(desk) == ["held", "delivered"]
    assert "5 invoiced before" in why(desk)[0]


async def test_who_gets_no_orders_by_this_gateway_answers_orders_we_do_not_know(open_desk: Open):
    profile = f"{ACME}  855: x12/004010/855\n"
    desk = open_desk({"profiles/acme.yaml": profile, "company.yaml": ALL})
    await desk.receive(their_ack("P9"))
    assert come_in(desk) == ["delivered"]


async def test_a_second_acknowledgment_of_theirs_is_a_repeat_of_its_order_s(open_desk: Open):
    desk = await after_our_order(
        open_desk,
        "differs: {}",
        their_ack(),
        their_ack(control="000000501"),
        their_ack(quantity="4", control="000000502"),
    )
    assert come_in(desk) == ["delivered", "dropped", "held"]


# -- the way back


WAYS = [
    # the partner's identities, what its entry says, the order's ends -> ISA05 to ISA08, GS02 and GS03
    (
        "[ZZ/ACME, 01/123456789]",
        "",
        ("01/123456789", "12/8475551299"),
        ["12", "8475551299", "01", "123456789"],
    ),
    ("[ZZ/ACME, 01/123456789]", "", ("ZZ/ACME", "12/8475551234"), ["12", "8475551234", "ZZ", "ACME"]),
    ("[ZZ/ACME]", "as: main", ("ZZ/ACME", "12/8475551299"), ["12", "8475551234", "ZZ", "ACME"]),
]


@pytest.mark.parametrize(("identities", "said", "ends", "written"), WAYS)
async def test_it_goes_back_to_whom_the_order_came_from(
    open_desk: Open, identities: str, said: str, ends: tuple[str, str], written: list[str]
):
    west = COMPANY.replace("systems:", "  west: {name: West, identities: {x12: 12/8475551299}}\nsystems:")
    profile = entry(BUYER, "855", said or "over: drop")["profiles/acme.yaml"].replace(
        "x12: ZZ/ACME", f"x12: {identities}"
    )
    desk = open_desk({"profiles/acme.yaml": profile, "company.yaml": west})
    await desk.receive(interchange(group(order()), sender=ends[0], receiver=ends[1]))
    await desk.hand_over(file(ack()), name="OrderAcknowledgment-1.json")
    isa, gs = segments(desk.sent_as("855")[0])[:2]
    assert [part.strip() for part in isa[5:9]] == written
    assert gs[2:4] == written[1::2]


async def test_it_is_written_in_the_order_s_version_where_that_is_agreed(open_desk: Open):
    profile = BUYER.replace(
        "  855: x12/004010/855\n", "  855: x12/004010/855\n  855/005010: x12/005010/855\n"
    )
    profile += "  850/005010: x12/005010/850\n"
    desk = open_desk({"profiles/acme.yaml": profile})
    await desk.receive(
        one(), interchange(group(order("5"), version="005010", control="9"), control="000000009")
    )
    await desk.hand_over(file(ack("5"), ack()), name="OrderAcknowledgment-1.json")
    assert [segments(data)[1][8] for data in desk.sent_as("855")] == ["005010", "004010"]


# -- several answers to one order


async def invoiced(desk: Desk, *objects: dict[str, Any]) -> list[str]:
    await desk.receive(one())
    for number, object in enumerate(objects):
        await desk.hand_over(file(object), name=f"Invoice-{number}.json")
    return states(desk)


def of(number: str, quantity: str, total: str) -> dict[str, Any]:
    plain = invoice(total, number=number)
    return {**plain, "lines": [{**plain["lines"][0], "quantity": quantity}]}


SEVERAL = [
    # invoices for an order of five -> what becomes of them
    ([of("I1", "3", "28.50"), of("I2", "2", "19.00")], ["sent", "sent"]),
    ([of("I1", "3", "28.50"), of("I2", "3", "28.50")], ["sent", "held"]),
    ([of("I1", "5", "47.50"), of("I2", "6", "57.00")], ["sent", "held"]),
    ([of("I1", "6", "57.00"), of("I2", "5", "47.50")], ["held", "sent"]),  # what is held was not said
    ([of("I1", "3", "28.50"), of("I2", "3", "28.50"), of("I3", "2", "19.00")], ["sent", "held", "sent"]),
]


@pytest.mark.parametrize(("objects", "wanted"), SEVERAL)
async def test_what_is_too_much_together(open_desk: Open, objects: list[dict[str, Any]], wanted: list[str]):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    assert await invoiced(desk, *objects) == wanted


async def test_it_says_what_went_before(open_desk: Open):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    await invoiced(desk, of("I1", "3", "28.50"), of("I2", "3", "28.50"))
    (fault,) = out(desk)[1].faults
    assert fault["field"] == "lines of order 4500017, line 1"
    assert fault["message"] == (
        "this is more than was ordered; came '3'; expected at most 5, as ordered; 3 invoiced before, 6 together"
    )


# -- ship notices


def notice(number: str = "S1", quantity: str = "5", order: str = "4500017") -> dict[str, Any]:
    line = {"number": "1", "quantity": quantity, "unit": "each", "ids": {"upc": "012345678905"}}
    pack = {"kind": "pack", "ssccs": ["006141411234567890"], "lines": [line]}
    return {
        "number": number,
        "purpose": "original",
        "created_at": "2026-11-20T10:00",
        "shape": "order pack line",
        "shipped_at": "2026-11-20",
        "orders": [{"number": order, "ordered_on": "2026-03-01", "packs": [pack]}],
    }


SHIPPED = [
    # notices for an order of five -> what becomes of them
    ([notice()], ["sent"]),
    ([notice(quantity="6")], ["held"]),
    ([notice("S1", "3"), notice("S2", "3")], ["sent", "held"]),
    ([notice("S1", "3"), notice("S2", "2")], ["sent", "sent"]),
    ([notice(order="4500099")], ["held"]),
]


@pytest.mark.parametrize(("objects", "wanted"), SHIPPED)
async def test_ship_notices(open_desk: Open, objects: list[dict[str, Any]], wanted: list[str]):
    profile = BUYER.replace("  810: x12/004010/810\n", "  856: x12/004010/856\n")
    desk = open_desk({"profiles/acme.yaml": profile})
    await desk.receive(one())
    for number, object in enumerate(objects):
        await desk.hand_over(file(object), name=f"ShipNotice-{number}.json")
    assert states(desk) == wanted, [row.faults for row in out(desk)]
    assert [said(data, "BSN")[0].split("*")[2] for data in desk.sent_as("856")] == [
        object["number"] for object, state in zip(objects, wanted, strict=True) if state == "sent"
    ]


# -- what was taken back

TAKEN_BACK = [
    # what came after the order, kind, object -> state, the fault
    (["01"], "OrderAcknowledgment", ack(), "held", "order-cancelled"),
    (["01"], "Invoice", invoice(), "held", "order-cancelled"),
    (["01"], "ShipNotice", notice(), "held", "order-cancelled"),
    (["01"], "OrderAcknowledgment", ack(verdict="rejected", lines=[]), "sent", None),
    (["05"], "OrderAcknowledgment", ack(quantity="7"), "sent", None),
    (["05"], "OrderAcknowledgment", ack(quantity="8"), "held", "quantity-exceeds"),
    (["01", "05"], "OrderAcknowledgment", ack(quantity="7"), "sent", None),
    (["05", "01"], "OrderAcknowledgment", ack(quantity="7"), "held", "order-cancelled"),
]


@pytest.mark.parametrize(("purposes", "kind", "object", "state", "code"), TAKEN_BACK)
async def test_what_answers_an_order_that_was_cancelled_is_held_and_let_go(
    open_desk: Open, purposes: list[str], kind: str, object: dict[str, Any], state: str, code: str | None
):
    desk = open_desk({"profiles/acme.yaml": BUYER.replace("send:\n", "send:\n  856: x12/004010/856\n")})
    await desk.receive(one())
    for number, purpose in enumerate(purposes, 8):
        await desk.receive(one(control=f"{number:09}", purpose=purpose, quantity="7"))
    await desk.hand_over(file(object), name=f"{kind}-1.json")
    (row,) = out(desk)
    assert row.state == state, row.faults
    assert desk.faults(row) == ({code} if code else set())
    if code == "order-cancelled":
        assert desk.events("held")[-1][1] == {"differs": ["order"]}
        last = next(one for one in reversed(desk.documents) if one.purpose == "cancellation")
        assert f"850 0001 of group {last.group_control} ({last.id}) cancelled it on 20" in why(desk)[0]
        replay(desk, row.id)
        await desk.work()
        assert states(desk) == ["sent"]
        assert code in {fault["code"] for fault in out(desk)[0].faults}


ONE_SIDED = [
    # releases of the orders, that of the cancellation, that of the answer -> state
    (["A", "B"], None, "A", "held"),
    (["A", "B"], "B", "A", "sent"),
    (["A", "B"], "A", "A", "held"),
    ([None], "A", None, "held"),
]


@pytest.mark.parametrize(("ordered", "taken", "answered", "state"), ONE_SIDED)
async def test_a_cancellation_may_mean_any_release_it_does_not_deny(
    open_desk: Open, ordered: list[str | None], taken: str | None, answered: str | None, state: str
):
    desk = open_desk({"profiles/acme.yaml": BUYER})
    for number, (release, purpose) in enumerate([*((each, "00") for each in ordered), (taken, "01")], 21):
        control = f"{number:09}"
        await desk.receive(
            one(control=control, purpose=purpose).replace(
                b"*SA*4500017**", f"*SA*4500017*{release or ''}*".encode()
            )
        )
    asked = {"number": "4500017", "ordered_on": "2026-03-01", "release": answered}
    told = ack({name: said for name, said in asked.items() if said})
    await desk.hand_over(file(told), name="OrderAcknowledgment-1.json")
    assert states(desk) == [state], [row.faults for row in out(desk)]
    assert ("order-cancelled" in desk.faults(out(desk)[0])) == (state == "held")


async def test_a_suppliers_answer_to_an_order_we_took_back_is_held(open_desk: Open):
    desk = open_desk({**entry(SELLER, "855", "differs: {}"), "company.yaml": ALL})
    await desk.hand_over(file(po()))
    await desk.hand_over(file({**po(), "purpose": "cancellation"}), name="PurchaseOrder-2.json")
    await desk.receive(their_ack())
    assert come_in(desk) == ["held"]
    assert "order-cancelled" in desk.faults(next(row for row in desk.documents if row.direction == "in"))
