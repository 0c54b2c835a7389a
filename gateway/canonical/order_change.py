"""The buyer changes an order it has sent: what of it is new, what is otherwise, what is gone."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Day, Number, Text, Words
from gateway.canonical.moment import Moment
from gateway.canonical.order import Line, Trade
from gateway.canonical.parts import OrderRef


class ChangedLine(Line):
    """A line as it shall be now; `action` says what becomes of the one that was ordered."""

    action: Annotated[Text, Words("line_actions")] | None = None


class OrderChange(Trade):
    """A buyer changes an order. `order` is the one that is changed; `number` is the change's own, if it has one."""

    order: OrderRef
    kind: Annotated[Text, Words("order_kinds")] | None = None
    changed_on: Day | None = None
    contract: Text | None = None
    answer: Annotated[Text, Words("answers")] | None = None
    requested_delivery_at: Moment | None = None
    ship_not_before: Moment | None = None
    ship_not_after: Moment | None = None
    cancel_after: Moment | None = None
    total: Number | None = None
    lines: list[ChangedLine] = Field(default_factory=list)
