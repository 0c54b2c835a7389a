"""What is wrong with a file of records, for whoever sent it: a table of lines, fields, what came, what was expected.

No standard has such an answer, so it is one that opens in any spreadsheet. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from gateway.faults import Fault, rejecting
from gateway.pipeline.translation.acknowledge import GroupVerdict

COLUMNS = ("line", "document", "record", "field", "came", "expected", "what")
MOST_ROWS = 10_000
"""Rows at most; then one that says how many more there are. Who sent so many wrong ones mends them all at once."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula when a cell begins with it."""


def table(groups: Sequence[GroupVerdict], faults: Sequence[Fault]) -> bytes | None:
    """The faults that reject, by line; `document` is which of the batch, nothing for what is said of all of it.

    None where there is none.
    """
    found = [("", fault) for fault in rejecting(faults)]
    found += [(one.control, fault) for group in groups for one in group.sets for fault in one.faults]
    if not found:
        return None
    found.sort(key=lambda row: row[1].place.line or 0)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([map(harmless, row(number, fault)) for number, fault in found[:MOST_ROWS]])
    if len(found) > MOST_ROWS:
        writer.writerow([*[""] * (len(COLUMNS) - 1), f"and {len(found) - MOST_ROWS} more"])
    return text.getvalue().encode()


def row(number: str, fault: Fault) -> Iterator[str]:
    place = fault.place
    said = (
        place.line,
        number,
        place.segment,
        place.name,
        fault.came,
        fault.expected,
        fault.code.value.summary,
    )
    return ("" if one is None else str(one) for one in said)


def harmless(cell: str) -> str:
    """A cell that nobody's spreadsheet computes; a number stays one."""
    return f"'{cell}" if cell.startswith(FORMULAS) and not cell[1:].replace(".", "").isdecimal() else cell
