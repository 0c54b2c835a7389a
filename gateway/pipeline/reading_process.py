"""The process in which large arrivals are read: orders come in, batches of findings go out, until nobody listens.

It has no ledger and opens no port. Profiles and maps reach it as the texts of a snapshot, and are compiled here.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from gateway import collector, connectors, protocols
from gateway.connectors import CONNECTORS
from gateway.formats import x12
from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.house import House
from gateway.pipeline.reader import Reader
from gateway.profiles import Surroundings, restore, way_of
from gateway.protocols import PROTOCOLS

HEAD = struct.Struct(">Q")
NICE = 5
"""A large file gives way to small ones."""


@dataclass(frozen=True, slots=True)
class Order:
    """One arrival to read. `texts` are its snapshot's, None where it is read under the same as the one before."""

    arrival: ArrivalRow
    source: Iterable[bytes]
    at: datetime
    batch: int
    limits: x12.Limits
    texts: Mapping[str, str] | None
    environment: str


def main() -> None:
    """Only what is meant for the gateway leaves over standard output."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(NICE)
    house: House | None = None
    try:
        while (order := heard(sys.stdin.buffer)) is not None:
            house = obey(order, house, told)
    except BrokenPipeError:
        os._exit(0)


def obey(order: Order, house: House | None, told: BinaryIO) -> House | None:
    """Says each batch, and None behind the last; or what went wrong. Returns the house that was read under."""
    try:
        if order.texts is not None:
            house = house_of(order.texts, order.environment, house)
            collector.spare()
        if house is None:
            raise LookupError("reading apart: no house was told")
        for batch in Reader(house, order.arrival, order.at, order.batch).batches(order.source, order.limits):
            say(told, batch)
        say(told, None)
    except BrokenPipeError:
        raise
    except Exception as error:
        say(told, error)
        return None
    return house


def house_of(texts: Mapping[str, str], environment: str, before: House | None) -> House:
    """The house that these texts were accepted as."""
    ways = {name: way_of(protocols.load(name)) for name in PROTOCOLS}
    kinds = {name: connectors.load(name).Settings for name in CONNECTORS}
    return House(restore(texts, Surroundings(ways, kinds, environment=environment)), before)


def heard(file: BinaryIO) -> Any:
    """The next value; None when there is none."""
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    return pickle.loads(file.read(HEAD.unpack(head)[0]))  # noqa: S301  # our own gateway says it


def say(file: BinaryIO, value: Any) -> None:
    file.write(framed(value))
    file.flush()


def framed(value: Any) -> bytes:
    """The value, pickled, behind its length."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(body)) + body


if __name__ == "__main__":
    main()
