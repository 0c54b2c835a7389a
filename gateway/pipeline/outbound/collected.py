"""What partners do at our doors, as the doors tell it: what they take from their `out/` becomes part of its story.

A door waits for nobody: what it tells is written down soon after, all that waits together. What was told just before a
crash may be missing from a story; the file is where it is all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection

from gateway.errors import LedgerUnavailable
from gateway.ledger import events, outbox
from gateway.ledger.ledger import Ledger
from gateway.ledger.outbox import OutboxRow
from gateway.pipeline import metrics
from gateway.protocols.our_sftp.server import LOGIN_FAILED, TURNED_AWAY
from gateway.protocols.our_sftp.visit import REFUSED, UNFINISHED

log = structlog.get_logger()

AGAIN = 5.0
"""Seconds until what the ledger could not take is written down again."""


class Told(NamedTuple):
    """A file of a channel's `out/` was fetched, or removed."""

    channel: str
    name: str
    what: str
    at: datetime


class Collected:
    """Hears the doors, and writes down what became of what we sent. `run` goes on until it is cancelled."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now
        self._told: list[Told] = []
        self._any = asyncio.Event()

    def hear(self, channel: str, name: str, what: str, why: str = "") -> None:
        """What is refused, or left unfinished, at our SFTP server has its line of log already, and is counted."""
        if what == REFUSED:
            metrics.UPLOADS_REFUSED.labels(channel, why).inc()
        elif what == UNFINISHED:
            metrics.UPLOADS_UNFINISHED.labels(channel).inc()
        elif what in (LOGIN_FAILED, TURNED_AWAY):
            metrics.LOGINS_FAILED.labels(channel, why).inc()
        else:
            log.info("our sftp", channel=channel, file=name, what=what)
            self._told.append(Told(channel, name, what, self._now()))
            self._any.set()

    async def run(self) -> None:
        while True:
            await self._any.wait()
            self._any.clear()
            try:
                await self.write()
            except LedgerUnavailable as error:
                log.error("not written down", why=str(error))
                await asyncio.sleep(AGAIN)
                self._any.set()

    async def write(self) -> None:
        """All that was told and is not written down yet."""
        told = self._told[:]
        if told:
            await self._ledger.commit(lambda tx: note(tx, told))
            del self._told[: len(told)]


def note(tx: Connection, told: Sequence[Told]) -> None:
    """One event more of each sending, the first time that this becomes of what was sent."""
    for one in told:
        row = outbox.named(tx, one.channel, one.name)
        if row is not None and not noted(tx, row, one.what):
            about: dict[str, Any] = {"arrival_id": row.arrival_id, "correlation": row.correlation}
            events.add(tx, one.what, one.at, outbox_id=row.id, **about)


def noted(tx: Connection, row: OutboxRow, what: str) -> bool:
    """Whether this is known since it was sent last; a partner may fetch a file as often as it likes."""
    since = row.sent_at or row.rendered_at
    return any(at >= since for at in events.of_sending(tx, row.correlation, row.id, what))
