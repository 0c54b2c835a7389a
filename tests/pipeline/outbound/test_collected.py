"""What partners take from their `out/` becomes part of the story of what we sent, once each time it was sent."""

from __future__ import annotations

import pytest

from gateway.cli.asking import replayed
from gateway.errors import LedgerUnavailable
from gateway.ledger import stories
from gateway.pipeline.outbound.collected import Collected
from gateway.protocols.our_sftp.server import LOGIN_FAILED
from gateway.protocols.our_sftp.visit import REFUSED

from ..desk import Desk
from ..documents import one

FETCHED, REMOVED = "fetched", "removed"


@pytest.fixture
async def door(desk: Desk) -> Collected:
    """A 997 and a TA1 wait for acme in its `out/`."""
    await desk.receive(one())
    return Collected(desk.ledger, lambda: desk.clock[0])


def told(desk: Desk) -> list[tuple[str, str]]:
    """What happened to which file."""
    names = {row.id: row.name for row in desk.outbox}
    story = desk.ask(lambda tx: stories.trace(tx, "4500017"))
    return [(names[one.outbox_id or ""], one.kind) for one in story.events if one.kind in (FETCHED, REMOVED)]


async def test_fetched_and_removed_stand_in_the_story(desk: Desk, door: Collected):
    first, second = (row.name for row in desk.outbox)
    for name, what in ((first, FETCHED), (second, FETCHED), (first, REMOVED)):
        door.hear("acme.drop", name, what)
    await door.write()
    assert told(desk) == [(first, FETCHED), (second, FETCHED), (first, REMOVED)]


async def test_a_file_that_is_fetched_again_and_again_is_told_of_once(desk: Desk, door: Collected):
    name = desk.outbox[0].name
    for _ in range(3):
        door.hear("acme.drop", name, FETCHED)
    await door.write()
    door.hear("acme.drop", name, FETCHED)
    await door.write()
    assert told(desk) == [(name, FETCHED)]


async def test_sent_again_it_is_fetched_again(desk: Desk, door: Collected):
    row = desk.outbox[0]
    door.hear("acme.drop", row.name, FETCHED)
    await door.write()
    desk.later(minutes=1)
    desk.ledger.commit_now(lambda tx: replayed(tx, row.id))
    await desk.work()
    desk.later(minutes=1)
    door.hear("acme.drop", row.name, FETCHED)
    await door.write()
    assert told(desk) == [(row.name, FETCHED)] * 2


STRANGERS = [("acme.drop", "never-sent.edi"), ("bolt.drop", "997_000000001.edi"), ("", "")]


@pytest.mark.parametrize(("channel", "name"), STRANGERS)
async def test_what_we_did_not_send_is_nobody_s_story(desk: Desk, door: Collected, channel: str, name: str):
    door.hear(channel, name, REMOVED)
    door.hear(channel, name, REFUSED, "full")
    door.hear(channel, name, LOGIN_FAILED, "password")
    await door.write()
    assert told(desk) == []


async def test_what_the_ledger_could_not_take_is_not_lost(
    desk: Desk, door: Collected, monkeypatch: pytest.MonkeyPatch
):
    async def full(_: object) -> None:
        raise LedgerUnavailable("disk full")

    name = desk.outbox[0].name
    door.hear("acme.drop", name, FETCHED)
    monkeypatch.setattr(desk.ledger, "commit", full)
    with pytest.raises(LedgerUnavailable):
        await door.write()
    monkeypatch.undo()
    await door.write()
    await door.write()
    assert told(desk) == [(name, FETCHED)]
