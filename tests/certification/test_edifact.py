"""Samples of EDIFACT: what came with its CONTRL, and what is sent, segment by segment in its own words."""

from __future__ import annotations

import json

import pytest

from gateway.certification import laws
from gateway.certification.certify import ACKNOWLEDGED, GIVEN, OPINION, READING, TA1, WRITING
from gateway.pipeline.translation.translate import Translation, translate

from .conftest import found

PARTNER = """\
partner: shop
stage: live
identities: {edifact: 14/4012345000009}
envelope: {association: EAN008}
channels: {mailbox: {our_sftp: {user: shop, password: secret:demo/shop}}}
receive: {ORDERS: edifact/D96A/ORDERS}
send: {ORDERS: edifact/D96A/ORDERS}
"""
BODY = b"BGM+220+4500017+9'DTM+137:20260301:102'NAD+BY+4012345000009::9'LIN+1++4000862141404:EN'QTY+21:5'UNS+S'CNT+2:1'"
CAME = (
    b"UNA:+.? 'UNB+UNOC:3+4012345000009:14+4099999000008:14+260301:1530+118'\nUNH+1+ORDERS:D:96A:UN:EAN008'"
    + BODY
    + b"UNT+9+1'UNZ+1+118'"
)
SENT = (
    b"UNB+UNOC:3+4099999000008:14+4012345000009:14+260301:1530+77'UNH+ABC+ORDERS:D:96A:UN:EAN008'"
    + BODY
    + b"UNT+9+ABC'UNZ+1+77'"
)
CONTRL = (
    b"UNB+UNOC:3+4099999000008:14+4012345000009:14+990101:0000+999'UNH+7+CONTRL:D:3:UN'"
    b"UCI+118+4012345000009:14+4099999000008:14+7'UCM+1+ORDERS:D:96A:UN:EAN008+7'UNT+4+7'UNZ+1+999'"
)


def canonical() -> bytes:
    (order,) = [event.object for event in translate(CAME) if isinstance(event, Translation)]
    return json.dumps([json.loads(order.to_json())]).encode()


FILES = {"in.edi": CAME, "canonical.json": canonical(), "acknowledgment.edi": CONTRL}


@pytest.fixture
def certificate(certified, rooms):
    return lambda files=FILES, profile=PARTNER: certified(files, rooms(profile))


def test_what_came(certificate):
    made = certificate()
    assert {check.name: check.held for check in made.checks} == {
        READING: True,
        ACKNOWLEDGED: True,
        TA1: None,
        laws.OBJECT: True,
        laws.DOCUMENT: True,
        laws.NOTHING_LOST: True,
        laws.VALID: True,
        laws.SAME_VERDICT: True,
        OPINION: None,  # pyx12 knows no EDIFACT
    }


def test_what_is_sent(certificate):
    made = certificate({"out.edi": SENT, "canonical.json": canonical()})
    assert [(check.name, check.detail, check.diff) for check in made.checks if check.held is False] == []
    assert {GIVEN, WRITING} <= {check.name for check in made.checks}


UCM = "UCM+1+ORDERS:D:96A:UN:EAN008"
UNB = "3+4099999000008:14+4012345000009:14"


@pytest.mark.parametrize(
    ("was", "now", "rows"),
    [
        (b"EAN008+7", b"EAN008+4", [("segment 4", f"{UCM}+4", f"{UCM}+7")]),
        (b"+990101:0000+999'", b"+260301:1530+1'", []),
        (b"UNOC:3", b"UNOA:3", [("segment 1", f"UNB+UNOA:{UNB}", f"UNB+UNOC:{UNB}")]),
    ],
)
def test_where_the_acknowledgment_differs(certificate, was, now, rows):
    made = certificate(FILES | {"acknowledgment.edi": CONTRL.replace(was, now)})
    assert [(row.path, row.expected, row.got) for row in found(made, ACKNOWLEDGED).diff] == rows


def test_where_what_is_sent_differs(certificate):
    made = certificate({"out.edi": SENT.replace(b"QTY+21:5", b"QTY+21:6"), "canonical.json": canonical()})
    assert [(row.path, row.expected, row.got) for row in found(made, WRITING).diff] == [
        ("set 1, segment 6 QTY01 Quantity details", "21:6", "21:5")
    ]


def test_a_bad_one_gets_its_contrl(certificate):
    bad = CAME.replace(b"20260301", b"20261399")
    told = CONTRL.replace(b"EAN008+7'UNT+4", b"EAN008+4'UCS+3'UCD+12+2:2'UNT+6")
    made = certificate({"in.edi": bad, "canonical.json": b"[null]", "acknowledgment.edi": told})
    assert [check.name for check in made.checks if check.held is False] == []
