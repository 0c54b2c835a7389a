"""What channels of every protocol may say in a profile: `pull`, `push`, and the few types these are made of."""

from __future__ import annotations

import re
from datetime import date
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from gateway.faults import shown

TEMPORARY = (".tmp", ".part", ".filepart", ".partial", ".writing")
"""Names that say themselves that the file is not whole yet."""

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(value: object) -> float:
    """`2m` -> 120.0"""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(ms|s|m|h|d)?", str(value))
    if not found:
        raise ValueError(
            f"{shown(str(value))} is not a duration; write a number and one of ms s m h d, as in 2m"
        )
    return float(found[1]) * SECONDS[found[2] or "s"]


def reference(value: str) -> str:
    """Never repeats the value: it may be the secret somebody typed."""
    if not re.fullmatch(r"secret:[\w./-]+", value):
        raise ValueError("is not a reference; write secret:NAME and store the value under that name")
    return value


def readiness(value: str) -> str:
    if value not in ("stable", "rename") and not re.fullmatch(r"marker\([^()/*]*\*[^()/*]*\)", value):
        raise ValueError("is not a way to be ready; known: stable, rename, marker(*.ok)")
    return value


def disposal(value: str) -> str:
    if value == "delete" or re.fullmatch(r"rename\(\.[\w.-]+\)", value):
        return value
    if value.startswith("rename") or "(" in value:
        raise ValueError(
            "is not a way to be done; known: delete, rename(.DONE), or a folder as archive/<date>"
        )
    return inside(value)


def inside(value: str) -> str:
    if not value or ".." in PurePosixPath(value).parts or "\0" in value:
        raise ValueError("is not a folder; write a path without ..")
    return value


def file_name(value: str) -> str:
    if not value or "/" in value or not value.isprintable() or value in (".", ".."):
        raise ValueError("is not a file name; write one without / and control characters")
    return value


Duration = Annotated[float, BeforeValidator(seconds), WithJsonSchema({"type": "string", "examples": ["2m"]})]
Secret = Annotated[
    str, AfterValidator(reference), WithJsonSchema({"type": "string", "pattern": "^secret:.+"})
]


class ChannelSettings(BaseModel):
    """Base of all settings of channels: nothing changes after loading, nothing unknown is let through."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)


class Pull(ChannelSettings):
    """How files are fetched: from where, which, how often, when they are whole, and what becomes of them."""

    from_: str = Field(".", alias="from", description="the folder to look into")
    match: str = Field("*", description="which file names, as in *.edi")
    every: Duration = Field(60.0, gt=0, description="how often to look")
    ready: Annotated[str, AfterValidator(readiness)] = Field(
        "stable",
        description="stable: same size at two looks; rename: at once; marker(*.ok): when that file is there",
    )
    take: Literal["read", "rename"] = Field(
        "read", description="rename away before reading, or read in place"
    )
    done: Annotated[str, AfterValidator(disposal)] = Field(
        "archive/<date>", description="afterwards: delete, rename(.DONE), or a folder"
    )
    bad: Annotated[str, AfterValidator(inside)] = Field(
        "error", description="the folder for what cannot be taken"
    )

    def wants(self, name: str) -> bool:
        """Whether this name is one to fetch: it matches, and does not say itself that it is unfinished or done."""
        hidden = name.startswith(".") or name.endswith(TEMPORARY)
        return not hidden and not self._ours(name) and fnmatchcase(name, self.match)

    def _ours(self, name: str) -> bool:
        marker, suffix = self.marker_pattern, self.done_suffix
        return bool((suffix and name.endswith(suffix)) or (marker and fnmatchcase(name, marker)))

    @property
    def marker_pattern(self) -> str:
        return self.ready[7:-1] if self.ready.startswith("marker(") else ""

    @property
    def done_suffix(self) -> str:
        return self.done[7:-1] if self.done.startswith("rename(") else ""

    def markers(self, name: str) -> tuple[str, ...]:
        """The names a marker of this file may have: `po.edi.ok` and `po.ok`."""
        stem = name.rpartition(".")[0] or name
        return tuple(dict.fromkeys(self.marker_pattern.replace("*", part) for part in (name, stem)))

    def archive(self, today: date) -> str:
        return self.done.replace("<date>", today.isoformat())


TAKEN = (
    "it is there with other bytes, and what is sent keeps its name: have that file moved, or say push.replace: true, "
    "then replay; <control> in push.name keeps later ones apart"
)
"""Why a file was not put where another has its name, and what helps."""


class Push(ChannelSettings):
    """How files are given: into which folder, under which name, and whether a name may be used again."""

    to: Annotated[str, AfterValidator(inside)] = Field(".", description="the folder to put into")
    name: Annotated[str, AfterValidator(file_name)] = Field(
        "<document>_<control>.<extension>",
        description="<document>, <control> and <extension> (edi, txt or csv) are filled in, or a template",
    )
    replace: bool = Field(
        False, description="overwrite a file of that name with other bytes; else that is refused"
    )
