"""One document through the gateway's own stages, under a partner's profile, without ledger, clock or control numbers.

What is translated, and which answers would be sent, is decided by the same functions that decide it in earnest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from gateway.errors import NotWritable, SetupError
from gateway.faults import Fault
from gateway.formats import x12
from gateway.maps import Map
from gateway.pipeline import acknowledge, answer, render
from gateway.pipeline.acknowledge import GroupVerdict
from gateway.pipeline.house import House
from gateway.pipeline.reception import stated
from gateway.pipeline.render import Envelope, Numbers
from gateway.pipeline.translate import Choice, Translation, translate
from gateway.profiles import Agreement, Partner

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment of every rehearsal; what depends on it is never compared."""


@dataclass(slots=True)
class Rehearsed:
    """What came of a document. Each answer is one interchange; `unanswered` says why one could not be written.

    `envelope` counts the values of the document's envelopes.
    """

    translations: list[Translation] = field(default_factory=list)
    acknowledgments: list[bytes] = field(default_factory=list)
    ta1s: list[bytes] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    envelope: int = 0


def rehearse(house: House, partner: Partner, document: bytes) -> Rehearsed:
    """Reads the document as if it came from this partner. Raises `SetupError` for a map that does not load."""
    rehearsal = _Rehearsal(willing(house, partner, document), partner.partner)
    charset = house.charset(partner.partner)
    for event in translate(document, rehearsal.choose, charset=charset, trees=True):
        rehearsal.on(event)
    return rehearsal.done


def willing(house: House, partner: Partner, document: bytes) -> House:
    """The house with a partner that is not live yet made so, or made testing where the document is a test.

    Certification comes before a partner goes live, and a draft receives nothing.
    """
    if partner.stage == "live":
        return house
    headers = (event for event in x12.read(document) if isinstance(event, x12.Interchange))
    header = next(headers, None)
    stage = "testing" if header is not None and header.test else "live"
    partners = {
        **house.snapshot.partners,
        partner.partner: partner.model_copy(update={"stage": stage}),
    }
    return House(replace(house.snapshot, partners=partners))


@dataclass(slots=True)
class _Rehearsal:
    """Where in the document we are: the interchange, whose it is, its open group and what was agreed for it."""

    house: House
    name: str
    done: Rehearsed = field(default_factory=Rehearsed)
    header: x12.Interchange | None = None
    partner: Partner | None = None
    agreement: Agreement | None = None
    group: GroupVerdict | None = None
    faults: list[Fault] = field(default_factory=list)

    def choose(self, header: x12.Interchange, group: x12.Group | None, found: x12.TransactionSet) -> Choice:
        if self.partner is None:
            return Choice()
        agreed = self.house.agreement(self.partner, header, group, found, "")
        self.agreement = None if isinstance(agreed, Fault) else agreed
        return self.house.choice(agreed, header, group, found)

    def on(self, event: x12.Event | Translation) -> None:
        self.done.faults += event.all_faults if isinstance(event, Translation) else event.faults
        if isinstance(event, Translation):
            self.done.translations.append(event)
            self.done.envelope += said(event.set.header[1:]) + said((event.set.trailer or ())[1:])
            if self.group is not None:
                self.group.sets.append(acknowledge.set_verdict(event))
        elif isinstance(event, x12.Interchange):
            self._open(event)
        elif isinstance(event, x12.Group):
            self.group, self.agreement = GroupVerdict(event, faults=tuple(event.faults)), None
            self.done.envelope += said(event.header)
        elif isinstance(event, x12.GroupEnd):
            self.done.envelope += said(event.trailer or ())
            self._answer_group(event)
        elif isinstance(event, x12.InterchangeEnd):
            self.done.envelope += said(event.trailer or ())
            self._answer_interchange(event)

    def _open(self, header: x12.Interchange) -> None:
        found = self.house.sender(f"{self.name}.samples", header)
        self.header, self.faults, self.agreement, self.group = header, list(header.faults), None, None
        self.partner = None if isinstance(found, Fault) else found
        self.done.envelope += said(header.header)
        if isinstance(found, Fault):
            self.done.faults.append(found)

    def _answer_group(self, end: x12.GroupEnd) -> None:
        group, self.group = self.group, None
        if group is None or self.partner is None or self.header is None or not group.acknowledgeable:
            return
        group.faults, group.stated = (*group.faults, *end.faults), stated(end)
        for wanted in answer.wanted_for_group(self.house, self.partner, self.agreement):
            try:
                made = answer.to_group(self.house, self.partner, self.header, group, wanted)
                self.done.acknowledgments.append(made.data(Numbers(1, 1), NOW))
            except (NotWritable, SetupError) as error:
                self.done.unanswered.append(f"{wanted} cannot be written: {error}")

    def _answer_interchange(self, end: x12.InterchangeEnd) -> None:
        header, self.header = self.header, None
        if header is None or self.partner is None or not self.house.expects(self.partner, answer.TA1):
            return
        try:
            made = answer.to_interchange(self.house, self.partner, header, [*self.faults, *end.faults], NOW)
            self.done.ta1s.append(made.data(Numbers(1, 0), NOW))
        except NotWritable as error:
            self.done.unanswered.append(f"{answer.TA1} cannot be written: {error}")


def rendered(envelope: Envelope, chosen: Map, content: Any) -> bytes:
    """One object in an interchange of its own. Raises `NotWritable`."""
    return render.interchange(envelope, Numbers(1, 1), NOW, chosen, render.sets(envelope, chosen, [content]))


def said(elements: tuple[str, ...] | list[str]) -> int:
    """How many of them have a value."""
    return sum(bool(element.strip()) for element in elements)
