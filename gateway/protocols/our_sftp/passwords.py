"""Passwords of partners are kept as scrypt hashes and compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re

COST, BLOCK, LANES = 1 << 14, 8, 1
FORM = re.compile(r"scrypt:(\d+):(\d+):(\d+):([\w+/=]+):([\w+/=]+)")
MOST_MEMORY = 64 << 20
SIZE = 32


def hash_password(password: str) -> str:
    """`scrypt:COST:BLOCK:LANES:SALT:HASH`, to be stored as the secret behind a mailbox's `password:`."""
    salt = os.urandom(16)
    return _stored(salt, _scrypt(password, salt, COST, BLOCK, LANES))


def _stored(salt: bytes, found: bytes) -> str:
    parts = ("scrypt", COST, BLOCK, LANES, base64.b64encode(salt).decode(), base64.b64encode(found).decode())
    return ":".join(map(str, parts))


def is_password_hash(text: str) -> bool:
    """Whether this is a hash we made, at a cost we are willing to pay at each login."""
    found = FORM.fullmatch(text)
    return found is not None and 128 * int(found[1]) * int(found[2]) <= MOST_MEMORY and int(found[3]) <= 4


def password_fits(password: str, hashed: str) -> bool:
    """Takes some 50 ms, whatever the answer; call it off the event loop."""
    found = FORM.fullmatch(hashed)
    if not found:
        return False
    wanted = base64.b64decode(found[5])
    return hmac.compare_digest(
        _scrypt(password, base64.b64decode(found[4]), *map(int, found.group(1, 2, 3))), wanted
    )


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=2 * MOST_MEMORY, dklen=SIZE
    )


NOBODY = _stored(os.urandom(16), os.urandom(SIZE))
"""Compared with when there is no such user, so that both answers take as long. It is the hash of no password."""
