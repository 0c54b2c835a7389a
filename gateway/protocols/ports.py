"""What every protocol promises to the rest of the house: two ports, and what a channel is told about itself."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import structlog

from gateway.arrival import Accept, Content
from gateway.errors import GatewayError, Refused, SetupError
from gateway.protocols.settings import file_name

Resolve = Callable[[str], str]
"""The value behind `secret:NAME`; raises SetupError when there is none."""

LONGEST_NAME = 255
"""Bytes of a file's name, on our disks and on most others."""
AFTER_NO = 600.0

log = structlog.get_logger()


def no_secrets(reference: str) -> str:
    raise SetupError(f"resolving {reference}: no secrets were given to this channel")


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of one partner, as the protocol sees it.

    `name` is `acme.drop`; `store` is the channel's private directory, which survives restarts; relative paths of
    the profile start at `base`; files over `max_bytes` are refused.
    """

    name: str
    partner: str | None
    store: Path
    base: Path = Path()
    resolve: Resolve = field(default=no_secrets, repr=False)
    max_bytes: int = 2 << 30


class Listener(Protocol):
    """Takes what partners send us. `serve` runs until cancelled and then stops with nothing half done."""

    async def serve(self, accept: Accept) -> None: ...


class Poller(Listener, Protocol):
    """A listener that goes and looks. `poll` looks once and returns how many files `accept` has taken.

    Raises LedgerUnavailable (nothing is lost, look again), TransportError (unreachable) or Refused.
    `unsettled` says that only another look can tell what there is to take: nobody has looked yet, or a file is there
    that was seen once and must be seen twice, or that is still written. What waits for a marker is settled.
    """

    every: float

    @property
    def unsettled(self) -> bool: ...

    async def poll(self, accept: Accept) -> int: ...


class Sender(Protocol):
    """Gives one file to a partner. Returns when it is there as a whole under that name.

    Sending the same name and bytes again leaves one file. Raises TransportError (try again) or Refused.
    """

    async def send(self, name: str, content: Content) -> None: ...


@runtime_checkable
class Connected(Protocol):
    """A poller or a sender that stays connected between its uses. `close` ends that; what is in hand is finished."""

    async def close(self) -> None: ...


def sendable(name: str) -> str:
    """The name, when it is one and leads nowhere else. Raises Refused."""
    try:
        return file_name(name)
    except ValueError as error:
        raise Refused(f"sending {name!r}: {error}") from None


def ending(name: str, end: str) -> str:
    """The name with something behind it; what then has no room in a file's name is cut away before that.

    A name that was cut has a few signs of its digest there, so that two long names stay two.
    """
    if len(os.fsencode(name + end)) <= LONGEST_NAME:
        return name + end
    end = f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}{end}"
    room = LONGEST_NAME - len(os.fsencode(end))
    while len(os.fsencode(name)) > room:
        name = name[:-1]
    return name + end


async def serve_by_polling(poller: Poller, accept: Accept, channel: str) -> None:
    """Looks every `poller.every` seconds until cancelled; an error is logged and does not end the watch.

    After a no (a login, a host key) it waits long, as hosts lock out who keeps on knocking.
    """
    while True:
        pause = poller.every
        try:
            await poller.poll(accept)
        except GatewayError as error:
            log.warning("poll failed", channel=channel, error=str(error), retry=error.retry)
            pause = pause if error.retry else max(pause, AFTER_NO)
        await asyncio.sleep(pause)
