"""What a file that we send is called: by its channel's pattern, filled in, and never a name that leads anywhere else.

`<document>_<control>.edi` fills in two words; a template may name them, the time, and the fields of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from gateway.canonical import DOCUMENTS, Astray, Part, fields, follow, objects
from gateway.errors import SetupError
from gateway.marked_yaml import close
from gateway.templates import Template

PLAIN = "<document>_<control>.<extension>"
"""The pattern of a channel that states none, and of acknowledgments whose channel's pattern cannot be filled in."""

FACTS = ("document", "control", "partner", "date", "time", "extension")
"""What is known of every file: its document type, its control number, whose it is, when it was written (UTC), and what
a file of its format ends with: `edi`, `txt` or `csv`."""

LONGEST = 255
"""Bytes of a name, as file systems take them."""


def facts(document: str, control: str, partner: str, at: datetime, extension: str = "edi") -> dict[str, str]:
    now = at.astimezone(UTC)
    return {
        "document": document,
        "control": control,
        "partner": partner,
        "date": f"{now:%Y%m%d}",
        "time": f"{now:%H%M%S}",
        "extension": extension,
    }


def is_template(pattern: str) -> bool:
    return "{{" in pattern or "{%" in pattern


def filled(pattern: str, known: Mapping[str, str], business: Part | None = None) -> str:
    """The name of one file. Raises SetupError where the pattern does not give one, as for a field that is not said."""
    if not is_template(pattern):
        for word in ("document", "control", "extension"):
            pattern = pattern.replace(f"<{word}>", known[word])
        return safe(pattern)
    template = Template(pattern, written)
    own = (
        {}
        if business is None
        else business.model_dump(mode="json", include=set(template.names), exclude_defaults=True)
    )
    return safe(template.render({**own, **known}))


def written(value: Any) -> str:
    """A value as it stands in a name: what could lead elsewhere, or cannot be typed, becomes a hyphen."""
    return re.sub(r"[^\w.+@=-]+", "-", str(value), flags=re.ASCII)


def safe(name: str) -> str:
    """The name, when it is one. Raises SetupError."""
    if not name or "/" in name or not name.isprintable() or name.startswith("."):
        raise SetupError(f"naming a file: {name!r} is no file name")
    if len(name.encode()) > LONGEST:
        raise SetupError(f"naming a file: {name!r} has more than {LONGEST} bytes")
    return name


@cache
def vocabulary() -> tuple[str, ...]:
    """All that a template may name."""
    return tuple(dict.fromkeys([*FACTS, *(name for kind in DOCUMENTS.values() for name in fields(kind))]))


def wrong_with(pattern: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a pattern, and what to do: each fault of it."""
    try:
        template = Template(pattern) if is_template(pattern) else None
        names = template.names if template else ()
        for name in sorted(set(names) - set(vocabulary())):
            yield f"there is no value {name}", close(name, vocabulary())
        for place in template.places if template else ():
            if place[0] not in FACTS and place[0] in vocabulary():
                found = follow(objects(DOCUMENTS), place)
                if isinstance(found, Astray):
                    yield found.what, found.fix
        if not set(names) - set(FACTS):
            filled(pattern, facts("850", "000000001", "acme", datetime(2026, 1, 1, tzinfo=UTC)))
    except SetupError as error:
        yield str(error), "write it like {{ document }}_{{ control }}_{{ date }}.edi"


def tells_apart(pattern: str) -> bool:
    """Whether two files have two names, as far as the pattern tells."""
    return "control" in (Template(pattern).names if is_template(pattern) else pattern)
