"""The records around the documents we write, with who writes to whom and when, as far as the layout has room for it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from gateway.formats import enclosing
from gateway.formats.enclosing import Kind, Numbers
from gateway.formats.events import Group, TransactionSet
from gateway.formats.records.events import Interchange, Signs
from gateway.formats.records.layout import Layout
from gateway.formats.records.write import RecordWriter


@dataclass(frozen=True, slots=True)
class Envelope(enclosing.Envelope):
    """`layout` is that of the map's guide; without it nothing can be written. Identities lose their qualifiers.

    `names` is a first row that came, `lead` what else a header that came says, by record.
    """

    layout: Layout | None = None
    names: bytes = b""
    lead: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def like(cls, came: Interchange, group: Group | None, found: TransactionSet) -> Self:
        header = getattr(came.syntax, "header", None)
        return cls(
            came.sender,
            came.receiver,
            came.test,
            line_end=came.delimiters.segment,
            layout=came.layout,
            names=header.raw if header is not None else b"",
            lead=tuple(tuple(record.elements) for record in came.records),
        )

    @property
    def known(self) -> Layout:
        if self.layout is None:
            raise TypeError("a file of records is written by the layout of its guide")
        return self.layout

    @property
    @abstractmethod
    def writer(self) -> RecordWriter: ...

    @property
    def delimiters(self) -> Signs:
        layout = self.known
        element = layout.delimiter if layout.format == "csv" else ""
        return Signs(layout.encoding, self.line_end or "\n", element, layout.length)

    @property
    def grouped(self) -> bool:
        return False

    def control(self, number: int) -> str:
        return str(number)

    def interchange(self, numbers: Numbers, at: datetime, kind: Kind, sets: Sequence[bytes]) -> bytes:
        sender, receiver = (one.rpartition("/")[2] for one in (self.sender, self.receiver))
        header: Any = self.writer.header(
            sender=sender,
            receiver=receiver,
            control=self.control(numbers.interchange),
            at=at,
            test=self.test,
            of={record[0]: record[1:] for record in self.lead},
        )
        return self.writer.interchange(header, sets)
