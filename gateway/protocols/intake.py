"""The disk side of a watched folder: what is ready, taken exactly once by renaming, and filed away or put aside."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.arrival import Content
from gateway.faultpoints import reach
from gateway.protocols.ports import ending
from gateway.protocols.settings import Pull

IN_MEMORY = 1 << 18
CHUNK = 1 << 20
TAKEN = ".taken"


class Unacceptable(Exception):
    """This one file cannot be taken, now or later; the text says why."""


class Ground:
    """A folder that is made at its first use ever; `memory` keeps across restarts that it was there.

    One that is gone later was taken from us, as a share that is not mounted: what lies there must not be missed, and
    what we put there must not land on another disk.
    """

    def __init__(self, folder: Path, memory: Path) -> None:
        self._folder, self._memory = folder, memory
        self._found = False

    def stand(self) -> None:
        """Raises FileNotFoundError where the folder is gone, and OSError where it cannot be made."""
        if not self._found:
            self._first_use()
            self._found = True
        if not self._folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "the folder is gone; mount or make it again")

    def _first_use(self) -> None:
        place = os.fsencode(self._folder.absolute())
        if self._memory.is_file() and self._memory.read_bytes() == place:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        self._memory.write_bytes(place)


class Intake:
    """Remembers between looks only what each file looked like; everything else is on the disk."""

    def __init__(self, folder: Path, pull: Pull, spool: Path, limit: int) -> None:
        self.folder, self._pull, self._spool, self._limit = folder, pull, spool, limit
        self._taken = folder / TAKEN
        self._seen: dict[str, tuple[int, int]] = {}
        self._ground = Ground(folder, spool / "in.folder")
        self.unsettled = True

    # -- taking

    def take_ready(self) -> list[str]:
        """Names that now lie in `.taken`: first what an earlier look left there, then the oldest of the ready."""
        self._find()
        left = sorted(os.listdir(self._taken))
        for name in left:
            self._remove_markers(name)
        return left + [name for name in self._ready() if name not in left and self._take(name)]

    def _find(self) -> None:
        self._ground.stand()
        self._taken.mkdir(exist_ok=True)

    def _take(self, name: str) -> bool:
        reach("folder.before_take")
        try:
            os.rename(self.folder / name, self._taken / name)
        except (FileNotFoundError, PermissionError):
            return False
        reach("folder.after_take")
        self._remove_markers(name)
        return True

    def _ready(self) -> list[str]:
        found = {entry.name: entry.stat(follow_symlinks=False) for entry in self._candidates()}
        looks = {name: (about.st_size, about.st_mtime_ns) for name, about in found.items()}
        ready = [name for name, look in looks.items() if self._is_ready(name, look)]
        self._seen = looks
        self.unsettled = self._pull.ready == "stable" and len(ready) < len(looks)
        return sorted(ready, key=lambda name: (found[name].st_mtime_ns, name))

    def _candidates(self) -> Iterator[os.DirEntry[str]]:
        with os.scandir(self.folder) as entries:
            yield from (
                entry
                for entry in entries
                if self._pull.wants(entry.name) and entry.is_file(follow_symlinks=False)
            )

    def _is_ready(self, name: str, look: tuple[int, int]) -> bool:
        if self._pull.marker_pattern:
            return any((self.folder / marker).exists() for marker in self._pull.markers(name))
        return self._pull.ready == "rename" or self._seen.get(name) == look

    def _remove_markers(self, name: str) -> None:
        """At once, or a marker left behind would call the next file of that name ready before it is."""
        if self._pull.marker_pattern:
            for marker in self._pull.markers(name):
                (self.folder / marker).unlink(missing_ok=True)

    # -- reading

    def read(self, name: str) -> Content:
        """The file's bytes: in memory, or copied into the spool. Raises Unacceptable, or OSError for later."""
        self._spool.mkdir(parents=True, exist_ok=True)
        return read_content(self._taken / name, self._spool, self._limit)

    def forget(self, content: Content) -> None:
        """Removes the spooled copy, if `accept` has not moved it away."""
        if content.path is not None:
            content.path.unlink(missing_ok=True)

    # -- afterwards

    def file_away(self, name: str) -> None:
        """Deletes, renames or archives what was accepted, as the profile says."""
        if self._pull.done == "delete":
            (self._taken / name).unlink()
        elif suffix := self._pull.done_suffix:
            os.rename(self._taken / name, free_name(self.folder / name, suffix))
        else:
            today = datetime.now(UTC).date()
            self._move(name, self.folder / self._pull.archive(today))

    def put_aside(self, name: str, why: str) -> None:
        """Moves what cannot be taken into the error folder, with a text beside it that says why."""
        moved = self._move(name, self.folder / self._pull.bad)
        moved.with_name(ending(moved.name, ".txt")).write_text(f"{why}\n", encoding="utf-8")

    def _move(self, name: str, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        target = free_name(folder / name)
        os.rename(self._taken / name, target)
        return target


def free_name(path: Path, suffix: str = "") -> Path:
    """`name` + suffix, or the first of `name.1` + suffix, `name.2` + suffix ... that nothing has."""
    tried, number = path.with_name(ending(path.name, suffix)), 0
    while os.path.lexists(tried):
        number += 1
        tried = path.with_name(ending(path.name, f".{number}{suffix}"))
    return tried


def read_content(path: Path, spool: Path | None, limit: int | None = None) -> Content:
    """The bytes of a regular file that does not change meanwhile; large ones are copied into `spool`, if there is one.

    Raises Unacceptable for a link, a device or a file over the limit; BlockingIOError while it is being written.
    """
    if path.is_symlink():
        raise Unacceptable("a symbolic link is not taken")
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise Unacceptable("not a file")
        if limit is not None and before.st_size > limit:
            raise Unacceptable(f"the file has {before.st_size} bytes and the limit is {limit}")
        if before.st_size <= IN_MEMORY:
            content = Content.of_bytes(file.read(IN_MEMORY + 1))
        else:
            content = _spooled(iter(lambda: file.read(CHUNK), b""), spool, path)
        after = os.fstat(file.fileno())
    if (content.size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        if content.path not in (None, path):
            Path(str(content.path)).unlink()
        raise BlockingIOError(0, "still being written")
    return content


def _spooled(chunks: Iterator[bytes], spool: Path | None, path: Path) -> Content:
    copy = spool / uuid.uuid4().hex if spool else Path(os.devnull)
    digest, size = hashlib.sha256(), 0
    with copy.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    return Content(digest.hexdigest(), size, path=copy if spool else path)
