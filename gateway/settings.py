"""Where the gateway runs and how much it takes: environment variables, each with a default that works on a laptop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX, SECRETS = "GATEWAY_", "GATEWAY_SECRET_"
BESIDE = ("GATEWAY_DEBUG", "GATEWAY_KILL_AT")
"""Variables that others read: the command line, and the tests that kill."""

INJECTED = re.compile(r"GATEWAY_(SERVICE_(HOST|PORT).*|PORT_\d+_.*)|GATEWAY_PORT=\w+://.*")
"""What Kubernetes puts into every container beside a service that is called `gateway`."""


class Settings(BaseSettings):
    """Read from `GATEWAY_*`. What partners and systems are is never here: that is company.yaml and the profiles."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True)

    environment: str = Field(
        "", description="overlay of company.yaml and profiles to apply: `test`, or empty for none"
    )
    partners_dir: Path = Field(
        Path("partners"), description="company.yaml, profiles/, maps/, guides/, tables/"
    )
    samples_dir: Path = Field(
        Path("sample_documents"), description="the documents partners are certified against"
    )
    var_dir: Path = Field(
        default=Path("var"), description="ledger, blobs, keys and mailboxes of this machine"
    )
    secrets_dir: Path | None = Field(
        None, description="a folder with one file per secret; default var/secrets"
    )
    database_url: str = Field(default="", description="the ledger; default SQLite in var/")

    http_host: str = Field(default="127.0.0.1", description="address of the health and metrics port")
    http_port: int = Field(default=8080, ge=0, le=65535, description="0 takes a free one")
    internal_host: str = Field(
        default="127.0.0.1", description="address of the port where systems give us documents"
    )
    internal_port: int = Field(
        default=8081, ge=0, le=65535, description="0 takes a free one; closed while no system has a `token:`"
    )
    sftp_host: str = Field(default="127.0.0.1", description="address of our SFTP server")
    sftp_port: int = Field(default=2222, ge=0, le=65535, description="0 takes a free one")

    max_file_bytes: int = Field(default=2 << 30, gt=0, description="larger arrivals are refused")
    max_set_bytes: int = Field(
        16 << 20, gt=0, description="larger transaction sets are refused, their neighbours read"
    )
    max_segment_bytes: int = Field(default=1 << 20, gt=0, description="larger segments are refused")
    inline_bytes: int = Field(
        256 << 10, gt=0, description="larger arrivals are read in a process of their own"
    )
    batch_sets: int = Field(
        100, gt=0, description="transaction sets per ledger transaction of a large interchange"
    )

    min_free_bytes: int = Field(
        256 << 20, ge=0, description="with less room on a disk of ours `/health` says so, with 503"
    )
    concurrency: int = Field(default=64, gt=0, description="documents in hand at the same time")
    lease_seconds: float = Field(
        default=60, gt=0, description="after this a silent worker's document is taken over"
    )
    sweep_seconds: float = Field(
        2, gt=0, description="how often the ledger is searched for what the queue lost"
    )
    reload_seconds: float = Field(default=1, gt=0, description="how often profiles are looked at for changes")
    log_format: str = Field(
        default="auto", pattern="auto|console|json", description="auto is console on a terminal"
    )

    @property
    def ledger_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.var_dir / 'ledger.sqlite').resolve()}"

    @property
    def blob_dir(self) -> Path:
        return self.var_dir / "blobs"

    @property
    def secrets(self) -> Path:
        return self.secrets_dir or self.var_dir / "secrets"


def variables() -> list[str]:
    """Every variable that has an effect, secrets apart."""
    return [*(f"{PREFIX}{name.upper()}" for name in Settings.model_fields), *BESIDE]


def strangers(environment: Mapping[str, str]) -> list[str]:
    """Variables that are named like ours and that nobody reads: a setting misspelt has no other symptom."""
    known = set(variables())
    named = [
        name
        for name, value in environment.items()
        if name.upper().startswith(PREFIX) and not INJECTED.fullmatch(f"{name}={value}".partition("\n")[0])
    ]
    return sorted(
        name for name in named if name.upper() not in known and not name.upper().startswith(SECRETS)
    )


def meant(stranger: str) -> str:
    """The variable that this one may have been meant to be, or nothing; what all of them begin with says nothing."""
    known = {name.removeprefix(PREFIX): name for name in variables()}
    near = get_close_matches(stranger.upper().removeprefix(PREFIX), known, 1)
    return known[near[0]] if near else ""
