"""Documents of ours that leave together, into the outbox: rendered once, as one interchange that carries them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gateway.ledger import departures, outbox
from gateway.pipeline import outgoing
from gateway.pipeline.outbound.consignment import Ready
from gateway.pipeline.queue import Job, Lease
from gateway.pipeline.translation import render
from gateway.pipeline.translation.house import House


def put(
    tx: Connection, house: House, bundle: Sequence[Ready], token: str, now: datetime, lease: Lease | None
) -> list[Job]:
    """One interchange with one functional group of these documents, in their order; it carries them from now on."""
    to, written = bundle[0].to, [one.set(number) for number, one in enumerate(bundle, 1)]
    numbers = outgoing.drawn(tx, to.envelope, grouped=to.envelope.grouped)
    data = render.interchange(to.envelope, numbers, now, to.map, written)
    alone: dict[str, Any] = {"correlation": bundle[0].row.correlation} if len(bundle) == 1 else {}
    row = outbox.add(
        tx,
        data,
        now,
        partner=to.partner.partner,
        channel=to.channel,
        name=bundle[0].name(house, outgoing.numbered(numbers, to.envelope), now),
        type=to.agreement.document,
        snapshot=house.digest,
        **outgoing.known_by(to.envelope, numbers),
        **outgoing.leased(lease),
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
            type=row.type,
            group_code=to.map.guide.group or None,
            group_control=row.group_control,
            set_control=to.envelope.writer.reference(number),
            version=to.map.guide.version,
            map=to.map.name,
            snapshot=house.digest,
            faults=[fault.as_dict() for fault in one.faults],
        )
    return [outgoing.sending(row, data, lease)]
