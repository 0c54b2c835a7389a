"""Which agreement applies to an arrival? The four questions as tables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.faults import Code, Fault
from gateway.profiles import address_of, channel_out, receiving, sender_of, sending, system_for, withheld

from .rooms import ACME, COMPANY, snapshot

BOLT = """\
partner: bolt
identities: {x12: ZZ/BOLTSUPPLY, group: BOLT}
as: west
channels:
  mailbox:
    our_sftp: {user: bolt, keys: keys/bolt.pub}
  van: company.van
receive:
  855: x12/004010/855
  856: {map: x12/004010/856, when: {version: 004010*}}
  856/005010: x12/004010/856
  856/big: {map: x12/004010/856, when: {version: 004010*, file: BIG*}}
  810: {map: x12/004010/810, when: {file: INV*}}
"""
TRUCKS = """\
partner: trucks
stage: live
identities: {x12: 02/RRDF}
channels: {van: company.van}
"""
DRAFT = """\
partner: draft
stage: draft
identities: {x12: ZZ/DRAFT}
"""
HOUSE = snapshot({"profiles/bolt.yaml": BOLT, "profiles/trucks.yaml": TRUCKS, "profiles/draft.yaml": DRAFT})
US, WEST, OTHER = "12/8475551234", "12/8475551299", "12/9999999999"

SENDERS = [
    ("acme.drop", "01/012345678", US, "P", "acme"),
    ("acme.drop", "1 /012345678   ", US, "P", "acme"),
    ("acme.drop", "01/012345678", WEST, "P", "acme"),
    ("acme.drop", "01/012345678", US, "I", "acme"),
    ("acme.drop", "01/012345678", US, None, "acme"),
    ("acme.drop", "01/012345678", "", "P", "acme"),
    ("acme.drop", "", US, "P", "acme"),
    ("acme.drop", "01/012345679", US, "P", Code.UNKNOWN_SENDER),
    ("acme.drop", "02/012345678", US, "P", Code.UNKNOWN_SENDER),
    ("acme.drop", "02/RRDF", US, "P", Code.WRONG_CHANNEL),
    ("acme.drop", "01/012345678", OTHER, "P", Code.NOT_FOR_US),
    ("acme.drop", "01/012345678", US, "T", Code.WRONG_USAGE),
    ("bolt.mailbox", "ZZ/BOLTSUPPLY", US, "T", "bolt"),
    ("bolt.mailbox", "zz/BOLTSUPPLY", US, "T", "bolt"),
    ("bolt.mailbox", "ZZ/boltsupply", US, "T", Code.UNKNOWN_SENDER),
    ("bolt.mailbox", "ZZ/BOLTSUPPLY", US, "P", Code.WRONG_USAGE),
    ("company.van", "02/RRDF", US, "P", "trucks"),
    ("company.van", "ZZ/BOLTSUPPLY", US, "T", "bolt"),
    ("company.van", "01/012345678", US, "P", Code.WRONG_CHANNEL),
    ("company.van", "", US, "P", Code.UNKNOWN_SENDER),
    ("company.van", "ZZ/NOBODY", US, "P", Code.UNKNOWN_SENDER),
    ("nobody.drop", "01/012345678", US, "P", Code.WRONG_CHANNEL),
]


@pytest.mark.parametrize(("channel", "sender", "receiver", "usage", "expected"), SENDERS)
def test_sender(channel, sender, receiver, usage, expected):
    found = sender_of(HOUSE, channel, sender, receiver, usage)
    assert (found.code if isinstance(found, Fault) else found.partner) == expected


def test_an_unknown_sender_comes_with_the_line_to_add():
    fault = sender_of(HOUSE, "acme.drop", "1/999", US, "P")
    assert fault.hint == 'add to profiles/acme.yaml: identities: {x12: "01/999"}'
    assert fault.place.address == "ISA06"


def test_in_a_test_environment_everything_is_a_test():
    company = COMPANY + "environments: {test: {systems: {erp: {files: {to: var/test}}}}}\n"
    house = snapshot({"company.yaml": company}, environment="test")
    assert sender_of(house, "acme.drop", "01/012345678", US, "T").partner == "acme"
    fault = sender_of(house, "acme.drop", "01/012345678", US, "P")
    assert (fault.code, fault.expected) == (Code.WRONG_USAGE, "T in this environment")


ENTRIES = [
    ("855", {}, "855", None),
    ("855", {"version": "003060"}, "855", None),
    ("856", {"version": "004010"}, "856", None),
    ("856", {"version": "004010VICS"}, "856", None),
    ("856", {"version": "005010"}, "856/005010", None),
    ("856", {"version": "004010", "file": "BIG1.edi"}, "856/big", None),
    ("856", {"version": "004030"}, "856", "004010*"),
    ("856", {"version": "005030"}, "856/005010", "005010"),
    ("856", {"version": "008010", "file": "BIG1.edi"}, "856/005010", "005010"),
    ("810", {"file": "INV1.edi"}, "810", None),
]


@pytest.mark.parametrize(("document", "shown", "entry", "nearest"), ENTRIES)
def test_receive_entry(document, shown, entry, nearest):
    found = receiving(HOUSE, HOUSE.partners["bolt"], document, **shown)
    assert found.entry == entry
    assert [(note.code, note.expected) for note in found.notes] == (
        [(Code.UNKNOWN_VERSION, nearest)] if nearest else []
    )


NOTHING_AGREED = [
    ("bolt", "860", {"base": "x12/004010/860"}, "add to profiles/bolt.yaml: receive: {860: x12/004010/860}"),
    (
        "bolt",
        "810",
        {"file": "XYZ"},
        "add to profiles/bolt.yaml: receive: {810: bolt/810}, and write that map: maps/bolt/810.yaml;"
        " or loosen when: of 810",
    ),
    ("draft", "850", {}, "draft is stage: draft; make it testing or live, then replay"),
]


@pytest.mark.parametrize(("partner", "document", "shown", "hint"), NOTHING_AGREED)
def test_nothing_agreed(partner, document, shown, hint):
    fault = receiving(HOUSE, HOUSE.partners[partner], document, **shown)
    assert (fault.code, fault.came, fault.hint) == (Code.NO_AGREEMENT, document, hint)


def agreement(company="", profile="", entry="x12/004010/850"):
    texts = {
        "company.yaml": COMPANY + company,
        "profiles/acme.yaml": ACME.replace("850: x12/004010/850", f"850: {entry}") + profile,
    }
    house = snapshot(texts)
    return receiving(house, house.partners["acme"], "850")


def test_what_holds_where_nobody_states_anything():
    found = agreement()
    assert found.acknowledge == ("997",)
    assert (found.duplicates.same, found.duplicates.changed) == ("drop", "hold")
    assert found.duplicates.window == timedelta(days=400)
    assert (found.incomplete, found.validation, found.order, found.test) == ("hold", "normal", None, False)
    assert found.retry[0] == timedelta(minutes=1)
    assert found.organisation == "main"


ACKNOWLEDGE = [
    ("", "", "", ("997",)),
    ("999", "", "", ("999",)),
    ("999", "none", "", ()),
    ("999", "none", "[997, TA1]", ("997", "TA1")),
    ("", "[standard, TA1, 997]", "", ("997", "TA1")),
]


@pytest.mark.parametrize(("company", "profile", "entry", "expected"), ACKNOWLEDGE)
def test_the_narrowest_statement_holds(company, profile, entry, expected):
    found = agreement(
        f"defaults: {{acknowledge: {company}}}\n" if company else "",
        f"acknowledge: {profile}\n" if profile else "",
        f"{{map: x12/004010/850, acknowledge: {entry}}}" if entry else "x12/004010/850",
    )
    assert found.acknowledge == expected


def test_parts_are_inherited_one_by_one():
    found = agreement(
        "defaults: {duplicates: {same: reject, window: 30d}, envelope: {version: '00501', newline: true}}\n",
        "duplicates: {changed: accept}\nenvelope: {version: '00401'}\n",
        "{map: x12/004010/850, duplicates: {same: accept}, validate: lenient, incomplete: process, order: number}",
    )
    assert (found.duplicates.same, found.duplicates.changed) == ("accept", "accept")
    assert found.duplicates.window == timedelta(days=30)
    assert (found.envelope.version, found.envelope.newline, found.envelope.charset) == ("00401", True, None)
    assert (found.lenient, found.incomplete, found.order) == (True, "process", "number")


def test_which_of_us():
    bolt = HOUSE.partners["bolt"]
    assert receiving(HOUSE, bolt, "855").organisation == "west"
    assert receiving(HOUSE, bolt, "855", receiver=US).organisation == "main"


def test_sending():
    acme = HOUSE.partners["acme"]
    assert sending(HOUSE, acme, "856").map == "x12/004010/856"
    fault = sending(HOUSE, acme, "810")
    assert (fault.code, fault.hint) == (
        Code.NO_AGREEMENT,
        "add to profiles/acme.yaml: send: {810: x12/004010/810}",
    )


def test_a_channels_own_retry_comes_first():
    text = ACME.replace("    push: {to: /in}", "    push: {to: /in}\n    retry: [5s]") + "retry: [1h]\n"
    house = snapshot({"profiles/acme.yaml": text})
    assert sending(house, house.partners["acme"], "856").retry == (timedelta(seconds=5),)


SYSTEMS = [
    ("acme", "850", "PurchaseOrder", "erp", True),
    ("acme", "850", "Invoice", "erp", True),
    ("bolt", "855", "OrderAcknowledgment", "erp", False),
]


@pytest.mark.parametrize(("partner", "document", "kind", "system", "may"), SYSTEMS)
def test_systems(partner, document, kind, system, may):
    found = receiving(HOUSE, HOUSE.partners[partner], document)
    assert system_for(HOUSE, found, kind) == system
    assert (withheld(HOUSE, found, system) is None) is may


def test_tests_may_go_where_tests_are_taken_and_live_documents_may_not():
    test, live = (receiving(HOUSE, HOUSE.partners[p], d) for p, d in (("bolt", "855"), ("acme", "850")))
    assert withheld(HOUSE, test, "wms") is None
    assert withheld(HOUSE, live, "wms") == "a live document never reaches wms, which takes tests"
    assert withheld(HOUSE, live, "gone") == "company.yaml has no system gone"


def test_no_route_no_system():
    house = snapshot(
        {"company.yaml": COMPANY.replace('routes: {PurchaseOrder: erp, "*": erp}', "routes: {Invoice: erp}")}
    )
    found = receiving(house, house.partners["acme"], "850")
    assert system_for(house, found, "PurchaseOrder") is None


def test_addresses():
    found = address_of(HOUSE, HOUSE.partners["bolt"])
    assert (found.ours, found.theirs) == (("12", "8475551299"), ("ZZ", "BOLTSUPPLY"))
    assert (found.our_group, found.their_group) == ("8475551299", "BOLT")
    assert address_of(HOUSE, HOUSE.partners["bolt"], "main").ours == ("12", "8475551234")
    assert address_of(HOUSE, HOUSE.partners["bolt"], standard="edifact") is None


CHANNELS = [
    ("acme", (), None, "drop"),
    ("bolt", (), None, None),
    ("bolt", (), "mailbox", "mailbox"),
    ("bolt", (), "van", "van"),
    ("bolt", ("van",), "mailbox", "van"),
    ("bolt", ("gone",), None, None),
    ("trucks", (), "gone", "van"),
]


@pytest.mark.parametrize(("partner", "over", "came_by", "expected"), CHANNELS)
def test_channel_out(partner, over, came_by, expected):
    assert channel_out(HOUSE.partners[partner], over, came_by) == expected
