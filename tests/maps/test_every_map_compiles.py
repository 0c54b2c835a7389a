"""Every map of the package and of the sample partners has a fast reader: without one the exact reader reads all.

It is many times slower, and says nothing about it.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from gateway import maps
from gateway.maps import compile as compiler

PARTNERS = Path(__file__).parents[2] / "partners"
STANDARDS = [one.name for one in files("gateway.maps").iterdir() if one.is_dir() and one.name[0] != "_"]
BASES = [name for standard in STANDARDS for name in maps.names(standard)]
OWN = [str(file.relative_to(PARTNERS / "maps").with_suffix("")) for file in PARTNERS.glob("maps/*/*.yaml")]

EXACT: dict[str, str] = {}
"""Maps that only the exact reader reads, each with the reason."""


def text_of(name: str) -> str | None:
    """A partner's map, table or guide."""
    file = PARTNERS / (f"{name}.yaml" if name.startswith("guides/") else f"maps/{name}.yaml")
    file = PARTNERS / name if name.endswith(".csv") else file
    return file.read_text("utf-8") if file.is_file() else None


def test_there_are_maps_of_the_package_and_of_partners() -> None:
    assert len(BASES) >= 22
    assert len(OWN) >= 4
    assert set(BASES) | set(OWN) >= set(EXACT), "a reason is left over"


@pytest.mark.parametrize("name", [*BASES, *sorted(OWN)])
def test_every_map_compiles(name: str) -> None:
    reads = compiler.compiled(maps.load(name, text_of))
    assert (reads is compiler._never) == (name in EXACT), EXACT.get(name, "the compiler has no words for it")
