"""From records to batches: headers open one, documents follow, trailers end it and say what it adds up to.

What stands in no document and envelops none is a Stray with its fault; the documents around it go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from gateway.faults import Code, Fault
from gateway.formats.events import SAMPLE, GroupEnd, InterchangeEnd, Limits, Stray
from gateway.formats.records.events import Group, Interchange, TransactionSet
from gateway.formats.records.layout import Layout, Total
from gateway.formats.records.record import Record
from gateway.formats.spot import Spot
from gateway.formats.tabular import HEAD
from gateway.formats.unknown import UTF_16, looks_like
from gateway.formats.window import Window

Event = Interchange | Group | TransactionSet | GroupEnd | InterchangeEnd | Stray


class Enveloping(NamedTuple):
    """A record that envelops documents, and what is wrong with its bytes."""

    record: Record
    faults: list[Fault]


Piece = Enveloping | TransactionSet | Stray
"""What a format finds in the bytes, one after the other: together they are all of them."""


class Batches:
    """Makes events of a file's pieces. `opens` makes an interchange of its header, spot, faults and first records."""

    def __init__(
        self,
        layout: Layout,
        window: Window,
        limits: Limits,
        opens: Callable[[list[Record], Spot], Interchange],
    ) -> None:
        self.layout = layout
        self.batch = layout.batch
        self.window = window
        self.limits = limits
        self.opens = opens
        self.leading: list[Enveloping] = []
        self.trailing: list[Enveloping] = []
        self.open: Interchange | None = None
        self.number = 0
        self.adding = Adding(layout)
        self.astray = False
        self.head = b""
        self.begun: Spot | None = None
        """Where the file says what its rows hold, if it does: then it is not empty, though it may hold none."""

    def events(self, pieces: Callable[[], Iterable[Piece]], reached: Callable[[], Spot]) -> Iterator[Event]:
        """The file's events, properly nested, while `pieces` come; `reached` is where they end.

        Nothing the file holds raises.
        """
        if (unreadable := self._unreadable()) is not None:
            yield unreadable
            return
        found = False
        first: Stray | None = None
        for piece in pieces():
            if first is not None:
                yield first
            first = None
            if isinstance(piece, TransactionSet):
                yield from self._document(piece)
            elif isinstance(piece, Enveloping):
                yield from self._enveloping(piece)
            else:
                self.astray = self.adding.broken = True
                if found or not any(fault.code in STRANGE for fault in piece.faults):
                    yield piece
                else:
                    first = piece
            found = True
        if first is not None:  # and nothing else: of the whole file nothing is known
            yield self._stranger(first)
        spot = reached()
        if not found and self.begun is not None:
            found = True
            yield from self._begin(self.begun)
        yield from self._end(spot)
        if self.window.overrun:
            most = f"at most {self.limits.file_bytes} bytes"
            fault = Fault(Code.FILE_TOO_LARGE, spot.place(), expected=most)
            yield Stray(spot.offset, 0, b"", spot.line, [fault])
        elif not found:
            yield Stray(0, self.window.total, b"", faults=[Fault(Code.EMPTY_FILE, Spot().place())])

    def _unreadable(self) -> Stray | None:
        self.window.need(HEAD)
        head = self.head = self.window.buffer[:HEAD]
        if not head.startswith(UTF_16) or self.layout.encoding.startswith("utf-16"):
            return None
        fault = Fault(Code.ENCODING, Spot().place(), "UTF-16", self.layout.encoding)
        return Stray(0, len(head), head[:SAMPLE], faults=[fault])

    def _stranger(self, stray: Stray) -> Stray:
        """A file of which nothing is known by the layout."""
        hint = f"it looks like {looks_like(self.head)}; see that the right guide is named"
        came = stray.sample.decode(self.layout.encoding, "backslashreplace")
        stray.faults = [
            Fault(Code.UNKNOWN_FORMAT, Spot().place(), came, f"records of {self.layout.name}", hint=hint)
        ]
        return stray

    def _enveloping(self, piece: Enveloping) -> Iterator[Event]:
        tag = piece.record.tag
        if tag in self.batch.leading:
            if self.open is not None or (tag == self.batch.leading[0] and self.leading):
                yield from self._end(_spot(piece.record))
            self.leading.append(piece)
        else:
            if self.open is None:
                yield from self._begin(_spot(piece.record))
            self.trailing.append(piece)

    def _document(self, found: TransactionSet) -> Iterator[Event]:
        spot = Spot(found.offset, found.line, found.column)
        if self.trailing:
            yield from self._end(spot)
        if self.open is None:
            yield from self._begin(spot)
        self.number += 1
        found.number = self.number
        self.adding.add(found)
        yield found

    def _begin(self, spot: Spot) -> Iterator[Event]:
        """The interchange of the records that lead it, and its one group."""
        leading, self.leading = self.leading, []
        records = [piece.record for piece in leading]
        begin = _spot(records[0]) if records else spot
        self.open = self.opens(records, begin)
        self.open.faults += [fault for piece in leading for fault in piece.faults]
        self.open.faults += self._missing(self.batch.leading, records, Code.MISSING_HEADER, begin)
        self.open.faults += self._twice(records)
        self.number, self.adding = 0, Adding(self.layout)
        self.adding.broken, self.astray = self.astray, False
        yield self.open
        yield Group((), begin.offset, begin.line)

    def _end(self, reached: Spot) -> Iterator[Event]:
        if self.open is None and self.leading:
            yield from self._begin(_spot(self.leading[0].record))
        if self.open is None:
            return
        trailing, self.trailing = self.trailing, []
        records = [piece.record for piece in trailing]
        spot = _spot(records[0]) if records else reached
        faults = [fault for piece in trailing for fault in piece.faults]
        missing = self._missing(self.batch.trailing, records, Code.MISSING_TRAILER, spot)
        faults += missing + self._twice(records)
        faults += [fault for record in [*self.open.records, *records] for fault in self.adding.wrong(record)]
        yield GroupEnd(None, self.number, not missing, spot.offset, spot.line)
        said = tuple(records[0].elements[1:]) if records else None
        yield InterchangeEnd(said, 1 if self.number else 0, not missing, spot.offset, spot.line, faults)
        self.open = None

    def _missing(self, wanted: Sequence[str], there: list[Record], code: Code, spot: Spot) -> list[Fault]:
        tags = {record.tag for record in there}
        gone = [tag for tag in wanted if tag in self.batch.required and tag not in tags]
        return [Fault(code, spot.place(tag), expected=f"a record {tag}") for tag in gone]

    def _twice(self, records: list[Record]) -> list[Fault]:
        tags = [record.tag for record in records]
        return [
            Fault(Code.SEGMENT_TOO_OFTEN, record.place(), tags[at], "once in a batch")
            for at, record in enumerate(records)
            if tags[at] in tags[:at]
        ]


class Adding:
    """What the documents of one batch add up to, as far as its header or trailer says it.

    `broken` when a record could not be read: then a total that differs is only noted, for what is wrong is said there.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.totals = layout.batch.totals
        self.counted: Counter[str] = Counter()
        self.sums: dict[tuple[str, int], Decimal] = {}
        self.looks = any(total.summed or total.of != layout.head for total in self.totals)
        self.read: dict[tuple[str, int], dict[str, Decimal]] = {}
        self.broken = False

    def add(self, found: TransactionSet) -> None:
        if not self.looks or found.skipped:
            self.counted[self.layout.head] += 1
            return
        records = found.segments()
        if not found.plain and any(one[0] not in self.layout.types for one in records):
            self.broken = True
        self.take(records)

    def take(self, records: Sequence[Sequence[str]]) -> None:
        """Adds a document's records. What is no number adds nothing: its own document says so."""
        self.counted.update([elements[0] for elements in records])
        for total in self.totals:
            at = total.summed
            if not at:
                continue
            known = self.read.setdefault((total.of, at), {})
            texts = [elements[at] for elements in records if elements[0] == total.of and at < len(elements)]
            before = self.sums.get((total.of, at), Decimal(0))
            try:
                self.sums[total.of, at] = sum([known[text] for text in texts], before)
            except KeyError:
                values = [self._number(total, text, known) for text in texts if text]
                self.sums[total.of, at] = sum(values, before)

    def value(self, total: Total) -> Decimal:
        if total.summed:
            return self.sums.get((total.of, total.summed), Decimal(0))
        return Decimal(self.counted[total.of])

    def wrong(self, record: Record) -> list[Fault]:
        """The totals that this record says otherwise."""
        faults = []
        for total in self.totals:
            text = record.get(total.element)
            if total.tag != record.tag or not text:
                continue
            try:
                right = total.read_total(text) == self.value(total)
            except (ValueError, ArithmeticError):
                right = False
            if not right:
                expected = f"{self.value(total):f}, {total.text}"
                fault = Fault(Code.TRAILER_TOTAL, record.place(total.element), text, expected)
                faults.append(fault.as_note() if self.broken else fault)
        return faults

    def _number(self, total: Total, text: str, known: dict[str, Decimal]) -> Decimal:
        if text in known:
            return known[text]
        if text in known:
            return known[text]
        try:
            value = total.read(text)
        except (ValueError, ArithmeticError):
            self.broken = True
            return Decimal(0)
        if len(known) > KEPT:
            known.clear()
        known[text] = value
        return value


STRANGE = (Code.SEGMENT_UNKNOWN, Code.SEGMENT_OUT_OF_PLACE)
KEPT = 20_000
"""Numbers remembered of each field that is summed; then that memory starts anew."""


def _spot(record: Record) -> Spot:
    return Spot(record.offset or 0, record.line or 1, record.column or 1)
