"""Which records belong together: headers and trailers alone, a document's from the record that begins it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Generic, TypeVar

from gateway.faults import Code, Fault
from gateway.formats.events import SAMPLE, Limits, Stray
from gateway.formats.records.events import TransactionSet
from gateway.formats.records.layout import Layout
from gateway.formats.records.read import Enveloping, Piece
from gateway.formats.records.record import Record
from gateway.formats.spot import Spot
from gateway.formats.unknown import BOM
from gateway.formats.window import Window

HEAD, INSIDE, ENVELOPE, UNKNOWN, NOTHING = range(5)
"""What a record is to the scan."""

Data = TypeVar("Data")


class Scan(ABC, Generic[Data]):
    """The window read by one layout, record by record. What is collected is a document, or what belongs nowhere."""

    def __init__(self, window: Window, layout: Layout, limits: Limits) -> None:
        self.window = window
        self.layout = layout
        self.limits = limits
        self.spot = Spot()
        """Where the last piece ended, once all are read."""
        self.begin = Spot()
        self.kept: list[Data] = []
        self.size = 0
        self.stray: Stray | None = None

    @abstractmethod
    def items(self) -> Iterator[tuple[int, int, int, Data]]:
        """What a record is, its bytes, its lines, and what the format knows it by; as the window fills."""

    @abstractmethod
    def document(self, kept: list[Data], spot: Spot, skipped: bool) -> TransactionSet:
        """These records; of one that is skipped only the first."""

    @abstractmethod
    def record(self, data: Data, spot: Spot) -> tuple[Record, list[Fault]]:
        """One that stands in no document, and what is wrong with its bytes."""

    @abstractmethod
    def bytes_of(self, data: Data) -> bytes: ...

    def pieces(self, begin: Spot) -> Iterator[Piece]:
        """What stands from there on."""
        most, kept = self.limits.set_bytes, self.kept
        offset, line, _ = begin
        for kind, size, lines, data in self.items():
            if (kind == INSIDE or kind >= UNKNOWN) and kept:
                self.size += size
                if self.size <= most:
                    kept.append(data)
            elif kind == NOTHING:
                pass
            elif kind == HEAD:
                yield from self._ended()
                self.begin, self.size = Spot(offset, line), size
                kept.append(data)
            elif kind == ENVELOPE:
                yield from self._ended()
                yield Enveloping(*self.record(data, Spot(offset, line)))
            else:
                self._astray(data, Spot(offset, line), kind)
            offset += size
            line += lines
        self.spot = Spot(offset, line)
        yield from self._ended()

    def mark(self) -> int:
        """The size of a byte order mark, which is taken: it belongs to no field."""
        window = self.window
        window.need(len(BOM))
        if not window.buffer.startswith(BOM) or self.layout.encoding != "utf-8":
            return 0
        return len(window.take(len(BOM)))

    def _ended(self) -> Iterator[Piece]:
        """The document that was collected, or what belongs nowhere."""
        if self.stray is not None:
            stray, self.stray = self.stray, None
            yield stray
        if not self.kept:
            return
        kept, most = self.kept[:], self.limits.set_bytes
        self.kept.clear()
        skipped = self.size > most
        found = self.document(kept[:1] if skipped else kept, self.begin, skipped)
        if skipped:
            expected = f"at most {most} bytes"
            found.faults.append(Fault(Code.SET_TOO_LARGE, found.place, f"{self.size} bytes", expected))
        yield found

    def _astray(self, data: Data, spot: Spot, kind: int) -> None:
        """A record outside any document that envelops none."""
        raw = self.bytes_of(data)
        if self.stray is not None:
            self.stray.size += len(raw)
            self.stray.sample = (self.stray.sample + raw[:SAMPLE])[:SAMPLE]
            return
        record, faults = self.record(data, spot)
        if kind == INSIDE:
            expected = f"a record {self.layout.head} before it"
            faults.append(Fault(Code.SEGMENT_OUT_OF_PLACE, record.place(), record.tag, expected))
        else:
            known = ", ".join(self.layout.types)
            faults.append(Fault(Code.SEGMENT_UNKNOWN, record.place(), record.tag, f"one of {known}"))
        self.stray = Stray(spot.offset, len(raw), raw[:SAMPLE], spot.line, faults)


def roles(layout: Layout) -> dict[str, int]:
    """What each type of record is to the scan."""
    found = {one.tag: INSIDE if one.tag in layout.inside else ENVELOPE for one in layout.records}
    found[layout.head] = HEAD
    return found
