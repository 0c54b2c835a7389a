"""Moments that are counted by a calendar: when a term ends, when the next batch leaves. Pure: the time is given.

A day or an hour on the clock counts as what it is; a business day, or hour, only while the calendar's hours run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.profiles.company import Calendar
from gateway.profiles.words import Term, read_elapsed

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALWAYS = Calendar(timezone="UTC", hours=("Mon-Fri 00:00-24:00",))
"""What business days and hours are where no calendar is agreed."""
EACH, RUN = "each", "run"
FAR = 3660
"""Days that are looked ahead: a calendar that never opens must end somewhere."""


@dataclass(frozen=True, slots=True)
class Hours:
    """`Mon-Fri 08:00-17:00`: the weekdays, and from when to when, in minutes since midnight."""

    days: frozenset[int]
    opens: int
    closes: int

    @classmethod
    def of(cls, text: str) -> Hours:
        days, _, clock = text.partition(" ")
        first, _, last = days.partition("-")
        start, end = WEEK.index(first), WEEK.index(last or first)
        span = range(start, end + 1) if start <= end else [*range(start, 7), *range(end + 1)]
        opens, _, closes = clock.partition("-")
        return cls(frozenset(span), minutes(opens), minutes(closes))


def minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


def zone_of(calendar: Calendar | None) -> tzinfo:
    """The calendar's time zone; UTC where there is none, or this machine does not know it."""
    try:
        return ZoneInfo(calendar.timezone) if calendar else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def until(term: Term, since: datetime, calendar: Calendar | None) -> datetime:
    """When a term that begins at that moment ends."""
    if not term.business:
        return since + term.elapsed
    known = calendar or ALWAYS
    if term.unit.endswith("day"):
        return days_later(term.amount, since, known)
    return hours_later(timedelta(hours=term.amount), since, known)


def days_later(amount: int, since: datetime, calendar: Calendar) -> datetime:
    """The same time of the day, so many business days later."""
    local = since.astimezone(zone_of(calendar))
    opened = (day for day in days_after(local.date(), 1) if spans(day, calendar))
    last = next((day for number, day in enumerate(opened, 1) if number == amount), local.date())
    return datetime.combine(last, local.timetz()).astimezone(UTC)


def hours_later(left: timedelta, since: datetime, calendar: Calendar) -> datetime:
    """When the calendar has been open for so long."""
    for day in days_after(since.astimezone(zone_of(calendar)).date(), 0):
        for opens, closes in spans(day, calendar):
            start = max(opens, since)
            if start < closes and left <= closes - start:
                return start + left
            left -= max(closes - start, timedelta(0))
    return since + left


def days_after(day: date, first: int) -> Iterator[date]:
    return (day + timedelta(days=number) for number in range(first, FAR))


def spans(day: date, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    """From when to when the calendar is open on that day, in order."""
    if day.isoformat() in calendar.holidays:
        return []
    known = sorted(map(Hours.of, calendar.hours), key=lambda one: one.opens)
    zone = zone_of(calendar)
    return [
        (moment(day, one.opens, zone), moment(day, one.closes, zone))
        for one in known
        if day.weekday() in one.days
    ]


def moment(day: date, minute: int, zone: tzinfo) -> datetime:
    """That minute of the day, on the clock of the zone; 24:00 is the next day's first."""
    later, minute = divmod(minute, 24 * 60)
    clock = time(*divmod(minute, 60), tzinfo=zone)
    return datetime.combine(day + timedelta(days=later), clock).astimezone(UTC)


def leaves(batch: str, now: datetime, calendar: Calendar | None) -> datetime | None:
    """When the batch leaves in which something goes that is ready now; None where it waits for no moment.

    `15m` is counted from midnight, so that all that waits leaves together; `17:00` is the next one.
    """
    if batch in (EACH, RUN):
        return None
    zone = zone_of(calendar)
    today = now.astimezone(zone).date()
    if ":" in batch:
        chosen = (moment(today + timedelta(days=ahead), minutes(batch), zone) for ahead in count())
        return next(one for one in chosen if one > now)
    every, midnight = read_elapsed(batch), moment(today, 0, zone)
    return min(midnight + every * ((now - midnight) // every + 1), moment(today, 24 * 60, zone))
