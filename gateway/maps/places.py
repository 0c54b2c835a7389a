"""How a place is spelled: `PID/MEA[PD]03`, `N301..02`, `PER[IC][TE]`. Text in, words out; no guide is asked here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

AREAS = ("heading", "detail", "summary")

BRACKETS = r"(?P<brackets>(?:\[[^\[\]]*\])*)(?:\((?P<holding>[^()]*)\))?"
STEP = re.compile(rf"(?P<tag>[A-Za-z]\w*){BRACKETS}")
LAST = re.compile(
    rf"(?P<tag>[A-Z][A-Z0-9]{{1,2}}){BRACKETS}"
    r"(?P<element>[0-9]{2})?(?:-(?P<component>[0-9]{2}))?"
    r"(?P<qualified>\[[^\[\]]*\])?(?P<span>\.\.(?P<to>[0-9]{2})?)?"
)
RECORD = re.compile(rf"(?P<tag>[A-Za-z]\w*){BRACKETS}(?:\.(?P<field>[A-Za-z]\w*))?")
"""A record, and a field of it by its name: `LIN.sku`."""
HOLDING = re.compile(r"(?P<no>no )?(?P<way>[A-Z][A-Z0-9]{1,2}(?:/[A-Z][A-Z0-9]{1,2})*)")
OCCURRENCE = re.compile(r"#(?P<first>[1-9][0-9]*)(?P<open>\.\.)?")


class Misfit(Exception):
    """A part of a map that cannot stand: what, why, how to fix. The loader adds the line and collects them all."""

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Bracket:
    """`[7,VAT]` asks two elements, `[T|P]` one for either code, `[*]` one for any; `[#2..]` counts instead.

    `codes` has one tuple per element asked, empty for any code. `first` and `last` are occurrences, from 1;
    `last` None is without end.
    """

    codes: tuple[tuple[str, ...], ...] = ()
    first: int = 1
    last: int | None = None

    @property
    def counts(self) -> bool:
        return not self.codes


@dataclass(frozen=True, slots=True)
class Named:
    """A segment by its tag, with its brackets in order.

    Of a loop only those are meant that have a segment where `holding` leads, or, where it is `lacked`, have none.
    """

    tag: str
    brackets: tuple[Bracket, ...] = ()
    holding: tuple[str, ...] = ()
    lacked: bool = False


@dataclass(frozen=True, slots=True)
class Spelled:
    """A place as written. `span` is `..`, `to` the number behind it; `qualified` the bracket behind an element.

    A `record` goes by a name no segment has, or a `field` of it does: `LIN.sku`.
    """

    text: str
    area: str | None
    steps: tuple[Named, ...]
    last: Named
    element: int | None = None
    component: int | None = None
    qualified: tuple[tuple[str, ...], ...] = ()
    span: bool = False
    to: int | None = None
    field: str | None = None
    record: bool = False


@lru_cache(maxsize=1024)
def parse(text: str) -> Spelled:
    """The place's parts. Raises Misfit for anything that is no place."""
    area, *rest = split_outside(text, "/")
    names = rest if area in AREAS else [area, *rest]
    match = LAST.fullmatch(names[-1]) if names else None
    if match is None and names and (record := RECORD.fullmatch(names[-1])):
        path = [STEP.fullmatch(name) for name in names[:-1]]
        if all(path):
            inside = tuple(_named(step, text) for step in path if step)
            found_in = area if area in AREAS else None
            return Spelled(text, found_in, inside, _named(record, text), field=record["field"], record=True)
    steps = [STEP.fullmatch(name) for name in names[:-1]]
    if match is None or not all(steps):
        raise no_place(text)
    qualified = _bracket(match["qualified"], text) if match["qualified"] else None
    if qualified and (not qualified.codes or not match["element"]):
        raise Misfit(f"{text}: {match['qualified']} must hold codes", fix="TD503[2], or N104[1|9]")
    return Spelled(
        text=text,
        area=area if area in AREAS else None,
        steps=tuple(_named(step, text) for step in steps if step),
        last=_named(match, text),
        element=int(match["element"]) if match["element"] else None,
        component=int(match["component"]) if match["component"] else None,
        qualified=qualified.codes if qualified else (),
        span=bool(match["span"]),
        to=int(match["to"]) if match["to"] else None,
    )


def no_place(text: str) -> Misfit:
    """What is spelled as no place of a guide is."""
    fix = "a place reads BEG03, SLN09-02, REF[DP], N301..02 or PID/MEA[PD]03; of a record LIN.sku"
    return Misfit(f"{text}: this is no place", fix=fix)


def split_outside(text: str, separator: str) -> list[str]:
    """Splits where the separator stands outside brackets, parentheses and quotes; blanks around parts are dropped."""
    parts, depth, quoted, start, index = [], 0, False, 0, 0
    while index < len(text):
        char = text[index]
        if char == '"':
            quoted = not quoted
        elif not quoted:
            depth += (char in "[(") - (char in "])")
            if depth == 0 and text.startswith(separator, index):
                parts.append(text[start:index].strip())
                start = index = index + len(separator)
                continue
        index += 1
    return [*parts, text[start:].strip()]


def _named(match: re.Match[str], text: str) -> Named:
    inside = re.findall(r"\[([^\[\]]*)\]", match["brackets"])
    brackets = tuple(_bracket(f"[{one}]", text) for one in inside)
    if match["holding"] is None:
        return Named(match["tag"], brackets)
    held = HOLDING.fullmatch(match["holding"].strip())
    if held is None:
        raise Misfit(
            f"{text}: ({match['holding']}) names no segments", fix="CPS(PAC/PCI), or CPS(no PAC/PCI)"
        )
    return Named(match["tag"], brackets, tuple(held["way"].split("/")), bool(held["no"]))


def _bracket(written: str, text: str) -> Bracket:
    inside = written[1:-1].strip()
    if count := OCCURRENCE.fullmatch(inside):
        first = int(count["first"])
        return Bracket(first=first, last=None if count["open"] else first)
    leading, *further = inside.split(",")
    return Bracket(
        (_codes(leading.strip(), text), *(_codes(part.strip(), text, empty=True) for part in further))
    )


def _codes(part: str, text: str, *, empty: bool = False) -> tuple[str, ...]:
    """The codes between bars. One may be asked to be empty, the first qualifier beside codes: `CPS[|5]`, `PID[F,]`."""
    if part == "*":
        return ()
    codes = tuple(code.strip() for code in part.split("|"))
    if not (empty or all(codes[len(codes) > 1 :])) or "*" in codes:
        raise Misfit(
            f"{text}: empty qualifier", fix="REF[DP], REF[DP|IA], TAX[7,VAT], or REF[*] for all others"
        )
    return codes
