"""A sample folder: the document, and what is expected of it. Whatever is missing is None; nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """What `<partner>/<case>/` holds: `in.*`, `canonical.json`, `acknowledgment.edi`, `ta1.edi`, `about.txt`."""

    partner: str
    case: str
    document: bytes
    canonical: bytes | None = None
    acknowledgment: bytes | None = None
    ta1: bytes | None = None
    about: str = ""


def samples(folder: Path, partner: str = "") -> Iterator[Sample]:
    """Every sample of that partner, or of all, by partner and case. A folder without `in.*` is no sample."""
    for case in sorted({path.parent for path in folder.glob(f"{partner or '*'}/*/in.*")}):
        yield sample(case)


def without_document(folder: Path, partner: str = "") -> list[Path]:
    """The folders that stand where samples do but hold no `in.*`, so that nothing of them is tried."""
    return sorted(
        case for case in folder.glob(f"{partner or '*'}/*") if case.is_dir() and not any(case.glob("in.*"))
    )


def sample(case: Path) -> Sample:
    """The folder's files. Raises OSError where one cannot be read."""
    document = min(case.glob("in.*"))
    about = contents(case / "about.txt") or b""
    return Sample(
        case.parent.name,
        case.name,
        document.read_bytes(),
        contents(case / "canonical.json"),
        contents(case / "acknowledgment.edi"),
        contents(case / "ta1.edi"),
        about.decode("utf-8", "replace").strip(),
    )


def contents(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
