"""Identities as standards write them: `01/012345678` is qualifier and id, `1` and `01` are one qualifier."""

from __future__ import annotations

from functools import lru_cache

LONGEST = 15
"""ISA06 and ISA08."""
SEPARATORS = frozenset("*~")
"""What we write between elements and segments; no identity has them."""


@lru_cache(maxsize=16384)
def normal(identity: str) -> tuple[str, str]:
    """(qualifier, id) as they compare: numeric qualifiers in two digits, blanks around gone. Ids keep their case."""
    qualifier, _, name = identity.rpartition("/")
    qualifier = qualifier.strip()
    return qualifier.zfill(2) if qualifier.isdigit() else qualifier.upper(), name.strip()


def unwritable(identity: str) -> tuple[str, str] | None:
    """Why X12's ISA cannot hold it, and what to do; None where it can. Lower case is unusual, and travels."""
    qualifier, name = normal(identity)
    if len(name) > LONGEST or len(qualifier) > 2:
        return (
            f"ISA holds a qualifier of 2 characters and {LONGEST} more",
            f"write at most ZZ/{'X' * LONGEST}",
        )
    wrong = sorted({char for char in qualifier + name if not (char.isascii() and char.isprintable())})
    wrong += sorted(SEPARATORS.intersection(qualifier + name))
    if wrong:
        told = " ".join(map(ascii, wrong))
        return f"{told} cannot stand in an ISA", "use letters, digits, blanks, hyphens and dots"
    return None


def bare(identity: str) -> tuple[str, str] | None:
    """Why hardly any ISA has an identity without a qualifier, and what to do; None where there is one."""
    qualifier, name = normal(identity)
    if qualifier:
        return None
    return (
        "it fits an ISA whose qualifier is blank, and no other",
        f"write it as in ISA05 and ISA06: ZZ/{name}",
    )


def same_identity(one: str, other: str) -> bool:
    return normal(one) == normal(other)
