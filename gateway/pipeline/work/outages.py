"""The channels that fail: since when, and why. One partner's host that is away makes nobody else unwell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Refused, ShutOut, Unreachable, words
from gateway.pipeline import metrics

LOOK, USE, OPEN = "look", "use", "open"
"""A channel fails by looks into it, or by what leaves over it, and one may go well while the other does not; or it
cannot be opened at all."""
AT_THE_DOOR = (ShutOut, Unreachable)
"""What fails whoever comes: once one gets through by the same way, it is over for the others too."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Since when every look, or every use, has failed, and why the last one did; whether it got no further than the
    door."""

    since: datetime
    why: str
    at_the_door: bool = False

    def as_dict(self) -> dict[str, str]:
        return {"since": self.since.isoformat(timespec="seconds"), "why": self.why}


class Outages:
    """By channel, in full: `acme.drop`, and `system.erp` for a system behind us. The metrics say the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Outage] = {}

    def __contains__(self, channel: str) -> bool:
        return any((channel, way) in self._found for way in (LOOK, USE, OPEN))

    def blind(self, channel: str) -> bool:
        """Whether the channel cannot be looked into."""
        return (channel, LOOK) in self._found or (channel, OPEN) in self._found

    def failed(self, channel: str, error: Exception, now: datetime, way: str = LOOK) -> None:
        """A look failed, or a sending or delivery, or the channel could not be opened at all."""
        known = self._found.get((channel, way))
        since = known.since if known else now
        self._found[channel, way] = Outage(since, words(error), isinstance(error, AT_THE_DOOR))
        if way == LOOK:
            metrics.POLLS_FAILED.labels(*labels(channel)).inc()
        metrics.CHANNEL_FAILING.labels(*labels(channel)).set(1)

    def went_well(self, channel: str, way: str = LOOK) -> None:
        """A look, or a use, ends its own outage, and that of the other where that got no further than the door."""
        for one in (LOOK, USE):
            found = self._found.get((channel, one))
            if found and (one == way or found.at_the_door):
                del self._found[channel, one]
        metrics.CHANNEL_FAILING.labels(*labels(channel)).set(channel in self)

    def used(self, channel: str, error: Exception | None, now: datetime) -> None:
        """How it went with what left over the channel. A no to one document says that the other side is there."""
        if error is None or (isinstance(error, Refused) and not isinstance(error, ShutOut)):
            self.went_well(channel, USE)
        else:
            self.failed(channel, error, now, USE)

    def keep(self, channels: Collection[str], left_out: Mapping[str, Exception], now: datetime) -> None:
        """Forgets every channel but these and those that could not be opened: there are no others any more."""
        self._found = {
            (channel, way): found
            for (channel, way), found in self._found.items()
            if channel in left_out or (channel in channels and way != OPEN)
        }
        metrics.CHANNEL_FAILING.clear()
        for channel in channels:
            metrics.CHANNEL_FAILING.labels(*labels(channel)).set(channel in self)
        for channel, error in left_out.items():
            self.failed(channel, error, now, OPEN)

    def as_dict(self) -> Mapping[str, Mapping[str, str]]:
        """By channel; of one that fails in both ways what has failed for longer."""
        oldest_last = sorted(self._found.items(), key=lambda one: one[1].since, reverse=True)
        told = {channel: found.as_dict() for (channel, _), found in oldest_last}
        return dict(sorted(told.items()))


def labels(channel: str) -> tuple[str, str]:
    """The partner, and the channel in full."""
    return channel.partition(".")[0], channel
