"""An order beside what answers it: which of it counts, what it comes to, and what differs, in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from gateway.canonical import document
from gateway.cli.threads import total_row
from gateway.ledger import Ledger, State, blobs, documents, threads
from gateway.ledger.tables import answer
from gateway.ledger.tables import document as table
from gateway.ledger.threads import Key
from gateway.pipeline.inbound.findings import keys_of, orders_answered
from gateway.pipeline.outbound.threads import Thread, thread, threads_of

from ..desk import NOON, Desk
from ..documents import group, interchange, one, transaction_set
from ..orders_out import ALL, SUPPLIER, file, po

ORDER = {
    "number": "4500017",
    "ordered_on": "2026-03-02",
    "lines": [
        {"number": "1", "ids": {"sku": "A"}, "quantity": "10", "unit": "each", "price": {"amount": "9.95"}},
        {"number": "2", "ids": {"sku": "B"}, "quantity": "4", "unit": "case", "price": {"amount": "20"}},
    ],
}
REF = {"number": "4500017"}


def acknowledgment(*quantities: str, price: str = "9.95") -> dict[str, Any]:
    lines = [
        {
            "number": str(at),
            "quantity": quantity,
            "price": {"amount": price if at == 1 else "20"},
            "responses": [{"action": "accepted", "quantity": quantity}],
        }
        for at, quantity in enumerate(quantities, 1)
    ]
    return {"order": REF, "verdict": "accepted with changes", "lines": lines}


def notice(number: str, *quantities: str, unit: str | None = None) -> dict[str, Any]:
    lines = [
        {"number": str(at), "quantity": quantity, **({"unit": unit} if unit else {})}
        for at, quantity in enumerate(quantities, 1)
    ]
    return {"number": number, "orders": [{**REF, "lines": lines}]}


def invoice(number: str, *lines: Mapping[str, Any], **facts: Any) -> dict[str, Any]:
    total = sum(Decimal(line["quantity"]) * Decimal(line["price"]["amount"]) for line in lines)
    said = {"number": number, "issued_on": "2026-03-09", "order": REF, "total": f"{total:.2f}"}
    return {**said, "lines": list(lines), **facts}


def billed(number: str, quantity: str, amount: str, sku: str | None = None) -> dict[str, Any]:
    ids = {"ids": {"sku": sku}} if sku else {}
    return {"number": number, "quantity": quantity, "price": {"amount": amount}, **ids}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "blobs") as ledger:
        yield ledger


def put(
    tx: Connection, kind: str, said: Mapping[str, Any], state: State = State.SENT, direction: str = "out"
) -> str:
    """Stores the object as the pipeline does."""
    business = document(kind).from_json(json.dumps(said))
    row = documents.new(
        direction,
        kind[:3],
        NOON,
        state,
        partner="harbor",
        **keys_of(business),
        canonical=blobs.add_bytes(tx, business.to_json().encode()),
    )
    (id,) = documents.add_many(tx, [row])
    threads.add(tx, {id: orders_answered(business)})
    return id


def told(ledger: Ledger, *answers: tuple[Any, ...], order: Mapping[str, Any] | None = ORDER) -> Thread:
    def tell(tx: Connection) -> Thread:
        if order is not None:
            put(tx, "PurchaseOrder", order, State.DELIVERED, "in")
        for kind, said, *facts in answers:
            put(tx, kind, said, *facts)
        return thread(tx, Key("harbor", "4500017"))

    return ledger.commit_now(tell)


ACK, ASN, INV = "OrderAcknowledgment", "ShipNotice", "Invoice"
WHOLE = invoice("I1", billed("1", "10", "9.95"), billed("2", "4", "20"))


@pytest.mark.parametrize(
    ("answers", "differences"),
    [
        ([(ACK, acknowledgment("10", "4")), (ASN, notice("S1", "10", "4")), (INV, WHOLE)], []),
        ([(ACK, acknowledgment("8", "4"))], ["line 1: 8 each acknowledged, 10 each ordered"]),
        (
            [(ACK, acknowledgment("8", "4")), (ASN, notice("S1", "8", "4")), (INV, WHOLE)],
            [
                "line 1: 8 each acknowledged, 10 each ordered",
                "line 1: 10 each invoiced, 8 each shipped",
            ],
        ),
        ([(ASN, notice("S1", "6")), (ASN, notice("S2", "4"))], []),
        (
            [(ASN, notice("S1", "6", "5"))],
            ["line 1: 6 each shipped, 10 each ordered", "line 2: 5 case shipped, 4 case ordered"],
        ),
        (
            [(ASN, notice("S1", "10", "48", unit="each"))],
            ["line 2: 48 each shipped, in another unit than 4 case ordered"],
        ),
        (
            [(ACK, acknowledgment("10", "4", price="10.50"))],
            ["line 1: acknowledged at 10.50, ordered at 9.95"],
        ),
        (
            [(INV, invoice("I1", billed("1", "9", "10"), billed("7", "1", "2", "Z")))],
            [
                "line 1: 9 each invoiced, 10 each ordered",
                "line 1: invoiced at 10, ordered at 9.95",
                "line 7 was not ordered: 1 invoiced",
            ],
        ),
        ([(INV, WHOLE, State.HELD)], []),
        (
            [(INV, invoice("I1", billed("1", "9", "9.95")), State.DELIVERED, "in")],
            ["line 1: 9 each invoiced, 10 each ordered"],
        ),
        ([(INV, invoice("I1", billed("1", "9", "9.95")), State.DROPPED, "in")], []),
        ([(INV, invoice("I1", billed("1", "9", "9.95")), State.HELD, "in")], []),
        ([(ACK, acknowledgment("9", "4")), (ACK, acknowledgment("10", "4"))], []),
    ],
)
def test_what_differs_is_said_in_words(
    ledger: Ledger, answers: list[tuple[Any, ...]], differences: list[str]
) -> None:
    assert told(ledger, *answers).differences == differences


def test_money_is_summed_where_every_price_is_known(ledger: Ledger) -> None:
    found = told(ledger, (ACK, acknowledgment("10", "4")), (ASN, notice("S1", "10", "4")), (INV, WHOLE))
    assert {step: str(found.money(step)) for step in ("ordered", "acknowledged", "shipped", "invoiced")} == {
        "ordered": "179.50",
        "acknowledged": "179.50",
        "shipped": "None",
        "invoiced": "179.50",
    }


def test_what_was_never_said_is_listed_and_not_counted(ledger: Ledger) -> None:
    found = told(ledger, (ACK, acknowledgment("10", "4"), State.REFUSED), (INV, WHOLE, State.HELD))
    assert [row.type for row in found.answers] == ["Ord", "Inv"]
    assert found.counted == frozenset()
    assert [answer["counted"] for answer in found.as_dict()["answers"]] == [False, False]


def test_an_order_that_was_sent_again_counts_as_it_is_now(ledger: Ledger) -> None:
    changed = {**ORDER, "purpose": "change", "lines": [{**ORDER["lines"][0], "quantity": "8"}]}  # type: ignore[dict-item, index]

    def tell(tx: Connection) -> list[list[str]]:
        put(tx, "PurchaseOrder", ORDER, State.DELIVERED, "in")
        put(tx, ACK, acknowledgment("8"))
        before = thread(tx, Key("harbor", "4500017")).differences
        put(tx, "PurchaseOrder", changed, State.DELIVERED, "in")
        after = thread(tx, Key("harbor", "4500017")).differences
        put(tx, "PurchaseOrder", ORDER, State.DROPPED, "in")
        return [before, after, thread(tx, Key("harbor", "4500017")).differences]

    assert ledger.commit_now(tell) == [["line 1: 8 each acknowledged, 10 each ordered"], [], []]


def test_answers_to_an_order_that_is_not_there(ledger: Ledger) -> None:
    found = told(ledger, (ASN, notice("S1", "1")), order=None)
    assert (found.order, len(found.answers), found.lines) == (None, 1, ())


def test_orders_without_an_answer_are_no_thread_yet(ledger: Ledger) -> None:
    def tell(tx: Connection) -> tuple[list[Thread], list[Thread]]:
        order = put(tx, "PurchaseOrder", ORDER, State.DELIVERED, "in")
        alone = threads_of(tx, [order])
        return alone, threads_of(tx, [order, put(tx, ASN, notice("S1", "1"))])

    alone, answered = ledger.commit_now(tell)
    assert alone == []
    assert [one.key for one in answered] == [Key("harbor", "4500017")]


def test_the_thread_as_json(ledger: Ledger) -> None:
    said = told(ledger, (ACK, acknowledgment("8", "4"))).as_dict()
    assert json.loads(json.dumps(said)) == said
    assert said["lines"][0] == {
        "number": "1",
        "ids": {"sku": "A"},
        "ordered": {"quantity": "10", "unit": "each", "money": "99.50"},
        "acknowledged": {"quantity": "8", "unit": "each", "money": "79.60"},
        "agrees": False,
    }
    assert said["money"] == {"ordered": "179.50", "acknowledged": "159.60", "shipped": None, "invoiced": None}
    assert (said["cancelled"], said["total"], said["notes"]) == (None, None, [])


FREIGHT = {"charges": [{"kind": "charge", "service": "freight", "amount": "25.00"}], "total": "204.50"}


@pytest.mark.parametrize(
    ("invoices", "cell", "differences"),
    [
        ([WHOLE], "179.50", []),
        ([{**WHOLE, **FREIGHT}], "204.50 (lines 179.50)", []),
        (
            [{**WHOLE, "total": "179.51"}],
            "179.51 (lines 179.50)",
            ["Inv I1: total is 179.51, which comes to 179.50"],
        ),
        ([WHOLE, {**WHOLE, **FREIGHT}], "204.50 (lines 179.50)", []),
        (
            [{**WHOLE, "number": "I2", "purpose": "cancellation"}, WHOLE],
            "179.50",
            [],
        ),
        ([{**WHOLE, "kind": "credit memo", "total": "-179.50"}], "-179.50", None),
        (
            [
                invoice("I1", billed("1", "10", "9.95"), billed("2", "4", "20"), total="199.50")
                | {"lines": [*WHOLE["lines"], {**billed("1", "1", "20"), "order": {"number": "OTHER"}}]}
            ],
            "179.50",
            [],
        ),
    ],
)
def test_what_invoices_say_they_come_to(
    ledger: Ledger, invoices: list[dict[str, Any]], cell: str, differences: list[str] | None
) -> None:
    found = told(ledger, *((INV, one) for one in invoices))
    assert total_row(found)[-1] == cell
    assert differences is None or found.differences == differences


CANCELLED = {**ORDER, "purpose": "cancellation", "lines": []}


def cancelled(ledger: Ledger, *after: tuple[Any, ...], form: Mapping[str, Any] = CANCELLED) -> Thread:
    def tell(tx: Connection) -> Thread:
        put(tx, "PurchaseOrder", ORDER, State.DELIVERED, "in")
        put(tx, ASN, notice("S1", "10", "4"))
        put(tx, "PurchaseOrder", form, State.DELIVERED, "in")
        for kind, said in after:
            put(tx, kind, said)
        return thread(tx, Key("harbor", "4500017"))

    return ledger.commit_now(tell)


def test_an_order_that_was_cancelled_is_told_so_and_what_goes_on_with_it(ledger: Ledger) -> None:
    found = cancelled(ledger, (INV, WHOLE), (ACK, {**acknowledgment(), "verdict": "rejected"}))
    assert found.cancelled is not None
    assert found.as_dict()["cancelled"] == found.cancelled.id
    assert [str(line.ordered.quantity) for line in found.lines if line.ordered] == ["10", "4"]
    assert "Inv I1 answers it, though it was cancelled before" in found.differences
    assert not any(told.startswith("Ord") for told in found.differences)


def test_what_answered_before_and_what_replaces_are_no_difference(ledger: Ledger) -> None:
    assert cancelled(ledger).differences == []
    replaced = cancelled(ledger, (INV, WHOLE), form={**ORDER, "purpose": "replace"})
    assert (replaced.cancelled, replaced.differences) == (None, [])


def test_an_invoice_without_a_release_is_said_to_count_under_each(ledger: Ledger) -> None:
    def tell(tx: Connection) -> list[Thread]:
        for release in "AB":
            put(tx, "PurchaseOrder", {**ORDER, "release": release}, State.DELIVERED, "in")
        put(tx, INV, WHOLE)
        put(tx, INV, {**WHOLE, "number": "I2", "order": {**REF, "release": "A"}})
        return [thread(tx, Key("harbor", "4500017", release)) for release in "AB"]

    notes = [one.notes for one in ledger.commit_now(tell)]
    assert notes == [["Inv I1 names no release: it is counted under each, A, B"]] * 2


# -- through the gateway

BOTH_WAYS = SUPPLIER.replace("receive:\n", "  855: x12/004010/855\nreceive:\n") + "  855: x12/004010/855\n"
"""Acme buys from us and sells to us."""


def answers(desk: Desk) -> list[tuple[str, str, str]]:
    joined = select(table.c.type, answer.c.number, answer.c.release).join(answer)
    return [tuple(row) for row in desk.ask(lambda tx: tx.execute(joined).all())]


async def test_what_we_answer_is_known_from_the_moment_it_is_handed_over(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk({"profiles/acme.yaml": BOTH_WAYS})
    await desk.receive(one("4500017"))
    line = {"number": "1", "quantity": "5", "unit": "each", "responses": [{"action": "accepted"}]}
    said = {"verdict": "accepted", "purpose": "original", "order": {**REF, "ordered_on": "2026-03-01"}}
    await desk.hand_over(file({**said, "lines": [line]}), name="OrderAcknowledgment-1.json")
    assert answers(desk) == [("855", "4500017", "")]
    found = desk.ask(lambda tx: thread(tx, Key("acme", "4500017")))
    assert (found.order is not None, [row.state for row in found.answers]) == (True, ["sent"])
    assert found.differences == []


@pytest.mark.parametrize("quantity", ["5", "4"])
async def test_what_answers_us_is_known_when_it_arrives(
    open_desk: Callable[..., Desk], quantity: str
) -> None:
    desk = open_desk({"profiles/acme.yaml": BOTH_WAYS, "company.yaml": ALL})
    await desk.hand_over(file(po("P1")))
    body = ["BAK*00*AC*P1*20261120", f"PO1*1*{quantity}*EA*9.5**UP*012345678905", f"ACK*IA*{quantity}*EA"]
    await desk.receive(interchange(group(transaction_set("855", "0001", body), code="PR")))
    assert answers(desk) == [("855", "P1", "")]
    found = desk.ask(lambda tx: thread(tx, Key("acme", "P1")))
    differs = [] if quantity == "5" else ["line 1: 4 each acknowledged, 5 each ordered"]
    assert (len(found.answers), found.differences) == (1, differs)


async def test_an_answer_that_is_read_again_by_another_map_answers_what_it_says_then(
    open_desk: Callable[..., Desk],
) -> None:
    """Its map took the order's number from the wrong element; mended, and the document replayed."""
    wrong = (
        "map: acme/855\nextends: x12/004010/855\nguide: {BAK08: {required: true}}\n"
        "fields: {order: {number: BAK08}, number: BAK03}\n"
    )
    right = "map: acme/855\nextends: x12/004010/855\n"
    profile = BOTH_WAYS.replace("  855: x12/004010/855\n", "", 1).replace(
        "855: x12/004010/855", "855: acme/855"
    )
    desk = open_desk({"profiles/acme.yaml": profile, "maps/acme/855.yaml": wrong})
    body = ["BAK*00*AC*P1*20261120****S9", "PO1*1*5*EA*9.5**UP*012345678905", "ACK*IA*5*EA"]
    await desk.receive(interchange(group(transaction_set("855", "0001", body), code="PR")))
    assert answers(desk) == [("855", "S9", "")]
    desk.change({"profiles/acme.yaml": profile, "maps/acme/855.yaml": right})
    id = next(row.id for row in desk.documents if row.type == "855")
    desk.ledger.commit_now(lambda tx: documents.replay(tx, id, NOON))
    await desk.work()
    assert answers(desk) == [("855", "P1", "")]
