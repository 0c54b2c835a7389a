"""A map of our own for the tests: small, yet it uses every form of place and binding an 850 needs."""

from __future__ import annotations

from collections.abc import Iterable

from gateway import maps
from gateway.faults import Fault
from gateway.formats.segment import COMPONENT, Segment
from gateway.guides.place import parse
from gateway.guides.tree import LoopNode
from gateway.maps import Map

MAP = """
map: x12/trial/850
document: PurchaseOrder
guide: x12/004010/850
fields:
  number: BEG03
  purpose: BEG01
  kind: BEG02
  release: BEG04
  ordered_on: BEG05
  contract: BEG06
  currency: CUR[BY]02 or CUR[*]02
  references:
    department: REF[DP]
    vendor: REF[IA]
    "*": REF[*] | codes(references)
  contacts: {each: PER, use: contact}
  requested_delivery_at: DTM[002]
  cancel_after: DTM[001]
  dates:
    "*": DTM[*] | codes(dates)
  ship_to: {in: "N1[ST]", use: party}
  bill_to: {in: "N1[BT]", use: party}
  other_parties: {each: N1, role: N101, use: party}
  transport:
    each: TD5
    sequence: TD501
    carrier: {kind: TD502, value: TD503}
    routing: TD505
  charges: {each: SAC, use: charge}
  payment_terms: {each: ITD, kind: ITD01, counted_from: ITD02, discount_percent: ITD03, net_days: ITD07, text: ITD12}
  notes: {each: N9, kind: N901, number: N902, lines: MSG01}
  marks:
    "*": MAN[*].. | codes(marks)
  total: CTT/AMT[TT]02 or AMT[TT]02
  lines:
    each: PO1
    key: number
    number: PO101
    quantity: PO102
    unit: PO103
    price.amount: PO104
    ids:
      buyer: PO1[BP]
      vendor: PO1[VP]
      "*": PO1[*] | codes(item_ids)
    description: PID[F]05..
    descriptions: {each: PID, form: PID01, aspect: PID02, text: PID05}
    measures: {each: MEA, aspect: MEA01, kind: MEA02, value: MEA03, unit: MEA04-01}
    packaging: {pack: PO401, size: PO402, unit: PO403}
    charges: {each: SAC, use: charge}
    dates:
      "*": DTM[*] | codes(dates)
    destinations: {each: SDQ, unit: SDQ01, kind: SDQ02, place: SDQ03, quantity: SDQ04}
    schedule: {each: SCH, quantity: SCH01, unit: SCH02, at: SCH06 + SCH07}
    inner:
      each: SLN
      number: SLN01
      quantity: SLN04
      unit: SLN05
      price.amount: SLN06
      ids:
        "*": SLN[*] | codes(item_ids)
    ship_to: {in: "N1[ST]", use: party}
parts:
  party:
    name: N102
    id: {kind: N103, value: N104}
    more_names: N201..02
    address: {lines: N301..02, city: N401, region: N402, postcode: N403, country: N404}
    contacts: {each: PER, use: contact}
    references:
      "*": REF[*] | codes(references)
  contact:
    function: PER01
    name: PER02
    phone: "PER[TE]"
    fax: "PER[FX]"
    email: "PER[EM]"
  charge:
    kind: SAC01
    service: SAC02
    amount: SAC05
    percent_basis: SAC06
    percent: SAC07
    text: SAC15
constants: {"PO1/SCH05": "106", "PO1/SLN03": I}
computed: {CTT01: count(lines)}
"""

CODES = """
map: x12/codes
codes:
  purposes: {original: ["00"], cancellation: ["01"], replacement: ["05"]}
  order_kinds: {stand alone: [SA], new: [NE], dropship: [DS]}
  references: {contract: [CT], promotion: [PD], department: [DP, "19"]}
  dates: {delivery requested: ["002"], ship not before: ["037"], ship not after: ["038"]}
  contacts: {buyer: [BD], information: [IC]}
  roles: {ship to: [ST], bill to: [BT], buyer: [BY], supplier: [SU]}
  party_ids: {duns: ["1"], duns4: ["9"], assigned by buyer: ["92"], assigned by seller: ["91"], scac: ["2"]}
  legs: {origin: [O], destination: [B]}
  charges: {allowance: [A], charge: [C]}
  services: {freight: [D240], handling: [D500]}
  percent_bases: {item list cost: ["1"]}
  terms: {basic: ["01"], basic discount: ["08"]}
  terms_bases: {ship date: ["1"], delivery date: ["2"]}
  notes: {mutually defined: [ZZ], general: [L1]}
  marks: {shipper assigned: [S], sscc: [GM]}
  units: {each: [EA, PC], case: [CA], box: [BX], inch: [IN]}
  item_ids: {upc: [UP], sku: [SK], vendor: [VN], color: [BO]}
  description_forms: {free: [F], structured: [S]}
  aspects: {color: ["73"], size: ["74"]}
  measured_things: {product: [PD]}
  measures: {width: [WD], length: [LN]}
"""

ORDER = """
BEG*00*SA*4500017**20260301*CTR-9
CUR*BY*USD
REF*DP*017
REF*IA*88231
REF*ZZ*MAIN
PER*BD*Ann Smith*TE*5551234*EM*ann@example.com
SAC*A*D240***1250
DTM*002*20260315*0800*ET
DTM*037*20260310
TD5*O*2*UPSN**GROUND
N9*ZZ*0
MSG*Deliver to the rear
MSG*Ring twice
N1*ST*Store 12*92*0012
N3*1 Main St*Suite 5
N4*Springfield*IL*62701
N1*BY*Buyer Inc*9*0123456780000
N2*Purchasing
PER*IC**TE*5559876
PO1*1*10*EA*12.50**BP*A100*UP*012345678905*SK*77
MEA*PD*WD*3.5*IN
PID*F****Blue mug
PID*S*73***Blue
SDQ*EA*92*0001*4*0002*6
SCH*10*EA***106*20260320
PO1*2*5*CA*7**VP*V-5
DTM*002*20260316
SLN*1**I*2*EA*1.25***UP*012345678912
CTT*2
AMT*TT*160
"""


def trial(text: str = MAP, **more: str) -> Map:
    """The trial map, or another text as the map `trial`."""
    return maps.load("trial", ({"trial": text, "x12/codes": CODES} | more).get)


def segments(text: str) -> list[Segment]:
    """One segment per line, `*` between elements, `>` between components."""
    lines = [line for line in text.strip().split("\n") if line]
    return [
        Segment(line.replace(">", COMPONENT).split("*"), number, line=number)
        for number, line in enumerate(lines, 2)
    ]


def edited(*changes: tuple[str, str]) -> str:
    """The trial map's text with each old piece, which must be there, replaced."""
    text = MAP
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"{old!r} is not in the trial map")
        text = text.replace(old, new, 1)
    return text


def tree(text: str, map: Map) -> LoopNode:
    return parse(map.guide, segments(text))[0]


def grammar(text: str, map: Map) -> list[Fault]:
    return parse(map.guide, segments(text))[1]


def text_of(root: LoopNode) -> str:
    """The document as `segments` reads it, without trailing empty elements."""
    return "\n".join(lines(root)) + "\n"


def lines(root: LoopNode) -> Iterable[str]:
    return ("*".join(node.elements).replace(COMPONENT, ">").rstrip("*") for node in root.segments())
