"""Secrets by reference: `secret:acme/sftp-key` is a variable of the environment or a file, and is never shown.

`GATEWAY_SECRET_ACME_SFTP_KEY` is looked for first, then the file `acme/sftp-key` in the secrets folder. References
below `secret:demo/` are made by `gateway run --demo`; until then their absence is only a warning.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from gateway.errors import SetupError

PREFIX = "secret:"
REFERENCE = rf"{PREFIX}[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)*"
"""What a reference reads like."""
DEMO = "secret:demo/"
LARGEST = 64 << 10


class Secrets:
    """Where references lead. Nothing is read before it is asked for, nothing is kept, nothing is printed."""

    def __init__(self, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._environment = os.environ if environment is None else environment

    def get(self, reference: str) -> SecretStr:
        """The secret's text; one line break at its end is not part of it. Raises SetupError when there is none."""
        found = self._find(name_of(reference))
        if found is None:
            raise SetupError(f"resolving {reference}: there is none; {self.remedy(reference)}")
        return SecretStr(found)

    def resolve(self, reference: str) -> str:
        """The bare text, for the protocol that needs it."""
        return self.get(reference).get_secret_value()

    def has(self, reference: str) -> bool:
        return self._find(name_of(reference)) is not None

    def remedy(self, reference: str) -> str:
        """What to do about a missing one."""
        name = name_of(reference)
        if reference.startswith(DEMO):
            return "`gateway run --demo` makes it"
        where = f", or write it to {self._folder / name}" if self._folder else ""
        return f"set {variable(name)}{where}"

    def _find(self, name: str) -> str | None:
        if (value := self._environment.get(variable(name))) is not None:
            return value
        return self._read(self._folder / name) if self._folder else None

    def _read(self, path: Path) -> str | None:
        try:
            if path.stat().st_size > LARGEST:
                return None
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        return text.removesuffix("\n").removesuffix("\r")

    def __repr__(self) -> str:
        return f"Secrets({self._folder})"


def name_of(reference: str) -> str:
    """`acme/sftp-key` of `secret:acme/sftp-key`; a name cannot lead out of the folder."""
    name = reference.removeprefix(PREFIX)
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)*", name):
        raise SetupError(
            "resolving a secret: its name holds other characters than letters, digits, - _ . and /"
        )
    return name


def variable(name: str) -> str:
    """The variable of the environment that holds a secret: `GATEWAY_SECRET_ACME_SFTP_KEY`."""
    return "GATEWAY_SECRET_" + re.sub(r"\W", "_", name).upper()
