"""What answers purchase orders, made up deterministically: valid 855s, 856s and 810s of 004010, as suppliers send them.

A cycle's documents differ in shape: many elements in few segments (855), many short segments in a tree (856), many
amounts (810).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from random import Random

from benchmarks import orders
from benchmarks.orders import ITEMS, KINDS, LOOKS, Segments, parties
from gateway.canonical.gs1 import sscc

GROUPS = {"850": "PO", "855": "PR", "856": "SH", "810": "IN"}
"""Of each set its functional identifier code."""


def file_of(type: str, size: int) -> Iterator[bytes]:
    """About `size` bytes of one kind of document in one interchange."""
    made = orders.stream() if type == "850" else stream(type)
    return orders.interchange(orders.until(size, made), type=type, group=GROUPS[type])


def stream(type: str, seed: int = 855, end: str = "\n", kinds: int = KINDS) -> Iterator[str]:
    """The bodies of documents without end, each under a number of its own."""
    random = Random(seed)
    made: list[str] = []
    for number in itertools.count(4_500_000):
        if len(made) < kinds:
            made.append("".join(f"{segment}~{end}" for segment in MADE[type](random)))
        yield made[number % kinds if len(made) == kinds else -1].replace("#NO#", str(number))


def lines(random: Random) -> list[tuple[int, int, str, str]]:
    """Quantity, price in cents, item number and name of each line."""
    count = random.choice((1, 2, 5, 8, 12, 20, 25))
    return [
        (
            random.randrange(2, 500),
            random.randrange(100, 30_000),
            f"{random.randrange(10**12):012d}",
            f"{random.choice(LOOKS)} {random.choice(ITEMS)}",
        )
        for _ in range(count)
    ]


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def acknowledgment(random: Random) -> Segments:
    """Every line accepted, one in five in part and the rest on backorder."""
    made = [
        "BAK*00*AD*#NO#*20260302****20260303",
        f"REF*VN*{random.randrange(10**6)}",
        *parties(random, "store"),
    ]
    for number, (quantity, price, item, name) in enumerate(lines(random), 1):
        made += [
            f"PO1*{number:03d}*{quantity}*EA*{money(price)}*PE*UP*{item}*VN*{name[:4]}",
            f"PID*F****{name}",
        ]
        late = quantity // 2 if number % 5 == 0 else 0
        made.append(f"ACK*IA*{quantity - late}*EA*068*20260309**UP*{item}")
        if late:
            made.append(f"ACK*IB*{late}*EA*068*20260323")
    return [*made, f"CTT*{number}"]


def ship_notice(random: Random) -> Segments:
    """Shipment, order, one carton for each line."""
    made = [
        "BSN*00*SN#NO#*20260305*1330*0001",
        "HL*1**S",
        f"TD1*CTN25*{random.randrange(1, 90)}****G*{random.randrange(10, 900)}*LB",
        f"TD5**2*{random.choice(('RDWY', 'UPSN', 'FDEG'))}*M",
        f"REF*BM*{random.randrange(10**9)}",
        "DTM*011*20260305",
        *parties(random, "store"),
        "HL*2*1*O",
        "PRF*#NO#***20260302",
    ]
    level = 2
    for number, (quantity, _, item, name) in enumerate(lines(random), 1):
        made += [
            f"HL*{level + 1}*2*P",
            f"MAN*GM*{sscc('00854120', random.randrange(10**9))}",
            f"HL*{level + 2}*{level + 1}*I",
            f"LIN*{number}*UP*{item}*VN*{name[:4]}",
            f"SN1*{number}*{quantity}*EA**{quantity}*EA",
            f"PID*F****{name}",
        ]
        level += 2
    return [*made, f"CTT*{level}"]


def invoice(random: Random) -> Segments:
    """Lines, freight, and a total that is what they add up to."""
    made = [
        "BIG*20260306*IN#NO#*20260302*#NO#",
        f"REF*VN*{random.randrange(10**6)}",
        *parties(random, "store"),
        "ITD*08*3*2**30**60",
        "DTM*011*20260305",
    ]
    total = freight = random.randrange(500, 9000)
    for number, (quantity, price, item, name) in enumerate(lines(random), 1):
        made += [f"IT1*{number}*{quantity}*EA*{money(price)}*PE*UP*{item}*VN*{name[:4]}", f"PID*F****{name}"]
        total += quantity * price
    return [*made, f"TDS*{total}", f"SAC*C*D240***{freight}", f"CTT*{number}"]


MADE: Mapping[str, Callable[[Random], Segments]] = {
    "855": acknowledgment,
    "856": ship_notice,
    "810": invoice,
}
