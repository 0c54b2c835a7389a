"""Guides by name: package data and a partner's layers in, one frozen guide out, cached by what it says.

Nothing is read before it is asked for. Everything wrong in a guide's files and layers is raised at once, as one
SetupError with the place of each fault.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from gateway.errors import Mark, SetupError, SetupFault
from gateway.faults import Code, Fault
from gateway.guides import records
from gateway.guides.dictionary import Dictionary, dictionary, packaged, table
from gateway.guides.layers import Layer, apply, narrowed
from gateway.guides.levels import state
from gateway.guides.model import Guide
from gateway.guides.structure import AREAS, structure
from gateway.marked_yaml import Marked, close

KEYS = frozenset(("guide", "extends", "name", "group", "segments", "levels", *AREAS))
STANDARDS = {"x12": re.compile(r"\d{6}"), "edifact": re.compile(r"D\d\d[A-C]|D3|41")}
"""How the folders of a standard's versions are called: releases, and directories with what a CONTRL says of itself."""
SYNTAXES = {"1": 1988.0, "2": 1990.0, "3": 1993.0, "4": 2002.0}
"""Years of ISO 9735; a CONTRL is of its syntax (`D:3`, `4:1`), not of a directory."""
DIRECTORY = re.compile(r"(\d\d)([A-Z])")
OF_A_STANDARD = ("elements", "composites", "codes", "segments")
LAYERED_AT_MOST = 256
UNLAYERED = "a map narrows no guide of records"

_layered: OrderedDict[tuple[str, str], Guide] = OrderedDict()


def load(name: str, layers: Sequence[Layer] = (), text: str | None = None) -> Guide:
    """The guide `x12/004010/850`, narrowed by each layer in turn. The same name and layers give the same object.

    `text` is that of a partner's own, of records, which nothing narrows: it is the partner's to change. Raises
    SetupError where there is no such guide, or where its files or a layer say something wrong.
    """
    if text is not None:
        if faults := [
            layer.marked.fault((), UNLAYERED, fix=f"change guides/{name}.yaml") for layer in layers
        ]:
            raise SetupError(faults)
        return _own(name, text)
    if not layers:
        return _plain(name)
    key = (name, sha256(repr([layer.marked.data for layer in layers]).encode()).hexdigest())
    guide = _layered.get(key)
    if guide is None:
        guide = _layered[key] = _build(name, layers)
        while len(_layered) > LAYERED_AT_MOST:
            _layered.popitem(last=False)
    return guide


def available(standard: str = "x12") -> tuple[str, ...]:
    """Every guide of the standard that comes with the package, `x12/004010/850`, sorted."""
    if standard not in STANDARDS:
        return ()
    names = [
        f"{standard}/{folder.name}/{file.name.removesuffix('.yaml')}"
        for folder in files("gateway.guides").joinpath(standard).iterdir()
        if folder.is_dir() and STANDARDS[standard].fullmatch(folder.name)
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    ]
    return tuple(sorted(name for name in names if name.rpartition("/")[2] not in OF_A_STANDARD))


def nearest(standard: str, set: str, version: str) -> tuple[str | None, list[Fault]]:
    """The guide for a set in a version, or the nearest version's with a note; None where the set has no guide.

    An industry's version (`004010VICS`) is nearest to its release; between releases, or directories, the smaller
    distance wins.
    """
    by_version = {
        name.split("/")[1]: name
        for name in _available(standard)
        if name.rpartition("/")[2].upper() == set.upper()
    }
    if version in by_version:
        return by_version[version], []
    if not by_version:
        return None, [Fault(Code.UNKNOWN_SET, came=set)]
    age = _directory if standard == "edifact" else _release
    best = min(by_version, key=lambda known: (abs(age(known) - age(version)), known))
    return by_version[best], [Fault(Code.UNKNOWN_VERSION, came=version, expected=f"{best}, which was used")]


def _release(version: str) -> int:
    """004010 of `004010VICS`, of `00401` (as ISA12 says it) and of `4010`."""
    digits = "".join(re.findall(r"\d", version[:6]))
    if len(version) == 5 and len(digits) == 5:
        digits += "0"
    return int(digits or "4010")


def _directory(version: str) -> float:
    """1996.0 of `D96A` and of `96A`, two digits as of 1988 to 2087; the syntax's year where no directory is named."""
    match = DIRECTORY.search(version)
    if match is None:
        digits = re.findall(r"\d", version)
        return SYNTAXES.get(digits[0] if digits else "", 1996.0)
    year = int(match[1])
    return year + (1900 if year >= 88 else 2000) + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(match[2]) / 26


@lru_cache(maxsize=8)
def _available(standard: str) -> tuple[str, ...]:
    return available(standard)


@lru_cache(maxsize=LAYERED_AT_MOST)
def _own(name: str, text: str) -> Guide:
    return records.load(text, name, f"guides/{name}.yaml")


@lru_cache(maxsize=64)
def _plain(name: str) -> Guide:
    return _build(name, ())


def _build(name: str, layers: Sequence[Layer]) -> Guide:
    if packaged(name) is None:
        standard = name.partition("/")[0]
        known = available(standard if standard in STANDARDS else "x12")
        raise SetupError([SetupFault(Mark(name), f"there is no guide {name}", fix=close(name, known))])
    marked = table(name)
    faults = [
        marked.fault((key,), f"unknown key {key}", fix=close(key, KEYS), key=True)
        for key in marked.data
        if key not in KEYS
    ]
    tables = _tables(marked, faults)
    if tables is None:
        raise SetupError(faults)
    specs, deviations = narrowed(tables, layers, faults)
    root = structure(marked, specs, faults)
    state(root, marked, faults)
    deviations += apply(root, tables.known, layers, faults)
    if faults:
        raise SetupError(faults)
    _, version, set_code = name.split("/")
    used = {place.tag: specs[place.tag] for place in root.walk() if place.tag}
    said = [marked.data, tables.digest, [layer.marked.data for layer in layers]]
    return Guide(
        id=name,
        name=str(marked.data.get("name") or set_code),
        set=set_code,
        version=version,
        group=str(marked.data.get("group") or ""),
        root=root,
        segments=used,
        known=tables.known,
        deviations=tuple(deviations),
        digest=sha256(repr(said).encode()).hexdigest(),
    )


def _tables(marked: Marked, faults: list[SetupFault]) -> Dictionary | None:
    standard = marked.data.get("segments")
    if not isinstance(standard, str) or packaged(f"{standard}/segments") is None:
        faults.append(marked.fault(("segments",), f"{standard}: no such segment table", fix="x12/004010"))
        return None
    return dictionary(standard)
