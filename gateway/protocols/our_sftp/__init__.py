"""They call us: partners put files into our SFTP server and fetch what waits for them in `out/`.

One server for all partners: `mailbox(...)` turns each channel's settings into a login, `Server.adopt` takes them all.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from gateway.errors import SetupError
from gateway.protocols.our_sftp.passwords import hash_password
from gateway.protocols.ports import Channel
from gateway.protocols.settings import ChannelSettings, Secret, file_name

if TYPE_CHECKING:  # who checks a profile opens no port
    from gateway.protocols.our_sftp.server import Mailbox

__all__ = ["Settings", "hash_password", "mailbox"]


LOGIN = r"[A-Za-z0-9][\w.@-]*"


def login_name(value: str) -> str:
    if not re.fullmatch(LOGIN, value, re.ASCII):
        raise ValueError("is not a login; write letters, digits and . _ @ -, the first a letter or a digit")
    return value


class Settings(ChannelSettings):
    """A login on our server: by key, by password, or by either."""

    user: Annotated[str, AfterValidator(login_name)] = Field(
        max_length=64, description="the name they log in with", json_schema_extra={"pattern": f"^{LOGIN}$"}
    )
    keys: tuple[Path, ...] = Field((), description="files with their public keys, one or more per file")
    password: Secret | None = Field(None, description="a secret that holds the hash of their password")
    named: Annotated[str, AfterValidator(file_name)] = Field(
        "<document>_<control>.<extension>",
        description="what lies in out/: <document>, <control> and <extension> (edi, txt or csv), or a template",
    )
    files: int = Field(10_000, gt=0, description="how many files may wait unfinished")
    size: int = Field(4 << 30, gt=0, description="how many bytes may wait unfinished")
    file_size: int = Field(2 << 30, gt=0, description="how large one file may be")

    @field_validator("keys", mode="before")
    @classmethod
    def one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str | Path) else value

    @model_validator(mode="after")
    def some_login(self) -> Settings:
        if not (self.keys or self.password):
            raise ValueError("nobody could log in; give keys, or a password")
        return self


def mailbox(channel: Channel, settings: Settings) -> Mailbox:
    """The login of this channel, its key files read; the hash of its password is asked for at each login.

    Raises SetupError.
    """
    from gateway.protocols.our_sftp.home import Quota
    from gateway.protocols.our_sftp.server import Mailbox

    quota = Quota(settings.size, settings.files, min(settings.file_size, channel.max_bytes))
    keys = tuple(key for file in settings.keys for key in public_keys(channel.base / file))
    named = settings.password or ""
    return Mailbox(
        settings.user, channel.name, channel.partner, channel.store, keys, named, quota, channel.resolve
    )


def public_keys(file: Path) -> list[bytes]:
    """Every key of the file; comments and blank lines may stand between. Raises SetupError."""
    import asyncssh

    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
        found = [asyncssh.import_public_key(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, asyncssh.KeyImportError) as error:
        raise SetupError(f"reading public keys from {file}: {error}") from error
    if not found:
        raise SetupError(f"reading public keys from {file}: there is none in it")
    return [key.public_data for key in found]
