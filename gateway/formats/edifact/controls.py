"""References and counts of the envelopes: what must agree with what."""

from __future__ import annotations

import re

from gateway.faults import Code, Fault
from gateway.formats.controls import ControlNumbers, counts
from gateway.formats.edifact.charset import ENCODINGS
from gateway.formats.edifact.delimiters import Header
from gateway.formats.edifact.envelope import element_faults, part_of, place_of
from gateway.formats.edifact.events import TransactionSet
from gateway.formats.segment import Segment

VERSIONS = ("1", "2", "3", "4", "X")
"""0002. X is version 4 used as version 3 is (ISO 9735-11)."""

UNREAD = ("UNOX", "UNOY")

WELL = re.compile(
    "UNH\x1d[^\x1c-\x1f ]{1,14}\x1d[^\x1c-\x1f ]{1,6}(?:\x1f[^\x1c-\x1f ]{1,3}){3}(?:\x1f[^\x1c-\x1f ]{1,6})?"
)
"""A UNH as nearly all are."""


def unb_faults(unb: Segment, header: Header) -> list[Fault]:
    """What can be said of a UNB without knowing the partners."""
    faults = list(element_faults(unb))
    identifier, version = part_of(unb.elements[1:], 1, 1), part_of(unb.elements[1:], 1, 2)
    if len(identifier) == 4 and identifier not in ENCODINGS:
        expected = "UNOA to UNOK, or UNOW"
        if identifier in UNREAD:
            expected += "; it was read as ASCII, UTF-8 or Latin-1"
        faults.append(Fault(Code.CODE_UNKNOWN, place_of(unb, 1, 1), identifier, expected))
    if version and version not in VERSIONS and len(version) == 1:
        faults.append(Fault(Code.SYNTAX_VERSION, place_of(unb, 1, 2), version, "1 to 4"))
    if header.delimiters != header.stated:
        faults.append(_service_string(unb, header))
    return faults


def _service_string(unb: Segment, header: Header) -> Fault:
    said = (
        header.stated.una if header.una else f"{header.stated.una[3:]} as the standard has them without a UNA"
    )
    return Fault(Code.SERVICE_STRING, unb.place(), header.delimiters.una[3:], said)


def set_faults(found: TransactionSet, seen: ControlNumbers) -> list[Fault]:
    """The UNH, and what UNT repeats of the message. Fast where all is well."""
    control = found.control
    repeated = bool(control.strip()) and seen.repeats(control)
    well = found.plain and WELL.fullmatch(found.separator.join(found.header)) is not None
    if well and not repeated and found.trailer == ["UNT", str(found.segment_count), control]:
        return []
    faults = [] if well else list(element_faults(found.envelope_segment(0)))
    if repeated:
        faults.append(Fault(Code.DUPLICATE_MESSAGE, found.envelope_place(0, 1), control))
    trailer = found.trailer
    if trailer is None:
        return faults
    if not found.skipped:
        codes = (Code.UNT_COUNT, Code.UNT_REFERENCE)
        faults += trailer_faults(found.envelope_segment(-1), found.segment_count, control, codes)
    return faults


def trailer_faults(
    trailer: Segment, count: int, control: str | None, codes: tuple[Code, Code]
) -> list[Fault]:
    """The trailer's count, and the reference it repeats of its header; None where there was no header."""
    if trailer.elements == [trailer.tag, str(count), control]:
        return []
    faults = [
        fault
        for fault in element_faults(trailer)
        if fault.code in (Code.TOO_MANY_ELEMENTS, Code.TOO_MANY_COMPONENTS)
    ]
    for at, code, good, expected in (
        (1, codes[0], counts(part_of(trailer.elements[1:], 1), count), str(count)),
        (2, codes[1], control is None or part_of(trailer.elements[1:], 2) == control.strip(), control),
    ):
        if not good:
            faults.append(Fault(code, place_of(trailer, at), trailer.get(at), expected))
    return faults
