"""Our SFTP server: one port, many partners, each in a home of its own; who they are can change while it runs."""

from __future__ import annotations

import asyncio
import os
import posixpath
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import structlog

from gateway.arrival import Accept, Content
from gateway.durable_files import place
from gateway.errors import Refused, SetupError, TransportError
from gateway.faults import shown
from gateway.protocols.ciphers import AES
from gateway.protocols.our_sftp.door import Door
from gateway.protocols.our_sftp.home import Home, Quota
from gateway.protocols.our_sftp.passwords import NOBODY, is_password_hash, password_fits
from gateway.protocols.our_sftp.visit import UNFINISHED, Told, Visit, content_of
from gateway.protocols.ports import Resolve, no_secrets, sendable

MOST_CONNECTIONS = 200
MOST_SESSIONS = 10
MOST_ATTEMPTS = 10
MOST_FAILURES, FAILURE_WINDOW = 50, 300.0
LOGIN_SECONDS = 20.0
IDLE_SECONDS = 600.0
UNFINISHED_SECONDS = 3600.0
"""After so long an upload under a name that is not the last one is told of."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One login and the channel behind it. `folder` holds the partner's home; `password` names a scrypt hash."""

    user: str
    channel: str
    partner: str | None
    folder: Path
    keys: tuple[bytes, ...] = ()
    password: str = ""
    quota: Quota = field(default_factory=Quota)
    resolve: Resolve = field(default=no_secrets, repr=False, compare=False)

    def lets_in(self, password: str) -> bool:
        """Whether this is the password whose hash is stored now. Raises SetupError where none is stored."""
        hashed = self.resolve(self.password)
        if not is_password_hash(hashed):
            raise SetupError(f"{self.password} does not hold a hash; store what hash_password returns")
        return password_fits(password, hashed)


LOGIN_FAILED, TURNED_AWAY = "login failed", "turned away"
"""What is told of those who come: a login was wrong, or nobody was let in at all."""


def unheard(channel: str, name: str, what: str, why: str = "") -> None:
    """Told to nobody."""


class Server:
    """`serve` opens the port and runs until cancelled; `adopt` exchanges the partners; `sender` fills an `out/`."""

    def __init__(
        self,
        host_key: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        told: Told = unheard,
        idle: float = IDLE_SECONDS,
        unfinished: float = UNFINISHED_SECONDS,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        self.host, self._wanted_port, self.told = host, port, told
        self.idle, self.unfinished = idle, unfinished
        self.most_connections = most_connections
        self._host_key = host_key
        self.mailboxes: dict[str, Mailbox] = {}
        self._homes: dict[Path, Home] = {}
        self.visitors: set[Visitor] = set()
        self.failures: defaultdict[str, deque[float]] = defaultdict(deque)
        self._listening: asyncio.Future[int] | None = None
        self.accept: Accept | None = None

    # -- partners

    def adopt(self, mailboxes: Iterable[Mailbox]) -> None:
        """From now on exactly these may log in. Who is no longer among them, or has other keys, is cut off."""
        adopted = {mailbox.user: mailbox for mailbox in mailboxes}
        for mailbox in adopted.values():
            self.home(mailbox.folder)
        self.mailboxes = adopted
        for visitor in list(self.visitors):
            if visitor.mailbox and adopted.get(visitor.mailbox.user) != visitor.mailbox:
                visitor.disconnect("the mailbox has changed")

    def home(self, folder: Path) -> Home:
        """The mailbox's home, with its folders: those that somebody has removed are made again, which is told."""
        if folder not in self._homes:
            self._homes[folder] = Home(folder)
        elif made := self._homes[folder].stand():
            log.warning("sftp mailbox made again", folder=str(folder), missing=[path.name for path in made])
        return self._homes[folder]

    def sender(self, channel: str) -> OutFolder:
        """Places files into the `out/` of that channel's mailbox, whoever that is when `send` is called."""
        return OutFolder(self, channel)

    # -- running

    async def serve(self, accept: Accept) -> None:
        """Runs until cancelled; then takes no new connection, and finishes what waits for the ledger."""
        self.accept = accept
        listener = await asyncssh.create_server(
            lambda: Visitor(self),
            self.host,
            self._wanted_port,
            server_host_keys=[await asyncio.to_thread(host_key, self._host_key)],
            encoding=None,
            login_timeout=LOGIN_SECONDS,
            keepalive_interval=60,
            compression_algs=None,
            encryption_algs=list(AES),
            line_editor=False,
            allow_pty=False,
            agent_forwarding=False,
            gss_host=None,
            allow_scp=False,
            reuse_address=True,
        )
        self._ready.set_result(listener.get_port())
        try:
            async with asyncio.TaskGroup() as watching:
                watching.create_task(self._watch_idle())
                watching.create_task(self._watch_unfinished())
        finally:
            await self._stop(listener)

    @property
    def _ready(self) -> asyncio.Future[int]:
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_future()
        return self._listening

    async def port(self) -> int:
        """The port, once it is open."""
        return await asyncio.shield(self._ready)

    async def _watch_idle(self) -> None:
        while True:
            await asyncio.sleep(min(self.idle / 4, 15))
            oldest = time.monotonic() - self.idle
            for visitor in [one for one in self.visitors if one.stirred_at < oldest]:
                visitor.disconnect("idle for too long")

    async def _watch_unfinished(self) -> None:
        while True:
            await asyncio.sleep(self.unfinished / 12)
            for box in list(self.mailboxes.values()):
                try:
                    home = self.home(box.folder)
                    left = await asyncio.to_thread(home.unfinished, time.time() - self.unfinished)
                except OSError as error:
                    log.warning("sftp mailbox not looked into", channel=box.channel, why=error.strerror)
                    continue
                for path, modified in left:
                    self._tell_unfinished(box, path, modified)

    def _tell_unfinished(self, box: Mailbox, path: str, modified: float) -> None:
        """For the operator: the partner believes that it has sent something."""
        since = f"{datetime.fromtimestamp(modified, UTC):%Y-%m-%d %H:%M} UTC"
        hint = "ask the partner to rename it once it is whole, or to upload it under its last name"
        told = {"channel": box.channel, "name": shown(path, 120), "since": since}
        log.warning("sftp upload unfinished", **told, hint=hint)
        self.told(box.channel, posixpath.basename(path), UNFINISHED)

    async def _stop(self, listener: asyncssh.SSHAcceptor) -> None:
        listener.close()
        self._listening = None
        visitors = list(self.visitors)
        await asyncio.gather(*(visitor.settled() for visitor in visitors))
        for visitor in visitors:
            visitor.disconnect("the gateway is stopping")
        await listener.wait_closed()

    # -- logins

    def failed(self, address: str) -> None:
        """Notes a failed login."""
        if len(self.failures) > 10_000:
            self.failures.clear()
        self.failures[address].append(time.monotonic())

    def is_barred(self, address: str) -> bool:
        """Whether too many logins from there have failed in the last minutes."""
        if address not in self.failures:
            return False
        moments = self.failures[address]
        while moments and moments[0] < time.monotonic() - FAILURE_WINDOW:
            moments.popleft()
        if not moments:
            del self.failures[address]
        return len(moments) >= MOST_FAILURES


class Visitor(asyncssh.SSHServer):
    """One connection: logs in with a key or a password, and gets sessions of the SFTP subsystem and nothing else."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None
        self._address = ""
        self._attempts = 0
        self._doors: list[Door] = []
        self.mailbox: Mailbox | None = None
        self._claimed: Mailbox | None = None
        self.stirred_at = time.monotonic()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._address = str((conn.get_extra_info("peername") or ("",))[0])
        full = len(self._server.visitors) >= self._server.most_connections
        if full or self._server.is_barred(self._address):
            reason = "full" if full else "logins failed"
            log.warning("sftp connection refused", address=self._address, reason=reason)
            self._server.told("", self._address, TURNED_AWAY, reason)
            conn.abort()
        else:
            self._server.visitors.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.visitors.discard(self)

    def disconnect(self, reason: str) -> None:
        if self._connection:
            self._connection.disconnect(asyncssh.DISC_BY_APPLICATION, reason)

    def stirred(self) -> None:
        self.stirred_at = time.monotonic()

    async def settled(self) -> None:
        await asyncio.gather(*(door.settled() for door in self._doors))

    # -- login

    def begin_auth(self, username: str) -> bool:
        self._claimed = self._server.mailboxes.get(username)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        mailbox = self._server.mailboxes.get(username)
        return self._judge(username, bool(mailbox and key.public_data in mailbox.keys), "key")

    async def validate_password(self, username: str, password: str) -> bool:
        mailbox, why = self._server.mailboxes.get(username), ""
        if mailbox and mailbox.password:
            try:
                fits = await asyncio.to_thread(mailbox.lets_in, password)
                return self._judge(username, fits, "password")
            except SetupError as error:
                why = str(error)
        await asyncio.to_thread(password_fits, password, NOBODY)
        return self._judge(username, False, "password", why)

    def _judge(self, username: str, fits: bool, offered: str, why: str = "") -> bool:
        """Barring bounds how often one address fails, and so how many lines it writes into our log."""
        if not fits:
            mailbox = self._server.mailboxes.get(username)
            why = why or (f"another {offered}" if mailbox else "nobody has that name")
            log.warning("sftp login failed", user=shown(username), address=self._address, why=why)
            self._server.told(mailbox.channel if mailbox else "", shown(username), LOGIN_FAILED, why)
            self._attempts += 1
            self._server.failed(self._address)
            if self._attempts >= MOST_ATTEMPTS:
                self.disconnect("too many attempts")
        return fits

    def auth_completed(self) -> None:
        username = self._connection.get_extra_info("username") if self._connection else None
        self.mailbox = self._server.mailboxes.get(str(username))
        if self.mailbox is None or self.mailbox != self._claimed:
            self.disconnect("the mailbox has changed")

    def session_requested(self) -> Door | bool:
        self._doors = [door for door in self._doors if not door.ended]
        if self.mailbox is None or self._server.accept is None or len(self._doors) >= MOST_SESSIONS:
            return False
        home = self._server.home(self.mailbox.folder)
        box = self.mailbox
        accept, told = self._server.accept, self._server.told
        visit = Visit(box.channel, box.partner, home, box.quota, accept, told, self._address)
        self._doors.append(Door(visit, self.stirred))
        return self._doors[-1]


class OutFolder:
    """The sender of a mailbox: what is sent lies in `out/` until the partner takes it away."""

    def __init__(self, server: Server, channel: str) -> None:
        self._server, self._channel = server, channel

    async def send(self, name: str, content: Content) -> None:
        """Places the file as a whole; the same again changes nothing; other bytes under that name are refused."""
        boxes = [box for box in self._server.mailboxes.values() if box.channel == self._channel]
        if not boxes:
            raise Refused(f"placing {name}: no mailbox serves the channel {self._channel}")
        try:
            await asyncio.to_thread(self._place, self._server.home(boxes[0].folder), name, content)
        except OSError as error:
            raise TransportError(
                f"placing {name} in out/ of {self._channel}: {error.strerror or error}"
            ) from error

    @staticmethod
    def _place(home: Home, name: str, content: Content) -> None:
        target = home.real(f"/out/{sendable(name)}")
        if target.exists():
            if content_of(target).digest != content.digest:
                raise Refused(
                    f"placing {name}: another file of that name waits in out/, and what is sent keeps its name: replay "
                    "once that was fetched; <control> in named: keeps later ones apart"
                )
            return
        source = content.data if content.data is not None else content.path
        place(target, source or b"", "our_sftp.before_drop", "our_sftp.after_drop", work=home.work)


def host_key(path: Path) -> asyncssh.SSHKey:
    """The server's own key, made at first start, readable to us only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = asyncssh.generate_private_key("ssh-ed25519", comment="edi-gateway")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made.export_private_key())
    try:
        return asyncssh.read_private_key(str(path))
    except (asyncssh.KeyImportError, OSError) as error:
        raise SetupError(
            f"reading our SFTP host key {path}: {error}; remove it to have a new one made"
        ) from error
