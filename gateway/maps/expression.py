"""A binding's text, taken apart: `place (+ place)* (or place)* (| codec)* (default value | required)`; or `=text`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from gateway.maps.places import Misfit, split_outside

END = re.compile(r"\s+(?:default\s+(?P<default>\S.*)|(?P<required>required))$")


@dataclass(frozen=True, slots=True)
class Expression:
    """`alternatives` in order, each one place or the parts of one moment; `codecs` as written; `default` as text.

    `required`: the standard does not demand it, the object does; a document without it is a fault.
    """

    text: str
    alternatives: tuple[tuple[str, ...], ...]
    codecs: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """`=text`: the field reads as this, whatever the document says."""

    text: str


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression | Constant:
    """The parts of a binding's text. Raises Misfit where a part is empty."""
    if text.startswith("="):
        return Constant(text[1:].strip())
    found = END.search(text)
    body = text[: found.start()] if found else text
    places, *codecs = split_outside(body, "|")
    alternatives = tuple(tuple(split_outside(one, " + ")) for one in split_outside(places, " or "))
    if not all(part for one in (*alternatives, codecs) for part in one):
        fix = "place (+ place) (or place) (| codec) (default value | required)"
        raise Misfit(f"{text}: a part is missing", fix=fix)
    default, required = (found["default"], bool(found["required"])) if found else (None, False)
    return Expression(text, alternatives, tuple(codecs), default, required)
