"""Which documents answer which order: by partner, number and release, found from either end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select

from gateway.ledger import State, documents, stories, threads
from gateway.ledger.tables import answer
from gateway.ledger.threads import Key, Ref

from .conftest import NOW

Do = Callable[..., Any]


def document(
    tx: Connection, direction: str, type: str, kind: str, number: str, *answers: Ref, **facts: Any
) -> str:
    row = documents.new(
        direction, type, NOW, State.RECEIVED, kind=kind, number=number, **{"partner": "acme", **facts}
    )
    (id,) = documents.add_many(tx, [row])
    threads.add(tx, {id: answers})
    return id


def tell(tx: Connection) -> dict[str, str]:
    """Two orders of one number by two partners, one in two releases, and what answers them."""
    of_bolt: dict[str, Any] = {"partner": "bolt"}
    handed: dict[str, Any] = {"partner": None}
    return {
        "order": document(tx, "in", "850", "PurchaseOrder", "P1"),
        "theirs": document(tx, "out", "850", "PurchaseOrder", "P1", **of_bolt),
        "release 1": document(tx, "in", "850", "PurchaseOrder", "P2", release="1"),
        "release 2": document(tx, "in", "850", "PurchaseOrder", "P2", release="2"),
        "acknowledged": document(tx, "out", "855", "OrderAcknowledgment", "P1", ("P1", "")),
        "bolt acknowledged": document(tx, "in", "855", "OrderAcknowledgment", "P1", ("P1", ""), **of_bolt),
        "shipped": document(tx, "out", "856", "ShipNotice", "S1", ("P1", ""), ("P2", "2")),
        "invoiced": document(tx, "out", "810", "Invoice", "I1", ("P2", "1")),
        "invoiced twice": document(tx, "out", "810", "Invoice", "I2", ("P2", "")),
        "handed over": document(tx, "out", "810", "Invoice", "I3", ("P1", ""), **handed),
    }


@pytest.fixture
def ids(do: Do) -> dict[str, str]:
    return do(tell)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("key", "orders", "answers"),
    [
        (Key("acme", "P1"), ["order"], ["acknowledged", "shipped", "handed over"]),
        (Key("bolt", "P1"), ["theirs"], ["bolt acknowledged", "handed over"]),
        (Key("acme", "P2"), ["release 1", "release 2"], ["shipped", "invoiced", "invoiced twice"]),
        (Key("acme", "P2", "2"), ["release 2"], ["shipped", "invoiced twice"]),
        (Key("acme", "P3"), [], []),
    ],
)
def test_what_is_and_answers_an_order(
    do: Do, ids: dict[str, str], key: Key, orders: list[str], answers: list[str]
):
    assert [row.id for row in do(threads.orders, key)] == [ids[name] for name in orders]
    assert [row.id for row in do(threads.answering, key)] == [ids[name] for name in answers]


@pytest.mark.parametrize(
    ("of", "keys"),
    [
        (["order"], [Key("acme", "P1")]),
        (["release 1"], [Key("acme", "P2", "1")]),
        (["shipped"], [Key("acme", "P1"), Key("acme", "P2", "2")]),
        (["order", "acknowledged", "theirs"], [Key("acme", "P1"), Key("bolt", "P1")]),
        (["handed over"], []),
        ([], []),
    ],
)
def test_the_orders_that_documents_are_or_answer(do: Do, ids: dict[str, str], of: list[str], keys: list[Key]):
    assert sorted(do(threads.keys, [ids[name] for name in of]), key=repr) == sorted(keys, key=repr)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("P1", ["order", "theirs", "acknowledged", "bolt acknowledged", "shipped", "handed over"]),
        ("I1", ["release 1", "invoiced", "invoiced twice"]),
        ("S1", ["order", "release 2", "acknowledged", "shipped", "invoiced twice", "handed over"]),
        ("I3", ["handed over"]),
    ],
)
def test_a_number_tells_the_thread_whoever_has_it(do: Do, ids: dict[str, str], key: str, told: list[str]):
    story = do(stories.trace, key)
    found = {row.id for row in story.documents}
    assert (story.found, {name for name, id in ids.items() if id in found}) >= ("number", set(told))
    assert found >= {ids[name] for name in told}
    assert [row.id for row in story.documents] == sorted(found)


def test_an_id_tells_only_its_own_story(do: Do, ids: dict[str, str]):
    story = do(stories.trace, ids["order"])
    assert [row.id for row in story.documents] == [ids["order"]]


def test_an_order_that_is_not_there_is_known_by_what_answers_it(do: Do):
    id = do(document, "out", "856", "ShipNotice", "S9", ("P9", ""))
    story = do(stories.trace, "P9")
    assert (story.found, [row.id for row in story.documents]) == ("number", [id])


def test_what_is_read_again_answers_what_it_says_then(do: Do, ids: dict[str, str]):
    do(threads.add, {ids["shipped"]: [("P1", "")]})
    assert rows(do, ids["shipped"]) == [("P1", ""), ("P2", "2")]
    do(threads.again, ids["shipped"], [("P7", "")])
    assert rows(do, ids["shipped"]) == [("P7", "")]


def rows(do: Do, id: str) -> list[tuple[str, str]]:
    found = do(lambda tx: tx.execute(select(answer).where(answer.c.document_id == id)).all())
    return [(row.number, row.release) for row in found]
