"""How much a file that does not say what it is looks like records of a layout."""

from __future__ import annotations

from gateway.formats.fixed.events import BLANK, syntax
from gateway.formats.records.layout import Layout

LOOKED_AT = 50
"""Records from the file's beginning."""


def likeness(head: bytes, layout: Layout) -> float:
    """From 0, nothing, to 1: how many of the first records are of its types, where the first one may begin a file.

    A type without marks may be anything, and counts half.
    """
    ready = syntax(layout)
    pieces = ready.pieces(head)
    if len(pieces) > 1 and not (ready.segment and pieces[-1].endswith(ready.segment)):
        pieces = pieces[:-1]
    texts = [text for piece in pieces[:LOOKED_AT] if (text := ready.text(piece)[0]).strip(BLANK)]
    types = [ready.classify(text) for text in texts if not layout.length or len(text) <= layout.length]
    if not types or types[0] is None or types[0].tag not in (*layout.batch.leading, layout.head):
        return 0.0
    return sum((1.0 if type.marks else 0.5) for type in types if type is not None) / len(texts)
