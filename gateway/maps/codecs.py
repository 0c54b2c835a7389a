"""Codecs: the closed list of ways a text may differ from the value it stands for, each with its way back.

The law of every codec: what `write` accepts, `read` gives back unchanged; anything else it refuses by ValueError
with a sentence for a person. `join` and `wrap` have no way back and may stand in one direction only.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from gateway.canonical import gs1
from gateway.faults import Code
from gateway.marked_yaml import close


class Unfit(ValueError):
    """A refusal that knows what to do."""

    def __init__(self, expected: str, hint: str) -> None:
        super().__init__(expected)
        self.hint = hint


OF_A_TABLE = "use a word that it has, or give the partner's map a table that has this one"


@dataclass(frozen=True, eq=False)
class Codec:
    """Text as the document has it <-> text as the canonical object has it. The base changes nothing."""

    name: str
    remark: ClassVar[Code] = Code.WORD_UNKNOWN
    """What is noted where the text is one it does not know."""

    def read(self, text: str) -> str:
        return text

    def write(self, text: str, current: str = "") -> str:
        """`current` is what stands there now: a codec that owns only a part of it keeps the rest."""
        return text

    def knows(self, text: str) -> bool:
        """Whether the text could be read without a remark."""
        return True

    def wanted(self, text: str) -> str | None:
        """What was expected in place of a text it does not know."""
        return None


@dataclass(frozen=True, eq=False)
class Codes(Codec):
    """`codes(t)`: code <-> word. A code without a word reads as `x12:PBU` and is written back as it came."""

    standard: str
    words: Mapping[str, str]
    codes: Mapping[str, str]

    def read(self, text: str) -> str:
        return self.words.get(text) or f"{self.standard}:{text}"

    def write(self, text: str, current: str = "") -> str:
        if text in self.codes:
            return self.codes[text]
        standard, _, code = text.partition(":")
        if standard == self.standard and code and code not in self.words:
            return code
        raise Unfit(self._refusal(text, standard, code), OF_A_TABLE)

    def knows(self, text: str) -> bool:
        return text in self.words

    def _refusal(self, text: str, standard: str, code: str) -> str:
        if standard == self.standard and code:
            return f"a word for the code {code}: {self.words[code]}"
        if text in self.words:
            return f"a word of the table {self.name}; {text} is the code of `{self.words[text]}`"
        return f"a word of the table {self.name}; {close(text, self.codes)}"

    def without(self, words: frozenset[str]) -> Codes:
        """The same table without these words, whose codes then have none."""
        kept = {code: word for code, word in self.words.items() if word not in words}
        return Codes(self.name, self.standard, kept, {w: c for w, c in self.codes.items() if w not in words})


@dataclass(frozen=True, eq=False)
class Lookup(Codec):
    """`lookup(t)`: a partner's cross reference. What it does not list can be neither read nor written."""

    ours: Mapping[str, str]
    theirs: Mapping[str, str]

    def read(self, text: str) -> str:
        if text not in self.ours:
            raise ValueError(f"a value that the table {self.name} lists")
        return self.ours[text]

    def write(self, text: str, current: str = "") -> str:
        if text not in self.theirs:
            raise Unfit(f"a value that the table {self.name} lists; {close(text, self.theirs)}", OF_A_TABLE)
        return self.theirs[text]


@dataclass(frozen=True, eq=False)
class Pad(Codec):
    """`pad(10,"0")`: filled up on the left when written, the filling dropped when read."""

    size: int
    fill: str

    def read(self, text: str) -> str:
        return text.lstrip(self.fill) or text[-1:]

    def write(self, text: str, current: str = "") -> str:
        if len(text) > self.size:
            raise ValueError(f"at most {self.size} characters, to be filled up with {self.fill}")
        return text.rjust(self.size, self.fill)


@dataclass(frozen=True, eq=False)
class From(Codec):
    """`from(2)`: a number that is counted from there, where ours is counted from 1."""

    first: int

    def read(self, text: str) -> str:
        return str(self._whole(text) - self.first + 1)

    def write(self, text: str, current: str = "") -> str:
        return str(self._whole(text) + self.first - 1)

    def _whole(self, text: str) -> int:
        if not WHOLE.fullmatch(text):
            raise ValueError("a whole number")
        return int(text)


@dataclass(frozen=True, eq=False)
class Split(Codec):
    """`split("/",1)`: one part of several in one element; writing it keeps the other parts."""

    separator: str
    part: int

    def read(self, text: str) -> str:
        parts = text.split(self.separator)
        return parts[self.part - 1] if self.part <= len(parts) else ""

    def write(self, text: str, current: str = "") -> str:
        if self.separator in text:
            raise ValueError(f"a value without {self.separator}")
        parts = current.split(self.separator)
        parts += [""] * (self.part - len(parts))
        parts[self.part - 1] = text
        return self.separator.join(parts).rstrip(self.separator)


@dataclass(frozen=True, eq=False)
class Upper(Codec):
    """`upper`: read in capitals whatever came; only capitals can be written."""

    def read(self, text: str) -> str:
        return text.upper()


@dataclass(frozen=True, eq=False)
class Sscc(Codec):
    """`sscc` and `sscc("00")`: the 18 digits of an SSCC, also behind the application identifier 00.

    Which of the two is written the map says, but one that stands there keeps its form. What is no SSCC is read as it
    came, with a note, and is not written.
    """

    identifier: str
    remark: ClassVar[Code] = Code.CHECK_DIGIT

    def read(self, text: str) -> str:
        behind = text.removeprefix("00")
        return behind if len(text) == len(behind) + 2 == gs1.SSCC_LENGTH + 2 else text

    def write(self, text: str, current: str = "") -> str:
        if not gs1.is_sscc(text):
            raise Unfit(gs1.sscc_wanted(text), "compare it with the label; no digit is put in its place")
        standing = current.removesuffix(self.read(current)) if gs1.is_sscc(self.read(current)) else None
        return (self.identifier if standing is None else standing) + text

    def knows(self, text: str) -> bool:
        return gs1.is_sscc(self.read(text))

    def wanted(self, text: str) -> str | None:
        return gs1.sscc_wanted(self.read(text))


@dataclass(frozen=True, eq=False)
class Join(Codec):
    """`join(" ")`, reading only: all values of a place as one text."""

    separator: str


@dataclass(frozen=True, eq=False)
class Wrap(Codec):
    """`wrap(35)`, writing only: one text over several values, broken between words, never within one."""

    width: int


WHOLE = re.compile(r"-?[0-9]{1,18}")
CALL = re.compile(r"(?P<name>[a-z]+)(?:\((?P<arguments>.*)\))?")
ARGUMENT = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^",]*?))\s*(?:,|$)')


@lru_cache(maxsize=512)
def call(text: str) -> tuple[str, tuple[str, ...]]:
    """`pad(10,"0")` -> its name and arguments. Raises ValueError for anything else."""
    match = CALL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text}: this is no codec")
    inside = match["arguments"]
    if inside is None:
        return match["name"], ()
    found = [m for m in ARGUMENT.finditer(inside) if m.end() > m.start()]
    if sum(m.end() - m.start() for m in found) != len(inside):
        raise ValueError(f"{text}: the arguments cannot be told apart; quote texts")
    return match["name"], tuple(m["quoted"] if m["quoted"] is not None else m["plain"] for m in found)


def _pad(size: str, fill: str = "0") -> Codec:
    if not size.isdecimal() or len(fill) != 1:
        raise ValueError('pad takes a length and one character: pad(10,"0")')
    return Pad("pad", int(size), fill)


def _from(first: str) -> Codec:
    if not first.isdecimal():
        raise ValueError("from takes the number that counting begins with: from(2)")
    return From("from", int(first))


def _split(separator: str, part: str) -> Codec:
    if not separator or not part.isdecimal() or not int(part):
        raise ValueError('split takes a separator and the part\'s number: split("/",1)')
    return Split("split", separator, int(part))


def _sscc(identifier: str = "") -> Codec:
    if identifier not in ("", "00"):
        raise ValueError('sscc takes nothing, or the application identifier of an SSCC: sscc("00")')
    return Sscc("sscc", identifier)


def _wrap(width: str) -> Codec:
    if not width.isdecimal() or not int(width):
        raise ValueError("wrap takes a width: wrap(35)")
    return Wrap("wrap", int(width))


PLAIN: dict[str, Callable[..., Codec]] = {
    "pad": _pad,
    "from": _from,
    "split": _split,
    "sscc": _sscc,
    "upper": lambda: Upper("upper"),
    "join": lambda separator=" ": Join("join", separator),
    "wrap": _wrap,
}
"""Those that need no table; `codes` and `lookup` are the loader's, who has the tables."""

NAMES = (*PLAIN, "codes", "lookup")


def plain(name: str, arguments: Sequence[str]) -> Codec:
    """A codec without a table. Raises ValueError for an unknown name or wrong arguments."""
    if name not in PLAIN:
        raise ValueError(f"no codec {name}; {close(name, NAMES)}")
    try:
        return PLAIN[name](*arguments)
    except TypeError as error:
        raise ValueError(f"{name} does not take {len(arguments)} arguments") from error


def codes(name: str, standard: str, table: Mapping[str, list[str]]) -> Codes:
    """From `word -> codes`; the first code is the one written. Raises ValueError for one code under two words."""
    words: dict[str, str] = {}
    for word, listed in table.items():
        for code in listed:
            if code in words:
                raise ValueError(f"{name}: the code {code} stands under both {words[code]} and {word}")
            words[code] = word
    return Codes(name, standard, words, {word: listed[0] for word, listed in table.items() if listed})


def lookup(name: str, text: str) -> Lookup:
    """From a CSV of two columns, ours and theirs, below a line of headings. Each value may stand once per column."""
    rows = [row for row in csv.reader(io.StringIO(text)) if row][1:]
    if any(len(row) < 2 for row in rows):
        raise ValueError(f"{name}: every line needs two columns, ours and theirs")
    theirs = {row[0].strip(): row[1].strip() for row in rows}
    ours = {row[1].strip(): row[0].strip() for row in rows}
    if len(ours) != len(rows) or len(theirs) != len(rows):
        raise ValueError(f"{name}: a value stands twice in one column, so the table has no way back")
    return Lookup(name, ours, theirs)
