"""What was expected and did not come, or go, in time: told once, and before that once where `warn:` says so.

It goes on being awaited, and what comes late ends that as ever.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection

from gateway.ledger import deadlines
from gateway.ledger.deadlines import DUE_SOON, OVERDUE, DeadlineRow
from gateway.ledger.ledger import Ledger
from gateway.pipeline import metrics
from gateway.pipeline.awaited import TA1

log = structlog.get_logger()

Told = tuple[str, DeadlineRow]
COUNTED = {OVERDUE: metrics.OVERDUE, DUE_SOON: metrics.DUE_SOON}


async def watch(ledger: Ledger, now: datetime) -> list[Told]:
    """Tells of all that is overdue, or soon will be, since the last look; returns which of the two, of what."""
    if not await ledger.read(lambda tx: deadlines.due(tx, now)):
        return []
    told = await ledger.commit(lambda tx: alarmed(tx, now))
    for kind, row in told:
        COUNTED[kind].labels(row.partner, row.type, row.awaited).inc()
        about = {"after": row.after, "partner": row.partner, "type": row.type, "awaited": row.awaited}
        number = {"number": row.number} if row.number else {}
        log.warning(kind, until=str(row.until), correlation=row.correlation, **about, **number)
    return told


def alarmed(tx: Connection, now: datetime) -> list[Told]:
    """Asked anew in the transaction, so that each is told once, and nothing that came meanwhile."""
    return [(deadlines.tell(tx, row, now, {"why": why(row, now)}), row) for row in deadlines.due(tx, now)]


def why(row: DeadlineRow, now: datetime) -> str:
    """`no 855 of order 4500017 came until 2026-11-22 12:00 UTC`."""
    order = f"order {row.number}{f' release {row.release}' if row.release else ''}"
    what = f"{row.awaited} of {order}" if row.number else "acknowledgment"
    what = row.awaited if row.awaited == TA1 else what
    moment = f"{row.until:%Y-%m-%d %H:%M} UTC"
    came = "came" if row.direction == "in" else "went out"
    if row.until < now:
        return f"no {what} {came} until {moment}"
    return f"no {what} {came} yet; it is late after {moment}"
