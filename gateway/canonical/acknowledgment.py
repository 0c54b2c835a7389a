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

    segment: str | None = None
    number: int
    loop: str | None = None
    code: str | None = None
    elements: list[AcknowledgedElement] = Field(default_factory=list)


class AcknowledgedPlace(Part):
    """The segment of an envelope that is in error, and the element in it."""

    segment: str | None = None
    element: int | None = None
    component: int | None = None
    repetition: int | None = None


class AcknowledgedSet(Part):
    """The verdict on one transaction set or message, and every reason for it; `at` is where in its envelope."""

    code: str | None = None
    control: str | None = None
    version: str | None = None
    release: str | None = None
    agency: str | None = None
    association: str | None = None
    at: AcknowledgedPlace | None = None
    segments: list[AcknowledgedSegment] = Field(default_factory=list)
    verdict: SetVerdict
    codes: list[str] = Field(default_factory=list)


class AcknowledgedEnd(Part):
    """A sender or a receiver as an envelope names them: its identification, and of what kind that is."""

    kind: str | None = None
    value: str | None = None


class AcknowledgedGroup(Part):
    """Which group is meant: its kind, its control number, its version where the acknowledgment says it."""

    code: str | None = None
    control: str | None = None
    version: str | None = None
    sender: AcknowledgedEnd | None = None
    receiver: AcknowledgedEnd | None = None


class AcknowledgedInterchange(Part):
    """Which interchange is meant: its control reference, and who sent it to whom."""

    control: str | None = None
    sender: AcknowledgedEnd | None = None
    receiver: AcknowledgedEnd | None = None


class GroupAcknowledgment(Part):
    """The verdict on one group of an interchange that is acknowledged as a whole."""

    group: AcknowledgedGroup
    at: AcknowledgedPlace | None = None
    sets: list[AcknowledgedSet] = Field(default_factory=list)
    verdict: GroupVerdict
    codes: list[str] = Field(default_factory=list)


class FunctionalAcknowledgment(Part):
    """The verdict on a functional group, or on an interchange with the groups in it; `at` is where in its envelope.

    `stated` is how many sets the sender counted, the others what we counted.
    """

    interchange: AcknowledgedInterchange | None = None
    group: AcknowledgedGroup | None = None
    at: AcknowledgedPlace | None = None
    sets: list[AcknowledgedSet] = Field(default_factory=list)
    groups: list[GroupAcknowledgment] = Field(default_factory=list)
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
