"""Everything that affects a state lives in this file: four lives, their states, and which may follow which.

`LIVES` is the one table. The docs' diagram is drawn from it (`diagram`), every write is checked against it
(`gateway.ledger.moves`), and what the sweeper looks at follows from it (`Stage.work`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import GatewayError


class State(StrEnum):
    """All the words a state can be. A life uses some of them."""

    RECEIVED = "received"
    PROCESSED = "processed"
    STAGED = "staged"
    TRANSLATED = "translated"
    DELIVERED = "delivered"
    RENDERED = "rendered"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    RETRYING = "retrying"
    QUARANTINED = "quarantined"
    HELD = "held"
    REJECTED = "rejected"
    DROPPED = "dropped"
    DEAD = "dead"


class Life(StrEnum):
    """What has a state: an arrival, a document that came in, one that goes out, and a sending (an outbox row).

    A document that goes out is written and then carried by a sending; from then on it follows that one's states.
    """

    ARRIVAL = "arrival"
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    SENDING = "sending"


class ImpossibleStep(GatewayError):
    """The table does not let this state follow that one; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One row: what the state says to an operator, what may follow, and whether a worker has to do something."""

    prose: str
    then: frozenset[State]
    work: bool = False


def _stage(prose: str, *then: State, work: bool = False) -> Stage:
    return Stage(prose, frozenset(then), work)


S = State

LIVES: Mapping[Life, Mapping[State, Stage]] = {
    Life.ARRIVAL: {
        S.RECEIVED: _stage(
            "its bytes are stored and receipted; nobody has read it yet",
            *(S.PROCESSED, S.QUARANTINED, S.HELD, S.DROPPED, S.REJECTED, S.RETRYING, S.DEAD),
            work=True,
        ),
        S.RETRYING: _stage(
            "reading it did not finish for a reason that may pass; it is read again at its due time",
            *(S.PROCESSED, S.QUARANTINED, S.HELD, S.DROPPED, S.REJECTED, S.RETRYING, S.DEAD),
            work=True,
        ),
        S.PROCESSED: _stage("read to its end; its documents live on their own", S.RECEIVED),
        S.QUARANTINED: _stage(
            "cannot be read as any document; a person looks at its faults", S.RECEIVED, S.REJECTED
        ),
        S.HELD: _stage(
            "waits for a decision: its sender, its duplicate or its missing end", S.RECEIVED, S.REJECTED
        ),
        S.DROPPED: _stage("a duplicate that the profile says to drop", S.RECEIVED),
        S.REJECTED: _stage("refused, and the partner was told where one could be told", S.RECEIVED),
        S.DEAD: _stage("reading it was given up after its last attempt", S.RECEIVED, S.REJECTED),
    },
    Life.INBOUND: {
        S.RECEIVED: _stage(
            "found in its arrival; not translated yet",
            *(S.STAGED, S.TRANSLATED, S.QUARANTINED, S.HELD, S.REJECTED, S.DROPPED, S.DELIVERED),
            *(S.RETRYING, S.DEAD),
            work=True,
        ),
        S.STAGED: _stage(
            "translated; waits for the trailer of its group",
            *(S.TRANSLATED, S.QUARANTINED, S.HELD, S.REJECTED, S.DROPPED, S.DEAD),
        ),
        S.TRANSLATED: _stage(
            "its canonical object is stored; waits to be delivered",
            *(S.DELIVERED, S.RETRYING, S.QUARANTINED, S.HELD, S.REJECTED, S.DROPPED, S.DEAD),
            work=True,
        ),
        S.RETRYING: _stage(
            "a step failed for a reason that may pass; it is tried again at its due time",
            *(S.STAGED, S.TRANSLATED, S.DELIVERED, S.RETRYING, S.QUARANTINED, S.HELD, S.REJECTED),
            *(S.DROPPED, S.DEAD),
            work=True,
        ),
        S.DELIVERED: _stage("the system behind us has it", S.RECEIVED),
        S.QUARANTINED: _stage(
            "has faults that reject it; its neighbours went on; replay it once the cause is fixed",
            *(S.RECEIVED, S.REJECTED),
        ),
        S.HELD: _stage(
            "nothing is wrong with it, but an agreement or a policy waits for a person",
            *(S.RECEIVED, S.TRANSLATED, S.REJECTED, S.DROPPED),
        ),
        S.REJECTED: _stage("refused, and the partner was told where that could be told", S.RECEIVED),
        S.DROPPED: _stage(
            "a duplicate that the profile says to drop, or a form whose place a later one has taken",
            S.RECEIVED,
        ),
        S.DEAD: _stage(
            "given up after its last attempt; everything needed to replay it is kept", S.RECEIVED, S.REJECTED
        ),
    },
    Life.OUTBOUND: {
        S.RECEIVED: _stage(
            "a system behind us handed it over; not written yet",
            *(S.TRANSLATED, S.RENDERED, S.RETRYING, S.QUARANTINED, S.HELD, S.DROPPED, S.DEAD),
            work=True,
        ),
        S.TRANSLATED: _stage(
            "can be written as agreed; waits for the others of its batch, or for their time",
            *(S.RENDERED, S.RETRYING, S.QUARANTINED, S.HELD, S.DROPPED, S.DEAD),
            work=True,
        ),
        S.RENDERED: _stage(
            "its bytes and control numbers are stored; waits to be sent",
            *(S.SENT, S.ACKNOWLEDGED, S.REFUSED, S.RETRYING, S.HELD, S.DROPPED, S.DEAD),
        ),
        S.RETRYING: _stage(
            "writing or sending it failed for a reason that may pass; that is tried again at its due time",
            *(S.TRANSLATED, S.RENDERED, S.SENT, S.ACKNOWLEDGED, S.REFUSED, S.RETRYING, S.QUARANTINED),
            *(S.HELD, S.DROPPED, S.DEAD),
            work=True,
        ),
        S.SENT: _stage(
            "the partner's side took the bytes; where an acknowledgment is agreed, it is awaited",
            *(S.ACKNOWLEDGED, S.REFUSED, S.RENDERED),
        ),
        S.ACKNOWLEDGED: _stage("the partner's functional acknowledgment accepted it", S.RENDERED),
        S.REFUSED: _stage(
            "the partner's functional acknowledgment rejected it; its reasons are kept with it",
            *(S.ACKNOWLEDGED, S.RENDERED),
        ),
        S.QUARANTINED: _stage(
            "is not what its kind says, or cannot be written as agreed; its neighbours went on",
            *(S.RECEIVED, S.DROPPED),
        ),
        S.HELD: _stage(
            "not sent until a person lets it go: its partner, an agreement or a policy is in question",
            *(S.RECEIVED, S.RENDERED, S.DROPPED, S.DEAD),
        ),
        S.DROPPED: _stage(
            "not sent: the same went before, or a later one says what holds", *(S.RECEIVED, S.RENDERED)
        ),
        S.DEAD: _stage(
            "given up after its last attempt; everything needed to replay it is kept",
            *(S.RECEIVED, S.RENDERED, S.ACKNOWLEDGED, S.DROPPED),
        ),
    },
    Life.SENDING: {
        S.RENDERED: _stage(
            "its bytes and control numbers are stored; waits to be sent",
            *(S.SENT, S.ACKNOWLEDGED, S.REFUSED, S.RETRYING, S.HELD, S.DROPPED, S.DEAD),
            work=True,
        ),
        S.RETRYING: _stage(
            "sending failed for a reason that may pass; the same bytes are sent again at its due time",
            *(S.SENT, S.ACKNOWLEDGED, S.REFUSED, S.RETRYING, S.HELD, S.DROPPED, S.DEAD),
            work=True,
        ),
        S.SENT: _stage(
            "the partner's side took the bytes; where an acknowledgment is agreed, it is awaited",
            *(S.ACKNOWLEDGED, S.REFUSED, S.RENDERED),
        ),
        S.ACKNOWLEDGED: _stage("the partner's functional acknowledgment accepted it", S.RENDERED),
        S.REFUSED: _stage(
            "the partner's functional acknowledgment rejected it; its reasons are kept with it",
            *(S.ACKNOWLEDGED, S.RENDERED),
        ),
        S.HELD: _stage("not sent until a person lets it go", S.RENDERED, S.DROPPED, S.DEAD),
        S.DROPPED: _stage("not sent, because a later one says what holds now", S.RENDERED),
        S.DEAD: _stage(
            "given up after its last attempt; replaying sends the same bytes",
            *(S.RENDERED, S.ACKNOWLEDGED, S.DROPPED),
        ),
    },
}
"""The table: life, state, and what may follow."""

TRANSITIONS: Mapping[Life, Mapping[State, frozenset[State]]] = {
    life: {state: stage.then for state, stage in stages.items()} for life, stages in LIVES.items()
}

FIRST: Mapping[Life, State] = {
    Life.ARRIVAL: S.RECEIVED,
    Life.INBOUND: S.RECEIVED,
    Life.OUTBOUND: S.RECEIVED,
    Life.SENDING: S.RENDERED,
}
"""Where a life begins, and where replaying puts it; a document that is carried goes back with its sending."""

WORK: Mapping[Life, tuple[State, ...]] = {
    life: tuple(state for state, stage in stages.items() if stage.work) for life, stages in LIVES.items()
}
"""The states in which a worker has to do something; everything else rests."""

NEEDS_A_PERSON = (S.QUARANTINED, S.HELD, S.REFUSED, S.DEAD)


def before(life: Life, then: State) -> tuple[State, ...]:
    """The states that `then` may follow."""
    return tuple(state for state, following in TRANSITIONS[life].items() if then in following)


def step(life: Life, now: str, then: str) -> State:
    """The next state, or `ImpossibleStep` where the table has no such step."""
    stages = TRANSITIONS[life]
    if now not in stages or then not in stages[State(now)]:
        following = ", ".join(sorted(stages.get(State(now), ()))) or "nothing"
        raise ImpossibleStep(f"{life}: {now} cannot become {then}; what may follow is {following}")
    return State(then)


def diagram(life: Life) -> str:
    """The life as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {FIRST[life]}"]
    lines += [
        f"    {state} --> {then}" for state, stage in LIVES[life].items() for then in sorted(stage.then)
    ]
    return "\n".join(lines) + "\n"
