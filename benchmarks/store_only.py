"""A peer: asyncssh's own SFTP server, which stores what comes, syncs nothing, and does nothing else.

`python -m benchmarks.store_only FOLDER KEYS` prints its port, and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import sys

import asyncssh

from gateway.protocols.ciphers import AES


async def main(folder: str, keys: str) -> None:
    """Encrypted as our own server is."""
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        authorized_client_keys=keys,
        encryption_algs=AES,
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=folder.encode()),
    )
    print(server.get_port(), flush=True)
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
