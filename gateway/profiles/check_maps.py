"""Whether what is agreed can be read and written: maps that are there, each of the documents its entry speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import SetupError
from gateway.marked_yaml import close
from gateway.profiles.check_channels import Found, PartnerSheet, Rule
from gateway.profiles.house import House
from gateway.profiles.partner import Partner
from gateway.profiles.snapshot import GUIDES, map_text
from gateway.profiles.standards import (
    ACKNOWLEDGMENTS,
    ERRORS,
    NEVER_ACKNOWLEDGED,
    RECORDS,
    STANDARDS,
    line_for,
    standard_of,
)

ACKNOWLEDGED_BY = ("standard", "none", *ACKNOWLEDGMENTS, ERRORS)
USELESS = {
    "receive": "nothing that comes as {} could be read with it",
    "send": "no {} could be written with it",
}


def maps_exist(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    known = {*house.around.maps, *house.own_maps}
    for side, key, entry in partner.entries():
        if entry.map not in known:
            what = f"{side}.{key}: there is no map {entry.map}"
            yield sheet.marked.fault((side, key, "map"), what, fix=close(entry.map, known))


def maps_fit(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """A map reads and writes the documents of its guide; with any other it would find fault where there is none.

    What a file of records is called its guide's name says, in lower case.
    """
    for side, key, entry in partner.entries():
        kind, found = kind_of(key), documents_of(entry.map, house)
        if found is not None and found.upper() != kind.upper() and (found or is_standard(kind)):
            what = f"{side}.{key}: {entry.map} is a map of {found or 'records'}, not of {kind}"
            fix = beside(entry.map, kind, house)
            yield sheet.marked.fault((side, key, "map"), what, USELESS[side].format(kind), fix)


def acknowledgments_exist(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """A word of the standards, or a map of the partner's own acknowledgment."""
    own = {*house.around.maps, *house.own_maps}
    for place, words in acknowledging(partner):
        for number, word in enumerate(words or ()):
            told = f"{'.'.join(place)}: {word}"
            if word in ACKNOWLEDGED_BY:
                continue
            if word not in own:
                what = f"{told} is no acknowledgment, and no map"
                yield sheet.marked.fault((*place, number), what, fix=close(word, ACKNOWLEDGED_BY))
            elif (found := documents_of(word, house)) is not None and found not in NEVER_ACKNOWLEDGED:
                what = f"{told} is a map of {found or 'records'}, which acknowledges nothing"
                fix = f"name a map of {' or '.join(sorted(NEVER_ACKNOWLEDGED))}"
                yield sheet.marked.fault((*place, number), what, fix=fix)


def acknowledgments_answer(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """`[997, TA1]` says nothing of EDIFACT: who sends it would hear nothing, though acknowledgments are agreed."""
    general = house.us.defaults.acknowledge if house.us else None
    for key, entry in partner.receive.items():
        kind, words = kind_of(key), entry.acknowledge or partner.acknowledge or general or ()
        theirs = STANDARDS[standard_of(kind)]
        others = {*ACKNOWLEDGMENTS} - {*theirs.acknowledgments}
        if words and is_standard(kind) and kind not in NEVER_ACKNOWLEDGED and others.issuperset(words):
            what = f"receive.{key}: {' and '.join(words)} acknowledge no {kind}"
            why, closing = "its sender would hear nothing", theirs.functional[0]
            fix = f"acknowledge: {closing} or standard, or none where that is meant"
            place = next((one for one, said in acknowledging(partner, key) if said), ("receive", key))
            yield sheet.marked.fault(place, what, why, fix, key=place[-1] == key, warning=True)


def acknowledging(
    partner: Partner, of: str | None = None
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...] | None]]:
    """Every `acknowledge:` of the profile with its place, the entries' first; or those that one entry may go by."""
    for key, entry in partner.receive.items():
        if of in (None, key):
            yield ("receive", key, "acknowledge"), entry.acknowledge
    yield ("acknowledge",), partner.acknowledge


def documents_of(map: str, house: House) -> str | None:
    """What the map's guide calls its documents: `850`, `ORDERS`, `shipments`, nothing where it is not known as one.

    None where that cannot be known: nobody can say, or the map has faults, which are told of the map itself.
    """
    if house.around.guide_of is None:
        return None
    try:
        guide = house.around.guide_of(map, lambda name: map_text(house.texts, name))
    except SetupError:
        return None
    standard, _, rest = guide.partition("/")
    known = standard in STANDARDS or f"{GUIDES}{guide}.yaml" in house.texts
    return rest.rpartition("/")[2] or None if known else ""


def is_standard(kind: str) -> bool:
    """Whether documents of some standard are called so."""
    return any(one.documents.fullmatch(kind) for one in STANDARDS.values() if one is not RECORDS)


def beside(map: str, kind: str, house: House) -> str:
    """The base map to name instead: of the same version, if there is one."""
    near = (f"{map.rpartition('/')[0]}/{kind}", line_for(kind))
    found = next((name for name in near if name in house.around.maps), None)
    return f"did you mean {found}?" if found else f"name a map of {kind}, or write one: docs/writing-a-map.md"


def kind_of(key: str) -> str:
    """The document type of an entry's key: `850` of `850/005010`."""
    return key.partition("/")[0]


MAP_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("receive", "send"), maps_exist),
    (("receive", "send"), maps_fit),
    (("acknowledge", "receive"), acknowledgments_exist),
    (("acknowledge", "receive"), acknowledgments_answer),
)
