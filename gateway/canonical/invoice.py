"""The invoice: what is owed for what was delivered, and how it adds up."""

from __future__ import annotations

import datetime as clock
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Maybe, Text, Words
from gateway.canonical.order import Line, Trade
from gateway.canonical.parts import OrderRef


class InvoicedLine(Line):
    """An item that is charged for; `order` where it is not the invoice's."""

    order: Maybe[OrderRef] = None


class Invoice(Trade):
    """A seller asks for money. `total` is what is owed; a credit note's is negative."""

    number: Text
    kind: Annotated[Text, Words("transactions")] | None = None
    issued_on: clock.date
    order: Maybe[OrderRef] = None
    delivery_note: Text | None = None
    total: Decimal
    discountable: Decimal | None = None
    discounted_total: Decimal | None = None
    discount: Decimal | None = None
    lines: list[InvoicedLine] = Field(default_factory=list)
