"""An ERP for rehearsals: a small HTTP server with its own SQLite, that takes objects, answers orders, and misbehaves.

    python -m gateway.rehearsal.erp --port 8090 --store var/erp.sqlite

It takes any object at any path, one per `Gateway-Kind` and `Gateway-Key`, and counts how often each took effect. Told
so at `/rehearsal/turns`, it loses its next answers, is silent, slow, down, or says no. Told where the gateway is, it
answers every plain order it has taken with what an ERP knows of it, and goes on trying until the gateway has it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import secrets
import socket
import sqlite3
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote_plus

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.canonical import Part, PurchaseOrder
from gateway.connectors.files import file_name
from gateway.rehearsal import sales

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (kind, key)
);
CREATE TABLE IF NOT EXISTS effect (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS answer (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, body BLOB NOT NULL, told TEXT
);
"""
OTHER = "it is here with other content"
PAUSE = 0.2
"""Seconds between two tries to give an answer to the gateway."""
AT_ONCE = 8
"""Answers on their way to the gateway at the same time."""

# -- what it keeps


class Place(NamedTuple):
    """What came of an object: `new`, `known` (nothing changed), `replaced` or `other` (refused); and its number."""

    came: Literal["new", "known", "replaced", "other"]
    n: int


class Book:
    """What the ERP has, on disk before anybody is told so."""

    def __init__(self, path: Path | str, answers: Iterable[str] = ()) -> None:
        self._tables = sqlite3.connect(path)
        self._tables.execute("PRAGMA journal_mode=WAL")  # one wait for the disk at each commit, not three
        self._tables.executescript(SCHEMA)
        self._answers = tuple(answers)

    def take(self, kind: str, key: str, digest: str, body: bytes, supersedes: Iterable[str] = ()) -> Place:
        """One object, its effect and its answers, together. What is there gives way only to what supersedes it."""
        with self._tables as tx:
            found = tx.execute(
                "SELECT n, digest FROM object WHERE kind = ? AND key = ?", (kind, key)
            ).fetchone()
            if found and found[1] == digest:
                return Place("known", found[0])
            if found and found[1] not in set(supersedes):
                return Place("other", found[0])
            row = (found and found[0], kind, key, digest, body)
            n = tx.execute(
                "REPLACE INTO object (n, kind, key, digest, body) VALUES (?, ?, ?, ?, ?)", row
            ).lastrowid
            tx.execute("INSERT INTO effect (kind, key, digest) VALUES (?, ?, ?)", (kind, key, digest))
            if kind == "PurchaseOrder" and not found:
                self._answer(tx, n or 0, body)
        return Place("replaced" if found else "new", n or 0)

    def _answer(self, tx: sqlite3.Connection, n: int, body: bytes) -> None:
        order = PurchaseOrder.from_json(body) if self._answers else None
        if order is None or not sales.is_plain(order):
            return
        sale = sales.sale(order, n, datetime.now(UTC))
        rows = [(kind, sales.ANSWERS[kind](sale).to_json()) for kind in self._answers]
        tx.executemany("INSERT INTO answer (kind, body) VALUES (?, ?)", rows)

    def say(self, kind: str, business: Part) -> None:
        """Something it has for the gateway of its own accord, unless it had that before."""
        body = business.to_json()
        with self._tables as tx:
            if not tx.execute("SELECT 1 FROM answer WHERE kind = ? AND body = ?", (kind, body)).fetchone():
                tx.execute("INSERT INTO answer (kind, body) VALUES (?, ?)", (kind, body))

    def clear(self) -> None:
        with self._tables as tx:
            for table in ("object", "effect", "answer"):
                tx.execute(f"DELETE FROM {table}")  # noqa: S608 (a constant)

    # -- looking

    @property
    def bodies(self) -> list[bytes]:
        return [body for (body,) in self._tables.execute("SELECT body FROM object ORDER BY n")]

    @property
    def effects(self) -> Counter[tuple[str, str]]:
        """How often something took effect, by kind and key."""
        return Counter((kind, key) for kind, key in self._tables.execute("SELECT kind, key FROM effect"))

    def unsaid(self) -> list[tuple[int, str, str]]:
        """The answers that the gateway does not have yet."""
        found = self._tables.execute("SELECT n, kind, body FROM answer WHERE told IS NULL ORDER BY n")
        return [(n, kind, body) for n, kind, body in found]

    def said(self, n: int, what: str) -> None:
        with self._tables as tx:
            tx.execute("UPDATE answer SET told = ? WHERE n = ?", (what, n))

    @property
    def told(self) -> list[tuple[str, str]]:
        """Every answer's kind, and what the gateway said to it."""
        return [
            (kind, told) for kind, told in self._tables.execute("SELECT kind, told FROM answer ORDER BY n")
        ]

    def close(self) -> None:
        self._tables.close()


# -- how it behaves


@dataclass(frozen=True, slots=True)
class Turn:
    """What it does at one of the next requests.

    lose: takes the object, and breaks the connection without an answer. silent: takes it, and never answers.
    slow: waits `seconds`, then takes it. refuse: says no, with `status` and `body`. down: 5xx or 429, with Retry-After.
    """

    do: Literal["lose", "silent", "slow", "refuse", "down"]
    status: int = 0
    body: str = ""
    retry_after: str = ""
    seconds: float = 0.0


@dataclass
class Erp:
    """One such ERP. `keys` are the values one of which must stand in Authorization or X-Api-Key, if there are any."""

    book: Book
    keys: set[str] = field(default_factory=set)
    client: tuple[str, str] | None = None
    known: int = 200
    """The status of a repeat; systems that know no better say 409."""
    turns: deque[Turn] = field(default_factory=deque)
    requests: list[Mapping[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    shown: Path | None = None
    """A folder where what it has lies to be looked at, one file of JSON each."""
    server: uvicorn.Server | None = None
    ends: asyncio.Event = field(default_factory=asyncio.Event)

    def next(self, do: Any, times: int = 1, **how: Any) -> None:
        """The next requests are met like this."""
        self.turns.extend([Turn(do, **how)] * times)

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/rehearsal", self._show),
                Route("/rehearsal/turns", self._told, methods=["POST"]),
                Route("/token", self._token, methods=["POST"]),
                Route("/{path:path}", self._take, methods=["POST", "PUT", "PATCH"]),
            ]
        )

    # -- its own API

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append(dict(request.headers) | {":path": request.url.path, ":method": request.method})
        if not self._knows(request):
            return problem(401, "who are you?")
        turn = self.turns.popleft() if self.turns else Turn("slow")
        if turn.do == "refuse":
            return Response(turn.body, turn.status or 422, media_type="application/json")
        if turn.do == "down":
            headers = {"Retry-After": turn.retry_after} if turn.retry_after else {}
            return Response(turn.body, turn.status or 503, headers)
        await asyncio.sleep(turn.seconds)
        answer = self._taken(request.headers, body)
        if turn.do == "lose":
            self._break(request)
        if turn.do in ("lose", "silent"):
            await self._gone(request)
        return answer

    def _taken(self, headers: Mapping[str, str], body: bytes) -> Response:
        digest = hashlib.sha256(body).hexdigest()
        supersedes = [one.strip() for one in headers.get("gateway-supersedes", "").split(",")]
        key = headers.get("gateway-key") or headers.get("idempotency-key") or digest
        kind = headers.get("gateway-kind", "")
        place = self.book.take(kind, key, headers.get("gateway-digest", digest), body, supersedes)
        if self.shown is not None and place.came in ("new", "replaced"):
            self.shown.mkdir(parents=True, exist_ok=True)
            (self.shown / file_name(kind, key)).write_bytes(body)
        if place.came == "other":
            return problem(412, OTHER)
        status = {"new": 201, "known": self.known, "replaced": 200}[place.came]
        return JSONResponse({"data": {"id": f"SO-{place.n:05d}", "status": "open"}}, status)

    def _knows(self, request: Request) -> bool:
        shown = {request.headers.get(name, "") for name in ("authorization", "x-api-key")}
        allowed = self.keys | {f"Bearer {token}" for token in self.tokens}
        return not (self.keys or self.client) or bool(shown & allowed)

    async def _token(self, request: Request) -> Response:
        """OAuth 2.0 client credentials, by Basic authentication or in the form."""
        form = {key: str(value) for key, value in httpx.QueryParams((await request.body()).decode()).items()}
        shown = {basic_of(request), (form.get("client_id", ""), form.get("client_secret", ""))}
        if form.get("grant_type") != "client_credentials" or self.client not in shown:
            return JSONResponse({"error": "invalid_client"}, 401)
        token = secrets.token_urlsafe(16)
        self.tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    # -- rehearsing

    async def _show(self, request: Request) -> Response:
        effects = [{"kind": kind, "key": key, "effects": n} for (kind, key), n in self.book.effects.items()]
        answers = [{"kind": kind, "gateway": told} for kind, told in self.book.told]
        return JSONResponse({"objects": effects, "answers": answers, "turns": len(self.turns)})

    async def _told(self, request: Request) -> Response:
        """`[{"do": "down", "status": 503, "times": 2}]`"""
        for turn in await request.json():
            self.next(turn.pop("do"), turn.pop("times", 1), **turn)
        return JSONResponse({"turns": len(self.turns)})

    def _break(self, request: Request) -> None:
        """Ends the connection that the request came by, as a crash would."""
        for connection in list(self.server.server_state.connections) if self.server else ():
            transport: Any = getattr(connection, "transport", None)
            if transport and request.client and transport.get_extra_info("peername") == tuple(request.client):
                transport.abort()

    async def _gone(self, request: Request) -> None:
        """Returns once whoever asked has gone, or the ERP ends."""
        left = asyncio.ensure_future(request.receive())
        ended = asyncio.ensure_future(self.ends.wait())
        await asyncio.wait([left, ended], return_when=asyncio.FIRST_COMPLETED)
        for one in (left, ended):
            one.cancel()


def basic_of(request: Request) -> tuple[str, str]:
    """Client and secret of the Authorization header, which are encoded as in a form (RFC 6749, 2.3.1)."""
    try:
        told = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    except ValueError:
        return "", ""
    client, _, secret = told.partition(":")
    return unquote_plus(client), unquote_plus(secret)


def problem(status: int, why: str) -> Response:
    return JSONResponse({"title": why, "status": status}, status, media_type="application/problem+json")


# -- its answers


@dataclass(frozen=True)
class Gateway:
    """Where the gateway's internal API is, and how the ERP shows who it is."""

    url: str
    token: str = field(repr=False)


async def answer(book: Book, gateway: Gateway) -> None:
    """Gives the gateway every answer, again and again until it has it or says no; runs until it is cancelled.

    Several at once, but kind by kind, so that what answers one order comes in its order.
    """
    headers = {"Authorization": f"Bearer {gateway.token}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=gateway.url, headers=headers, trust_env=False) as client:
        free = asyncio.Semaphore(AT_ONCE)
        while True:
            waiting = book.unsaid()
            for kind in dict.fromkeys(kind for _, kind, _ in waiting):
                of_kind = [(n, body) for n, its, body in waiting if its == kind]
                await asyncio.gather(*(give(book, client, free, n, kind, body) for n, body in of_kind))
            await asyncio.sleep(PAUSE)


async def give(
    book: Book, client: httpx.AsyncClient, free: asyncio.Semaphore, n: int, kind: str, body: str
) -> None:
    """One try to give one answer, under a key that makes a second one harmless."""
    name = f"{n}-{hashlib.sha256(body.encode()).hexdigest()[:8]}"
    with suppress(httpx.HTTPError):
        async with free:
            reply = await client.post(
                f"/internal/v1/canonical/{kind}", content=body, headers={"Idempotency-Key": name}
            )
        if reply.status_code < 500 and reply.status_code != 429:
            book.said(n, f"{reply.status_code} {reply.text}"[:1000])


# -- running


@asynccontextmanager
async def serving(erp: Erp, port: int = 0, gateway: Gateway | None = None) -> AsyncIterator[str]:
    """The ERP at work, at the address given, for the length of a `with` block."""
    with closing(socket.create_server(("127.0.0.1", port))) as bound:
        config = uvicorn.Config(
            erp.application(),
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
            timeout_keep_alive=60,
        )
        erp.server = server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are the caller's
        works = [asyncio.create_task(server._serve([bound]))]
        if gateway is not None:
            works.append(asyncio.create_task(answer(erp.book, gateway)))
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            erp.ends.set()
            server.should_exit = True
            for work in works[1:]:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m gateway.rehearsal.erp", description="An ERP for rehearsals."
    )
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--store", default="var/erp.sqlite", help="its SQLite database")
    parser.add_argument("--gateway", help="the gateway's internal API; then every order is answered there")
    parser.add_argument("--token", default="GATEWAY_SECRET_ERP_API", help="the variable that holds its token")
    return parser.parse_args()


async def run(asked: argparse.Namespace) -> None:
    Path(asked.store).parent.mkdir(parents=True, exist_ok=True)
    gateway = Gateway(asked.gateway, os.environ.get(asked.token, "")) if asked.gateway else None
    book = Book(asked.store, sales.ANSWERS if gateway else ())
    with closing(book):
        async with serving(Erp(book), asked.port, gateway) as url:
            print(json.dumps({"erp": url, "shows": f"{url}/rehearsal"}), flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(run(arguments()))
