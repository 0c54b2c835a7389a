"""A system that reads JSON files from a folder: one file per object, named by its key, there as a whole or not at all.

The same object twice is one file, also after the system has renamed or removed it, as far as the ledger prevents it:
a file that is gone is written again. An accepted change replaces the file it supersedes, byte for byte known, in one
step; a reader has the old or the new one. Any other content under the key is refused: a second document that nobody
accepted, or a file the system changed. `changed: replace` is for systems that want the latest whatever is there.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.connectors import Resolve, no_secrets
from gateway.durable_files import alone_in, place
from gateway.errors import Refused, TransportError

LONGEST_NAME = 150
LOOKS = 10
"""A file that appears between a look and a write is looked at again, at most so often."""
BEFORE, AFTER = "files.before_rename", "files.after_rename"


class Settings(BaseModel):
    """The folders of one system, relative to the folder company.yaml is in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Path = Field(description="the folder the system reads from")
    from_: Path | None = Field(
        None, alias="from", description="the folder the system writes to; `Invoice-7.json` holds an Invoice"
    )
    changed: Literal["refuse", "replace"] = Field(
        "refuse", description="what is there under a key, but is not what was delivered before"
    )

    @property
    def folders(self) -> dict[str, tuple[Path, bool]]:
        """The folders of this machine that are used, by key, and whether we look into them."""
        found = {"to": (self.to, False)}
        return found if self.from_ is None else found | {"from": (self.from_, True)}


class Files:
    """The connector of one such system."""

    def __init__(self, folder: Path, changed: Literal["refuse", "replace"] = "refuse") -> None:
        self._folder, self._changed = folder, changed

    async def deliver(
        self,
        key: str,
        kind: str,
        document: Mapping[str, Any] | bytes,
        correlation: str,
        supersedes: Collection[str] = (),
    ) -> None:
        """Returns when the file is on disk under its name."""
        data = document if isinstance(document, bytes) else json.dumps(document, indent=2).encode()
        try:
            await asyncio.to_thread(self._write, self._folder / file_name(kind, key), data, supersedes)
        except OSError as error:
            raise TransportError(f"writing {kind} {key} into {self._folder}: {error.strerror}") from error

    def _write(self, target: Path, data: bytes, supersedes: Collection[str]) -> None:
        for _ in range(LOOKS):
            try:
                return self._put(target, data, supersedes)
            except FileNotFoundError:
                self._folder.mkdir(parents=True, exist_ok=True)
            except FileExistsError:
                continue
        raise TransportError(f"writing {target.name} into {self._folder}: others go on writing it")

    def _put(self, target: Path, data: bytes, supersedes: Collection[str]) -> None:
        """Compare and swap. A new file needs no lock: it is linked to a name that must be free."""
        found = content_of(target)
        if found is None:
            place(target, data, BEFORE, AFTER)
        elif found != data:
            with alone_in(self._folder):
                found = content_of(target)
                self._refuse_stranger(target, found, {hashlib.sha256(data).hexdigest(), *supersedes})
                place(target, data, BEFORE, AFTER, replace=found is not None)

    def _refuse_stranger(self, target: Path, found: bytes | None, known: Collection[str]) -> None:
        """Only what was delivered before under this key gives way."""
        if found is None or self._changed == "replace" or hashlib.sha256(found).hexdigest() in known:
            return
        raise Refused(
            f"writing {target.name} into {self._folder}: it is there with other content than was delivered before; "
            "remove it, or set changed: replace"
        )


def content_of(target: Path) -> bytes | None:
    """What the file holds, None where there is none. Never follows a link."""
    try:
        handle = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise Refused(f"writing {target.name} into {target.parent}: a symbolic link has that name") from None
    with os.fdopen(handle, "rb") as file:
        return file.read()


def file_name(kind: str, key: str) -> str:
    """`PurchaseOrder-harbor-4500017.json`: readable, and different keys never share a file.

    Only `/` becomes `-` freely. A key that holds anything else than letters, digits, `.` and `_` between its `/`, so
    that its name could be another's too, carries a part of its digest behind a `~`.
    """
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", key).strip("-.")[:LONGEST_NAME]
    if re.fullmatch(r"[A-Za-z0-9._]+(/[A-Za-z0-9._]+)*", key) and key.replace("/", "-") == plain:
        return f"{kind}-{plain}.json"
    return f"{kind}-{plain}~{hashlib.sha256(key.encode()).hexdigest()[:12]}.json"


def connector(settings: Settings, base: Path, resolve: Resolve = no_secrets) -> Files:
    return Files(base / settings.to, settings.changed)
