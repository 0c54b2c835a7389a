"""Identities as standards write them: `01/012345678` is qualifier and id, `1` and `01` are one qualifier."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=16384)
def normal(identity: str) -> tuple[str, str]:
    """(qualifier, id) as they compare: numeric qualifiers in two digits, blanks around gone. Ids keep their case."""
    qualifier, _, name = identity.rpartition("/")
    qualifier = qualifier.strip()
    return qualifier.zfill(2) if qualifier.isdigit() else qualifier.upper(), name.strip()


def same_identity(one: str, other: str) -> bool:
    return normal(one) == normal(other)
