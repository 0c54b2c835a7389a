"""A system that takes JSON over HTTP: one request per object, shaped as company.yaml declares it.

`settings` says what may be declared, `shape` composes a request and reads an answer, `login` proves who we are,
`exchange` sends it and says what came of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.connectors import Resolve, no_secrets
from gateway.connectors.rest.settings import Settings

if TYPE_CHECKING:  # who checks company.yaml sends nothing
    from gateway.connectors.rest.exchange import Rest

__all__ = ["Settings", "connector"]


def connector(settings: Settings, base: Path, resolve: Resolve = no_secrets) -> Rest:
    from gateway.connectors.rest.exchange import Rest

    return Rest(settings, resolve)
