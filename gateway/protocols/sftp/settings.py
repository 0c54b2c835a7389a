"""What a profile says of a partner's SFTP host, checked before anything connects."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from gateway.protocols.settings import ChannelSettings, Duration, Secret


def fingerprint(value: str) -> str:
    """`SHA256:...` as it stands or of a key line; `any: WHY` for a host whose key nobody knows."""
    if re.fullmatch(r"any: ?\S.*", value):
        return value
    if value.startswith("SHA256:"):
        return _checked(value.rstrip("="))
    import asyncssh  # most say a fingerprint, and what checks a profile starts sooner without

    try:
        return asyncssh.import_public_key(value).get_fingerprint()
    except asyncssh.KeyImportError:
        raise ValueError(
            "is not a host key; give SHA256:..., the key's line, or `any: WHY` to trust whoever answers"
        ) from None


def _checked(value: str) -> str:
    try:
        digest = base64.b64decode(value[7:] + "=", validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise ValueError("is not a whole SHA256 fingerprint; `ssh-keyscan HOST | ssh-keygen -lf -` prints it")
    return value


class Settings(ChannelSettings):
    """A partner's SFTP host, where we call."""

    host: str = Field(min_length=1, description="name or address")
    port: int = Field(22, ge=1, le=65535)
    user: str = Field(min_length=1, description="our name there")
    key: Secret | None = Field(None, description="our private key")
    passphrase: Secret | None = Field(None, description="what opens the private key")
    password: Secret | None = Field(None, description="our password there")
    host_key: tuple[Annotated[str, AfterValidator(fingerprint)], ...] = Field(
        min_length=1, description="SHA256 fingerprint or line of the host's key; several while they change it"
    )
    legacy: tuple[str, ...] = Field((), description="exactly these algorithms, for hosts that know no better")
    timeout: Duration = Field(30.0, gt=0, description="how long one step may take")

    @field_validator("host_key", "legacy", mode="before")
    @classmethod
    def one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str | Path) else value

    @model_validator(mode="after")
    def some_login(self) -> Settings:
        if not (self.key or self.password):
            raise ValueError("no way to log in; give key, or password")
        return self

    @property
    def unpinned(self) -> str:
        """Why any host key is trusted, or the empty text: what `gateway check` warns of."""
        return next((key.partition(":")[2].strip() for key in self.host_key if key.startswith("any:")), "")

    def trusts(self, shown: str) -> bool:
        return bool(self.unpinned) or shown in self.host_key
