"""The inventory report: how much of which item is where, and what has come and gone."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Maybe, Text, Words
from gateway.canonical.moment import Moment
from gateway.canonical.order import Document, Line
from gateway.canonical.parts import Dates, Location, Party, References, StatedQuantity


class StockQuantity(StatedQuantity):
    """How much of a kind: `on hand`, `reserved`; in which `condition`, at which place, since when or moved why."""

    condition: Annotated[Text, Words("stock_conditions")] | None = None
    movement: Annotated[Text, Words("movements")] | None = None
    reason: Annotated[Text, Words("movement_reasons")] | None = None
    location: Maybe[Location] = None
    lots: list[Text] = Field(default_factory=list)
    dates: Dates = Field(default_factory=dict)
    references: References = Field(default_factory=dict)


class InventoryLine(Line):
    """An item and all that is said of its stock. `lot` and `location` are those of the whole line."""

    quantities: list[StockQuantity] = Field(default_factory=list)
    location: Maybe[Location] = None
    lot: Text | None = None
    expires_at: Moment | None = None


class InventoryReport(Document):
    """A warehouse, or a store, says what it has. `warehouse` is where the goods are, `owner` whose they are."""

    number: Text
    reported_at: Moment | None = None
    dates: Dates = Field(default_factory=dict)
    warehouse: Maybe[Party] = None
    owner: Maybe[Party] = None
    lines: list[InventoryLine] = Field(default_factory=list)
