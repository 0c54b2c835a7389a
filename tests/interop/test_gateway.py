"""The gateway as a process of its own, OpenSSH on either side: an order comes in, its acknowledgment goes back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest
from openssh import openssh_listening
from openssh_client import Client
from peers import CLIENT_KEY, CLIENT_KEY_TEXT, closed_port
from second_readers import pyx12_faults, pyx12_guides

pytestmark = pytest.mark.interop

COMPANY = """
company: {main: {name: Northwind, identities: {x12: 12/8475551234}}}
systems: {erp: {files: {to: ../erp}}}
routes: {PurchaseOrder: erp}
"""
CALLING = """
partner: bolt
name: Bolt
stage: live
identities: {x12: ZZ/BOLT}
channels: {mailbox: {our_sftp: {user: bolt, keys: bolt.pub}}}
receive: {850: {map: x12/004010/850, acknowledge: [997, TA1]}}
"""
CALLED = """
partner: acme
name: Acme
stage: live
identities: {x12: ZZ/ACME}
channels:
  drop:
    sftp: {host: 127.0.0.1, port: PORT, user: USER, key: "secret:acme/key", host_key: "HOST_KEY"}
    pull: {from: BASE/out, match: "*.edi", every: 500ms, ready: rename, done: archive}
    push: {to: BASE/in}
receive: {850: {map: x12/004010/850, acknowledge: [997]}}
"""


def order(sender: str, number: str) -> bytes:
    header = f"ISA*00*          *00*          *ZZ*{sender:15}*12*8475551234     *260301*1200*U*00401*000000041*1*P*>~"
    body = (
        f"GS*PO*{sender}*8475551234*20260301*1200*41*X*004010~ST*850*0001~BEG*00*SA*{number}**20260301~"
        "PO1*1*12*EA*9.25**UP*012345678905~CTT*1~SE*5*0001~GE*1*41~IEA*1*000000041~"
    )
    return (header + body).encode()


@dataclass
class House:
    """A gateway's folders, and the port it listens on."""

    folder: Path
    sftp_port: int

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def orders(self) -> list[str]:
        delivered = (self.folder / "erp").glob("*.json")
        return sorted(json.loads(path.read_text())["number"] for path in delivered)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The process, until the block ends; it must then end well by itself."""
        places = {"PARTNERS_DIR": "partners", "SAMPLES_DIR": "samples", "VAR_DIR": "var"}
        settings = {f"GATEWAY_{name}": str(self.folder / place) for name, place in places.items()}
        settings |= {
            "GATEWAY_SFTP_PORT": str(self.sftp_port),
            "GATEWAY_HTTP_PORT": "0",
            "GATEWAY_INTERNAL_PORT": "0",
        }
        command = [str(Path(sys.executable).with_name("gateway")), "run"]
        with (self.folder / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command, stdout=log, stderr=log, cwd=self.folder, env=os.environ | settings
            )
        try:
            await self.come(lambda: self.listens() or process.returncode is not None)
            yield
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.sftp_port), 1):
            return True
        return False

    async def come(self, arrived) -> None:
        try:
            async with asyncio.timeout(15):
                while not arrived():  # noqa: ASYNC110 - it happens in another process
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(
                f"nothing came; the gateway said:\n{(self.folder / 'log').read_text()}"
            ) from None


@pytest.fixture
def house(tmp_path) -> House:
    made = House(tmp_path / "house", closed_port())
    made.write("partners/company.yaml", COMPANY)
    (made.folder / "erp").mkdir()
    (made.folder / "samples").mkdir()
    return made


@pytest.fixture(scope="module")
def guides(tmp_path_factory) -> Path:
    return pyx12_guides(tmp_path_factory.mktemp("pyx12") / "map")


async def answered(client: Client) -> None:
    """The 997 and the TA1 wait in out/."""
    async with asyncio.timeout(15):
        while len((await client.sftp("ls -1 out")).out.split()) < 2:  # noqa: ASYNC110 - they can only look
            await asyncio.sleep(0.1)


async def test_an_order_put_by_openssh_is_answered_in_out(house, guides, tmp_path):
    house.write("partners/profiles/bolt.yaml", CALLING)
    house.write("partners/bolt.pub", CLIENT_KEY.export_public_key().decode())
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "po.edi").write_bytes(order("BOLT", "4500017"))
    async with house.running():
        shown = asyncssh.read_private_key(str(house.folder / "var" / "keys" / "sftp_host_key"))
        client = Client(theirs, house.sftp_port, "bolt", shown, CLIENT_KEY)
        put = await client.sftp("put po.edi in/po.edi.tmp", "rename in/po.edi.tmp in/po.edi")
        assert (put.status, put.said) == (0, "")
        await answered(client)
        fetched = await client.sftp("get out/*", "rm out/*", "ls -1 out")
        assert (fetched.status, fetched.out) == (0, "")
        first = {path.name: path.read_bytes() for path in theirs.glob("*_*.edi")}
        await house.come(house.orders)
        await client.sftp("put po.edi in/again.edi")
        await answered(client)
        await client.sftp("get out/*")
    assert {path.name: path.read_bytes() for path in theirs.glob("*_*.edi")} == first
    assert house.orders() == ["4500017"]
    (answer,) = theirs.glob("997*.edi")
    (receipt,) = theirs.glob("TA1*.edi")
    assert b"AK5*A~AK9*A*1*1*1~" in answer.read_bytes().replace(b"\n", b"")
    assert pyx12_faults(answer.read_bytes(), guides) == []
    assert b"TA1*000000041*260301*1200*A*000~" in receipt.read_bytes()


async def test_an_order_that_waits_at_an_openssh_host_is_fetched_and_answered_there(house, guides):
    with openssh_listening() as host:
        stated = {"PORT": str(host.port), "USER": host.user, "HOST_KEY": host.host_key, "BASE": host.base}
        profile = CALLED
        for name, value in stated.items():
            profile = profile.replace(name, value)
        house.write("partners/profiles/acme.yaml", profile)
        house.write("var/secrets/acme/key", CLIENT_KEY_TEXT)
        (house.folder / "var" / "secrets" / "acme" / "key").chmod(0o600)
        (host.root / "out" / "po.edi").write_bytes(order("ACME", "4500018"))
        async with house.running():
            await house.come(lambda: list((host.root / "in").glob("997_*.edi")))
            host.kill()
            (host.root / "out" / "next.edi").write_bytes(
                order("ACME", "4500019").replace(b"00000041", b"00000042")
            )
            await house.come(lambda: len(list((host.root / "in").glob("997_*.edi"))) == 2)
            await house.come(lambda: len(house.orders()) == 2)
        answers = [path.read_bytes() for path in (host.root / "in").iterdir()]
        assert sorted(one.name for one in (host.root / "out").rglob("*.edi")) == ["next.edi", "po.edi"]
        assert [one.name for one in (host.root / "out").iterdir()] == ["archive"]
    assert house.orders() == ["4500018", "4500019"]
    assert [pyx12_faults(answer, guides) for answer in answers] == [[], []]
