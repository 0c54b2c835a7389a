"""Values that mean what other seats of their segment say: of a PAT the same component is net days or a discount's."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from gateway import maps
from gateway.canonical import PurchaseOrder
from gateway.errors import NotWritable
from gateway.faults import Code
from gateway.maps import Map
from gateway.maps.account import Share
from gateway.maps.compile import compiled
from gateway.maps.examples import example

from .test_components import segments, text_of, tree

MAP = """
map: trial
document: PurchaseOrder
guide: edifact/D96A/ORDERS
fields:
  number: BGM02 required
  kind: BGM01
  ordered_on: "DTM[137] required"
  payment_terms:
    each: PAT
    kind: PAT01
    counted_from: PAT03
    net_days: "PAT03-04[1|3,3|,D]"
    discount_days: "PAT03-04[22,3|,D]"
    discount_percent: "PCD[12]"
"""
CODES = """
codes:
  order_kinds: {stand-alone: "220"}
  terms: {basic: "1", fixed date: "3", discount: "22", penalty: "20"}
  terms_bases: {invoice date: "5", ship date: "25"}
"""
ORDER = """
BGM+220+7
DTM+137:20260301:102
PAT+1++5:3:D:30
PAT+22++5:3:D:10
PCD+12:2
UNS+S
"""
NET = {"kind": "basic", "counted_from": "invoice date", "net_days": 30}
EARLY = {"kind": "discount", "counted_from": "invoice date", "discount_days": 10, "discount_percent": "2"}


def trial(text: str = MAP) -> Map:
    return maps.load("trial", {"trial": text, "edifact/codes": CODES, "edifact/parts": ""}.get)


def order(*terms: dict[str, Any]) -> PurchaseOrder:
    return PurchaseOrder.model_validate(
        {"number": "7", "kind": "stand-alone", "ordered_on": "2026-03-01", "payment_terms": list(terms)}
    )


def test_a_segment_means_what_its_qualifiers_say() -> None:
    map = trial()
    found, faults = map.read(tree(ORDER, map))
    assert faults == []
    assert found == order(NET, EARLY)
    assert compiled(map)(segments(ORDER)) == found
    assert text_of(map.write(found)) == ORDER
    assert text_of(map.write(found, onto=tree(ORDER, map))) == ORDER


@pytest.mark.parametrize("pat", ["20++5:3:D:30", "1++5:3:W:4", "1++5:2:D:30", "22++5:3:M:1"])
def test_what_no_binding_qualifies_so_is_residue(pat: str) -> None:
    map, text = trial(), ORDER.replace("1++5:3:D:30", pat, 1)
    found, _ = map.read(tree(text, map))
    assert (found.payment_terms[0].net_days, found.payment_terms[0].discount_days) == (None, None)
    assert compiled(map)(segments(text)) == found
    assert text_of(map.write(found, onto=tree(text, map))) == text
    left = [one.text for one in map.account(tree(text, map)) if one.share is Share.RESIDUE]
    assert left == pat.partition("++5:")[2].split(":")


def test_qualifiers_are_bound_with_what_they_qualify() -> None:
    map = trial()
    shares = {one.share for one in map.account(tree(ORDER, map)) if one.place.segment == "PAT"}
    assert shares == {Share.BOUND}


def test_one_of_several_codes_may_be_none_and_the_first_is_written() -> None:
    map, text = trial(), ORDER.replace("1++5:3:D:30", "1++5::D:30")
    found, _ = map.read(tree(text, map))
    assert found == order(NET, EARLY)
    assert text_of(map.write(order(NET | {"net_days": 45}, EARLY), onto=tree(text, map))) == text.replace(
        "D:30", "D:45"
    )


CHANGES: list[tuple[list[dict[str, Any]], str]] = [
    ([NET | {"net_days": 60}, EARLY], ORDER.replace("D:30", "D:60")),
    ([{"kind": "basic", "counted_from": "invoice date"}, EARLY], ORDER.replace("5:3:D:30", "5")),
    ([{"kind": "basic"}, EARLY], ORDER.replace("++5:3:D:30", "")),
    ([NET | {"kind": "fixed date"}, EARLY], ORDER.replace("1++5:3:D:30", "3++5:3:D:30")),
    (
        [{"kind": "discount", "counted_from": "invoice date", "discount_days": 30}, EARLY],
        ORDER.replace("PAT+1++", "PAT+22++"),
    ),
    ([NET | {"kind": "penalty", "net_days": None}, EARLY], ORDER.replace("1++5:3:D:30", "20++5")),
    ([EARLY], ORDER.replace("PAT+1++5:3:D:30\n", "")),
]


@pytest.mark.parametrize(("terms", "text"), CHANGES)
def test_a_change_touches_the_value_and_what_only_qualifies_it(
    terms: list[dict[str, Any]], text: str
) -> None:
    map = trial()
    assert text_of(map.write(order(*terms), onto=tree(ORDER, map))) == text


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (NET | {"kind": "discount"}, "payment_terms[0].net_days"),
        (EARLY | {"kind": "basic"}, "payment_terms[0].discount_days"),
        (NET | {"discount_days": 10}, "payment_terms[0].discount_days"),
        ({"counted_from": "invoice date", "net_days": 30}, "payment_terms[0].net_days"),
    ],
)
def test_a_value_whose_qualifier_says_another_is_not_carried(terms: dict[str, Any], field: str) -> None:
    with pytest.raises(NotWritable) as refused:
        trial().write(order(terms))
    (fault,) = refused.value.faults
    assert (fault.code, fault.place.field) == (Code.NOT_CARRIED, field)
    assert "PAT03-04[" in str(fault)


def test_a_qualifier_that_is_no_field_comes_and_goes_with_the_value() -> None:
    map = trial(MAP.replace("    kind: PAT01\n", "    key: counted_from\n"))
    new = order({"counted_from": "invoice date", "net_days": 30})
    written = map.write(new)
    assert "\nPAT+1++5:3:D:30\n" in text_of(written)
    without = order({"counted_from": "invoice date"})
    assert "\nPAT+1++5\n" in text_of(map.write(without, onto=written))
    assert "PAT" not in text_of(map.write(order(), onto=written))


def test_a_value_stands_behind_the_field_that_says_its_qualifier() -> None:
    late = MAP.replace("    kind: PAT01\n", "").replace('[22,3|,D]"\n', '[22,3|,D]"\n    kind: PAT01\n')
    with pytest.raises(Exception, match=r"discount_days: PAT03-04.* stands before the field"):
        trial(late)


def test_a_constant_may_say_the_qualifier() -> None:
    map = trial(MAP.replace("    kind: PAT01\n", "    key: counted_from\n") + 'constants: {PAT01: "1"}\n')
    new = order({"counted_from": "invoice date", "net_days": 30})
    assert "\nPAT+1++5:3:D:30\n" in text_of(map.write(new))


def test_the_same_codes_are_bound_once() -> None:
    with pytest.raises(Exception, match="is bound twice"):
        trial(MAP.replace("[22,3|,D]", "[3,,D]").replace("[1|3,3|,D]", "[1|3,3|,D]"))


def test_examples_keep_to_what_qualifies_them() -> None:
    map, seen, fast = trial(), set[str](), 0
    for seed in range(60):
        made = example(map, Random(seed))
        written = map.write(made)
        assert map.read(written)[0] == made
        quick = compiled(map)([node.elements for node in written.segments()])
        assert quick in (None, made)  # what has a note is for the exact reader
        fast += quick is not None
        for one in made.payment_terms:
            seen |= {name for name in ("net_days", "discount_days") if getattr(one, name) is not None}
    assert seen == {"net_days", "discount_days"}
    assert fast > 20
