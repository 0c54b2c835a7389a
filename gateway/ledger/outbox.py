"""What we send: rendered once, stored with its control numbers, and sent as those bytes until the partner has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from gateway.arrival import Content
from gateway.ledger import blobs, deadlines, documents, events, moves
from gateway.ledger.documents import DocumentRow
from gateway.ledger.ids import new_id
from gateway.ledger.prepared import Prepared, adding_once, one_of
from gateway.ledger.states import FIRST, ImpossibleStep, Life, State, before
from gateway.ledger.tables import document
from gateway.ledger.tables import outbox as table

_sending = moves.Lived(table, Life.SENDING)
claim, extend, release, amend = _sending.claim, _sending.extend, _sending.release, _sending.amend


@dataclass(frozen=True)
class OutboxRow:
    """One sending. `key` names what it is (`997 of group 2 of interchange X`), so that it is rendered only once.

    `own` and `other` are the identities under which `control` (interchange) and `group_control` were drawn;
    `arrival_id` is what it answers.
    """

    id: str
    key: str | None
    partner: str
    channel: str
    name: str
    type: str
    digest: str
    size: int
    rendered_at: datetime
    state: str
    attempt: int = 0
    due_at: datetime | None = None
    lease: str | None = None
    lease_until: datetime | None = None
    correlation: str = ""
    arrival_id: str | None = None
    own: str | None = None
    other: str | None = None
    usage: str | None = None
    control: str | None = None
    group_control: str | None = None
    sent_at: datetime | None = None
    snapshot: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


_ADD = adding_once(table)
_ONE = Prepared(select(table).where(table.c.id == bindparam("id")))
_KEY = Prepared(select(table.c.id).where(table.c.key == bindparam("key")))
_SENT = Prepared(
    select(table)
    .where(table.c.partner == bindparam("partner"), table.c.control == bindparam("control"))
    .order_by(table.c.id.desc())
)
_ANSWERING = Prepared(select(table).where(table.c.arrival_id == bindparam("arrival")).order_by(table.c.id))
_NAMED = Prepared(
    select(table)
    .where(table.c.name == bindparam("name"), table.c.channel == bindparam("channel"))
    .order_by(table.c.id.desc())
    .limit(1)
)
_VERDICTS = Prepared(select(document.c.state).where(document.c.outbox_id == bindparam("id")).distinct())


def find(tx: Connection, key: str) -> str | None:
    """The id of what was rendered under that key; ask before drawing control numbers."""
    found: str | None = _KEY.value(tx, key=key)
    return found


def add(
    tx: Connection,
    content: bytes,
    now: datetime,
    *,
    partner: str,
    channel: str,
    name: str,
    type: str,
    key: str | None = None,
    carries: Sequence[DocumentRow] = (),
    **facts: Any,
) -> OutboxRow:
    """Stores rendered bytes with the documents they carry, ready to be sent.

    `facts` are other columns of `OutboxRow`. Where `key` was used before, no row is stored and the first is returned.
    """
    id = new_id()
    digest = blobs.add(tx, Content.of_bytes(content))
    state = facts.pop("state", FIRST[Life.SENDING])
    facts.setdefault("correlation", id)
    row = OutboxRow(id, key, partner, channel, name, type, digest, len(content), now, state, **facts)
    if not _ADD.run(tx, **vars(row)) and (known := find(tx, key or "")):
        return get(tx, known)
    detail = {"type": type, "name": name, **({"control": row.control} if row.control else {}), **row.detail}
    events.add(
        tx,
        row.state,
        now,
        arrival_id=row.arrival_id,
        outbox_id=id,
        detail=detail,
        correlation=row.correlation,
    )
    documents.add_many(tx, [_carried(carried, row) for carried in carries])
    return row


def _carried(carried: DocumentRow, row: OutboxRow) -> DocumentRow:
    shared = {"outbox_id": row.id, "state": row.state, "correlation": carried.correlation or row.correlation}
    return DocumentRow(**{**vars(carried), **shared})


def get(tx: Connection, id: str) -> OutboxRow:
    """The outbox row. Raises `LookupError`."""
    row = _ONE.one(tx, id=id)
    if row is None:
        raise LookupError(f"reading outbox {id}: the ledger has none")
    return OutboxRow(*row)


def sent_as(tx: Connection, partner: str, control: str) -> list[OutboxRow]:
    """What went to the partner under that interchange control number, newest first: what its TA1 speaks of."""
    return _rows(tx, _SENT, partner=partner, control=control)


def answering(tx: Connection, arrival_id: str) -> list[OutboxRow]:
    """What went out in answer to an arrival, oldest first."""
    return _rows(tx, _ANSWERING, arrival=arrival_id)


def named(tx: Connection, channel: str, name: str) -> OutboxRow | None:
    """The newest sending over a channel whose file has this name."""
    return next(iter(_rows(tx, _NAMED, channel=channel, name=name)), None)


def _rows(tx: Connection, statement: Prepared, **values: Any) -> list[OutboxRow]:
    return [OutboxRow(*row) for row in statement.rows(tx, **values)]


def move(
    tx: Connection,
    id: str,
    state: State,
    token: str | None,
    now: datetime,
    *,
    kind: str | None = None,
    detail: Mapping[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Moves the row to `state`, and with it, under the same event, the documents it carries that may go there."""
    _sending.move(tx, id, state, token, now, kind=kind, detail=detail, **changes)
    _following(state).run(tx, row_id=id)


@lru_cache
def _following(state: State) -> Prepared:
    carried = (
        document.c.outbox_id == bindparam("row_id"),
        one_of(document.c.state, before(Life.OUTBOUND, state)),
    )
    return Prepared(update(document).where(*carried).values(state=state))


def sent(tx: Connection, id: str, token: str, now: datetime, **changes: Any) -> None:
    """The partner's side has the bytes. Where its acknowledgment came first, that verdict stays."""
    try:
        move(tx, id, State.SENT, token, now, sent_at=now, **changes)
    except (ImpossibleStep, moves.StaleLease):
        row = get(tx, id)
        if row.state not in (State.ACKNOWLEDGED, State.REFUSED):
            raise
        events.add(tx, State.SENT, now, arrival_id=row.arrival_id, outbox_id=id, correlation=row.correlation)


def settle(tx: Connection, id: str, now: datetime, detail: Mapping[str, Any] | None = None) -> State | None:
    """Closes the row once the partner has judged every document in it; None while one is open.

    Refused where one of them was refused, else acknowledged. To be called after `documents.acknowledge`.
    """
    verdicts = {state for (state,) in _VERDICTS.rows(tx, id=id)}
    if not verdicts or verdicts - {State.ACKNOWLEDGED, State.REFUSED}:
        return None
    verdict = State.REFUSED if State.REFUSED in verdicts else State.ACKNOWLEDGED
    if get(tx, id).state != verdict:
        _sending.move(tx, id, verdict, moves.ANYONE, now, detail=detail)
        deadlines.acknowledged(tx, id)
    return verdict


def replay(tx: Connection, id: str, now: datetime, detail: Mapping[str, Any] | None = None) -> None:
    """Sends the same bytes once more, under the same name and control numbers."""
    changes: dict[str, Any] = {"attempt": 0, "due_at": None}
    deadlines.sent_again(tx, id)
    move(tx, id, State.RENDERED, None, now, kind="replayed", detail=detail, **changes)
