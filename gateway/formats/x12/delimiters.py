"""An interchange states its own delimiters in its ISA; nothing about them is assumed.

They are looked for in decoded text, since partners use newline, `\\x1f`, `¦`, `…` or `Ö` as well as `*>~`, and are
then kept as the bytes they are in the file, so that offsets stay exact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.formats.segment import COMPONENT, REPETITION
from gateway.formats.x12.charset import ALLOWED, CONTROLS, SYMBOLS, encoding_of

WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_AT = [3]
for _width in WIDTHS[:-1]:
    _AT.append(_AT[-1] + _width + 1)
FIXED = tuple(_AT)
"""Where the 16 element separators of a fixed-width ISA stand."""

USUAL = [3, *WIDTHS]

LINE_BREAKS = re.compile("[\r\n]")
AFTER_ISA = re.compile(r"[ \t\r\n]*(?:G\s?S|T\s?A\s?[13]|I\s?S\s?[ABE]|I\s?E\s?A|S\s?T)\s?(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The separators as characters. `component` is empty where ISA16 names none that could be one."""

    element: str = "*"
    component: str = ">"
    repetition: str | None = None
    segment: str = "~"

    def __str__(self) -> str:
        return self.element + self.component + (self.repetition or "") + self.segment

    @property
    def forbidden(self) -> str:
        """The signs data cannot hold: there is no way to say that one is meant as data."""
        return str(self)

    def use_of(self, sign: str) -> str:
        """What one of them does: `separates elements`."""
        if sign == self.segment:
            return "ends segments"
        named = {self.element: "elements", self.component: "components", self.repetition: "repetitions"}
        return f"separates {named[sign]}"


class Header(NamedTuple):
    """An ISA as found: its elements as sent (line breaks removed), and how many bytes it takes.

    `confused` when its delimiters cannot be told apart; `readable` when what follows can be split all the same.
    """

    elements: tuple[str, ...]
    delimiters: Delimiters
    size: int
    encoding: str
    fixed: bool
    wrapped: bool
    confused: bool
    readable: bool


@dataclass(frozen=True, slots=True, eq=False)
class Syntax:
    """One interchange's delimiters made ready: as bytes, and as the patterns the reader scans with."""

    delimiters: Delimiters
    charset: str
    encoding: str | None
    element: bytes
    segment: bytes
    blank: bytes
    breaks: bytes
    controls: bytes
    service: bytes
    counted: int
    crossed: bool
    allowed: frozenset[str] | None
    normal: dict[int, str]
    boundary: re.Pattern[bytes]
    tag: re.Pattern[bytes]
    ordinary: re.Pattern[bytes]
    blanks: re.Pattern[bytes]
    empty: re.Pattern[bytes]
    binary: re.Pattern[bytes]

    made_of: tuple[Delimiters, str, str]

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again where it is unpickled, from what it was made of."""
        return syntax, self.made_of

    def encoding_of(self, data: bytes) -> str:
        """The codec of these bytes; delimiters outside ASCII settle it for the whole interchange."""
        return self.encoding or encoding_of(data, self.charset)

    def inside(self, raw: bytes) -> bytes:
        """A set's bytes without its header and trailer: what stays the same from sending to sending."""
        first = raw.find(self.segment) + len(self.segment)
        last = raw.rfind(self.segment, 0, max(raw.rfind(self.segment), 0)) + len(self.segment)
        return raw[first:last]


def _spread(tag: str) -> bytes:
    """The tag as a pattern that also finds it broken by the line ends of 80-column files."""
    return rb"[\r\n]{0,2}".join(letter.encode() for letter in tag)


def _tags(*tags: str) -> bytes:
    return b"|".join(_spread(tag) for tag in tags)


@lru_cache(maxsize=64)
def syntax(delimiters: Delimiters, charset: str = "auto", encoding: str = "utf-8") -> Syntax:
    """The patterns for these delimiters; `encoding` is how the delimiters themselves are encoded."""
    element, segment = delimiters.element.encode(encoding), delimiters.segment.encode(encoding)
    text = str(delimiters)
    single = text.encode(encoding) if text.isascii() else b"".join(c.encode() for c in text if c.isascii())
    kept = bytes(byte for byte in b" \t\r\n" if byte not in single)
    blank = b"[" + re.escape(kept) + b"]" if kept else b"(?!)"
    end = b"[\\r\\n]{0,2}(?:" + re.escape(element) + b"|" + re.escape(segment) + b")"
    # What ends a set, and what may hold terminators as data. ISA may announce other delimiters.
    other = rb"|(?:" + _spread("ISA") + rb")(?![A-Za-z0-9 ])"
    edge = _tags("SE", "ST", "GS", "GE", "IEA", "BIN", "BDS")
    start = re.escape(segment) + blank + b"*+(?=[SGIB])"
    controls = bytes(byte for byte in CONTROLS if byte not in single)
    return Syntax(
        delimiters=delimiters,
        charset=charset,
        encoding=encoding if not text.isascii() or charset in ("utf-8", "latin-1") else None,
        element=element,
        segment=segment,
        blank=kept,
        breaks=bytes(byte for byte in b"\r\n" if byte not in single),
        controls=controls,
        service=controls + (segment if len(segment) == 1 else b""),
        counted=len(segment) == 1,
        crossed=_crossed(delimiters),
        allowed=ALLOWED[charset] | set(text + "\r\n\x1f\x1e") if charset in ALLOWED else None,
        normal=_normal(delimiters),
        boundary=re.compile(start + b"((?:(?:" + edge + b")" + end + b")" + other + b")"),
        tag=re.compile(
            blank
            + b"*+(?P<at>(?P<tag>"
            + _tags("ST", "SE", "GS", "GE", "IEA", "TA1")
            + b")"
            + end
            + other
            + b")"
        ),
        ordinary=re.compile(blank + b"*+" + _ordinary(delimiters, charset)),
        blanks=re.compile(blank + b"*+"),
        empty=re.compile(b"(?:" + re.escape(segment) + blank + b"*+)*+"),
        binary=re.compile(_binary(re.escape(element), re.escape(segment)), re.DOTALL),
        made_of=(delimiters, charset, encoding),
    )


def _ordinary(delimiters: Delimiters, charset: str) -> bytes:
    """A whole GS, GE or IEA with nothing to say about but whether its numbers are the right ones, as group 1."""
    signs = delimiters.element + delimiters.segment
    if charset in ALLOWED or not signs.isascii() or any(map(_letter, signs)):
        return b"(?!)()"
    element, segment = re.escape(delimiters.element.encode()), re.escape(delimiters.segment.encode())
    visible = re.escape("".join(chr(sign) for sign in range(0x21, 0x7F) if chr(sign) not in signs).encode())
    blank = b"" if " " in signs else b" "
    text = element + b"[" + visible + b"][" + visible + blank + b"]{0,79}"
    number = element + b"[0-9]{1,9}"
    return b"(GS" + 5 * text + number + 2 * text + b"|(?:GE|IEA)" + 2 * number + b")" + segment


def _binary(element: bytes, segment: bytes) -> bytes:
    """BIN01 or BDS02, up to where the data begins."""
    tag = rb"[\r\n]{0,2}" + element
    filter_id = b"(?:(?!" + element + b"|" + segment + b").){0,80}"
    return b"(?:BIN|BDS" + tag + filter_id + b")" + tag + b"([0-9]{1,18})" + tag


def _crossed(delimiters: Delimiters) -> bool:
    """Whether a delimiter of the file is our own sign for another one."""
    own = {COMPONENT: delimiters.component, REPETITION: delimiters.repetition}
    return any(sign in str(delimiters) and of != sign for sign, of in own.items())


def _normal(delimiters: Delimiters) -> dict[int, str]:
    """How an element's text is normalised, character by character."""
    table = dict(SYMBOLS)
    if delimiters.component:
        table[ord(delimiters.component)] = COMPONENT
    if delimiters.repetition:
        table[ord(delimiters.repetition)] = REPETITION
    return table


def find_delimiters(head: bytes, charset: str = "auto") -> Header | None:
    """The ISA that begins `head`, or None when there is no whole one. `head` may hold more than the ISA.

    Trust goes to fixed width first, then to what follows: the right terminator is the one a GS or TA1 stands behind.
    """
    if usual := _usual(head, charset):
        return usual
    found = []
    for encoding in _encodings(head, charset):
        if header := _header(head, encoding):
            if header[1]:
                return header[0]
            found.append(header[0])
    return found[0] if found else None


def _usual(head: bytes, charset: str) -> Header | None:
    """The header most files have, fixed width in ASCII and a GS behind it: as `_header` reads it, sooner."""
    text, rest = head[:106].decode("latin-1"), head[106:112].lstrip(b"\r\n")
    separator, component, terminator = text[3:4], text[104:105], text[105:106]
    parts = text[:-1].split(separator) if separator else []
    if not (text.isascii() and text.isprintable() and list(map(len, parts)) == USUAL):
        return None
    blank = parts[12].isspace()  # no version: all else that makes an ISA plausible follows from its widths
    if parts[0] != "ISA" or blank or not rest.startswith(b"GS" + separator.encode()):
        return None
    delimiters, readable = _stated(separator, component, terminator, parts[11], parts[12])
    return Header(
        elements=tuple(parts[1:]),
        delimiters=delimiters,
        size=106,
        encoding=charset if charset in ("utf-8", "latin-1") else "utf-8",
        fixed=True,
        wrapped=False,
        confused=not readable or delimiters.component != component,
        readable=readable,
    )


@lru_cache(maxsize=64)
def _stated(
    separator: str, component: str, terminator: str, standard: str, version: str
) -> tuple[Delimiters, bool]:
    """What the ISA's own signs are, and whether they can be read by."""
    clean = _component(component, separator, terminator)
    repetition = _repetition(standard, version, separator + component + terminator)
    return Delimiters(separator, clean, repetition, terminator), _readable(separator, terminator)


def _encodings(head: bytes, charset: str) -> tuple[str, ...]:
    if charset in ("utf-8", "latin-1"):
        return (charset,)
    if head[:110].isascii():
        return ("utf-8",)
    return ("utf-8", "latin-1")


def _header(head: bytes, encoding: str) -> tuple[Header, bool] | None:
    """The header, and whether what follows confirms it."""
    text = head.decode(encoding, "surrogateescape")
    lead = re.match("I[\r\n]{0,2}S[\r\n]{0,2}A(.)", text, re.DOTALL)
    if lead is None:
        return None
    separator = lead[1]
    parts = text.split(separator, 16)
    if len(parts) < 17 or len(parts[16]) < 2:
        return None
    breaks = "" if separator in "\r\n" else "\r\n"
    elements = [part.translate(dict.fromkeys(map(ord, breaks))) for part in parts[:16]]
    if not _plausible(elements[1:]):
        return None
    component, terminator, used, sure = _tail(parts[16], separator)
    elements.append(component)
    size = len("".join(parts[:16])) + 16 + used
    span = text[:size]
    if not _encodable(component + terminator + separator, encoding):
        return None
    wrapped = bool(breaks) and any(LINE_BREAKS.search(part) for part in parts[:16])
    fixed = tuple(map(len, elements[1:])) == WIDTHS
    delimiters, readable = _stated(separator, component, terminator, elements[11], elements[12])
    header = Header(
        elements=tuple(elements[1:]),
        delimiters=delimiters,
        size=len(span.encode(encoding, "surrogateescape")),
        encoding=encoding,
        fixed=fixed,
        wrapped=wrapped,
        confused=not readable or delimiters.component != component,
        readable=readable,
    )
    return header, sure


def _plausible(elements: list[str]) -> bool:
    """Whether sixteen separators really were an ISA's: ISA12, 13 and 15 are never long, nor blank.

    A header with too few elements would otherwise swallow the start of its GS.
    """
    version, control, usage = elements[11].strip(), elements[12].strip(), elements[14].strip()
    return (
        all(len(element) <= 64 for element in elements)
        and len(elements[8].strip()) <= 8
        and 1 <= len(version) <= 6
        and len(control) <= 14
        and len(usage) <= 1
    )


def _tail(tail: str, separator: str) -> tuple[str, str, int, bool]:
    """ISA16 and the terminator from what stands behind the last separator, how long they are, and whether sure."""
    after = len(tail) - len(tail.lstrip("\r\n"))
    candidates = [(tail[:1], tail[1:2], 2)]
    if tail[1:3] == "\r\n":
        candidates = [(tail[:1], "\n", 3)]
    if tail[1:2] in ("\r", "\n"):  # a line broken between ISA16 and the terminator
        at = 1 + len(tail[1:]) - len(tail[1:].lstrip("\r\n"))
        candidates.append((tail[:1], tail[at : at + 1], at + 1))
    candidates.append((tail[after : after + 1], tail[after + 1 : after + 2], after + 2))
    candidates.append(("", tail[:1], 1))  # ISA16 left out
    for component, terminator, used in candidates:
        rest = tail[used:]
        follows = AFTER_ISA.match(rest)
        if terminator and follows and follows[1] == separator:
            line = rest.split(terminator, 1)[0]
            if component and terminator in "\r\n" and line.rstrip("\r\n").endswith(component):
                continue  # `*~` newline `GS...~`: the terminator was taken for ISA16
            return component, terminator, used, True
    component, terminator, used = candidates[0]
    return component, terminator, used, False


def _encodable(delimiters: str, encoding: str) -> bool:
    try:
        delimiters.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _readable(element: str, segment: str) -> bool:
    return bool(segment) and element != segment and not _letter(segment) and segment != " "


def _component(component: str, element: str, segment: str) -> str:
    """ISA16, or nothing where it could not separate components: another delimiter, a letter, a blank."""
    return "" if component in (element, segment, " ") or _letter(component) else component


def _repetition(standard: str, version: str, others: str) -> str | None:
    """ISA11: the standard's identifier (`U`) up to 00401, the repetition separator from 00402 on."""
    sign = standard.strip(" ")
    if version.strip() < "00402" or len(sign) != 1 or _letter(sign) or sign in others:
        return None
    return sign
