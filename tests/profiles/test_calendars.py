"""When a term ends and when a batch leaves, on the clock and by business days and hours, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.profiles import leaves, until
from gateway.profiles.company import Calendar
from gateway.profiles.words import read_term

US = Calendar(
    timezone="America/Chicago", hours=("Mon-Thu 08:00-17:00", "Fri 08:00-12:00"), holidays=("2026-11-26",)
)
NEVER = Calendar(timezone="UTC", hours=("Mon 17:00-08:00",))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


TERMS = [
    # term, since, calendar -> until. Chicago is six hours behind in winter, five in summer
    ("24h", "2026-11-20T12:00", US, "2026-11-21T12:00"),
    ("2d", "2026-11-20T12:00", None, "2026-11-22T12:00"),
    ("1 business day", "2026-11-20T16:00", US, "2026-11-23T16:00"),  # a Friday
    ("1 business day", "2026-11-21T16:00", US, "2026-11-23T16:00"),
    ("3 business days", "2026-11-23T16:00", US, "2026-11-27T16:00"),  # over a holiday
    ("1 business day", "2026-11-20T12:00", None, "2026-11-23T12:00"),
    ("2 business hours", "2026-11-20T15:00", US, "2026-11-20T17:00"),
    ("2 business hours", "2026-11-20T17:00", US, "2026-11-23T15:00"),  # an hour on Friday, one on Monday
    ("1 business hour", "2026-11-20T03:00", US, "2026-11-20T15:00"),
    ("10 business hours", "2026-11-24T14:00", US, "2026-11-25T15:00"),
    ("1 business day", "2026-10-30T15:00", US, "2026-11-02T16:00"),  # ten in the morning both days
    ("1 business day", "2026-11-20T12:00", NEVER, "2026-11-23T12:00"),
]


@pytest.mark.parametrize(("term", "since", "calendar", "end"), TERMS)
def test_a_term_ends(term: str, since: str, calendar: Calendar | None, end: str):
    assert until(read_term(term), at(since), calendar) == at(end)


def test_hours_that_never_run_end_all_the_same():
    assert until(read_term("1 business hour"), at("2026-11-20T12:00"), NEVER) == at("2026-11-20T13:00")


BATCHES = [
    ("each", "2026-11-20T12:00", None, None),
    ("run", "2026-11-20T12:00", None, None),
    ("15m", "2026-11-20T12:00", None, "2026-11-20T12:15"),
    ("15m", "2026-11-20T12:14:59", None, "2026-11-20T12:15"),
    ("7h", "2026-11-20T22:00", None, "2026-11-21T00:00"),  # the day's last is shorter
    ("2d", "2026-11-20T22:00", None, "2026-11-21T00:00"),
    ("17:00", "2026-11-20T12:00", None, "2026-11-20T17:00"),
    ("17:00", "2026-11-20T17:00", None, "2026-11-21T17:00"),
    ("17:00", "2026-11-20T12:00", US, "2026-11-20T23:00"),
    ("17:00", "2026-10-31T23:30", US, "2026-11-01T23:00"),  # the clocks went back
    ("02:30", "2026-03-08T07:00", US, "2026-03-08T08:30"),  # there is no half past two that night
    ("6h", "2026-11-20T12:00", US, "2026-11-20T18:00"),
]


@pytest.mark.parametrize(("batch", "now", "calendar", "moment"), BATCHES)
def test_a_batch_leaves(batch: str, now: str, calendar: Calendar | None, moment: str | None):
    assert leaves(batch, at(now), calendar) == (moment and at(moment))


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    MOMENTS,
    st.sampled_from(["1m", "15m", "1h", "7h", "1d", "00:00", "17:00", "23:59"]),
    st.sampled_from([None, US]),
)
def test_it_leaves_later_and_all_that_waits_for_it_waits_for_the_same(
    now: datetime, batch: str, calendar: Calendar | None
):
    moment = leaves(batch, now, calendar)
    assert moment is not None
    assert now < moment <= now + timedelta(hours=25)
    between = now + (moment - now) * 0.999
    assert leaves(batch, between, calendar) == moment
