"""Control numbers and counts of envelopes: what was there before, and when two say the same."""

from __future__ import annotations

from bisect import bisect_right

MOST_RANGES = 1 << 16
"""So many separate ranges, or texts that are no numbers, are remembered in a group; later ones are not compared."""


MOST_PREFIXES = 64
"""So many lengths, and texts before the digits, have ranges of their own."""

MOST_DIGITS = 40
"""Control numbers that are longer are remembered as texts; no standard's is."""


class ControlNumbers:
    """Which control numbers were seen, as ranges of integers per length and prefix, so that memory stays flat.

    ST02 and UNH01 are text: `1` and `0001` are two numbers, `ME1` and `ME2` two in a row.
    """

    def __init__(self) -> None:
        self._ranges: dict[tuple[str, int], tuple[list[int], list[int]]] = {}
        self._texts: set[str] = set()

    def repeats(self, control: str) -> bool:
        """Whether the number was there before; it is from now on."""
        prefix = control.rstrip("0123456789") if len(control) <= MOST_DIGITS else control
        size = len(control) - len(prefix)
        ranges = self._ranges.get((prefix, size)) if size else None
        if ranges is None:
            if not size or len(self._ranges) >= MOST_PREFIXES:
                return self._text_repeats(control)
            ranges = self._ranges[prefix, size] = ([], [])
        firsts, lasts = ranges
        number = int(control[len(prefix) :])
        if lasts and number == lasts[-1] + 1:
            lasts[-1] = number
            return False
        return _insert(firsts, lasts, number)

    def _text_repeats(self, control: str) -> bool:
        if control in self._texts:
            return True
        if len(self._texts) < MOST_RANGES:
            self._texts.add(control)
        return False


def _insert(firsts: list[int], lasts: list[int], number: int) -> bool:
    """Adds the number to the sorted, disjoint ranges; True if one holds it already."""
    at = bisect_right(firsts, number)
    if at and number <= lasts[at - 1]:
        return True
    joins_before = at > 0 and lasts[at - 1] == number - 1
    joins_after = at < len(firsts) and firsts[at] == number + 1
    if joins_before and joins_after:
        lasts[at - 1] = lasts.pop(at)
        firsts.pop(at)
    elif joins_before:
        lasts[at - 1] = number
    elif joins_after:
        firsts[at] = number
    elif len(firsts) < MOST_RANGES:
        firsts.insert(at, number)
        lasts.insert(at, number)
    return False


def same_number(one: str, other: str) -> bool:
    """Whether two N0 control numbers are equal: leading zeros say nothing there (ISA13 and IEA02, GS06 and GE02)."""
    if one == other:
        return True
    return digits(one) and digits(other) and one.lstrip("0") == other.lstrip("0")


def counts(text: str, count: int) -> bool:
    """Whether the text states that count; leading zeros say nothing."""
    return digits(text) and len(text) <= 18 and int(text) == count


def digits(text: str) -> bool:
    """Whether these are nothing but the digits 0 to 9."""
    return text.isascii() and text.isdigit()
