"""Two objects field by field, two documents segment by segment: where they differ, in words a person can look up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import partial
from itertools import zip_longest
from typing import Any, NamedTuple

from pydantic_core import to_jsonable_python

from gateway.certification.certificate import Difference
from gateway.formats import edifact, known, x12
from gateway.formats.edifact.envelope import envelope_name as edifact_name
from gateway.formats.events import Group, GroupEnd, Interchange, InterchangeEnd, TransactionSet
from gateway.formats.known import Event
from gateway.formats.records import Layout
from gateway.formats.records import events as records
from gateway.formats.records.record import Record
from gateway.formats.segment import COMPONENT, REPETITION
from gateway.formats.x12.places import envelope_name as x12_name
from gateway.guides.model import Guide

OURS = {
    **{"ISA": (9, 10, 11, 13, 16), "IEA": (2,), "GS": (4, 5, 6), "GE": (2,), "ST": (2,), "SE": (2,)},
    **{"UNB": (4, 5), "UNZ": (2,), "UNG": (4, 5), "UNE": (2,), "UNH": (1,), "UNT": (2,)},
}
"""Elements of an envelope that its writer chooses: date, time, control number, delimiters."""


class Spelling(NamedTuple):
    """What a standard's envelopes are called, and the signs that people write its segments with."""

    interchange: tuple[str, str]
    group: tuple[str, str]
    set: str
    element: str
    component: str
    repetition: str

    def of(self, line: Sequence[str] | None) -> str | None:
        """A segment as people write it in e-mails, whatever its own delimiters are."""
        if line is None:
            return None
        return self.element.join(line).replace(COMPONENT, self.component).replace(REPETITION, self.repetition)


X12 = Spelling(("ISA", "IEA"), ("GS", "GE"), "ST", "*", ">", "^")
RECORDS = Spelling(("header", "trailer"), ("", ""), "document", " | ", "", "")
SPELLINGS = {
    "x12": X12,
    "edifact": Spelling(("UNB", "UNZ"), ("UNG", "UNE"), "UNH", "+", ":", "*"),
    "fixed": RECORDS,
    "csv": RECORDS,
}
"""By standard."""

Line = tuple[str, ...]


def objects(expected: Any, got: Any, path: str = "$") -> Iterator[Difference]:
    """Every field that differs, as deep as both go. Both are plain: mappings, lists and scalars."""
    if expected == got:
        return
    if isinstance(expected, dict) and isinstance(got, dict):
        for name in dict.fromkeys((*expected, *got)):
            yield from objects(expected.get(name), got.get(name), f"{path}.{name}")
    elif isinstance(expected, list) and isinstance(got, list):
        for index, (one, other) in enumerate(zip_longest(expected, got)):
            yield from objects(one, other, f"{path}[{index}]")
    else:
        yield Difference(path, shown(expected), shown(got))


def shown(value: Any) -> str | None:
    """The value as the canonical JSON has it."""
    if value is None:
        return None
    plain = to_jsonable_python(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def documents(expected: bytes, got: bytes) -> list[Difference]:
    """Every segment that differs, by its number in what was expected; what the writer chooses is left out."""
    return segments(lines(expected), lines(got), spelling_of(expected))


def segments(expected: Sequence[Line], got: Sequence[Line], says: Spelling = X12) -> list[Difference]:
    found = []
    matcher = SequenceMatcher(None, expected, got, autojunk=False)
    for kind, first, last, other_first, other_last in matcher.get_opcodes():
        if kind == "equal":
            continue
        pairs = zip_longest(expected[first:last], got[other_first:other_last])
        for number, (one, other) in enumerate(pairs, first + 1):
            found.append(Difference(f"segment {number}", says.of(one), says.of(other)))
    return found


def elements(expected: bytes, got: bytes, guide: Guide) -> list[Difference]:
    """Every element that differs, set by set, by the names the guide has; what the writer chooses is left out."""
    (around, sets), (other_around, other_sets) = apart(expected, guide.layout), apart(got, guide.layout)
    says = spelling_of(expected, guide.layout)
    found = list(by_element(around, other_around, guide, says))
    if len(sets) != len(other_sets):
        found.append(Difference("$", f"{len(sets)} of {says.set}", f"{len(other_sets)} of {says.set}"))
    for number, (one, other) in enumerate(zip(sets, other_sets, strict=False), 1):
        found += by_element(one, other, guide, says, f"set {number}, ")
    return found


def apart(data: bytes, layout: Layout | None = None) -> tuple[list[Line], list[list[Line]]]:
    """The envelopes' segments, and those of each set."""
    around: list[Line] = []
    sets: list[list[Line]] = []
    for event, says in events_of(data, layout):
        if isinstance(event, TransactionSet):
            sets.append(lines_in(event, says))
        else:
            around += lines_in(event, says)
    return around, sets


def by_element(
    expected: Sequence[Line], got: Sequence[Line], guide: Guide, says: Spelling, within: str = ""
) -> Iterator[Difference]:
    """Segments of one tag are compared element by element, where both have one; what only one has, whole."""
    matcher = SequenceMatcher(None, expected, got, autojunk=False)
    for kind, first, last, other_first, other_last in matcher.get_opcodes():
        if kind == "equal":
            continue
        for at, one, other in by_tag(expected[first:last], got[other_first:other_last]):
            tag = (one or other or ("",))[0]
            where = f"{within}segment {first + at + 1} {tag}" if within else tag
            if one is None or other is None:
                yield Difference(f"{where} {named(guide, tag)}".strip(), says.of(one), says.of(other))
                continue
            for number, (wanted, came) in enumerate(zip_longest(one[1:], other[1:], fillvalue=""), 1):
                if wanted != came:
                    path = f"{where}{number:02d} {named(guide, tag, number)}".strip()
                    yield Difference(path, says.of((wanted,)) or None, says.of((came,)) or None)


def by_tag(expected: Sequence[Line], got: Sequence[Line]) -> Iterator[tuple[int, Line | None, Line | None]]:
    """Where each stands in what was expected: the same tags side by side, in their order; others alone."""
    tags, other_tags = ([line[0] for line in side] for side in (expected, got))
    matcher = SequenceMatcher(None, tags, other_tags, autojunk=False)
    for kind, first, last, other_first, other_last in matcher.get_opcodes():
        if kind == "equal":
            both = zip(expected[first:last], got[other_first:other_last], strict=True)
            yield from ((at, one, other) for at, (one, other) in enumerate(both, first))
        else:
            yield from ((at, expected[at], None) for at in range(first, last))
            yield from ((first, None, line) for line in got[other_first:other_last])


def named(guide: Guide, tag: str, element: int | None = None) -> str:
    """What the guide, or the envelope, calls a segment or an element of it; empty where neither knows it."""
    spec = guide.segments.get(tag)
    if spec is None:
        return x12_name(tag, element) or edifact_name(tag, element) or ""
    if element is None:
        return spec.name
    return spec.uses[element - 1].name if element <= len(spec.uses) else ""


def events_of(data: bytes, layout: Layout | None = None) -> Iterator[tuple[Event, Spelling]]:
    """The file's events, each with how its standard is spelled."""
    says = X12
    for event in known.read(data, layout=layout):
        if isinstance(event, Interchange):
            says = SPELLINGS.get(event.standard, X12)
        yield event, says


def spelling_of(data: bytes, layout: Layout | None = None) -> Spelling:
    """How the first interchange's standard is spelled."""
    return next((says for event, says in events_of(data, layout) if isinstance(event, Interchange)), X12)


def lines(data: bytes) -> list[Line]:
    """Every segment of the file, envelopes too, without padding, trailing empty elements and what writers choose."""
    events = list(events_of(data))
    if not any(isinstance(event, Interchange) for event, _ in events):  # a table of errors
        return [(line,) for line in data.decode("utf-8", "replace").splitlines()]
    return [line for event, says in events for line in lines_in(event, says)]


def lines_in(event: Event, says: Spelling) -> list[Line]:
    """The same of one event."""
    return [comparable(line) for line in lines_of(event, says) if any(map(str.strip, line))]


def lines_of(event: Event, says: Spelling) -> Iterator[Sequence[str]]:
    if isinstance(event, records.Interchange):
        yield from map(partial(unchosen, event.layout), event.records)
    elif isinstance(event, records.TransactionSet):
        yield from event.segments()
    elif isinstance(event, Interchange):
        yield (says.interchange[0], *event.header)
    elif isinstance(event, Group):
        yield (says.group[0], *event.header) if event.header else ()
    elif isinstance(event, TransactionSet):
        yield event.header
        yield from event.segments()
        yield event.trailer or ()
    elif isinstance(event, GroupEnd):
        yield (says.group[1], *event.trailer) if event.trailer else ()
    elif isinstance(event, InterchangeEnd):
        yield (says.interchange[1], *event.trailer) if event.trailer else ()
    elif isinstance(event, x12.InterchangeAcknowledgment):
        yield event.elements
    elif isinstance(event, edifact.Package):
        yield ("UNO", *event.header)
    else:
        yield (event.sample.decode("utf-8", "backslashreplace"),)


def unchosen(layout: Layout, record: Record) -> Sequence[str]:
    """A record around a batch without what its writer chooses."""
    batch = layout.batch
    chosen = {(one.tag, one.element) for one in (batch.control, batch.date, batch.time) if one is not None}
    return ["" if (record.tag, at) in chosen else text for at, text in enumerate(record.elements)]


def comparable(line: Sequence[str]) -> Line:
    chosen = OURS.get(line[0], ())
    kept = ["" if at in chosen else text.strip() for at, text in enumerate(line)]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)
