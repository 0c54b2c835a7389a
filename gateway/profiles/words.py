"""The small types profiles are made of: names, durations, references, identities; each says itself how it is written.

Every scalar arrives as text (YAML 1.2). A type that does not fit raises with the fix an engineer needs, and never
repeats a value that may be a secret. Protocol and connector modules build their settings from these.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gateway.faults import shown
from gateway.profiles.secrets import REFERENCE

UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d|24:00"
HOURS = rf"{DAY}(?:-{DAY})? (?:{CLOCK})-(?:{CLOCK})"


class Model(BaseModel):
    """Base of everything a profile says: frozen, and nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class WrongWord(PydanticCustomError):
    """A value that is not written as its type wants it."""

    def __new__(cls, what: str, fix: str = "", why: str = "") -> WrongWord:
        return super().__new__(cls, "word", "{what}", {"what": what, "fix": fix, "why": why})


@dataclass(frozen=True)
class Word:
    """Text of one kind. `secret` never shows what came; `read` turns the text into the value kept."""

    kind: str
    pattern: str
    example: str
    why: str = ""
    secret: bool = False
    read: Callable[[str], Any] = str

    def take(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise WrongWord(f"needs {self.kind}, not {kind_of(value)}", f"write it like {self.example}")
        if not re.fullmatch(self.pattern, value, re.ASCII):
            came = "what stands here" if self.secret else shown(value)
            raise WrongWord(f"{came} is not {self.kind}", f"write it like {self.example}", self.why)
        return self.read(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.take)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        # Editors read `00401` and `997` as numbers; only text can be held to a pattern.
        examples = self.example.split(" or ")
        return {
            "type": ["string", "number"],
            "pattern": f"^(?:{self.pattern})$",
            "description": self.kind,
            "examples": examples,
        }


@dataclass(frozen=True, slots=True)
class Term:
    """How long something may take: `24h`, or so many business hours or days of a calendar."""

    amount: int
    unit: str

    @property
    def business(self) -> bool:
        return self.unit.startswith("business")

    @property
    def elapsed(self) -> timedelta:
        """The time on the clock; a business day counts as a day, a business hour as an hour."""
        return self.amount * UNITS[self.unit.removeprefix("business ")[0]]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}s" if self.business else f"{self.amount}{self.unit}"


def read_term(text: str) -> Term:
    amount, unit = re.match(r"(\d+) ?(.*)", text).groups()  # type: ignore[union-attr]  # the pattern matched
    return Term(int(amount), unit.removesuffix("s") if len(unit) > 1 else unit)


def read_elapsed(text: str) -> timedelta:
    return read_term(text).elapsed


def kind_of(value: object) -> str:
    """What a person calls a YAML value."""
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "text" if isinstance(value, str) else "nothing"


def listed(value: Any) -> Any:
    """One of them may be written without brackets."""
    return [value] if isinstance(value, str | dict) else value


def only_truth(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise WrongWord(f"{shown(str(value))} is neither true nor false", "write true or false")


INSIDE = r"(?![/.])(?!.*(?:^|/)\.\.?(?:/|$))[\w ./@+-]+"

Text = Annotated[str, Word("text on one line", r"[^\n\r\0]{1,500}", "Northwind Distribution")]
Name = Annotated[str, Word("a name", r"[A-Za-z0-9][\w.-]{0,63}", "acme")]
MapName = Annotated[str, Word("a map's name", r"[A-Za-z0-9][\w-]*(?:[./][\w-]+)*", "x12/004010/850")]
DocumentKey = Annotated[
    str, Word("a document type", r"[A-Za-z0-9][\w-]{0,63}(?:/[\w.-]{1,64})?", "850 or 850/005010 or order")
]
Truth = Annotated[bool, BeforeValidator(only_truth)]
Elapsed = Annotated[
    timedelta, Word("a duration", r"\d{1,6} ?[smhdwy]", "30s or 2m or 24h or 400d", read=read_elapsed)
]
Allowed = Annotated[
    Term,
    Word(
        "a duration",
        r"\d{1,6} ?(?:[smhdwy]|business hours?|business days?)",
        "24h or 2 business days",
        read=read_term,
    ),
]
Secret = Annotated[
    str,
    Word(
        "a reference to a secret",
        REFERENCE,
        "secret:acme/sftp-key",
        "a password or key is never written in a profile; it lives in the environment or the secrets folder",
        secret=True,
    ),
]
FileRef = Annotated[
    str, Word("a file under partners/", INSIDE, "certs/acme-2026.pem", "files stay inside partners/")
]
FileOrSecret = Annotated[
    str,
    Word(
        "a file under partners/, or a reference to a secret",
        rf"{REFERENCE}|{INSIDE}",
        "keys/acme.pub or secret:acme/public-key",
        "files stay inside partners/",
    ),
]
HostKey = Annotated[
    str,
    Word(
        "a host key or its fingerprint",
        r"SHA256:[A-Za-z0-9+/]{20,}=*|(?:ssh|ecdsa|sk)-\S+ \S+(?: .*)?",
        "SHA256:... (ssh-keyscan HOST | ssh-keygen -lf - prints it)",
        "a host that is not pinned is not trusted",
    ),
]
Url = Annotated[
    str,
    Word(
        "an http or https address without a password in it",
        r"https?://[^\s/@]+(?:/[^\s]*)?",
        "https://as2.acme.example/in",
        secret=True,
    ),
]
Hours = Annotated[str, Word("a time of the week", HOURS, "Mon-Fri 08:00-17:00 or Sun 02:00-06:00")]
Day = Annotated[str, Word("a day", r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", "2026-12-25")]
Identity = Annotated[str, Word("an identity", r"[^/\s][^/\n]*(?:/[^/\n]+)?", "01/012345678")]
Pattern = Annotated[str, Word("a pattern of text", r"[^\n\0]{1,200}", "PO*.edi")]
FieldPath = Annotated[str, Word("a canonical field", r"[a-z_*]\w*(?:\.[\w*]+)*", "ship_to.phone")]
