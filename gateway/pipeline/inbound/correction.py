"""What a partner was told of a set, and telling it anew: a set that was rejected in our 997, and is accepted after a
person replayed it, is told in another 997 for its group. Of a group that nothing was said of, the first such set tells.
So it is with a CONTRL and its interchange.

That one says of every set what holds now, not only of the corrected ones: readers take the sets that a partially
accepted group does not name as accepted. It is the last one that was rendered, segment for segment, with the corrected
verdicts in it. A TA1 is not corrected: it judges the envelope, and that stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.errors import GatewayError, NotWritable, SetupError
from gateway.formats import known
from gateway.formats.enclosing import Kind
from gateway.formats.events import Group, Interchange, TransactionSet
from gateway.ledger import blobs, documents, events, outbox
from gateway.ledger.documents import DocumentRow
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import State
from gateway.pipeline.inbound import answering
from gateway.pipeline.inbound.incoming import Incoming, Reading
from gateway.pipeline.translation import answer
from gateway.pipeline.translation.acknowledge import ACCEPTED, PRACTICES, REJECTED, WITH_ERRORS
from gateway.pipeline.translation.answer import Answer, Answers
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import Translation
from gateway.profiles import Agreement, Partner

GROUP_KEY = re.compile(r"(?P<wanted>.+)/(?P<interchange>[0-9a-z]{16})/(?P<offset>\d+)(/(?P<again>\d+))?")
"""What names an acknowledgment of a group: which one, the group's interchange and place, and which telling it is."""

UNSENT = frozenset({State.RENDERED, State.RETRYING, State.HELD, State.DEAD})
GOOD = frozenset({ACCEPTED, WITH_ERRORS})
ON_ITS_WAY = frozenset({State.TRANSLATED, State.RETRYING, State.DELIVERED})

Segments = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an acknowledgment of a standard says what it says: a set's segment with its control number at `control`,
    the verdict on it at `at` of one of `verdicts`, `reasons` between them, and what closes or opens `around` all."""

    set: str
    control: int
    verdicts: tuple[str, ...]
    at: int
    words: Mapping[str, str]
    good: str
    reasons: frozenset[str]
    around: Callable[[Sequence[str], int, int], Sequence[str]]

    def word(self, segment: Sequence[str]) -> str:
        """The verdict as a word; every code but the known ones rejects."""
        return self.words.get(nth(segment, self.at), REJECTED)

    def accepting(self, segment: Sequence[str]) -> list[str]:
        """The verdict's segment as it is where all is well."""
        return [*segment[: self.at], self.good]


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
    """An acknowledgment of ours, read again: what it is, and what it says between its header and its trailer."""

    kind: Kind
    spelling: Spelling
    segments: Segments

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """Of each set, in order, its control number and its verdict."""
        says = self.spelling
        controls = [nth(one, says.control) for one in self.segments if one[0] == says.set]
        words = [says.word(one) for one in self.segments if one[0] in says.verdicts]
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
    spelling, group = SPELLINGS["x12"], ""
    try:
        for event in known.read(blobs.read(tx, row.digest)):
            if isinstance(event, Interchange):
                spelling = SPELLINGS[event.standard]
            elif isinstance(event, Group):
                group = event.code
            elif isinstance(event, TransactionSet):
                return Said(Kind(event.code, group, event.version), spelling, event.segments())
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
    if found is None or partner is None or row.interchange_id is None:
        return
    if documents.any_still_replayed(tx, row):
        return
    replayed = documents.replayed(tx, row)
    good = {id for id, state in replayed.items() if state in ON_ITS_WAY}
    agreed = reading.house.agreement(partner, found.interchange, found.group, found.set, reading.arrival.name)
    agreement = agreed if isinstance(agreed, Agreement) else None
    offset = offset_of(found)
    for wanted in wanted_for(reading.house, partner, agreement, found) if good else ():
        base = f"{wanted}/{row.interchange_id}/{offset}"
        tellings = told_as(tx, reading, base)
        if not tellings:
            if answers is None:
                raise NeverTold
            incoming = Incoming(found.interchange, partner, id=row.interchange_id)
            answering.acknowledge_group(tx, reading, incoming, offset, answers)
            tellings = told_as(tx, reading, base)
        if tellings:
            tell_anew(tx, reading, partner, found, tellings, good)


def offset_of(found: Translation) -> int:
    """Where that stands of whose acknowledgment the set's verdict is part: its group, or its interchange."""
    header = found.interchange
    by_group = found.group is not None and PRACTICES[header.standard].by_group
    return found.group.offset if found.group is not None and by_group else header.offset


def wanted_for(house: House, partner: Partner, agreement: Agreement | None, found: Translation) -> list[str]:
    """The acknowledgments of that; an interchange that is answered as one may ask for its own."""
    header = found.interchange
    practice = PRACTICES[header.standard]
    words = answer.wanted(house, partner, agreement, header.standard)
    asked = practice.functional if header.ack_requested and not practice.by_group else ()
    return list(dict.fromkeys((*words, *asked)))


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
    if said is None:
        return
    sets = enumerate(judged(tx, reading.arrival.id, offset_of(found), said))
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
    envelope = house.envelope(partner, found.interchange)
    if found.group is not None:
        envelope = answer.around(house, partner, found.interchange, found.group)
    writer = envelope.writer
    written = writer.transaction_set(
        writer.heading(type, said.kind.version, 1), list(corrected(said, mended))
    )
    return Answer(type, envelope, said.kind, (written,))


def corrected(said: Said, mended: Collection[int]) -> Iterator[Sequence[str]]:
    """The segments with the sets at these places accepted. What was wrong with the group's envelope stays said."""
    says = said.spelling
    at, accepted = -1, 0
    for one in said.segments:
        at += one[0] == says.set
        if at in mended and one[0] in says.reasons:
            continue
        found = says.accepting(one) if at in mended and one[0] in says.verdicts else one
        accepted += found[0] in says.verdicts and says.word(found) in GOOD
        yield says.around(found, accepted, at + 1)


def closing(group: Sequence[str], accepted: int, received: int) -> Sequence[str]:
    """AK9 as it is now: A or, with faults of the envelope, E when all are accepted, else P."""
    if group[0] != "AK9":
        return group
    codes = list(group[5:])
    verdict = "P" if accepted < received else "E" if any(codes) else "A"
    return ["AK9", verdict, *group[2:4], str(accepted), *codes]


def opening(around: Sequence[str], accepted: int, received: int) -> Sequence[str]:
    """UCI and UCF as they are now: what is in them is accepted unless it is rejected itself, and all of it is named."""
    return [*around[:4], "7"] if around[0] in ("UCI", "UCF") else around


SPELLINGS = {
    "x12": Spelling(
        "AK2",
        2,
        ("AK5", "IK5"),
        1,
        {"A": ACCEPTED, "E": WITH_ERRORS},
        "A",
        frozenset({"AK3", "AK4", "IK3", "IK4", "CTX"}),
        closing,
    ),
    "edifact": Spelling("UCM", 1, ("UCM",), 3, {"7": ACCEPTED}, "7", frozenset({"UCS", "UCD"}), opening),
}


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
