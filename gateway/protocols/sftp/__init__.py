"""We call them: files are fetched from and put on a partner's SFTP host, whose key is pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.protocols.ports import Channel
from gateway.protocols.settings import Pull, Push
from gateway.protocols.sftp.settings import Settings

if TYPE_CHECKING:  # who checks a profile connects to nobody
    from gateway.protocols.sftp.pull import SftpListener
    from gateway.protocols.sftp.push import SftpSender

__all__ = ["Pull", "Push", "Settings", "listener", "sender"]


def listener(channel: Channel, settings: Settings, pull: Pull) -> SftpListener:
    """Raises SetupError when `legacy` names no algorithm; secrets are asked for at each login."""
    from gateway.protocols.sftp.host import Host
    from gateway.protocols.sftp.pull import SftpListener

    return SftpListener(channel, Host(channel, settings), pull)


def sender(channel: Channel, settings: Settings, push: Push) -> SftpSender:
    """Raises SetupError when `legacy` names no algorithm; secrets are asked for at each login."""
    from gateway.protocols.sftp.host import Host
    from gateway.protocols.sftp.push import SftpSender

    return SftpSender(Host(channel, settings), push)
