"""What may be stated once for everybody, for a kind of partner, for one partner, or for one document type."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from gateway.profiles.words import (
    Allowed,
    Elapsed,
    FieldPath,
    MapName,
    Model,
    Name,
    Text,
    Truth,
    Word,
    listed,
)

Policy = Literal["drop", "hold", "reject", "accept"]
Validation = Literal["strict", "normal", "lenient"]
Incomplete = Literal["hold", "process"]
Event = Literal["failed", "late", "held", "certificate", "silent", "anything"]
Standard = Literal[
    "x12", "group", "edifact", "gln", "tradacoms", "as2", "cxml", "idoc", "fixed", "csv", "json", "xml"
]

Separators = Annotated[
    str,
    Word(
        "three different separators (element, component, segment) or four (repetition second)",
        r"(?![\s\S]*([\s\S])[\s\S]*\1)[^\w\s][^\w]{2,3}",
        '"*>~" or "*^>~"',
    ),
]
InterchangeVersion = Annotated[str, Word("an interchange version of five digits", r"\d{5}", '"00401"')]
Charset = Literal["auto", "basic", "extended", "utf-8", "latin-1"]


class Duplicates(Model):
    """What happens to a document that came before: `same` bytes, or `changed` ones under the same key."""

    same: Policy | None = None
    changed: Policy | None = None
    window: Elapsed | None = None


class Envelope(Model):
    """How what we write is enclosed; what is not stated comes from the next wider place that does."""

    version: InterchangeVersion | None = None
    separators: Separators | None = None
    charset: Charset | None = None
    newline: Truth | None = Field(default=None, description="a line break after each segment")


class Deadline(Model):
    """Until when something must follow, and when to warn that it has not."""

    within: Allowed
    warn: Allowed | None = None


def deadline(value: Any) -> Any:
    return {"within": value} if isinstance(value, str) else value


OneDeadline = Annotated[Deadline, BeforeValidator(deadline, json_schema_input_type=Allowed | Deadline)]
Acknowledge = Annotated[
    tuple[MapName, ...], BeforeValidator(listed, json_schema_input_type=MapName | list[MapName])
]
Names = Annotated[tuple[Name, ...], BeforeValidator(listed, json_schema_input_type=Name | list[Name])]


class Standing(Model):
    """The keys `defaults:` of company.yaml, a template and a profile have in common."""

    acknowledge: Acknowledge | None = Field(default=None, description="standard, none, or which: [997, TA1]")
    duplicates: Duplicates = Duplicates()
    incomplete: Incomplete | None = Field(
        default=None, description="sets of an interchange whose trailer is missing"
    )
    validation: Validation | None = Field(default=None, alias="validate")
    retry: tuple[Elapsed, ...] | None = Field(default=None, description="waits between attempts to send")
    calendar: Name | None = None
    keep: Elapsed | None = Field(default=None, description="how long documents are kept")
    private: tuple[FieldPath, ...] = Field(
        default=(), description="fields that are masked in console and logs"
    )
    alerts: dict[Event, Annotated[tuple[Text, ...], BeforeValidator(listed)]] = Field(default_factory=dict)
    envelope: Envelope = Envelope()


class Settled(Model):
    """What holds where nobody states anything."""

    acknowledge: tuple[str, ...] = ("standard",)
    same: Policy = "drop"
    changed: Policy = "hold"
    window: timedelta = timedelta(days=400)
    incomplete: Incomplete = "hold"
    validation: Validation = "normal"
    retry: tuple[timedelta, ...] = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
    keep: timedelta = timedelta(days=7 * 365)


SETTLED = Settled()
