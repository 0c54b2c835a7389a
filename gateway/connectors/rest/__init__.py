"""A system that takes JSON over HTTP: one request per object, shaped as company.yaml declares it.

`settings` says what may be declared, `shape` composes a request and reads an answer, `login` proves who we are,
`exchange` sends it and says what came of it.
"""

from gateway.connectors.rest.exchange import Rest, connector
from gateway.connectors.rest.settings import Settings

__all__ = ["Rest", "Settings", "connector"]
