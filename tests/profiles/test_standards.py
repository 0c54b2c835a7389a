"""What profiles know of each standard: whose document a type is, what acknowledges it, which entry is nearest."""

from __future__ import annotations

import pytest

from gateway.faults import Fault
from gateway.profiles import receiving, sending
from gateway.profiles.agreements import acknowledgments, distance
from gateway.profiles.standards import line_for, standard_of

from .rooms import snapshot


@pytest.mark.parametrize(
    ("document", "standard", "line"),
    [
        ("850", "x12", "x12/004010/850"),
        ("ORDERS", "edifact", "edifact/D96A/ORDERS"),
        ("CONTRL", "edifact", "edifact/D96A/CONTRL"),
        ("orders", "fixed", "orders"),
        ("Orders", "x12", "x12/004010/Orders"),
        ("", "x12", "x12/004010/"),
    ],
)
def test_whose_document_a_type_is(document, standard, line):
    assert (standard_of(document), line_for(document)) == (standard, line)


@pytest.mark.parametrize(
    ("one", "other", "nearer"),
    [
        ("D96A", "D96B", "D01B"),
        ("D99B", "D01B", "D96A"),
        ("D88A", "D93A", "D87B"),  # 87 is 2087
        ("004010", "004030", "005010"),
    ],
)
def test_how_far_versions_are_apart(one, other, nearer):
    assert distance(one, other) < distance(one, nearer)


@pytest.mark.parametrize(
    ("words", "standard", "found"),
    [
        (("standard",), "edifact", ("CONTRL",)),
        (("standard",), "x12", ("997",)),
        (("standard",), "csv", ()),
        (("none",), "edifact", ()),
        (("CONTRL", "standard"), "edifact", ("CONTRL",)),
    ],
)
def test_what_acknowledges(words, standard, found):
    assert acknowledgments(words, standard) == found


TOOL = """\
partner: tool
stage: testing
identities: {edifact: 14/4012345000009}
receive:
  ORDERS/D96A: tool/ORDERS96
  ORDERS/D01B: tool/ORDERS01
  DESADV: {map: tool/DESADV, when: {association: "EAN*"}}
"""


KNOWN = ("x12/004010/850", "x12/004010/856", "tool/ORDERS96", "tool/ORDERS01", "tool/DESADV")


def house():
    return snapshot({"profiles/tool.yaml": TOOL}, maps=KNOWN)


@pytest.mark.parametrize(
    ("document", "version", "association", "map"),
    [
        ("ORDERS", "D96A", "EAN008", "tool/ORDERS96"),
        ("ORDERS", "D01B", "", "tool/ORDERS01"),
        ("ORDERS", "D00A", "", "tool/ORDERS01"),
        ("ORDERS", "D97A", "", "tool/ORDERS96"),
        ("ORDERS", "D10B", "", "tool/ORDERS01"),
        ("DESADV", "D96A", "EAN006", "tool/DESADV"),
        ("DESADV", "D96A", "", None),
        ("INVOIC", "D96A", "EAN008", None),
    ],
)
def test_which_entry_applies(document, version, association, map):
    made = house()
    found = receiving(
        made, made.partners["tool"], document, version=version, association=association, standard="edifact"
    )
    if map is None:
        assert isinstance(found, Fault)
        assert (found.code.word, found.place.address) == ("no-agreement", "UNH02")
    else:
        assert not isinstance(found, Fault)
        assert (found.map, found.acknowledge) == (map, ("CONTRL",))


def test_the_line_to_add_where_nothing_is_sent():
    made = house()
    found = sending(made, made.partners["tool"], "ORDRSP")
    assert isinstance(found, Fault)
    assert found.hint == "add to profiles/tool.yaml: send: {ORDRSP: edifact/D96A/ORDRSP}"
