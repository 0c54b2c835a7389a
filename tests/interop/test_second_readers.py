"""What we write, read by two programs that share no code with ours: the same segments, and nothing against them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from maps.invoices import FULL, PLAIN, invoice
from second_readers import badx12_segments, pyx12_faults, pyx12_guides, pyx12_segments

from gateway import maps
from gateway.canonical import (
    AcknowledgedElement,
    AcknowledgedGroup,
    AcknowledgedSegment,
    AcknowledgedSet,
    FunctionalAcknowledgment,
    InterchangeAcknowledgment,
    OrderAcknowledgment,
    ShipNotice,
)
from gateway.formats import x12
from gateway.formats.enclosing import Numbers
from gateway.pipeline.translation import acknowledge, render

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "sample_documents"
NOT_FRESH = {
    "faults-that-are-tolerated": "read under a lenient agreement; the standard's guide lets nobody write it",
    "charges-before-sac": "notes of NTE, for which the 004010 it is written in has no place",
    "version-003040": "the same",
    "version-005010": "a region that came in N407 does not fit into N402, where it would be written",
}
FOUR = x12.Envelope("12/8475551234", "08/9254110060", group_receiver="HARBOR")
WITH_BARS = replace(FOUR, delimiters=x12.Delimiters("|", ">", None, "'"))
FIVE = replace(FOUR, version="00501", delimiters=x12.Delimiters("*", ">", "^", "~"))


def written(envelope: x12.Envelope, name: str, objects: Sequence[Any]) -> bytes:
    chosen = maps.load(name)
    sets = render.sets(envelope, chosen, objects)
    return render.interchange(envelope, Numbers(7, 8), AT, chosen, sets)


def segments(interchange: bytes) -> list[list[str]]:
    text = interchange.decode()
    return [one.strip().split(text[3]) for one in text.split(text[105]) if one.strip()]


def refused(code: str, **changes: Any) -> AcknowledgedSegment:
    return AcknowledgedSegment(**{"segment": "PO1", "number": 12, "loop": "PO1", "code": code} | changes)


ELEMENTS = [
    AcknowledgedElement(element=4, reference="212", code="6", value="9.2X"),
    AcknowledgedElement(element=8, component=2, reference="234", code="5", value="TOO LONG A VALUE"),
    AcknowledgedElement(element=1, code="1"),
]
BAD = AcknowledgedSet(
    code="850",
    control="0002",
    verdict="rejected",
    codes=["5"],
    segments=[refused("8", elements=ELEMENTS), refused("2"), refused("3", loop=None)],
)
GOOD = AcknowledgedSet(code="850", control="0001", verdict="accepted")
NOTED = AcknowledgedSet(code="855", control="000000003", verdict="accepted with errors", codes=["5", "4"])
GROUP = AcknowledgedGroup(code="PO", control="124")


def said(verdict: str, *sets: AcknowledgedSet, **changes: Any) -> FunctionalAcknowledgment:
    accepted = sum(one.verdict != "rejected" for one in sets)
    counts = {"stated": len(sets), "received": len(sets), "accepted": accepted}
    return FunctionalAcknowledgment(group=GROUP, verdict=verdict, sets=list(sets), **counts | changes)


def as_999(one: FunctionalAcknowledgment) -> FunctionalAcknowledgment:
    """AK103 says the group's version, from 005010 on."""
    return one.model_copy(update={"group": GROUP.model_copy(update={"version": "005010"})})


ACKNOWLEDGMENTS = {
    "all accepted": said("accepted", GOOD),
    "with errors": said("accepted with errors", GOOD, NOTED),
    "some": said("partially accepted", GOOD, BAD, NOTED),
    "none": said("rejected", BAD, codes=["5"]),
    "a group that is broken": said("rejected", stated=9, accepted=0, codes=["3", "4", "5"]),
}
INTERCHANGES = [
    InterchangeAcknowledgment(
        control="000000124", date=date(2026, 3, 1), time=time(9, 30), verdict=verdict, code=code
    )
    for verdict, code in (("accepted", "000"), ("rejected", "025"))
]


ANSWERS = {
    "taken as it is": {"verdict": "no detail or change"},
    "line by line": {
        "verdict": "detail and change",
        "number": "SO-9001",
        "acknowledged_on": "2026-03-02",
        "ships_at": "2026-03-15",
        "supplier": {"name": "NORTHWIND", "id": {"kind": "buyer", "value": "V100"}},
        "notes": [{"kind": "letters or notes", "number": "1", "lines": ["CALL BEFORE DELIVERY"]}],
        "lines": [
            {
                "number": "1",
                "quantity": 120,
                "unit": "each",
                "price": {"amount": "9.25", "basis": "each"},
                "ids": {"upc": "012345678905", "vendor item": "AB3542"},
                "responses": [
                    {
                        "action": "accepted",
                        "quantity": 60,
                        "unit": "each",
                        "kind": "shipment scheduled",
                        "at": "2026-03-15",
                    },
                    {
                        "action": "item substituted",
                        "quantity": 36,
                        "unit": "each",
                        "ids": {"vendor item": "AB3543"},
                    },
                    {
                        "action": "backordered",
                        "quantity": 24,
                        "unit": "each",
                        "dates": {"delivery scheduled": "2026-04-01T08:00"},
                    },
                ],
            },
            {
                "number": "2",
                "responses": [
                    {"action": "rejected", "agency": "mutually defined", "reason_list": "NW", "reason": "07"}
                ],
            },
        ],
        "total": "1110.00",
    },
}


PENS = {"ids": {"upc": "012345678905"}, "quantity": 12, "unit": "each", "lot": "L-9"}
INKS = {
    "number": "2",
    "ids": {"vendor": "INK-7"},
    "quantity": "2.5",
    "unit": "case",
    "expires_at": "2027-01-01",
}
CARTON = {"kind": "pack", "ssccs": ["106141412345678908"], "lines": [PENS, INKS]}
NOTICES = {
    "by order": {
        "orders": [{"number": "4500017", "packs": [CARTON]}, {"number": "4500018", "lines": [PENS]}]
    },
    "on pallets": {
        "ship_to": {"name": "RETAIL DC", "id": {"kind": "gln", "value": "0012345000058"}},
        "loads": [
            {"kind": "carton", "count": 2, "weight_kind": "gross", "weight": {"value": 24, "unit": "pound"}}
        ],
        "orders": [
            {
                "number": "4500017",
                "packs": [
                    {"kind": "tare", "ssccs": ["006141411234567890"], "packs": [CARTON, {"kind": "pack"}]}
                ],
            }
        ],
    },
    "nothing but when": {"shipped_at": "2026-03-12"},
}


def notice(facts: dict[str, Any]) -> ShipNotice:
    said = {"number": "SH-1001", "purpose": "original", "created_at": "2026-03-12T08:15"}
    return ShipNotice.model_validate(said | facts)


def answer(facts: dict[str, Any]) -> OrderAcknowledgment:
    order = {"number": "4500017", "ordered_on": "2026-03-01"}
    return OrderAcknowledgment.model_validate({"purpose": "original", "order": order} | facts)


@pytest.fixture(scope="session")
def guides(tmp_path_factory) -> Path:
    return pyx12_guides(tmp_path_factory.mktemp("pyx12") / "map")


READERS = {"pyx12": pyx12_segments, "badx12": badx12_segments}


def samples(document: str) -> list[Path]:
    """The samples' documents of X12 of that name, but for those that nobody could write fresh."""
    found = sorted(SAMPLES.glob(f"*/*/{document}"))
    return [one for one in found if one.parent.name not in NOT_FRESH and b"ISA" in one.read_bytes()[:20]]


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("sample", samples("in.edi"), ids=lambda path: path.parent.name)
def test_what_came(sample, read):
    """Written by the base map; where a text holds our usual separator, with others."""
    text, document = sample.with_name("canonical.json").read_text(), sample.read_bytes()
    five = b"005010" in document
    envelope = FIVE if five else WITH_BARS if "*" in text else FOUR
    code = re.search(rb"\WST\W(\d{3})\W", document)
    assert code is not None
    name = f"x12/{'005010' if five else '004010'}/{code[1].decode()}"
    model = maps.load(name).document
    objects = [model.model_validate_json(json.dumps(one)) for one in json.loads(text) if one]
    interchange = written(envelope, name, objects)
    assert [one[0] for one in segments(interchange)].count("ST") == len(objects)
    assert read(interchange) == segments(interchange)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("sample", samples("out.edi"), ids=lambda path: path.parent.name)
def test_what_is_sent(sample, read):
    """As the samples say it must be; certification holds what we write against that."""
    assert read(sample.read_bytes()) == segments(sample.read_bytes())


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("facts", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize(
    ("envelope", "version"), [(FOUR, "004010"), (FIVE, "005010")], ids=["00401", "00501"]
)
def test_answers_to_orders(envelope, version, facts, read):
    interchange = written(envelope, f"x12/{version}/855", [answer(facts)] * 2)
    assert [one[0] for one in segments(interchange)].count("BAK") == 2
    assert read(interchange) == segments(interchange)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("facts", NOTICES.values(), ids=NOTICES)
@pytest.mark.parametrize(
    ("envelope", "version"), [(FOUR, "004010"), (FIVE, "005010")], ids=["00401", "00501"]
)
def test_ship_notices(envelope, version, facts, read):
    """pyx12 also counts the levels, and looks for the parent of each."""
    interchange = written(envelope, f"x12/{version}/856", [notice(facts)] * 2)
    assert [one[0] for one in segments(interchange)].count("BSN") == 2
    assert read(interchange) == segments(interchange)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("version", "envelope"), [("004010", FOUR), ("005010", FIVE)], ids=["004010", "005010"]
)
def test_invoices(version, envelope, read):
    interchange = written(envelope, f"x12/{version}/810", [invoice(text, version) for text in (FULL, PLAIN)])
    assert [one[0] for one in segments(interchange)].count("TDS") == 2
    assert read(interchange) == segments(interchange)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("one", ACKNOWLEDGMENTS.values(), ids=ACKNOWLEDGMENTS)
def test_acknowledgments(one, read):
    for interchange in (
        written(FOUR, "x12/004010/997", [one, one]),
        written(FIVE, "x12/005010/999", [as_999(one), as_999(one)]),
    ):
        assert read(interchange) == segments(interchange)


@pytest.mark.parametrize("envelope", [FOUR, FIVE], ids=["00401", "00501"])
def test_interchange_acknowledgments(envelope, guides):
    elements = [acknowledge.ta1(one) for one in INTERCHANGES]
    interchange = envelope.acknowledgments(9, AT, elements)
    assert pyx12_segments(interchange) == segments(interchange)
    assert badx12_segments(interchange) == [one for one in segments(interchange) if one[0] != "TA1"]
    assert pyx12_faults(interchange, guides) == []


@pytest.mark.parametrize("one", ACKNOWLEDGMENTS.values(), ids=ACKNOWLEDGMENTS)
def test_a_997_is_valid_by_pyx12s_guide(one, guides):
    assert pyx12_faults(written(FOUR, "x12/004010/997", [one]), guides) == []


@pytest.mark.parametrize("one", ACKNOWLEDGMENTS.values(), ids=ACKNOWLEDGMENTS)
def test_a_999_is_valid_by_pyx12s_guide(one, guides):
    assert pyx12_faults(written(FIVE, "x12/005010/999", [as_999(one)]), guides) == []


def samples_of_997s() -> list[Path]:
    """Those in 004010; pyx12 has no guide of a later 997."""
    found = sorted(SAMPLES.glob("*/*/acknowledgment.edi"))
    return [path for path in found if b"*004010~" in path.read_bytes()]


@pytest.mark.parametrize("sample", samples_of_997s(), ids=lambda path: path.parent.name)
def test_a_997_among_the_samples_is_valid_by_pyx12s_guide(sample, guides):
    assert pyx12_faults(sample.read_bytes(), guides) == []


@pytest.mark.parametrize(("right", "wrong"), [(b"HL*3*2*P", b"HL*4*2*P"), (b"HL*3*2*P", b"HL*3*9*P")])
def test_pyx12_does_find_a_wrong_level(right, wrong):
    interchange = written(FOUR, "x12/004010/856", [notice(NOTICES["by order"])])
    assert interchange.count(right) == 1
    with pytest.raises(AssertionError, match="HL"):
        pyx12_segments(interchange.replace(right, wrong))


WRONG = {
    "count of segments": (b"SE*", b"SE*1"),
    "count of sets": (b"GE*1", b"GE*2"),
    "control number": (b"IEA*1*000000007", b"IEA*1*000000008"),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize(("right", "wrong"), WRONG.values(), ids=WRONG)
def test_the_readers_do_find_a_wrong_envelope(right, wrong, read):
    interchange = written(FOUR, "x12/004010/997", [ACKNOWLEDGMENTS["some"]])
    assert interchange.count(right) == 1
    with pytest.raises(AssertionError):
        read(interchange.replace(right, wrong))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"AK5*R", b"AK5*Q"),
        (b"AK9*P", b"AK9*"),
        (b"AK1*PO*124~", b""),
        (b"*6*9.2X~", b"~"),
        (b"AK3*", b"N1*"),
    ],
)
def test_pyx12s_guide_does_find_a_wrong_997(right, wrong, guides):
    interchange = written(FOUR, "x12/004010/997", [ACKNOWLEDGMENTS["some"]])
    assert right in interchange
    assert pyx12_faults(interchange.replace(right, wrong, 1), guides) != []
