"""Every sample of a partner through every check: its certificates. The folder is read, nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.certification import differences, laws
from gateway.certification.certificate import Certificate, Check, Difference, judged
from gateway.certification.differences import elements
from gateway.certification.opinion import objections
from gateway.certification.rehearsal import Rehearsed, rehearse, values_around
from gateway.certification.sample import Sample, samples
from gateway.certification.sending import objects, originals, way, written
from gateway.errors import GatewayError
from gateway.faults import Fault, rejecting
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import Translation, by_map, translate
from gateway.profiles import Partner

SET_UP, ANSWERABLE, READING, GIVEN, ANSWERED, WRITING, ACKNOWLEDGED, TA1, OPINION = (
    "the profile applies",
    "every answer can be written",
    "reads as expected",
    "what is given fits",
    "what is answered reads",
    "writes as expected",
    "acknowledgment as expected",
    "TA1 as expected",
    "pyx12 agrees with the envelopes we write",
)


def certify(house: House, folder: Path, partner: str = "") -> Iterator[Certificate]:
    """A certificate per sample of that partner (of all when none is named), in the folder's order.

    `folder` holds `<partner>/<case>/` with `canonical.json` and a document: one that came (`in.*`), and
    `acknowledgment.*`, `ta1.edi` as expected; or one that is sent (`out.*`), and `answered.*`. Never raises for
    what a sample or a partner's map holds.
    """
    return (certificate(house, sample) for sample in samples(folder, partner))


def certificate(house: House, sample: Sample) -> Certificate:
    expected = (sample.canonical, sample.acknowledgment, sample.ta1)
    made = Certificate(
        sample.partner, sample.case, sample.about, compared=any(one is not None for one in expected)
    )
    partner = house.partner(sample.partner)
    if partner is None:
        made.checks = [Check(SET_UP, False, f"there is no sound profile {sample.partner}")]
        return made
    try:
        (as_sent if sample.sent else as_received)(house, partner, sample, made)
    except GatewayError as error:
        made.checks = [Check(SET_UP, False, str(error))]
    return made


def as_received(house: House, partner: Partner, sample: Sample, made: Certificate) -> None:
    """What came: what it reads as, what goes back, and the laws."""
    rehearsed = rehearse(house, partner, sample.document)
    written = [one for found in rehearsed.translations if (one := laws.write(found))]
    accounted, made.shares, made.residue = laws.shares(rehearsed.translations, rehearsed.envelope)
    made.checks = [
        reading(sample.canonical, rehearsed),
        answer(ACKNOWLEDGED, "acknowledgment.edi", sample.acknowledgment, rehearsed.acknowledgments),
        answer(TA1, "ta1.edi", sample.ta1, rehearsed.ta1s),
        *(Check(ANSWERABLE, False, why) for why in rehearsed.unanswered),
        laws.same_object(written),
        laws.same_bytes(rehearsed.translations),
        accounted,
        laws.passes_guide(written),
        laws.same_verdict(rehearsed.translations),
        opinion([*written_fresh(written), *rehearsed.acknowledgments, *rehearsed.ta1s]),
    ]


def as_sent(house: House, partner: Partner, sample: Sample, made: Certificate) -> None:
    """What is sent: what the objects are written as, read back by the map that wrote it, and the laws."""
    found = way(house, partner, sample.document)
    given, misfits = objects(sample.canonical or b"[]", found.map)
    known, read = originals(house, partner, sample)
    made.checks = [fitting(misfits, given), *answered(sample, read)]
    if any(check.held is False for check in made.checks):
        return
    data = written(found, given, known)
    if isinstance(data, list):
        made.checks.append(judged(WRITING, [refused(fault) for fault in data], "it is refused"))
        return
    layout, charset = found.map.guide.layout, found.envelope.charset
    events = list(translate(data, by_map(found.map), charset=charset, trees=True, layout=layout))
    back = [event for event in events if isinstance(event, Translation)]
    again = [one for translation in back if (one := laws.write(translation, known))]
    accounted, made.shares, made.residue = laws.shares(back, values_around(events))
    made.checks += [
        judged(WRITING, elements(sample.document, data, found.map.guide), laws.counted(len(back), "set")),
        laws.given_back(given, back),
        laws.same_object(again),
        laws.same_bytes(back, known),
        accounted,
        laws.passes_guide(again),
        laws.same_verdict(back),
        opinion([data, *written_fresh(again)]),
    ]


def fitting(misfits: Sequence[Fault], given: Sequence[Any]) -> Check:
    """Whether canonical.json holds objects at all."""
    if not misfits and not given:
        return Check(GIVEN, False, "canonical.json says no object to send")
    return judged(GIVEN, [refused(fault) for fault in misfits], laws.counted(len(given), "object"))


def answered(sample: Sample, read: Rehearsed) -> list[Check]:
    """Whether every document that is answered reads; nothing where none is there."""
    if sample.answered is None:
        return []
    unread = [one for one in read.translations if one.object is None]
    told = f"{laws.counted(len(read.translations), 'set')}{faults_told(read)}"
    return [Check(ANSWERED, bool(read.translations) and not unread, told)]


def refused(fault: Fault) -> Difference:
    """By the field, and by the place it would stand at."""
    where, field = str(fault.place), fault.place.field or ""
    path = where if field in where else f"{field}, {where}"
    return Difference(path, fault.expected, fault.message)


def written_fresh(written: Sequence[laws.Written]) -> list[bytes]:
    return [one.interchange for one in written if one.interchange]


def reading(expected: bytes | None, rehearsed: Rehearsed) -> Check:
    """The canonical objects, one (or null) per transaction set, field by field."""
    found = rehearsed.translations
    told = f"{laws.counted(len(found), 'set')}{faults_told(rehearsed)}"
    if expected is None:
        return Check(READING, None, f"no canonical.json; {told}")
    try:
        objects = json.loads(expected, parse_float=str)
    except (ValueError, RecursionError) as error:
        return Check(READING, False, f"canonical.json is not JSON: {error}")
    if not isinstance(objects, list):
        return Check(READING, False, "canonical.json is a list with one object, or null, per transaction set")
    diff = []
    if len(objects) != len(found):
        diff.append(Difference("$", laws.counted(len(objects), "set"), laws.counted(len(found), "set")))
    for number, (one, translation) in enumerate(zip(objects, found, strict=False)):
        diff += compared(one, translation, f"$[{number}]")
    return judged(READING, diff, told)


def compared(expected: Any, translation: Translation, path: str) -> list[Difference]:
    """One expected object against what was read. What is no such object is a difference at its own path."""
    got, chosen = translation.object, translation.choice.map
    if expected is None or chosen is None:
        return list(differences.objects(expected, laws.plain(got), path))
    try:
        wanted = chosen.document.model_validate_json(json.dumps(expected))
    except ValidationError as error:
        return [
            Difference(path + steps(detail["loc"]), str(detail["input"]), detail["msg"])
            for detail in error.errors()
        ]
    return list(differences.objects(laws.plain(wanted), laws.plain(got), path))


def steps(path: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def faults_told(rehearsed: Rehearsed) -> str:
    """The faults found on the way, which are what a person asks first when an object is missing."""
    faults = list(dict.fromkeys(f"{fault.place} {fault.message}" for fault in rejecting(rehearsed.faults)))
    return f"; {laws.counted(len(faults), 'fault')}: " + "; ".join(faults) if faults else ""


def answer(name: str, file: str, expected: bytes | None, sent: Sequence[bytes]) -> Check:
    """What would be sent back, segment by segment, against the file that says so."""
    if expected is None:
        return Check(
            name, None, f"no {file}; " + (f"{len(sent)} would be sent" if sent else "none would be sent")
        )
    diff = differences.documents(expected, b"".join(sent))
    return judged(name, diff, laws.counted(len(sent), "interchange"))


def opinion(interchanges: Sequence[bytes]) -> Check:
    """pyx12 on everything that is written: the documents fresh, and the answers."""
    asked = [said for said in map(objections, interchanges) if said is not None]
    if not asked:
        told = "nothing of a version it reads" if interchanges else "nothing was written"
        return Check(OPINION, None, told)
    diff = [Difference("envelope", None, objection) for said in asked for objection in said]
    return judged(OPINION, diff, laws.counted(len(asked), "interchange"))
