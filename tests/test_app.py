"""The whole joined: doors open and close with the profiles, health tells the truth, and stopping leaves nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import httpx
import pytest
from pipeline.desk import ACME, BOLT, COMPANY, house_in
from pipeline.documents import one
from sqlalchemy import select

from gateway import app
from gateway.errors import SetupError, SetupFault
from gateway.ledger import arrivals, blobs, open_ledger
from gateway.ledger.tables import arrival
from gateway.pipeline.work.deliver import Doors
from gateway.settings import Settings
from gateway.setup import check, with_samples

SFTP_CALLED = """\
  away:
    sftp: {host: 127.0.0.1, port: 1, user: us, key: secret:acme/key, host_key: "SHA256:4ZBuVXGFhMLnzcVYtFhYBbmP6d3yVdvYuz8kFjRw2bA"}
    pull: {from: /out}
"""  # noqa: E501


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return house_in(tmp_path, {"profiles/bolt.yaml": BOLT})


@pytest.fixture
async def gateway(settings: Settings) -> AsyncIterator[app.Gateway]:
    async with app.running(settings) as running:
        yield running


async def get(gateway: app.Gateway, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{gateway.http_port}{path}")


async def test_health_and_metrics_are_served(gateway: app.Gateway):
    health = await get(gateway, "/health")
    assert health.status_code == 200
    told = health.json()
    assert told["well"] is True
    assert told["trouble"] == {}
    assert set(told["parts"]) == {"queue", "sftp", "collected", "sweeper", "reload", "http"}
    assert set(told["parts"].values()) == {"running"}
    assert told["snapshot"] == gateway.snapshot.digest[:12]
    assert "gateway_arrivals" in (await get(gateway, "/metrics")).text


async def test_a_part_that_ends_is_no_health(gateway: app.Gateway):
    async def broken() -> None:
        raise ZeroDivisionError("a bug of ours")

    gateway._spawn(broken(), "another")
    async with asyncio.timeout(5):
        await gateway.failed()
    assert gateway.health_failed
    health = await get(gateway, "/health")
    assert health.status_code == 503
    assert health.json()["trouble"] == {"another": "ZeroDivisionError('a bug of ours')"}


async def test_a_disk_nearly_full_and_a_ledger_that_cannot_write_are_no_health(settings: Settings):
    async with app.running(settings.model_copy(update={"min_free_bytes": 1 << 60})) as gateway:
        await gateway.ledger.commit(lambda tx: tx.exec_driver_sql("PRAGMA query_only=ON"))
        health = await get(gateway, "/health")
        assert health.status_code == 503
        told = health.json()
        assert told["well"] is False
        assert set(told["trouble"]) == {"disk", "ledger"}
        assert "GATEWAY_MIN_FREE_BYTES" in told["trouble"]["disk"]
        assert "readonly" in told["trouble"]["ledger"]
        assert set(told["parts"].values()) == {"running"}


async def test_what_our_sftp_server_refuses_is_counted(gateway: app.Gateway):
    for why in ("quota", "quota", "too large"):
        gateway.sftp.told("acme.drop", "po.edi", "refused", why)
    gateway.sftp.told("", "'nobody'", "login failed", "nobody has that name")
    gateway.sftp.told("", "10.0.0.7", "turned away", "logins failed")
    told = (await get(gateway, "/metrics")).text
    assert 'gateway_sftp_uploads_refused_total{channel="acme.drop",reason="quota"} 2.0' in told
    assert 'gateway_sftp_uploads_refused_total{channel="acme.drop",reason="too large"} 1.0' in told
    assert 'gateway_sftp_logins_failed_total{channel="",reason="nobody has that name"} 1.0' in told
    assert 'gateway_sftp_logins_failed_total{channel="",reason="logins failed"} 1.0' in told


async def failing(gateway: app.Gateway) -> dict[str, dict[str, str]]:
    """The channels that fail, once there are any."""
    async with asyncio.timeout(20):
        while not gateway.worker.outages.as_dict():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    health = await get(gateway, "/health")
    assert (health.status_code, health.json()["well"]) == (200, True)
    return health.json()["channels_failing"]


async def test_a_channel_that_fails_is_told_and_makes_nobody_unwell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    monkeypatch.setenv("GATEWAY_SECRET_ACME_KEY", key.decode())
    profile = ACME.replace("receive:", f"{SFTP_CALLED}receive:")
    async with app.running(house_in(tmp_path, {"profiles/acme.yaml": profile})) as gateway:
        (told,) = (await failing(gateway)).items()
        assert told[0] == "acme.away"
        assert "127.0.0.1:1" in told[1]["why"]
        counted = (await get(gateway, "/metrics")).text
        assert 'gateway_polls_failed_total{channel="acme.away",partner="acme"}' in counted
        assert 'gateway_channel_failing{channel="acme.away",partner="acme"} 1.0' in counted
        assert 'gateway_channel_failing{channel="acme.drop",partner="acme"} 0.0' in counted
        (tmp_path / "partners" / "profiles" / "acme.yaml").write_text(ACME)
        await gateway.adopt(check(gateway.settings))
        assert (await get(gateway, "/health")).json()["channels_failing"] == {}
        assert 'gateway_channel_failing{channel="acme.away"' not in (await get(gateway, "/metrics")).text


async def test_a_channel_that_cannot_be_opened_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GATEWAY_SECRET_ACME_KEY", "not a key")
    profile = ACME.replace("receive:", f"{SFTP_CALLED}receive:")
    async with app.running(house_in(tmp_path, {"profiles/acme.yaml": profile})) as gateway:
        told = (await failing(gateway))["acme.away"]
        assert "no private key" in told["why"]


async def test_setup_faults_make_nobody_unwell(tmp_path: Path):
    settings = house_in(tmp_path, {"profiles/bolt.yaml": "partner: [bolt\n"})
    async with app.running(settings) as gateway:
        health = await get(gateway, "/health")
        assert health.status_code == 200
        assert health.json()["setup_faults"] == 1


def test_without_a_company_nothing_starts(tmp_path: Path):
    settings = house_in(tmp_path, {"company.yaml": "company: [\n"})

    async def start() -> None:
        async with app.running(settings):
            raise AssertionError("it started")

    with pytest.raises(SetupError, match=r"company\.yaml:2:1"):
        asyncio.run(start())
    with open_ledger(settings, "run"):
        pass  # and the ledger was let go


async def test_each_channel_has_its_doors(gateway: app.Gateway):
    doors = gateway.worker.doors
    assert set(doors.senders) == set(doors.pollers) == {"acme.drop", "bolt.drop"}
    assert set(doors.systems) == {"erp", "trial"}
    assert {job.id for job in gateway.scheduler.get_jobs()} == {"poll:acme.drop:0", "poll:bolt.drop:0"}


@pytest.mark.parametrize("stage", ["draft", "suspended"])
async def test_drafts_and_suspended_partners_have_no_doors(tmp_path: Path, stage: str):
    settings = house_in(tmp_path, {"profiles/bolt.yaml": BOLT.replace("stage: live", f"stage: {stage}")})
    async with app.running(settings) as gateway:
        assert set(gateway.worker.doors.senders) == {"acme.drop"}


async def test_one_bad_channel_leaves_out_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its key is no key: told, and the partner's other channel is open."""
    monkeypatch.setenv("GATEWAY_SECRET_ACME_KEY", "not a key")
    profile = ACME.replace("receive:", f"{SFTP_CALLED}receive:")
    async with app.running(house_in(tmp_path, {"profiles/acme.yaml": profile})) as gateway:
        assert "acme.drop" in gateway.worker.doors.pollers
        (tmp_path / "mail" / "acme" / "in" / "po.edi").write_bytes(one())
        async with asyncio.timeout(20):
            while not list(tmp_path.glob("erp/[!.]*")):  # noqa: ASYNC110, ASYNC240
                await asyncio.sleep(0.05)


async def test_a_reload_changes_the_doors(gateway: app.Gateway, settings: Settings):
    profile = settings.partners_dir / "profiles" / "bolt.yaml"
    profile.write_text(BOLT.replace("  drop:", "  parcel:"))
    async with asyncio.timeout(20):
        while "bolt.parcel" not in gateway.worker.doors.pollers:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert {job.id for job in gateway.scheduler.get_jobs()} == {"poll:acme.drop:0", "poll:bolt.parcel:0"}


async def test_the_snapshot_that_runs_is_in_the_ledger(gateway: app.Gateway):
    kept = gateway.ledger.read_now(lambda tx: app.last_good(tx, gateway.around))
    assert kept is not None
    assert kept.digest == gateway.snapshot.digest


async def test_stopped_it_lets_go_of_everything(settings: Settings):
    """Twice in one process, on the same ledger and the same port."""
    ports = set()
    for _ in range(2):
        async with app.running(settings) as gateway:
            ports.add(await gateway.sftp.port())
            settings = settings.model_copy(update={"sftp_port": await gateway.sftp.port()})
        assert all(task.done() for task in gateway._tasks)
        assert not gateway.health_failed
    assert len(ports) == 1


async def test_a_second_gateway_on_the_ledger_is_refused(gateway: app.Gateway, settings: Settings):
    with pytest.raises(SetupError, match="another gateway"):
        app.Gateway.build(settings)


def test_limits_are_the_settings(settings: Settings):
    changed = settings.model_copy(update={"max_segment_bytes": 1, "max_set_bytes": 2, "max_file_bytes": 3})
    limits = app.limits(changed)
    assert (limits.segment_bytes, limits.set_bytes, limits.file_bytes) == (1, 2, 3)


def test_check_tells_every_fault_at_once(tmp_path: Path):
    files = {
        "company.yaml": COMPANY.replace("PurchaseOrder: erp", "PurchaseOrder: nowhere"),
        "profiles/acme.yaml": ACME.replace("stage: live", "stage: life"),
        "maps/acme/850.yaml": "map: acme/850\nextends: x12/004010/850\nfields:\n  number: QQQ01\n",
    }
    told = [str(fault) for fault in check(house_in(tmp_path, files)).faults]
    for mark in ("company.yaml:6:", "profiles/acme.yaml:2:", "maps/acme/850.yaml:4:"):
        assert any(one.startswith(mark) for one in told), (mark, told)


def test_one_folder_is_one_however_it_is_spelled(tmp_path: Path):
    """Of two that look into it the newcomer is left out, and both are told."""
    spelled = BOLT.replace("../mail/bolt/in", f"{tmp_path}/partners/../mail/./acme/in")
    loaded = check(house_in(tmp_path, {"profiles/bolt.yaml": spelled}))
    assert loaded.snapshot is not None
    assert set(loaded.snapshot.partners) == {"acme"}
    assert [(fault.mark.file, fault.mark.line, fault.mark.column) for fault in loaded.faults] == [
        ("profiles/acme.yaml", 6, 18),
        ("profiles/bolt.yaml", 6, 18),
    ]


def test_a_folder_of_ours_is_no_partner_s(tmp_path: Path):
    van = "channels: {van: {folder: {in: ../mail/acme/in}, pull: {}}}\n"
    loaded = check(house_in(tmp_path, {"company.yaml": COMPANY + van}))
    assert [fault.what for fault in loaded.faults] == [
        "channels.van.folder.in: is the folder that acme's drop looks into (profiles/acme.yaml)",
        "channels.drop.folder.in: is the folder that our van looks into (company.yaml)",
    ]
    assert loaded.snapshot is not None
    assert set(loaded.snapshot.partners) == set()


def test_a_live_partner_without_samples_is_told(tmp_path: Path):
    settings = house_in(tmp_path)
    (tmp_path / "samples" / "acme" / "one" / "in.edi").unlink()
    faults: tuple[SetupFault, ...] = tuple(check(settings).faults)
    assert any("sample" in str(fault) for fault in faults)


class Line:
    """A sender that stays connected."""

    def __init__(self) -> None:
        self.closed = 0

    async def send(self, name: str, content: object) -> None:
        return

    async def close(self) -> None:
        self.closed += 1


async def test_doors_that_are_replaced_are_left(settings: Settings):
    """Each edit of a profile makes new ones; the old ones' connections would stay open for ever."""
    before, last = Line(), Line()
    async with app.running(settings) as gateway:
        gateway.worker.doors = Doors({}, {"acme.away": before})
        await gateway.adopt(check(settings))
        async with asyncio.timeout(5):
            await asyncio.gather(*gateway._closing)
        assert before.closed == 1
        gateway.worker.doors = Doors({}, {"acme.away": last})
    assert last.closed == 1


# -- the door for the systems behind us

TOKEN = {"Authorization": "Bearer t0k3n", "Content-Type": "application/json"}
ANSWER = b'{"order": {"number": "4500017"}}'
WITH_TOKEN = COMPANY.replace(
    "erp: {files: {to: ../erp}}", "erp: {files: {to: ../erp}, token: secret:erp/api}"
)


async def give(gateway: app.Gateway, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{gateway.internal_port}/internal/v1/canonical/OrderAcknowledgment"
        return await client.post(url, content=ANSWER, headers=TOKEN | headers)


@pytest.fixture
def erp_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_ERP_API", "t0k3n")


async def test_without_a_token_there_is_no_door_for_systems(gateway: app.Gateway):
    assert gateway.internal_port == 0
    assert "internal" not in (await get(gateway, "/health")).json()["parts"]


@pytest.mark.usefixtures("erp_token")
async def test_a_system_gives_a_document_and_the_ledger_has_it(tmp_path: Path):
    async with app.running(house_in(tmp_path, {"company.yaml": WITH_TOKEN})) as gateway:
        answers = [await give(gateway, **{"Idempotency-Key": "SO-7"}) for _ in range(2)]
        assert [one.status_code for one in answers] == [202, 200]
        id = answers[0].json()["id"]
        row = gateway.ledger.read_now(lambda tx: arrivals.get(tx, id))
        assert (row.channel, row.partner, row.protocol) == ("system.erp", None, "rest")
        assert row.name == "OrderAcknowledgment-SO-7.json"
        assert gateway.ledger.read_now(lambda tx: blobs.read(tx, row.digest)) == ANSWER
        assert (await give(gateway, Authorization="Bearer another")).status_code == 401
        assert "internal" in (await get(gateway, "/health")).json()["parts"]


@pytest.mark.usefixtures("erp_token")
async def test_a_token_that_is_declared_later_opens_the_door(gateway: app.Gateway, tmp_path: Path):
    (tmp_path / "partners" / "company.yaml").write_text(WITH_TOKEN)
    async with asyncio.timeout(20):
        while not gateway.internal_port:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (await give(gateway)).status_code == 202
    (tmp_path / "partners" / "company.yaml").write_text(COMPANY)
    async with asyncio.timeout(20):
        while (await give(gateway)).status_code != 401:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("erp_token")
async def test_a_ledger_that_cannot_write_is_told_to_the_system(tmp_path: Path):
    async with app.running(house_in(tmp_path, {"company.yaml": WITH_TOKEN})) as gateway:
        await gateway.ledger.commit(lambda tx: tx.exec_driver_sql("PRAGMA query_only=ON"))
        answer = await give(gateway)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.usefixtures("erp_token")
async def test_a_port_for_systems_that_is_taken_is_told_with_its_setting(tmp_path: Path):
    settings = house_in(tmp_path, {"company.yaml": WITH_TOKEN})
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = settings.model_copy(update={"internal_port": other.getsockname()[1]})
        with pytest.raises(SetupError, match="GATEWAY_INTERNAL_PORT"):
            async with app.running(taken):
                pass


async def test_connectors_of_a_house_that_is_replaced_are_closed(tmp_path: Path):
    rest = "{rest: {url: 'http://127.0.0.1:1', requests: {'*': {}}}}"
    settings = house_in(tmp_path, {"company.yaml": COMPANY.replace("{files: {to: ../erp}}", rest)})
    async with app.running(settings) as gateway:
        before = gateway.worker.doors.systems["erp"]
        await gateway.adopt(check(settings))
        await asyncio.gather(*gateway._closing)
        assert gateway.worker.doors.systems["erp"] is not before
        assert before._line._leaving


async def test_what_a_system_writes_into_its_folder_arrives_by_its_channel(tmp_path: Path):
    erp = "erp: {files: {to: ../erp, from: ../erp-out}, pull: {every: 200ms, ready: rename, done: delete}}"
    company = COMPANY.replace("erp: {files: {to: ../erp}}", erp)
    async with app.running(house_in(tmp_path, {"company.yaml": company})) as gateway:
        async with asyncio.timeout(20):
            while not (tmp_path / "erp-out").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            (tmp_path / "erp-out" / ".part").write_bytes(ANSWER)
            (tmp_path / "erp-out" / ".part").rename(tmp_path / "erp-out" / "OrderAcknowledgment-7.json")
            while not (rows := gateway.ledger.read_now(lambda tx: tx.execute(select(arrival)).all())):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        (row,) = rows
        assert (row.channel, row.partner, row.protocol) == ("system.erp", None, "folder")
        assert row.name == "OrderAcknowledgment-7.json"
        assert "system.erp" not in gateway.worker.outages


@pytest.mark.parametrize(("file", "counts"), [("in.edi", True), ("out.edi", True), ("about.txt", False)])
def test_a_partner_has_samples_where_a_document_came_or_is_sent(
    tmp_path: Path, file: str, counts: bool
) -> None:
    case = tmp_path / "acme" / "first-order"
    case.mkdir(parents=True)
    (case / file).write_bytes(b"")
    assert with_samples(tmp_path) == ({"acme"} if counts else set())
