"""`make run` as a newcomer: what it runs, in a clean copy of what he has; and Ctrl-C in the middle of it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from conformance.peers import CLIENT_KEY_TEXT, asyncssh_host
from demo_day import FREE_PORTS, Day, run
from nursery import GATEWAY, Nursery
from pipeline.desk import ACME
from pipeline.documents import said

from gateway.cli.running import quiet
from gateway.protocols.our_sftp.passwords import password_fits

from .house import Client, Place, several, single
from .running import gateway_in, until

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_documents" / "harbor"


@pytest.fixture(scope="module")
def copy(demo_day: Day, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house after its first run."""
    return demo_day.copied(tmp_path_factory.mktemp("newcomer") / "house")


def test_make_run_is_what_is_tried_here():
    recipe = (ROOT / "Makefile").read_text()
    assert "$(BIN)/gateway run --demo $(ARGS)" in recipe


def test_it_ends_when_idle_with_a_summary(demo_day: Day):
    assert demo_day.returncode == 0, demo_day.stderr[-3000:]
    assert "Traceback" not in demo_day.stderr
    assert "two-lines.edi" in demo_day.stdout
    for word in ("arrival", "document", "sending"):
        assert word in demo_day.stdout


@pytest.mark.parametrize("partner", ["harbor", "keystone"])
def test_each_sample_partner_has_a_password_that_opens_its_mailbox(copy: Path, partner: str):
    var = copy / "var"
    plain = (var / "demo" / f"{partner}.password").read_text()
    assert password_fits(plain, (var / "secrets" / "demo" / f"{partner}-sftp").read_text())


def expected_orders() -> dict[tuple[str, str, str], object]:
    """Every object that the samples' authors expect, by its number, purpose and release."""
    found: dict[tuple[str, str, str], object] = {}
    for path in sorted(SAMPLES.glob("*/in.*")):
        for one in json.loads(path.with_name("canonical.json").read_text()):
            if one is not None:
                found[one["number"], one.get("purpose", ""), one.get("release", "")] = one
    return found


def test_the_erp_has_every_expected_order_once_as_it_was_written_by_hand(copy: Path):
    expected = expected_orders()
    files = [json.loads(path.read_text()) for path in (copy / "var" / "erp").glob("PurchaseOrder-harbor-*")]
    found = {(one["number"], one.get("purpose", ""), one.get("release", "")): one for one in files}
    assert len(files) == len(found)
    assert found.keys() == expected.keys()
    assert found == expected


def acknowledged(data: bytes) -> tuple[str, ...]:
    """What a 997 says, whatever its own control numbers are."""
    return tuple(said(data, "AK1", "AK2", "AK3", "AK4", "AK5", "AK9"))


def test_every_997_is_as_the_sample_s_author_wrote_it(copy: Path):
    wanted: Counter[tuple[str, ...]] = Counter()
    for path in SAMPLES.glob("*/acknowledgment.edi"):
        for part in path.read_bytes().split(b"ISA*")[1:]:
            wanted[acknowledged(b"ISA*" + part)] += 1
    out = copy / "var" / "channels" / "harbor.mailbox" / "home" / "out"
    found = Counter(acknowledged(path.read_bytes()) for path in out.glob("997*"))
    assert found == wanted


def test_a_second_run_goes_on_where_the_first_ended(copy: Path, nursery: Nursery):
    """The same documents again: the retailer's second copies are dropped, and nothing is done twice."""
    erp = {path.name: path.stat().st_mtime_ns for path in (copy / "var" / "erp").glob("[!.]*")}
    second = run(copy, "--json", program=nursery.bin() / GATEWAY)
    assert second.returncode == 0, second.stderr[-3000:]
    assert {path.name: path.stat().st_mtime_ns for path in (copy / "var" / "erp").glob("[!.]*")} == erp
    counts = [json.loads(line) for line in second.stdout.splitlines()]
    dropped = {one["partner"]: one["count"] for one in counts if (one["kind"], one["state"]) == AGAIN}
    samples = len(list(SAMPLES.glob("*/in.*")))
    assert dropped == {"harbor": samples, "swift3pl": 1, "werkstatt": 1}


AGAIN = ("arrival", "dropped")


def test_the_warehouse_ships_what_it_is_told_and_hears_what_was_wrong(copy: Path):
    taken = [
        json.loads(one.read_bytes()) for one in (copy / "var" / "erp").glob("WarehouseShipment-swift3pl-*")
    ]
    assert sorted(one["order_number"] for one in taken) == ["WO-20043", "WO-20045", "WO-30001"]
    (shipped,) = [one for one in taken if one["order_number"] == "WO-30001"]
    assert [line["quantity"] for line in shipped["packs"][0]["lines"]] == ["24.00", "6.00"]
    (stock,) = (copy / "var" / "erp").glob("InventoryReport-swift3pl-*")
    assert [line["quantity"] for line in json.loads(stock.read_bytes())["lines"]] == ["476", "494"]
    assert list((copy / "var" / "erp").glob("PriceList-werkstatt-*"))
    out = copy / "var" / "channels" / "swift3pl.mailbox" / "home" / "out"
    (table,) = out.glob("errors_*.csv")
    assert b"\n7,2,LIN,qty," in table.read_bytes()


def replies(copy: Path, partner: str, type: str) -> dict[str, bytes]:
    """What lies in a partner's out/, by the number that the document answers or has."""
    out = copy / "var" / "channels" / f"{partner}.mailbox" / "home" / "out"
    place = {"855": ("BAK", 3), "856": ("PRF", 1), "810": ("BIG", 4)}[type]
    found = {}
    for path in out.glob(f"{type}*"):
        data = path.read_bytes()
        segment = said(data, place[0])[0].split("*")
        found[segment[place[1]]] = data
    return found


@pytest.mark.parametrize("type", ["855", "856", "810"])
def test_the_retailer_gets_an_answer_of_each_kind_to_every_plain_order(copy: Path, type: str):
    """With its own item numbers, which no ERP gives back, where its order had them."""
    answers = replies(copy, "harbor", type)
    assert {"4500017"} <= set(answers) <= {number for number, _, _ in expected_orders()}
    assert len(answers) > 10


def test_the_supplier_fetches_our_order_and_answers_it(copy: Path, nursery: Nursery):
    assert not list((copy / "var/channels/keystone.mailbox/home/out").glob("850*"))
    command = [nursery.bin() / GATEWAY, "trace", "PO-70001", "--json"]
    told = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True)
    story = json.loads(told.stdout)
    states = {(one["type"], one["state"]) for one in story["documents"]}
    assert {
        ("850", "acknowledged"),
        ("855", "delivered"),
        ("856", "delivered"),
        ("810", "delivered"),
    } <= states
    erp = {path.name.partition("-")[0] for path in (copy / "var/erp").glob("*-keystone-*")}
    assert erp == {"OrderAcknowledgment", "ShipNotice", "Invoice"}


async def test_two_at_a_time_on_one_ledger_is_refused_in_words(copy: Path, nursery: Nursery):
    """The second says who the first is, and exits 1 without a traceback."""
    running, log = nursery.start(copy, "run", **FREE_PORTS), copy / "gateway.log"
    await until(lambda: "started" in log.read_text(), "it starts")
    second = run(copy, program=nursery.bin() / GATEWAY)
    running.signal(signal.SIGINT)
    assert second.returncode == 1
    assert str(running.pid) in second.stderr
    assert "Traceback" not in second.stderr
    assert await running.ended() == 0


STABLE = ACME.replace("ready: rename", "ready: stable")


async def test_idle_is_after_the_second_look_into_a_folder(tmp_path: Path):
    """Nobody has looked yet, and then the file was seen only once."""
    async with gateway_in(tmp_path, {"profiles/acme.yaml": STABLE}) as running:
        running.put(single(1).data)
        await asyncio.wait_for(quiet(running.gateway), 20)
        assert len(running.erp) == 1


async def test_idle_is_after_the_second_look_at_a_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "host" / "out").mkdir(parents=True)
    (tmp_path / "host" / "out" / "po.edi").write_bytes(single(1).data)
    monkeypatch.setenv("GATEWAY_SECRET_ACME_KEY", CLIENT_KEY_TEXT)
    async with asyncssh_host(tmp_path / "host") as host:
        away = f"{{host: 127.0.0.1, port: {host.port}, user: hub, key: secret:acme/key, host_key: {host.host_key}}}"
        channel = f"  away:\n    sftp: {away}\n    pull: {{from: /out, every: 200ms}}\n"
        files = {"profiles/acme.yaml": STABLE.replace("receive:", f"{channel}receive:")}
        async with gateway_in(tmp_path, files) as running:
            await asyncio.wait_for(quiet(running.gateway), 20)
            assert len(running.erp) == 1


async def test_a_host_that_is_away_does_not_keep_it_from_being_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GATEWAY_SECRET_ACME_KEY", CLIENT_KEY_TEXT)
    away = '{host: 127.0.0.1, port: 1, user: hub, key: secret:acme/key, host_key: "SHA256:4ZBuVXGFhMLnzcVYtFhYBbmP6d3yVdvYuz8kFjRw2bA"}'  # noqa: E501
    channel = f"  away:\n    sftp: {away}\n    pull: {{from: /out, every: 10ms}}\n"
    files = {"profiles/acme.yaml": ACME.replace("receive:", f"{channel}receive:")}
    async with gateway_in(tmp_path, files) as running:
        await asyncio.wait_for(quiet(running.gateway), 20)


def half_done(folder: Path) -> list[Path]:
    """Temporary files beside what is finished."""
    return [*folder.glob("erp/.*"), *folder.glob("var/channels/*/home/out/.*")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_stopped_under_load_nothing_is_half_done(tmp_path: Path, nursery: Nursery, number: int):
    """Ctrl-C while files come in: exit 0, and every file it took a receipt for is finished by the next run."""
    place = Place(tmp_path, nursery)
    files = [several(n, 3) if n % 4 == 0 else single(n) for n in range(1, 41)]
    client = Client(place.port)
    child = place.start()
    putting = asyncio.create_task(client.put(files))
    async with asyncio.timeout(30):
        while len(client.sent) < 8:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        child.signal(number)
        assert await child.ended() == 0, place.log()
        assert '"stopped"' in place.log()
        assert "Traceback" not in place.log()
        assert half_done(tmp_path) == []
        child = place.start()
        await putting
        await place.finished()
        child.signal(signal.SIGTERM)
        assert await child.ended() == 0
    place.holds(files)
