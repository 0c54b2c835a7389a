"""Which orders a document answers: the one it acknowledges, those it ships, those it charges for."""

from __future__ import annotations

from gateway.canonical.base import Part, parts
from gateway.canonical.parts import OrderRef
from gateway.canonical.ship_notice import ShippedOrder


def answered(business: Part) -> list[OrderRef]:
    """Each order once, in the order of the document, without its lines; none for an order itself."""
    named = (one for _, one in parts(business) if isinstance(one, OrderRef | ShippedOrder) and one.number)
    found = (OrderRef(number=one.number, release=one.release) for one in named)
    return list({(one.number, one.release): one for one in found}.values())
