"""What went wrong on our disk as a status for the partner, who is never told a path of it."""

from __future__ import annotations

import errno

from gateway.protocols.our_sftp import wire
from gateway.protocols.our_sftp.wire import Status

CODES = {
    errno.ENOENT: (Status.NO_SUCH_FILE, "no such file"),
    errno.EACCES: (Status.PERMISSION_DENIED, "permission denied"),
    errno.EPERM: (Status.PERMISSION_DENIED, "permission denied"),
}


def words_of(error: OSError) -> str:
    """Our own words, or the system's."""
    return error.strerror or str(error)


def refusal(number: int, error: OSError) -> bytes:
    """A status for the partner: our own words, or the system's, but never a path of our disk."""
    code, words = CODES.get(error.errno or 0, (Status.FAILURE, words_of(error)))
    if error.errno is None:
        words = str(error)
        if isinstance(error, FileNotFoundError):
            code = Status.NO_SUCH_FILE
        elif isinstance(error, PermissionError):
            code = Status.PERMISSION_DENIED
    return wire.status(number, code, words)
