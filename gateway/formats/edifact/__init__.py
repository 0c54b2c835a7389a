"""UN/EDIFACT, syntax versions 1 to 4: bytes to envelopes and messages and back, by the signs its UNA states.

`read` yields events, properly nested, and never raises for what a file holds. `Writer` composes segments, messages,
packages, groups and interchanges. Both are pure; neither knows what a segment means.
"""

from gateway.formats.edifact.charset import CHARSETS
from gateway.formats.edifact.delimiters import Delimiters, standard, stated
from gateway.formats.edifact.enclose import Envelope
from gateway.formats.edifact.events import Event, Group, Interchange, Package, TransactionSet
from gateway.formats.edifact.read import EDIFACT, read
from gateway.formats.edifact.write import Writer, ung, unh
from gateway.formats.events import GroupEnd, InterchangeEnd, Limits, Stray

__all__ = [
    "CHARSETS",
    "EDIFACT",
    "Delimiters",
    "Envelope",
    "Event",
    "Group",
    "GroupEnd",
    "Interchange",
    "InterchangeEnd",
    "Limits",
    "Package",
    "Stray",
    "TransactionSet",
    "Writer",
    "read",
    "standard",
    "stated",
    "ung",
    "unh",
]
