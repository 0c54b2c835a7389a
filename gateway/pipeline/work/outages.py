"""The channels whose looks fail: since when, and why. One partner's host that is away makes nobody else unwell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.pipeline import metrics
from gateway.pipeline.work.deliver import words


@dataclass(frozen=True, slots=True)
class Outage:
    """Since when every look has failed, and why the last one did."""

    since: datetime
    why: str

    def as_dict(self) -> dict[str, str]:
        return {"since": self.since.isoformat(timespec="seconds"), "why": self.why}


class Outages:
    """By channel, in full: `acme.drop`. The metrics say the same."""

    def __init__(self) -> None:
        self._found: dict[str, Outage] = {}

    def __contains__(self, channel: str) -> bool:
        return channel in self._found

    def failed(self, channel: str, error: Exception, now: datetime) -> None:
        """A look failed, or the channel could not be opened at all."""
        known = self._found.get(channel)
        self._found[channel] = Outage(known.since if known else now, words(error))
        metrics.POLLS_FAILED.labels(*labels(channel)).inc()
        metrics.CHANNEL_FAILING.labels(*labels(channel)).set(1)

    def went_well(self, channel: str) -> None:
        self._found.pop(channel, None)
        metrics.CHANNEL_FAILING.labels(*labels(channel)).set(0)

    def keep(self, channels: Collection[str]) -> None:
        """Forgets every channel but these: there are no others any more."""
        self._found = {channel: found for channel, found in self._found.items() if channel in channels}
        metrics.CHANNEL_FAILING.clear()
        for channel in channels:
            metrics.CHANNEL_FAILING.labels(*labels(channel)).set(channel in self)

    def as_dict(self) -> Mapping[str, Mapping[str, str]]:
        return {channel: found.as_dict() for channel, found in sorted(self._found.items())}


def labels(channel: str) -> tuple[str, str]:
    """The partner, and the channel in full."""
    return channel.partition(".")[0], channel
