"""Which records belong together: headers and trailers alone, a document's from the record that begins it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.faults import Code, Fault
from gateway.formats.events import SAMPLE, Limits, Stray
from gateway.formats.fixed.divide import marked_at
from gateway.formats.fixed.events import BLANK, Syntax, TransactionSet
from gateway.formats.records.read import Enveloping, Piece
from gateway.formats.spot import Spot
from gateway.formats.unknown import BOM
from gateway.formats.window import Window

HEAD, INSIDE, ENVELOPE, UNKNOWN, NOTHING = range(5)
"""What a record is to the scan."""


class Scan:
    """The window read by one layout, record by record. What is collected is a document, or what belongs nowhere."""

    def __init__(self, window: Window, syntax: Syntax, limits: Limits) -> None:
        self.window = window
        self.syntax = syntax
        self.limits = limits
        self.role = _roles(syntax)
        self.spot = Spot()
        """Where the last piece ended, once all are read."""
        self.begin = Spot()
        self.kept: list[bytes] = []
        self.size = 0
        self.stray: Stray | None = None

    def pieces(self) -> Iterator[Piece]:
        role, most = self.role, self.limits.set_bytes
        offset, line, kept = self._mark(), 1, self.kept
        for data in self._records():
            kind = role(data)
            if (kind == INSIDE or kind >= UNKNOWN) and kept:
                self.size += len(data)
                if self.size <= most:
                    kept.append(data)
            elif kind == NOTHING:
                pass
            elif kind == HEAD:
                yield from self._ended()
                self.begin, self.size = Spot(offset, line), len(data)
                kept.append(data)
            elif kind == ENVELOPE:
                yield from self._ended()
                yield Enveloping(*self.syntax.record(data, Spot(offset, line), 0))
            else:
                self._astray(data, Spot(offset, line), kind)
            offset += len(data)
            line += 1
        self.spot = Spot(offset, line)
        yield from self._ended()

    def _records(self) -> Iterator[bytes]:
        """Records with their ends, as the window fills: never more than a chunk of them at once."""
        window, syntax = self.window, self.syntax
        width = len(syntax.segment)
        while True:
            whole = self._whole()
            if whole:
                yield from syntax.pieces(window.take(whole))
            elif window.rest() > self.limits.segment_bytes and width:
                yield window.take(self.limits.segment_bytes)
            elif not window.more():
                break
        if window.rest():
            yield from syntax.pieces(window.take(window.rest()))

    def _mark(self) -> int:
        """The size of a byte order mark, which is taken: it belongs to no field."""
        window = self.window
        window.need(len(BOM))
        if not window.buffer.startswith(BOM) or self.syntax.encoding != "utf-8":
            return 0
        return len(window.take(len(BOM)))

    def _whole(self) -> int:
        """How many bytes of the window are whole records."""
        window, syntax = self.window, self.syntax
        if not syntax.segment:
            return window.rest() // syntax.width * syntax.width
        found = window.buffer.rfind(syntax.segment, window.at)
        return 0 if found < 0 else found + len(syntax.segment) - window.at

    def _ended(self) -> Iterator[Piece]:
        """The document that was collected, or what belongs nowhere."""
        if self.stray is not None:
            stray, self.stray = self.stray, None
            yield stray
        if not self.kept:
            return
        kept, size, limits = self.kept[:], self.size, self.limits
        self.kept.clear()
        skipped = size > limits.set_bytes
        raw = kept[0] if skipped else b"".join(kept)
        found = TransactionSet(raw, self.begin, self.syntax, limits, 0, skipped)
        if skipped:
            most = f"at most {limits.set_bytes} bytes"
            found.faults.append(Fault(Code.SET_TOO_LARGE, found.place, f"{size} bytes", most))
        yield found

    def _astray(self, data: bytes, spot: Spot, kind: int) -> None:
        """A record outside any document that envelops none."""
        if self.stray is not None:
            self.stray.size += len(data)
            self.stray.sample = (self.stray.sample + data[:SAMPLE])[:SAMPLE]
            return
        record, faults = self.syntax.record(data, spot, 0)
        if kind == INSIDE:
            head = self.syntax.layout.head
            faults.append(
                Fault(Code.SEGMENT_OUT_OF_PLACE, record.place(), record.tag, f"a record {head} before it")
            )
        else:
            known = ", ".join(self.syntax.layout.types)
            faults.append(Fault(Code.SEGMENT_UNKNOWN, record.place(), record.tag, f"one of {known}"))
        self.stray = Stray(spot.offset, len(data), data[:SAMPLE], spot.line, faults)


def _roles(syntax: Syntax) -> Callable[[bytes], int]:
    """What a record's bytes are: looked up by their marks where these stand in the same bytes of all, else decoded."""
    layout, classify = syntax.layout, syntax.classify
    roles = {record.tag: INSIDE if record.tag in layout.inside else ENVELOPE for record in layout.records}
    roles[layout.head] = HEAD

    def exact(data: bytes) -> int:
        text, _ = syntax.text(data)
        if not text.strip(BLANK):
            return NOTHING
        type = classify(text)
        return UNKNOWN if type is None else roles[type.tag]

    span = marked_at(layout)
    if span is None:
        return exact
    begin, last = span
    single = all(len(sign.encode(syntax.encoding, "replace")) == 1 for sign in "A\u00e9\u3042")
    if begin and not single:
        return exact
    known = {}
    for record in layout.records:
        text = record.marks[0].text
        if len(text) != last - begin or len(text.encode(syntax.encoding)) != len(text):
            return exact
        known[text.encode(syntax.encoding)] = roles[record.tag]

    def quick(data: bytes) -> int:
        role = known.get(data[begin:last])
        return exact(data) if role is None else role

    return quick
