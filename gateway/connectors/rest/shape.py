"""What a system gets, and what it answers, as YAML declares it: places, templates, constants, lists. Pure.

A text is a place of the object (`buyer.id`, `lines.0.number`), or, with `{{ }}` in it, a template, or, behind `=`, a
constant. `| number` behind a place writes a JSON number. A mapping with `each: lines` is a list: the rest of it once
per line, with places that begin there. What is not there is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from gateway.errors import SetupError
from gateway.marked_yaml import close
from gateway.templates import Template

EACH = "each"
PLACE = re.compile(r"[^.|{}=\s][^.|{}]*(?:\.[^.|{}]+)*")
IN_HEADER = re.compile(r"[\x20-\x7e]*")


def as_number(value: Any) -> Any:
    """`"12.50"` -> 12.5; what is no number stays as it is."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


CODECS: Mapping[str, Callable[[Any], Any]] = {"number": as_number}


def is_template(text: str) -> bool:
    return "{{" in text or "{%" in text


def wrong_shape(shape: Any) -> str:
    """Why this is no shape, or nothing."""
    if isinstance(shape, dict):
        named = shape.get(EACH, "lines")
        if not isinstance(named, str) or not PLACE.fullmatch(named):
            return "has an each: that is no place of the object; write each: lines"
        return next(filter(None, map(wrong_shape, shape.values())), "")
    if isinstance(shape, list):
        return next(filter(None, map(wrong_shape, shape)), "")
    return wrong_text(shape) if isinstance(shape, str) else "is nothing; remove it, or name a place"


def wrong_text(text: str) -> str:
    if text.startswith("="):
        return ""
    if is_template(text):
        return wrong_template(text)
    place, _, codec = (part.strip() for part in text.partition("|"))
    if codec and codec not in CODECS:
        return f"has no codec {codec}; {close(codec, CODECS)}"
    if not PLACE.fullmatch(place):
        return "is no place of the object; write one like buyer.name, a template, or a constant behind ="
    return ""


def wrong_template(text: str) -> str:
    try:
        Template(text)
    except SetupError as error:
        return f"is no template; {str(error).rpartition(': ')[2]}"
    return ""


def at(place: str, data: Any) -> Any:
    """What stands at the place, None where nothing does."""
    for step in place.split("."):
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isascii() and step.isdecimal():
            data = data[int(step)] if int(step) < len(data) else None
        else:
            return None
    return data


def compose(shape: Any, here: Any, facts: Mapping[str, Any]) -> Any:
    """The JSON the shape says: places begin `here`, templates know the facts as well. Raises SetupError."""
    if isinstance(shape, list):
        return [found for one in shape if (found := compose(one, here, facts)) is not None]
    if not isinstance(shape, dict):
        return value(shape, here, facts)
    if EACH in shape:
        rest = {key: one for key, one in shape.items() if key != EACH}
        found = at(shape[EACH], here)
        return [compose(rest, item, facts) or {} for item in (found if isinstance(found, list) else ())]
    fields = {key: compose(one, here, facts) for key, one in shape.items()}
    return {key: found for key, found in fields.items() if found is not None} or None


def value(text: str, here: Any, facts: Mapping[str, Any]) -> Any:
    if text.startswith("="):
        return text[1:]
    if is_template(text):
        return Template(text).render({**facts, **(here if isinstance(here, Mapping) else {})})
    place, _, codec = (part.strip() for part in text.partition("|"))
    found = at(place, here)
    return CODECS[codec](found) if codec else found


# -- paths and headers


def in_path(given: Any) -> str:
    """The value as one step of a path, whatever a partner wrote into it."""
    text = str(given)
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} cannot stand in a path")
    return quote(text, safe="")


def path(template: str, values: Mapping[str, Any]) -> str:
    return Template(template, in_path).render(values)


def header(name: str, text: str) -> str:
    """The text, when a header can hold it. Its words stay unsaid: they may be a secret's. Raises SetupError."""
    if not IN_HEADER.fullmatch(text):
        raise SetupError(f"composing the header {name}: it holds characters that no header can")
    return text.strip()
