"""What an engineer changes while the gateway runs: adopted when it is sound, told and left out when it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pipeline.desk import ACME, BOLT, COMPANY
from pipeline.documents import group, interchange, one, order, said

from gateway.app import running as run

from .running import Running, gateway_in, until

CARL = ACME.replace("acme", "carl").replace("ZZ/ACME", "ZZ/CARL")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with gateway_in(tmp_path) as made:
        yield made


def write(running: Running, name: str, text: str) -> None:
    """As an editor does: at once."""
    path = running.folder / "partners" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.swp")
    temporary.write_text(text, encoding="utf-8")
    temporary.rename(path)


async def faults(running: Running, what: str) -> str:
    """Waits until a fault says that; returns it whole."""
    found = await until(lambda: [one for one in running.gateway.faults if what in str(one)], what)
    return str(found[0])


def from_carl(number: str = "1") -> bytes:
    return interchange(group(order(number)), sender="ZZ/CARL")


async def test_a_profile_dropped_in_is_live_without_a_restart(running: Running):
    for folder in ("mail/carl/in", "mail/carl/out", "samples/carl/one"):
        (running.folder / folder).mkdir(parents=True)
    (running.folder / "samples/carl/one/in.edi").write_text("sample")
    write(running, "profiles/carl.yaml", CARL)
    await until(lambda: "carl" in running.gateway.snapshot.partners)
    await running.bring(from_carl(), partner="carl")
    assert running.erp == ["PurchaseOrder-carl-1.json"]
    assert said(running.sent("997", "carl")[0], "AK9") == ["AK9*A*1*1*1"]


async def test_a_profile_taken_away_closes_its_door_only(running: Running):
    (running.folder / "partners" / "profiles" / "bolt.yaml").unlink()
    await until(lambda: "bolt" not in running.gateway.snapshot.partners)
    running.put(one().replace(b"ZZ*ACME", b"ZZ*BOLT"), partner="bolt")
    await running.bring(one("2", "000000008"))
    assert running.erp == ["PurchaseOrder-acme-2.json"]


BROKEN = [
    # what is written -> what is said, with file, line and column
    ("partner: [acme\n", "profiles/acme.yaml:1:10"),
    (ACME.replace("receive:", "recieve:"), "did you mean receive?"),
    (ACME.replace("stage: live", "stage: life"), "profiles/acme.yaml:2:8"),
    (ACME.replace("x12/004010/850", "x12/004010/8500"), "x12/004010/850"),
    (f"{ACME}alerts: {{failed: [nobody]}}\n", "nobody"),
    (ACME.replace("identities: {x12: ZZ/ACME}", "identities: {x12: ZZ/BOLT}"), "ZZ/BOLT"),
    ("\x00\x01", "profiles/acme.yaml"),
    ("", "profiles/acme.yaml"),
]


@pytest.mark.parametrize(("text", "said_"), BROKEN)
async def test_broken_while_it_runs_the_last_good_version_goes_on(running: Running, text: str, said_: str):
    write(running, "profiles/acme.yaml", text)
    told = await faults(running, "acme.yaml")
    assert said_.lower() in told.lower() or any(said_ in str(one) for one in running.gateway.faults)
    await running.bring(one())
    assert running.erp == ["PurchaseOrder-acme-4500017.json"]
    assert len(running.sent("997")) == 1
    await running.still_works()


async def test_mended_it_is_adopted(running: Running):
    write(running, "profiles/acme.yaml", "partner: [acme\n")
    await faults(running, "acme.yaml")
    write(running, "profiles/acme.yaml", f"{ACME}acknowledge: [999]\n")
    await until(lambda: not running.gateway.faults)
    await running.bring(one())
    assert len(running.sent("999")) == 1
    assert running.sent("997") == []


async def test_a_broken_company_leaves_the_whole_house_as_it_was(running: Running):
    before = running.gateway.snapshot
    write(running, "company.yaml", COMPANY.replace("systems:", "system:"))
    await faults(running, "company.yaml")
    assert running.gateway.snapshot.digest == before.digest
    await running.bring(one())
    assert running.erp == ["PurchaseOrder-acme-4500017.json"]


MAP = "map: acme/850\nextends: x12/004010/850\nfields:\n  references:\n    event: REF[ZZ]\n"


async def test_a_partner_s_map_that_names_what_does_not_exist_is_not_adopted(running: Running):
    write(running, "maps/acme/850.yaml", MAP.replace("REF[ZZ]", "QQQ01"))
    write(running, "profiles/acme.yaml", ACME.replace("x12/004010/850", "acme/850"))
    told = await faults(running, "QQQ")
    assert "maps/acme/850.yaml:5:" in told
    await running.bring(one())
    assert running.erp == ["PurchaseOrder-acme-4500017.json"]


async def test_a_partner_s_map_is_used_from_its_adoption_on(running: Running):
    write(running, "maps/acme/850.yaml", MAP)
    write(running, "profiles/acme.yaml", ACME.replace("x12/004010/850", "acme/850"))
    await until(lambda: running.gateway.snapshot.partners["acme"].receive["850"].map == "acme/850")
    text = one().replace(b"PO1*1", b"REF*ZZ*EVENT-7~\nPO1*1").replace(b"SE*5", b"SE*6")
    arrival = await running.bring(text)
    (document,) = running.documents(arrival)
    assert document.map == "acme/850"
    assert b'"event"' in (running.folder / "erp" / "PurchaseOrder-acme-4500017.json").read_bytes()


async def test_one_broken_profile_at_the_start_stops_only_itself(tmp_path: Path):
    async with gateway_in(tmp_path, {"profiles/acme.yaml": "partner: [acme\n"}) as running:
        assert any("acme.yaml:1:10" in str(one) for one in running.gateway.faults)
        await running.still_works()


async def test_broken_between_two_runs_the_last_run_s_version_goes_on(tmp_path: Path):
    async with gateway_in(tmp_path) as first:
        settings = first.gateway.settings
    (tmp_path / "partners" / "profiles" / "acme.yaml").write_text("partner: [acme\n")
    async with run(settings) as gateway:
        second = Running(gateway, tmp_path)
        assert gateway.faults
        await second.bring(one())
        assert second.erp == ["PurchaseOrder-acme-4500017.json"]


async def test_nothing_in_hand_is_lost_by_a_reload(running: Running):
    """Files keep coming while the profile is written again and again."""
    for n in range(1, 21):
        running.put(one(f"R{n}", f"{n:09d}"), f"{n}.edi")
        write(running, "profiles/bolt.yaml", f"{BOLT}keep: {n}y\n")
        await until(lambda n=n: f"PurchaseOrder-acme-R{n}.json" in running.erp)
    await running.quiet()
    assert len(running.erp) == len(running.sent("997")) == len(running.arrivals) == 20
