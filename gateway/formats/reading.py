"""Between interchanges: finds where the next one begins, of whatever syntax, and lets that syntax read it.

Reading goes on, whatever is wrong: every byte of the file ends up in an event, every oddity in a fault. Works on
bytes in 32 KiB chunks, so that memory stays flat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.faults import Code, Fault
from gateway.formats.events import SAMPLE, Limits, Stray
from gateway.formats.spot import Spot
from gateway.formats.tabular import HEAD
from gateway.formats.unknown import BOM, UTF_16, looks_like
from gateway.formats.window import Source, Window

BLANK = b" \t\r\n"
LONGEST_TAG = 16
"""A tag, broken by line ends at worst, is no longer."""

SPAN = 2048
"""The header of an interchange, padded and wrapped oddly, still ends within this many bytes."""


@dataclass(frozen=True, slots=True)
class Family:
    """A syntax, as the outer loop sees it.

    `candidate` finds in bytes what may begin an interchange; `header(head, charset)` is what begins there, or None;
    `cut_short(head)` whether it does begin, and is not whole, and then the fault's code and segment;
    `interchange(window, header, charset, limits)` reads on from there to its end.
    """

    name: str
    charsets: tuple[str, ...]
    candidate: bytes
    header: Callable[[bytes, str], Any | None]
    cut_short: Callable[[bytes], tuple[Code, str] | None]
    interchange: Callable[[Window, Any, str, Limits], Iterator[Any]]


def reading(
    families: Sequence[Family], source: Source, charset: str = "auto", limits: Limits | None = None
) -> Iterator[Any]:
    """The file's events, in order and properly nested, while it is read.

    A charset that only another family knows is `auto` for this one. Nothing the file holds raises; only the source
    itself may (OSError).
    """
    if charset != "auto" and not any(charset in family.charsets for family in families):
        known = dict.fromkeys(name for family in families for name in family.charsets)
        raise ValueError(f"no charset {charset!r}; known: {', '.join(known)}")
    return _Reading(tuple(families), source, charset, limits or Limits()).events()


@lru_cache(maxsize=8)
def _candidates(families: tuple[Family, ...]) -> re.Pattern[bytes]:
    """All families' candidates as one pattern: the first in the file is found first."""
    return re.compile(b"|".join(b"(" + family.candidate + b")" for family in families))


class Begin(NamedTuple):
    """Where an interchange begins: its family, and its header as that understands it."""

    family: Family
    header: Any


@dataclass(slots=True)
class _Outside:
    """What is collected of the bytes before an interchange."""

    spot: Spot | None = None
    size: int = 0
    sample: bytes = b""
    faults: list[Fault] = field(default_factory=list)

    def add(self, data: bytes, spot: Spot) -> None:
        """Blanks before anything else are nothing."""
        if self.spot is None:
            begin = data.lstrip(BLANK)
            if not begin:
                return
            self.spot = spot.after(data[: len(data) - len(begin)])
            data = begin
        self.size += len(data)
        self.sample = (self.sample + data[:SAMPLE])[:SAMPLE]


class _Reading:
    """One file's reading: the window over its bytes, and whether an interchange was found yet."""

    def __init__(self, families: tuple[Family, ...], source: Source, charset: str, limits: Limits) -> None:
        self.families = families
        self.candidates = _candidates(families)
        self.window = Window(source, limits.file_bytes)
        self.charset = charset
        self.limits = limits
        self.found = False
        self.head = b""

    def events(self) -> Iterator[Any]:
        self.window.need(HEAD)
        self.head = self.window.buffer[:HEAD]
        if self.window.buffer.startswith(UTF_16):
            sample = self.window.buffer[:SAMPLE]
            fault = Fault(Code.ENCODING, Spot().place(), "UTF-16", "ASCII, UTF-8 or an 8-bit character set")
            yield Stray(0, len(self.window.buffer), sample, faults=[fault])
            return
        while begin := (yield from self._outside()):
            self.found = True
            charset = self.charset if self.charset in begin.family.charsets else "auto"
            yield from begin.family.interchange(self.window, begin.header, charset, self.limits)
        if self.window.overrun:
            spot = self.window.spot
            most = f"at most {self.limits.file_bytes} bytes"
            yield Stray(
                spot.offset, 0, b"", spot.line, [Fault(Code.FILE_TOO_LARGE, spot.place(), expected=most)]
            )

    def _outside(self) -> Generator[Stray, None, Begin | None]:
        """Goes to where the next interchange begins; what stands before it is a Stray."""
        window, outside, known = self.window, _Outside(), 0
        begin = None
        if self.found and self._ends_blank():
            return None
        while True:
            candidate = self.candidates.search(window.buffer, window.at + known)
            if candidate is None:
                # One byte before those that may begin a tag is kept: it tells whether they do.
                done = max(window.rest() - LONGEST_TAG - 1, 0)
                self._collect(outside, done)
                known = max(known - done, min(done, 1))
                if window.more():
                    continue
                self._collect(outside, window.rest())
                break
            at = candidate.start() - window.at
            window.need(at + SPAN)
            head = window.buffer[window.at + at : window.at + at + SPAN]
            family = self.families[(candidate.lastindex or 1) - 1]
            if (header := family.header(head, self.charset)) is not None:
                begin = Begin(family, header)
                self._collect(outside, at)
                break
            if not outside.faults and (cut := family.cut_short(head)):
                spot = window.spot.after(window.buffer[window.at : window.at + at])
                outside.faults.append(Fault(cut[0], spot.place(cut[1])))
            known = at + 3
        if stray := self._stray(outside, begin is None):
            yield stray
        return begin

    def _ends_blank(self) -> bool:
        """Whether the file ends here, but for a few blanks; they are taken."""
        window = self.window
        if window.rest() > SAMPLE or window.more() or window.buffer[window.at :].strip(BLANK):
            return False
        window.take(window.rest())
        return True

    def _collect(self, outside: _Outside, size: int) -> None:
        if size:
            spot = self.window.spot
            outside.add(self.window.take(size), spot)

    def _stray(self, outside: _Outside, last: bool) -> Stray | None:
        only_blank = not outside.sample.removeprefix(BOM).strip(BLANK) and outside.size <= SAMPLE
        if last and not self.found and only_blank:
            return Stray(0, outside.size, outside.sample, faults=[Fault(Code.EMPTY_FILE, Spot().place())])
        if outside.spot is None:
            return None
        stray = Stray(outside.spot.offset, outside.size, outside.sample, outside.spot.line)
        if outside.faults:
            stray.faults = outside.faults
        elif last and not self.found:
            stray.faults = [self._unknown(outside.sample)]
        elif not only_blank:
            stray.faults = [Fault(Code.OUTSIDE_INTERCHANGE, outside.spot.place(), shown(outside.sample))]
        return stray

    def _unknown(self, sample: bytes) -> Fault:
        looks = looks_like(self.head if self.head.lstrip(BLANK).startswith(sample) else sample)
        hint = f"it looks like {looks}; {Code.UNKNOWN_FORMAT.value.hint}"
        return Fault(Code.UNKNOWN_FORMAT, Spot().place(), shown(sample), hint=hint)


def shown(sample: bytes) -> str:
    """Bytes of which nothing is known, as text."""
    return sample.decode("utf-8", "backslashreplace")


def tag_of(text: str) -> str | None:
    """What may be called a tag in a message."""
    return text if 0 < len(text) <= 3 and text.isascii() and text.isalnum() else None
