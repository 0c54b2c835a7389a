"""Every try to hand something over, to a partner or to a system of ours, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.ledger.ids import new_id
from gateway.ledger.prepared import adding
from gateway.ledger.tables import delivery_attempt


@dataclass(frozen=True)
class AttemptRow:
    """One try: of a document (to a system) or of an outbox row (to a partner).

    `detail` says why it failed; of a document that was delivered it is the digest of what was handed over.
    """

    id: str
    document_id: str | None
    outbox_id: str | None
    n: int
    started_at: datetime
    ended_at: datetime
    outcome: str
    detail: str


DELIVERED = "delivered"
"""The outcome of a try after which the system has the document."""

_ADD = adding(delivery_attempt)


def add(
    tx: Connection,
    n: int,
    started_at: datetime,
    ended_at: datetime,
    outcome: str,
    detail: str = "",
    *,
    document_id: str | None = None,
    outbox_id: str | None = None,
) -> None:
    """Writes the try down, with the words it ended with."""
    row = AttemptRow(new_id(), document_id, outbox_id, n, started_at, ended_at, outcome, detail)
    _ADD.run(tx, **vars(row))
