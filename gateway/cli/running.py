"""`gateway run` as a person sees it: a live table of what arrived and what went back, and a clean end.

Without a terminal, or with `--until-idle`, it ends when nothing is left to do, with a summary.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import AsyncExitStack
from typing import Any, TextIO

import structlog
from rich.console import Group
from rich.live import Live
from rich.text import Text
from sqlalchemy import Connection, select

from gateway import app
from gateway.cli import demo as play
from gateway.cli import show
from gateway.ledger import stories
from gateway.ledger.tables import arrival, document, outbox
from gateway.settings import Settings

SHOWN = 20
"""Arrivals in the table, the newest."""


async def run(settings: Settings, *, until_idle: bool, demo: bool, json: bool) -> int:
    """Runs until a signal, or until idle; returns the exit status."""
    watched = sys.stdout.isatty() and not (until_idle or json)
    ends = until_idle or (demo and not sys.stdout.isatty())
    with log_target(settings, watched) as target:
        configure_logs(settings, target, watched)
        if demo:
            play.credentials(settings)
        async with AsyncExitStack() as stack:
            gateway = await stack.enter_async_context(app.running(settings))
            stop = stopping()
            if demo:
                await play.upload(gateway)
            if ends:
                await first(quiet(gateway), stop.wait(), gateway.failed())
                summary(gateway, json)
            else:
                await first(watch(gateway, demo, watched), stop.wait(), gateway.failed())
            return 1 if gateway.health_failed else 0


def stopping() -> asyncio.Event:
    """Set by Ctrl-C and by a container's stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def first(*ways: Any) -> None:
    """Waits for the first of these and cancels the others."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def quiet(gateway: app.Gateway) -> None:
    """Nothing queued or in hand, and nothing due in the ledger."""
    while True:
        await gateway.worker.queue.idle()
        if not await gateway.worker.sweep():
            return


# -- what is shown


async def watch(gateway: app.Gateway, demo: bool, watched: bool) -> None:
    """The live table, until cancelled."""
    if not watched:
        await asyncio.Event().wait()
    with Live(console=show.OUT, auto_refresh=False, transient=False) as live:
        while True:
            rows = await gateway.ledger.read(recent)
            live.update(screen(gateway, rows, demo), refresh=True)
            await asyncio.sleep(0.25)


def screen(gateway: app.Gateway, rows: list[tuple[str, ...]], demo: bool) -> Group:
    """The table, and what to try next."""
    parts: list[Any] = [arrivals_table(rows), Text()]
    if gateway.faults:
        worst = next((fault for fault in gateway.faults if not fault.warning), gateway.faults[0])
        parts.append(Text(f"setup: {worst}", style="yellow"))
    hints = [f"health and metrics  http://{gateway.settings.http_host}:{gateway.http_port}/health"]
    hints += play.hints(gateway.settings) if demo else []
    parts += [Text(hint, style="dim") for hint in [*hints, "Ctrl-C stops"]]
    return Group(*parts)


def arrivals_table(rows: list[tuple[str, ...]]) -> Any:
    return show.table("", ("arrived", "from", "file", "became", "documents", "went back"), rows)


def recent(tx: Connection) -> list[tuple[str, ...]]:
    """The newest arrivals: when, from whom, which file, its state, its documents, what went back."""
    newest = tx.execute(select(arrival).order_by(arrival.c.id.desc()).limit(SHOWN)).all()
    ids = [row.id for row in newest]
    inside = gathered(
        tx.execute(
            select(document.c.arrival_id, document.c.type, document.c.number, document.c.state)
            .where(document.c.arrival_id.in_(ids), document.c.direction == "in")
            .order_by(document.c.ordinal)
        )
    )
    back = gathered(
        tx.execute(
            select(outbox.c.arrival_id, outbox.c.type, outbox.c.control, outbox.c.state)
            .where(outbox.c.arrival_id.in_(ids))
            .order_by(outbox.c.id)
        )
    )
    return [
        (
            row.received_at.astimezone().strftime("%H:%M:%S"),
            row.partner or row.channel,
            row.name,
            row.state,
            inside.get(row.id, "-"),
            back.get(row.id, "-"),
        )
        for row in reversed(newest)
    ]


def gathered(rows: Any) -> dict[str, str]:
    """Per arrival, up to three of its documents in words."""
    told: dict[str, list[str]] = {}
    for arrival_id, type, name, state in rows:
        told.setdefault(arrival_id, []).append(f"{type} {name or '?'} {state}")
    return {
        id: "\n".join([*one[:3], *([f"and {len(one) - 3} more"] if len(one) > 3 else [])])
        for id, one in told.items()
    }


def summary(gateway: app.Gateway, json: bool) -> None:
    """What was done, once there is nothing left to do."""
    counts = gateway.ledger.read_now(stories.status).counts
    if json:
        for one in counts:
            show.print_json(show.plain(one))
        return
    show.OUT.print(arrivals_table(gateway.ledger.read_now(recent)))
    show.print_table(
        "", ("what", "partner", "state", "count"), [(c.kind, c.partner, c.state, c.count) for c in counts]
    )


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
    renderer: Any = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            stamp,
            structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(target),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    logging.basicConfig(stream=target, level=logging.WARNING, force=True)
