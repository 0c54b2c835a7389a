"""The price list: what a supplier asks for its items, from when, and from which quantity."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Day, Maybe, Number, Part, Text, Words
from gateway.canonical.order import Document, Line
from gateway.canonical.parts import Price


class PriceBreak(Part):
    """Another price, for those who order that many or more."""

    from_quantity: Number | None = None
    price: Maybe[Price] = None


class PricedLine(Line):
    """An item and its price; `action` where the list says only what is new, otherwise or gone.

    Its dates stand over the list's. An order is at least `minimum_quantity`, and goes up by `increment`.
    """

    action: Annotated[Text, Words("line_actions")] | None = None
    breaks: list[PriceBreak] = Field(default_factory=list)
    valid_from: Day | None = None
    valid_until: Day | None = None
    minimum_quantity: Number | None = None
    increment: Number | None = None
    lead_time_days: int | None = None


class PriceList(Document):
    """A supplier tells its prices. They hold from `valid_from` until another list, or `valid_until`."""

    title: Text | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    lines: list[PricedLine] = Field(default_factory=list)
