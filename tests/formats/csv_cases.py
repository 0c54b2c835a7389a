"""Layouts of rows, and documents as elements and as bytes: one table for reader and writer."""

from __future__ import annotations

from gateway.formats.records import Batch, Field, Layout, Mark, RecordType


def named(name: str, heading: str, required: bool = False) -> Field:
    return Field(name, heading=heading, required=required)


ORDERS = Layout(
    "csv",
    "megamart/orders",
    (
        RecordType("order", (named("po", "PO #", True), named("store", "Ship To")), by=(1,)),
        RecordType("line", (named("sku", "Item No.", True), named("qty", "Qty", True))),
    ),
    "order",
    frozenset(("order", "line")),
    delimiter=";",
    levels=("order", "line"),
)
"""One order in several rows, one line in each."""

PARCELS = Layout(
    "csv",
    "megamart/parcels",
    (
        RecordType("order", (named("po", "PO"),), by=(1,)),
        RecordType("parcel", (named("sscc", "SSCC"), named("kilos", "kg")), by=(1,)),
        RecordType("item", (named("sku", "SKU"),)),
    ),
    "order",
    frozenset(("order", "parcel", "item")),
    levels=("order", "parcel", "item"),
)
"""Three levels in a row."""

PRICES = Layout(
    "csv",
    "tools4u/prices",
    (RecordType("price", (named("sku", "SKU"), named("amount", "Price"))),),
    "price",
    frozenset(("price",)),
    levels=("price",),
)
"""A document in each row."""


def cell(name: str, number: int) -> Field:
    return Field(name, cell=number)


MIXED = Layout(
    "csv",
    "post/manifests",
    (
        RecordType("H", (cell("number", 2), cell("day", 3)), (Mark(1, 1, "H"),)),
        RecordType("D", (cell("number", 2), cell("parcel", 3), cell("town", 4)), (Mark(1, 1, "D"),)),
        RecordType("T", (cell("rows", 2),), (Mark(1, 1, "T"),)),
    ),
    "H",
    frozenset("HD"),
    Batch(trailing=("T",)),
    header=False,
)
"""Rows of several types, by position."""

DOCUMENTS: list[tuple[str, Layout, list[list[str]], bytes]] = [
    (
        "an order in two rows",
        ORDERS,
        [["order", "7", "S1"], ["line", "A", "1,5"], ["line", "B", "2"]],
        b"7;S1;A;1,5\r\n7;S1;B;2\r\n",
    ),
    (
        "quotation marks where they must be",
        ORDERS,
        [["order", '"7"', "a;b"], ["line", "A", "1"]],
        b'"""7""";"a;b";A;1\r\n',
    ),
    ("an order without lines", ORDERS, [["order", "7", "S1"]], b"7;S1;;\r\n"),
    ("nothing where nothing is said", ORDERS, [["order", "7"], ["line", "", "2"]], b"7;;;2\r\n"),
    (
        "three levels",
        PARCELS,
        [
            ["order", "7"],
            ["parcel", "1", "2"],
            ["item", "A"],
            ["item", "B"],
            ["parcel", "2"],
            ["item", "C"],
        ],
        b"7,1,2,A\r\n7,1,2,B\r\n7,2,,C\r\n",
    ),
    ("a document in each row", PRICES, [["price", "A", "1.50"]], b"A,1.50\r\n"),
    (
        "rows of several types",
        MIXED,
        [["H", "1", "20261128"], ["D", "1", "XF4", "Köln"], ["D", "1", "XF5"]],
        "H,1,20261128\r\nD,1,XF4,Köln\r\nD,1,XF5,\r\n".encode(),
    ),
]
