"""The stub ERP is a real one as far as it goes: durable, counting, and with no more to say than an ERP knows."""

from __future__ import annotations

import asyncio
import datetime as clock
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.canonical import PurchaseOrder, fitted
from gateway.rehearsal import sales
from gateway.rehearsal.erp import Book, Erp, Gateway, serving

ROOT = Path(__file__).parents[2]
ORDERS = [
    PurchaseOrder.model_validate(one)
    for path in sorted((ROOT / "sample_documents" / "harbor").glob("*/canonical.json"))
    for one in json.loads(path.read_text("utf-8"))
    if isinstance(one, dict) and "ordered_on" in one
]
NOW = clock.datetime(2026, 3, 3, 10, 30, tzinfo=clock.UTC)


def test_there_are_orders():
    assert len(ORDERS) >= 30


@pytest.mark.parametrize("kind", sales.ANSWERS)
def test_every_answer_fits_and_says_only_what_an_erp_knows(kind: str):
    for n, order in enumerate(ORDERS, 1):
        answer = sales.ANSWERS[kind](sales.sale(order, n, NOW))
        assert fitted(type(answer), answer.to_json()) == answer
        said = answer.model_dump(exclude_defaults=True)
        assert said.keys().isdisjoint(
            {"references", "buyer", "ship_to", "contacts", "other_parties", "notes"}
        )
        assert all(line.keys() <= KNOWN for line in lines_of(said))


KNOWN = {"number", "ids", "quantity", "unit", "price", "responses", "ordered"}


def lines_of(said: dict) -> list[dict]:
    packs = [pack for order in said.get("orders", ()) for pack in order["packs"]]
    return [line for part in (said, *packs) for line in part.get("lines", ())]


def test_an_invoice_adds_up():
    for order in ORDERS:
        invoice = sales.invoice(sales.sale(order, 1, NOW))
        sums = sum((line.quantity * line.price.amount for line in invoice.lines), Decimal(0))
        assert abs(invoice.total - sums) <= Decimal("0.005")


@pytest.mark.parametrize("n", [1, 2, 123456789])
def test_a_carton_has_an_sscc_of_its_own(n: int):
    (order,) = sales.ship_notice(sales.sale(ORDERS[0], n, NOW)).orders
    (code,) = order.packs[0].ssccs
    weighed = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(code)))
    assert (len(code), code[8:17], weighed % 10) == (18, f"{n:09d}", 0)


@asynccontextmanager
async def erp(store: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The program, as a person starts it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gateway.rehearsal.erp", "--port", "0", "--store", str(store)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process, json.loads(await process.stdout.readline())["erp"]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()


async def test_what_it_took_survives_a_kill_and_what_it_is_told_comes_to_pass(tmp_path: Path):
    order = {"content": b"{}", "headers": {"Gateway-Key": "harbor/1", "Gateway-Kind": "Invoice"}}
    async with httpx.AsyncClient() as client:
        async with erp(tmp_path / "erp.sqlite") as (process, url):
            turns = [
                {"do": "lose"},
                {"do": "down", "status": 503, "retry_after": "7"},
                {"do": "refuse", "body": "no"},
            ]
            assert (await client.post(f"{url}/rehearsal/turns", json=turns)).json() == {"turns": 3}
            with pytest.raises(httpx.HTTPError):
                await client.post(f"{url}/orders", **order)
            down, refused = [await client.post(f"{url}/orders", **order) for _ in range(2)]
            assert (down.status_code, down.headers["retry-after"]) == (503, "7")
            assert (refused.status_code, refused.text) == (422, "no")
            process.send_signal(signal.SIGKILL)
        async with erp(tmp_path / "erp.sqlite") as (_, url):
            assert (await client.post(f"{url}/orders", **order)).json()["data"]["id"] == "SO-00001"
            told = (await client.get(f"{url}/rehearsal")).json()
            assert told["objects"] == [{"kind": "Invoice", "key": "harbor/1", "effects": 1}]


class Together(Erp):
    """In the gateway's place: it answers a kind's first once as many of that kind are there as it has orders."""

    def application(self) -> Starlette:
        self.came: list[str] = []
        self.complete = {kind: asyncio.Event() for kind in sales.ANSWERS}
        return Starlette(routes=[Route("/internal/v1/canonical/{kind}", self._wait, methods=["POST"])])

    async def _wait(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        self.came.append(kind)
        if self.came.count(kind) == ORDERED:
            self.complete[kind].set()
        await self.complete[kind].wait()
        return Response("taken", 202)


ORDERED = 3


async def test_answers_are_given_side_by_side_and_those_to_one_order_in_their_order(tmp_path: Path):
    with closing(Book(tmp_path / "erp.sqlite", sales.ANSWERS)) as book, closing(Book(":memory:")) as other:
        plain = [order for order in ORDERS if sales.is_plain(order)][:ORDERED]
        for order in plain:
            book.take("PurchaseOrder", order.number, order.number, order.to_json().encode())
        gateway = Together(other)
        async with serving(gateway) as url, serving(Erp(book), gateway=Gateway(url, "token")):
            async with asyncio.timeout(60):
                while book.unsaid():  # noqa: ASYNC110 (the book tells nobody)
                    await asyncio.sleep(0.01)
        assert gateway.came == [kind for kind in sales.ANSWERS for _ in range(ORDERED)]
        assert [told for _, told in book.told] == ["202 taken"] * ORDERED * len(sales.ANSWERS)
