"""What a partner owes us after we sent: when its acknowledgment does not come in time, that is told once.

It goes on being awaited, and one that comes late closes the sending as any other.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection

from gateway.ledger import outbox
from gateway.ledger.ledger import Ledger
from gateway.ledger.outbox import OutboxRow
from gateway.pipeline import metrics

log = structlog.get_logger()


async def watch(ledger: Ledger, now: datetime) -> list[OutboxRow]:
    """Tells of each sending that is overdue since the last look; returns them."""
    if not await ledger.read(lambda tx: outbox.overdue(tx, now)):
        return []
    told = await ledger.commit(lambda tx: alarmed(tx, now))
    for row in told:
        metrics.OVERDUE.labels(row.partner, row.type).inc()
        about = {"sending": row.id, "partner": row.partner, "type": row.type, "name": row.name}
        log.warning("overdue", until=str(row.expects_until), correlation=row.correlation, **about)
    return told


def alarmed(tx: Connection, now: datetime) -> list[OutboxRow]:
    """Asked anew in the transaction, so that each is told once, and none that was closed meanwhile."""
    found = outbox.overdue(tx, now)
    for row in found:
        outbox.alarm(
            tx, row, now, {"why": f"no acknowledgment came until {row.expects_until:%Y-%m-%d %H:%M} UTC"}
        )
    return found
