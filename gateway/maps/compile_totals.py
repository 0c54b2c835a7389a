"""What the values of a block add up to, or how many levels of a tree there are: asked by the generated functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from gateway.maps.model import Computed, Filter, Test


def totalling(computed: Computed) -> Callable[[dict[str, Any]], Any]:
    """What the values add up to."""
    function, path = computed.function, computed.path

    def total(values: dict[str, Any]) -> Any:
        if function == "count" and len(path) == 1:
            found = values.get(path[0]) or ()
            return len(found) if isinstance(found, list | tuple) else 1
        leaves = list(_leaves(values, path))
        return len(leaves) if function == "count" else sum(leaves, Decimal(0))

    return total


def counting(only: Filter, below: int, inner: Sequence[int] = ()) -> Callable[[list[Any] | None], int]:
    """Counts the levels among some nodes, and among those in them, that the filter lets through.

    With `inner` not the levels but what lies in them, in those slots one within the other.
    """

    def passes(elements: list[str], tests: tuple[Test, ...]) -> bool:
        return all(
            test.passes(elements[at].rstrip(" ") if (at := test.seat.element) < len(elements) else "")
            for test in tests
        )

    def weight(node: list[Any], slots: Sequence[int]) -> int:
        return sum(weight(one, slots[1:]) for one in node[slots[0]] or ()) if slots else 1

    def count(nodes: list[Any] | None) -> int:
        found = 0
        for node in nodes or ():
            fits = passes(node[0], only.tests) and not any(passes(node[0], tests) for tests in only.but)
            found += fits * weight(node, inner) + count(node[below])
        return found

    return count


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Everything at the path, lists opened on the way; parts may be made already, and then have empty fields."""
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item, path)
    elif not path:
        yield value
    else:
        fields = value if isinstance(value, dict) else value.__dict__
        below = fields.get(path[0])
        if below is not None:
            yield from _leaves(below, path[1:])
