"""A partner of EDIFACT over its folders, through a running gateway: orders both ways, an answer, every CONTRL."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pipeline.edifact import (
    OURS,
    PROFILE,
    RECEIVER,
    SENDER,
    bad_order,
    contrl,
    interchange,
    message,
    order,
    said,
)
from pipeline.orders_out import file, po

from .running import gateway_in, until

SELLS = "accounts: {erp: S-77}\nenvelope: {association: EAN008, una: always}\nsend: {ORDERS: edifact/D96A/ORDERS}\n"
PARTNER = PROFILE.replace("receive:\n", f"{SELLS}receive:\n").replace(
    "ORDERS: acme/ORDERS", "ORDERS: edifact/D96A/ORDERS\n  ORDRSP: edifact/D96A/ORDRSP"
)
SYSTEM = "erp: {files: {to: ../erp, from: ../handed}, pull: {every: 200ms}}"
COMPANY = OURS.replace("erp: {files: {to: ../erp}}", SYSTEM).replace("{PurchaseOrder: erp}", '{"*": erp}')


async def test_a_whole_conversation(tmp_path: Path):
    (tmp_path / "handed").mkdir()
    files = {"company.yaml": COMPANY, "profiles/acme.yaml": PARTNER}
    async with gateway_in(tmp_path, files) as running:
        # their orders, one of them bad
        arrived = await running.bring(interchange(order("1"), bad_order("2"), behind="++ORDERS++1"))
        assert [row.state for row in running.documents(arrived)] == ["delivered", "quarantined"]
        assert running.erp == ["PurchaseOrder-acme-1.json"]
        (told,) = running.sent("CONTRL")
        assert [line for line in said(told) if line.startswith(("UCI", "UCM"))] == [
            f"UCI+7+{SENDER}+{RECEIVER}+7",
            "UCM+1+ORDERS:D:96A:UN:EAN008+7",
            "UCM+2+ORDERS:D:96A:UN:EAN008+4",
        ]
        # the same file again, byte for byte: dropped, and answered by the same bytes
        again = await running.bring(interchange(order("1"), order("2", "2")), "next.edi")
        assert [row.state for row in running.documents(again)] == ["dropped", "delivered"]
        # our order, and their answer to it
        handed = tmp_path / "handed" / ".part"
        handed.write_bytes(file(po("NW-1")))
        os.rename(handed, handed.with_name("PurchaseOrder-1.json"))
        (ours,) = await until(lambda: running.sent("ORDERS"), "our order leaves")
        await running.quiet()
        assert ours.startswith(f"UNA:+.? 'UNB+UNOC:3+{RECEIVER}+{SENDER}+".encode())
        control = said_control(ours)
        await running.bring(contrl(f"UCI+{control}+{RECEIVER}+{SENDER}+7"), "contrl.edi")
        body = [
            "BGM+231+R1+29",
            "DTM+137:20261121:102",
            "RFF+ON:NW-1",
            "LIN+1+5+012345678905:UP",
            "QTY+21:5:EA",
            "UNS+S",
        ]
        answer = interchange(message("ORDRSP:D:96A:UN:EAN008", "1", body), control="91")
        arrived = await running.bring(answer, "ordrsp.edi")
        assert [(row.type, row.state) for row in running.documents(arrived)] == [("ORDRSP", "delivered")]
        (said_so,) = (tmp_path / "erp").glob("OrderAcknowledgment-*")
        assert json.loads(said_so.read_text())["order"]["number"] == "NW-1"
        (sent,) = [row for row in running.documents_of("ORDERS") if row.direction == "out"]
        assert sent.state == "acknowledged"


def said_control(data: bytes) -> str:
    """UNB05."""
    return data.partition(b"UNB")[2].split(b"+")[5].split(b"'")[0].decode()
