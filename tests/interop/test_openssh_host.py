"""OpenSSH's server as a partner's host: our client fetches, puts, pins its key, and survives what happens to it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from openssh import KINDS, LEGACY, OpenSshHost, openssh_listening, rsa_client_key
from openssh_client import until
from peers import CLIENT_KEY_TEXT, STRANGER_KEY, Ledger

from gateway.arrival import Content
from gateway.errors import Refused, TransportError
from gateway.protocols import sftp
from gateway.protocols.ports import Channel
from gateway.protocols.settings import Pull, Push

pytestmark = pytest.mark.interop

ORDER = Content.of_bytes(b"ISA*00*~")
LARGE = b"0123456789abcdef" * 2_000_000
SECRETS = {
    "secret:key": CLIENT_KEY_TEXT,
    "secret:stranger": STRANGER_KEY.export_private_key().decode(),
    "secret:rsa": rsa_client_key().export_private_key().decode(),
}


@pytest.fixture
def host():
    with openssh_listening() as running:
        yield running


@pytest.fixture
def channel(tmp_path):
    return Channel("acme.drop", "acme", tmp_path / "store", tmp_path, SECRETS.__getitem__, 100_000_000)


def settings(host: OpenSshHost, **changes: object) -> sftp.Settings:
    login = {"host": "127.0.0.1", "port": host.port, "user": host.user, "key": "secret:key", "timeout": "5s"}
    return sftp.Settings.model_validate(login | {"host_key": host.host_key} | changes)


@asynccontextmanager
async def fetching(channel: Channel, host: OpenSshHost, login: sftp.Settings | None = None, **pull: str):
    rules = Pull.model_validate({"from": f"{host.base}/out", "ready": "rename"} | pull)
    listener = sftp.listener(channel, login or settings(host), rules)
    yield listener
    await listener.close()


@asynccontextmanager
async def putting(channel: Channel, host: OpenSshHost, login: sftp.Settings | None = None, **push: object):
    sender = sftp.sender(channel, login or settings(host), Push(**{"to": f"{host.base}/in"} | push))
    yield sender
    await sender.close()


def files(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


# -- fetching

LOOKS = {"rename": 1, "stable": 2, "marker(*.ok)": 1}
DONE = {
    "delete": [],
    "rename(.DONE)": ["po.edi.DONE"],
    "archive": ["archive/po.edi"],
    "kept/2026/03": ["kept/2026/03/po.edi"],
}


@pytest.mark.parametrize("take", ["read", "rename"])
@pytest.mark.parametrize(("done", "left"), DONE.items())
@pytest.mark.parametrize(("ready", "looks"), LOOKS.items())
async def test_a_file_is_fetched_when_ready_and_filed_away(host, channel, ready, looks, done, left, take):
    ledger = Ledger()
    (host.root / "out" / "po.edi").write_bytes(b"order")
    async with fetching(channel, host, ready=ready, done=done, take=take) as listener:
        if ready.startswith("marker"):
            assert await listener.poll(ledger.accept) == 0
            (host.root / "out" / "po.edi.ok").touch()
        taken = [await listener.poll(ledger.accept) for _ in range(looks + 1)]
    assert taken == [0] * (looks - 1) + [1, 0]
    assert ledger.contents == [b"order"]
    assert files(host.root / "out") == left


async def test_a_file_we_may_not_read_stops_no_other_and_is_fetched_once_we_may(host, channel):
    ledger = Ledger()
    for name in ("a.edi", "b.edi"):
        (host.root / "out" / name).write_bytes(name.encode())
    (host.root / "out" / "a.edi").chmod(0)
    async with fetching(channel, host) as listener:
        assert await listener.poll(ledger.accept) == 1
        (host.root / "out" / "a.edi").chmod(0o644)
        assert await listener.poll(ledger.accept) == 1
    assert ledger.contents == [b"b.edi", b"a.edi"]


async def test_a_file_we_may_not_move_is_fetched_once(host, channel):
    ledger = Ledger()
    (host.root / "out" / "po.edi").write_bytes(b"order")
    (host.root / "out").chmod(0o555)
    async with fetching(channel, host, done="delete", take="rename") as listener:
        assert [await listener.poll(ledger.accept) for _ in range(3)] == [1, 0, 0]
        (host.root / "out").chmod(0o755)
        await listener.poll(ledger.accept)
    assert ledger.contents == [b"order"]
    assert files(host.root / "out") == []


async def test_a_folder_we_may_not_list_is_refused(host, channel):
    (host.root / "out").chmod(0)
    async with fetching(channel, host) as listener:
        with pytest.raises(Refused, match="out"):
            await listener.poll(Ledger().accept)
    (host.root / "out").chmod(0o755)


async def test_a_host_that_dies_while_a_file_is_fetched_loses_and_halves_nothing(host, channel):
    ledger = Ledger()
    (host.root / "out" / "po.edi").write_bytes(LARGE)
    async with fetching(channel, host, done="delete") as listener:
        poll = asyncio.create_task(listener.poll(ledger.accept))
        await until(lambda: any(channel.store.glob("*")))
        host.kill()
        with pytest.raises(TransportError):
            await poll
        assert ledger.arrivals == []
        assert files(channel.store) == []
        assert await listener.poll(ledger.accept) == 1
    assert ledger.contents == [LARGE]
    assert files(host.root / "out") == []


# -- putting


async def test_whoever_looks_sees_the_whole_file_or_none(host, channel):
    target, seen = host.root / "in" / "997.edi", set()

    def look() -> bool:
        if target.exists():
            seen.add(target.stat().st_size)
        return sent.done()

    async with putting(channel, host) as sender:
        sent = asyncio.create_task(sender.send("997.edi", Content.of_bytes(LARGE)))
        await until(lambda: (host.root / "in" / "997.edi.tmp").exists())
        await until(look)
        await sent
        look()
    assert seen == {len(LARGE)}
    assert target.read_bytes() == LARGE
    assert files(host.root / "in") == ["997.edi"]


async def test_a_file_that_is_replaced_is_never_gone(host, channel):
    target, seen = host.root / "in" / "stock.edi", set()

    def look() -> bool:
        seen.add(target.stat().st_size)
        return sent.done()

    async with putting(channel, host, replace=True) as sender:
        await sender.send("stock.edi", ORDER)
        sent = asyncio.create_task(sender.send("stock.edi", Content.of_bytes(LARGE)))
        await until(look)
        await sent
        look()
    assert seen == {ORDER.size, len(LARGE)}


async def test_a_host_that_dies_while_a_file_is_put_gets_it_whole_the_next_time(host, channel):
    unfinished = host.root / "in" / "997.edi.tmp"
    async with putting(channel, host) as sender:
        sent = asyncio.create_task(sender.send("997.edi", Content.of_bytes(LARGE)))
        await until(lambda: unfinished.exists() and unfinished.stat().st_size > 0)
        host.kill()
        with pytest.raises(TransportError):
            await sent
        assert files(host.root / "in") == ["997.edi.tmp"]
        assert unfinished.stat().st_size < len(LARGE)
        await sender.send("997.edi", Content.of_bytes(LARGE))
    assert files(host.root / "in") == ["997.edi"]
    assert (host.root / "in" / "997.edi").read_bytes() == LARGE


@pytest.mark.parametrize(
    ("folder", "why"), [("nowhere", "(?i)no such file"), ("locked", "(?i)permission denied")]
)
async def test_a_folder_that_takes_nothing_is_refused_with_the_hosts_reason(host, channel, folder, why):
    (host.root / "locked").mkdir(0o555)
    async with putting(channel, host, to=f"{host.base}/{folder}") as sender:
        with pytest.raises(Refused, match=why):
            await sender.send("997.edi", ORDER)


# -- whom it believes, and who it is


@pytest.mark.parametrize("kind", KINDS)
async def test_any_of_the_hosts_keys_can_be_the_pinned_one(host, channel, kind):
    async with putting(channel, host, settings(host, host_key=host.pin(kind))) as sender:
        await sender.send("997.edi", ORDER)
    assert files(host.root / "in") == ["997.edi"]


async def test_another_host_key_is_refused_and_named_before_we_log_in(host, channel):
    login = settings(host, host_key=STRANGER_KEY.get_fingerprint())
    async with putting(channel, host, login) as sender:
        with pytest.raises(Refused, match="host key") as caught:
            await sender.send("997.edi", ORDER)
    assert host.pin("ssh-ed25519") in str(caught.value)
    assert "Accepted" not in host.log()
    assert files(host.root) == []


@pytest.mark.parametrize("changes", [{"key": "secret:stranger"}, {"user": "nobody-we-know"}], ids=str)
async def test_a_login_the_host_does_not_know_is_refused_and_tried_again(host, channel, changes):
    """What is set right in time loses nothing."""
    async with putting(channel, host, settings(host, **changes)) as sender:
        with pytest.raises(Refused, match="login") as caught:
            await sender.send("997.edi", ORDER)
    assert caught.value.retry


# -- hosts that know no better


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
@pytest.mark.parametrize("names", LEGACY.values(), ids=LEGACY)
async def test_an_old_host_is_spoken_to_only_with_its_algorithms_named(channel, names):
    with openssh_listening(names) as host:
        async with putting(channel, host, settings(host, key="secret:rsa")) as modern:
            with pytest.raises(Refused, match="legacy"):
                await modern.send("997.edi", ORDER)
        login = settings(host, key="secret:rsa", legacy=names)
        async with putting(channel, host, login) as sender, fetching(channel, host, login) as listener:
            await sender.send("997.edi", ORDER)
            (host.root / "out" / "po.edi").write_bytes(b"order")
            ledger = Ledger()
            assert await listener.poll(ledger.accept) == 1
        assert files(host.root / "in") == ["997.edi"]
        assert ledger.contents == [b"order"]
