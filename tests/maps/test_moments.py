"""Moments in X12's several elements and in EDIFACT's one text with its format: as they came, and back the same."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical import Moment
from gateway.guides.model import Element
from gateway.maps.moments import (
    read_day,
    read_formatted,
    read_moment,
    write_day,
    write_formatted,
    write_moment,
)


def element(kind: str, least: int, most: int) -> Element:
    return Element("0", "An element", kind, least, most)


MOMENT = (element("DT", 8, 8), element("TM", 4, 8), element("ID", 2, 2))


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        (("20260301", "", ""), "2026-03-01"),
        (("20260301", "0930", ""), "2026-03-01T09:30"),
        (("20260301", "0930", "UT"), "2026-03-01T09:30Z"),
        (("20260301", "0930", "19"), "2026-03-01T09:30-06:00"),
        (("20260301", "0930", "ET"), "2026-03-01T09:30[America/New_York]"),
        (("20260301", "0930", "AT"), "2026-03-01T09:30[America/Anchorage]"),
        (("20260301", "0930", "XX"), "2026-03-01T09:30[x12:XX]"),
    ],
)
def test_moments_keep_the_precision_they_came_with(texts: tuple[str, ...], text: str) -> None:
    moment = read_moment(texts, MOMENT)
    assert str(moment) == text
    assert write_moment(moment, MOMENT) == texts


@pytest.mark.parametrize(
    ("code", "zone", "written"),
    [("ES", "-05:00", "20"), ("ED", "-04:00", "21"), ("TD", "-03:00", "22"), ("GM", "Z", "UT")],
)
def test_one_of_several_codes_of_a_zone_is_written(code: str, zone: str, written: str) -> None:
    moment = read_moment(("20260301", "0930", code), MOMENT)
    assert moment.zone == zone
    assert write_moment(moment, MOMENT)[2] == written
    assert read_moment(write_moment(moment, MOMENT), MOMENT) == moment


@pytest.mark.parametrize(
    ("moment", "rows", "expected"),
    [
        (Moment.parse("2026-03-01T09:30"), 1, "without a time"),
        (Moment.parse("2026-03-01T09:30Z"), 2, "without a zone"),
        (Moment.parse("2026-03-01T09:30[Mars/Olympus]"), 3, "X12 has a code for"),
    ],
)
def test_a_moment_more_exact_than_its_place_is_refused(moment: Moment, rows: int, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        write_moment(moment, MOMENT[:rows])


CENTURY = (element("DT", 6, 6), *MOMENT[1:], element("N0", 2, 2))


@pytest.mark.parametrize(
    ("texts", "said", "written"),
    [
        (("980315", "", "", ""), "1998-03-15", ("980315", "", "", "")),
        (
            ("980315", "0930", "ET", "19"),
            "1998-03-15T09:30[America/New_York]",
            ("980315", "0930", "ET", "19"),
        ),
        (("450101", "", "", "19"), "1945-01-01", ("450101", "", "", "19")),
        (("450101", "", "", "20"), "2045-01-01", ("450101", "", "", "20")),
        (("450101",), "2045-01-01", ("450101", "", "", "")),
    ],
)
def test_a_century_that_is_said_wins_and_stays(
    texts: tuple[str, ...], said: str, written: tuple[str, ...]
) -> None:
    moment = read_moment(texts, CENTURY)
    assert str(moment) == said
    assert write_moment(moment, CENTURY, texts) == written


@pytest.mark.parametrize(
    ("day", "current", "century"),
    [
        (date(2026, 3, 1), ("",), ""),
        (date(2026, 3, 1), ("980315", "", "", "19"), "20"),
        (date(1968, 12, 31), ("",), "19"),
        (date(2069, 1, 1), ("260301", "", "", ""), "20"),
    ],
)
def test_a_century_is_written_where_the_day_alone_would_say_another(
    day: date, current: tuple[str, ...], century: str
) -> None:
    texts = write_moment(Moment(day), CENTURY, current)
    assert texts[3] == century
    assert read_moment(texts, CENTURY) == Moment(day)


@pytest.mark.parametrize(
    "texts", [("000229", "", "", "19"), ("980315", "", "", "-1"), ("980315", "", "", "1")]
)
def test_a_century_without_such_a_day_is_no_date(texts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="a date"):
        read_moment(texts, CENTURY)


# -- one text and its format


FORMATTED = (
    Element("2380", "Date or time or period value", "AN", 1, 35),
    Element("2379", "Format", "AN", 1, 3),
)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (("260301", "101"), "2026-03-01"),
        (("20260301", "102"), "2026-03-01"),
        (("2603010930", "201"), "2026-03-01T09:30"),
        (("202603010930", "203"), "2026-03-01T09:30"),
        (("20260301093015", "204"), "2026-03-01T09:30:15"),
        (("202603010930UTC", "303"), "2026-03-01T09:30Z"),
        (("202603010930EST", "303"), "2026-03-01T09:30[edifact:EST]"),
    ],
)
def test_a_moment_reads_as_its_format_says_and_keeps_it(texts: tuple[str, str], said: str) -> None:
    moment = read_formatted(texts, FORMATTED)
    assert str(moment) == said
    assert write_formatted(Moment.parse(said), FORMATTED, texts) == texts


@pytest.mark.parametrize(
    ("said", "current", "written"),
    [
        ("2026-03-02", ("20260301", "102"), ("20260302", "102")),
        ("2026-03-02", ("202603010930", "203"), ("20260302", "102")),  # no time is made of none
        ("2026-03-02T08:00", ("260301", "101"), ("202603020800", "203")),
        ("2026-03-02T08:00:05", (), ("20260302080005", "204")),
        ("2069-03-02", ("260301", "101"), ("20690302", "102")),  # 69 would read as 1969
        ("2026-03-02", ("202610", "616"), ("20260302", "102")),
    ],
)
def test_a_changed_moment_changes_its_format_only_where_it_must(
    said: str, current: tuple[str, ...], written: tuple[str, str]
) -> None:
    assert write_formatted(Moment.parse(said), FORMATTED, current) == written


@pytest.mark.parametrize(
    "texts", [("202610", "616"), ("202603", "610"), ("20260301-20260308", "718"), ("5", "804"), ("20260301",)]
)
def test_a_week_a_month_a_period_or_no_format_is_no_moment(texts: tuple[str, ...]) -> None:
    assert read_formatted(texts, FORMATTED) is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("20260230", "102"), "CCYYMMDD"),
        (("2026030", "102"), "CCYYMMDD"),
        (("202603012400", "203"), "the clock has"),
    ],
)
def test_a_moment_unlike_its_format_is_refused(texts: tuple[str, str], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        read_formatted(texts, FORMATTED)


@pytest.mark.parametrize(
    "said", ["2026-03-01T09:30:15.25", "2026-03-01T09:30-05:00", "2026-03-01T09:30[Europe/Berlin]"]
)
def test_a_moment_that_no_format_can_say_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="no zone but Z"):
        write_formatted(Moment.parse(said), FORMATTED)


def test_the_day_of_a_moment_leaves_its_time_alone() -> None:
    texts = ("202603010930", "203")
    assert read_day(texts, FORMATTED) == date(2026, 3, 1)
    assert write_day(date(2026, 4, 2), FORMATTED, texts) == ("202604020930", "203")
    assert write_day(date(2026, 4, 2), FORMATTED) == ("20260402", "102")


@given(st.dates(), st.none() | st.times(), st.sampled_from([None, "Z", "edifact:CET", "+01:00"]))
def test_what_is_written_reads_back_or_is_refused(day: date, at: time | None, zone: str | None) -> None:
    moment = Moment(day, at, zone if at is not None else None)
    try:
        texts = write_formatted(moment, FORMATTED)
    except ValueError:
        return
    assert read_formatted(texts, FORMATTED) == moment
