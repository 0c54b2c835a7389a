"""Inside an EDIFACT interchange: from its UNA or UNB to its UNZ, or to where that is missing.

A message is cut out by looking only for what can end it: UNT, or a service segment that shows the UNT is missing. An
object between UNO and UNP is as long as it says, and may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.faults import Code, Fault
from gateway.formats.controls import ControlNumbers, digits
from gateway.formats.edifact.charset import CHARSETS
from gateway.formats.edifact.controls import set_faults, trailer_faults, unb_faults
from gateway.formats.edifact.delimiters import Header, Syntax, find_header, syntax
from gateway.formats.edifact.envelope import SECURITY, element_faults, envelope_name, part_of, place_of
from gateway.formats.edifact.events import Event, Group, Interchange, Package
from gateway.formats.edifact.scan import Scan
from gateway.formats.edifact.segments import read_segment
from gateway.formats.events import SAMPLE, GroupEnd, InterchangeEnd, Limits, Stray
from gateway.formats.reading import Family, reading, shown, tag_of
from gateway.formats.window import Source, Window

# "UNA" or "UNB" as a tag of its own: neither the end of LUNA nor the start of UNABLE.
CANDIDATE = rb"(?<![A-Za-z0-9])U[\r\n]{0,2}N[\r\n]{0,2}[AB](?![A-Za-z0-9 ])"
CUT_SHORT = re.compile(
    rb"U[\r\n]{0,2}N[\r\n]{0,2}(?:B(?:\Z|[^\w\s](?:[A-Z0-9\r\n]{0,5}\Z|[A-Z0-9]{4}[^\w\s]))"
    rb"|A(?:[^\w]{5,6}\s*(?:\Z|U)|[^\w]{0,6}\Z))"
)
AHEAD = 4200
"""So much is read beyond an object to see whether a service segment stands there."""


def read(source: Source, *, charset: str = "auto", limits: Limits | None = None) -> Iterator[Event]:
    """The file's events, in order and properly nested, while it is read.

    `charset` is `auto`, which is what each UNB says, `utf-8`, `latin-1`, or the name of a level (`UNOC`). Nothing the
    file holds raises; only the source itself may (OSError).
    """
    return reading((EDIFACT,), source, charset, limits)


def _cut_short(head: bytes) -> tuple[Code, str] | None:
    return (Code.UNB_TRUNCATED, "UNB") if CUT_SHORT.match(head) else None


def _interchange(window: Window, header: Header, charset: str, limits: Limits) -> Iterator[Event]:
    made = syntax(header.delimiters, charset, header.identifier, header.version, header.encoding)
    spot, lead = window.spot, window.take(header.lead)
    raw = window.take(header.size - header.lead)
    faults: list[Fault] = []
    body = raw[: len(raw) - len(made.segment)]
    unb = read_segment(body, spot.after(lead), 0, made, made.encoding_of(raw), faults)
    faults += unb_faults(unb, header)
    found = Interchange(tuple(unb.elements[1:]), header.delimiters, made, spot.offset, spot.line, faults)
    yield found
    yield from _Inside(window, Scan(window, made, limits), found.control).events()


EDIFACT = Family("edifact", CHARSETS, CANDIDATE, find_header, _cut_short, _interchange)


class _Inside:
    """One interchange's reading, from behind its UNB to its UNZ or to where that is missing.

    Messages in no group stand in an open group without header.
    """

    def __init__(self, window: Window, scan: Scan, control: str) -> None:
        self.window = window
        self.scan = scan
        self.control = control
        self.group: Group | None = None
        self.groups = 0
        self.alone = 0
        self.sets = 0
        self.seen = ControlNumbers()
        self.groups_seen = ControlNumbers()
        self.packages_seen = ControlNumbers()
        self.over = False

    @property
    def syntax(self) -> Syntax:
        return self.scan.syntax

    def events(self) -> Iterator[Event]:
        steps = {
            "UNH": self._message,
            "UNO": self._package,
            "UNG": self._group,
            "UNE": self._group_end,
            "UNZ": self._end,
            "UNT": self._unexpected,
            "UNP": self._unexpected,
        }
        while not self.over:
            tag = self.scan.tag()
            if tag is None or tag in ("UNA", "UNB"):
                yield from self._close_group(complete=False)
                spot = self.window.spot
                missing = Fault(Code.MISSING_UNZ, spot.place("UNZ", name=envelope_name("UNZ", None)))
                yield InterchangeEnd(None, self.groups, False, spot.offset, spot.line, [missing])
                return
            yield from steps[tag]() if tag in steps else self._stray()

    def _message(self) -> Iterator[Event]:
        yield from self._in_a_group("UNH")
        version = self.group.version if self.group else ""
        found = self.scan.message(version)
        found.faults += set_faults(found, self.seen)
        self._counted()
        yield found

    def _counted(self) -> None:
        """One more message or package, of the group or of the interchange."""
        self.sets += 1
        self.alone += self.group is not None and not self.group.header

    def _in_a_group(self, tag: str) -> Iterator[Event]:
        """Messages beside groups are a fault, where they begin (ISO 9735: either all are in groups, or none)."""
        if self.group is not None:
            return
        spot = self.window.spot
        mixed = [Fault(Code.GROUPS_MIXED, spot.place(tag), tag, "UNG")] if self.groups else []
        yield self._open(Group((), spot.offset, spot.line, mixed))

    def _open(self, group: Group) -> Group:
        """References are unique in their group, or in the interchange where there are none."""
        self.group, self.sets = group, 0
        if group.header:
            self.seen = ControlNumbers()
        return group

    def _group(self) -> Iterator[Event]:
        yield from self._close_group(complete=self.group is not None and not self.group.header)
        ung, _, faults = self.scan.segment()
        faults += element_faults(ung)
        self.groups += 1
        group = Group(tuple(ung.elements[1:]), ung.offset or 0, ung.line or 1, faults)
        if self.alone and self.groups == 1:
            faults.append(Fault(Code.GROUPS_MIXED, ung.place(), "UNG", "UNH"))
        if group.control and self.groups_seen.repeats(group.control):
            faults.append(Fault(Code.DUPLICATE_GROUP, place_of(ung, 5), group.control))
        yield self._open(group)

    def _group_end(self) -> Iterator[Event]:
        if self.group is None or not self.group.header:
            yield from self._unexpected()
            return
        une, _, faults = self.scan.segment()
        faults += trailer_faults(une, self.sets, self.group.control, (Code.UNE_COUNT, Code.UNE_REFERENCE))
        yield GroupEnd(tuple(une.elements[1:]), self.sets, True, une.offset or 0, une.line or 1, faults)
        self.group = None

    def _close_group(self, complete: bool) -> Iterator[Event]:
        """Ends the group that is open: where it has a UNG, its UNE is missing."""
        if self.group is None:
            return
        spot = self.window.spot
        missing = [Fault(Code.MISSING_UNE, spot.place("UNE", name=envelope_name("UNE", None)))]
        faults = missing if self.group.header else []
        yield GroupEnd(None, self.sets, complete and not faults, spot.offset, spot.line, faults)
        self.group = None

    def _end(self) -> Iterator[Event]:
        yield from self._close_group(complete=True)
        unz, _, faults = self.scan.segment()
        count = self.groups or self.alone
        faults += trailer_faults(unz, count, self.control, (Code.UNZ_COUNT, Code.UNZ_REFERENCE))
        yield InterchangeEnd(
            tuple(unz.elements[1:]), self.groups, True, unz.offset or 0, unz.line or 1, faults
        )
        self.over = True

    def _unexpected(self) -> Iterator[Event]:
        """A trailer without its header."""
        found, raw, _ = self.scan.segment()
        fault = Fault(Code.UNEXPECTED_SERVICE, found.place(), tag_of(found.tag.strip()))
        yield Stray(found.offset or 0, len(raw), raw[:SAMPLE], found.line or 1, [fault])

    def _stray(self) -> Iterator[Event]:
        """Segments that stand in no message, as one piece."""
        spot, size, sample = self.scan.skip_to_envelope(SAMPLE)
        match = self.syntax.body.match(sample)
        first = read_segment(match[0] if match else b"", spot, 0, self.syntax, "iso8859-1", [])
        if not first.tag:
            fault = Fault(Code.SEGMENT_EMPTY, spot.place())
        else:
            place = spot.place(tag_of(first.tag))
            fault = Fault(Code.SEGMENT_OUT_OF_PLACE, place, shown(sample), "a service segment")
            if first.tag in SECURITY:
                fault = fault.as_note()
        yield Stray(spot.offset, size, sample, spot.line, [fault])

    # -- packages

    def _package(self) -> Iterator[Event]:
        yield from self._in_a_group("UNO")
        uno, _, faults = self.scan.segment()
        faults += element_faults(uno)
        header = tuple(uno.elements[1:])
        package = Package(header, b"", 0, uno.offset or 0, uno.line or 1, faults=faults)
        if package.control and self.packages_seen.repeats(package.control):
            faults.append(Fault(Code.DUPLICATE_MESSAGE, place_of(uno, 1), package.control))
        before, length = part_of(header, 4, 2), part_of(header, 4, 1)
        for _ in range(int(before) if digits(before) and len(before) <= 3 else 0):
            if self.scan.tag() != "":
                break
            segment, _, odd = self.scan.segment()
            package.between.append(segment)
            faults += odd
        stated = int(length) if digits(length) and len(length) <= 18 else -1
        if not self._take_object(package, stated):
            self._search_object(package)
        if package.size != stated:
            expected = f"{package.size} octets before UNP"
            faults.append(Fault(Code.OBJECT_LENGTH, place_of(uno, 4, 1), length, expected))
        if self.scan.tag() == "UNP":
            unp, _, odd = self.scan.segment()
            faults += odd
            codes = (Code.UNP_LENGTH, Code.UNP_REFERENCE)
            faults += trailer_faults(unp, package.size, package.control, codes)
        else:
            package.incomplete = True
            spot = self.window.spot
            faults.append(Fault(Code.MISSING_UNP, spot.place("UNP", name=envelope_name("UNP", None))))
        self._counted()
        yield package

    def _take_object(self, package: Package, length: int) -> bool:
        """Takes the object if a UNP stands right behind so many octets."""
        window = self.window
        if not 0 <= length <= self.scan.limits.set_bytes:
            return False
        window.need(length + AHEAD)
        if not self.syntax.trailer.match(window.buffer, window.at + length):
            return False
        package.data, package.size = window.take(length), length
        return True

    def _search_object(self, package: Package) -> None:
        """Takes what comes up to a UNP; without one, up to the next service segment."""
        window, most, held = self.window, self.scan.limits.set_bytes, bytearray()
        spot = window.spot
        ends = (self.syntax.trailer, self.syntax.boundary)
        more = True
        while more:
            found = [match for end in ends if (match := end.search(window.buffer, window.at))]
            begins = [match.start("tag") - window.at for match in found]
            taken = window.take(min(begins, default=max(window.rest() - AHEAD, 0)))
            package.size += len(taken)
            package.skipped = package.skipped or package.size > most
            held = bytearray() if package.skipped else held + taken
            more = not found and window.more()
        if not found:
            held += window.buffer[window.at :]
            package.size += len(window.take(window.rest()))
        package.data = b"" if package.skipped else bytes(held)
        if package.skipped:
            place = spot.place("UNO", name=envelope_name("UNO", None))
            package.faults.append(
                Fault(Code.SET_TOO_LARGE, place, f"{package.size} bytes", f"at most {most} bytes")
            )
