"""Every form in which one business object came under its key, and what its system was handed of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select

from gateway.ledger.attempts import DELIVERED
from gateway.ledger.documents import DocumentRow
from gateway.ledger.prepared import Prepared
from gateway.ledger.tables import delivery_attempt, document


@dataclass(frozen=True)
class Form:
    """A document of the key as it is now; once for each time it was delivered, with what was handed over then."""

    id: str
    state: str
    lease: str | None
    lease_until: datetime | None
    canonical: str | None
    handed_over: str | None

    def in_hand(self, now: datetime) -> bool:
        """Whether a worker holds it."""
        return self.lease is not None and self.lease_until is not None and self.lease_until >= now

    @property
    def digests(self) -> set[str]:
        return {digest for digest in (self.canonical, self.handed_over) if digest}


_FORMS = Prepared(
    select(
        document.c.id,
        document.c.state,
        document.c.lease,
        document.c.lease_until,
        document.c.canonical,
        delivery_attempt.c.detail,
    )
    .outerjoin(
        delivery_attempt,
        and_(delivery_attempt.c.document_id == document.c.id, delivery_attempt.c.outcome == DELIVERED),
    )
    .where(
        document.c.number == bindparam("number"),
        document.c.partner == bindparam("partner"),
        document.c.type == bindparam("type"),
        func.coalesce(document.c.release, "") == bindparam("release"),
        func.coalesce(document.c.purpose, "") == bindparam("purpose"),
        document.c.direction == "in",
    )
)


def of(tx: Connection, row: DocumentRow) -> list[Form]:
    """All documents under this one's business key, itself among them."""
    named = {"number": row.number, "partner": row.partner, "type": row.type}
    named |= {"release": row.release or "", "purpose": row.purpose or ""}
    return [Form(*found) for found in _FORMS.rows(tx, **named)]
