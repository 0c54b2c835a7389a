"""The way to one SFTP host: its pinned key, our login, the algorithms it needs, one connection used again and again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncssh
import structlog

from gateway.errors import GatewayError, Refused, SetupError, ShutOut, TransportError
from gateway.protocols.ciphers import ANY
from gateway.protocols.ports import Channel
from gateway.protocols.sftp.settings import Settings

log = structlog.get_logger()

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
def spoken(what: str) -> Iterator[None]:
    """Turns what SSH and SFTP raise into who has to act: TransportError or Refused."""
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
        raise TransportError(f"{what}: no answer in time") from None
    except asyncssh.Error as error:
        raise TransportError(f"{what}: {error.reason}") from error
    except (OSError, EOFError) as error:
        raise TransportError(
            f"{what}: {getattr(error, 'strerror', None) or 'the connection was lost'}"
        ) from error


class Client(asyncssh.SSHClient):
    """Believes only the pinned host keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key.get_fingerprint()
        return self._settings.trusts(self.shown)


class Host:
    """One host and our login there. `session` gives the SFTP session, opened when there is none that lives."""

    def __init__(self, channel: Channel, settings: Settings) -> None:
        self._channel, self._settings = channel, settings
        usual = {"encryption_algs": list(ANY)}
        self._options: dict[str, Any] = self._login() | usual | algorithms(settings.legacy)
        self._allow_own_key()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None
        self._turn = asyncio.Lock()
        self._leaving = False
        self.timeout = settings.timeout

    @property
    def name(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _login(self) -> dict[str, Any]:
        settings, resolve = self._settings, self._channel.resolve
        passphrase = resolve(settings.passphrase) if settings.passphrase else None
        password = resolve(settings.password) if settings.password else None
        if not settings.key:
            return {"password": password, "client_keys": None}
        try:
            key = asyncssh.import_private_key(resolve(settings.key).strip() + "\n", passphrase)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            raise SetupError(
                f"{self._channel.name}: {settings.key} holds no private key we can read"
            ) from None
        return {"password": password, "client_keys": [key]}

    def _allow_own_key(self) -> None:
        """`legacy: [ssh-rsa]` is about their key; our own, when it is of another kind, signs as it always does."""
        for key in self._options.get("client_keys") or ():
            if "signature_algs" in self._options and key.get_algorithm() != "ssh-rsa":
                self._options["signature_algs"].append(key.get_algorithm())

    @contextlib.asynccontextmanager
    async def session(self, what: str) -> AsyncIterator[asyncssh.SFTPClient]:
        """One user at a time. Raises TransportError or Refused; a connection that failed is not used again."""
        async with self._turn:
            with spoken(f"{what} at {self.name}"):
                try:
                    yield await self._opened()
                except (*LOST, asyncio.CancelledError):
                    self._drop()
                    raise
                finally:
                    if self._leaving:
                        await self._end()

    async def _opened(self) -> asyncssh.SFTPClient:
        if self._sftp is None or self._connection is None or self._connection.is_closed():
            self._drop()
            self._connection = await self._connect()
            async with asyncio.timeout(self.timeout):
                self._sftp = await self._connection.start_sftp_client()
        return self._sftp

    async def _connect(self) -> asyncssh.SSHClientConnection:
        asyncssh.set_log_level(logging.WARNING)
        shown: list[str] = []
        for family in FAMILIES if "server_host_key_algs" not in self._options else ((),):
            client = Client(self._settings)
            try:
                return await self._connect_once(client, family)
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

    async def _connect_once(self, client: Client, family: tuple[str, ...]) -> asyncssh.SSHClientConnection:
        options = self._options | ({"server_host_key_algs": list(family)} if family else {})
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
