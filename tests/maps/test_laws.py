"""The four laws, for the trial map and every base map, on objects made from the map with the guide's conditions.

The maps refuse what would not read back, so the law is twofold: no refusal ever says that (`BROKEN_LAW`), and at
most a fifth of the examples is refused for any reason. Broken maps must be noticed by one or the other, or at load.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.errors import NotWritable, SetupError
from gateway.faults import rejecting
from gateway.guides.place import parse
from gateway.maps import Map
from gateway.maps.examples import example

from .trial import ORDER, edited, segments, text_of, tree, trial

BASE = [name for name in maps.names() if not name.endswith("_answer")]
NAMES = ["trial", *BASE]
BROKEN_LAW = "read back as"
MOST_REFUSED = 0.2
EXAMPLES = {name: 8 for name in BASE if name.endswith(("/810", "/850", "/855"))}
EXAMPLES |= {name: 4 for name in BASE if name.endswith("/856")}


@cache
def map_named(name: str) -> Map:
    return trial() if name == "trial" else maps.load(name)


def refusal(error: NotWritable) -> str:
    """Why an example was refused; a broken law is a failure of the map, never a refusal."""
    said = "; ".join(map(str, error.faults))
    assert BROKEN_LAW not in said, said
    return said


def laws(map: Map, random: Random) -> str | None:
    """Checks all laws on one pair of examples; the reason if the first was refused."""
    wanted, other = example(map, random), example(map, random)
    try:
        written = text_of(map.write(wanted))
    except NotWritable as error:
        return refusal(error)
    root, faults = parse(map.guide, segments(written))
    assert rejecting(faults) == []  # 4: valid
    assert map.read(root)[0] == wanted  # 1: object
    assert text_of(map.write(wanted, root)) == written  # 2: document
    values = sum(
        bool(part) for node in root.segments() for text in node.elements[1:] for part in text.split("\x1f")
    )
    accounted = map.account(root)
    assert len(accounted) == values  # 3: nothing lost
    assert map.residue(root) == [], written  # a fresh document holds nothing the map does not know
    try:
        original = map.write(other)
        merged = text_of(map.write(wanted, original))
    except NotWritable as error:
        refusal(error)
        return None
    assert map.read(parse(map.guide, segments(merged))[0])[0] == wanted  # 1: onto any original
    return None


def held(map: Map, examples: int) -> None:
    """The laws hold for that many pairs of examples, and at most the share is refused that may be."""
    tried, refused = [], []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a seed has nothing to shrink
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 1 << 32))
    def check(seed: int) -> None:
        tried.append(seed)
        if why := laws(map, Random(seed)):
            refused.append(why)

    check()
    print(f"{map.name}: {len(refused)} of {len(tried)} refused", *sorted(set(refused))[:3], sep="\n  ")
    assert len(refused) <= max(1, MOST_REFUSED * len(tried)), refused[:3]


@pytest.mark.parametrize("name", NAMES)
def test_the_laws_hold(name: str) -> None:
    held(map_named(name), EXAMPLES.get(name, 40))


@pytest.mark.parametrize("name", ["trial", "x12/004010/850"])
def test_the_document_law_holds_for_a_document_of_a_partner(name: str) -> None:
    map = map_named(name)
    root = tree(ORDER, map)
    found, faults = map.read(root)
    assert rejecting(faults) == []
    assert text_of(map.write(found, root)) == text_of(root)


def noticed(text: str) -> str | None:
    """What notices that a map is broken: loading, a law, or the share refused; None when nothing does."""
    try:
        map = trial(text)
    except SetupError as error:
        return f"load: {error.faults[0].what}"
    refused = 0
    for seed in range(30):
        try:
            refused += laws(map, Random(seed)) is not None
        except AssertionError as error:
            return f"law: {error}"
    return f"{refused} of 30 refused" if refused > 30 * MOST_REFUSED else None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: BEG02", "kind: BEG01"),
        ("cancel_after: DTM[001]", "cancel_after: DTM[002]"),
        ("currency: CUR[BY]02 or CUR[*]02", "currency: CUR[*]02"),
        ("release: BEG04", "release: BEG04 default 1"),
        ("  purpose: BEG01\n", ""),
        ("role: N101, use: party", "use: party"),
        ("more_names: N201..02", "more_names: N301..02"),
        ("vendor: PO1[VP]", "vendor: PO1[BP]"),
        ("lines: MSG01}", "text: MSG01}"),
        ("contract: BEG06", "contract: TD5[#2]05"),
        ("key: number", "key: name"),
    ],
)
def test_a_broken_map_is_noticed(old: str, new: str) -> None:
    assert noticed(edited((old, new))) is not None


def test_a_good_map_is_not_called_broken() -> None:
    assert noticed(edited(("key: number", "key: quantity"))) is None


@settings(max_examples=100, deadline=None, database=None, phases=[Phase.generate])
@given(st.integers(0, 1 << 32))
def test_a_mangled_document_gives_faults_never_an_exception(seed: int) -> None:
    random = Random(seed)
    text = list(ORDER.strip())
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(text))
        text[at : at + random.randint(0, 3)] = random.choice(
            ["*", "\n", ">", "9", "A", "", " ", "\x1e", "PO1", "é"]
        )
    map = map_named(random.choice(["trial", "x12/004010/850"]))
    root = parse(map.guide, segments("".join(text)))[0]
    found, faults = map.read(root)
    assert found is not None or rejecting(faults)
    map.account(root)
    if found is None:
        return
    with suppress(NotWritable):
        assert text_of(map.write(found, root)) == text_of(root)
