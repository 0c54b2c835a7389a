"""Inside an interchange: which segment comes next, and the bytes of a whole message, found without splitting it.

A terminator counts only where it is not released.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gateway.faults import Code, Fault
from gateway.formats.edifact.delimiters import Syntax, find_header
from gateway.formats.edifact.envelope import envelope_name
from gateway.formats.edifact.events import TransactionSet
from gateway.formats.edifact.segments import read_segment
from gateway.formats.events import Limits
from gateway.formats.reading import LONGEST_TAG, SPAN
from gateway.formats.segment import Segment
from gateway.formats.spot import Spot
from gateway.formats.window import Window

LOOK_AHEAD = 4200
"""A tag is looked for this far behind a terminator: so many blanks may stand between them."""


class Boundary(NamedTuple):
    """A service segment ahead: where the terminator before it stands, where it begins, and its tag."""

    terminator: int
    begin: int
    tag: str


class Scan:
    """The window read with one interchange's syntax."""

    def __init__(self, window: Window, syntax: Syntax, limits: Limits) -> None:
        self.window = window
        self.syntax = syntax
        self.limits = limits

    def tag(self) -> str | None:
        """The service tag of the segment that comes next, `` for any other segment, None at the end."""
        window = self.window
        match = self.syntax.tag.match(window.buffer, window.at)
        if match is None or match.end() + LONGEST_TAG > len(window.buffer):
            self._skip_blanks()
            if not window.need(LONGEST_TAG) and not window.rest():
                return None
            match = self.syntax.tag.match(window.buffer, window.at)
        if match is None:
            return ""
        window.at = match.start("at")
        tag = self._called(match)
        return "" if tag in ("UNA", "UNB") and not self._is_header(0) else tag

    def _called(self, match: re.Match[bytes]) -> str:
        """The tag that was matched, without line breaks and what stands behind it."""
        return match["tag"].translate(None, self.syntax.breaks)[:3].decode("ascii")

    def _skip_blanks(self) -> None:
        window = self.window
        while True:
            match = self.syntax.blanks.match(window.buffer, window.at)
            if match and match.end() > window.at:
                window.take(match.end() - window.at)
            if window.rest() or not window.more():
                return

    def _is_header(self, at: int) -> bool:
        """Whether a UNA or UNB here really begins another interchange."""
        window = self.window
        window.need(at + SPAN)
        head = window.buffer[window.at + at : window.at + at + SPAN]
        return find_header(head, self.syntax.made_of[1]) is not None

    def segment(self) -> tuple[Segment, bytes, list[Fault]]:
        """The next segment, taken with its terminator, its bytes, and what is wrong with its characters.

        At the end of the file it may lack a terminator.
        """
        spot, end = self.window.spot, self._end(self.limits.segment_bytes)
        raw = self.window.take(end + len(self.syntax.segment))
        faults: list[Fault] = []
        segment = read_segment(raw[:end], spot, 0, self.syntax, self.syntax.encoding_of(raw), faults)
        return segment, raw, faults

    def _end(self, most: int) -> int:
        """How far ahead the segment that comes next ends: at its terminator, at the end of the file, or at `most`."""
        window, body = self.window, self.syntax.body
        while True:
            match = body.match(window.buffer, window.at)
            end = (match.end() if match else window.at) - window.at
            if end < window.rest() or window.rest() > most or not window.more():
                return end

    def _before_releases(self, at: int) -> tuple[int, int]:
        """Where the release characters right before `at` begin, and how many those are."""
        buffer, begin, release, breaks = (
            self.window.buffer,
            self.window.at,
            self.syntax.release,
            self.syntax.breaks,
        )
        end, count, first = begin + at, 0, begin + at
        while release and end > begin:
            if buffer[end - 1] in breaks:
                end -= 1
            elif buffer.endswith(release, begin, end):
                count, end = count + 1, end - len(release)
                first = end
            else:
                break
        return first - begin, count

    def _boundary(self, at: int) -> Boundary | None:
        """The next service segment behind a terminator that is not released, from `at` on.

        A UNA or UNB that begins no interchange is none.
        """
        window = self.window
        while match := self.syntax.boundary.search(window.buffer, window.at + at):
            found = Boundary(match.start() - window.at, match.start("tag") - window.at, self._called(match))
            _, releases = self._before_releases(found.terminator)
            header = found.tag not in ("UNA", "UNB") or self._is_header(found.begin)
            if releases % 2 == 0 and header:
                return found
            at = found.terminator + 1
        return None

    def skip_to_envelope(self, sample: int) -> tuple[Spot, int, bytes]:
        """Takes everything up to the next service segment: from where, how much, and how it begins."""
        window = self.window
        spot, begin = window.spot, window.buffer[window.at : window.at + sample]
        while (found := self._boundary(0)) is None:
            self._pass(self._unmatched(0))
            if not window.more():
                window.take(window.rest())
                return spot, window.spot.offset - spot.offset, begin
        window.take(found.begin)
        size = window.spot.offset - spot.offset
        return spot, size, begin[:size]

    def message(self, group_version: str) -> TransactionSet:
        """The message that begins here, up to its UNT, or to where that is missing."""
        window, at = self.window, 0
        while True:
            found = self._boundary(at)
            if found is None:
                at = self._unmatched(at)
                if window.rest() > self.limits.set_bytes:
                    return self._oversized(at)
                if not window.more():
                    return self._cut(window.rest(), group_version, ended=False)
            elif found.begin > self.limits.set_bytes:
                return self._oversized(found.terminator)
            elif found.tag == "UNT":
                return self._ended(found, group_version)
            else:
                return self._cut(found.begin, group_version, ended=False)

    def _unmatched(self, at: int) -> int:
        """From where to search again once more is read: the last terminator, if a tag may still follow it."""
        window = self.window
        last = window.buffer.rfind(self.syntax.segment, window.at + at)
        if last >= 0 and len(window.buffer) - last <= LOOK_AHEAD:
            return last - window.at
        return max(at, window.rest() - len(self.syntax.segment) + 1)

    def _pass(self, at: int) -> None:
        """Takes what comes before `at`, but for the release characters that say what stands there."""
        first, _ = self._before_releases(at)
        if at - first > LOOK_AHEAD:  # no text; what is dropped releases itself
            first += (
                (at - first - LOOK_AHEAD) // (2 * len(self.syntax.release)) * 2 * len(self.syntax.release)
            )
        self.window.take(max(first, 0))

    def _ended(self, trailer: Boundary, group_version: str) -> TransactionSet:
        """The message with its UNT. One that the file's end cuts off counts only if it still repeats UNH01."""
        window, size = self.window, len(self.syntax.segment)
        while True:
            match = self.syntax.body.match(window.buffer, window.at + trailer.begin)
            end = (match.end() if match else window.at) - window.at
            if end < window.rest() or window.rest() > self.limits.set_bytes or not window.more():
                break
        if end > self.limits.set_bytes:
            return self._oversized(trailer.terminator)
        whole = window.buffer.startswith(self.syntax.segment, window.at + end)
        found = self._cut(end + size, group_version, ended=True)
        if not whole and (found.trailer is None or found.trailer[2:3] != [found.control]):
            found.incomplete = True
            found.faults.append(self._missing_unt())
            found.trailer = None
        return found

    def _cut(self, size: int, group_version: str, ended: bool) -> TransactionSet:
        spot = self.window.spot
        found = TransactionSet(self.window.take(size), spot, self.syntax, self.limits, group_version, ended)
        if not ended:
            found.faults.append(self._missing_unt())
        return found

    def _missing_unt(self) -> Fault:
        return Fault(Code.MISSING_UNT, self.window.spot.place("UNT", name=envelope_name("UNT", None)))

    def _oversized(self, at: int) -> TransactionSet:
        """The message's UNH alone; the rest is passed over, holding no more than a chunk of it."""
        window, spot = self.window, self.window.spot
        match = self.syntax.body.match(window.buffer, window.at, window.at + SPAN)
        end = (match.end() if match else window.at) + len(self.syntax.segment)
        raw = window.buffer[window.at : end]
        self._pass(min(at, window.rest()))
        ended = self._pass_over()
        found = TransactionSet(raw, spot, self.syntax, self.limits, ended=ended, skipped=True)
        limit = f"at most {self.limits.set_bytes} bytes"
        place = spot.place("UNH", name=envelope_name("UNH", None), number=1)
        found.faults.append(
            Fault(Code.SET_TOO_LARGE, place, f"{window.spot.offset - spot.offset} bytes", limit)
        )
        if not ended:
            found.faults.append(self._missing_unt())
        return found

    def _pass_over(self) -> bool:
        """Takes everything up to the UNT and with it; False where something else ends the message."""
        window = self.window
        while (found := self._boundary(0)) is None:
            self._pass(self._unmatched(0))
            if not window.more():
                window.take(window.rest())
                return False
        window.take(found.begin)
        if found.tag != "UNT":
            return False
        self.segment()
        return True
