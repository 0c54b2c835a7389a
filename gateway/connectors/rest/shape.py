"""What a system gets, and what it answers, as YAML declares it: places, templates, constants, lists. Pure.

A text is a place of the object (`buyer.id`, `lines.0.number`), or, with `{{ }}` in it, a template, or, behind `=`, a
constant. `| number` behind a place writes a JSON number. A mapping with `each: lines` is a list: the rest of it once
per line, with places that begin there. What is not there is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from gateway.canonical import Astray, Spots, Step, follow, listed
from gateway.errors import SetupError
from gateway.marked_yaml import close
from gateway.templates import Template

EACH = "each"
DOCUMENT = "document"
FACTS = frozenset({"key", "type", "correlation", "idempotency_key"})
"""What a template may name beside the object and its fields."""
NOTHING = "is nothing; remove it, or name a place"
PLACE = re.compile(r"[^.|{}=\s][^.|{}]*(?:\.[^.|{}]+)*")
Steps = tuple[str | int, ...]
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


def wrong(
    shape: Any, here: Spots | None, root: Spots | None, path: Steps = ()
) -> Iterator[tuple[Steps, str]]:
    """Where this is no shape, and why; with what stands `here` and in the whole object, each place that it lacks."""
    if isinstance(shape, list):
        for number, one in enumerate(shape):
            yield from wrong(one, here, root, (*path, number))
    elif isinstance(shape, dict):
        if EACH in shape:
            named = shape[EACH]
            if not isinstance(named, str) or not PLACE.fullmatch(named):
                yield (*path, EACH), "has an each: that is no place of the object; write each: lines"
                return
            items = listed(here, named.split(".")) if here is not None else None
            if isinstance(items, Astray):
                yield (*path, EACH), str(items)
                return
            here = items
        for key, one in shape.items():
            if key != EACH:
                yield from wrong(one, here, root, (*path, key))
    elif why := wrong_text(shape, here, root) if isinstance(shape, str) else NOTHING:
        yield path, why


def texts(shape: Any, path: Steps) -> Iterator[tuple[Steps, str]]:
    """Every text of it, and where it stands."""
    if isinstance(shape, dict | list):
        for step, one in shape.items() if isinstance(shape, dict) else enumerate(shape):
            yield from texts(one, (*path, step))
    elif isinstance(shape, str):
        yield path, shape


def wrong_text(text: str, here: Spots | None, root: Spots | None) -> str:
    if text.startswith("="):
        return ""
    if is_template(text):
        return wrong_template(text, here, root)
    place, _, codec = (part.strip() for part in text.partition("|"))
    if codec and codec not in CODECS:
        return f"has no codec {codec}; {close(codec, CODECS)}"
    if not PLACE.fullmatch(place):
        return "is no place of the object; write one like buyer.name, a template, or a constant behind ="
    found = follow(here, place.split(".")) if here is not None else None
    return f"{found} (a constant is written ={place})" if isinstance(found, Astray) else ""


def wrong_template(text: str, here: Spots | None = None, root: Spots | None = None) -> str:
    try:
        places = Template(text).places
    except SetupError as error:
        return f"is no template; {str(error).rpartition(': ')[2]}"
    return next(filter(None, (unknown(place, here, root) for place in places)), "")


def unknown(place: tuple[Step, ...], here: Spots | None, root: Spots | None) -> str:
    """Why nothing stands at a template's place: of what is here, of the whole document, or told beside it."""
    if here is None or root is None:
        return ""
    name, *steps = place
    found = follow(root, steps) if name == DOCUMENT else follow(here, place)
    return "" if name in FACTS or not isinstance(found, Astray) else str(found)


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
