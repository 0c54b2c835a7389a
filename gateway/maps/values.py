"""Types: how a value of the guide's type is a value of the canonical type, and back. The guide spells, the map means.

Every pair reads what it wrote, exactly. Nothing is rounded, cut or guessed: what does not fit is refused by
ValueError with what was expected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from gateway.guides.model import Element
from gateway.guides.spelling import DECIMAL, DIGITS, INTEGER, length, spelled

PIVOT = "69"
"""Two digits from here on are a year of 1969 to 1999, those before one of 2000 to 2068: the usual window, POSIX's `%y`.

It stands still: one that slides with the clock would make a document read differently on the day it is replayed.
"""


@dataclass(frozen=True, slots=True)
class Conversion:
    """`name` says both types (`N2 Decimal`), for generated code and for a person."""

    name: str
    read: Callable[[str, Element], Any]
    write: Callable[[Any, Element], str]


FARTHEST = 100
"""Digits on either side of a number's point beyond which it is not even spelled out: no element has such room."""


def scale(element: Element) -> int:
    """Implied decimal places of N0 to N9; R and all others have none."""
    return int(element.type[1:] or 0) if element.type.startswith("N") else 0


def read_decimal(text: str, element: Element) -> Decimal:
    text = element.plain(text)
    implied = element.type.startswith("N")
    if "," in element.marks:
        text = text.replace(",", ".")
    if not (INTEGER if implied else DECIMAL).fullmatch(text):
        raise ValueError("a whole number" if implied else "a number")
    return Decimal(text).scaleb(-scale(element))


def write_decimal(value: Decimal, element: Element) -> str:
    if not value.is_finite() or abs(value.adjusted()) > FARTHEST:
        raise ValueError("a number")
    places = scale(element)
    shifted = value.scaleb(places) if places else value
    if element.type.startswith("N"):
        whole = shifted.to_integral_value()
        if whole != shifted:
            raise ValueError(f"at most {places} decimals" if places else "a whole number")
        return element.formed(_fitted(f"{whole:f}", element))
    return element.formed(_fitted(f"{shifted:f}", element))


def read_integer(text: str, element: Element) -> int:
    number = read_decimal(text, element)
    if number != int(number):
        raise ValueError("a whole number")
    return int(number)


def write_integer(value: int, element: Element) -> str:
    return write_decimal(Decimal(value), element)


def read_date(text: str, element: Element) -> date:
    """CCYYMMDD, or YYMMDD of the years 1969 to 2068."""
    text = element.plain(text)
    full = f"{'19' if text >= PIVOT else '20'}{text}" if len(text) == 6 else text
    if len(full) != 8 or not DIGITS.fullmatch(full):
        raise ValueError("a date")
    try:
        return date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        raise ValueError("a date the calendar has") from None


def write_date(value: date, element: Element) -> str:
    full = f"{value.year:04d}{value.month:02d}{value.day:02d}"
    return element.formed(full[2:] if element.type == "DT" and element.max == 6 else full)


def read_time(text: str, element: Element) -> time:
    """HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
    text = element.plain(text)
    if not 4 <= len(text) <= 8 or len(text) == 5 or not DIGITS.fullmatch(text):
        raise ValueError("a time")
    hundredths = int(f"{text[6:]:0<2}")
    try:
        return time(int(text[:2]), int(text[2:4]), int(text[4:6] or 0), hundredths * 10_000)
    except ValueError:
        raise ValueError("a time the clock has") from None


def write_time(value: time, element: Element) -> str:
    hundredths, rest = divmod(value.microsecond, 10_000)
    if rest:
        raise ValueError("a time of whole hundredths of a second")
    if value.tzinfo is not None:
        raise ValueError("a time without a zone")
    text = f"{value.hour:02d}{value.minute:02d}"
    seconds = f"{value.second:02d}" if value.second or hundredths else ""
    return element.formed(text + seconds + (f"{hundredths:02d}" if hundredths else ""))


def read_truth(text: str, element: Element) -> bool:
    said = element.plain(text)
    if said not in ("true", "false"):
        raise ValueError("a boolean")
    return said == "true"


def write_truth(value: bool, element: Element) -> str:
    return element.formed("true" if value else "false")


def read_text(text: str, element: Element) -> str:
    """As it came; of a number with the mark that numbers are read with."""
    return text.replace(",", ".") if "," in element.marks and element.type == "R" else text


def write_text(value: str, element: Element) -> str:
    return value


PAIRS: dict[str, tuple[frozenset[str], Callable[[str, Element], Any], Callable[[Any, Element], str]]] = {
    "str": (frozenset(("AN", "ID", "N", "R", "DT", "TM", "B", "TS")), read_text, write_text),
    "bool": (frozenset(("AN",)), read_truth, write_truth),
    "Decimal": (frozenset(("AN", "ID", "N", "R")), read_decimal, write_decimal),
    "int": (frozenset(("AN", "ID", "N", "R")), read_integer, write_integer),
    "date": (frozenset(("AN", "DT")), read_date, write_date),
    "time": (frozenset(("AN", "TM")), read_time, write_time),
}
"""Canonical type -> the guide's types it can be spelled in, and how."""


def conversion(element: Element, canonical: type[Any]) -> Conversion | None:
    """The pair for these two types, None where there is none."""
    found = PAIRS.get(canonical.__name__)
    family = element.type[:1] if element.type.startswith("N") else element.type
    if found is None or family not in found[0]:
        return None
    return Conversion(f"{element.type} {canonical.__name__}", found[1], found[2])


def fitting(text: str, element: Element) -> str:
    """The text, if the guide's element can hold it; else ValueError with what it can hold."""
    if text != text.rstrip(" "):
        raise ValueError("no blanks at the end")
    wrong = spelled(text, element)
    if wrong is not None:
        raise ValueError(wrong[1])
    if element.closed and element.codes is not None and text not in element.codes:
        raise ValueError(f"one of {', '.join(element.codes)}")
    return text


def _fitted(text: str, element: Element) -> str:
    """The same number with as many digits as the element asks: zeros carry nothing (X12.6)."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    if sum(map(str.isdigit, digits)) > element.max and "." in digits:
        digits = digits.rstrip("0").rstrip(".").lstrip("0") or "0"
    missing = element.min - sum(map(str.isdigit, digits))
    fitted = sign + "0" * missing + digits
    if sum(map(str.isdigit, fitted)) > element.max:
        raise ValueError(f"a number of {length(element, 'digits')}")
    return fitted
