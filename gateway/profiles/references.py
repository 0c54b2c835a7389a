"""References of profiles to what is not in them: secrets, and files under partners/."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.errors import SetupFault
from gateway.marked_yaml import Marked, close
from gateway.profiles.explain import Steps, dotted
from gateway.profiles.secrets import DEMO, PREFIX, REFERENCE, Secrets
from gateway.profiles.words import INSIDE

# The parts of a file and the keys in them whose values name files, whatever the protocol.
FILE_PARTS = frozenset({"channels", "systems", "company"})
FILE_KEYS = frozenset({"file", "keys", "certificates", "wsdl"})


def missing_references(
    marked: Marked, texts: Mapping[str, str], secrets: Secrets, *, lax: bool
) -> Iterator[SetupFault]:
    """Every reference that leads nowhere; only warnings where `lax` (nothing travels for this partner)."""
    for path, value in scalars(marked.data, ()):
        named = [step for step in path if isinstance(step, str)]
        if value.startswith(PREFIX):
            yield from missing_secret(marked, path, value, secrets, lax=lax)
        elif path and path[0] in FILE_PARTS and named[-1] in FILE_KEYS:
            yield from missing_file(marked, path, value, texts, lax=lax)


def missing_secret(
    marked: Marked, path: Steps, reference: str, secrets: Secrets, *, lax: bool
) -> Iterator[SetupFault]:
    if not re.fullmatch(REFERENCE, reference):
        yield marked.fault(path, f"{dotted(path)}: this is no name of a secret", fix="secret:acme/sftp-key")
    elif not secrets.has(reference):
        what = f"{dotted(path)}: there is no {reference}"
        warning = lax or reference.startswith(DEMO)
        yield marked.fault(
            path, what, "nobody can log in with it", secrets.remedy(reference), warning=warning
        )


def missing_file(
    marked: Marked, path: Steps, name: str, texts: Mapping[str, str], *, lax: bool
) -> Iterator[SetupFault]:
    if not re.fullmatch(INSIDE, name):
        what = f"{dotted(path)}: {name} is not a file under partners/"
        yield marked.fault(
            path, what, "files stay inside partners/", "copy it there, and write its path from there"
        )
    elif name not in texts:
        alike = [file for file in texts if not file.endswith(".yaml")]
        what = f"{dotted(path)}: there is no file {name} under partners/"
        yield marked.fault(path, what, fix=close(name, alike), warning=lax)


def scalars(data: Any, path: Steps) -> Iterator[tuple[Steps, str]]:
    """Every text in the data with its path."""
    if isinstance(data, dict | list):
        steps: Iterable[tuple[Any, Any]] = data.items() if isinstance(data, dict) else enumerate(data)
        for step, value in steps:
            yield from scalars(value, (*path, step))
    elif isinstance(data, str):
        yield path, data
