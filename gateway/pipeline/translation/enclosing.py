"""In which envelope we write: what profile and company state of it, and what is answered, as each syntax needs it.

A standard is a row of `ENVELOPES`: how what is stated becomes its envelope, fresh and in answer to one that came.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from gateway.formats import edifact, known, x12
from gateway.formats.enclosing import Envelope
from gateway.formats.events import Interchange
from gateway.formats.records import Layout
from gateway.formats.records import events as records
from gateway.guides.model import Guide
from gateway.profiles import Agreement, Partner, Snapshot, address_of
from gateway.profiles.senders import has_identity, our_identities
from gateway.profiles.standards import STANDARDS
from gateway.profiles.standing import Envelope as Stated


class Made(NamedTuple):
    """How a standard's envelopes are made of what is stated. `ends` are the identities, the group's, and whether it
    is a test: what envelopes of all standards have."""

    fresh: Callable[[Stated, Agreement, Guide, dict[str, Any]], Envelope]
    answering: Callable[[Stated, Interchange, dict[str, Any]], Envelope]


def fresh(
    snapshot: Snapshot,
    partner: Partner,
    agreement: Agreement,
    guide: Guide,
    ends: tuple[str, str] | None = None,
) -> Envelope | None:
    """The envelope of what we send by this guide; None where one of us has no identity to write into it.

    What answers something that went between these `ends` goes the same way back, as far as they still are theirs
    and ours.
    """
    standard = guide.standard
    if guide.layout is not None:
        return _of_records(snapshot, partner, agreement, guide.layout)
    address = address_of(snapshot, partner, agreement.organisation, standard)
    if address is None:
        return None
    named = partner.send[agreement.entry].as_ if agreement.entry in partner.send else None
    of_us = snapshot.company.organisation(named or partner.as_).known_as(standard)
    ours = of_us if named or partner.as_ else our_identities(snapshot, standard)
    sender, receiver = "/".join(address.ours), "/".join(address.theirs)
    if ends and has_identity(partner.known_as(standard), ends[0]) and has_identity(ours, ends[1]):
        receiver, sender = ends
    both = {
        "sender": sender,
        "receiver": receiver,
        "test": agreement.test,
        "line_end": "\n" if agreement.envelope.newline else "",
        "group_sender": address.our_group if address.our_group != address.ours[1] else "",
        "group_receiver": address.their_group if address.their_group != address.theirs[1] else "",
    }
    return ENVELOPES[standard].fresh(agreement.envelope, agreement, guide, both)


def _of_records(
    snapshot: Snapshot, partner: Partner, agreement: Agreement, layout: Layout
) -> Envelope | None:
    """Identities are only needed where the layout has a field for them; batches are numbered by partner anyhow."""
    us, standard = snapshot.company.organisation(agreement.organisation), layout.format
    ours, theirs = us.known_as(standard), partner.known_as(standard)
    if (layout.batch.sender and not ours) or (layout.batch.receiver and not theirs):
        return None
    sender, receiver = next(iter(ours), agreement.organisation), next(iter(theirs), partner.partner)
    return known.envelope(standard, layout, sender, receiver, test=agreement.test)


def answering(snapshot: Snapshot, partner: Partner, header: Interchange, stated: Stated) -> Envelope:
    """The envelope that answers this one: turned round, in its version and with its separators by default."""
    if isinstance(header, records.Interchange):
        us = partner.as_ or next(iter(snapshot.company.organisations))
        receiver, sender = header.sender or partner.partner, header.receiver or us
        return known.envelope(header.standard, header.layout, sender, receiver, test=header.test)
    ours = our_identities(snapshot, header.standard)
    both = {
        "sender": header.receiver if has_identity(ours, header.receiver) or not ours else ours[0],
        "receiver": header.sender,
        "test": header.test,
        "line_end": "\n" if stated.newline else "",
    }
    return ENVELOPES[header.standard].answering(stated, header, both)


def _x12_fresh(stated: Stated, agreement: Agreement, guide: Guide, both: dict[str, Any]) -> Envelope:
    return x12.Envelope(
        **both,
        version=stated.version or guide.version[:5],
        delimiters=separators(stated.separators) if stated.separators else x12.Delimiters(),
        charset=of_charsets(stated, x12.CHARSETS),
    )


def _x12_answering(stated: Stated, header: Interchange, both: dict[str, Any]) -> Envelope:
    return x12.Envelope(
        **both,
        version=header.version if is_version(header.version) else stated.version or "00401",
        delimiters=separators(stated.separators) if stated.separators else header.delimiters,
        charset=of_charsets(stated, x12.CHARSETS),
    )


def _edifact_fresh(stated: Stated, agreement: Agreement, guide: Guide, both: dict[str, Any]) -> Envelope:
    """An acknowledgment is requested where the profile awaits one, unless it says otherwise."""
    level, version = (stated.syntax or "UNOC:3").split(":")
    awaited = any(word in agreement.expect for word in STANDARDS["edifact"].closing)
    return edifact.Envelope(
        **both,
        **_signs(stated, version),
        level=level,
        version=version,
        charset=of_charsets(stated, edifact.CHARSETS),
        association=stated.association or "",
        reference=stated.reference or "",
        application=stated.application or "",
        priority=stated.priority or "",
        ack_requested=awaited if stated.request is None else stated.request,
        agreement=stated.agreement or "",
        grouped=bool(stated.grouped),
    )


def _edifact_answering(stated: Stated, header: Interchange, both: dict[str, Any]) -> Envelope:
    """In the sender's syntax, where there is such a one, and as urgent as what it answers."""
    came = cast(edifact.Interchange, header)
    level, version = (stated.syntax or "UNOC:3").split(":")
    if came.level in edifact.CHARSETS and came.version in ("1", "2", "3", "4") and came.delimiters.distinct:
        level, version = came.level, came.version
        signs = {"delimiters": came.delimiters} | _stated_signs(stated, version)
    else:
        signs = _signs(stated, version)
    urgent = len(came.priority) == 1 and came.priority.isascii() and came.priority.isalpha()
    return edifact.Envelope(
        **both,
        **signs,
        level=level,
        version=version,
        charset=of_charsets(stated, edifact.CHARSETS),
        reference=stated.reference or "",
        priority=came.priority if urgent else "",
    )


def _signs(stated: Stated, version: str) -> dict[str, Any]:
    return {"delimiters": edifact.standard("+", version)} | _stated_signs(stated, version)


def _stated_signs(stated: Stated, version: str) -> dict[str, Any]:
    """What the profile says of the UNA: that there always is one, or which signs it states."""
    if stated.una in (None, edifact.Writer.NEEDED):
        return {}
    if stated.una == edifact.Writer.ALWAYS:
        return {"una": edifact.Writer.ALWAYS}
    return {"una": edifact.Writer.ALWAYS, "delimiters": edifact.stated(stated.una, version)}


ENVELOPES = {
    "x12": Made(_x12_fresh, _x12_answering),
    "edifact": Made(_edifact_fresh, _edifact_answering),
}


def of_charsets(stated: Stated, known: tuple[str, ...]) -> str:
    """The character set that is stated, where this syntax has it."""
    return stated.charset if stated.charset in known else "auto"


def is_version(text: str) -> bool:
    """Whether ISA12 names a version that an answer can be written in: five digits."""
    return len(text) == 5 and text.isascii() and text.isdecimal()


def separators(signs: str) -> x12.Delimiters:
    """`*>~` or `*^>~`: element, repetition, component, segment."""
    repetition = signs[1] if len(signs) == 4 else None
    return x12.Delimiters(signs[0], signs[-2], repetition, signs[-1])
