"""A sample's objects through the gateway's own sending stages, under a partner's profile, without ledger or clock.

What is agreed, and in which envelope it leaves, is decided by the same functions that decide it in earnest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.canonical import fitted
from gateway.certification.rehearsal import Rehearsed, rehearse, rendered, willing
from gateway.certification.sample import Sample
from gateway.errors import NotWritable, SetupError
from gateway.faults import Fault
from gateway.formats import known
from gateway.formats.enclosing import Envelope
from gateway.formats.events import TransactionSet
from gateway.maps import Map
from gateway.maps.answers import Answered, by_number
from gateway.pipeline.translation.conversion import values
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.layouts import sent
from gateway.profiles import Partner, sending


@dataclass(frozen=True, slots=True)
class Way:
    """How a document of one type leaves: by which map, in which envelope."""

    map: Map
    envelope: Envelope


def way(house: House, partner: Partner, document: bytes) -> Way:
    """What holds for sending documents of the type this one is. Raises `SetupError` where nothing is agreed."""
    layout, _ = sent(house, partner, document)
    sets = (event for event in known.read(document, layout=layout) if isinstance(event, TransactionSet))
    first = next(sets, None)
    if first is None:
        raise SetupError("out.* holds no transaction set, so nothing says what is sent")
    house = willing(house, partner, document, layout)
    partner = house.snapshot.partners[partner.partner]
    agreed = sending(house.snapshot, partner, first.code)
    if isinstance(agreed, Fault):
        raise SetupError(f"{agreed.message}; {agreed.hint}")
    chosen = house.map_out(agreed)
    envelope = house.envelope_to(partner, agreed, chosen)
    if envelope is None:
        raise SetupError(f"writing for {partner.partner}: one of us has no {chosen.guide.standard} identity")
    return Way(chosen, envelope)


def objects(canonical: bytes, chosen: Map) -> tuple[list[Any], list[Fault]]:
    """The objects of the file as the map's own, and what does not fit, by JSON path."""
    made: list[Any] = []
    faults: list[Fault] = []
    for found in values(canonical):
        one = [found] if isinstance(found, Fault) else fitted(chosen.document, found.text, found.path)
        if isinstance(one, list):
            faults += one
        else:
            made.append(one)
    return made, faults


def originals(house: House, partner: Partner, sample: Sample) -> tuple[Answered, Rehearsed]:
    """The documents the partner is answered, as they are read when they come."""
    read = rehearse(house, partner, sample.answered) if sample.answered is not None else Rehearsed()
    return by_number(one.object for one in read.translations if one.object is not None), read


def written(found: Way, given: Sequence[Any], answered: Answered) -> bytes | list[Fault]:
    """The objects in one interchange with one group; or every fault that keeps them from being written."""
    try:
        return rendered(found.envelope, found.map, given, answered)
    except NotWritable as error:
        return error.faults
