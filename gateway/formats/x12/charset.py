"""Which bytes are which characters: X12's basic and extended sets, UTF-8 and Latin-1, read leniently."""

from __future__ import annotations

import re

CHARSETS = ("auto", "basic", "extended", "utf-8", "latin-1")

# X12.6: the basic character set, and what the extended one adds: lower case, other printable ASCII
# and the "select language characters".
BASIC = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"&'()*+,-./:;?=")
EXTENDED = BASIC | frozenset(
    "abcdefghijklmnopqrstuvwxyz%~@[]_{}\\|<>^`#$ÀÁÂÄàáâäÈÉÊËèéêëÌÍÎÏìíîïÒÓÔÖòóôöÙÚÛÜùúûüÇçÑñ¿¡"
)
ALLOWED = {"basic": BASIC, "extended": EXTENDED}

CONTROLS = bytes(range(0x20)) + b"\x7f"
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

SYMBOLS = {0x1F: "\u241f", 0x1E: "\u241e"}
"""What stands for a separator that came as data: it must not be taken for `COMPONENT` or `REPETITION`."""


def encoding_of(data: bytes, charset: str) -> str:
    """The codec for these bytes: the declared one, else ASCII, else UTF-8 where they are UTF-8, else Latin-1.

    X12 has no place to say it, and one file may mix what several programs wrote: so `auto` decides per
    transaction set. `basic` and `extended` limit the characters, not how they are encoded.
    """
    if charset in ("utf-8", "latin-1"):
        return charset
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def decoded(data: bytes, encoding: str) -> str:
    """The text; what does not decode becomes U+FFFD (the bytes themselves stay in `raw`)."""
    return data.decode(encoding, "replace")


def odd_character(text: str, charset: str, delimiters: str = "") -> str | None:
    """The first character that may not stand in data: a control character, or one outside the charset."""
    for match in CONTROL.finditer(text):
        if match[0] not in delimiters:
            return match[0]
    allowed = ALLOWED.get(charset)
    if allowed is None:
        return None
    return next((c for c in text if c not in allowed and c not in delimiters), None)
