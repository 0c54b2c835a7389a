"""Hands objects to a system over HTTP, and says what came of it.

| answer | what it means |
|---|---|
| 2xx | the system has it |
| 409 | it was there already; of a change, that the earlier form is still there: refused |
| 412 | it is there with content nobody handed over under this key: refused |
| 408, 425, 429, 5xx, none in time | try again; `Retry-After` is honoured |
| any other | refused, with what the system said |

Every request carries what makes a repeat harmless: `Idempotency-Key` (kind, key and content), and for systems that
replace what they have, `Gateway-Key`, `Gateway-Digest` and, of a change, `Gateway-Supersedes`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from gateway.connectors import Resolve, Taken, no_secrets
from gateway.connectors.rest import shape
from gateway.connectors.rest.login import Headers, Login, login, unsaid
from gateway.connectors.rest.settings import Answer, Settings, Shape
from gateway.errors import Refused, SetupError, ShutOut, TransportError
from gateway.faultpoints import reach
from gateway.profiles.authentication import Oauth2
from gateway.templates import Template

LARGEST = 1 << 20
"""Bytes of an answer that are read; the rest is not waited for."""
KEPT = 4_000
"""Characters of a refusal that are kept for the operator."""
LONGEST_KEY = 200
IDLE = 2.0
"""Seconds that an idle connection is kept: less than servers do, most of which end it after five, often unseen."""
PATIENCE = 24 * 3600.0
"""Seconds that a system may ask us to wait, at most."""
AGAIN = frozenset({408, 425, 429})
SHUT_OUT = frozenset({401, 403, 407})
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Letter:
    """One request, all but who we are."""

    what: str
    method: str
    url: str
    headers: Headers
    body: bytes
    answer: Answer
    change: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, with no secret of ours in it."""

    status: int
    headers: Mapping[str, str]
    text: str

    def __str__(self) -> str:
        known = {status.value: status.phrase for status in HTTPStatus}
        return f"{self.status} {known.get(self.status, '')}".strip()


class Line:
    """The connections to one system, kept between requests. `close` lets what is in hand finish."""

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._make = make
        self._client: httpx.AsyncClient | None = None
        self._users, self._leaving = 0, False

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        self._client = self._client or self._make()
        self._users += 1
        try:
            yield self._client
        finally:
            self._users -= 1
            if self._leaving:
                await self.close()

    async def close(self) -> None:
        self._leaving = True
        if not self._users and self._client is not None:
            client, self._client = self._client, None
            await client.aclose()


class Rest:
    """The connector of one such system."""

    def __init__(
        self,
        settings: Settings,
        resolve: Resolve = no_secrets,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._resolve = settings, resolve
        self._line = Line(self._connections)
        self._login: Login = login(settings.auth, resolve, self._fetch_token, clock)

    async def deliver(
        self, key: str, kind: str, document: bytes, correlation: str, supersedes: Collection[str] = ()
    ) -> Taken:
        """Returns when the system has it, with what it calls it."""
        letter = self._letter(key, kind, document, correlation, supersedes)
        reach("rest.before_request")
        reply = await self._exchanged(letter)
        reach("rest.after_answer")
        return settled(letter, reply)

    async def close(self) -> None:
        await self._line.close()

    # -- the request

    def _letter(
        self, key: str, kind: str, document: bytes, correlation: str, supersedes: Collection[str]
    ) -> Letter:
        url = self._settings.where(self._resolve)
        declared = self._settings.request(kind)
        if declared is None:
            raise SetupError(f"handing {kind} {key} to {url}: requests: has no {kind}; add it, or *")
        digest = hashlib.sha256(document).hexdigest()
        earlier = sorted({*supersedes} - {digest})
        chosen = declared.change if earlier and declared.change else declared
        said = json.loads(document)
        facts = {
            "key": key,
            "type": kind,
            "correlation": correlation,
            "idempotency_key": idempotency_key(kind, key, document),
            "document": said,
        }
        values = {**facts, **(said if isinstance(said, Mapping) else {})}
        own = {name: Template(text).render(values) for name, text in chosen.headers.items()}
        headers = {**told(facts, digest, earlier), **own}
        return Letter(
            f"handing {kind} {key} to {url}",
            chosen.method,
            url.rstrip("/") + shape.path(chosen.path, values),
            {name: shape.header(name, text) for name, text in headers.items()},
            body_of(chosen, document, said, facts),
            chosen.answer,
            change=bool(earlier),
        )

    # -- the exchange

    async def _exchanged(self, letter: Letter) -> Reply:
        """The system's answer; after a 401 once more, where another proof may do better."""
        proof = await self._login.proof()
        reply = await self._asked(letter, proof.headers, proof.secrets)
        if reply.status == HTTPStatus.UNAUTHORIZED and self._login.rejected(proof):
            proof = await self._login.proof()
            reply = await self._asked(letter, proof.headers, proof.secrets)
        return reply

    async def _asked(self, letter: Letter, proof: Headers, secrets: tuple[str, ...]) -> Reply:
        """One request and its answer. Raises TransportError; never a word of what was sent."""
        patience = self._settings.timeout.total_seconds()
        try:
            async with asyncio.timeout(patience), self._line.client() as client:
                headers = {**letter.headers, **proof}
                asked = client.build_request(letter.method, letter.url, headers=headers, content=letter.body)
                answer = await client.send(asked, stream=True)
                try:
                    text = (await first(answer)).decode("utf-8", "replace")
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise TransportError(f"{letter.what}: no answer within {patience:g} s") from None
        except httpx.HTTPError as error:
            raise TransportError(f"{letter.what}: {lost(error)}") from None
        except (httpx.InvalidURL, ValueError) as error:
            raise SetupError(
                f"{letter.what}: no request can be made of it ({type(error).__name__})"
            ) from None
        return Reply(answer.status_code, dict(answer.headers), unsaid(text, secrets))

    async def _fetch_token(
        self, auth: Oauth2, headers: Headers, form: Mapping[str, str], secrets: tuple[str, ...]
    ) -> str:
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": JSON, **headers}
        what = f"fetching a token from {auth.token_url.partition('?')[0]}"
        letter = Letter(what, "POST", auth.token_url, sent, urlencode(form).encode(), Answer())
        reply = await self._asked(letter, {}, secrets)
        try:
            raise_unless_good(letter, reply)
        except (
            Refused
        ) as error:  # whatever its words, of no document: RFC 6749 has a wrong client as 400 or 401
            raise ShutOut(str(error), error.body) from None
        return reply.text

    def _connections(self) -> httpx.AsyncClient:
        """Redirects are not followed, proxies of the environment not used: the address is the one declared."""
        return httpx.AsyncClient(
            verify=self._trust(),
            timeout=self._settings.timeout.total_seconds(),
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(keepalive_expiry=IDLE),
        )

    def _trust(self) -> ssl.SSLContext:
        named = self._settings.certificates
        if named is None:
            return public_authorities()
        try:
            return ssl.create_default_context(cadata=self._resolve(named))
        except (ssl.SSLError, ValueError) as error:
            raise SetupError(f"trusting {named}: no certificates in it ({error})") from None


def told(facts: Mapping[str, str], digest: str, earlier: Collection[str]) -> dict[str, str]:
    """The headers of every request: what it is about, and what makes a repeat harmless."""
    return {
        "Content-Type": JSON,
        "Accept": JSON,
        "Accept-Encoding": "identity",
        "User-Agent": "edi-gateway",
        "Idempotency-Key": facts["idempotency_key"],
        "X-Correlation-ID": facts["correlation"],
        "Gateway-Key": in_a_header(facts["key"]),
        "Gateway-Kind": facts["type"],
        "Gateway-Digest": digest,
        **({"Gateway-Supersedes": ", ".join(earlier)} if earlier else {}),
    }


@cache
def public_authorities() -> ssl.SSLContext:
    """Read once: it takes as long as many requests."""
    return httpx.create_ssl_context(trust_env=False)


def idempotency_key(kind: str, key: str, document: bytes) -> str:
    """The same for the same kind, key and content, and for nothing else; readable as far as there is room."""
    told = json.dumps([kind, key, hashlib.sha256(document).hexdigest()])
    digest = hashlib.sha256(told.encode()).hexdigest()[:32]
    return f"{in_a_header(f'{kind}/{key}')[:LONGEST_KEY]}/{digest}"


def in_a_header(key: str) -> str:
    """A document's key, whose parts have `/` and `%` escaped already; so is now all else that a header cannot hold."""
    return quote(key, safe="/%")


def body_of(declared: Shape, document: bytes, said: Any, facts: Mapping[str, Any]) -> bytes:
    """The object as it is, or what was chosen of it."""
    if declared.body is None:
        return document
    found = shape.compose(declared.body, said, facts)
    return json.dumps(found or {}, ensure_ascii=False).encode()


async def first(answer: httpx.Response) -> bytes:
    """The answer's first bytes; whatever is larger is not read to its end."""
    found = bytearray()
    async for chunk in answer.aiter_raw():
        found += chunk
        if len(found) >= LARGEST:
            break
    return bytes(found[:LARGEST])


def lost(error: httpx.HTTPError) -> str:
    """Why there was no answer; only errors of the network are quoted, for others repeat what was sent."""
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    told = str(error) if isinstance(error, httpx.NetworkError) else ""
    return told or f"the connection broke ({type(error).__name__})"


# -- what came of it


def settled(letter: Letter, reply: Reply) -> Taken:
    """What the system has, and calls it. Raises TransportError or Refused."""
    if reply.status == HTTPStatus.CONFLICT and not letter.change:
        return Taken(status="it was there already", **number_in(letter, reply))
    raise_unless_good(letter, reply)
    answer, told = letter.answer, parsed(reply.text)
    status = plain(shape.at(answer.status, told)) if answer.status else None
    if answer.good and status not in answer.good:
        raise Refused(
            f"{letter.what}: answered {reply}, but says {status or 'nothing of how it is'}", kept(reply)
        )
    return Taken(status=status, **number_in(letter, reply))


def number_in(letter: Letter, reply: Reply) -> dict[str, str | None]:
    place = letter.answer.number
    return {"number": plain(shape.at(place, parsed(reply.text))) if place else None}


def raise_unless_good(letter: Letter, reply: Reply) -> None:
    if 200 <= reply.status < 300:
        return
    if reply.status >= 500 or reply.status in AGAIN:
        wait = retry_after(reply.headers.get("retry-after", ""), datetime.now(UTC))
        raise TransportError(f"{letter.what}: answered {reply}{quoted(reply)}", wait)
    if reply.status in SHUT_OUT:
        raise ShutOut(
            f"{letter.what}: answered {reply}{quoted(reply)}; see auth: and its secret",
            kept(reply),
        )
    if reply.status == HTTPStatus.PRECONDITION_FAILED:
        why = "it is there with other content than was delivered before"
    elif 300 <= reply.status < 400:
        why = "it redirects, which is not followed; correct url: and path:"
    elif reply.status == HTTPStatus.CONFLICT:
        why = "it is there already, and the change was not taken"
    else:
        why = ""
    raise Refused(f"{letter.what}: answered {reply}{f'; {why}' if why else quoted(reply)}", kept(reply))


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds, as a number or until a date (RFC 9110, 10.2.3); never more than a day, None for anything else."""
    text = text.strip()
    try:
        seconds = (
            float(int(text)) if text.isdecimal() else (parsedate_to_datetime(text) - now).total_seconds()
        )
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), PATIENCE)


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def plain(found: Any) -> str | None:
    """A number or a word of an answer, as text that fits a line."""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    return legible(str(found))[:100] or None


def legible(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def quoted(reply: Reply) -> str:
    """The beginning of what was said, on one line."""
    said = legible(reply.text)
    return f": {said[:200]}{'...' if len(said) > 200 else ''}" if said else ""


def kept(reply: Reply) -> str:
    return reply.text[:KEPT].replace("\0", "")
