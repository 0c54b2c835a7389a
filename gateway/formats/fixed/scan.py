"""The records of a fixed file as the window fills: where lines end, or after so many bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.faults import Fault
from gateway.formats.events import Limits
from gateway.formats.fixed.divide import marked_at
from gateway.formats.fixed.events import BLANK, Syntax, TransactionSet
from gateway.formats.records import scan
from gateway.formats.records.record import Record
from gateway.formats.records.scan import ENVELOPE, HEAD, INSIDE, NOTHING, UNKNOWN, roles
from gateway.formats.spot import Spot
from gateway.formats.window import Window


class Scan(scan.Scan[bytes]):
    """Records are known by their bytes, their ends included: one, or a document's side by side."""

    def __init__(self, window: Window, syntax: Syntax, limits: Limits) -> None:
        super().__init__(window, syntax.layout, limits)
        self.syntax = syntax
        self.roles = _roles(syntax)
        self.first = True

    def items(self) -> Iterator[tuple[int, int, int, bytes]]:
        first = self.layout.first is not None
        for records in self._records():
            kinds = self.roles(records)
            if (
                first
                and (at := next((n for n, kind in enumerate(kinds) if kind != NOTHING), None)) is not None
            ):
                kinds[at], first = ENVELOPE, False
            at, most = 0, len(records)
            while at < most:
                kind, end = kinds[at], at + 1
                if kind in (HEAD, INSIDE):
                    while end < most and kinds[end] == INSIDE:
                        end += 1
                data = records[at] if end == at + 1 else b"".join(records[at:end])
                yield kind, len(data), end - at, data
                at = end

    def document(self, kept: list[bytes], spot: Spot, skipped: bool) -> TransactionSet:
        raw = self.syntax.pieces(kept[0])[0] if skipped else b"".join(kept)
        return TransactionSet(raw, spot, self.syntax, self.limits, 0, skipped)

    def record(self, data: bytes, spot: Spot) -> tuple[Record, list[Fault]]:
        first, self.first = self.first, False
        return self.syntax.record(self.syntax.pieces(data)[0], spot, 0, first)

    def bytes_of(self, data: bytes) -> bytes:
        return data

    def _records(self) -> Iterator[list[bytes]]:
        """Records with their ends, a chunk of them at once."""
        window, syntax = self.window, self.syntax
        width = len(syntax.segment)
        while True:
            whole = self._whole()
            if whole:
                yield syntax.pieces(window.take(whole))
            elif window.rest() > self.limits.segment_bytes and width:
                yield [window.take(self.limits.segment_bytes)]
            elif not window.more():
                break
        if window.rest():
            yield syntax.pieces(window.take(window.rest()))

    def _whole(self) -> int:
        """How many bytes of the window are whole records."""
        window, syntax = self.window, self.syntax
        if not syntax.segment:
            return window.rest() // syntax.width * syntax.width
        found = window.buffer.rfind(syntax.segment, window.at)
        return 0 if found < 0 else found + len(syntax.segment) - window.at


def _roles(syntax: Syntax) -> Callable[[list[bytes]], list[int]]:
    """What records' bytes are: looked up by their marks where these stand in the same bytes of all, else decoded."""
    layout, classify = syntax.layout, syntax.classify
    known_roles = roles(layout)

    def exact(data: bytes) -> int:
        text, _ = syntax.text(data)
        if not text.strip(BLANK):
            return NOTHING
        type = classify(text)
        return UNKNOWN if type is None else known_roles[type.tag]

    known = _known(syntax, known_roles)
    if known is None:
        return lambda records: [exact(data) for data in records]
    begin, end, by_mark = known

    def quick(records: list[bytes]) -> list[int]:
        try:
            return [by_mark[data[begin:end]] for data in records]
        except KeyError:
            return [
                by_mark[mark] if (mark := data[begin:end]) in by_mark else exact(data) for data in records
            ]

    return quick


def _known(syntax: Syntax, known_roles: dict[str, int]) -> tuple[int, int, dict[bytes, int]] | None:
    """Where the marks of all types stand, in bytes, and what each says; None where only the text tells."""
    layout, span = syntax.layout, marked_at(syntax.layout)
    single = all(len(sign.encode(syntax.encoding, "replace")) == 1 for sign in "A\u00e9\u3042")
    if span is None or (span[0] and not single):
        return None
    known = {}
    for record in (one for one in layout.records if not one.first):
        mark = record.marks[0].text.encode(syntax.encoding)
        if not len(record.marks[0].text) == len(mark) == span[1] - span[0]:
            return None
        known[mark] = known_roles[record.tag]
    return *span, known
