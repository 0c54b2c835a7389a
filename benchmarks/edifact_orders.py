"""ORDERS as European retailers send them, made up deterministically: with a UNA, and much to release in texts.

Four kinds in a realistic mixture: a line or two, store orders, and long ones. The same seed gives the same bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from random import Random

KINDS = 400
"""So many different orders are made up; a larger file repeats them under new numbers."""

ITEMS = ("LATERNE", "KESSEL", "DECKE", "KORB", "HOCKER", "SPIEGEL", "KERZE", "TEPPICH")
LOOKS = ("ROT", "MESSING", "EICHE", "GROSS", "4?'ER SET", "40 + 60", "GEWEBT", "1:2")
STREETS = ("HAFENSTR. 4", "AM MARKT 1", "RUE DE L'EGLISE 9", "HOF 3 + 4")
TOWNS = (("HAMBURG", "20457", "DE"), ("LYON", "69001", "FR"), ("GENT", "9000", "BE"), ("GRAZ", "8010", "AT"))
LINES = (1, 2, 6, 30)


def released(text: str) -> str:
    """The text as it stands in a segment."""
    return "".join(f"?{sign}" if sign in "?'+:" else sign for sign in text)


def party(random: Random, role: str, name: str) -> str:
    town, postcode, country = random.choice(TOWNS)
    gln = random.randrange(10**12, 10**13)
    where = released(random.choice(STREETS))
    return f"NAD+{role}+{gln}::9++{released(name)}+{where}+{town}++{postcode}+{country}"


def order(random: Random) -> list[str]:
    """The segments between UNH and UNT, but for the number in BGM."""
    made = [
        f"DTM+137:202603{random.randint(1, 28):02d}:102",
        f"DTM+2:202604{random.randint(1, 28):02d}:102",
        f"FTX+DEL+++{released('OPEN 8:00 - 16:00, ASK AT GATE 3 + 4')}",
        party(random, "BY", "MUSTER + CO"),
        party(random, "SU", "O'NEILL & SONS"),
        party(random, "DP", f"STORE {random.randint(1, 99)}: 'CITY'"),
        "CUX+2:EUR:9",
    ]
    count = random.choice(LINES)
    for number in range(1, count + 1):
        item = f"{random.choice(ITEMS)} {random.choice(LOOKS)}"
        made += [
            f"LIN+{number}++{random.randrange(10**12, 10**13)}:SRV",
            f"PIA+1+{random.randrange(10**6)}:IN",
            f"IMD+F++:::{released(item)}",
            f"QTY+21:{random.randint(1, 400)}:PCE",
        ]
        if random.random() < 0.3:
            made.append(f"FTX+AAI+++{released('WHY THIS ONE? SEE NOTE: 1 + 2')}")
        made.append(f"PRI+AAA:{random.randrange(10**4) / 100:.2f}")
    return [*made, "UNS+S", f"CNT+2:{count}"]


def messages(seed: int = 96) -> Iterator[str]:
    """Messages without end, numbered from 1."""
    random = Random(seed)
    made: list[tuple[int, str]] = []
    for number in itertools.count(1):
        if len(made) < KINDS:
            segments = order(random)
            made.append((len(segments), "'\n".join(segments)))
        count, text = made[(number - 1) % KINDS]
        head = f"UNH+{number}+ORDERS:D:96A:UN:EAN008'\nBGM+220+PO{number:07d}+9'\n"
        yield f"{head}{text}'\nUNT+{count + 3}+{number}'\n"


def file_of(size: int, seed: int = 96) -> Iterator[bytes]:
    """About `size` bytes of them in one interchange, piece by piece."""
    yield b"UNA:+.? '\nUNB+UNOC:3+4012345000009:14+5412345000013:14+260301:1530+1'\n"
    written = count = 0
    for message in messages(seed):
        yield message.encode()
        written, count = written + len(message), count + 1
        if written >= size:
            break
    yield f"UNZ+{count}+1'\n".encode()
