"""Loopback partners: SFTP hosts that are not ours, clients that are not ours, and our server with one mailbox."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import paramiko

from gateway.arrival import Arrival, Receipt
from gateway.errors import LedgerUnavailable
from gateway.protocols.our_sftp.home import Quota
from gateway.protocols.our_sftp.server import Mailbox, Server

CLIENT_KEY = asyncssh.generate_private_key("ssh-ed25519")
CLIENT_KEY_TEXT = CLIENT_KEY.export_private_key().decode()
PARAMIKO_KEY = paramiko.Ed25519Key.from_private_key(io.StringIO(CLIENT_KEY_TEXT))
STRANGER_KEY = asyncssh.generate_private_key("ssh-ed25519")
PASSWORD = "correct horse battery staple"


@dataclass
class Ledger:
    """Takes arrivals as the real one would; fails as often as it is told to."""

    arrivals: list[Arrival] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    failures: int = 0

    async def accept(self, arrival: Arrival) -> Receipt:
        if self.failures:
            self.failures -= 1
            raise LedgerUnavailable("the disk is full")
        content = arrival.content
        self.contents.append(content.data if content.data is not None else content.path.read_bytes())
        self.arrivals.append(arrival)
        duplicate = [one.key for one in self.arrivals].count(arrival.key) > 1
        return Receipt(f"arrival-{len(self.arrivals)}", duplicate)

    @property
    def keys(self) -> set[str]:
        return {arrival.key for arrival in self.arrivals}

    @property
    def names(self) -> list[str]:
        return [arrival.name for arrival in self.arrivals]


@dataclass
class Host:
    """A partner's SFTP host whose files lie in `root`; clients log in as `user` and find them under `base`."""

    port: int
    root: Path
    host_key: str
    user: str = "hub"
    base: str = ""


def resolve(reference: str) -> str:
    return {"secret:key": CLIENT_KEY_TEXT, "secret:password": PASSWORD, "secret:rubbish": "not a key"}[
        reference
    ]


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# -- hosts that are not ours


class Guard(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == "hub" and key.public_data == CLIENT_KEY.public_data

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == "hub" and password == PASSWORD


@contextlib.asynccontextmanager
async def asyncssh_host(root: Path, key_type: str = "ssh-ed25519", **options: object) -> AsyncIterator[Host]:
    keys = [asyncssh.generate_private_key(kind) for kind in key_type.split()]
    factory = options.pop("sftp", asyncssh.SFTPServer)
    server = await asyncssh.create_server(
        Guard,
        "127.0.0.1",
        0,
        server_host_keys=keys,
        sftp_factory=lambda channel: factory(channel, chroot=os.fsencode(root)),
        **options,
    )
    try:
        yield Host(server.get_port(), root, keys[-1].get_fingerprint())
    finally:
        server.close()
        await server.wait_closed()


class ParamikoGuard(paramiko.ServerInterface):
    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        good = username == "hub" and key.asbytes() == CLIENT_KEY.public_data
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class ParamikoFolder(paramiko.SFTPServerInterface):
    """Plain files under one folder, without the POSIX rename."""

    root: Path

    def __init__(self, server: paramiko.ServerInterface, *args: object, root: Path, **kwargs: object) -> None:
        super().__init__(server, *args, **kwargs)
        self.root = root

    def _real(self, path: str) -> Path:
        return self.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        return [
            paramiko.SFTPAttributes.from_stat(entry.stat(follow_symlinks=False), entry.name)
            for entry in os.scandir(self._real(path))
        ]

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._real(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            file = os.fdopen(os.open(self._real(path), flags, 0o600), "wb" if flags & os.O_WRONLY else "rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = file
        handle.stat = lambda: paramiko.SFTPAttributes.from_stat(os.fstat(file.fileno()))
        return handle

    def _do(self, work: object, *arguments: object) -> int:
        try:
            work(*arguments)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK

    def remove(self, path: str) -> int:
        return self._do(os.remove, self._real(path))

    def rename(self, old: str, new: str) -> int:
        if self._real(new).exists():
            return paramiko.SFTP_FAILURE
        return self._do(os.rename, self._real(old), self._real(new))

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return self._do(os.mkdir, self._real(path))


@contextlib.contextmanager
def paramiko_listening(root: Path) -> Iterator[Host]:
    key = paramiko.RSAKey.generate(2048)
    door = socket.create_server(("127.0.0.1", 0))
    transports: list[paramiko.Transport] = []

    def answer() -> None:
        while True:
            try:
                connection, _ = door.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, ParamikoFolder, root=root)
            transports.append(transport)
            with contextlib.suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=ParamikoGuard())

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        shown = asyncssh.import_public_key(f"{key.get_name()} {key.get_base64()}").get_fingerprint()
        yield Host(door.getsockname()[1], root, shown)
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        for transport in transports:
            transport.close()
        thread.join(5)


@contextlib.asynccontextmanager
async def paramiko_host(root: Path) -> AsyncIterator[Host]:
    with paramiko_listening(root) as host:
        yield host


# -- our server


@dataclass
class OurServer:
    """Our server, running, with the mailbox `bolt`."""

    server: Server
    folder: Path
    port: int
    ledger: Ledger
    told: list[tuple[str, ...]]

    @property
    def home(self) -> Path:
        return self.folder / "bolt" / "home"

    @contextlib.asynccontextmanager
    async def client(self, **options: object) -> AsyncIterator[asyncssh.SFTPClient]:
        async with self.connect(**options) as connection, connection.start_sftp_client() as sftp:
            yield sftp

    def connect(self, **options: object) -> object:
        settings = {
            "username": "bolt",
            "client_keys": [CLIENT_KEY],
            "known_hosts": None,
            "config": None,
        } | options
        return asyncssh.connect("127.0.0.1", self.port, agent_path=None, **settings)

    @contextlib.contextmanager
    def paramiko(self) -> Iterator[paramiko.SFTPClient]:
        """For use off the event loop."""
        transport = paramiko.Transport(("127.0.0.1", self.port))
        try:
            transport.connect(username="bolt", pkey=PARAMIKO_KEY)
            with paramiko.SFTPClient.from_transport(transport) as sftp:
                yield sftp
        finally:
            transport.close()


def bolt(folder: Path, **changes: object) -> Mailbox:
    settings = {"keys": (CLIENT_KEY.public_data,), "quota": Quota()} | changes
    return Mailbox("bolt", "bolt.mailbox", "bolt", folder / "bolt", **settings)


@contextlib.asynccontextmanager
async def our_server(folder: Path, ledger: Ledger, **options: object) -> AsyncIterator[OurServer]:
    told: list[tuple[str, ...]] = []
    quota = options.pop("quota", Quota())
    server = Server(folder / "host_key", told=lambda *event: told.append(event), **options)
    server.adopt([bolt(folder, quota=quota)])
    task = asyncio.create_task(server.serve(ledger.accept))
    try:
        yield OurServer(server, folder, await server.port(), ledger, told)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
