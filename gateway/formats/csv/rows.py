"""Bytes to rows of cells, by the csv module of C; each row keeps its bytes, its lines, and whether it is odd.

A row whose quotation marks do not close is one line, and reading goes on with the next.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from gateway.formats.window import Window

NEWLINE, OLD_NEWLINE = b"\n", b"\r"
UNUSUAL = (b"\t", b"=", b"\x1f", b"\x1e")
"""What makes cells to be looked at: blanks of another kind, Excel's `="0012"`, separators of our own."""


class Row(NamedTuple):
    """`lines` is how many it takes. It is `broken` where its quotes do not close, `odd` also where it is no text."""

    raw: bytes
    cells: list[str]
    lines: int = 1
    odd: bool = False
    broken: bool = False


class Cell(NamedTuple):
    """Where a cell stands in its row's text, quotes included, and what it says."""

    start: int
    end: int
    text: str


class Lines(NamedTuple):
    """Rows of one line each, with nothing odd about them: their bytes and their cells, side by side.

    `bare` where no cell has blanks around it, or Excel's `="0012"`: cells are then what they say.
    """

    raws: list[bytes]
    cells: list[list[str]]
    bare: bool = False


def blocks(
    window: Window, encoding: str, delimiter: str, longest: int, newline: bytes = NEWLINE
) -> Iterator[Lines | list[Row]]:
    """Every row of the window, blank lines too, as it fills; `newline` ends lines."""
    while True:
        end = window.buffer.rfind(newline, window.at) + 1
        taken = 0
        if end > window.at:
            found, taken = parsed(window.buffer[window.at : end], encoding, delimiter, False, newline)
            window.at += taken
            yield found
        if taken:
            continue
        if window.rest() > longest:
            # One row, or one line, beyond the limit: what is there is a row of its own.
            raw = window.take(end - window.at if end > window.at else longest)
            yield parsed(raw, encoding, delimiter, True, newline)[0]
        elif not window.more():
            break
    if window.rest():
        yield parsed(window.take(window.rest()), encoding, delimiter, True, newline)[0]


def parsed(
    data: bytes, encoding: str, delimiter: str, final: bool = False, newline: bytes = NEWLINE
) -> tuple[Lines | list[Row], int]:
    """The rows in whole lines, and how many bytes they take: one that goes on behind them is left, unless `final`."""
    raws = io.BytesIO(data).readlines() if newline == NEWLINE else _lines(data, newline)
    odd: set[int] = set()
    try:
        texts = io.StringIO(data.decode(encoding), newline=newline.decode()).readlines()
    except UnicodeDecodeError:
        texts = [raw.decode(encoding, "replace") for raw in raws]
        odd = {at for at, raw in enumerate(raws) if not _decodes(raw, encoding)}
    if not odd:
        try:
            cells = list(csv.reader(texts, delimiter=delimiter, strict=True))
        except csv.Error:
            cells = []
        if len(cells) == len(raws):
            usual = delimiter.isascii() and not any([sign in data for sign in UNUSUAL])
            bare = usual and not _padded(delimiter)(data)
            return Lines(raws, cells, bare), len(data)
    return _quoted(raws, texts, odd, delimiter, final)


@lru_cache(maxsize=16)
def _padded(delimiter: str) -> Callable[[bytes], object]:
    """Whether a blank stands at either end of a cell: one beside a delimiter, a quotation mark or a line's end."""
    beside = "[" + re.escape(delimiter) + '\\r\\n" ]'
    return re.compile(f" (?:{beside}|(?<={beside} )|(?<=^ )|$)".encode("latin-1")).search


def newline_of(head: bytes) -> bytes:
    """What ends the lines of a file that begins so: old programs of Macs wrote CR alone."""
    return OLD_NEWLINE if OLD_NEWLINE in head and NEWLINE not in head else NEWLINE


def _lines(data: bytes, newline: bytes) -> list[bytes]:
    """The lines with their ends, which a last one may lack."""
    *whole, rest = data.split(newline)
    return [line + newline for line in whole] + ([rest] if rest else [])


def rows_of(data: bytes, encoding: str, delimiter: str, newline: bytes = NEWLINE) -> list[Row]:
    """All rows of these bytes."""
    found = parsed(data, encoding, delimiter, True, newline)[0]
    return list(map(Row, found.raws, found.cells)) if isinstance(found, Lines) else found


def _quoted(
    raws: list[bytes], texts: list[str], odd: set[int], delimiter: str, final: bool
) -> tuple[list[Row], int]:
    """The same where rows may take several lines."""
    found: list[Row] = []
    at = 0
    while at < len(texts):
        begin = at
        reader = csv.reader(texts[begin:], delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                end = begin + reader.line_num
                raw = raws[at] if end == at + 1 else b"".join(raws[at:end])
                found.append(Row(raw, cells, end - at, not odd.isdisjoint(range(at, end))))
                at = end
        except csv.Error as error:
            if not final and "unexpected end" in str(error):
                return found, sum(map(len, raws[:at]))
            cells = [cell.strip(' "\r\n') for cell in texts[at].split(delimiter)]
            found.append(Row(raws[at], cells, 1, True, True))
            at += 1
    return found, sum(map(len, raws))


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def cells(text: str, delimiter: str) -> list[Cell]:
    """The cells of one row that is not broken, with their places: what the csv module says, and where."""
    found: list[Cell] = []
    body = text.rstrip("\r\n")
    at = 0
    while True:
        if body.startswith('"', at):
            end = _closing(body, at)
            said = body[at + 1 : end].replace('""', '"')
            end = min(end + 1, len(body))
        else:
            end = body.find(delimiter, at)
            end = len(body) if end < 0 else end
            said = body[at:end]
        found.append(Cell(at, end, said))
        if end >= len(body):
            return found
        at = end + 1


def _closing(body: str, at: int) -> int:
    """Where the quotation mark stands that closes the one at `at`."""
    end = at + 1
    while True:
        end = body.find('"', end)
        if end < 0:
            return len(body)
        if not body.startswith('""', end):
            return end
        end += 2


def quoted(text: str, delimiter: str, always: bool = False) -> str:
    """The cell as it is written: in quotation marks where it must be, or `always`."""
    if always or delimiter in text or any(sign in text for sign in '"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def unwrapped(text: str) -> str:
    """What Excel's `="0012"` holds: a number it shall not make shorter."""
    return text[2:-1] if len(text) > 2 and text.startswith('="') and text.endswith('"') else text
