"""Despatch advices of our own writing: one that says all the maps read, and what sellers make a habit of."""

from __future__ import annotations

from typing import Any

FULL = """
BGM+351+DES-88441+9
DTM+137:20260302:102
DTM+11:202603021800:203
DTM+17:202603030800:203
DTM+2:20260303:102
MEA+PD+AAD+KGM:412.5
RFF+DQ:LS-88441
RFF+BM:B-1
NAD+BY+4099999000008::9++EINKAUF GMBH+RETAIL STR. 1+HAMBURG++20095+DE
NAD+SU+4012345000009::9++RHEINLAND WERKE
CTA+SD+:UTE FREI
COM+0221123456:TE
NAD+DP+4099999000022::9
NAD+SF+77::91
NAD+FW+++SPEDITION NORD
TOD+6+PP+CIF:::INSURED
LOC+1+:::BREMEN
TDT+20+TRACK-1+30++ABCD::182:ROAD CARRIER
EQD+CN+CONT1234567
SEL+4711
CPS+1
FTX+DEL+++CALL BEFORE DELIVERY:DOCK 7 ONLY
PAC+1++PX
PAC+3++CT
CPS+2+1+3
PAC+1++201:::EURO PALLET
MEA+PD+AAB+KGM:400
PCI+33E
GIN+BJ+340123450000000017
CPS+3+2+1
PAC+2++CT
QTY+52:12:PCE
PCI+33E
GIN+BJ+340123450000000024+340123450000000031
LIN+1++4012345000016:EN
PIA+1+L-7731:NB+A100:IN+V-5:SA
IMD+F++:::BLUE MUG:WITH HANDLE
IMD+C+35+CU::9:BLUE
MEA+PD+AAB+KGM:0.35
QTY+12:24:PCE
QTY+21:30:PCE
QTY+59:4
GIN+BN+S-1+S-2+S-3
DTM+36:20271231:102
DTM+361:20271130:102
FTX+PKG+++HANDLE WITH CARE
RFF+ON:4500017:10
DTM+171:20260220:102
RFF+VN:S-77
LOC+7+0001::9
QTY+11:20:PCE
CPS+4+2+1
PAC+1++CT
PCI+33E
GIN+BJ+340123450000000048
LIN+2++4012345000023:EN
QTY+12:6:PCE
RFF+ON:4500018:3
CNT+2:2
CNT+7:412.5:KGM
CNT+15:1.2:MTQ
"""

HEAD = """
BGM+351+DES-1+9
DTM+137:20260302:102
"""
LABELS = ["340123450000000017", "340123450000000024", "340123450000000031"]

ONE_LEVEL = """
RFF+DQ:007774
RFF+ON:509671432
DTM+171:20260220:102
NAD+SU+8022628000004::9
CPS+1
PAC+2++CT
LIN+1++8022628900014:EN
PIA+1+90001:SA
QTY+12:66.00:PCE
QTY+21:66.00:PCE
CNT+2:1
"""
HIGHEST = f"""
CPS+1++1E
PAC+2++09
CPS+2+1+3
PAC+1++09
PCI+33E
GIN+BJ+{LABELS[0]}
LIN+1++4012345000016:EN
QTY+12:24:PCE
RFF+ON:4500017
CPS+3+1+3
PAC+1++09
PCI+33E
GIN+BJ+{LABELS[1]}
LIN+2++4012345000016:EN
QTY+12:8:PCE
RFF+ON:4500017
"""
WITHOUT_SHIPMENT = f"""
CPS+1++3
PAC+1++201
PCI+30
GIN+BJ+{LABELS[0]}
CPS+2+1+1
PAC+4++CT
LIN+++A-100:IN
QTY+12:40:PCE
RFF+ON:4500017
CPS+3++3
PAC+1++201
LIN+++A-200:IN
QTY+12:5:PCE
"""
BENEATH = f"""
CPS+1
LIN+1++4012345000016:EN
QTY+12:24:PCE
DTM+36:20271231:102
PCI+33E
QTY+52:16:PCE
GIN+BJ+{LABELS[0]}
PCI+33E
QTY+52:8:PCE
GIN+BJ+{LABELS[1]}
"""
BATCHES = """
CPS+1
LIN+1++4012345000016:EN
QTY+12:24:PCE
PCI+36E
DTM+361:20271231:102
GIN+BX+L-7731
"""
EACH_A_PALLET = "".join(
    f"CPS+{at}\nPAC+1++201\nPCI+33E\nGIN+BJ+{label}\nLIN+{at}++4012345000016:EN\nQTY+12:{at}:PCE\n"
    for at, label in enumerate(LABELS, 1)
)
THE_FIRST_A_PALLET = f"""
CPS+1++4
PAC+1++201
PCI+33E
GIN+BJ+{LABELS[0]}
CPS+2+1
PAC+1++CT
LIN+1++4012345000016:EN
QTY+12:24:PCE
"""
MUGS = {"number": "1", "ids": {"ean": "4012345000016"}}
HABITS: list[tuple[str, str, dict[str, Any], list[str]]] = [
    (
        "one level, and one order for all",
        ONE_LEVEL,
        {
            "order": {"number": "509671432", "ordered_on": "2026-02-20"},
            "loads": [{"count": 2, "kind": "carton"}],
            "lines": [
                {
                    "number": "1",
                    "ids": {"ean": "8022628900014", "vendor": "90001"},
                    "quantity": "66.00",
                    "unit": "piece",
                    "ordered": {"value": "66.00", "unit": "piece"},
                }
            ],
        },
        [],
    ),
    (
        "a shipment that says it is the highest level, and pallets",
        HIGHEST,
        {
            "loads": [{"count": 2, "kind": "returnable pallet"}],
            "packs": [
                {
                    "kind": "tare",
                    "ssccs": [label],
                    "loads": [{"count": 1, "kind": "returnable pallet"}],
                    "lines": [
                        MUGS
                        | {
                            "number": number,
                            "quantity": quantity,
                            "unit": "piece",
                            "order": {"number": "4500017"},
                        }
                    ],
                }
                for label, number, quantity in ((LABELS[0], "1", "24"), (LABELS[1], "2", "8"))
            ],
        },
        [],
    ),
    (
        "packages that say their level and lie in no shipment",
        WITHOUT_SHIPMENT,
        {
            "packs": [
                {
                    "kind": "tare",
                    "ssccs": LABELS[:1],
                    "loads": [{"count": 1, "kind": "euro pallet"}],
                    "packs": [
                        {
                            "kind": "pack",
                            "loads": [{"count": 4, "kind": "carton"}],
                            "lines": [
                                {
                                    "ids": {"buyer item": "A-100"},
                                    "quantity": "40",
                                    "unit": "piece",
                                    "order": {"number": "4500017"},
                                }
                            ],
                        }
                    ],
                },
                {
                    "kind": "tare",
                    "loads": [{"count": 1, "kind": "euro pallet"}],
                    "lines": [{"ids": {"buyer item": "A-200"}, "quantity": "5", "unit": "piece"}],
                },
            ]
        },
        [],
    ),
    (
        "pallets that say no level, and lie in no shipment",
        EACH_A_PALLET,
        {
            "packs": [
                {
                    "kind": "pack",
                    "ssccs": [label],
                    "loads": [{"count": 1, "kind": "euro pallet"}],
                    "lines": [MUGS | {"number": str(at), "quantity": str(at), "unit": "piece"}],
                }
                for at, label in enumerate(LABELS, 1)
            ]
        },
        [],
    ),
    (
        "a pallet that is all of the shipment",
        THE_FIRST_A_PALLET,
        {
            "packs": [
                {
                    "kind": "pack",
                    "ssccs": LABELS[:1],
                    "loads": [{"count": 1, "kind": "euro pallet"}],
                    "packs": [
                        {
                            "kind": "pack",
                            "loads": [{"count": 1, "kind": "carton"}],
                            "lines": [MUGS | {"quantity": "24", "unit": "piece"}],
                        }
                    ],
                }
            ]
        },
        [],
    ),
    (
        "cartons beneath their item",
        BENEATH,
        {
            "lines": [
                MUGS
                | {
                    "quantity": "24",
                    "unit": "piece",
                    "expires_at": "2027-12-31",
                    "packs": [
                        {"kind": "pack", "ssccs": [label], "quantity": quantity, "unit": "piece"}
                        for label, quantity in ((LABELS[0], "16"), (LABELS[1], "8"))
                    ],
                }
            ]
        },
        [],
    ),
    (
        "the batch and its date in the marks of the item",
        BATCHES,
        {
            "lines": [
                MUGS
                | {"quantity": "24", "unit": "piece", "lot": "L-7731", "dates": {"best before": "2027-12-31"}}
            ]
        },
        [],
    ),
]
