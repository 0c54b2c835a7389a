"""The channels that fail: since when, and why. One partner's host that is away makes nobody else unwell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Refused, ShutOut, words
from gateway.pipeline import metrics

LOOK, USE = "look", "use"
"""A channel fails by looks into it, or by what leaves over it; one may go well while the other does not."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Since when every look, or every use, has failed, and why the last one did."""

    since: datetime
    why: str

    def as_dict(self) -> dict[str, str]:
        return {"since": self.since.isoformat(timespec="seconds"), "why": self.why}


class Outages:
    """By channel, in full: `acme.drop`, and `system.erp` for a system behind us. The metrics say the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Outage] = {}

    def __contains__(self, channel: str) -> bool:
        return any((channel, way) in self._found for way in (LOOK, USE))

    def blind(self, channel: str) -> bool:
        """Whether the channel cannot be looked into."""
        return (channel, LOOK) in self._found

    def failed(self, channel: str, error: Exception, now: datetime, way: str = LOOK) -> None:
        """A look failed, or a sending or delivery, or the channel could not be opened at all."""
        known = self._found.get((channel, way))
        self._found[channel, way] = Outage(known.since if known else now, words(error))
        if way == LOOK:
            metrics.POLLS_FAILED.labels(*labels(channel)).inc()
        metrics.CHANNEL_FAILING.labels(*labels(channel)).set(1)

    def went_well(self, channel: str, way: str = LOOK) -> None:
        self._found.pop((channel, way), None)
        metrics.CHANNEL_FAILING.labels(*labels(channel)).set(channel in self)

    def used(self, channel: str, error: Exception | None, now: datetime) -> None:
        """How it went with what left over the channel. A no to one document says that the other side is there."""
        if error is None or (isinstance(error, Refused) and not isinstance(error, ShutOut)):
            self.went_well(channel, USE)
        else:
            self.failed(channel, error, now, USE)

    def keep(self, channels: Collection[str]) -> None:
        """Forgets every channel but these: there are no others any more."""
        self._found = {key: found for key, found in self._found.items() if key[0] in channels}
        metrics.CHANNEL_FAILING.clear()
        for channel in channels:
            metrics.CHANNEL_FAILING.labels(*labels(channel)).set(channel in self)

    def as_dict(self) -> Mapping[str, Mapping[str, str]]:
        """By channel; of one that fails in both ways what has failed for longer."""
        oldest_last = sorted(self._found.items(), key=lambda one: one[1].since, reverse=True)
        told = {channel: found.as_dict() for (channel, _), found in oldest_last}
        return dict(sorted(told.items()))


def labels(channel: str) -> tuple[str, str]:
    """The partner, and the channel in full."""
    return channel.partition(".")[0], channel
