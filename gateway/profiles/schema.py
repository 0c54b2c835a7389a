"""JSON Schemas of what people write, so that an editor completes keys and underlines faults while they type."""

from __future__ import annotations

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
TITLES = {"company": "partners/company.yaml", "profile": "partners/profiles/NAME.yaml"}


def schema(kind: str, protocols: Ways, connectors: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The schema of `company` or `profile`, with the protocols and connectors there are. Raises SetupError."""
    if kind not in KINDS:
        raise SetupError(f"no schema {kind!r}; {close(kind, KINDS)}")
    model = KINDS[kind]({**foreseen.PROTOCOLS, **protocols}, {**foreseen.SYSTEMS, **connectors})
    found = removable(model.model_json_schema(mode="validation"))
    found["properties"] |= beside(kind)
    found["title"] = TITLES[kind]
    if kind == "profile":
        # A template may bring whatever the profile itself does not say, save its name.
        found["required"] = ["partner"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def beside(kind: str) -> dict[str, Any]:
    """The keys that are worked off before the model sees the data."""
    part = {"type": "object", "additionalProperties": {"type": "object"}}
    extends = {"type": "string", "pattern": "^templates/", "description": "the template beneath"}
    named = {"environments": {**part, "description": "what differs in each environment"}}
    return named | ({"extends": extends} if kind == "profile" else {})


def removable(part: Any) -> Any:
    """Wherever a key may stand, `~` may stand for it: it removes what a template says."""
    if isinstance(part, list):
        return [removable(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {key: removable(value) for key, value in part.items()}
    values = found.get("additionalProperties")
    if isinstance(values, dict) and values:
        found["additionalProperties"] = {"anyOf": [values, {"type": "null"}]}
    return found
