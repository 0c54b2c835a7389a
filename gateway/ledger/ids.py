"""Ids sort by the moment they were made, fit in a URL and in a conversation, and never need the database.

Sixteen characters of Crockford's base 32 in lower case: nine of milliseconds since 1970, seven of chance. Within
one millisecond the chance part counts up, so that ids made by one process are in strict order.
"""

from __future__ import annotations

import secrets
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
CHANCE_BITS = 35
PAIRS = [left + right for left in ALPHABET for right in ALPHABET]

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A new id, greater than every id this process made before, also when the clock was set back."""
    global _last
    with _lock:
        moment = time.time_ns() // 1_000_000
        if moment > _last >> CHANCE_BITS:
            _last = moment << CHANCE_BITS | secrets.randbits(CHANCE_BITS - 1)
        else:
            _last += 1
        return spelled(_last)


def spelled(number: int) -> str:
    """The number in sixteen base-32 digits, highest first, so that text order is number order."""
    return "".join([PAIRS[number >> shift & 1023] for shift in range(70, -1, -10)])
