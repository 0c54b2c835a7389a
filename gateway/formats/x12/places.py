"""What X12 calls the segments and elements of its envelopes, and places that say so."""

from __future__ import annotations

from gateway.faults import Place
from gateway.formats.spot import Spot

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


def named(spot: Spot, segment: str, element: int | None = None, number: int | None = None) -> Place:
    """The place of an envelope's segment or element, with its name."""
    return spot.place(segment, element, envelope_name(segment, element), number)
