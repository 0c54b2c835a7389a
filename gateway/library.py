"""The gateway as a library: bytes in, objects out, and back. No server, no files, no database, and no logging.

    for order in gateway.translate(data):
        print(order.object, order.all_faults)

What a document holds never raises; what is wrong with it is in the faults. A map that cannot be loaded raises
`SetupError`, an object that cannot be written without changing it raises `NotWritable`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from gateway import maps
from gateway.faults import Fault
from gateway.formats import edifact, x12
from gateway.formats.enclosing import Numbers
from gateway.formats.events import Limits
from gateway.formats.known import ENVELOPES, Event, read
from gateway.maps import Map
from gateway.maps.answers import by_number
from gateway.pipeline.translation.inspection import Report
from gateway.pipeline.translation.inspection import inspect as inspected
from gateway.pipeline.translation.render import interchange, sets
from gateway.pipeline.translation.translate import Source, Translation, by_map, by_standard
from gateway.pipeline.translation.translate import translate as translated

__all__ = [
    "Limits",
    "Map",
    "Reading",
    "Report",
    "Translation",
    "inspect",
    "load_map",
    "read",
    "render",
    "translate",
]


def load_map(name: str, texts: Mapping[str, str] | None = None) -> Map:
    """The map of that name: `x12/004010/850` is shipped; your own are YAML by name, `{"acme/850": "map: ..."}`.

    Raises SetupError with every fault of the map, each with its line, its column and what to do.
    """
    return maps.load(name, (texts or {}).get)


class Reading:
    """The transaction sets of one source, read while they are iterated, once.

    `faults` are those of the envelopes and of the file itself, as far as it has been read; those of a transaction
    set are its own.
    """

    def __init__(self, events: Iterator[Event | Translation]) -> None:
        self.faults: list[Fault] = []
        self._events = events

    def __iter__(self) -> Iterator[Translation]:
        for event in self._events:
            if isinstance(event, Translation):
                yield event
            else:
                self.faults += event.faults


def translate(
    source: Source, map: Map | str | None = None, *, charset: str = "auto", limits: Limits | None = None
) -> Reading:
    """Reads bytes, an open binary file or chunks; gives one `Translation` per transaction set, in file order.

    Its `object` is the business object, or None where a fault rejects the set or no map is known. Without a map the
    standard's own is used. Memory stays flat whatever the source's size.
    """
    chosen = load_map(map) if isinstance(map, str) else map
    choose = by_map(chosen) if chosen else by_standard
    layout = chosen.guide.layout if chosen else None
    return Reading(translated(source, choose, charset=charset, limits=limits, layout=layout))


def inspect(source: Source, name: str = "", *, limits: Limits | None = None) -> Report:
    """What the source is and everything that is wrong with it, by the standards alone."""
    return inspected(source, name, limits)


def render(
    objects: Iterable[Any],
    map: Map | str,
    *,
    sender: str = "ZZ/SENDER",
    receiver: str = "ZZ/RECEIVER",
    control: int = 1,
    version: str = "",
    test: bool = False,
    delimiters: x12.Delimiters | edifact.Delimiters | None = None,
    newline: bool = False,
    at: datetime | None = None,
    answered: Iterable[Any] = (),
) -> bytes:
    """Business objects as one interchange, each a transaction set or a message of its own, in one group in X12.

    By a map over records it is one batch. Identities are `qualifier/id`; `version` is ISA12, or the version of the
    EDIFACT syntax. `answered` are the documents that the objects answer, oldest first, for a map that echoes from
    them. Raises NotWritable with every fault; nothing is ever cut, rounded or guessed.
    """
    chosen = load_map(map) if isinstance(map, str) else map
    stated: dict[str, Any] = {"version": version, "delimiters": delimiters, "layout": chosen.guide.layout}
    envelope = ENVELOPES[chosen.guide.standard](
        sender,
        receiver,
        test,
        line_end="\n" if newline else "",
        **{name: one for name, one in stated.items() if one},
    )
    written = sets(envelope, chosen, list(objects), answered=by_number(answered))
    return interchange(envelope, Numbers(control, control), at or datetime.now(UTC), chosen, written)
