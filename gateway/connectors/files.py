"""A system that reads JSON files from a folder: one file per object, named by its key, there as a whole or not at all.

The same object twice is one file, also after the system has renamed or removed it, as far as the ledger prevents it:
a file that is gone is written again. Other content under the same key is refused, because the system may be reading
the first, and only a person can say which one is meant; `changed: replace` is for systems that want the latest.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.durable_files import place
from gateway.errors import Refused, TransportError

LONGEST_NAME = 150
BEFORE, AFTER = "files.before_rename", "files.after_rename"


class Settings(BaseModel):
    """The folders of one system, relative to the folder company.yaml is in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Path = Field(description="the folder the system reads from")
    from_: Path | None = Field(None, alias="from", description="the folder the system writes to")
    changed: Literal["refuse", "replace"] = Field(
        "refuse", description="other content under a key already there"
    )


class Files:
    """The connector of one such system."""

    def __init__(self, folder: Path, changed: Literal["refuse", "replace"] = "refuse") -> None:
        self._folder, self._changed = folder, changed

    async def deliver(
        self, key: str, kind: str, document: Mapping[str, Any] | bytes, correlation: str
    ) -> None:
        """Returns when the file is on disk under its name."""
        data = document if isinstance(document, bytes) else json.dumps(document, indent=2).encode()
        try:
            await asyncio.to_thread(self._write, self._folder / file_name(kind, key), data)
        except OSError as error:
            raise TransportError(f"writing {kind} {key} into {self._folder}: {error.strerror}") from error

    def _write(self, target: Path, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            raise Refused(f"writing {target.name} into {self._folder}: a symbolic link has that name")
        if target.exists():
            if target.read_bytes() == data:
                return
            if self._changed == "refuse":
                raise Refused(
                    f"writing {target.name} into {self._folder}: it is there with other content; "
                    "remove it, or set changed: replace"
                )
        place(target, data, BEFORE, AFTER, replace=self._changed == "replace")


def file_name(kind: str, key: str) -> str:
    """`PurchaseOrder-harbor-4500017.json`: readable, and different keys never share a file.

    Only `/` becomes `-` freely. A key that holds anything else than letters, digits, `.` and `_` between its `/`, so
    that its name could be another's too, carries a part of its digest behind a `~`.
    """
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", key).strip("-.")[:LONGEST_NAME]
    if re.fullmatch(r"[A-Za-z0-9._]+(/[A-Za-z0-9._]+)*", key) and key.replace("/", "-") == plain:
        return f"{kind}-{plain}.json"
    return f"{kind}-{plain}~{hashlib.sha256(key.encode()).hexdigest()[:12]}.json"


def connector(settings: Settings, base: Path) -> Files:
    return Files(base / settings.to, settings.changed)
