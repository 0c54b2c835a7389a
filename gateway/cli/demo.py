"""What `gateway run --demo` adds: credentials for the sample partners, and their side of the conversation.

Credentials are made at the first run below var/ and are never committed. The sample documents go in through the
real SFTP door, as their partner would put them.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import asyncssh

from gateway import app
from gateway.protocols.our_sftp import hash_password
from gateway.settings import Settings

RETAILER = "harbor"
LOGIN = "demo/harbor-sftp"


def password_file(settings: Settings) -> Path:
    """Where the retailer's own copy of its password is kept, for the person who tries it."""
    return settings.var_dir / "demo" / "harbor.password"


def credentials(settings: Settings) -> None:
    """A password for the retailer: plain on its side, hashed on ours."""
    theirs, ours = password_file(settings), settings.secrets / LOGIN
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
    """Puts every sample document in, over one SFTP session; the file is named after its sample's folder."""
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


def hints(settings: Settings) -> list[str]:
    """The commands to try next, exactly as they are typed."""
    login = (
        f"sftp -P {settings.sftp_port} -o StrictHostKeyChecking=accept-new {RETAILER}@{settings.sftp_host}"
    )
    password = password_file(settings).read_text(encoding="ascii")
    return [
        f"as the retailer     {login}   (password {password}; put FILE in/, ls out/)",
        f"the ERP's orders    ls {settings.var_dir / 'erp'}",
        "a document's story  .venv/bin/gateway trace 4500017",
    ]
