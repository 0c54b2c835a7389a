"""Everything that leads in and out, built as a snapshot declares it: channels, systems, folders systems write to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from gateway import connectors, protocols
from gateway.connectors import CONNECTORS, Connector
from gateway.errors import GatewayError
from gateway.pipeline.work.deliver import Doors
from gateway.profiles import Secrets, Snapshot
from gateway.profiles.senders import OF_A_SYSTEM
from gateway.protocols import PROTOCOLS, folder, our_sftp
from gateway.protocols.our_sftp.server import Mailbox, Server
from gateway.protocols.ports import Channel, Connected, Poller, Sender
from gateway.protocols.settings import Pull
from gateway.settings import Settings

log = structlog.get_logger()

OUR_SFTP = "our_sftp"
OF_SYSTEMS = Pull(match="*.json", every=2.0)
"""How a folder is looked into that a system writes to, where company.yaml does not say."""


@dataclass(frozen=True, slots=True)
class Built:
    """The doors, the logins on our SFTP server, and the channels that were left out, each with its reason."""

    doors: Doors
    mailboxes: list[Mailbox]
    left_out: Mapping[str, GatewayError]


def doors_of(snapshot: Snapshot, settings: Settings, secrets: Secrets, sftp: Server) -> Built:
    """One bad channel leaves out only itself."""
    return Site(snapshot, settings, secrets, sftp).built()


@dataclass
class Site:
    """The doors of one snapshot while they are built."""

    snapshot: Snapshot
    settings: Settings
    secrets: Secrets
    sftp: Server
    senders: dict[str, Sender] = field(default_factory=dict)
    pollers: dict[str, Poller] = field(default_factory=dict)
    mailboxes: list[Mailbox] = field(default_factory=list)
    left_out: dict[str, GatewayError] = field(default_factory=dict)

    def built(self) -> Built:
        for channel, declared in self._channels():
            try:
                self._join(channel, declared)
            except GatewayError as error:
                log.error("channel left out", channel=channel.name, why=str(error))
                self.left_out[channel.name] = error
        self._look_into_systems()
        return Built(Doors(self._systems(), self.senders, self.pollers), self.mailboxes, self.left_out)

    def _channels(self) -> Iterator[tuple[Channel, Any]]:
        """Each open channel with its declaration; drafts and suspended partners have none."""
        for partner in self.snapshot.partners.values():
            for name, declared in partner.channels.items() if partner.active else ():
                if declared.shared is None and declared.protocol in PROTOCOLS:
                    yield self._channel(f"{partner.partner}.{name}", partner.partner), declared
        for name, declared in self.snapshot.company.channels.items():
            if declared.protocol in PROTOCOLS:
                yield self._channel(f"company.{name}"), declared

    def _channel(self, name: str, partner: str | None = None) -> Channel:
        return Channel(
            name=name,
            partner=partner,
            store=self.settings.var_dir / "channels" / name,
            base=self.settings.partners_dir,
            resolve=self._resolver,
            max_bytes=self.settings.max_file_bytes,
        )

    def _join(self, channel: Channel, declared: Any) -> None:
        """A login on our server, or the two directions of a channel that we look after."""
        if declared.protocol == OUR_SFTP:
            self.mailboxes.append(our_sftp.mailbox(channel, declared.settings))
            self.senders[channel.name] = self.sftp.sender(channel.name)
            return
        module = protocols.load(declared.protocol)
        if declared.pulls is not None:
            self.pollers[channel.name] = module.listener(channel, declared.settings, declared.pulls)
        if declared.pushes is not None:
            self.senders[channel.name] = module.sender(channel, declared.settings, declared.pushes)

    def _look_into_systems(self) -> None:
        """The folders that systems write to, each a channel of its own: `system.erp`."""
        for name, system in self.snapshot.company.systems.items():
            channel = self._channel(f"{OF_A_SYSTEM}{name}")
            pull: Any = system.pulls or OF_SYSTEMS
            for place, looked in system.folders.values():
                if looked:
                    self.pollers[channel.name] = folder.listener(channel, folder.Settings(in_=place), pull)

    def _systems(self) -> Mapping[str, Connector]:
        joined: dict[str, Connector] = {}
        for name, system in self.snapshot.company.systems.items():
            if system.connector in CONNECTORS:
                module = connectors.load(system.connector)
                joined[name] = module.connector(system.settings, self.settings.partners_dir, self._resolver)
        return joined

    @property
    def _resolver(self) -> Callable[[str], str]:
        return resolver(self.snapshot, self.secrets)


def resolver(snapshot: Snapshot, secrets: Secrets) -> Callable[[str], str]:
    """What the references of this snapshot lead to, whenever they are asked for."""
    return lambda reference: snapshot.resolve(reference, secrets)


async def leave(doors: Doors) -> None:
    """Ends the connections of doors that others have taken the place of."""
    every = (*doors.systems.values(), *doors.senders.values(), *doors.pollers.values())
    held = [door for door in every if isinstance(door, Connected)]
    for error in await asyncio.gather(*(door.close() for door in held), return_exceptions=True):
        if isinstance(error, Exception):
            log.warning("closing a connection failed", why=repr(error))
