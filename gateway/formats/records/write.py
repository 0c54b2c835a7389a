"""What every writer of records does: documents keep what did not change, trailers add up what is written."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.errors import NotWritable
from gateway.faults import Code, Fault, Place
from gateway.formats.records.events import TransactionSet
from gateway.formats.records.layout import Layout, RecordType, Said, Total
from gateway.formats.records.read import Adding
from gateway.formats.segment import Item
from gateway.formats.writing import SetWriter


class RecordWriter(SetWriter):
    """Writes documents and batches by a layout."""

    __slots__ = ()

    layout: Layout

    def heading(self, code: str, version: str, number: int) -> Sequence[str]:
        """Nothing: a document of records begins with a record of its own."""
        return ()

    def transaction_set(self, header: Sequence[str], body: Iterable[Item], onto: Any = None) -> bytes:
        """The document's records. With `onto`, one whose `source` still says the same is written as its bytes were."""
        faults: list[Fault] = []
        lines: list[bytes] = []
        for number, item in enumerate(body, 1):
            try:
                lines.append(self._item(item, onto))
            except NotWritable as error:
                faults += [
                    replace(fault, place=replace(fault.place, segment_number=number))
                    for fault in error.faults
                ]
        if faults:
            raise NotWritable(faults)
        return self._as_it_ended(b"".join(lines), onto)

    def group(self, header: Sequence[str], sets: Sequence[bytes]) -> bytes:
        """The documents as they are: no file of records has groups."""
        return b"".join(sets)

    def header(
        self,
        *,
        sender: str = "",
        receiver: str = "",
        control: str = "",
        at: datetime | None = None,
        test: bool = False,
        of: Mapping[str, Sequence[str]] | None = None,
    ) -> list[list[str]]:
        """The records that lead a batch, each with its tag, saying this as far as the layout lets them.

        `at` is when it is written. `of` are the fields of such records by tag, spelled as these are, for what else
        they say.
        """
        batch = self.layout.batch
        records = {tag: [tag, *(of or {}).get(tag, ())] for tag in batch.leading}
        says: list[tuple[Said | None, str]] = [
            (batch.sender, sender),
            (batch.receiver, receiver),
            (batch.control, control),
            (batch.date, _spelled(batch.date, at, "%Y%m%d", "%y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S")),
            (batch.time, _spelled(batch.time, at, "%H%M", "%H%M%S")),
            (batch.test, batch.test.as_ if batch.test and test else ""),
        ]
        for said, text in says:
            if said is not None and said.tag in records and text:
                _put(records[said.tag], said.element, text)
        return list(records.values())

    def interchange(self, header: Sequence[Any], inside: Sequence[bytes]) -> bytes:
        """A batch: the records that lead it, the documents, and trailers that add them up.

        `header` is what `header()` gives, or the fields of the one record that leads the batch.
        """
        records = list(header)
        if records and isinstance(records[0], str):
            records = [[self.layout.batch.leading[0], *records]]
        adding = self._added(inside)
        trailers = [[tag] for tag in self.layout.batch.trailing]
        for elements in [*records, *trailers]:
            for total in self.layout.batch.totals:
                if total.tag == elements[0]:
                    _put(elements, total.element, self._total(total, adding))
        return b"".join(
            [*(self.line(one) for one in records), *inside, *(self.line(one) for one in trailers)]
        )

    def _total(self, total: Total, adding: Adding) -> str:
        value = adding.value(total)
        try:
            return total.write(value)
        except ValueError as error:
            place = place_of(self.layout.types[total.tag], total.element)
            raise NotWritable([Fault(Code.NOT_WRITABLE, place, f"{value:f}", str(error))]) from None

    def _added(self, inside: Sequence[bytes]) -> Adding:
        """What the written documents add up to."""
        adding = Adding(self.layout)
        for number, data in enumerate(inside, 1):
            adding.add(self.read_back(data, number))
        return adding

    @abstractmethod
    def read_back(self, data: bytes, number: int) -> TransactionSet:
        """A written document as it is read."""

    def _as_it_ended(self, written: bytes, onto: TransactionSet | None) -> bytes:
        """The last record of a file may lack its end, and goes on doing so."""
        end = onto.syntax.segment if onto is not None else b""
        if not end or onto is None or onto.raw.endswith(end):
            return written
        return written.removesuffix(self.line_end.encode(self.layout.encoding))

    def closed(self, written: bytes) -> bytes:
        return written


def _spelled(said: Said | None, at: datetime | None, *patterns: str) -> str:
    """When it is written, in the first of these ways that the element has."""
    for pattern in patterns if said is not None and at is not None else ():
        try:
            return said.write(at.strftime(pattern)) if said and at else ""
        except ValueError:
            continue
    return ""


def place_of(type: RecordType, element: int) -> Place:
    """The address of a field of a record that is to be written."""
    label = type.fields[element - 1].name
    return Place(segment=type.tag, element=element, name=label, label=label)


def _put(elements: list[str], at: int, text: str) -> None:
    elements.extend([""] * (at + 1 - len(elements)))
    elements[at] = text
