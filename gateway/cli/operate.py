"""Commands of a running house: run, status, trace, dead, replay."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy import Connection, or_, select

from gateway.cli import show
from gateway.cli.documents import Json
from gateway.ledger.tables import arrival, document, event, interchange
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.ledger.stories import Story, Waiting
    from gateway.pipeline.inbound.correction import Told
    from gateway.pipeline.outbound.threads import Thread


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
    from gateway.cli.stories import print_counts
    from gateway.ledger import stories

    counts = [one for one in ask(stories.status).counts if not partner or one.partner == partner]
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


def trace(
    key: Annotated[str, typer.Argument(help="a PO number, an id, a control number or a file name")],
    json: Json = False,
) -> None:
    """One business document's whole story, in the order it happened; of an order, with all that answers it.

    Example: `gateway trace 4500017`
    """
    from gateway.cli.stories import print_story, print_threads
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


def threads_in(tx: Connection, story: Story) -> list[Thread]:
    """The orders of the story with what answers them, compared."""
    from gateway.pipeline.outbound.threads import threads_of

    return threads_of(tx, [row.id for row in story.documents])


def dead(
    partner: Annotated[str, typer.Argument(help="only this partner")] = "",
    json: Json = False,
) -> None:
    """What waits for a person: quarantined, held, refused or given up, with the reason.

    Example: `gateway dead harbor`
    """
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


def waiting_with_reason(tx: Connection, partner: str) -> list[tuple[Waiting, str, str]]:
    """What waits, each with the file it came in, and why."""
    from gateway.ledger import stories

    waiting = stories.dead(tx, partner=partner or None)
    return [(one, file_of(tx, one.id) or "", why_it_waits(tx, one)) for one in waiting]


def why_it_waits(tx: Connection, one: Waiting) -> str:
    """Its own faults in short, else what its last events wrote down, else why the partner refused it, else what is
    wrong with its interchange.
    """
    from gateway.cli.stories import reason

    told = reason(rejecting(one.detail)) or reason(last_words(tx, one.id))
    return told or refused_for(tx, one.id) or reason(rejecting(faults_around(tx, one.id)))


def rejecting(detail: Any) -> Any:
    """Of faults those that are more than notes: a note is never why something waits."""
    if not isinstance(detail, list):
        return detail
    return [fault for fault in detail if fault.get("severity") != "note"]


def faults_around(tx: Connection, id: str) -> Any:
    """What is wrong with the interchange that the document of this id came in."""
    around = select(document.c.interchange_id).where(document.c.id == id).scalar_subquery()
    return tx.scalar(select(interchange.c.faults).where(interchange.c.id == around))


def file_of(tx: Connection, id: str) -> str | None:
    """The file that the document of this id came in."""
    inside = select(document.c.arrival_id).where(document.c.id == id).scalar_subquery()
    return tx.scalar(select(arrival.c.name).where(arrival.c.id == inside))


def last_words(tx: Connection, id: str) -> Any:
    """The detail of the last event about this id that says why something is so."""
    from gateway.cli.stories import reason

    about = or_(event.c.document_id == id, event.c.outbox_id == id, event.c.arrival_id == id)
    told = tx.scalars(select(event.c.detail).where(about).order_by(event.c.id.desc()).limit(LAST))
    return next((detail for detail in told if reason(detail)), None)


def refused_for(tx: Connection, id: str) -> str:
    """What the partner said against the documents of a sending that it refused."""
    from gateway.cli.stories import refusal
    from gateway.ledger import documents
    from gateway.ledger.states import State

    refused = [row for row in documents.of_outbox(tx, id) if row.state == State.REFUSED]
    return "; ".join(f"{row.number or row.set_control}: {refusal(row.acknowledged or {})}" for row in refused)


def replay(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="ids that `gateway dead` shows")],
    json: Json = False,
) -> None:
    """Put documents, arrivals or sendings back to their beginning, to be processed again as things are now.

    Example: `gateway replay 06f1x0q2m3n4p5r6`
    """
    from gateway import app

    ask(lambda tx: None)  # opening to write would make the ledger that is missing
    good = True
    with app.open_ledger(Settings(), "once") as ledger:
        for id in ids:
            outcome = ledger.commit_now(partial(replayed, id=id))
            good &= REPLAYED in outcome
            if json:
                show.print_json({"id": id, "outcome": outcome})
            else:
                show.print_facts({id: outcome})
    raise typer.Exit(0 if good else 1)


REPLAYED = "replayed"
LAST = 20
"""Events that are looked through for why something waits."""


def replayed(tx: Connection, id: str) -> str:
    """Replays whatever has this id; says what it was, or why it cannot be."""
    from gateway.app import now
    from gateway.errors import GatewayError
    from gateway.ledger import arrivals, documents, outbox
    from gateway.ledger.states import ImpossibleStep

    kinds: tuple[tuple[str, Any], ...] = (("document", documents), ("arrival", arrivals), ("sending", outbox))
    for kind, room in kinds:
        try:
            state = room.get(tx, id).state
        except LookupError:
            continue
        if room is documents:
            room, id = going_out(tx, id) or (room, id)
        before = rejected(tx, id) if room is documents else None
        detail = {"by": "gateway replay"} | ({"told": str(before)} if before else {})
        try:
            room.replay(tx, id, now(), detail)
        except ImpossibleStep:
            return f"this {kind} is {state}, and cannot be put back from there; see `gateway trace {id}`"
        except GatewayError as error:
            return str(error)
        told = f"; the partner was told {before}, and is told anew once it is accepted" if before else ""
        return f"{kind} {REPLAYED}{told}"
    return "nothing has this id; `gateway dead` shows them"


def going_out(tx: Connection, id: str) -> tuple[Any, str] | None:
    """Where a document that goes out is replayed: its sending sends the same bytes; one without is written anew."""
    from gateway.ledger import departures, documents, outbox

    row = documents.get(tx, id)
    if row.direction == "in":
        return None
    return (outbox, row.outbox_id) if row.outbox_id else (departures, id)


def rejected(tx: Connection, id: str) -> Told | None:
    """What the partner was told of a document that came in, where that was no."""
    from gateway.ledger import documents
    from gateway.pipeline.inbound import correction

    told = correction.told(tx, documents.get(tx, id).arrival_id or "").get(id)
    return told if told and told.rejected else None


def rejections(tx: Connection, story: Story) -> dict[str, str]:
    """The documents of a story whose partner was told no, and by what."""
    from gateway.pipeline.inbound import correction

    told: dict[str, Told] = {}
    for arrival_id in {row.arrival_id for row in story.documents if row.arrival_id}:
        told |= correction.told(tx, arrival_id)
    ids = [row.id for row in story.documents]
    return {id: str(told[id]) for id in ids if id in told and told[id].rejected}


COMMANDS = {"run": run, "status": status, "trace": trace, "dead": dead, "replay": replay}
