"""EDIFACT to test with: one order in one message in one interchange, and ways to spoil it."""

from __future__ import annotations

from gateway.formats.edifact import Delimiters, Event, Limits, TransactionSet, read

UNA = "UNA:+.? '"
UNB = "UNB+UNOC:3+5412345000013:14+4012345000009:14+260301:1530+7++ORDERS+++AGREED+1'"
BODY = ["BGM+220+4500017+9'", "NAD+BY+5412345000013::9++Muster ?+ Co:What??'", "LIN+1++4000862141404:SRV'"]
MESSAGE = ["UNH+1+ORDERS:D:96A:UN:EAN008'", *BODY, "UNT+5+1'"]
ORDER = [UNA, UNB, *MESSAGE, "UNZ+1+7'"]
UNG = "UNG+ORDERS+A+B+260301:1530+9+UN+D:96A'"


def order(line_end: str = "\n", encoding: str = "iso8859-1", **replaced: str) -> bytes:
    """The order as bytes; a segment is replaced by its tag (`UNT="UNT+4+1'"`), or left out (`UNT=""`)."""
    lines = [replaced.get(line[:3], line) for line in ORDER]
    return line_end.join(line for line in lines if line).encode(encoding)


def grouped(line_end: str = "\n", **replaced: str) -> bytes:
    """The same in a group."""
    unh, unt = replaced.pop("UNH", MESSAGE[0]), replaced.pop("UNT", MESSAGE[-1])
    ung, une = replaced.pop("UNG", UNG), replaced.pop("UNE", "UNE+1+9'")
    head, tail = (line_end.join(part for part in both if part) for both in ((ung, unh), (unt, une)))
    return order(line_end, UNH=head, UNT=tail, **replaced)


def with_delimiters(signs: Delimiters, encoding: str = "iso8859-1", una: bool = True) -> bytes:
    """The same order with other service characters."""
    table = {":": signs.component, "+": signs.element, "?": signs.release or "", "'": signs.segment}
    text = order("", UNA="").decode("iso8859-1")
    if signs.release is None:
        text = text.replace("?+", "&").replace("??", "&")
    return ((signs.una if una else "") + text.translate(str.maketrans(table))).encode(encoding)


def events(data: bytes, charset: str = "auto", limits: Limits | None = None) -> list[Event]:
    return list(read(data, charset=charset, limits=limits))


def sets(data: bytes, charset: str = "auto", limits: Limits | None = None) -> list[TransactionSet]:
    return [event for event in events(data, charset, limits) if isinstance(event, TransactionSet)]


def words(data: bytes, charset: str = "auto", limits: Limits | None = None) -> list[str]:
    """Every fault of the file: code, address and where it stands; notes in brackets."""
    found = []
    for event in events(data, charset, limits):
        faults = event.faults + (event.syntax_faults() if isinstance(event, TransactionSet) else [])
        for fault in faults:
            text = f"{fault.code.word} {fault.place.address} {fault.place.line}:{fault.place.column}"
            found.append(f"({text})" if fault.is_note else text)
    return found
