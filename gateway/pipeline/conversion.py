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
from gateway.pipeline.render import Envelope, Numbers, interchange, sets, transaction_set
from gateway.pipeline.translate import Choose, Translation, by_map, by_standard, translate
from gateway.profiles import Partner, address_of, sending

CANONICAL, X12 = "canonical", "x12"
NOBODY = Envelope("ZZ/SENDER", "ZZ/RECEIVER", test=True, line_end="\n")
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
    events = translate(itertools.chain([start], blocks), choose, limits=limits)
    if to == X12:
        yield from Rewriting().pieces(events)
        return
    for event in events:
        if isinstance(event, Translation):
            yield Piece(line(event.object), event.all_faults)
        else:
            yield Piece(b"", event.faults)


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


class Rewriting:
    """Interchanges written fresh, set by set, in envelopes like their own; what could not be read is left out."""

    def __init__(self) -> None:
        self._header: x12.Interchange | None = None
        self._group: x12.Group | None = None
        self._sets: list[bytes] = []
        self._groups: list[bytes] = []

    def pieces(self, events: Iterable[x12.Event | Translation]) -> Iterator[Piece]:
        """Faults as they are found, and each interchange's bytes at its end."""
        for event in events:
            if isinstance(event, Translation):
                yield Piece(b"", self._add(event))
                continue
            if isinstance(event, x12.Interchange):
                self._header, self._groups = event, []
            elif isinstance(event, x12.Group):
                self._group, self._sets = event, []
            elif isinstance(event, x12.GroupEnd):
                self._end_group()
            yield Piece(self._end() if isinstance(event, x12.InterchangeEnd) else b"", event.faults)

    def _writer(self, header: x12.Interchange) -> x12.Writer:
        return x12.Writer(header.delimiters, line_end="" if header.delimiters.segment == "\n" else "\n")

    def _add(self, event: Translation) -> list[Fault]:
        chosen = event.choice.map
        if event.object is None or chosen is None:
            return event.all_faults
        try:
            writer = self._writer(event.interchange)
            self._sets.append(transaction_set(writer, chosen, len(self._sets) + 1, event.object))
        except NotWritable as error:
            return [*event.all_faults, *error.faults]
        return event.all_faults

    def _end_group(self) -> None:
        if self._header is not None and self._group is not None and self._sets and self._group.header:
            self._groups.append(self._writer(self._header).group(self._group.header, self._sets))
        self._group = None

    def _end(self) -> bytes:
        header, self._header = self._header, None
        if header is None or not self._groups:
            return b""
        return self._writer(header).interchange(header.header, self._groups)


def written(envelope: Envelope, chosen: Map, business: Any, number: int) -> Piece:
    """One object in an interchange of its own, numbered."""
    try:
        written_sets = sets(envelope, chosen, [business])
    except NotWritable as error:
        return Piece(b"", error.faults)
    return Piece(interchange(envelope, Numbers(number, number), datetime.now(UTC), chosen, written_sets), [])


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
        yield Piece(line(business), []) if to == CANONICAL else written(envelope, target, business, number)


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
