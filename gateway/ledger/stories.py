"""Questions a person asks the ledger: what became of this, how do things stand, what waits for me."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from gateway.ledger import threads
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.attempts import AttemptRow
from gateway.ledger.deadlines import OVERDUE
from gateway.ledger.documents import DocumentRow
from gateway.ledger.events import EventRow
from gateway.ledger.interchanges import InterchangeRow
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import NEEDS_A_PERSON, State
from gateway.ledger.tables import (
    answer,
    arrival,
    deadline,
    delivery_attempt,
    document,
    event,
    interchange,
    outbox,
)
from gateway.ledger.work import KINDS, Kind

T = TypeVar("T")
NUMBER = "number"
MOST = 500
"""Ids in one question; a story is for a person to read."""


@dataclass(frozen=True)
class Story:
    """All that the ledger knows of one key, each list in the order of time. `found` says what the key was."""

    key: str
    found: str | None = None
    arrivals: Sequence[ArrivalRow] = ()
    interchanges: Sequence[InterchangeRow] = ()
    documents: Sequence[DocumentRow] = ()
    outbox: Sequence[OutboxRow] = ()
    attempts: Sequence[AttemptRow] = ()
    events: Sequence[EventRow] = ()


@dataclass
class Traces:
    """The ids that belong to a story while it is being gathered."""

    arrivals: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    outbox: set[str] = field(default_factory=set)
    correlations: set[str] = field(default_factory=set)


def trace(tx: Connection, key: str) -> Story:
    """The story of an id, a business number (PO), a file name or a control number, whichever is found first.

    A story told by document has that document, its arrival, what answered it, and their events, not its
    neighbours of the same file; told by arrival or interchange it has all of them. Told by business number it has the
    order and all that answers it, whichever of them has that number.
    """
    for found, table, condition in _clues(key):
        ids = set(tx.scalars(select(table.c.id).where(condition).order_by(table.c.id.desc()).limit(MOST)))
        if ids:
            ids |= _thread(tx, ids) if found == NUMBER else set()
            return _told(tx, key, found, _gathered(tx, table, ids))
    return Story(key)


def _clues(key: str) -> Iterator[tuple[str, Table, ColumnElement[bool]]]:
    """What a key can be, the most precise first."""
    for table in (document, arrival, outbox, interchange):
        yield "id", table, table.c.id == key
    yield "correlation", arrival, arrival.c.correlation == key
    yield "correlation", document, document.c.correlation == key
    yield "correlation", outbox, outbox.c.correlation == key
    answers = select(answer.c.document_id).where(answer.c.number == key)
    yield NUMBER, document, or_(document.c.number == key, document.c.id.in_(answers))
    yield "name", arrival, arrival.c.name == key
    yield "name", outbox, outbox.c.name == key
    spellings = {key, key.lstrip("0"), key.zfill(9)}
    yield "interchange control number", interchange, interchange.c.control.in_(spellings)
    yield "interchange control number", outbox, outbox.c.control.in_(spellings)
    yield "group control number", document, document.c.group_control.in_(spellings)


def _thread(tx: Connection, ids: set[str]) -> set[str]:
    """The orders that these are or answer, and all that answers those."""
    keys = threads.keys(tx, ids)
    return {row.id for key in keys for row in (*threads.orders(tx, key), *threads.answering(tx, key))}


def _gathered(tx: Connection, table: Table, ids: set[str]) -> Traces:
    """From what was found to everything that belongs to it, in both directions."""
    traces = Traces()
    if table is interchange:
        traces.documents |= _ids(tx, document, document.c.interchange_id.in_(ids))
        traces.arrivals |= set(tx.scalars(select(interchange.c.arrival_id).where(interchange.c.id.in_(ids))))
    elif table is arrival:
        traces.documents |= _ids(tx, document, document.c.arrival_id.in_(ids))
        traces.arrivals |= ids
    elif table is outbox:
        traces.documents |= _ids(tx, document, document.c.outbox_id.in_(ids))
        traces.outbox |= ids
    else:
        traces.documents |= ids
    _follow_documents(tx, traces)
    _follow_answers(tx, traces)
    return traces


def _follow_documents(tx: Connection, traces: Traces) -> None:
    """The arrivals that the documents came in, the sendings they went out in, and what all of it is called."""
    columns = (document.c.arrival_id, document.c.outbox_id, document.c.correlation)
    for row in tx.execute(select(*columns).where(document.c.id.in_(traces.documents))):
        traces.arrivals |= {row.arrival_id} - {None}
        traces.outbox |= {row.outbox_id} - {None}
        traces.correlations.add(row.correlation)
    answers = select(outbox.c.arrival_id, outbox.c.correlation).where(outbox.c.id.in_(traces.outbox))
    for sent in tx.execute(answers):
        traces.arrivals |= {sent.arrival_id} - {None}
        traces.correlations.add(sent.correlation)
    named = select(arrival.c.correlation).where(arrival.c.id.in_(traces.arrivals))
    traces.correlations |= set(tx.scalars(named))


def _follow_answers(tx: Connection, traces: Traces) -> None:
    """What went out because of it: acknowledgments and answers, with the documents they carry.

    A sending that carries one of the story's documents may carry others, which are not the story's.
    """
    carriers = set(traces.outbox)
    answers = or_(outbox.c.correlation.in_(traces.correlations), outbox.c.arrival_id.in_(traces.arrivals))
    traces.outbox |= _ids(tx, outbox, answers)
    traces.documents |= _ids(tx, document, document.c.outbox_id.in_(traces.outbox - carriers))


def _ids(tx: Connection, table: Table, condition: ColumnElement[bool]) -> set[str]:
    return set(tx.scalars(select(table.c.id).where(condition).limit(MOST)))


def _told(tx: Connection, key: str, found: str, traces: Traces) -> Story:
    no_document = event.c.document_id.is_(None)
    about = or_(
        and_(event.c.correlation.in_(traces.correlations), no_document),
        and_(event.c.arrival_id.in_(traces.arrivals), no_document),
        event.c.document_id.in_(traces.documents),
    )
    tries = or_(
        delivery_attempt.c.document_id.in_(traces.documents), delivery_attempt.c.outbox_id.in_(traces.outbox)
    )
    return Story(
        key,
        found,
        _all(tx, ArrivalRow, arrival, arrival.c.id.in_(traces.arrivals)),
        _all(tx, InterchangeRow, interchange, _around(traces)),
        _all(tx, DocumentRow, document, document.c.id.in_(traces.documents)),
        _all(tx, OutboxRow, outbox, outbox.c.id.in_(traces.outbox)),
        _all(tx, AttemptRow, delivery_attempt, tries),
        _all(tx, EventRow, event, about),
    )


def _around(traces: Traces) -> ColumnElement[bool]:
    """The interchanges that the story's documents stand in, or all of an arrival without documents."""
    if not traces.documents:
        return interchange.c.arrival_id.in_(traces.arrivals)
    inside = select(document.c.interchange_id).where(document.c.id.in_(traces.documents))
    return interchange.c.id.in_(inside)


_SINCE = {
    arrival: arrival.c.received_at,
    document: document.c.created_at,
    outbox: outbox.c.rendered_at,
    delivery_attempt: delivery_attempt.c.started_at,
    event: event.c.at,
}
"""When each was; an id is as old as its row, which may be written later, by another process."""


def _all(tx: Connection, row_class: type[T], table: Table, condition: ColumnElement[bool]) -> list[T]:
    when = [_SINCE[table]] if table in _SINCE else []
    return [row_class(*row) for row in tx.execute(select(table).where(condition).order_by(*when, table.c.id))]


@dataclass(frozen=True)
class Count:
    """How many of a kind stand in a state, and since when the oldest does."""

    kind: str
    partner: str | None
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True)
class Status:
    """How things stand: the counts, and the oldest arrival, document and sending that still has work."""

    counts: Sequence[Count]

    def of(self, kind: str, state: str, partner: str | None = None) -> int:
        """How many stand there, of one partner or of all."""
        wanted = (count for count in self.counts if (count.kind, count.state) == (kind, state))
        return sum(count.count for count in wanted if partner is None or count.partner == partner)

    def oldest(self, states: Iterable[str]) -> datetime | None:
        """Since when the oldest of those states waits."""
        among = set(states)
        return min((count.oldest for count in self.counts if count.state in among), default=None)


_TOLD = deadline.c.overdue_at.is_not(None)
_OWED = {
    document: select(deadline.c.after).where(_TOLD, deadline.c.outbox_id.is_(None)),
    outbox: select(deadline.c.outbox_id).where(_TOLD, deadline.c.outbox_id.is_not(None)),
}
_LATE = {
    table: and_(table.c.id.in_(owed), table.c.state.not_in(NEEDS_A_PERSON)) for table, owed in _OWED.items()
}
"""Documents that came in and were not answered in time, and sendings after which nothing came in time."""
_STANDS = {
    table: case((late, literal_column(f"'{OVERDUE}'")), else_=table.c.state) for table, late in _LATE.items()
}


def _counted(kind: Kind) -> Select[Any]:
    table = kind.table
    state = _STANDS.get(table, table.c.state)
    told = (literal(kind.name), table.c.partner, state, func.count(), func.min(_SINCE[table]))
    return select(*told).where(*kind.mine).group_by(table.c.partner, state)


_STATUS = list(map(_counted, KINDS))


def status(tx: Connection) -> Status:
    """Counts by kind, partner and state. Documents that a sending carries are counted by it."""
    return Status([Count(*row) for statement in _STATUS for row in tx.execute(statement)])


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person, with all that is known against it."""

    kind: str
    id: str
    partner: str | None
    state: str
    name: str | None
    type: str | None
    since: datetime
    attempt: int
    detail: Any


def _waiting(kind: Kind, states: Collection[State]) -> Select[Any]:
    table = kind.table
    name, type_, detail = {
        arrival: (arrival.c.name, arrival.c.protocol, arrival.c.faults),
        document: (document.c.number, document.c.type, document.c.faults),
        outbox: (outbox.c.name, outbox.c.type, outbox.c.detail),
    }[table]
    return (
        select(
            literal(kind.name),
            table.c.id,
            table.c.partner,
            _STANDS.get(table, table.c.state),
            name,
            type_,
            _SINCE[table],
            table.c.attempt,
            detail,
        )
        .where(_stand(table, states), *kind.mine)
        .order_by(table.c.id)
    )


def _stand(table: Table, states: Collection[State]) -> ColumnElement[bool]:
    """Those in these states; with what waits for a person, what waits too long for its partner."""
    late = [_LATE[table]] if table in _LATE and State.REFUSED in states else []
    return or_(table.c.state.in_(states), *late)


def dead(
    tx: Connection, states: Collection[State] = NEEDS_A_PERSON, partner: str | None = None, most: int = 1000
) -> list[Waiting]:
    """What waits for a person, oldest first: quarantined, held, refused, dead, or overdue."""
    found: list[Waiting] = []
    for kind in KINDS:
        statement = _waiting(kind, states).limit(most)
        if partner is not None:
            statement = statement.where(kind.table.c.partner == partner)
        found += [Waiting(*row) for row in tx.execute(statement)]
    return sorted(found, key=lambda waiting: waiting.id)[:most]
