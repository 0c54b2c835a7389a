"""A running gateway in this process, with one folder partner and another, for what only the whole shows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pipeline.desk import ACME, BOLT, house_in
from pipeline.documents import one
from sqlalchemy import Connection, select

from gateway import app
from gateway.ledger import blobs
from gateway.ledger.arrivals import ArrivalRow
from gateway.ledger.documents import DocumentRow
from gateway.ledger.interchanges import InterchangeRow
from gateway.ledger.tables import arrival, document, interchange

T = TypeVar("T")
PATIENCE = 20


async def until(true: Callable[[], Any], what: str = "") -> Any:
    """Waits until it is true; returns what it is then."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not (found := true()):  # noqa: ASYNC110
                await asyncio.sleep(0.03)
    except TimeoutError:
        raise AssertionError(f"still not so after {PATIENCE} s: {what or true}") from None
    return found


@dataclass
class Running:
    """The gateway, and both sides of it on disk."""

    gateway: app.Gateway
    folder: Path

    def put(self, data: bytes, name: str = "po.edi", partner: str = "acme") -> None:
        """As a partner does who knows how: under a temporary name, then renamed."""
        target = self.folder / "mail" / partner / "in" / name
        part = target.with_name(f".{name}.part")
        part.write_bytes(data)
        os.rename(part, target)

    async def bring(self, data: bytes, name: str = "po.edi", partner: str = "acme") -> ArrivalRow:
        """Puts the file, and returns its arrival once that and all that follows from it rest."""
        known = {row.id for row in self.arrivals}
        self.put(data, name, partner)
        await until(lambda: {row.id for row in self.arrivals} - known, f"{name} arrives")
        await self.quiet()
        (found,) = (row for row in self.arrivals if row.id not in known)
        return found

    async def quiet(self) -> None:
        """Returns once nothing is queued, in hand, or due."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.gateway.worker.queue.idle()
                if not await self.gateway.worker.sweep():
                    return

    async def still_works(self, control: str = "000000777") -> None:
        """A good order of the other partner goes all the way."""
        await self.bring(one(f"B{control}", control).replace(b"ZZ*ACME", b"ZZ*BOLT"), "good.edi", "bolt")
        assert f"PurchaseOrder-bolt-B{control}.json" in self.erp
        assert self.sent("997", "bolt")

    # -- looking

    def ask(self, question: Callable[[Connection], T]) -> T:
        return self.gateway.ledger.read_now(question)

    def _rows(self, table: Any, row: type[T]) -> list[T]:
        return self.ask(lambda tx: [row(*one) for one in tx.execute(select(table).order_by(table.c.id))])

    @property
    def arrivals(self) -> list[ArrivalRow]:
        return self._rows(arrival, ArrivalRow)

    def interchanges(self, arrived: ArrivalRow) -> list[InterchangeRow]:
        return [one for one in self._rows(interchange, InterchangeRow) if one.arrival_id == arrived.id]

    def documents(self, arrived: ArrivalRow) -> list[DocumentRow]:
        found = [one for one in self._rows(document, DocumentRow) if one.arrival_id == arrived.id]
        return sorted(found, key=lambda row: row.ordinal)

    def documents_of(self, type: str) -> list[DocumentRow]:
        """Those of this type, either way."""
        return [one for one in self._rows(document, DocumentRow) if one.type == type]

    def kept(self, arrived: ArrivalRow) -> bytes:
        """The bytes as the ledger has them."""
        return self.ask(lambda tx: blobs.read(tx, arrived.digest))

    @property
    def erp(self) -> list[str]:
        return sorted(one.name for one in (self.folder / "erp").glob("[!.]*"))

    def sent(self, type: str, partner: str = "acme") -> list[bytes]:
        """What that partner was sent, oldest first."""
        files = (self.folder / "mail" / partner / "out").glob(f"{type}_*")
        return [one.read_bytes() for one in sorted(files)]


@asynccontextmanager
async def gateway_in(
    folder: Path, files: Mapping[str, str] | None = None, **settings: Any
) -> AsyncIterator[Running]:
    """A gateway with `acme` and `bolt` on folders; both are live."""
    given = {"profiles/acme.yaml": ACME, "profiles/bolt.yaml": BOLT, **(files or {})}
    made = house_in(folder, given).model_copy(update=settings)
    async with app.running(made) as gateway:
        yield Running(gateway, folder)
