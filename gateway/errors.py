"""What can go wrong in us, or between us and a partner, and who has to act.

What is wrong with a *document* is a fault (`gateway.faults`), never an exception that leaves a room.

GatewayError
├── SetupError         our profile, map, guide or setting is wrong; an engineer acts; not retried
├── NotWritable        the object cannot be rendered as its map says; held; not retried
├── TransportError     the other side is busy, slow or lost; retried
│   └── Unreachable    nobody answers there at all; retried
├── Refused            the other side understood and said no to this document; not retried
│   └── ShutOut        it lets us in for nothing (a login, a changed host key, a 401); retried
└── LedgerUnavailable  we cannot store; nothing may be acknowledged; retried
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.faults import Fault


class GatewayError(Exception):
    """Base of all errors a caller may want to catch. `retry` says whether trying again can help."""

    retry = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file an engineer wrote. Lines and columns count from 1; what stands in no file has line 0."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class SetupFault:
    """One thing wrong in a profile, map, guide or company file: what, why it matters, how to fix it.

    `warning` faults are printed by `gateway check` and stop nothing.
    """

    mark: Mark
    what: str
    why: str = ""
    fix: str = ""
    warning: bool = False

    def as_dict(self) -> dict[str, str | int | bool]:
        return {
            "file": self.mark.file,
            "line": self.mark.line,
            "column": self.mark.column,
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
            "severity": "warning" if self.warning else "fault",
        }

    def __str__(self) -> str:
        why = f"\n    why: {self.why}" if self.why else ""
        fix = f"\n    fix: {self.fix}" if self.fix else ""
        return f"{self.mark} {self.what}{why}{fix}"


class SetupError(GatewayError):
    """What we were given to run with is wrong. Carries every fault at once."""

    def __init__(self, faults: Sequence[SetupFault] | str) -> None:
        self.faults = [] if isinstance(faults, str) else list(faults)
        super().__init__(faults if isinstance(faults, str) else "\n".join(map(str, self.faults)))


class NotWritable(GatewayError):
    """The object cannot be written without changing, cutting or guessing. Carries every fault, by field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(map(str, self.faults)))


class TransportError(GatewayError):
    """The other side could not be reached or did not finish. `retry_after` is what it asked for, in seconds."""

    retry = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Unreachable(TransportError):
    """Nobody answers, whatever we bring: the channel's fault. Whoever gets through by the same way ends it."""


class Refused(GatewayError):
    """The other side answered no. `body` keeps what it said, for the operator."""

    def __init__(self, message: str, body: str = "") -> None:
        self.body = body
        super().__init__(message)


class ShutOut(Refused):
    """The other side lets us in for nothing, whatever we bring: the channel's fault, not the document's.

    What was to go there waits, and goes once a person has put the secret or the key right. Who knocks is careful where
    a host locks out those who knock too often.
    """

    retry = True


class LedgerUnavailable(GatewayError):
    """The ledger could not commit: disk full, database locked or gone. Nothing was stored."""

    retry = True


def words(error: Exception) -> str:
    """Why, for the operator; an error nobody thought of is named."""
    return str(error) if isinstance(error, GatewayError) else f"{type(error).__name__}: {error}"
