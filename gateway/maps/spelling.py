"""One value at one spot, both ways: what `write` gives, `read` takes back equal, or `write` refuses.

ValueError carries what was expected, in words; the callers add field and place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.maps.codecs import Codec
from gateway.maps.model import Spot
from gateway.maps.moments import Texts
from gateway.maps.values import Conversion, fitting


def read(spot: Spot, texts: Texts) -> Any:
    """The canonical value, None where the codecs leave nothing."""
    if spot.timing is not None:
        return spot.timing.read(texts, spot.elements)
    text = texts[0]
    for codec in spot.codecs:
        text = codec.read(text)
    return _pair(spot).read(text, spot.elements[0]) if text else None


def write(spot: Spot, value: Any, current: Texts = ("",)) -> Texts:
    """The element's text, or a moment's texts. `current` stands there now: a codec may own a part of it."""
    texts = _written(spot, value, current)
    if read(spot, texts) != value:
        raise ValueError(f"a value that reads back as itself, not as {read(spot, texts)}")
    return texts


def speller(spot: Spot) -> Callable[[Any], str]:
    """What `write` writes where nothing stands, unjudged: for what is read back later. Not for moments."""
    element, codecs = spot.elements[0], spot.codecs
    spell = _pair(spot).write
    if not codecs:
        return lambda value: spell(value, element)
    if len(codecs) == 1:
        return lambda value: codecs[0].write(spell(value, element))
    return lambda value: _encoded(spell(value, element), "", codecs)


def holds(spot: Spot, value: Any, current: Texts = ("",)) -> bool:
    """Whether the place can say the value, where `current` stands there now."""
    try:
        write(spot, value, current)
    except ValueError:
        return False
    return True


def known(spot: Spot, texts: Texts) -> bool:
    """Whether every codec on the way reads the text without a remark."""
    return stranger(spot, texts) is None


def stranger(spot: Spot, texts: Texts) -> tuple[Codec, str] | None:
    """The first codec that remarks on its text, and that text."""
    text = texts[0]
    for codec in spot.codecs:
        if not codec.knows(text):
            return codec, text
        text = codec.read(text)
    return None


def _pair(spot: Spot) -> Conversion:
    """The two types that meet at the spot."""
    if spot.conversion is None:
        raise TypeError(f"{spot.place.text}: a moment is no one text")
    return spot.conversion


def _written(spot: Spot, value: Any, current: Texts) -> Texts:
    if value == "":
        raise ValueError("a text; leave the field out where there is none")
    if spot.timing is not None:
        texts = spot.timing.write(value, spot.elements, current)
        return tuple(fitting(text, of) if text else "" for text, of in zip(texts, spot.elements, strict=True))
    text = _pair(spot).write(value, spot.elements[0])
    return (fitting(_encoded(text, current[0], spot.codecs), spot.elements[0]),)


def _encoded(text: str, current: str, codecs: tuple[Codec, ...]) -> str:
    """Backwards through the codecs, each with what its own reading of the current text would have been."""
    seen = [current]
    for codec in codecs[:-1]:
        seen.append(codec.read(seen[-1]) if seen[-1] else "")
    for codec, before in zip(reversed(codecs), reversed(seen), strict=False):
        text = codec.write(text, before)
    return text
