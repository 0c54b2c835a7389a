"""Which identities X12's fixed envelope can hold."""

from __future__ import annotations

import pytest

from gateway.profiles.identities import unwritable

from .rooms import GOOD, load


@pytest.mark.parametrize(
    "identity", ["ZZ/ABCDEFGHIJKLMNO", "zz/bolt", "1/012345678", "ZZ/A B-C.D_E&F", "BOLT"]
)
def test_what_fits(identity):
    assert unwritable(identity) is None


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        ("ZZ/ABCDEFGHIJKLMNOP", "15 more"),
        ("ZZZ/BOLT", "2 characters"),
        ("ZZ/A*B", "'*'"),
        ("ZZ/A~B", "'~'"),
        ("Z*/AB", "'*'"),
        ("ZZ/A\x1bB", r"'\x1b'"),
        ("ZZ/A\u202eB", r"'\u202e'"),
        ("ZZ/M\u00dcLLER", r"'\xdc'"),
    ],
)
def test_what_does_not(identity, why):
    wrong = unwritable(identity)
    assert wrong is not None
    assert why in wrong[0]
    assert wrong[1]


@pytest.mark.parametrize(
    ("said", "warned"), [("BOLT", 1), ("[ZZ/BOLT, BOLT]", 1), ("zz/bolt", 0), ("'/BOLT'", 0)]
)
def test_one_without_a_qualifier_is_warned_of(said, warned):
    """It may be meant: some ISAs have a blank ISA05."""
    loaded = load({"profiles/bolt.yaml": f"partner: bolt\nidentities: {{x12: {said}}}\n"})
    assert [fault.what for fault in loaded.faults if fault.warning] == [
        "identities.x12: 'BOLT' has no qualifier"
    ] * warned
    ours = load({"company.yaml": GOOD["company.yaml"].replace("12/8475551234", "BOLT")}).faults
    assert [(fault.what, fault.fix, fault.warning) for fault in ours] == [
        (
            "company.main.identities.x12: 'BOLT' has no qualifier",
            "write it as in ISA05 and ISA06: ZZ/BOLT",
            True,
        )
    ]


def test_our_own_are_held_to_it_too():
    texts = {"company.yaml": GOOD["company.yaml"].replace("12/8475551234", "12/84755512341234567")}
    (fault,) = load(texts).faults
    assert fault.what == "company.main.identities.x12: '12/84755512341234567' is no identity in X12"
