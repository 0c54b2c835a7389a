"""A certificate holds when everything is as expected, and says where when it is not."""

from __future__ import annotations

import json

import pytest

from gateway.certification import certify, laws
from gateway.certification.certify import ACKNOWLEDGED, OPINION, READING, SET_UP, TA1

from .conftest import ACKNOWLEDGMENT, ORDER, RETAILER, canonical, found, sample
from .conftest import TA1 as EXPECTED_TA1


def test_everything_holds(certified):
    made = certified(sample(about=b"One line.\n"))
    assert [(check.name, check.held) for check in made.checks] == [
        (name, True)
        for name in (
            READING,
            ACKNOWLEDGED,
            TA1,
            laws.OBJECT,
            laws.DOCUMENT,
            laws.NOTHING_LOST,
            laws.VALID,
            laws.SAME_VERDICT,
            OPINION,
        )
    ]
    assert made.held
    assert made.about == "One line."
    assert made.residue == []


def test_elements_are_counted_by_whose_they_are(certified):
    # ISA 16 less two blank, GS 8, ST 2, SE 2, GE 2, IEA 2; BEG 4, REF 2, PO1 6; CTT01
    assert certified(sample()).shares == {
        "bound": 12,
        "constant": 0,
        "computed": 1,
        "residue": 0,
        "envelope": 30,
    }


def test_what_is_missing_is_said_and_fails_nothing_but_proves_nothing(certified):
    made = certified(sample(canonical=None, acknowledgment=None, ta1=None))
    assert not any(check.held is False for check in made.checks)
    assert (made.compared, made.held) == (False, False)
    assert [(check.held, check.detail) for check in made.checks[:3]] == [
        (None, "no canonical.json; 1 set"),
        (None, "no acknowledgment.edi; 1 would be sent"),
        (None, "no ta1.edi; 1 would be sent"),
    ]


DIFFERENT = {
    "a field": (
        canonical(number="4500018"),
        [("$[0].number", "4500018", "4500017")],
    ),
    "a field that is not read": (
        canonical(currency="USD"),
        [("$[0].currency", "USD", None)],
    ),
    "one of a list": (
        canonical(lines=[]),
        [("$[0].lines", None, None)],
    ),
    "no object": (b"[null]", [("$[0]", None, None)]),
    "one set too many": (canonical()[:-1] + b", null]", [("$", "2 sets", "1 set")]),
    "a field there is not": (
        canonical(colour="red"),
        [("$[0].colour", "red", "Extra inputs are not permitted")],
    ),
}


@pytest.mark.parametrize(("expected", "rows"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_the_object_is_compared_field_by_field(certified, expected, rows):
    check = found(certified(sample(canonical=expected)), READING)
    assert check.held is False
    assert [one.path for one in check.diff] == [path for path, _, _ in rows]
    for one, (_, wanted, got) in zip(check.diff, rows, strict=True):
        assert wanted is None or one.expected == wanted
        assert got is None or one.got == got


def test_numbers_are_equal_as_numbers(certified):
    text = canonical().replace(b'"2.50"', b"2.5").replace(b'"10"', b'"10.0"')
    assert text != canonical()
    assert found(certified(sample(canonical=text)), READING).held


@pytest.mark.parametrize("text", [b"", b"{", b"{}", b"\xff", b"[" * 100_000])
def test_an_expectation_that_cannot_be_read_is_a_failure(certified, text):
    check = found(certified(sample(canonical=text)), READING)
    assert check.held is False
    assert check.detail.startswith("canonical.json is")


def test_the_acknowledgment_is_compared_segment_by_segment(certified):
    wrong = ACKNOWLEDGMENT.replace(b"AK5*A~", b"AK5*R*5~")
    check = found(certified(sample(acknowledgment=wrong)), ACKNOWLEDGED)
    assert [one.as_dict() for one in check.diff] == [
        {"path": "segment 6", "expected": "AK5*R*5", "got": "AK5*A"}
    ]


def test_the_ta1_is_compared(certified):
    check = found(certified(sample(ta1=EXPECTED_TA1.replace(b"|A|000", b"|R|021"))), TA1)
    assert [(one.expected, one.got) for one in check.diff] == [
        ("TA1*000000118*260302*0930*R*021", "TA1*000000118*260302*0930*A*000")
    ]


def test_an_answer_that_is_not_agreed_is_a_difference(certified, rooms):
    house = rooms(RETAILER.replace("[997, TA1]", "none"))
    made = certified(sample(), house)
    assert found(made, ACKNOWLEDGED).held is False
    assert found(made, TA1).held is False


def test_a_bad_set_among_good_ones(certified):
    second = ORDER.replace(b"GE*1*77", b"ST*850*0002~BEG*00*SA***20260301~PO1*1*1*EA~CTT*1~SE*5*0002~GE*2*77")
    expected = json.dumps([*json.loads(canonical()), None]).encode()
    told = ACKNOWLEDGMENT.replace(
        b"AK9*A*1*1*1~SE*6", b"AK2*850*0002~AK3*BEG*2**8~AK4*3*324*1~AK5*R*5~AK9*P*2*2*1~SE*10"
    )
    made = certified(sample(**{"in": second, "canonical": expected, "acknowledgment": told}))
    assert made.held, [check for check in made.checks if not check.held]
    assert "BEG03" in found(made, READING).detail


def test_a_partner_without_profile(tmp_path, rooms):
    folder = tmp_path / "samples" / "nobody" / "case"
    folder.mkdir(parents=True)
    (folder / "in.edi").write_bytes(ORDER)
    (made,) = certify(rooms(), tmp_path / "samples")
    assert [(check.name, check.held) for check in made.checks] == [(SET_UP, False)]


@pytest.mark.parametrize("stage", ["draft", "testing", "suspended"])
def test_a_partner_is_certified_before_going_live(certified, rooms, stage):
    house = rooms(RETAILER.replace("stage: live", f"stage: {stage}"))
    assert certified(sample(), house).held


def test_a_live_partner_gets_no_test_document_read(certified):
    test = {"in": ORDER.replace(b"*0*P*", b"*0*T*"), "canonical": b"[null]"}
    made = certified(sample(**test, acknowledgment=None, ta1=None))
    assert "ISA15" in found(made, READING).detail
    assert found(made, ACKNOWLEDGED).detail.endswith("none would be sent")


def test_the_partners_own_map_is_used(certified, rooms):
    own = "map: shop/850\nextends: x12/004010/850\nfields: {references: ~}\n"
    house = rooms(RETAILER.replace("x12/004010/850", "shop/850"), **{"850": own})
    made = certified(sample(), house)
    assert [one.path for one in found(made, READING).diff] == ["$[0].references"]
    assert made.residue == [("REF01", "DP"), ("REF02", "0042")]
    assert found(made, laws.DOCUMENT).held


def test_a_lenient_partner_may_have_what_cannot_be_written(certified, rooms):
    house = rooms(RETAILER.replace("acknowledge:", "validate: lenient, acknowledge:"))
    loose = {"in": ORDER.replace(b"4500017", b"4" * 40), "canonical": canonical(number="4" * 40)}
    made = certified(sample(**loose), house)
    assert made.held, [check for check in made.checks if not check.held]
    assert "1 refused" in found(made, laws.OBJECT).detail


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"%PDF-1.7",
        b"ISA*00*",
        b"\x00" * 400,
        ORDER[:200],
        ORDER.replace(b"GE*1*", b"GE*" + b"1" * 90_000 + b"*"),
        ORDER.replace(b"GS*PO*9254110060", b"GS*PO*\x1f\x1e"),
    ],
)
def test_whatever_the_document_holds_there_is_a_certificate(certified, junk):
    made = certified({"in.edi": junk})
    assert json.loads(json.dumps(made.as_dict()))["partner"] == "shop"


def test_no_samples_no_certificates(tmp_path, rooms):
    assert list(certify(rooms(), tmp_path / "nothing")) == []
