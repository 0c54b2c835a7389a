"""From what a system handed over to the outbox, as one worker: taken in lots, composed outside the ledger, put in.

Control numbers are drawn in the transaction that stores the bytes. A crash before it leaves the documents as they were;
after it the sending is there. What cannot be written ends alone, with its faults.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from gateway.errors import GatewayError, NotWritable, words
from gateway.faultpoints import reach
from gateway.faults import Fault
from gateway.ledger import arrivals, blobs, departures, documents, threads
from gateway.ledger.documents import DocumentRow
from gateway.ledger.ledger import Ledger
from gateway.ledger.states import State
from gateway.pipeline import metrics
from gateway.pipeline.inbound import precedence
from gateway.pipeline.inbound.findings import keys_of, orders_answered
from gateway.pipeline.outbound import differences, interchange
from gateway.pipeline.outbound.consignment import Consignment, Ready, Stopped, composed
from gateway.pipeline.outbound.handover import read_again, run_completed, system_of
from gateway.pipeline.queue import Job, Lend
from gateway.pipeline.translation.house import House
from gateway.pipeline.work.deliver import after
from gateway.profiles.calendars import RUN

log = structlog.get_logger()

Outcome = Ready | Stopped | Exception

AT_ONCE = 100
"""Documents of one arrival that are looked at together, at most."""
BREATH = 20
"""Documents after which others get their turn, and the lease is held on."""


class Dispatcher:
    """Renders documents that go out, as one worker. `lend` claims the sendings that this makes."""

    def __init__(
        self, ledger: Ledger, worker: str, now: Callable[[], datetime], lease: timedelta, lend: Lend
    ) -> None:
        self._ledger = ledger
        self._worker = worker
        self._now = now
        self._lease = lease
        self._lend = lend

    async def render(self, id: str, house: House) -> list[Job]:
        """The document and those that belong to its lot; nothing when somebody else has them, or nothing is to do."""
        taken = await self._ledger.commit(lambda tx: self._take(tx, id))
        if taken is None:
            return []
        token, rows = taken
        lot = await self._ledger.read(lambda tx: [found(tx, row) for row in rows])
        outcomes = [one async for one in self._composed(house, lot, token)]
        reach("render.before_commit")
        jobs, ended = await self._ledger.commit(
            lambda tx: self._written(tx, house, rows, lot, outcomes, token)
        )
        reach("render.after_commit")
        for row, outcome in zip(rows, ended, strict=True):
            tell(row, outcome)
        return jobs

    async def _composed(
        self, house: House, lot: Sequence[Consignment | Exception], token: str
    ) -> AsyncIterator[Outcome]:
        """What becomes of each; one that fails for a reason of ours fails alone."""
        for number, one in enumerate(lot, 1):
            try:
                yield one if isinstance(one, Exception) else composed(house, one)
            except Exception as error:
                yield error
            if number % BREATH == 0:
                await self._ledger.commit(lambda tx: departures.hold(tx, token, self._now() + self._lease))

    # -- inside the ledger's transactions

    def _take(self, tx: Connection, id: str) -> tuple[str, list[DocumentRow]] | None:
        return departures.take(tx, id, self._worker, self._now(), self._now() + self._lease, AT_ONCE)

    def _written(
        self,
        tx: Connection,
        house: House,
        rows: Sequence[DocumentRow],
        lot: Sequence[Consignment | Exception],
        outcomes: Sequence[Outcome],
        token: str,
    ) -> tuple[list[Job], list[Outcome]]:
        """Each document where it goes; what need not wait as one interchange for each bundle."""
        kept = [self._kept(tx, row, one, token) for row, one in zip(rows, lot, strict=True)]
        settled = [self._first(tx, row, outcome) for row, outcome in zip(kept, outcomes, strict=True)]
        bundles: dict[tuple[Any, ...], list[Ready]] = {}
        for row, outcome in zip(rows, settled, strict=True):
            if isinstance(outcome, Stopped):
                self._stopped(tx, house, outcome, token)
            elif not isinstance(outcome, Ready):
                self._failed(tx, house, row, outcome, token)
            elif outcome.waits:
                self._wait(tx, house, outcome, token)
            else:
                bundles.setdefault(outcome.bundle, []).append(outcome)
        jobs = [job for bundle in bundles.values() for job in self._put(tx, house, bundle, token)]
        return [*jobs, *run_completed(tx, rows[0].arrival_id or "")], settled

    def _kept(
        self, tx: Connection, row: DocumentRow, one: Consignment | Exception, token: str
    ) -> DocumentRow:
        """The document with its object in the ledger, also where only reading it again made it one."""
        if isinstance(one, Exception) or one.business is None or row.canonical is not None:
            return row
        digest = blobs.add_bytes(tx, one.business.to_json().encode())
        named: dict[str, Any] = {"canonical": digest, **keys_of(one.business)}
        departures.amend(tx, row.id, token, **named)
        threads.again(tx, row.id, orders_answered(one.business))
        return replace(row, **named)

    def _first(self, tx: Connection, row: DocumentRow, outcome: Outcome) -> Outcome:
        """One that is ready, unless another of its business key went out before."""
        if not isinstance(outcome, Ready):
            return outcome
        agreement = outcome.to.agreement
        row = replace(row, type=agreement.document)
        ended = precedence.goes_out(tx, row, agreement, outcome.waived, self._now())
        if ended is None:
            return replace(outcome, row=row)
        return Stopped(
            row, ended[0], [ended[1]], agreement.partner, {differences.DIFFERS: [differences.AGAIN]}
        )

    def _wait(self, tx: Connection, house: House, one: Ready, token: str) -> None:
        agreement = one.to.agreement
        changes: dict[str, Any] = {
            "partner": agreement.partner,
            "type": agreement.document,
            "snapshot": house.digest,
            "faults": [],
        }
        run = agreement.batch == RUN
        due = departures.WHOLE if run else house.leaves(agreement, self._now())
        departures.move(tx, one.row.id, State.TRANSLATED, token, self._now(), due_at=due, **changes)

    def _put(self, tx: Connection, house: House, bundle: Sequence[Ready], token: str) -> list[Job]:
        """One interchange; where its envelope cannot say what is in it all, nothing is numbered and all of it stops."""
        try:
            with tx.begin_nested() if len(bundle) > 1 else nullcontext():
                return interchange.put(tx, house, bundle, token, self._now(), self._lend())
        except NotWritable as error:
            for one in bundle:
                partner = one.to.partner.partner
                self._stopped(tx, house, Stopped(one.row, State.QUARANTINED, error.faults, partner), token)
            return []

    def _stopped(self, tx: Connection, house: House, one: Stopped, token: str) -> None:
        faults = [fault.as_dict() for fault in one.faults]
        changes: dict[str, Any] = {
            "faults": faults,
            "type": one.row.type,
            "snapshot": house.digest,
            "due_at": None,
        }
        changes |= {"partner": one.partner} if one.partner else {}
        departures.move(tx, one.row.id, one.state, token, self._now(), detail=one.detail, **changes)

    def _failed(self, tx: Connection, house: House, row: DocumentRow, error: Exception, token: str) -> None:
        state, due = after(error, row.attempt + 1, house.retry(row.partner), self._now())
        detail = {"why": words(error)}
        departures.move(
            tx, row.id, state, token, self._now(), detail=detail, attempt=row.attempt + 1, due_at=due
        )


def found(tx: Connection, row: DocumentRow) -> Consignment | Exception:
    """What the ledger knows of the document; or why that cannot be had, so that it ends alone with that."""
    try:
        return laid_out(tx, row)
    except (GatewayError, LookupError, ValueError) as error:
        return error


def laid_out(tx: Connection, row: DocumentRow) -> Consignment:
    """The document with its object, the system it came from, and the orders it answers."""
    arrival = arrivals.get(tx, row.arrival_id or "")
    system, business, faults = system_of(arrival.channel), None, list[Fault]()
    if row.canonical is None:
        business, faults = read_again(row.kind or "", blobs.read(tx, arrival.digest), row.ordinal)
    else:
        business = documents.canonical(tx, row)
    answers = [] if business is None else differences.orders(tx, business, "in", row.id)
    coming = [] if business is None else differences.to_come(tx, business, answers)
    return Consignment(row, system, business, faults, answers, coming, differences.let_go(tx, row.id))


def tell(row: DocumentRow, outcome: Outcome) -> None:
    """One line of log for what became of a document."""
    about = {"document": row.id, "kind": row.kind, "number": row.number, "correlation": row.correlation}
    if isinstance(outcome, Ready):
        partner = outcome.to.partner.partner
        metrics.DOCUMENTS.labels(partner, row.type, State.RENDERED).inc()
        log.info("rendered", partner=partner, **about)
    elif isinstance(outcome, Stopped):
        metrics.DOCUMENTS.labels(outcome.partner or "", row.type, outcome.state).inc()
        log.warning(outcome.state, partner=outcome.partner, why="; ".join(map(str, outcome.faults)), **about)
    else:
        metrics.DOCUMENTS.labels(row.partner or "", row.type, "failed").inc()
        log.error(
            "not rendered",
            why=words(outcome),
            exc_info=None if isinstance(outcome, GatewayError) else outcome,
            **about,
        )
