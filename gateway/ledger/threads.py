"""Which documents answer which order, so that an order and all that was said of it can be told as one story."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, or_, select

from gateway.canonical.answers import may_mean
from gateway.ledger.documents import DocumentRow
from gateway.ledger.prepared import Prepared, adding_once
from gateway.ledger.states import State
from gateway.ledger.tables import answer as table
from gateway.ledger.tables import document

ORDER = "PurchaseOrder"
Ref = tuple[str, str]
"""An order's number and its release, empty where there is none."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The document answers the order of that number; `release` is empty where the order has none, or it is not said."""

    document_id: str
    number: str
    release: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One order of one partner: sent by it, or to it."""

    partner: str
    number: str
    release: str = ""

    def fits(self, release: str | None) -> bool:
        """Whether a document of that release may mean this order."""
        return may_mean(release, self.release)


_ADD = adding_once(table)
CAME = {
    "in": frozenset(State) - {State.QUARANTINED, State.REJECTED, State.DROPPED},
    "out": frozenset({State.SENT, State.ACKNOWLEDGED, State.REFUSED}),
}
"""By direction, the states of a document that has come, or gone, as far as an answer is awaited."""
_ANSWERED = Prepared(
    select(document.c.state, table.c.release)
    .join(table)
    .where(
        table.c.number == bindparam("number"),
        document.c.partner == bindparam("partner"),
        document.c.type == bindparam("by"),
        document.c.direction == bindparam("direction"),
        document.c.id > bindparam("since"),
    )
)
_REFS = Prepared(
    select(table.c.number, table.c.release).where(table.c.document_id == bindparam("document_id"))
)


def add(tx: Connection, refs: Mapping[str, Sequence[Ref]]) -> None:
    """Stores what documents answer, by their ids; what is there already stays."""
    rows = [AnswerRow(id, *ref) for id, found in refs.items() for ref in found]
    if rows:
        _ADD.run_many(tx, [{name: getattr(row, name) for name in AnswerRow.__match_args__} for row in rows])


def again(tx: Connection, document_id: str, refs: Sequence[Ref]) -> None:
    """The same for one document that was read once more, and may answer others now."""
    tx.execute(delete(table).where(table.c.document_id == document_id))
    add(tx, {document_id: refs})


def refs(tx: Connection, document_id: str) -> list[Ref]:
    """The orders that the document answers."""
    return [(number, release) for number, release in _REFS.rows(tx, document_id=document_id)]


def answered(tx: Connection, key: Key, by: str, direction: str, since: str) -> bool:
    """Whether a document of the type `by`, newer than the one `since`, has come or gone that answers the order."""
    named = {"partner": key.partner, "number": key.number, "by": by, "direction": direction, "since": since}
    found = _ANSWERED.rows(tx, **named)
    return any(state in CAME[direction] and key.fits(release) for state, release in found)


def answering(tx: Connection, key: Key) -> list[DocumentRow]:
    """All that answers the order, in the order of time; also what a system handed over and no partner has yet."""
    theirs = or_(document.c.partner == key.partner, document.c.partner.is_(None))
    found = (
        select(document, table.c.release.label("means"))
        .join(table)
        .where(table.c.number == key.number, theirs)
    )
    rows = [(DocumentRow(*row[:-1]), row[-1]) for row in tx.execute(found.order_by(document.c.id))]
    return list({row.id: row for row, means in rows if key.fits(means)}.values())


def orders(tx: Connection, key: Key) -> list[DocumentRow]:
    """All that was sent as that order: it, what repeats it, what changes or cancels it; in the order of time."""
    named = (document.c.partner == key.partner, document.c.number == key.number, document.c.kind == ORDER)
    rows = [DocumentRow(*row) for row in tx.execute(select(document).where(*named).order_by(document.c.id))]
    return [row for row in rows if key.fits(row.release)]


def keys(tx: Connection, ids: Collection[str]) -> list[Key]:
    """The orders that these documents are, or answer."""
    mine = document.c.id.in_(ids)
    release = func.coalesce(document.c.release, "")
    are = select(document.c.partner, document.c.number, release).where(mine, document.c.kind == ORDER, _known)
    answers = select(document.c.partner, table.c.number, table.c.release).join(table).where(mine, _partnered)
    found = [Key(*row) for statement in (are, answers) for row in tx.execute(statement)]
    return list(dict.fromkeys(found))


_partnered: ColumnElement[bool] = document.c.partner.is_not(None)
_known: ColumnElement[bool] = document.c.number.is_not(None) & _partnered
