"""What is known of an arrival while it is written down: under which house, and the interchange it is in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.faults import Fault
from gateway.formats.events import Interchange
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.keys import SeenKey
from gateway.pipeline.inbound.findings import Terms
from gateway.pipeline.queue import Lease
from gateway.pipeline.translation.answer import Answers
from gateway.pipeline.translation.house import House
from gateway.profiles import Partner

PRODUCTION, TEST = "P", "T"


@dataclass(frozen=True, slots=True)
class Reading:
    """One arrival, read under one house. `lease` claims what the reading makes work of, where that is worth it."""

    house: House
    arrival: ArrivalRow
    now: Callable[[], datetime]
    lease: Callable[[], Lease | None] = lambda: None


@dataclass(slots=True)
class Incoming:
    """One interchange in the ledger. Without a partner its sets are not stored; `addressee` may be told so.

    `earlier` is the accepted interchange of the same control number, if there was one; `unanswered` are the answers
    that then wait for what is decided, each with its group's terms. What stands below `id` is known at the end.
    """

    header: Interchange
    partner: Partner | None
    addressee: Partner | None = None
    earlier: SeenKey | None = None
    unanswered: list[tuple[Terms, Answers]] = field(default_factory=list)
    id: str = ""
    faults: list[Fault] = field(default_factory=list)
    rejected: bool = False
    answerable: bool = True
    end: int = 0
    digest: str = ""
    first: int = 0
    last: int = 0
    answers: Answers = field(default_factory=dict)

    @property
    def usage(self) -> str:
        return TEST if self.header.test else PRODUCTION

    @property
    def scope(self) -> str:
        """Within this the interchange control number is unique."""
        sender = self.header.sender or (self.partner.partner if self.partner else "")
        series = f"/{self.header.series}" if self.header.series else ""
        return f"{sender}>{self.header.receiver}/{self.usage}{series}"
