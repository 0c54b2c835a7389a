"""What a partner was told of a set, and telling it anew: a set that was rejected in our 997, and is accepted after a
person replayed it, is told in another 997 for its group. Of a group that nothing was said of, the first such set tells.

That one says of every set what holds now, not only of the corrected ones: readers take the sets that a partially
accepted group does not name as accepted. It is the last one that was rendered, segment for segment, with the corrected
verdicts in it. A TA1 is not corrected: it judges the envelope, and that stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.errors import GatewayError, NotWritable, SetupError
from gateway.formats import known
from gateway.formats.enclosing import Kind
from gateway.formats.events import Group, TransactionSet
from gateway.ledger import blobs, documents, events, outbox
from gateway.ledger.documents import DocumentRow
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import State
from gateway.pipeline.inbound import answering
from gateway.pipeline.inbound.incoming import Incoming, Reading
from gateway.pipeline.translation import answer
from gateway.pipeline.translation.acknowledge import ACCEPTED, REJECTED, WITH_ERRORS
from gateway.pipeline.translation.answer import Answer, Answers
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import Translation
from gateway.profiles import Agreement, Partner

GROUP_KEY = re.compile(r"(?P<wanted>.+)/(?P<interchange>[0-9a-z]{16})/(?P<offset>\d+)(/(?P<again>\d+))?")
"""What names an acknowledgment of a group: which one, the group's interchange and place, and which telling it is."""

UNSENT = frozenset({State.RENDERED, State.RETRYING, State.HELD, State.DEAD})
ON_ITS_WAY = frozenset({State.TRANSLATED, State.RETRYING, State.DELIVERED})

SET, VERDICT, GROUP = "AK2", ("AK5", "IK5"), "AK9"
WORDS = {"A": ACCEPTED, "E": WITH_ERRORS}
"""AK501 as a word; every other code rejects."""

Segments = Sequence[Sequence[str]]


class NeverTold(Exception):
    """Nothing was ever said of this group, and now there is something to say, which is composed outside the ledger."""


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


@dataclass(frozen=True, slots=True)
class Said:
    """An acknowledgment of ours, read again: the group it stands in, and what it says between ST and SE."""

    group: Group
    segments: Segments

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """Of each set, in order, its control number (AK202) and its verdict."""
        controls = [nth(one, 2) for one in self.segments if one[0] == SET]
        words = [WORDS.get(nth(one, 1), REJECTED) for one in self.segments if one[0] in VERDICT]
        return list(zip(controls, words, strict=False))


def told(tx: Connection, arrival_id: str) -> dict[str, Told]:
    """The last verdict on each document of the arrival that was acknowledged, by the document's id."""
    last: dict[str, Told] = {}
    for row in outbox.answering(tx, arrival_id):
        found = GROUP_KEY.fullmatch(row.key or "")
        if found and (said := heard(tx, row)):
            last |= {
                id: Told(word, row) for id, word in judged(tx, arrival_id, int(found["offset"]), said) if id
            }
    return last


def heard(tx: Connection, row: OutboxRow) -> Said | None:
    """One of our own acknowledgments, read again; None where its bytes are gone."""
    group: Group | None = None
    try:
        for event in known.read(blobs.read(tx, row.digest)):
            if isinstance(event, Group):
                group = event
            elif isinstance(event, TransactionSet) and group is not None:
                return Said(group, event.segments())
    except GatewayError:
        return None
    return None


def judged(tx: Connection, arrival_id: str, offset: int, said: Said) -> Iterator[tuple[str | None, str]]:
    """Of each set that was acknowledged, in order, its document and the verdict on it.

    A group's documents follow its header in the same order; where the control numbers differ there is none.
    """
    verdicts = said.verdicts
    following = documents.following(tx, arrival_id, offset, len(verdicts))
    for (control, word), (id, found) in zip(verdicts, following, strict=False):
        yield (id if found == control else None), word


def correct(
    tx: Connection,
    reading: Reading,
    found: Translation | None,
    row: DocumentRow,
    answers: Answers | None = None,
) -> None:
    """Tells the sender anew of the group of a document that was replayed, if that changed what it was told.

    Of several documents of a group that are replayed together the last one tells of all. A group that nothing was said
    of (its interchange was held) is answered like any other. Raises `NeverTold` where `answers` are needed for that.
    """
    partner = reading.house.partner(row.partner)
    if found is None or found.group is None or partner is None or row.interchange_id is None:
        return
    if documents.any_still_replayed(tx, row):
        return
    replayed = documents.replayed(tx, row)
    good = {id for id, state in replayed.items() if state in ON_ITS_WAY}
    agreed = reading.house.agreement(partner, found.interchange, found.group, found.set, reading.arrival.name)
    agreement = agreed if isinstance(agreed, Agreement) else None
    for wanted in (
        answer.wanted_for_group(reading.house, partner, agreement, found.interchange.standard) if good else ()
    ):
        base = f"{wanted}/{row.interchange_id}/{found.group.offset}"
        tellings = told_as(tx, reading, base)
        if not tellings:
            if answers is None:
                raise NeverTold
            incoming = Incoming(found.interchange, partner, id=row.interchange_id)
            answering.acknowledge_group(tx, reading, incoming, found.group.offset, answers)
            tellings = told_as(tx, reading, base)
        if tellings:
            tell_anew(tx, reading, partner, found, tellings, good)


def told_as(tx: Connection, reading: Reading, base: str) -> list[OutboxRow]:
    """The acknowledgment of that name, and the later tellings of it."""
    sent = outbox.answering(tx, reading.arrival.id)
    return [row for row in sent if row.key == base or (row.key or "").startswith(f"{base}/")]


def tell_anew(
    tx: Connection,
    reading: Reading,
    partner: Partner,
    found: Translation,
    tellings: Sequence[OutboxRow],
    good: Collection[str],
) -> None:
    """One acknowledgment more for the group, where the last one rejected documents that are good now."""
    last, said = tellings[-1], heard(tx, tellings[-1])
    if said is None or found.group is None:
        return
    sets = enumerate(judged(tx, reading.arrival.id, found.group.offset, said))
    mended = {at: id for at, (id, word) in sets if word == REJECTED and id in good}
    if not mended:
        return
    try:
        made = anew(reading.house, partner, found, last.type, said, mended.keys())
    except (NotWritable, SetupError) as error:
        answering.unanswered(tx, reading, last.type, str(error))
    else:
        drop_unsent(tx, reading, tellings)
        answering.put(tx, reading, partner, f"{tellings[0].key}/{len(tellings)}", made)
        note(tx, reading, [id for id in mended.values() if id], last)


def anew(
    house: House, partner: Partner, found: Translation, type: str, said: Said, mended: Collection[int]
) -> Answer:
    """The same acknowledgment with these sets accepted, as a new interchange."""
    header, group = found.interchange, found.group or said.group
    envelope = answer.around(house, partner, header, group)
    body = list(corrected(said.segments, mended))
    written = envelope.writer.transaction_set([type, "0001"], body)
    return Answer(type, envelope, Kind(type, said.group.code, said.group.version), (written,))


def corrected(segments: Segments, mended: Collection[int]) -> Iterator[Sequence[str]]:
    """The segments with the sets at these places accepted. What was wrong with the group's envelope stays said."""
    at, accepted = -1, 0
    for one in segments:
        at += one[0] == SET
        if at in mended and one[0] not in (SET, *VERDICT, GROUP):
            continue
        if one[0] in VERDICT:
            found: Sequence[str] = [one[0], "A"] if at in mended else one
            accepted += found[1] in WORDS
            yield found
        elif one[0] == GROUP:
            yield closing(one, accepted, at + 1)
        else:
            yield one


def closing(group: Sequence[str], accepted: int, received: int) -> list[str]:
    """AK9 as it is now: A or, with faults of the envelope, E when all are accepted, else P."""
    codes = list(group[5:])
    verdict = "P" if accepted < received else "E" if any(codes) else "A"
    return [GROUP, verdict, *group[2:4], str(accepted), *codes]


def drop_unsent(tx: Connection, reading: Reading, tellings: Iterable[OutboxRow]) -> None:
    """What has not gone out yet must not arrive after what corrects it."""
    for row in tellings:
        if row.state in UNSENT and row.lease is None:
            detail = {"why": "told anew before it was sent"}
            outbox.move(tx, row.id, State.DROPPED, None, reading.now(), detail=detail, due_at=None)


def note(tx: Connection, reading: Reading, mended: Iterable[str], before: OutboxRow) -> None:
    """In each document's story: what it was told, and that it was told anew."""
    detail = {"verdict": ACCEPTED, "before": f"{REJECTED} by {before.type} {before.control}"}
    arrival = reading.arrival
    for id in mended:
        about = {"arrival_id": arrival.id, "document_id": id, "correlation": arrival.correlation}
        events.add(tx, "told-anew", reading.now(), detail=detail, **about)


def nth(segment: Sequence[str], element: int) -> str:
    return segment[element] if element < len(segment) else ""
