"""ISA to IEA around what we write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.formats import enclosing
from gateway.formats.enclosing import Kind, Numbers
from gateway.formats.x12.delimiters import Delimiters
from gateway.formats.x12.events import Group, Interchange, TransactionSet
from gateway.formats.x12.write import Writer, gs


@dataclass(frozen=True, slots=True)
class Envelope(enclosing.Envelope):
    """`version` is ISA12; `group_version` stands in GS08 instead of the guide's."""

    standard = "x12"

    version: str = "00401"
    group_version: str = ""
    delimiters: Delimiters = field(default_factory=Delimiters)

    @classmethod
    def like(cls, came: Interchange, group: Group | None, found: TransactionSet) -> Envelope:
        return cls(
            came.sender,
            came.receiver,
            came.test,
            charset="latin-1" if found.syntax.encoding == "latin-1" else "auto",
            group_sender=group.sender if group else "",
            group_receiver=group.receiver if group else "",
            version=came.version,
            group_version=group.version if group else "",
            delimiters=came.delimiters,
        )

    @property
    def writer(self) -> Writer:
        return Writer(self.delimiters, self.charset, self.line_end)

    @property
    def grouped(self) -> bool:
        return True

    def control(self, number: int) -> str:
        return f"{number:09d}"

    def interchange(self, numbers: Numbers, at: datetime, kind: Kind, sets: Sequence[bytes]) -> bytes:
        version = self.group_version or kind.version
        header = gs(kind.group, *self.group_ends, at, numbers.group, version)
        writer = self.writer
        return writer.interchange(self._isa(numbers.interchange, at), [writer.group(header, sets)])

    def acknowledgments(self, number: int, at: datetime, elements: Sequence[Sequence[str]]) -> bytes:
        """An interchange of TA1 segments alone (X12.5: between ISA and IEA, in no group)."""
        return self.writer.interchange(self._isa(number, at), [], elements)

    def _isa(self, number: int, at: datetime) -> tuple[str, ...]:
        return self.writer.isa(self.sender, self.receiver, at, number, self.version, self.test)
