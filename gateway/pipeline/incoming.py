"""What is known of an arrival while it is read: its interchange, its open group, its transaction sets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.faults import Fault
from gateway.formats import x12
from gateway.ledger import documents
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.ids import new_id
from gateway.ledger.keys import SeenKey
from gateway.ledger.states import State
from gateway.pipeline.acknowledge import NEVER_ACKNOWLEDGED, GroupVerdict
from gateway.pipeline.house import House
from gateway.pipeline.queue import Lease
from gateway.pipeline.translate import Translation
from gateway.profiles import Agreement, Partner

PRODUCTION, TEST = "P", "T"


@dataclass(frozen=True, slots=True)
class Reading:
    """One arrival, read under one house. `lease` claims what the reading makes work of, where that is worth it."""

    house: House
    arrival: ArrivalRow
    now: Callable[[], datetime]
    lease: Callable[[], Lease | None] = lambda: None


@dataclass(slots=True)
class Draft:
    """One transaction set that is not in the ledger yet, its canonical object as JSON, and the digest of its body."""

    row: DocumentRow
    canonical: bytes | None = None
    body: str = ""


@dataclass(slots=True)
class Incoming:
    """One interchange while it is read. Without a partner its sets are not translated; `addressee` may be told so.

    `drafts` are the open group's sets that no batch has stored yet, `staged` how many of them earlier batches stored.
    `earlier` is the accepted interchange of the same control number, if there was one.
    """

    header: x12.Interchange
    partner: Partner | None
    addressee: Partner | None = None
    faults: list[Fault] = field(default_factory=list)
    id: str = ""
    agreement: Agreement | None = None
    group: GroupVerdict | None = None
    drafts: list[Draft] = field(default_factory=list)
    staged: int = 0
    rejected: bool = False
    unanswered: list[tuple[GroupVerdict, Agreement | None]] = field(default_factory=list)
    groups: int = 0
    only_acknowledges: bool = True
    earlier: SeenKey | None = None
    end: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def answerable(self) -> bool:
        """An interchange of acknowledgments alone is not acknowledged itself: that would never end."""
        return not (self.groups and self.only_acknowledges)

    @property
    def usage(self) -> str:
        return TEST if self.header.test else PRODUCTION

    @property
    def scope(self) -> str:
        """Within this the interchange control number is unique."""
        return f"{self.header.sender}>{self.header.receiver}/{self.usage}"


def draft(reading: Reading, incoming: Incoming, translation: Translation, ordinal: int) -> Draft:
    """The set as the ledger will store it. Its state is `staged` unless its own faults decide already."""
    found, group, business = translation.set, translation.group, translation.object
    row = documents.new(
        "in",
        found.code,
        reading.now(),
        first_state(translation, incoming.agreement),
        id=new_id(),
        arrival_id=reading.arrival.id,
        partner=incoming.partner.partner if incoming.partner else None,
        **keys_of(business),
        group_code=group.code if group else None,
        group_control=group.control if group else None,
        set_control=found.control,
        version=found.version,
        ordinal=ordinal,
        offset=found.offset,
        length=len(found.raw),
        correlation=reading.arrival.correlation,
        map=translation.choice.map.name if translation.choice.map else None,
        snapshot=reading.house.digest,
        faults=[fault.as_dict() for fault in translation.all_faults],
    )
    canonical = business.to_json().encode() if business is not None else None
    return Draft(row, canonical, body_digest(found.raw, found.syntax.segment))


def body_digest(raw: bytes, terminator: bytes) -> str:
    """Identifies a set's bytes without its header and trailer, whose control numbers differ from sending to sending."""
    first = raw.find(terminator) + len(terminator)
    last = raw.rfind(terminator, 0, max(raw.rfind(terminator), 0)) + len(terminator)
    return hashlib.sha256(raw[first:last]).hexdigest()


def first_state(translation: Translation, agreement: Agreement | None) -> State:
    """A set without an agreement is held, one with faults quarantined; the others wait for their trailer."""
    if agreement is None and translation.set.code not in NEVER_ACKNOWLEDGED:
        return State.HELD
    return State.QUARANTINED if translation.object is None else State.STAGED


def keys_of(business: Any) -> dict[str, str | None]:
    """What names a canonical object in the ledger, as far as this kind of object has it."""
    if business is None:
        return {}
    named = {name: getattr(business, name, None) for name in ("number", "purpose", "release")}
    known = {name: None if value is None else str(value) for name, value in named.items()}
    return {"kind": type(business).__name__, **known}
