"""How the ledger's stories look on a terminal of eighty columns. Nothing is decided here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.canonical import FunctionalAcknowledgment
from gateway.cli.show import OUT, escape, legible, line, print_hanging, print_table, when
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.deadlines import OVERDUE
from gateway.ledger.documents import DocumentRow
from gateway.ledger.outbox import OutboxRow
from gateway.ledger.states import NEEDS_A_PERSON
from gateway.ledger.stories import Count, Story, Waiting

ORIGINAL = "original"
KINDS = {"outbox": "sending"}
"""The ledger's word, and ours for people."""

# -- what the ledger tells


def print_counts(counts: Iterable[Count]) -> None:
    """How many stand where, and what to type when some wait for a person."""
    counts = list(counts)
    rows = [
        (KINDS.get(one.kind, one.kind), one.partner or "-", one.state, one.count, when(one.oldest))
        for one in counts
    ]
    print_table("", ("what", "partner", "state", "count", "oldest"), rows)
    waiting = sum(one.count for one in counts if one.state in (*NEEDS_A_PERSON, OVERDUE))
    if waiting:
        line(f"{waiting} {'waits' if waiting == 1 else 'wait'} for a person: `gateway dead` says why")


def print_tried_again(found: Mapping[str, tuple[int, str]]) -> None:
    """By partner what waits for its next attempt, and why."""
    for partner, (count, why) in found.items():
        told = f"{partner}: {count} tried again by retry:, the latest for: {why or 'no reason written down'}"
        print_hanging(OUT, "", 2, told, "yellow")


def print_waiting(waiting: Iterable[tuple[Waiting, str, str]]) -> None:
    """Each with its id to replay it by, the file it came in, and under it why it waits."""
    for one, file, why in waiting:
        named = " ".join(filter(None, (one.type, one.name, file and f"in {file}")))
        kind = KINDS.get(one.kind, one.kind)
        told = escape(
            f"{one.partner or 'nobody known'}: {kind} {named}, {one.since.astimezone():%m-%d %H:%M}"
        )
        line(f"[bold]{one.id}[/]  [red]{one.state}[/]  {told}")
        print_hanging(OUT, "    ", 4, why or "no reason was written down; see `gateway trace`", "dim")
        if hint := to_do(one.detail):
            print_hanging(OUT, "    ", 4, hint, "dim")


def to_do(detail: Any) -> str:
    """What to do about the first of the faults."""
    faults = (
        [fault for fault in detail if fault.get("severity") != "note"] if isinstance(detail, list) else []
    )
    return str(faults[0].get("hint", "")) if faults else ""


def reason(detail: Any) -> str:
    """Why something waits, in one line: its first fault, or what was written down."""
    if isinstance(detail, list) and detail:
        first = next((fault for fault in detail if fault.get("severity") != "note"), detail[0])
        more = f" (and {len(detail) - 1} more)" if len(detail) > 1 else ""
        where = ":".join(str(first[key]) for key in ("line", "column") if key in first)
        place = " ".join(filter(None, (where, where_written(first))))
        return f"{place}: {first.get('message', '')}{more}" if place else f"{first.get('message', '')}{more}"
    return str(detail.get("why", "")) if isinstance(detail, Mapping) else ""


def where_written(fault: Mapping[str, Any]) -> str:
    """The place in a document that came; of one that goes out the object's own field too."""
    place: str = fault.get("place", "")
    outward = "field" in fault and "segment" in fault and "offset" not in fault
    return f"{fault['field']} in {place}" if outward else place


def print_story(story: Story, rejected: Mapping[str, str]) -> None:
    """What it is about, each with its state and id; then what happened, in time order; then what was wrong.

    `rejected` are the documents whose partner was told no, and by what.
    """
    names = names_of(story)
    line(f"[bold]{escape(story.key)}[/]  [dim]found by {escape(story.found or '')}[/]")
    rows: list[ArrivalRow | DocumentRow | OutboxRow] = [*story.arrivals, *story.documents, *story.outbox]
    width = max((len(names[row.id]) for row in rows), default=0)
    for row in rows:
        told = f"{names[row.id].ljust(width)}  {row.state.ljust(12)} {whose(row)}"
        line(f"  {escape(told)}  [dim]{row.id}[/]")
    day = ""
    for event in story.events:
        day = print_day(event.at, day)
        name = names.get(event.document_id or event.outbox_id or event.arrival_id or "", "")
        start = f"  [dim]{event.at.astimezone():%H:%M:%S}[/]  {escape(name.ljust(width))}  "
        print_hanging(OUT, start, 14 + width, f"{event.kind.ljust(12)} {detail_of(event.detail)}".rstrip())
    print_wrong(story, names)
    for id, words in rejected.items():
        print_hanging(OUT, f"  {escape(names[id])}: ", 4, f"the partner was told {words}")


def whose(row: ArrivalRow | DocumentRow | OutboxRow) -> str:
    """The partner, or the system behind us that handed it over."""
    from gateway.profiles.senders import OF_A_SYSTEM

    channel = row.channel if isinstance(row, ArrivalRow) else ""
    return row.partner or (channel if channel.startswith(OF_A_SYSTEM) else "nobody known")


def print_wrong(story: Story, names: Mapping[str, str]) -> None:
    """What was found wrong with the files, with their interchanges, and with their documents, and what to do."""
    found: list[tuple[str, Sequence[Mapping[str, Any]]]] = [
        *((names[row.id], row.faults) for row in story.arrivals),
        *((f"interchange {row.control}", row.faults) for row in story.interchanges),
        *((names[row.id], row.faults) for row in story.documents),
    ]
    for name, faults in found:
        for fault in faults:
            print_hanging(OUT, f"  {escape(name)}: ", 4, reason([fault]))
            if hint := fault.get("hint"):
                print_hanging(OUT, "    ", 4, hint, "dim")


def names_of(story: Story) -> dict[str, str]:
    """What each thing of the story is called, by its id."""
    names = {row.id: " ".join(filter(None, title_of(row))) for row in story.documents}
    names |= {row.id: f"{row.type} {row.control or row.name}" for row in story.outbox}
    names |= {row.id: row.name for row in story.arrivals}
    return {id: legible(name) for id, name in names.items()}


def title_of(row: DocumentRow) -> tuple[str | None, ...]:
    """Its type and number, and its purpose where that is another than to say something for the first time."""
    purpose = None if row.purpose == ORIGINAL else row.purpose
    return row.type, row.number or row.set_control, purpose


def print_day(at: datetime, before: str) -> str:
    """The date once, above the first event of each day, and the zone that its times are told in: this machine's."""
    day = f"{at.astimezone():%Y-%m-%d %Z}"
    if day != before:
        line(f"[dim]{day}[/]")
    return day


def refusal(said: Mapping[str, Any]) -> str:
    """Why a partner refused, in its own codes: `code 5; HL 4 code 8; HL01 code 1, came 'X'`.

    A CONTRL names no segments but those of envelopes: `code 29 at UNT01; segment 4; 02-01 code 12`.
    """
    alone = [said["code"]] if said.get("code") else []
    at = said.get("at") or {}
    place = f" at {spelled(at.get('segment') or '', at)}" if at.get("segment") else ""
    parts = [f"code {code}{place}" for code in said.get("codes") or alone]
    for segment in said.get("segments", ()):
        code = f" code {segment['code']}" if segment.get("code") else ""
        parts.append(f"{segment.get('segment') or 'segment'} {segment['number']}{code}")
        parts += [refused_element(segment.get("segment") or "", one) for one in segment.get("elements", ())]
    return "; ".join(parts) or "no reason was given"


def refused_element(segment: str, one: Mapping[str, Any]) -> str:
    came = f", came {one['value']!r}" if one.get("value") else ""
    return f"{spelled(segment or 'element ', one)} code {one['code']}{came}"


def spelled(segment: str, at: Mapping[str, Any]) -> str:
    element = f"{at['element']:02d}" if at.get("element") else ""
    component = f"-{at['component']:02d}" if at.get("component") else ""
    return f"{segment}{element}{component}"


def verdicts(said: FunctionalAcknowledgment) -> str:
    """An acknowledgment in short: of the group, of each set that it rejects and why, and how many others it names."""
    sets = [*said.sets, *(one for group in said.groups for one in group.sets)]
    bad = [one for one in sets if one.codes or one.segments or one.verdict != "accepted"]
    about = said.interchange or said.group
    told = [
        f"{'interchange' if said.interchange else 'group'} {about.control if about else ''} {said.verdict}"
    ]
    told += [
        f"{one.code} {one.control} {one.verdict}: {refusal(one.model_dump())}" for one in bad[:MOST_SETS]
    ]
    if others := len(sets) - len(bad[:MOST_SETS]):
        told.append(f"{others} more named")
    return "; ".join(told)


MOST_SETS = 5
"""Sets whose reasons are told in a line that is read in a terminal."""

TOLD = ("name", "type", "number", "control")
"""Details that the name of the thing tells already."""


def detail_of(detail: Mapping[str, Any]) -> str:
    told = {key: value for key, value in detail.items() if key not in TOLD}
    if told.get("segments"):
        told = {"verdict": told["verdict"], "because": refusal(told)}
    faults = told.pop("faults", None)
    if isinstance(faults, list) and faults:
        told["fault"] = reason(faults)
    shown = {
        key: ", ".join(map(str, value)) if isinstance(value, list) else value
        for key, value in told.items()
        if value not in (None, "", [], {})
    }
    return ", ".join(f"{key} {value}" for key, value in shown.items())


# -- what `run` shows

IN_SHORT = {"dropped": "duplicate"}
"""The ledger's state, and why it came to that in one word."""


def in_short(states: Sequence[tuple[str, str, str]]) -> str:
    """An arrival's documents, (type, number, state) each, in a few words."""
    if len(states) == 1:
        type, number, state = states[0]
        return " ".join(filter(None, (type, number, IN_SHORT.get(state, state))))
    counted = Counter(IN_SHORT.get(state, state) for _, _, state in states)
    return ", ".join(f"{count} {state}" for state, count in counted.items())


def answers_in_short(states: Iterable[tuple[str, str]]) -> str:
    """What went back, (type, state) each: `997 TA1 sent`."""
    types: dict[str, list[str]] = {}
    for type, state in states:
        types.setdefault(state, []).append(type)
    return ", ".join(f"{' '.join(dict.fromkeys(among))} {state}" for state, among in types.items()) or "-"
