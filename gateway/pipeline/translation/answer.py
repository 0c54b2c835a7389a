"""What goes back to a sender, composed but not yet numbered. Pure: the ledger's numbers and the time come later.

Everything that can fail fails here, so that a control number is drawn only for what is certain to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from gateway.errors import NotWritable, SetupError
from gateway.faults import Fault
from gateway.formats import x12
from gateway.formats.enclosing import Envelope, Kind, Numbers
from gateway.formats.events import Group, Interchange
from gateway.pipeline.translation import acknowledge, render
from gateway.pipeline.translation.acknowledge import GroupVerdict
from gateway.pipeline.translation.house import House
from gateway.profiles import Agreement, Partner

FUNCTIONAL = ("997", "999")
TA1 = "TA1"


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


Answers = Mapping[str, Answer | str]
"""What goes back to a group's sender, by what was agreed; in the place of what cannot be written stands why."""


def wanted_for_group(house: House, partner: Partner, agreement: Agreement | None, standard: str) -> list[str]:
    """The functional acknowledgments agreed for a document type: `997`, `999`, or the partner's own map of one."""
    agreed = house.acknowledgments(partner, agreement, standard) if standard == "x12" else ()
    return [wanted for wanted in agreed if wanted.rpartition("/")[2] in FUNCTIONAL]


def to_group(house: House, partner: Partner, header: Interchange, group: GroupVerdict, wanted: str) -> Answer:
    """The 997 or 999 for one group. Raises `NotWritable` or `SetupError`."""
    envelope = around(house, partner, header, group.header)
    chosen = house.acknowledgment_map(wanted, header.version)
    said = acknowledge.in_parts(group, versions=acknowledge.carries_versions(chosen.guide))
    written = render.in_parts(envelope.writer, chosen, 1, said)
    return Answer(wanted.rpartition("/")[2], envelope, render.kind(chosen.guide), (written,))


def around(house: House, partner: Partner, header: Interchange, group: Group) -> Envelope:
    """The envelope of what answers a group."""
    envelope = house.envelope(partner, header)
    return replace(
        envelope,
        group_sender=repeated(group.receiver, envelope),
        group_receiver=repeated(group.sender, envelope),
    )


def as_agreed(
    house: House, partner: Partner, agreement: Agreement | None, header: Interchange, group: GroupVerdict
) -> Answers:
    """Every answer that is agreed for one group, if any."""
    made: dict[str, Answer | str] = {}
    for wanted in (
        wanted_for_group(house, partner, agreement, header.standard) if group.acknowledgeable else ()
    ):
        try:
            made[wanted] = to_group(house, partner, header, group, wanted)
        except (NotWritable, SetupError) as error:
            made[wanted] = str(error)
    return made


def repeated(id: str, envelope: Envelope) -> str:
    """GS02 or GS03 as it came; nothing, so that the interchange's identity stands there, where it is none."""
    signs = set(str(envelope.delimiters))
    return id if 2 <= len(id) <= 15 and id.isascii() and id.isprintable() and signs.isdisjoint(id) else ""


def expects_ta1(house: House, partner: Partner, header: Interchange) -> bool:
    return header.standard == "x12" and house.expects(partner, TA1)


def to_interchange(
    house: House, partner: Partner, header: Interchange, faults: Iterable[Fault], now: datetime
) -> Answer:
    """The TA1 for one interchange."""
    said = acknowledge.interchange(header, faults, now)
    return Ta1(TA1, house.envelope(partner, header), Kind("", "", ""), segment=tuple(acknowledge.ta1(said)))
