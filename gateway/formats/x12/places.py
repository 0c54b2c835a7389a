"""Where bytes stand: offset from 0, line and column from 1, and what envelope elements are called."""

from __future__ import annotations

from typing import NamedTuple

from gateway.faults import Place
from gateway.formats.x12.charset import width


class Spot(NamedTuple):
    """One byte's address in the file."""

    offset: int = 0
    line: int = 1
    column: int = 1

    def after(self, data: bytes) -> Spot:
        """The address behind these bytes."""
        offset, line, column = self
        breaks = data.count(b"\n")
        if not breaks:
            return Spot(offset + len(data), line, column + width(data))
        tail = data[data.rfind(b"\n") + 1 :]
        return Spot(offset + len(data), line + breaks, 1 + width(tail) if tail else 1)

    def place(
        self,
        segment: str | None = None,
        element: int | None = None,
        name: str | None = None,
        number: int | None = None,
    ) -> Place:
        return Place(
            line=self.line,
            column=self.column,
            offset=self.offset,
            segment_number=number,
            segment=segment,
            element=element,
            name=name or envelope_name(segment, element),
        )


NAMES: dict[str, tuple[str, ...]] = {
    "ISA": (
        "Interchange Control Header",
        "Authorization Information Qualifier",
        "Authorization Information",
        "Security Information Qualifier",
        "Security Information",
        "Interchange ID Qualifier",
        "Interchange Sender ID",
        "Interchange ID Qualifier",
        "Interchange Receiver ID",
        "Interchange Date",
        "Interchange Time",
        "Repetition Separator",
        "Interchange Control Version Number",
        "Interchange Control Number",
        "Acknowledgment Requested",
        "Interchange Usage Indicator",
        "Component Element Separator",
    ),
    "IEA": (
        "Interchange Control Trailer",
        "Number of Included Functional Groups",
        "Interchange Control Number",
    ),
    "TA1": (
        "Interchange Acknowledgment",
        "Interchange Control Number",
        "Interchange Date",
        "Interchange Time",
        "Interchange Acknowledgment Code",
        "Interchange Note Code",
    ),
    "GS": (
        "Functional Group Header",
        "Functional Identifier Code",
        "Application Sender's Code",
        "Application Receiver's Code",
        "Date",
        "Time",
        "Group Control Number",
        "Responsible Agency Code",
        "Version / Release / Industry Identifier Code",
    ),
    "GE": (
        "Functional Group Trailer",
        "Number of Transaction Sets Included",
        "Group Control Number",
    ),
    "ST": (
        "Transaction Set Header",
        "Transaction Set Identifier Code",
        "Transaction Set Control Number",
        "Implementation Convention Reference",
    ),
    "SE": (
        "Transaction Set Trailer",
        "Number of Included Segments",
        "Transaction Set Control Number",
    ),
}
"""X12.5 and X12.6's names of the envelope's segments (first) and elements."""


def envelope_name(segment: str | None, element: int | None) -> str | None:
    """What the standard calls an envelope's segment or element."""
    names = NAMES.get(segment or "", ())
    return names[element or 0] if (element or 0) < len(names) else None
