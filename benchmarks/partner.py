"""A partner's program: puts files into our SFTP server over a few connections, and says when it closed each.

`python -m benchmarks.partner PORT KEY FILES CONNECTIONS PER_SECOND`; FILES is a folder, PER_SECOND 0 is as fast as it
goes. A program of its own, so that what it costs is not counted as ours.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import asyncssh

USER = "retailer"


def main(port: str, key: str, files: str, connections: str, pace: str) -> None:
    paths = sorted(Path(files).iterdir())
    waiting = [(number, path.name, path.read_bytes()) for number, path in enumerate(paths)][::-1]
    began, closed = asyncio.run(put_all(int(port), key, waiting, int(connections), float(pace)))
    print(json.dumps({"began": began, "closed": closed}))


async def put_all(
    port: int, key: str, waiting: list[tuple[int, str, bytes]], connections: int, pace: float
) -> tuple[float, dict[str, float]]:
    """When it began, and when each file was closed: the moment before the server is asked to."""
    closed: dict[str, float] = {}
    options = asyncssh.SSHClientConnectionOptions(
        username=USER, client_keys=[key], known_hosts=None, config=None, agent_path=None
    )
    joined = [
        await asyncssh.connect("127.0.0.1", port, options=options, config=None) for _ in range(connections)
    ]
    clients = [await connection.start_sftp_client() for connection in joined]
    began = time.time()

    async def put(client: asyncssh.SFTPClient) -> None:
        while waiting:
            number, name, data = waiting.pop()
            if pace:
                await asyncio.sleep(max(0.0, began + number / pace - time.time()))
            file = await client.open(f"in/{name}", "wb")
            await file.write(data)
            closed[name] = time.time()
            await file.close()

    await asyncio.gather(*(put(client) for client in clients for _ in range(2)))
    for connection in joined:
        connection.close()
    return began, closed


if __name__ == "__main__":
    main(*sys.argv[1:])
