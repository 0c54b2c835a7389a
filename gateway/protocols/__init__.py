"""Bytes in, bytes out: one module per protocol, which never opens a document.

To add a protocol: one module with `Settings` (the frozen pydantic model of what a profile may say of it), with
`listener(...)` and `sender(...)` as far as it has these directions; one line in `PROTOCOLS`; one line in each
conformance suite (`tests/conformance`). A listener acknowledges to the partner only after `accept` returned; a
sender that is asked twice for the same name and bytes leaves one file.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from gateway.errors import SetupError

PROTOCOLS = {
    "folder": "gateway.protocols.folder",
    "sftp": "gateway.protocols.sftp",
    "our_sftp": "gateway.protocols.our_sftp",
}


def load(name: str) -> ModuleType:
    """The module of a protocol; a wrong name shows the right ones."""
    if name not in PROTOCOLS:
        raise SetupError(f"no protocol {name!r}; known: {', '.join(sorted(PROTOCOLS))}")
    return import_module(PROTOCOLS[name])
