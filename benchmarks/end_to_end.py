"""A running gateway as its partner and its ERP see it: files in over SFTP, orders in a folder, 997s back.

`gateway run` is a process of its own, on SQLite with synchronous=FULL, everything on this machine's disk; so is the
partner. When a file is there is what the file system says of its last change of name.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncssh

from benchmarks import orders
from benchmarks.partner import USER
from benchmarks.scale import Scale
from benchmarks.tables import Table, promise

CONNECTIONS = 4
PACE = 50
PATIENCE = 90.0
ROOT = Path(__file__).parent.parent
PEER = "asyncssh's SFTP server alone"

COMPANY = """
company: {main: {name: Northwind, identities: {x12: 12/8475551234}}}
systems: {erp: {files: {to: ../erp}}}
routes: {"*": erp}
contacts: {operations: ops@northwind.example}
defaults: {alerts: {failed: [operations], late: [operations]}}
"""

PROFILE = f"""
partner: {USER}
name: Harbor & Main
stage: live
contacts: {{edi: edi@harborandmain.example}}
identities: {{x12: 08/9254110060, group: HARBOR}}
channels: {{mailbox: {{our_sftp: {{user: {USER}, keys: retailer.pub}}}}}}
receive: {{850: {{map: x12/004010/850, acknowledge: [997]}}}}
"""


@dataclass(frozen=True, slots=True)
class House:
    """Where everything of one run is, and the running gateway."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def erp(self) -> Path:
        return self.folder / "erp"

    @property
    def out(self) -> Path:
        return self.folder / "var/channels" / f"{USER}.mailbox" / "home/out"

    def cpu(self) -> float:
        """Seconds of CPU the gateway has taken, and the processes it reads in."""
        return sum(map(taken, [self.process.pid, *children(self.process.pid)]))


def taken(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def run(scale: Scale) -> Iterator[Table]:
    """As fast as it goes, then at a steady pace."""
    rows, notes = [], []
    with tempfile.TemporaryDirectory() as folder, gateway(Path(folder)) as house:
        send(house, files(house.folder / "warm", scale.warm, 900_000), scale.warm, 0)
        for what, count, pace in (
            ("as fast as it goes", scale.sent, 0),
            (f"{PACE} a second", scale.paced, PACE),
        ):
            sent = send(house, files(house.folder / f"sent{pace}", count, count + pace), count, pace)
            rows.append(row(what, count, sent))
            if not pace:
                notes.append(promise("documents a second", count / sent.seconds, 150, 500))
        rows.append(stored_only(house, files(house.folder / "stored", scale.sent, 500_000), scale.sent))
        waiting = asyncio.run(listed(house))
        notes.append(
            f"{waiting} acknowledgments listed over SFTP; {CONNECTIONS} connections, 2 files each at a time"
        )
    yield Table(
        "From the partner's upload to the ERP's file and the 997 in the partner's out/, synchronous=FULL",
        ("2 KB files, one 850 each", "files", "seconds", "a second", "ms p50", "p99", "gateway CPU ms each"),
        rows,
        [
            *notes,
            f"after {scale.warm} files, so that maps are compiled, and the process that reads has started",
            "ms: from the partner's close of the upload to the order in the ERP's folder",
            f"{PEER}: the same partner's files, as fast as it goes; it only stores them, and syncs nothing",
        ],
    )


def stored_only(house: House, folder: Path, count: int) -> list[str]:
    """The same partner, to a server that stores its files and does nothing else."""
    (house.folder / "peer/in").mkdir(parents=True)
    keys = str(house.folder / "partners/retailer.pub")
    command = [sys.executable, "-m", "benchmarks.store_only", str(house.folder / "peer"), keys]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            port = int(server.stdout.readline()) if server.stdout else 0
            cpu = taken(server.pid)
            told = put(house, folder, CONNECTIONS, 0, port)
            seconds, cpu = max(told["closed"].values()) - told["began"], taken(server.pid) - cpu
        finally:
            server.terminate()
    assert len(names(house.folder / "peer/in")) == count
    return [PEER, str(count), f"{seconds:.2f}", f"{count / seconds:.0f}", "", "", f"{cpu / count * 1000:.2f}"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One batch: seconds until the last order and the last acknowledgment stood, each order's wait, the CPU taken."""

    seconds: float
    waits: list[float]
    cpu: float


def row(what: str, count: int, sent: Sent) -> list[str]:
    waits = sorted(sent.waits)
    half, most = (waits[len(waits) * percent // 100] * 1000 for percent in (50, 99))
    figures = [f"{count / sent.seconds:.0f}", f"{half:.0f}", f"{most:.0f}", f"{sent.cpu / count * 1000:.2f}"]
    return [what, str(count), f"{sent.seconds:.2f}", *figures]


def send(house: House, folder: Path, count: int, pace: float) -> Sent:
    """Lets the partner send the folder, and waits until all of it has become orders and acknowledgments."""
    before = (names(house.erp), names(house.out))
    cpu = house.cpu()
    told = put(house, folder, CONNECTIONS, pace)
    for _ in until(house, len(before[0]) + count, len(before[1]) + count, PATIENCE):
        time.sleep(0.1)
    made, answers = names(house.erp) - before[0], names(house.out) - before[1]
    cpu = house.cpu() - cpu
    stood = {name: (house.erp / name).stat().st_ctime for name in made}
    last = max(*stood.values(), *((house.out / name).stat().st_ctime for name in answers))
    closed = {number_of(folder / name): at for name, at in told["closed"].items()}
    waits = [stood[f"PurchaseOrder-{USER}-{number}.json"] - at for number, at in closed.items()]
    return Sent(last - told["began"], waits, cpu)


def put(house: House, folder: Path, connections: int, pace: float, port: int = 0) -> dict[str, Any]:
    """Lets the partner put the folder's files; returns when it began, and when it closed each."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.partner",
        str(port or house.port),
        str(house.folder / "retailer"),
    ]
    command += [str(folder), str(connections), str(pace)]
    told: dict[str, Any] = json.loads(
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    )
    return told


def until(house: House, made: int, answered: int, patience: float) -> Iterator[None]:
    """Yields until so many orders and acknowledgments stand there."""
    deadline = time.monotonic() + patience
    while len(names(house.erp)) < made or len(names(house.out)) < answered:
        if time.monotonic() > deadline:
            there = f"{len(names(house.erp))} orders and {len(names(house.out))} acknowledgments"
            raise TimeoutError(f"after {patience:.0f} s there are {there} of {made} and {answered}")
        yield


def files(folder: Path, count: int, first: int) -> Path:
    """Files of one order each, with control numbers from `first` on; the first number seeds the orders too."""
    folder.mkdir()
    made = orders.stream(seed=first, first=10_000_000 + first * 10)
    for number in range(first, first + count):
        (folder / f"{number:07d}.edi").write_bytes(orders.single(number, made))
    return folder


def number_of(path: Path) -> str:
    found = re.search(rb"BEG\*00\*..\*(\w+)", path.read_bytes())
    return found[1].decode() if found else ""


def names(folder: Path) -> set[str]:
    return {name for name in os.listdir(folder) if not name.startswith(".")} if folder.exists() else set()


async def listed(house: House) -> int:
    """How many acknowledgments the partner sees."""
    key = str(house.folder / "retailer")
    async with (
        asyncssh.connect(
            "127.0.0.1", house.port, username=USER, client_keys=[key], known_hosts=None, config=None
        ) as joined,
        joined.start_sftp_client() as client,
    ):
        return len([name for name in await client.listdir("out") if name not in (".", "..")])


@contextmanager
def gateway(
    folder: Path,
    company: str = COMPANY,
    profile: str = PROFILE,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[House]:
    """A house built in the folder, and `gateway run` in it until the block ends."""
    build(folder, company, profile)
    environment = {
        **settings,
        "GATEWAY_PARTNERS_DIR": str(folder / "partners"),
        "GATEWAY_SAMPLES_DIR": str(folder / "samples"),
        "GATEWAY_VAR_DIR": str(folder / "var"),
        "GATEWAY_HTTP_PORT": "0",
        "GATEWAY_SFTP_PORT": str(port := free_port()),
    }
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "run"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stderr=log, stdout=log)
    try:
        answering(process, port, folder / "log")
        yield House(folder, port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def build(folder: Path, company: str, profile: str) -> None:
    (folder / "partners/profiles").mkdir(parents=True)
    (folder / "partners/company.yaml").write_text(company)
    (folder / f"partners/profiles/{USER}.yaml").write_text(profile)
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(folder / "retailer"))
    key.write_public_key(str(folder / "partners/retailer.pub"))
    sample = folder / "samples" / USER / "one"
    sample.mkdir(parents=True)
    (sample / "in.edi").write_bytes(orders.single(1, orders.stream()))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def answering(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as made:
                if made.recv(4) == b"SSH-":
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the gateway does not answer:\n{log.read_text()}")
