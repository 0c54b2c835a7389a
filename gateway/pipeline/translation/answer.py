"""What goes back to a sender, composed but not yet numbered. Pure: the ledger's numbers and the time come later.

Everything that can fail fails here, so that a control number is drawn only for what is certain to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import cast

from gateway.canonical import FunctionalAcknowledgment
from gateway.errors import NotWritable, SetupError
from gateway.faults import Fault, rejecting
from gateway.formats import edifact, x12
from gateway.formats.enclosing import Envelope, Kind, Numbers
from gateway.formats.events import Group, Interchange
from gateway.maps import Map
from gateway.pipeline.translation import acknowledge, errors, render, report
from gateway.pipeline.translation.acknowledge import PRACTICES, TA1, GroupVerdict
from gateway.pipeline.translation.house import House
from gateway.profiles import Agreement, Partner
from gateway.profiles.standards import ERRORS

ANY_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  of an envelope that is tried and thrown away


@dataclass(frozen=True, slots=True)
class Answer:
    """One acknowledgment: its type, its envelope, and its sets with what they are."""

    type: str
    envelope: Envelope
    kind: Kind
    written: tuple[bytes, ...] = ()

    @property
    def grouped(self) -> bool:
        """Whether it takes a group's control number."""
        return self.envelope.grouped

    @property
    def extension(self) -> str:
        """What the name of its file ends with, where nobody says otherwise."""
        return self.envelope.extension

    def data(self, numbers: Numbers, at: datetime) -> bytes:
        """The interchange under these control numbers."""
        return self.envelope.interchange(numbers, at, self.kind, self.written)


@dataclass(frozen=True, slots=True)
class Ta1(Answer):
    """A segment that acknowledges an interchange, and stands in no group."""

    segment: tuple[str, ...] = ()

    @property
    def grouped(self) -> bool:
        return False

    def data(self, numbers: Numbers, at: datetime) -> bytes:
        return cast(x12.Envelope, self.envelope).acknowledgments(numbers.interchange, at, [self.segment])


@dataclass(frozen=True, slots=True)
class Errors(Answer):
    """A table of what is wrong with a file of records."""

    table: bytes = b""

    @property
    def extension(self) -> str:
        return "csv"

    def data(self, numbers: Numbers, at: datetime) -> bytes:
        return self.table


Answers = Mapping[str, Answer | str]
"""What goes back to a group's sender, by what was agreed; in the place of what cannot be written stands why."""


def wanted(house: House, partner: Partner, agreement: Agreement | None, standard: str) -> list[str]:
    """The functional acknowledgments agreed for a document type: `997`, `CONTRL`, or the partner's own map of one."""
    words = PRACTICES[standard].functional
    agreed = house.acknowledgments(partner, agreement, standard)
    return [one for one in agreed if one.rpartition("/")[2] in words]


def to_group(house: House, partner: Partner, header: Interchange, group: GroupVerdict, wanted: str) -> Answer:
    """The 997 or 999 for one group. Raises `NotWritable` or `SetupError`."""
    chosen = house.acknowledgment_map(wanted, header.version, header.standard)
    said = acknowledge.in_parts(group, versions=acknowledge.carries_versions(chosen.guide))
    return written(around(house, partner, header, group.header), chosen, wanted, said)


def to_all(
    house: House,
    partner: Partner,
    header: Interchange,
    groups: Sequence[GroupVerdict],
    faults: Sequence[Fault],
    wanted: str,
) -> Answer:
    """The CONTRL for one interchange. Raises `NotWritable` or `SetupError`.

    It repeats what came, which may hold characters that the interchange's own level does not have.
    """
    chosen = house.acknowledgment_map(wanted, header.version, header.standard)
    envelope = house.envelope(partner, header)
    said = partial(
        report.on_interchange, header, groups, faults, occurrences=report.carries_occurrences(chosen.guide)
    )
    try:
        return written(envelope, chosen, wanted, said())
    except NotWritable:
        wider = replace(cast(edifact.Envelope, envelope), level="UNOC", version=max(header.version, "3")[:1])
        return written(wider, chosen, wanted, said())


def to_records(
    house: House,
    partner: Partner,
    header: Interchange,
    groups: Sequence[GroupVerdict],
    faults: Sequence[Fault],
    wanted: str,
) -> Answer | None:
    """The errors of one batch of records; None where nothing is wrong with it."""
    table = errors.table(groups, faults)
    if table is None:
        return None
    return Errors(ERRORS, house.envelope(partner, header), Kind("", "", ""), table=table)


COMPOSED = {"CONTRL": to_all, ERRORS: to_records}
"""What answers an interchange as one, by its name."""


def written(envelope: Envelope, chosen: Map, wanted: str, said: Iterable[FunctionalAcknowledgment]) -> Answer:
    """The acknowledgment, which comes in parts, as one document. What its envelope cannot hold is found here, too."""
    data, kind = render.in_parts(envelope.writer, chosen, 1, said), render.kind(chosen.guide)
    envelope.interchange(Numbers(1, 1), ANY_TIME, kind, ())
    return Answer(wanted.rpartition("/")[2], envelope, kind, (data,))


def around(house: House, partner: Partner, header: Interchange, group: Group) -> Envelope:
    """The envelope of what answers a group, or the interchange that is answered as one."""
    envelope = house.envelope(partner, header)
    if not envelope.grouped:
        return envelope
    return replace(
        envelope,
        group_sender=repeated(group.receiver, envelope),
        group_receiver=repeated(group.sender, envelope),
    )


def as_agreed(
    house: House, partner: Partner, agreement: Agreement | None, header: Interchange, group: GroupVerdict
) -> Answers:
    """Every answer that is agreed for one group, if any."""
    words = wanted(house, partner, agreement, header.standard) if group.acknowledgeable else ()
    return made(words, partial(to_group, house, partner, header, group))


def on_interchange(
    house: House,
    partner: Partner,
    header: Interchange,
    groups: Sequence[GroupVerdict],
    faults: Sequence[Fault],
    wanted: Iterable[str],
) -> Answers:
    """Every answer that is wanted for an interchange that is answered as one."""
    return made(wanted, partial(to_whole, house, partner, header, groups, faults))


def to_whole(
    house: House,
    partner: Partner,
    header: Interchange,
    groups: Sequence[GroupVerdict],
    faults: Sequence[Fault],
    wanted: str,
) -> Answer | None:
    """What answers one interchange under that name, if there is anything to say. Raises as that does."""
    return COMPOSED[wanted.rpartition("/")[2]](house, partner, header, groups, faults, wanted)


def made(words: Iterable[str], compose: Callable[[str], Answer | None]) -> Answers:
    """The answers by what was agreed; in the place of one that cannot be written, why."""
    found: dict[str, Answer | str] = {}
    for word in words:
        try:
            composed = compose(word)
        except (NotWritable, SetupError) as error:
            found[word] = str(error)
        else:
            found |= {word: composed} if composed is not None else {}
    return found


def repeated(id: str, envelope: Envelope) -> str:
    """GS02 or GS03 as it came; nothing, so that the interchange's identity stands there, where it is none."""
    signs = set(str(envelope.delimiters))
    return id if 2 <= len(id) <= 15 and id.isascii() and id.isprintable() and signs.isdisjoint(id) else ""


def receipt(
    house: House, partner: Partner, header: Interchange, faults: Sequence[Fault], now: datetime
) -> Answer | None:
    """What says of an interchange's envelope alone what became of it, where that is agreed: a TA1, or a CONTRL that
    rejects all. Raises `NotWritable` or `SetupError`."""
    practice = PRACTICES[header.standard]
    if practice.receipt is not None:
        return to_interchange(house, partner, header, faults, now) if house.expects(partner, TA1) else None
    words = wanted(house, partner, None, header.standard)
    words += [word for word in practice.functional if header.ack_requested and word not in words]
    if not words or not rejecting(faults):
        return None
    return to_whole(house, partner, header, (), faults, words[0])


def to_interchange(
    house: House, partner: Partner, header: Interchange, faults: Iterable[Fault], now: datetime
) -> Answer:
    """The TA1 for one interchange. Raises NotWritable where its control number is one that nobody can write."""
    envelope = house.envelope(partner, header)
    segment = tuple(acknowledge.ta1(acknowledge.interchange(header, faults, now)))
    envelope.writer.segment((TA1, *segment))
    return Ta1(TA1, envelope, Kind("", "", ""), segment=segment)
