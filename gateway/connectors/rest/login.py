"""Who we are to a system, as headers of one request. Secrets are asked for when they are used, and kept nowhere.

A token of OAuth 2.0 (RFC 6749, client credentials) is kept until shortly before it ends; whoever is turned away with
one has the next fetched anew.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote_plus

from gateway.connectors import Resolve
from gateway.connectors.rest.shape import at, header
from gateway.errors import ShutOut
from gateway.profiles.authentication import Authentication, Oauth2

AHEAD = 30.0
"""Seconds before its end at which a token is no longer used; of a short-lived one a tenth of its life."""
WITHOUT_END = 300.0
"""How long a token is used whose server does not say when it ends."""

Headers = Mapping[str, str]
Fetch = Callable[[Oauth2, Headers, Mapping[str, str], tuple[str, ...]], Awaitable[str]]
"""Asks the token's server with these headers and this form; its answer, in which none of the secrets stands.

Raises TransportError or ShutOut.
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """The headers that prove it, and the secrets in them, which nothing that is kept may repeat."""

    headers: Headers
    secrets: tuple[str, ...] = ()


class Login(Protocol):
    async def proof(self) -> Proof: ...

    def rejected(self, proof: Proof) -> bool:
        """The system turned this proof away; whether another may do better."""


class Standing:
    """A token, a password or a key that does not change by itself."""

    def __init__(self, auth: Authentication, resolve: Resolve) -> None:
        self._auth, self._resolve = auth, resolve

    async def proof(self) -> Proof:
        auth, resolve = self._auth, self._resolve
        if auth.bearer:
            token = resolve(auth.bearer)
            return proved({"Authorization": f"Bearer {token}"}, token)
        if auth.basic:
            password = resolve(auth.basic.password)
            return proved({"Authorization": basic(auth.basic.user, password)}, password)
        keys = {name: resolve(reference) for name, reference in auth.header.items()}
        return proved(keys, *keys.values())

    def rejected(self, proof: Proof) -> bool:
        return False


class Tokens:
    """Tokens fetched with client credentials, one at a time."""

    def __init__(self, auth: Oauth2, resolve: Resolve, fetch: Fetch, clock: Callable[[], float]) -> None:
        self._auth, self._resolve, self._fetch, self._clock = auth, resolve, fetch, clock
        self._one = asyncio.Lock()
        self._proof: Proof | None = None
        self._until = 0.0

    async def proof(self) -> Proof:
        async with self._one:
            if self._proof is None or self._clock() >= self._until:
                self._proof = await self._new()
            return self._proof

    def rejected(self, proof: Proof) -> bool:
        if self._proof is proof:
            self._proof = None
        return True

    async def _new(self) -> Proof:
        auth, secret = self._auth, self._resolve(self._auth.secret)
        headers, form = asking(auth, secret)
        asked = self._clock()
        token, life = granted(await self._fetch(auth, headers, form, spelled(secret, headers)))
        self._until = asked + life - min(AHEAD, life / 10)
        return proved({"Authorization": f"Bearer {token}"}, token, secret)


def login(auth: Authentication, resolve: Resolve, fetch: Fetch, clock: Callable[[], float]) -> Login:
    return Tokens(auth.oauth2, resolve, fetch, clock) if auth.oauth2 else Standing(auth, resolve)


def asking(auth: Oauth2, secret: str) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the form that ask for a token."""
    form = {"grant_type": "client_credentials"} | ({"scope": auth.scope} if auth.scope else {})
    if auth.send == "body":
        return {}, form | {"client_id": auth.client, "client_secret": secret}
    # RFC 6749, 2.3.1: both are encoded as in a form before they are joined
    return {"Authorization": basic(quote_plus(auth.client), quote_plus(secret))}, form


def proved(headers: Headers, *secrets: str) -> Proof:
    """Raises SetupError, without the secret, where a header cannot hold it."""
    checked = {name: header(name, text) for name, text in headers.items()}
    return Proof(checked, tuple(found for one in secrets or ("",) for found in spelled(one, checked)))


def spelled(secret: str, headers: Headers) -> tuple[str, ...]:
    """The secret in every way it is sent."""
    sent = (text.rpartition(" ")[2] for text in headers.values())
    return tuple(dict.fromkeys(filter(None, (secret, quote_plus(secret), *sent))))


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def granted(answer: str) -> tuple[str, float]:
    """The token in the answer, and the seconds it lives."""
    try:
        told = json.loads(answer)
    except ValueError:
        told = None
    token, life = at("access_token", told), at("expires_in", told)
    if not isinstance(token, str) or not token:
        raise ShutOut("fetching a token: the answer holds no access_token")
    try:
        return token, max(float(life), 0.0) if life is not None else WITHOUT_END
    except (TypeError, ValueError):
        return token, WITHOUT_END


def unsaid(text: str, secrets: tuple[str, ...]) -> str:
    """The text without any of the secrets, for whatever is kept or shown."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    return text
