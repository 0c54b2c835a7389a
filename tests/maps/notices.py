"""A small guide and map of our own with levels: what a ship notice needs of trees, and little else."""

from __future__ import annotations

from functools import cache
from unittest.mock import patch

from gateway import maps
from gateway.guides import dictionary, load
from gateway.maps import Map

TABLES = ("elements", "composites", "codes", "segments")
FILES = {f"x12/008560/{table}": "extends: x12/004010\n" for table in TABLES} | {
    "x12/008560/segments": """
extends: x12/004010
HL: {tree: {id: 1, parent: 2, level: 3, children: 4}}
""",
    "x12/008560/856": """
guide: x12/008560/856
name: Small Ship Notice
group: SH
segments: x12/008560
heading:
  - BSN M 1
  - DTM O 10
detail:
  - HL M 200000 tree:
      - LIN O 1
      - SN1 O 1
      - PRF O 1
      - REF O *
      - MAN O *
      - N1 O 200:
          - N3 O 2
          - N4 O 1
levels: {S: O T P I, O: T P I, T: P I, P: P I, I: P}
summary:
  - CTT O 1
""",
}

MAP = """
map: notices/856
document: ShipNotice
guide: x12/008560/856
fields:
  purpose: BSN01
  number: BSN02
  created_at: BSN03 + BSN04
  shape: BSN05
  ship_to: {in: "HL[S]/N1[ST]", use: place}
  other_parties: {each: "HL[S]/N1", role: N101, use: place}
  references:
    bill_of_lading: HL[S]/REF[BM]
    "*": HL[S]/REF[*] | codes(references)
  orders: {each: "HL[S]/HL[O]", use: order}
  packs: {each: "HL[S]/HL[T|P]", use: pack}
  lines: {each: "HL[S]/HL[I]", use: line}
parts:
  place: {name: N102, address: {lines: N301..02, city: N401}}
  order:
    key: number
    number: PRF01
    release: PRF02
    ordered_on: PRF04
    references: {"*": "REF[*] | codes(references)"}
    buyer: {in: "N1[BY]", use: place}
    packs: {each: "HL[T|P]", use: pack}
    lines: {each: "HL[I]", use: line}
  pack:
    kind: HL03
    ssccs: MAN[GM]..
    orders: {each: "HL[O]", use: order}
    packs: {each: "HL[T|P]", use: pack}
    lines: {each: "HL[I]", use: line}
  line:
    number: LIN01
    ids: {upc: "LIN[UP]", "*": "LIN[*] | codes(item_ids)"}
    quantity: SN102
    unit: SN103
    packs: {each: "HL[P]", use: pack}
computed:
  CTT01: count(HL)
"""

NOTICE = """
BSN*00*SH-1*20260301*1200
HL*1**S
REF*BM*123
REF*CN*PRO-9
N1*ST*Store 12
N3*1 Main St
HL*2*1*O
PRF*4500017***20260220
REF*IA*000123
N1*BY*Buyer
HL*3*2*P
MAN*GM*00012345678905000011
HL*4*3*I
LIN*1*UP*012345678905
SN1*1*12*EA
HL*5*3*I
LIN*2*UP*012345678912*VN*AB-1
SN1*2*6*EA
HL*6*2*P
MAN*GM*00012345678905000028
HL*7*6*I
LIN*3*UP*012345678929
SN1*3*1*CA
HL*8*1*O
PRF*4500018
HL*9*8*I
LIN*1*VN*X
SN1**2*EA
CTT*9
"""


def packaged(name: str) -> str | None:
    return FILES.get(name) or dictionary_packaged(name)


dictionary_packaged = dictionary.packaged


@cache
def notice_map(text: str = MAP, partner: str = "") -> Map:
    """The small map, or another text, on the small guide; or a partner's that extends it as `notices`."""
    with patch.object(dictionary, "packaged", packaged), patch.object(load, "packaged", packaged):
        return maps.load("acme" if partner else "notices", {"notices": text, "acme": partner}.get)
