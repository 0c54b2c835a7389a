"""The day on which the sample partners' documents arrive: what `make run` does, in a clean copy of what a newcomer has.

It is lived through once, however many processes the tests run in; who changes it works on a copy.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
GATEWAY = Path(sys.executable).with_name("gateway")
FREE_PORTS = {f"GATEWAY_{door}_PORT": "0" for door in ("HTTP", "SFTP", "INTERNAL")}


@dataclass(frozen=True)
class Day:
    """The house in which it happened, and what the program printed, which had no terminal and so ended when idle."""

    folder: Path
    returncode: int
    stdout: str
    stderr: str

    def copied(self, folder: Path) -> Path:
        """The house again, there."""
        assert self.returncode == 0, self.stderr[-3000:]
        return Path(shutil.copytree(self.folder, folder))


def run(folder: Path, *arguments: str, program: Path = GATEWAY) -> subprocess.CompletedProcess[str]:
    """`make run` there."""
    return subprocess.run(
        [str(program), "run", "--demo", *arguments],
        cwd=folder,
        env=os.environ | FREE_PORTS,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def lived(base: Path) -> Day:
    """The day below `base`, a folder that all processes of these tests share; the first that asks lives through it."""
    told = base / "demo-day.json"
    with (base / "demo-day.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            folder = base / "demo-day"
            for name in ("partners", "sample_documents"):  # only what is in the repository
                shutil.copytree(ROOT / name, folder / name)
            done = run(folder)
            day = Day(folder, done.returncode, done.stdout, done.stderr)
            told.write_text(json.dumps(asdict(day), default=str), "utf-8")
    said = json.loads(told.read_text("utf-8"))
    return Day(**said | {"folder": Path(said["folder"])})
