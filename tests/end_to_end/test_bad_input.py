"""Every line of the table "Bad input, and what it gets" through a running gateway: what the ledger says, what went
back, that the neighbours went on, and that the bytes are kept as they came.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pipeline.desk import ACME
from pipeline.documents import bad_order, group, interchange, one, order, said, transaction_set
from sqlalchemy import select

from gateway.ledger.tables import outbox

from .running import Running, gateway_in, until


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with gateway_in(tmp_path) as made:
        yield made


@dataclass
class Row:
    """What comes, and what it gets: the arrival's state, its documents' states, the faults, what went back."""

    data: bytes
    state: str
    documents: tuple[str, ...] = ()
    faults: frozenset[str] = frozenset()
    ak9: tuple[str, ...] = ()
    ta1: tuple[str, ...] = ()
    ak5: tuple[str, ...] | None = None


def row(
    data: bytes, state: str, *documents: str, faults: str = "", ak9: str = "", ta1: str = "", **more: str
) -> Row:
    ak5 = tuple(more["ak5"].split()) if "ak5" in more else None
    return Row(data, state, documents, frozenset(faults.split()), tuple(ak9.split()), tuple(ta1.split()), ak5)


GOOD = one()
TWO = interchange(group(order("1", "0001"), order("2", "0002")))
BETWEEN = "AK5*A AK5*R*5 AK5*A"


def neighbours(bad: str) -> bytes:
    """A bad set between two good ones."""
    return interchange(group(order("1", "0001"), bad, order("3", "0003")))


def spoiled(*body: str) -> bytes:
    return neighbours(transaction_set("850", "0002", body))


BEG, PO1, CTT = "BEG*00*SA*2**20260301", "PO1*1*5*EA*9.5**UP*012345678905", "CTT*1"
Q = "delivered", "quarantined", "delivered"

TABLE = {
    # -- empty file, binary junk, a PDF
    "empty": row(b"", "quarantined", faults="empty-file"),
    "blank": row(b" \r\n\r\n", "quarantined", faults="empty-file"),
    "a PDF": row(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "quarantined", faults="unknown-format"),
    "zeros": row(bytes(4096), "quarantined", faults="unknown-format"),
    "junk": row(bytes(range(256)) * 20, "quarantined", faults="unknown-format"),
    "a web page": row(b"<html>502 Bad Gateway</html>", "quarantined", faults="unknown-format"),
    # -- truncated, missing trailers
    "cut inside ISA": row(GOOD[:60], "quarantined", faults="isa-truncated"),
    "cut after ISA": row(GOOD[:107], "quarantined", faults="missing-iea", ta1="R*023"),
    "without SE": row(
        TWO.replace(b"SE*5*0002~\n", b""), "processed", "delivered", "quarantined",
        faults="missing-se", ak5="AK5*A AK5*R*2", ak9="AK9*P*2*2*1", ta1="A*000",
    ),
    "cut in a set": row(
        TWO[: TWO.index(b"CTT*1~\nSE*5*0002")], "processed", "held", "quarantined",
        faults="missing-se missing-ge missing-iea", ak9="AK9*R*2*2*0*3", ta1="R*023",
    ),
    "without GE": row(
        GOOD.replace(b"GE*1*7~\n", b""), "processed", "held", faults="missing-ge", ak9="AK9*R*1*1*0*3", ta1="A*000"
    ),
    "without IEA": row(
        GOOD[: GOOD.index(b"IEA")], "processed", "held", faults="missing-iea", ak9="AK9*A*1*1*1", ta1="R*023"
    ),
    # -- counts, control numbers
    "SE01 wrong": row(
        TWO.replace(b"SE*5*0002", b"SE*9*0002"), "processed", "delivered", "quarantined",
        faults="se-count", ak5="AK5*A AK5*R*4", ak9="AK9*P*2*2*1", ta1="A*000",
    ),
    "SE02 wrong": row(
        TWO.replace(b"SE*5*0002", b"SE*5*0009"), "processed", "delivered", "quarantined",
        faults="se-control", ak5="AK5*A AK5*R*3", ak9="AK9*P*2*2*1", ta1="A*000",
    ),
    "GE01 wrong": row(
        GOOD.replace(b"GE*1*7", b"GE*3*7"), "processed", "held", faults="ge-count", ak9="AK9*R*3*1*0*5", ta1="A*000"
    ),
    "GE02 wrong": row(
        GOOD.replace(b"GE*1*7", b"GE*1*8"), "processed", "held", faults="ge-control", ak9="AK9*R*1*1*0*4", ta1="A*000"
    ),
    "IEA01 wrong": row(
        GOOD.replace(b"IEA*1", b"IEA*4"), "processed", "delivered", faults="iea-count", ak9="AK9*A*1*1*1", ta1="R*021"
    ),
    "IEA02 wrong": row(
        GOOD.replace(b"IEA*1*000000007", b"IEA*1*000000008"), "processed", "delivered",
        faults="iea-control", ak9="AK9*A*1*1*1", ta1="R*001",
    ),
    "ST02 repeated": row(
        interchange(group(order("1", "0001"), order("2", "0001"))), "processed", "delivered", "quarantined",
        faults="duplicate-set", ak5="AK5*A AK5*R*23", ak9="AK9*P*2*2*1", ta1="A*000",
    ),
    # -- unknown sender, receiver, set, version; wrong channel; test and production
    "unknown sender": row(interchange(group(order()), sender="ZZ/NOBODY"), "held", faults="unknown-sender"),
    "another's sender": row(interchange(group(order()), sender="ZZ/BOLT"), "held", faults="wrong-channel"),
    "not for us": row(
        interchange(group(order()), receiver="12/5550001111"), "held", faults="not-for-us", ta1="R*008"
    ),
    "a test on a live channel": row(
        interchange(group(order()), usage="T"), "held", faults="wrong-usage", ta1="R*020"
    ),
    "a set nobody agreed to": row(
        interchange(group(transaction_set("810", "0001", ["BIG*20260301*1", "TDS*5"]), code="IN")),
        "processed", "held", faults="no-agreement", ak5="AK5*R*1", ak9="AK9*R*1*1*0", ta1="A*000",
    ),
    "a set no guide knows": row(
        interchange(group(transaction_set("998", "0001", ["ZZZ*1"]), code="XX")),
        "processed", "held", faults="no-agreement", ak5="AK5*R*1", ak9="AK9*R*1*1*0", ta1="A*000",
    ),
    "a version no guide knows": row(
        interchange(group(order(), version="009999")), "processed", "delivered", ak9="AK9*A*1*1*1", ta1="A*000"
    ),
    # -- each kind of fault inside a set, between good neighbours
    "an element is missing": row(
        spoiled("BEG*00*SA***20260301", PO1, CTT), "processed", *Q,
        faults="element-missing", ak5=BETWEEN, ak9="AK9*P*3*3*2", ta1="A*000",
    ),
    "an impossible date": row(
        spoiled("BEG*00*SA*2**20260231", PO1, CTT), "processed", *Q,
        faults="date", ak5=BETWEEN, ak9="AK9*P*3*3*2", ta1="A*000",
    ),
    "a wrong type": row(
        spoiled(BEG, "PO1*1*FIVE*EA*9.5**UP*012345678905", CTT), "processed", *Q,
        faults="character-type", ak5=BETWEEN, ak9="AK9*P*3*3*2", ta1="A*000",
    ),
    "too long": row(
        spoiled(f"BEG*00*SA*{'2' * 23}**20260301", PO1, CTT), "processed", *Q,
        faults="too-long", ak5=BETWEEN, ak9="AK9*P*3*3*2", ta1="A*000",
    ),
    "a broken condition": row(
        spoiled(BEG, "PO1*1*5*EA*9.5**UP", CTT), "processed", *Q,
        faults="condition", ak5=BETWEEN, ak9="AK9*P*3*3*2", ta1="A*000",
    ),
    "a segment out of place": row(
        spoiled(BEG, "REF*DP*1", "CUR*BY*USD", PO1, CTT), "processed", *Q,
        faults="segment-out-of-place", ak5=BETWEEN, ak9="AK9*P*3*3*2", ta1="A*000",
    ),
    "several at once": row(
        neighbours(bad_order("2", "0002")), "processed", *Q,
        faults="date condition", ak5=BETWEEN, ak9="AK9*P*3*3*2", ta1="A*000",
    ),
    "a code no standard lists": row(
        spoiled("BEG*00*QQ*2**20260301", PO1, CTT), "processed", "delivered", "delivered", "delivered",
        ak5="AK5*A AK5*A AK5*A", ak9="AK9*A*3*3*3", ta1="A*000",
    ),
    # -- encoding, control characters
    "neither UTF-8 nor declared": row(
        GOOD.replace(b"CTT*1", b"N9*L1*x~\nMSG*Gr\xf6\xdfe~\nCTT*1").replace(b"SE*5", b"SE*7"),
        "processed", "delivered", ak9="AK9*A*1*1*1", ta1="A*000",
    ),
    "a control character": row(
        spoiled(BEG.replace("*2*", "*2\x07*"), PO1, CTT), "processed", *Q,
        faults="character", ak5=BETWEEN, ak9="AK9*P*3*3*2", ta1="A*000",
    ),
}  # fmt: skip


def codes(faults: object) -> set[str]:
    return {fault["code"] for fault in faults if fault["severity"] == "fault"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", TABLE)
async def test_bad_input(running: Running, case: str):
    expected = TABLE[case]
    arrival = await running.bring(expected.data)
    documents = running.documents(arrival)
    found = codes(arrival.faults).union(*(codes(one.faults) for one in documents))
    answers = [line for data in running.sent("997") for line in said(data, "AK5", "AK9")]
    assert running.kept(arrival) == expected.data
    assert (arrival.state, tuple(one.state for one in documents)) == (expected.state, expected.documents)
    assert {one.split("*")[0] for one in found} >= expected.faults
    assert [one for one in answers if one.startswith("AK9")] == list(expected.ak9)
    if expected.ak5 is not None:
        assert [one for one in answers if one.startswith("AK5")] == list(expected.ak5)
    assert [said(data, "TA1")[0][-5:] for data in running.sent("TA1")] == list(expected.ta1)
    assert len(running.erp) == expected.documents.count("delivered")
    await running.still_works()


# -- what the table says of more than one file, of large ones, and of files that change


async def test_isa13_repeated(running: Running):
    """The same again is dropped in silence, other content under the number is held; both are told in the ledger."""
    await running.bring(one("1"))
    same = await running.bring(one("1"), "again.edi")
    other = await running.bring(one("2"), "other.edi")
    assert [row.state for row in running.documents(same)] == ["dropped"]
    assert [row.state for row in running.documents(other)] == ["held"]
    for arrival in (same, other):
        assert codes(arrival.faults) == {"duplicate-interchange"}
    assert len(running.sent("997")) == len(running.sent("TA1")) == 1
    assert running.erp == ["PurchaseOrder-acme-1.json"]
    await running.still_works()


async def test_isa13_repeated_and_rejected_says_so(tmp_path: Path):
    profile = f"{ACME}duplicates: {{same: reject, changed: reject}}\n"
    async with gateway_in(tmp_path, {"profiles/acme.yaml": profile}) as running:
        await running.bring(one("1"))
        await running.bring(one("1"), "again.edi")
        assert [said(data, "TA1")[0][-5:] for data in running.sent("TA1")] == ["A*000", "R*025"]


async def test_a_segment_over_the_limit(tmp_path: Path):
    long = spoiled(BEG, f"NTE*GEN*{'X' * (1 << 20)}", PO1, CTT)
    async with gateway_in(tmp_path) as running:
        arrival = await running.bring(long)
        assert [row.state for row in running.documents(arrival)] == list(Q)
        assert codes(running.documents(arrival)[1].faults) >= {"segment-too-long"}
        assert running.kept(arrival) == long
        await running.still_works()


async def test_a_set_over_the_limit(tmp_path: Path):
    lines = [f"PO1*{n}*5*EA*9.5**UP*012345678905" for n in range(1, 400)]
    large = spoiled(BEG, *lines, "CTT*399")
    async with gateway_in(tmp_path, max_set_bytes=4000) as running:
        arrival = await running.bring(large)
        assert [row.state for row in running.documents(arrival)] == list(Q)
        assert codes(running.documents(arrival)[1].faults) >= {"set-too-large"}
        assert said(running.sent("997")[0], "AK9") == ["AK9*P*3*3*2"]
        await running.still_works()


async def test_a_file_over_the_limit_stays_with_the_partner(tmp_path: Path):
    """It is put aside with the reason beside it, and never becomes an arrival."""
    async with gateway_in(tmp_path, max_file_bytes=2000) as running:
        running.put(b"ISA" * 1000, "huge.edi")
        why = tmp_path / "mail" / "acme" / "in" / "error" / "huge.edi.txt"
        await until(why.exists)
        assert "limit is 2000" in why.read_text()
        assert running.arrivals == []
        await running.still_works()


async def test_a_large_interchange_is_read_beside_the_loop_that_answers_partners(tmp_path: Path):
    sets = [order(f"P{n}", f"{n:05d}") for n in range(1, 401)]
    async with gateway_in(tmp_path, inline_bytes=1000, batch_sets=50) as running:
        arrival = await running.bring(interchange(group(*sets)))
        assert {row.state for row in running.documents(arrival)} == {"delivered"}
        assert said(running.sent("997")[0], "AK9") == ["AK9*A*400*400*400"]
        assert len(running.erp) == 400


async def test_a_half_written_file_is_never_taken(tmp_path: Path):
    """`ready: stable`: while it grows it is left alone, whatever it is called."""
    profile = ACME.replace("ready: rename", "ready: stable").replace("every: 200ms", "every: 400ms")
    async with gateway_in(tmp_path, {"profiles/acme.yaml": profile}) as running:
        target = tmp_path / "mail" / "acme" / "in" / "slow.edi"
        with target.open("wb") as file:
            for at in range(0, len(GOOD), 40):
                file.write(GOOD[at : at + 40])
                file.flush()
                assert running.arrivals == []
                await asyncio.sleep(0.1)
        await until(lambda: running.arrivals)
        await running.quiet()
        (arrival,) = running.arrivals
        assert running.kept(arrival) == GOOD
        assert running.erp == ["PurchaseOrder-acme-4500017.json"]


async def test_an_answer_that_cannot_be_given_is_tried_again(running: Running):
    """The partner's folder is none just now: its acknowledgments wait, its order does not, and nobody else notices."""
    out = running.folder / "mail" / "acme" / "out"
    out.rmdir()
    out.write_text("in the way")
    arrival = await running.bring(GOOD)
    assert [row.state for row in running.documents(arrival)] == ["delivered"]
    waiting = running.ask(
        lambda tx: [tuple(one) for one in tx.execute(select(outbox.c.state, outbox.c.attempt))]
    )
    assert waiting == [("retrying", 1)] * 2
    await running.still_works()


async def test_a_locked_database_takes_nothing_and_loses_nothing(running: Running):
    """Somebody else writes for a while: the file is taken once he is done."""
    holder = sqlite3.connect(running.folder / "var" / "ledger.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    running.put(GOOD)
    await asyncio.sleep(0.6)
    assert running.arrivals == []
    assert running.erp == []
    holder.execute("COMMIT")
    holder.close()
    await until(lambda: running.erp)
    await running.quiet()
    assert len(running.sent("997")) == len(running.arrivals) == 1


async def test_a_full_disk_acknowledges_nothing_that_is_not_stored(running: Running):
    """The ledger may not grow: nothing goes back, the file stays; with room again it goes through once."""
    pages = await running.gateway.ledger.commit(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar())
    await running.gateway.ledger.commit(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    large = interchange(group(*(order(f"P{n}", f"{n:04d}") for n in range(1, 400))))
    running.put(large)
    await asyncio.sleep(0.8)
    assert running.arrivals == []
    assert running.sent("997") == running.erp == []
    taken = running.folder / "mail" / "acme" / "in" / ".taken" / "po.edi"
    assert taken.read_bytes() == large
    await running.gateway.ledger.commit(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1000000"))
    await until(lambda: len(running.erp) == 399)
    await running.quiet()
    assert len(running.sent("997")) == len(running.arrivals) == 1
