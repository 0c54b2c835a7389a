"""The watched folder: what is taken when, and where it lies afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest
from peers import Ledger

from gateway.arrival import Content
from gateway.errors import Refused, SetupError, TransportError
from gateway.protocols import folder
from gateway.protocols.ports import Channel, ending
from gateway.protocols.settings import Pull, Push


@pytest.fixture
def place(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def watching(place: Path, **pull: str) -> folder.FolderListener:
    channel = Channel("acme.drop", "acme", place.parent / "store", place.parent, max_bytes=1000)
    rules = Pull.model_validate({"ready": "rename"} | pull)
    return folder.listener(channel, folder.Settings.model_validate({"in": "in"}), rules)


def files(place: Path) -> list[str]:
    return sorted(str(one.relative_to(place)) for one in place.rglob("*") if one.is_file())


DONE = {
    "delete": [],
    "rename(.DONE)": ["po.edi.1.DONE", "po.edi.DONE"],
    "archive": ["archive/po.edi", "archive/po.edi.1"],
}


@pytest.mark.parametrize(("done", "left"), DONE.items())
async def test_what_was_accepted_is_filed_away_as_the_profile_says(place, done, left):
    ledger, listener = Ledger(), watching(place, done=done)
    for data in (b"one", b"two"):
        (place / "po.edi").write_bytes(data)
        await listener.poll(ledger.accept)
        await listener.poll(ledger.accept)
    assert files(place) == left
    assert ledger.contents == [b"one", b"two"]


async def test_too_large_goes_to_the_error_folder_with_the_reason(place):
    (place / "po.edi").write_bytes(b"x" * 1001)
    assert await watching(place).poll(Ledger().accept) == 0
    assert files(place) == ["error/po.edi", "error/po.edi.txt"]
    assert (place / "error" / "po.edi.txt").read_text() == "the file has 1001 bytes and the limit is 1000\n"


async def test_what_accept_refuses_goes_to_the_error_folder_with_its_words(place):
    async def refuse(arrival):
        raise Refused("this channel is suspended")

    (place / "po.edi").write_bytes(b"order")
    await watching(place).poll(refuse)
    assert (place / "error" / "po.edi.txt").read_text() == "this channel is suspended\n"


LONG = ["x" * 251 + ".edi", "é" * 125 + "y.edi"]
"""As long as a file's name may be: 255 bytes."""


@pytest.mark.parametrize("done", DONE)
@pytest.mark.parametrize("name", LONG, ids=["ascii", "two bytes"])
async def test_the_longest_names_are_taken_and_filed_away(place, name, done):
    ledger, listener = Ledger(), watching(place, done=done)
    for data in (b"one", b"two"):
        (place / name).write_bytes(data)
        await listener.poll(ledger.accept)
    assert [arrival.name for arrival in ledger.arrivals] == [name, name]
    assert len(files(place)) == len(DONE[done])
    assert all(one.endswith(".DONE") for one in files(place)) or done != "rename(.DONE)"
    (place / name).write_bytes(b"x" * 1001)
    await listener.poll(ledger.accept)
    (why,) = (place / "error").glob("*.txt")
    assert "limit is 1000" in why.read_text()
    assert (place / "error" / name).is_file()


def test_two_long_names_with_an_ending_stay_two():
    names = ["x" * 250 + end for end in ("a", "b", "c.edi")]
    made = [ending(name, ".txt") for name in names]
    assert len({*made}) == 3
    assert {len(one) for one in made} == {255}
    assert ending("po.edi", ".txt") == "po.edi.txt"


async def test_a_link_that_replaces_the_file_at_the_last_moment_is_not_read(place, tmp_path):
    (tmp_path / "secret").write_bytes(b"not yours")
    (place / ".taken").mkdir()
    (place / ".taken" / "po.edi").symlink_to(tmp_path / "secret")
    ledger = Ledger()
    await watching(place).poll(ledger.accept)
    assert ledger.arrivals == []
    assert "symbolic link" in (place / "error" / "po.edi.txt").read_text()


async def test_pipes_and_folders_are_left_alone(place):
    os.mkfifo(place / "pipe.edi")
    (place / "folder.edi").mkdir()
    assert await watching(place).poll(Ledger().accept) == 0
    assert (place / "folder.edi").is_dir()


async def test_only_matching_names_are_taken_the_oldest_first(place):
    for name, age in (
        ("b.edi", 3),
        ("a.edi", 2),
        ("c.edi", 1),
        ("readme.txt", 9),
        ("d.edi.tmp", 9),
        (".hidden.edi", 9),
    ):
        (place / name).touch()
        os.utime(place / name, (10_000 - age, 10_000 - age))
    ledger = Ledger()
    await watching(place, match="*.edi").poll(ledger.accept)
    assert ledger.names == ["b.edi", "a.edi", "c.edi"]


async def test_a_name_that_is_not_utf_8_is_read_as_latin_1(place):
    ledger, listener = Ledger(), watching(place, done="delete", ready="rename")
    (place / os.fsdecode(b"1 sp\xe9ce.edi")).write_bytes(b"one")
    (place / "2 epice.edi").write_bytes(b"two")
    await listener.poll(ledger.accept)
    assert ledger.names == ["1 sp\u00e9ce.edi", "2 epice.edi"]
    assert ledger.contents == [b"one", b"two"]
    assert files(place) == []


async def test_whatever_goes_wrong_with_one_file_its_neighbours_go_on(place):
    ledger, listener = Ledger(), watching(place, done="delete", ready="rename")

    async def accept(arrival):
        if arrival.name == "a.edi":
            raise UnicodeEncodeError("utf-8", "a", 0, 1, "nobody thought of it")
        return await ledger.accept(arrival)

    for name in ("a.edi", "b.edi"):
        (place / name).write_bytes(name.encode())
    await listener.poll(accept)
    assert ledger.names == ["b.edi"]
    await listener.poll(ledger.accept)
    assert ledger.names == ["b.edi", "a.edi"]


async def test_a_marker_goes_when_its_file_is_taken(place):
    ledger, listener = Ledger(), watching(place, ready="marker(*.ok)", done="delete")
    for name in ("one.edi", "one.ok", "two.edi", "two.edi.ok", "three.edi"):
        (place / name).touch()
    await listener.poll(ledger.accept)
    assert sorted(ledger.names) == ["one.edi", "two.edi"]
    assert files(place) == ["three.edi"]


async def test_files_of_one_name_wait_for_each_other(place):
    """The first is still being stored while the next of that name comes."""
    ledger, listener = Ledger(), watching(place, done="delete")
    ledger.failures = 1
    (place / "po.edi").write_bytes(b"one")
    with contextlib.suppress(Exception):
        await listener.poll(ledger.accept)
    (place / "po.edi").write_bytes(b"two")
    for _ in range(2):
        await listener.poll(ledger.accept)
    assert ledger.contents == [b"one", b"two"]


async def test_serving_goes_on_after_an_error_and_stops_when_cancelled(place):
    ledger, listener, stored = Ledger(), watching(place, every="10ms"), asyncio.Event()
    ledger.failures = 1

    async def accept(arrival):
        receipt = await ledger.accept(arrival)
        stored.set()
        return receipt

    (place / "po.edi").write_bytes(b"order")
    task = asyncio.create_task(listener.serve(accept))
    async with asyncio.timeout(5):
        await stored.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ledger.contents == [b"order"]


async def test_a_folder_that_is_not_there_is_a_transport_error(place):
    (place / "file").touch()
    channel = Channel("acme.drop", "acme", place / "store", place)
    settings = folder.Settings.model_validate({"in": "file/in"})
    with pytest.raises(TransportError, match="watching"):
        await folder.listener(channel, settings, Pull()).poll(Ledger().accept)


async def test_a_folder_that_is_gone_is_not_made_again_but_missed(place, tmp_path):
    """It is made at the first look; a share that is not mounted any more must not look empty."""
    place.rmdir()
    ledger, listener = Ledger(), watching(place)
    await listener.poll(ledger.accept)
    assert place.is_dir()
    place.rename(tmp_path / "unmounted")
    with pytest.raises(TransportError, match="the folder is gone; mount or make it again"):
        await listener.poll(ledger.accept)
    assert not place.exists()
    (tmp_path / "unmounted").rename(place)
    (place / "po.edi").write_bytes(b"order")
    await listener.poll(ledger.accept)
    assert ledger.contents == [b"order"]


async def test_a_folder_that_is_gone_is_missed_after_a_restart_too(place):
    """A share that is not mounted when we start: nothing is put onto the disk below it."""
    channel = Channel("acme.drop", "acme", place.parent / "store", place.parent)
    settings = folder.Settings.model_validate({"in": "share/in", "out": "share/out"})
    await folder.listener(channel, settings, Pull()).poll(Ledger().accept)
    await folder.sender(channel, settings, Push()).send("one.edi", Content.of_bytes(b"order"))
    assert (place.parent / "share/out/one.edi").read_bytes() == b"order"
    (place.parent / "share").rename(place.parent / "unmounted")
    with pytest.raises(TransportError, match="the folder is gone; mount or make it again"):
        await folder.listener(channel, settings, Pull()).poll(Ledger().accept)
    with pytest.raises(TransportError, match="the folder is gone; mount or make it again"):
        await folder.sender(channel, settings, Push()).send("two.edi", Content.of_bytes(b"order"))
    assert not (place.parent / "share").exists()
    elsewhere = folder.Settings.model_validate({"out": "other/out"})
    await folder.sender(channel, elsewhere, Push()).send("two.edi", Content.of_bytes(b"order"))
    assert (place.parent / "other/out/two.edi").read_bytes() == b"order"


@pytest.mark.parametrize(
    ("settings", "make", "rules"),
    [({"out": "o"}, folder.listener, Pull()), ({"in": "i"}, folder.sender, Push())],
)
def test_a_way_the_profile_does_not_name_is_a_setup_error(tmp_path, settings, make, rules):
    with pytest.raises(SetupError, match="folder"):
        make(Channel("acme.drop", "acme", tmp_path), folder.Settings.model_validate(settings), rules)
