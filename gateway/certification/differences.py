"""Two objects field by field, two documents segment by segment: where they differ, in words a person can look up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from pydantic_core import to_jsonable_python

from gateway.certification.certificate import Difference
from gateway.formats import x12
from gateway.formats.segment import COMPONENT, REPETITION

OURS = {"ISA": (9, 10, 11, 13, 16), "IEA": (2,), "GS": (4, 5, 6), "GE": (2,)}
"""Elements of an envelope that its writer chooses: date, time, control number, delimiters."""

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
    return segments(lines(expected), lines(got))


def segments(expected: Sequence[Line], got: Sequence[Line]) -> list[Difference]:
    found = []
    matcher = SequenceMatcher(None, expected, got, autojunk=False)
    for kind, first, last, other_first, other_last in matcher.get_opcodes():
        if kind == "equal":
            continue
        pairs = zip_longest(expected[first:last], got[other_first:other_last])
        for number, (one, other) in enumerate(pairs, first + 1):
            found.append(Difference(f"segment {number}", spelled(one), spelled(other)))
    return found


def spelled(line: Line | None) -> str | None:
    """A segment as people write it in e-mails, whatever its own delimiters are."""
    if line is None:
        return None
    return "*".join(line).replace(COMPONENT, ">").replace(REPETITION, "^")


def lines(data: bytes) -> list[Line]:
    """Every segment of the file, envelopes too, without padding, trailing empty elements and what writers choose."""
    return [
        comparable(line) for event in x12.read(data) for line in lines_of(event) if any(map(str.strip, line))
    ]


def lines_of(event: x12.Event) -> Iterator[Sequence[str]]:
    if isinstance(event, x12.Interchange):
        yield ("ISA", *event.header)
    elif isinstance(event, x12.Group):
        yield ("GS", *event.header)
    elif isinstance(event, x12.TransactionSet):
        yield event.header
        yield from event.segments()
        yield event.trailer or ()
    elif isinstance(event, x12.GroupEnd):
        yield ("GE", *event.trailer) if event.trailer else ()
    elif isinstance(event, x12.InterchangeEnd):
        yield ("IEA", *event.trailer) if event.trailer else ()
    elif isinstance(event, x12.InterchangeAcknowledgment):
        yield event.elements
    else:
        yield (event.sample.decode("utf-8", "backslashreplace"),)


def comparable(line: Sequence[str]) -> Line:
    chosen = OURS.get(line[0], ())
    kept = ["" if at in chosen else text.strip() for at, text in enumerate(line)]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)
