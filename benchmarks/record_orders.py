"""Orders as a warehouse gets them in fixed columns and a shop writes them to CSV: guides, maps, files of any size."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

FIXED_GUIDE = """
format: fixed
records:
  HDR: {is: "1..3 = HDR", fields: [sender 4..13, batch 14..22 integer, created 23..30 date(yyyyMMdd), usage 31]}
  ORD: {is: "1..3 = ORD", fields: [number 4..18 M, ordered 19..26 date(yyyyMMdd) M, ship_to 27..36, name 37..66]}
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
  control: HDR.batch
  computed: {TRL.orders: count(ORD), TRL.lines: count(LIN), TRL.hash: sum(LIN.qty)}
"""
FIXED_MAP = """
map: bench/fixed
document: PurchaseOrder
guide: bench/fixed
fields:
  number: ORD.number
  kind: =stand-alone
  ordered_on: ORD.ordered
  ship_to:
    id: {kind: =91, value: ORD.ship_to}
    name: ORD.name
    address: {in: ADR, lines: ADR.street, city: ADR.city, region: ADR.state, postcode: ADR.zip}
  lines:
    each: LIN
    number: LIN.line
    ids: {vendor: LIN.sku}
    quantity: LIN.qty
    unit: LIN.unit
    price.amount: LIN.price
codes:
  units: {each: [EA], case: [CS]}
"""
CSV_GUIDE = """
format: csv
delimiter: ";"
records:
  order: {by: [po], fields: {po: "PO #", date: "Order Date | date(MM/dd/yyyy) M", store: Ship To, name: Ship To Name}}
  line: {fields: {sku: "Item No. | M", qty: "Qty | number(,) M", unit: Unit, price: "Price | number(,)"}}
structure:
  - document order M *:
      - line M *
"""
CSV_MAP = """
map: bench/csv
document: PurchaseOrder
guide: bench/csv
fields:
  number: order.po
  kind: =stand-alone
  ordered_on: order.date
  ship_to: {id: {kind: =91, value: order.store}, name: order.name}
  lines:
    each: line
    ids: {vendor: line.sku}
    quantity: line.qty
    unit: line.unit
    price.amount: line.price
codes:
  units: {each: [EA], case: [CS]}
"""
TEXTS = {
    "guides/bench/fixed": FIXED_GUIDE,
    "bench/fixed": FIXED_MAP,
    "guides/bench/csv": CSV_GUIDE,
    "bench/csv": CSV_MAP,
}


def fixed(size: int) -> Iterator[bytes]:
    """A batch of at least so many bytes, the same every time: 3 to 19 lines an order, 5,000 articles, 300 stores."""
    random, written, orders, lines, total = Random(7), 0, 0, 0, 0
    yield b"HDRSWIFT     00000000720261128P\n"
    while written < size:
        store, orders = random.randrange(300), orders + 1
        records = [
            f"ORDPO{orders:08d}     202611{random.randrange(1, 29):02d}S{store:<9}{f'Store {store}':<30}"
        ]
        records.append(f"ADR{f'{store} Main St':<30}{'Springfield':<20}IL62701    ")
        for line in range(1, random.randrange(4, 21)):
            article, count = random.randrange(5000), random.randrange(1, 500)
            price = f"{article * 177 + 100:011d}"[:-1] + "{"
            records.append(f"LIN{line:05d}{f'SKU{article:06d}':<20}{count:08d}{{EA{price}")
            lines, total = lines + 1, total + count * 10
        data = "".join(f"{record}\n" for record in records).encode()
        written += len(data)
        yield data
    yield f"TRL{orders:07d}{lines:07d}{total:013d}\n".encode()


def rows(size: int) -> Iterator[bytes]:
    """The same as rows, one line of an order in each."""
    random, written, orders = Random(7), 0, 0
    yield b"Item No.;Qty;Unit;Price;PO #;Order Date;Ship To;Ship To Name;Colour\r\n"
    while written < size:
        store, orders = random.randrange(300), orders + 1
        order = f"{45000000 + orders};11/{random.randrange(1, 29):02d}/2026;S{store};Store {store}"
        made = []
        for _ in range(1, random.randrange(4, 21)):
            article = random.randrange(5000)
            price = f"{article % 900 + 1},{article % 100:02d}"
            made.append(f"SKU{article:06d};{random.randrange(1, 500)};EA;{price};{order};red\r\n")
        data = "".join(made).encode()
        written += len(data)
        yield data


MADE = {"fixed": fixed, "csv": rows}
