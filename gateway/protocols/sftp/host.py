"""The way to one SFTP host: its pinned key, our login, the algorithms it needs, one connection used again and again.

Secrets are asked for whenever the host is used and kept nowhere else. Where one has changed we log in anew, so that one
put right serves at once, and a wrong one is noticed before the connection is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import asyncssh
import structlog

from gateway.errors import GatewayError, Refused, SetupError, ShutOut, TransportError, Unreachable
from gateway.protocols.ciphers import ANY
from gateway.protocols.ports import Channel
from gateway.protocols.sftp.settings import Settings

log = structlog.get_logger()

KNOCK_AGAIN = 60.0
"""Seconds for which who was turned away does not knock again with the same secrets: hosts lock out who does."""

# a server shows one key of several: when it is not the pinned one, each kind is asked for in turn
FAMILIES: tuple[tuple[str, ...], ...] = (
    (),
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)

# `legacy` is an exact list: the names of one kind replace our own of that kind
KINDS = (
    (r"(ssh-(rsa|dss|ed25519|ed448)|rsa-sha2-.*|ecdsa-sha2-.*)", ("server_host_key_algs", "signature_algs")),
    (r"(diffie-hellman-.*|ecdh-.*|curve(25519|448)-.*|rsa(1024|2048)-sha.*)", ("kex_algs",)),
    (r"(hmac-.*|umac-.*)", ("mac_algs",)),
    (r"(.*-(cbc|ctr)|aes.*gcm.*|arcfour.*|chacha20-.*)", ("encryption_algs",)),
)

LOST = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError, OSError, EOFError)
SAID_NO = (
    asyncssh.SFTPPermissionDenied,
    asyncssh.SFTPNoSuchFile,
    asyncssh.SFTPNoSuchPath,
    asyncssh.SFTPOpUnsupported,
)


def algorithms(legacy: tuple[str, ...]) -> dict[str, list[str]]:
    """asyncssh's options for these names. Raises SetupError for a name of no kind."""
    options: dict[str, list[str]] = {}
    for name in legacy:
        kinds = [options_of for pattern, options_of in KINDS if re.fullmatch(pattern, name)]
        if not kinds:
            raise SetupError(f"legacy: {name!r} is no SSH algorithm; write its name as `ssh -v` shows it")
        for option in kinds[0]:
            options.setdefault(option, []).append(name)
    return options


@contextlib.contextmanager
def spoken(what: str, lost: type[TransportError] = TransportError) -> Iterator[None]:
    """Turns what SSH and SFTP raise into who has to act: `lost` or Refused."""
    try:
        yield
    except GatewayError:
        raise
    except asyncssh.PermissionDenied as error:
        raise ShutOut(f"{what}: the login was refused; check user, key and password", error.reason) from None
    except asyncssh.KeyExchangeFailed as error:
        raise ShutOut(f"{what}: no common algorithm; name the host's under `legacy`", error.reason) from None
    except SAID_NO as error:
        raise Refused(f"{what}: {error.reason}") from error
    except TimeoutError:
        raise lost(f"{what}: no answer in time") from None
    except asyncssh.Error as error:
        raise lost(f"{what}: {error.reason}") from error
    except (OSError, EOFError) as error:
        raise lost(f"{what}: {getattr(error, 'strerror', None) or 'the connection was lost'}") from error


class Client(asyncssh.SSHClient):
    """Believes only the pinned host keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key.get_fingerprint()
        return self._settings.trusts(self.shown)


Secrets = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Why nobody let us in, with which secrets (a hash of them), and when."""

    brought: int
    at: float
    error: ShutOut

    def holds(self, brought: int, now: float) -> bool:
        return brought == self.brought and now - self.at < KNOCK_AGAIN


class Host:
    """One host and our login there. `session` gives the SFTP session, opened when there is none that lives."""

    def __init__(self, channel: Channel, settings: Settings) -> None:
        self._channel, self._settings = channel, settings
        self._algorithms: dict[str, list[str]] = {"encryption_algs": list(ANY)} | algorithms(settings.legacy)
        self._brought = 0
        self._turned_away: TurnedAway | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None
        self._turn = asyncio.Lock()
        self._leaving = False
        self.timeout = settings.timeout

    @property
    def name(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _secrets(self) -> Secrets:
        """What the references lead to now. Raises SetupError where one leads nowhere."""
        settings, resolve = self._settings, self._channel.resolve
        named = {"key": settings.key, "passphrase": settings.passphrase, "password": settings.password}
        return {name: resolve(reference) if reference else None for name, reference in named.items()}

    def _options(self, secrets: Secrets) -> dict[str, Any]:
        """asyncssh's for one login.

        `legacy: [ssh-rsa]` is about their key; our own, when it is of another kind, signs as it always does.
        """
        options: dict[str, Any] = {"password": secrets["password"], "client_keys": None} | self._algorithms
        if (text := secrets["key"]) is None:
            return options
        try:
            key = asyncssh.import_private_key(text.strip() + "\n", secrets["passphrase"])
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            raise SetupError(
                f"{self._channel.name}: {self._settings.key} holds no private key we can read"
            ) from None
        if "signature_algs" in options and key.get_algorithm() != "ssh-rsa":
            options["signature_algs"] = [*options["signature_algs"], key.get_algorithm()]
        return options | {"client_keys": [key]}

    @contextlib.asynccontextmanager
    async def session(self, what: str) -> AsyncIterator[asyncssh.SFTPClient]:
        """One user at a time. Raises TransportError, Refused, or SetupError where a secret is missing or holds no key.

        A connection that failed, or was made with other secrets, is not used again. Who was turned away is told so
        again for a minute, and only knocks before that when the secrets have changed.
        """
        what = f"{what} at {self.name}"
        async with self._turn:
            with spoken(what):
                try:
                    yield await self._opened(what)
                except (*LOST, asyncio.CancelledError):
                    self._drop()
                    raise
                finally:
                    if self._leaving:
                        await self._end()

    async def _opened(self, what: str) -> asyncssh.SFTPClient:
        secrets, shut = self._secrets(), self._turned_away
        brought = hash(tuple(secrets.values()))
        lives = self._connection is not None and not self._connection.is_closed()
        if self._sftp is not None and lives and brought == self._brought:
            return self._sftp
        self._drop()
        if shut and shut.holds(brought, time.monotonic()):
            raise ShutOut(str(shut.error), shut.error.body)
        self._turned_away, self._brought = None, brought
        try:
            with spoken(what, Unreachable):
                return await self._open(self._options(secrets))
        except ShutOut as error:
            self._turned_away = TurnedAway(brought, time.monotonic(), error)
            raise
        finally:
            if self._sftp is None:
                self._drop()

    async def _open(self, options: dict[str, Any]) -> asyncssh.SFTPClient:
        self._connection = await self._connect(options)
        async with asyncio.timeout(self.timeout):
            self._sftp = await self._connection.start_sftp_client()
        return self._sftp

    async def _connect(self, options: dict[str, Any]) -> asyncssh.SSHClientConnection:
        asyncssh.set_log_level(logging.WARNING)
        shown: list[str] = []
        for family in FAMILIES if "server_host_key_algs" not in options else ((),):
            client = Client(self._settings)
            try:
                return await self._connect_once(client, family, options)
            except asyncssh.HostKeyNotVerifiable:
                shown.append(client.shown)
            except asyncssh.KeyExchangeFailed:
                if not shown:
                    raise
        found = " or ".join(dict.fromkeys(shown))
        raise ShutOut(
            f"connecting to {self.name}: the host key is not the pinned one, it is {found}; "
            "ask the partner before changing host_key"
        )

    async def _connect_once(
        self, client: Client, family: tuple[str, ...], options: dict[str, Any]
    ) -> asyncssh.SSHClientConnection:
        options = options | ({"server_host_key_algs": list(family)} if family else {})
        async with asyncio.timeout(2 * self.timeout):
            return await asyncssh.connect(
                self._settings.host,
                self._settings.port,
                username=self._settings.user,
                client_factory=lambda: client,
                known_hosts=([], [], []),
                config=None,
                agent_path=None,
                gss_auth=False,
                gss_kex=False,
                connect_timeout=self.timeout,
                login_timeout=self.timeout,
                keepalive_interval=30,
                **options,
            )

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._sftp = None

    async def close(self) -> None:
        """Ends the connection, after the session that is in it; from now on each `session` has one of its own."""
        self._leaving = True
        if not self._turn.locked():
            await self._end()

    async def _end(self) -> None:
        connection, self._connection, self._sftp = self._connection, None, None
        if connection is not None:
            connection.close()
            try:
                async with asyncio.timeout(self.timeout):
                    await connection.wait_closed()
            except TimeoutError:
                connection.abort()
