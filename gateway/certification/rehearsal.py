"""One document through the gateway's own stages, under a partner's profile, without ledger, clock or control numbers.

What is translated, and which answers would be sent, is decided by the same functions that decide it in earnest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from gateway.errors import NotWritable, SetupError
from gateway.faults import Fault
from gateway.formats import known, x12
from gateway.formats.enclosing import Envelope, Numbers
from gateway.formats.events import Group, GroupEnd, Interchange, InterchangeEnd, Stray, TransactionSet
from gateway.formats.known import Event
from gateway.formats.records import Layout
from gateway.maps import Map
from gateway.maps.answers import Answered
from gateway.pipeline.inbound.inhand import InHand
from gateway.pipeline.translation import acknowledge, answer, render
from gateway.pipeline.translation.acknowledge import TA1
from gateway.pipeline.translation.answer import Answers
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.layouts import laid_out
from gateway.pipeline.translation.translate import Choice, Translation, translate
from gateway.profiles import Partner

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
    layout, _ = laid_out(house, [partner], "", document)
    rehearsal = _Rehearsal(willing(house, partner, document, layout), partner.partner)
    charset = house.charset(partner.partner)
    for event in translate(document, rehearsal.choose, charset=charset, trees=True, layout=layout):
        rehearsal.on(event)
    return rehearsal.done


def willing(house: House, partner: Partner, document: bytes, layout: Layout | None = None) -> House:
    """The house with a partner that is not live yet made so, or made testing where the document is a test.

    Certification comes before a partner goes live, and a draft receives nothing.
    """
    if partner.stage == "live":
        return house
    headers = (event for event in known.read(document, layout=layout) if isinstance(event, Interchange))
    header = next(headers, None)
    stage = "testing" if header is not None and header.test else "live"
    partners = {
        **house.snapshot.partners,
        partner.partner: partner.model_copy(update={"stage": stage}),
    }
    return House(replace(house.snapshot, partners=partners))


@dataclass(slots=True)
class _Rehearsal:
    """Where in the document we are: the interchange as the gateway keeps it, while it is read."""

    house: House
    name: str
    done: Rehearsed = field(default_factory=Rehearsed)
    incoming: InHand | None = None

    @property
    def channel(self) -> str:
        return f"{self.name}.samples"

    def choose(self, header: Interchange, group: Group | None, found: TransactionSet) -> Choice:
        return Choice() if self.incoming is None else self.incoming.choose(self.house, group, found, "")

    def on(self, event: Event | Translation) -> None:
        self.done.faults += event.all_faults if isinstance(event, Translation) else event.faults
        self.done.envelope += values_around([event])
        if isinstance(event, Translation):
            self.done.translations.append(event)
            if self.incoming is not None:
                verdict, number = acknowledge.set_verdict(event), len(self.done.translations)
                self.incoming.judge(self.house, verdict, number, event.set.offset)
        elif isinstance(event, Interchange):
            self.incoming = InHand.of(self.house, self.channel, event)
            self.done.faults += self.incoming.own[len(event.faults) :]
        elif isinstance(event, Group) and self.incoming is not None:
            self.incoming.open_group(event)
        elif isinstance(event, GroupEnd):
            self._answer_group(event)
        elif isinstance(event, InterchangeEnd):
            self._answer_interchange(event)
        elif isinstance(event, x12.InterchangeAcknowledgment) and self.incoming is not None:
            self.incoming.groups += 1
        elif isinstance(event, Stray) and self.incoming is not None:
            self.incoming.between += event.faults

    def _answer_group(self, end: GroupEnd) -> None:
        incoming = self.incoming
        group = incoming.close_group(end) if incoming else None
        if incoming is None or group is None or incoming.partner is None or not incoming.by_group:
            return
        self._keep(answer.as_agreed(self.house, incoming.partner, incoming.agreement, incoming.header, group))

    def _answer_interchange(self, end: InterchangeEnd) -> None:
        incoming, self.incoming = self.incoming, None
        if incoming is None:
            return
        incoming.close(end)
        answers = incoming.answers(self.house)
        self._keep(answers)
        partner = incoming.partner or incoming.addressee
        if partner is None or answers or not incoming.answerable:
            return
        try:
            receipt = answer.receipt(self.house, partner, incoming.header, incoming.faults, NOW)
        except (NotWritable, SetupError) as error:
            self._keep({TA1: str(error)})
        else:
            self._keep({receipt.type: receipt} if receipt else {})

    def _keep(self, answers: Answers) -> None:
        for wanted, made in answers.items():
            if isinstance(made, str):
                self.done.unanswered.append(f"{wanted} cannot be written: {made}")
            else:
                kept = self.done.ta1s if made.type == TA1 else self.done.acknowledgments
                kept.append(made.data(Numbers(1, 1 if made.grouped else 0), NOW))


def envelope_of(event: Event | Translation) -> Iterator[Sequence[str]]:
    """The elements of the event's envelope segments, without their tags."""
    if isinstance(event, Translation):
        if not event.set.enveloped:
            return
        yield event.set.header[1:]
        yield (event.set.trailer or ())[1:]
    elif isinstance(event, Interchange | Group):
        yield event.header
    elif isinstance(event, GroupEnd | InterchangeEnd):
        yield event.trailer or ()
    elif isinstance(event, x12.InterchangeAcknowledgment):
        yield event.elements[1:]


def values_around(events: Iterable[Event | Translation]) -> int:
    """How many values the events' envelopes have."""
    return sum(values_of(elements) for event in events for elements in envelope_of(event))


def rendered(
    envelope: Envelope, chosen: Map, content: Sequence[Any], answered: Answered | None = None
) -> bytes:
    """The objects in one interchange with one group. Raises `NotWritable`."""
    sets = render.sets(envelope, chosen, content, answered=answered)
    return render.interchange(envelope, Numbers(1, 1), NOW, chosen, sets)


def values_of(elements: Sequence[str]) -> int:
    """How many of them say something."""
    return sum(bool(element.strip()) for element in elements)
