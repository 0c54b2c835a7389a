"""A sample that is sent: what the objects are written as is compared, element by element, and read back."""

from __future__ import annotations

import json

import pytest

from gateway.certification import laws
from gateway.certification.certify import ANSWERED, GIVEN, OPINION, SET_UP, WRITING
from gateway.pipeline.translation.translate import Translation, translate

from .conftest import ORDER, RETAILER, canonical, found

SUPPLIER = RETAILER + "send: {850: x12/004010/850}\n"
OUT = (
    b"ISA*00*          *00*          *12*8475551234     *08*9254110060     *990101*0000*U*00401*000000999*0*P*>~\n"
    b"GS*PO*8475551234*9254110060*19990101*0000*999*X*004010~\n"
    b"ST*850*0007~\nBEG*00*SA*4500017**20260301~\nREF*DP*0042~\n"
    b"PO1*1*10*EA*2.50**UP*012345678905~\nCTT*1~\nSE*6*0007~\nGE*1*999~\nIEA*1*000000999~\n"
)


@pytest.fixture
def sent(certified, rooms):
    """Certifies one sample of what is sent, all as it should be but for these files."""

    def run(profile: str = SUPPLIER, **changes: bytes):
        files = {"out.edi": OUT, "canonical.json": canonical()}
        return certified(
            files | {name.replace("_", "."): data for name, data in changes.items()}, rooms(profile)
        )

    return run


def test_everything_holds(sent):
    made = sent()
    assert [(check.name, check.held) for check in made.checks] == [
        (name, True)
        for name in (
            GIVEN,
            WRITING,
            laws.GIVEN_BACK,
            laws.OBJECT,
            laws.DOCUMENT,
            laws.NOTHING_LOST,
            laws.VALID,
            laws.SAME_VERDICT,
            OPINION,
        )
    ]
    assert made.held
    assert made.residue == []


DIFFERENT = {
    "an element": (
        (b"REF*DP*0042", b"REF*DP*0043"),
        [("set 1, segment 3 REF02 Reference Identification", "0043", "0042")],
    ),
    "one that should not be there": (
        (b"2.50**UP", b"2.50*PE*UP"),
        [("set 1, segment 4 PO105 Basis of Unit Price Code", "PE", None)],
    ),
    "a segment that is missing": (
        (b"REF*DP*0042~\n", b"REF*DP*0042~\nREF*IA*77~\n"),
        [
            ("set 1, segment 4 REF Reference Identification", "REF*IA*77", None),
            ("set 1, segment 7 SE01 Number of Included Segments", "6", "6"),
        ],
    ),
    "one too many": (
        (b"REF*DP*0042~\n", b""),
        [("set 1, segment 3 REF Reference Identification", None, "REF*DP*0042")],
    ),
    "another receiver": (
        (b"*08*9254110060 ", b"*08*9254110061 "),
        [("ISA08 Interchange Receiver ID", "9254110061", "9254110060")],
    ),
    "another version": (
        (b"X*004010~", b"X*004010VICS~"),
        [("GS08 Version / Release / Industry Identifier Code", "004010VICS", "004010")],
    ),
}


@pytest.mark.parametrize(("change", "rows"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_the_document_is_compared_element_by_element(sent, change, rows):
    check = found(sent(out_edi=OUT.replace(*change)), WRITING)
    assert check.held is False
    got = [(one.path, one.expected, one.got) for one in check.diff]
    assert [row for row in got if "SE01" not in row[0]] == [row for row in rows if "SE01" not in row[0]]


def test_another_number_of_sets_is_told(sent):
    check = found(sent(canonical_json=json.dumps(json.loads(canonical()) * 2).encode()), WRITING)
    assert ("$", "1 of ST", "2 of ST") in [(one.path, one.expected, one.got) for one in check.diff]


def test_what_the_writer_chooses_is_not_compared(sent):
    """Date, time, delimiters, and the control numbers of interchange, group and set."""
    other = OUT.replace(b"*", b"|").replace(b"~\n", b"\n").replace(b"0007", b"12345").replace(b"999", b"111")
    assert sent(out_edi=other).held


def test_what_cannot_be_written_is_told_by_its_field(sent):
    made = sent(canonical_json=canonical(number="4" * 40))
    check = found(made, WRITING)
    assert check.held is False
    assert [one.path for one in check.diff if "number" in one.path]
    assert made.checks[-1] is check


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (canonical(colour="red"), "colour"),
        (canonical(ordered_on="tomorrow"), "ordered_on"),
        (b"{", ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_what_does_not_fit_is_told_by_its_path(sent, text, path):
    made = sent(canonical_json=text)
    check = found(made, GIVEN)
    assert check.held is False
    assert path in check.diff[0].path
    assert not made.held


@pytest.mark.parametrize("text", [b"[]", b""])
def test_nothing_to_send_is_a_failure(sent, text):
    assert found(sent(canonical_json=text), GIVEN).held is False


def test_without_an_agreement_the_line_to_add_is_told(sent):
    check = found(sent(RETAILER), SET_UP)
    assert "send: {850: x12/004010/850}" in check.detail


def test_a_document_without_a_set_says_nothing(sent):
    assert found(sent(out_edi=b"%PDF-1.7"), SET_UP).held is False


@pytest.mark.parametrize("stage", ["draft", "testing", "suspended"])
def test_a_partner_is_certified_before_going_live(sent, stage):
    assert sent(SUPPLIER.replace("stage: live", f"stage: {stage}")).held


def test_what_is_answered_is_read_as_agreed(sent):
    made = sent(answered_edi=ORDER)
    assert found(made, ANSWERED).held
    assert made.held


@pytest.mark.parametrize("unread", [b"", ORDER.replace(b"4500017", b""), ORDER.replace(b"08*925", b"08*111")])
def test_what_is_answered_and_does_not_read_is_a_failure(sent, unread):
    assert found(sent(answered_edi=unread), ANSWERED).held is False


def test_all_that_was_given_must_be_read_back():
    """What is read beside it is the partner's own, said again."""
    (translation,) = [event for event in translate(ORDER) if isinstance(event, Translation)]
    order = translation.object
    assert laws.given_back([order], [translation]).held
    assert laws.given_back([order.model_copy(update={"references": {}})], [translation]).held
    changed = order.model_copy(update={"number": "4500018"})
    assert [one.path for one in laws.given_back([changed], [translation]).diff] == ["$[0].number"]
    assert [one.path for one in laws.given_back([order, order], [translation]).diff] == ["$[1]"]
