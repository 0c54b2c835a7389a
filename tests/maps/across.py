"""One object in two standards: what both can carry of it, found by taking out what either names as a fault."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from gateway.errors import NotWritable
from gateway.faults import Code, Fault
from gateway.maps import Map
from gateway.maps.examples import example

ROUNDS = 12
NOT_IN_IT = (Code.NOT_CARRIED, Code.NOT_WRITABLE)
"""What the standard cannot say: it has no place for the field, or no code for the word, or too little room."""


def both_carry(one: Map, other: Map, seed: int, needed: dict[str, Any]) -> tuple[Any, list[Fault]]:
    """An example of one map as far as the other carries it too, and every fault that took something out of it.

    `needed` are the fields that come back where they had to be taken out.
    """
    found = example(one, Random(seed))
    told: list[Fault] = []
    for map in (other, one) * ROUNDS:
        try:
            map.write(found)
        except NotWritable as error:
            told += error.faults
            found = _without(found, error.faults, needed)
    return found, told


def _without(found: Any, faults: list[Fault], needed: dict[str, Any]) -> Any:
    values = found.model_dump(mode="json", exclude_defaults=True)
    for path in sorted({_cut(fault) for fault in faults}, reverse=True):
        _take(values, path)
    _prune(values)
    return type(found).model_validate(needed | values)


def _cut(fault: Fault) -> tuple[int | str, ...]:
    """The field; of a condition or of what is missing, the part in which it is."""
    steps = re.findall(r"[^.\[\]]+", fault.place.field or "")
    path = tuple(int(step) if step.isdecimal() else step for step in steps)
    whole = fault.code in NOT_IN_IT or len(path) == 1 or isinstance(path[-1], int)
    return path if whole else path[:-1]


def _take(values: Any, path: tuple[int | str, ...]) -> None:
    try:
        for step in path[:-1]:
            values = values[step]
        del values[path[-1]]
    except (KeyError, IndexError, TypeError):
        return  # the part in which it was is gone already


def _prune(value: Any) -> None:
    """Parts that say nothing any more are none."""
    if isinstance(value, dict):
        for name in list(value):
            _prune(value[name])
            if value[name] in ({}, []):
                del value[name]
    elif isinstance(value, list):
        for one in value:
            _prune(one)
        value[:] = [one for one in value if one not in ({}, [])]
