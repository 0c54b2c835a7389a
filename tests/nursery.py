"""Programs forked from one process that has imported everything, so that a start costs no imports.

Started as a program, with the path of a socket, it is the process that is forked from; `Nursery` starts it and asks it.
Each connection asks for one program, `gateway` or `python`: one line of JSON (`program`, `arguments`, `folder`,
`environment`) and the three standard streams. It is answered with the process id, and with the exit status once there
is one, minus the signal's number where one ended it. Where the one that asked goes away before, the program is killed.

Whoever has `Nursery.bin` first on the path has both from there; what starts and ends differently as a process of its
own is proved with the true one, in `cli/test_program.py`.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

GATEWAY, PYTHON = "gateway", "python"
TYPES = ("850", "855", "856", "810")


# -- in the child


def become(order: Mapping[str, Any]) -> int:
    """Runs the program to its end; returns its exit status."""
    from gateway import faultpoints

    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    faultpoints._COUNTDOWN = faultpoints.armed(os.environ)
    sys.argv = [order["program"], *order["arguments"]]
    sys.stdin, sys.stdout = open(0), open(1, "w")  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace")  # noqa: SIM115
    try:
        if order["program"] == PYTHON:
            interpret([word for word in order["arguments"] if word != "-P"])
        else:
            from gateway.__main__ import main

            main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
    return 0


def interpret(words: list[str]) -> None:
    """What `python` does with these words: `-m MODULE`, `-c CODE` or a script, and what is given to it."""
    if words[0] in ("-m", "-c"):
        sys.path.insert(0, os.getcwd())
    else:
        words.insert(0, str(Path(words[0]).resolve().parent))
        sys.path.insert(0, words[0])
    sys.argv = words[1:]
    if words[0] == "-m":
        sys.modules.pop(words[1], None)
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        exec(words[1], {"__name__": "__main__"})  # noqa: S102
    else:
        runpy.run_path(words[1], run_name="__main__")


def fork(order: Mapping[str, Any], streams: list[int], others: list[int]) -> int:
    """The process id of a child that runs it on these streams, and holds nothing else of ours."""
    if pid := os.fork():
        return pid
    status = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        for other in (*streams, *others):
            os.close(other)
        status = become(order)
    finally:
        os._exit(status)


# -- the process that is forked from


def prepare() -> None:
    """Imports what any program here imports, and does once what all of them do the first time."""
    import gc

    import structlog
    from end_to_end.running import gateway_in
    from pipeline.documents import one

    from gateway import maps
    from gateway.cli import running
    from gateway.maps.compile import compiled

    assert running

    async def warm() -> None:
        with TemporaryDirectory() as folder:
            async with gateway_in(Path(folder)) as gateway:
                await gateway.bring(one())

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    kept.extend(maps.load(f"x12/004010/{type}") for type in TYPES)
    compiled(kept[0])
    asyncio.run(warm())
    structlog.reset_defaults()
    for name in [name for name in sys.modules if name.startswith("gateway.cli")]:
        del sys.modules[name]  # its consoles look at the environment once: each child makes its own
    gc.collect()
    gc.freeze()


kept: list[Any] = []


def serve(path: str) -> None:
    """Answers until nobody holds our standard input any more."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    woken, waker = socket.socketpair()
    for one in (woken, waker):
        one.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    prepare()
    asked: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as ready:
        for each in (0, listener, woken):
            ready.register(each, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            for key, _ in ready.select():
                if key.fd == 0:
                    return
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    order, streams = received(connection)
                    if order is None:
                        connection.close()
                        continue
                    pid = fork(order, streams, [listener.fileno(), woken.fileno(), waker.fileno()])
                    for stream in streams:
                        os.close(stream)
                    asked[pid] = connection
                    tell(connection, pid)
                    ready.register(connection, selectors.EVENT_READ, pid)
                elif key.fileobj is woken:
                    with suppress(BlockingIOError):
                        woken.recv(4096)
                    for pid, status in ended():
                        if pid in asked:
                            connection = asked.pop(pid)
                            tell(connection, status)
                            with suppress(KeyError):
                                ready.unregister(connection)
                            connection.close()
                elif key.data in asked:  # the one that asked is gone
                    ready.unregister(key.fileobj)
                    with suppress(ProcessLookupError):
                        os.kill(key.data, signal.SIGKILL)


def received(connection: socket.socket) -> tuple[Any, list[int]]:
    """The order and its streams; no order, where the other side left."""
    text, streams, _, _ = socket.recv_fds(connection, 1 << 16, 3)
    while not text.endswith(b"\n"):
        more = connection.recv(1 << 16)
        if not more:
            return None, list(streams)
        text += more
    return json.loads(text), list(streams)


def ended() -> list[tuple[int, int]]:
    """Every child that has ended since, and its exit status."""
    found = []
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            found.append((pid, os.waitstatus_to_exitcode(status)))
    return found


def tell(connection: socket.socket, number: int) -> None:
    with suppress(OSError):
        connection.sendall(f"{number}\n".encode())


# -- for tests

SHIM = """\
#!{python} -IS
import json, os, signal, socket, sys
order = dict(program={program!r}, arguments=sys.argv[1:], folder=os.getcwd(), environment=dict(os.environ))
nursery = socket.socket(socket.AF_UNIX)
nursery.connect({path!r})
socket.send_fds(nursery, [json.dumps(order).encode() + b"\\n"], [0, 1, 2])
said = nursery.makefile()
pid = int(said.readline())
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(pid, number))
status = int(said.readline())
if status < 0:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
sys.exit(status)
"""


@dataclass
class Child:
    """One program that runs."""

    connection: socket.socket
    pid: int

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def ended(self) -> int:
        """Its exit status, once it has one; minus the signal's number when one ended it.

        Whoever gives up waiting ends it.
        """
        self.connection.setblocking(False)
        try:
            return int(await asyncio.get_running_loop().sock_recv(self.connection, 100))
        except asyncio.CancelledError:
            self.signal(signal.SIGKILL)
            raise
        finally:
            self.connection.close()


class Nursery:
    """The process that is forked from, started when the first asks; `shared` has the one that all tests share."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="nursery-")
        self._path = str(Path(self._folder.name) / "socket")
        self._process: subprocess.Popen[str] | None = None

    def _started(self) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__, self._path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert self._process.stdout
            assert self._process.stdout.readline() == "ready\n"

    def bin(self) -> Path:
        """A folder with a `gateway` and a `python` that are forked.

        They stand for the forked process: they have its standard streams and its end, and pass on signals.
        """
        self._started()
        folder = Path(self._folder.name) / "bin"
        if not folder.exists():
            folder.mkdir()
            for program in (GATEWAY, PYTHON):
                shim = folder / program
                shim.write_text(SHIM.format(python=sys.executable, program=program, path=self._path))
                shim.chmod(0o755)
        return folder

    def start(self, folder: Path, *arguments: str, program: str = GATEWAY, **environment: str) -> Child:
        """Starts it there, with these variables besides our own; what it prints goes to `gateway.log` there."""
        self._started()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._path)
        order = {
            "program": program,
            "arguments": [str(one) for one in arguments],
            "folder": str(folder),
            "environment": {**os.environ, **environment},
        }
        with open(os.devnull) as nothing, (folder / "gateway.log").open("ab") as log:
            streams = [nothing.fileno(), log.fileno(), log.fileno()]
            socket.send_fds(connection, [json.dumps(order).encode() + b"\n"], streams)
        pid = b""
        while not pid.endswith(b"\n"):
            pid += connection.recv(1)
        return Child(connection, int(pid))

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.close()
            self._process.wait(10)
            self._process.stdout.close()
        self._folder.cleanup()


@cache
def shared() -> Nursery:
    """The one of this process, closed with it."""
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


if __name__ == "__main__":
    serve(sys.argv[1])
