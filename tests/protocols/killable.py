"""A process that does one thing through a protocol, so that a test can kill it in the middle: WHAT FOLDER PORT."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from gateway.arrival import Arrival, Content, Receipt
from gateway.connectors import files
from gateway.protocols import folder, sftp
from gateway.protocols.our_sftp.server import Server
from gateway.protocols.ports import Channel
from gateway.protocols.settings import Pull, Push

ORDER = Content.of_bytes(b"order")


def book(path: Path) -> object:
    """A ledger of one line per arrival, on disk before the receipt is given."""

    async def accept(arrival: Arrival) -> Receipt:
        with path.open("a") as file:
            file.write(f"{arrival.key} {(arrival.content.data or b'').decode()}\n")
            file.flush()
            os.fsync(file.fileno())
        return Receipt(arrival.key)

    return accept


def sftp_settings(base: Path, port: int) -> sftp.Settings:
    shown = (base / "shown").read_text()
    login = {"host": "127.0.0.1", "port": port, "user": "hub", "key": "secret:key", "host_key": shown}
    return sftp.Settings.model_validate(login)


async def take_from_folder(base: Path, port: int) -> None:
    channel = Channel("acme.drop", "acme", base / "store", base)
    listener = folder.listener(channel, folder.Settings.model_validate({"in": "in"}), Pull(ready="rename"))
    await listener.poll(book(base / "book"))


async def drop_into_folder(base: Path, port: int) -> None:
    channel = Channel("acme.drop", "acme", base / "store", base)
    await folder.sender(channel, folder.Settings(out=Path("out")), Push()).send("po.edi", ORDER)


async def fetch(base: Path, port: int) -> None:
    channel = Channel("acme.drop", "acme", base / "store", base, lambda _: (base / "key").read_text())
    rules = Pull.model_validate({"from": "/in", "ready": "rename", "take": "rename"})
    listener = sftp.listener(channel, sftp_settings(base, port), rules)
    await listener.poll(book(base / "book"))
    await listener.close()


async def upload(base: Path, port: int) -> None:
    channel = Channel("acme.drop", "acme", base / "store", base, lambda _: (base / "key").read_text())
    sender = sftp.sender(channel, sftp_settings(base, port), Push(to="/out"))
    await sender.send("po.edi", ORDER)
    await sender.close()


async def deliver(base: Path, port: int) -> None:
    await files.connector(files.Settings(to="out"), base).deliver("po", "edi", b"order", "c-1")


async def serve(base: Path, port: int) -> None:
    from peers import Mailbox, asyncssh

    key = asyncssh.import_private_key((base / "key").read_text())
    server = Server(base / "host_key", port=port)
    server.adopt([Mailbox("bolt", "bolt.mailbox", "bolt", base / "bolt", (key.public_data,))])
    await server.serve(book(base / "book"))


async def place(base: Path, port: int) -> None:
    from peers import Mailbox

    server = Server(base / "host_key")
    server.adopt([Mailbox("bolt", "bolt.mailbox", "bolt", base / "bolt")])
    await server.sender("bolt.mailbox").send("po.edi", ORDER)


if __name__ == "__main__":
    asyncio.run(globals()[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3])))
