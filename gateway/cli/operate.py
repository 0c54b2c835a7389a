"""Commands of a running house: run, status, trace, dead, replay."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

import typer

from gateway.cli import show
from gateway.cli.documents import Json, settings


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

    raise typer.Exit(asyncio.run(running.run(settings(), until_idle=until_idle, demo=demo, json=json)))


def ask(question: Any) -> Any:
    """One question to the ledger, also while the gateway runs."""
    from gateway.ledger import open_ledger

    with open_ledger(settings(), "read") as ledger:
        return ledger.read_now(question)


def status(
    partner: Annotated[str, typer.Argument(help="only this partner")] = "",
    json: Json = False,
) -> None:
    """How things stand: how many arrivals, documents and sendings are in which state, and since when.

    What is tried again is told with the latest reason.

    Example: `gateway status`
    """
    from gateway.cli.asking import tried_again
    from gateway.cli.stories import print_counts, print_tried_again
    from gateway.ledger import stories

    found, again = ask(lambda tx: (stories.status(tx), tried_again(tx, partner)))
    counts = [one for one in found.counts if not partner or one.partner == partner]
    if json:
        for one in counts:
            show.print_json(show.plain(one))
        return
    if not counts:
        show.OUT.print(
            "nothing has arrived yet" if not partner else f"nothing has arrived from {partner} yet"
        )
        return
    print_counts(counts)
    print_tried_again(again)


def trace(
    key: Annotated[str, typer.Argument(help="a PO number, an id, a control number or a file name")],
    json: Json = False,
) -> None:
    """One business document's whole story, in the order it happened; of an order, with all that answers it.

    Example: `gateway trace 4500017`
    """
    from gateway.cli.asking import rejections, threads_in
    from gateway.cli.stories import print_story
    from gateway.cli.threads import print_threads
    from gateway.ledger import stories

    story, told, threads = ask(
        lambda tx: (found := stories.trace(tx, key), rejections(tx, found), threads_in(tx, found))
    )
    if story.found is None:
        show.complain(
            f"the ledger knows nothing called {key!r}; try a PO number, a control number or a file name"
        )
        raise typer.Exit(1)
    if json:
        show.print_json({**show.plain(story), "told": told, "threads": [one.as_dict() for one in threads]})
    else:
        print_story(story, told)
        print_threads(threads)


def dead(
    partner: Annotated[str, typer.Argument(help="only this partner")] = "",
    json: Json = False,
) -> None:
    """What waits for a person: quarantined, held, refused or given up, with the reason.

    Example: `gateway dead harbor`
    """
    from gateway.cli.asking import waiting_with_reason
    from gateway.cli.stories import print_waiting

    waiting = ask(lambda tx: waiting_with_reason(tx, partner))
    if json:
        for one, file, why in waiting:
            show.print_json({**show.plain(one), "file": file, "why": why})
    elif waiting:
        print_waiting(waiting)
        show.OUT.print("[dim]mend the cause, then: gateway replay ID...[/]")
    else:
        show.OUT.print("nothing waits for a person")


def replay(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="ids that `gateway dead` shows")],
    json: Json = False,
) -> None:
    """Put documents, arrivals or sendings back to their beginning, to be processed again as things are now.

    Example: `gateway replay 06f1x0q2m3n4p5r6`
    """
    from gateway.cli.asking import REPLAYED, replayed
    from gateway.ledger import open_ledger

    ask(lambda tx: None)  # opening to write would make the ledger that is missing
    good = True
    with open_ledger(settings(), "once") as ledger:
        for id in ids:
            outcome = ledger.commit_now(partial(replayed, id=id))
            good &= REPLAYED in outcome
            if json:
                show.print_json({"id": id, "outcome": outcome})
            else:
                show.print_facts({id: outcome})
    raise typer.Exit(0 if good else 1)


COMMANDS = {"run": run, "status": status, "trace": trace, "dead": dead, "replay": replay}
