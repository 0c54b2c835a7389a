"""Group commit: one transaction for all that wait, each member's failure its own, a failed commit everybody's."""

import asyncio
import sqlite3
import threading
import time

import pytest
from sqlalchemy import event as listening
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.testing import capture_logs

from gateway.errors import LedgerUnavailable
from gateway.ledger import arrivals, events
from gateway.ledger.tables import arrival, event
from gateway.ledger.writer import after_commit

from .conftest import NOW, arrived, opened


def count(tx):
    return tx.scalar(select(func.count()).select_from(event))


def kinds(tx):
    return set(tx.scalars(select(event.c.kind)))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch takes all that waits, however slow the machine is."""
    monkeypatch.setattr("gateway.ledger.writer.LONGEST_BATCH", 30)


async def together(ledger, *functions):
    """Hands in all of them while the writer is busy, so that they share a batch."""
    gate, busy = threading.Event(), threading.Event()

    def hold(tx):
        busy.set()
        gate.wait(10)

    holding = asyncio.ensure_future(ledger.commit(hold))
    await asyncio.to_thread(busy.wait, 10)
    waiting = [asyncio.ensure_future(ledger.commit(function)) for function in functions]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(holding, return_exceptions=True)
    return await asyncio.gather(*waiting, return_exceptions=True)


def adding(kind):
    return lambda tx: events.add(tx, kind, NOW)


def failing(kind, error):
    def fail(tx):
        events.add(tx, kind, NOW)
        raise error

    return fail


async def test_what_waits_together_shares_a_commit(ledger):
    before = ledger.writer.batches
    found = await together(ledger, *(adding(f"k{n}") for n in range(50)))
    assert len(set(found)) == 50
    assert ledger.writer.batches - before <= 2
    assert await ledger.read(count) == 50


async def test_a_failing_member_undoes_only_itself(ledger):
    found = await together(
        ledger, adding("a"), failing("b", ValueError("mine")), adding("c"), failing("d", KeyError("too"))
    )
    assert [type(each) for each in found] == [str, ValueError, str, KeyError]
    assert await ledger.read(kinds) == {"a", "c"}


async def test_a_failing_first_member_undoes_only_itself(ledger):
    with pytest.raises(ValueError, match="alone"):
        await ledger.commit(failing("a", ValueError("alone")))
    found = await asyncio.gather(
        ledger.commit(failing("b", ValueError())), ledger.commit(adding("c")), return_exceptions=True
    )
    assert isinstance(found[0], ValueError)
    assert await ledger.read(kinds) == {"c"}


async def test_a_broken_constraint_is_the_members_own(ledger):
    def twice(tx):
        tx.execute(text("INSERT INTO control_number VALUES ('a', 'b', 'c', 'd', 1)"))
        tx.execute(text("INSERT INTO control_number VALUES ('a', 'b', 'c', 'd', 1)"))

    found = await together(ledger, adding("a"), twice, adding("b"))
    assert isinstance(found[1], IntegrityError)
    assert await ledger.read(kinds) == {"a", "b"}
    assert await ledger.read(lambda tx: tx.scalar(text("SELECT count(*) FROM control_number"))) == 0


async def test_a_database_that_cannot_store_fails_the_whole_batch_and_leaves_nothing(ledger):
    full = OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
    found = await together(ledger, adding("a"), adding("b"), failing("c", full))
    assert [type(each) for each in found] == [LedgerUnavailable] * 3
    assert "database or disk is full; nothing was stored" in str(found[0])
    assert await ledger.read(kinds) == set()
    await ledger.commit(adding("later"))
    assert await ledger.read(kinds) == {"later"}


async def test_a_commit_that_fails_is_told_to_all_and_leaves_nothing(ledger):
    def break_commit(_):
        raise sqlite3.OperationalError("disk I/O error")

    listening.listen(ledger.writer.engine, "commit", break_commit)
    found = await together(ledger, adding("a"), failing("b", ValueError()), adding("c"))
    listening.remove(ledger.writer.engine, "commit", break_commit)
    assert [type(each) for each in found] == [LedgerUnavailable] * 3
    await ledger.commit(adding("d"))
    assert await ledger.read(kinds) == {"d"}


async def test_nobody_is_answered_before_the_commit(ledger):
    committed = []
    listening.listen(ledger.writer.engine, "commit", lambda _: time.sleep(0.05) or committed.append(True))
    waiting = asyncio.ensure_future(ledger.commit(adding("a")))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await waiting
    assert committed


async def test_a_full_disk_stores_nothing_of_the_batch(ledger):
    def limit(tx):
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")

    await ledger.commit(limit)
    big = [lambda tx, n=n: arrivals.add(tx, arrived(f"big{n}", bytes([n]) * 60_000), NOW) for n in range(6)]
    small = [lambda tx, n=n: arrivals.add(tx, arrived(f"small{n}", bytes([n])), NOW) for n in range(3)]
    found = await together(ledger, *small, *big)
    refused = [each for each in found if isinstance(each, LedgerUnavailable)]
    stored = len(found) - len(refused)
    assert refused
    assert await ledger.read(lambda tx: tx.scalar(select(func.count()).select_from(arrival))) == stored
    assert await ledger.read(lambda tx: tx.exec_driver_sql("PRAGMA integrity_check").scalar()) == "ok"
    await ledger.commit(small[0])
    assert await ledger.read(lambda tx: tx.scalar(select(func.count()).select_from(arrival))) == stored + 1


async def test_a_locked_database_is_said_to_be_unavailable(ledger, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.ledger.engines.PRAGMAS", ("PRAGMA busy_timeout=50",))
    await ledger.commit(lambda tx: tx.exec_driver_sql("PRAGMA busy_timeout=50"))
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable, match="locked"):
        await ledger.commit(adding("a"))
    other.execute("ROLLBACK")
    other.close()
    await ledger.commit(adding("b"))
    assert await ledger.read(kinds) == {"b"}


async def test_closing_commits_what_waits_and_takes_no_more(tmp_path):
    ledger = opened(tmp_path)
    waiting = [asyncio.ensure_future(ledger.commit(adding(f"k{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    ledger.close()
    assert len(await asyncio.gather(*waiting)) == 20
    with pytest.raises(LedgerUnavailable, match="closed"):
        await ledger.commit(adding("late"))
    with opened(tmp_path) as again:
        assert again.read_now(count) == 20


async def test_a_cancelled_caller_harms_nobody(ledger):
    waiting = [asyncio.ensure_future(ledger.commit(adding(f"k{n}"))) for n in range(5)]
    await asyncio.sleep(0)
    waiting[2].cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in found].count(str) == 4
    assert len(await ledger.read(kinds)) == 5


def test_a_loop_that_is_gone_does_not_stop_the_writer(ledger):
    async def leave():
        for n in range(20):
            asyncio.ensure_future(ledger.commit(adding(f"k{n}")))  # noqa: RUF006
        await asyncio.sleep(0)

    asyncio.run(leave())
    ledger.commit_now(adding("after"))
    assert "after" in ledger.read_now(kinds)


async def test_what_is_to_be_done_after_the_commit_is_done_once_it_is_there_and_never_without(ledger):
    told = []

    def telling(kind, error=None):
        def work(tx):
            events.add(tx, kind, NOW)
            after_commit(tx, lambda: told.append((kind, ledger.read_now(count))))
            if error:
                raise error

        return work

    await together(ledger, telling("good"), telling("bad", ValueError("no")), telling("fine"))
    assert told == [("good", 2), ("fine", 2)]
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(telling("lost", OperationalError("", None, Exception("disk"))))
    assert [kind for kind, _ in told] == ["good", "fine"]


async def test_what_fails_after_the_commit_is_logged_and_harms_nobody(ledger):
    with capture_logs() as logs:
        await together(ledger, lambda tx: after_commit(tx, lambda: 1 / 0), adding("next"))
    assert [line["event"] for line in logs] == ["not done after a commit"]
    assert ledger.read_now(kinds) == {"next"}
