"""What the systems behind us say to us: `POST /internal/v1/canonical/{type}` takes one business object as JSON.

It is answered when the ledger has it. Asked again with the same `Idempotency-Key` (or, without one, with the same
bytes) it says the same again, and nothing happens twice.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.api.problems import MOST, Problem, tell
from gateway.arrival import Accept, Arrival, Content
from gateway.canonical import DOCUMENTS, fitted
from gateway.errors import LedgerUnavailable
from gateway.faults import Code, Fault, Place
from gateway.marked_yaml import close
from gateway.profiles.senders import OF_A_SYSTEM

OURS = frozenset({"FunctionalAcknowledgment", "InterchangeAcknowledgment"})
KINDS = {name: kind for name, kind in DOCUMENTS.items() if name not in OURS}
"""The objects a system may give us; acknowledgments of interchanges and groups are our own business."""

JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)
KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
LARGE = 256 << 10
"""Bytes from which an object is looked at in a thread."""
PATIENCE = 60.0
"""Seconds in which a request must have been sent."""
SOON = {"Retry-After": "5"}

Speaker = Callable[[str], str | None]
"""The system that a token speaks for."""

Earlier = Callable[[str, str], Awaitable[tuple[str, str] | None]]
"""The first arrival by this channel under this transport key: its id, and the digest of its bytes."""


class Internal:
    """The API. Its systems are known by their tokens; objects of more than `most` bytes are refused."""

    def __init__(self, accept: Accept, speaker: Speaker, earlier: Earlier, most: int) -> None:
        self._accept, self._speaker, self._earlier, self._most = accept, speaker, earlier, most
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        for kind in KINDS.values():  # in one thread, before several need them at once
            kind.model_rebuild()

    def application(self) -> Starlette:
        return Starlette(
            routes=[Route("/internal/v1/canonical/{type}", self._take, methods=["POST"])],
            exception_handlers={Problem: tell, HTTPException: tell, Exception: tell},
        )

    async def _take(self, request: Request) -> Response:
        channel = f"{OF_A_SYSTEM}{self._system(request)}"
        kind = known(request.path_params["type"])
        data = await self._body(request)
        await judge(kind, data)
        content = Content.of_bytes(data)
        key, name = keys(kind, request, content)
        async with self._turn(channel, key):
            return await self._stored(channel, key, name, content)

    def _system(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        system = self._speaker(token.strip()) if scheme.lower() == "bearer" else None
        if system is None:
            why = "show a token of a system in company.yaml: Authorization: Bearer ..."
            raise Problem(401, why, headers={"WWW-Authenticate": 'Bearer realm="internal"'})
        return system

    async def _body(self, request: Request) -> bytes:
        """The whole body. Raises Problem as soon as it is too much, too slow, or no JSON."""
        said = request.headers.get("content-type", "")
        if not JSON.fullmatch(said.partition(";")[0].strip()):
            raise Problem(415, f"send application/json, not {said or 'a body without a type'}")
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Problem(415, "send the body without a Content-Encoding")
        stated = request.headers.get("content-length", "")
        if stated.isdecimal() and int(stated) > self._most:
            raise self._too_large()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._read(request)
        except TimeoutError:
            raise Problem(408, f"the body did not come within {PATIENCE:g} s") from None

    async def _read(self, request: Request) -> bytes:
        found = bytearray()
        async for chunk in request.stream():
            found += chunk
            if len(found) > self._most:
                raise self._too_large()
        return bytes(found)

    def _too_large(self) -> Problem:
        why = f"an object may have {self._most} bytes, see GATEWAY_MAX_SET_BYTES"
        return Problem(413, why, headers={"Connection": "close"})

    @asynccontextmanager
    async def _turn(self, channel: str, key: str) -> AsyncIterator[None]:
        """One request at a time under each key, so that the second sees the first."""
        turn = self._turns.setdefault((channel, key), asyncio.Lock())
        async with turn:
            yield

    async def _stored(self, channel: str, key: str, name: str, content: Content) -> Response:
        arrival = Arrival(channel, None, "rest", name, key, content, datetime.now(UTC))
        try:
            earlier = await self._earlier(channel, key)
            if earlier and earlier[1] != content.digest:
                raise Problem(422, "this Idempotency-Key came with another body before", "key-reused")
            receipt = await self._accept(arrival)
        except LedgerUnavailable:
            raise Problem(503, "it could not be stored; send it again", headers=SOON) from None
        id = earlier[0] if earlier else receipt.arrival_id
        return JSONResponse({"id": id, "correlation": id}, 200 if earlier else 202, {"X-Correlation-ID": id})


def known(kind: str) -> str:
    if kind not in KINDS:
        raise Problem(404, f"no canonical object {kind}; {close(kind, KINDS)}")
    return kind


async def judge(kind: str, data: bytes) -> None:
    """Raises Problem with every fault of the object."""
    large = len(data) > LARGE
    faults = await asyncio.to_thread(faults_in, kind, data) if large else faults_in(kind, data)
    if faults:
        counted = "1 fault" if len(faults) == 1 else f"{len(faults):,} faults"
        counted += (
            f"; the first {MOST} are told, not {len(faults) - MOST:,} more" if len(faults) > MOST else ""
        )
        raise Problem(422, f"this is no {kind}: {counted}", "faulty-document", faults)


def faults_in(kind: str, data: bytes) -> list[Fault]:
    try:
        found = fitted(KINDS[kind], data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        where = f"UTF-8 (byte {error.start} is none)"
        return [Fault(Code.UNKNOWN_FORMAT, Place(field="$"), expected=where, hint="send JSON in UTF-8")]
    return found if isinstance(found, list) else []


def keys(kind: str, request: Request, content: Content) -> tuple[str, str]:
    """The transport key, and the name of the arrival: both by what the system calls it, else by its bytes."""
    stated = request.headers.get("idempotency-key")
    if stated is None:
        return f"{kind} {content.digest}", f"{kind}-{content.digest[:12]}.json"
    if not KEY.fullmatch(stated):
        raise Problem(400, "an Idempotency-Key has 1 to 255 characters of ASCII")
    return (
        f"{kind} {stated}",
        f"{kind}-{re.sub(r'[^A-Za-z0-9._]+', '-', stated)[:100].strip('-.') or 'key'}.json",
    )
