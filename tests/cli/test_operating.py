"""status, trace, dead and replay, after a day on which the sample retailer's documents arrived."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from gateway.canonical import document
from gateway.cli import running, show
from gateway.ledger import State, blobs, documents, open_ledger, threads
from gateway.settings import Settings

from .conftest import Gateway

TRACED = [
    # key, what it was found by, what its story tells
    ("4500017", "number", "850 4500017"),
    ("two-lines.edi", "name", "850 4500017"),
    ("000000101", "interchange control number", "850 4500017"),
    ("101", "interchange control number", "850 4500017"),
    ("one-bad-order-among-good.edi", "name", "quarantined"),
]


@pytest.mark.parametrize(("key", "found", "told"), TRACED)
def test_trace(after: Path, gateway: Gateway, key: str, found: str, told: str) -> None:
    done = gateway("trace", key)
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"{key}  found by {found}")
    assert told in done.output
    assert ("delivered" in done.output, "997" in done.output) == (True, True)


def test_trace_as_json_is_the_whole_story(after: Path, gateway: Gateway) -> None:
    (story,) = map(json.loads, gateway("trace", "--json", "4500017").stdout.splitlines())
    assert [event["kind"] for event in story["events"]][:2] == ["received", "translated"]
    assert {row["type"] for row in story["outbox"]} == {"997", "TA1", "855", "856", "810"}


ORDER = "4500028"
ANSWERS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "855",
        "OrderAcknowledgment",
        {
            "verdict": "accepted with changes",
            "lines": [
                {"number": "1", "responses": [{"action": "accepted", "quantity": "450"}]},
                {
                    "number": "2",
                    "responses": [
                        {"action": "accepted", "quantity": "1"},
                        {"action": "backordered", "quantity": "0.5"},
                    ],
                },
            ],
        },
    ),
    (
        "810",
        "Invoice",
        {
            "number": "INV-7",
            "issued_on": "2026-03-09",
            "total": "1.00",
            "lines": [{"number": "9", "quantity": "1"}],
        },
    ),
]


@pytest.fixture
def answered(after: Path) -> Path:
    """The day, with two answers in the ledger to an order that the ERP does not answer by itself."""

    def answer(tx: Connection) -> None:
        for type, kind, said in ANSWERS:
            business = document(kind).model_validate({"order": {"number": ORDER}, **said})
            canonical = blobs.add_bytes(tx, business.to_json().encode())
            facts = {
                "partner": "harbor",
                "kind": kind,
                "number": said.get("number", ORDER),
                "canonical": canonical,
            }
            row = documents.new("out", type, datetime.now(UTC), State.SENT, **facts)
            (id,) = documents.add_many(tx, [row])
            threads.add(tx, {id: [(ORDER, "")]})

    with open_ledger(Settings(), "once") as ledger:
        ledger.commit_now(answer)
    return after


@pytest.mark.parametrize(("key", "found"), [(ORDER, "number"), ("INV-7", "number")])
def test_an_order_is_told_with_all_that_answers_it(
    answered: Path, gateway: Gateway, key: str, found: str
) -> None:
    """By its own number, and by an answer's; on eighty columns, what differs in words."""
    done = gateway("trace", key)
    assert done.exit_code == 0, done.output
    told = done.stdout.splitlines()
    assert told[0] == f"{key}  found by {found}"
    assert [one.split()[:2] for one in told[1:7] if one.split()[0] in ("850", "855", "810")] == [
        ["850", ORDER],
        ["855", ORDER],
        ["810", "INV-7"],
    ]
    assert f"order {ORDER} of harbor" in told
    assert "  differs line 2: 1 thousand acknowledged, 1.50 thousand ordered" in told, done.stdout
    assert "  differs line 9 was not ordered: 1 invoiced" in told
    assert max(map(len, told[told.index(f"order {ORDER} of harbor") :])) <= 80


def test_the_thread_in_json(answered: Path, gateway: Gateway) -> None:
    (story,) = map(json.loads, gateway("trace", "--json", "INV-7").stdout.splitlines())
    (thread,) = story["threads"]
    assert (thread["partner"], thread["number"]) == ("harbor", ORDER)
    assert [one["kind"] for one in thread["answers"]] == ["OrderAcknowledgment", "Invoice"]
    assert [line["agrees"] for line in thread["lines"]] == [False, False, *[True] * 5, False]


def test_every_id_of_a_story_can_be_traced(after: Path, gateway: Gateway) -> None:
    (story,) = map(json.loads, gateway("trace", "--json", "4500017").stdout.splitlines())
    ids = [row["id"] for part in ("arrivals", "documents", "outbox") for row in story[part]]
    assert {gateway("trace", one).exit_code for one in ids} == {0}


def test_what_is_not_there(after: Path, gateway: Gateway) -> None:
    done = gateway("trace", "no such order")
    assert (done.exit_code, "knows nothing called" in done.output) == (1, True)
    done = gateway("replay", "1abc")
    assert (done.exit_code, "nothing has this id" in done.output) == (1, True)
    assert "nothing has arrived from summit yet" in gateway("status", "summit").output
    assert gateway("dead", "summit").output == "nothing waits for a person\n"


def test_status_counts_and_points_to_what_waits(after: Path, gateway: Gateway) -> None:
    done = gateway("status")
    counts = [json.loads(line) for line in gateway("status", "--json").stdout.splitlines()]
    waiting = sum(
        one["count"] for one in counts if one["state"] in ("quarantined", "held", "dead", "refused")
    )
    assert waiting > 0
    assert f"{waiting} wait for a person: `gateway dead` says why" in done.output
    assert {one["partner"] for one in counts} == {
        "harbor",
        "keystone",
        "rheinland",
        "swift3pl",
        "werkstatt",
        None,
    }
    assert [line for line in done.output.splitlines() if len(line) > 80] == []


def test_a_story_says_who_and_what_was_wrong_with_the_file_and_its_interchange(
    after: Path, gateway: Gateway
) -> None:
    import sqlite3

    fault = '[{"severity": "fault", "place": "ISA06", "message": "nobody known is %s"}]'
    with sqlite3.connect(after / "var" / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE arrival SET state = 'held', faults = ?", (fault % "a",))
        ledger.execute("UPDATE interchange SET faults = ?", (fault % "b",))
    ledger.close()
    told = gateway("trace", "two-lines.edi").output
    assert " ".join(told.splitlines()[1].split()[:3]) == "two-lines.edi held harbor"
    assert "two-lines.edi: ISA06: nobody known is a" in told
    assert "interchange 000000101: ISA06: nobody known is b" in told


def test_after_a_replay_every_event_keeps_its_name(after: Path, gateway: Gateway) -> None:
    (story,) = map(json.loads, gateway("trace", "--json", "one-bad-order-among-good.edi").stdout.splitlines())
    bad = next(row["id"] for row in story["documents"] if row["state"] == "quarantined")
    assert gateway("replay", bad).exit_code == 0
    (told,) = [line for line in gateway("trace", bad).output.splitlines() if "by gateway replay" in line]
    name, _, detail = told.partition("replayed")
    assert name.split()[1] == "850"
    assert detail.strip().startswith("by gateway replay, told rejected by 997 0000000")


def test_trace_says_which_documents_the_partner_was_told_no_of(after: Path, gateway: Gateway) -> None:
    told = " ".join(gateway("trace", "one-bad-order-among-good.edi").output.split())
    assert told.count("the partner was told rejected by 997 0000000") == 1
    assert "no value for it give the map a default, or ask the partner to send it" in told
    (story,) = map(json.loads, gateway("trace", "--json", "one-bad-order-among-good.edi").stdout.splitlines())
    bad = next(row["id"] for row in story["documents"] if row["state"] == "quarantined")
    assert list(story["told"]) == [bad]
    assert "was told" not in gateway("trace", "two-lines.edi").output


def test_dead_says_file_and_reason_and_replay_takes_its_ids(after: Path, gateway: Gateway) -> None:
    waiting = [json.loads(line) for line in gateway("dead", "--json").stdout.splitlines()]
    one = next(one for one in waiting if one["file"] == "one-bad-order-among-good.edi")
    assert "BEG03" in one["why"]
    told = gateway("dead").output
    assert f"{one['id']}  quarantined  harbor: document 850 in one-bad-order-among-good.edi" in told
    assert all(each["why"] for each in waiting)

    done = gateway("replay", one["id"])
    assert done.exit_code == 0
    assert " ".join(done.output.split()).startswith(
        f"{one['id']} document replayed; the partner was told rejected by 997 "
    )
    assert "received" in gateway("trace", one["id"]).output
    again = gateway("replay", "--json", one["id"], "1abc")
    assert (again.exit_code, len(again.stdout.splitlines())) == (1, 2)
    assert (
        f"this document is received, and cannot be put back from there; see `gateway trace {one['id']}`"
        in (again.stdout)
    )


def test_what_is_waiting_for_its_system_tells_why(after: Path, gateway: Gateway) -> None:
    """A document given up has no faults of its own; what its last event wrote down is the reason."""
    import sqlite3

    with sqlite3.connect(after / "var" / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE document SET state = 'dead' WHERE number = '4500017'")
        row = ledger.execute("SELECT id FROM document WHERE number = '4500017'").fetchone()
        ledger.execute(
            "INSERT INTO event (id, at, document_id, kind, detail) VALUES ('zzz', '2026-01-01', ?, 'dead', ?)",
            (row[0], '{"why": "the folder is gone"}'),
        )
    ledger.close()
    assert "the folder is gone" in gateway("dead").output


def test_the_ledger_is_not_a_ledger(after: Path, gateway: Gateway) -> None:
    (after / "var" / "ledger.sqlite").write_bytes(b"not a database" * 100)
    for leftover in (after / "var").glob("ledger.sqlite-*"):
        leftover.unlink()
    for words in (["status"], ["dead"], ["trace", "1"], ["replay", "1"]):
        done = gateway(*words)
        assert (done.exit_code, done.stderr.startswith("gateway: ")) == (1, True)
        assert "internal error" not in done.stderr


def test_answers_that_do_not_count_are_named(after: Path, gateway: Gateway) -> None:
    def held(tx: Connection) -> None:
        business = document("OrderAcknowledgment").model_validate({"order": {"number": ORDER}})
        digest = blobs.add_bytes(tx, business.to_json().encode())
        facts = {
            "partner": "harbor",
            "kind": "OrderAcknowledgment",
            "number": ORDER,
            "canonical": digest,
        }
        row = documents.new("out", "855", datetime.now(UTC), State.HELD, **facts)
        (id,) = documents.add_many(tx, [row])
        threads.add(tx, {id: [(ORDER, "")]})

    with open_ledger(Settings(), "once") as ledger:
        ledger.commit_now(held)
    told = gateway("trace", ORDER).stdout
    assert "nothing that counts has answered it" in told
    assert f"not counted: 855 {ORDER} held" in told
    assert "agrees" not in told


def test_trace_says_that_an_order_was_cancelled(after: Path, gateway: Gateway) -> None:
    told = gateway("trace", "4500061").stdout
    assert "850 4500061 replace " in told
    assert "850 4500061 cancellation " in told
    assert re.search(r"^  850 0003 of group \d+ \(\w+\) cancelled it on 20", told, re.M)
    assert "agrees" not in told


def test_a_summary_tells_of_all_that_arrived_or_how_much_it_leaves_out(
    after: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SUMMED", 7)
    settings = Settings(sftp_port=0, http_port=0, internal_port=0)
    with show.OUT.capture() as printed:
        assert asyncio.run(running.run(settings, until_idle=True, demo=False, json=False)) == 0
    heading, _, *rows = printed.get().splitlines()
    assert re.fullmatch(r"the newest 7 of \d\d+ that arrived; `gateway trace` finds the others", heading)
    assert rows.index("") == 7
