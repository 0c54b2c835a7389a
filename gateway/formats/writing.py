"""What every writer does with a set: it counts the segments, and keeps the bytes of what did not change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from gateway.errors import NotWritable
from gateway.faults import Fault
from gateway.formats.events import TransactionSet
from gateway.formats.segment import Item, trimmed


class SetWriter(ABC):
    """Writes sets as one syntax spells segments. `line_end` stands behind every terminator."""

    __slots__ = ()

    line_end: str

    @property
    def mark(self) -> str:
        """What stands between a number's whole part and its decimals."""
        return "."

    @abstractmethod
    def segment(self, elements: Sequence[str]) -> bytes:
        """The segment with its terminator, without a line end. Raises NotWritable with every fault."""

    def line(self, elements: Sequence[str]) -> bytes:
        """The segment as it stands in a file."""
        return self.segment(elements) + self.line_end.encode()

    def inside(self, elements: Sequence[str]) -> bytes:
        """A segment inside a set, as it stands in a file."""
        return self.line(elements)

    def reference(self, number: int) -> str:
        """The control number of a set, as its header and its trailer say it."""
        return str(number)

    @abstractmethod
    def heading(self, code: str, version: str, number: int) -> Sequence[str]:
        """What a set's header says behind its tag: which document it is, of which version, and its control number."""

    def renumbered(self, header: Sequence[str], number: int) -> Sequence[str]:
        """The same of a header that came, which begins with its tag: only the control number is another."""
        return header[1:]

    @abstractmethod
    def transaction_set(self, header: Sequence[str], body: Iterable[Item], onto: Any = None) -> bytes:
        """A set with this header, its segments and a trailer that counts them; see `written_set`."""

    @abstractmethod
    def group(self, header: Sequence[str], sets: Sequence[bytes]) -> bytes:
        """A group's header, the sets, and a trailer that counts them."""

    @abstractmethod
    def interchange(self, header: Sequence[str], inside: Sequence[bytes]) -> bytes:
        """An interchange's header, the groups in it (or sets, where these may stand in none), its trailer."""

    def written_set(
        self,
        opening: Sequence[str],
        body: Iterable[Item],
        closing: str,
        control: str,
        onto: TransactionSet | None,
    ) -> bytes:
        """Header, segments and trailer, with what the trailer says of them: `closing` is its tag.

        With `onto`, which must have been read with these delimiters, a segment whose `source` still says the same
        is written as its bytes were; so are header and trailer when nothing in them changes.
        """
        faults: list[Fault] = []
        lines: list[bytes] = []
        for number, item in enumerate(body, 2):
            try:
                lines.append(self._item(item, onto))
            except NotWritable as error:
                faults += [_numbered(fault, number) for fault in error.faults]
        if faults:
            raise NotWritable(faults)
        first, last = onto.ends() if onto else (b"", b"")
        trailer = [closing, str(len(lines) + 2), control]
        if onto is None or trimmed(onto.header) != trimmed(opening):
            first = self.line(opening)
        if onto is None or onto.trailer is None or not _same_trailer(onto.trailer, trailer):
            last = self.line(trailer) if onto is None else self.segment(trailer)
        return b"".join((first, *lines, last))

    def _item(self, item: Item, onto: TransactionSet | None) -> bytes:
        if isinstance(item, Sequence):
            return self.inside(item)
        source = item.source
        if onto is None or source is None or source.raw is None:
            return self.inside(item.elements)
        gap = onto.gap(source.raw)
        if list(item.elements) == source.elements:
            return source.raw if gap is not None else source.raw + onto.syntax.segment
        return self.segment(item.elements) + (gap or b"")

    def closed(self, written: bytes) -> bytes:
        """A set as bytes, with the line end a set written onto its original lacks."""
        line_end = self.line_end.encode()
        return written if written.endswith(line_end) else written + line_end


def _numbered(fault: Fault, number: int) -> Fault:
    return replace(fault, place=replace(fault.place, segment_number=number))


def _same_trailer(came: Sequence[str], written: Sequence[str]) -> bool:
    """Whether the trailer says the same: a count with leading zeros is no reason to rewrite it."""
    kept = trimmed(came)
    return len(kept) == 3 and kept[2] == written[2] and kept[1].strip().lstrip("0") == written[1]
