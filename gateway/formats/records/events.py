"""What reading a file of records yields: a batch is an interchange, each document in it a set, in no group."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from gateway.faults import Place
from gateway.formats import events
from gateway.formats.events import Limits
from gateway.formats.records.layout import Layout, Said
from gateway.formats.records.record import Record
from gateway.formats.spot import Spot


@dataclass(frozen=True, slots=True)
class Signs:
    """How the file is written: what stands behind records and between fields, which may be nothing."""

    encoding: str
    segment: str = ""
    element: str = ""
    length: int | None = None

    @property
    def forbidden(self) -> str:
        """Nothing that data cannot hold: columns need no signs, and cells are quoted."""
        return ""


@dataclass(slots=True)
class Interchange(events.Interchange):
    """A batch. `header` holds the fields of its first record; it is empty where no record leads the documents.

    `records` are all that lead them. What the layout does not say of a batch is empty.
    """

    delimiters: Signs
    syntax: Any
    records: list[Record] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        layout: Layout = self.syntax.layout
        return layout

    def said(self, said: Said | None) -> str:
        """The element's text in the records that lead the batch."""
        found = next((one for one in self.records if said and one.tag == said.tag), None)
        return found.get(said.element).strip() if found and said else ""

    @property
    def sender(self) -> str:
        return self.said(self.layout.batch.sender)

    @property
    def receiver(self) -> str:
        return self.said(self.layout.batch.receiver)

    @property
    def date(self) -> str:
        return self.said(self.layout.batch.date)

    @property
    def time(self) -> str:
        return self.said(self.layout.batch.time)

    @property
    def version(self) -> str:
        return ""

    @property
    def control(self) -> str:
        return self.said(self.layout.batch.control)

    @property
    def ack_requested(self) -> bool:
        return False

    @property
    def usage(self) -> str:
        test = self.layout.batch.test
        return "T" if test and self.said(test) == test.as_ else "P" if test else ""

    @property
    def series(self) -> str:
        return self.layout.name

    def placed(self, place: Place) -> Place:
        """The field of the record that says it, where there is one."""
        said: Said | None = getattr(self.layout.batch, place.name or "", None)
        record = next((one for one in self.records if said and one.tag == said.tag), None)
        if said is None or record is None:
            return replace(place, offset=self.offset, line=self.line)
        return record.place(said.element)


@dataclass(slots=True)
class Group(events.Group):
    """No file of records has groups: the documents stand in one that says nothing."""

    @property
    def code(self) -> str:
        return ""

    sender = receiver = date = time = control = agency = version = code


class TransactionSet(events.TransactionSet):
    """One document: the record that begins it, and those that follow. `number` counts the batch's documents from 1."""

    __slots__ = ("number",)

    enveloped: ClassVar[bool] = False
    naming = Place()

    def __init__(
        self, raw: bytes, spot: Spot, syntax: Any, limits: Limits, number: int, skipped: bool = False
    ) -> None:
        self.number = number
        super().__init__(raw, spot, syntax, limits, skipped=skipped)

    def _measure(self) -> tuple[int, list[str], list[str]]:
        if self.skipped:
            return 1, [self.syntax.layout.head], []
        records = self._read()[0]
        return len(records), records[0].elements, records[-1].elements

    def _named(self, segment: str, element: int) -> str | None:
        return None

    @property
    def place(self) -> Place:
        head = self.syntax.layout.head
        return replace(self.naming, offset=self.offset, line=self.line, segment=head, segment_number=1)

    @property
    def code(self) -> str:
        code: str = self.syntax.layout.code
        return code

    @property
    def control(self) -> str:
        return str(self.number)

    @property
    def version(self) -> str:
        return ""
