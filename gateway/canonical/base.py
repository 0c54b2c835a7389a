"""What every business object is made of: frozen, nothing unknown, nothing empty, exact in JSON both ways."""

from __future__ import annotations

import datetime as clock
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WrapSerializer,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from pydantic_core.core_schema import SerializerFunctionWrapHandler


class Part(BaseModel):
    """A business object, or a part of one. Two are equal when they say the same."""

    # built when first needed: most processes need few of the objects, and all of them take 5 MB and a third of a second
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    def to_json(self, indent: int | None = None) -> str:
        """Fields in the order of the vocabulary, mappings by word, decimals as strings; what says nothing is left out.

        Equal objects give equal text, and `from_json` gives the object back.
        """
        return self.model_dump_json(exclude_defaults=True, indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The object `to_json` wrote. Raises pydantic's ValidationError with the path of everything that is wrong."""
        return cls.model_validate_json(text)


@dataclass(frozen=True, slots=True)
class Words:
    """Marks a field (or a mapping's keys) as a word, and names the table of words and codes a map uses for it."""

    table: str


def says(value: Any) -> bool:
    """Whether a field's value says something: None, an empty list and an empty mapping do not."""
    return bool(value) or (value is not None and value not in ([], {}))


def unless_empty(part: Any) -> Any:
    """None in place of a part that says nothing, so that there is one way to say nothing."""
    if part is None:
        return None
    values = part.__dict__.values()
    return part if any(values) or any(map(says, values)) else None


@dataclass(frozen=True, slots=True)
class Follows:
    """Stands for what pydantic keeps with every object, where for a business object it follows from its fields.

    An order has some seventy parts; filling three more slots of each was a tenth of reading it.
    """

    what: Callable[[Any], Any]

    def __get__(self, part: Any, kind: type[Any]) -> Any:
        return self if part is None else self.what(part)

    def __set__(self, part: Any, value: Any) -> None:
        """Nothing is kept."""


def said(part: Part) -> set[str]:
    """The fields that say something; to give a field nothing is to leave it out."""
    return {name for name, value in part.__dict__.items() if says(value)}


Steps = tuple[str | int, ...]
"""Fields and places in lists, from an object down to a part of it."""


def parts(business: Part, path: Steps = ()) -> Iterator[tuple[Steps, Part]]:
    """The object and every part in it, each with where it stands."""
    yield path, business
    for name, value in business.__dict__.items():
        if isinstance(value, Part):
            yield from parts(value, (*path, name))
        elif isinstance(value, list) and value and isinstance(value[0], Part):
            for number, item in enumerate(value):
                yield from parts(item, (*path, name, number))


def nothing(part: Part) -> None:
    """Business objects have no fields but their own, and no private ones."""


for slot, what in (
    ("__pydantic_fields_set__", said),
    ("__pydantic_extra__", nothing),
    ("__pydantic_private__", nothing),
):
    setattr(Part, slot, Follows(what))


def by_word(value: Any, handler: SerializerFunctionWrapHandler) -> Any:
    """A mapping's words in order, so that equal objects are equal text."""
    return handler({word: value[word] for word in sorted(value)})


@dataclass(frozen=True, slots=True)
class WrittenAs:
    """How a value stands in JSON: as text of this pattern and nothing else. In Python it is the value itself.

    Pydantic alone would take a JSON number for a decimal, rounded to a float's 17 digits, and seconds for a date.
    """

    pattern: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        value = handler(source)
        text = core_schema.str_schema(strict=True, pattern=self.pattern)
        in_json = core_schema.chain_schema([text, value])
        return core_schema.json_or_python_schema(json_schema=in_json, python_schema=value)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"pattern": self.pattern}


P = TypeVar("P", bound=Part)
V = TypeVar("V")

Maybe = Annotated[P | None, AfterValidator(unless_empty)]
"""A part that may be missing; one that says nothing is missing."""

Text = Annotated[str, StringConstraints(min_length=1)]
"""Text that is there. None says that there is none, never an empty text."""

Number = Annotated[Decimal, WrittenAs(r"^-?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]+)?$")]
"""A decimal: in JSON text, so that no reader's floating point takes a digit from it."""

Day = Annotated[clock.date, WrittenAs(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
"""A date, and no time with it."""

ByWord = Annotated[dict[Text, V], WrapSerializer(by_word)]
"""word -> value. The words are open: a partner's own word needs no code."""
