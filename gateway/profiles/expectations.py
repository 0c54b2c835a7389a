"""Until when what `expect:` names must follow a document, counted from a moment. Pure: the moment is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.profiles.calendars import until
from gateway.profiles.company import Calendar
from gateway.profiles.partner import Entry
from gateway.profiles.standards import RECEIPTS
from gateway.profiles.standing import Deadline


@dataclass(frozen=True, slots=True)
class Span:
    """It must follow until then; `warn` is when to tell that it has not, if that is before."""

    until: datetime
    warn: datetime | None = None

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """When it is late, and when there is something to tell first."""
        return self.until, min(self.until, self.warn or self.until)


def spans(expect: Mapping[str, Deadline], since: datetime, calendar: Calendar | None) -> dict[str, Span]:
    """By type of document: what is expected since then."""
    return {
        key.partition("/")[0]: Span(
            until(term.within, since, calendar), until(term.warn, since, calendar) if term.warn else None
        )
        for key, term in expect.items()
        if key not in RECEIPTS
    }


def expecting(entries: Mapping[str, Entry], type: str) -> bool:
    """Whether anything is expected after a document of the type."""
    return any(one.expect and key.partition("/")[0] == type for key, one in entries.items())
