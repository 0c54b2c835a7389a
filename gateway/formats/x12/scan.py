"""Inside an interchange: which segment comes next, and the bytes of a whole set, found without splitting it."""

from __future__ import annotations

from gateway.faults import Code, Fault
from gateway.formats.events import Limits
from gateway.formats.reading import LONGEST_TAG, SPAN
from gateway.formats.spot import Spot
from gateway.formats.window import Window
from gateway.formats.x12.delimiters import Syntax, find_delimiters
from gateway.formats.x12.envelope import EnvelopeSegment, envelope_segment
from gateway.formats.x12.events import TransactionSet
from gateway.formats.x12.places import named
from gateway.formats.x12.segments import Binaries

LOOK_AHEAD = 4200
"""A tag is looked for this far behind a terminator: so many blanks may stand between them."""

TAGS = {tag.encode(): tag for tag in ("ST", "SE", "GS", "GE", "IEA", "TA1")}


class Scan:
    """The window read with one interchange's syntax."""

    def __init__(self, window: Window, syntax: Syntax, limits: Limits) -> None:
        self.window = window
        self.syntax = syntax
        self.limits = limits

    def tag(self) -> str | None:
        """The envelope tag of the segment that comes next, `` for any other segment, None at the end."""
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
        tag = match["tag"]
        if tag is None:
            return "ISA" if self._is_header(0) else ""
        return TAGS.get(tag) or tag.translate(None, b"\r\n").decode("ascii")

    def ordinary(self) -> tuple[list[str], int] | None:
        """The GS, GE or IEA that comes next where it is as nearly all are: its elements, and its size.

        It is not taken: nothing is wrong with it as such, yet its numbers may be.
        """
        window = self.window
        match = self.syntax.ordinary.match(window.buffer, window.at)
        if match is None:
            return None
        window.at = match.start(1)
        elements = match[1].decode("ascii").split(self.syntax.delimiters.element)
        return elements, match.end() - window.at

    def _skip_blanks(self) -> None:
        window = self.window
        while True:
            match = self.syntax.blanks.match(window.buffer, window.at)
            if match and match.end() > window.at:
                window.take(match.end() - window.at)
            if window.rest() or not window.more():
                return

    def _is_header(self, at: int) -> bool:
        """Whether an ISA here really begins another interchange."""
        window = self.window
        window.need(at + SPAN)
        head = window.buffer[window.at + at : window.at + at + SPAN]
        return find_delimiters(head, self.syntax.charset) is not None

    def segment(self) -> EnvelopeSegment:
        """The next segment, taken with its terminator; at the end of the file it may lack one."""
        end = self._terminator(0, self.limits.segment_bytes)
        spot = self.window.spot
        if end is None:
            return envelope_segment(self.window.take(self.window.rest()), spot, self.syntax, ended=False)
        raw = self.window.take(end + len(self.syntax.segment))
        return envelope_segment(raw[:end], spot, self.syntax)

    def _terminator(self, at: int, most: int) -> int | None:
        """How far ahead the next terminator stands, from `at` on; None when there is none."""
        window = self.window
        while (found := window.buffer.find(self.syntax.segment, window.at + at)) < 0:
            at = max(at, window.rest() - len(self.syntax.segment) + 1)
            if window.rest() > most or not window.more():
                return None
        return found - window.at

    def skip_to_envelope(self, sample: int) -> tuple[Spot, int, bytes]:
        """Takes everything up to the next envelope segment: from where, how much, and how it begins."""
        window = self.window
        spot, begin = window.spot, window.buffer[window.at : window.at + sample]
        while (match := self.syntax.boundary.search(window.buffer, window.at)) is None:
            window.take(max(self._unmatched(0), 0))
            if not window.more():
                window.take(window.rest())
                return spot, window.spot.offset - spot.offset, begin
        window.take(match.start(1) - window.at)
        size = window.spot.offset - spot.offset
        return spot, size, begin[:size]

    def transaction_set(self, group_version: str) -> TransactionSet:
        """The set that begins here, up to its SE, or to where that is missing."""
        window, search = self.window, self.syntax.boundary.search
        at = 0
        binaries: Binaries | None = None
        while True:
            match = search(window.buffer, window.at + at)
            if match is None:
                at = self._unmatched(at)
                if window.rest() > self.limits.set_bytes:
                    return self._oversized(at)
                if not window.more():
                    return self._cut(window.rest(), group_version, binaries, ended=False)
                continue
            begin, tag = match.start(1) - window.at, match[1].translate(None, b"\r\n")[:3]
            if tag in (b"BIN", b"BDS"):
                binaries = {} if binaries is None else binaries
                at = self._binary(begin, binaries)
            elif tag.startswith(b"SE"):
                return self._ended(begin, group_version, binaries)
            elif tag == b"ISA" and not self._is_header(begin):
                at = begin
            elif begin > self.limits.set_bytes:
                return self._oversized(self._before(begin))
            else:
                return self._cut(begin, group_version, binaries, ended=False)

    def _unmatched(self, at: int) -> int:
        """From where to search again once more is read: the last terminator, if a tag may still follow it."""
        window = self.window
        last = window.buffer.rfind(self.syntax.segment, window.at + at)
        if last >= 0 and len(window.buffer) - last <= LOOK_AHEAD:
            return last - window.at
        return max(at, window.rest() - len(self.syntax.segment) + 1)

    def _binary(self, begin: int, binaries: Binaries) -> int:
        """Notes where the binary segment ends, if its length is right; answers from where to search on."""
        window = self.window
        window.need(begin + 128)
        match = self.syntax.binary.match(window.buffer, window.at + begin)
        if match is None:
            return begin + 3
        data, length = match.end() - window.at, int(match[1])
        end = data + length
        if length > self.limits.set_bytes or not window.need(end + len(self.syntax.segment)):
            return data
        if not window.buffer.startswith(self.syntax.segment, window.at + end):
            return data
        binaries[begin] = end
        return end

    def _ended(self, begin: int, group_version: str, binaries: Binaries | None) -> TransactionSet:
        """The set with its SE. One that the file's end cuts off counts only if it still repeats ST02."""
        end = self._terminator(begin, self.limits.set_bytes)
        if end is None:
            size = self.window.rest()
            if size > self.limits.set_bytes:
                return self._oversized(self._before(begin))
            found = self._cut(size, group_version, binaries, ended=True)
            if found.trailer is None or found.trailer[2:3] != [found.control]:
                found.incomplete = True
                found.faults.append(self._missing_se())
                found.trailer = None
            return found
        if end > self.limits.set_bytes:
            return self._oversized(self._before(begin))
        return self._cut(end + len(self.syntax.segment), group_version, binaries, ended=True)

    def _before(self, begin: int) -> int:
        """Where the terminator before the segment stands."""
        window = self.window
        return window.buffer.rfind(self.syntax.segment, window.at, window.at + begin) - window.at

    def _cut(self, size: int, group_version: str, binaries: Binaries | None, ended: bool) -> TransactionSet:
        spot = self.window.spot
        raw = self.window.take(size)
        found = TransactionSet(raw, spot, self.syntax, self.limits, group_version, binaries, ended)
        if not ended:
            found.faults.append(self._missing_se())
        return found

    def _missing_se(self) -> Fault:
        return Fault(Code.MISSING_SE, named(self.window.spot, "SE"))

    def _oversized(self, at: int) -> TransactionSet:
        """The set's ST alone; the rest is passed over, holding no more than a chunk of it."""
        window, spot = self.window, self.window.spot
        end = window.buffer.find(self.syntax.segment, window.at) - window.at + len(self.syntax.segment)
        raw = window.buffer[window.at : window.at + (end if 0 < end <= SPAN else SPAN)]
        window.take(min(at, window.rest()))
        ended = self._pass_over()
        found = TransactionSet(raw, spot, self.syntax, self.limits, ended=ended, skipped=True)
        limit = f"at most {self.limits.set_bytes} bytes"
        place = named(spot, "ST", number=1)
        found.faults.append(
            Fault(Code.SET_TOO_LARGE, place, f"{window.spot.offset - spot.offset} bytes", limit)
        )
        if not ended:
            found.faults.append(self._missing_se())
        return found

    def _pass_over(self) -> bool:
        """Takes everything up to the SE and with it; False where something else ends the set."""
        window = self.window
        while True:
            match = self.syntax.boundary.search(window.buffer, window.at)
            if match is None:
                window.take(self._unmatched(0))
                if not window.more():
                    window.take(window.rest())
                    return False
                continue
            tag = match[1].translate(None, b"\r\n")[:3]
            begin = match.start(1) - window.at
            window.take(begin)
            if tag.startswith(b"SE"):
                self.segment()
                return True
            if tag in (b"BIN", b"BDS") or (tag == b"ISA" and not self._is_header(0)):
                continue
            return False
