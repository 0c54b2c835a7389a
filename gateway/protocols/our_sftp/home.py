"""A partner's folders on our disk, and the jail around them: no path, and no link in it, leads out.

`home/` is all a partner sees: `out/` holds what we have for them; whatever they put anywhere else becomes an
arrival and leaves the disk. So that a client finds what it has just put there, arrivals stay visible by name and
size for a while. `work/` is ours.
"""

from __future__ import annotations

import os
import posixpath
import stat
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.protocols.our_sftp.wire import Attributes
from gateway.protocols.settings import TEMPORARY

REMEMBERED = 1000
REMEMBERED_SECONDS = 900.0
LONGEST_NAME = 255


class Full(OSError):
    """No more fits into the mailbox."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What may lie in a partner's folders at one time, `out/` not counted, and how large one file may be."""

    bytes: int = 4 << 30
    files: int = 10_000
    file_size: int = 2 << 30


class Home:
    """The folders of one mailbox. Paths are as the partner writes them, `/in/po.edi`; all are jailed."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self._folders = (folder / "home" / "in", folder / "home" / "out", self.work)
        self._unfinished: set[tuple[str, float]] = set()
        self.stand()
        self.root = os.path.realpath(folder / "home")
        self.arriving = 0
        self._arrived: OrderedDict[str, tuple[float, Attributes]] = OrderedDict()
        for left in self.work.iterdir():
            left.unlink()

    def stand(self) -> list[Path]:
        """Makes the folders that are not there, and returns them; somebody may have removed them since."""
        missing = [path for path in self._folders if not path.is_dir()]
        for path in missing:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return missing

    # -- the jail

    @staticmethod
    def path(sent: bytes) -> str:
        """The path a client means: absolute, without `.` and `..`. Names that are not UTF-8 are read as Latin-1."""
        try:
            name = sent.decode()
        except UnicodeDecodeError:
            name = sent.decode("latin-1")
        path = posixpath.normpath("/" + name.lstrip("/"))
        if any(len(part.encode()) > LONGEST_NAME for part in path.split("/")):
            raise OSError("a name is longer than 255 bytes")
        if not path.isprintable():
            raise PermissionError("a name holds a control character")
        return path

    def real(self, path: str) -> Path:
        """Where that is on our disk. Refuses every symbolic link on the way, wherever it leads.

        The way begins at `root`, which is ours and was resolved when the mailbox was made.
        """
        real = self.root
        for name in path.split("/")[1:] if path != "/" else ():
            real = f"{real}/{name}"
            if os.path.islink(real):
                raise FileNotFoundError("no such file")
        return Path(real)

    # -- looking

    def about(self, path: str) -> Attributes:
        """Size and kind of what is there, or of what has just been taken from there."""
        if path in self._arrived:
            return self._arrived[path][1]
        found = os.lstat(self.real(path))
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            raise FileNotFoundError("no such file")
        return Attributes.of(found)

    def listing(self, path: str) -> list[tuple[str, Attributes]]:
        """Files and folders there, arrivals of the last minutes among them; links and devices are not shown."""
        self._forget_old()
        rows = {name: about for name, about in self._entries(self.real(path))}
        prefix = path.rstrip("/") + "/"
        for arrived, (_, about) in self._arrived.items():
            if arrived.startswith(prefix) and "/" not in (name := arrived[len(prefix) :]):
                rows.setdefault(name, about)
        return sorted(rows.items())

    @staticmethod
    def _entries(folder: Path) -> Iterator[tuple[str, Attributes]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
                    yield entry.name, Attributes.of(entry.stat(follow_symlinks=False))

    def usage(self) -> tuple[int, int]:
        """Bytes and files (folders too) that lie outside `out/`."""
        size = count = 0
        folders = [self.root]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.path == f"{self.root}/out":
                        continue
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_size
        return size, count

    def unfinished(self, before: float) -> list[tuple[str, float]]:
        """Uploads under a name that is not the last one, untouched since `before`: path and time, each once."""
        found = {(path, modified) for path, modified in self._waiting(self.root, "") if modified < before}
        new, self._unfinished = found - self._unfinished, found
        return sorted(new)

    def _waiting(self, folder: str, path: str) -> Iterator[tuple[str, float]]:
        for name, about in self._entries(Path(folder)):
            below = f"{path}/{name}"
            if about.folder and below != "/out":
                yield from self._waiting(f"{folder}/{name}", below)
            elif not about.folder and is_unfinished(below):
                yield below, about.modified

    def room(self, quota: Quota) -> int:
        """How many bytes one more file may have. Raises OSError when there may be no more."""
        size, count = self.usage()
        room = quota.bytes - size - self.arriving
        if room <= 0 or count >= quota.files:
            raise Full("the mailbox is full")
        return min(room, quota.file_size)

    # -- what has been taken

    def remember(self, path: str, size: int) -> None:
        """Keeps name and size of an arrival in sight, as clients look whether all bytes have come."""
        now = time.time()
        self._arrived.pop(path, None)
        self._arrived[path] = (now, Attributes(size, folder=False, modified=int(now)))
        if len(self._arrived) > REMEMBERED:
            self._arrived.popitem(last=False)

    def forget(self, path: str) -> bool:
        """Takes an arrival out of sight; says whether it was there."""
        return self._arrived.pop(path, None) is not None

    def has_arrived(self, path: str) -> bool:
        self._forget_old()
        return path in self._arrived

    def _forget_old(self) -> None:
        oldest = time.time() - REMEMBERED_SECONDS
        while self._arrived and next(iter(self._arrived.values()))[0] < oldest:
            self._arrived.popitem(last=False)


def is_ours(path: str) -> bool:
    """Whether only we may write there."""
    return path == "/out" or path.startswith("/out/")


def is_unfinished(path: str) -> bool:
    """Whether the name says that another, the last one, is to follow."""
    name = posixpath.basename(path)
    return name.startswith(".") or name.lower().endswith(TEMPORARY)
