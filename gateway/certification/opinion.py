"""A second opinion on the envelopes of what we write, by pyx12: an independent reader that shares no code with ours."""

from __future__ import annotations

from io import StringIO

from pyx12.errors import X12Error
from pyx12.x12file import X12Reader

KNOWN = (b"00401", b"00501")
"""The interchange versions pyx12 reads at all (ISA12)."""


def objections(interchange: bytes) -> list[str] | None:
    """What pyx12 has against one interchange; None where it does not know the version."""
    if interchange[84:89] not in KNOWN:
        return None
    try:
        reader = X12Reader(StringIO(interchange.decode("utf-8", "replace"), newline=""))
        count = sum(1 for _ in reader)
        reader.cleanup()
    except X12Error as error:
        return [str(error)]
    said = [message for _, _, message, _, _ in reader.pop_errors()]
    return said or ([] if count else ["it found no segments"])
