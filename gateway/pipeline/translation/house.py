"""One adopted snapshot with its maps: everything an arrival is processed by, fixed while it is processed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway import maps
from gateway.canonical import Part
from gateway.errors import SetupError
from gateway.faults import Code, Fault
from gateway.formats.enclosing import Envelope
from gateway.formats.events import Group, Interchange, TransactionSet
from gateway.formats.records import Layout
from gateway.guides.load import load as load_guide
from gateway.guides.load import nearest
from gateway.maps import Heading, Map
from gateway.pipeline.translation import enclosing
from gateway.pipeline.translation.translate import Choice, base_map, by_standard
from gateway.profiles import (
    Agreement,
    DuplicatePolicy,
    Partner,
    Snapshot,
    channel_out,
    expects_tests,
    file_names,
    leaves,
    receiving,
    sender_of,
    sending,
    system_for,
    withheld,
)
from gateway.profiles.agreements import acknowledgments, by_map, duplicates_of, envelope_of, may_be
from gateway.profiles.company import Calendar
from gateway.profiles.expectations import Span, expecting, spans
from gateway.profiles.partner import Entry, Receive
from gateway.profiles.senders import COMPANY, has_identity, partners_on
from gateway.profiles.snapshot import GUIDES
from gateway.profiles.standards import ACKNOWLEDGMENTS, standard_of
from gateway.profiles.standing import SETTLED

if TYPE_CHECKING:  # who reads needs no database
    from gateway.ledger.documents import DocumentRow
    from gateway.ledger.outbox import OutboxRow

REMEMBERED = 1000
"""Agreements that were looked up, at most; then that memory starts anew. What asks for them comes from documents."""


class House:
    """Ourselves and our partners as one snapshot states them. Immutable; a reload makes a new one.

    What was read `before` is held as long: most of its maps are this one's too, and are found again as they are.
    """

    def __init__(self, snapshot: Snapshot, before: House | None = None) -> None:
        self.snapshot = snapshot
        self._held = tuple(before._maps.values()) if before else ()
        self._maps: dict[str, Map] = {}
        self._agreements: dict[tuple[str, ...], Agreement | Fault] = {}
        self._layouts: dict[str, Layout | None] = {}
        self._own_guides = any(name.startswith(GUIDES) for name in snapshot.texts)

    @property
    def digest(self) -> str:
        return self.snapshot.digest

    def partner(self, name: str | None) -> Partner | None:
        return self.snapshot.partners.get(name or "")

    def charset(self, partner: str | None) -> str:
        """The character set agreed with the partner of a private channel."""
        found = self.partner(partner)
        stated = found.envelope.charset if found else None
        return stated or self.snapshot.company.defaults.envelope.charset or "auto"

    # -- reading

    def map(self, name: str) -> Map:
        """The map of that name: the snapshot's text where a partner has its own, else the shipped one."""
        if name not in self._maps:
            self._maps[name] = maps.load(name, self.snapshot.map_text)
        return self._maps[name]

    def heading(self, name: str) -> Heading:
        """By which guide the map of that name reads and writes, and what; it is not loaded for that."""
        return maps.heading(name, self.snapshot.map_text)

    def layout(self, name: str) -> Layout | None:
        """What a file of records is read by, where the map of that name is over a guide of such."""
        if name not in self._layouts:
            guide = self.heading(name).guide
            text = self.snapshot.map_text(f"{GUIDES}{guide}")
            self._layouts[name] = None if text is None else load_guide(guide, text=text).layout
        return self._layouts[name]

    def layouts(self, entries: Mapping[str, Entry], file: str = "") -> list[Layout]:
        """Those of all that is agreed there and may be in a file of this name, the most particular first."""
        if not self._own_guides:
            return []
        fitting = [one for one in entries.values() if not file or may_be(one, file)]
        fitting.sort(key=lambda one: not (isinstance(one, Receive) and one.when.file))
        found = [self.layout(one.map) for one in fitting]
        return [one for one in found if one is not None]

    def map_out(self, agreement: Agreement) -> Map:
        """The map that writes by the agreement, and takes its guide as that says: strict, normal or lenient."""
        chosen, how = self.map(agreement.map), agreement.validation
        if how == chosen.validation:
            return chosen
        named = f"{chosen.name} {how}"
        if named not in self._maps:
            self._maps[named] = replace(chosen, validation=how)
        return self._maps[named]

    def sender(self, channel: str, header: Interchange) -> Partner | Fault:
        """Whose interchange this is, by channel and envelope."""
        found = sender_of(
            self.snapshot, channel, header.sender, header.receiver, header.usage, header.standard
        )
        if isinstance(found, Fault):
            return replace(found, place=header.placed(found.place))
        return found

    def addressee(self, channel: str, header: Interchange) -> Partner | None:
        """The partner a refused interchange came from, as far as its sender and its channel agree on one."""
        known = (one for one in partners_on(self.snapshot, channel) if one.active)
        return next(
            (one for one in known if has_identity(one.known_as(header.standard), header.sender)), None
        )

    def agreement(
        self,
        partner: Partner,
        header: Interchange,
        group: Group | None,
        found: TransactionSet,
        file: str,
    ) -> Agreement | Fault:
        """What was agreed for this document type; else the fault that says which line to add."""
        by_file = any(entry.when.file for entry in partner.receive.values())
        code = group.code if group else ""
        shown = file if by_file else ""
        asked = (found.code, found.version, code, shown, header.receiver, found.association)
        return self._agreed(partner, *asked, header.standard)

    def _agreed(
        self,
        partner: Partner,
        document: str,
        version: str,
        group: str,
        file: str = "",
        receiver: str = "",
        association: str = "",
        standard: str = "",
    ) -> Agreement | Fault:
        """The same for the same question: a partner's documents ask few."""
        asked = (partner.partner, document, version, group, file, receiver, association, standard)
        found = self._agreements.get(asked)
        if found is None:
            standard = standard or standard_of(document)
            found = receiving(
                self.snapshot,
                partner,
                document,
                version=version,
                association=association,
                group=group,
                file=file,
                receiver=receiver,
                standard=standard,
                base=base_map(standard, document, version) or "",
            )
            if len(self._agreements) >= REMEMBERED:
                self._agreements.clear()
            self._agreements[asked] = found
        return found

    def choice(
        self,
        agreement: Agreement | Fault,
        header: Interchange,
        group: Group | None,
        found: TransactionSet,
    ) -> Choice:
        """What the set is read with: the agreed map and its guide, else the nearest standard and no map.

        A map of other documents never judges: that it was agreed on is our fault, not the document's.
        """
        if isinstance(agreement, Fault):
            standard = by_standard(header, group, found)
            return replace(
                standard, map=None, faults=(*standard.faults, replace(agreement, place=found.place))
            )
        agreed = self.map(agreement.map)
        if (agreed.guide.standard, agreed.guide.set) != (header.standard, found.code):
            came = f"{agreement.map}, a map of {agreed.guide.set}"
            hint = f"correct profiles/{agreement.partner}.yaml: receive.{agreement.entry}, then replay"
            wrong = Fault(Code.WRONG_MAP, found.place, came, f"a map of {found.code}", hint=hint)
            standard = by_standard(header, group, found)
            return replace(standard, map=None, validation=agreement.validation, ours=(wrong,))
        return Choice(agreed.guide, agreed, agreement.validation, agreement.notes)

    def duplicates(self, partner: Partner) -> DuplicatePolicy:
        """What becomes of an interchange whose control number came before."""
        return duplicates_of(partner.duplicates, self.snapshot.company.defaults.duplicates)

    # -- answering

    def acknowledgments(
        self, partner: Partner, agreement: Agreement | None, standard: str
    ) -> tuple[str, ...]:
        """The acknowledgments agreed for a document type; for one without agreement, the partner's usual ones."""
        if agreement is not None:
            return agreement.acknowledge
        general = self.snapshot.company.defaults.acknowledge
        return acknowledgments(partner.acknowledge or general or SETTLED.acknowledge, standard)

    def expects(self, partner: Partner, wanted: str) -> bool:
        """Whether the partner gets this acknowledgment for anything it sends."""
        stated = [entry.acknowledge for entry in partner.receive.values()]
        general = partner.acknowledge or self.snapshot.company.defaults.acknowledge or ()
        return any(wanted in (words or general) for words in (*stated, general))

    def acknowledgment_map(self, wanted: str, version: str, standard: str = "x12") -> Map:
        """The map of a 997 or a CONTRL: the partner's own (`acme/997`), else our answer in the nearest version.

        An answer may repeat what came, also where that is too short for the standard.
        """
        if "/" in wanted:
            return self.map(wanted)
        name, _ = nearest(standard, wanted, version)
        return self.map(f"{name or wanted}_answer")

    def envelope(self, partner: Partner, header: Interchange) -> Envelope:
        """The envelope that answers this one: turned round, in its version and with its separators by default."""
        stated = envelope_of(partner.envelope, self.snapshot.company.defaults.envelope)
        return enclosing.answering(self.snapshot, partner, header, stated)

    def answering(self, partner: Partner, came_by: str) -> str | None:
        """The channel that answers what came by this one, in full: `acme.drop`."""
        owner, _, name = came_by.partition(".")
        ours = [
            own for own, channel in partner.channels.items() if owner == COMPANY and channel.shared == name
        ]
        return self.leaving(partner, (), name if owner == partner.partner else next(iter(ours), None))

    # -- sending

    def leaving(self, partner: Partner, over: tuple[str, ...] = (), came_by: str | None = None) -> str | None:
        """The channel that what we send leaves over, in full; None where that is open."""
        found = channel_out(partner, over, came_by)
        if found is None:
            return None
        shared = partner.channels[found].shared
        return f"{COMPANY}.{shared}" if shared else f"{partner.partner}.{found}"

    def envelope_to(
        self,
        partner: Partner,
        agreement: Agreement,
        chosen: Map,
        ends: tuple[str, str] | None = None,
    ) -> Envelope | None:
        """The envelope of what we send by this map; None where one of us has no identity to write into it.

        What answers something that went between these `ends` goes the same way back, as far as they still are theirs
        and ours.
        """
        return enclosing.fresh(self.snapshot, partner, agreement, chosen.guide, ends)

    def leaves(self, agreement: Agreement, now: datetime) -> datetime | None:
        """When what is ready now leaves in a batch; None where it waits for no moment."""
        return leaves(agreement.batch, now, self.calendar(agreement))

    def awaited(self, row: OutboxRow, now: datetime) -> Mapping[str, Span]:
        """What the partner is to send after what is sent now, by type, until when."""
        partner = self.partner(row.partner)
        if partner is None or not expecting(partner.send, row.type):
            return {}
        agreed = sending(self.snapshot, partner, row.type)
        return {} if isinstance(agreed, Fault) else spans(agreed.expect, now, self.calendar(agreed))

    def owed(self, row: DocumentRow, since: datetime) -> Mapping[str, Span]:
        """What we are to send after a document that came in then, by type, until when; acknowledgments go at once."""
        partner = self.partner(row.partner)
        if partner is None or not expecting(partner.receive, row.type):
            return {}
        agreed = self._agreed(partner, row.type, row.version or "", row.group_code or "")
        if isinstance(agreed, Fault):
            return {}
        owed = spans(agreed.expect, since, self.calendar(agreed))
        return {word: span for word, span in owed.items() if word not in ACKNOWLEDGMENTS}

    def calendar(self, agreement: Agreement) -> Calendar | None:
        return self.snapshot.company.calendars.get(agreement.calendar or "")

    def apart(self, system: str, agreement: Agreement) -> tuple[str, str] | None:
        """Why what this system hands over must not go out by the agreement, and what to do; None where it may."""
        known = self.snapshot.company.systems.get(system)
        if known is None:
            return "a system of company.yaml", f"add {system} to its systems:, then replay"
        for_tests = self.snapshot.test or known.test
        if agreement.test == for_tests:
            return None
        if agreement.test:
            return "a system for tests", f"{agreement.partner} gets tests: make it live, then replay"
        return "a system that is live", f"{system} is test: true, and {agreement.partner} is live"

    def file_name(self, channel: str, known: Mapping[str, str], business: Part | None = None) -> str:
        """What the sent file is called, by the channel's own pattern. Raises SetupError where that does not fit."""
        owner, _, name = channel.partition(".")
        whose = self.snapshot.company if owner == COMPANY else self.partner(owner)
        declared = whose.channels[name] if whose and name in whose.channels else None
        return file_names.filled(declared.file_name if declared else file_names.PLAIN, known, business)

    def answer_name(self, channel: str, known: Mapping[str, str]) -> str:
        """The same for an acknowledgment: it is not held because of its name."""
        try:
            return self.file_name(channel, known)
        except SetupError:
            return file_names.filled(file_names.PLAIN, known)

    # -- delivering

    def terms(self, row: DocumentRow) -> tuple[Partner, Agreement]:
        """Whose document it is, and what is agreed about it. Raises SetupError when nothing is."""
        partner = self.partner(row.partner)
        if partner is None:
            raise SetupError(f"delivering {row.type} {row.number}: no partner {row.partner!r} is in force")
        found = self._agreed(partner, row.type, row.version or "", row.group_code or "")
        if isinstance(found, Fault) or (row.map and found.map != row.map):
            found = by_map(self.snapshot, partner, row.type, row.map or "") or found
        if isinstance(found, Fault):
            raise SetupError(f"delivering {row.type} {row.number}: {found.message}; {found.hint}")
        return partner, found

    def destination(self, row: DocumentRow) -> str:
        """The system that takes this document. Raises SetupError when there is none, or when it must not have it."""
        _, found = self.terms(row)
        system = system_for(self.snapshot, found, row.kind or "")
        if system is None:
            raise SetupError(f"delivering {row.type} {row.number}: company.yaml has no route for {row.kind}")
        if why := withheld(self.snapshot, found, system):
            raise SetupError(f"delivering {row.type} {row.number}: {why}")
        return system

    def retry(self, partner: str | None, channel: str = "") -> Sequence[timedelta]:
        """The waits between attempts: the channel's, else the partner's, else ours, else what always holds."""
        found, general = self.partner(partner), self.snapshot.company.defaults
        own = found.channels.get(channel.partition(".")[2]) if found else None
        stated = (own and own.retry) or (found and found.retry) or general.retry
        return stated or SETTLED.retry

    def tests(self, partner: Partner) -> bool:
        """Whether what goes to and comes from this partner is a test."""
        return expects_tests(self.snapshot, partner)
