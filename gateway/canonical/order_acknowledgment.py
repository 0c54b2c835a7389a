"""The seller's answer to an order: what of it will come, how much, when, at what price, and what comes instead."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Day, Number, Part, Text, Words
from gateway.canonical.moment import Moment
from gateway.canonical.order import Line, Trade
from gateway.canonical.parts import Dates, ItemIds, OrderRef, Unit


class Response(Part):
    """What the seller says to one line, or to some of its quantity. `ids` are the item that comes, or comes instead.

    `at` is the date of that `kind`; `reason` is a code of the `reason_list` that `agency` keeps.
    """

    action: Annotated[Text, Words("line_actions")] | None = None
    quantity: Number | None = None
    unit: Unit | None = None
    kind: Annotated[Text, Words("dates")] | None = None
    at: Moment | None = None
    dates: Dates = Field(default_factory=dict)
    reference: Text | None = None
    ids: ItemIds = Field(default_factory=dict)
    agency: Annotated[Text, Words("agencies")] | None = None
    reason_list: Text | None = None
    reason: Text | None = None


class AcknowledgedLine(Line):
    """A line of the order as the seller takes it; several `responses` split its quantity.

    `action` is what the seller says to the whole line, where that is said apart from any quantity.
    """

    action: Annotated[Text, Words("line_actions")] | None = None
    responses: list[Response] = Field(default_factory=list)
    inner: list[AcknowledgedLine] = Field(default_factory=list)  # type: ignore[assignment]


class OrderAcknowledgment(Trade):
    """A seller answers an order. `order` is the buyer's; `number` is what the seller calls it, if it does."""

    order: OrderRef
    verdict: Annotated[Text, Words("answers")] | None = None
    kind: Annotated[Text, Words("transactions")] | None = None
    acknowledged_on: Day | None = None
    contract: Text | None = None
    ships_at: Moment | None = None
    delivery_at: Moment | None = None
    total: Number | None = None
    lines: list[AcknowledgedLine] = Field(default_factory=list)
