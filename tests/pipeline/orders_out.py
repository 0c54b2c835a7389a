"""Orders as our ERP hands them over for its supplier `acme`, and a profile under which that gets them."""

from __future__ import annotations

import json
from typing import Any

from .desk import ACME

SUPPLIER = ACME.replace("receive:\n", "accounts: {erp: S-77}\nsend:\n  850: x12/004010/850\nreceive:\n") + (
    "  997: x12/004010/997\n"
)
"""Acme as a supplier too: `S-77` is its number in the ERP."""


SELLING = """\
accounts: {{erp: S-77}}
send:
  850: {{map: x12/004010/850, batch: {batch}}}
"""
"""What a profile says beside, where it is to get our orders in batches."""


ALL = """\
company:
  main: {name: Northwind, identities: {x12: 12/8475551234}}
systems:
  erp: {files: {to: ../erp}}
  trial: {files: {to: ../trial}, test: true}
routes: {"*": erp}
"""
"""A company whose one system takes whatever partners send."""


def sold_by(name: str, number: str) -> str:
    """The same profile for another partner."""
    text = SUPPLIER.replace("acme", name).replace("ZZ/ACME", f"ZZ/{name.upper()}")
    return text.replace("S-77", number)


def po(number: str = "P1", supplier: str = "S-77", **facts: Any) -> dict[str, Any]:
    """One order of ours, as canonical JSON has it."""
    line = {
        "number": "1",
        "quantity": "5",
        "unit": "each",
        "price": {"amount": "9.50"},
        "ids": {"upc": "012345678905"},
    }
    known = {
        "number": number,
        "purpose": "original",
        "kind": "stand-alone",
        "ordered_on": "2026-11-20",
        "supplier": {"id": {"kind": "buyer", "value": supplier}, "name": "Acme"},
        "lines": [line],
    }
    return {**known, **facts}


def file(*objects: Any) -> bytes:
    """What the ERP writes: one object, or a list of them."""
    return json.dumps(objects[0] if len(objects) == 1 else list(objects)).encode()
