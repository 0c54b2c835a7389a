"""What an acknowledgment says of documents of ours, as far as it says it for certain.

Numbers alone name nothing: others have groups and sets of the same numbers. What is acknowledged has to be called as
we called it (AK101, AK201; UCI02, UCI03, UCM02), and where the verdict on the whole decides, the counts beside it
(AK902 to AK904) have to be those of what we sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from gateway.canonical import AcknowledgedEnd, AcknowledgedSet, FunctionalAcknowledgment
from gateway.canonical.meeting import bare
from gateway.faults import Code, Fault, Place
from gateway.ledger.documents import DocumentRow
from gateway.pipeline.translation.acknowledge import ACCEPTED, PARTIALLY, WITH_ERRORS
from gateway.profiles.identities import normal


class Named(NamedTuple):
    """Where a standard's acknowledgment names what it is about, a set of that, and says what became of all."""

    whole: Place
    set: Place
    kind: Place
    verdict: Place


OF_GROUPS = Named(
    Place(segment="AK1", element=2, name="Group Control Number"),
    Place(segment="AK2", element=2, name="Transaction Set Control Number"),
    Place(segment="AK2", element=1, name="Transaction Set Identifier Code"),
    Place(segment="AK9", element=1, name="Functional Group Acknowledge Code"),
)
OF_INTERCHANGES = Named(
    Place(segment="UCI", element=1, name="Interchange control reference"),
    Place(segment="UCM", element=1, name="Message reference number"),
    Place(segment="UCM", element=2, component=1, name="Message type"),
    Place(segment="UCI", element=4, name="Action, coded"),
)
AK101 = Place(segment="AK1", element=1, name="Functional Identifier Code")
AK902 = Place(segment="AK9", element=2, name="Number of Transaction Sets Included")
AK903 = Place(segment="AK9", element=3, name="Number of Received Transaction Sets")
AK904 = Place(segment="AK9", element=4, name="Number of Accepted Transaction Sets")
UCI02 = Place(segment="UCI", element=2, name="Interchange sender")
UCI03 = Place(segment="UCI", element=3, name="Interchange recipient")
UCF01 = Place(segment="UCF", element=1, name="Group reference number")

GOOD = frozenset({ACCEPTED, WITH_ERRORS})
RECEIVED = "received"
"""An interchange is there, and nothing else is said of it (0083, 8)."""
MISSING_TRAILER = "3"
"""The group has no trailer (716), so that nobody stated how many sets there are."""


class Sent(NamedTuple):
    """The documents of ours that went out in one group, or interchange, and who its envelope names as its ends."""

    documents: Sequence[DocumentRow] = ()
    own: str | None = None
    other: str | None = None


def named_in(said: FunctionalAcknowledgment) -> Named:
    return OF_INTERCHANGES if said.interchange else OF_GROUPS


def control_of(said: FunctionalAcknowledgment) -> str:
    """The control number of what it is about."""
    about = said.interchange or said.group
    return (about.control if about else None) or ""


def misnamed(said: FunctionalAcknowledgment, sent: Sent) -> list[Fault]:
    """Where it calls a group, or an interchange, of ours otherwise than we did. What is not said is not compared."""
    whole, group = said.interchange, said.group
    named_so = f"{'interchange' if whole else 'group'} {control_of(said)}"
    if whole:
        ends = ((UCI02, whole.sender, sent.own), (UCI03, whole.receiver, sent.other))
        called = [
            (place, shown(end), ours) for place, end, ours in ends if end and ours and not same_end(end, ours)
        ]
    else:
        code, ours = (group.code or "").strip() if group else "", sent.documents[0].group_code
        called = [(AK101, code, ours)] if code and ours and code != ours else []
    return [unmatched(came, place, f"{ours}, as our {named_so} has") for place, came, ours in called]


def same_end(end: AcknowledgedEnd, identity: str) -> bool:
    """Whether that identity is meant; its qualifier has to be the same where both say one."""
    kind, value = normal(f"{end.kind or ''}/{end.value or ''}")
    qualifier, name = normal(identity)
    return value == name and (kind == qualifier or not kind or not qualifier)


def shown(end: AcknowledgedEnd) -> str:
    return "/".join(filter(None, (end.kind, end.value)))


class Sets(NamedTuple):
    """The sets that an acknowledgment names: those of ours by their numbers, and a fault for each of the others.

    `bad` are the rejected ones of all. `miscalled` is whether the type of one is none that we sent: then it may mean
    another group altogether.
    """

    known: Mapping[str, AcknowledgedSet]
    strangers: Sequence[Fault]
    bad: int
    miscalled: bool


def named(said: FunctionalAcknowledgment, ours: Sequence[DocumentRow]) -> Sets:
    """What it names; of one that it names twice the rejection holds."""
    places, types = named_in(said), {bare(one.set_control or ""): one.type for one in ours}
    known, strangers, bad, miscalled = {}, {}, set(), False
    for one in sorted(said.sets, key=lambda one: one.verdict not in GOOD):
        control, code = bare(one.control or ""), (one.code or "").strip()
        sent_as = types.get(control)
        if one.verdict not in GOOD:
            bad.add(control)
        if code and code not in types.values():
            miscalled = True
        if sent_as is None:
            strangers[control] = unmatched(one.control or "", places.set)
        elif code and code != sent_as:
            strangers[control] = unmatched(code, places.kind, f"{sent_as}, as our {one.control} is")
        else:
            known[control] = one
    return Sets(known, list(strangers.values()), len(bad), miscalled)


def judged(said: FunctionalAcknowledgment, sent: Sent) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    """What it says of our documents of the group, by their ids, and what is odd about it.

    A document without an outcome is one that it says nothing of for certain. Partners write our `0001` as `1`, or fill
    it to nine digits; a wrong count beside verdicts that name each of ours is a note.
    """
    ours, places = sent.documents, named_in(said)
    if not ours:
        return {}, [unmatched(control_of(said), places.whole)]
    if wrong := misnamed(said, sent):
        return {}, wrong
    if said.verdict == RECEIVED and not said.sets:
        return {}, []
    said, strange = of_our_group(said, ours[0].group_control or "")
    if strange:
        return {}, strange
    sets = named(said, ours)
    wrong = miscounted(said, len(ours), sets)
    if wrong and contradictory(said, sets, len(ours)):
        return {}, wrong
    for_all = speaks_for_all(said, sets, wrong)
    outcome, left = {}, []
    for document in ours:
        one = sets.known.get(bare(document.set_control or ""))
        if one or for_all:
            outcome[document.id] = verdict(said, one)
        else:
            left.append(document.set_control or document.id)
    if for_all or not (left or sets.strangers):
        return outcome, [fault.as_note() for fault in (*sets.strangers, *wrong)]
    awaited = f"; awaited still: {', '.join(left)}" if left else ""
    hint = f"ask the partner what became of our documents{awaited}"
    faults = sets.strangers or wrong
    if left and not sets.strangers and said.verdict == PARTIALLY:
        counts = "*".join(
            "" if one is None else str(one) for one in (said.stated, said.received, said.accepted)
        )
        faults = [Fault(Code.UNCERTAIN_ACKNOWLEDGMENT, places.verdict, f"AK9*P*{counts}")]
    return outcome, [replace(fault, hint=hint) for fault in faults]


def of_our_group(
    said: FunctionalAcknowledgment, control: str
) -> tuple[FunctionalAcknowledgment, list[Fault]]:
    """What it says of the one group that our interchanges have; the faults where it speaks of others alone.

    What rejects the interchange rejects the group, which is not named where nothing is wrong with it.
    """
    if not said.groups:
        return said, []
    ours = [one for one in said.groups if bare(one.group.control or "") == bare(control)]
    if not ours:
        controls = [one.group.control or "" for one in said.groups]
        return said, [unmatched(one, UCF01) for one in controls]
    of_group = ours[0] if said.verdict in GOOD else said
    update = {
        "verdict": of_group.verdict,
        "codes": of_group.codes,
        "sets": [*said.sets, *ours[0].sets],
        "groups": [],
    }
    return said.model_copy(update=update), []


def overruling(said: FunctionalAcknowledgment) -> bool:
    """Whether all is rejected for its envelope, whatever is said of a set."""
    return said.verdict not in (*GOOD, PARTIALLY, RECEIVED)


def miscounted(said: FunctionalAcknowledgment, ours: int, sets: Sets) -> list[Fault]:
    """Which of its counts are not those of so many sets of ours, judged as it judges them; a CONTRL counts nothing.

    Where the group is rejected, not all of it need have been received, and one without a trailer states no count. Not
    all partners count what they accept with errors as accepted.
    """
    rejected = overruling(said)
    good = 0 if rejected else ours - sets.bad
    least = good - sum(one.verdict == WITH_ERRORS for one in sets.known.values())
    sent = f"{ours}, as many as we sent"
    wrong = []
    if said.stated not in (None, ours) and not (rejected and MISSING_TRAILER in said.codes):
        wrong.append((AK902, said.stated, sent))
    if said.received not in (None, ours) and not (rejected and said.received < ours):
        wrong.append((AK903, said.received, sent))
    if said.accepted is not None and not least <= said.accepted <= good:
        wrong.append((AK904, said.accepted, f"{good} of {ours}, by its verdicts"))
    return [
        Fault(Code.UNCERTAIN_ACKNOWLEDGMENT, place, str(came), expected) for place, came, expected in wrong
    ]


def contradictory(said: FunctionalAcknowledgment, sets: Sets, ours: int) -> bool:
    """Whether the verdict on the group is not what those on our sets would make it. In a CONTRL it need not be."""
    bad = sum(one.verdict not in GOOD for one in sets.known.values())
    if overruling(said):
        return bad < len(sets.known)
    if said.verdict == PARTIALLY:
        return len(sets.known) == ours and bad in (0, ours)
    return bad > 0 and said.verdict != RECEIVED


def speaks_for_all(said: FunctionalAcknowledgment, sets: Sets, wrong: Sequence[Fault]) -> bool:
    """Whether the group's verdict holds for those of our sets that it does not name; `wrong` are its wrong counts.

    Not where it names sets that we never sent: it may mean ours by them. An A holds all the same if it counts (AK902
    to AK904) as many as we sent, all of our type. One that is partially accepted must name those in error.
    """
    if said.verdict == RECEIVED or wrong:  # that it came is no judgement of what is not named
        return False
    if said.verdict == PARTIALLY:
        return not sets.strangers and sets.bad > 0 and said.stated is not None
    counts = said.verdict == ACCEPTED and said.stated is not None and not sets.bad and not sets.miscalled
    return not sets.strangers or counts


def verdict(said: FunctionalAcknowledgment, one: AcknowledgedSet | None) -> dict[str, Any]:
    """What is written down for one document: its own verdict, or the group's where it is not named.

    A group rejected for its envelope rejects every set, whatever AK5 says of them; one that is partially accepted
    may name only the sets in error, and accepts the others.
    """
    if one is None:
        return {"verdict": ACCEPTED if said.verdict == PARTIALLY else said.verdict, "codes": list(said.codes)}
    reasons = [segment.model_dump(mode="json", exclude_none=True) for segment in one.segments]
    around = one.at.model_dump(mode="json", exclude_none=True) if one.at else None
    overruled = overruling(said)
    return {
        "verdict": said.verdict if overruled else one.verdict,
        "codes": list(one.codes or (said.codes if overruled else ())),
        "segments": reasons,
        **({"at": around} if around else {}),
    }


def unmatched(control: str, place: Place, expected: str | None = None) -> Fault:
    return Fault(Code.UNMATCHED_ACKNOWLEDGMENT, place, control, expected)
