"""An order and all that is said of it, through a whole gateway: partner, ERP, partner again, in both roles."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pipeline.documents import acknowledgment, one, said
from pipeline.orders_out import po
from pipeline.outbound.test_differences import ack, invoice, notice, their_ack

from gateway.ledger.documents import DocumentRow
from gateway.ledger.tables import document

from .running import Running, gateway_in, until

COMPANY = """\
company:
  main: {name: Northwind, identities: {x12: 12/8475551234}}
systems:
  erp: {files: {to: ../erp, from: ../erp-says}, pull: {every: 200ms, ready: rename}}
routes: {"*": erp}
"""
PROFILE = """\
partner: acme
stage: live
identities: {x12: ZZ/ACME}
accounts: {erp: S-77}
channels:
  drop:
    folder: {in: ../mail/acme/in, out: ../mail/acme/out}
    pull: {match: "*.edi", every: 200ms, ready: rename, done: delete}
    push: {to: .}
send:
  850: {map: x12/004010/850, expect: {997: 24h}}
  855: x12/004010/855
  856: x12/004010/856
  810: x12/004010/810
receive:
  850: x12/004010/850
  855: x12/004010/855
  997: x12/004010/997
"""


def says(house: Running, kind: str, *objects: dict[str, Any]) -> None:
    """What the ERP writes, whole at once."""
    folder = house.folder / "erp-says"
    folder.mkdir(exist_ok=True)
    part = folder / f".{kind}.part"
    part.write_text(json.dumps(objects[0] if len(objects) == 1 else list(objects)))
    os.rename(part, folder / f"{kind}-{objects[0].get('number') or 'x'}.json")


def going_out(house: Running) -> dict[str, str]:
    rows = [row for row in house._rows(document, DocumentRow) if row.direction == "out"]
    return {row.type: row.state for row in rows}


async def heard(house: Running, type: str) -> bytes:
    """What acme is sent, once it lies there."""
    (data,) = await until(lambda: house.sent(type), f"{type} lies in acme's folder")
    return data


async def test_their_order_and_ours(tmp_path: Path):
    files = {"company.yaml": COMPANY, "profiles/acme.yaml": PROFILE}
    (tmp_path / "erp-says").mkdir()
    async with gateway_in(tmp_path, files) as house:
        await house.bring(one())
        assert house.erp == ["PurchaseOrder-acme-4500017.json"]
        says(house, "OrderAcknowledgment", ack())
        assert said(await heard(house, "855"), "BAK")[0].split("*")[3] == "4500017"
        says(house, "ShipNotice", notice())
        says(house, "Invoice", invoice())
        assert said(await heard(house, "856"), "BSN", "PRF")[1].startswith("PRF*4500017")
        assert said(await heard(house, "810"), "BIG", "TDS") == ["BIG*20261120*I1**4500017", "TDS*4750"]
        says(house, "PurchaseOrder", po())
        assert said(await heard(house, "850"), "BEG") == ["BEG*00*SA*P1**20261120"]
        await house.quiet()
        assert going_out(house) == {"855": "sent", "856": "sent", "810": "sent", "850": "sent"}
        group = next(row.group_control for row in house._rows(document, DocumentRow) if row.number == "P1")
        await house.bring(acknowledgment(f"AK1*PO*{group}", "AK9*A*1*1*1"), "997.edi")
        assert going_out(house)["850"] == "acknowledged"
        await house.bring(their_ack(), "855.edi")
        assert "OrderAcknowledgment-acme-P1.json" in house.erp
