"""Keys that are accepted and do nothing yet: each use is told where it is typed, and the docs name the same keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.faults import Fault
from gateway.profiles import receiving
from gateway.profiles.not_yet import NOT_YET, NOT_YET_OF_COMPANY
from gateway.profiles.partner import Partner, Receive, Send

from .rooms import ACME, COMPANY, load

DOCS = Path(__file__).parents[2] / "docs" / "writing-a-profile.md"
SAYS = "accepted, but nothing happens by it yet"

USES = [
    # what is added to a good profile -> where, and what is said of it
    ("keep: 7y\n", "13:1 keep"),
    ("private: [ship_to.phone]\n", "13:1 private"),
    ("contacts: {edi: edi@acme.example}\nalerts: {late: edi}\n", "14:1 alerts"),
]


def told(texts: dict[str, str | None]) -> list[str]:
    return [f"{one.mark} {one.what}" for one in load(texts).faults if one.what.endswith(SAYS)]


@pytest.mark.parametrize(("added", "said"), USES)
def test_a_key_of_the_profile(added: str, said: str):
    assert told({"profiles/acme.yaml": ACME + added}) == [f"profiles/acme.yaml:{said}: {SAYS}"]


def test_keys_inside_entries_and_channels():
    text = (
        ACME.replace("    push: {to: /in}\n", "    push: {to: /in}\n    quiet: Sun 02:00-06:00\n")
        .replace("  850: x12/004010/850", "  850: {map: x12/004010/850, order: number, expect: {997: 24h}}")
        .replace("  856: x12/004010/856", "  856: {map: x12/004010/856, batch: run, expect: {997: 24h}}")
    )
    assert told({"profiles/acme.yaml": text}) == [
        f"profiles/acme.yaml:9:5 channels.drop.quiet: {SAYS}",
        f"profiles/acme.yaml:11:30 receive.850.order: {SAYS}",
        f"profiles/acme.yaml:11:54 receive.850.expect.997: {SAYS}",
    ]


ENTRIES = [
    # an entry of a good profile, what is added to it -> where, and of which key it is said
    ("receive", "over: drop", "10:30 receive.850.over"),
    ("receive", "as: west", "10:30 receive.850.as"),
    ("receive", "when: {topic: orders}", "10:37 receive.850.when.topic"),
]


@pytest.mark.parametrize(("side", "added", "said"), ENTRIES)
def test_a_key_of_an_entry(side: str, added: str, said: str):
    document = {"receive": "850", "send": "856"}[side]
    plain = f"  {document}: x12/004010/{document}"
    text = ACME.replace(plain, f"  {document}: {{map: x12/004010/{document}, {added}}}")
    company = COMPANY.replace("systems:", "  west: {name: West, identities: {x12: 12/8475559999}}\nsystems:")
    told_of = told({"company.yaml": company, "profiles/acme.yaml": text})
    assert told_of == [f"profiles/acme.yaml:{said}: {SAYS}"]


@pytest.mark.parametrize(
    "added",
    [
        "validate: lenient",
        "validate: strict",
        "validate: normal",
        "when: {version: 004010}",
        "expect: {856: {within: 2d, warn: 1d}}",
    ],
)
def test_what_acts_is_not_told(added: str):
    text = ACME.replace("  850: x12/004010/850", f"  850: {{map: x12/004010/850, {added}}}")
    assert told({"profiles/acme.yaml": text}) == []


def test_an_entry_with_a_topic_fits_nothing_and_says_so():
    text = ACME.replace("  850: x12/004010/850", "  850: {map: x12/004010/850, when: {topic: orders}}")
    loaded = load({"profiles/acme.yaml": text})
    assert [one.why for one in loaded.faults] == ["no arrival has a topic, so the entry fits none"]
    found = receiving(loaded.snapshot, loaded.snapshot.partners["acme"], "850", version="004010")
    assert isinstance(found, Fault)


def test_a_template_is_told_of_once_however_many_extend_it():
    template = {"templates/all.yaml": "keep: 7y\n"}
    both = {"profiles/acme.yaml": f"{ACME}extends: templates/all\n"}
    both["profiles/bolt.yaml"] = "partner: bolt\nextends: templates/all\nidentities: {x12: ZZ/BOLT}\n"
    assert told(template | both) == [f"templates/all.yaml:1:1 keep: {SAYS}"]


def test_defaults_that_somebody_typed_are_told_and_others_are_not():
    assert told({}) == []
    typed = (
        COMPANY
        + "defaults: {keep: 7y, acknowledge: standard, validate: strict, alerts: {late: [a@b.example]}}\n"
    )
    assert told({"company.yaml": typed}) == [
        f"company.yaml:18:12 defaults.keep: {SAYS}",
        f"company.yaml:18:63 defaults.alerts: {SAYS}",
    ]


def test_what_is_taken_away_again_is_not_told():
    texts = {
        "templates/all.yaml": "keep: 7y\n",
        "profiles/acme.yaml": f"{ACME}extends: templates/all\nkeep: ~\n",
    }
    assert told(texts) == []


def test_what_is_wrong_anyway_is_told_as_that_alone():
    faults = load({"profiles/acme.yaml": f"{ACME}keep: for ever\n"}).faults
    assert [one.what for one in faults] == ["keep: 'for ever' is not a duration"]


def test_it_stops_nothing():
    loaded = load({"profiles/acme.yaml": f"{ACME}keep: 7y\n"})
    assert loaded.sound
    assert "acme" in loaded.snapshot.partners


def test_every_row_is_a_key_that_a_profile_may_have():
    parts = {"receive": Receive, "send": Send}
    for row in NOT_YET:
        assert row[0] in keys(Partner)
        if row[0] in parts:
            assert row[2] in keys(parts[row[0]])
    assert {row[1] for row in NOT_YET_OF_COMPANY if row[0] == "defaults"} <= keys(Partner)


def keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_the_docs_name_the_same_keys():
    section = DOCS.read_text("utf-8").split("## Stated, checked, and not yet acted upon\n")[1]
    listed = section[section.index(":\n") : section.index("and channels other than")]
    assert set(re.findall(r"`(\w+)`", listed)) == {row[-1] for row in NOT_YET}
