"""The envelopes' control numbers and counts: what must agree with what, and how it is compared."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.faults import Code, Fault
from gateway.formats.controls import ControlNumbers, counts, digits, same_number
from gateway.formats.events import nth
from gateway.formats.x12.envelope import EnvelopeSegment
from gateway.formats.x12.events import TransactionSet

ELEMENTS = {"ST": 3, "SE": 2}
"""How many elements the set's header (ST03 from 005010 on) and trailer have."""

WELL = re.compile(r"\d{6}\*\d{4}\*[0-9A-Z]{5}\*\d{9}\*[01]\*[PTI]", re.ASCII)
"""ISA09, 10 and 12 to 15 as nearly all are."""


def isa_faults(isa: EnvelopeSegment) -> list[Fault]:
    """What can be said of an ISA without knowing the partners."""
    header = isa.elements[1:]
    if WELL.fullmatch("*".join(header[8:10] + header[11:15])):
        return []
    date, time, control = nth(header, 9), nth(header, 10), nth(header, 13)
    checks = (
        (9, len(date) in (6, 8) and digits(date), "YYMMDD"),
        (10, len(time) == 4 and digits(time), "HHMM"),
        (12, len(nth(header, 12)) == 5, "a version such as 00401"),
        (13, 1 <= len(control) <= 9 and digits(control), "nine digits"),
        (14, nth(header, 14) in ("0", "1"), "0 or 1"),
        (15, nth(header, 15) in ("P", "T", "I"), "P, T or I"),
    )
    return [
        Fault(Code.ISA_ELEMENT, isa.place(at), header[at - 1], expected)
        for at, good, expected in checks
        if not good
    ]


def gs_faults(gs: EnvelopeSegment) -> list[Fault]:
    """GS needs its eight elements, GS06 a number."""
    header = gs.elements[1:]
    whole = len(header) == 8 and all(map(str.strip, header))
    missing = () if whole else (at for at in range(1, 9) if not nth(header, at))
    faults = [Fault(Code.GS_ELEMENT, gs.place(at), "") for at in missing]
    control = nth(header, 6)
    if control and not (digits(control) and len(control) <= 9):
        faults.append(Fault(Code.GS_ELEMENT, gs.place(6), control, "up to nine digits"))
    return faults


def set_faults(found: TransactionSet, seen: ControlNumbers) -> list[Fault]:
    """ST01 and ST02, and what SE01 and SE02 repeat of the set. Fast where all is well."""
    control = found.control
    repeated = bool(control.strip()) and seen.repeats(control)
    code, well = found.header[1:2], found.trailer == ["SE", str(found.segment_count), control]
    short = len(found.header) <= 1 + ELEMENTS["ST"]
    if (
        well
        and short
        and not repeated
        and 1 <= len(control) <= 9
        and code
        and code[0].strip()
        and control.strip()
    ):
        return []
    faults = [*_too_many(found, 0, found.header), *_too_many(found, -1, found.trailer or ())]
    if not found.code or not 1 <= len(control.strip()) <= 9:
        at = 2 if found.code else 1
        faults.append(Fault(Code.ST_ELEMENT, found.envelope_place(0, at), nth(found.header[1:], at)))
    if repeated:
        faults.append(Fault(Code.DUPLICATE_SET, found.envelope_place(0, 2), control))
    trailer = found.trailer
    if trailer is None:
        return faults
    count, number = nth(trailer[1:], 1), found.segment_count
    if not found.skipped and not counts(count, number):
        faults.append(Fault(Code.SE_COUNT, found.envelope_place(-1, 1), count, str(number)))
    came = trailer[2] if len(trailer) > 2 else ""
    if came != control:
        faults.append(Fault(Code.SE_CONTROL, found.envelope_place(-1, 2), came, control))
    return faults


def _too_many(found: TransactionSet, segment: int, elements: Sequence[str]) -> list[Fault]:
    """ST and SE with more than they may have; separators alone at the end are nothing."""
    most = ELEMENTS.get(elements[0], len(elements)) if elements else 0
    extra = [at for at in range(most + 1, len(elements)) if elements[at].strip()]
    if not extra:
        return []
    place = found.envelope_place(segment, extra[0])
    return [Fault(Code.TOO_MANY_ELEMENTS, place, elements[extra[0]], f"{most} elements")]


def ge_faults(ge: EnvelopeSegment, sets: int, control: str | None) -> list[Fault]:
    """GE01 counts the sets, GE02 repeats GS06; without a GS there is nothing to repeat."""
    return _trailer_faults(ge, sets, control, (Code.GE_COUNT, Code.GE_CONTROL))


def iea_faults(iea: EnvelopeSegment, groups: int, control: str, acknowledged: bool) -> list[Fault]:
    """IEA01 counts the groups, IEA02 repeats ISA13.

    X12.5 counts no TA1, but an interchange of TA1s alone often carries `IEA*1`: only a note.
    """
    faults = _trailer_faults(iea, groups, control, (Code.IEA_COUNT, Code.IEA_CONTROL))
    lenient = acknowledged and groups == 0 and counts(nth(iea.elements, 2), 1)
    return [fault.as_note() if lenient and fault.code is Code.IEA_COUNT else fault for fault in faults]


def _trailer_faults(
    trailer: EnvelopeSegment, count: int, control: str | None, codes: tuple[Code, Code]
) -> list[Fault]:
    faults = []
    came = nth(trailer.elements, 2)
    if not counts(came, count):
        faults.append(Fault(codes[0], trailer.place(1), came, str(count)))
    came = nth(trailer.elements, 3)
    if control is not None and not same_number(came, control):
        faults.append(Fault(codes[1], trailer.place(2), came, control))
    return faults
