"""An order beside what answers it: what goes beyond it, and how far each of its lines has come."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical import (
    Invoice,
    Line,
    OrderAcknowledgment,
    PurchaseOrder,
    ShipNotice,
    Standing,
    exceeding,
    standing,
)
from gateway.canonical.answers import ACCEPTS, DROPS, REFUSES
from gateway.canonical.fulfilment import TAKES_THE_REST
from gateway.canonical.meeting import MOST, NAMES, STYLES, Lines
from gateway.faults import Code, Fault
from gateway.marked_yaml import load

PENS = {"number": "1", "ids": {"upc": "012345678905", "vendor": "PEN"}, "quantity": 100, "unit": "each"}
INK = {"number": "2", "ids": {"upc": "012345678912"}, "quantity": 8, "unit": "case"}
ORDER = PurchaseOrder.model_validate(
    {
        "number": "4500017",
        "ordered_on": "2026-03-01",
        "lines": [PENS | {"price": {"amount": "0.50"}}, INK | {"price": {"amount": 12}}],
    }
)


def acknowledgment(*lines: Any, **more: Any) -> OrderAcknowledgment:
    order = {"number": "4500017"}
    return OrderAcknowledgment.model_validate({"order": order, "lines": lines} | more)


def answered(*responses: Any, **line: Any) -> dict[str, Any]:
    return {"number": "1", "quantity": 100, "unit": "each", "responses": responses} | line


def response(action: str, quantity: object = None, unit: str | None = None) -> dict[str, Any]:
    return {"action": action, "quantity": quantity, "unit": unit}


def shipped(*lines: Any, **more: Any) -> ShipNotice:
    return ShipNotice.model_validate({"number": "S1", "lines": lines} | more)


def invoice(*lines: Any, **more: Any) -> Invoice:
    facts = {"number": "I1", "issued_on": "2026-03-20", "order": {"number": "4500017"}, "total": 1}
    return Invoice.model_validate(facts | {"lines": lines} | more)


def told(faults: Iterable[Fault]) -> list[tuple[str, str | None, str | None, bool]]:
    return [(one.code.word, one.place.field, one.came, one.is_note) for one in faults]


NOTHING = {
    "as ordered": acknowledgment(
        answered(response("accepted", 100)), INK | {"responses": [response("accepted", 8)]}
    ),
    "split in two": acknowledgment(
        answered(response("accepted", 60), response("accepted and date changed", 40))
    ),
    "the rest comes later": acknowledgment(answered(response("accepted", 60), response("backordered", 40))),
    "a quantity that is refused": acknowledgment(
        answered(response("accepted", 100), response("rejected", 50))
    ),
    "no quantity": acknowledgment(answered(response("accepted"), response("accepted and price changed"))),
    "a remark beside a quantity": acknowledgment(answered(response("accepted", 100), response("accepted"))),
    "no response": acknowledgment(PENS),
    "no lines": acknowledgment(verdict="accepted"),
    "less": acknowledgment(answered(response("accepted", 1))),
    "of another order": acknowledgment(answered(response("accepted", 999)), order={"number": "4500018"}),
    "by its ids": acknowledgment(answered(response("accepted", 100), number=None, ids={"vendor": "PEN"})),
    "shipped in cartons": shipped(
        orders=[
            {
                "number": "4500017",
                "packs": [{"kind": "pack", "lines": [{"number": "1", "quantity": 60, "unit": "each"}]}] * 1
                + [
                    {
                        "kind": "tare",
                        "packs": [
                            {
                                "kind": "pack",
                                "lines": [{"ids": {"vendor": "PEN"}, "quantity": 40, "unit": "each"}],
                            }
                        ],
                    }
                ],
            }
        ]
    ),
    "for two orders": shipped(
        packs=[
            {
                "kind": "pack",
                "orders": [
                    {"number": "4500017", "lines": [{"number": "1", "quantity": 100}]},
                    {"number": "4500018", "lines": [{"number": "1", "quantity": 500}]},
                ],
            }
        ]
    ),
    "a line of another order": shipped({"number": "7", "quantity": 5, "order": {"number": "4500018"}}),
    "all of another order": shipped({"number": "1", "quantity": 500}, order={"number": "4500018"}),
    "a line that names the order's": shipped(
        {"number": "7", "quantity": 5, "order": {"number": "4500017", "line": "2"}}
    ),
    "invoiced": invoice({"number": "1", "quantity": 100, "price": {"amount": 50, "per": 100}}),
    "another's invoice": invoice({"number": "7", "quantity": 100}, order={"number": "4500018"}),
    "taken back": invoice({"number": "1", "quantity": 500}, kind="credit memo"),
}


@pytest.mark.parametrize("answer", NOTHING.values(), ids=NOTHING)
def test_what_stays_within_the_order(answer: Any) -> None:
    assert told(exceeding(ORDER, answer)) == []


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        (
            acknowledgment(answered(response("accepted", 60), response("item substituted", 41))),
            [("quantity-exceeds", "lines[0].responses[1].quantity", "41", False)],
        ),
        (
            acknowledgment(answered(response("accepted", 100), response("backordered", 1))),
            [("quantity-exceeds", "lines[0].responses[1].quantity", "1", False)],
        ),
        (
            acknowledgment(PENS | {"quantity": "100.5"}),
            [("quantity-exceeds", "lines[0].quantity", "100.5", False)],
        ),
        (
            acknowledgment(answered(response("accepted", 5), number="3", ids={"upc": "9"})),
            [("no-such-line", "lines[0]", "3", False)],
        ),
        (
            acknowledgment(answered(response("accepted", 5), number=None, ids={"upc": "9", "vendor": "X"})),
            [("no-such-line", "lines[0]", "upc 9, vendor X", False)],
        ),
        (acknowledgment({"quantity": 5}), [("no-such-line", "lines[0]", None, False)]),
        (
            acknowledgment(answered(response("accepted", 9, "box"))),
            [("unit-differs", "lines[0].responses[0].quantity", "box", True)],
        ),
        (
            acknowledgment(PENS | {"price": {"amount": "0.55"}}),
            [("price-differs", "lines[0].price", "0.55", True)],
        ),
        (
            shipped(packs=[{"kind": "pack", "lines": [PENS, {"number": "1", "quantity": 2}]}]),
            [("quantity-exceeds", "packs[0].lines[1].quantity", "2", False)],
        ),
        (
            invoice(PENS | {"quantity": 120, "price": {"amount": 60, "basis": "hundred"}}),
            [
                ("price-differs", "lines[0].price", "60 hundred", True),
                ("quantity-exceeds", "lines[0].quantity", "120", False),
            ],
        ),
    ],
)
def test_what_goes_beyond_the_order(answer: Any, faults: Any) -> None:
    assert told(exceeding(ORDER, answer)) == faults


def test_a_fault_says_what_was_ordered() -> None:
    (fault,) = exceeding(ORDER, acknowledgment(PENS | {"quantity": 101}))
    assert str(fault).startswith(
        "lines[0].quantity: this is more than was ordered; came '101'; expected at most 100 each"
    )
    (fault,) = exceeding(ORDER, shipped(PENS, {"number": "1", "quantity": 2}))
    assert (fault.came, fault.expected) == ("2", "at most 100 each, as ordered; 102 in all")
    (fault,) = exceeding(ORDER, shipped({"number": "3", "quantity": 1}))
    assert fault.expected == "a line of order 4500017"


def test_an_order_that_states_no_quantity_is_not_exceeded() -> None:
    order = ORDER.model_copy(update={"lines": [Line(number="1")]})
    assert exceeding(order, shipped(PENS)) == []


def test_a_price_is_told_as_it_was_stated() -> None:
    line = PENS | {"price": {"amount": 60, "per": 100}}
    (fault,) = exceeding(ORDER, invoice(line))
    assert (fault.came, fault.expected) == ("60 for 100", "0.50")


# -- which line is meant

APPAREL = [
    Line(number="1", ids={"vendor style": "TEE", "vendor size": "M", "upc": "1"}),
    Line(number="2", ids={"vendor style": "TEE", "vendor size": "L", "upc": "2"}),
    Line(number="0003", ids={"vendor style": "CAP", "vendor size": "M"}),
    Line(number="4", ids={"vendor style": "CAP", "vendor size": "L"}),
    Line(number="5", ids={"upc": "2"}),
    Line(),
]


@pytest.mark.parametrize(
    ("number", "ids", "met"),
    [
        ("1", {}, 0),
        ("001", {}, 0),
        ("3", {}, 2),
        ("2", {"upc": "2"}, 1),
        ("1", {"upc": "2"}, 1),  # the seller counts its own lines
        ("1", {"upc": "9"}, 0),  # something else in its place
        ("5", {"upc": "2"}, 4),
        (None, {"upc": "2"}, 4),  # called exactly so
        (None, {"upc": "2", "vendor size": "L"}, 1),
        (None, {"vendor style": "TEE"}, 0),
        (None, {"vendor style": "CAP", "vendor size": "L"}, 3),
        (None, {"vendor style": "CAP", "vendor size": "S"}, None),
        (None, {"vendor size": "M"}, None),  # many things have a size
        (None, {"upc": "9"}, None),
        ("9", {}, None),
        (None, {}, None),
    ],
)
def test_which_line_is_meant(number: str | None, ids: dict[str, str], met: int | None) -> None:
    assert Lines(APPAREL).met(number, ids) == met


def test_of_many_lines_of_a_style_the_one_called_exactly_so_is_found() -> None:
    lines = Lines([Line(ids={"style": "TEE", "size": str(size)}) for size in range(2 * MOST)])
    assert lines.met(None, {"style": "TEE", "size": str(2 * MOST - 1)}) == 2 * MOST - 1


TWICE = [
    {"ids": {"vendor": "PEN"}, "quantity": 10, "unit": "each", "price": {"amount": 1}},
    {"ids": {"vendor": "PEN"}, "quantity": 100, "unit": "each", "price": {"amount": 1}},
    {"ids": {"vendor": "INK"}, "quantity": 5, "unit": "each"},
    {"description": "as discussed", "quantity": 1},
    {"description": "as shown", "quantity": 1},
]


def test_lines_that_nothing_tells_apart_are_one() -> None:
    order = PurchaseOrder.model_validate({"number": "4500017", "ordered_on": "2026-03-01", "lines": TWICE})
    assert exceeding(order, acknowledgment(*TWICE[:3])) == []
    cartons = shipped(*[TWICE[0] | {"quantity": quantity} for quantity in (40, 40, 30)])
    assert exceeding(order, cartons) == []
    assert told(exceeding(order, shipped(*[TWICE[0] | {"quantity": 37}] * 3))) == [
        ("quantity-exceeds", "lines[2].quantity", "37", False)
    ]
    pens, ink, *unnamed = standing(order, [acknowledgment(*TWICE[:3]), cartons])
    assert figures(pens) == {
        "ordered": ("110", "110.00"),
        "acknowledged": ("110", "110.00"),
        "shipped": ("110",),
    }
    assert (ink.agrees, [figures(one) for one in unnamed]) == (True, [{"ordered": ("1",)}] * 2)


@pytest.mark.parametrize("other", [{"unit": "case"}, {"quantity": None}])
def test_what_such_lines_do_not_agree_on_is_not_compared(other: dict[str, Any]) -> None:
    lines = [TWICE[0], TWICE[1] | other]
    order = PurchaseOrder.model_validate({"number": "4500017", "ordered_on": "2026-03-01", "lines": lines})
    assert exceeding(order, acknowledgment(TWICE[0] | {"quantity": 999})) == []


# -- how far a line has come


def figures(one: Standing) -> dict[str, tuple[str, ...]]:
    """What each kind of document says: quantity and, where it is known, money."""
    names = ("ordered", "acknowledged", "backordered", "shipped", "invoiced")
    tallies = {name: tally for name in names if (tally := getattr(one, name))}
    return {
        name: tuple(str(value) for value in (tally.quantity, tally.money) if value is not None)
        for name, tally in tallies.items()
    }


PENS_COST = PENS | {"price": {"amount": "0.50"}}
ORDERED = {"ordered": ("100", "50.00")}


@pytest.mark.parametrize(
    ("answers", "first", "differing"),
    [
        ([], {}, ()),
        ([acknowledgment(verdict="no detail or change")], {"acknowledged": ("100",)}, ()),
        ([acknowledgment(verdict="rejected")], {"acknowledged": ("0",)}, ("acknowledged",)),
        ([acknowledgment(INK, verdict="exception detail")], {"acknowledged": ("100",)}, ()),
        ([acknowledgment(INK, verdict="detail and change")], {}, ()),
        ([acknowledgment(PENS_COST)], {"acknowledged": ("100", "50.00")}, ()),
        (
            [acknowledgment(PENS, verdict="rejected with details")],
            {"acknowledged": ("0",)},
            ("acknowledged",),
        ),
        (
            [acknowledgment(answered(response("accepted", 60), response("backordered", 40)))],
            {"acknowledged": ("60",), "backordered": ("40",)},
            ("acknowledged",),
        ),
        (  # the seller thinks again
            [
                acknowledgment(answered(response("accepted", 60), response("backordered", 40))),
                acknowledgment(answered(response("accepted", 100))),
            ],
            {"acknowledged": ("100",)},
            (),
        ),
        (  # what is less from the start is not said to differ again
            [acknowledgment(answered(response("accepted", 60))), shipped(PENS | {"quantity": 60})],
            {"acknowledged": ("60",), "shipped": ("60",)},
            ("acknowledged",),
        ),
        (
            [shipped(PENS | {"quantity": 60}), shipped(PENS | {"quantity": 40}, number="S2")],
            {"shipped": ("100",)},
            (),
        ),
        ([shipped(PENS | {"quantity": 60}), shipped(PENS)], {"shipped": ("100",)}, ()),
        ([shipped(PENS), shipped(PENS, purpose="cancellation")], {}, ()),
        (
            [shipped(PENS | {"quantity": 60}), invoice(PENS_COST | {"quantity": 60})],
            {"shipped": ("60",), "invoiced": ("60", "30.00")},
            ("shipped",),
        ),
        (  # the quantity that was shipped, at another price
            [shipped(PENS), invoice(PENS | {"price": {"amount": "0.55"}})],
            {"shipped": ("100",), "invoiced": ("100", "55.00")},
            ("invoiced",),
        ),
        (
            [invoice(PENS_COST), invoice(PENS_COST | {"quantity": 10}, kind="credit memo", number="I2")],
            {"invoiced": ("90", "45.00")},
            ("invoiced",),
        ),
    ],
)
def test_how_far_a_line_has_come(answers: Any, first: dict[str, Any], differing: tuple[str, ...]) -> None:
    pens, ink = standing(ORDER, answers)
    assert figures(pens) == ORDERED | first
    assert pens.differing == differing
    assert pens.agrees == (not differing)
    assert (pens.number, ink.number) == ("1", "2")


def test_thirds_of_a_cent_do_not_make_a_price_another() -> None:
    dozen = {"amount": 10, "basis": "dozen"}
    order = ORDER.model_copy(update={"lines": [Line.model_validate(PENS | {"price": dozen})]})
    (pens,) = standing(
        order, [shipped(PENS | {"quantity": 7}), invoice(PENS | {"quantity": 7, "price": dozen})]
    )
    assert figures(pens) == {"ordered": ("100", "83.33"), "shipped": ("7",), "invoiced": ("7", "5.83")}
    assert pens.differing == ("shipped",)


def test_another_unit_is_told_and_not_added_up() -> None:
    pens, _ = standing(ORDER, [shipped(PENS | {"quantity": 60}, PENS | {"quantity": 4, "unit": "box"})])
    assert pens.shipped is not None
    assert (pens.shipped.quantity, pens.shipped.unit) == (60, "each")
    assert [(one.value, one.unit) for one in pens.shipped.apart] == [(4, "box")]
    assert pens.differing == ("shipped",)


def test_a_line_only_answers_have_stands_at_the_end() -> None:
    extra = {"number": "9", "ids": {"upc": "9"}, "quantity": 3, "unit": "each"}
    *_, last = standing(ORDER, [shipped(extra), invoice(extra | {"price": {"amount": 2}})])
    assert (last.number, dict(last.ids), last.ordered) == ("9", {"upc": "9"}, None)
    assert figures(last) == {"shipped": ("3",), "invoiced": ("3", "6.00")}
    assert last.differing == ("shipped",)


def test_the_answer_may_leave_the_release_out_but_not_name_another() -> None:
    order = ORDER.model_copy(update={"release": "7"})
    for release, quantity in ((None, 100), ("7", 100), ("8", None)):
        ref = {"number": "4500017", "release": release}
        pens, _ = standing(order, [acknowledgment(PENS, order=ref)])
        assert (pens.acknowledged and pens.acknowledged.quantity) == quantity


# -- of any order

KINDS = sorted(NAMES)[:3] + sorted(STYLES)[:1] + ["size"]
ANY_LINE = st.fixed_dictionaries(
    {
        "number": st.none() | st.sampled_from("123"),
        "ids": st.dictionaries(st.sampled_from(KINDS), st.sampled_from("AB"), max_size=3),
        "quantity": st.none() | st.integers(0, 3),
        "unit": st.sampled_from([None, "each", "case"]),
        "price": st.sampled_from([None, {"amount": 1}, {"amount": 7, "basis": "dozen"}]),
    }
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_LINE, max_size=6))
def test_an_order_repeated_line_by_line_goes_beyond_nothing(lines: list[dict[str, Any]]) -> None:
    order = ORDER.model_copy(update={"lines": [Line.model_validate(line) for line in lines]})
    for answer in (acknowledgment(*lines), shipped(*lines), invoice(*lines)):
        faults = [fault for fault in exceeding(order, answer) if not fault.is_note]
        assert {fault.code for fault in faults} <= {Code.NO_SUCH_LINE}
        unnamed = [line for line in order.lines if not (line.number or line.ids.keys() & (NAMES | STYLES))]
        assert len(faults) <= len(unnamed)


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_LINE, max_size=5), st.lists(st.lists(ANY_LINE, max_size=5), max_size=3), st.data())
def test_every_quantity_said_stands_somewhere(
    lines: list[dict[str, Any]], said: list[list[dict[str, Any]]], data: st.DataObject
) -> None:
    order = ORDER.model_copy(update={"lines": [Line.model_validate(line) for line in lines]})
    notices = [shipped(*goods, number=str(number)) for number, goods in enumerate(said)]
    stands = [one.shipped for one in standing(order, data.draw(st.permutations(notices))) if one.shipped]
    apart = sum(quantity.value or 0 for one in stands for quantity in one.apart)
    total = sum(line["quantity"] or 0 for goods in said for line in goods)
    assert sum(one.quantity or 0 for one in stands) + apart == total


# -- the words are those of the maps


@pytest.mark.parametrize(
    ("tables", "used"),
    [
        (["line_actions"], ACCEPTS | DROPS | {"backordered"}),
        (["answers", "verdicts"], TAKES_THE_REST | REFUSES),
        (["item_ids"], NAMES | STYLES),
    ],
)
def test_the_words_are_those_of_the_maps(tables: list[str], used: frozenset[str]) -> None:
    codes = [files("gateway.maps").joinpath(f"{standard}/codes.yaml") for standard in ("x12", "edifact")]
    known = [
        load(one.read_text("utf-8"), one.name).data["codes"].get(table, {})
        for one in codes
        for table in tables
    ]
    assert used <= {word for words in known for word in words}
