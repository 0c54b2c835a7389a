"""In which envelope we write to whom: what the profile states, what it leaves open, and what came and is answered."""

from __future__ import annotations

import pytest

from gateway import maps
from gateway.formats import known
from gateway.guides.load import load as load_guide
from gateway.pipeline.translation import enclosing
from gateway.profiles import sending

from ..desk import COMPANY, house_in, house_of

OURS = COMPANY.replace("{x12: 12/8475551234}", "{x12: 12/8475551234, edifact: [9/4099999000008, NORTHWIND]}")
EURO = """\
partner: euro
stage: {stage}
identities: {{edifact: 14/4012345000009, x12: 1/EURO, group: EUROGROUP}}
channels:
  drop:
    folder: {{in: ../mail/euro/in, out: ../mail/euro/out}}
    pull: {{every: 1s}}
    push: {{to: .}}
send:
  ORDERS: {{map: edifact/D96A/ORDERS, expect: {expect}}}
envelope: {envelope}
"""


def house(tmp_path, envelope="{}", stage="live", expect="{}"):
    profile = EURO.format(envelope=envelope, stage=stage, expect=expect)
    return house_of(house_in(tmp_path, {"company.yaml": OURS, "profiles/euro.yaml": profile}))


def fresh(here, ends=None):
    partner = here.snapshot.partners["euro"]
    agreed = sending(here.snapshot, partner, "ORDERS")
    return enclosing.fresh(here.snapshot, partner, agreed, load_guide("edifact/D96A/ORDERS"), ends)


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ("{}", {"level": "UNOC", "version": "3", "una": "needed", "association": "", "grouped": False}),
        ("{syntax: UNOA:1, una: always}", {"level": "UNOA", "version": "1", "una": "always"}),
        ("{association: EAN008, application: ORDERS}", {"association": "EAN008", "application": "ORDERS"}),
        ("{reference: R1, priority: A, agreement: EANCOM}", {"reference": "R1", "priority": "A"}),
        ("{request: true, grouped: true}", {"ack_requested": True, "grouped": True}),
        ("{charset: UNOW}", {"charset": "UNOW", "level": "UNOC"}),
        ("{charset: basic, separators: '*>~'}", {"charset": "auto"}),
    ],
)
def test_what_a_profile_states(tmp_path, stated, found):
    made = fresh(house(tmp_path, stated))
    assert {name: getattr(made, name) for name in found} == found
    assert (made.sender, made.receiver, made.test) == ("9/4099999000008", "14/4012345000009", False)
    assert made.group_ends == ("4099999000008", "EUROGROUP")


def test_the_signs_it_states(tmp_path):
    made = fresh(house(tmp_path, """{una: ":+,? '"}"""))
    assert (made.una, made.delimiters.una) == ("always", "UNA:+,? '")


def test_four_digits_of_the_year_and_a_repetition_separator_are_version_4s(tmp_path):
    assert fresh(house(tmp_path, "{syntax: UNOW:4}")).delimiters.repetition == "*"


@pytest.mark.parametrize(
    ("stated", "expect", "asked"),
    [
        ("{}", "{CONTRL: 24h}", True),
        ("{request: false}", "{CONTRL: 24h}", False),
        ("{}", "{}", False),
        ("{request: true}", "{}", True),
    ],
)
def test_an_acknowledgment_is_requested_where_one_is_awaited(tmp_path, stated, expect, asked):
    assert fresh(house(tmp_path, stated, expect=expect)).ack_requested is asked


def test_a_partner_that_is_not_live_gets_tests(tmp_path):
    assert fresh(house(tmp_path, stage="testing")).test


def test_what_answers_goes_back_to_whom_it_came_from(tmp_path):
    here = house(tmp_path)
    assert fresh(here, ("14/4012345000009", "/NORTHWIND")).sender == "/NORTHWIND"
    assert fresh(here, ("14/4012345000009", "/STRANGER")).sender == "9/4099999000008"


ANSWERED = [
    (
        "UNB+UNOA:2+4012345000009:14+NORTHWIND+260301:1530+7++ORDERS+A+1'",
        "{}",
        ("UNOA", "2", "A", "", "needed"),
    ),
    ("UNB+UNOC:3+4012345000009:14+NORTHWIND+260301:1530+7++++++1'", "{}", ("UNOC", "3", "", "", "needed")),
    (
        "UNA|^.! ~UNB^UNOC|3^4012345000009|14^NORTHWIND^260301|1530^7~",
        "{}",
        ("UNOC", "3", "", "|", "needed"),
    ),
    ("UNB+UNOX:9+4012345000009:14+NORTHWIND+260301:1530+7'", "{}", ("UNOC", "3", "", "", "needed")),
    (
        "UNB+UNOC:3+4012345000009:14+NORTHWIND+260301:1530+7'",
        "{una: always}",
        ("UNOC", "3", "", "", "always"),
    ),
]


@pytest.mark.parametrize(("unb", "stated", "wanted"), ANSWERED)
def test_an_answer_is_written_as_what_came(tmp_path, unb, stated, wanted):
    here = house(tmp_path, stated)
    header = next(known.read((unb + "UNZ+0+7'").encode()))
    made = here.envelope(here.snapshot.partners["euro"], header)
    level, version, priority, component, una = wanted
    assert (made.level, made.version, made.priority, made.una) == (level, version, priority, una)
    assert made.delimiters.component == (component or ":")
    assert (made.sender, made.receiver) == ("/NORTHWIND", "14/4012345000009")
    assert made.test is header.test
    assert made.writer  # its signs can be told apart


def test_without_an_identity_there_is_none(tmp_path):
    here = house_of(house_in(tmp_path))
    partner = here.snapshot.partners["acme"]
    agreed = sending(here.snapshot, partner.model_copy(update={"send": {}}), "ORDERS")
    assert agreed.code.word == "no-agreement"
    x12 = maps.load("x12/004010/850").guide
    assert enclosing.fresh(here.snapshot, partner, _agreed(here), x12).standard == "x12"
    assert enclosing.fresh(here.snapshot, partner, _agreed(here), load_guide("edifact/D96A/ORDERS")) is None


def _agreed(here):
    from gateway.profiles.agreements import received

    return received(here.snapshot, here.snapshot.partners["acme"], "850", None)
