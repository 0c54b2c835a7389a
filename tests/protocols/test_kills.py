"""Killed at every point and started again: each file arrives, under one key; each drop is there once, as a whole."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest
from nursery import PYTHON, Child, Nursery
from peers import CLIENT_KEY, CLIENT_KEY_TEXT, asyncssh_host, closed_port

from gateway.faultpoints import POINTS

SCRIPT = Path(__file__).with_name("killable.py")

TAKING = {
    "take_from_folder": [
        "folder.before_take",
        "folder.after_take",
        "folder.after_accept",
        "folder.after_done",
    ],
    "fetch": [
        "sftp.before_take",
        "sftp.after_take",
        "sftp.after_fetch",
        "sftp.after_accept",
        "sftp.after_done",
    ],
}
GIVING = {
    "drop_into_folder": ["folder.before_drop", "folder.after_drop"],
    "upload": ["sftp.before_upload", "sftp.before_rename", "sftp.after_rename"],
    "deliver": ["files.before_rename", "files.after_rename"],
    "place": ["our_sftp.before_drop", "our_sftp.after_drop"],
}
SERVING = ["our_sftp.before_accept", "our_sftp.after_accept", "our_sftp.after_reply"]
ROOMS = ("folder.", "sftp.", "our_sftp.", "files.")


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(what, point) for what, points in table.items() for point in points]


def test_every_point_of_these_rooms_is_killed_at():
    tried = {point for _, point in pairs(TAKING) + pairs(GIVING)} | set(SERVING)
    assert tried == {point for point in POINTS if point.startswith(ROOMS)}


Start = Callable[..., Child]


@pytest.fixture
def start(base: Path, nursery: Nursery) -> Start:
    """Starts `killable.py` on that folder, to be killed at a point."""

    def started(what: str, port: int, kill_at: str = "") -> Child:
        words = (SCRIPT, what, base, port)
        return nursery.start(base, *map(str, words), program=PYTHON, GATEWAY_KILL_AT=kill_at)

    return started


@pytest.fixture
async def base(tmp_path):
    """Folders, a key, and an SFTP host whose /in and /out are these folders."""
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "key").write_text(CLIENT_KEY_TEXT)
    async with asyncssh_host(tmp_path) as host:
        (tmp_path / "shown").write_text(host.host_key)
        (tmp_path / "port").write_text(str(host.port))
        yield tmp_path


@pytest.mark.parametrize(("what", "point"), pairs(TAKING))
async def test_a_file_taken_when_the_process_dies_arrives_all_the_same(base, start, what, point):
    port = int((base / "port").read_text())
    (base / "in" / "po.edi").write_bytes(b"order")
    assert await start(what, port, point).ended() == -signal.SIGKILL
    assert await start(what, port).ended() == 0
    lines = (base / "book").read_text().splitlines()
    assert len(set(lines)) == 1
    assert lines[0].endswith(" order")
    waiting = [one for one in (base / "in").rglob("po.edi*") if "archive" not in one.parts]
    assert waiting == []


@pytest.mark.parametrize(("what", "point"), pairs(GIVING))
async def test_a_file_given_when_the_process_dies_is_there_once_and_whole(base, start, what, point):
    port = int((base / "port").read_text())
    assert await start(what, port, point).ended() == -signal.SIGKILL
    assert await start(what, port).ended() == 0
    out = base / "bolt" / "home" / "out" if what == "place" else base / "out"
    seen = [one for one in out.iterdir() if not one.name.startswith(".")]
    assert [one.read_bytes() for one in seen] == [b"order"]


async def put(port: int) -> None:
    settings = {"username": "bolt", "client_keys": [CLIENT_KEY], "known_hosts": None, "config": None}
    async with (
        asyncssh.connect("127.0.0.1", port, agent_path=None, **settings) as connection,
        connection.start_sftp_client() as client,
        client.open("/in/po.edi", "wb") as file,
    ):
        await file.write(b"order")


async def put_until_acknowledged(port: int) -> None:
    while True:
        with contextlib.suppress(OSError, asyncssh.Error):
            return await put(port)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("point", SERVING)
async def test_a_partner_who_saw_no_acknowledgment_sends_again_and_has_one_effect(base, start, point):
    port = closed_port()
    first = start("serve", port, point)
    sending = asyncio.create_task(put_until_acknowledged(port))
    assert await first.ended() == -signal.SIGKILL
    second = start("serve", port)
    async with asyncio.timeout(20):
        await sending
    second.signal(signal.SIGTERM)
    await second.ended()
    (line,) = set((base / "book").read_text().splitlines())
    assert line.endswith(" order")
