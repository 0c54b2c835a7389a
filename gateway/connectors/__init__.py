"""Canonical objects to and from the systems behind us: one module per kind of system.

To add one: a module with `Settings` and `connector(settings, base, resolve)`, one line in `CONNECTORS`, one line in the
conformance suite (`tests/conformance/test_connectors.py`). A connector that is asked twice for the same key and object
has one effect. One that stays connected has `close()`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Protocol

from gateway.errors import SetupError

CONNECTORS = {
    "files": "gateway.connectors.files",
    "rest": "gateway.connectors.rest",
}


Resolve = Callable[[str], str]
"""The secret behind `secret:NAME`, or the text of a file under partners/; raises SetupError when there is none."""


def no_secrets(reference: str) -> str:
    raise SetupError(f"resolving {reference}: no secrets were given to this system")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a system said when it took an object: its own number for it, and what it says of it."""

    number: str | None = None
    status: str | None = None


class Connector(Protocol):
    """Hands one canonical object to a system.

    `key` names the object for ever (`harbor/4500017`), `kind` is its canonical name (`PurchaseOrder`), `document` is
    its JSON, `correlation` follows it through every log. Returns when the system has it, with what the system said, if
    it says anything. The same key and document again change nothing. What the system has under that key is replaced,
    in one step, only when it is one of `supersedes`: the digests (SHA-256) of what was handed over under it before.
    Anything else there is refused.
    Raises TransportError (try again) or Refused.
    """

    async def deliver(
        self, key: str, kind: str, document: bytes, correlation: str, supersedes: Collection[str] = ()
    ) -> Taken | None: ...


def load(name: str) -> ModuleType:
    """The module of a kind of system; a wrong name shows the right ones."""
    if name not in CONNECTORS:
        raise SetupError(f"no connector {name!r}; known: {', '.join(sorted(CONNECTORS))}")
    return import_module(CONNECTORS[name])
