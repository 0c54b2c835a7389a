"""All files read and modelled, each on its own: what the rules that look across files have before them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from gateway.errors import Mark, SetupError, SetupFault
from gateway.marked_yaml import Marked
from gateway.profiles import foreseen
from gateway.profiles.channel import Way, Ways
from gateway.profiles.company import Company, company_type
from gateway.profiles.explain import Judged, judge
from gateway.profiles.identities import normal
from gateway.profiles.layers import environments_of, layered, overlaid, parsed
from gateway.profiles.partner import Partner, partner_type
from gateway.profiles.secrets import Secrets
from gateway.profiles.snapshot import COMPANY, MAPS, PROFILES, TEMPLATES, map_text

M = TypeVar("M", bound=BaseModel)
TextOf = Callable[[str], str | None]
JudgeMap = Callable[[str, TextOf], Sequence[SetupFault]]
GuideOf = Callable[[str, TextOf], str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rest of the gateway has to offer, handed in by `app`; profiles import none of it.

    `maps` are the names of the base maps; `judge_map` loads a partner's map and says what is wrong with it; `guide_of`
    names the guide that a map reads by, and raises SetupError where that cannot be known; `samples` are the partners
    that have sample documents, None where nobody looked; relative folders of channels start at `base`.
    """

    protocols: Ways
    connectors: Mapping[str, type[BaseModel]]
    maps: Collection[str] = ()
    judge_map: JudgeMap | None = None
    guide_of: GuideOf | None = None
    samples: Collection[str] | None = None
    secrets: Secrets = field(default_factory=Secrets)
    environment: str = ""
    base: Path = Path()

    @property
    def known_protocols(self) -> dict[str, Way]:
        return {**foreseen.PROTOCOLS, **self.protocols}


@dataclass(frozen=True, slots=True)
class Sheet(Generic[M]):
    """One file: its data with templates and environment, and what became of it."""

    file: str
    sources: tuple[str, ...]
    marked: Marked
    judged: Judged[M]
    faults: tuple[SetupFault, ...]

    @property
    def model(self) -> M | None:
        """Only when nothing in the file is wrong."""
        return None if self.faults else self.judged.model

    @property
    def rest(self) -> M | None:
        """What can be looked at all the same."""
        return self.judged.rest

    @property
    def stem(self) -> str:
        return self.file.rpartition("/")[2].removesuffix(".yaml")

    def has(self, *keys: str) -> bool:
        """Whether none of these parts lost something to a fault."""
        return self.judged.cut.isdisjoint(keys)


@dataclass(frozen=True, slots=True)
class House:
    """`loose` are faults of files that are no sheet: templates nobody uses, maps; each with the file to blame."""

    company: Sheet[Company]
    partners: Mapping[str, Sheet[Partner]]
    texts: Mapping[str, str]
    around: Surroundings
    loose: tuple[tuple[str, SetupFault], ...] = ()
    identities: Mapping[tuple[str, tuple[str, str]], list[str]] = field(default_factory=dict)

    @property
    def us(self) -> Company | None:
        return self.company.rest

    @property
    def own_maps(self) -> list[str]:
        names = (file for file in self.texts if file.startswith(MAPS) and file.endswith(".yaml"))
        return [name.removeprefix(MAPS).removesuffix(".yaml") for name in names]

    def others_known_as(
        self, standard: str, identity: str, sheet: Sheet[Partner]
    ) -> Iterator[Sheet[Partner]]:
        """All other partners that have this identity."""
        for file in self.identities.get((standard, normal(identity)), ()):
            if file != sheet.file:
                yield self.partners[file]


def house_of(texts: Mapping[str, str], around: Surroundings) -> House:
    """Every file that is there, modelled, with its own faults."""
    company = company_sheet(texts, around)
    kind = partner_type(around.known_protocols)
    files = sorted(file for file in texts if file.startswith(PROFILES) and file.endswith(".yaml"))
    partners = {file: sheet_of(file, texts, kind, around.environment, "the profile") for file in files}
    used = {source for sheet in partners.values() for source in sheet.sources}
    loose = [*unused_templates(texts, used), *map_faults(texts, around)]
    return House(company, partners, texts, around, tuple(loose), identities_of(partners))


def identities_of(partners: Mapping[str, Sheet[Partner]]) -> dict[tuple[str, tuple[str, str]], list[str]]:
    """(standard, identity) -> the files that claim it, so that thousands of partners are compared at once.

    A login on one of our servers is claimed like an identity.
    """
    found: dict[tuple[str, tuple[str, str]], list[str]] = {}
    for file, sheet in partners.items():
        for kind, name, _ in sheet.rest.claims() if sheet.rest else ():
            files = found.setdefault((kind, normal(name)), [])
            if file not in files:
                files.append(file)
    return found


def company_sheet(texts: Mapping[str, str], around: Surroundings) -> Sheet[Company]:
    kind = company_type(around.known_protocols, around.connectors)
    if COMPANY not in texts:
        fault = SetupFault(
            Mark(COMPANY),
            "there is no company.yaml",
            "nothing says who we are",
            "`gateway init DIR` lays out a house with one",
        )
        nothing: Judged[Company] = Judged(None, None, frozenset(), ())
        return Sheet(COMPANY, (COMPANY,), parsed("", COMPANY), nothing, (fault,))
    return sheet_of(COMPANY, texts, kind, around.environment, "company.yaml")


def sheet_of(file: str, texts: Mapping[str, str], kind: type[M], environment: str, whole: str) -> Sheet[M]:
    """The file in this environment; every other environment it speaks of is checked as well."""
    layers = layered(file, texts)
    if layers.marked is None:
        nothing: Judged[M] = Judged(None, None, frozenset(), ())
        return Sheet(file, layers.sources, parsed("", file), nothing, layers.faults)
    names, faults = environments_of(layers.marked)
    marked = overlaid(layers.marked, environment).without("extends")
    judged = judge(kind, marked, whole)
    found = [*layers.faults, *faults, *judged.faults]
    for name in names:
        if name != environment:
            found += judge(kind, overlaid(layers.marked, name).without("extends"), whole).faults
    return Sheet(file, layers.sources, marked, judged, tuple(dict.fromkeys(found)))


def unused_templates(texts: Mapping[str, str], used: Collection[str]) -> Iterator[tuple[str, SetupFault]]:
    """A template nobody extends is at least YAML."""
    for file in texts:
        if file.startswith(TEMPLATES) and file.endswith(".yaml") and file not in used:
            yield from ((file, fault) for fault in layered(file, texts).faults)


def map_faults(texts: Mapping[str, str], around: Surroundings) -> Iterator[tuple[str, SetupFault]]:
    """What is wrong with partners' maps, each fault blamed on the map it was found in."""
    if around.judge_map is None:
        return
    for file in texts:
        if file.startswith(MAPS) and file.endswith(".yaml"):
            name = file.removeprefix(MAPS).removesuffix(".yaml")
            yield from ((file, fault) for fault in judged_map(name, texts, around.judge_map))


def judged_map(name: str, texts: Mapping[str, str], judge_map: JudgeMap) -> Sequence[SetupFault]:
    try:
        return judge_map(name, lambda wanted: map_text(texts, wanted))
    except SetupError as error:
        return error.faults or [SetupFault(Mark(f"{MAPS}{name}.yaml"), str(error), fix="correct the map")]
