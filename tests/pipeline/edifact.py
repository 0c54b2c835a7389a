"""EDIFACT as the partner `acme` sends it, and the profile and the small map of its orders."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.formats import known
from gateway.formats.events import TransactionSet
from gateway.formats.segment import COMPONENT

from .desk import ACME, COMPANY

SENDER, RECEIVER = "4012345000009:14", "4099999000008:14"

OURS = COMPANY.replace("{x12: 12/8475551234}", "{x12: 12/8475551234, edifact: 14/4099999000008}").replace(
    "  acknowledge: [997, TA1]\n", ""
)
PROFILE = ACME.replace("{x12: ZZ/ACME}", "{edifact: 14/4012345000009}").replace(
    "850: x12/004010/850", "ORDERS: acme/ORDERS"
)
ORDERS = """\
map: acme/ORDERS
document: PurchaseOrder
guide: edifact/D96A/ORDERS
fields:
  number: BGM02 default "?"
  ordered_on: DTM[137] default 2026-01-01
  lines: {each: LIN, number: LIN01, ids: {gtin: "LIN[EN]"}, quantity: "QTY[21]"}
constants: {BGM01: "220"}
"""


def files(profile: str = PROFILE, company: str = OURS) -> dict[str, str]:
    """A house whose partner acme speaks EDIFACT."""
    return {"company.yaml": company, "profiles/acme.yaml": profile, "maps/acme/ORDERS.yaml": ORDERS}


def order(number: str = "4500017", reference: str = "1", *, quantity: str = "5", trailer: str = "") -> str:
    """One ORDERS with one line."""
    body = [
        f"BGM+220+{number}+9",
        "DTM+137:20260301:102",
        "NAD+BY+4012345000009::9",
        "LIN+1++4000862141404:EN",
        f"QTY+21:{quantity}",
        "UNS+S",
        "CNT+2:1",
    ]
    return message("ORDERS:D:96A:UN:EAN008", reference, body, trailer)


def bad_order(number: str = "4500099", reference: str = "2") -> str:
    """One ORDERS whose date is none, and whose mandatory quantity is text."""
    return order(number, reference, quantity="five").replace("20260301", "20261399")


def message(identifier: str, reference: str, body: Sequence[str], trailer: str = "") -> str:
    """One message; `trailer` replaces its UNT."""
    lines = [f"UNH+{reference}+{identifier}", *body, trailer or f"UNT+{len(body) + 2}+{reference}"]
    return "".join(f"{line}'" for line in lines if line != "-")


def group(*messages: str, control: str = "7", trailer: str = "") -> str:
    """One group; `trailer` replaces its UNE."""
    head = f"UNG+ORDERS+ACME+NORTHWIND+260301:1530+{control}+UN+D:96A'"
    return head + "".join(messages) + (trailer or f"UNE+{len(messages)}+{control}'")


def interchange(
    *inside: str,
    control: str = "7",
    syntax: str = "UNOC:3",
    sender: str = SENDER,
    receiver: str = RECEIVER,
    behind: str = "",
    trailer: str | None = None,
    count: int | None = None,
    una: str = "",
) -> bytes:
    """One interchange; `behind` are UNB06 and on, `trailer` replaces its UNZ, `count` only what it counts."""
    day = "20260301" if syntax.endswith("4") else "260301"
    head = f"{una}UNB+{syntax}+{sender}+{receiver}+{day}:1530+{control}{behind}'"
    stated = len(inside) if count is None else count
    end = f"UNZ+{stated}+{control}'" if trailer is None else trailer
    return (head + "".join(inside) + end).encode("iso8859-1")


def one(number: str = "4500017", control: str = "7", **facts: str) -> bytes:
    """One order in one interchange."""
    return interchange(order(number), control=control, **facts)


def contrl(*body: str, control: str = "90", test: bool = False, version: str = "D:3", **facts: str) -> bytes:
    """A CONTRL of theirs."""
    inside = message(f"CONTRL:{version}:UN", "1", body)
    return interchange(inside, control=control, behind="++++++1" if test else "", **facts)


def said(data: bytes) -> list[str]:
    """The segments inside the messages of an interchange, as people write them."""
    sets = [event for event in known.read(data) if isinstance(event, TransactionSet)]
    return ["+".join(segment).replace(COMPONENT, ":") for one in sets for segment in one.segments()]
