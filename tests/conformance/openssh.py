"""OpenSSH's server as a partner's host: one `sshd -i` per connection, never run by root, in a folder of its own."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
from peers import CLIENT_KEY, Host

SSHD = "/usr/sbin/sshd"
KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")
LEGACY = {
    "ten years old": ("ssh-rsa", "diffie-hellman-group14-sha1", "aes128-cbc", "hmac-sha1"),
    "twenty years old": ("ssh-rsa", "diffie-hellman-group1-sha1", "3des-cbc", "hmac-md5"),
}
"""What an old host is able to do, and nothing else: key, key exchange, cipher, checksum."""

COMMON = """
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
"""


@functools.cache
def host_key(kind: str) -> asyncssh.SSHKey:
    return asyncssh.generate_private_key(kind)


@functools.cache
def rsa_client_key() -> asyncssh.SSHKey:
    """For hosts that know no other kind."""
    return asyncssh.generate_private_key("ssh-rsa")


@dataclass
class OpenSshHost(Host):
    """sshd on a loopback port; `in/` and `out/` are in `root`, and seen under the same path by clients."""

    door: socket.socket | None = None
    sessions: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def pin(self, kind: str) -> str:
        return host_key(kind).get_fingerprint()

    def kill(self) -> None:
        """Every connection ends here and now, in the middle of whatever it did."""
        for session in self.sessions:
            kill_with_children(session)
        self.sessions.clear()

    def log(self) -> str:
        return (self.root.parent / "log").read_text()


def kill_with_children(session: subprocess.Popen[bytes]) -> None:
    """sshd does its work in a child, and ends when it has buried that."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{session.pid}/task/{session.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
    try:
        session.wait(2)
    except subprocess.TimeoutExpired:
        session.kill()
        session.wait(10)


def account() -> pwd.struct_passwd:
    """Ourselves, but never root, who may read what is forbidden to others: then the user the package brings."""
    return pwd.getpwnam("sshd") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def configuration(folder: Path, legacy: tuple[str, ...]) -> str:
    kinds = ("ssh-rsa",) if legacy else KINDS
    lines = [f"HostKey {folder}/{kind}" for kind in kinds]
    if legacy:
        key, exchange, cipher, checksum = legacy
        lines += [f"HostKeyAlgorithms {key}", f"PubkeyAcceptedAlgorithms {key}", f"KexAlgorithms {exchange}"]
        lines += [f"Ciphers {cipher}", f"MACs {checksum}"]
    return "\n".join(lines) + COMMON.format(folder=folder)


def furnish(folder: Path, legacy: tuple[str, ...]) -> None:
    """Everything sshd reads, in hands of the account it runs under."""
    (folder / "config").write_text(configuration(folder, legacy))
    (folder / "log").touch()
    for kind in KINDS:
        (folder / kind).write_bytes(host_key(kind).export_private_key())
    keys = [key.export_public_key() for key in (CLIENT_KEY, rsa_client_key())]
    (folder / "authorized_keys").write_bytes(b"".join(keys))
    for place in ("in", "out"):
        (folder / "home" / place).mkdir(parents=True)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o600)
        if os.geteuid() == 0:
            os.chown(path, account().pw_uid, account().pw_gid)
    folder.chmod(0o755)


def serve(door: socket.socket, folder: Path, sessions: list[subprocess.Popen[bytes]]) -> None:
    who = account()
    other = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": ()} if os.geteuid() == 0 else {}
    command = [SSHD, "-i", "-f", str(folder / "config"), "-E", str(folder / "log")]
    while True:
        try:
            connection, _ = door.accept()
        except OSError:
            return
        with connection:
            sessions.append(subprocess.Popen(command, stdin=connection, stdout=connection, **other))


@contextlib.contextmanager
def openssh_listening(legacy: tuple[str, ...] = ()) -> Iterator[OpenSshHost]:
    folder = Path(tempfile.mkdtemp(prefix="openssh-"))
    furnish(folder, legacy)
    door = socket.create_server(("127.0.0.1", 0))
    shown = host_key("ssh-rsa" if legacy else "ssh-ed25519").get_fingerprint()
    home = folder / "home"
    host = OpenSshHost(door.getsockname()[1], home, shown, account().pw_name, str(home), door)
    thread = threading.Thread(target=serve, args=(door, folder, host.sessions), daemon=True)
    thread.start()
    try:
        yield host
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join(5)
        host.kill()
        shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def openssh_host(root: Path, legacy: tuple[str, ...] = ()) -> AsyncIterator[OpenSshHost]:
    """As the other hosts; its files do not lie in `root`, which its account could not reach."""
    with openssh_listening(legacy) as host:
        yield host
