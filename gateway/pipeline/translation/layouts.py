"""What a file is read by that does not say what it is: the layout that is agreed with whoever may have sent it.

Of several the one that the file looks like most; one that says what it is, an ISA or a UNB, needs none. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from gateway.formats import known
from gateway.formats.records import Layout
from gateway.formats.tabular import HEAD
from gateway.formats.window import Source
from gateway.pipeline.translation.house import House
from gateway.profiles import Partner
from gateway.profiles.senders import partners_on


def laid_out(
    house: House, partners: Iterable[Partner], file: str, source: Source
) -> tuple[Layout | None, Source]:
    """The layout of what these partners send in a file of this name, and the source, which was looked into."""
    entries = [one.receive for one in partners]
    return likest([layout for some in entries for layout in house.layouts(some, file)], source)


def arrived(house: House, channel: str, file: str, source: Source) -> tuple[Layout | None, Source]:
    """The same of a file that comes by this channel."""
    return laid_out(house, partners_on(house.snapshot, channel), file, source)


def sent(house: House, partner: Partner, source: Source) -> tuple[Layout | None, Source]:
    """The same of a file that this partner is sent."""
    return likest(house.layouts(partner.send), source)


def likest(layouts: Sequence[Layout], source: Source) -> tuple[Layout | None, Source]:
    """The layout that the source looks like most; None where it says what it is, or there are none."""
    if not layouts:
        return None, source
    head, source = looked_into(source)
    return (None if known.begins(head) else known.likest(head, layouts)), source


def looked_into(source: Source) -> tuple[bytes, Source]:
    """How it begins, and all of it."""
    if isinstance(source, bytes):
        return source[:HEAD], source
    blocks = iter(lambda: source.read(HEAD), b"") if hasattr(source, "read") else iter(source)
    head: list[bytes] = []
    for block in blocks:
        head.append(block)
        if sum(map(len, head)) >= HEAD:
            break
    return b"".join(head)[:HEAD], chain(head, blocks)
