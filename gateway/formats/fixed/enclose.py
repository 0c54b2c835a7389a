"""What stands around the documents that we write to a file of this format."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.formats.fixed.write import Writer
from gateway.formats.records import enclose


@dataclass(frozen=True, slots=True)
class Envelope(enclose.Envelope):
    standard = "fixed"
    extension = "txt"

    @property
    def writer(self) -> Writer:
        return Writer(self.known, self.line_end or Writer.NEWLINE)
