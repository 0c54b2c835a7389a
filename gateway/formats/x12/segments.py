"""One transaction set's bytes to segments: fast where they are plain, exact where they are not.

What is decided here, because files differ and X12 does not say:

* CR and LF that are no delimiter are never data. Between segments they are nothing; inside one they are removed,
  with one LINE_BREAK note for that segment. Blanks and tabs before a tag are nothing either.
* Empty segments (`~~`) are skipped and not counted, with one SEGMENT_EMPTY note for each run of them.
* Trailing empty elements are kept in `elements` as sent; it is grammar that notes and ignores them.
* Other control characters are faults (CHARACTER) and stay in the text, except U+001F and U+001E, which become
  U+241F and U+241E so that data is never taken for a separator. Bytes that do not decode become U+FFFD (ENCODING).
* BIN and BDS data is as long as their length element says and is never split; it is read as Latin-1. A length that
  does not lead to a terminator is a fault (BINARY_LENGTH), and the data is then read up to the next terminator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateway.faults import Code, Fault
from gateway.formats.segment import COMPONENT, REPETITION, Segment
from gateway.formats.spot import Spot
from gateway.formats.x12.charset import SYMBOLS, decoded, odd_character
from gateway.formats.x12.delimiters import Syntax
from gateway.formats.x12.places import envelope_name

DATA_ELEMENT = {"BIN": 2, "BDS": 3}
"""Which element of a binary segment is the data; the one before it is its length."""

Binaries = dict[int, int]
"""Binary segments by where they begin in the set: where the terminator behind their data stands."""


C1 = re.compile("[\x80-\x9f]")


def plain_segments(raw: bytes, syntax: Syntax, longest: int) -> list[str] | None:
    """A whole set as normalised, undivided segments, or None where only the exact reading can be trusted.

    Plain is: clean text, no control character but one line end behind every terminator (or behind none), no empty
    segment, no indentation, no segment longer than `longest`, a last terminator.
    """
    text = _plain_text(raw, syntax)
    if text is None:
        return None
    terminator = syntax.delimiters.segment
    front = "\r" if terminator == "\n" and text.endswith("\r\n") else ""
    if not text.endswith(terminator):
        return None
    end = _line_end(raw, syntax)
    parts = text[: -len(front + terminator)].split(front + terminator + end)
    count = len(parts)
    # One pass over the bytes proves that nothing but the expected terminators and line ends is there.
    expected = count * (len(front) + syntax.counted) + (count - 1) * len(end)
    if len(raw) - len(raw.translate(None, syntax.service)) != expected or min(parts) < "0":
        return None
    if not syntax.counted and raw.count(syntax.segment) != count:
        return None
    if len(raw) > longest and max(map(len, parts)) > longest:
        return None
    return parts


def _plain_text(raw: bytes, syntax: Syntax) -> str | None:
    """The set's text with separators normalised, or None where a character needs explaining."""
    if syntax.crossed:
        return None
    try:
        text = raw.decode("ascii" if raw.isascii() else syntax.encoding_of(raw))
    except UnicodeDecodeError:
        return None
    delimiters = syntax.delimiters
    if not raw.isascii() and set(C1.findall(text)) - set(str(delimiters)):
        return None
    if syntax.allowed is not None and not syntax.allowed.issuperset(text):
        return None
    if delimiters.component:
        text = text.replace(delimiters.component, COMPONENT)
    if delimiters.repetition:
        text = text.replace(delimiters.repetition, REPETITION)
    return text


def _line_end(raw: bytes, syntax: Syntax) -> str:
    """What stands behind the first terminator: the line end to expect behind all but the last."""
    at = raw.find(syntax.segment) + len(syntax.segment)
    follows = raw[at : at + 2]
    if not syntax.breaks or follows[:1] not in (b"\r", b"\n"):
        return ""
    end = b"\r\n" if follows == b"\r\n" else follows[:1]
    return "" if syntax.segment in end else end.decode("ascii")


class Span(NamedTuple):
    """A segment's bytes within its set: from its tag to before its terminator, and where the next one begins."""

    start: int
    end: int
    next: int


def spans(raw: bytes, syntax: Syntax, binaries: Binaries) -> Iterator[Span]:
    """Every segment's span. A run of empty segments is one span without length."""
    size, skip, empty = len(syntax.segment), syntax.blanks.match, syntax.empty.match
    start = _skipped(skip(raw, 0))
    while start < len(raw):
        end = binaries.get(start) or raw.find(syntax.segment, start)
        end = len(raw) if end < 0 else end
        after = _skipped(empty(raw, end) if end == start else skip(raw, min(end + size, len(raw))))
        yield Span(start, end, after)
        start = after


def _skipped(match: re.Match[bytes] | None) -> int:
    return match.end() if match else 0


def exact_segments(
    raw: bytes, spot: Spot, syntax: Syntax, binaries: Binaries, longest: int
) -> tuple[list[Segment], list[Fault]]:
    """All segments of the set with their places, ST first, and what is wrong or odd about their bytes."""
    encoding = syntax.encoding_of(raw)
    segments: list[Segment] = []
    faults: list[Fault] = []
    begun = 0
    for start, end, after in spans(raw, syntax, binaries):
        if start == end:
            faults.append(Fault(Code.SEGMENT_EMPTY, spot.place(number=len(segments) + 1)))
        else:
            body = raw[start:end]
            segment = _segment(body, spot, len(segments) + 1, syntax, encoding, start in binaries, faults)
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


def _segment(
    body: bytes, spot: Spot, number: int, syntax: Syntax, encoding: str, binary: bool, faults: list[Fault]
) -> Segment:
    if not binary and (plain := _plain_segment(body, spot, number, syntax)):
        return plain
    pieces = _pieces(body, syntax, binary)
    starts: list[tuple[int, int, int]] = []
    at = spot
    for piece in pieces:
        starts.append(at)
        at = at.after(piece + syntax.element)
    clean = [piece.translate(None, syntax.breaks) for piece in pieces]
    if binary:
        clean[-1] = pieces[-1]
    elements = [decoded(piece, encoding).translate(syntax.normal) for piece in clean]
    if binary:
        elements[-1] = pieces[-1].decode("latin-1").translate(SYMBOLS)
    segment = Segment(elements, number, *spot, starts=starts)
    faults += _notes(segment, pieces, clean, syntax, binary)
    checked = zip(clean[:-1] if binary else clean, range(len(clean)), strict=False)
    faults += [fault for piece, at in checked for fault in _characters(segment, piece, at, syntax, encoding)]
    return segment


def _plain_segment(body: bytes, spot: Spot, number: int, syntax: Syntax) -> Segment | None:
    """The segment where there is nothing to say of its bytes: visible ASCII, as nearly all are."""
    element = syntax.delimiters.element
    text = body.decode("latin-1")
    if (
        not (text.isascii() and text.isprintable())
        or syntax.allowed is not None
        or ord(element) in syntax.normal
    ):
        return None
    elements = text.translate(syntax.normal).split(element)
    if elements[0] in DATA_ELEMENT:
        return None
    offset, line, column = spot
    starts = []
    for one in elements:
        starts.append((offset, line, column))
        offset += len(one) + 1
        column += len(one) + 1
    return Segment(elements, number, *spot, starts=starts)


def _pieces(body: bytes, syntax: Syntax, binary: bool) -> list[bytes]:
    """The elements' bytes. Binary data is not split; the CR of a CRLF terminator is no data."""
    if binary:
        return body.split(syntax.element, DATA_ELEMENT[body[:3].decode("ascii")])
    if syntax.segment == b"\n" and body.endswith(b"\r"):
        body = body[:-1]
    return body.split(syntax.element)


def _notes(
    segment: Segment, pieces: list[bytes], clean: list[bytes], syntax: Syntax, binary: bool
) -> Iterator[Fault]:
    """What is odd about the segment as a whole."""
    wrapped = next((at for at, piece in enumerate(pieces) if len(piece) != len(clean[at])), None)
    if wrapped is not None:
        yield Fault(Code.LINE_BREAK, segment.place(wrapped or None))
    if segment.tag in DATA_ELEMENT and not binary:
        length = DATA_ELEMENT[segment.tag] - 1
        yield Fault(Code.BINARY_LENGTH, segment.place(length), segment.get(length))


def _characters(
    segment: Segment, piece: bytes, element: int, syntax: Syntax, encoding: str
) -> Iterator[Fault]:
    """What is wrong with the characters of one element."""
    try:
        text = piece.decode(encoding)
    except UnicodeDecodeError as error:
        came = piece[error.start : error.end].hex(" ")
        place = segment.place(element or None, name=envelope_name(segment.tag, element))
        yield Fault(Code.ENCODING, place, came, encoding)
        return
    if text.isascii() and text.isprintable() and syntax.allowed is None:
        return
    place = segment.place(element or None, name=envelope_name(segment.tag, element))
    if odd := odd_character(text, syntax.charset, str(syntax.delimiters)):
        expected = f"{syntax.charset} characters" if syntax.charset in ("basic", "extended") else "text"
        yield Fault(Code.CHARACTER, place, odd, expected)
