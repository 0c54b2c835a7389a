"""What a block echoes from the document that is answered: into places where the object itself said nothing.

As with constants, an original that is written onto gets nothing new; only what this writing made is filled.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.maps.answers import Unanswered
from gateway.maps.locate import Scope, filled
from gateway.maps.model import Block, Echo, Spot, Value, Values, Words
from gateway.maps.read import READERS, Path, Reading
from gateway.maps.view import says_something
from gateway.maps.writing import Wanted, Writing

Echoing = Value | Values | Words


def due(block: Block, scope: Scope, writing: Writing, path: Path) -> Iterator[tuple[Echo, Wanted]]:
    """The block's echoes with what they write, each asked when those before it are written."""
    originals = writing.originals
    if originals is None or not writing.is_new(scope):
        return
    for echo in block.echoes:
        whole = isinstance(echo.binding, Words)
        if not whole and _stands(echo.binding, scope):
            continue
        try:
            value = originals.said(path, echo.path)
        except Unanswered as unanswered:
            writing.missing(unanswered, _spot(echo.binding))
            continue
        if says_something(value):
            yield echo, _words(echo, value, scope) if whole else {echo.binding.name: value}


def _stands(binding: Echoing, scope: Scope) -> bool:
    """Whether the object said something at the place already."""
    source = binding.writing if not isinstance(binding, Words) else None
    return source is not None and any(True for _ in filled(source, scope))


def _words(echo: Echo, value: Wanted, scope: Scope) -> Wanted:
    """The words that stand there, and of the others those that no echo of their own brings."""
    standing: Wanted = READERS[Words](echo.binding, scope, Reading(), (echo.binding.name,))
    return {word: said for word, said in value.items() if word not in echo.besides} | standing


def _spot(binding: Echoing) -> Spot:
    if isinstance(binding, Words):
        return binding.spots[0]
    source = binding.writing or binding.reading
    if source is None:
        raise TypeError(f"{binding.name} is bound nowhere")
    return source.spots[0]
