"""Inside an X12 interchange: from its ISA to its IEA, or to where that is missing.

A set is cut out by looking only for what can end it (SE, or an envelope segment that shows the SE is missing) and
for binary segments, whose data may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.faults import Code, Fault
from gateway.formats.controls import ControlNumbers
from gateway.formats.events import SAMPLE, GroupEnd, InterchangeEnd, Limits, Stray, nth
from gateway.formats.reading import Family, reading, shown, tag_of
from gateway.formats.window import Source, Window
from gateway.formats.x12.charset import CHARSETS
from gateway.formats.x12.controls import ge_faults, gs_faults, iea_faults, isa_faults, set_faults
from gateway.formats.x12.delimiters import Header, find_delimiters, syntax
from gateway.formats.x12.envelope import EnvelopeSegment, character_faults, envelope_segment
from gateway.formats.x12.events import Event, Group, Interchange, InterchangeAcknowledgment
from gateway.formats.x12.places import named
from gateway.formats.x12.scan import Scan

# "ISA" as a tag of its own: neither the end of VISA nor the start of ISABEL.
CANDIDATE = rb"(?<![A-Za-z0-9])I[\r\n]{0,2}S[\r\n]{0,2}A(?![A-Za-z0-9 ])"
CUT_SHORT = re.compile(rb"I[\r\n]{0,2}S[\r\n]{0,2}A(?:\Z|([^\w\s])(?:[0-9A-Z ]{0,2}\Z|[0-9A-Z ]{0,2}\1))")
SERVICE_SEGMENTS = ("ISB", "ISE", "TA3")
"""Interchange service segments of X12.5 that say nothing about the sets inside."""


def read(source: Source, *, charset: str = "auto", limits: Limits | None = None) -> Iterator[Event]:
    """The file's events, in order and properly nested, while it is read.

    `charset` is `auto`, `basic`, `extended`, `utf-8` or `latin-1`. Nothing the file holds raises; only the source
    itself may (OSError).
    """
    return reading((X12,), source, charset, limits)


def _cut_short(head: bytes) -> tuple[Code, str] | None:
    return (Code.ISA_TRUNCATED, "ISA") if CUT_SHORT.match(head) else None


def _interchange(window: Window, header: Header, charset: str, limits: Limits) -> Iterator[Event]:
    made = syntax(header.delimiters, charset, header.encoding)
    spot = window.spot
    isa = EnvelopeSegment(["ISA", *header.elements], window.take(header.size), spot, made)
    faults = _isa_notes(isa, header) + isa_faults(isa) + character_faults(isa)
    yield Interchange(header.elements, header.delimiters, made, spot.offset, spot.line, faults)
    if header.readable:
        yield from _Inside(window, Scan(window, made, limits), nth(header.elements, 13)).events()
    else:
        yield InterchangeEnd(None, 0, False, window.spot.offset, window.spot.line)


X12 = Family("x12", CHARSETS, CANDIDATE, find_delimiters, _cut_short, _interchange)


def _isa_notes(isa: EnvelopeSegment, header: Header) -> list[Fault]:
    faults = []
    if header.confused:
        faults.append(
            Fault(Code.DELIMITER, isa.place(16), "".join(header.elements[15:]) + header.delimiters.segment)
        )
    if not header.fixed:
        faults.append(Fault(Code.ISA_NOT_FIXED_WIDTH, isa.place()))
    if header.wrapped:
        faults.append(Fault(Code.LINE_BREAK, isa.place()))
    return faults


class _Inside:
    """One interchange's reading, from behind its ISA to its IEA or to where that is missing."""

    def __init__(self, window: Window, scan: Scan, control: str) -> None:
        self.window = window
        self.scan = scan
        self.control = control
        self.group: Group | None = None
        self.groups = 0
        self.sets = 0
        self.seen = ControlNumbers()
        self.acknowledged = False
        self.over = False

    def events(self) -> Iterator[Event]:
        steps = {
            "ST": self._set,
            "GS": self._group,
            "GE": self._group_end,
            "IEA": self._end,
            "TA1": self._acknowledgment,
            "SE": self._unexpected,
        }
        while not self.over:
            if ordinary := self._ordinary():
                yield ordinary
                continue
            tag = self.scan.tag()
            if tag is None or tag == "ISA":
                yield from self._missing_group_end()
                spot = self.window.spot
                missing = Fault(Code.MISSING_IEA, named(spot, "IEA"))
                yield InterchangeEnd(None, self.groups, False, spot.offset, spot.line, [missing])
                return
            yield from steps[tag]() if tag in steps else self._stray()

    def _ordinary(self) -> Event | None:
        """The envelope segment that comes next, taken where nothing is wrong with it: what its step says, sooner."""
        found, group = self.scan.ordinary(), self.group
        if found is None:
            return None
        (tag, *elements), size = found
        if tag == "GS" and group is None:
            self.groups += 1
            return self._open(Group(tuple(elements), *self._passed(size)))
        if tag == "GE" and group and elements == [str(self.sets), group.control]:
            self.group = None
            return GroupEnd(tuple(elements), self.sets, True, *self._passed(size))
        if tag == "IEA" and group is None and elements == [str(self.groups), self.control]:
            self.over = True
            return InterchangeEnd(tuple(elements), self.groups, True, *self._passed(size))
        return None

    def _passed(self, size: int) -> tuple[int, int]:
        """Takes so many bytes; the offset and line where they begin."""
        offset, line, _ = self.window.spot
        self.window.at += size
        return offset, line

    def _set(self) -> Iterator[Event]:
        if self.group is None:
            spot = self.window.spot
            fault = Fault(Code.UNEXPECTED_ENVELOPE, named(spot, "ST"), "ST", "GS")
            yield self._open(Group((), spot.offset, spot.line, [fault]))
        version = self.group.version if self.group else ""
        found = self.scan.transaction_set(version)
        found.faults += set_faults(found, self.seen)
        self.sets += 1
        yield found

    def _open(self, group: Group) -> Group:
        self.group, self.sets, self.seen = group, 0, ControlNumbers()
        return group

    def _group(self) -> Iterator[Event]:
        yield from self._missing_group_end()
        gs = self.scan.segment()
        self.groups += 1
        faults = gs_faults(gs) + character_faults(gs)
        yield self._open(Group(tuple(gs.elements[1:]), gs.spot.offset, gs.spot.line, faults))

    def _group_end(self) -> Iterator[Event]:
        if self.group is None:
            yield from self._unexpected()
            return
        ge = self.scan.segment()
        faults = ge_faults(ge, self.sets, self.group.control if self.group.header else None)
        faults += character_faults(ge)
        yield GroupEnd(tuple(ge.elements[1:]), self.sets, True, ge.spot.offset, ge.spot.line, faults)
        self.group = None

    def _missing_group_end(self) -> Iterator[Event]:
        if self.group is None:
            return
        spot = self.window.spot
        faults = [Fault(Code.MISSING_GE, named(spot, "GE"))] if self.group.header else []
        yield GroupEnd(None, self.sets, False, spot.offset, spot.line, faults)
        self.group = None

    def _end(self) -> Iterator[Event]:
        yield from self._missing_group_end()
        iea = self.scan.segment()
        faults = iea_faults(iea, self.groups, self.control, self.acknowledged) + character_faults(iea)
        yield InterchangeEnd(
            tuple(iea.elements[1:]), self.groups, True, iea.spot.offset, iea.spot.line, faults
        )
        self.over = True

    def _acknowledgment(self) -> Iterator[Event]:
        """A TA1 belongs between ISA and the first GS; elsewhere it is read all the same."""
        ta1 = self.scan.segment()
        faults = character_faults(ta1)
        if self.groups:
            faults.append(Fault(Code.UNEXPECTED_ENVELOPE, ta1.place(), "TA1").as_note())
        self.acknowledged = True
        yield InterchangeAcknowledgment(ta1.elements, ta1.spot.offset, ta1.spot.line, faults)

    def _unexpected(self) -> Iterator[Event]:
        """A trailer without its header."""
        found = self.scan.segment()
        fault = Fault(Code.UNEXPECTED_ENVELOPE, found.place(), found.tag)
        yield Stray(found.spot.offset, len(found.raw), found.raw[:SAMPLE], found.spot.line, [fault])

    def _stray(self) -> Iterator[Event]:
        """Segments that stand in no set, as one piece."""
        spot, size, sample = self.scan.skip_to_envelope(SAMPLE)
        first = envelope_segment(sample.split(self.scan.syntax.segment)[0], spot, self.scan.syntax)
        if not first.tag:
            fault = Fault(Code.SEGMENT_EMPTY, spot.place())
        else:
            fault = Fault(
                Code.SEGMENT_OUT_OF_PLACE, spot.place(tag_of(first.tag)), shown(sample), "an envelope segment"
            )
            if first.tag in SERVICE_SEGMENTS:
                fault = fault.as_note()
        yield Stray(spot.offset, size, sample, spot.line, [fault])
