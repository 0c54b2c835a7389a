"""Which system a token speaks for. Any of a system's tokens is good, so that one can take the place of another."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping

from gateway.errors import SetupError
from gateway.profiles.company import System

Resolve = Callable[[str], str]


def speaker_of(systems: Mapping[str, System], resolve: Resolve, shown: str) -> str | None:
    """The system that has this token; None when none has it, or several do.

    Every token is compared, each in the same time whatever it has in common with the one shown.
    """
    named = [name for name, token in tokens(systems, resolve) if same(token, shown)]
    return named[0] if len(set(named)) == 1 else None


def tokens(systems: Mapping[str, System], resolve: Resolve) -> Iterator[tuple[str, str]]:
    """Each system with each of its tokens; one whose secret is not there, or is empty, lets nobody in."""
    for name, system in systems.items():
        for reference in system.token:
            try:
                token = resolve(reference)
            except SetupError:
                continue
            if token:
                yield name, token


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(*(hashlib.sha256(text.encode()).digest() for text in (one, other)))
