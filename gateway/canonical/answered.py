"""Which orders a document answers: the one it acknowledges, those it ships, those it charges for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.canonical.base import Part
from gateway.canonical.parts import OrderRef
from gateway.canonical.ship_notice import ShippedOrder


def answered(business: Part) -> list[OrderRef]:
    """Each order once, in the order of the document, without its lines; none for an order itself."""
    found = (OrderRef(number=one.number, release=one.release) for one in _orders_in(business) if one.number)
    return list({(one.number, one.release): one for one in found}.values())


def _orders_in(value: Any) -> Iterator[OrderRef | ShippedOrder]:
    if isinstance(value, OrderRef | ShippedOrder):
        yield value
    if isinstance(value, Part):
        for below in value.__dict__.values():
            yield from _orders_in(below)
    elif isinstance(value, list):
        for below in value:
            yield from _orders_in(below)
