"""Opening, sharing between processes, and what survives a kill."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from gateway.arrival import Content
from gateway.errors import LedgerUnavailable, SetupError
from gateway.ledger import Ledger, arrivals, blobs, events
from gateway.ledger.tables import arrival, event

from .conftest import NOW, arrived, opened


def ids(tx):
    return set(tx.scalars(select(arrival.c.id)))


def test_it_is_opened_so_that_a_commit_is_on_disk(ledger):
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    said = ledger.commit_now(lambda tx: [tx.exec_driver_sql(f"PRAGMA {each}").scalar() for each in asked])
    assert said == ["wal", 2, 1, 5000]


def test_a_second_gateway_is_refused_and_told_who_runs(ledger, tmp_path):
    command = [sys.executable, PROGRAM, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "another gateway (process " in done.stderr


def test_reading_and_writing_once_go_on_beside_a_running_gateway(ledger, tmp_path):
    first = ledger.commit_now(lambda tx: arrivals.add(tx, arrived(), NOW)).id
    with opened(tmp_path, "read") as reader, opened(tmp_path, "once") as command:
        assert reader.read_now(ids) == {first}
        second = command.commit_now(lambda tx: arrivals.add(tx, arrived("b"), NOW)).id
        assert ledger.read_now(ids) == reader.read_now(ids) == {first, second}


def test_the_lock_ends_with_the_ledger(tmp_path):
    opened(tmp_path).close()
    with opened(tmp_path, "once"):
        opened(tmp_path).close()


def test_reading_needs_a_ledger_and_makes_none(tmp_path):
    with pytest.raises(SetupError, match=r"there is none at .*ledger\.db; `gateway run` makes it"):
        opened(tmp_path, "read")
    assert list(tmp_path.iterdir()) == []


def test_reading_an_older_ledger_is_refused_and_running_migrates_it(tmp_path):
    sqlite3.connect(tmp_path / "ledger.db").close()
    with pytest.raises(SetupError, match="schema is revision none"):
        opened(tmp_path, "read")
    opened(tmp_path).close()
    opened(tmp_path, "read").close()


def test_a_reader_cannot_write(ledger, tmp_path):
    with pytest.raises(LedgerUnavailable, match="readonly"):
        ledger.read_now(lambda tx: events.add(tx, "x", NOW))
    with opened(tmp_path, "read") as reader, pytest.raises(SetupError, match="only for reading"):
        reader.commit_now(ids)


def test_a_reader_sees_one_moment(ledger):
    def twice(tx):
        before = ids(tx)
        ledger.commit_now(lambda tx: arrivals.add(tx, arrived(), NOW))
        return before, ids(tx)

    before, after = ledger.read_now(twice)
    assert before == after == set()
    assert len(ledger.read_now(ids)) == 1


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "no url://at all"])
def test_a_url_that_keeps_nothing_is_refused(url, tmp_path):
    with pytest.raises(SetupError):
        Ledger.open(url, tmp_path)


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path):
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(LedgerUnavailable, match="unable to open"):
        opened(tmp_path)
    (tmp_path / "ledger.db").rmdir()
    opened(tmp_path).close()


async def test_store_puts_only_large_content_on_the_shelf(ledger):
    large = Content.of_bytes(b"x" * (blobs.INLINE + 1))
    await ledger.store(Content.of_bytes(b"small"))
    await ledger.store(large)
    assert [path for path in ledger.shelf.folder.rglob("*") if path.is_file()] == [
        ledger.shelf.path(large.digest)
    ]


PROGRAM = Path(__file__).with_name("busy_writer.py")


def start(folder, **environment):
    return subprocess.Popen(
        [sys.executable, PROGRAM, folder], stdout=subprocess.PIPE, text=True, env=environment
    )


@pytest.mark.parametrize("lines", [1, 300, 1500])
def test_whatever_was_answered_survives_a_kill(tmp_path, lines):
    with start(tmp_path) as writer:
        said = {writer.stdout.readline().strip() for _ in range(lines)}
        writer.send_signal(signal.SIGKILL)
        said |= {
            line.strip() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")
        }
    with opened(tmp_path) as ledger:
        kept = ledger.read_now(ids)
        assert said <= kept
        told = ledger.read_now(lambda tx: set(tx.scalars(select(event.c.arrival_id))))
        assert told == kept


@pytest.mark.parametrize(
    "point",
    ["ledger.before_commit:3", "ledger.after_commit:3", "ledger.before_rename", "ledger.after_rename"],
)
def test_a_kill_at_the_worst_moment_leaves_whole_batches(tmp_path, point):
    with start(tmp_path, GATEWAY_KILL_AT=point) as writer:
        said = set(writer.stdout.read().split())
    assert writer.returncode == -signal.SIGKILL
    with opened(tmp_path) as ledger:
        kept = ledger.read_now(ids)
        assert said <= kept
        assert ledger.read_now(lambda tx: set(tx.scalars(select(event.c.arrival_id)))) == kept
        assert not list(ledger.shelf.folder.rglob("*.part"))
        ledger.commit_now(lambda tx: arrivals.add(tx, arrived("again"), NOW))


def test_a_statement_that_fails_in_a_read_is_no_silence(ledger):
    with pytest.raises(LedgerUnavailable, match="no such table") as caught:
        ledger.read_now(lambda tx: tx.exec_driver_sql("SELECT * FROM attic"))
    assert isinstance(caught.value.__cause__, OperationalError)
