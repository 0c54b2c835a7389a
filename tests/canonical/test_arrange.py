"""Contents nested another way: every line keeps its order, packs and quantity, or the shape is refused by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical import Pack, Part, ShipNotice
from gateway.canonical.arrange import LEVELS, levels, lies
from gateway.canonical.base import said
from gateway.errors import NotWritable
from gateway.faults import Code, Fault

SHAPES = (
    "order pack line",
    "order line pack",
    "pack order line",
    "order line",
    "pack line",
    "line",
    "tare order pack line",
    "order tare pack line",
    "tare pack order line",
    "tare pack line",
    "order tare line pack",
)


def line(item: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"ids": {"upc": item}, "quantity": str(quantity), "unit": "each", **more}


def order(number: str, **more: Any) -> dict[str, Any]:
    return {"number": number, **more}


def pack(sscc: str | None, kind: str = "pack", **more: Any) -> dict[str, Any]:
    return {"kind": kind, **({"ssccs": [sscc]} if sscc else {}), **more}


def notice(**contents: Any) -> ShipNotice:
    return ShipNotice.model_validate({"number": "S-1", **contents})


def contents(of: ShipNotice) -> dict[str, Any]:
    found = of.model_dump(mode="json", exclude_defaults=True)
    return {name: found[name] for name in ("orders", "packs", "lines") if name in found}


SOPI = {
    "orders": [
        order("A", packs=[pack("1", lines=[line("x", 5), line("y")])], references={"invoice": ["I-1"]})
    ]
}
SPOI = {
    "packs": [
        pack("1", orders=[order("A", references={"invoice": ["I-1"]}, lines=[line("x", 5), line("y")])])
    ]
}
TWO = {
    "orders": [
        order("A", packs=[pack("1", lines=[line("x")])]),
        order("B", release="7", packs=[pack("2", lines=[line("x")]), pack("3", lines=[line("z")])]),
    ]
}
NAMED = {
    "packs": [
        pack("1", lines=[line("x", order={"number": "A"})]),
        pack("2", lines=[line("x", order={"number": "B", "release": "7"})]),
        pack("3", lines=[line("z", order={"number": "B", "release": "7"})]),
    ]
}
PICKED = {
    "orders": [order("A", lines=[line("x", 5, packs=[pack("1", quantity="2"), pack("2", quantity="3")])])]
}
TARES = {
    "orders": [
        order(
            "A", packs=[pack("9", "tare", packs=[pack("1", lines=[line("x")]), pack("2", lines=[line("y")])])]
        )
    ]
}


@pytest.mark.parametrize(
    ("before", "shape", "after"),
    [
        (SOPI, "order pack line", SOPI),
        (SOPI, "pack order line", SPOI),
        (SPOI, "order pack line", SOPI),
        (TWO, "pack line", NAMED),
        (NAMED, "order pack line", TWO),
        (TARES, "order tare pack line", TARES),
        (TARES, "order pack line", TARES),
        (
            TARES,
            "tare order pack line",
            {
                "packs": [
                    pack(
                        "9",
                        "tare",
                        orders=[
                            order("A", packs=[pack("1", lines=[line("x")]), pack("2", lines=[line("y")])])
                        ],
                    )
                ]
            },
        ),
        (
            PICKED,
            "order pack line",
            {
                "orders": [
                    order(
                        "A",
                        packs=[
                            pack("1", quantity="2", lines=[line("x", 2)]),
                            pack("2", quantity="3", lines=[line("x", 3)]),
                        ],
                    )
                ]
            },
        ),
        (
            {"orders": [order("A", packs=[pack("1", lines=[line("x", 5)])])]},
            "order line pack",
            {"orders": [order("A", lines=[line("x", 5, packs=[pack("1")])])]},
        ),
        (  # an order named by a line is the one that says more elsewhere
            {
                "orders": [order("A", buyer={"name": "STORE"})],
                "packs": [pack("1", lines=[line("x", order={"number": "A"})])],
            },
            "order pack line",
            {"orders": [order("A", buyer={"name": "STORE"}, packs=[pack("1", lines=[line("x")])])]},
        ),
        (  # the number of the line in its order stays with the line, and that order's with it
            {"packs": [pack("1", lines=[line("x", order={"number": "A", "line": "3"})])]},
            "order pack line",
            {
                "orders": [
                    order("A", packs=[pack("1", lines=[line("x", order={"number": "A", "line": "3"})])])
                ]
            },
        ),
        (  # the order of all goods that name none
            {
                "order": {"number": "A", "ordered_on": "2026-03-01"},
                "packs": [pack("1", lines=[line("x", order={"number": "B"})]), pack("2")],
                "lines": [line("z", order={"line": "3"})],
            },
            "order pack line",
            {
                "orders": [
                    order("B", packs=[pack("1", lines=[line("x")])]),
                    order(
                        "A",
                        ordered_on="2026-03-01",
                        packs=[pack("2")],
                        lines=[line("z", order={"line": "3"})],
                    ),
                ]
            },
        ),
        (  # where orders are no level it is said once, as it was
            {"order": {"number": "A"}, "packs": [pack("1", lines=[line("x")])]},
            "pack line",
            {"order": {"number": "A"}, "packs": [pack("1", lines=[line("x")])]},
        ),
        (  # goods without a pack, an order without goods and a pack without any are kept
            {"orders": [order("A", lines=[line("x")]), order("B")], "packs": [pack("1")]},
            "pack order line",
            {"orders": [order("A", lines=[line("x")]), order("B")], "packs": [pack("1")]},
        ),
        (  # a carton whose goods were listed by order, its label read twice
            {
                "orders": [
                    order("A", packs=[pack("1", lines=[line("x")])]),
                    order("B", packs=[pack("1", lines=[line("y")])]),
                ]
            },
            "pack order line",
            {"packs": [pack("1", orders=[order("A", lines=[line("x")]), order("B", lines=[line("y")])])]},
        ),
        (  # cartons without a label are not one carton
            {"orders": [order("A", packs=[pack(None, lines=[line("x")]), pack(None, lines=[line("x")])])]},
            "pack order line",
            {
                "packs": [
                    pack(None, orders=[order("A", lines=[line("x")])]),
                    pack(None, orders=[order("A", lines=[line("x")])]),
                ]
            },
        ),
    ],
)
def test_what_becomes_of_it(before: dict[str, Any], shape: str, after: dict[str, Any]) -> None:
    found = notice(**before).arranged(shape)
    assert found == notice(**after, shape=shape)
    assert found.arranged(shape) == found


@pytest.mark.parametrize(
    ("before", "shape", "faults"),
    [
        (SOPI, "order line", ["not-carried orders[0].packs[0].kind", "not-carried orders[0].packs[0].ssccs"]),
        (SOPI, "pack line", ["not-carried orders[0].references"]),
        (
            SOPI,
            "order line pack",
            ["not-writable orders[0].packs[0]"],
        ),  # the pack would stand beneath both lines
        (
            SPOI,
            "order pack",
            [
                f"not-carried packs[0].orders[0].lines[{at}].{name}"
                for at in (0, 1)
                for name in ("ids", "quantity", "unit")
            ],
        ),
        (
            {"packs": [pack("1", orders=[order("A", lines=[line("x")]), order("B", lines=[line("y")])])]},
            "order pack line",
            ["not-writable packs[0]"],
        ),
        (
            {
                "orders": [
                    order(
                        "A",
                        loads=[{"count": 2}],
                        packs=[pack("1", lines=[line("x")]), pack("2", lines=[line("y")])],
                    )
                ]
            },
            "pack order line",
            ["not-carried orders[0].loads"],
        ),
        (
            {"orders": [order("A", lines=[line("x", order={"number": "B"})])]},
            "line",
            ["not-writable orders[0].lines[0].order.number"],
        ),
        ({"orders": [order("A")], "lines": [line("x")]}, "pack line", ["not-carried orders[0].number"]),
        (
            {"orders": [order("A", lines=[line("x", 5, packs=[pack("1", quantity="2"), pack("2")])])]},
            "order pack line",
            ["not-writable orders[0].lines[0].quantity"],
        ),
        (
            {
                "orders": [
                    order(
                        "A",
                        lines=[
                            line(
                                "x",
                                4,
                                serials=["S"],
                                packs=[pack("1", quantity="2"), pack("2", quantity="2")],
                            )
                        ],
                    )
                ]
            },
            "pack order line",
            ["not-carried orders[0].lines[0].serials"],
        ),
        (
            {"lines": [line("x", packs=[pack("1", lines=[line("y")])])]},
            "pack line",
            ["not-writable lines[0].packs[0]"],
        ),
        (
            {"orders": [order("A", packs=[pack("1", orders=[order("B", lines=[line("x")])])])]},
            "order pack line",
            ["not-writable orders[0].packs[0].orders[0]"],
        ),
    ],
)
def test_what_cannot_be_nested_so_is_refused_by_name(
    before: dict[str, Any], shape: str, faults: list[str]
) -> None:
    with pytest.raises(NotWritable) as refused:
        notice(**before).arranged(shape)
    assert sorted(f"{one.code.word} {one.place}" for one in refused.value.faults) == sorted(faults)


@pytest.mark.parametrize("shape", ["", "pack pack", "order carton line", "shipment order"])
def test_a_shape_names_known_levels_once(shape: str) -> None:
    with pytest.raises(ValueError, match="order, tare, pack, line"):
        notice().arranged(shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_levels_of_a_shape(shape: str) -> None:
    assert set(levels(shape)) <= set(LEVELS)
    assert " ".join(levels(f"  {shape} ")) == shape


# -- any notice

NUMBERS = st.sampled_from("ABC")
LABELS = st.sampled_from(["1", "2", "3", "4", None])
LINES = st.builds(line, st.sampled_from("xyz"), st.integers(1, 9))


def with_order(one: dict[str, Any], number: str | None) -> dict[str, Any]:
    return one | ({"order": {"number": number}} if number else {})


def some(one: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, max_size=most)


def labels_of(packs: list[dict[str, Any]]) -> list[str]:
    return [label for one in packs for label in one.get("ssccs", [])]


NAMING = st.builds(with_order, LINES, NUMBERS | st.none())
PICKS = st.builds(
    lambda one, packs: one | {"packs": packs},
    LINES,
    some(st.builds(pack, LABELS)).filter(
        lambda packs: len(labelled := labels_of(packs)) == len(set(labelled))
    ),
)
"""Lines in several packs; a label says which pack, so that none stands twice in one line."""
CARTONS = st.builds(lambda label, lines: pack(label, lines=lines), LABELS, some(NAMING))
PALLETS = st.builds(lambda label, packs: pack(label, "tare", packs=packs), LABELS, some(CARTONS))
MIXED = st.builds(
    lambda label, orders: pack(label, orders=orders),
    LABELS,
    some(st.builds(lambda number, lines: order(number, lines=lines), NUMBERS, some(LINES))),
)
ORDERS = st.builds(
    lambda number, packs, lines, references: order(number, packs=packs, lines=lines, references=references),
    NUMBERS,
    some(CARTONS | PALLETS),
    some(PICKS | LINES),
    st.sampled_from([{}, {"invoice": ["I-1"]}]),
)
NOTICES = st.builds(
    lambda number, orders, packs, lines: with_order(
        {"number": "S-1", "orders": orders, "packs": packs, "lines": lines}, number
    ),
    NUMBERS | st.none(),
    some(ORDERS),
    some(CARTONS | PALLETS | MIXED),
    some(NAMING),
).map(ShipNotice.model_validate)
TIDY = st.builds(
    lambda orders: notice(orders=orders),
    st.lists(
        st.builds(
            lambda number, packs: order(number, packs=packs),
            NUMBERS,
            some(st.builds(lambda lines: pack(None, lines=lines), some(LINES))),
        ),
        max_size=3,
        unique_by=lambda one: one["number"],
    ),
)
"""Each pack with the goods of one order, and nothing that is said once."""


def rows(of: ShipNotice) -> Counter[tuple[Any, ...]]:
    """(order, labels, item, quantity) of every line."""
    found = _rows(of, None, ())
    for_all = of.order.number if of.order else None
    return Counter((number or for_all, *more) for number, *more in found)


def _rows(around: Part, number: str | None, labels: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    for one in getattr(around, "orders", ()):
        yield from _rows(one, one.number, labels)
    for one in getattr(around, "packs", ()):
        yield from _rows(one, number, (*labels, *one.ssccs))
    for one in getattr(around, "lines", ()):
        of = number or (one.order.number if one.order else None)
        shares = list(_beneath(one.packs, labels)) or [(labels, None)]
        for own, quantity in shares:
            yield of, own, one.ids["upc"], quantity if len(shares) > 1 else one.quantity


def _beneath(packs: list[Pack], labels: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Decimal | None]]:
    """The labels from outside in, and the quantity, of each pack that holds no other."""
    for one in packs:
        below = list(_beneath(one.packs, (*labels, *one.ssccs)))
        yield from below or [((*labels, *one.ssccs), one.quantity)]


def facts(of: Part, kind: str) -> set[str]:
    """What the parts of one kind say, without what lies in them."""
    bare = {"orders": [], "packs": [], "lines": []}
    found = set()
    for name in bare:
        for one in getattr(of, name, ()):
            if name == kind:
                found.add(one.model_copy(update={name: [] for name in bare if hasattr(one, name)}).to_json())
            found |= facts(one, kind)
    return found


@given(NOTICES, st.sampled_from(SHAPES))
def test_every_line_keeps_what_is_said_of_it_or_the_shape_is_refused(before: ShipNotice, shape: str) -> None:
    refused: list[Fault] = []
    try:
        after = before.arranged(shape)
    except NotWritable as refusal:
        refused = refusal.faults
    if refused:
        assert {one.code for one in refused} <= {Code.NOT_CARRIED, Code.NOT_WRITABLE}
        assert all(one.place.field for one in refused)
        return
    assert rows(after) == rows(before)
    assert facts(after, "packs") == facts(before, "packs")
    if "order" in levels(shape):
        assert facts(after, "orders") >= facts(before, "orders")
    assert after.shape == shape
    assert lies(after, levels(shape))
    assert after.arranged(shape) == after
    outside = said(before) - {"orders", "packs", "lines", "shape"}
    if before.order != after.order:
        assert "order" in levels(shape)
        outside -= {"order"}
    assert all(getattr(after, name) == getattr(before, name) for name in outside)


@given(TIDY)
def test_goods_packed_by_order_go_there_and_back(before: ShipNotice) -> None:
    nested = before.arranged("order pack line")
    assert rows(nested.arranged("pack order line").arranged("order pack line")) == rows(before)


@given(NOTICES, st.sampled_from(SHAPES))
def test_what_lies_so_stays_so(before: ShipNotice, shape: str) -> None:
    if lies(before, levels(shape)):
        assert before.arranged(shape) == before.model_copy(update={"shape": shape})
