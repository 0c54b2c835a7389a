"""The files under partners/ as text: those that count, and only those that truly lie there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from gateway.errors import Mark, SetupFault

SUFFIXES = frozenset({".yaml", ".csv", ".pem", ".crt", ".cer", ".pub", ".asc", ".wsdl", ".xsd"})
MISNAMED = {".yml": ".yaml", ".YAML": ".yaml", ".YML": ".yaml", ".CSV": ".csv"}
"""Suffixes that somebody takes for one of these."""
LARGEST = 16 << 20
MOST = 100_000


def read(root: Path) -> tuple[dict[str, str], list[SetupFault]]:
    """The text of every file that counts, by its path below root, and a fault for each that cannot be taken."""
    texts: dict[str, str] = {}
    faults: list[SetupFault] = []
    for path in counted(root):
        name = path.relative_to(root).as_posix()
        try:
            texts[name] = text_of(path, root)
        except OSError as error:
            faults.append(
                SetupFault(Mark(name), f"cannot be read: {error.strerror}", fix="look at its permissions")
            )
        except ValueError as error:
            what, _, fix = str(error).partition("; ")
            faults.append(SetupFault(Mark(name), what, fix=fix))
    return texts, [*faults, *misnamed(root)]


def misnamed(root: Path) -> Iterator[SetupFault]:
    """A warning for each file that is not read for its suffix alone."""
    for path in within(root, MISNAMED):
        meant = path.with_suffix(MISNAMED[path.suffix]).name
        name = path.relative_to(root).as_posix()
        yield SetupFault(Mark(name, 0, 0), "this file is not read", fix=f"rename it to {meant}", warning=True)


def counted(root: Path) -> Iterator[Path]:
    """Files by suffix, in order of their names; what begins with a dot is an editor's or a version control's."""
    return within(root, SUFFIXES)


def within(root: Path, suffixes: Collection[str]) -> Iterator[Path]:
    found = sorted(path for path in root.rglob("*") if path.suffix in suffixes and not path.is_dir())
    for path in found[:MOST]:
        if not any(part.startswith(".") for part in path.relative_to(root).parts):
            yield path


def text_of(path: Path, root: Path) -> str:
    """Raises ValueError (`what; fix`) for what must not be taken: too large, not text, a key, outside of root."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise ValueError("leads out of partners/; copy the file instead of linking to it")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST >> 20} MiB; this does not belong under partners/")
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8; save the file as UTF-8 text") from None
    if "PRIVATE KEY-----" in text:
        raise ValueError(
            "a private key lies here; store it as a secret, and make a new one if this was shared"
        )
    return text


def stamps(root: Path) -> dict[str, tuple[int, int, int]]:
    """Size, time of change and inode of every file that counts: cheap to compare, changes when one does."""
    found = {}
    for path in counted(root):
        try:
            stat = path.stat()
        except OSError:
            continue
        found[path.relative_to(root).as_posix()] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found
