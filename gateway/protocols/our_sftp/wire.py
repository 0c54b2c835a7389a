"""SFTP version 3 as bytes: requests read, replies written, no socket and no file (draft-ietf-secsh-filexfer-02).

Every client speaks version 3. Only what a mailbox needs is understood: links, locks and the rest are answered
with "operation unsupported".
"""

from __future__ import annotations

import os
import stat
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

VERSION = 3
LONGEST_PACKET = (256 << 10) + 1024
LONGEST_DATA = 256 << 10
EXTENSIONS = {b"posix-rename@openssh.com": b"1", b"limits@openssh.com": b"1"}

# section 6.3: SSH_FXP_OPEN flags
READ, WRITE, APPEND, CREATE, TRUNCATE, EXCLUSIVE = 1, 2, 4, 8, 16, 32


class Status(IntEnum):
    """Section 7, with the one code a partner's program may act upon: whatever is not OK means try again."""

    OK = 0
    EOF = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    BAD_MESSAGE = 5
    UNSUPPORTED = 8


class BadMessage(Exception):
    """The bytes are no SFTP; the session ends."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `operation` is a name of OPERATIONS, or the empty text for one we do not know."""

    number: int
    operation: str
    arguments: tuple[bytes | int, ...]


# s string, I uint32, Q uint64; attributes (the rest of the packet) are not looked at: see `setstat`
OPERATIONS: dict[int, tuple[str, str]] = {
    3: ("open", "sI"),
    4: ("close", "s"),
    5: ("read", "sQI"),
    6: ("write", "sQs"),
    7: ("lstat", "s"),
    8: ("fstat", "s"),
    9: ("setstat", "s"),
    10: ("fsetstat", "s"),
    11: ("opendir", "s"),
    12: ("readdir", "s"),
    13: ("remove", "s"),
    14: ("mkdir", "s"),
    15: ("rmdir", "s"),
    16: ("realpath", "s"),
    17: ("stat", "s"),
    18: ("rename", "ss"),
}
EXTENDED = {b"posix-rename@openssh.com": ("posix_rename", "ss"), b"limits@openssh.com": ("limits", "")}
INIT, EXTENDED_REQUEST = 1, 200


def version_of(packet: bytes) -> int:
    """The version the client asks for in SSH_FXP_INIT, its first packet."""
    if len(packet) < 5 or packet[0] != INIT:
        raise BadMessage("the first packet is not SSH_FXP_INIT")
    return int.from_bytes(packet[1:5], "big")


def request(packet: bytes) -> Request:
    """One packet without its length field. Raises BadMessage when it is cut short."""
    try:
        kind, number = struct.unpack_from(">BI", packet)
        if kind != EXTENDED_REQUEST:
            operation, fields = OPERATIONS.get(kind, ("", ""))
            return Request(number, operation, _fields(packet, 5, fields))
        (name,) = _fields(packet, 5, "s")
        operation, fields = EXTENDED.get(bytes(name), ("", ""))
        return Request(number, operation, _fields(packet, 9 + len(bytes(name)), fields))
    except struct.error:
        raise BadMessage("a request is cut short") from None


def _fields(packet: bytes, at: int, fields: str) -> tuple[bytes | int, ...]:
    values: list[bytes | int] = []
    for field in fields:
        if field == "s":
            (length,) = struct.unpack_from(">I", packet, at)
            at += 4 + length
            if at > len(packet):
                raise BadMessage("a text runs past the end of its packet")
            values.append(packet[at - length : at])
        else:
            values.append(struct.unpack_from(f">{field}", packet, at)[0])
            at += struct.calcsize(f">{field}")
    return tuple(values)


def text(value: str | bytes) -> bytes:
    data = value.encode("utf-8", "replace") if isinstance(value, str) else value
    return struct.pack(">I", len(data)) + data


def _packet(kind: int, body: bytes) -> bytes:
    return struct.pack(">IB", len(body) + 1, kind) + body


def hello() -> bytes:
    pairs = b"".join(text(name) + text(value) for name, value in EXTENSIONS.items())
    return _packet(2, struct.pack(">I", VERSION) + pairs)


def status(number: int, code: Status, message: str = "") -> bytes:
    return _packet(101, struct.pack(">II", number, code) + text(message) + text("en"))


def handle(number: int, name: bytes) -> bytes:
    return _packet(102, struct.pack(">I", number) + text(name))


def data(number: int, chunk: bytes) -> bytes:
    return _packet(103, struct.pack(">I", number) + text(chunk))


def names(number: int, entries: Sequence[tuple[str, Attributes]]) -> bytes:
    rows = b"".join(text(name) + text(_long_name(name, about)) + about.encoded() for name, about in entries)
    return _packet(104, struct.pack(">II", number, len(entries)) + rows)


def attributes(number: int, about: Attributes) -> bytes:
    return _packet(105, struct.pack(">I", number) + about.encoded())


def limits(number: int) -> bytes:
    """Reply to limits@openssh.com: longest packet, read, write; open handles."""
    return _packet(201, struct.pack(">IQQQQ", number, LONGEST_PACKET, LONGEST_DATA, LONGEST_DATA, 64))


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a partner may know of a file: its size, whether it is a folder, and when it changed."""

    size: int
    folder: bool
    modified: int

    @classmethod
    def of(cls, found: os.stat_result) -> Attributes:
        return cls(found.st_size, stat.S_ISDIR(found.st_mode), int(found.st_mtime))

    @property
    def mode(self) -> int:
        return (stat.S_IFDIR | 0o700) if self.folder else (stat.S_IFREG | 0o600)

    def encoded(self) -> bytes:
        """Size, permissions and times (section 5: flags 1, 4 and 8); owners are nobody's business."""
        moment = self.modified & 0xFFFFFFFF
        return struct.pack(">IQIII", 1 | 4 | 8, self.size, self.mode, moment, moment)


def _long_name(name: str, about: Attributes) -> str:
    day = time.strftime("%b %d  %Y", time.gmtime(about.modified))
    return f"{stat.filemode(about.mode)} 1 partner partner {about.size:>12} {day} {name}"
