"""A sample folder: the document, and what is expected of it. Whatever is missing is None; nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """What `<partner>/<case>/` holds: `canonical.json`, `about.txt`, and the document.

    One that came (`in.*`) has `acknowledgment.*` and `ta1.edi` beside it, one that is sent (`out.*`) the documents
    it answers (`answered.*`), where it echoes any.
    """

    partner: str
    case: str
    document: bytes
    canonical: bytes | None = None
    acknowledgment: bytes | None = None
    ta1: bytes | None = None
    about: str = ""
    sent: bool = False
    answered: bytes | None = None


def samples(folder: Path, partner: str = "") -> Iterator[Sample]:
    """Every sample of that partner, or of all, by partner and case. A folder without a document is no sample."""
    return map(sample, filter(is_sample, folders(folder, partner)))


def without_document(folder: Path, partner: str = "") -> list[Path]:
    """The folders that stand where samples do but hold no document, so that nothing of them is tried."""
    return [case for case in folders(folder, partner) if not is_sample(case)]


def folders(folder: Path, partner: str = "") -> list[Path]:
    return sorted(case for case in folder.glob(f"{partner or '*'}/*") if case.is_dir())


def is_sample(case: Path) -> bool:
    """Whether the folder holds a document that came, or one that is sent."""
    return any(case.glob("in.*")) or any(case.glob("out.*"))


def sample(case: Path) -> Sample:
    """The folder's files. Raises OSError where one cannot be read."""
    came = min(case.glob("in.*"), default=None)
    about = contents(case / "about.txt") or b""
    return Sample(
        case.parent.name,
        case.name,
        (came or min(case.glob("out.*"))).read_bytes(),
        contents(case / "canonical.json"),
        contents(min(case.glob("acknowledgment.*"), default=case / "acknowledgment.edi")),
        contents(case / "ta1.edi"),
        about.decode("utf-8", "replace").strip(),
        came is None,
        contents(min(case.glob("answered.*"), default=case / "answered.edi")),
    )


def contents(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
