"""The service segments around messages as data: what their elements are called, how long, and what must be there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from gateway.faults import Code, Fault, Place
from gateway.formats.controls import digits
from gateway.formats.segment import COMPONENT, REPETITION, Segment


class Part(NamedTuple):
    """A simple element, or a component of a composite: `M an..14 Interchange control reference`."""

    name: str
    mandatory: bool
    kind: str
    least: int
    most: int

    @property
    def expected(self) -> str:
        what = {"a": "letters", "n": "digits", "an": "characters"}[self.kind]
        return f"{self.most} {what}" if self.least == self.most else f"{self.least} to {self.most} {what}"

    def wrong(self, text: str) -> Code | None:
        """What is wrong with a value; None where it may stand here."""
        if not text:
            return Code.ELEMENT_MISSING if self.mandatory else None
        if len(text) > self.most:
            return Code.TOO_LONG
        if len(text) < self.least:
            return Code.TOO_SHORT
        kinds = {"a": not any(map(str.isdigit, text)), "n": digits(text), "an": True}
        return None if kinds[self.kind] else Code.CHARACTER_TYPE


class Element(NamedTuple):
    """An element with its parts; a simple one is its own only part."""

    name: str
    mandatory: bool
    repeats: bool
    parts: tuple[Part, ...]


class Service(NamedTuple):
    """A service segment."""

    name: str
    elements: tuple[Element, ...]


PART = re.compile(r"(M )?(an|a|n)(?:(\d+)?\.\.)?(\d+) (.+)")


def _part(text: str) -> Part:
    match = PART.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    mandatory, kind, least, most, name = match.groups()
    exact = ".." not in text
    return Part(name, bool(mandatory), kind, int(most) if exact else int(least or 1), int(most))


def _element(text: str) -> Element:
    if ":" not in text:
        part = _part(text)
        return Element(part.name, part.mandatory, False, (part,))
    head, _, parts = text.partition(":")
    repeats = head.endswith("*")
    mandatory, name = head.startswith("M "), head.removeprefix("M ").rstrip("* ")
    return Element(name, mandatory, repeats, tuple(map(_part, parts.split(";"))))


def _service(name: str, *elements: str) -> Service:
    return Service(name, tuple(map(_element, elements)))


WHEN = "Date and time of preparation: M n6..8 Date; M n4 Time"
RELEASE = "an..3 {} version number; an..3 {} release number; an..3 Controlling agency"

SERVICES = {
    "UNB": _service(
        "Interchange header",
        "M Syntax identifier: M a4 Syntax identifier; M an1 Syntax version number; an..6 Service code list directory "
        "version number; an..3 Character encoding; an2 Syntax release number",
        "M Interchange sender: M an..35 Interchange sender identification; an..4 Identification code qualifier; "
        "an..35 Interchange sender internal identification; an..35 Interchange sender internal sub-identification",
        "M Interchange recipient: M an..35 Interchange recipient identification; an..4 Identification code qualifier; "
        "an..35 Interchange recipient internal identification; "
        "an..35 Interchange recipient internal sub-identification",
        f"M {WHEN}",
        "M an..14 Interchange control reference",
        "Recipient reference or password details: M an..14 Recipient reference or password; "
        "an2 Recipient reference or password qualifier",
        "an..14 Application reference",
        "a1 Processing priority code",
        "n1 Acknowledgement request",
        "an..35 Interchange agreement identifier",
        "n1 Test indicator",
    ),
    "UNZ": _service(
        "Interchange trailer", "M n..6 Interchange control count", "M an..14 Interchange control reference"
    ),
    "UNG": _service(
        "Group header",
        "an..6 Message group identification",
        "Application sender identification: M an..35 Application sender identification; "
        "an..4 Identification code qualifier",
        "Application recipient identification: M an..35 Application recipient identification; "
        "an..4 Identification code qualifier",
        WHEN,
        "M an..14 Group reference number",
        "an..3 Controlling agency",
        "Message version: M an..3 Message version number; M an..3 Message release number; "
        "an..6 Association assigned code",
        "an..14 Application password",
    ),
    "UNE": _service("Group trailer", "M n..6 Group control count", "M an..14 Group reference number"),
    "UNH": _service(
        "Message header",
        "M an..14 Message reference number",
        "M Message identifier: M an..6 Message type; M an..3 Message version number; M an..3 Message release number; "
        "M an..3 Controlling agency; an..6 Association assigned code; an..6 Code list directory version number; "
        "an..6 Message type sub-function identification",
        "an..35 Common access reference",
        "Status of the transfer: M n..2 Sequence of transfers; a1 First and last transfer",
        "Message subset identification: M an..14 Message subset identification; "
        + RELEASE.format("Message subset", "Message subset"),
        "Message implementation guideline identification: M an..14 Message implementation guideline identification; "
        + RELEASE.format("Message implementation guideline", "Message implementation guideline"),
        "Scenario identification: M an..14 Scenario identification; "
        + RELEASE.format("Scenario", "Scenario"),
    ),
    "UNT": _service(
        "Message trailer", "M n..10 Number of segments in a message", "M an..14 Message reference number"
    ),
    "UNO": _service(
        "Object header",
        "M an..35 Package reference number",
        "M Reference identification*: M an..3 Reference qualifier; M an..35 Reference identification number",
        "M Object type identification*: M an..3 Object type qualifier; an..256 Object type attribute identification; "
        "an..256 Object type attribute; an..3 Controlling agency",
        "M Status of the object: M n..18 Length of object in octets; n..3 Number of segments before object; "
        "n..2 Sequence of transfers; a1 First and last transfer",
        "Dialogue reference: M an..35 Initiator control reference; an..35 Initiator reference identification; "
        "an..3 Controlling agency; an..35 Responder control reference",
        "Status of transfer, interactive: an..35 Sender sequence number; an..3 Transfer position; "
        "a1 Duplicate indicator",
        "Date or time of initiation: an..8 Event date; an..15 Event time; n4 Time offset",
        "n1 Test indicator",
    ),
    "UNP": _service(
        "Object trailer", "M n..18 Length of object in octets", "M an..35 Package reference number"
    ),
}
"""ISO 9735, versions 1 to 4: the longest any of them allows, and mandatory what all of them demand."""

HEADERS = {"UNB": "UNZ", "UNG": "UNE", "UNH": "UNT", "UNO": "UNP"}
"""What ends what."""

SECURITY = ("USH", "USA", "USC", "USR", "UST", "USD", "USU")
"""Segments that ISO 9735 parts 5 to 7 put beside messages; they say nothing about what is inside."""


def envelope_name(segment: str | None, element: int | None, component: int | None = None) -> str | None:
    """What the standard calls a service segment, its element or its component."""
    service = SERVICES.get(segment or "")
    if service is None or not element:
        return service.name if service and element is None else None
    if element > len(service.elements):
        return None
    found = service.elements[element - 1]
    if component and component <= len(found.parts):
        return found.parts[component - 1].name
    return found.name


def part_of(elements: list[str] | tuple[str, ...], element: int, component: int = 1) -> str:
    """A component's text without padding, of the first repetition. `part_of(header, 2, 1)` is the sender in a UNB."""
    if element > len(elements):
        return ""
    parts = elements[element - 1].split(REPETITION, 1)[0].split(COMPONENT)
    return parts[component - 1].strip() if component <= len(parts) else ""


def element_faults(segment: Segment) -> Iterator[Fault]:
    """What is missing, too long, too short, not of its kind or too many in a service segment."""
    service, elements = SERVICES[segment.tag], segment.elements[1:]
    for at, spec in enumerate(service.elements, 1):
        text = elements[at - 1] if at <= len(elements) else ""
        if not text.strip(COMPONENT + REPETITION + " "):
            if spec.mandatory:
                yield Fault(Code.ELEMENT_MISSING, place_of(segment, at), "", spec.parts[0].expected)
            continue
        repetitions = text.split(REPETITION) if spec.repeats else [text]
        for repetition in repetitions:
            yield from _part_faults(segment, at, spec, repetition)
    extra = [at for at in range(len(service.elements) + 1, len(elements) + 1) if elements[at - 1].strip()]
    if extra:
        expected = f"{len(service.elements)} elements"
        yield Fault(Code.TOO_MANY_ELEMENTS, place_of(segment, extra[0]), elements[extra[0] - 1], expected)


def _part_faults(segment: Segment, element: int, spec: Element, text: str) -> Iterator[Fault]:
    parts = text.split(COMPONENT)
    while parts and not parts[-1].strip():
        parts.pop()
    simple = len(spec.parts) == 1
    for at, part in enumerate(spec.parts, 1):
        came = parts[at - 1].strip() if at <= len(parts) else ""
        if code := part.wrong(came):
            yield Fault(code, place_of(segment, element, None if simple else at), came, part.expected)
    if len(parts) > len(spec.parts):
        expected = f"{len(spec.parts)} component{'s' * (not simple)}"
        yield Fault(Code.TOO_MANY_COMPONENTS, place_of(segment, element), parts[len(spec.parts)], expected)


def place_of(segment: Segment, element: int, component: int | None = None) -> Place:
    """Where an element of a service segment stands, or would."""
    at = min(element, len(segment.elements) - 1)
    name = envelope_name(segment.tag, element, component)
    return replace(segment.place(at, component, name), element=element)
