"""Any object of the vocabulary, for property tests: built from the fields themselves, so that none is forgotten."""

from __future__ import annotations

import datetime as clock
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from gateway.canonical import Field, Moment, Part, fields

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**6), max_value=10**6)
ZONES = st.sampled_from([None, "Z", "-05:00", "America/New_York", "x12:LT"])
DEEPEST = 3
MOST = 5


@cache
def moments() -> st.SearchStrategy[Moment]:
    dated = st.builds(Moment, st.dates())
    timed = st.builds(Moment, st.dates(), st.times(), ZONES)
    return dated | timed


@cache
def objects(part: type[Part], depth: int = 0) -> st.SearchStrategy[Any]:
    """Objects of the class, each with a few of its fields."""
    known = {name: held(field, depth) for name, field in fields(part).items()}
    needed = {
        name: found for name, found in known.items() if found is not None and fields(part)[name].required
    }
    others = [name for name, found in known.items() if found is not None and name not in needed]
    chosen = st.lists(st.sampled_from(others), max_size=MOST, unique=True) if others else st.just([])
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries(needed | {name: known[name] for name in names})  # type: ignore[dict-item]
    ).map(part.model_validate)


def held(field: Field, depth: int) -> st.SearchStrategy[Any] | None:
    """What the field may hold; None where it would go too deep."""
    if issubclass(field.type, Part) and depth >= DEEPEST:
        return None
    one = VALUES[field.type] if field.type in VALUES else objects(field.type, depth + 1)
    some = st.lists(one, min_size=1, max_size=2)
    shapes: dict[str, st.SearchStrategy[Any]] = {
        "one": one,
        "list": some,
        "mapping": st.dictionaries(TEXTS, one, max_size=2),
        "mapping of lists": st.dictionaries(TEXTS, some, max_size=2),
    }
    return shapes[field.holds]


VALUES: dict[type[Any], st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(0, 10**6),
    Decimal: DECIMALS,
    clock.date: st.dates(),
    clock.time: st.times(),
    Moment: moments(),
}
