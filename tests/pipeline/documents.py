"""X12 as the partner `acme` sends it, composed so that every test says only what is special about its document."""

from __future__ import annotations

from collections.abc import Sequence

SENDER, RECEIVER = "ZZ/ACME", "12/8475551234"


def order(number: str = "4500017", control: str = "0001", *, quantity: str = "5", purpose: str = "00") -> str:
    """One 850 with one line."""
    return transaction_set(
        "850",
        control,
        [f"BEG*{purpose}*SA*{number}**20260301", f"PO1*1*{quantity}*EA*9.5**UP*012345678905", "CTT*1"],
    )


def bad_order(number: str = "4500099", control: str = "0002") -> str:
    """One 850 whose date is none and whose quantity is missing: rejected."""
    body = [f"BEG*00*SA*{number}**20261399", "PO1*1**EA*9.5**UP*012345678905", "CTT*1"]
    return transaction_set("850", control, body)


def transaction_set(code: str, control: str, body: Sequence[str]) -> str:
    lines = [f"ST*{code}*{control}", *body, f"SE*{len(body) + 2}*{control}"]
    return "".join(f"{line}~\n" for line in lines)


def group(
    *sets: str, control: str = "7", code: str = "PO", version: str = "004010", trailer: str = ""
) -> str:
    """One functional group; `trailer` replaces its GE."""
    head = f"GS*{code}*ACME*8475551234*20260301*1530*{control}*X*{version}~\n"
    return head + "".join(sets) + (trailer or f"GE*{len(sets)}*{control}~\n")


def interchange(
    *groups: str,
    control: str = "000000007",
    sender: str = SENDER,
    receiver: str = RECEIVER,
    usage: str = "P",
    version: str = "00401",
    trailer: str | None = None,
    count: int | None = None,
) -> bytes:
    """One interchange; `trailer` replaces its IEA, `count` only what it counts."""
    (from_q, _, from_id), (to_q, _, to_id) = sender.partition("/"), receiver.partition("/")
    head = (
        f"ISA*00*          *00*          *{from_q}*{from_id:15}*{to_q}*{to_id:15}"
        f"*260301*1530*U*{version}*{control}*0*{usage}*>~\n"
    )
    stated = len(groups) if count is None else count
    return (head + "".join(groups) + (f"IEA*{stated}*{control}~\n" if trailer is None else trailer)).encode()


def one(number: str = "4500017", control: str = "000000007", **facts: str) -> bytes:
    """One order in one group in one interchange; group and interchange share their number."""
    return interchange(group(order(number, **facts), control=str(int(control))), control=control)


def acknowledgment(
    *body: str, control: str = "000000900", code: str = "997", version: str = "004010"
) -> bytes:
    """A 997 or 999 that the partner sends about something of ours."""
    said = transaction_set(code, "0001", body)
    return interchange(group(said, control=str(int(control)), code="FA", version=version), control=control)


def segments(data: bytes) -> list[list[str]]:
    """What we sent, segment by segment, each split into its elements, by the separators its own ISA states."""
    text = data.decode("latin-1")
    element, terminator = text[3], text[105]
    return [part.strip("\r\n").split(element) for part in text.split(terminator) if part.strip("\r\n")]


def said(data: bytes, *tags: str) -> list[str]:
    """The segments with these tags, as one line each: `AK9*A*1*1*1`."""
    return ["*".join(one) for one in segments(data) if one[0] in tags]
