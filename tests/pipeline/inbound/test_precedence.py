"""Of an order's forms the newest that was accepted stands in the ERP's folder: whatever order, crash or race."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.asking import replayed
from gateway.connectors import files
from gateway.ledger import keys, work
from gateway.pipeline.queue import Step
from gateway.pipeline.work.deliver import Doors

from ..desk import ACME, Desk
from ..documents import group, interchange, one, order

Open = Callable[..., Desk]


def with_changed(policy: str) -> dict[str, str]:
    return {"profiles/acme.yaml": f"{ACME}duplicates: {{same: drop, changed: {policy}, window: 30d}}\n"}


def furnished(desk: Desk) -> Desk:
    """With the connector that production has in the place of the tests' own."""
    desk.worker.doors = Doors({"erp": files.connector(files.Settings(to="../erp"), partners(desk))}, {}, {})
    return desk


def partners(desk: Desk) -> Path:
    return desk.settings.partners_dir


def erp(desk: Desk) -> dict[str, str]:
    """The ERP's files, each with its first line's quantity."""
    folder = partners(desk).parent / "erp"
    return {
        one.name.removeprefix("PurchaseOrder-acme-"): json.loads(one.read_bytes())["lines"][0]["quantity"]
        for one in folder.glob("[!.]*")
    }


def replay(desk: Desk, id: str) -> str:
    return desk.ledger.commit_now(lambda tx: replayed(tx, id))


async def changed(desk: Desk, *quantities: str) -> None:
    """The same order once for each quantity, each in an interchange of its own."""
    for quantity in quantities:
        await desk.receive(one("1", f"{100 + desk.read:09d}", quantity=quantity))


# -- what a person, or the profile, decides takes effect


async def test_a_held_change_that_is_let_go_replaces_the_file(open_desk: Open):
    desk = furnished(open_desk(with_changed("hold")))
    await changed(desk, "5", "6")
    assert (desk.states, erp(desk)) == (["delivered", "held"], {"1.json": "5"})
    replay(desk, desk.documents[1].id)
    await desk.work()
    assert (desk.states, erp(desk)) == (["delivered", "delivered"], {"1.json": "6"})
    assert desk.events("supersedes") == [("supersedes", {"document": desk.documents[0].id})]


async def test_an_accepted_change_replaces_the_file(open_desk: Open):
    desk = furnished(open_desk(with_changed("accept")))
    await changed(desk, "5", "6", "7", "5")
    assert (desk.states, erp(desk)) == (["delivered"] * 4, {"1.json": "5"})


async def test_changes_are_let_go_in_any_order_and_the_newest_stands(open_desk: Open):
    desk = furnished(open_desk(with_changed("hold")))
    await changed(desk, "5", "6", "7")
    for at in (2, 1):
        replay(desk, desk.documents[at].id)
        await desk.work()
    assert (desk.states, erp(desk)) == (["delivered", "held", "delivered"], {"1.json": "7"})
    told = f"document {desk.documents[2].id}, which came later, has taken its place"
    assert told in str(desk.events("held"))


async def test_an_older_form_that_is_replayed_does_not_come_back(open_desk: Open):
    """A was given up, its change B went through; replaying all that is dead must not put A over B."""
    desk = open_desk(with_changed("accept"))
    desk.worker.doors = Doors()
    await changed(desk, "5")
    assert desk.states == ["held"]
    furnished(desk)
    await changed(desk, "6")
    replay(desk, desk.documents[0].id)
    await desk.work()
    assert (desk.states, erp(desk)) == (["held", "delivered"], {"1.json": "6"})


async def test_a_file_the_erp_has_taken_is_written_in_its_new_form(open_desk: Open):
    desk = furnished(open_desk(with_changed("accept")))
    await changed(desk, "5")
    (partners(desk).parent / "erp" / "PurchaseOrder-acme-1.json").unlink()
    await changed(desk, "6")
    assert erp(desk) == {"1.json": "6"}


async def test_a_mended_map_replaces_what_it_made_before(open_desk: Open):
    """Replaying is a person's decision, too: what comes out now takes the place of what came out then."""
    own = ACME.replace("x12/004010/850", "acme/850")
    second = "map: acme/850\nextends: x12/004010/850\n"
    first = second + "fields:\n  kind: ~\nconstants: {BEG02: SA}\n"
    desk = furnished(open_desk({"profiles/acme.yaml": own, "maps/acme/850.yaml": first}))
    await changed(desk, "5")
    before = desk.documents[0].canonical
    desk.change({"profiles/acme.yaml": own, "maps/acme/850.yaml": second})
    furnished(desk)
    replay(desk, desk.documents[0].id)
    await desk.work()
    assert desk.states == ["delivered"]
    assert desk.documents[0].canonical != before
    (file,) = (partners(desk).parent / "erp").iterdir()
    assert json.loads(file.read_bytes())["kind"] == "stand-alone"


async def test_after_the_window_a_number_used_again_replaces_what_still_lies_there(open_desk: Open):
    desk = furnished(open_desk(with_changed("hold")))
    await changed(desk, "5")
    desk.later(days=31)
    await changed(desk, "6")
    assert (desk.states, erp(desk)) == (["delivered", "delivered"], {"1.json": "6"})


async def test_a_repeated_interchange_number_asks_each_order_s_own_key(open_desk: Open):
    """The interchange is accepted though its number came before; an order in it is a change of one we have."""
    desk = furnished(open_desk(with_changed("accept")))
    await desk.receive(
        one("1", quantity="5"), interchange(group(order("1", quantity="6"), order("2", "0002")))
    )
    assert (desk.states, erp(desk)) == (["delivered"] * 3, {"1.json": "6", "2.json": "5"})


async def test_a_repeated_interchange_cut_short_is_held_though_repeats_are_accepted(open_desk: Open):
    desk = furnished(open_desk(with_changed("accept")))
    await desk.receive(one("1"), interchange(group(order("2"), trailer="GE*9*7~\n")))
    assert (desk.states, erp(desk)) == (["delivered", "held"], {"1.json": "5"})
    assert "ge-count" in desk.faults(desk.documents[1])


# -- what nobody decided does not


async def test_a_second_document_that_never_had_the_key_is_refused(open_desk: Open):
    """As a bug of ours might bring it about: both are on their way, and only one was ever accepted."""
    desk = furnished(open_desk(with_changed("hold")))
    await changed(desk, "5", "6")
    stray = desk.documents[1].id
    desk.ledger.commit_now(
        lambda tx: tx.exec_driver_sql("UPDATE document SET state = 'translated' WHERE id = ?", (stray,))
    )
    await desk.work()
    assert (desk.states, erp(desk)) == (["delivered", "dead"], {"1.json": "5"})
    assert "other content" in str(desk.events("dead"))


async def test_a_file_that_the_system_changed_is_not_overwritten(open_desk: Open):
    desk = furnished(open_desk(with_changed("accept")))
    await changed(desk, "5")
    file = partners(desk).parent / "erp" / "PurchaseOrder-acme-1.json"
    file.write_text('{"lines": [{"quantity": "theirs"}]}')
    await changed(desk, "6")
    assert (desk.states, erp(desk)) == (["delivered", "dead"], {"1.json": "theirs"})


async def test_an_incomplete_set_that_came_whole_again_is_dropped_when_it_is_let_go(open_desk: Open):
    desk = furnished(open_desk(with_changed("hold")))
    await desk.receive(interchange(group(order("1"), trailer="GE*9*7~\n")), one("1", "000000008"))
    assert desk.states == ["held", "delivered"]
    replay(desk, desk.documents[0].id)
    await desk.work()
    assert desk.states == ["dropped", "delivered"]
    assert "which came later" in str(desk.events("dropped"))


# -- races


async def run_dry(desk: Desk) -> None:
    """The worker as it runs, all at once, until nothing is left; what waits for another is waited for."""
    running = asyncio.create_task(desk.worker.queue.run())
    async with asyncio.timeout(30):
        while True:
            await desk.worker.queue.idle()
            desk.later(seconds=2)
            if not await desk.worker.sweep():
                break
    desk.worker.queue.stop()
    await running


@pytest.mark.parametrize("ahead", [0, 500])
@pytest.mark.parametrize("policy", ["accept", "hold"])
async def test_one_order_in_many_interchanges_at_once(open_desk: Open, policy: str, ahead: int):
    desk = furnished(open_desk(with_changed(policy), ahead=ahead))
    for n in range(8):
        await desk.take(one("1", f"{n + 1:09d}", quantity=str(n + 1)))
        await desk.take(one("1", f"{n + 101:09d}", quantity=str(n + 1)))
    await run_dry(desk)
    ((name, quantity),) = erp(desk).items()
    assert name == "1.json"
    standing = desk.ask(lambda tx: keys.find(tx, keys.BUSINESS, "acme/in", "850|1||original"))
    holder = next(row for row in desk.documents if row.id == standing.ref)
    assert holder.state == "delivered"
    assert set(desk.states) <= {"delivered", "dropped"} | ({"held"} if policy == "hold" else set())
    if policy == "accept":
        assert quantity == "8"
    else:
        assert desk.states.count("delivered") == 1


async def test_an_older_form_that_is_read_later_is_dropped(open_desk: Open):
    desk = furnished(open_desk(with_changed("accept")))
    for n in (1, 2):
        await desk.take(one("1", f"{n:09d}", quantity=str(n)))
    for row in reversed(desk.arrivals):
        await desk.worker.perform(Step.RECEIVE, row.id)
    await desk.work()
    assert (desk.states, erp(desk)) == (["dropped", "delivered"], {"1.json": "2"})


async def test_a_change_waits_while_the_first_is_being_delivered(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
):
    """The first is in a worker's hand when its change is accepted: nothing may reach the system in the wrong order."""
    desk = furnished(open_desk(with_changed("accept")))
    await desk.take(one("1", "000000001", quantity="1"))
    await desk.worker.perform(Step.RECEIVE, desk.arrivals[0].id)
    connector = desk.worker.doors.systems["erp"]
    deliver = connector.deliver

    async def slow(*told: object) -> None:
        monkeypatch.undo()
        await desk.receive(one("1", "000000002", quantity="2"))
        assert (desk.states, erp(desk)) == (["translated", "translated"], {})
        await deliver(*told)

    monkeypatch.setattr(connector, "deliver", slow)
    await desk.work()
    assert (desk.states, erp(desk)) == (["delivered", "translated"], {"1.json": "1"})
    desk.later(seconds=1)
    await desk.work()
    assert (desk.states, erp(desk)) == (["delivered", "delivered"], {"1.json": "2"})


async def test_a_form_that_is_superseded_before_its_turn_is_dropped(open_desk: Open):
    desk = furnished(open_desk(with_changed("accept")))
    for n in (1, 2):
        await desk.take(one("1", f"{n:09d}", quantity=str(n)))
    for row in desk.arrivals:
        await desk.worker.perform(Step.RECEIVE, row.id)
    assert desk.states == ["translated", "translated"]
    await desk.work()
    assert (desk.states, erp(desk)) == (["dropped", "delivered"], {"1.json": "2"})
    assert desk.events("dropped")[0][1] == {"superseded by": desk.documents[1].id}


async def test_a_worker_that_wakes_up_late_with_an_older_form_does_no_harm(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
):
    """Its lease ran out while it was frozen before it wrote; another delivered this form, and then its change."""
    desk = furnished(open_desk(with_changed("accept")))
    await desk.take(one("1", "000000001", quantity="1"))
    await desk.worker.perform(Step.RECEIVE, desk.arrivals[0].id)
    connector = desk.worker.doors.systems["erp"]
    deliver = connector.deliver

    async def freeze(*told: object) -> None:
        monkeypatch.undo()
        desk.later(hours=1)
        await desk.receive(one("1", "000000002", quantity="2"))
        assert erp(desk) == {"1.json": "2"}
        await deliver(*told)

    monkeypatch.setattr(connector, "deliver", freeze)
    await desk.worker.perform(Step.DELIVER, desk.documents[0].id)
    assert (desk.states, erp(desk)) == (["delivered", "delivered"], {"1.json": "2"})


class Crash(BaseException):
    """Stands for kill -9: nothing may catch it."""


@pytest.mark.parametrize("point", ["deliver.before_commit", "deliver.after_commit"])
@pytest.mark.parametrize("visit", [1, 2, 3])
@pytest.mark.parametrize("policy", ["accept", "hold"])
async def test_a_crash_while_a_change_is_delivered(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch, policy: str, visit: int, point: str
):
    desk = furnished(open_desk(with_changed(policy)))
    left = [visit]

    def reach(name: str) -> None:
        left[0] -= name == point
        if name == point and left[0] == 0:
            raise Crash

    monkeypatch.setattr("gateway.pipeline.work.deliver.reach", reach)

    async def until_done() -> None:
        try:
            await desk.work()
        except Crash:
            desk.ledger.commit_now(work.forget_leases)
            await desk.work()

    for n in (1, 2, 3):
        await desk.take(one("1", f"{n:09d}", quantity=str(n)))
        await until_done()
        for row in desk.documents:
            if row.state == "held":
                replay(desk, row.id)
        await until_done()
    assert (desk.states, erp(desk)) == (["delivered"] * 3, {"1.json": "3"})


async def test_a_worker_that_dies_after_it_wrote_an_older_form_leaves_the_newest(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
):
    """5, then 6 is written and the worker dies before it says so; 5 comes again: the folder ends with 5, not with 6."""
    desk = furnished(open_desk(with_changed("accept")))
    await changed(desk, "5")
    await desk.take(one("1", "000000002", quantity="6"))
    await desk.worker.perform(Step.RECEIVE, desk.arrivals[1].id)

    def die(name: str) -> None:
        if name == "deliver.before_commit":
            raise Crash

    monkeypatch.setattr("gateway.pipeline.work.deliver.reach", die)
    with pytest.raises(Crash):
        await desk.work()
    monkeypatch.undo()
    assert erp(desk) == {"1.json": "6"}
    await desk.receive(one("1", "000000003", quantity="5"))
    assert (desk.states, erp(desk)) == (["delivered", "translated", "translated"], {"1.json": "6"})
    desk.later(minutes=2)  # its lease has run out
    await desk.work()
    assert (desk.states, erp(desk)) == (["delivered", "dropped", "delivered"], {"1.json": "5"})


async def test_reading_again_after_a_crash_takes_no_key_from_itself(open_desk: Open):
    """A replayed arrival finds its own documents under their keys, and leaves them the keys."""
    desk = furnished(open_desk(with_changed("accept")))
    await changed(desk, "5", "6")
    before = desk.ask(lambda tx: keys.find(tx, keys.BUSINESS, "acme/in", "850|1||original"))
    for row in desk.arrivals:
        replay(desk, row.id)
        await desk.work()
    assert desk.ask(lambda tx: keys.find(tx, keys.BUSINESS, "acme/in", "850|1||original")) == before
    assert (desk.states, erp(desk)) == (["delivered"] * 2, {"1.json": "6"})
