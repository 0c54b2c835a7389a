"""The JSON Schemas editors use: current, and of one mind with the models about what is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway import connectors, protocols
from gateway.errors import SetupError
from gateway.profiles import schema, way_of
from gateway.profiles.schema import text

from .rooms import CONNECTORS, PROTOCOLS

ROOT = Path(__file__).parents[2]
WAYS = {name: way_of(protocols.load(name)) for name in protocols.PROTOCOLS}
DOCUMENT = r"^(?:[A-Za-z0-9][\w-]{0,63}(?:/[\w.-]{1,64})?)$"
KINDS = {name: connectors.load(name).Settings for name in connectors.CONNECTORS}


@pytest.mark.parametrize("kind", ["company", "profile"])
def test_the_files_in_docs_are_current(kind):
    """If not: `gateway schema company > docs/schemas/company.json`, and the same for profile."""
    assert (ROOT / f"docs/schemas/{kind}.json").read_text() == text(kind, WAYS, KINDS)


SAMPLES = [ROOT / "partners/company.yaml", *(ROOT / "partners/profiles").glob("*.yaml")]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_name_their_schema(path):
    first = path.read_text().partition("\n")[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    kind = "company" if path.name == "company.yaml" else "profile"
    assert (path.parent / named).resolve() == ROOT / f"docs/schemas/{kind}.json"


def test_every_key_of_the_pages_is_there():
    profile = schema("profile", PROTOCOLS, CONNECTORS)
    assert {
        "partner",
        "extends",
        "stage",
        "channels",
        "receive",
        "send",
        "as",
        "validate",
        "environments",
    } <= set(profile["properties"])
    assert {"sftp", "our_sftp", "as2", "webhook"} <= {
        key for part in profile["$defs"].values() for key in part.get("properties", {})
    }
    company = schema("company", PROTOCOLS, CONNECTORS)
    assert {"company", "systems", "routes", "calendars", "defaults", "channels", "environments"} <= set(
        company["properties"]
    )


def test_a_layer_may_leave_out_what_another_has_and_remove_it():
    profile = schema("profile", PROTOCOLS, CONNECTORS)
    assert profile["required"] == ["partner"]
    assert "required" not in json.dumps(profile["$defs"])
    assert {"type": "null"} in profile["properties"]["receive"]["patternProperties"][DOCUMENT]["anyOf"]


def test_an_unknown_kind_is_named():
    with pytest.raises(SetupError, match="no schema 'profil'; did you mean profile"):
        schema("profil", PROTOCOLS, CONNECTORS)
