"""X12 to test with: one order in one group in one interchange, and ways to spoil it."""

from __future__ import annotations

from gateway.formats.x12 import Delimiters, Event, Limits, TransactionSet, read

ISA = "ISA*00*          *00*          *ZZ*BUYER          *12*8475551234     *260301*1530*U*00401*000000007*0*T*>~"
GS = "GS*PO*BUYER*8475551234*20260301*1530*7*X*004010~"
BODY = ["BEG*00*SA*4500017**20260301~", "PO1*1*5*EA*9.5**UP*012345678905~", "CTT*1~"]
SET = ["ST*850*0001~", *BODY, "SE*5*0001~"]
ORDER = [ISA, GS, *SET, "GE*1*7~", "IEA*1*000000007~"]


def order(line_end: str = "\n", **replaced: str) -> bytes:
    """The order as bytes; a segment is replaced by its tag (`SE="SE*4*0001~"`), or left out (`SE=""`)."""
    lines = [replaced.get(line.split("*")[0], line) for line in ORDER]
    return line_end.join(line for line in lines if line).encode()


def with_delimiters(delimiters: Delimiters, encoding: str = "utf-8", line_end: str = "") -> bytes:
    """The same order with other separators."""
    text = order(line_end).decode()
    table = {"*": delimiters.element, ">": delimiters.component, "~": delimiters.segment}
    return text.translate(str.maketrans(table)).encode(encoding)


def events(data: bytes, charset: str = "auto", limits: Limits | None = None) -> list[Event]:
    return list(read(data, charset=charset, limits=limits))


def sets(data: bytes, charset: str = "auto", limits: Limits | None = None) -> list[TransactionSet]:
    return [event for event in events(data, charset, limits) if isinstance(event, TransactionSet)]


def words(data: bytes, charset: str = "auto", limits: Limits | None = None) -> list[str]:
    """Every fault of the file: event, code, address and where it stands; notes in brackets."""
    found = []
    for event in events(data, charset, limits):
        faults = event.faults + (event.syntax_faults() if isinstance(event, TransactionSet) else [])
        for fault in faults:
            text = f"{fault.code.word} {fault.place.address} {fault.place.line}:{fault.place.column}"
            found.append(f"({text})" if fault.is_note else text)
    return found
