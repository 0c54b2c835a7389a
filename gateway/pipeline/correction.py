"""What a partner was told of a set, and telling it anew: a set that was rejected in our 997, and is accepted after a
person replayed it, is told in another 997 for its group.

That one says of every set what holds now, not only of the corrected ones: readers take the sets that a partially
accepted group does not name as accepted. It is the last one that was rendered, with the corrected verdicts in it. A
TA1 is not corrected: it judges the envelope, and that stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway import maps
from gateway.canonical import AcknowledgedSet, FunctionalAcknowledgment
from gateway.errors import GatewayError, NotWritable, SetupError
from gateway.formats import x12
from gateway.guides.load import nearest
from gateway.ledger import blobs, documents, events, outbox
from gateway.ledger.documents import DocumentRow
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import State
from gateway.pipeline import answer, outgoing
from gateway.pipeline.acknowledge import ACCEPTED, PARTIALLY, REJECTED, WITH_ERRORS
from gateway.pipeline.incoming import Reading
from gateway.pipeline.translate import Choice, Translation, translate
from gateway.profiles import Agreement

GROUP_KEY = re.compile(r"(?P<wanted>.+)/(?P<interchange>[0-9a-z]{16})/(?P<offset>\d+)(/(?P<again>\d+))?")
"""What names an acknowledgment of a group: which one, the group's interchange and place, and which telling it is."""

UNSENT = frozenset({State.RENDERED, State.RETRYING, State.HELD, State.DEAD})
ON_ITS_WAY = frozenset({State.TRANSLATED, State.RETRYING, State.DELIVERED})


@dataclass(frozen=True, slots=True)
class Told:
    """What the partner was told of one document, last: the verdict, and by which sending."""

    verdict: str
    by: OutboxRow

    @property
    def rejected(self) -> bool:
        return self.verdict == REJECTED

    def __str__(self) -> str:
        return f"{self.verdict} by {self.by.type} {self.by.control}"


def told(tx: Connection, arrival_id: str) -> dict[str, Told]:
    """The last verdict on each document of the arrival that was acknowledged, by the document's id."""
    last: dict[str, Told] = {}
    for row in outbox.answering(tx, arrival_id):
        if found := GROUP_KEY.fullmatch(row.key or ""):
            for one, id in paired(tx, arrival_id, int(found["offset"]), heard(tx, row)):
                last[id] = Told(one.verdict, row)
    return last


def heard(tx: Connection, row: OutboxRow) -> FunctionalAcknowledgment | None:
    """One of our own acknowledgments, read as we wrote it; None where its bytes are gone, or say something else."""
    try:
        data = blobs.read(tx, row.digest)
    except GatewayError:
        return None
    objects = (event.object for event in translate(data, by_answer) if isinstance(event, Translation))
    return next((one for one in objects if isinstance(one, FunctionalAcknowledgment)), None)


def by_answer(header: x12.Interchange, group: x12.Group | None, found: x12.TransactionSet) -> Choice:
    name, _ = nearest("x12", found.code, found.version)
    chosen = maps.load(f"{name}_answer")
    return Choice(chosen.guide, chosen)


def paired(
    tx: Connection, arrival_id: str, offset: int, said: FunctionalAcknowledgment | None
) -> Iterator[tuple[AcknowledgedSet, str]]:
    """Each set of the acknowledgment with its document: those of a group follow its header in the same order."""
    sets = said.sets if said else []
    following = documents.following(tx, arrival_id, offset, len(sets))
    yield from (
        (one, id) for one, (id, control) in zip(sets, following, strict=False) if control == one.control
    )


def correct(tx: Connection, reading: Reading, found: Translation | None, row: DocumentRow) -> None:
    """Tells the sender anew of the group of a document that was replayed, if that changed what it was told.

    Of several documents of a group that are replayed together the last one tells of all.
    """
    partner = reading.house.partner(row.partner)
    if found is None or found.group is None or partner is None or row.interchange_id is None:
        return
    if documents.any_still_replayed(tx, reading.arrival.id):
        return
    replayed = documents.replayed(tx, reading.arrival.id)
    good = {id for id, state in replayed.items() if state in ON_ITS_WAY}
    agreed = reading.house.agreement(partner, found.interchange, found.group, found.set, reading.arrival.name)
    agreement = agreed if isinstance(agreed, Agreement) else None
    for wanted in answer.wanted_for_group(reading.house, partner, agreement) if good else ():
        base = f"{wanted}/{row.interchange_id}/{found.group.offset}"
        tellings = [one for one in outbox.answering(tx, reading.arrival.id) if is_telling(one, base)]
        if tellings:
            tell_anew(tx, reading, found, Group(wanted, base, found.group), tellings, good)


@dataclass(frozen=True, slots=True)
class Group:
    """A group that was acknowledged: by what, under which key, and its GS."""

    wanted: str
    key: str
    header: x12.Group


def tell_anew(
    tx: Connection,
    reading: Reading,
    found: Translation,
    group: Group,
    tellings: Sequence[OutboxRow],
    good: Collection[str],
) -> None:
    """One acknowledgment more for the group, where the last one rejected documents that are good now."""
    last = tellings[-1]
    partner = reading.house.partner(last.partner)
    said = heard(tx, last)
    pairs = list(paired(tx, reading.arrival.id, group.header.offset, said))
    mended = {id: one for one, id in pairs if one.verdict == REJECTED and id in good}
    if said is None or partner is None or not mended:
        return
    anew = corrected(said, list(mended.values()))
    try:
        made = answer.telling(reading.house, partner, found.interchange, group.header, group.wanted, anew)
    except (NotWritable, SetupError) as error:
        outgoing.unanswered(tx, reading, group.wanted, error)
    else:
        drop_unsent(tx, reading, tellings)
        outgoing.put(tx, reading, partner, f"{group.key}/{len(tellings)}", made)
        note(tx, reading, mended, last)


def drop_unsent(tx: Connection, reading: Reading, tellings: Iterable[OutboxRow]) -> None:
    """What has not gone out yet must not arrive after what corrects it."""
    for row in tellings:
        if row.state in UNSENT and row.lease is None:
            detail = {"why": "told anew before it was sent"}
            outbox.move(tx, row.id, State.DROPPED, None, reading.now(), detail=detail, due_at=None)


def is_telling(row: OutboxRow, base: str) -> bool:
    """Whether the sending is the acknowledgment of that name, or a later telling of it."""
    return row.key == base or (row.key or "").startswith(f"{base}/")


def corrected(
    said: FunctionalAcknowledgment, mended: Collection[AcknowledgedSet]
) -> FunctionalAcknowledgment:
    """The same acknowledgment with these sets accepted. What was wrong with the group's envelope goes on being said."""
    good = {id(one) for one in mended}
    accepting = {"verdict": ACCEPTED, "codes": [], "segments": []}
    sets = [one.model_copy(update=accepting) if id(one) in good else one for one in said.sets]
    accepted = sum(one.verdict != REJECTED for one in sets)
    whole = WITH_ERRORS if said.codes else ACCEPTED
    verdict = whole if accepted == len(sets) else PARTIALLY
    return said.model_copy(update={"sets": sets, "accepted": accepted, "verdict": verdict})


def note(tx: Connection, reading: Reading, mended: Iterable[str], before: OutboxRow) -> None:
    """In each document's story: what it was told, and that it was told anew."""
    detail = {"verdict": ACCEPTED, "before": f"{REJECTED} by {before.type} {before.control}"}
    arrival = reading.arrival
    for id in sorted(mended):
        about = {"arrival_id": arrival.id, "document_id": id, "correlation": arrival.correlation}
        events.add(tx, "told-anew", reading.now(), detail=detail, **about)
