"""A warehouse's orders in fixed columns: guide, map, and a batch."""

from __future__ import annotations

GUIDE = """
guide: swift3pl/orders
format: fixed
encoding: cp1252
records:
  HDR:
    is: "1..3 = HDR"
    fields:
      - sender 4..13
      - receiver 14..23
      - batch 24..32 integer
      - created 33..40 date(yyyyMMdd)
      - at 41..44 time(HHmm)
      - usage 45
  ORD:
    is: "1..3 = ORD"
    fields: [number 4..18 M, kind 19..20, ordered 21..28 date(yyyyMMdd) M, ship_to 29..38, name 39..68]
  ADR: {is: "1..3 = ADR", fields: [street 4..33, city 34..53, state 54..55, zip 56..64]}
  LIN:
    is: "1..3 = LIN"
    fields: [line 4..8 integer, sku 9..28 M, qty 29..37 zoned0 M, unit 38..39, price 40..50 zoned4]
  TRL: {is: "1..3 = TRL", fields: [orders 4..10 integer, lines 11..17 integer, hash 18..30 zoned0]}
structure:
  - HDR M 1
  - document ORD M *:
      - ADR O 1
      - LIN M 9999
  - TRL M 1
envelope:
  sender: HDR.sender
  receiver: HDR.receiver
  control: HDR.batch
  created: HDR.created + HDR.at
  test: HDR.usage = T
  computed: {TRL.orders: count(ORD), TRL.lines: count(LIN), TRL.hash: sum(LIN.qty)}
"""

MAP = """
map: swift3pl/orders
document: PurchaseOrder
guide: swift3pl/orders
fields:
  number: ORD.number
  kind: ORD.kind
  ordered_on: ORD.ordered
  ship_to:
    id: {kind: =91, value: ORD.ship_to}
    name: ORD.name
    address:
      in: ADR
      lines: ADR.street
      city: ADR.city
      region: ADR.state
      postcode: ADR.zip
  lines:
    each: LIN
    key: number
    number: LIN.line
    ids: {vendor: LIN.sku}
    quantity: LIN.qty
    unit: LIN.unit
    price.amount: LIN.price
codes:
  order_kinds: {stand-alone: [SA]}
  units: {each: [EA], case: [CS]}
"""

TEXTS = {"guides/swift3pl/orders": GUIDE, "swift3pl/orders": MAP}

HEADER = "HDRSWIFT     NORTH     000000007202611280930P\n"
ORDER = (
    "ORD4711           SA20261128S1        Store One                     \n"
    "ADR1 Main St                     Springfield         IL62701    \n"
    "LIN00001TEA                 00000001BEA0000001250{\n"
    "LIN00002COCOA               00000000CCS\n"
)
TRAILER = "TRL00000010000002000000000001E\n"
BATCH = (HEADER + ORDER + TRAILER).encode("cp1252")

CSV_GUIDE = """
guide: megamart/orders
format: csv
delimiter: ";"
records:
  order:
    by: [po]
    fields:
      po: "PO #"
      date: "Order Date | date(MM/dd/yyyy) M"
      store: Ship To
      name: Ship To Name
  line:
    fields: {sku: "Item No. | M", qty: "Qty | number(,) M", unit: Unit, price: "Price | number(.,)"}
codes: {line.unit: [EA, CS]}
structure:
  - document order M *:
      - line M *
"""

CSV_MAP = """
map: megamart/orders
document: PurchaseOrder
guide: megamart/orders
fields:
  number: order.po
  kind: =stand-alone
  ordered_on: order.date
  ship_to:
    id: {kind: =92, value: order.store}
    name: order.name
  lines:
    each: line
    ids: {buyer: line.sku}
    quantity: line.qty
    unit: line.unit
    price.amount: line.price
codes:
  units: {each: [EA], case: [CS]}
"""

CSV_TEXTS = {"guides/megamart/orders": CSV_GUIDE, "megamart/orders": CSV_MAP}

CSV_HEADER = "Item No.;Qty;Unit;Price;PO #;Order Date;Ship To;Ship To Name;Colour\r\n"
CSV_ORDER = (
    '="0012";1,5;EA;1.250,50;4500;11/28/2026;S1;"Store; One";red\r\n'
    'T-2;2;CS;;4500;11/28/2026;S1;"Store; One";\r\n'
)
CSV_BATCH = (CSV_HEADER + CSV_ORDER).encode()
