"""Identities as standards write them: `01/012345678` is qualifier and id, `1` and `01` are one qualifier."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Room(NamedTuple):
    """What an envelope holds of an identity: so many characters, and none of these, which separate its parts."""

    header: str
    qualifier: int
    id: int
    separators: frozenset[str]
    example: str


ROOMS = {
    "x12": Room("ISA", 2, 15, frozenset("*~"), f"ZZ/{'X' * 15}"),
    "edifact": Room("UNB", 4, 35, frozenset(), "14/4099999000008"),
}
"""ISA05 to ISA08; UNB02 and UNB03. In EDIFACT a separator in data is released."""


@lru_cache(maxsize=16384)
def normal(identity: str) -> tuple[str, str]:
    """(qualifier, id) as they compare: numeric qualifiers in two digits, blanks around gone. Ids keep their case."""
    qualifier, name = stated(identity)
    return qualifier.zfill(2) if qualifier.isdigit() else qualifier.upper(), name


def stated(identity: str) -> tuple[str, str]:
    """(qualifier, id) as they are typed."""
    qualifier, _, name = identity.rpartition("/")
    return qualifier.strip(), name.strip()


def written(identity: str, standard: str) -> tuple[str, str]:
    """(qualifier, id) as an envelope has them: an ISA's qualifier has two characters, a UNB's is as it is typed."""
    return normal(identity) if standard == "x12" else stated(identity)


def unwritable(identity: str, standard: str = "x12") -> tuple[str, str] | None:
    """Why its envelope cannot hold it, and what to do; None where it can. Lower case is unusual, and travels."""
    room = ROOMS[standard]
    qualifier, name = written(identity, standard)
    if len(name) > room.id or len(qualifier) > room.qualifier:
        return (
            f"{room.header} holds a qualifier of {room.qualifier} characters and {room.id} more",
            f"write at most {room.example}" if standard == "x12" else f"write it like {room.example}",
        )
    wrong = sorted({char for char in qualifier + name if not (char.isascii() and char.isprintable())})
    wrong += sorted(room.separators.intersection(qualifier + name))
    if wrong:
        told = " ".join(map(ascii, wrong))
        article = "an" if room.header == "ISA" else "a"
        return (
            f"{told} cannot stand in {article} {room.header}",
            "use letters, digits, blanks, hyphens and dots",
        )
    return None


def bare(identity: str, standard: str = "x12") -> tuple[str, str] | None:
    """Why hardly any ISA has an identity without a qualifier, and what to do; None where there is one, or in a UNB."""
    qualifier, name = normal(identity)
    if qualifier or standard != "x12":
        return None
    return (
        "it fits an ISA whose qualifier is blank, and no other",
        f"write it as in ISA05 and ISA06: ZZ/{name}",
    )


def same_identity(one: str, other: str) -> bool:
    return normal(one) == normal(other)
