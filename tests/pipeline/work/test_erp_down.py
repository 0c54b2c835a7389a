"""An ERP over HTTP that is down for an hour of the desk's clock: orders wait as company.yaml says, and go through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from gateway.cli.asking import replayed
from gateway.connectors import rest
from gateway.pipeline.work.deliver import Doors
from gateway.rehearsal.erp import Book, Erp, serving

from ..desk import COMPANY, Desk
from ..documents import one

PATIENT = {"company.yaml": COMPANY.replace("[1m, 5m]", "[1m, 5m, 15m, 1h, 4h]")}
MANY = 10_000
ORDERS = [one(f"{n}", f"{n:09d}") for n in range(1, 6)]
FOREVER = [
    {"status": 503},
    {"status": 503, "retry_after": "1200"},
    {"status": 429, "retry_after": "60"},
    {"status": 500, "body": "<html>an error</html>"},
    {"status": 401},
    {"status": 403},
]


@asynccontextmanager
async def erp_of(desk: Desk, folder: Path) -> AsyncIterator[Erp]:
    """A real ERP behind the desk."""
    with closing(Book(folder / "erp.sqlite")) as book:
        erp = Erp(book)
        async with serving(erp) as url:
            settings = rest.Settings.model_validate({"url": url, "requests": {"*": {"path": "/orders"}}})
            connector = rest.connector(settings, folder)
            desk.worker.doors = Doors({"erp": connector}, {"acme.drop": desk.acme})
            try:
                yield erp
            finally:
                await connector.close()


async def pass_time(desk: Desk, minutes: int) -> None:
    for _ in range(minutes):
        desk.later(minutes=1)
        await desk.work()


def tries(erp: Erp) -> int:
    """Requests for each order so far, when all had as many."""
    counted = {told["gateway-key"] for told in erp.requests}
    return len(erp.requests) // len(counted)


@pytest.mark.parametrize("how", FOREVER, ids=str)
async def test_orders_wait_for_an_hour_and_go_through_after(
    open_desk: Callable[..., Desk], tmp_path: Path, how: dict[str, str]
):
    desk = open_desk(PATIENT)
    async with erp_of(desk, tmp_path) as erp:
        erp.next("down", MANY, **how)
        await desk.receive(*ORDERS)
        await pass_time(desk, 60)
        assert set(desk.states) == {"retrying"}
        assert tries(erp) == 4, (
            "at once, and after each wait: the declared one, or what the ERP asks for if longer"
        )
        assert erp.book.bodies == []
        erp.turns.clear()
        await pass_time(desk, 75)
        assert set(desk.states) == {"delivered"}
        assert sorted(erp.book.effects.values()) == [1] * len(ORDERS)


async def test_what_was_given_up_is_replayed_when_the_erp_is_back(
    open_desk: Callable[..., Desk], tmp_path: Path
):
    desk = open_desk()
    async with erp_of(desk, tmp_path) as erp:
        erp.next("down", MANY, status=503)
        await desk.receive(*ORDERS)
        await pass_time(desk, 60)
        assert set(desk.states) == {"dead"}
        assert tries(erp) == 3
        assert "still failing after 3 attempts" in str(desk.events("dead")) or "503" in str(
            desk.events("dead")
        )
        erp.turns.clear()
        for row in desk.documents:
            desk.ledger.commit_now(lambda tx, id=row.id: replayed(tx, id))
        await desk.work()
        assert set(desk.states) == {"delivered"}
        assert sorted(erp.book.effects.values()) == [1] * len(ORDERS)


async def test_answers_that_were_lost_for_an_hour_leave_one_effect(
    open_desk: Callable[..., Desk], tmp_path: Path
):
    desk = open_desk(PATIENT)
    async with erp_of(desk, tmp_path) as erp:
        erp.next("lose", MANY)
        await desk.receive(*ORDERS)
        await pass_time(desk, 60)
        assert set(desk.states) == {"retrying"}
        erp.turns.clear()
        await pass_time(desk, 60)
        assert set(desk.states) == {"delivered"}
        assert sorted(erp.book.effects.values()) == [1] * len(ORDERS)
        assert {one["idempotency-key"] for one in erp.requests} == {
            one["idempotency-key"] for one in erp.requests[-len(ORDERS) :]
        }, "a repeat has the key of the first"


async def test_one_order_that_the_erp_refuses_holds_up_no_other(desk: Desk, tmp_path: Path):
    async with erp_of(desk, tmp_path) as erp:
        erp.next("refuse", status=422, body='{"error": "no such item"}')
        await desk.receive(*ORDERS)
        assert sorted(desk.states) == ["dead", *["delivered"] * 4]
        assert "no such item" in str(desk.events("dead"))
