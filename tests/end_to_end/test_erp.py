"""The gateway and an ERP over HTTP, each killed, slow or away: every order takes effect once, and is answered once.

The ERP is the stub of `gateway.rehearsal.erp`: a real server, which counts effects in its own SQLite.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from nursery import Nursery
from pipeline.desk import COMPANY
from pipeline.documents import said

from gateway.rehearsal.erp import Book, Erp, Gateway, serving

from .house import AT_ONCE, PROFILE, Client, Place, change, free_port, large, several, single

KEY, TOKEN = "s3cr3t-of-the-erp", "s3cr3t-of-ours"
SECRETS = {"GATEWAY_SECRET_ERP_KEY": KEY, "GATEWAY_SECRET_ERP_API": TOKEN}
SYSTEM = """\
erp:
    token: secret:erp/api
    rest:
      url: URL
      timeout: 2s
      auth: {header: {X-Api-Key: secret:erp/key}}
      requests:
        PurchaseOrder: {path: /orders, answer: {number: data.id, status: data.status}}
"""
SENDS = "send:\n" + "".join(f"  {type}: x12/004010/{type}\n" for type in ("855", "810"))
POINTS = [
    "accept.after_commit",
    "receive.after_commit",
    "rest.before_request",
    "rest.after_answer",
    "deliver.before_commit",
    "deliver.after_commit",
]


@dataclass
class ErpPlace(Place):
    """The house on disk, with an ERP over HTTP behind it."""

    book: Book = field(kw_only=True)
    internal: int = field(default_factory=free_port)

    def start(self, *arguments: str, **environment: str):
        more = {**SECRETS, "GATEWAY_INTERNAL_PORT": str(self.internal), **environment}
        return super().start(*arguments, **more)

    @property
    def erp(self) -> dict[str, bytes]:
        return {str(n): body for n, body in enumerate(self.book.bodies)}

    def took_effect_once(self) -> None:
        assert set(self.book.effects.values()) == {1}, self.book.effects

    def sent(self, type: str) -> list[bytes]:
        return [data for name, data in self.out.items() if name.startswith(f"{type}_")]


@pytest.fixture
async def erp(tmp_path: Path) -> AsyncIterator[Erp]:
    with closing(Book(tmp_path / "erp.sqlite")) as book:
        yield Erp(book, keys={KEY})


def place_at(url: str, folder: Path, nursery: Nursery, erp: Erp, profile: str = PROFILE) -> ErpPlace:
    company = COMPANY.replace("erp: {files: {to: ../erp}}", SYSTEM.replace("URL", url).rstrip())
    company = company.replace("retry: [1m, 5m]", "retry: [1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s]")
    return ErpPlace(folder / "house", nursery, profile, company=company, book=erp.book)


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at(tmp_path: Path, nursery: Nursery, erp: Erp, point: str):
    files = [single(1), several(2), large(3)]
    async with serving(erp) as url:
        place = place_at(url, tmp_path, nursery, erp)
        child = place.start(GATEWAY_KILL_AT=f"{point}:2")
        putting = asyncio.create_task(Client(place.port).put(files))
        async with asyncio.timeout(40):
            assert await child.ended() == -signal.SIGKILL, f"nobody reached {point}: {place.log()}"
            child = place.start()
            await putting
            await place.finished()
        child.signal(signal.SIGTERM)
        assert await child.ended() == 0
    place.holds(files)
    place.took_effect_once()


@pytest.mark.parametrize("point", ["rest.before_request:2", "rest.after_answer:2", "deliver.before_commit:2"])
async def test_killed_while_a_change_takes_the_place_of_its_order(
    tmp_path: Path, nursery: Nursery, erp: Erp, point: str
):
    async with serving(erp) as url:
        place = place_at(url, tmp_path, nursery, erp, f"{PROFILE}duplicates: {{changed: accept}}\n")
        child = place.start(GATEWAY_KILL_AT=point)
        client = Client(place.port)
        async with asyncio.timeout(40):
            await client.put([single(1)])
            await place.finished()
            putting = asyncio.create_task(client.put([change(1)]))
            assert await child.ended() == -signal.SIGKILL, f"nobody reached {point}: {place.log()}"
            child = place.start()
            await putting
            await place.finished()
        child.signal(signal.SIGTERM)
        assert await child.ended() == 0
    place.holds(client.sent)
    assert list(erp.book.effects.values()) == [2], "the order, and its change"


LEFT = 12
"""Turns of the ERP's that the last gateway has still to live through; each costs it a wait."""


async def test_killed_twelve_times_while_the_erp_loses_answers_is_slow_and_down(
    tmp_path: Path, nursery: Nursery, erp: Erp
):
    chance, mood = random.Random(20261128), random.Random(20261129)
    async with serving(erp) as url:
        place = place_at(url, tmp_path, nursery, erp)
        client, numbers, enough = Client(place.port), count(1), asyncio.Event()

        async def keep_putting() -> None:
            while not enough.is_set():
                four = [next(numbers) for _ in range(AT_ONCE)]
                await client.put([several(n, 3) if n % 5 == 0 else single(n) for n in four])

        async def keep_misbehaving() -> None:
            while not enough.is_set():
                how = mood.choice(["lose", "lose", "down", "slow"])
                erp.next(how, status=503 if how == "down" else 0, seconds=0.2 if how == "slow" else 0)
                await asyncio.sleep(mood.uniform(0, 0.1))

        putting, misbehaving = map(asyncio.create_task, (keep_putting(), keep_misbehaving()))
        for _ in range(12):
            child = place.start()
            wanted = len(client.sent) + chance.randint(1, 6)
            async with asyncio.timeout(30):
                while len(client.sent) < wanted:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
            await asyncio.sleep(chance.uniform(0, 0.3))
            child.signal(signal.SIGKILL)
            assert await child.ended() == -signal.SIGKILL
        enough.set()
        child = place.start()
        async with asyncio.timeout(60):
            await asyncio.gather(putting, misbehaving)
            while len(erp.turns) > LEFT:
                erp.turns.pop()
            await place.finished()
        child.signal(signal.SIGTERM)
        assert await child.ended() == 0
    assert len(client.sent) >= 24
    place.holds(client.sent)
    place.took_effect_once()


NAMED = {"855": ("BAK", 3), "810": ("BIG", 4)}
"""Where each answer names the order."""
ANSWERED = [*POINTS[:2], "accept.before_commit", "send.before_send", "send.after_send", "send.after_commit"]


@pytest.mark.parametrize("point", ANSWERED)
async def test_each_order_is_answered_once_though_the_gateway_is_killed_as_the_answer_comes(
    tmp_path: Path, nursery: Nursery, point: str
):
    """The orders are in; the gateway dies somewhere on the way of the ERP's answers, and starts again."""
    files = [single(n) for n in range(1, 5)]
    with closing(Book(tmp_path / "erp.sqlite", ["OrderAcknowledgment", "Invoice"])) as book:
        erp = Erp(book, keys={KEY})
        async with serving(erp) as url:
            place = place_at(url, tmp_path, nursery, erp, PROFILE + SENDS)
            child = place.start()
            await Client(place.port).put(files)
            await place.finished()
            child.signal(signal.SIGKILL)
            await child.ended()
            assert place.sent("855") == []
            child = place.start(GATEWAY_KILL_AT=f"{point}:2")
        async with (
            asyncio.timeout(40),
            serving(erp, gateway=Gateway(f"http://127.0.0.1:{place.internal}", TOKEN)),
        ):
            assert await child.ended() == -signal.SIGKILL, f"nobody reached {point}: {place.log()}"
            child = place.start()
            while book.unsaid():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await place.finished()
        child.signal(signal.SIGTERM)
        assert await child.ended() == 0
        assert all(told.startswith("20") for _, told in book.told), book.told
    for type, (tag, at) in NAMED.items():
        answered = Counter(said(data, tag)[0].split("*")[at] for data in place.sent(type))
        assert answered == Counter({f"S{n}": 1 for n in range(1, 5)}), type


async def test_no_secret_is_written_anywhere(tmp_path: Path, nursery: Nursery, erp: Erp):
    """Not where all goes well, not where the ERP repeats it, not where it is wrong: neither log nor ledger has it."""
    echo = f"you said {KEY}"
    async with serving(erp) as url:
        place = place_at(url, tmp_path, nursery, erp)
        erp.next("refuse", status=422, body=echo)
        erp.next("down", status=503, body=echo)
        child = place.start()
        async with asyncio.timeout(40):
            await Client(place.port).put([single(1), single(2), single(3)])
            await place.finished()
        child.signal(signal.SIGTERM)
        assert await child.ended() == 0
    kept = {path: path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    assert any(b"you said [secret]" in data for data in kept.values()), "the refusal is kept"
    assert [path for path, data in kept.items() if KEY.encode() in data or TOKEN.encode() in data] == []
