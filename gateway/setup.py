"""What the environment and the files of engineers say, put together: what a command needs that runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway import connectors, maps, protocols
from gateway.connectors import CONNECTORS
from gateway.errors import Mark, SetupError, SetupFault
from gateway.profiles import Loaded, Secrets, Surroundings, load, way_of
from gateway.profiles.snapshot import GUIDES
from gateway.protocols import PROTOCOLS
from gateway.settings import Settings, meant
from gateway.settings import strangers as unread


def surroundings(settings: Settings) -> Surroundings:
    """What profiles are checked against: the protocols, connectors and maps there are, the secrets, the samples."""
    return Surroundings(
        protocols={name: way_of(protocols.load(name)) for name in PROTOCOLS},
        connectors={name: connectors.load(name).Settings for name in CONNECTORS},
        maps=maps.every(),
        judge_map=judge_map,
        guide_of=maps.guide_name,
        samples=with_samples(settings.samples_dir),
        secrets=Secrets(settings.secrets),
        environment=settings.environment,
        base=settings.partners_dir.resolve(),
    )


def judge_map(name: str, text_of: Any) -> list[SetupFault]:
    """What is wrong with a partner's map: every fault, and the warnings of one that works."""
    try:
        found = list(maps.load(name, text_of).problems)
    except SetupError as error:
        found = list(error.faults)
    return [in_partners(fault, text_of) for fault in found]


def in_partners(fault: SetupFault, text_of: Any) -> SetupFault:
    """The fault with its file as it lies below partners/, unless it is one of the package's own."""
    file = fault.mark.file
    if file.startswith(GUIDES) or text_of(file.removesuffix(".yaml")) is None:
        return fault
    return replace(fault, mark=replace(fault.mark, file=f"maps/{file}"))


def with_samples(folder: Path) -> set[str]:
    """The partners that have at least one sample document, one that came or one that is sent."""
    return {path.parent.parent.name for way in ("in", "out") for path in folder.glob(f"*/*/{way}.*")}


def check(settings: Settings) -> Loaded:
    """Everything an engineer wrote, read and judged, as `gateway check` prints it."""
    return load(settings.partners_dir, surroundings(settings))


def strangers(environment: Mapping[str, str]) -> tuple[SetupFault, ...]:
    """A warning for each variable that is named like a setting and is none."""
    found = []
    for name in unread(environment):
        fix = f"did you mean {near}?" if (near := meant(name)) else "docs/settings.md has them all"
        mark = Mark("environment", 0, 0)
        found.append(SetupFault(mark, f"{name}: unknown setting", "it has no effect", fix, warning=True))
    return tuple(found)
