"""An open B2B/EDI gateway, and the library it is made of: documents to business objects and back.

`import gateway` costs nothing: a name is imported when it is used. Reading, writing and mapping need no server, no
files and no database.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway import canonical
    from gateway.errors import GatewayError, NotWritable, SetupError
    from gateway.faults import Code, Fault
    from gateway.library import (
        Limits,
        Map,
        Reading,
        Report,
        Translation,
        inspect,
        load_map,
        read,
        render,
        translate,
    )

__all__ = [
    "Code",
    "Fault",
    "GatewayError",
    "Limits",
    "Map",
    "NotWritable",
    "Reading",
    "Report",
    "SetupError",
    "Translation",
    "canonical",
    "inspect",
    "load_map",
    "read",
    "render",
    "translate",
]

_HOMES = {
    "Code": "gateway.faults",
    "Fault": "gateway.faults",
    "GatewayError": "gateway.errors",
    "NotWritable": "gateway.errors",
    "SetupError": "gateway.errors",
}


def __getattr__(name: str) -> Any:
    if name == "canonical":
        return import_module("gateway.canonical")
    if name not in __all__:
        raise AttributeError(f"module 'gateway' has no attribute {name!r}")
    found = getattr(import_module(_HOMES.get(name, "gateway.library")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
