"""One envelope segment (ISA GS GE IEA TA1) as it stands in the file, and what is wrong with its characters."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.faults import Code, Fault, Place
from gateway.formats.spot import Spot
from gateway.formats.x12.charset import SYMBOLS, decoded, odd_character
from gateway.formats.x12.delimiters import Syntax
from gateway.formats.x12.places import named


@dataclass(slots=True)
class EnvelopeSegment:
    """`elements[0]` is the tag. `raw` goes up to the terminator, without it."""

    elements: list[str]
    raw: bytes
    spot: Spot
    syntax: Syntax
    ended: bool = True

    @property
    def tag(self) -> str:
        return self.elements[0]

    def place(self, element: int | None = None) -> Place:
        """Where the element stands, or would; found only when there is something to say."""
        if not element:
            return named(self.spot, self.tag)
        before = self.raw.split(self.syntax.element)[:element]
        separators = self.syntax.element * min(element, len(self.elements) - 1)
        return named(self.spot.after(b"".join(before) + separators), self.tag, element)


def envelope_segment(raw: bytes, spot: Spot, syntax: Syntax, ended: bool = True) -> EnvelopeSegment:
    """The segment with its elements as sent, line breaks removed."""
    clean = raw.translate(None, syntax.breaks)
    pieces = decoded(clean, syntax.encoding_of(raw)).split(syntax.delimiters.element)
    if not all(map(str.isprintable, pieces)):
        pieces = [piece.translate(SYMBOLS) for piece in pieces]
    return EnvelopeSegment(pieces, raw, spot, syntax, ended)


def character_faults(segment: EnvelopeSegment) -> list[Fault]:
    """Elements with control characters, or with characters outside the charset."""
    syntax = segment.syntax
    text = "".join(segment.elements)
    if text.isascii() and text.isprintable() and syntax.allowed is None:
        return []
    return [
        Fault(Code.CHARACTER, segment.place(at), odd)
        for at, element in enumerate(segment.elements)
        if (odd := odd_character(element, syntax.charset, str(syntax.delimiters))) or (odd := _lost(element))
    ]


def _lost(element: str) -> str | None:
    """A character that stands for what could not be decoded, or for a separator that came as data."""
    return next((character for character in element if character in "\ufffd\u241e\u241f"), None)
