"""The API for the systems behind us: who may, what fits, what is said of the rest, and nothing is taken twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gateway.api.internal import KINDS, Internal
from gateway.api.tokens import speaker_of
from gateway.arrival import Arrival, Receipt
from gateway.canonical import DOCUMENTS, fitted
from gateway.errors import LedgerUnavailable, SetupError
from gateway.profiles.company import System

ANSWER = {"order": {"number": "4500017"}, "verdict": "detail and no change"}
BODY = json.dumps(ANSWER).encode()
TOKENS = {"secret:erp/a": "t0k3n-a", "secret:erp/b": "t0k3n-b", "secret:wms": "t0k3n-w", "secret:empty": ""}
SYSTEMS = {
    "erp": System(token=("secret:erp/a", "secret:erp/b")),
    "wms": System(token=("secret:wms",)),
    "old": System(token=("secret:gone", "secret:empty")),
}
MOST = 20_000


def resolve(reference: str) -> str:
    if reference not in TOKENS:
        raise SetupError(f"resolving {reference}: there is none")
    return TOKENS[reference]


@dataclass
class Ledger:
    """Keeps what it accepts in memory, as the ledger would on disk."""

    taken: list[Arrival] = field(default_factory=list)
    down: bool = False
    pause: float = 0.0

    async def accept(self, arrival: Arrival) -> Receipt:
        await asyncio.sleep(self.pause)
        if self.down:
            raise LedgerUnavailable("the disk is full")
        self.taken.append(arrival)
        return Receipt(f"arrival-{len(self.taken)}")

    async def earlier(self, channel: str, key: str) -> tuple[str, str] | None:
        for n, one in enumerate(self.taken, 1):
            if (one.channel, one.key) == (channel, key):
                return f"arrival-{n}", one.content.digest
        return None


@dataclass
class Program:
    """A system's program, and the API it speaks to."""

    ledger: Ledger
    client: httpx.AsyncClient

    async def post(
        self, kind: str = "OrderAcknowledgment", body: Any = BODY, **headers: str
    ) -> httpx.Response:
        sent = {"Authorization": "Bearer t0k3n-a", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"/internal/v1/canonical/{kind}", content=body, headers=sent)


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    ledger = Ledger()
    api = Internal(ledger.accept, lambda token: speaker_of(SYSTEMS, resolve, token), ledger.earlier, MOST)
    transport = httpx.ASGITransport(api.application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield Program(ledger, client)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert {"type", "title", "detail"} <= told.keys()
    return told


# -- what fits


async def test_a_document_is_answered_when_the_ledger_has_it(program: Program):
    answer = await program.post()
    assert answer.status_code == 202
    assert answer.json() == {"id": "arrival-1", "correlation": "arrival-1"}
    assert answer.headers["x-correlation-id"] == "arrival-1"
    (arrival,) = program.ledger.taken
    assert (arrival.channel, arrival.partner, arrival.protocol) == ("system.erp", None, "rest")
    assert arrival.name == f"OrderAcknowledgment-{arrival.content.digest[:12]}.json"
    assert arrival.content.data == BODY


async def test_every_business_object_is_taken_and_no_acknowledgment_of_an_envelope(program: Program):
    assert set(DOCUMENTS) - set(KINDS) == {"FunctionalAcknowledgment", "InterchangeAcknowledgment"}
    told = problem(await program.post("FunctionalAcknowledgment"), 404)
    assert told["detail"].startswith("no canonical object FunctionalAcknowledgment; ")
    assert problem(await program.post("Invioce"), 404)["detail"].endswith("did you mean Invoice?")


async def test_a_mark_before_the_json_is_passed_over(program: Program):
    """RFC 8259, 8.1: nobody is to send one, and whoever reads may pass over it."""
    marked = b"\xef\xbb\xbf" + BODY
    assert (await program.post(body=marked)).status_code == 202
    assert program.ledger.taken[0].content.data == marked


TYPES = [
    ("application/json", 202),
    ("application/json; charset=utf-8", 202),
    ("Application/JSON", 202),
    ("application/vnd.erp.ack+json", 202),
    ("text/plain", 415),
    ("application/x-www-form-urlencoded", 415),
    ("application/jsonp", 415),
    ("", 415),
]


@pytest.mark.parametrize(("said", "status"), TYPES)
async def test_the_type_of_the_body(program: Program, said: str, status: int):
    answer = await program.post(Content_Type=said)
    assert answer.status_code == status
    assert len(program.ledger.taken) == (status == 202)


async def test_a_packed_body_is_not_unpacked(program: Program):
    problem(await program.post(Content_Encoding="gzip"), 415)


FAULTY: list[tuple[bytes, list[tuple[str, str]]]] = [
    (b"", [("$", "unknown-format")]),
    (b"{", [("$", "unknown-format")]),
    (b"\xff", [("$", "unknown-format")]),
    (b"[]", [("$", "value")]),
    (b"null", [("$", "value")]),
    (b"{}", [("$.order", "field-missing")]),
    (b'{"order": {}, "colour": "red"}', [("$.colour", "field-unknown")]),
    (
        json.dumps({**ANSWER, "total": "much", "lines": [{"quantity": "1"}, {"quantity": "x", "qty": 1}]}).encode(),
        [("$.total", "value"), ("$.lines[1].quantity", "value"), ("$.lines[1].qty", "field-unknown")],
    ),
    (b'{"order": ' * 2000, [("$", "unknown-format")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "faults"), FAULTY)
async def test_every_fault_is_told_with_its_json_path(program: Program, body: bytes, faults: Any):
    told = problem(await program.post(body=body), 422)
    assert told["type"] == "urn:edi-gateway:problem:faulty-document"
    assert [(error["path"], error["code"]) for error in told["errors"]] == faults
    assert all(error["detail"] and error["hint"] for error in told["errors"])
    assert program.ledger.taken == []


async def test_of_very_many_faults_a_hundred_are_told(program: Program):
    for said in ({"lines": [1] * 1100}, {f"x{n}": n for n in range(1100)}):
        told = problem(await program.post(body=json.dumps({**ANSWER, **said}).encode()), 422)
        assert told["detail"].endswith(": 1,100 faults; the first 100 are told, not 1,000 more")
        assert len(told["errors"]) == 100


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 1000


@pytest.mark.parametrize("body", [b" " * (MOST + 1), pieces(30)])
async def test_what_is_too_large_is_not_read_to_its_end(program: Program, body: Any):
    told = problem(await program.post(body=body), 413)
    assert "GATEWAY_MAX_SET_BYTES" in told["detail"]


# -- who may

STRANGERS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    "Bearer t0k3n-",
    "Basic t0k3n-a",
    "t0k3n-a",
    "Bearer t0k3n-ä",
]


@pytest.mark.parametrize("shown", STRANGERS)
async def test_a_stranger_gets_nothing(program: Program, shown: str):
    answer = await program.client.post(
        "/internal/v1/canonical/Nothing", content=b"{", headers=[(b"Authorization", shown.encode())]
    )
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "t0k3n" not in answer.text


@pytest.mark.parametrize(("token", "channel"), [("t0k3n-a", "erp"), ("t0k3n-b", "erp"), ("t0k3n-w", "wms")])
async def test_a_token_speaks_for_its_system_and_both_do_while_one_replaces_the_other(
    program: Program, token: str, channel: str
):
    assert (await program.post(Authorization=f"Bearer {token}")).status_code == 202
    assert program.ledger.taken[0].channel == f"system.{channel}"


def test_a_token_that_two_systems_share_speaks_for_none():
    both = {name: System(token=("secret:erp/a",)) for name in ("erp", "wms")}
    assert speaker_of(both, resolve, "t0k3n-a") is None


# -- once


async def test_the_same_again_says_the_same_again(program: Program):
    for status in (202, 200, 200):
        answer = await program.post(Idempotency_Key="SO-7/1")
        assert (answer.status_code, answer.json()["id"]) == (status, "arrival-1")
    assert {one.key for one in program.ledger.taken} == {"OrderAcknowledgment SO-7/1"}
    assert {one.name for one in program.ledger.taken} == {"OrderAcknowledgment-SO-7-1.json"}


async def test_without_a_key_the_bytes_are_the_key(program: Program):
    first, second, other = [await program.post(body=body) for body in (BODY, BODY, BODY + b" ")]
    assert [one.status_code for one in (first, second, other)] == [202, 200, 202]
    assert first.json() == second.json() != other.json()


async def test_a_key_that_came_with_another_body_is_refused(program: Program):
    await program.post(Idempotency_Key="1")
    told = problem(await program.post(body=BODY + b" ", Idempotency_Key="1"), 422)
    assert told["type"] == "urn:edi-gateway:problem:key-reused"
    assert len(program.ledger.taken) == 1


async def test_two_bodies_that_race_under_one_key_are_not_both_taken(program: Program):
    program.ledger.pause = 0.02
    answers = await asyncio.gather(
        *(program.post(body=BODY + b" " * n, Idempotency_Key="1") for n in range(5))
    )
    assert sorted(one.status_code for one in answers) == [202, 422, 422, 422, 422]


async def test_keys_of_systems_and_of_objects_are_their_own(program: Program):
    invoice = json.dumps({"number": "1", "issued_on": "2026-03-01", "total": "1"}).encode()
    answers = [
        await program.post(Idempotency_Key="1"),
        await program.post(Idempotency_Key="1", Authorization="Bearer t0k3n-w"),
        await program.post("Invoice", invoice, Idempotency_Key="1"),
    ]
    assert [one.status_code for one in answers] == [202, 202, 202]


KEYS = [("", 400), ("x" * 256, 400), ("ü", 400), ("../../etc/passwd", 202), ("....", 202), ("x" * 255, 202)]


@pytest.mark.parametrize(("key", "status"), KEYS)
async def test_a_key_is_checked_and_its_arrival_has_a_name(program: Program, key: str, status: int):
    answer = await program.client.post(
        "/internal/v1/canonical/OrderAcknowledgment",
        content=BODY,
        headers=[
            (b"Authorization", b"Bearer t0k3n-a"),
            (b"Content-Type", b"application/json"),
            (b"Idempotency-Key", key.encode()),
        ],
    )
    assert answer.status_code == status
    for one in program.ledger.taken:
        assert one.name.startswith("OrderAcknowledgment-")
        assert "/" not in one.name
        assert len(one.name) < 150


# -- when it cannot be taken


async def test_what_cannot_be_stored_is_to_be_sent_again(program: Program):
    program.ledger.down = True
    answer = await program.post(Idempotency_Key="1")
    problem(answer, 503)
    assert answer.headers["retry-after"] == "5"
    assert "disk" not in answer.text
    program.ledger.down = False
    assert (await program.post(Idempotency_Key="1")).status_code == 202


async def test_other_paths_and_methods_are_problems_too(program: Program):
    problem(await program.client.get("/internal/v1/canonical/Invoice"), 405)
    problem(await program.client.get("/"), 404)


async def test_a_fault_of_ours_says_nothing_of_itself(program: Program, monkeypatch: pytest.MonkeyPatch):
    async def broken(channel: str, key: str) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(program.ledger, "earlier", broken)
    api = Internal(program.ledger.accept, lambda token: "erp", broken, MOST)
    transport = httpx.ASGITransport(api.application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await Program(program.ledger, client).post()
    problem(answer, 500)
    assert "secret detail" not in answer.text


# -- whatever is sent

WORDS = some.sampled_from(["number", "order", "lines", "total", "issued_on", "quantity", "ids", "x", ""])
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
BODIES = some.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=some.sampled_from(sorted(KINDS)), body=BODIES)
async def test_whatever_the_body_is_it_is_taken_whole_or_told_its_faults(
    program: Program, kind: str, body: bytes
):
    program.ledger.taken.clear()
    answer = await program.post(kind, body)
    assert answer.status_code in (202, 422)
    if answer.status_code == 202:
        assert [one.content.data for one in program.ledger.taken] == [body]
        assert not isinstance(fitted(KINDS[kind], body.decode()), list)
    else:
        assert program.ledger.taken == []
        assert all(error["path"].startswith("$") for error in problem(answer, 422)["errors"])
