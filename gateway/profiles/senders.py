"""Who sent an arrival? The channel says who may, the envelope says who did, and the two must agree.

Pure functions over a snapshot: questions 1 and 2 of MAPS.md, and whether a document is a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.faults import Code, Fault, Place
from gateway.profiles.company import Company
from gateway.profiles.identities import normal, same_identity
from gateway.profiles.partner import Partner
from gateway.profiles.snapshot import Snapshot

COMPANY = "company"
SYSTEM = "system"
"""Owners of channels that are no partners: `company.van` is a mailbox of several, `system.erp` a system behind us."""
OF_A_SYSTEM = f"{SYSTEM}."
"""What the channel of a system begins with; the system's name follows."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where a standard's interchange says who sends to whom, whether it is a test, and its control number.

    `signs` are what it says of production (P) and of tests (T).
    """

    sender: Place
    receiver: Place
    usage: Place
    control: Place
    signs: Mapping[str, str]


RECORDS = Header(
    Place(name="sender"),
    Place(name="receiver"),
    Place(name="test"),
    Place(name="control"),
    {"P": "a live batch", "T": "a test"},
)
"""Where the records around a batch say it is in their guide's `envelope:`."""

HEADERS = {
    "x12": Header(
        Place(segment="ISA", element=6, name="Interchange Sender ID"),
        Place(segment="ISA", element=8, name="Interchange Receiver ID"),
        Place(segment="ISA", element=15, name="Usage Indicator"),
        Place(segment="ISA", element=13, name="Interchange Control Number"),
        {"P": "P", "T": "T"},
    ),
    "edifact": Header(
        Place(segment="UNB", element=2, name="Interchange Sender"),
        Place(segment="UNB", element=3, name="Interchange Recipient"),
        Place(segment="UNB", element=11, name="Test Indicator"),
        Place(segment="UNB", element=5, name="Interchange Control Reference"),
        {"P": "", "T": "1"},
    ),
    **dict.fromkeys(("fixed", "csv"), RECORDS),
}
"""By standard."""


def sender_of(
    snapshot: Snapshot,
    channel: str,
    sender: str,
    receiver: str,
    usage: str | None = None,
    standard: str = "x12",
) -> Partner | Fault:
    """Questions 1 and 2. `channel` is `acme.drop` or `company.van`; identities are `qualifier/id` as sent.

    An empty sender is one the format does not name: then the channel's own partner sent it.
    """
    said, allowed = HEADERS[standard], partners_on(snapshot, channel)
    if not sender:
        return (
            allowed[0]
            if len(allowed) == 1
            else Fault(Code.UNKNOWN_SENDER, said.sender, came="", expected="a sender")
        )
    partner = next((one for one in allowed if has_identity(one.known_as(standard), sender)), None)
    if partner is None:
        known = [one for one in snapshot.partners.values() if has_identity(one.known_as(standard), sender)]
        if not known:
            return unknown_sender(channel, sender, standard)
        return Fault(
            Code.WRONG_CHANNEL,
            said.sender,
            came=sender,
            expected=f"a channel of {known[0].partner}, not {channel}",
        )
    if receiver and organisation_of(snapshot.company, receiver, standard) is None:
        return Fault(
            Code.NOT_FOR_US,
            said.receiver,
            came=receiver,
            expected=" or ".join(our_identities(snapshot, standard)),
        )
    return wrong_usage(snapshot, partner, usage, said) or partner


def partners_on(snapshot: Snapshot, channel: str) -> list[Partner]:
    """Question 1: a private channel has one partner, a shared one those that name it."""
    owner, _, name = channel.partition(".")
    if owner != COMPANY:
        return [snapshot.partners[owner]] if owner in snapshot.partners else []
    named = snapshot.partners.values()
    return [one for one in named if any(other.shared == name for other in one.channels.values())]


def has_identity(identities: Iterable[str], identity: str) -> bool:
    return any(same_identity(one, identity) for one in identities)


def unknown_sender(channel: str, sender: str, standard: str) -> Fault:
    owner = channel.partition(".")[0]
    where = "the partner's profile" if owner == COMPANY else f"profiles/{owner}.yaml"
    line = f'add to {where}: identities: {{{standard}: "{"/".join(filter(None, normal(sender)))}"}}'
    return Fault(Code.UNKNOWN_SENDER, HEADERS[standard].sender, came=sender, hint=line)


def organisation_of(company: Company, receiver: str, standard: str = "x12") -> str | None:
    """Which of us a receiver's identity is."""
    for name, organisation in company.organisations.items():
        if has_identity(organisation.known_as(standard), receiver):
            return name
    return None


def our_identities(snapshot: Snapshot, standard: str) -> list[str]:
    organisations = snapshot.company.organisations.values()
    return [identity for one in organisations for identity in one.known_as(standard)]


def expects_tests(snapshot: Snapshot, partner: Partner) -> bool:
    """Test or production is never typed: it follows from environment and stage, and is written into ISA15."""
    return snapshot.test or partner.stage != "live"


def wrong_usage(snapshot: Snapshot, partner: Partner, usage: str | None, said: Header) -> Fault | None:
    """T is test; P, and in X12 I for information (element I14), are production. Some files do not say it."""
    if not usage:
        return None
    test = expects_tests(snapshot, partner)
    if (usage == "T") == test:
        return None
    why = "in this environment" if snapshot.test else f"while {partner.partner} is stage: {partner.stage}"
    expected = said.signs["T" if test else "P"] or "nothing"
    return Fault(Code.WRONG_USAGE, said.usage, said.signs.get(usage, usage), f"{expected} {why}")
