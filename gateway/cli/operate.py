"""Commands of a running house: run, status, trace, dead, replay."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from gateway.cli import show
from gateway.cli.documents import Json
from gateway.settings import Settings


def run(
    until_idle: Annotated[bool, typer.Option("--until-idle", help="end when nothing is left to do")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="make credentials and play the sample partners' side")
    ] = False,
    json: Json = False,
) -> None:
    """Run the gateway: its doors, its workers, its health port. Ctrl-C stops it with nothing half done.

    Example: `gateway run`, or with sample partners and their documents `gateway run --demo`
    """
    from gateway.cli import running

    raise typer.Exit(asyncio.run(running.run(Settings(), until_idle=until_idle, demo=demo, json=json)))


def ask(question: Any) -> Any:
    """One question to the ledger, also while the gateway runs."""
    from gateway import app

    with app.open_ledger(Settings(), "read") as ledger:
        return ledger.read_now(question)


def status(
    partner: Annotated[str, typer.Argument(help="only this partner")] = "",
    json: Json = False,
) -> None:
    """How things stand: how many arrivals, documents and sendings are in which state, and since when.

    Example: `gateway status`
    """
    from gateway.ledger import stories

    counts = [one for one in ask(stories.status).counts if not partner or one.partner == partner]
    if json:
        for one in counts:
            show.print_json(show.plain(one))
        return
    rows = [(one.kind, one.partner or "-", one.state, one.count, show.when(one.oldest)) for one in counts]
    show.print_table("", ("what", "partner", "state", "count", "oldest"), rows)


def trace(
    key: Annotated[str, typer.Argument(help="a PO number, an id, a control number or a file name")],
    json: Json = False,
) -> None:
    """One business document's whole story, in the order it happened.

    Example: `gateway trace 4500017`
    """
    from gateway.ledger import stories

    story = ask(lambda tx: stories.trace(tx, key))
    if story.found is None:
        show.complain(f"the ledger knows nothing called {key!r}")
        raise typer.Exit(1)
    if json:
        show.print_json(show.plain(story))
    else:
        show.print_story(story)


def dead(
    partner: Annotated[str, typer.Argument(help="only this partner")] = "",
    json: Json = False,
) -> None:
    """What waits for a person: quarantined, held, refused or given up, with the reason.

    Example: `gateway dead harbor`
    """
    from gateway.ledger import stories

    waiting = ask(lambda tx: stories.dead(tx, partner=partner or None))
    if json:
        for one in waiting:
            show.print_json(show.plain(one))
        return
    rows = [
        (
            one.id,
            one.kind,
            one.partner or "-",
            one.state,
            one.type or "-",
            one.name or "-",
            show.reason(one.detail),
        )
        for one in waiting
    ]
    show.print_table("", ("id", "what", "partner", "state", "type", "name", "why"), rows)


def replay(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="ids that `gateway dead` shows")],
    json: Json = False,
) -> None:
    """Put documents, arrivals or sendings back to their beginning, to be processed again as things are now.

    Example: `gateway replay 06f1x0q2m3n4p5r6`
    """
    from gateway import app

    good = True
    with app.open_ledger(Settings(), "once") as ledger:
        for id in ids:
            outcome = ledger.commit_now(partial(replayed, id=id))
            good &= outcome != "unknown"
            if json:
                show.print_json({"id": id, "outcome": outcome})
            else:
                show.print_facts({id: outcome})
    raise typer.Exit(0 if good else 1)


def replayed(tx: Connection, id: str) -> str:
    """Replays whatever has this id; says what it was, or why it cannot be."""
    from gateway.app import now
    from gateway.errors import GatewayError
    from gateway.ledger import arrivals, documents, outbox

    for kind, room in (("document", documents), ("arrival", arrivals), ("sending", outbox)):
        try:
            room.get(tx, id)
        except LookupError:
            continue
        try:
            room.replay(tx, id, now(), {"by": "gateway replay"})
        except GatewayError as error:
            return str(error)
        return f"{kind} replayed"
    return "unknown"


COMMANDS = {"run": run, "status": status, "trace": trace, "dead": dead, "replay": replay}
