"""Canonical objects made without pydantic's second look, where it could find nothing: the fast reader's last step.

`model_validate` checks what the generated code has just made by the very types of the model. Where a model has a rule
of its own, that is more than its fields' types, it is not made here: `plain` says which can be.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from annotated_types import MinLen
from pydantic import AfterValidator, BaseModel, StringConstraints, WrapSerializer
from pydantic.fields import FieldInfo

from gateway.canonical.base import Words, WrittenAs, unless_empty
from gateway.guides.generate import Source

# What the fields of a part may carry: nothing that a value read from a document could break. Texts, lists and parts
# are only ever made when they hold something; how a value stands in JSON is nothing to it.
HARMLESS = (Words, WrapSerializer, WrittenAs)
ONE = {"min_length": 1}


def plain(model: type[BaseModel]) -> bool:
    """Whether the model has no rule but its fields' types, and all its defaults are empty."""
    rules = model.__pydantic_decorators__
    own = (rules.validators, rules.field_validators, rules.root_validators, rules.model_validators)
    fields = model.model_fields.values()
    return not any(own) and all(_plain(field) for field in fields)


def constructor(model: type[BaseModel], values: str, source: Source) -> None:
    """Writes the lines that leave in `o` the object of the dict named `values`, which has all fields."""
    for name, field in model.model_fields.items():
        if field.is_required():
            source.add(f"if {values}[{source.constant(name)}] is None: raise {source.constant(Incomplete)}")
    source.add(f"o = {source.constant(object.__new__)}({source.constant(model)})")
    source.add(f"{source.constant(FILL)}(o, {values})")


class Incomplete(ValueError):
    """A field the object needs has no value."""


FILL: Any = BaseModel.__dict__["__dict__"].__set__
"""Gives an object all its fields at once, past the model that is frozen; `Part` keeps nothing else."""


@cache
def saying_nothing(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of an object that says nothing: the dict from whose copy each object is made."""
    return {name: _default(field) for name, field in model.model_fields.items()}


def _default(field: FieldInfo) -> Any:
    return NOTHING.get(field.default_factory)


def _refuse(self: Any, *values: Any, **named: Any) -> Any:
    raise TypeError("a business object is frozen, and so are its empty lists and mappings")


class NoValues(list[Any]):
    """The empty list of every part that has nothing to say: one for all, so that nothing costs nothing.

    A line of an order has a dozen fields that are lists; making them anew took longer than reading the line.
    """

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __copy__(self) -> list[Any]:
        return []

    def __deepcopy__(self, memo: Any) -> list[Any]:
        return []

    def __reduce_ex__(self, protocol: Any) -> Any:
        return list, ()


class NoWords(dict[Any, Any]):
    """The same for mappings."""

    update = setdefault = pop = popitem = clear = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __copy__(self) -> dict[Any, Any]:
        return {}

    def __deepcopy__(self, memo: Any) -> dict[Any, Any]:
        return {}

    def __reduce_ex__(self, protocol: Any) -> Any:
        return dict, ()


NOTHING: dict[Any, Any] = {list: NoValues(), dict: NoWords()}
"""Default factory -> what stands in its place; all other defaults are None."""


def _plain(field: FieldInfo) -> bool:
    usual = field.is_required() or field.default_factory in (list, dict) or field.default is None
    return usual and all(map(_harmless, (*field.metadata, *_metadata(field.annotation))))


def _metadata(annotation: Any) -> Iterable[Any]:
    """Everything annotated anywhere in a type."""
    if get_origin(annotation) is Annotated:
        inner, *found = get_args(annotation)
        yield from found
        yield from _metadata(inner)
    else:
        for part in get_args(annotation):
            yield from _metadata(part)


def _harmless(rule: Any) -> bool:
    if isinstance(rule, HARMLESS) or rule == MinLen(1):
        return True
    if isinstance(rule, AfterValidator):
        return rule.func is unless_empty
    if isinstance(rule, StringConstraints):
        return rule == StringConstraints(min_length=1)
    return isinstance(rule, FieldInfo) and all(map(_harmless, rule.metadata))
