"""A process that reads arrivals: orders come in, batches of findings go out, until nobody listens.

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
from gateway.formats.events import Limits
from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.inbound.reader import Reader
from gateway.pipeline.translation.house import House
from gateway.profiles import Surroundings, restore, way_of
from gateway.protocols import PROTOCOLS

HEAD = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Texts:
    """A snapshot's, under which the orders after this are read. Answered with None, or with what was raised."""

    texts: Mapping[str, str]
    environment: str


@dataclass(frozen=True, slots=True)
class Order:
    """One arrival to read. Answered with batches, and None behind the last; or with what was raised.

    Wishes are numbered as they come, from 1, and each answer says which it answers.
    """

    arrival: ArrivalRow
    source: Iterable[bytes]
    at: datetime
    batch: int
    limits: Limits


def main(nice: str = "0") -> None:
    """Only what is meant for the gateway leaves over standard output."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(int(nice))
    house: House | None = None
    number = 0
    try:
        while (wish := heard(sys.stdin.buffer)) is not None:
            number += 1
            house = obey(wish, number, house, told)
    except BrokenPipeError:
        os._exit(0)


def obey(wish: Texts | Order, number: int, house: House | None, told: BinaryIO) -> House | None:
    """Says what was asked for. Returns the house that is read under from now on."""
    try:
        if isinstance(wish, Texts):
            house = house_of(wish, house)
            collector.spare()
        elif house is None:
            raise LookupError("reading apart: no house was told")
        else:
            for batch in Reader(house, wish.arrival, wish.at, wish.batch).batches(wish.source, wish.limits):
                say(told, (number, batch))
        say(told, (number, None))
    except BrokenPipeError:
        raise
    except Exception as error:
        say(told, (number, error))
    return house


def house_of(snapshot: Texts, before: House | None) -> House:
    """The house that these texts were accepted as."""
    ways = {name: way_of(protocols.load(name)) for name in PROTOCOLS}
    kinds = {name: connectors.load(name).Settings for name in CONNECTORS}
    surroundings = Surroundings(ways, kinds, environment=snapshot.environment)
    return House(restore(snapshot.texts, surroundings), before)


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
