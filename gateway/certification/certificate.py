"""What certification says of one sample: which checks held, which did not, and where expectation and result differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two things that should be equal are not; None where one of them has nothing."""

    path: str
    expected: str | None
    got: str | None

    def as_dict(self) -> dict[str, str | None]:
        return {"path": self.path, "expected": self.expected, "got": self.got}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked. `held` is None where there was nothing to check; `detail` says what was found."""

    name: str
    held: bool | None
    detail: str = ""
    diff: tuple[Difference, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        told = {"name": self.name, "held": self.held, "detail": self.detail}
        return {**told, "diff": [one.as_dict() for one in self.diff]}


@dataclass(slots=True)
class Certificate:
    """One sample's result. `shares` counts the document's elements by whose they are, `residue` lists nobody's.

    `compared` is False where the sample's folder says nothing of what is expected of the document.
    """

    partner: str
    case: str
    about: str = ""
    checks: list[Check] = field(default_factory=list)
    shares: dict[str, int] = field(default_factory=dict)
    residue: list[tuple[str, str]] = field(default_factory=list)
    compared: bool = True

    @property
    def held(self) -> bool:
        """There was something to compare with, and nothing that was checked failed."""
        return self.compared and all(check.held is not False for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        return {
            "partner": self.partner,
            "case": self.case,
            "held": self.held,
            "compared": self.compared,
            "about": self.about,
            "checks": [check.as_dict() for check in self.checks],
            "shares": self.shares,
            "residue": [{"place": place, "value": value} for place, value in self.residue],
        }


def judged(name: str, diff: Sequence[Difference], detail: str = "") -> Check:
    """A check that holds when nothing differs."""
    return Check(name, not diff, detail, tuple(diff))
