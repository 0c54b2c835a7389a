"""What the objects are made of, as data: for maps that bind their fields, for schemas, and for the docs."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from gateway.canonical.acknowledgment import FunctionalAcknowledgment, InterchangeAcknowledgment
from gateway.canonical.base import Part, Words
from gateway.canonical.inventory_report import InventoryReport
from gateway.canonical.invoice import Invoice
from gateway.canonical.order import PurchaseOrder
from gateway.canonical.order_acknowledgment import OrderAcknowledgment
from gateway.canonical.order_change import OrderChange
from gateway.canonical.price_list import PriceList
from gateway.canonical.receiving_advice import ReceivingAdvice
from gateway.canonical.ship_notice import ShipNotice
from gateway.canonical.warehouse import WarehouseOrder, WarehouseShipment
from gateway.errors import SetupError
from gateway.marked_yaml import close

DOCUMENTS: Mapping[str, type[Part]] = {
    "PurchaseOrder": PurchaseOrder,
    "OrderAcknowledgment": OrderAcknowledgment,
    "OrderChange": OrderChange,
    "ShipNotice": ShipNotice,
    "ReceivingAdvice": ReceivingAdvice,
    "Invoice": Invoice,
    "InventoryReport": InventoryReport,
    "WarehouseOrder": WarehouseOrder,
    "WarehouseShipment": WarehouseShipment,
    "PriceList": PriceList,
    "FunctionalAcknowledgment": FunctionalAcknowledgment,
    "InterchangeAcknowledgment": InterchangeAcknowledgment,
}
"""The objects a map may name as its `document`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a part.

    `type` is what one value is: str, int, Decimal, date, time, Moment or a part. `holds` says how many there are
    (`list`: `type`s; `mapping`: word -> `type`; `mapping of lists`: word -> `type`s). `words` names the table of a
    word's codes.
    """

    name: str
    type: type[Any]
    holds: Literal["one", "list", "mapping", "mapping of lists"] = "one"
    required: bool = False
    words: str | None = None


def document(name: str) -> type[Part]:
    """The object of that name. Raises SetupError that says which there are."""
    if name not in DOCUMENTS:
        raise SetupError(f"no canonical object {name}; {close(name, DOCUMENTS)}")
    return DOCUMENTS[name]


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `to_json` writes for the object of that name."""
    found = document(name).model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


@cache
def fields(part: type[Part]) -> Mapping[str, Field]:
    """The part's fields by name, in the order of the vocabulary."""
    hints = get_type_hints(part, include_extras=True)
    return {name: _field(name, hints[name], info.is_required()) for name, info in part.model_fields.items()}


@cache
def fields_of_words() -> Mapping[str, tuple[str, ...]]:
    """By code table: the names of the fields whose value is one of its words."""
    found: dict[str, dict[str, None]] = {}
    waiting: list[Any] = list(DOCUMENTS.values())
    for part in waiting:
        for field in fields(part).values():
            if field.words:
                found.setdefault(field.words, {})[field.name] = None
            if issubclass(field.type, Part) and field.type not in waiting:
                waiting.append(field.type)
    return {table: tuple(names) for table, names in found.items()}


def _field(name: str, hint: Any, required: bool) -> Field:
    inner, words = _bare(hint)
    origin = get_origin(inner)
    if origin is list:
        inner, words = _bare(get_args(inner)[0])
        return Field(name, inner, "list", required, words)
    if origin is dict:
        inner, words = _bare(get_args(inner)[1])
        if get_origin(inner) is list:
            return Field(name, _bare(get_args(inner)[0])[0], "mapping of lists", required)
        return Field(name, inner, "mapping", required)
    return Field(name, inner, "one", required, words)


def _bare(hint: Any) -> tuple[Any, str | None]:
    """The type without `| None` and what it is annotated with, and the table if it is a word."""
    words = None
    while True:
        if get_origin(hint) is Annotated:
            hint, *marks = get_args(hint)
            words = next((mark.table for mark in marks if isinstance(mark, Words)), words)
        elif get_origin(hint) in (Union, types.UnionType):
            hint = next(arg for arg in get_args(hint) if arg is not type(None))
        else:
            return hint, words
