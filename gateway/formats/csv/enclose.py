"""What stands around the documents that we write to a file of this format."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.formats.csv.write import Writer
from gateway.formats.records import enclose


@dataclass(frozen=True, slots=True)
class Envelope(enclose.Envelope):
    standard = "csv"
    extension = "csv"

    @property
    def writer(self) -> Writer:
        return Writer(self.known, self.line_end or Writer.NEWLINE, self.names)
