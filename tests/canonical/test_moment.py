"""A moment says what was said: no time where none came, no zone where none came."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given

from gateway.canonical import Moment

from .objects import moments

DAY = date(2026, 3, 1)
CASES = [
    ("2026-03-01", Moment(DAY)),
    ("2026-03-01T14:30", Moment(DAY, time(14, 30))),
    ("2026-03-01T14:30:15", Moment(DAY, time(14, 30, 15))),
    ("2026-03-01T14:30:15.250000", Moment(DAY, time(14, 30, 15, 250_000))),
    ("2026-03-01T00:00", Moment(DAY, time(0))),
    ("2026-03-01T14:30Z", Moment(DAY, time(14, 30), "Z")),
    ("2026-03-01T14:30-05:00", Moment(DAY, time(14, 30), "-05:00")),
    ("2026-03-01T14:30[America/New_York]", Moment(DAY, time(14, 30), "America/New_York")),
]


@pytest.mark.parametrize(("text", "moment"), CASES)
def test_text_both_ways(text: str, moment: Moment) -> None:
    assert Moment.parse(text) == moment
    assert str(moment) == text


@given(moments())
def test_any_moment_is_read_back(moment: Moment) -> None:
    assert Moment.parse(str(moment)) == moment


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (DAY, "2026-03-01"),
        (datetime(2026, 3, 1, 14, 30), "2026-03-01T14:30"),  # noqa: DTZ001
        (datetime(2026, 3, 1, 14, 30, tzinfo=UTC), "2026-03-01T14:30Z"),
        (datetime(2026, 3, 1, 14, 30, tzinfo=timezone(-timedelta(hours=5))), "2026-03-01T14:30-05:00"),
        (datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=5.5))), "2026-03-01T14:30+05:30"),
    ],
)
def test_from_what_python_has(value: date, text: str) -> None:
    assert str(Moment.of(value)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20260301",
        "2026-02-30",
        "2026-03-01T",
        "2026-03-01T25:00",
        "2026-03-01T14:30 EST",
        "2026-03-01-05:00",
    ],
)
def test_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"moment reads|out of range|must be in"):
        Moment.parse(text)


@pytest.mark.parametrize(
    ("at", "zone"), [(None, "Z"), (time(1, tzinfo=UTC), None), (time(1), ""), (time(1), "[x]")]
)
def test_a_zone_belongs_beside_a_time(at: time | None, zone: str | None) -> None:
    with pytest.raises(ValueError, match="zone"):
        Moment(DAY, at, zone)


def test_it_says_what_it_knows() -> None:
    known = [(moment.has_time, moment.has_zone) for _, moment in (CASES[0], CASES[1], CASES[5])]
    assert known == [(False, False), (True, False), (True, True)]
