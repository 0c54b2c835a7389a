"""A folder that somebody fills and somebody empties: watched for what comes in, filled with what goes out.

A file is first renamed into the private `.taken/` beside it, then accepted, then filed away. What a crash leaves in
`.taken/` is accepted at the next look; the transport key (path and digest) makes that harmless.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
from datetime import UTC, datetime
from pathlib import Path

import structlog
from pydantic import Field, model_validator

from gateway.arrival import Accept, Arrival, Content
from gateway.durable_files import place
from gateway.errors import GatewayError, LedgerUnavailable, Refused, SetupError, TransportError
from gateway.faultpoints import reach
from gateway.protocols.intake import Ground, Intake, Unacceptable, read_content
from gateway.protocols.ports import Channel, sendable, serve_by_polling
from gateway.protocols.settings import TAKEN, ChannelSettings, Pull, Push

log = structlog.get_logger()


class Settings(ChannelSettings):
    """Where files come in and where they go out; relative to the folder the profiles are in."""

    in_: Path | None = Field(None, alias="in", description="the folder we watch")
    out: Path | None = Field(None, description="the folder we put into")

    @model_validator(mode="after")
    def some_way(self) -> Settings:
        if self.in_ is None and self.out is None:
            raise ValueError("no way in or out; give in, or out")
        return self

    @property
    def ends(self) -> dict[str, tuple[str, Path | None]]:
        """The folder that `pull:` and `push:` each need, where it is stated."""
        return {"pull": ("in", self.in_), "push": ("out", self.out)}


class FolderListener:
    """Watches one folder. Symbolic links, folders and hidden files are never taken."""

    def __init__(self, channel: Channel, folder: Path, pull: Pull) -> None:
        self._channel, self._pull = channel, pull
        self._intake = Intake(folder / pull.from_, pull, channel.store, channel.max_bytes)
        self.every = pull.every

    @property
    def unsettled(self) -> bool:
        return self._intake.unsettled

    async def serve(self, accept: Accept) -> None:
        await serve_by_polling(self, accept, self._channel.name)

    async def poll(self, accept: Accept) -> int:
        """Takes what is ready, after what an earlier look could not finish. One bad file does not stop the others."""
        try:
            names = await asyncio.to_thread(self._intake.take_ready)
        except OSError as error:
            raise TransportError(f"watching {self._intake.folder}: {error.strerror}") from error
        count = 0
        for name in names:
            count += await self._one(name, accept)
        return count

    async def _one(self, name: str, accept: Accept) -> bool:
        try:
            return await self._accept(name, accept)
        except LedgerUnavailable:
            raise
        except (Unacceptable, GatewayError) as error:
            log.warning("file put aside", channel=self._channel.name, name=readable(name), error=str(error))
            await asyncio.to_thread(self._intake.put_aside, name, str(error))
        except OSError as error:
            self._intake.unsettled |= isinstance(error, BlockingIOError)
            log.warning(
                "file left for later", channel=self._channel.name, name=readable(name), error=error.strerror
            )
        except Exception:
            log.exception("file left for later", channel=self._channel.name, name=readable(name))
        return False

    async def _accept(self, name: str, accept: Accept) -> bool:
        content = await asyncio.to_thread(self._intake.read, name)
        try:
            await accept(self._arrival(name, content))
        finally:
            await asyncio.to_thread(self._intake.forget, content)
        reach("folder.after_accept")
        await asyncio.to_thread(self._intake.file_away, name)
        reach("folder.after_done")
        return True

    def _arrival(self, name: str, content: Content) -> Arrival:
        key = f"{posixpath.join(self._pull.from_, readable(name))}:{content.digest}"
        now = datetime.now(UTC)
        channel = self._channel
        return Arrival(channel.name, channel.partner, "folder", readable(name), key, content, now)


def readable(name: str) -> str:
    """The file's name as text; one that is not UTF-8 is read as Latin-1, as over SFTP."""
    raw = os.fsencode(name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


class FolderSender:
    """Puts files into one folder, each as a whole or not at all."""

    def __init__(self, folder: Path, push: Push, store: Path) -> None:
        self._folder, self._push = folder, push
        self._ground = Ground(folder, store / "out.folder")

    async def send(self, name: str, content: Content) -> None:
        """The same name and bytes again change nothing; other bytes are refused unless `push.replace` is set."""
        try:
            await asyncio.to_thread(self._place, name, content)
        except OSError as error:
            raise TransportError(f"putting {name} into {self._folder}: {error.strerror}") from error

    def _place(self, name: str, content: Content) -> None:
        target = self._folder / sendable(name)
        self._ground.stand()
        if target.is_symlink() or target.exists():
            if target.is_symlink() or not target.is_file():
                raise Refused(
                    f"putting {name} into {self._folder}: something that is not a file has that name"
                )
            if read_content(target, None).digest == content.digest:
                return
            if not self._push.replace:
                raise Refused(f"putting {name} into {self._folder}: {TAKEN}")
        source = content.data if content.data is not None else content.path
        place(target, source or b"", "folder.before_drop", "folder.after_drop", replace=self._push.replace)


def listener(channel: Channel, settings: Settings, pull: Pull) -> FolderListener:
    if settings.in_ is None:
        raise SetupError(f"{channel.name}: no folder to watch; give folder.in")
    return FolderListener(channel, channel.base / settings.in_, pull)


def sender(channel: Channel, settings: Settings, push: Push) -> FolderSender:
    if settings.out is None:
        raise SetupError(f"{channel.name}: no folder to put into; give folder.out")
    return FolderSender(channel.base / settings.out / push.to, push, channel.store)
