"""Layouts of fixed records, and documents as elements and as bytes: one table for reader and writer."""

from __future__ import annotations

from decimal import Decimal

from gateway.formats.records import Batch, Field, Layout, Mark, RecordType, Said, Total


def text(name: str, first: int, last: int) -> Field:
    return Field(name, first, last)


def number(name: str, first: int, last: int) -> Field:
    return Field(name, first, last, right=True, fill="0", whole=True)


def day(name: str, first: int, last: int) -> Field:
    return Field(name, first, last, whole=True, nothing=("00000000",))


def record(tag: str, *fields: Field) -> RecordType:
    return RecordType(tag, fields, (Mark(1, len(tag), tag),))


TOTALS = (
    Total("TRL", 1, "SHP", write=lambda total: f"{total:f}", text="count(SHP)"),
    Total("TRL", 2, "LIN", 2, Decimal, Decimal, lambda total: f"{total:f}", "sum(LIN.qty)"),
)
BATCH = Batch(
    ("HDR",),
    ("TRL",),
    frozenset(("HDR", "TRL")),
    sender=Said("HDR", 1),
    control=Said("HDR", 2),
    date=Said("HDR", 3),
    test=Said("HDR", 4, "T"),
    totals=TOTALS,
)
SHIPMENTS = Layout(
    "fixed",
    "swift3pl/shipments",
    (
        record(
            "HDR",
            text("sender", 4, 13),
            number("batch", 14, 21),
            day("created", 22, 29),
            text("usage", 30, 30),
        ),
        record(
            "SHP",
            text("order", 4, 18),
            text("carrier", 19, 22),
            day("shipped", 23, 30),
            text("tracking", 31, 60),
        ),
        record("LIN", text("sku", 4, 23), number("qty", 24, 31)),
        record("TRL", number("shipments", 4, 9), number("hash", 10, 21)),
    ),
    "SHP",
    frozenset(("SHP", "LIN")),
    BATCH,
)
EBCDIC = Layout(
    "fixed",
    "old/stock",
    (
        RecordType("H", (text("site", 2, 5),), (Mark(1, 1, "H"),)),
        RecordType(
            "I",
            (
                text("sku", 2, 9),
                Field("count", 10, 13, packed=True, whole=True),
                Field("note", 14, 16, right=True),
            ),
            (Mark(1, 1, "I"),),
        ),
    ),
    "I",
    frozenset("I"),
    Batch(("H",)),
    "cp037",
    16,
    lines=False,
)
LOOSE = Layout(
    "fixed",
    "shop/orders",
    (
        RecordType("ord", (text("number", 3, 8), text("town", 9, 20)), (Mark(1, 1, "O"), Mark(2, 2, "1"))),
        RecordType("item", (text("sku", 3, 8), number("qty", 9, 12))),
    ),
    "ord",
    frozenset(("ord", "item")),
)
"""Told apart by two columns; whatever is not an order is an item. In UTF-8, without header and trailer."""

DOCUMENTS: list[tuple[str, Layout, list[list[str]], bytes]] = [
    (
        "padded",
        SHIPMENTS,
        [["SHP", "4711", "UPSN", "20261128", "1Z"], ["LIN", "A-1", "12"]],
        b"SHP4711           UPSN202611281Z                            \nLINA-1                 00000012\n",
    ),
    (
        "nothing where nothing is said",
        SHIPMENTS,
        [["SHP", "4711"], ["LIN", "", "-3"]],
        b"SHP4711                                                     \nLIN                    -0000003\n",
    ),
    (
        "EBCDIC, packed, without lines",
        EBCDIC,
        [["I", "TEA", "-12", "4"]],
        "ITEA     ".encode("cp037") + b"\x00\x00\x01\x2d" + "  4".encode("cp037"),
    ),
    (
        "UTF-8 counts characters, not bytes",
        LOOSE,
        [["ord", "7", "Köln"], ["item", "é", "1"]],
        "O17     Köln        \n  é     0001\n".encode(),
    ),
]
