"""Keys that are read and checked, so that profiles need no change later, and by which nothing happens yet.

`NOT_YET` is the one list of them: `gateway check` warns of each use of one, and docs/writing-a-profile.md names them
(a test compares). Whoever makes a key act takes its row away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gateway.errors import SetupFault
from gateway.marked_yaml import Marked
from gateway.profiles.explain import Steps, dotted
from gateway.profiles.standards import ACKNOWLEDGMENTS, RECEIPTS

ANY = "*"


STANDING = ("alerts", "keep", "private")
"""Keys that company.yaml's defaults, a template and a profile have in common."""

NOT_YET: tuple[tuple[str, ...], ...] = (
    *(("receive", ANY, "expect", one) for one in (*ACKNOWLEDGMENTS, *RECEIPTS)),
    *(("send", ANY, "expect", one) for one in RECEIPTS),
    *((key,) for key in STANDING),
    ("receive", ANY, "order"),
    ("receive", ANY, "over"),
    ("receive", ANY, "as"),
    ("receive", ANY, "when", "topic"),
    ("channels", ANY, "quiet"),
)
"""Where in a profile each of them stands; the last step may be a word that is the value there."""

NOT_YET_OF_COMPANY: tuple[tuple[str, ...], ...] = (
    *(("defaults", key) for key in STANDING),
    ("channels", ANY, "quiet"),
)

WHY: dict[str, str] = {
    "topic": "no arrival has a topic, so the entry fits none",
    **dict.fromkeys(ACKNOWLEDGMENTS, "we acknowledge at once"),
    **dict.fromkeys(RECEIPTS, "no channel has such a receipt"),
}
"""What that means for the profile, where it is not plain."""


def not_yet(
    marked: Marked, cut: Collection[str], keys: tuple[tuple[str, ...], ...] = NOT_YET
) -> Iterator[SetupFault]:
    """A warning for each use, where it is typed. Parts that a fault has `cut` are not looked at."""
    for pattern in keys:
        for path in found(marked.data, pattern) if pattern[0] not in cut else ():
            what = f"{dotted(path)}: accepted, but nothing happens by it yet"
            yield marked.fault(path, what, WHY.get(pattern[-1], ""), key=True, warning=True)


def found(data: Any, pattern: tuple[str, ...], above: Steps = ()) -> Iterator[Steps]:
    """The paths in the data that the pattern fits and that state something."""
    if not pattern:
        yield from [above] if data is not None else []
    elif isinstance(data, dict):
        for key in named(data, pattern[0]):
            yield from found(data[key], pattern[1:], (*above, key))
    elif pattern == (data,):
        yield above


def named(data: Mapping[str, Any], step: str) -> list[str]:
    """The keys that a step of a pattern fits."""
    return [key for key in data if step in (ANY, key)]
