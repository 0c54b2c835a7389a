"""A moment keeps the precision it came with: a date, a date and a time, or both and a zone. None is ever invented."""

from __future__ import annotations

import datetime as clock
import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

TEXT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(?P<zone>Z|[+-]\d\d:\d\d|\[[^\[\]]+\])?)?",
    re.ASCII,
)
OFFSET = re.compile(r"Z|[+-]\d\d:\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Moment:
    """`zone` is `Z`, an offset (`-05:00`), or a zone's name; None when nobody said which, so none is assumed.

    Its text, in JSON too, is ISO 8601: `2026-03-01`, `2026-03-01T14:30`, `2026-03-01T14:30-05:00`; a named zone
    stands in brackets (RFC 9557): `2026-03-01T14:30[America/New_York]`. Seconds are shown when there are any.
    """

    date: clock.date
    time: clock.time | None = None
    zone: str | None = None

    def __post_init__(self) -> None:
        if self.zone is not None and self.time is None:
            raise ValueError("a zone belongs to a time")
        if self.time is not None and self.time.tzinfo is not None:
            raise ValueError("the zone of a moment stands beside its time, not in it")
        if self.zone is not None and (not self.zone.strip() or set(self.zone) & set("[]")):
            raise ValueError("a zone is Z, an offset such as -05:00, or a name without brackets")

    @classmethod
    def parse(cls, text: str) -> Moment:
        """The reverse of `str`. Raises ValueError for anything else."""
        found = TEXT.fullmatch(text)
        if found is None:
            raise ValueError("a moment reads 2026-03-01, 2026-03-01T14:30 or 2026-03-01T14:30-05:00")
        at, zone = found["time"], found["zone"]
        return cls(
            clock.date.fromisoformat(found["date"]),
            clock.time.fromisoformat(_padded(at)) if at else None,
            zone.strip("[]") if zone else None,
        )

    @classmethod
    def of(cls, value: Any) -> Moment:
        """From a moment, a date, a datetime, its text. Raises ValueError otherwise."""
        match value:
            case Moment():
                return value
            case str():
                return cls.parse(value)
            case clock.datetime():
                return cls(value.date(), value.time(), _zone_of(value))
            case clock.date():
                return cls(value)
        raise ValueError("a moment is a date, a date with a time, or its ISO 8601 text")

    @property
    def has_time(self) -> bool:
        return self.time is not None

    @property
    def has_zone(self) -> bool:
        """False means local to whoever wrote it; ask the partner's calendar, never this computer's."""
        return self.zone is not None

    def __str__(self) -> str:
        if self.time is None:
            return self.date.isoformat()
        exact = bool(self.time.second or self.time.microsecond)
        at = self.time.isoformat() if exact else self.time.isoformat("minutes")
        zone = self.zone or ""
        return f"{self.date.isoformat()}T{at}{zone if not zone or OFFSET.fullmatch(zone) else f'[{zone}]'}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.of, serialization=core_schema.to_string_ser_schema(when_used="json")
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "title": "Moment", "examples": ["2026-03-01", "2026-03-01T14:30-05:00"]}


def _padded(at: str) -> str:
    """A fraction with six digits, as Python 3.10 and older readers of ISO text want it."""
    whole, dot, fraction = at.partition(".")
    return f"{whole}.{fraction:0<6}" if dot else whole


def _zone_of(value: clock.datetime) -> str | None:
    offset = value.utcoffset()
    if offset is None:
        return None
    minutes = int(offset.total_seconds()) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" if minutes else "Z"
