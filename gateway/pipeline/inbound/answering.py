"""What answers an arrival, into the outbox: rendered once and numbered, in the transaction that decides on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from gateway.errors import NotWritable, SetupError
from gateway.ledger import arrivals, events, interchanges, outbox
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import State
from gateway.pipeline import outgoing
from gateway.pipeline.inbound.incoming import Incoming, Reading
from gateway.pipeline.queue import Job, Step
from gateway.pipeline.translation import answer
from gateway.pipeline.translation.answer import Answer, Answers
from gateway.pipeline.translation.house import House
from gateway.profiles import Partner, file_names

NO_CHANNEL = "no channel of theirs can send, or several could; see `gateway check`, then replay"


def acknowledge_group(
    tx: Connection, reading: Reading, incoming: Incoming, offset: int, answers: Answers
) -> list[Job]:
    """What is agreed for the group, or the interchange, at this offset; nothing where it was stored before."""
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
    """What tells of the interchange's envelope, where that is agreed with whoever can be told."""
    partner = incoming.partner or incoming.addressee
    if partner is None or not incoming.answerable:
        return []
    try:
        made = answer.receipt(reading.house, partner, incoming.header, incoming.faults, reading.now())
    except (NotWritable, SetupError) as error:
        unanswered(tx, reading, "the interchange's acknowledgment", str(error))
        return []
    key = f"{made.type}/{incoming.id}" if made else ""
    if made is None or outbox.find(tx, key):
        return []
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
    numbers = outgoing.drawn(tx, envelope, grouped=made.grouped)
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
            channel or "",
            file_names.facts(
                made.type, outgoing.numbered(numbers, envelope), partner.partner, now, made.extension
            ),
        ),
        type=made.type,
        key=key,
        arrival_id=arrival.id,
        correlation=arrival.correlation,
        snapshot=house.digest,
        **outgoing.known_by(envelope, numbers),
        **outgoing.leased(lease),
        **facts,
    )
    return [outgoing.sending(row, data, lease)] if channel else []


def address(tx: Connection, house: House, row: OutboxRow, token: str) -> OutboxRow:
    """What was put out while no channel could send leaves over the one that can now, under the name that has there."""
    partner = house.partner(row.partner)
    came_by = arrivals.get(tx, row.arrival_id).channel if row.arrival_id else ""
    channel = house.answering(partner, came_by) if partner else None
    if channel is None:
        return row
    control = f"{row.control or ''}{'T' if row.usage == 'T' else ''}"
    extension = row.name.rpartition(".")[2]
    known = file_names.facts(row.type, control, row.partner, row.rendered_at, extension)
    found: dict[str, Any] = {"channel": channel, "name": house.answer_name(channel, known)}
    outbox.amend(tx, row.id, token, **found)
    return replace(row, **found)
