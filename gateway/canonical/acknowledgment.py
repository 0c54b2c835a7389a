"""What a receiver says of what it got: of an interchange, and of a group's documents. Of syntax, never of business.

The codes are those of the standard in which the acknowledgment is written; the verdicts are words.
"""

from __future__ import annotations

import datetime as clock
from typing import Annotated

from pydantic import Field

from gateway.canonical.base import Day, Part, Words

SetVerdict = Annotated[str, Words("set_verdicts")]
GroupVerdict = Annotated[str, Words("group_verdicts")]
InterchangeVerdict = Annotated[str, Words("interchange_verdicts")]


class AcknowledgedElement(Part):
    """An element in error: its position, its number in the standard's dictionary, the code, and what came."""

    element: int
    component: int | None = None
    repetition: int | None = None
    reference: str | None = None
    code: str
    value: str | None = None


class AcknowledgedSegment(Part):
    """A segment in error; `number` counts from 1 at the set's first segment."""

    segment: str
    number: int
    loop: str | None = None
    code: str | None = None
    elements: list[AcknowledgedElement] = Field(default_factory=list)


class AcknowledgedSet(Part):
    """The verdict on one transaction set, and every reason for it."""

    code: str
    control: str
    version: str | None = None
    segments: list[AcknowledgedSegment] = Field(default_factory=list)
    verdict: SetVerdict
    codes: list[str] = Field(default_factory=list)


class AcknowledgedGroup(Part):
    """Which group is meant: its kind, its control number, its version where the acknowledgment says it."""

    code: str
    control: str
    version: str | None = None


class FunctionalAcknowledgment(Part):
    """The verdict on a functional group. `stated` is how many sets the sender counted, the others what we counted."""

    group: AcknowledgedGroup
    sets: list[AcknowledgedSet] = Field(default_factory=list)
    verdict: GroupVerdict
    stated: int | None = None
    received: int | None = None
    accepted: int | None = None
    codes: list[str] = Field(default_factory=list)


class InterchangeAcknowledgment(Part):
    """The verdict on an interchange's envelope. `code` says why, `000` that nothing was wrong."""

    control: str
    date: Day
    time: clock.time
    verdict: InterchangeVerdict
    code: str
