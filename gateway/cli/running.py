"""`gateway run` as a person sees it: a live table of what arrived and what went back, and a clean end.

Without a terminal, or with `--until-idle`, it ends when nothing is left to do, with a summary.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, TextIO

import structlog
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection, literal, select

from gateway import app
from gateway.cli import demo as play
from gateway.cli import show
from gateway.cli.stories import answers_in_short, in_short, print_counts
from gateway.ledger import stories
from gateway.ledger.tables import arrival, document, outbox
from gateway.settings import Settings
from gateway.setup import strangers

SHOWN, SUMMED = 100, 1000
"""Arrivals in the live table, and in the summary, at most: the newest."""

SCREEN = Console()
"""The live table wraps what does not fit, so that no command is cut off."""

WITHOUT = {"dropped": "duplicate", "received": "being read"}
"""An arrival in which nothing was found, where its state alone says too little."""

SOON = 0.1
"""Seconds in which the others go on."""
A_WHILE = 1.0
"""Seconds after which idleness is looked at again though no job ended: a reload may have closed the channel."""

Row = tuple[str, str, str, str, str]
COLUMNS: Row = ("arrived", "from", "file", "documents", "went back")


async def run(settings: Settings, *, until_idle: bool, demo: bool, json: bool) -> int:
    """Runs until a signal, or until idle; returns the exit status."""
    watched = sys.stdout.isatty() and not (until_idle or json)
    ends = until_idle or (demo and not sys.stdout.isatty())
    stop = stopping()
    with log_target(settings, watched) as target:
        configure_logs(settings, target, watched)
        if demo:
            play.credentials(settings)
        async with AsyncExitStack() as stack:
            erp = await stack.enter_async_context(play.erp(settings)) if demo else None
            gateway = await stack.enter_async_context(app.running(settings))
            others = await stack.enter_async_context(play.conversation(gateway, erp)) if erp else None
            until = quiet(gateway, others) if ends else watch(gateway, others, watched)
            await first(until, stop.wait(), gateway.failed())
            if ends:
                summary(gateway, json)
            return 1 if gateway.health_failed else 0


def stopping() -> asyncio.Event:
    """Set by Ctrl-C and by a container's stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def first(*ways: Any) -> None:
    """Waits for the first of these and cancels the others. Raises what the first one raised."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def quiet(gateway: app.Gateway, others: play.Conversation | None = None) -> None:
    """Everything put in, nothing queued or in hand, nothing due in the ledger, and no file that waits for a look.

    And nobody of the others has anything left to say.
    """
    if others:
        await others.begin()
    worker = gateway.worker
    while True:
        await worker.queue.idle()
        if await worker.sweep() or worker.queue.waiting:
            continue
        if others and await others.go_on():
            await asyncio.sleep(SOON)
            continue
        if not (worker.unsettled or worker.queue.waiting):  # something may have come while they spoke
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(worker.queue.change(), A_WHILE)


# -- what is shown


async def watch(gateway: app.Gateway, others: play.Conversation | None, watched: bool) -> None:
    """The live table, until cancelled, while the sample partners put their documents in."""
    try:
        async with asyncio.TaskGroup() as together:
            if others:
                together.create_task(others.forever())
            together.create_task(
                show_live(gateway, others is not None) if watched else asyncio.Event().wait()
            )
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def show_live(gateway: app.Gateway, demo: bool) -> None:
    hints = {"health": f"http://{gateway.settings.http_host}:{gateway.http_port}/health and /metrics"}
    hints |= play.hints(gateway, await gateway.sftp.port()) if demo else {}
    with Live(console=SCREEN, auto_refresh=False, transient=False) as live:
        while True:
            rows = await gateway.ledger.read(recent)
            live.update(screen(gateway, rows, hints), refresh=True)
            await asyncio.sleep(0.25)


def screen(gateway: app.Gateway, rows: list[Row], hints: Mapping[str, str]) -> Group:
    """As many of the newest arrivals as fit above what to know and to try next."""
    below = footer(gateway, hints)
    lines = SCREEN.render_lines(below)
    room = max(3, SCREEN.height - len(lines) - 3)
    return Group(arrivals_table(rows[-room:]), "", below)


def footer(gateway: app.Gateway, hints: Mapping[str, str]) -> Group:
    """Who may send, what is wrong with the set-up, and the commands to try."""
    partners = gateway.snapshot.partners if gateway.snapshot else {}
    facts = {"partners": ", ".join(f"{name} ({one.stage})" for name, one in partners.items())} | dict(hints)
    facts["stop"] = "Ctrl-C"
    told = [
        Text.assemble((f"{name:<10}", "dim"), show.legible(text), overflow="fold")
        for name, text in facts.items()
    ]
    told += [
        Text(show.legible(f"{one.what}, {one.why}; {one.fix}"), style="yellow")
        for one in strangers(os.environ)
    ]
    wrong = [fault for fault in gateway.faults if not fault.warning]
    folder = gateway.settings.partners_dir
    told += [
        Text(show.legible(f"{show.from_here(one.mark, folder)} {one.what}; {one.fix}"), style="red")
        for one in wrong[:3]
    ]
    if len(wrong) > 3:
        told.append(Text(f"and {len(wrong) - 3} more: gateway check", style="red"))
    return Group(*told)


def print_whole(rows: Sequence[Row]) -> None:
    """The same where no terminal cuts it: each line as long as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        told = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        show.line(show.escape(show.legible(told.rstrip())))
    show.line("")


def arrivals_table(rows: Sequence[Row]) -> Table:
    """One line for each arrival; what does not fit is cut in the file's name."""
    made = Table(header_style="bold", box=None, pad_edge=False, expand=True)
    for name in ("arrived", "from"):
        made.add_column(name, no_wrap=True)
    made.add_column("file", no_wrap=True, overflow="ellipsis", ratio=1, min_width=12)
    made.add_column("documents", overflow="fold")
    made.add_column("went back", overflow="fold")
    for row in rows:
        made.add_row(*map(show.escape, row))
    return made


def recent(tx: Connection, most: int = SHOWN) -> list[Row]:
    """The newest arrivals: when, from whom, which file, what became of it and its documents, what went back."""
    newest = tx.execute(select(arrival).order_by(arrival.c.id.desc()).limit(most)).all()
    ids = [row.id for row in newest]
    inside = gathered(
        tx.execute(
            select(document.c.arrival_id, document.c.type, document.c.number, document.c.state)
            .where(document.c.arrival_id.in_(ids))
            .order_by(document.c.ordinal)
        )
    )
    back = gathered(
        tx.execute(
            select(outbox.c.arrival_id, outbox.c.type, literal(""), outbox.c.state)
            .where(outbox.c.arrival_id.in_(ids))
            .order_by(outbox.c.id)
        )
    )
    return [
        (
            row.received_at.astimezone().strftime("%H:%M:%S"),
            row.partner or row.channel,
            row.name,
            in_short(inside[row.id]) if row.id in inside else WITHOUT.get(row.state, f"file {row.state}"),
            answers_in_short((type, state) for type, _, state in back.get(row.id, [])),
        )
        for row in sorted(newest, key=lambda row: (row.received_at, row.id))
    ]


def gathered(rows: Iterable[Any]) -> dict[str, list[tuple[str, str, str]]]:
    """Type, number and state of what belongs to each arrival."""
    told: dict[str, list[tuple[str, str, str]]] = {}
    for arrival_id, type, number, state in rows:
        told.setdefault(arrival_id, []).append((type, number or "", state))
    return told


def summary(gateway: app.Gateway, json: bool) -> None:
    """What was done, once there is nothing left to do."""
    counts = gateway.ledger.read_now(stories.status).counts
    if json:
        for one in counts:
            show.print_json(show.plain(one))
        return
    if not counts:
        show.OUT.print("nothing has arrived yet")
        return
    rows = gateway.ledger.read_now(lambda tx: recent(tx, SUMMED))
    arrived = sum(one.count for one in counts if one.kind == "arrival")
    if arrived > len(rows):
        show.OUT.print(f"the newest {len(rows)} of {arrived} that arrived; `gateway trace` finds the others")
    if show.OUT.is_terminal:
        show.OUT.print(arrivals_table(rows), "")
    else:
        print_whole([COLUMNS, *rows])
    print_counts(counts)


# -- logs


def log_target(settings: Settings, watched: bool) -> Any:
    """Where log lines go: beside a live table into a file, else to standard error."""
    if watched:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        return (settings.var_dir / "gateway.log").open("a", encoding="utf-8")
    return Standing(sys.stderr)


class Standing:
    """A stream that stays open when its `with` block ends."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __enter__(self) -> TextIO:
        return self.stream

    def __exit__(self, *_: object) -> None:
        self.stream.flush()


def configure_logs(settings: Settings, target: TextIO, watched: bool) -> None:
    """One line per event: readable on a terminal, JSON elsewhere. Libraries speak up only when something is wrong."""
    readable = settings.log_format == "console" or (settings.log_format == "auto" and target.isatty())
    console = structlog.dev.ConsoleRenderer(0, colors=target.isatty(), pad_level=False)
    stamp = structlog.processors.TimeStamper("%H:%M:%S" if readable else "iso", utc=not readable)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            stamp,
            structlog.processors.format_exc_info,
            *([on_one_line, console] if readable else [structlog.processors.JSONRenderer()]),
        ],
        logger_factory=structlog.PrintLoggerFactory(target),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    logging.basicConfig(stream=target, level=logging.WARNING, force=True)


def on_one_line(logger: Any, name: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What, why and fix of a set-up fault beside each other, for a person who watches lines go by; all legible."""
    if isinstance(fault := told.get("fault"), str):
        told["fault"] = "; ".join(line.strip() for line in fault.splitlines())
    for key, value in told.items():
        if isinstance(value, str):
            told[key] = show.legible(value, keep="\n\t" if key in ("exception", "stack") else "")
    return told
