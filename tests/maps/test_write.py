"""Writing: fresh, and onto an original, where all that is unbound stays and nothing unchanged is touched."""

from __future__ import annotations

import difflib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from gateway.canonical import Contact, Line, Moment, Party, PurchaseOrder
from gateway.errors import NotWritable
from gateway.faults import Code
from gateway.maps import Map, grow

from .trial import ORDER, edited, grammar, text_of, tree, trial

# Valid, and full of what the trial map does not bind: REF03, PWK, N104's neighbour N106, the second DTM*002, PO1's PO4.
ORIGINAL = """
BEG*00*SA*1**20260301
REF*DP*017*toys
REF*PD*A*first
REF*PD*B*second
PER*BD*Ann*TE*555*FX*556*EM*a@b
SAC*A*D240***1250*******06
DTM*002*20260315*0800*ET*D8*20260315
N1*ST*Store 12*92*0012**BY
N3*1 Main St*Suite 5
N1*BY*Buyer*9*111
N2*kept with the buyer
N1*SU*Seller*9*222
N2*kept with the seller
PO1*1*10*EA*12.50*PE*BP*A100
PO4*6****G*10*LB
PID*F****mug
PO1*2*5*CA*7*PE*VP*V-5
PO3*AB******1
PO1*3*1*EA*1*PE*UP*012345678905
CTT*3
"""


def order(**more: Any) -> PurchaseOrder:
    said = {"number": "1", "purpose": "original", "kind": "stand alone", "ordered_on": date(2026, 3, 1)}
    return PurchaseOrder(**(said | more))


LINE = Line(number="1", quantity=Decimal(10), unit="each")


def onto(text: str, change: Any, map: Map | None = None) -> list[str]:
    """What changes in the document when the object read from it is changed, as `-`/`+` lines."""
    map = map or trial()
    root = tree(text, map)
    found, _ = map.read(root)
    written = text_of(map.write(change(found), root)).split("\n")
    before = text_of(root).split("\n")
    diff = difflib.unified_diff(before, written, lineterm="", n=0)
    return [line for line in diff if not line.startswith(("---", "+++", "@@"))]


def changed(**fields: Any) -> Any:
    return lambda found: found.model_copy(update=fields)


def test_fresh_is_the_document_it_was_read_from() -> None:
    map = trial()
    found, _ = map.read(tree(ORDER, map))
    assert text_of(map.write(found)) == ORDER.lstrip()


@pytest.mark.parametrize("text", [ORDER, ORIGINAL])
def test_onto_touches_nothing_that_already_says_the_value(text: str) -> None:
    assert onto(text, lambda found: found) == []


@pytest.mark.parametrize(
    ("fields", "diff"),
    [
        ({"release": "7"}, ["-BEG*00*SA*1**20260301", "+BEG*00*SA*1*7*20260301"]),
        ({"currency": "EUR"}, ["+CUR*BY*EUR"]),
        (
            {"references": {"department": ["018"], "promotion": ["A", "B"]}},
            ["-REF*DP*017*toys", "+REF*DP*018*toys"],
        ),
        ({"references": {"department": ["017"], "promotion": ["B"]}}, ["-REF*PD*A*first", "+REF*PD**first"]),
        (
            {"references": {"department": ["017"], "promotion": ["A", "B", "C"]}},
            ["+REF*PD*C"],
        ),
        (
            {"references": {"department": ["017"], "promotion": ["A", "B"], "x12:Q1": ["9"]}},
            ["+REF*Q1*9"],
        ),
        (
            {"requested_delivery_at": Moment(date(2026, 4, 1))},
            ["-DTM*002*20260315*0800*ET*D8*20260315", "+DTM*002*20260401***D8*20260315"],
        ),
        ({"cancel_after": Moment(date(2026, 4, 2))}, ["+DTM*001*20260402"]),
        ({"ship_to": None}, ["-N1*ST*Store 12*92*0012**BY", "-N3*1 Main St*Suite 5"]),
        ({"total": Decimal("99.5")}, ["+AMT*TT*99.5"]),
    ],
)
def test_a_change_changes_only_itself(fields: dict[str, Any], diff: list[str]) -> None:
    assert onto(ORIGINAL, changed(**fields)) == diff


def test_a_contact_loses_its_pair_and_keeps_the_others() -> None:
    def drop(found: PurchaseOrder) -> PurchaseOrder:
        ann = found.contacts[0].model_copy(update={"fax": None})
        return found.model_copy(update={"contacts": [ann]})

    assert onto(ORIGINAL, drop) == [
        "-PER*BD*Ann*TE*555*FX*556*EM*a@b",
        "+PER*BD*Ann*TE*555***EM*a@b",
    ]


def lines(change: Any) -> Any:
    def apply(found: PurchaseOrder) -> PurchaseOrder:
        return found.model_copy(update={"lines": change(found.lines)})

    return apply


def test_a_removed_line_takes_what_was_unbound_in_it_along() -> None:
    assert onto(ORIGINAL, lines(lambda found: found[1:])) == [
        "-PO1*1*10*EA*12.50*PE*BP*A100",
        "-PO4*6****G*10*LB",
        "-PID*F****mug",
        "-CTT*3",
        "+CTT*2",
    ]


def test_an_inserted_line_stands_where_the_object_has_it() -> None:
    new = Line(number="1A", quantity=Decimal(7), unit="case", description="new")
    assert onto(ORIGINAL, lines(lambda found: [found[0], new, *found[1:]])) == [
        "+PO1*1A*7*CA",
        "+PID*F****new",
        "-CTT*3",
        "+CTT*4",
    ]


def test_moved_lines_keep_their_own_residue() -> None:
    map = trial()
    root = tree(ORIGINAL, map)
    found, _ = map.read(root)
    written = text_of(map.write(found.model_copy(update={"lines": found.lines[::-1]}), root))
    at = {key: written.index(key) for key in ("PO1*3", "PO1*2", "PO3*AB", "PO1*1", "PO4*6")}
    assert sorted(at, key=at.__getitem__) == ["PO1*3", "PO1*2", "PO3*AB", "PO1*1", "PO4*6"]


def test_a_line_is_known_by_its_key() -> None:
    def change(found: list[Line]) -> list[Line]:
        return [found[0], found[1].model_copy(update={"quantity": Decimal(6)}), found[2]]

    assert onto(ORIGINAL, lines(change)) == ["-PO1*2*5*CA*7*PE*VP*V-5", "+PO1*2*6*CA*7*PE*VP*V-5"]


def test_a_party_without_a_key_is_known_by_its_qualifier() -> None:
    def drop(found: PurchaseOrder) -> PurchaseOrder:
        seller = found.other_parties[1].model_copy(update={"name": "Seller Ltd"})
        return found.model_copy(update={"other_parties": [seller]})

    assert onto(ORIGINAL, drop) == [
        "-N1*BY*Buyer*9*111",
        "-N2*kept with the buyer",
        "-N1*SU*Seller*9*222",
        "+N1*SU*Seller Ltd*9*222",
    ]


def test_of_two_lines_with_one_key_the_equal_one_is_meant() -> None:
    text = ORIGINAL.replace("PO1*2*5", "PO1*1*5")
    assert onto(text, lines(lambda found: [found[1], found[2]])) == [
        "-PO1*1*10*EA*12.50*PE*BP*A100",
        "-PO4*6****G*10*LB",
        "-PID*F****mug",
        "-CTT*3",
        "+CTT*2",
    ]


def test_destinations_that_stay_keep_their_segment() -> None:
    text = "BEG*00*SA*1**20260301\nPO1*1*9*EA\nSDQ*EA*92*0001*4*0002*5*******************X\nSDQ*EA*92*0003*1\nCTT*1"

    def change(found: PurchaseOrder) -> PurchaseOrder:
        first, second, third = found.lines[0].destinations
        moved = third.model_copy(update={"quantity": Decimal(3)})
        line = found.lines[0].model_copy(update={"destinations": [first, second, moved]})
        return found.model_copy(update={"lines": [line]})

    assert onto(text, change) == ["-SDQ*EA*92*0003*1", "+SDQ*EA*92*0003*3"]


def test_constants_follow_the_values_of_a_new_segment_and_nothing_else() -> None:
    line = LINE.model_copy(update={"inner": [Line(number="1")]})
    assert "SLN*1**I" in text_of(trial().write(order(lines=[line])))
    text = ORDER.replace("SLN*1**I*", "SLN*1**O*")
    assert onto(text, changed(release="9")) == [
        "-BEG*00*SA*4500017**20260301*CTR-9",
        "+BEG*00*SA*4500017*9*20260301*CTR-9",
    ]


def test_a_constant_waits_for_the_element_it_is_paired_with() -> None:
    text = edited(('constants: {"PO1/SCH05"', 'constants: {"PO1/PO105": PE, "PO1/SCH05"'))
    map = trial(text.replace('"PO1/PO105"', "PO105"))
    assert "PO1*1*10*EA\n" in text_of(map.write(order(lines=[LINE])))
    priced = LINE.model_validate(LINE.model_dump() | {"price": {"amount": "1.5"}})
    assert "PO1*1*10*EA*1.5*PE\n" in text_of(map.write(order(lines=[priced])))


def test_a_segment_of_constants_alone_comes_with_a_new_document_only() -> None:
    map = trial(edited(('constants: {"PO1/SCH05"', 'constants: {FOB01: CC, "PO1/SCH05"')))
    assert "FOB*CC\n" in text_of(map.write(order(lines=[LINE])))
    assert onto(ORIGINAL, lambda found: found, map) == []


@pytest.mark.parametrize(
    ("fields", "field", "code", "expected"),
    [
        ({"number": "x" * 23}, "number", Code.NOT_WRITABLE, "1..22 characters"),
        ({"release": "a "}, "release", Code.NOT_WRITABLE, "no blanks at the end"),
        ({"release": "a\x1fb"}, "release", Code.NOT_WRITABLE, "no control characters"),
        ({"kind": "unheard of"}, "kind", Code.NOT_WRITABLE, "a word of the table order_kinds"),
        ({"kind": "edifact:220"}, "kind", Code.NOT_WRITABLE, "a word of the table"),
        ({"total": Decimal("1E-20")}, "total", Code.NOT_WRITABLE, "digits"),
        ({"answer": "x12:AC"}, "answer", Code.NOT_CARRIED, None),
        (
            {"other_parties": [Party(role="ship to", name="X")]},
            "other_parties[0]",
            Code.NOT_WRITABLE,
            "taken",
        ),
        ({"contacts": [Contact()]}, "contacts[0]", Code.NOT_WRITABLE, "says something"),
        ({"references": {"x12:DP": ["1"]}}, "references.x12:DP", Code.NOT_WRITABLE, "taken"),
        (
            {"lines": [Line(number="1", description="a\n\nb")]},
            "lines[0].description",
            Code.NOT_WRITABLE,
            "a text",
        ),
        (
            {"lines": [Line(number="1", ids={f"x12:{n}": "1" for n in "ABCDEFGHIJK"})]},
            "lines[0].ids.x12:K",
            Code.NOT_WRITABLE,
            "",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_by_field(
    fields: dict[str, Any], field: str, code: Code, expected: str | None
) -> None:
    with pytest.raises(NotWritable) as refused:
        trial().write(order(**({"lines": [LINE]} | fields)))
    found = [fault for fault in refused.value.faults if (fault.place.field or "").startswith(field)]
    assert found
    assert found[0].code is code
    assert expected is None or expected in (found[0].expected or "")


def test_every_refusal_is_reported() -> None:
    bad = order(lines=[LINE.model_copy(update={"unit": "?", "number": "y" * 40})]).model_copy(
        update={"number": "x" * 30}
    )
    with pytest.raises(NotWritable) as refused:
        trial().write(bad)
    assert {fault.place.field for fault in refused.value.faults} == {
        "number",
        "lines[0].unit",
        "lines[0].number",
    }


def test_the_bytes_delimiters_are_refused_in_text() -> None:
    with pytest.raises(NotWritable, match=r"data without '[*]', a separator"):
        trial().write(order(lines=[LINE], release="a*b"), forbidden="*~>")


def test_what_breaks_the_guide_is_refused() -> None:
    with pytest.raises(NotWritable, match="relational condition") as refused:
        trial().write(order(lines=[LINE], ship_to={"id": {"kind": "duns"}, "name": "X"}))
    place = refused.value.faults[0].place
    assert (place.address, place.field) == ("N104", "ship_to")


def test_the_originals_own_faults_do_not_keep_it_from_being_written() -> None:
    text = ORIGINAL.replace("CTT*3", "ZZZ*1\nCTT*3")
    assert grammar(text, trial()) != []
    assert onto(text, changed(release="7")) == ["-BEG*00*SA*1**20260301", "+BEG*00*SA*1*7*20260301"]


@pytest.mark.parametrize(
    ("binding", "value", "line"),
    [
        ("release: BEG04 | pad(6)", "120", "BEG*00*SA*1*000120*20260301"),
        ("release: {write: BEG04}", "ab", "BEG*00*SA*1*ab*20260301"),
        ('release: BEG04 | split("/",2)', "ab", "BEG*00*SA*1*/ab*20260301"),
        ("release: BEG04 | upper", "AB", "BEG*00*SA*1*AB*20260301"),
        ("release: N1[BY]04[9]", "AB", "N1*BY**9*AB"),
    ],
)
def test_the_other_forms_of_a_binding(binding: str, value: str, line: str) -> None:
    map = trial(edited(("release: BEG04", binding)))
    assert f"{line}\n" in text_of(map.write(order(lines=[LINE], release=value)))


def test_each_of_many_lines_is_put_in_its_place_without_looking_at_all_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A 997 of forty thousand sets took three quarters of a minute otherwise."""
    looked, index = 0, grow._index

    def counted(*given: Any) -> int:
        nonlocal looked
        looked += 1
        return index(*given)

    monkeypatch.setattr(grow, "_index", counted)
    lines = [LINE.model_copy(update={"number": str(number)}) for number in range(300)]
    assert text_of(trial().write(order(lines=lines))).count("PO1*") == len(lines)
    assert len(lines) < looked < 20 * len(lines)


def test_what_cannot_stand_as_it_is_is_not_changed_to_fit() -> None:
    map = trial(edited(("release: BEG04", "release: BEG04 | upper")))
    with pytest.raises(NotWritable, match="not as AB"):
        map.write(order(lines=[LINE], release="ab"))


def test_wrapped_text_is_broken_between_words_and_left_alone_when_unchanged() -> None:
    binding = 'release: {read: "N9[ZZ]/MSG01.. | join", write: "N9[ZZ]/MSG01.. | wrap(12)"}'
    text = edited(
        ("release: BEG04", binding), ("  notes: {each: N9, kind: N901, number: N902, lines: MSG01}\n", "")
    )
    map = trial(text.replace("constants: {", 'constants: {"N9[ZZ]02": "1", '))
    written = text_of(map.write(order(lines=[LINE], release="deliver to the rear dock")))
    assert "N9*ZZ*1\nMSG*deliver to\nMSG*the rear\nMSG*dock\n" in written
    original = "BEG*00*SA*1**20260301\nN9*ZZ*1\nMSG*deliver\nMSG*to the rear\nPO1*1*1*EA\nCTT*1"
    assert onto(original, lambda found: found, map) == []
