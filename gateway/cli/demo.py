"""What `gateway run --demo` adds: credentials for the sample partners, and their side of the conversation.

Credentials are made at the first run below var/ and are never committed. The sample documents go in through the
real SFTP door, as their partner would put them.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from pathlib import Path

import asyncssh

from gateway import app
from gateway.connectors import files
from gateway.errors import SetupError
from gateway.protocols.our_sftp import hash_password
from gateway.settings import Settings

RETAILER, SUPPLIER = "harbor", "keystone"


def password_file(settings: Settings, partner: str = RETAILER) -> Path:
    """Where a partner's own copy of its password is kept, for the person who tries it."""
    return settings.var_dir / "demo" / f"{partner}.password"


def credentials(settings: Settings) -> None:
    """A password for each partner that logs in."""
    for partner in (RETAILER, SUPPLIER):
        credential(settings, partner)


def credential(settings: Settings, partner: str) -> None:
    """A password: plain on the partner's side, hashed on ours."""
    theirs, ours = password_file(settings, partner), settings.secrets / "demo" / f"{partner}-sftp"
    if theirs.exists() and ours.exists():
        return
    password = secrets.token_urlsafe(12)
    for path, text in ((theirs, password), (ours, hash_password(password))):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(text, encoding="ascii")


def documents(settings: Settings) -> list[Path]:
    """The retailer's sample documents, in the order of their folders."""
    return sorted((settings.samples_dir / RETAILER).glob("*/in.*"))


async def upload(gateway: app.Gateway) -> None:
    """Puts every sample document in as the retailer would. Raises `SetupError` where our own door is shut."""
    try:
        await put_all(gateway)
    except asyncssh.Error as error:
        raise SetupError(f"putting the sample documents in: {error.reason}") from error


async def put_all(gateway: app.Gateway) -> None:
    """Every sample document over one SFTP session; the file is named after its sample's folder."""
    settings = gateway.settings
    async with (
        asyncssh.connect(
            settings.sftp_host,
            await gateway.sftp.port(),
            username=RETAILER,
            password=password_file(settings).read_text(encoding="ascii"),
            known_hosts=None,
            client_keys=None,
            config=None,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        for path in documents(settings):
            await sftp.put(str(path), f"in/{path.parent.name}{path.suffix}")


def hints(gateway: app.Gateway, port: int) -> dict[str, str]:
    """What to try next, exactly as it is typed."""
    settings = gateway.settings
    known = known_hosts(settings, port)
    password = password_file(settings).read_text(encoding="ascii")
    systems = gateway.snapshot.company.systems if gateway.snapshot else {}
    folders = [
        settings.partners_dir / kind.to
        for one in systems.values()
        if isinstance(kind := one.settings, files.Settings)
    ]
    return {
        "retailer": f"sftp -P {port} -o UserKnownHostsFile={known} {RETAILER}@{settings.sftp_host}",
        "": f"password {password}, then: put FILE in/ and ls out/",
        "ERP": " ".join(["ls", *map(from_here, folders)]),
        "story": f"{program()} trace 4500017",
        "waiting": f"{program()} dead",
    }


def known_hosts(settings: Settings, port: int) -> str:
    """A file with our server's own key, so that `sftp` knows whom it talks to and asks nothing."""
    key = asyncssh.read_private_key(str(settings.var_dir / "keys" / "sftp_host_key"))
    path = settings.var_dir / "demo" / "hosts"
    public = key.export_public_key().decode("ascii")
    path.write_text(f"[{settings.sftp_host}]:{port} {public}", encoding="ascii")
    return from_here(path)


def program() -> str:
    """This program as it is typed here."""
    return "gateway" if shutil.which("gateway") else from_here(Path(sys.argv[0]))


def from_here(path: Path) -> str:
    """The path from the working directory, where that is shorter."""
    return min(os.path.relpath(path), str(path), key=len)
