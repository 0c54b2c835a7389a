"""What every connector promises, asked of each of them. A new one is one line in CONNECTORS."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest
from peers import closed_port

from gateway import connectors
from gateway.connectors import files, rest
from gateway.errors import Refused, TransportError
from gateway.rehearsal.erp import Book, Erp, serving

ORDER = json.dumps({"number": "4500017", "lines": [{"quantity": "12"}]}).encode()
CHANGED = ORDER.replace(b"12", b"24")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class InFolder:
    """The files connector and what its system reads."""

    def __init__(self, tmp: Path) -> None:
        self.connector = files.connector(files.Settings(to="erp"), tmp)
        (tmp / "file").touch()
        self.lost = files.connector(files.Settings(to="file/erp"), tmp)
        self.folder = tmp / "erp"

    def received(self) -> list[bytes]:
        return [one.read_bytes() for one in sorted(self.folder.iterdir())]

    def empty(self) -> None:
        for one in self.folder.iterdir():
            one.unlink()


class OverRest:
    """The rest connector and the stub ERP behind it."""

    def __init__(self, book: Book, url: str) -> None:
        self.connector = rest.connector(settings(url), Path())
        self.lost = rest.connector(settings(f"http://127.0.0.1:{closed_port()}"), Path())
        self.book = book

    def received(self) -> list[bytes]:
        return self.book.bodies

    def empty(self) -> None:
        self.book.clear()


def settings(url: str) -> rest.Settings:
    return rest.Settings.model_validate({"url": url, "requests": {"*": {"path": "/{{ type }}"}}})


@asynccontextmanager
async def in_folder(tmp: Path) -> AsyncIterator[InFolder]:
    yield InFolder(tmp)


@asynccontextmanager
async def over_rest(tmp: Path) -> AsyncIterator[OverRest]:
    with closing(Book(tmp / "erp.sqlite")) as book:
        async with serving(Erp(book)) as url:
            system = OverRest(book, url)
            yield system
            await system.connector.close()
            await system.lost.close()


CONNECTORS = {"files": in_folder, "rest": over_rest}


@pytest.fixture(params=CONNECTORS)
async def system(request, tmp_path):
    async with CONNECTORS[request.param](tmp_path) as made:
        yield made


def test_every_connector_is_asked():
    assert CONNECTORS.keys() == connectors.CONNECTORS.keys()


async def test_an_object_is_delivered_once_as_it_is(system):
    await system.connector.deliver("harbor/4500017", "PurchaseOrder", ORDER, "c-1")
    assert system.received() == [ORDER]


async def test_the_same_object_twice_has_one_effect(system):
    for correlation in ("c-1", "c-2"):
        await system.connector.deliver("harbor/4500017", "PurchaseOrder", ORDER, correlation)
    assert system.received() == [ORDER]


async def test_other_content_under_the_same_key_is_refused(system):
    await system.connector.deliver("harbor/4500017", "PurchaseOrder", ORDER, "c-1")
    with pytest.raises(Refused, match="other content"):
        await system.connector.deliver("harbor/4500017", "PurchaseOrder", b"{}", "c-2")
    assert system.received() == [ORDER]


async def test_an_accepted_change_takes_the_place_of_what_it_supersedes(system):
    await system.connector.deliver("harbor/4500017", "PurchaseOrder", ORDER, "c-1")
    for _ in range(2):
        await system.connector.deliver("harbor/4500017", "PurchaseOrder", CHANGED, "c-2", {digest(ORDER)})
    assert system.received() == [CHANGED]


async def test_what_a_change_does_not_supersede_is_kept(system):
    await system.connector.deliver("harbor/4500017", "PurchaseOrder", ORDER, "c-1")
    with pytest.raises(Refused, match="other content"):
        await system.connector.deliver("harbor/4500017", "PurchaseOrder", CHANGED, "c-2", {digest(b"{}")})
    assert system.received() == [ORDER]


async def test_whoever_comes_first_the_newest_form_stands(system):
    """Each form supersedes all before it, and they race."""
    forms = [f'{{"form": {n}}}'.encode() for n in range(12)]

    async def deliver(n: int) -> None:
        with suppress(Refused):
            before = {digest(one) for one in forms[:n]}
            await system.connector.deliver("harbor/1", "PurchaseOrder", forms[n], "c", before)

    for _ in range(5):
        order = random.sample(range(len(forms)), len(forms))
        await asyncio.gather(*map(deliver, order))
        assert system.received() == [forms[-1]]
        system.empty()


async def test_keys_and_kinds_are_told_apart(system):
    for kind, key in [
        ("PurchaseOrder", "a/1"),
        ("PurchaseOrder", "a-1"),
        ("Invoice", "a/1"),
        ("Invoice", "a/2"),
    ]:
        await system.connector.deliver(key, kind, f'"{kind} {key}"'.encode(), "c")
    assert len(system.received()) == 4


async def test_a_system_that_cannot_be_reached_is_a_transport_error(system):
    with pytest.raises(TransportError):
        await system.lost.deliver("harbor/4500017", "PurchaseOrder", ORDER, "c-1")
