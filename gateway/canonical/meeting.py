"""Which line of an order is meant: by its number, else by what the item is called.

Lines that nothing tells apart, such as one item twice without line numbers, are one line with what both want.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.canonical.order import Line

NAMES = frozenset(
    {
        "buyer",
        "buyer catalog",
        "buyer item",
        "case code",
        "company part",
        "ean",
        "ean package",
        "gtin",
        "hibc",
        "internal",
        "isbn",
        "manufacturer",
        "manufacturer part",
        "ndc",
        "nsn",
        "original equipment",
        "prime contractor part",
        "purchaser item",
        "purchaser item code",
        "purchaser line",
        "sku",
        "stock",
        "upc",
        "upc 1 5 5",
        "upc case 1 1 5 5",
        "vendor",
        "vendor catalog",
        "vendor item",
    }
)
"""Kinds of id of which one is enough to know the item."""

STYLES = frozenset({"style", "buyer style", "vendor style", "model", "vendor model", "design", "pattern"})
"""Kinds that name it where no other id, such as its size, says otherwise."""


MOST = 20
"""Lines of one name that are looked at: an order of one style in all sizes may have very many."""

Called = tuple[str | None, frozenset[tuple[str, str]]]
"""A line's number and ids together."""


class Lines:
    """The lines of an order by their indexes, to be found by what an answer calls them; of equals the first."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._called: dict[Called, int] = {}
        self._of_ids: dict[Called, int] = {}
        self._named: dict[object, list[int]] = {}
        self._alike: dict[int, list[int]] = {}
        for at, line in enumerate(lines):
            names = list(_names(line))
            first = self._called.setdefault(_called(line.number, line.ids), at) if names else at
            self._of_ids.setdefault(_called(None, line.ids), at)
            self._alike.setdefault(first, []).append(at)
            for name in names:
                self._named.setdefault(name, []).append(at)

    def __iter__(self) -> Iterator[int]:
        return iter(self._alike)

    def __getitem__(self, at: int) -> Line:
        return _together([self._lines[one] for one in self._alike[at]])

    def met(self, number: str | None, ids: Mapping[str, str]) -> int | None:
        """The line that is meant: the one of the number, unless only another has these ids. None where none is."""
        digits = _bare(number)
        if (at := self._exactly(digits, ids)) is not None:
            return at
        near = self._near([digits, *_of(ids, NAMES)]) or self._near(_of(ids, STYLES))
        ranked = [(rank, -at) for at in near if (rank := _rank(digits, ids, self._lines[at]))]
        return -max(ranked)[1] if ranked else None

    def _exactly(self, digits: str | None, ids: Mapping[str, str]) -> int | None:
        """The line called just so; where nothing has the number, by the ids alone."""
        called = self._called.get(_called(digits, ids))
        if called is not None or digits in self._named or not _of(ids, NAMES | STYLES):
            return called
        return self._of_ids.get(_called(None, ids))

    def _near(self, names: Iterable[object]) -> set[int]:
        return {at for name in names for at in self._named.get(name, [])[:MOST]}


def _together(alike: list[Line]) -> Line:
    """One line for all; what they do not agree on, it does not say."""
    first, *others = alike
    if not others:
        return first
    quantities = [line.quantity for line in alike if line.quantity is not None and line.unit == first.unit]
    return first.model_copy(
        update={
            "quantity": sum(quantities) if len(quantities) == len(alike) else None,
            "price": first.price if all(line.price == first.price for line in others) else None,
        }
    )


def _called(number: str | None, ids: Mapping[str, str]) -> Called:
    return _bare(number), frozenset(ids.items())


def _names(line: Line) -> Iterator[object]:
    """All by which the line may be found."""
    yield from filter(None, [_bare(line.number)])
    yield from _of(line.ids, NAMES | STYLES)


def _of(ids: Mapping[str, str], kinds: frozenset[str]) -> list[tuple[str, str]]:
    return [one for one in ids.items() if one[0] in kinds]


def bare(number: str) -> str:
    """A number as all spell it: line 0001 is line 1. What is not all digits stays as it is."""
    return (number.lstrip("0") or "0") if number.isdecimal() else number


def _bare(number: str | None) -> str | None:
    return bare(number) if number else None


def _rank(digits: str | None, ids: Mapping[str, str], line: Line) -> tuple[bool, bool, int] | None:
    """How surely the line is meant; None where it is not."""
    numbered = digits is not None and digits == _bare(line.number)
    shared = {kind for kind, _ in ids.items() & line.ids.items()}
    agrees = all(line.ids.get(kind, value) == value for kind, value in ids.items())
    named = bool(shared & NAMES) or (agrees and bool(shared & STYLES))
    return (agrees or named, numbered, len(shared)) if numbered or named else None
