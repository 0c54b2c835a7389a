"""Acknowledgments into the outbox: rendered once, with control numbers, in the transaction that decides on them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from gateway.errors import NotWritable, SetupError
from gateway.ledger import control, events, outbox
from gateway.ledger.states import State
from gateway.pipeline import acknowledge, render
from gateway.pipeline.acknowledge import GroupVerdict
from gateway.pipeline.incoming import Incoming, Reading
from gateway.pipeline.queue import Job, Step
from gateway.pipeline.render import Envelope, Numbers
from gateway.profiles import Agreement, Partner

FUNCTIONAL = ("997", "999")
TA1 = "TA1"


def acknowledge_group(
    tx: Connection, reading: Reading, incoming: Incoming, group: GroupVerdict, agreement: Agreement | None
) -> list[Job]:
    """The 997 or 999 that is agreed for this group, if any."""
    partner = incoming.partner
    if partner is None:
        return []
    jobs: list[Job] = []
    for wanted in reading.house.acknowledgments(partner, agreement):
        if wanted.rpartition("/")[2] in FUNCTIONAL:
            key = f"{wanted}/{incoming.id}/{group.header.offset}"
            jobs += put(tx, reading, incoming, partner, wanted, key, group)
    return jobs


def acknowledge_interchange(tx: Connection, reading: Reading, incoming: Incoming) -> list[Job]:
    """The TA1, where one is agreed with whoever can be told."""
    partner = incoming.partner or incoming.addressee
    if partner is None or not incoming.answerable or not reading.house.expects(partner, TA1):
        return []
    key = f"{TA1}/{incoming.id}"
    if outbox.find(tx, key):
        return []
    said = acknowledge.interchange(incoming.header, incoming.faults, reading.now())
    envelope = reading.house.envelope(partner, incoming.header)
    number = draw(tx, envelope, "interchange")
    data = render.acknowledgments(envelope, number, reading.now(), [acknowledge.ta1(said)])
    return store(tx, reading, partner, TA1, key, data, envelope, Numbers(number, 0))


def put(
    tx: Connection,
    reading: Reading,
    incoming: Incoming,
    partner: Partner,
    wanted: str,
    key: str,
    group: GroupVerdict,
) -> list[Job]:
    """Renders what is to be said of the group as `wanted`, and stores it; nothing when it was rendered before."""
    if outbox.find(tx, key):
        return []
    type = wanted.rpartition("/")[2]
    envelope = reading.house.envelope(partner, incoming.header)
    try:
        chosen = reading.house.acknowledgment_map(wanted, incoming.header.version)
        said = acknowledge.functional(group, versions=acknowledge.carries_versions(chosen.guide))
        written = render.sets(envelope, chosen, [said])
    except (NotWritable, SetupError) as error:
        events.add(
            tx,
            "not-acknowledged",
            reading.now(),
            arrival_id=reading.arrival.id,
            correlation=reading.arrival.correlation,
            detail={"type": type, "why": str(error)},
        )
        return []
    numbers = Numbers(draw(tx, envelope, "interchange"), draw(tx, envelope, "group"))
    data = render.interchange(envelope, numbers, reading.now(), chosen, written)
    return store(tx, reading, partner, type, key, data, envelope, numbers)


def draw(tx: Connection, envelope: Envelope, level: str) -> int:
    return control.next(tx, envelope.sender, envelope.receiver, "T" if envelope.test else "P", level)


def store(
    tx: Connection,
    reading: Reading,
    partner: Partner,
    type: str,
    key: str,
    data: bytes,
    envelope: Envelope,
    numbers: Numbers,
) -> list[Job]:
    """Into the outbox, for the channel that answers; held with a reason where no channel can."""
    channel = reading.house.answering(partner, reading.arrival.channel)
    facts: dict[str, Any] = {} if channel else {"state": State.HELD, "detail": {"why": "no channel can send"}}
    id = outbox.add(
        tx,
        data,
        reading.now(),
        partner=partner.partner,
        channel=channel or "",
        name=reading.house.file_name(channel or "", type, f"{numbers.interchange:09d}"),
        type=type,
        key=key,
        arrival_id=reading.arrival.id,
        correlation=reading.arrival.correlation,
        own=envelope.sender,
        other=envelope.receiver,
        usage="T" if envelope.test else "P",
        control=f"{numbers.interchange:09d}",
        group_control=str(numbers.group) if numbers.group else None,
        snapshot=reading.house.digest,
        **facts,
    )
    return [Job(Step.SEND, id, partner.partner)] if channel else []
