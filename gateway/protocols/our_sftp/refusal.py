"""What went wrong on our disk as a status for the partner, who is never told a path of it, and as a word to count."""

from __future__ import annotations

import errno

from gateway.errors import GatewayError, LedgerUnavailable
from gateway.protocols.our_sftp import wire
from gateway.protocols.our_sftp.home import Full
from gateway.protocols.our_sftp.upload import Incomplete, TooLarge
from gateway.protocols.our_sftp.wire import Status

CODES = {
    errno.ENOENT: (Status.NO_SUCH_FILE, "no such file"),
    errno.EACCES: (Status.PERMISSION_DENIED, "permission denied"),
    errno.EPERM: (Status.PERMISSION_DENIED, "permission denied"),
}


REASONS: tuple[tuple[type[Exception], str], ...] = (
    (Full, "quota"),
    (TooLarge, "too large"),
    (Incomplete, "incomplete"),
    (PermissionError, "not permitted"),
    (LedgerUnavailable, "not stored"),
    (GatewayError, "refused"),
)
"""Why uploads are refused, in few words: they are counted by them."""
OUR_DISK, OTHER = "our disk", "not possible"


def reason_of(error: Exception) -> str:
    """The word under which a refused upload is counted, whatever the partner sent."""
    known = next((word for kind, word in REASONS if isinstance(error, kind)), None)
    if known is None or (known == "not permitted" and isinstance(error, OSError) and error.errno):
        return OUR_DISK if isinstance(error, OSError) and error.errno else OTHER
    return known


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
