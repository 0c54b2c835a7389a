"""Which agreement applies to a document, and may it act on a live system? Questions 3 and 4 of MAPS.md.

What is agreed is complete: entry before partner before company before what always holds. Pure functions over a
snapshot; nothing here reads a clock, a file or a document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TypeVar

from gateway.faults import Code, Fault, Place
from gateway.profiles.identities import written
from gateway.profiles.partner import Entry, Partner, Receive, Send, When
from gateway.profiles.senders import expects_tests, organisation_of
from gateway.profiles.snapshot import Snapshot
from gateway.profiles.standards import STANDARDS, line_for, standard_of
from gateway.profiles.standing import (
    SETTLED,
    Deadline,
    Duplicates,
    Envelope,
    Incomplete,
    Policy,
    Validation,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DuplicatePolicy:
    """What becomes of a document whose key came before, with the `same` bytes or with `changed` ones."""

    same: Policy
    changed: Policy
    window: timedelta


@dataclass(frozen=True, slots=True)
class Agreement:
    """What holds for one document type in one direction, with everybody's defaults already in it.

    `entry` is the profile's key (`850/005010`), `organisation` which of us, `test` whether its documents are tests,
    `route` the system the profile names, None where company.yaml's routes decide (`system_for`).
    """

    partner: str
    document: str
    entry: str
    map: str
    organisation: str
    test: bool
    acknowledge: tuple[str, ...]
    duplicates: DuplicatePolicy
    incomplete: Incomplete
    order: str | None
    expect: Mapping[str, Deadline]
    validation: Validation
    route: str | None
    over: tuple[str, ...]
    batch: str
    envelope: Envelope
    retry: tuple[timedelta, ...]
    keep: timedelta
    private: tuple[str, ...]
    calendar: str | None
    differs: Mapping[str, str]
    notes: tuple[Fault, ...] = field(default=())

    @property
    def lenient(self) -> bool:
        return self.validation == "lenient"


@dataclass(frozen=True, slots=True)
class Address:
    """Both ends as an envelope writes them: (qualifier, id) of the interchange, and the ids of the group."""

    ours: tuple[str, str]
    theirs: tuple[str, str]
    our_group: str
    their_group: str


def receiving(
    snapshot: Snapshot,
    partner: Partner,
    document: str,
    *,
    version: str = "",
    association: str = "",
    group: str = "",
    file: str = "",
    topic: str = "",
    receiver: str = "",
    standard: str = "x12",
    base: str = "",
) -> Agreement | Fault:
    """Question 3: the entry whose every condition holds and that states most; else a fault with the line to add.

    `base` is the map that line names: the shipped one nearest to what came, if there is one.
    """
    if not partner.active:
        hint = f"{partner.partner} is stage: {partner.stage}; make it testing or live, then replay"
        return Fault(Code.NO_AGREEMENT, place_of(document), came=document, hint=hint)
    shown = {
        "version": version,
        "association": association,
        "group": group,
        "file": file,
        "topic": topic,
    }
    entries = {key: one for key, one in partner.receive.items() if key.partition("/")[0] == document}
    fits = [
        (len(stated), key) for key, one in entries.items() if holds(stated := conditions(key, one), shown)
    ]
    us = organisation_of(snapshot.company, receiver, standard) if receiver else None
    if fits:
        return received(snapshot, partner, max(fits)[1], us, standard)
    near = nearest_version(entries, shown)
    if near is None:
        return no_agreement(partner, document, base, entries)
    note = Fault(Code.UNKNOWN_VERSION, came=version, expected=conditions(near, entries[near])["version"])
    return replace(received(snapshot, partner, near, us, standard), notes=(note,))


def conditions(key: str, entry: Receive) -> dict[str, str]:
    """What an arrival must show for the entry to hold: as stated, else the version in its key."""
    version = key.partition("/")[2]
    return {"version": version} if version and entry.when == When() else entry.when.stated


def holds(stated: Mapping[str, str], shown: Mapping[str, str]) -> bool:
    return all(fnmatchcase(shown[key], pattern) for key, pattern in stated.items())


def may_be(entry: Entry, file: str) -> bool:
    """Whether a file of that name may hold what is agreed there."""
    wanted = entry.when.file if isinstance(entry, Receive) else None
    return wanted is None or fnmatchcase(file, wanted)


def nearest_version(entries: Mapping[str, Receive], shown: Mapping[str, str]) -> str | None:
    """The entry that only fails for its version, and whose version begins most alike, then is nearest in number."""
    candidates = []
    for key, entry in entries.items():
        stated = dict(conditions(key, entry))
        version = stated.pop("version", "")
        if version and holds(stated, shown):
            candidates.append((-alike(version, shown["version"]), distance(version, shown["version"]), key))
    return min(candidates)[2] if candidates else None


def alike(one: str, other: str) -> int:
    """How many characters they begin with in common."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def distance(one: str, other: str) -> int:
    return abs(age(one) - age(other))


def age(version: str) -> int:
    """The number a release begins with; of a directory (`D96A`) its year, 1988 to 2087, and its letter."""
    if directory := re.match(r"[A-Z](\d\d)([A-Z])", version):
        year = int(directory[1])
        return (year + (0 if year >= 88 else 100)) * 26 + ord(directory[2]) - ord("A")
    number = re.match(r"\d{1,9}", version)
    return int(number[0]) if number else 0


def no_agreement(partner: Partner, document: str, base: str, entries: Mapping[str, Receive]) -> Fault:
    own = f"{partner.partner}/{document}"
    line = f"add to profiles/{partner.partner}.yaml: receive: {{{document}: {base or own}}}"
    line += "" if base else f", and write that map: maps/{own}.yaml"
    stated = "; or loosen when: of " + ", ".join(entries) if entries else ""
    return Fault(Code.NO_AGREEMENT, place_of(document), came=document, hint=line + stated)


def place_of(document: str) -> Place:
    """Where a document says that it is one of this type."""
    return STANDARDS[standard_of(document)].identifier


def received(
    snapshot: Snapshot, partner: Partner, key: str, us: str | None, standard: str = "x12"
) -> Agreement:
    """The agreement of one `receive` entry."""
    entry, general = partner.receive[key], snapshot.company.defaults
    acknowledge = first(entry.acknowledge, partner.acknowledge, general.acknowledge, SETTLED.acknowledge)
    base = agreed(snapshot, partner, key, entry, us)
    return replace(
        base,
        acknowledge=acknowledgments(acknowledge, standard),
        duplicates=duplicates_of(entry.duplicates, partner.duplicates, general.duplicates),
        incomplete=first(entry.incomplete, partner.incomplete, general.incomplete, SETTLED.incomplete),
        order=entry.order,
        route=entry.route,
    )


def by_map(snapshot: Snapshot, partner: Partner, document: str, map: str) -> Agreement | None:
    """What is agreed for a document that was read by this map: what else its file showed may be known no more."""
    fits = (key for key, one in partner.receive.items() if one.map == map)
    key = next((key for key in fits if key.partition("/")[0] == document), None)
    return received(snapshot, partner, key, None, standard_of(document)) if key else None


def sending(snapshot: Snapshot, partner: Partner, document: str, version: str = "") -> Agreement | Fault:
    """What holds for a document we send them; of several versions that of what it answers, else the first."""
    keys = [key for key in partner.send if document in (key, key.partition("/")[0])]
    exact = [key for key in keys if key in (document, f"{document}/{version}")]
    if keys:
        key = max(exact, key=len) if exact else keys[0]
        entry = partner.send[key]
        return replace(agreed(snapshot, partner, key, entry, None), batch=entry.batch)
    line = f"add to profiles/{partner.partner}.yaml: send: {{{document}: {line_for(document)}}}"
    return Fault(Code.NO_AGREEMENT, came=document, expected=f"a send entry of {partner.partner}", hint=line)


def agreed(
    snapshot: Snapshot, partner: Partner, key: str, entry: Receive | Send, us: str | None
) -> Agreement:
    """What both directions have in common: entry before partner before company before what always holds."""
    general = snapshot.company.defaults
    envelopes = (entry.envelope,) if isinstance(entry, Send) else ()
    return Agreement(
        partner=partner.partner,
        document=key.partition("/")[0],
        entry=key,
        map=entry.map,
        organisation=us or entry.as_ or partner.as_ or next(iter(snapshot.company.organisations)),
        test=expects_tests(snapshot, partner),
        acknowledge=(),
        duplicates=duplicates_of(partner.duplicates, general.duplicates),
        incomplete=first(partner.incomplete, general.incomplete, SETTLED.incomplete),
        order=None,
        expect=entry.expect,
        validation=first(entry.validation, partner.validation, general.validation, SETTLED.validation),
        route=None,
        over=entry.over,
        batch="each",
        envelope=envelope_of(*envelopes, partner.envelope, general.envelope),
        retry=first(retry_of(partner, entry.over), partner.retry, general.retry, SETTLED.retry),
        keep=first(partner.keep, general.keep, SETTLED.keep),
        private=(*general.private, *partner.private),
        calendar=partner.calendar or general.calendar,
        differs=entry.differs.model_dump(),
    )


def retry_of(partner: Partner, over: tuple[str, ...]) -> tuple[timedelta, ...] | None:
    """A channel's own waits, where it is clear which channel."""
    names = over or tuple(partner.sending())
    return partner.channels[names[0]].retry if len(names) == 1 and names[0] in partner.channels else None


def acknowledgments(words: tuple[str, ...], standard: str) -> tuple[str, ...]:
    """`standard` is the format's own functional acknowledgment, `none` is nothing."""
    if "none" in words:
        return ()
    functional = STANDARDS[standard].functional if standard in STANDARDS else ()
    named = (functional if word == "standard" else (word,) for word in words)
    return tuple(dict.fromkeys(word for some in named for word in some))


def duplicates_of(*layers: Duplicates) -> DuplicatePolicy:
    return DuplicatePolicy(
        same=first(*(one.same for one in layers), SETTLED.same),
        changed=first(*(one.changed for one in layers), SETTLED.changed),
        window=first(*(one.window for one in layers), SETTLED.window),
    )


def envelope_of(*layers: Envelope) -> Envelope:
    """Each of its parts from the narrowest layer that states it."""
    stated = {
        part: next((found for layer in layers if (found := getattr(layer, part)) is not None), None)
        for part in Envelope.model_fields
    }
    return Envelope.model_construct(None, **stated)


def first(*stated: T | None) -> T:
    """What the narrowest layer states; the last one always states something."""
    return next(one for one in stated if one is not None)


def system_for(snapshot: Snapshot, agreement: Agreement, document_class: str) -> str | None:
    """The system that takes this business object; None where neither profile nor company.yaml names one."""
    return agreement.route or snapshot.company.route(document_class)


def withheld(snapshot: Snapshot, agreement: Agreement, system: str) -> str | None:
    """Question 4: why this document must not reach that system, or None when it may."""
    if system not in snapshot.company.systems:
        return f"company.yaml has no system {system}"
    for_tests = snapshot.test or snapshot.company.systems[system].test
    if agreement.test and not for_tests:
        fix = f"mark a system test: true, or make {agreement.partner} live"
        return f"a test document never reaches the live system {system}; {fix}"
    if not agreement.test and for_tests:
        return f"a live document never reaches {system}, which takes tests"
    return None


def address_of(
    snapshot: Snapshot, partner: Partner, organisation: str | None = None, standard: str = "x12"
) -> Address | None:
    """Both ends of an interchange we send; None where one of the two has no identity in this standard."""
    us = snapshot.company.organisation(organisation or partner.as_)
    ours, theirs = us.known_as(standard), partner.known_as(standard)
    if not ours or not theirs:
        return None
    mine, their = written(ours[0], standard), written(theirs[0], standard)
    our_group, their_group = us.known_as("group"), partner.known_as("group")
    return Address(
        mine, their, our_group[0] if our_group else mine[1], their_group[0] if their_group else their[1]
    )


def channel_out(partner: Partner, over: tuple[str, ...] = (), came_by: str | None = None) -> str | None:
    """The channel a document leaves over: of those agreed (else all that can send) the one it answers, else the
    first agreed, else the only one there is. None where that leaves it open."""
    out = list(partner.sending())
    agreed_on = [name for name in over if name in out] if over else out
    if came_by in agreed_on:
        return came_by
    return agreed_on[0] if agreed_on and (over or len(out) == 1) else None
