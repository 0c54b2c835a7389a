"""JSON Schemas of what people write, so that an editor completes keys and underlines faults while they type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from gateway.errors import SetupError
from gateway.marked_yaml import close
from gateway.profiles import foreseen
from gateway.profiles.channel import Ways
from gateway.profiles.company import company_type
from gateway.profiles.partner import partner_type

Kinds = Mapping[str, Callable[[Ways, Mapping[str, type[BaseModel]]], type[BaseModel]]]
KINDS: Kinds = {
    "company": lambda ways, connectors: company_type(ways, connectors),
    "profile": lambda ways, connectors: partner_type(ways),
}
NOT_ONE = {"oneOf": "anyOf"}
REQUIRED = {"company": ["company"], "profile": ["partner"]}
TITLES = {"company": "partners/company.yaml", "profile": "partners/profiles/NAME.yaml"}


def schema(kind: str, protocols: Ways, connectors: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The schema of `company` or `profile`, with the protocols and connectors there are. Raises SetupError."""
    if kind not in KINDS:
        raise SetupError(f"no schema {kind!r}; {close(kind, KINDS)}")
    model = KINDS[kind]({**foreseen.PROTOCOLS, **protocols}, connectors)
    found: dict[str, Any] = layered(model.model_json_schema(mode="validation"))
    found["properties"] |= beside(kind)
    found["title"] = TITLES[kind]
    found["required"] = REQUIRED[kind]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def text(kind: str, protocols: Ways, connectors: Mapping[str, type[BaseModel]]) -> str:
    """The schema as `gateway schema` prints it and docs/schemas holds it."""
    return json.dumps(schema(kind, protocols, connectors), indent=2) + "\n"


def beside(kind: str) -> dict[str, Any]:
    """The keys that are worked off before the model sees the data."""
    part = {"type": "object", "additionalProperties": {"type": "object"}}
    extends = {"type": "string", "pattern": "^templates/", "description": "the template beneath"}
    named = {"environments": {**part, "description": "what differs in each environment"}}
    return named | ({"extends": extends} if kind == "profile" else {})


def layered(part: Any) -> Any:
    """The same schema for a file that is one layer of several.

    What is missing may stand in a template, so no key is required (and a union's kinds no longer exclude each other);
    `~` may stand wherever a key may, for it removes what lies beneath.
    """
    if isinstance(part, list):
        return [layered(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {NOT_ONE.get(key, key): layered(value) for key, value in part.items() if key != "required"}
    if isinstance(values := found.get("additionalProperties"), dict):
        found["additionalProperties"] = or_nothing(values)
    if isinstance(patterns := found.get("patternProperties"), dict):
        found["patternProperties"] = {pattern: or_nothing(values) for pattern, values in patterns.items()}
    return found


def or_nothing(values: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [values, {"type": "null"}]}
