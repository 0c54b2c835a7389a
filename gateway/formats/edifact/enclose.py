"""UNB to UNZ around what we write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.formats import enclosing
from gateway.formats.edifact.charset import CHARSETS
from gateway.formats.edifact.delimiters import Delimiters
from gateway.formats.edifact.events import Group, Interchange, TransactionSet
from gateway.formats.edifact.write import Writer, ung
from gateway.formats.enclosing import Kind, Numbers


@dataclass(frozen=True, slots=True)
class Envelope(enclosing.Envelope):
    """`level` and `version` are UNB01, `reference` to `agreement` UNB06 to UNB10; messages are of `association`.

    Messages stand in a group only where that is asked for.
    """

    standard = "edifact"

    level: str = "UNOC"
    version: str = "3"
    delimiters: Delimiters = field(default_factory=Delimiters)
    una: str = Writer.NEEDED
    association: str = ""
    reference: str = ""
    application: str = ""
    priority: str = ""
    ack_requested: bool = False
    agreement: str = ""
    grouped: bool = False

    @classmethod
    def like(cls, came: Interchange, group: Group | None, found: TransactionSet) -> Envelope:
        charset = found.syntax.level.name
        in_group = group is not None and bool(group.header)
        return cls(
            came.sender,
            came.receiver,
            came.test,
            charset=charset if charset in CHARSETS else "auto",
            group_sender=group.sender if group and in_group else "",
            group_receiver=group.receiver if group and in_group else "",
            level=came.level,
            version=came.version,
            delimiters=came.delimiters,
            association=found.association,
            grouped=in_group,
        )

    @property
    def writer(self) -> Writer:
        return Writer(
            self.delimiters,
            self.charset,
            self.line_end,
            self.level,
            self.version,
            self.una,
            self.association,
        )

    def control(self, number: int) -> str:
        return str(number)

    def interchange(self, numbers: Numbers, at: datetime, kind: Kind, sets: Sequence[bytes]) -> bytes:
        writer, inside = self.writer, list(sets)
        if self.grouped:
            header = ung(kind.set, *self.group_ends, at, numbers.group, kind.version)
            inside = [writer.group(header, sets)]
        header = writer.unb(
            self.sender,
            self.receiver,
            at,
            numbers.interchange,
            test=self.test,
            reference=self.reference,
            application=self.application,
            priority=self.priority,
            ack_requested=self.ack_requested,
            agreement=self.agreement,
        )
        return writer.interchange(header, inside)
