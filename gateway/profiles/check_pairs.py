"""What only one may have: an identity, a login, a folder. Where two claim it, both are told, and one is left out.

The one left out is the one that changed last, else the second by name: of a newcomer and a partner who works, the
newcomer waits. Between company.yaml and a profile it is the profile, unless only company.yaml changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any

from gateway.errors import SetupFault
from gateway.marked_yaml import Marked, Path
from gateway.profiles.channel import Channel
from gateway.profiles.company import System
from gateway.profiles.explain import dotted
from gateway.profiles.house import House, Sheet
from gateway.profiles.partner import Partner
from gateway.profiles.snapshot import COMPANY

Blamed = tuple[str, SetupFault]
"""A fault, and the file that is left out for it."""


def faults_between(house: House, before: Mapping[str, str]) -> Iterator[Blamed]:
    """Every pair that claims one thing, told to both. `before` tells which files are new."""
    for sheet in house.partners.values():
        if sheet.rest is not None and sheet.has("identities", "channels"):
            for other, fault in known_twice(sheet, sheet.rest, house):
                yield newest(sheet.file, other, house, before), fault
    yield from numbered_twice(house)
    for inner, outer in touching(grounds(house)):
        for fault in told(inner, outer):
            yield newest(inner.file, outer.file, house, before), fault


def newest(one: str, other: str, house: House, before: Mapping[str, str]) -> str:
    def age(file: str) -> tuple[bool, bool, str]:
        return before.get(file) != house.texts.get(file), file != COMPANY, file

    return max(one, other, key=age)


# -- identities and logins


def known_twice(sheet: Sheet[Partner], partner: Partner, house: House) -> Iterator[Blamed]:
    """The identities and logins of this partner that another has too, each with the other's file."""
    for standard, identity, place in partner.claims():
        others = house.others_known_as(standard, identity, sheet) if standard != "group" else ()
        for other in others:
            whose = f"is also {other.stem}'s ({other.file})"
            if place[0] == "channels":
                whose = f"is a login that {other.stem} uses too ({other.file})"
            what = f"{dotted(place[:2])}: {identity} {whose}"
            fix = "correct one of them, or make the two profiles one partner"
            yield other.file, sheet.marked.fault(place, what, "an arrival would have two senders", fix)


def numbered_twice(house: House) -> Iterator[Blamed]:
    """A number in a system that several partners have, told to each of them."""
    known: dict[tuple[str, str], list[Sheet[Partner]]] = {}
    for sheet in house.partners.values():
        if sheet.rest is not None and sheet.has("accounts"):
            for account in sheet.rest.accounts.items():
                known.setdefault(account, []).append(sheet)
    for (system, number), sheets in known.items():
        for sheet in sheets if len(sheets) > 1 else ():
            others = " and ".join(f"{one.stem}'s ({one.file})" for one in sheets if one is not sheet)
            what = f"accounts.{system}: {number} is also {others}"
            why, fix = "what names it and answers no order of theirs is held", "correct one of them"
            place = ("accounts", system)
            yield sheet.file, sheet.marked.fault(place, what, why, fix, warning=True)


# -- folders


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder of this machine that a channel looks into or puts into. `closed` while nothing travels there."""

    file: str
    marked: Marked
    channel: str
    place: Path
    pulled: bool
    folder: PurePath
    closed: bool

    def __str__(self) -> str:
        whose = "our" if self.file == COMPANY else f"{PurePath(self.file).stem}'s"
        return f"{whose} {self.channel} {'looks' if self.pulled else 'puts'} into ({self.file})"


def grounds(house: House) -> Iterator[Ground]:
    for sheet in house.partners.values():
        if sheet.rest is not None and sheet.has("channels"):
            yield from grounds_of(sheet, sheet.rest.channels, house, closed=not sheet.rest.active)
    if house.us is not None and house.company.has("channels"):
        yield from grounds_of(house.company, house.us.channels, house)
    if house.us is not None and house.company.has("systems"):
        yield from grounds_of_systems(house.company, house.us.systems, house)


def grounds_of(
    sheet: Sheet[Any], channels: Mapping[str, Channel], house: House, *, closed: bool = False
) -> Iterator[Ground]:
    for name, channel in channels.items():
        for way, key, folder in channel.grounds():
            place = ("channels", name, channel.protocol, key)
            whole = PurePath(os.path.abspath(house.around.base / folder))
            yield Ground(sheet.file, sheet.marked, name, place, way == "pull", whole, closed)


def grounds_of_systems(sheet: Sheet[Any], systems: Mapping[str, System], house: House) -> Iterator[Ground]:
    for name, system in systems.items():
        for key, (folder, looked) in system.folders.items():
            place = ("systems", name, system.connector, key)
            whole = PurePath(os.path.abspath(house.around.base / folder))
            yield Ground(sheet.file, sheet.marked, name, place, looked, whole, closed=False)


def touching(found: Iterator[Ground]) -> Iterator[tuple[Ground, Ground]]:
    """Every two that get in each other's way, the inner one first; of many in one folder each with the first."""
    lying: dict[PurePath, list[Ground]] = {}
    known = list(found)
    for one in known:
        there = lying.setdefault(one.folder, [])
        yield from with_first(one, there, collide)
        there.append(one)
    for one in known:
        for outer in one.folder.parents:
            yield from with_first(one, lying.get(outer, ()), strangers)


def with_first(
    one: Ground, others: Iterable[Ground], wrong: Callable[[Ground, Ground], bool]
) -> Iterator[tuple[Ground, Ground]]:
    """The pair with the first of the others that it must not lie there with, if there is one."""
    return islice(((one, other) for other in others if wrong(one, other)), 1)


def collide(one: Ground, other: Ground) -> bool:
    """In one folder two may only put, and only for the same partner."""
    return strangers(one, other) or one.pulled or other.pulled


def strangers(one: Ground, other: Ground) -> bool:
    return one.file != other.file


def told(one: Ground, other: Ground) -> Iterator[SetupFault]:
    """The same to both of them; a warning while one of them is closed."""
    same = one.folder == other.folder
    pairs = ((one, other, "is" if same else "lies inside"), (other, one, "is" if same else "holds"))
    for mine, theirs, how in pairs:
        what = f"{dotted(mine.place)}: {how} the folder that {theirs}"
        warning = one.closed or other.closed
        yield mine.marked.fault(mine.place, what, why(one, other), fix(one, other), warning=warning)


def why(one: Ground, other: Ground) -> str:
    if one.folder != other.folder:
        return "whoever reaches the outer one reaches the inner one too"
    if one.pulled and other.pulled:
        return "each would take the other's files"
    if one.pulled or other.pulled:
        return "what we put there would be read as if it had come"
    return "each would be given the other's files"


def fix(one: Ground, other: Ground) -> str:
    alike = one.folder == other.folder and one.pulled == other.pulled
    shared = ", or let both use one channel of company.yaml" if alike and one.file != other.file else ""
    return f"give each a folder of its own{shared}"
