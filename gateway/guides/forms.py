"""How files of records spell values: a form makes of a field's text the text X12 has for that type, and back.

    date(MM/dd/yyyy)  11/28/2026 <-> 20261128         zoned2   0000012E <-> 125, of type N2
    time(HH:mm)       09:30      <-> 0930             number(,)   12,50 <-> 12.50
    boolean(Y/N)      Y          <-> true             number(.,)  1.250,00 -> 1250.00

Elements keep the text as it came; whoever judges or reads it goes through its form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial


@dataclass(frozen=True, slots=True)
class Form:
    """`read` and `write` raise ValueError with what was expected. Two of one name are the same.

    A text that is `plainly` one of a number's is one, whatever its digits; others may be.
    """

    name: str
    read: Callable[[str], str] = field(compare=False, repr=False)
    write: Callable[[str], str] = field(compare=False, repr=False)
    plainly: re.Pattern[str] | None = field(default=None, compare=False, repr=False)


TYPE = re.compile(r"(?P<name>[a-z]+)(?P<places>\d*)(?:\((?P<said>[^()]*)\))?")
PARTS = {"yyyy": 4, "yy": 2, "MM": 2, "M": 0, "dd": 2, "d": 0, "HH": 2, "H": 0, "mm": 2, "ss": 2}
"""A pattern's parts and their digits; 0 is one or two, and none in front when written."""
PART = re.compile("yyyy|yy|MM|M|dd|d|HH|H|mm|ss")
ORDER = ("yyyy", "yy", "MM", "dd", "HH", "mm", "ss")
OR, BEHIND = " or ", "-"
POSITIVE, NEGATIVE = "{ABCDEFGHI", "}JKLMNOPQR"
OVER = {
    **{str(digit): ("", str(digit)) for digit in range(10)},
    **{sign: ("", str(digit)) for digit, sign in enumerate(POSITIVE)},
    **{sign: ("-", str(digit)) for digit, sign in enumerate(NEGATIVE)},
}
"""The last character of a zoned number -> its sign and digit; without a sign over it, it is positive."""


@lru_cache(maxsize=256)
def pattern(kind: str, said: str) -> Form:
    """`date(MM/dd/yyyy)`; of several, `date(M/d/yyyy or yyyy-MM-dd)`, any is read and the first is written.

    Raises ValueError where a pattern does not say every part once, or too many.
    """
    if OR in said:
        return _any(kind, said, [pattern(kind, one) for one in said.split(OR)])
    found = PART.findall(said)
    parts = tuple(sorted((one * 2 if len(one) == 1 else one for one in found), key=ORDER.index))
    if parts not in KINDS[kind]:
        wanted = " or ".join(sorted("".join(one) for one in KINDS[kind]))
        raise ValueError(f"{kind}({said}): a pattern of {wanted}, in any order")
    groups = "".join(
        f"(?P<{part * 2 if len(part) == 1 else part}>[0-9]{_times(part)})"
        if part in PARTS
        else re.escape(part)
        for part in re.split(f"({PART.pattern})", said)
    )
    return Form(
        f"{kind}({said})",
        partial(_parts_read, re.compile(groups), parts, said),
        partial(_parts_written, parts, said),
    )


DAY = ("yyyy", "MM", "dd")
CLOCKS = {("HH", "mm"), ("HH", "mm", "ss")}
KINDS: dict[str, set[tuple[str, ...]]] = {
    "date": {DAY, ("yy", "MM", "dd")},
    "time": CLOCKS,
    "moment": {(*DAY, *clock) for clock in CLOCKS},
}


def _any(kind: str, said: str, ways: list[Form]) -> Form:
    if len({"yyyy" in way.name for way in ways}) > 1:
        raise ValueError(f"{kind}({said}): years of two digits in one pattern and of four in another")

    def read(text: str) -> str:
        for way in ways:
            try:
                return way.read(text)
            except ValueError:
                continue
        raise ValueError(said)

    return Form(f"{kind}({said})", read, ways[0].write)


def _times(part: str) -> str:
    return f"{{{PARTS[part]}}}" if PARTS[part] else "{1,2}"


def _parts_read(spelled: re.Pattern[str], parts: tuple[str, ...], said: str, text: str) -> str:
    match = spelled.fullmatch(text)
    if match is None:
        raise ValueError(said)
    return "".join([match[part].rjust(len(part), "0") for part in parts])


def _parts_written(parts: tuple[str, ...], said: str, text: str) -> str:
    values, at = {}, 0
    if sum(map(len, parts)) == len(text) + 2 and parts[-1] == "ss":
        text += "00"  # X12 leaves seconds of zero away
    if sum(map(len, parts)) != len(text):
        raise ValueError(said)
    for part in parts:
        values[part] = text[at : at + len(part)]
        at += len(part)

    def part_of(match: re.Match[str]) -> str:
        part = match[0]
        return values[part] if len(part) > 1 else str(int(values[part * 2]))

    return PART.sub(part_of, said)


def _unzoned(text: str) -> str:
    """The sign of a zoned number stands over its last digit."""
    over = OVER.get(text[-1])
    if over is None or not (text[:-1].isdecimal() or len(text) == 1) or not text.isascii():
        raise ValueError("digits, the sign over the last one")
    return over[0] + text[:-1] + over[1]


def _zoned(text: str) -> str:
    signs = NEGATIVE if text.startswith("-") else POSITIVE
    digits = text.removeprefix("-")
    return digits[:-1] + signs[int(digits[-1])]


ZONED = Form("zoned", _unzoned, _zoned, re.compile("[0-9]*[0-9{}A-R]"))


@lru_cache(maxsize=16)
def marked(said: str) -> Form:
    """`number(,)`: the decimal mark; `number(.,)`: what may stand between thousands, then the mark.

    `-` behind them says that the sign stands behind the number.
    """
    signs = said.removesuffix(BEHIND) or "."
    if not 1 <= len(signs) <= 2 or len(set(signs)) < len(signs) or signs[-1] not in ",." or signs.isalnum():
        raise ValueError(
            f"number({said}): number(,) for 12,50, number(.,) for 1.250,50, number(,-) for 12,50-"
        )
    mark, between = signs[-1], signs[:-1]
    groups = rf"|[0-9]{{1,3}}(?:{re.escape(between)}[0-9]{{3}})+" if between else ""
    digits = rf"(?:[0-9]+{groups})(?:{re.escape(mark)}[0-9]*)?|{re.escape(mark)}[0-9]+"
    example = f"1{between}250{mark}50"

    def read(text: str) -> str:
        return (text.replace(between, "") if between else text).replace(mark, ".")

    return _signed(f"number({said})", digits, example, read, lambda text: text.replace(".", mark))


@lru_cache(maxsize=1)
def behind() -> Form:
    """`integer(-)`, `n2(-)`: digits, the sign behind them."""
    return _signed(f"whole({BEHIND})", "[0-9]+", "125", str, str)


def _signed(
    name: str, digits: str, example: str, read: Callable[[str], str], write: Callable[[str], str]
) -> Form:
    """A number's sign in front, or behind where the name says so."""
    if not name.endswith(f"{BEHIND})"):
        spelled = re.compile(f"-?(?:{digits})")
        return Form(name, _checked(spelled, f"a number like {example}", read), write, spelled)
    spelled = re.compile(f"(?:{digits})[-+]?")

    def front(text: str) -> str:
        return f"-{read(text[:-1])}" if text.endswith("-") else read(text.removesuffix("+"))

    def back(text: str) -> str:
        return write(text.removeprefix("-")) + ("-" if text.startswith("-") else "")

    return Form(name, _checked(spelled, f"a number like {example}-", front), back, spelled)


def _checked(spelled: re.Pattern[str], expected: str, read: Callable[[str], str]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if not spelled.fullmatch(text):
            raise ValueError(expected)
        return read(text)

    return checked


@lru_cache(maxsize=64)
def truth(said: str) -> Form:
    """`boolean(Y/N)`: the text for yes and the text for no, which may be nothing."""
    yes, slash, no = said.partition("/")
    if not yes or not slash or yes == no:
        raise ValueError(f"boolean({said}): write boolean(Y/N)")
    words = {yes: "true", no: "false"}

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"{yes} or {no}")
        return words[text]

    return Form(f"boolean({said})", read, lambda text: yes if text == "true" else no)
