"""What an EDIFACT partner is told of what it sent, family of faults by family, and what becomes of its messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydifact.segmentcollection import Interchange

from gateway.cli.asking import replayed

from .. import documents
from ..desk import Desk
from ..edifact import OURS, PROFILE, bad_order, contrl, files, group, interchange, message, one, order, said
from .test_reception import BREAKS, read_until

Open = Callable[..., Desk]

UCI = "UCI+7+4012345000009:14+4099999000008:14"
ORDER = "UCM+1+ORDERS:D:96A:UN:EAN008"

pytestmark = pytest.mark.filterwarnings("ignore:segments.xml not found")
"""pydifact knows no directory of segments."""


@pytest.fixture
def desk(open_desk: Open) -> Desk:
    return open_desk(files())


def answers(desk: Desk) -> list[list[str]]:
    return [said(data) for data in desk.sent_as("CONTRL")]


CASES = [
    ("all is well", interchange(order()), [f"{UCI}+7", f"{ORDER}+7"], ["delivered"]),
    (
        "one bad message goes alone",
        interchange(order(), bad_order(), order("3", "3")),
        [
            f"{UCI}+7",
            f"{ORDER}+7",
            "UCM+2+ORDERS:D:96A:UN:EAN008+4",
            "UCS+3",
            "UCD+12+2:2",
            "UCS+6",
            "UCD+37+2:2",
            "UCM+3+ORDERS:D:96A:UN:EAN008+7",
        ],
        ["delivered", "quarantined", "delivered"],
    ),
    (
        "UNT counts wrong",
        interchange(order(trailer="UNT+3+1")),
        [f"{UCI}+7", f"{ORDER}+4+29+UNT+2"],
        ["quarantined"],
    ),
    (
        "UNT names another reference",
        interchange(order(trailer="UNT+9+8")),
        [f"{UCI}+7", f"{ORDER}+4+28+UNT+3"],
        ["quarantined"],
    ),
    (
        "UNT is missing",
        interchange(order(trailer="-"), order("3", "3")),
        [f"{UCI}+7", f"{ORDER}+4+13+UNT", "UCM+3+ORDERS:D:96A:UN:EAN008+7"],
        ["quarantined", "delivered"],
    ),
    (
        "a reference is used twice",
        interchange(order(), order("3", "1")),
        [f"{UCI}+7", f"{ORDER}+7", f"{ORDER}+4+26+UNH+2"],
        ["delivered", "quarantined"],
    ),
    (
        "UNZ is missing",
        interchange(order(), trailer=""),
        [f"{UCI}+4+13+UNZ", f"{ORDER}+4"],
        ["held"],
    ),
    (
        "UNZ counts wrong",
        interchange(order(), count=2),
        [f"{UCI}+4+29+UNZ+2", f"{ORDER}+4"],
        ["held"],
    ),
    (
        "UNZ names another reference",
        interchange(order(), trailer="UNZ+1+8'"),
        [f"{UCI}+4+28+UNZ+3", f"{ORDER}+4"],
        ["held"],
    ),
    (
        "a type that is not agreed",
        interchange(order(), message("INVRPT:D:96A:UN", "2", ["BGM+35+1+9", "DTM+137:20260301:102"])),
        [f"{UCI}+7", f"{ORDER}+7", "UCM+2+INVRPT:D:96A:UN+4+17+UNH+3"],
        ["delivered", "held"],
    ),
    (
        "another directory is read with the nearest",
        interchange(order().replace("D:96A:UN:EAN008", "D:97A:UN")),
        [f"{UCI}+7", "UCM+1+ORDERS:D:97A:UN+7"],
        ["delivered"],
    ),
    (
        "a mandatory segment is missing",
        interchange(order().replace("BGM+220+4500017+9'", "").replace("UNT+9", "UNT+8")),
        [f"{UCI}+7", f"{ORDER}+4", "UCS+1+13"],
        ["quarantined"],
    ),
    (
        "a segment that no guide knows",
        interchange(order().replace("UNS+S'", "ZZZ+1'UNS+S'").replace("UNT+9", "UNT+10")),
        [f"{UCI}+7", f"{ORDER}+4", "UCS+7+15"],
        ["quarantined"],
    ),
    (
        "a character the level does not have",
        interchange(order("abc"), syntax="UNOA:1"),
        [f"{UCI}+7", f"{ORDER}+4", "UCS+2", "UCD+21+3"],
        ["quarantined"],
    ),
    (
        "several characters of one element are one error",
        interchange(order("a\x85b"), syntax="UNOA:1"),
        [f"{UCI}+7", f"{ORDER}+4", "UCS+2", "UCD+21+3"],
        ["quarantined"],
    ),
    (
        "a UNA that lies",
        interchange(order(), una="UNA:+.? ~"),
        [f"{UCI}+4+22+UNB", f"{ORDER}+4"],
        ["held"],
    ),
    (
        "a release character is the last",
        interchange(order())[:-1] + b"?",
        [f"{UCI}+4+22+UNZ+3", f"{ORDER}+4"],
        ["held"],
    ),
    (
        "cut off in a message",
        interchange(order())[:120],
        [f"{UCI}+4+13+UNZ", f"{ORDER}+4+13+UNT"],
        ["quarantined"],
    ),
    (
        "a mandatory group is missing",
        interchange(message("INVOIC:D:96A:UN", "1", ["BGM+380+1+9", "DTM+137:20260301:102", "UNS+S"])),
        [f"{UCI}+7", "UCM+1+INVOIC:D:96A:UN+4+17+UNH+3", "UCS+4+13"],
        ["held"],
    ),
    (
        "no guide knows the message",
        interchange(message("QALITY:D:96A:UN", "1", ["BGM+1+1+9"])),
        [f"{UCI}+7", "UCM+1+QALITY:D:96A:UN+4+17+UNH+3"],
        ["held"],
    ),
    (
        "a message without a reference",
        interchange(order(reference=""), order("3", "3")),
        [f"{UCI}+7", "UCM+0+ORDERS:D:96A:UN:EAN008+4+13+UNH+2", "UCM+3+ORDERS:D:96A:UN:EAN008+7"],
        ["quarantined", "delivered"],
    ),
    (
        "a header without type and version",
        interchange(message("", "1", ["BGM+220+1+9"])),
        [f"{UCI}+7", "UCM+1+0+4+13+UNH+3"],
        ["held"],
    ),
    ("nothing is in it", interchange(), [f"{UCI}+7"], []),
    (
        "groups are told each",
        interchange(group(order(), bad_order("2", "2")), group(order("3", "3"), control="8")),
        [
            f"{UCI}+7",
            "UCF+7+ACME+NORTHWIND+7",
            f"{ORDER}+7",
            "UCM+2+ORDERS:D:96A:UN:EAN008+4",
            "UCS+3",
            "UCD+12+2:2",
            "UCS+6",
            "UCD+37+2:2",
            "UCF+8+ACME+NORTHWIND+7",
            "UCM+3+ORDERS:D:96A:UN:EAN008+7",
        ],
        ["delivered", "quarantined", "delivered"],
    ),
    (
        "a group whose trailer counts wrong is held alone",
        interchange(group(order(), trailer="UNE+4+7'"), group(order("3", "3"), control="8")),
        [
            f"{UCI}+7",
            "UCF+7+ACME+NORTHWIND+4+29+UNE+2",
            f"{ORDER}+4",
            "UCF+8+ACME+NORTHWIND+7",
            "UCM+3+ORDERS:D:96A:UN:EAN008+7",
        ],
        ["held", "delivered"],
    ),
    (
        "it is not for us",
        interchange(order(), receiver="4000000000001:14"),
        ["UCI+7+4012345000009:14+4000000000001:14+4+7+UNB+4"],
        [],
    ),
    (
        "a test where production is agreed",
        interchange(order(), behind="++++++1"),
        [f"{UCI}+4+25+UNB+12"],
        [],
    ),
    (
        "UNB says more than it may",
        interchange(order(), behind="++ORDERS-OF-TODAY"),
        [f"{UCI}+4+39+UNB+8", f"{ORDER}+4"],
        ["held"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "told", "states"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
@pytest.mark.parametrize("version", ["3", "4"])
async def test_what_is_told(desk: Desk, data: bytes, told: list[str], states: list[str], version: str):
    if version == "4":
        data = (
            data.replace(b"UNOC:3", b"UNOC:4")
            .replace(b"UNOA:1", b"UNOA:4")
            .replace(b"+260301:1530+7", b"+20260301:1530+7", 1)
        )
    await desk.receive(data)
    assert desk.states == states
    (written,) = desk.sent_as("CONTRL")
    assert said(written) == told
    written.decode("iso8859-1").index("+CONTRL:D:3:UN'" if version == "3" else "+CONTRL:4:1:UN'")
    list(Interchange.from_str(written.decode("iso8859-1")).get_messages())  # pydifact reads it
    assert [row.state for row in desk.outbox] == ["sent"]


async def test_it_goes_back_as_it_came(desk: Desk):
    """Turned round, with the sender's syntax and signs, as urgent as it was."""
    data = interchange(order(), syntax="UNOA:2", behind="+++A", una="UNA:+.! '")
    await desk.receive(data)
    (written,) = desk.sent_as("CONTRL")
    assert written.startswith(
        b"UNA:+.! 'UNB+UNOA:2+4099999000008:14+4012345000009:14+261121:1200+1+++A'UNH+1+CONTRL:D:3:UN'UCI+7"
    )


@pytest.mark.parametrize(
    ("profile", "behind", "sent"),
    [
        (PROFILE, "", 1),
        (f"{PROFILE}acknowledge: none\n", "", 0),
        (f"{PROFILE}acknowledge: none\n", "++++1", 1),
        (f"{PROFILE}acknowledge: CONTRL\n", "", 1),
        (f"{PROFILE}acknowledge: [997, TA1]\n", "", 0),
        (f"{PROFILE}acknowledge: [standard, TA1]\n", "", 1),
        (PROFILE.replace("ORDERS: acme/ORDERS", "ORDERS: {map: acme/ORDERS, acknowledge: none}"), "", 0),
    ],
)
async def test_it_is_sent_where_it_is_agreed_or_asked_for(open_desk: Open, profile, behind, sent):
    desk = open_desk(files(profile))
    await desk.receive(interchange(order(), behind=behind))
    assert len(desk.sent_as("CONTRL")) == sent


async def test_an_acknowledgment_is_not_acknowledged(desk: Desk):
    await desk.receive(
        contrl(f"{UCI}+7"), interchange(message("CONTRL:D:3:UN", "1", ["UCI+x"]), behind="++++1")
    )
    assert desk.sent == []


async def test_each_interchange_of_a_file_is_answered_in_its_own_standard(open_desk: Open):
    both = PROFILE.replace("{edifact: 14/4012345000009}", "{edifact: 14/4012345000009, x12: ZZ/ACME}")
    desk = open_desk(files(both.replace("ORDERS:", "850: x12/004010/850\n  ORDERS:")))
    await desk.receive(interchange(order("1")) + documents.one("2") + interchange(order("3"), control="8"))
    assert desk.states == ["delivered"] * 3
    assert [type for type, _ in desk.sent] == ["CONTRL", "997", "CONTRL"]


async def test_beside_one_the_others_are(desk: Desk):
    await desk.receive(interchange(message("CONTRL:D:3:UN", "1", [f"{UCI}+7"]), order("1", "2")))
    assert answers(desk) == [[f"{UCI}+7", "UCM+2+ORDERS:D:96A:UN:EAN008+7"]]


async def test_one_that_cannot_be_addressed_is_told_of(open_desk: Open):
    """We have no identity there, and what stands in its place fits no envelope."""
    desk = open_desk(files(company=OURS.replace(", edifact: 14/4099999000008", "")))
    await desk.receive(interchange(order(), receiver=f"{'9' * 40}:14"))
    assert desk.sent == []
    assert [kind for kind, _ in desk.events("not-acknowledged")] == ["not-acknowledged"]


async def test_a_repeat_is_dropped_and_answered_again(desk: Desk):
    await desk.receive(one(), one())
    assert desk.states == ["delivered", "dropped"]
    assert len(desk.outbox) == 1
    assert len(desk.acme.taken) == 2
    assert desk.acme.taken[0] == desk.acme.taken[1]


async def test_a_repeat_with_another_content_is_held(desk: Desk):
    await desk.receive(one(), one("4500018"))
    assert desk.states == ["delivered", "held"]
    assert len(desk.outbox) == 1
    desk.ledger.commit_now(lambda tx: replayed(tx, desk.documents[1].id))
    await desk.work()
    assert desk.states == ["delivered", "delivered"]
    assert answers(desk)[1:] == [[f"{UCI}+7", f"{ORDER}+7"]]


async def test_a_repeat_that_is_accepted_is_answered(open_desk: Open):
    desk = open_desk(files(f"{PROFILE}duplicates: {{same: accept, changed: accept}}\n"))
    await desk.receive(one(), one("4500018"))
    assert desk.states == ["delivered", "delivered"]
    assert len(answers(desk)) == 2


async def test_a_repeat_that_is_rejected_is_told_so(open_desk: Open):
    desk = open_desk(files(f"{PROFILE}duplicates: {{same: reject, changed: reject}}\n"))
    await desk.receive(one(), one())
    assert desk.states == ["delivered", "rejected"]
    assert answers(desk)[1] == [f"{UCI}+4+26+UNB+6"]


async def test_tests_are_counted_apart(open_desk: Open):
    desk = open_desk(
        files(PROFILE.replace("live", "testing").replace("acme/ORDERS", "{map: acme/ORDERS, route: trial}"))
    )
    await desk.receive(interchange(order(), behind="++++++1"))
    (written,) = desk.sent_as("CONTRL")
    assert b"+261121:1200+1++++++1'" in written
    assert desk.outbox[0].name == "CONTRL_1T.edi"


async def test_what_was_held_for_its_trailer_is_told_anew_once_it_goes_on(desk: Desk):
    await desk.receive(interchange(order(), order("3", "3"), count=7))
    assert desk.states == ["held", "held"]
    for row in desk.documents:
        desk.ledger.commit_now(lambda tx, id=row.id: replayed(tx, id))
    await desk.work()
    assert desk.states == ["delivered", "delivered"]
    assert answers(desk)[1:] == [[f"{UCI}+7", f"{ORDER}+7", "UCM+3+ORDERS:D:96A:UN:EAN008+7"]]


async def test_one_that_is_mended_is_told_anew(desk: Desk):
    await desk.receive(interchange(order(), order("3", "3", quantity="12345678901234567")))
    assert desk.states == ["delivered", "quarantined"]
    wide = files() | {
        "maps/acme/ORDERS.yaml": files()["maps/acme/ORDERS.yaml"] + "guide: {QTY01-02: {max: 20}}\n"
    }
    wide["maps/acme/ORDERS.yaml"] = "map: acme/ORDERS\nextends: acme/PLAIN\nguide:\n  QTY01-02: {max: 20}\n"
    wide["maps/acme/PLAIN.yaml"] = files()["maps/acme/ORDERS.yaml"].replace("acme/ORDERS", "acme/PLAIN")
    desk.change(wide)
    desk.ledger.commit_now(lambda tx: replayed(tx, desk.documents[1].id))
    await desk.work()
    assert desk.states == ["delivered", "delivered"]
    first, second = answers(desk)
    assert first == [
        f"{UCI}+7", f"{ORDER}+7", "UCM+3+ORDERS:D:96A:UN:EAN008+4", "UCS+6", "UCD+39+2:2",
    ]  # fmt: skip
    assert second == [f"{UCI}+7", f"{ORDER}+7", "UCM+3+ORDERS:D:96A:UN:EAN008+7"]


async def test_each_message_goes_on_by_its_own_agreement(open_desk: Open):
    """Also where the last of the interchange has none: the repeated order is still a repeat."""
    profile = PROFILE.replace(
        "ORDERS: acme/ORDERS",
        "ORDERS: acme/ORDERS\n  ORDRSP: {map: edifact/D96A/ORDRSP, incomplete: process}",
    )
    desk = open_desk(files(profile))
    stray = message("INVRPT:D:96A:UN", "3", ["BGM+35+1+9", "DTM+137:20260301:102"])
    answer = message("ORDRSP:D:96A:UN", "2", ["BGM+231+R1+29", "DTM+137:20260301:102", "RFF+ON:1", "UNS+S"])
    await desk.receive(interchange(order(), stray), interchange(order(), answer, stray, control="8"))
    assert [(row.type, row.state) for row in desk.documents] == [
        ("ORDERS", "delivered"), ("INVRPT", "held"), ("ORDERS", "dropped"), ("ORDRSP", "held"), ("INVRPT", "held"),
    ]  # fmt: skip


@pytest.mark.parametrize(("incomplete", "state"), [("hold", "held"), ("process", "delivered")])
async def test_what_has_no_trailer_goes_on_where_that_is_agreed(open_desk: Open, incomplete, state):
    desk = open_desk(files(f"{PROFILE}incomplete: {incomplete}\n"))
    await desk.receive(interchange(order(), trailer=""))
    assert desk.states == [state]
    assert answers(desk) == [[f"{UCI}+4+13+UNZ", f"{ORDER}+4"]]


async def test_a_map_of_the_partner_s_own_writes_it(open_desk: Open):
    profile = f"{PROFILE}acknowledge: acme/CONTRL\n"
    own = "map: acme/CONTRL\nextends: edifact/D3/CONTRL_answer\n"
    desk = open_desk(files(profile) | {"maps/acme/CONTRL.yaml": own})
    await desk.receive(interchange(order()))
    assert [row.type for row in desk.outbox] == ["CONTRL"]
    assert answers(desk) == [[f"{UCI}+7", f"{ORDER}+7"]]


async def test_a_large_interchange_is_answered_once_with_all_its_messages(open_desk: Open):
    desk = open_desk(files(), batch=20)
    messages = [order(str(n), str(n)) if n % 7 else bad_order(str(n), str(n)) for n in range(1, 121)]
    await desk.receive(interchange(*messages))
    (told,) = answers(desk)
    named = [line.split("+") for line in told if line.startswith("UCM")]
    assert [one[1] for one in named] == [str(n) for n in range(1, 121)]
    assert [one[3] for one in named] == ["7" if n % 7 else "4" for n in range(1, 121)]
    assert desk.states == ["delivered" if n % 7 else "quarantined" for n in range(1, 121)]


SEVERAL = [
    interchange(*(order(str(n), str(n)) for n in range(1, 6))),
    interchange(
        group(order("1"), bad_order("2"), order("3", "3")), group(order("4"), order("5", "2"), control="8")
    ),
    interchange(*(order(str(n), str(n)) for n in range(1, 6)), trailer=""),
]


@pytest.mark.parametrize("data", SEVERAL, ids=["alone", "grouped", "unended"])
@pytest.mark.parametrize(("point", "visits"), BREAKS)
async def test_read_again_after_a_crash_writes_nothing_twice(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch, data: bytes, point: str, visits: int
):
    calm, desk = open_desk(files(), batch=2), open_desk(files(), batch=2)
    await calm.receive(data)
    await desk.take(data)
    await read_until(desk, monkeypatch, point, visits)
    await desk.work()
    assert desk.states == calm.states
    assert sorted(desk.erp.taken) == sorted(calm.erp.taken)
    assert desk.sent == calm.sent
    assert desk.size() == calm.size()


async def test_its_missing_trailer_holds_all_of_a_large_interchange(open_desk: Open):
    desk = open_desk(files(), batch=20)
    await desk.receive(interchange(*(order(str(n), str(n)) for n in range(1, 61)), trailer=""))
    assert set(desk.states) == {"held"}
    assert answers(desk)[0][0] == f"{UCI}+4+13+UNZ"


async def test_an_object_in_a_package_stays_in_the_file(desk: Desk):
    package = "UNO+1+1:ABC+1+5'hello" + "UNP+5+1'"
    await desk.receive(interchange(order(), package, syntax="UNOC:4"))
    assert desk.states == ["delivered"]
    (arrival,) = desk.arrivals
    assert [(fault["code"], fault["place"]) for fault in arrival.faults] == [("package", "UNO")]
