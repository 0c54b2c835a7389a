"""Faults of a group to the lines of its 997 and 999, and faults of an interchange to its TA1."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway import maps
from gateway.faults import Code, Fault, Place
from gateway.formats import x12
from gateway.guides.load import load as load_guide
from gateway.pipeline.translation import acknowledge, render
from gateway.pipeline.translation.acknowledge import GroupVerdict, SetVerdict
from gateway.pipeline.translation.translate import Translation, translate

from ..documents import bad_order, group, interchange, order, transaction_set

NOW = datetime(2026, 11, 21, 12, 30, 45, tzinfo=UTC)
HEADER = next(one for one in x12.read(interchange(group(order()))) if isinstance(one, x12.Group))
ORDERS = load_guide("x12/004010/850")
NOTICES = load_guide("x12/004010/856")


def fault(
    code: Code,
    segment: str = "",
    number: int | None = None,
    element: int | None = None,
    came: str | None = None,
    **more: int,
) -> Fault:
    return Fault(code, Place(segment=segment or None, segment_number=number, element=element, **more), came)


def lines(verdict: GroupVerdict, name: str = "x12/004010/997") -> list[str]:
    """The acknowledgment as it is rendered, without ST and SE."""
    chosen = maps.load(name)
    said = acknowledge.functional(verdict, versions=acknowledge.carries_versions(chosen.guide))
    (written,) = render.sets(x12.Envelope("ZZ/US", "ZZ/THEM"), chosen, [said])
    return written.decode().rstrip("~").split("~")[1:-1]


def verdict(*faults: Fault, control: str = "0001") -> SetVerdict:
    return SetVerdict("850", control, None, faults, ORDERS if faults else None)


GOOD = ["AK2*850*0001", "AK5*A"]

SETS = [
    # the faults of one set -> its lines between AK1 and AK9
    ([], GOOD),
    ([fault(Code.MISSING_SE)], ["AK2*850*0001", "AK5*R*2"]),
    ([fault(Code.SE_CONTROL)], ["AK2*850*0001", "AK5*R*3"]),
    ([fault(Code.SE_COUNT)], ["AK2*850*0001", "AK5*R*4"]),
    ([fault(Code.SE_CONTROL), fault(Code.SE_COUNT)], ["AK2*850*0001", "AK5*R*3*4"]),
    ([fault(Code.NO_AGREEMENT)], ["AK2*850*0001", "AK5*R*1"]),
    ([fault(Code.SEGMENT_MISSING, "BEG", 2)], ["AK2*850*0001", "AK3*BEG*2**3", "AK5*R*5"]),
    ([fault(Code.SEGMENT_UNKNOWN, "ZRB", 4)], ["AK2*850*0001", "AK3*ZRB*4**1", "AK5*R*5"]),
    (
        [fault(Code.DATE, "BEG", 2, 5, "20261399")],
        ["AK2*850*0001", "AK3*BEG*2**8", "AK4*5*373*8*20261399", "AK5*R*5"],
    ),
    (  # two elements of one segment stand under one AK3
        [fault(Code.TOO_LONG, "BEG", 2, 3, "X" * 30), fault(Code.ELEMENT_MISSING, "BEG", 2, 5)],
        ["AK2*850*0001", "AK3*BEG*2**8", f"AK4*3*324*5*{'X' * 30}", "AK4*5*373*1", "AK5*R*5"],
    ),
    (  # in document order, whatever the order of finding
        [fault(Code.DATE, "DTM", 9, 2, "x"), fault(Code.SEGMENT_NOT_IN_SET, "NTE", 3)],
        ["AK2*850*0001", "AK3*NTE*3**6", "AK3*DTM*9**8", "AK4*2*373*8*x", "AK5*R*5"],
    ),
    (  # a segment of two segment errors is told twice, its elements under the 8
        [fault(Code.SEGMENT_OUT_OF_PLACE, "CUR", 5), fault(Code.TOO_SHORT, "CUR", 5, 2, "U")],
        ["AK2*850*0001", "AK3*CUR*5**7", "AK3*CUR*5**8", "AK4*2*100*4*U", "AK5*R*5"],
    ),
    (  # what could break the acknowledgment is not copied into it
        [fault(Code.CHARACTER, "BEG", 2, 3, "a*b~c\x01é")],
        ["AK2*850*0001", "AK3*BEG*2**8", "AK4*3*324*6*abc", "AK5*R*5"],
    ),
    (  # a component in error: 997 release 4010 says which
        [fault(Code.TOO_LONG, "SLN", 7, 5, "EACH", component=1)],
        ["AK2*850*0001", "AK3*SLN*7**8", "AK4*5>1*355*5*EACH", "AK5*R*5"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("faults", "expected"), SETS)
def test_the_lines_of_one_set(faults: list[Fault], expected: list[str]):
    found = lines(GroupVerdict(HEADER, [verdict(*faults)], stated=1))
    assert found[0] == "AK1*PO*7"
    assert found[1:-1] == expected


def test_no_more_codes_than_there_is_room_for():
    many = [
        Code.MISSING_SE,
        Code.SE_CONTROL,
        Code.SE_COUNT,
        Code.NO_AGREEMENT,
        Code.ST_ELEMENT,
        Code.DUPLICATE_SET,
    ]
    found = lines(GroupVerdict(HEADER, [verdict(*map(fault, many))], stated=1))
    assert found[2] == "AK5*R*2*3*4*1*7"


BAD = verdict(fault(Code.SE_COUNT), control="0002")


def test_a_level_that_hangs_nowhere_is_an_invalid_value_of_its_parents_number():
    unknown = fault(Code.PARENT_UNKNOWN, "HL", 9, 2, "7")
    said = SetVerdict("856", "0001", None, (unknown,), NOTICES)
    group = GroupVerdict(HEADER, (said,))
    assert lines(group)[2:4] == ["AK3*HL*9**8", "AK4*2*734*7*7"]


GROUPS = [
    # sets, faults of the group, what GE stated -> AK9
    ([verdict()], [], 1, "AK9*A*1*1*1"),
    ([verdict(), BAD], [], 2, "AK9*P*2*2*1"),
    ([BAD], [], 1, "AK9*R*1*1*0"),
    ([verdict(), verdict(control="0002")], [Code.GE_COUNT], 5, "AK9*R*5*2*0*5"),
    ([verdict()], [Code.GE_CONTROL], 1, "AK9*R*1*1*0*4"),
    ([verdict()], [Code.MISSING_GE], None, "AK9*R*1*1*0*3"),
    ([verdict()], [Code.GE_COUNT, Code.GE_CONTROL], 2, "AK9*R*2*1*0*5*4"),
    ([verdict()], [Code.UNKNOWN_VERSION], 1, "AK9*A*1*1*1"),  # a note never rejects
]


@pytest.mark.parametrize(("sets", "faults", "stated", "expected"), GROUPS)
def test_the_group_s_verdict(sets: list[SetVerdict], faults: list[Code], stated: int | None, expected: str):
    found = lines(GroupVerdict(HEADER, sets, tuple(map(fault, faults)), stated))
    assert found[-1] == expected


def test_a_group_rejected_for_its_trailer_rejects_its_sets():
    found = lines(GroupVerdict(HEADER, [verdict()], (fault(Code.GE_COUNT),), 3))
    assert found[1:3] == ["AK2*850*0001", "AK5*R"]


def test_a_999_says_the_same_with_its_own_segments_and_the_version():
    header = next(
        one
        for one in x12.read(interchange(group(order(), version="005010"), version="00501"))
        if isinstance(one, x12.Group)
    )
    bad = verdict(fault(Code.DATE, "BEG", 2, 5, "2026"), control="0002")
    found = lines(GroupVerdict(header, [verdict(), bad], stated=2), "x12/005010/999")
    assert found == [
        "AK1*PO*7*005010",
        "AK2*850*0001",
        "IK5*A",
        "AK2*850*0002",
        "IK3*BEG*2**8",
        "IK4*5*373*8*2026",
        "IK5*R*5",
        "AK9*P*2*2*1",
    ]


@pytest.mark.parametrize(
    ("data", "answered"),
    [
        (group(order()), True),
        (group(transaction_set("997", "0001", ["AK1*PO*1", "AK9*A*1*1*1"]), code="FA"), False),
        (group(transaction_set("999", "0001", ["AK1*PO*1", "AK9*A*1*1*1"]), code="XX"), False),
        (group(transaction_set("CONTRL", "0001", ["UCI*1"]), code="XX"), False),
        (group(code="FA"), False),
    ],
)
def test_an_acknowledgment_is_never_acknowledged(data: str, answered: bool):
    made: GroupVerdict | None = None
    for event in translate(interchange(data)):
        if isinstance(event, x12.Group):
            made = GroupVerdict(event)
        elif isinstance(event, Translation) and made:
            made.sets.append(acknowledge.set_verdict(event))
    assert made is not None
    assert made.acknowledgeable is answered


def test_faults_of_our_own_map_are_never_mentioned():
    (read,) = [one for one in translate(interchange(group(bad_order()))) if isinstance(one, Translation)]
    read.meaning = [fault(Code.FIELD_MISSING)]
    told = acknowledge.set_verdict(read)
    assert {one.code for one in told.faults} == {Code.DATE, Code.CONDITION}


def header(day: str = "260301", clock: str = "1530") -> x12.Interchange:
    data = interchange(group(order())).replace(b"*260301*1530*U", f"*{day}*{clock}*U".encode())
    return next(one for one in x12.read(data) if isinstance(one, x12.Interchange))


TA1 = [
    # faults of the interchange -> TA104 and TA105
    ([], ["A", "000"]),
    ([Code.ISA_NOT_FIXED_WIDTH], ["A", "000"]),
    ([Code.IEA_COUNT], ["R", "021"]),
    ([Code.IEA_CONTROL], ["R", "001"]),
    ([Code.MISSING_IEA], ["R", "023"]),
    ([Code.DUPLICATE_INTERCHANGE], ["R", "025"]),
    ([Code.WRONG_USAGE], ["R", "020"]),
    ([Code.NOT_FOR_US], ["R", "008"]),
    ([Code.UNKNOWN_SENDER], ["R", "006"]),
    ([Code.ISA_ELEMENT, Code.IEA_COUNT], ["R", "024"]),  # room for one: the first
]


@pytest.mark.parametrize(("faults", "expected"), TA1)
def test_ta1(faults: list[Code], expected: list[str]):
    said = acknowledge.interchange(header(), map(fault, faults), NOW)
    assert acknowledge.ta1(said) == ["000000007", "260301", "1530", *expected]


@pytest.mark.parametrize(
    "moment", [("269999", "1530"), ("      ", "1530"), ("260301", "9999"), ("260301", "")]
)
def test_a_ta1_of_an_interchange_without_a_moment_has_ours(moment: tuple[str, str]):
    said = acknowledge.interchange(header(*moment), [], NOW)
    assert acknowledge.ta1(said)[1:3] == ["261121", "1230"]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("name", ["x12/004010/997", "x12/005010/999"])
def test_a_large_group_s_acknowledgment_is_written_in_parts(name: str, count: int):
    """The bytes are the same, and never do all of its sets stand as objects in memory."""
    sets = [verdict(*[fault(Code.MISSING_SE)] * (n % 3 == 2), control=f"{n:04d}") for n in range(count)]
    found, chosen = GroupVerdict(HEADER, sets), maps.load(name)
    writer = x12.Envelope("ZZ/US", "ZZ/THEM").writer
    parts = list(acknowledge.in_parts(found, versions=False, most=2))
    assert [len(part.sets) for part in parts] == ([2] * (count // 2) + [1] * (count % 2) or [0])
    whole = acknowledge.functional(found, versions=False)
    written = render.in_parts(writer, chosen, 1, parts)
    assert written == render.transaction_set(writer, chosen, 1, whole)
    assert written.count(b"AK2*") == count
