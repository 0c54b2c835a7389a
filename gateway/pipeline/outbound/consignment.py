"""One document on its way out: from a business object to a transaction set, or to what stops it. Pure.

Everything that can fail fails here, so that a control number is drawn only for what is certain to be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gateway.errors import NotWritable, SetupError
from gateway.faults import Code, Fault, Place
from gateway.formats.enclosing import Numbers
from gateway.ledger.documents import DocumentRow
from gateway.ledger.states import State
from gateway.maps.answers import Answered, by_number
from gateway.pipeline.outbound.consignee import Consignee, addressee, consignee
from gateway.pipeline.outbound.differences import AGAIN, DIFFERS, Order, found, judged, newest, theirs_from
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.render import below, interchange
from gateway.profiles.calendars import EACH, RUN
from gateway.profiles.file_names import facts

LARGEST = "999999999T"
"""The longest that a control number is in a file's name."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """A document as it is to go out, with what the ledger knows of it. `faults` say why it has no object.

    `coming` are the orders it answers that came and do not stand yet, `waived` the differences for which it was held,
    before a person let it go.
    """

    row: DocumentRow
    system: str
    business: Any
    faults: Sequence[Fault] = ()
    orders: Sequence[Order] = ()
    coming: Sequence[DocumentRow] = ()
    waived: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ready:
    """One that can be written: for whom, the segments between header and trailer, all of it as a group's `first`."""

    row: DocumentRow
    to: Consignee
    body: tuple[Sequence[str], ...]
    first: bytes
    business: Any
    faults: Sequence[Fault] = ()
    waived: bool = False

    def name(self, house: House, control: str, at: datetime) -> str:
        """What the file is called in which this document is the first."""
        to = self.to
        known = facts(to.agreement.document, control, to.partner.partner, at, to.envelope.extension)
        return house.file_name(self.to.channel, known, self.business)

    def set(self, number: int) -> bytes:
        """The transaction set under this control number."""
        return self.first if number == 1 else numbered(self.to, self.body, number)

    @property
    def waits(self) -> bool:
        """Whether it is to wait for the others of its batch, and has not done so yet."""
        return self.to.agreement.batch != EACH and self.row.state != State.TRANSLATED

    @property
    def bundle(self) -> tuple[Any, ...]:
        """What two documents have in common that travel in one interchange."""
        apart = {EACH: self.row.id, RUN: self.row.arrival_id}.get(self.to.agreement.batch)
        return apart, self.to.channel, self.to.map.name, self.to.envelope


@dataclass(frozen=True, slots=True)
class Stopped:
    """One that goes no further: where it ends, why, and for whom it was, as far as that is known."""

    row: DocumentRow
    state: State
    faults: Sequence[Fault]
    partner: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def composed(house: House, one: Consignment) -> Ready | Stopped:
    """What becomes of one document under this house. Raises `SetupError` where that is broken."""
    if one.business is None:
        return Stopped(one.row, State.QUARANTINED, one.faults)
    partner = addressee(house, one.system, one.business, one.orders, one.coming)
    if isinstance(partner, Fault):
        return Stopped(one.row, State.HELD, [partner])
    to = consignee(house, one.system, one.business, partner, one.orders)
    if isinstance(to, Fault):
        return Stopped(one.row, State.HELD, [to], partner.partner)
    mine = [order for order in one.orders if order.row.partner == to.partner.partner]
    one = replace(one, row=replace(one.row, type=to.agreement.document))
    told = found(one.business, mine, theirs_from(to.partner), one.coming)
    verdict = judged(told, to.agreement, one.waived)
    if verdict.state is not None:
        detail = {DIFFERS: list(verdict.decided)}
        return Stopped(one.row, verdict.state, verdict.faults, to.partner.partner, detail)
    known = by_number(order.object for order in newest(mine))
    return written(house, one, to, known, verdict.faults)


def written(
    house: House,
    one: Consignment,
    to: Consignee,
    known: Answered,
    faults: Sequence[Fault],
) -> Ready | Stopped:
    """The document by its map, which may echo the orders that are known; or why it cannot be, or not be named so."""
    try:
        tree = to.map.write(one.business, forbidden=to.envelope.delimiters.forbidden, answered=known)
        let_through = [one.as_note() for one in to.map.misfits(tree)] if to.agreement.lenient else []
        body = tuple(node.elements for node in below(tree.items))
        first = numbered(to, body, 1)
        interchange(to.envelope, Numbers(1, 1), one.row.created_at, to.map, [first])
        ready = Ready(one.row, to, body, first, one.business, [*faults, *let_through], AGAIN in one.waived)
        ready.name(house, LARGEST, one.row.created_at)
    except NotWritable as error:
        return Stopped(one.row, State.QUARANTINED, error.faults, to.partner.partner)
    except SetupError as error:
        hint = f"{error}; correct `name:` of the channel, or say {{{{ FIELD | default('none') }}}} there, then replay"
        fault = Fault(Code.NOT_NAMED, Place(field="push.name"), hint=hint)
        return Stopped(one.row, State.HELD, [fault], to.partner.partner)
    return ready


def numbered(to: Consignee, body: Sequence[Sequence[str]], number: int) -> bytes:
    """The transaction set of these segments. Raises NotWritable where the envelope's characters cannot say them."""
    writer, guide = to.envelope.writer, to.map.guide
    return writer.transaction_set(writer.heading(guide.set, guide.version, number), body)
