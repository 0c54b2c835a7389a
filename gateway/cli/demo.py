"""What `gateway run --demo` adds: credentials for the sample partners, and their side of the conversation.

Credentials are made at the first run below var/ and are never committed. Sample documents of a retailer, of a warehouse
and of a shop go in through the real SFTP door, as those would put them; the ERP takes its orders over REST, answers
them, orders from the suppliers, and has the warehouse ship something; each fetches its order over SFTP, and answers it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncssh

from gateway import app
from gateway.errors import SetupError
from gateway.protocols.our_sftp.passwords import hash_password
from gateway.rehearsal import sales
from gateway.rehearsal.erp import Book, Erp, Gateway, answer, serving
from gateway.rehearsal.supplier import Login, Supplier, keystone, look, rheinland
from gateway.rehearsal.warehouse import Warehouse, warehouse
from gateway.settings import Settings

RETAILER = "harbor"
SUPPLIERS = {"V-20417": keystone, "V-30112": rheinland}
"""By their number in the ERP, as their profiles have it: one speaks X12, the other EDIFACT."""
WAREHOUSE = "W-500"
"""The number of our warehouse in the ERP: a legacy 3PL, which gets its orders and answers them in fixed columns."""
OF_RECORDS = {"swift3pl": "one-broken-record", "werkstatt": "prices"}
"""Who sends files of records, and which of its samples of its own accord."""
KEY, TOKEN, ADDRESS = "demo/erp-key", "demo/erp-token", "demo/erp-url"
"""What we show the ERP, what it shows us, and where it is."""
PORT = 8090
"""The ERP's, where nobody else has it."""
SUPPLIER_LOOKS = 1.0
"""Seconds between two looks of the supplier into its mailbox."""


def password_file(settings: Settings, partner: str = RETAILER) -> Path:
    """Where a partner's own copy of its password is kept, for the person who tries it."""
    return settings.var_dir / "demo" / f"{partner}.password"


def credentials(settings: Settings) -> None:
    """A password for each partner that logs in, and what the ERP and we know each other by."""
    for partner in (RETAILER, *(one().user for one in SUPPLIERS.values()), *OF_RECORDS):
        credential(settings, partner)
    for name in (KEY, TOKEN):
        if not (path := settings.secrets / name).exists():
            keep(path, secrets.token_urlsafe(24))


def credential(settings: Settings, partner: str) -> None:
    """A password: plain on the partner's side, hashed on ours."""
    theirs, ours = password_file(settings, partner), settings.secrets / "demo" / f"{partner}-sftp"
    if theirs.exists() and ours.exists():
        return
    password = secrets.token_urlsafe(12)
    keep(theirs, password)
    keep(ours, hash_password(password))


def keep(path: Path, text: str) -> None:
    """Where only we can read it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(text, encoding="ascii")


@asynccontextmanager
async def erp(settings: Settings) -> AsyncIterator[Book]:
    """The ERP at work, its address where our set-up looks for it; what it takes lies in var/erp/ to be looked at."""
    (settings.var_dir / "demo").mkdir(parents=True, exist_ok=True)
    with closing(Book(settings.var_dir / "demo" / "erp.sqlite", sales.ANSWERS)) as book:
        for number, account in enumerate(SUPPLIERS, 70001):
            book.say("PurchaseOrder", sales.replenishment(account, f"PO-{number}"))
        book.say("WarehouseOrder", sales.to_the_warehouse(WAREHOUSE, "WO-30001"))
        key = (settings.secrets / KEY).read_text(encoding="ascii")
        played = Erp(book, keys={f"Bearer {key}"}, shown=settings.var_dir / "erp")
        async with serving(played, PORT if is_free(PORT) else 0) as url:
            keep(settings.secrets / ADDRESS, url)
            yield book


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@asynccontextmanager
async def conversation(gateway: app.Gateway, book: Book) -> AsyncIterator[Conversation]:
    """The others take part for the length of a `with` block; the ERP speaks of its own accord."""
    settings = gateway.settings
    token = (settings.secrets / TOKEN).read_text(encoding="ascii")
    door = Gateway(f"http://{settings.internal_host}:{gateway.internal_port}", token)
    speaking = asyncio.create_task(answer(book, door))
    try:
        yield Conversation(gateway, book)
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)


class Conversation:
    """The others' side of it, while the gateway runs."""

    def __init__(self, gateway: app.Gateway, book: Book) -> None:
        self._gateway, self._book = gateway, book
        self._suppliers: list[Supplier | Warehouse] = [one() for one in SUPPLIERS.values()]
        self._suppliers.append(warehouse(gateway.settings.partners_dir))

    async def begin(self) -> None:
        """Who sends of its own accord puts its documents in."""
        await upload(self._gateway)

    async def go_on(self) -> bool:
        """Lets the suppliers look into their mailboxes; whether anybody said, or has still to say, anything."""
        looked = [await self._look(supplier) for supplier in self._suppliers]
        return any(looked) or bool(self._book.unsaid())

    async def forever(self) -> None:
        await self.begin()
        while True:
            await self.go_on()
            await asyncio.sleep(SUPPLIER_LOOKS)

    async def _look(self, supplier: Supplier | Warehouse) -> int:
        settings = self._gateway.settings
        password = password_file(settings, supplier.user).read_text(encoding="ascii")
        login = Login(settings.sftp_host, await self._gateway.sftp.port(), supplier.user, password)
        try:
            return await look(supplier, login)
        except asyncssh.Error as error:
            raise SetupError(f"looking into the supplier's mailbox: {error.reason}") from error


def documents(settings: Settings) -> dict[str, list[Path]]:
    """The sample documents that partners put in of their own accord, in the order of their folders."""
    folder = settings.samples_dir
    known = {RETAILER: "*", **OF_RECORDS}
    return {partner: sorted((folder / partner).glob(f"{case}/in.*")) for partner, case in known.items()}


async def upload(gateway: app.Gateway) -> None:
    """Puts them in as those partners would. Raises `SetupError` where our own door is shut."""
    try:
        for partner, paths in documents(gateway.settings).items():
            await put_all(gateway, partner, paths)
    except asyncssh.Error as error:
        raise SetupError(f"putting the sample documents in: {error.reason}") from error


async def put_all(gateway: app.Gateway, partner: str, paths: Sequence[Path]) -> None:
    """Each over one SFTP session; the file is named after its sample's folder."""
    settings = gateway.settings
    async with (
        asyncssh.connect(
            settings.sftp_host,
            await gateway.sftp.port(),
            username=partner,
            password=password_file(settings, partner).read_text(encoding="ascii"),
            known_hosts=None,
            client_keys=None,
            config=None,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        for path in paths:
            await sftp.put(str(path), f"in/{path.parent.name}{path.suffix}")


def hints(gateway: app.Gateway, port: int) -> dict[str, str]:
    """What to try next, exactly as it is typed."""
    settings = gateway.settings
    known = known_hosts(settings, port)
    password = password_file(settings).read_text(encoding="ascii")
    return {
        "retailer": f"sftp -P {port} -o UserKnownHostsFile={known} {RETAILER}@{settings.sftp_host}",
        "": f"password {password}, then: put FILE in/ and ls out/",
        "ERP": f"ls {from_here(settings.var_dir / 'erp')}",
        "story": f"{program()} trace 4500017",
        "waiting": f"{program()} dead",
    }


def known_hosts(settings: Settings, port: int) -> str:
    """A file with our server's own key, so that `sftp` knows whom it talks to and asks nothing."""
    key = asyncssh.read_private_key(str(settings.var_dir / "keys" / "sftp_host_key"))
    path = settings.var_dir / "demo" / "hosts"
    public = key.export_public_key().decode("ascii")
    path.write_text(f"[{settings.sftp_host}]:{port} {public}", encoding="ascii")
    return from_here(path)


def program() -> str:
    """This program as it is typed here."""
    return "gateway" if shutil.which("gateway") else from_here(Path(sys.argv[0]))


def from_here(path: Path) -> str:
    """The path from the working directory, where that is shorter."""
    return min(os.path.relpath(path), str(path), key=len)
