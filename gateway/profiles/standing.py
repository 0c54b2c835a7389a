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
Charset = Literal[
    "auto", "basic", "extended", "utf-8", "latin-1",
    "UNOA", "UNOB", "UNOC", "UNOD", "UNOE", "UNOF", "UNOG", "UNOH", "UNOI", "UNOJ", "UNOK", "UNOW",
]  # fmt: skip
"""`basic` and `extended` are X12's, the others but `auto` and the encodings EDIFACT's levels."""
Syntax = Annotated[
    str, Word("an EDIFACT syntax, its characters and its version as in UNB01", r"UNO[A-KW]:[1-4]", "UNOC:3")
]
Una = Annotated[
    str,
    Word(
        "needed, always, or the six signs of a UNA (component, element, decimal mark, release, repetition, segment)",
        r"needed|always|(?![\s\S]*([^ ])[\s\S]*\1)[^\w\s]{2}[.,][^\w\t\r\n]{2}[^\w ]",
        '":+.? \'"',
    ),
]
Association = Annotated[
    str, Word("the code of an association's messages, as in UNH02-05", r"[A-Z0-9]{1,6}", "EAN008")
]
Priority = Annotated[str, Word("a processing priority, as in UNB08", r"[A-Z]", "A")]
"""A is the highest."""


Reference = Annotated[str, Word("text of at most 14 characters", r"[!-~](?:[ -~]{0,13})", "ORDERS")]
Agreed = Annotated[str, Word("text of at most 35 characters", r"[!-~](?:[ -~]{0,34})", "EANCOM")]


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
    syntax: Syntax | None = Field(default=None, description="EDIFACT: characters and syntax version")
    una: Una | None = Field(default=None, description="EDIFACT: whether a UNA is written, and its signs")
    association: Association | None = Field(default=None, description="EDIFACT: whose messages, UNH02-05")
    reference: Reference | None = Field(default=None, description="EDIFACT: the recipient's reference, UNB06")
    application: Reference | None = Field(default=None, description="EDIFACT: application reference, UNB07")
    priority: Priority | None = Field(default=None, description="EDIFACT: processing priority, UNB08")
    request: Truth | None = Field(
        default=None, description="EDIFACT: a CONTRL is requested, UNB09; else where one is awaited"
    )
    agreement: Agreed | None = Field(default=None, description="EDIFACT: the agreement's name, UNB10")
    grouped: Truth | None = Field(default=None, description="EDIFACT: messages stand in a group, UNG")


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
