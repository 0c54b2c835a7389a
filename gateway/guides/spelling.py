"""How a value of each data type is spelled (X12.6, ISO 9735): text in, nothing or what is wrong with it out.

`spelled` judges one component of one element; it knows neither segment nor place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

from gateway.faults import Code
from gateway.guides.model import Element

Wrong = tuple[Code, str]
"""The fault's code, and what was expected, in words."""

# C0, DEL and C1 controls are in no character set of X12.6, basic or extended.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
INTEGER = re.compile(r"-?[0-9]+")
DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
# ISO 9735: at least one digit before the decimal mark and one behind it.
NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
DIGITS = re.compile(r"[0-9]+")
MOST_CODES = 12

FORMATS = {
    "101": "YYMMDD",
    "102": "CCYYMMDD",
    "201": "YYMMDDHHmm",
    "202": "YYMMDDHHmmSS",
    "203": "CCYYMMDDHHmm",
    "204": "CCYYMMDDHHmmSS",
    "301": "YYMMDDHHmmZZZ",
    "302": "YYMMDDHHmmSSZZZ",
    "303": "CCYYMMDDHHmmZZZ",
    "304": "CCYYMMDDHHmmSSZZZ",
    "401": "HHmm",
    "402": "HHmmSS",
    "601": "YY",
    "602": "CCYY",
    "609": "YYMM",
    "610": "CCYYMM",
    "615": "YYWW",
    "616": "CCYYWW",
    "713": "YYMMDDHHmm-YYMMDDHHmm",
    "717": "YYMMDD-YYMMDD",
    "718": "CCYYMMDD-CCYYMMDD",
    "719": "CCYYMMDDHHmm-CCYYMMDDHHmm",
}
"""Codes of 2379 and the spelling each means. Periods and counts of days or weeks are not looked at."""
PARTS = (("MM", "01", "12"), ("WW", "01", "53"), ("HH", "00", "24"), ("mm", "00", "59"), ("SS", "00", "59"))


def spelled(text: str, element: Element) -> Wrong | None:
    """What is wrong with a non-empty value as this element, None when nothing is."""
    if element.form is not None:
        try:
            text = element.form.read(text)
        except ValueError as error:
            return MISFORMED.get(element.type, Code.CHARACTER_TYPE), str(error)
    wrong = TYPES[element.type[:1] if element.type[0] == "N" else element.type](text, element)
    if wrong is not None and element.form is not None and element.type in MISFORMED:
        return wrong[0], element.form.name
    return wrong


MISFORMED = {"DT": Code.DATE, "TS": Code.DATE, "TM": Code.TIME}
"""What is wrong with a value that has not the form of its element."""


def coded(text: str, element: Element) -> Wrong | None:
    """The value against the element's code list: closed lists reject, the standard's are only noted."""
    if element.codes is None or text in element.codes:
        return None
    return Code.CODE_NOT_ALLOWED if element.closed else Code.CODE_UNKNOWN, choice(element.codes)


def choice(codes: Iterable[str]) -> str:
    """`one of 00, 01, 05`, cut where the list is long."""
    words = list(codes)
    more = f", ... ({len(words)} codes)" if len(words) > MOST_CODES else ""
    return f"one of {', '.join(words[:MOST_CODES])}{more}"


def length(element: Element, unit: str = "characters") -> str:
    """`1..22 characters`, `exactly 2 characters`."""
    if element.min == element.max:
        return f"exactly {element.max} {unit}"
    return f"{element.min}..{element.max} {unit}"


def real_date(text: str) -> bool:
    """CCYYMMDD or YYMMDD, a day the calendar has. Of 1969 to 2068 the same days exist as of 2000 to 2099."""
    if len(text) not in (6, 8) or not DIGITS.fullmatch(text):
        return False
    full = text if len(text) == 8 else f"20{text}"
    try:
        date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        return False
    return True


def real_time(text: str) -> bool:
    """HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
    if len(text) not in (4, 6, 7, 8) or not DIGITS.fullmatch(text):
        return False
    return text[:2] < "24" and text[2:4] < "60" and text[4:6] < "60"


def spelled_as(text: str, format: str) -> Wrong | None:
    """What is wrong with a moment as this code of 2379 (`102`) says it is spelled; of unknown codes nothing is."""
    shape = FORMATS.get(format)
    if shape is None or _shaped(text, shape):
        return None
    return Code.DATE, f"{shape}, as {format} says"


def _shaped(text: str, shape: str) -> bool:
    """Whether the text is of this shape, its parts real. A period may have a hyphen between its ends, or not."""
    first, hyphen, last = shape.partition("-")
    if hyphen:
        rest = text[len(first) :].removeprefix("-")
        return _shaped(text[: len(first)], first) and _shaped(rest, last)
    digits = shape.rstrip("Z")
    if len(digits) < len(shape):  # a zone's letters are not looked at
        text = text[: len(digits)] if 1 <= len(text) - len(digits) <= len(shape) - len(digits) else ""
    if len(text) != len(digits) or not DIGITS.fullmatch(text):
        return False
    if "DD" in digits and not real_date(text[: digits.index("DD") + 2]):
        return False
    parts = ((text[digits.index(name) :][:2], least, most) for name, least, most in PARTS if name in digits)
    return all(least <= part <= most for part, least, most in parts)


def _measured(size: int, element: Element, unit: str = "characters") -> Wrong | None:
    if size < element.min:
        return Code.TOO_SHORT, length(element, unit)
    if size > element.max:
        return Code.TOO_LONG, length(element, unit)
    return None


def _text(text: str, element: Element) -> Wrong | None:
    if CONTROL.search(text):
        return Code.CHARACTER, "no control characters"
    return _measured(len(text), element)


def _binary(text: str, element: Element) -> Wrong | None:
    return _measured(len(text), element)


def _integer(text: str, element: Element) -> Wrong | None:
    """X12.6 Nn: digits with an implied decimal point; the sign is not counted."""
    if not INTEGER.fullmatch(text):
        return Code.CHARACTER_TYPE, f"{length(element, 'digits')}, optionally after a minus sign"
    return _measured(len(text) - (text[0] == "-"), element, "digits")


def _decimal(text: str, element: Element) -> Wrong | None:
    """X12.6 R, ISO 9735 n: neither the sign nor the decimal mark is counted."""
    if not (NUMBER if "," in element.marks else DECIMAL).fullmatch(text):
        return Code.CHARACTER_TYPE, f"a number of {length(element, 'digits')}"
    return _measured(sum(map(str.isdigit, text)), element, "digits")


def _date(text: str, element: Element) -> Wrong | None:
    shape = {6: "YYMMDD", 8: "CCYYMMDD"}.get(element.max, "CCYYMMDD")
    expected = f"a date {shape}"
    if DIGITS.fullmatch(text) and not element.min <= len(text) <= element.max:
        return (Code.TOO_SHORT if len(text) < element.min else Code.TOO_LONG), expected
    if element.min <= len(text) <= element.max and real_date(text):
        return None
    return Code.DATE, expected


def _time(text: str, element: Element) -> Wrong | None:
    expected = "a time HHMM, HHMMSS or HHMMSSDD"
    if DIGITS.fullmatch(text) and not element.min <= len(text) <= element.max:
        return (Code.TOO_SHORT if len(text) < element.min else Code.TOO_LONG), expected
    if element.min <= len(text) <= element.max and real_time(text):
        return None
    return Code.TIME, expected


def _moment(text: str, element: Element) -> Wrong | None:
    """A day and a time of day in one text, the seconds perhaps."""
    if len(text) in (12, 14) and real_date(text[:8]) and real_time(text[8:]):
        return None
    return Code.DATE, element.form.name if element.form else "a date and a time"


def _letters(text: str, element: Element) -> Wrong | None:
    """ISO 9735 a: letters and blanks, no digits."""
    if not text.replace(" ", "A").isalpha():
        return Code.CHARACTER_TYPE, "letters"
    return _measured(len(text), element)


TYPES: dict[str, Callable[[str, Element], Wrong | None]] = {
    "A": _letters,
    "AN": _text,
    "ID": _text,
    "N": _integer,
    "R": _decimal,
    "DT": _date,
    "TM": _time,
    "B": _binary,
    "TS": _moment,
}
