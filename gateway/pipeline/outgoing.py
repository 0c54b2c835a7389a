"""Into the outbox: rendered once, with control numbers, in the transaction that decides on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gateway.ledger import arrivals, control, departures, events, interchanges, outbox
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import State
from gateway.pipeline import answer, render
from gateway.pipeline.answer import TA1, Answer, Answers
from gateway.pipeline.consignment import Ready
from gateway.pipeline.house import House
from gateway.pipeline.incoming import Incoming, Reading
from gateway.pipeline.queue import Claimed, Job, Lease, Step
from gateway.pipeline.render import Envelope, Numbers
from gateway.profiles import Partner, file_names

NO_CHANNEL = "no channel of theirs can send, or several could; see `gateway check`, then replay"


def acknowledge_group(
    tx: Connection, reading: Reading, incoming: Incoming, offset: int, answers: Answers
) -> list[Job]:
    """The 997 or 999 that is agreed for the group at this offset; nothing where it was stored before."""
    partner = incoming.partner
    if partner is None:
        return []
    jobs: list[Job] = []
    for wanted, made in answers.items():
        key = f"{wanted}/{incoming.id}/{offset}"
        if outbox.find(tx, key):
            continue
        if isinstance(made, str):
            unanswered(tx, reading, wanted, made)
        else:
            jobs += put(tx, reading, partner, key, made)
    return jobs


def acknowledge_interchange(tx: Connection, reading: Reading, incoming: Incoming) -> list[Job]:
    """The TA1, where one is agreed with whoever can be told."""
    partner = incoming.partner or incoming.addressee
    if partner is None or not incoming.answerable or not reading.house.expects(partner, TA1):
        return []
    key = f"{TA1}/{incoming.id}"
    if outbox.find(tx, key):
        return []
    made = answer.to_interchange(reading.house, partner, incoming.header, incoming.faults, reading.now())
    return put(tx, reading, partner, key, made)


def answer_again(tx: Connection, reading: Reading, interchange_id: str) -> list[Job]:
    """The sender repeats itself, so it may have missed our answers: the same bytes are sent once more."""
    first = interchanges.get(tx, interchange_id)
    jobs: list[Job] = []
    for row in outbox.answering(tx, first.arrival_id):
        if f"/{interchange_id}" in (row.key or "") and row.state == State.SENT:
            outbox.replay(tx, row.id, reading.now(), {"why": "the interchange was repeated"})
            jobs.append(Job(Step.SEND, row.id, row.partner, row.attempt))
    return jobs


def unanswered(tx: Connection, reading: Reading, wanted: str, why: str) -> None:
    """An acknowledgment that cannot be written is our fault: an event, and never the document's."""
    arrival = reading.arrival
    detail = {"type": wanted, "why": why}
    about = {"arrival_id": arrival.id, "correlation": arrival.correlation}
    events.add(tx, "not-acknowledged", reading.now(), detail=detail, **about)


def put(tx: Connection, reading: Reading, partner: Partner, key: str, made: Answer) -> list[Job]:
    """Numbers the answer and stores it for the channel that answers; held with a reason where no channel can."""
    envelope, arrival, house = made.envelope, reading.arrival, reading.house
    numbers = drawn(tx, envelope, grouped=bool(made.group))
    channel = house.answering(partner, arrival.channel)
    facts: dict[str, Any] = {} if channel else {"state": State.HELD, "detail": {"why": NO_CHANNEL}}
    lease = reading.lease() if channel else None
    now = reading.now()
    data = made.data(numbers, now)
    row = outbox.add(
        tx,
        data,
        now,
        partner=partner.partner,
        channel=channel or "",
        name=house.answer_name(
            channel or "", file_names.facts(made.type, numbered(numbers, envelope), partner.partner, now)
        ),
        type=made.type,
        key=key,
        arrival_id=arrival.id,
        correlation=arrival.correlation,
        snapshot=house.digest,
        **known_by(envelope, numbers),
        **leased(lease),
        **facts,
    )
    return [sending(row, data, lease)] if channel else []


def put_documents(
    tx: Connection, house: House, bundle: Sequence[Ready], token: str, now: datetime, lease: Lease | None
) -> list[Job]:
    """One interchange with one functional group of these documents, in their order; it carries them from now on."""
    to, written = bundle[0].to, [one.set(number) for number, one in enumerate(bundle, 1)]
    numbers = drawn(tx, to.envelope, grouped=True)
    data = render.interchange(to.envelope, numbers, now, to.map, written)
    alone: dict[str, Any] = {"correlation": bundle[0].row.correlation} if len(bundle) == 1 else {}
    row = outbox.add(
        tx,
        data,
        now,
        partner=to.partner.partner,
        channel=to.channel,
        name=bundle[0].name(house, numbered(numbers, to.envelope), now),
        type=to.agreement.document,
        snapshot=house.digest,
        **known_by(to.envelope, numbers),
        **leased(lease),
        **alone,
    )
    for number, one in enumerate(bundle, 1):
        departures.carry(
            tx,
            one.row.id,
            token,
            row,
            now,
            partner=row.partner,
            group_code=to.map.guide.group,
            group_control=row.group_control,
            set_control=f"{number:04d}",
            version=to.map.guide.version,
            map=to.map.name,
            snapshot=house.digest,
            faults=[fault.as_dict() for fault in one.faults],
        )
    return [sending(row, data, lease)]


def drawn(tx: Connection, envelope: Envelope, *, grouped: bool) -> Numbers:
    """The next control numbers of the envelope; to be asked for when nothing can fail any more."""
    return Numbers(draw(tx, envelope, "interchange"), draw(tx, envelope, "group") if grouped else 0)


def known_by(envelope: Envelope, numbers: Numbers) -> dict[str, Any]:
    """What the partner's acknowledgment will name."""
    return {
        "own": envelope.sender,
        "other": envelope.receiver,
        "usage": envelope.usage,
        "control": f"{numbers.interchange:09d}",
        "group_control": str(numbers.group) if numbers.group else None,
    }


def leased(lease: Lease | None) -> dict[str, Any]:
    """The columns of a row that is born claimed."""
    return {"lease": lease.token, "lease_until": lease.until} if lease else {}


def sending(row: OutboxRow, data: bytes, lease: Lease | None) -> Job:
    claimed = Claimed(row, lease, data) if lease else None
    return Job(Step.SEND, row.id, row.partner, claimed=claimed)


def address(tx: Connection, house: House, row: OutboxRow, token: str) -> OutboxRow:
    """What was put out while no channel could send leaves over the one that can now, under the name that has there."""
    partner = house.partner(row.partner)
    came_by = arrivals.get(tx, row.arrival_id).channel if row.arrival_id else ""
    channel = house.answering(partner, came_by) if partner else None
    if channel is None:
        return row
    control = f"{row.control or ''}{'T' if row.usage == 'T' else ''}"
    known = file_names.facts(row.type, control, row.partner, row.rendered_at)
    found: dict[str, Any] = {"channel": channel, "name": house.answer_name(channel, known)}
    outbox.amend(tx, row.id, token, **found)
    return replace(row, **found)


def numbered(numbers: Numbers, envelope: Envelope) -> str:
    """What `<control>` is in a file's name; tests are counted apart from production, and named apart."""
    return f"{numbers.interchange:09d}{'T' if envelope.test else ''}"


def draw(tx: Connection, envelope: Envelope, level: str) -> int:
    return control.next(tx, envelope.sender, envelope.receiver, envelope.usage, level)
