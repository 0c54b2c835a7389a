"""Files -> one sound snapshot and every fault: parse, validate, check across files, fall back file by file.

A file with a fault falls back to its text in the last good snapshot; a new one is left out. One broken profile
never stops the others, and a broken company.yaml, template or map leaves the last good one in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.errors import Mark, SetupError, SetupFault
from gateway.profiles import files
from gateway.profiles.check import faults_of
from gateway.profiles.house import House, Surroundings, house_of
from gateway.profiles.layers import layered
from gateway.profiles.partner import Partner
from gateway.profiles.snapshot import COMPANY, MAPS, PROFILES, TEMPLATES, Loaded, Snapshot, snapshot_of

ROUNDS = 6


def load(root: Path, around: Surroundings, previous: Snapshot | None = None) -> Loaded:
    """Everything below `root` (partners/), as far as it is sound, and all that is wrong with the rest."""
    if not root.is_dir():
        return Loaded(previous, (no_folder(root),))
    texts, faults = files.read(root)
    before = previous.texts if previous else {}
    for fault in faults:
        if fault.mark.file in before:
            texts[fault.mark.file] = before[fault.mark.file]
    return settle(texts, faults, around, before)


def no_folder(root: Path) -> SetupFault:
    fix = "go to the folder that holds partners/, lay one out with `gateway init DIR`, or set GATEWAY_PARTNERS_DIR"
    why = "company.yaml and the profiles are looked for in it"
    return SetupFault(Mark(str(root), 0, 0), "there is no such folder", why, fix)


def restore(texts: Mapping[str, str], around: Surroundings) -> Snapshot:
    """A stored snapshot as it was: no rule is asked again. Raises SetupError when its models no longer take it."""
    house = house_of(texts, around)
    faults = [*house.company.faults, *(fault for sheet in house.partners.values() for fault in sheet.faults)]
    if faults:
        raise SetupError(faults)
    snapshot = snapshot_from(house)
    if snapshot is None:
        raise SetupError("restoring a snapshot: it has no company")
    return snapshot


def settle(
    texts: dict[str, str], found: Iterable[SetupFault], around: Surroundings, before: Mapping[str, str]
) -> Loaded:
    """Falls back file by file until what is left has nothing against it."""
    faults = dict.fromkeys(found)
    given = dict(texts)
    house = house_of(texts, around)
    bad: set[str] = set()
    for _ in range(ROUNDS):
        blamed = faults_of(house, before)
        faults.update(dict.fromkeys(fault for _, fault in blamed))
        bad = {file for file, fault in blamed if not fault.warning}
        fallen = fall_back(texts, bad, before, house)
        if fallen == texts:
            break
        texts = fallen
        house = house_of(texts, around)
    kept = [stem(file) for file in texts if file.startswith(PROFILES) and texts[file] != given.get(file)]
    ordered = sorted(faults, key=urgency)
    lost = COMPANY in bad and COMPANY not in before
    return Loaded(None if lost else snapshot_from(house), tuple(ordered), tuple(kept))


def urgency(fault: SetupFault) -> tuple[bool, str, int, int]:
    """What is broken stands before what is only warned of, each in the order of files and lines."""
    return fault.warning, fault.mark.file, fault.mark.line, fault.mark.column


def fall_back(
    texts: Mapping[str, str], bad: Iterable[str], before: Mapping[str, str], house: House
) -> dict[str, str]:
    """The texts with each bad file as it was before, or without it where it is new.

    What rests on a bad template or on a new map that is bad goes with it, so that nobody is told of a map there is
    not when the map's own fault is what must be mended. A bad file that did not change was made bad by another: then
    all files profiles share fall back together. What is bad after that (a secret that vanished) goes on as it is; it
    did so before.
    """
    fallen = dict(texts)
    bad = set(bad)
    dependents = {
        file for file in texts if file.startswith((PROFILES, TEMPLATES)) and rests_on(file, bad, texts)
    }
    lost = {file for file in bad if file.startswith(MAPS) and file not in before}
    dependents |= {
        file for file, sheet in house.partners.items() if lost and sheet.rest and lost & maps_of(sheet.rest)
    }
    unchanged = {file for file in bad if file in before and before[file] == texts.get(file)}
    for file in (bad | dependents) - unchanged:
        if file in before:
            fallen[file] = before[file]
        elif file != COMPANY:
            fallen.pop(file, None)
    if fallen == texts and unchanged:
        fallen.update({file: text for file, text in before.items() if not file.startswith(PROFILES)})
    return fallen


def rests_on(file: str, bad: set[str], texts: Mapping[str, str]) -> bool:
    """Whether one of the templates beneath is bad."""
    return any(one.startswith(TEMPLATES) for one in bad) and bool(bad & set(layered(file, texts).sources[1:]))


def maps_of(partner: Partner) -> set[str]:
    """The files of the maps a profile names, were they all the partners' own."""
    named = {entry.map for _, _, entry in partner.entries()}
    for words in (partner.acknowledge, *(one.acknowledge for one in partner.receive.values())):
        named.update(words or ())
    return {f"{MAPS}{name}.yaml" for name in named}


def snapshot_from(house: House) -> Snapshot | None:
    company = house.company.model
    if company is None:
        return None
    models = [sheet.model for sheet in house.partners.values()]
    partners = {model.partner: model for model in models if model is not None}
    return snapshot_of(company, partners, house.texts, house.around.environment)


def stem(file: str) -> str:
    return file.removeprefix(PROFILES).removesuffix(".yaml")
