"""docs/canonical.md and the published schemas, from the models. `python tests/canonical/page.py` writes them."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path

from gateway.canonical import DOCUMENTS, Field, Part, fields, schema

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "canonical.md"
MARK = "<!-- the tables below are made from the models: python tests/canonical/page.py -->\n"
NAMES = {
    "str": "text",
    "int": "whole number",
    "Decimal": "decimal",
    "date": "date",
    "time": "time",
    "Moment": "moment",
}


def parts() -> dict[str, type[Part]]:
    """Every part the documents are made of, the documents first, each before what it holds."""
    found: dict[str, type[Part]] = dict(DOCUMENTS)
    waiting = list(found.values())
    while waiting:
        for field in fields(waiting.pop(0)).values():
            if issubclass(field.type, Part) and field.type.__name__ not in found:
                found[field.type.__name__] = field.type
                waiting.append(field.type)
    return found


def tables() -> str:
    return "\n".join(f"{heading(part)}\n{''.join(rows(part))}" for part in parts().values())


def heading(part: type[Part]) -> str:
    said = (inspect.getdoc(part) or "").replace("\n", " ")
    return f"## {part.__name__}\n\n{said}\n\n| field | holds | words |\n|---|---|---|"


def rows(part: type[Part]) -> Iterator[str]:
    for name, field in fields(part).items():
        star = " *" if field.required else ""
        yield f"| `{name}`{star} | {held(field)} | {f'`{field.words}`' if field.words else ''} |\n"


def held(field: Field) -> str:
    name = field.type.__name__
    one = f"[{name}](#{name.lower()})" if issubclass(field.type, Part) else NAMES[name]
    return {
        "one": one,
        "list": f"list of {one}",
        "mapping": f"word → {one}",
        "mapping of lists": f"word → list of {one}",
    }[field.holds]


def published(name: str) -> str:
    return json.dumps(schema(name), indent=2) + "\n"


def write() -> None:
    """The page keeps what stands above the mark."""
    above = PAGE.read_text("utf-8").split(MARK)[0]
    PAGE.write_text(f"{above}{MARK}\n{tables()}", "utf-8")
    for name in DOCUMENTS:
        (DOCS / "schemas" / f"{name}.json").write_text(published(name), "utf-8")


if __name__ == "__main__":
    write()
