"""X12, any version: bytes to envelopes and transaction sets and back, by the delimiters its ISA states.

`read` yields events, properly nested, and never raises for what a file holds. `Writer` composes segments, sets,
groups and interchanges. Both are pure; neither knows what a segment means.
"""

from gateway.formats.events import GroupEnd, InterchangeEnd, Limits, Stray
from gateway.formats.x12.charset import CHARSETS
from gateway.formats.x12.delimiters import Delimiters
from gateway.formats.x12.enclose import Envelope
from gateway.formats.x12.events import (
    Event,
    Group,
    Interchange,
    InterchangeAcknowledgment,
    TransactionSet,
)
from gateway.formats.x12.read import X12, read
from gateway.formats.x12.write import Writer, gs

__all__ = [
    "CHARSETS",
    "X12",
    "Delimiters",
    "Envelope",
    "Event",
    "Group",
    "GroupEnd",
    "Interchange",
    "InterchangeAcknowledgment",
    "InterchangeEnd",
    "Limits",
    "Stray",
    "TransactionSet",
    "Writer",
    "gs",
    "read",
]
