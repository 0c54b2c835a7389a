"""The files connector: names, and what may be overwritten."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from gateway.connectors import CONNECTORS, files, load
from gateway.errors import Refused, SetupError

NAMES = [
    ("harbor/4500017", "PurchaseOrder-harbor-4500017.json"),
    ("harbor/PO_7.1", "PurchaseOrder-harbor-PO_7.1.json"),
    ("harbor/45 00", "PurchaseOrder-harbor-45-00~"),
    ("harbor-4500017", "PurchaseOrder-harbor-4500017~"),
    ("../../etc/passwd", "PurchaseOrder-etc-passwd~"),
    ("harbor/ü", "PurchaseOrder-harbor~"),
    ("x" * 500, "PurchaseOrder-xxx"),
]


@pytest.mark.parametrize(("key", "wanted"), NAMES)
def test_a_file_is_named_by_its_key(key, wanted):
    assert files.file_name("PurchaseOrder", key).startswith(wanted)


@given(some.text(max_size=300), some.text(max_size=300))
def test_different_keys_never_share_a_name_and_every_name_is_one(one, other):
    names = [files.file_name("PurchaseOrder", key) for key in (one, other)]
    assert (names[0] == names[1]) == (one == other)
    assert all(len(name.encode()) < 255 and "/" not in name and name.isprintable() for name in names)


async def test_changed_replace_keeps_the_latest(tmp_path):
    connector = files.connector(files.Settings(to="erp", changed="replace"), tmp_path)
    for document in ({"a": 1}, {"a": 2}):
        await connector.deliver("harbor/1", "PurchaseOrder", document, "c")
    (one,) = (tmp_path / "erp").iterdir()
    assert one.read_text() == '{\n  "a": 2\n}'


async def test_a_change_is_there_as_a_whole_while_others_read(tmp_path):
    connector = files.connector(files.Settings(to="erp"), tmp_path)
    forms = [bytes([65 + n]) * 20_000 for n in range(20)]
    seen: set[bytes] = set()

    async def read() -> None:
        while True:
            seen.update(one.read_bytes() for one in (tmp_path / "erp").glob("[!.]*"))
            await asyncio.sleep(0)

    reading = asyncio.create_task(read())
    for n, form in enumerate(forms):
        before = {hashlib.sha256(one).hexdigest() for one in forms[:n]}
        await connector.deliver("harbor/1", "PurchaseOrder", form, "c", before)
    reading.cancel()
    assert seen <= set(forms)
    assert [one.read_bytes() for one in (tmp_path / "erp").iterdir()] == [forms[-1]]


async def test_a_file_that_appears_between_look_and_write_is_judged(tmp_path, monkeypatch):
    (tmp_path / "erp").mkdir()
    connector = files.connector(files.Settings(to="erp"), tmp_path)
    place = files.place

    def late(target: Path, *told: object, **more: object) -> None:
        monkeypatch.undo()
        target.write_bytes(b"another")
        place(target, *told, **more)

    monkeypatch.setattr(files, "place", late)
    with pytest.raises(Refused, match="other content"):
        await connector.deliver("harbor/1", "PurchaseOrder", b"ours", "c")
    assert [one.read_bytes() for one in (tmp_path / "erp").iterdir()] == [b"another"]


async def test_a_file_taken_between_look_and_replacement_is_written_anew(tmp_path, monkeypatch):
    connector = files.connector(files.Settings(to="erp"), tmp_path)
    await connector.deliver("harbor/1", "PurchaseOrder", b"first", "c")

    @contextmanager
    def taken(folder: Path) -> Iterator[None]:
        for one in folder.iterdir():
            one.unlink()
        yield

    monkeypatch.setattr(files, "alone_in", taken)
    await connector.deliver(
        "harbor/1", "PurchaseOrder", b"second", "c", {hashlib.sha256(b"first").hexdigest()}
    )
    assert [one.read_bytes() for one in (tmp_path / "erp").iterdir()] == [b"second"]


async def test_a_link_in_the_way_is_not_written_through(tmp_path):
    (tmp_path / "erp").mkdir()
    (tmp_path / "erp" / "PurchaseOrder-harbor-1.json").symlink_to(tmp_path / "outside")
    with pytest.raises(Refused, match="symbolic link"):
        await files.connector(files.Settings(to="erp"), tmp_path).deliver(
            "harbor/1", "PurchaseOrder", b"{}", "c"
        )
    assert not (tmp_path / "outside").exists()


async def test_nothing_temporary_is_left(tmp_path):
    await files.connector(files.Settings(to="erp"), tmp_path).deliver("harbor/1", "PurchaseOrder", b"{}", "c")
    assert [one.name for one in (tmp_path / "erp").iterdir()] == ["PurchaseOrder-harbor-1.json"]


def test_the_table_and_its_errors():
    assert all(load(name).Settings for name in CONNECTORS)
    with pytest.raises(SetupError, match="no connector 'sap'; known: files, rest"):
        load("sap")
    with pytest.raises(ValidationError):
        files.Settings.model_validate({"to": "erp", "colour": "red"})
