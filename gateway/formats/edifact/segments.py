"""One message's bytes to segments: fast where they are plain, exact where they are not.

What is decided here, because files differ and ISO 9735 does not say:

* CR and LF that are no service character are never data, nor do they stand between a release character and what it
  releases. Between segments they are nothing; inside one they are removed, with one LINE_BREAK note for that segment.
  Blanks and tabs before a tag are nothing either.
* Empty segments (`''`) are skipped and not counted, with one SEGMENT_EMPTY note for each run of them.
* A release character takes the meaning from whatever follows. Before what has none it is taken away all the same, with
  one RELEASE_NEEDLESS note for that segment; before the decimal mark it is usual, and nothing. At the very end of the
  data it releases nothing (RELEASE_LAST).
* Trailing empty elements and components are kept in `elements` as sent; it is grammar that notes and ignores them. So
  are the counters of nested segments that versions before 4 allow in a tag (`LIN:1:2`).
* Other control characters are faults (CHARACTER), as are those outside the UNB's level. They stay in the text, except
  U+001F and U+001E, which become U+241F and U+241E so that data is never taken for a separator. Bytes that do not
  decode become U+FFFD (ENCODING). UTF-8 where the UNB names an 8-bit set is read as the UNB says, with a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateway.faults import Code, Fault
from gateway.formats.edifact.charset import SYMBOLS, is_utf8, odd_character
from gateway.formats.edifact.delimiters import ELEMENT, SEGMENT, Syntax
from gateway.formats.edifact.envelope import envelope_name
from gateway.formats.segment import COMPONENT, REPETITION, Segment
from gateway.formats.spot import Spot

C1 = re.compile("[\x80-\x9f]")
HELD = "\x01\x02\x03\x04\x05"
"""What stands, for a moment, for a released release character, terminator, element, component, repetition separator."""


def plain_segments(raw: bytes, syntax: Syntax, longest: int) -> list[str] | None:
    """A whole message as normalised, undivided segments, or None where only the exact reading can be trusted.

    Plain is: clean text of the UNB's level, no control character but one line end behind every terminator (or behind
    none), no empty segment, no indentation, nothing released that has no meaning, no segment longer than `longest`, a
    last terminator. Between elements stands `ELEMENT`.
    """
    if not syntax.simple:
        return None
    signs, odd = syntax.delimiters, raw.translate(None, syntax.good)
    terminator, end = signs.segment, _line_end(raw, syntax)
    text = _clean_text(raw, syntax)
    if text is None or odd.translate(None, (terminator + end).encode()):
        return None
    released, release = 0, signs.release
    if held := release is not None and release in text:
        text, released = _held(text, syntax)
        if release in text:
            return None
    if not text.endswith(terminator):
        return None
    text = text[:-1].replace(terminator + end, SEGMENT)
    count = text.count(SEGMENT) + 1
    # One pass over the bytes proves that nothing but the expected terminators and line ends is there.
    if len(odd) != count * (1 + len(end)) - len(end) + released:
        return None
    parts = _normalised(text, syntax, held).split(SEGMENT)
    if min(parts) < "0" or (len(raw) > longest and _longest(raw, syntax) > longest):
        return None
    return parts


def _clean_text(raw: bytes, syntax: Syntax) -> str | None:
    """The message's text, or None where a character needs explaining."""
    if raw.isascii():
        return raw.decode("ascii")
    if syntax.level.eight_bits and is_utf8(raw):
        return None
    try:
        text = raw.decode(syntax.encoding_of(raw))
    except UnicodeDecodeError:
        return None
    return None if C1.search(text) else text


def _line_end(raw: bytes, syntax: Syntax) -> str:
    """What stands behind the first segment: the line end to expect behind all but the last."""
    match = syntax.body.match(raw)
    at = match.end() + 1 if match else len(raw)
    follows = raw[at : at + 2]
    if not syntax.breaks or follows[:1] not in (b"\r", b"\n"):
        return ""
    end = b"\r\n" if follows == b"\r\n" else follows[:1]
    return "" if syntax.segment in end else end.decode("ascii")


def _held(text: str, syntax: Syntax) -> tuple[str, int]:
    """The text with what is released put out of the way, and how many terminators that were."""
    signs = syntax.delimiters
    release = signs.release or ""
    text = text.replace(release + release, HELD[0])
    if release not in text:
        return text, 0
    for sign, held in (
        (signs.segment, HELD[1]),
        (signs.element, HELD[2]),
        (signs.component, HELD[3]),
        (signs.repetition, HELD[4]),
    ):
        if sign:
            text = text.replace(release + sign, held)
    if release in text:
        text = text.replace(release + signs.decimal, signs.decimal)
    return text, text.count(HELD[1])


def _normalised(text: str, syntax: Syntax, held: bool) -> str:
    signs = syntax.delimiters
    text = text.replace(signs.element, ELEMENT).replace(signs.component, COMPONENT)
    if signs.repetition:
        text = text.replace(signs.repetition, REPETITION)
    if signs.release and held:
        back = (signs.release, signs.segment, signs.element, signs.component, signs.repetition)
        for sign, mark in zip(back, HELD, strict=True):
            if sign:
                text = text.replace(mark, sign)
    return text


def _longest(raw: bytes, syntax: Syntax) -> int:
    return max(span.end - span.start for span in spans(raw, syntax))


class Span(NamedTuple):
    """A segment's bytes within its message: from its tag to before its terminator, and where the next one begins."""

    start: int
    end: int
    next: int


def spans(raw: bytes, syntax: Syntax) -> Iterator[Span]:
    """Every segment's span. A run of empty segments is one span without length."""
    size, skip, empty, body = len(syntax.segment), syntax.blanks.match, syntax.empty.match, syntax.body.match
    start = _ends(skip(raw, 0))
    while start < len(raw):
        end = _ends(body(raw, start))
        after = _ends(empty(raw, end) if end == start else skip(raw, min(end + size, len(raw))))
        yield Span(start, end, after)
        start = after


def _ends(match: re.Match[bytes] | None) -> int:
    return match.end() if match else 0


def exact_segments(raw: bytes, spot: Spot, syntax: Syntax, longest: int) -> tuple[list[Segment], list[Fault]]:
    """All segments of the message with their places, UNH first, and what is wrong or odd about their bytes."""
    encoding = syntax.encoding_of(raw)
    segments: list[Segment] = []
    faults = list(_other_charset(raw, spot, syntax))
    begun = 0
    for start, end, after in spans(raw, syntax):
        if start == end:
            faults.append(Fault(Code.SEGMENT_EMPTY, spot.place(number=len(segments) + 1)))
        else:
            body = raw[start:end]
            segment = read_segment(body, spot, len(segments) + 1, syntax, encoding, faults)
            if segments:
                segments[-1].raw = raw[begun:start]
            begun = start
            if len(body) > longest:
                faults.append(
                    Fault(Code.SEGMENT_TOO_LONG, segment.place(), f"{len(body)} bytes", f"{longest}")
                )
            segments.append(segment)
        spot = spot.after(raw[start:after])
    if segments:
        segments[-1].raw = raw[begun:]
    return segments, faults


def _other_charset(raw: bytes, spot: Spot, syntax: Syntax) -> Iterator[Fault]:
    """UTF-8 is hardly ever text in an 8-bit character set by chance."""
    level = syntax.level
    if level.eight_bits and not syntax.encoding and not raw.isascii() and is_utf8(raw):
        at = next(at for at, byte in enumerate(raw) if byte > 0x7F)
        yield Fault(
            Code.OTHER_CHARSET,
            spot.after(raw[:at]).place("UNH", number=1),
            "UTF-8",
            f"{level.name}, {level.encoding}",
        )


def read_segment(
    body: bytes, spot: Spot, number: int, syntax: Syntax, encoding: str, faults: list[Fault]
) -> Segment:
    """One segment without its terminator; what is wrong with its characters goes to `faults`."""
    pieces = _pieces(body, syntax)
    starts: list[tuple[int, int, int]] = []
    at = spot
    for piece in pieces:
        starts.append(at)
        at = at.after(piece + syntax.element)
    segment = Segment([], number, *spot, starts=starts)
    clean = [piece.translate(None, syntax.breaks) for piece in pieces]
    releases = [_element(piece.decode(encoding, "replace"), syntax) for piece in clean]
    segment.elements = [text for text, _ in releases]
    wrapped = next((at for at, piece in enumerate(pieces) if len(piece) != len(clean[at])), None)
    if wrapped is not None:
        faults.append(Fault(Code.LINE_BREAK, segment.place(wrapped or None)))
    for code in (Code.RELEASE_NEEDLESS, Code.RELEASE_LAST):
        found = next((at for at, (_, odd) in enumerate(releases) if code in odd), None)
        if found is not None:
            came = clean[found].decode(encoding, "replace")
            faults.append(Fault(code, segment.place(found or None, name=_name(segment, found)), came))
    for element, piece in enumerate(clean):
        faults += _characters(segment, piece, element, syntax, encoding)
    return segment


def _pieces(body: bytes, syntax: Syntax) -> list[bytes]:
    """The elements' bytes; the CR of a CRLF terminator is no data."""
    if syntax.segment == b"\n" and body.endswith(b"\r"):
        body = body[:-1]
    if not syntax.release or syntax.release not in body:
        return body.split(syntax.element)
    pieces, at = [], 0
    while True:
        end = _ends(syntax.piece.match(body, at))
        pieces.append(body[at:end])
        if end >= len(body):
            return pieces
        at = end + len(syntax.element)


def _element(text: str, syntax: Syntax) -> tuple[str, tuple[Code, ...]]:
    """The element's text normalised, and what is odd about its release characters."""
    signs = syntax.delimiters
    if not signs.release or signs.release not in text:
        return text.translate(syntax.normal), ()
    odd = []
    meant = str(signs) + signs.decimal

    def one(match: re.Match[str]) -> str:
        data: str | None = match["data"]
        if data is None:
            return syntax.normal[ord(match[0])]
        if not data:
            odd.append(Code.RELEASE_LAST)
        elif data not in meant:
            odd.append(Code.RELEASE_NEEDLESS)
        return data.translate(SYMBOLS)

    return syntax.released.sub(one, text), tuple(odd)


def _characters(
    segment: Segment, piece: bytes, element: int, syntax: Syntax, encoding: str
) -> Iterator[Fault]:
    """What is wrong with the characters of one element."""
    try:
        text = piece.decode(encoding)
    except UnicodeDecodeError as error:
        came = piece[error.start : error.end].hex(" ")
        place = segment.place(element or None, name=_name(segment, element))
        yield Fault(Code.ENCODING, place, came, encoding)
        return
    level = syntax.level
    if odd := odd_character(text, level.allowed, str(syntax.delimiters)):
        place = segment.place(element or None, name=_name(segment, element))
        yield Fault(Code.CHARACTER, place, odd, f"{level.name} characters" if level.allowed else "text")


def _name(segment: Segment, element: int) -> str | None:
    return envelope_name(segment.tag, element) if element else None
