"""What we send to a partner of EDIFACT, and what its CONTRL makes of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.cli.asking import waiting_with_reason
from gateway.errors import TransportError

from ..desk import Desk
from ..edifact import PROFILE, RECEIVER, SENDER, contrl, files, interchange, message, order
from ..orders_out import file, po

Open = Callable[..., Desk]

SELLING = PROFILE.replace(
    "receive:\n",
    "accounts: {erp: S-77}\n"
    "envelope: {association: EAN008, newline: false}\n"
    "send:\n  ORDERS: {map: edifact/D96A/ORDERS, batch: run, expect: {CONTRL: 4h}}\n"
    "  ORDRSP: edifact/D96A/ORDRSP\n"
    "  DESADV: edifact/D96A/DESADV\n"
    "  RECADV: edifact/D96A/RECADV\n"
    "  INVRPT: edifact/D96A/INVRPT\n"
    "receive:\n",
)
UCI = f"UCI+1+{RECEIVER}+{SENDER}"
ORDER = "ORDERS:D:96A:UN:EAN008"


def selling(envelope: str = "newline: false", batch: str = "run") -> dict[str, str]:
    return files(SELLING.replace("newline: false", envelope).replace("batch: run", f"batch: {batch}"))


@pytest.fixture
def desk(open_desk: Open) -> Desk:
    return open_desk(selling())


def ours(desk: Desk) -> list[str]:
    return [row.state for row in desk.documents if row.direction == "out"]


def theirs(desk: Desk) -> list[str]:
    return [row.state for row in desk.documents if row.direction == "in"]


def heads(desk: Desk) -> list[bytes]:
    return [data.partition(b"UNH")[0] for _, data in desk.sent]


async def test_an_order_leaves_in_a_message(desk: Desk):
    await desk.hand_over(file(po("P1"), po("P2")))
    assert [
        (row.type, row.state, row.set_control, row.group_control, row.version) for row in desk.documents
    ] == [
        ("ORDERS", "sent", "1", None, "D96A"),
        ("ORDERS", "sent", "2", None, "D96A"),
    ]
    ((_, data),) = desk.sent
    assert data.startswith(
        f"UNB+UNOC:3+{RECEIVER}+{SENDER}+261121:1200+1++++1'UNH+1+{ORDER}'BGM+220+P1+9'".encode()
    )
    assert f"UNH+2+{ORDER}'BGM+220+P2+9'".encode() in data
    assert data.endswith(b"UNZ+2+1'")
    (row,) = desk.outbox
    assert (row.type, row.control, row.group_control, row.name) == ("ORDERS", "1", None, "ORDERS_1.edi")


@pytest.mark.parametrize(
    ("kind", "type", "said", "lines"),
    [
        (
            "ShipNotice",
            "DESADV",
            {"shipped_at": "2026-11-20"},
            b"BGM+351+N1'DTM+11:20261120:102'NAD+SU+S-77::92'",
        ),
        (
            "ReceivingAdvice",
            "RECADV",
            {"received_at": "2026-11-20"},
            b"BGM+632+N1'DTM+50:20261120:102'NAD+SU+S-77::92'",
        ),
        (
            "InventoryReport",
            "INVRPT",
            {"reported_at": "2026-11-20"},
            b"BGM+35+N1'DTM+366:20261120:102'NAD+SU+S-77::92'",
        ),
    ],
)
async def test_so_do_notices_of_goods(desk: Desk, kind: str, type: str, said: dict[str, Any], lines: bytes):
    supplier = {"supplier": {"id": {"kind": "buyer", "value": "S-77"}}}
    goods = {"number": "N1", **supplier, **said, "lines": [{"number": "1", "ids": {"ean": "4012345000016"}}]}
    await desk.hand_over(file(goods), name=f"{kind}-1.json")
    (row,) = desk.documents
    assert (row.type, row.state, row.kind, row.number) == (type, "sent", kind, "N1")
    ((_, data),) = desk.sent
    assert lines in data


async def test_each_travels_alone_where_that_is_agreed(open_desk: Open):
    desk = open_desk(selling(batch="each"))
    await desk.hand_over(file(po("P1"), po("P2")))
    assert [row.control for row in desk.outbox] == ["1", "2"]


async def test_a_release_character_lets_data_hold_a_sign(desk: Desk):
    await desk.hand_over(file(po("P'1+2:3?")))
    assert b"BGM+220+P?'1?+2?:3??+9'" in desk.sent[0][1]


async def test_without_one_it_cannot(open_desk: Open):
    desk = open_desk(selling("""una: ":+.  '\""""))
    await desk.hand_over(file(po("P1+2")))
    assert ours(desk) == ["quarantined"]
    assert "not-writable" in desk.faults(desk.documents[0])


async def test_what_the_level_does_not_have_is_told(open_desk: Open):
    desk = open_desk(selling(envelope="syntax: UNOA:1"))
    await desk.hand_over(file(po("p1")))
    assert ours(desk) == ["quarantined"]
    assert desk.faults(desk.documents[0]) == {"character"}


async def test_it_is_sent_again_byte_for_byte(desk: Desk):
    desk.acme.failures = [TransportError("down")]
    await desk.hand_over(file(po("P1")))
    desk.later(minutes=5)
    await desk.work()
    assert desk.acme.tries == 2
    assert [data for _, data in desk.acme.taken] == [desk.sent[0][1]]


SAID: list[tuple[str, list[str], list[str], list[str]]] = [
    ("all of it", [f"{UCI}+7"], ["acknowledged", "acknowledged"], ["delivered"]),
    ("it is there", [f"{UCI}+8"], ["sent", "sent"], ["delivered"]),
    ("it is there, and one of it is good", [f"{UCI}+8", f"UCM+2+{ORDER}+7"], ["sent", "acknowledged"], ["delivered"]),
    ("it is there, and one of it is bad", [f"{UCI}+8", f"UCM+1+{ORDER}+4+18"], ["refused", "sent"], ["delivered"]),
    (
        "each by its name",
        [f"{UCI}+7", f"UCM+1+{ORDER}+7", f"UCM+2+{ORDER}+7"],
        ["acknowledged", "acknowledged"],
        ["delivered"],
    ),
    (
        "one is refused, the others are not named",
        [f"{UCI}+7", f"UCM+2+{ORDER}+4", "UCS+3+15", "UCS+4", "UCD+12+2:2"],
        ["acknowledged", "refused"],
        ["delivered"],
    ),
    ("all is refused", [f"{UCI}+4+29+UNZ+1"], ["refused", "refused"], ["delivered"]),
    (
        "all is refused, whatever is said of one",
        [f"{UCI}+4+29+UNZ+1", f"UCM+1+{ORDER}+7"],
        ["refused", "refused"],
        ["delivered"],
    ),
    ("with zeros", [f"{UCI.replace('+1+', '+00001+')}+7"], ["acknowledged", "acknowledged"], ["delivered"]),
    ("of another interchange", [f"{UCI.replace('+1+', '+7+')}+7"], ["sent", "sent"], ["held"]),
    ("of a message that is none of ours", [f"{UCI}+7", f"UCM+9+{ORDER}+4"], ["sent", "sent"], ["held"]),
    (
        "of a message of another type",
        [f"{UCI}+7", "UCM+2+INVOIC:D:96A:UN+7"],
        ["sent", "sent"],
        ["held"],
    ),
    (
        "of one in another directory",
        [f"{UCI}+7", "UCM+2+ORDERS:D:01B:UN+4"],
        ["acknowledged", "refused"],
        ["delivered"],
    ),
    ("of another's interchange", [f"UCI+1+4000000000001:14+{SENDER}+7"], ["sent", "sent"], ["held"]),
    ("of one to another", [f"UCI+1+{RECEIVER}+4000000000001:14+4"], ["sent", "sent"], ["held"]),
    ("of one that went the other way", [f"UCI+1+{SENDER}+{RECEIVER}+7"], ["sent", "sent"], ["held"]),
    (
        "without qualifiers",
        [f"{UCI.replace(':14', '')}+7"],
        ["acknowledged", "acknowledged"],
        ["delivered"],
    ),
    ("of a group that is none of ours", [f"{UCI}+7", "UCF+3+A+B+4"], ["sent", "sent"], ["held"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "states", "said_so"), [case[1:] for case in SAID], ids=[case[0] for case in SAID]
)
@pytest.mark.parametrize("version", ["D:3", "4:1"])
async def test_what_their_contrl_closes(desk: Desk, body, states, said_so, version):
    await desk.hand_over(file(po("P1"), po("P2")))
    await desk.receive(contrl(*body, version=version))
    assert (ours(desk), theirs(desk)) == (states, said_so)
    assert len(desk.outbox) == 1  # a CONTRL is not answered


async def test_their_reasons_are_told(desk: Desk):
    await desk.hand_over(file(po("P1"), po("P2")))
    await desk.receive(contrl(f"{UCI}+7", f"UCM+2+{ORDER}+4+29+UNT+2", "UCS+3+15", "UCS+4", "UCD+12+2:2"))
    (why,) = [why for _, _, why in desk.ask(lambda tx: waiting_with_reason(tx, "acme"))]
    assert why == "P2: code 29 at UNT01; segment 3 code 15; segment 4; element 01-02 code 12"


@pytest.mark.parametrize(
    ("body", "place", "came", "expected"),
    [
        (
            (f"UCI+1+{SENDER}+{SENDER}+7",),
            "UCI02",
            "14/4012345000009",
            "14/4099999000008, as our interchange 1 has",
        ),
        ((f"UCI+1+{RECEIVER}+X:ZZ+7",), "UCI03", "ZZ/X", "14/4012345000009, as our interchange 1 has"),
        ((f"{UCI}+7", "UCM+2+INVOIC:D:96A:UN+7"), "UCM02-01", "INVOIC", "ORDERS, as our 2 is"),
    ],
)
async def test_what_is_called_otherwise_than_ours_is_told(desk: Desk, body, place, came, expected):
    await desk.hand_over(file(po("P1"), po("P2")))
    await desk.receive(contrl(*body))
    (fault,) = desk.documents[-1].faults
    assert fault["code"] == "unmatched-acknowledgment"
    assert (fault["place"], fault["came"], fault["expected"]) == (place, came, expected)


async def test_the_group_of_ours_is_meant(open_desk: Open):
    desk = open_desk(selling(envelope="grouped: true"))
    await desk.hand_over(file(po("P1"), po("P2")))
    assert b"'UNG+ORDERS+4099999000008+4012345000009+261121:1200+1+UN+D:96A'UNH+1" in desk.sent[0][1]
    await desk.receive(contrl(f"{UCI}+7", "UCF+1+4099999000008+4012345000009+7", f"UCM+2+{ORDER}+4+18"))
    assert ours(desk) == ["acknowledged", "refused"]


async def test_a_refused_group_refuses_all_in_it(open_desk: Open):
    desk = open_desk(selling(envelope="grouped: true"))
    await desk.hand_over(file(po("P1"), po("P2")))
    await desk.receive(contrl(f"{UCI}+7", "UCF+1+4099999000008+4012345000009+4+29+UNE+1"))
    assert ours(desk) == ["refused", "refused"]


async def test_one_that_contradicts_is_held(desk: Desk):
    await desk.hand_over(file(po("P1")))
    await desk.receive(contrl(f"{UCI}+7"), contrl(f"{UCI}+4+18", control="91"))
    assert (ours(desk), theirs(desk)) == (["acknowledged"], ["delivered", "held"])
    fault = desk.documents[-1].faults[0]
    assert (fault["code"], fault["place"], fault["came"]) == (
        "contradicting-acknowledgment",
        "UCI04",
        "rejected",
    )


async def test_a_test_closes_no_production(desk: Desk):
    """Their interchange says that it is a test, and is held as such."""
    await desk.hand_over(file(po("P1")))
    await desk.receive(contrl(f"{UCI}+7", test=True))
    assert ours(desk) == ["sent"]


async def test_one_that_is_awaited_and_does_not_come_is_told(desk: Desk):
    await desk.hand_over(file(po("P1")))
    (row,) = desk.outbox
    assert desk.ask(lambda tx: _awaited(tx)) == [("CONTRL", row.id)]
    await desk.receive(contrl(f"{UCI}+7"))
    assert desk.ask(lambda tx: _awaited(tx)) == []


def _awaited(tx: Any) -> list[tuple[str, str]]:
    from sqlalchemy import select

    from gateway.ledger.tables import deadline

    return [(row.awaited, row.after) for row in tx.execute(select(deadline))]


async def test_an_answer_is_in_the_standard_of_its_order(open_desk: Open):
    """A partner of both standards: what came as ORDERS is answered by ORDRSP, what came as 850 by an 855."""
    both = SELLING.replace("{edifact: 14/4012345000009}", "{edifact: 14/4012345000009, x12: ZZ/ACME}")
    both = both.replace("  ORDRSP:", "  855: x12/004010/855\n  ORDRSP:").replace("run", "each")
    desk = open_desk(files(both))
    await desk.receive(interchange(order("4500017")))
    answer = {"number": "A1", "order": {"number": "4500017"}, "acknowledged_on": "2026-11-21",
              "verdict": "accepted", "purpose": "original", "lines": []}  # fmt: skip
    await desk.hand_over(file(answer), name="OrderAcknowledgment-1.json")
    assert [row.type for row in desk.documents if row.direction == "out"] == ["ORDRSP"]


async def test_what_comes_in_by_its_association(open_desk: Open):
    """Of two entries of one type the one whose association fits holds; another directory's is the nearest."""
    profile = PROFILE.replace(
        "ORDERS: acme/ORDERS",
        "ORDERS: {map: acme/ORDERS, when: {version: D96A, association: 'EAN*'}}\n"
        "  ORDERS/D96A: {map: edifact/D96A/ORDERS}\n"
        "  ORDERS/D01B: {map: edifact/D01B/ORDERS}",
    )
    desk = open_desk(files(profile))
    for number, identifier in enumerate(
        ("D:96A:UN:EAN008", "D:96A:UN", "D:01B:UN", "D:00A:UN", "D:93A:UN"), 1
    ):
        data = interchange(order(str(number)).replace("D:96A:UN:EAN008", identifier), control=str(number))
        await desk.receive(data)
    assert [row.map for row in desk.documents] == [
        "acme/ORDERS", "edifact/D96A/ORDERS", "edifact/D01B/ORDERS", "edifact/D01B/ORDERS", "edifact/D96A/ORDERS",
    ]  # fmt: skip
    assert set(desk.states) == {"delivered"}


async def test_a_type_that_is_not_agreed_is_held_with_the_line_to_add(desk: Desk):
    await desk.receive(interchange(message("ORDRSP:D:96A:UN", "1", ["BGM+231+1+4", "DTM+137:20260301:102"])))
    (row,) = desk.documents
    (fault,) = [one for one in row.faults if one["code"] == "no-agreement"]
    assert fault["hint"] == "add to profiles/acme.yaml: receive: {ORDRSP: edifact/D96A/ORDRSP}"
