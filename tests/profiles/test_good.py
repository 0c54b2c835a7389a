"""What MAPS.md names is accepted, and means what it says there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway import connectors, maps, protocols
from gateway.profiles import Secrets, Surroundings, restore, way_of
from gateway.profiles.load import load as load_root
from gateway.profiles.words import Term

from .rooms import ACME, AROUND, COMPANY, GOOD, load, snapshot

ROOT = Path(__file__).parents[2]

FULL_COMPANY = """\
company:
  main:
    name: Northwind Distribution
    identities: {x12: 12/8475551234, edifact: 14/4099999000008, as2: NORTHWIND}
    certificates:
      - {file: certs/us-2026.pem, key: secret:as2-2026}
      - {file: certs/us-2027.pem, key: secret:as2-2026, from: 2027-03-01}
systems:
  erp: {rest: {url: "https://erp.example/api", auth: {bearer: secret:erp-token}}}
  wms: {files: {to: var/wms/in, from: var/wms/out}}
routes: {PurchaseOrder: erp, Invoice: erp, ShipNotice: wms, "*": erp}
calendars:
  us: {timezone: America/Chicago, hours: Mon-Fri 08:00-17:00, holidays: [2026-12-25]}
defaults: {acknowledge: standard, duplicates: {same: drop, changed: hold, window: 400d}, incomplete: hold, \
retry: [1m, 5m, 15m, 1h, 4h], calendar: us, keep: 7y}
channels: {}
environments:
  test: {systems: {erp: {rest: {url: "https://erp-test.example/api"}}}}
"""

FULL_ACME = """\
partner: acme
extends: templates/us-retailer
name: ACME Retail
stage: live
contacts: {edi: edi@acme.example}
accounts: {erp: C-10042}
identities: {x12: [01/012345678, 08/9251230000], group: ACME}
channels:
  as2:
    as2:
      name: ACME-AS2
      url: https://as2.acme.example/in
      mdn: async
      quirks: [no-chunking]
      certificates: [certs/us-2026.pem, {file: certs/us-2027.pem, from: 2027-02-15}]
    retry: [1m, 5m, 2h]
    quiet: Sun 02:00-06:00
  drop:
    sftp: {host: sftp.acme.example, user: hub, key: secret:acme/sftp, host_key: "SHA256:abcdefghijklmnopqrstuv"}
    pull: {from: /out, match: "*.edi", every: 2m, ready: marker(*.ok), done: archive/<date>, bad: error}
    push: {to: /in, name: <document>_<control>.edi}
receive:
  850:
    map: acme/850
    acknowledge: [997, TA1]
    duplicates: {same: drop, changed: hold, window: 400d}
    order: number
    expect: {855: {within: 24h, warn: 20h}, 856: 2 business days}
  810: {map: x12/004010/810, route: wms, validate: lenient}
send:
  856: {map: x12/004010/856, over: as2, batch: run, expect: {997: 24h}}
envelope: {version: "00401", separators: "*>~"}
keep: 7y
private: [ship_to.phone]
alerts: {late: [edi]}
environments:
  test: {identities: {x12: 01/012345678T}}
"""

FULL = {
    "company.yaml": FULL_COMPANY,
    "profiles/acme.yaml": FULL_ACME,
    "templates/us-retailer.yaml": "send:\n  855: {map: x12/004010/855, over: drop}\n",
    "maps/acme/850.yaml": "map: acme/850\nextends: x12/004010/850\n",
    "certs/us-2026.pem": "-----BEGIN CERTIFICATE-----\n",
    "certs/us-2027.pem": "-----BEGIN CERTIFICATE-----\n",
}


def full(environment="", **texts):
    environment_secrets = {
        "GATEWAY_SECRET_ACME_SFTP": "a",
        "GATEWAY_SECRET_AS2_2026": "b",
        "GATEWAY_SECRET_ERP_TOKEN": "c",
    }
    return load({**FULL, **texts}, environment=environment, secrets=Secrets(environment=environment_secrets))


def test_everything_the_page_names_is_accepted():
    told = [fault.what for fault in full().faults]
    faults = [what for what in told if not what.endswith("nothing happens by it yet")]
    assert faults == ["channels.as2: this gateway does not speak as2 yet"]


def test_values_are_typed():
    served = {**AROUND.protocols, "as2": AROUND.known_protocols["as2"]}
    loaded = load(FULL, protocols=served, secrets=Secrets(environment=dict.fromkeys(SECRET_NAMES, "x")))
    acme = loaded.snapshot.partners["acme"]
    entry = acme.receive["850"]
    assert entry.duplicates.window == timedelta(days=400)
    assert entry.expect["855"].warn == Term(20, "h")
    assert entry.expect["856"].within == Term(2, "business day")
    assert str(entry.expect["856"].within) == "2 business days"
    assert acme.channels["as2"].protocol == "as2"
    assert acme.channels["as2"].retry == (timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=2))
    assert acme.channels["drop"].pulls.every == timedelta(minutes=2)
    assert acme.channels["drop"].settings.host == "sftp.acme.example"
    assert sorted(acme.sending()) == ["as2", "drop"]
    assert acme.send["855"].map == "x12/004010/855"


SECRET_NAMES = ("GATEWAY_SECRET_ACME_SFTP", "GATEWAY_SECRET_AS2_2026", "GATEWAY_SECRET_ERP_TOKEN")


def test_models_are_frozen():
    company = snapshot().company
    with pytest.raises(ValidationError):
        company.routes = {}
    with pytest.raises(TypeError):
        snapshot().partners["x"] = company


def test_minimal_profile_is_testing():
    bolt = "partner: bolt\nidentities: {x12: ZZ/BOLT}\nchannels: {m: {our_sftp: {user: bolt, keys: keys/bolt.pub}}}\n"
    partner = snapshot({"profiles/bolt.yaml": bolt}).partners["bolt"]
    assert (partner.stage, partner.title, partner.active) == ("testing", "bolt", True)


def test_nothing_yaml_would_guess_is_guessed():
    text = ACME.replace("01/012345678", "01/0123") + "name: no\naccounts: {erp: 012}\n"
    partner = snapshot({"profiles/acme.yaml": text}).partners["acme"]
    assert partner.name == "no"
    assert partner.accounts == {"erp": "012"}


SHORT, LONG = "850: x12/005010/850", "850: {map: x12/005010/850}"
OVER = [
    # what the template says of the 850, what the profile says, the map and the acknowledgment in force
    ("{map: x12/004010/850, acknowledge: [TA1]}", SHORT, "x12/005010/850", ("TA1",)),
    ("{map: x12/004010/850, acknowledge: [TA1]}", LONG, "x12/005010/850", ("TA1",)),
    ("{map: x12/004010/850, acknowledge: [TA1]}", "850: {acknowledge: ~}", "x12/004010/850", None),
    ("x12/004010/850", "850: {acknowledge: [TA1]}", "x12/004010/850", ("TA1",)),
    ("x12/004010/850", SHORT, "x12/005010/850", None),
]


@pytest.mark.parametrize(("beneath", "above", "map_name", "acknowledge"), OVER)
def test_an_entry_is_inherited_however_short_it_is_written(beneath, above, map_name, acknowledge):
    templates = {"templates/retail.yaml": f"receive: {{850: {beneath}}}\n"}
    profile = ACME.replace("850: x12/004010/850", above) + "extends: templates/retail\n"
    found = snapshot({**templates, "profiles/acme.yaml": profile}).partners["acme"].receive["850"]
    assert (found.map, found.acknowledge) == (map_name, acknowledge)
    test = ACME.replace("850: x12/004010/850", f"850: {beneath}")
    test += f"environments: {{test: {{receive: {{{above}}}}}}}\n"
    company = COMPANY + "environments: {test: {systems: {erp: {files: {to: var/test}}}}}\n"
    texts = {"company.yaml": company, "profiles/acme.yaml": test}
    found = snapshot(texts, environment="test").partners["acme"].receive["850"]
    assert (found.map, found.acknowledge) == (map_name, acknowledge)


def test_what_is_broken_is_told_before_what_is_only_warned_of():
    bolt = "partner: bolt\nstage: live\nidentities: {x12: ZZ/BOLT}\nreceive: {850: x12/004010/85}\n"
    told = [fault.what for fault in load({"profiles/bolt.yaml": bolt}).faults]
    assert told[0].startswith("receive.850: there is no map")
    assert told[-1] == "stage: live without sample documents"


def test_templates_lie_beneath_and_a_tilde_removes():
    template = (
        "receive: {850: x12/004010/850, 860: x12/004010/850}\nenvelope: {version: '00401', newline: true}\n"
    )
    text = ACME + "extends: templates/retail\nenvelope: {version: '00501'}\n"
    text = text.replace("receive:\n  850: x12/004010/850", "receive:\n  850: x12/005010/850\n  860: ~")
    partner = snapshot({"templates/retail.yaml": template, "profiles/acme.yaml": text}).partners["acme"]
    assert list(partner.receive) == ["850"]
    assert partner.receive["850"].map == "x12/005010/850"
    assert (partner.envelope.version, partner.envelope.newline) == ("00501", True)


def test_an_environment_lies_on_top():
    company = COMPANY + "environments:\n  test: {systems: {erp: {files: {to: var/test}}}}\n"
    acme = ACME + "environments:\n  test: {identities: {x12: 01/012345678T}}\n"
    texts = {"company.yaml": company, "profiles/acme.yaml": acme}
    assert snapshot(texts).partners["acme"].known_as("x12") == ("01/012345678",)
    test = snapshot(texts, environment="test")
    assert test.partners["acme"].known_as("x12") == ("01/012345678T",)
    assert test.company.systems["erp"].settings.to == "var/test"
    assert test.digest != snapshot(texts).digest


ENVIRONMENTS = {
    "not declared": ("", "tset", "environments: GATEWAY_ENVIRONMENT is tset, which is not declared here"),
    "production's system": (
        "environments:\n  test: {contacts: {operations: test@northwind.example}}\n",
        "test",
        "systems.erp: test would use the system of production",
    ),
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_tests_never_reach_production(name):
    more, environment, expected = ENVIRONMENTS[name]
    faults = load({"company.yaml": COMPANY + more}, environment=environment).faults
    assert [fault.what for fault in faults] == [expected]


def test_a_system_may_say_that_it_takes_tests():
    company = (
        COMPANY.replace("{to: var/erp}}", "{to: var/erp}, test: true}")
        + "environments: {test: {contacts: {a: b@c}}}\n"
    )
    acme = ACME.replace("stage: live", "stage: testing")
    assert load({"company.yaml": company, "profiles/acme.yaml": acme}, environment="test").sound


def test_a_shared_mailbox():
    text = "partner: trucks\nidentities: {x12: 02/RRDF}\nchannels: {van: company.van}\n"
    partner = snapshot({"profiles/trucks.yaml": text}).partners["trucks"]
    assert partner.channels["van"].shared == "van"
    assert partner.channels["van"].sends


def test_no_company_no_snapshot():
    loaded = load({"company.yaml": None})
    assert loaded.snapshot is None
    assert [str(fault.mark) for fault in loaded.faults] == ["company.yaml:1:1"]


def test_a_snapshot_is_restored_from_its_texts():
    first = snapshot()
    assert restore(first.texts, AROUND) == first


def test_restoring_asks_no_rule_again():
    nothing = Surroundings(AROUND.protocols, AROUND.connectors, secrets=Secrets(environment={}))
    assert restore(snapshot().texts, nothing).digest == snapshot().digest


def test_references_are_resolved_from_the_snapshot():
    first = snapshot()
    assert first.resolve("keys/van.pub", AROUND.secrets) == GOOD["keys/van.pub"]
    assert first.resolve("secret:acme/sftp", AROUND.secrets) == "s3cr3t"


def test_our_own_house_is_sound():
    """partners/ as it is cloned: nothing but warnings, and those name what the demo makes."""
    ways = {name: way_of(protocols.load(name)) for name in protocols.PROTOCOLS}
    kinds = {name: connectors.load(name).Settings for name in connectors.CONNECTORS}
    samples = ["harbor", "keystone"]
    known = (*maps.names(), *maps.names("edifact"))
    around = Surroundings(ways, kinds, known, samples=samples, secrets=Secrets(environment={}))
    for environment in ("", "test"):
        loaded = load_root(ROOT / "partners", replace(around, environment=environment))
        assert loaded.sound, "\n".join(map(str, loaded.faults))
        assert list(loaded.snapshot.partners) == [
            "harbor",
            "keystone",
            "rheinland",
            "summit",
            "swift3pl",
            "werkstatt",
        ]
        assert [fault.fix for fault in loaded.faults][:1] == ["`gateway run --demo` makes it"]
