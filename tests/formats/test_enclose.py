"""What we write around sets, as each syntax has it: case by case, read back without a fault, and by pydifact."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydifact.parser import Parser

from gateway.faults import rejecting
from gateway.formats import edifact, known, x12
from gateway.formats.edifact import Delimiters, stated
from gateway.formats.enclosing import Kind, Numbers

pytestmark = pytest.mark.filterwarnings("ignore:segments.xml not found")
"""pydifact knows no directory of segments."""

NOON = datetime(2026, 3, 1, 15, 30)  # noqa: DTZ001  a wall-clock time, as an envelope carries it
ORDERS = Kind("ORDERS", "", "D96A")
ENDS = ("14/4099999000008", "14/4012345000009")
PLAIN = "UNB+UNOC:3+4099999000008:14+4012345000009:14+260301:1530+7"

CASES = [
    (edifact.Envelope(*ENDS), f"{PLAIN}'", "UNH+1+ORDERS:D:96A:UN'"),
    (edifact.Envelope(*ENDS, test=True), f"{PLAIN}++++++1'", "UNH+1+ORDERS:D:96A:UN'"),
    (
        edifact.Envelope(*ENDS, association="EAN008", una="always"),
        f"UNA:+.? '{PLAIN}'",
        "UNH+1+ORDERS:D:96A:UN:EAN008'",
    ),
    (
        edifact.Envelope(
            *ENDS,
            reference="PASS",
            application="ORDERS",
            priority="A",
            ack_requested=True,
            agreement="EANCOM",
        ),
        f"{PLAIN}+PASS+ORDERS+A+1+EANCOM'",
        "UNH+1+ORDERS:D:96A:UN'",
    ),
    (
        edifact.Envelope(*ENDS, level="UNOA", version="1"),
        "UNB+UNOA:1+4099999000008:14+4012345000009:14+260301:1530+7'",
        "UNH+1+ORDERS:D:96A:UN'",
    ),
    (
        edifact.Envelope(*ENDS, level="UNOW", version="4", delimiters=edifact.standard("+", "4")),
        "UNB+UNOW:4+4099999000008:14+4012345000009:14+20260301:1530+7'",
        "UNH+1+ORDERS:D:96A:UN'",
    ),
    (
        edifact.Envelope("/US", "ZZZ/THEM:AND+ALL", grouped=True, group_sender="SALES"),
        "UNB+UNOC:3+US+THEM?:AND?+ALL:ZZZ+260301:1530+7'"
        "UNG+ORDERS+SALES+THEM?:AND?+ALL+260301:1530+8+UN+D:96A'",
        "UNH+1+ORDERS:D:96A:UN'",
    ),
    (
        edifact.Envelope(*ENDS, delimiters=stated("|^,! ~", "3")),
        "UNA|^,! ~UNB^UNOC|3^4099999000008|14^4012345000009|14^260301|1530^7~",
        "UNH^1^ORDERS|D|96A|UN~",
    ),
]


@pytest.mark.parametrize(("envelope", "head", "unh"), CASES)
def test_an_edifact_envelope(envelope, head, unh):
    writer = envelope.writer
    one = writer.transaction_set(writer.heading("ORDERS", "D96A", 1), [["BGM", "220", "P?1", "9"]])
    data = envelope.interchange(Numbers(7, 8), NOON, ORDERS, [one])
    assert data.decode("iso8859-1").startswith(head + unh)
    events = list(known.read(data))
    assert [fault for event in events for fault in event.faults if rejecting([fault])] == []
    came = events[0]
    assert came.sender.lstrip("/") == envelope.sender.lstrip("/")
    assert came.test == envelope.test
    assert came.control == envelope.control(7)
    if envelope.version != "4":  # pydifact takes the repetition separator of version 4 for data
        tags = [segment.tag for segment in Parser().parse(data.decode("iso8859-1"))]
        assert tags[-2:] == (["UNE", "UNZ"] if envelope.grouped else ["UNT", "UNZ"])


@pytest.mark.parametrize(("envelope", "head", "unh"), CASES)
def test_one_like_it_writes_the_same(envelope, head, unh):
    """But for what only its sender asks for: application, priority, agreement."""
    writer = envelope.writer
    one = writer.transaction_set(writer.heading("ORDERS", "D96A", 1), [["BGM", "220"]])
    data = envelope.interchange(Numbers(7, 8), NOON, ORDERS, [one])
    came, group, found = list(known.read(data))[:3]
    again = known.envelope_like(came, group, found)
    written = again.interchange(Numbers(7, 8), NOON, ORDERS, [one])
    assert written[written.index(b"UNB") :][:40] == data[data.index(b"UNB") :][:40]
    assert again.grouped == envelope.grouped
    assert again.writer.renumbered(found.header, 9)[1:] == list(found.header[2:])


def test_an_x12_envelope():
    envelope = x12.Envelope("ZZ/US", "01/THEM", group_version="004010VICS")
    writer = envelope.writer
    sets = [writer.transaction_set(writer.heading("850", "004010", 1), [["BEG", "00"]])]
    data = envelope.interchange(Numbers(7, 8), NOON, Kind("850", "PO", "004010"), sets).decode()
    assert data.startswith(
        "ISA*00*          *00*          *ZZ*US             *01*THEM           *260301*1530*U*"
    )
    assert (
        "~GS*PO*US*THEM*20260301*1530*8*X*004010VICS~ST*850*0001~BEG*00~SE*3*0001~GE*1*8~IEA*1*000000007~"
        in data
    )
    assert (envelope.control(7), writer.reference(7)) == ("000000007", "0007")


def test_the_signs_a_profile_states():
    assert stated(":+,? '", "3") == Delimiters(":", "+", ",", "?", None, "'")
    assert stated(":+.?*'", "4") == Delimiters(":", "+", ".", "?", "*", "'")
    assert stated(":+.?*'", "3").repetition is None
    assert stated(":+.  '", "3").release is None
