"""What to do after a failure, as a value: the clock, the ledger and the dice stay outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.errors import GatewayError, TransportError


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after this long."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing more to try; the reason goes to the dead letter."""

    reason: str


def decide(
    error: Exception, attempt: int, schedule: Sequence[timedelta], jitter: float = 0.0
) -> Retry | GiveUp:
    """After the `attempt`-th failure (from 1): the schedule's next wait, or the end of it.

    `jitter` in 0..1 lengthens the wait by up to a tenth, so that a partner's return is not met by all at once. A
    server's own Retry-After is honoured when it is longer than the schedule.
    """
    if isinstance(error, GatewayError) and not error.retry:
        return GiveUp(str(error))
    if attempt > len(schedule):
        return GiveUp(f"still failing after {attempt} attempts: {error}")
    wait = schedule[attempt - 1] * (1 + jitter / 10)
    asked = error.retry_after if isinstance(error, TransportError) else None
    return Retry(max(wait, timedelta(seconds=asked or 0)))
