"""How an order and what answers it look on a terminal, line by line. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.canonical import Standing
from gateway.cli.show import OUT, escape, legible, line, print_hanging, print_table
from gateway.pipeline.outbound.threads import STEPS, Thread, amount, cancelled_by

MOST_THREADS = 10


def print_threads(threads: Sequence[Thread]) -> None:
    """Each order line by line, then what does not agree."""
    for one in threads[:MOST_THREADS]:
        release = f" release {one.key.release}" if one.key.release else ""
        line(f"[bold]{escape(f'order {one.key.number}{release} of {one.key.partner}')}[/]")
        if one.order is None:
            line("  the ledger does not have it, only what answers it")
            continue
        print_table("", ("line", "item", *STEPS), [*map(thread_row, one.lines), total_row(one)])
        if one.cancelled is not None:
            print_hanging(OUT, "  ", 4, cancelled_by(one.cancelled), "red")
        differing = one.differences
        for told in differing:
            print_hanging(OUT, "  [red]differs[/] ", 10, told)
        if not differing and one.cancelled is None:
            line("  all that was said agrees" if one.counted else "  nothing that counts has answered it")
        for told in one.notes:
            print_hanging(OUT, "  ", 4, told)
        left = [f"{row.type} {row.number} {row.state}" for row in one.answers if row.id not in one.counted]
        if left:
            print_hanging(OUT, "  not counted: ", 4, ", ".join(left))
    if len(threads) > MOST_THREADS:
        line(f"and {len(threads) - MOST_THREADS} more orders: trace each by its number")


def thread_row(found: Standing) -> tuple[str, ...]:
    """One line of the order: how much at each step, and what will come later."""
    item = next((f"{kind} {value}" for kind, value in found.ids.items()), "")
    cells = ["" if (tally := getattr(found, step)) is None else amount(tally) for step in STEPS]
    if found.backordered is not None:
        cells[1] = f"{cells[1]}, later {amount(found.backordered)}".removeprefix(", ")
    return legible(found.number or ""), legible(item), *map(legible, cells)


def total_row(thread: Thread) -> tuple[str, ...]:
    """What each step comes to, where all its prices are known; of invoices what they say, then what their lines do."""
    cells = ["" if (money := thread.money(step)) is None else f"{money:.2f}" for step in STEPS]
    if thread.total is not None:
        lines = f" (lines {cells[-1]})" if cells[-1] and thread.money("invoiced") != thread.total else ""
        cells[-1] = f"{thread.total:.2f}{lines}"
    return "", "money", *cells
