"""Canonical objects to and from the systems behind us: one module per kind of system.

To add one: a module with `Settings` and `connector(...)`, one line in `CONNECTORS`, one line in the conformance suite
(`tests/conformance/test_connectors.py`). A connector that is asked twice for the same key and object has one effect.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from types import ModuleType
from typing import Protocol

from gateway.errors import SetupError

CONNECTORS = {
    "files": "gateway.connectors.files",
}


class Connector(Protocol):
    """Hands one canonical object to a system.

    `key` names the object for ever (`harbor/4500017`), `kind` is its canonical name (`PurchaseOrder`), `document` is
    its JSON, `correlation` follows it through every log. Returns when the system has it. The same key and document
    again change nothing. What the system has under that key is replaced, in one step, only when it is one of
    `supersedes`: the digests (SHA-256) of what was handed over under it before. Anything else there is refused.
    Raises TransportError (try again) or Refused.
    """

    async def deliver(
        self, key: str, kind: str, document: bytes, correlation: str, supersedes: Collection[str] = ()
    ) -> None: ...


def load(name: str) -> ModuleType:
    """The module of a kind of system; a wrong name shows the right ones."""
    if name not in CONNECTORS:
        raise SetupError(f"no connector {name!r}; known: {', '.join(sorted(CONNECTORS))}")
    return import_module(CONNECTORS[name])
