"""What follows from a failure, row by row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.errors import LedgerUnavailable, NotWritable, Refused, SetupError, ShutOut, TransportError
from gateway.pipeline.retry import GiveUp, Retry, decide

WAITS = (timedelta(minutes=1), timedelta(minutes=5))

CASES = [
    # error, attempt, jitter -> wait in seconds, or None for giving up
    (TransportError("busy"), 1, 0.0, 60),
    (TransportError("busy"), 2, 0.0, 300),
    (TransportError("busy"), 3, 0.0, None),
    (TransportError("busy"), 1, 1.0, 66),  # a tenth of 60 more
    (TransportError("busy"), 1, 0.5, 63),
    (TransportError("busy", retry_after=10), 1, 0.0, 60),  # the schedule is longer
    (TransportError("busy", retry_after=900), 1, 0.0, 900),  # the server's word is longer
    (TransportError("busy", retry_after=900), 3, 0.0, None),
    (LedgerUnavailable("disk full"), 1, 0.0, 60),
    (OSError("an error of nobody's"), 1, 0.0, 60),
    (OSError("an error of nobody's"), 3, 0.0, None),
    (Refused("no"), 1, 0.0, None),
    (ShutOut("no such login"), 1, 0.0, 60),  # the channel's trouble: what was to leave waits
    (ShutOut("401"), 3, 0.0, None),
    (SetupError("no such map"), 1, 0.0, None),
    (NotWritable([]), 1, 0.0, None),
]


@pytest.mark.parametrize(("error", "attempt", "jitter", "seconds"), CASES)
def test_decide(error: Exception, attempt: int, jitter: float, seconds: float | None):
    decision = decide(error, attempt, WAITS, jitter)
    if seconds is None:
        assert isinstance(decision, GiveUp)
        assert str(error) in decision.reason
    else:
        assert decision == Retry(timedelta(seconds=seconds))


def test_without_a_schedule_the_first_failure_is_the_last():
    assert isinstance(decide(TransportError("busy"), 1, ()), GiveUp)
