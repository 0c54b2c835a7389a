"""OpenSSH's `sftp`, `scp` and `ssh` as a partner runs them: a key file, a known_hosts file, a batch of commands."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncssh

QUIET = ("-F", "none", "-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR")
ECHO = "sftp> "


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said; without the echo of a batch."""

    status: int
    out: str
    said: str


@dataclass
class Client:
    """One partner's account on a machine of theirs; relative paths in batches start in `folder`."""

    folder: Path
    port: int
    user: str
    host_key: asyncssh.SSHKey
    key: asyncssh.SSHKey

    @property
    def options(self) -> list[str]:
        """Written anew each time, so that a test may change any of it before."""
        key, known = self.folder / "key", self.folder / "known_hosts"
        key.touch(mode=0o600)
        key.write_bytes(self.key.export_private_key())
        shown = self.host_key.export_public_key().decode()
        known.write_text(f"[127.0.0.1]:{self.port} {shown}")
        files = [f"IdentityFile={key}", f"UserKnownHostsFile={known}", "GlobalKnownHostsFile=none"]
        strict = [*files, "StrictHostKeyChecking=yes", f"Port={self.port}", "NumberOfPasswordPrompts=1"]
        return [*QUIET, *(part for option in strict for part in ("-o", option))]

    async def sftp(self, *batch: str) -> Done:
        """The commands one after another, until one fails; `-` before a command lets it fail."""
        return await self.run("sftp", "-b", "-", *self.options, f"{self.user}@127.0.0.1", feed=batch)

    async def scp(self, *arguments: str) -> Done:
        return await self.run("scp", *self.options, "-q", *arguments)

    async def ssh(self, *arguments: str) -> Done:
        return await self.run("ssh", *self.options, f"{self.user}@127.0.0.1", *arguments)

    async def run(self, *command: str, feed: tuple[str, ...] = (), env: dict[str, str] | None = None) -> Done:
        text = "".join(f"{line}\n" for line in feed)
        done = await asyncio.to_thread(
            subprocess.run,
            command,
            input=text,
            capture_output=True,
            text=True,
            timeout=20,
            cwd=self.folder,
            env=env,
        )
        lines = done.stdout.splitlines(keepends=True)
        return Done(
            done.returncode, "".join(line for line in lines if not line.startswith(ECHO)), done.stderr
        )


async def until(come: Callable[[], bool]) -> None:
    """Looks again and again, between everything else that happens."""
    async with asyncio.timeout(10):
        while not come():  # noqa: ASYNC110 - what happens on a disk sets no event
            await asyncio.sleep(0)
