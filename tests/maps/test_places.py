"""Places: what each spelling means, and what is said of one that means nothing."""

from __future__ import annotations

import pytest

from gateway.guides.load import load
from gateway.guides.model import Position, Seat
from gateway.guides.structure import number
from gateway.maps.places import Misfit, parse, split_outside
from gateway.maps.resolve import Ground, resolve, resolve_scope

GUIDE = load("x12/004010/850")
ROOT = Ground(GUIDE.root)


def loop(path: str) -> Ground:
    found = next(place for place in GUIDE.root.walk() if place.is_loop and place.path == path)
    return Ground(found, found.children[0], ROOT)


@pytest.mark.parametrize(
    ("text", "tag", "element", "component", "last"),
    [
        ("BEG03", "BEG", 3, None, 3),
        ("N104", "N1", 4, None, 4),
        ("CTT/AMT[TT]02", "AMT", 2, None, 2),
        ("REF[DP]", "REF", 2, None, 2),
        ("REF[DP]03", "REF", 3, None, 3),
        ("SAC[C,D240]05", "SAC", 5, None, 5),
        ("MEA04", "MEA", 4, 1, 4),
        ("MEA04-02", "MEA", 4, 2, 4),
        ("TD505", "TD5", 5, None, 5),
        ("summary/CTT01", "CTT", 1, None, 1),
        ("N1/N301..", "N3", 1, None, 2),
        ("N1/N301..01", "N3", 1, None, 1),
        ("MAN[GM]..", "MAN", 2, None, 2),
        ("MAN[GM]02..", "MAN", 2, None, 3),
    ],
)
def test_a_place_is_one_position(text: str, tag: str, element: int, component: int | None, last: int) -> None:
    place = resolve(text, ROOT, GUIDE)
    assert (place.spec.tag, place.element, place.component, place.last) == (tag, element, component, last)


def test_brackets_are_the_segments_qualifiers_in_order() -> None:
    place = resolve("SAC[C,D240|D500]05", ROOT, GUIDE)
    assert place.steps[0].only.tests[0].codes == ("C",)
    assert place.steps[0].only.tests[1].codes == ("D240", "D500")


def test_outside_a_scope_the_first_bracket_is_the_segments_own_the_second_the_pair() -> None:
    place = resolve("PER[IC][TE]", ROOT, GUIDE)
    assert place.only.tests[0].codes == ("IC",)
    assert place.pair is not None
    assert place.pair.codes == ("TE",)


def test_inside_a_scope_on_the_segment_the_bracket_is_the_pair() -> None:
    per = next(place for place in GUIDE.root.children if place.tag == "PER")
    place = resolve("PER[TE]", Ground(None, per, ROOT), GUIDE)
    assert place.own
    assert place.pair is not None
    assert place.pair.codes == ("TE",)


def test_a_nested_loops_first_segment_is_found_by_its_name() -> None:
    place = resolve("PID[F]05", loop("PO1"), GUIDE)
    assert [step.loop.path for step in place.steps] == ["PO1/PID"]
    assert place.own


def test_the_first_segment_of_an_enclosing_loop_may_be_named() -> None:
    po1 = loop("PO1")
    sdq = next(place for place in (po1.loop.children if po1.loop else ()) if place.tag == "SDQ")
    assert resolve("PO103", Ground(None, sdq, po1), GUIDE).up == 1


def test_a_qualifier_may_be_empty_or_a_code() -> None:
    (test,) = resolve("REF[|DP]", ROOT, GUIDE).only.tests
    assert [code for code in ("", "DP", "IA") if test.passes(code)] == ["", "DP"]


def test_an_occurrence_counts_the_segments() -> None:
    place = resolve("TD5[#2..]03", ROOT, GUIDE)
    assert (place.only.first, place.only.last) == (2, None)
    assert resolve("TD5[#2]03", ROOT, GUIDE).only.last == 2


def test_an_element_may_have_a_qualifier_of_its_own() -> None:
    place = resolve("TD503[2]", ROOT, GUIDE)
    (beside,) = place.qualified
    assert (beside.seat, beside.codes) == (Seat(2), ("2",))


def test_a_component_may_have_several_qualifiers() -> None:
    guide = load("edifact/D96A/ORDERS")
    pat = next(child for child in guide.root.children if child.tag == "PAT")
    place = resolve("PAT03-04[1|3,3|,D]", Ground(pat, pat.children[0]), guide)
    assert place.seat == (3, 4)
    assert [(test.seat, test.codes) for test in place.qualified] == [
        ((1, None), ("1", "3")),
        ((3, 2), ("3", "")),
        ((3, 3), ("D",)),
    ]


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("BEG3", "this is no place", "a place reads"),
        ("BEG13", "BEG has 12 elements", ""),
        ("BEQ03", "there is no segment BEQ", "did you mean BEG?"),
        ("PO401", "PO4 does not stand in the document", "PO1"),
        ("BEG[X]03", "names no such qualifier of BEG", "leave the bracket away"),
        ("BEG03-02", "has no components", "BEG03"),
        ("N3", "does not stand in the document", "N1/N3"),
        ("TAX", "name the element", "TAX01"),
        ("PO1[UP]07", "a pair stands anywhere", "leave the element"),
        ("REF[]", "empty qualifier", "REF[*]"),
        ("REF[|]", "empty qualifier", "REF[*]"),
        ("PO1(sdq)/SDQ01", "names no segments", "CPS(PAC/PCI)"),
        ("PO1(BEG)/PO401", "BEG does not stand in the loop PO1", ""),
        ("REF(MAN)02", "REF opens no loop", "write REF alone"),
        ("REF[DP|]", "empty qualifier", "REF[*]"),
        ("BEG/REF[DP]", "BEG opens no loop", "write REF alone"),
        ("N1/PO401", "does not stand in the loop N1", "known"),
        ("PID[F]05..07", "must end between 05 and 05", ""),
        ("SAC[A,B,C]05", "has 2 qualifiers, not 3", ""),
        ("BEG03[2]", "names no qualifier of this element", ""),
        ("TD503[2,3]", "TD503 has 1 qualifiers, not 2", "they are TD502"),
        ("TD503[#2]", "[#2] must hold codes", "N104[1|9]"),
    ],
)
def test_a_place_that_is_none_says_why(text: str, what: str, fix: str) -> None:
    with pytest.raises(Misfit) as refused:
        resolve(text, ROOT, GUIDE)
    assert what in refused.value.what
    assert fix in refused.value.fix
    assert refused.value.fix


def test_a_scope_is_a_segment_not_an_element() -> None:
    with pytest.raises(Misfit, match="take segments"):
        resolve_scope("N104", ROOT, GUIDE)
    assert resolve_scope("N1[ST]", ROOT, GUIDE).steps[0].only.tests[0].codes == ("ST",)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("BEG03 | codes(a)", ["BEG03", "codes(a)"]),
        ("HL[T|P]03", ["HL[T|P]03"]),
        ('BEG03 | split("|",1)', ["BEG03", 'split("|",1)']),
    ],
)
def test_splitting_respects_brackets_and_quotes(text: str, parts: list[str]) -> None:
    assert split_outside(text, "|") == parts


def test_a_further_qualifier_may_be_empty() -> None:
    assert parse("PID[F,|08]05").last.brackets[0].codes == (("F",), ("", "08"))


def test_a_name_that_fits_two_positions_names_both() -> None:
    spec = GUIDE.segments["N3"]
    twice = tuple(Position("N3", False, 1, spec, area=area) for area in ("heading", "summary"))
    root = number(Position("", True, 1, None, children=twice))
    with pytest.raises(Misfit, match="heading/N3 and summary/N3"):
        resolve("N301", Ground(root), GUIDE)
    assert resolve("summary/N301", Ground(root), GUIDE).position is twice[1]
