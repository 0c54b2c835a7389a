"""Files of records as the partner `acme` exchanges them, a warehouse in columns and a shop in cells, and its profile.

Guides and maps are those of the sample partners.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .desk import ACME, COMPANY

PARTNERS = Path(__file__).parents[2] / "partners"
OURS = (
    COMPANY.replace("{x12: 12/8475551234}", "{x12: 12/8475551234, fixed: NORTHWIND}")
    .replace("routes: {PurchaseOrder: erp}", 'routes: {"*": erp}')
    .replace("  acknowledge: [997, TA1]\n", "")
)
PROFILE = (
    ACME.replace("{x12: ZZ/ACME}", "{fixed: SWIFT}")
    .replace('match: "*.edi"', 'match: "*"')
    .replace(
        "receive:\n  850: x12/004010/850\n",
        "accounts: {erp: W-500}\n"
        "send:\n  orders: {map: swift3pl/orders, batch: run}\n"
        "receive:\n  shipments: {map: swift3pl/shipments, acknowledge: errors}\n  stock: swift3pl/stock\n"
        "  confirmations: werkstatt/confirmations\n  prices: werkstatt/prices\n",
    )
)


def texts() -> dict[str, str]:
    """Guides and maps of the sample partners that exchange records, by their files below partners/."""
    found = [*PARTNERS.glob("*/swift3pl/*.yaml"), *PARTNERS.glob("*/werkstatt/*.yaml")]
    return {str(one.relative_to(PARTNERS)): one.read_text("utf-8") for one in found}


def files(profile: str = PROFILE, company: str = OURS) -> dict[str, str]:
    """A house whose partner acme exchanges files of records."""
    return {"company.yaml": company, "profiles/acme.yaml": profile, **texts()}


def shipment(number: int, quantity: str = "00000120{", at: str = "202611281405") -> str:
    """One shipment with one carton and one line, 12.00 of something."""
    order, shipped = f"WO-{number}", f"S{number:09d}"
    return f"SHP{order:<15}{shipped}{at}00012345{{\nCTN340123450000000017\nLIN00001{'TEA':<20}{quantity}EA\n"


def batch(shipments: Iterable[str], control: int = 41, **said: Any) -> bytes:
    """A batch of them. `sender`, `usage`, `count`, `total` and `end` are what it says otherwise."""
    inside = list(shipments)
    count, total = said.get("count", len(inside)), said.get("total", 1200 * len(inside))
    end = said.get("end", f"TRL{count:06d}{total:012d}\n")
    head = f"HDR{said.get('sender', 'SWIFT'):<10}{control:08d}20261128{said.get('usage', 'P')}SHP\n"
    return (head + "".join(inside) + end).encode("cp1252")


def warehouse_orders(*numbers: str, warehouse: str = "W-500") -> bytes:
    """What a system hands over: one order for each."""
    return json.dumps(
        [
            {
                "number": number,
                "warehouse": {"id": {"kind": "account", "value": warehouse}},
                "ship_on": "2026-12-01",
                "ship_to": {
                    "name": "Café",
                    "address": {"lines": ["1 Rue"], "city": "Metz", "postcode": "57000"},
                },
                "lines": [{"number": "1", "ids": {"vendor": "TEA"}, "quantity": "12", "unit": "each"}],
            }
            for number in numbers
        ]
    ).encode()


PRICES = (
    "Artikel;Liste;Gültig ab;Währung;Preis;EAN\r\n"
    '="0012";Winter;01.01.2027;EUR;1.250,50;4006381333931\r\n'
    "0013;Winter;01.01.2027;EUR;8;\r\n"
).encode()
CONFIRMATIONS = (
    "Bestellung;Bestätigt;Pos;Artikel;Menge;Status;Versand;Preis\r\n"
    "P-1;28.11.2026;1;SAW;8;OK;01.12.2026;12,50\r\n"
    "P-1;28.11.2026;1;SAW;2;BO;15.12.2026;12,50\r\n"
    "P-2;28.11.2026;1;SAW;1,5;OK;;1.012,50\r\n"
).encode()
STOCK = (
    f"HDR{'SWIFT':<10}0000000720261128PSTK\n"
    f"SIT{'R-815':<10}W1  20261128\n"
    f"ITM{'TEA':<20}00000120{{EA{'L-77':<10}20270630\n"
    f"ITM{'COFFEE':<20}00000008{{CS\n"
    "TRL000002\n"
).encode("cp1252")
