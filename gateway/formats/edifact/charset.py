"""Which bytes are which characters: the level a UNB names is a character set, and nothing outside it is data."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import NamedTuple

CONTROLS = bytes(range(0x20)) + b"\x7f"
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

SYMBOLS = {0x1F: "\u241f", 0x1E: "\u241e"}
"""What stands for a separator that came as data: it must not be taken for `COMPONENT` or `REPETITION`."""

# ISO 9735:1988, 5.1 and 5.2. Syntax version 4 names the invariant part of ISO 646, which also has the low line.
LEVEL_A = frozenset(string.ascii_uppercase + string.digits + " .,-()/='+:?!\"%&*;<>")
LEVEL_B = LEVEL_A | frozenset(string.ascii_lowercase)
ADDED_BY_4 = frozenset("_")

ENCODINGS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
}
"""0001, syntax identifier. UNOX (ISO 2022) and UNOY (ISO 10646 in two or four octets) are not read as such."""

OTHERS = {"utf-8": "utf-8", "latin-1": "iso8859-1"}
"""Character sets a partner's profile may state, whatever its UNB says; no level is then checked."""

CHARSETS = ("auto", *OTHERS, *ENCODINGS)
"""`auto` is what the UNB says. A level's name is that level, whatever the UNB says."""


class Level(NamedTuple):
    """What one interchange's bytes are. Without `encoding` each message is UTF-8 where it can be, else Latin-1.

    `allowed` are the characters data may hold; None is all that are no control characters.
    """

    name: str
    encoding: str | None
    allowed: frozenset[str] | None = None

    def encoding_of(self, data: bytes) -> str:
        """The codec for these bytes. What levels A and B do not allow is read as `auto` would, to be shown."""
        if self.encoding is None or (self.encoding == "ascii" and not data.isascii()):
            return "utf-8" if is_utf8(data) else "iso8859-1"
        return self.encoding

    @property
    def eight_bits(self) -> bool:
        """Whether a UNB names an 8-bit character set; what a profile states is not doubted."""
        return self.name in ENCODINGS and self.encoding not in ("ascii", "utf-8")

    @property
    def bytes(self) -> bytes:
        """Every byte that data may hold, as far as single bytes can tell."""
        if self.allowed is not None:
            return "".join(sorted(self.allowed)).encode("ascii")
        high = range(0xA0 if (self.encoding or "utf-8") != "utf-8" else 0x80, 0x100)
        return bytes(range(0x20, 0x7F)) + bytes(high)


@lru_cache(maxsize=64)
def level(charset: str, identifier: str, version: str) -> Level:
    """What the profile's `charset` and the UNB's syntax identifier and version say together."""
    if charset in OTHERS:
        return Level(charset, OTHERS[charset])
    name = identifier if charset == "auto" else charset
    encoding = ENCODINGS.get(name)
    if encoding != "ascii":
        return Level(name, encoding)
    allowed = LEVEL_A if name == "UNOA" else LEVEL_B
    return Level(name, encoding, allowed | ADDED_BY_4 if version == "4" else allowed)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def odd_character(text: str, allowed: frozenset[str] | None, signs: str = "") -> str | None:
    """The first character that may not stand in data: a control character, or one outside the level."""
    for match in CONTROL.finditer(text):
        if match[0] not in signs:
            return match[0]
    if allowed is None:
        return None
    return next((c for c in text if c not in allowed and c not in signs), None)
