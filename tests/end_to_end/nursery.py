"""Gateways to be killed: forked from one process that has imported everything, so that a start costs no imports.

Started as a program it reads one order a line (`{"folder", "environment", "arguments"}`), forks a child that runs
`gateway ARGUMENTS` there, and answers with its process id; `{"wait": ID}` answers with its exit status.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def be_gateway(order: Mapping[str, Any]) -> None:
    """In the child: becomes `gateway` with that environment, its log in `gateway.log`."""
    from gateway import cli, faultpoints

    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    log = os.open("gateway.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    faultpoints._COUNTDOWN = faultpoints.armed(os.environ)
    sys.argv = ["gateway", *order["arguments"]]
    cli.main()


def serve() -> None:
    from gateway import cli, maps
    from gateway.cli import running
    from gateway.maps.compile import compiled

    assert cli
    assert running
    compiled(maps.load("x12/004010/850"))
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                be_gateway(order)
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 0
            finally:
                os._exit(status)
        print(pid, flush=True)


@dataclass
class Child:
    """One gateway that runs."""

    nursery: Nursery
    pid: int

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def ended(self) -> int:
        """Its exit status, once it has one; minus the signal's number when one ended it.

        Whoever gives up waiting ends it: the thread that waits could not be ended otherwise, nor the test's loop.
        """
        try:
            return await asyncio.to_thread(self.nursery.ask, {"wait": self.pid})
        except asyncio.CancelledError:
            self.signal(signal.SIGKILL)
            raise


@dataclass
class Nursery:
    """The process that is forked from. One question at a time."""

    process: subprocess.Popen[str] = field(
        default_factory=lambda: subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    )

    def ask(self, order: Mapping[str, Any]) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, folder: Path, *arguments: str, **environment: str) -> Child:
        order = {"folder": str(folder), "environment": environment, "arguments": arguments}
        return Child(self, self.ask(order))

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


if __name__ == "__main__":
    serve()
