"""The program itself, in a process of its own: pipes, signals, terminals, and errors nobody caught."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("gateway")
FREE = {f"GATEWAY_{door}_PORT": "0" for door in ("SFTP", "HTTP", "INTERNAL")}
FREE |= {"COLUMNS": "100", "LINES": "60", "TERM": "xterm"}


def shell(command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A line of shell with `gateway` on the path."""
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | FREE | {"PATH": path} | more
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=environment, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "command",
    [
        "gateway inspect sample_documents/harbor/*/in.edi | head -1",
        "gateway inspect --json sample_documents/harbor/*/in.edi | head -c 10",
        "gateway translate good.edi | true",
        "gateway schema profile | head -1",
        "gateway check | head -1",
    ],
)
def test_a_closed_pipe_is_no_error(house: Path, command: str) -> None:
    done = shell(command)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "internal error" not in done.stderr


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("gateway status", 1, "gateway: opening the ledger"),
        ("GATEWAY_HTTP_PORT=many gateway status", 2, "GATEWAY_HTTP_PORT"),
        ("GATEWAY_DATABASE_URL=nonsense gateway status", 1, "nonsense"),
        ("gateway inspect good.edi > /dev/full", 1, "No space left"),
        ("gateway translate good.edi --out /dev/full", 1, "gateway: /dev/full: No space left"),
        ("gateway translate good.edi | gateway translate - --map x12/004010/850 --to x12", 0, ""),
        ("gateway inspect - <&-", 1, "gateway: <stdin>: it is closed"),
        ("gateway inspect faulty.edi", 1, ""),
    ],
)
def test_errors_are_one_sentence(house: Path, command: str, status: int, said: str) -> None:
    done = shell(command)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def terminal(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[str]]]:
    """The program on a terminal of its own; what it drew is collected when the block asks, by `drawn`."""
    ours, theirs = pty.openpty()
    environment = os.environ | FREE
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment
    )
    os.close(theirs)
    seen: list[str] = [str(ours)]
    try:
        yield process, seen
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def drawn(seen: list[str], until: str, seconds: float = 30) -> str:
    """Everything on the screen so far, once this text is there."""
    ours, end = int(seen[0]), time.monotonic() + seconds
    while time.monotonic() < end and until not in "".join(seen[1:]):
        if select.select([ours], [], [], 0.2)[0]:
            seen.append(
                re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(ours, 1 << 16).decode("utf-8", "replace"))
            )
    return "".join(seen[1:])


def test_run_shows_a_table_adopts_a_profile_and_stops_on_ctrl_c(house: Path) -> None:
    for sample in (house / "sample_documents/harbor").iterdir():
        if sample.name not in ("two-lines", "wrapped-lines-with-mark"):
            shutil.rmtree(sample)
    with terminal([str(PROGRAM), "run", "--demo"], house) as (process, seen):
        drawn(seen, "wrapped-lines-with-mark")
        screen = drawn(seen, "850 4500017 delivered")
        assert "997 TA1 sent" in screen
        assert re.search(r"sftp -P \d+ -o UserKnownHostsFile=var/demo/hosts harbor@127\.0\.0\.1", screen)
        assert (house / "var/demo/harbor.password").read_text() in screen
        profile = house / "partners/profiles/bolt.yaml"
        profile.write_text("partner: bolt\nidentities: {x12: ZZ/BOLT}\n")
        assert "bolt (testing)" in drawn(seen, "bolt (testing)")
        profile.write_text("partner: bolt\nidentifies: {x12: ZZ/BOLT}\n")
        assert "did you mean identities?" in drawn(seen, "did you mean identities?")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert '"stopped"' in (house / "var/gateway.log").read_text()


def test_a_second_gateway_in_the_same_house_is_refused_with_a_reason(house: Path) -> None:
    with terminal([str(PROGRAM), "run"], house) as (_, seen):
        drawn(seen, "health")
        done = shell("gateway run --until-idle")
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "gateway:" in done.stderr


def test_a_port_that_is_taken_is_named(house: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = shell("gateway run --until-idle", GATEWAY_HTTP_PORT=str(taken.getsockname()[1]))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "in use" in done.stderr


INTERRUPTED = """
import os, signal, sys, threading
from gateway.__main__ import main
threading.Timer(float(sys.argv.pop(1)), os.kill, (os.getpid(), signal.SIGINT)).start()
main()
"""


@pytest.mark.parametrize("after", ["0.05", "2.5"], ids=["while it starts", "at work"])
def test_ctrl_c_ends_a_command_quietly(house: Path, after: str) -> None:
    with (house / "large.edi").open("wb") as large:
        large.write((house / "good.edi").read_bytes() * 60_000)
    command = [sys.executable, "-c", INTERRUPTED, after, "inspect", "large.edi"]
    process = subprocess.Popen(command, cwd=house, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    _, told = process.communicate(timeout=20)
    assert process.returncode not in (0, None)
    assert b"Traceback" not in told
