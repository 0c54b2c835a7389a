"""A program for the kill tests: stores arrivals without end and prints the id of each after its commit."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from gateway.arrival import Arrival, Content
from gateway.ledger import Ledger, arrivals


async def one(ledger: Ledger, n: int) -> None:
    now = datetime.now(UTC)
    content = Content.of_bytes(bytes(70_000) if n == 0 else b"x")
    sent = Arrival("acme.drop", "acme", "sftp", f"f{n}", f"k{n}", content, now)
    while True:
        row = await ledger.commit(lambda tx: arrivals.add(tx, sent, now))
        print(row.id, flush=True)


async def main(folder: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}", folder / "blobs")
    await asyncio.gather(*(one(ledger, n) for n in range(20)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
