"""Whole conversations: orders in over SFTP, to an ERP over REST, and its answers back as 855, 856 and 810.

Gateway, ERP and partner are programs of their own. A conversation is done when the partner's 997 and its three answers
lie in its out/.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.end_to_end import CONNECTIONS, PROFILE, ROOT, House, files, free_port, gateway, names, put
from benchmarks.scale import Scale
from benchmarks.tables import Table

COMPANY = """
company: {{main: {{name: Northwind, identities: {{x12: 12/8475551234}}}}}}
systems: {{erp: {{rest: {{url: "{erp}", requests: {{"*": {{path: /documents}}}}}}, token: secret:erp-token}}}}
routes: {{"*": erp}}
contacts: {{operations: ops@northwind.example}}
defaults: {{alerts: {{failed: [operations], late: [operations]}}}}
"""
ANSWERS = ("855", "856", "810")
SENT = """
send:
  855: retailer/855
  856: retailer/856
  810: retailer/810
"""
ECHOES = {
    "855": '{BAK04: answered.ordered_on, lines: {"PO1[IN]": answered.ids.buyer item}}',
    "856": "{orders: {PRF04: answered.ordered_on}}",
    "810": "{BIG03: answered.ordered_on}",
}
PATIENCE = 180.0


def run(scale: Scale) -> Iterator[Table]:
    """As fast as it goes."""
    count = scale.conversations
    with tempfile.TemporaryDirectory() as folder:
        began, cpu, last = conversations(Path(folder), scale.warm, count)
    seconds = last - began
    yield Table(
        "Whole conversations: an 850 over SFTP, to the ERP over REST; 997, 855, 856 and 810 in the partner's out/",
        ("", "orders", "seconds", "conversations a second", "documents a second", "gateway CPU ms each"),
        [
            [
                "as fast as it goes",
                str(count),
                f"{seconds:.2f}",
                f"{count / seconds:.1f}",
                f"{count * (2 + len(ANSWERS)) / seconds:.0f}",
                f"{cpu / count * 1000:.1f}",
            ]
        ],
        ["the ERP and the partner take part on the same cores; their CPU is not the gateway's"],
    )


def conversations(folder: Path, warm: int, count: int) -> tuple[float, float, float]:
    """When the partner began, the CPU the gateway took, and when the last answer stood there."""
    door, erp = free_port(), free_port()
    company = COMPANY.format(erp=f"http://127.0.0.1:{erp}")
    settings = {"GATEWAY_INTERNAL_PORT": str(door), "GATEWAY_SECRET_ERP_TOKEN": "rehearsal"}
    maps(folder / "partners/maps/retailer")
    with answering(folder, erp, door), gateway(folder, company, PROFILE + SENT, settings) as house:
        done(house, files(folder / "warm", warm, 900_000), warm)
        cpu, before = house.cpu(), names(house.out)
        began = done(house, files(folder / "sent", count, count), warm + count)
        cpu = house.cpu() - cpu
        return began, cpu, max((house.out / name).stat().st_ctime for name in names(house.out) - before)


def maps(folder: Path) -> None:
    """The partner wants its own item numbers and dates back."""
    folder.mkdir(parents=True)
    for type, echo in ECHOES.items():
        answers = (
            "{PurchaseOrder: orders.number}"
            if type == "856"
            else "{PurchaseOrder: order.number, lines: number}"
        )
        text = f"map: retailer/{type}\nextends: x12/004010/{type}\nanswers: {answers}\nwrite: {echo}\n"
        (folder / f"{type}.yaml").write_text(text)


@contextmanager
def answering(folder: Path, port: int, door: int) -> Iterator[None]:
    """The ERP, which answers every order over the gateway's internal API."""
    command = [sys.executable, "-m", "gateway.rehearsal.erp", "--port", str(port)]
    command += ["--store", str(folder / "erp.sqlite"), "--gateway", f"http://127.0.0.1:{door}"]
    environment = os.environ | {"GATEWAY_SECRET_ERP_API": "rehearsal"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as erp:
        try:
            assert erp.stdout is not None
            assert "erp" in json.loads(erp.stdout.readline())
            yield
        finally:
            erp.terminate()


def done(house: House, folder: Path, count: int) -> float:
    """Lets the partner put the folder's files, waits until so many orders are answered; returns when it began."""
    told = put(house, folder, CONNECTIONS, 0)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        there = Counter(name[:3] for name in names(house.out))
        if all(there[type] >= count for type in ("997", *ANSWERS)):
            return float(told["began"])
        time.sleep(0.1)
    raise TimeoutError(f"after {PATIENCE:.0f} s there are {dict(there)} of {count} each")
