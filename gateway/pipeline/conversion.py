"""One document from one form to the other, without ledger or server: what `gateway translate` does."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from gateway.errors import NotWritable, SetupError
from gateway.faults import Code, Fault, Place
from gateway.formats import x12
from gateway.maps import Map, load
from gateway.pipeline.house import House, delimiters
from gateway.pipeline.render import Envelope, Numbers, interchange, sets
from gateway.pipeline.translate import Choose, Translation, by_map, by_standard, translate
from gateway.profiles import Partner, address_of, sending

CANONICAL, X12 = "canonical", "x12"
NOBODY = Envelope("ZZ/SENDER", "ZZ/RECEIVER", test=True)
"""The envelope of what is rendered for no partner in particular."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one transaction set (or one envelope) gave: its bytes, and the faults found on the way."""

    data: bytes
    faults: list[Fault]


def converted(
    source: Iterable[bytes],
    to: str,
    house: House | None = None,
    partner: str = "",
    map_name: str = "",
    limits: x12.Limits | None = None,
) -> Iterator[Piece]:
    """X12 or canonical JSON to canonical JSON (one object a line) or X12. Raises `SetupError` for a map there is not.

    With a house and a partner the maps are those agreed with that partner; else the one named, else the standards'.
    """
    chosen = named_map(house, map_name)
    blocks = iter(source)
    start = next(blocks, b"")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        yield from from_json(b"".join([start, *blocks]), to, house, partner, chosen)
        return
    choose = as_agreed(house, partner) if house else by_map(chosen) if chosen else by_standard
    for event in translate(itertools.chain([start], blocks), choose, limits=limits):
        if not isinstance(event, Translation):
            yield Piece(b"", event.faults)
        elif to == CANONICAL or event.object is None:
            yield Piece(line(event.object), event.all_faults)
        else:
            yield rendered(event)


def named_map(house: House | None, name: str) -> Map | None:
    if not name:
        return None
    return house.map(name) if house else load(name)


def as_agreed(house: House, partner: str) -> Choose:
    """Reads every set as this partner's profile says, whoever the envelope names."""
    known = house.snapshot.partners[partner]

    def choose(header: x12.Interchange, group: x12.Group | None, found: x12.TransactionSet) -> Any:
        return house.choice(house.agreement(known, header, group, found, ""), header, group, found)

    return choose


def line(business: Any) -> bytes:
    return business.to_json().encode() + b"\n" if business is not None else b""


def rendered(event: Translation) -> Piece:
    """The set written fresh by the map it was read with, in an envelope like its own."""
    header, group, chosen = event.interchange, event.group, event.choice.map
    if chosen is None:
        return Piece(b"", event.all_faults)
    envelope = Envelope(
        header.sender,
        header.receiver,
        header.version,
        header.test,
        group.version if group else "",
        header.delimiters,
        group_sender=group.sender if group else "",
        group_receiver=group.receiver if group else "",
    )
    return written(envelope, chosen, event.object, event.all_faults)


def written(envelope: Envelope, chosen: Map, business: Any, faults: list[Fault]) -> Piece:
    try:
        written_sets = sets(envelope, chosen, [business])
        data = interchange(envelope, Numbers(1, 1), datetime.now(UTC), chosen, written_sets)
    except NotWritable as error:
        return Piece(b"", [*faults, *error.faults])
    return Piece(data, faults)


def from_json(data: bytes, to: str, house: House | None, partner: str, chosen: Map | None) -> Iterator[Piece]:
    """Canonical JSON: an array, or one object a line."""
    agreed, envelope = outward(house, partner) if house else (None, NOBODY)
    target = chosen or agreed
    if target is None:
        raise SetupError("writing canonical JSON: say as what, with --map or --partner")
    for number, value in enumerate(values(data), 1):
        if isinstance(value, Fault):
            yield Piece(b"", [value])
            continue
        try:
            business = target.document.model_validate_json(json.dumps(value))
        except ValidationError as error:
            yield Piece(b"", [json_fault(number, detail) for detail in error.errors()])
            continue
        yield Piece(line(business), []) if to == CANONICAL else written(envelope, target, business, [])


def values(data: bytes) -> Iterator[Any]:
    """The objects of the file, or a fault where it is no JSON."""
    try:
        text = data.decode("utf-8-sig")
        if text.lstrip()[:1] == "[":
            yield from json.loads(text)
            return
        decoder, at = json.JSONDecoder(), 0
        while (at := at + len(text[at:]) - len(text[at:].lstrip())) < len(text):
            value, at = decoder.raw_decode(text, at)
            yield value
    except json.JSONDecodeError as error:
        yield Fault(
            Code.UNKNOWN_FORMAT, Place(line=error.lineno, column=error.colno), expected=f"JSON: {error.msg}"
        )
    except (UnicodeDecodeError, RecursionError) as error:
        yield Fault(Code.UNKNOWN_FORMAT, Place(offset=0), expected=f"JSON in UTF-8: {error}")


def json_fault(number: int, detail: Any) -> Fault:
    """A fault of the schema, by its JSON path."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in detail["loc"])
    return Fault(
        Code.VALUE,
        Place(line=number, field=f"${path}"),
        came=str(detail.get("input")),
        expected=detail["msg"],
    )


def outward(house: House, partner: str) -> tuple[Map | None, Envelope]:
    """The first map this partner is sent something by, and the envelope it is sent in."""
    known: Partner = house.snapshot.partners[partner]
    address = address_of(house.snapshot, known)
    document = next(iter(known.send or known.receive), None)
    entry = known.send.get(document or "") or known.receive.get(document or "")
    if address is None or entry is None:
        raise SetupError(f"writing for {partner}: the profile has no x12 identity, or exchanges nothing")
    found = sending(house.snapshot, known, document or "")
    stated = known.envelope if isinstance(found, Fault) else found.envelope
    envelope = Envelope(
        "/".join(address.ours),
        "/".join(address.theirs),
        stated.version or "00401",
        house.tests(known),
        delimiters=delimiters(stated.separators) if stated.separators else x12.Delimiters(),
        group_sender=address.our_group,
        group_receiver=address.their_group,
    )
    return house.map(entry.map), replace(envelope, line_end="\n" if stated.newline else "")
