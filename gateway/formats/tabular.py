"""What a text that no syntax claims looks like, where it is a table: rows of cells, or records of fixed columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

HEAD = 8 << 10
"""So many bytes are looked at."""
MOST_LINES = 50
MOST_NAMES = 4
SIGNS = ";,\t|"
SHORTEST = 12
"""Columns of a record at least, to be told from prose."""
EBCDIC = re.compile(rb"[\x40\x4b\x60\x61\xc1-\xc9\xd1-\xd9\xe2-\xe9\xf0-\xf9]")


def table_of(head: bytes) -> str | None:
    """`rows of 7 cells parted by ;`, `records of 80 columns` ..., from the first bytes; None for what is neither."""
    if _is_ebcdic(head):
        return "EBCDIC, as mainframes write records"
    lines = _lines(head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))
    return _rows(lines) or _records(lines)


def _lines(text: str) -> list[str]:
    """The first whole lines that hold something; the last one of a text may be cut off."""
    lines = text.split("\n")
    whole = lines if len(lines) == 1 or text.endswith("\n") else lines[:-1]
    return [line.rstrip("\r") for line in whole if line.strip()][:MOST_LINES]


def _rows(lines: Sequence[str]) -> str | None:
    """The sign by which most lines have the same number of cells, two at least."""
    best = (0, 0, "")
    for sign in SIGNS:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if row)
        except csv.Error:
            continue
        cells, often = max(counts.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
        prose = sign == "," and cells == 2 and len(lines) < 4
        if cells > 1 and not prose and often * 10 >= len(lines) * 4 and len(counts) <= 4:
            best = max(best, (often, cells, sign))
    often, cells, sign = best
    if not often or len(lines) < 2:
        return None
    first = next(csv.reader(lines[:1], delimiter=sign))
    shown = "tabs" if sign == "\t" else sign
    named = all(cell and not re.search(r"\d{3}", cell) for cell in first)
    more = ", ..." if len(first) > MOST_NAMES else ""
    names = f" ({', '.join(cell.strip() for cell in first[:MOST_NAMES])}{more})" if named else ""
    return f"rows of {cells} cells parted by {shown}{names}"


def _records(lines: Sequence[str]) -> str | None:
    """Lines of one length, or that begin with one of a few marks."""
    if len(lines) < 2 or min(map(len, lines)) < SHORTEST:
        return None
    lengths = {len(line) for line in lines}
    if len(lengths) == 1:
        return f"records of {lengths.pop()} columns"
    marks = Counter(line[:3] for line in lines)
    if len(marks) * 2 <= len(lines) and all(mark.isalnum() and mark.upper() == mark for mark in marks):
        told = ", ".join(list(marks)[:MOST_NAMES])
        return f"records marked {told}{', ...' if len(marks) > MOST_NAMES else ''}"
    return None


def _is_ebcdic(head: bytes) -> bool:
    """Nearly all bytes are EBCDIC's letters, digits and blanks, which ASCII's text has hardly any of."""
    beyond = sum(byte > 0x7F for byte in head)
    return (
        len(head) >= SHORTEST and len(EBCDIC.findall(head)) * 10 >= len(head) * 8 and beyond * 4 > len(head)
    )
