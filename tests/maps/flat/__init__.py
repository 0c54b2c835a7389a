"""What a legacy warehouse and a supplier's shop exchange with us: guides and maps, and a file of each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class File(NamedTuple):
    """A file by its map, as text in the encoding it is sent in."""

    map: str
    text: str
    encoding: str = "utf-8"

    @property
    def data(self) -> bytes:
        return self.text.encode(self.encoding)


def texts() -> dict[str, str]:
    """Guides and maps by the names that maps are loaded by."""
    found = {f"guides/{_name(file)}": file.read_text("utf-8") for file in HERE.glob("guides/*/*.yaml")}
    return found | {_name(file): file.read_text("utf-8") for file in HERE.glob("maps/*/*.yaml")}


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def packed(number: int) -> str:
    """A number as four bytes of a mainframe, seen as text of its code page."""
    return bytes.fromhex(f"{number:07d}c").decode("cp037")


SHIPMENTS = File(
    "swift3pl/shipments",
    "HDRSWIFT     0000004120261128P\n"
    "SHPWO-1001        S00000000120261128140500012345{SWFT1Z999AA10123456784\n"
    "CTN340123450000000017\n"
    "LIN00001TEA                 00000120{EAL-77\n"
    "LIN00002COFFEE              00000005{CS\n"
    "CTN340123450000000024\n"
    "LIN00001TEA                 00000030{EAL-78\n"
    "SHPWO-1002        S00000000220261128141500000100{\n"
    "CTN340123450000000031\n"
    "LIN00001MILK                00000010}EA\n"
    "TRL000002000000001450\n",
    "cp1252",
)
STOCK = File(
    "swift3pl/stock",
    f"S{'00000815':<8}20261128W1  ".ljust(40)
    + f"I{'TEA':<15}{packed(1200)}{packed(40)}{'L-77':<8}20270630"
    + f"I{'COFFEE':<15}{packed(80)}    {'':<8}00000000",
    "cp037",
)
PRICES = File(
    "tools4u/prices",
    "SKU,EAN,Name,List Price,MOQ,Valid From,Currency,Stock\r\n"
    '="00471",4006381333931,"Saw, small",12.50,5,2027-01-01,EUR,12\r\n'
    "00472,,Hammer,8,,2027-01-01,EUR,0\r\n",
)
CONFIRMATIONS = File(
    "tools4u/confirmations",
    "PO;Confirmed;Line;SKU;Qty;Status;Ships;Price\r\n"
    "4500017;28.11.2026;1;SAW;8;OK;01.12.2026;12,50\r\n"
    "4500017;28.11.2026;1;SAW;2;BO;15.12.2026;12,50\r\n"
    "4500017;28.11.2026;2;HAM;0;NO;;8\r\n"
    "4500018;28.11.2026;1;SAW;1,5;OK;;1.012,50\r\n",
)
FILES = (SHIPMENTS, STOCK, PRICES, CONFIRMATIONS)
