"""The laws of every map, tried on one document: object, document, nothing lost, valid; and that both readers agree.

Everything written goes through bytes and is read again, so that syntax, grammar and meaning all have their say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from gateway.certification import differences
from gateway.certification.certificate import Check, Difference, judged
from gateway.certification.rehearsal import rendered
from gateway.errors import NotWritable
from gateway.faults import Fault, rejecting
from gateway.formats import known
from gateway.formats.events import TransactionSet
from gateway.formats.segment import COMPONENT, REPETITION, Segment
from gateway.guides.compile import compiled as compiled_guide
from gateway.guides.place import parse
from gateway.maps import Map
from gateway.maps.account import Share
from gateway.maps.answers import Answered
from gateway.maps.compile import compiled as compiled_map
from gateway.pipeline.translation.translate import Translation, by_map, translate

OBJECT, GIVEN_BACK, DOCUMENT, NOTHING_LOST, VALID, SAME_VERDICT = (
    "written fresh, reads back equal",
    "what was given is read back",
    "written onto itself, byte for byte",
    "nothing lost",
    "what is written passes its guide",
    "fast and exact reading agree",
)


@dataclass(frozen=True, slots=True)
class Written:
    """An object that was written fresh: its interchange, or why not, and what reading that gave."""

    translation: Translation
    interchange: bytes = b""
    back: Translation | None = None
    refused: tuple[Fault, ...] = ()

    @property
    def wanted(self) -> Any:
        """What reading it again must give: the object, nested as the map nests what it writes."""
        return _nested(self.translation.object, self.translation)


def write(translation: Translation, answered: Answered | None = None) -> Written | None:
    """The set's object in a new interchange, read again; None where there is no object to write."""
    chosen = translation.choice.map
    if chosen is None or translation.object is None:
        return None
    envelope = known.envelope_like(translation.interchange, translation.group, translation.set)
    try:
        data = rendered(envelope, chosen, [translation.object], answered)
    except NotWritable as error:
        return Written(translation, refused=tuple(error.faults))
    layout = chosen.guide.layout
    read = translate(data, by_map(chosen), charset=envelope.charset, trees=True, layout=layout)
    back = next((event for event in read if isinstance(event, Translation)), None)
    return Written(translation, data, back)


def same_object(written: Sequence[Written]) -> Check:
    """Law 1. A refusal with a named fault keeps the law only where the document had that fault and was let through.

    So it is with what was carried as it came with a note, a wrong SSCC, and is not written.
    """
    diff: list[Difference] = []
    refused = 0
    for number, one in enumerate(written):
        path = f"$[{number}]"
        if one.refused and (one.translation.choice.lenient or _noted(one)):
            refused += 1
        elif one.refused:
            diff += [Difference(f"{path} {fault.place}", "written", fault.message) for fault in one.refused]
        else:
            back = one.back.object if one.back else None
            diff += differences.objects(plain(one.wanted), plain(back), path)
    if not written:
        return Check(OBJECT, None, "no set became an object")
    allowed = f", {refused} refused for what was let through, or noted, when it was read" if refused else ""
    return judged(OBJECT, diff, f"{counted(len(written), 'object')}{allowed}")


def given_back(given: Sequence[Any], translations: Sequence[Translation]) -> Check:
    """Law 1 for what is sent: all that was given is read back, beside it only what was echoed."""
    diff: list[Difference] = []
    for number, (one, back) in enumerate(zip_longest(given, translations)):
        got = plain(back.object) if back else None
        rows = differences.objects(plain(_nested(one, back)), got, f"$[{number}]")
        diff += [row for row in rows if row.expected is not None]
    return judged(GIVEN_BACK, diff, counted(len(given), "object"))


def _nested(given: Any, back: Translation | None) -> Any:
    """What was given, nested as the map it was read back with nests what it writes."""
    return back.choice.map.nested(given) if back is not None and back.choice.map is not None else given


def _noted(one: Written) -> bool:
    """Whether nothing is refused but what was noted when it was read."""
    noted = {fault.place.field for fault in one.translation.all_faults if fault.is_note} - {None}
    return all((fault.place.field or "").rpartition("[")[0] in noted for fault in one.refused)


def passes_guide(written: Sequence[Written]) -> Check:
    """Law 4, on what law 1 wrote."""
    backs = [one.back for one in written if one.back is not None]
    faults = [fault for back in backs for fault in rejecting(back.faults)]
    diff = [Difference(str(fault.place), fault.expected, fault.message) for fault in faults]
    return (
        judged(VALID, diff, counted(len(backs), "set"))
        if backs
        else Check(VALID, None, "nothing was written")
    )


def same_bytes(translations: Sequence[Translation], answered: Answered | None = None) -> Check:
    """Law 2, for every set that became an object."""
    diff: list[Difference] = []
    tried = [one for one in translations if one.object is not None and one.tree is not None]
    for number, translation in enumerate(tried):
        try:
            again = rewritten(translation, answered)
        except NotWritable as error:
            diff += [
                Difference(f"$[{number}] {fault.place}", "written", fault.message) for fault in error.faults
            ]
            continue
        if again != translation.set.raw:
            diff += byte_differences(translation.set, again)
    return (
        judged(DOCUMENT, diff, counted(len(tried), "set"))
        if tried
        else Check(DOCUMENT, None, "no set to write onto")
    )


def rewritten(translation: Translation, answered: Answered | None = None) -> bytes:
    """The set's object written onto the set it was read from. Raises `NotWritable`."""
    chosen, found = translation.choice.map, translation.set
    if chosen is None or translation.tree is None:
        return found.raw
    tree = chosen.write(translation.object, onto=translation.tree, answered=answered)
    writer = known.envelope_like(translation.interchange, translation.group, found).writer
    return writer.transaction_set(found.header[1:], list(tree.segments()), onto=found)


def byte_differences(found: TransactionSet, again: bytes) -> list[Difference]:
    """The segments whose bytes differ, terminators and line ends included."""
    separator = found.syntax.segment or b"\n"
    expected, got = found.raw.split(separator), again.split(separator)
    rows = differences.segments([(repr(part),) for part in expected], [(repr(part),) for part in got])
    return [Difference(f"byte {found.offset}, {row.path}", row.expected, row.got) for row in rows]


def shares(
    translations: Sequence[Translation], envelope: int
) -> tuple[Check, dict[str, int], list[tuple[str, str]]]:
    """Law 3: whose every element is, and that none is left out of the account."""
    count: Counter[str] = Counter(dict.fromkeys([*(share.value for share in Share), "envelope"], 0))
    count["envelope"] = envelope
    residue: list[tuple[str, str]] = []
    diff = []
    for translation in translations:
        values = list(accounted(translation))
        there = sum(values_in(segment) for segment in translation.set.located())
        if len(values) != there:
            where = f"byte {translation.set.offset}"
            diff.append(Difference(where, counted(there, "value"), f"{len(values)} accounted for"))
        count.update(share for _, _, share in values)
        residue += [(place, text) for place, text, share in values if share == Share.RESIDUE]
    told = ", ".join(f"{number} {share}" for share, number in count.items())
    return judged(NOTHING_LOST, diff, told), dict(count), residue


def accounted(translation: Translation) -> list[tuple[str, str, str]]:
    """(place, value, whose) for every value; without a map all of it is residue."""
    chosen, tree = translation.choice.map, translation.tree
    if chosen is None or tree is None:
        return [
            (segment.place(element).address, part, Share.RESIDUE.value)
            for segment in translation.set.located()
            for element, whole in enumerate(segment.elements)
            for part in parts_of(whole)
            if element
        ]
    return [(one.place.address, one.text, one.share.value) for one in chosen.account(tree)]


def parts_of(element: str) -> list[str]:
    """An element's values: its repetitions' components."""
    return [part for part in element.replace(REPETITION, COMPONENT).split(COMPONENT) if part]


def values_in(segment: Segment) -> int:
    return sum(len(parts_of(element)) for element in segment.elements[1:])


def same_verdict(translations: Sequence[Translation]) -> Check:
    """The generated readers and the exact ones, on every set."""
    diff = [
        Difference(f"byte {one.set.offset}", "the same from both", found)
        for one in translations
        if (found := disagreement(one))
    ]
    return judged(SAME_VERDICT, diff, counted(len(translations), "set"))


def disagreement(translation: Translation) -> str | None:
    """Where the generated and the exact reading of one set differ; None where they agree."""
    found, guide = translation.set, translation.choice.guide
    if guide is None or found.incomplete or not found.plain:
        return None
    segments = found.segments()
    tree, grammar = parse(guide, found.located())
    exact, fast = not rejecting(grammar), compiled_guide(guide)(segments)
    if fast != exact:
        told = "; ".join(map(str, rejecting(grammar))) or "no fault"
        return f"fast {'accepts' if fast else 'rejects'}; the exact reader has {told}"
    if translation.choice.map is None:
        return None
    return other_object(translation.choice.map, segments, tree, grammar)


def other_object(chosen: Map, segments: list[list[str]], tree: Any, grammar: list[Fault]) -> str | None:
    """The compiled map answers only where there is nothing to say, and then what the exact one says."""
    quick = compiled_map(chosen)(segments)
    if quick is None:
        return None
    exact, meaning = chosen.read(tree)
    if quick != exact:
        one = next(differences.objects(plain(exact), plain(quick)), None)
        return (
            f"fast reads {one.path} as {one.got}, exact as {one.expected}" if one else "two unequal objects"
        )
    if said := rejecting([*grammar, *meaning]):
        return f"fast had nothing to say; the exact reader has {said[0]}"
    return None


def plain(business: Any) -> Any:
    """A canonical object as mappings, lists and values."""
    return business.model_dump(exclude_defaults=True) if business is not None else None


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
