"""What can happen to a document on its way, and what may be done to it: each is one function of chance and bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SAMPLES = [path.read_bytes() for path in sorted((ROOT / "sample_documents").glob("*/*/in.*"))]
LARGEST = 200_000
"""A mutated document is cut at this many bytes, so that mutations of mutations stay small."""

HOSTILE = (
    "", " ", "0", "-1", "+5", ".", "-", "1E309", "1e5", "NaN", "9" * 40, "0." + "0" * 60 + "1", "00", "٣", "²",
    "20260231", "00000000", "99999999", "2400", "240000", "2359599", "12:30", "PM", "\x1f", "\x1e", "\x1f\x1e\x1f",
    "\x00", "\x85", "\u2028", "\ufeff", "\ud7ff", "é", "Ö", "…", "😀", "\u202e", "{{7*7}}", "${jndi:x}", "%s%n",
    "../../etc/passwd", "Infinity",
    "__class__", "'; DROP TABLE documents", "<!ENTITY x>", "=cmd()", "~", "*", ">", "ISA", "x12:", "x12:x12:SA",
)  # fmt: skip
TAGS = (
    "ISA", "GS", "ST", "SE", "GE", "IEA", "TA1", "BEG", "CUR", "REF", "PER", "DTM", "N1", "N2", "N3", "N4", "N9", "MSG",
    "UNB", "UNH", "UNT", "UNS", "UNZ", "BGM", "NAD", "LIN", "QTY", "CPS",
    "PO1", "PID", "SLN", "SDQ", "SCH", "SAC", "ITD", "CTT", "AMT", "BIN", "BDS", "HL", "LS", "LE", "ZZZ", "A", "LONG",
    "",
)  # fmt: skip
SIGNS = [
    b"~",
    b"\n",
    b"\r\n",
    b"*",
    b"|",
    b">",
    b":",
    b"^",
    b"\x1d",
    b"\x1c",
    b"!",
    b"A",
    b"0",
    b" ",
    "Ö".encode(),
    b"\xa6",
]
CONTROLS = [
    bytes([code]) for code in (0, 1, 7, 8, 9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31, 127, 133, 160, 255)
]

TIMES = (2,) * 12 + (30,) * 12 + (1500,)
"""How often something is repeated: seldom very often, since that takes long."""

Mutation = Callable[[Random, bytes], bytes]


def spot(chance: Random, data: bytes) -> int:
    return chance.randint(0, len(data))


def span(chance: Random, data: bytes, most: int = 200) -> tuple[int, int]:
    first = spot(chance, data)
    return first, min(len(data), first + chance.randint(1, most))


class Signs(NamedTuple):
    """What divides a document, as its first bytes say, or would."""

    terminator: bytes = b"~"
    separator: bytes = b"*"
    component: bytes = b">"


def signs(data: bytes) -> Signs:
    """Of X12 from the ISA, of EDIFACT from the UNA or the standard's own, of records line ends and commas."""
    if data[:3] in (b"UNA", b"UNB"):
        stated = data[:3] == b"UNA" and len(data) > 8
        return Signs(data[8:9], data[4:5], data[3:4]) if stated else Signs(b"'", b"+", b":")
    if data[:3] == b"ISA" and len(data) > 105:
        return Signs(data[105:106], data[3:4], data[104:105])
    return Signs(b"\n", b";" if b";" in data else b",", b" ")


def terminator(data: bytes) -> bytes:
    return signs(data).terminator


def separator(data: bytes) -> bytes:
    return signs(data).separator


def flipped(chance: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8)) if data else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut_out(chance: Random, data: bytes) -> bytes:
    first, last = span(chance, data)
    return data[:first] + data[last:]


def cut_off(chance: Random, data: bytes) -> bytes:
    return data[: spot(chance, data)]


def doubled(chance: Random, data: bytes) -> bytes:
    first, last = span(chance, data)
    return data[:last] + data[first:last] + data[last:]


def moved(chance: Random, data: bytes) -> bytes:
    first, last = span(chance, data)
    rest, at = data[:first] + data[last:], spot(chance, data[: len(data) - (last - first)])
    return rest[:at] + data[first:last] + rest[at:]


def inserted(chance: Random, data: bytes) -> bytes:
    at = spot(chance, data)
    return data[:at] + chance.choice(CONTROLS) * chance.choice((1, 1, 3)) + data[at:]


def unicode_inserted(chance: Random, data: bytes) -> bytes:
    at = spot(chance, data)
    text = "".join(chr(chance.randrange(0x80, 0xD800)) for _ in range(chance.randint(1, 9)))
    return data[:at] + text.encode(chance.choice(("utf-8", "utf-16", "utf-32-be"))) + data[at:]


def other_sign(chance: Random, data: bytes) -> bytes:
    """A separator everywhere (or only in one place) replaced by another sign."""
    old = chance.choice(signs(data))
    return data.replace(old, chance.choice(SIGNS), chance.choice((-1, -1, 1, 7)))


def broken_lines(chance: Random, data: bytes) -> bytes:
    width, end = chance.choice((1, 7, 80)), chance.choice((b"\n", b"\r\n"))
    return end.join(data[at : at + width] for at in range(0, len(data), width))


def segments_changed(chance: Random, data: bytes) -> bytes:
    """A segment dropped, sent again, moved, renamed, or many times in a row."""
    sign = terminator(data)
    parts = data.split(sign)
    at, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    kind = chance.randrange(5)
    if kind == 0:
        parts.pop(at)
    elif kind == 1:
        parts.insert(other, parts[at])
    elif kind == 2:
        parts[at], parts[other] = parts[other], parts[at]
    elif kind == 3:
        elements = parts[at].split(separator(data))
        parts[at] = separator(data).join([chance.choice(TAGS).encode(), *elements[1:]])
    else:
        parts[at:at] = [parts[at]] * chance.choice(TIMES)
    return sign.join(parts)


def elements_changed(chance: Random, data: bytes) -> bytes:
    """An element replaced by something hostile, dropped, doubled, exchanged, or repeated."""
    sign, between = terminator(data), separator(data)
    parts = data.split(sign)
    at = chance.randrange(len(parts))
    elements = parts[at].split(between)
    one, other = chance.randrange(len(elements)), chance.randrange(len(elements))
    kind = chance.randrange(6)
    if kind <= 1:
        elements[one] = chance.choice(HOSTILE).encode("utf-8", "surrogatepass")
    elif kind == 2:
        elements.pop(one)
    elif kind == 3:
        elements.insert(one, elements[other])
    elif kind == 4:
        elements[one], elements[other] = elements[other], elements[one]
    else:
        elements[one] = chance.choice((signs(data).component, data[82:83], b">", b"^")).join(
            [elements[one]] * chance.choice((2, 9))
        )
    parts[at] = between.join(elements)
    return sign.join(parts)


def huge_element(chance: Random, data: bytes) -> bytes:
    between = separator(data)
    parts = data.split(between)
    parts[chance.randrange(len(parts))] = chance.choice(
        (b"A", b"9", b" ", b"-", "é".encode())
    ) * chance.choice((99, 5000, 5000, 90_000))
    return between.join(parts)


def deep(chance: Random, data: bytes) -> bytes:
    """Envelopes in envelopes, elements without end, components in components."""
    sign, between = terminator(data), separator(data)
    filling = chance.choice((
        b"ST%s850%s0001%s" % (between, between, sign), b"GS%sPO%s" % (between, sign), data[:106], between,
        b"UNH%s1%sORDERS%s" % (between, between, sign), signs(data).component, b"?", b"LIN%s1%s" % (between, sign),
        sign, b"LS%s1%s" % (between, sign), b"SLN%s1%s%sI%s1%s" % (between, between, between, between, sign),
    ))  # fmt: skip
    at = spot(chance, data)
    return data[:at] + filling * chance.choice(TIMES) + data[at:]


def joined(chance: Random, data: bytes) -> bytes:
    return data + chance.choice((b"", b"\n", b"junk", b"\x1a")) + chance.choice(SAMPLES)


def wrapped(chance: Random, data: bytes) -> bytes:
    """Other encodings and what stands before: BOMs, junk, spaces."""
    before = chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n\r\n", b"From: x\n\n", b"\x00", b"VISA*1*2~"))
    return before + data if chance.random() < 0.8 else data.decode("latin-1").encode("utf-16")


def binary_segment(chance: Random, data: bytes) -> bytes:
    sign, between = terminator(data), separator(data)
    length = chance.choice((b"0", b"5", b"99", b"-1", b"x", b"9" * 25, b""))
    tag = chance.choice((b"BIN" + between + length, b"BDS" + between + b"ASC" + between + length))
    at = data.find(sign, spot(chance, data)) + len(sign)
    return data[:at] + tag + between + b"AB" + sign + b"CD" + sign + data[at:]


def other_number(chance: Random, data: bytes) -> bytes:
    """A run of digits says something else: counts, control numbers, dates, quantities."""
    runs = list(re.finditer(rb"\d+", data))
    if not runs:
        return data
    run = chance.choice(runs)
    number = chance.choice(
        (b"0", b"1", b"-1", b"%d" % (int(run[0][:20]) + 1), b"9" * len(run[0]), run[0] * 2, b"1.5")
    )
    return data[: run.start()] + number + data[run.end() :]


MUTATIONS: tuple[Mutation, ...] = (
    flipped, cut_out, cut_off, doubled, moved, inserted, unicode_inserted, other_sign, broken_lines, segments_changed,
    segments_changed, elements_changed, elements_changed, elements_changed, huge_element, deep, joined, wrapped,
    binary_segment, other_number, other_number,
)  # fmt: skip


def family_of(data: bytes) -> str:
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:3]
    return {b"ISA": "x12", b"UNA": "edifact", b"UNB": "edifact"}.get(first, "flat")


FAMILIES = {name: [one for one in SAMPLES if family_of(one) == name] for name in ("x12", "edifact", "flat")}
SAYING = ("x12", "edifact")
"""Families whose files say what they are; the others are read by what is agreed."""


def mutated(seed: int, family: str = "x12") -> bytes:
    """The document of that number: one of our samples after one to four mutations. The same every time."""
    chance = Random(seed)
    data = chance.choice(FAMILIES[family])
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        data = chance.choice(MUTATIONS)(chance, data)[:LARGEST]
    return data
