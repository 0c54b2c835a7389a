"""What every interchange of ours shares on its way into the outbox: its control numbers, and what it is known by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from gateway.formats.enclosing import Envelope, Numbers
from gateway.ledger import control
from gateway.ledger.outbox import OutboxRow
from gateway.pipeline.queue import Claimed, Job, Lease, Step


def drawn(tx: Connection, envelope: Envelope, *, grouped: bool) -> Numbers:
    """The next control numbers of the envelope; to be asked for when nothing can fail any more."""
    return Numbers(draw(tx, envelope, "interchange"), draw(tx, envelope, "group") if grouped else 0)


def draw(tx: Connection, envelope: Envelope, level: str) -> int:
    return control.next(tx, envelope.sender, envelope.receiver, envelope.usage, level)


def known_by(envelope: Envelope, numbers: Numbers) -> dict[str, Any]:
    """What the partner's acknowledgment will name."""
    return {
        "own": envelope.sender,
        "other": envelope.receiver,
        "usage": envelope.usage,
        "control": envelope.control(numbers.interchange),
        "group_control": str(numbers.group) if numbers.group else None,
    }


def leased(lease: Lease | None) -> dict[str, Any]:
    """The columns of a row that is born claimed."""
    return {"lease": lease.token, "lease_until": lease.until} if lease else {}


def sending(row: OutboxRow, data: bytes, lease: Lease | None) -> Job:
    claimed = Claimed(row, lease, data) if lease else None
    return Job(Step.SEND, row.id, row.partner, claimed=claimed)


def numbered(numbers: Numbers, envelope: Envelope) -> str:
    """What `<control>` is in a file's name; tests are counted apart from production, and named apart."""
    return f"{envelope.control(numbers.interchange)}{'T' if envelope.test else ''}"
