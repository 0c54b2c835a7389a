"""What an answer to an order says of its lines: how much is acknowledged, backordered, shipped or invoiced, and where.

The caller says which order is answered; what an answer says of another order is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from gateway.canonical.invoice import CREDITS, Invoice, InvoicedLine
from gateway.canonical.order import Line, PurchaseOrder
from gateway.canonical.order_acknowledgment import AcknowledgedLine, OrderAcknowledgment
from gateway.canonical.parts import OrderRef
from gateway.canonical.pricing import unit_price
from gateway.canonical.ship_notice import Pack, ShipNotice, ShippedLine, ShippedOrder

Answer = OrderAcknowledgment | ShipNotice | Invoice

ACCEPTS = frozenset(
    {
        "accepted",
        "accepted and changed",
        "accepted and date changed",
        "accepted and forwarded",
        "accepted and price changed",
        "accepted and price pending",
        "accepted and quantity changed",
        "accepted and released",
        "accepted and schedule pending",
        "accepted and shipped",
        "accepted in part and backordered",
        "item substituted",
    }
)
"""The actions of a response by which its quantity will come; of one that comes in part, the part is what is stated."""

REFUSES = frozenset({"rejected", "rejected with details", "rejected provisional"})
"""Verdicts by which nothing will come."""

DROPS = frozenset({"rejected", "deleted", "canceled", "not found", "no delivery"})
"""Actions on a whole line by which nothing of it will come."""


@dataclass(frozen=True, slots=True)
class Amount:
    """One quantity an answer states, and where. No quantity is as much as was ordered, no unit the unit ordered."""

    what: str
    path: str
    quantity: Decimal | None
    unit: str | None
    price: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says of one line. `price` is for one of the line's unit."""

    path: str
    number: str | None
    line: Line
    price: Fraction | None
    amounts: tuple[Amount, ...]


def said(order: PurchaseOrder, answer: Answer) -> Iterator[Said]:
    """Line by line, in the order of the answer."""
    if isinstance(answer, OrderAcknowledgment):
        return _acknowledged(order, answer)
    return _shipped(order, answer) if isinstance(answer, ShipNotice) else _invoiced(order, answer)


def _acknowledged(order: PurchaseOrder, answer: OrderAcknowledgment) -> Iterator[Said]:
    if not about(order, answer.order):
        return
    for at, line in enumerate(answer.lines):
        path, price = f"lines[{at}]", unit_price(line)
        amounts = tuple(_responses(path, line, price))
        if not amounts:
            refused = answer.verdict in REFUSES or line.action in DROPS
            quantity = Decimal(0) if refused else line.quantity
            amounts = (Amount("acknowledged", f"{path}.quantity", quantity, line.unit, price),)
        yield Said(path, line.number, line, price, amounts)


def _responses(path: str, line: AcknowledgedLine, price: Fraction | None) -> Iterator[Amount]:
    """What comes, and what is put off; any other response says that none of its quantity comes.

    Where no response states a quantity, the first that has the goods come is about the line's own.
    """
    whole = None if any(one.quantity is not None for one in line.responses) else line
    for at, response in enumerate(line.responses):
        what = "backordered" if response.action == "backordered" else "acknowledged"
        quantity: Decimal | None = Decimal(0)
        if response.action in ACCEPTS or what == "backordered":
            quantity, whole = (whole.quantity, None) if whole else (response.quantity or Decimal(0), None)
        place = f"{path}.responses[{at}].quantity"
        yield Amount(what, place, quantity, response.unit or line.unit, price)


def _shipped(order: PurchaseOrder, notice: ShipNotice) -> Iterator[Said]:
    for path, line, within in _contents("", notice, _named(notice.order)):
        if line.quantity is not None and about(order, _named(line.order) or within):
            yield _plain("shipped", path, line, line.quantity, None)


def _contents(
    path: str, holder: ShipNotice | ShippedOrder | Pack, within: ShippedOrder | OrderRef | None
) -> Iterator[tuple[str, ShippedLine, ShippedOrder | OrderRef | None]]:
    """Every line, wherever it lies, and the order it lies in, or that of all goods in none."""
    for at, line in enumerate(holder.lines):
        yield f"{path}lines[{at}]", line, within
    for at, pack in enumerate(holder.packs):
        yield from _contents(f"{path}packs[{at}].", pack, within)
    if not isinstance(holder, ShippedOrder):
        for at, one in enumerate(holder.orders):
            yield from _contents(f"{path}orders[{at}].", one, one)


def _invoiced(order: PurchaseOrder, invoice: Invoice) -> Iterator[Said]:
    for at, line in enumerate(invoice.lines):
        if line.quantity is not None and about(order, _named(line.order) or invoice.order):
            quantity = -abs(line.quantity) if invoice.kind in CREDITS else line.quantity
            yield _plain("invoiced", f"lines[{at}]", line, quantity, unit_price(line))


def _plain(
    what: str, path: str, line: ShippedLine | InvoicedLine, quantity: Decimal, price: Fraction | None
) -> Said:
    number = (line.order.line if line.order else None) or line.number
    return Said(path, number, line, price, (Amount(what, f"{path}.quantity", quantity, line.unit, price),))


def _named(ref: OrderRef | None) -> OrderRef | None:
    return ref if ref and ref.number else None


def about(order: PurchaseOrder, ref: OrderRef | ShippedOrder | None) -> bool:
    """Whether the reference may be to this order; what it leaves out, it does not deny."""
    if ref is None:
        return True
    return ref.number in (None, order.number) and may_mean(ref.release, order.release)


def may_mean(release: str | None, other: str | None) -> bool:
    """Whether two that name an order's release may mean the same; what either leaves out, it does not deny."""
    return not release or not other or release == other
