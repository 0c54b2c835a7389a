"""One document from one form to the other, without ledger or server: what `gateway translate` does."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.canonical import Part, PurchaseOrder, fitted
from gateway.errors import NotWritable, SetupError
from gateway.faults import Code, Fault, Place
from gateway.formats import known
from gateway.formats.enclosing import Envelope, Numbers
from gateway.formats.events import Group, GroupEnd, Interchange, InterchangeEnd, Limits, TransactionSet
from gateway.formats.known import Event
from gateway.formats.records import Layout
from gateway.formats.writing import SetWriter
from gateway.maps import Map, load
from gateway.maps.answers import Answered, by_number
from gateway.pipeline.translation.render import (
    interchange,
    sets,
    transaction_set,
)
from gateway.pipeline.translation.translate import (
    Choose,
    Source,
    Translation,
    by_map,
    by_standard,
    translate,
)

if TYPE_CHECKING:
    from gateway.pipeline.translation.house import House
    from gateway.profiles import Agreement, Partner

CANONICAL = "canonical"
FORMS = (CANONICAL, *known.ENVELOPES)
"""What a document can be translated to."""
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
SPACE, COMMAS = re.compile(r"[ \t\r\n]*"), re.compile(r"[ \t\r\n,]*")
NOTHING_IN_IT = Fault(
    Code.EMPTY_FILE, Place(line=1), "[]", "at least one object", hint="put objects into the list"
)
NOBODY = ("ZZ/SENDER", "ZZ/RECEIVER")
"""Who writes to whom in what is rendered for no partner in particular."""


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
    limits: Limits | None = None,
    answered: Answered | None = None,
) -> Iterator[Piece]:
    """A standard's documents or canonical JSON to canonical JSON (one object a line) or the standard's documents.

    Raises `SetupError` for a map there is not, or one of another standard than asked for.

    With a house and a partner the maps are those agreed with that partner; else the one named, else the standards'.
    A map that echoes takes that from the documents `answered`.
    """
    chosen = named_map(house, map_name)
    blocks = iter(source)
    start = next(blocks, b"")
    blocks = itertools.chain([start], blocks)
    if is_json(start):
        outwards = outward(house, partner) if house else [to_nobody(chosen)] if chosen else []
        if not outwards:
            raise SetupError("writing canonical JSON: say as what, with --map or --partner")
        if to != CANONICAL:
            outwards = of_standard(outwards, to)
        yield from from_json(within(blocks, limits), to, outwards, answered)
        return
    choose = as_agreed(house, partner) if house else by_map(chosen) if chosen else by_standard
    read: Source = blocks
    layout = chosen.guide.layout if chosen else None
    if house is not None:
        layout, read = theirs(house, partner, blocks)
    events = translate(read, choose, limits=limits, layout=layout)
    if to != CANONICAL:
        yield from Rewriting(to, answered).pieces(events)
        return
    for event in events:
        if isinstance(event, Translation):
            yield Piece(line(event.object), event.all_faults)
        else:
            yield Piece(b"", event.faults)


def orders(
    source: Iterable[bytes], house: House | None = None, partner: str = "", limits: Limits | None = None
) -> tuple[Answered, list[Fault]]:
    """The orders in a file, a standard's or canonical JSON; and what is wrong with it."""
    blocks = iter(source)
    start = next(blocks, b"")
    blocks = itertools.chain([start], blocks)
    read = (
        _json_orders(within(blocks, limits)) if is_json(start) else _orders_of(blocks, house, partner, limits)
    )
    found: list[PurchaseOrder] = []
    faults: list[Fault] = []
    for one in read:
        if isinstance(one, PurchaseOrder):
            found.append(one)
        elif isinstance(one, Fault):
            faults.append(one)
    return by_number(found), faults


def _json_orders(data: bytes | Fault) -> Iterator[Any]:
    for found in [data] if isinstance(data, Fault) else values(data):
        if isinstance(found, Fault):
            yield found
            continue
        made = told(PurchaseOrder, found)
        yield from made if isinstance(made, list) else [made]


def told(kind: type[Part], value: Value) -> Any:
    """The object that the value is, or the list of its faults, each with its line and its JSON path."""
    made = fitted(kind, value.text, value.path)
    return [on_line(value.line, fault) for fault in made] if isinstance(made, list) else made


def _orders_of(
    blocks: Iterable[bytes], house: House | None, partner: str, limits: Limits | None
) -> Iterator[Any]:
    for event in translate(blocks, as_agreed(house, partner) if house else by_standard, limits=limits):
        if isinstance(event, Translation):
            yield event.object
        yield from event.all_faults if isinstance(event, Translation) else event.faults


def is_json(start: bytes) -> bool:
    """Whether a file that begins so is canonical JSON, which says nothing of the map it was read by."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def named_map(house: House | None, name: str) -> Map | None:
    if not name:
        return None
    return house.map(name) if house else load(name)


def as_agreed(house: House, partner: str) -> Choose:
    """Reads every set as this partner's profile says, whoever the envelope names."""
    known = house.snapshot.partners[partner]

    def choose(header: Interchange, group: Group | None, found: TransactionSet) -> Any:
        return house.choice(house.agreement(known, header, group, found, ""), header, group, found)

    return choose


def theirs(house: House, partner: str, source: Source, file: str = "") -> tuple[Layout | None, Source]:
    """What this partner's files are read by where they do not say what they are, and the file."""
    from gateway.pipeline.translation.layouts import laid_out

    return laid_out(house, [house.snapshot.partners[partner]], file, source)


def line(business: Any) -> bytes:
    return business.to_json().encode() + b"\n" if business is not None else b""


class Rewriting:
    """Interchanges written fresh, set by set, in envelopes like their own; what could not be read is left out."""

    def __init__(self, standard: str, answered: Answered | None = None) -> None:
        self._standard = standard
        self._answered = answered
        self._header: Interchange | None = None
        self._group: Group | None = None
        self._sets: list[bytes] = []
        self._groups: list[bytes] = []

    def pieces(self, events: Iterable[Event | Translation]) -> Iterator[Piece]:
        """Faults as they are found, and each interchange's bytes at its end."""
        for event in events:
            if isinstance(event, Translation):
                yield Piece(b"", self._add(event))
                continue
            if isinstance(event, Interchange):
                self._begin(event)
            elif isinstance(event, Group):
                self._group, self._sets = event, []
            elif isinstance(event, GroupEnd):
                self._end_group()
            yield Piece(self._end() if isinstance(event, InterchangeEnd) else b"", event.faults)

    def _begin(self, header: Interchange) -> None:
        """Only what is of that standard can be written as it; between standards documents go by their objects."""
        if header.standard != self._standard:
            why = f"this interchange is {header.standard}: state --to {header.standard}"
            raise SetupError(
                f"writing {self._standard}: {why}, or translate its canonical JSON by another map"
            )
        self._header, self._groups = header, []

    def _writer(self, header: Interchange) -> SetWriter:
        return known.writer_like(header, line_end="" if header.delimiters.segment == "\n" else "\n")

    def _add(self, event: Translation) -> list[Fault]:
        chosen = event.choice.map
        if event.object is None or chosen is None:
            return event.all_faults
        try:
            writer = self._writer(event.interchange)
            number, like = len(self._sets) + 1, event.set.header
            self._sets.append(transaction_set(writer, chosen, number, event.object, self._answered, like))
        except NotWritable as error:
            return [*event.all_faults, *error.faults]
        return event.all_faults

    def _end_group(self) -> None:
        if self._header is not None and self._group is not None and self._sets:
            inside = self._sets
            if self._group.header:
                inside = [self._writer(self._header).group(self._group.header, inside)]
            elif self._header.standard == "x12":  # whose sets stand in groups only
                inside = []
            self._groups += inside
        self._group = None

    def _end(self) -> bytes:
        header, self._header = self._header, None
        if header is None or not self._groups:
            return b""
        return self._writer(header).interchange(header.header, self._groups)


@dataclass(frozen=True, slots=True)
class Outward:
    """One map that objects are written by, and the envelope its documents are sent in."""

    map: Map
    envelope: Envelope


def of_standard(outwards: Sequence[Outward], standard: str) -> list[Outward]:
    """Those whose map writes that standard. Raises `SetupError` where there is none."""
    found = [one for one in outwards if one.map.guide.standard == standard]
    if not found:
        other = outwards[0].map
        why = f"the map {other.name} is {other.guide.standard}: state --to {other.guide.standard}"
        raise SetupError(f"writing {standard}: {why}")
    return found


def to_nobody(chosen: Map) -> Outward:
    layout: dict[str, Any] = {"layout": chosen.guide.layout} if chosen.guide.layout is not None else {}
    envelope = known.ENVELOPES[chosen.guide.standard](*NOBODY, test=True, line_end="\n", **layout)
    return Outward(chosen, envelope)


def written(by: Outward, business: Any, number: int, answered: Answered | None) -> Piece:
    """One object in an interchange of its own, numbered."""
    try:
        written_sets = sets(by.envelope, by.map, [business], answered=answered)
    except NotWritable as error:
        return Piece(b"", error.faults)
    data = interchange(by.envelope, Numbers(number, number), datetime.now(UTC), by.map, written_sets)
    return Piece(data, [])


def fitting(outwards: Sequence[Outward], found: Value) -> tuple[Outward, Any]:
    """The first map whose object the JSON is, and that object; where it is none, the first with all that is wrong."""
    tried = [(one, fitted(one.map.document, found.text, found.path)) for one in outwards]
    return next((pair for pair in tried if not isinstance(pair[1], list)), tried[0])


def from_json(
    data: bytes | Fault, to: str, outwards: Sequence[Outward], answered: Answered | None = None
) -> Iterator[Piece]:
    """Canonical JSON: an array, or one object after the other."""
    number = 0
    for number, found in enumerate([data] if isinstance(data, Fault) else values(data), 1):
        if isinstance(found, Fault):
            yield Piece(b"", [found])
            continue
        by, made = fitting(outwards, found)
        if isinstance(made, list):
            piece = Piece(b"", made)
        else:
            piece = Piece(line(made), []) if to == CANONICAL else written(by, made, number, answered)
        yield Piece(piece.data, [on_line(found.line, fault) for fault in piece.faults])
    if number == 0:
        yield Piece(b"", [NOTHING_IN_IT])


def on_line(number: int, fault: Fault) -> Fault:
    return replace(fault, place=replace(fault.place, line=number))


def within(blocks: Iterable[bytes], limits: Limits | None) -> bytes | Fault:
    """The whole of a file that is read at once."""
    most = limits.file_bytes if limits else None
    kept = bytearray()
    for block in blocks:
        kept += block
        if most is not None and len(kept) > most:
            return Fault(Code.FILE_TOO_LARGE, Place(offset=most), expected=f"at most {most} bytes")
    return bytes(kept)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a JSON file: its own text, so that no digit is lost, the line it begins on, and its path."""

    text: str
    line: int
    path: str


def values(data: bytes) -> Iterator[Value | Fault]:
    """The values of the file, or a fault where it is no JSON."""
    try:
        yield from values_of(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        place = Place(line=error.lineno, column=error.colno)
        yield Fault(Code.UNKNOWN_FORMAT, place, expected=f"JSON ({error.msg})", hint="mend the JSON here")
    except UnicodeDecodeError as error:
        yield Fault(Code.ENCODING, Place(offset=error.start), expected="UTF-8", hint="save the file as UTF-8")
    except RecursionError:
        yield Fault(
            Code.UNKNOWN_FORMAT, Place(line=1), expected="JSON", hint="it is nested too deep to be read"
        )


def values_of(text: str) -> Iterator[Value]:
    """An array's items, or one value after the other. Raises JSONDecodeError, for an array before its first item."""
    at, between, path, line = 0, SPACE, "$", 1
    if text.lstrip()[:1] == "[":
        DECODER.decode(text)
        at, between, path = text.index("[") + 1, COMMAS, "$[{}]"
    for number in itertools.count():
        start = between.match(text, at).end()  # type: ignore[union-attr]  # it may match nothing, and does match
        line += text.count("\n", at, start)
        if text[start : start + 1] in ("", "]"):
            return
        _, at = DECODER.raw_decode(text, start)
        yield Value(text[start:at], line, path.format(number))
        line += text.count("\n", start, at)


def outward(house: House, partner: str) -> list[Outward]:
    """How this partner is sent what it is sent; where it is sent nothing, by the maps it is received from."""
    from gateway.profiles.agreements import received, sending

    known: Partner = house.snapshot.partners[partner]
    sent = [sending(house.snapshot, known, key) for key in known.send]
    agreed = sent or [received(house.snapshot, known, key, None) for key in known.receive]
    found = [way for one in agreed if (way := way_of(house, known, one)) is not None]
    if not found:
        raise SetupError(
            f"writing for {partner}: the profile has no identity in that standard, or exchanges nothing"
        )
    return found


def way_of(house: House, partner: Partner, agreed: Agreement | Fault) -> Outward | None:
    """By which map and in which envelope; None where one of us has no identity."""
    if isinstance(agreed, Fault):
        return None
    chosen = house.map_out(agreed)
    envelope = house.envelope_to(partner, agreed, chosen)
    return None if envelope is None else Outward(chosen, envelope)
