"""Purchase orders as retailers send them, made up deterministically: the same seed gives the same bytes.

Four kinds in a realistic mixture: drop-ship orders of one or two lines, store orders, promotions with
allowances and retail prices, and distribution orders with a quantity per store. All of them are valid 004010 850s.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from random import Random

KINDS = 400
"""So many different orders are made up; a larger file repeats them under new numbers."""

ITEMS = ("LANTERN", "KETTLE", "BLANKET", "HAMMOCK", "TROWEL", "BASKET", "STOOL", "MIRROR", "CANDLE", "RUG")
LOOKS = ("RED", "BRASS", "OAK", "LARGE", "SMALL", "WOVEN", "ENAMEL", "FOLDING", "STRIPED", "SET-OF-4")
STREETS = ("WHARF", "LOGISTICS", "MARKET", "HARBOR", "MILL", "ORCHARD", "STATION", "QUARRY")
TOWNS: tuple[tuple[str, str, str], ...] = (
    ("PORTLAND", "ME", "04101"),
    ("AURORA", "IL", "60502"),
    ("FRESNO", "CA", "93721"),
)
TOWNS += (("MACON", "GA", "31201"), ("TULSA", "OK", "74103"), ("RENO", "NV", "89501"))

Segments = list[str]


def interchange(
    orders: Iterator[str], control: int = 1, end: str = "\n", *, type: str = "850", group: str = "PO"
) -> Iterator[bytes]:
    """One interchange with one group of these sets, piece by piece."""
    yield (
        "ISA*00*          *00*          *08*9254110060     *12*8475551234     *260302*0915*U*00401"
        f"*{control:09d}*0*P*>~{end}GS*{group}*HARBOR*8475551234*20260302*0915*{control}*X*004010~{end}"
    ).encode()
    number = 0
    for number, order in enumerate(orders, 1):
        yield f"ST*{type}*{number:04d}~{end}{order}SE*{order.count('~') + 2}*{number:04d}~{end}".encode()
    yield f"GE*{number}*{control}~{end}IEA*1*{control:09d}~{end}".encode()


def file_of(size: int, seed: int = 850) -> Iterator[bytes]:
    """About `size` bytes of orders in one interchange."""
    return interchange(until(size, stream(seed)))


def single(control: int, made: Iterator[str]) -> bytes:
    """A file with the next order alone."""
    return b"".join(interchange(itertools.islice(made, 1), control))


def stream(seed: int = 850, end: str = "\n", first: int = 4_500_000, kinds: int = KINDS) -> Iterator[str]:
    """The bodies of orders without end, each under a PO number of its own, from `first` on."""
    random = Random(seed)
    made: list[str] = []
    for number in itertools.count(first):
        if len(made) < kinds:
            made.append("".join(f"{segment}~{end}" for segment in order(random)))
        yield made[number % kinds if len(made) == kinds else -1].replace("#PO#", str(number), 1)


def until(size: int, orders: Iterator[str]) -> Iterator[str]:
    taken = 0
    for order in orders:
        if taken >= size:
            return
        taken += len(order) + 30
        yield order


def spoiled(orders: Iterator[str], every: int) -> Iterator[str]:
    """Every so many orders one with a fault: a quantity that is no number."""
    for number, order in enumerate(orders, 1):
        yield order if number % every else order.replace("CTT*", "CTT*X", 1)


def write(path: Path, pieces: Iterator[bytes]) -> Path:
    """The pieces as a file."""
    with path.open("wb") as file:
        file.writelines(pieces)
    return path


def acknowledgments(count: int) -> Iterator[bytes]:
    """One interchange of 997s, each of one accepted order."""
    yield (
        b"ISA*00*          *00*          *12*8475551234     *08*9254110060     *260302*0915*U*00401"
        b"*000000001*0*P*>~\nGS*FA*8475551234*HARBOR*20260302*0915*1*X*004010~\n"
    )
    for number in range(1, count + 1):
        body = f"AK1*PO*{number}~\nAK2*850*0001~\nAK5*A~\nAK9*A*1*1*1~\n"
        yield f"ST*997*{number:04d}~\n{body}SE*6*{number:04d}~\n".encode()
    yield f"GE*{count}*1~\nIEA*1*000000001~\n".encode()


# -- one order


def order(random: Random) -> Segments:
    """BEG to CTT; the PO number is still `#PO#`."""
    kind = random.choices(("drop-ship", "store", "promotion", "distribution"), (2, 5, 2, 2))[0]
    count = random.choice((1, 1, 2)) if kind == "drop-ship" else random.choice((8, 12, 15, 20, 20, 25, 40))
    lines = [line for number in range(1, count + 1) for line in item(random, number, kind)]
    return [*header(random, kind), *parties(random, kind), *lines, f"CTT*{count}"]


def header(random: Random, kind: str) -> Segments:
    day = random.randrange(10, 29)
    made = [
        f"BEG*00*{random.choice(('SA', 'NE'))}*#PO#**202603{day - 8:02d}",
        "CUR*BY*USD",
        f"REF*DP*{random.randrange(1000):05d}",
        f"REF*IA*{random.randrange(10**9):09d}",
        f"PER*BD*BUYER {random.randrange(90)}*TE*207555{random.randrange(10**4):04d}",
        "FOB*CC*OR*AURORA, IL",
    ]
    if kind == "promotion":
        made.append(f"SAC*A*C000****3*{random.randrange(1, 5)}.5*****02***DEFECTIVE MERCHANDISE")
    made += [
        f"ITD*08*3*{random.choice((1, 2))}**30**{random.choice((45, 60))}*****2% 30 NET 60",
        f"DTM*037*202603{day}",
        f"DTM*001*202604{day}",
        f"TD5*O*2*{random.choice(('RDWY', 'UPSN', 'FDEG'))}*M*SEE ROUTING GUIDE",
    ]
    if kind == "drop-ship":
        made += ["N9*L1*GIFT", f"MSG*HAPPY BIRTHDAY FROM ALL OF US AT NUMBER {random.randrange(100)}"]
    return made


def parties(random: Random, kind: str) -> Segments:
    made = ["N1*BY*HARBOR & MAIN STORES*UL*0854120000019"] if kind != "drop-ship" else []
    for code, name in (("ST", "STORE"), ("BT", "ACCOUNTS PAYABLE")):
        town, state, code_of_town = random.choice(TOWNS)
        made += [
            f"N1*{code}*{name} {random.randrange(10**4):04d}*92*{random.randrange(10**4):04d}",
            f"N3*{random.randrange(1, 9999)} {random.choice(STREETS)} STREET",
            f"N4*{town}*{state}*{code_of_town}*US",
        ]
    return made


def item(random: Random, number: int, kind: str) -> Segments:
    name = f"{random.choice(LOOKS)} {random.choice(ITEMS)}"
    quantity = random.randrange(1, 500)
    price = f"{random.randrange(1, 300)}.{random.randrange(1, 100):02d}"
    made = [
        f"PO1*{number:03d}*{quantity}*{random.choice(('EA', 'CA', 'EA'))}*{price}*WE*UP"
        f"*{random.randrange(10**12):012d}*IN*{random.randrange(10**9):09d}*VN*{name[:4]}-{random.randrange(999)}"
    ]
    if kind == "promotion":
        made.append(f"CTP**RTL*{random.randrange(5, 500)}.99")
    made.append(f"PID*F****{name}")
    if number % 3 == 0:
        made.append(f"PID*F*75***{random.choice(LOOKS)}")
    if number % 4 == 0:
        made.append(f"PO4*{random.choice((6, 12, 24))}*1*EA")
    if kind == "distribution":
        half = quantity // 2
        stores = [random.randrange(10**4) for _ in range(2)]
        made.append(f"SDQ*EA*92*{stores[0]:04d}*{half or 1}*{stores[1]:04d}*{quantity - half}")
    return made
