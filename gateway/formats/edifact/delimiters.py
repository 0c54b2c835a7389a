"""The service characters of an interchange: its UNA states them, else the standard does, and the UNB proves it.

They may be any characters, also outside ASCII; they are kept as the bytes they are in the file, so that offsets stay
exact. A UNA that the UNB behind it does not keep to is a fault, and the UNB is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.formats.edifact.charset import OTHERS, SYMBOLS, Level, level
from gateway.formats.segment import COMPONENT, REPETITION

ELEMENT, SEGMENT = "\x1d", "\x1c"
"""What stands between elements, and between segments, in normalised text."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The service characters, in the order of a UNA. None is one that is not used.

    `decimal` separates no segment's parts: it is what numbers are written with.
    """

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str | None = "?"
    repetition: str | None = None
    segment: str = "'"

    def __str__(self) -> str:
        return self.component + self.element + (self.release or "") + (self.repetition or "") + self.segment

    @property
    def una(self) -> str:
        """The service string advice that states them."""
        signs = (self.component, self.element, self.decimal, self.release, self.repetition, self.segment)
        return "UNA" + "".join(sign or " " for sign in signs)

    @property
    def forbidden(self) -> str:
        """The signs data cannot hold: none, where there is a release character."""
        return "" if self.release else str(self)

    @property
    def distinct(self) -> bool:
        """Whether they can be told apart, from each other and from what data is made of."""
        signs = str(self)
        return len(set(signs)) == len(signs) and not any(map(_ordinary, signs))

    def use_of(self, sign: str) -> str:
        """What one of them does: `separates elements`."""
        uses = {
            self.segment: "ends segments",
            self.element: "separates elements",
            self.component: "separates components",
            self.repetition: "separates repetitions",
            self.release: "releases the next character",
        }
        return uses[sign]


USUAL = Delimiters()
# ISO 9735:1988, 7: level B has separators that no data can hold, and nothing to release.
LEVEL_B = Delimiters("\x1f", "\x1d", ".", None, None, "\x1c")


def standard(element: str, version: str) -> Delimiters:
    """What holds without a UNA, by the sign behind `UNB`, and for the repetition separator by syntax version."""
    return (
        LEVEL_B
        if element == LEVEL_B.element
        else replace(USUAL, repetition="*" if repeats(version) else None)
    )


def repeats(version: str) -> bool:
    """Whether elements may repeat: the UNA's fifth character is reserved before syntax version 4."""
    return version.isdigit() and version >= "4"


class Header(NamedTuple):
    """A UNA, where there is one, and a UNB as found.

    `lead` is how many bytes stand before the UNB, `size` those up to behind its terminator. `stated` says what the UNA
    or the standard would have had; it is the same as `delimiters`, unless that is a lie.
    """

    delimiters: Delimiters
    stated: Delimiters
    identifier: str
    version: str
    encoding: str
    una: bool
    lead: int
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Syntax:
    """One interchange's service characters made ready: as bytes, and as the patterns the reader scans with.

    `simple` when each is one byte that cannot be mistaken for a sign of ours. `body` matches a segment up to before its
    terminator, `piece` an element up to before its separator, with what is released. `good` are the bytes a plain
    message is made of, but for its terminators and line ends.
    """

    delimiters: Delimiters
    level: Level
    version: str
    encoding: str | None
    element: bytes
    segment: bytes
    release: bytes
    breaks: bytes
    run: bytes
    simple: bool
    good: bytes
    normal: dict[int, str]
    released: re.Pattern[str]
    body: re.Pattern[bytes]
    piece: re.Pattern[bytes]
    boundary: re.Pattern[bytes]
    tag: re.Pattern[bytes]
    blanks: re.Pattern[bytes]
    empty: re.Pattern[bytes]
    trailer: re.Pattern[bytes]

    made_of: tuple[Delimiters, str, str, str, str]

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again where it is unpickled, from what it was made of."""
        return syntax, self.made_of

    def encoding_of(self, data: bytes) -> str:
        """The codec of these bytes; service characters outside ASCII settle it."""
        return self.encoding or self.level.encoding_of(data)

    def inside(self, raw: bytes) -> bytes:
        """A message's bytes without its header and trailer: what stays the same from sending to sending."""
        opening = self.body.match(raw)
        first = (opening.end() if opening else 0) + len(self.segment)
        end = self._last(raw, len(raw))
        return raw[first : self._last(raw, max(end, 0)) + len(self.segment)]

    def _last(self, raw: bytes, before: int) -> int:
        """Where the last terminator before there stands that is not released, or -1: of release characters in a row
        the second of each two is data.
        """
        at = raw.rfind(self.segment, 0, before)
        while at > 0 and self.release:
            ahead = raw[:at]
            marks = 0
            while ahead.endswith(self.release):
                ahead, marks = ahead[: -len(self.release)], marks + 1
            if marks % 2 == 0:
                break
            at = raw.rfind(self.segment, 0, at)
        return at


TAGS = ("UNA", "UNB", "UNG", "UNH", "UNT", "UNO", "UNP", "UNE", "UNZ")


def _spread(tag: str) -> bytes:
    """The tag as a pattern that also finds it broken by the line ends of 80-column files."""
    return rb"[\r\n]{0,2}".join(letter.encode() for letter in tag)


@lru_cache(maxsize=64)
def syntax(
    delimiters: Delimiters,
    charset: str = "auto",
    identifier: str = "",
    version: str = "",
    encoding: str = "utf-8",
) -> Syntax:
    """The patterns for these; `encoding` is how the service characters themselves are encoded."""
    known = level(charset, identifier, version)
    signs = str(delimiters)
    element, segment = delimiters.element.encode(encoding), delimiters.segment.encode(encoding)
    release = (delimiters.release or "").encode(encoding)
    single = "".join(sign for sign in signs if sign.isascii()).encode()
    kept = bytes(byte for byte in b" \t\r\n" if byte not in single)
    breaks = bytes(byte for byte in b"\r\n" if byte not in single)
    blank = b"[" + re.escape(kept) + b"]" if kept else b"(?!)"
    wrap = b"[" + re.escape(breaks) + b"]*+" if breaks else b""
    end = wrap + b"(?:" + re.escape(element) + b"|" + re.escape(segment) + b")"
    edge = b"|".join(_spread(tag) for tag in TAGS if tag != "UNA")
    tag = b"(?P<tag>(?:" + edge + b")" + end + b"|" + _spread("UNA") + b"(?![A-Za-z0-9]))"
    simple = signs.isascii() and delimiters.distinct and all(map(_is_ours, signs, _roles(delimiters)))
    return Syntax(
        delimiters=delimiters,
        level=known,
        version=version,
        encoding=None if signs.isascii() else encoding,
        element=element,
        segment=segment,
        release=release,
        breaks=breaks,
        run=breaks + release,
        simple=simple,
        good=bytes({*known.bytes, *single} - set(segment)) if simple else b"",
        normal=_normal(delimiters),
        released=_released(delimiters),
        body=re.compile(_run(segment, release, wrap), re.DOTALL),
        piece=re.compile(_run(element, release, wrap), re.DOTALL),
        boundary=re.compile(re.escape(segment) + blank + b"*+(?=U)" + tag),
        tag=re.compile(blank + b"*+(?P<at>" + tag + b")"),
        blanks=re.compile(blank + b"*+"),
        empty=re.compile(b"(?:" + re.escape(segment) + blank + b"*+)*+"),
        trailer=re.compile(b"(?P<tag>" + _spread("UNP") + b")" + wrap + re.escape(element) + wrap + b"[0-9]"),
        made_of=(delimiters, charset, identifier, version, encoding),
    )


def _roles(delimiters: Delimiters) -> Iterator[str]:
    """Our own sign for each of `str(delimiters)`."""
    yield from (COMPONENT, ELEMENT)
    yield from ("",) * bool(delimiters.release) + (REPETITION,) * bool(delimiters.repetition)
    yield SEGMENT


def _is_ours(sign: str, own: str) -> bool:
    """Whether the sign is none of the control characters we write ourselves, or just that one."""
    return sign == own or sign >= " " or sign in "\t\r\n"


def _run(sign: bytes, release: bytes, wrap: bytes) -> bytes:
    """Everything up to a sign that is not released. A release character at the very end releases nothing."""
    if not release:
        return (
            b"(?:[^" + re.escape(sign) + b"]++)?"
            if len(sign) == 1
            else b"(?:(?!" + re.escape(sign) + b").)*+"
        )
    if len(sign) == len(release) == 1:
        other = b"[^" + re.escape(sign + release) + b"]++"
    else:
        other = b"(?!" + re.escape(sign) + b"|" + re.escape(release) + b")."
    return b"(?:" + other + b"|" + re.escape(release) + b"(?:" + wrap + b".)?)*+"


def _normal(delimiters: Delimiters) -> dict[int, str]:
    """How an element's text is normalised, character by character, where nothing is released."""
    table = dict(SYMBOLS)
    table[ord(delimiters.component)] = COMPONENT
    if delimiters.repetition:
        table[ord(delimiters.repetition)] = REPETITION
    return table


def _released(delimiters: Delimiters) -> re.Pattern[str]:
    """A release character and what it releases, or a character that is normalised."""
    plain = "".join(map(chr, _normal(delimiters)))
    release = re.escape(delimiters.release) + "(?P<data>.?)|" if delimiters.release else ""
    return re.compile(release + "[" + re.escape(plain) + "]", re.DOTALL)


# -- finding them

UNA = re.compile(
    r"U[\r\n]{0,2}N[\r\n]{0,2}A(?:(.{6})|(.{4})(.))(?=[ \t\r\n]*U[\r\n]{0,2}N[\r\n]{0,2}B)[ \t\r\n]*",
    re.DOTALL,
)
UNB = re.compile(r"U[\r\n]{0,2}N[\r\n]{0,2}B[\r\n]{0,2}([^A-Za-z0-9 ])")
IDENTIFIER = re.compile(r"([A-Za-z0-9]{4})([^A-Za-z0-9 ])")
FOLLOWS = re.compile(r"[ \t\r\n]*(?:U[\r\n]{0,2}[NS][\r\n]{0,2}[A-Z][\r\n]*(.)|\Z)", re.DOTALL)
NEXT = r"(.)[ \t\r\n]*U[\r\n]{0,2}N[\r\n]{0,2}[GHOZ][\r\n]*"
BREAKS = str.maketrans("", "", "\r\n")


def find_header(head: bytes, charset: str = "auto") -> Header | None:
    """The UNA or UNB that begins `head`, or None where there is no whole one. `head` may hold more than that."""
    found = [header for encoding in _encodings(head, charset) if (header := _header(head, encoding))]
    sure = next((header for header, confirmed in found if confirmed), found[0][0] if found else None)
    if sure is None or str(sure.delimiters).isascii() or sure.encoding == "utf-8":
        return sure
    # Signs outside ASCII are those of the character set that the UNB names.
    again = _header(head, level(charset, sure.identifier, sure.version).encoding or sure.encoding)
    return again[0] if again else sure


def _encodings(head: bytes, charset: str) -> tuple[str, ...]:
    if charset in OTHERS:
        return (OTHERS[charset],)
    return ("utf-8",) if head[:400].isascii() else ("utf-8", "iso8859-1")


def _header(head: bytes, encoding: str) -> tuple[Header, bool] | None:
    """The header, and whether what follows confirms it."""
    text = head.decode(encoding, "surrogateescape")
    una = UNA.match(text)
    lead = una.end() if una else 0
    begin = UNB.match(text, lead)
    if begin is None:
        return None
    element, rest = begin[1], text[begin.end() :]
    known = IDENTIFIER.match(rest.translate(BREAKS))
    if known is None:
        return None
    advice = _advice(una)
    if advice and not _encodable(advice.una, encoding):
        return None
    found = []
    for tried in _tried(advice, element, known[2], text[lead:]):
        unb = _first(rest, tried.segment, tried.release)
        if len(unb) == len(rest) or not _encodable(str(tried), encoding):
            continue
        follows = FOLLOWS.match(rest, len(unb) + 1)
        first = _first(unb, tried.element, tried.release).translate(BREAKS)
        version = first.split(tried.component)[1][:1] if tried.component in first else ""
        stated = advice or standard(LEVEL_B.element if element == LEVEL_B.element else USUAL.element, version)
        header = Header(
            delimiters=_repeating(tried, tried is advice, version),
            stated=_repeating(stated, True, version),
            identifier=known[1],
            version=version,
            encoding=encoding,
            una=una is not None,
            lead=len(text[:lead].encode(encoding, "surrogateescape")),
            size=len(text[: begin.end() + len(unb) + 1].encode(encoding, "surrogateescape")),
        )
        if follows and follows[1] in (element, None) and known[2] in str(tried):
            return header, True
        found.append(header)
    return (found[0], False) if found else None


def _advice(una: re.Match[str] | None) -> Delimiters | None:
    """What the UNA says; some leave out the fifth character, which versions before 4 do not use."""
    if una is None:
        return None
    return advised(una[1] or f"{una[2]} {una[3]}")


def advised(signs: str) -> Delimiters:
    """The six characters behind `UNA`; a blank is a sign that is not used."""
    release, repetition = (None if sign == " " else sign for sign in signs[3:5])
    return Delimiters(signs[0], signs[1], signs[2], release, repetition, signs[5])


def stated(signs: str, version: str) -> Delimiters:
    """The same for what is written in a syntax version: only the later ones have a repetition separator."""
    return _repeating(advised(signs), True, version)


def _tried(advice: Delimiters | None, element: str, component: str, text: str) -> Iterator[Delimiters]:
    """What the signs may be, in the order of trust: as stated, as the standard has them, as the UNB looks."""
    stated = [signs for signs in (advice, standard(element, "")) if signs and signs.element == element]
    stated = [signs for signs in stated if replace(signs, repetition=None).distinct]
    fitting = [signs for signs in stated if component in (signs.component, element, signs.segment)]
    yield from fitting
    if seen := re.search(NEXT + re.escape(element), text, re.DOTALL):
        base = advice or USUAL
        release = None if base.release in (element, component, seen[1]) else base.release
        looks = Delimiters(component, element, base.decimal, release, None, seen[1])
        if looks.distinct:
            yield looks
    yield from (signs for signs in stated if signs not in fitting)


def _first(text: str, sign: str, release: str | None) -> str:
    """What stands before the first sign that is not released."""
    if release is None:
        return text.partition(sign)[0]
    match = _before(sign, release).match(text)
    return match[0] if match else ""


@lru_cache(maxsize=64)
def _before(sign: str, release: str) -> re.Pattern[str]:
    one, other = re.escape(sign), re.escape(release)
    return re.compile(f"(?:(?!{one}|{other}).|{other}(?:[\r\n]*.)?)*+", re.DOTALL)


def _repeating(signs: Delimiters, stated: bool, version: str) -> Delimiters:
    """The signs with the repetition separator that the version has; none where another sign is the same."""
    if not repeats(version):
        return replace(signs, repetition=None)
    sign = signs.repetition if stated else standard(signs.element, version).repetition
    return replace(signs, repetition=None if sign and sign in str(replace(signs, repetition=None)) else sign)


def _encodable(signs: str, encoding: str) -> bool:
    try:
        signs.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _ordinary(sign: str) -> bool:
    return (sign.isascii() and sign.isalnum()) or sign == " "
