"""`validate:` of a profile, in both directions: how the guide's word is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..desk import ACME, Desk
from ..documents import one, said
from ..orders_out import SUPPLIER, file, po
from ..work.test_dispatch import out

Open = Callable[..., Desk]

NARROW = """\
map: acme/850
extends: x12/004010/850
guide:
  BEG03: {max: 4}
"""
"""Acme takes order numbers of four characters at most."""


def selling(validation: str) -> dict[str, str]:
    said = "{map: acme/850, validate: " + validation + "}"
    return {
        "profiles/acme.yaml": SUPPLIER.replace("850: x12/004010/850\nreceive", f"850: {said}\nreceive")
    } | {"maps/acme/850.yaml": NARROW}


def told(faults: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    return [(one["code"], one["severity"], one.get("field")) for one in faults]


SENT = [
    # validate:, what is off -> the state, and what is told of it
    ("normal", {}, "sent", []),
    ("strict", {}, "sent", []),
    ("normal", {"number": "P1234"}, "quarantined", [("not-writable", "fault", "number")]),
    ("strict", {"number": "P1234"}, "quarantined", [("not-writable", "fault", "number")]),
    ("lenient", {"number": "P1234"}, "sent", [("too-long", "note", "number")]),
    ("normal", {"kind": "x12:ZQ"}, "sent", []),
    ("lenient", {"kind": "x12:ZQ"}, "sent", [("code-unknown", "note", "kind")]),
    ("strict", {"kind": "x12:ZQ"}, "quarantined", [("code-unknown", "fault", "kind")]),
]


@pytest.mark.parametrize(("validation", "facts", "state", "wanted"), SENT)
async def test_what_we_send(
    open_desk: Open, validation: str, facts: dict[str, Any], state: str, wanted: list[tuple[str, str, str]]
):
    desk = open_desk(selling(validation))
    await desk.hand_over(file(po(**facts)))
    (row,) = out(desk)
    assert (row.state, told(row.faults)) == (state, wanted)
    if state == "sent":
        number, kind = facts.get("number", "P1"), "ZQ" if "kind" in facts else "SA"
        assert said(desk.sent_as("850")[0], "BEG")[0].startswith(f"BEG*00*{kind}*{number}*")


RECEIVED = [
    ("normal", "delivered", "note", "A"),
    ("lenient", "delivered", "note", "A"),
    ("strict", "quarantined", "fault", "R"),
]


@pytest.mark.parametrize(("validation", "state", "severity", "verdict"), RECEIVED)
async def test_a_code_outside_the_standard_s_list(
    open_desk: Open, validation: str, state: str, severity: str, verdict: str
):
    entry = "850: {map: x12/004010/850, validate: " + validation + "}"
    desk = open_desk({"profiles/acme.yaml": ACME.replace("850: x12/004010/850", entry)})
    await desk.receive(one().replace(b"BEG*00*SA*", b"BEG*00*ZQ*"))
    (row,) = [row for row in desk.documents if row.type == "850"]
    assert (row.state, row.faults[0]["severity"]) == (state, severity)
    assert said(desk.sent_as("997")[0], "AK9")[0].startswith(f"AK9*{verdict}")
