"""What is to be known of a standard where documents are agreed on: how they are called, and what acknowledges them."""

from __future__ import annotations

import re
from typing import NamedTuple

from gateway.faults import Place


class Standard(NamedTuple):
    """`documents` is how its types are called, `functional` what `standard` stands for in `acknowledge:`.

    `acknowledgments` are all that can acknowledge, `closing` those that close what we sent. `line` is the name of a
    base map, `identifier` where a document says its type.
    """

    documents: re.Pattern[str]
    functional: tuple[str, ...]
    acknowledgments: tuple[str, ...]
    closing: tuple[str, ...]
    line: str
    identifier: Place


ERRORS = "errors"
"""What tells the sender of a file of records which of them were wrong; there is no standard for that."""
RECORDS = Standard(re.compile(r"[a-z][\w-]*"), (), (), (), "{}", Place())
"""Files of records have no types of a standard: they are called as their guide is, in lower case."""

STANDARDS = {
    "x12": Standard(
        re.compile(r"\d{3}"),
        ("997",),
        ("997", "999", "TA1"),
        ("997", "999"),
        "x12/004010/{}",
        Place(segment="ST", element=1, name="Transaction Set Identifier Code"),
    ),
    "edifact": Standard(
        re.compile(r"[A-Z]{6}"),
        ("CONTRL",),
        ("CONTRL",),
        ("CONTRL",),
        "edifact/D96A/{}",
        Place(segment="UNH", element=2, name="Message Identifier"),
    ),
    **dict.fromkeys(("fixed", "csv"), RECORDS),
}
X12 = "x12"

ACKNOWLEDGMENTS = tuple(word for one in STANDARDS.values() for word in one.acknowledgments)
"""What can be agreed to acknowledge, and may be awaited for a sending."""
RECEIPTS = ("MDN",)
"""What a protocol says of what it took; no protocol of ours has such a receipt that is awaited yet."""
NEVER_ACKNOWLEDGED = frozenset(word for one in STANDARDS.values() for word in one.closing)
"""Acknowledging an acknowledgment would never end (X12 997 note 1; ISO 9735, CONTRL)."""


def standard_of(document: str) -> str:
    """The standard whose documents are called so: `850` is X12's, `ORDERS` EDIFACT's; X12 where that is nobody's.

    What is called as `shipments` is a file of records; whether its fields have columns or cells is all one here.
    """
    return next((name for name, one in STANDARDS.items() if one.documents.fullmatch(document)), X12)


def line_for(document: str) -> str:
    """The base map to name for a document type in a hint."""
    return STANDARDS[standard_of(document)].line.format(document)
