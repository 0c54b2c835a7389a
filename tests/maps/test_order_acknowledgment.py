"""The base maps of the 855: what sellers answer, both ways, in business words; what is missing is told by its field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from guides.documents import damaged
from guides.documents import segments as lists
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.canonical import Moment, OrderAcknowledgment
from gateway.errors import NotWritable
from gateway.faults import rejecting
from gateway.guides.load import nearest
from gateway.guides.place import parse
from gateway.maps import Map

from .full_855 import FULL_855
from .test_base_maps import (
    NOT_OF_A_LINES_PRICE,
    NOT_OF_AN_INNER_PARTY,
    NOT_OF_INNER,
    elements,
    lost,
    published,
    read,
    segments,
    unbound,
    written,
)
from .test_compile import agree

FIFTH = FULL_855.replace("MSG*", "MTX**").replace("CTP**UCP", "MEA*PD*WT*2*LB\nCTP**UCP")
FIFTH = FIFTH.replace("N4*DALLAS*TX*75201*US*SN*0042", "N4*LONDON**EC1*GB*SN*0042*LND")


def base(version: str = "004010") -> Map:
    return maps.load(f"x12/{version}/855")


def answer(text: str = FULL_855, version: str = "004010") -> OrderAcknowledgment:
    found = read(base(version), text)
    assert isinstance(found, OrderAcknowledgment)
    return found


@pytest.mark.parametrize(("version", "text"), [("004010", FULL_855), ("005010", FIFTH)])
def test_everything_in_the_document_is_carried(version: str, text: str) -> None:
    of, found = base(version), answer(text, version)
    assert written(of, found) == text.strip()
    assert OrderAcknowledgment.from_json(found.to_json()) == found
    tree, _ = parse(of.guide, segments(text))
    assert of.residue(tree) == []
    assert [node.elements for node in of.write(found, tree).segments()] == [
        node.elements for node in tree.segments()
    ]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from(["004010", "005010"]))
def test_on_damaged_answers_the_fast_reader_says_what_the_exact_one_says(seed: int, version: str) -> None:
    chance = Random(seed)
    text = FULL_855 if version == "004010" else FIFTH
    agree(base(version), damaged(lists(text), chance, chance.randrange(3)))


def test_every_field_is_bound_but_those_the_855_has_no_place_for() -> None:
    assert set(unbound(base().root)) == {
        "OrderAcknowledgment.amounts",  # AMT stands in a line, and in the summary
        "OrderAcknowledgment.created_at",  # GS04 and GS05 say it, for the whole group
        "OrderAcknowledgment.remarks",
        "OrderRef.change",
        "OrderRef.line",
        "AcknowledgedLine.action",  # the ACKs say it, of so much each
        "AcknowledgedLine.relation",  # only what is inside another line belongs to one
        "AcknowledgedLine.within",
        "AcknowledgedLine.inner",  # SLN in SLN: there is none
        "AcknowledgedLine.text",  # no MSG in a line, but in its notes and sub-lines
        "AcknowledgedLine.commodities",
        *(f"AcknowledgedLine.{name}" for name in NOT_OF_INNER),
        "Response.dates",  # no DTM under the ACK of a sub-line
        "Party.role",  # where the field already says it
        "Party.address",  # SCH names its party only
        "Party.contacts",
        "Party.id",
        "Party.location",
        "Party.more_names",
        "Party.references",
        "Party.reference_texts",
        "Party.dates",  # DTM stands under N1 of a line only
        *(f"Party.{name}" for name in NOT_OF_AN_INNER_PARTY),
        "Amount.currency",  # that of the document
        "Amount.dates",
        "Amount.references",
        "AllowanceCharge.taxes",  # TXI under SAC is the invoice's
        "Tax.currency",  # the order's
        "Transport.equipment",  # TD3
        "Transport.references",
        "Transport.tracking",
        *(f"Price.{name}" for name in NOT_OF_A_LINES_PRICE),
    }


def test_an_answer_reads_in_business_words() -> None:
    found = answer()
    assert (found.number, found.purpose, found.verdict) == ("SO-9001", "original", "detail and change")
    assert (found.order.number, found.order.release) == ("4500017", "3")
    assert (found.order.ordered_on, found.acknowledged_on) == (date(2026, 3, 1), date(2026, 3, 2))
    assert (found.ships_at, found.delivery_at) == (Moment(date(2026, 3, 15)), Moment(date(2026, 3, 20)))
    assert set(found.dates) == {"shipment promised"}
    assert found.total == Decimal(1165)


def test_several_responses_divide_a_line() -> None:
    line = answer().lines[0]
    assert [(one.action, one.quantity, one.unit) for one in line.responses] == [
        ("accepted", 60, "each"),
        ("item substituted", 36, "each"),
        ("backordered", 12, "each"),
        ("rejected for its item number", 12, "each"),
    ]
    first, substitute, _, refused = line.responses
    assert (first.kind, first.at, first.reference) == (
        "shipment scheduled",
        Moment(date(2026, 3, 15)),
        "Q-1",
    )
    assert list(first.dates) == ["delivery scheduled"]
    assert substitute.ids == {"vendor item": "AB3543", "upc": "012345678912"}
    assert (refused.agency, refused.reason_list, refused.reason) == ("mutually defined", "NW", "07")
    assert [one.action for one in line.inner[0].responses] == ["accepted"]


@pytest.mark.parametrize("code", ["SU", "VN", "SE"])
def test_the_seller_goes_by_three_codes(code: str) -> None:
    found = answer(f"BAK*00*AT*1*20260301\nN1*{code}*NORTHWIND")
    assert found.supplier is not None
    assert (found.supplier.name, found.other_parties) == ("NORTHWIND", [])


def test_a_bare_acceptance_has_no_lines() -> None:
    found = answer("BAK*00*AK*4500017*20260301")
    assert (found.verdict, found.lines) == ("no detail or change", [])
    assert written(base(), found) == "BAK*00*AK*4500017*20260301\nCTT*0"


SMALL: dict[str, Any] = {
    "purpose": "original",
    "verdict": "detail and change",
    "order": {"number": "4500017", "ordered_on": "2026-03-01"},
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": None}, "purpose"),
        ({"verdict": None}, "verdict"),
        ({"order": {"number": "4500017"}}, "order.ordered_on"),
        (
            {"lines": [{"number": "1", "responses": [{"quantity": 1, "unit": "each"}]}]},
            "lines[0].responses[0].action",
        ),
        (
            {"lines": [{"number": "1"}, {"number": "2", "inner": [{"number": "2.1", "quantity": 1}]}]},
            "lines[1].inner[0].relation",
        ),
    ],
)
def test_what_the_855_must_say_and_the_object_does_not_is_named_by_its_field(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(NotWritable) as refused:
        base().write(OrderAcknowledgment.model_validate(SMALL | changes))
    fault = refused.value.faults[0]
    assert (fault.place.field, fault.hint) == (field, f"the object must say {field}")


def test_a_changed_response_is_changed_where_it_stands() -> None:
    of = base()
    tree, _ = parse(of.guide, segments(FULL_855))
    found, _ = of.read(tree)
    line = found.lines[0]
    responses = [
        one.model_copy(update={"quantity": Decimal(50)}) for one in line.responses[:1]
    ] + line.responses[1:]
    lines = [line.model_copy(update={"responses": responses}), *found.lines[1:]]
    changed = of.write(found.model_copy(update={"lines": lines}), tree)
    before = FULL_855.strip().splitlines()
    after = ["*".join(node.elements) for node in changed.segments()]
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        ("ACK*IA*60*EA*068*20260315*Q-1", "ACK*IA*50*EA*068*20260315*Q-1")
    ]


# -- documents others published

RESIDUE: dict[str, dict[str, str] | None] = {
    "PR855__pass__1.edi": {},
    "PR855__fail__2.edi": None,  # a unit of three letters: its guide rejects it, so it cannot be written fresh
    "multi-tx-transaction-type.edi": {},
}
"""What fresh writing does not bring back, by file; None where the document cannot be written."""


def test_published_answers_are_carried() -> None:
    seen = 0
    for path, document in published("X12 855"):
        name, _ = nearest("x12", "855", document.version)
        of = maps.load(str(name))
        tree, faults = parse(of.guide, document.located())
        found, meaning = of.read(tree)
        assert bool(rejecting([*faults, *meaning])) == (RESIDUE[path.name] is None)
        assert of.residue(tree) == []
        if RESIDUE[path.name] is not None:
            fresh = of.write(found)
            assert of.read(fresh)[0] == found
            assert lost(elements(tree), elements(fresh)) == RESIDUE[path.name], path
            seen += 1
    assert seen == 3
