"""A moment and the texts it is made of: X12's date, time and zone, or EDIFACT's one text and the code for its spelling.

Every pair reads what it wrote, exactly. What does not fit is refused by ValueError with what was expected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from gateway.canonical.moment import Moment
from gateway.guides.model import Element
from gateway.guides.spelling import FORMATS, spelled_as
from gateway.maps.values import read_date, read_time, write_date, write_time
from gateway.marked_yaml import close

Texts = tuple[str, ...]
"""An element's text; for a moment those of date, time and zone, and of the century where the release has it."""
Elements = tuple[Element, ...]
"""The guide's rows for them."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How a moment, or the day of one, stands in several texts. `write` is told those that stand there now."""

    name: str
    read: Callable[[Texts, Elements], Any]
    write: Callable[[Any, Elements, Texts], Texts]


OFFSETS = {
    **{f"{hours:02d}": f"+{hours:02d}:00" for hours in range(1, 13)},
    **{f"{25 - hours:02d}": f"-{hours:02d}:00" for hours in range(1, 13)},
}
"""X12 data element 623: 01 to 12 are ISO P01 to P12, 13 to 24 are M12 to M01."""
AMERICAN = {
    "E": ("America/New_York", 5),
    "C": ("America/Chicago", 6),
    "M": ("America/Denver", 7),
    "P": ("America/Los_Angeles", 8),
    "A": ("America/Anchorage", 9),
    "H": ("Pacific/Honolulu", 10),
    "T": ("America/Halifax", 4),
}
"""First letter of the code -> the zone, and its hours behind UTC in winter: `ET` the zone, `ES` winter, `ED` summer."""
ZONES = {
    "GM": "Z",
    "UT": "Z",
    "LT": "local",
    **{f"{letter}T": zone for letter, (zone, _) in AMERICAN.items()},
    **{f"{letter}S": f"-{hours:02d}:00" for letter, (_, hours) in AMERICAN.items()},
    **{f"{letter}D": f"-{hours - 1:02d}:00" for letter, (_, hours) in AMERICAN.items()},
    "NT": "America/St_Johns",
    "NS": "-03:30",
    "ND": "-02:30",
    **OFFSETS,
}
"""Every other code reads as `x12:CODE`."""
ZONE_CODES = {zone: code for code, zone in ZONES.items()}
"""Z is written as UT, an offset as the ISO number: the last that says it."""


def read_moment(texts: Texts, elements: Elements) -> Moment:
    """From date, time and zone, as far as they are there; a century that is said wins over the window."""
    day, at, zone, century = (*texts, "", "", "")[:4]
    if zone and not at:
        raise ValueError("a time beside the zone")
    clock = read_time(at, elements[1]) if at else None
    full = f"{century}{day}" if len(day) == 6 else day
    return Moment(read_date(full, elements[0]), clock, (ZONES.get(zone) or f"x12:{zone}") if zone else None)


def write_moment(value: Moment, elements: Elements, current: Texts = ()) -> Texts:
    """As much as is said; of a century, see `_century`."""
    if value.time is not None and len(elements) < 2:
        raise ValueError("a date without a time: the place holds none")
    if value.zone is not None and len(elements) < 3:
        raise ValueError("a time without a zone: the place holds none")
    at = write_time(value.time, elements[1]) if value.time is not None else ""
    day, zone = write_date(value.date, elements[0]), _zone_code(value.zone) if value.zone else ""
    return (day, at, zone, _century(value, day, elements, current))[: len(elements)]


def _century(value: Moment, day: str, elements: Elements, current: Texts) -> str:
    """Only where the place has one: where it was said already, or where the day alone would read as another."""
    if len(elements) < 4 or not (current[3:] > ("",) or read_date(day, elements[0]) != value.date):
        return ""
    return f"{value.date.year // 100:02d}"


def _zone_code(zone: str) -> str:
    code = ZONE_CODES.get(zone) or (zone[4:] if zone.startswith("x12:") else "")
    if not code:
        raise ValueError(f"a zone X12 has a code for; {close(zone, ZONE_CODES)}")
    return code


# -- one text, and the code for how it is spelled (EDIFACT 2380 and 2379)


DATED = {format: shape for format, shape in FORMATS.items() if "DD" in shape and "-" not in shape}
"""The codes of 2379 that say a moment: a day at least, and no period."""
ZONED = {"UTC": "Z", "GMT": "Z"}
"""Every other zone reads as `edifact:EST`."""
FRESH = {(False, False): ("102",), (True, False): ("203", "204"), (True, True): ("303", "304")}
"""(has a time, has a zone) -> the codes a new moment is written with, the first that can say it."""


def read_formatted(texts: Texts, elements: Elements) -> Moment | None:
    """From text and code; None where the code says a period, a week, a number of days: that is no moment."""
    text, format = (*texts, "")[:2]
    shape = DATED.get(format)
    if shape is None:
        return None
    if (wrong := spelled_as(text, format)) is not None:
        raise ValueError(wrong[1])
    digits = shape.rstrip("Z")
    day = digits.index("DD") + 2
    clock = read_time(text[day : len(digits)], elements[0]) if len(digits) > day else None
    zone = text[len(digits) :]
    return Moment(
        read_date(text[:day], elements[0]), clock, (ZONED.get(zone) or f"edifact:{zone}") if zone else None
    )


def write_formatted(value: Moment, elements: Elements, current: Texts = ()) -> Texts:
    """As the code that stands there says, where it can; else as the first that can say all of it."""
    now = current[1:2] if current[1:2] and current[1] in DATED else ()
    for format in (*now, *FRESH[value.time is not None, value.zone is not None]):
        texts = _spelled(value, DATED[format]), format
        try:
            if read_formatted(texts, elements) == value:
                return texts
        except ValueError:
            continue
    raise ValueError("a day, or a time to the second, with no zone but Z")


def _spelled(value: Moment, shape: str) -> str:
    at, zone = value.time or time(), value.zone or ""
    said = {
        "CCYY": f"{value.date.year:04d}",
        "YY": f"{value.date.year % 100:02d}",
        "MM": f"{value.date.month:02d}",
    }
    said |= {
        "DD": f"{value.date.day:02d}",
        "HH": f"{at.hour:02d}",
        "mm": f"{at.minute:02d}",
        "SS": f"{at.second:02d}",
    }
    said["ZZZ"] = "UTC" if zone == "Z" else zone.removeprefix("edifact:")
    for part, digits in said.items():
        shape = shape.replace(part, digits, 1)
    return shape


def read_day(texts: Texts, elements: Elements) -> date | None:
    """The day of a moment, whatever its time."""
    found = read_formatted(texts, elements)
    return found.date if found is not None else None


def write_day(value: date, elements: Elements, current: Texts = ()) -> Texts:
    """The day, beside the time that stands there."""
    now = read_formatted(current, elements) if len(current) > 1 else None
    return write_formatted(Moment(value, now.time, now.zone) if now else Moment(value), elements, current)


# -- one text of a record's field, which has a form


def read_whole(texts: Texts, elements: Elements) -> Moment:
    """From one text that says day and time."""
    text = elements[0].plain(texts[0])
    bare = replace(elements[0], form=None)
    return Moment(read_date(text[:8], bare), read_time(text[8:], bare))


def write_whole(value: Moment, elements: Elements, current: Texts = ()) -> Texts:
    """A moment with a time and no zone: the place holds just that."""
    if value.time is None or value.zone is not None:
        raise ValueError("a day with a time and without a zone: the place holds just that")
    bare = replace(elements[0], form=None)
    return (elements[0].formed(write_date(value.date, bare) + write_time(value.time, bare)),)


APART = Timing("Moment of several elements", read_moment, write_moment)
FORMATTED = Timing("Moment by its format", read_formatted, write_formatted)
WHOLE = Timing("Moment in one text", read_whole, write_whole)
DAY = Timing("day by its format", read_day, write_day)
