"""Ourselves, as `partners/company.yaml` says it: who we are, what stands behind us, what holds for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, Field, create_model

from gateway.profiles.channel import Channel, Way, Ways, channel_type, union_by_key
from gateway.profiles.standing import Standard, Standing
from gateway.profiles.words import (
    Day,
    FileRef,
    Hours,
    Identity,
    Model,
    Name,
    Secret,
    Text,
    Truth,
    Word,
    listed,
)

Identities = dict[
    Standard,
    Annotated[
        tuple[Identity, ...], BeforeValidator(listed, json_schema_input_type=Identity | list[Identity])
    ],
]
Zone = Annotated[str, Word("a time zone", r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*", "America/Chicago")]
DocumentClass = Annotated[str, Word("a business document", r"\*|[A-Z][A-Za-z]{1,63}", 'PurchaseOrder or "*"')]


FOLDER = "folder"
"""The protocol that looks into the folder a system writes to."""


class OwnCertificate(Model):
    """One of ours: the newest that has begun signs, every listed one still reads and verifies."""

    file: FileRef
    key: Secret
    from_: Day | None = Field(default=None, alias="from")


class Identified(Model):
    """Whoever has identities, by the standard they belong to."""

    identities: Identities = Field(default_factory=dict)

    def known_as(self, standard: str) -> tuple[str, ...]:
        """The identities in this standard, as they are written."""
        return next((known for name, known in self.identities.items() if name == standard), ())


class Organisation(Identified):
    """One of the parties we are."""

    name: Text
    certificates: tuple[OwnCertificate, ...] = ()


class Calendar(Model):
    timezone: Zone
    hours: Annotated[
        tuple[Hours, ...], BeforeValidator(listed, json_schema_input_type=Hours | list[Hours])
    ] = ("Mon-Fri 08:00-17:00",)
    holidays: tuple[Day, ...] = ()


class System(Model):
    """Something that stands behind us, reached by exactly one kind of connector."""

    connector: ClassVar[str] = ""
    test: Truth = Field(default=False, description="takes test documents, and never live ones")
    token: Annotated[
        tuple[Secret, ...], BeforeValidator(listed, json_schema_input_type=Secret | list[Secret])
    ] = Field(
        default=(), description="what it shows when it gives us documents; several while one replaces another"
    )

    @property
    def settings(self) -> BaseModel:
        own: BaseModel = getattr(self, self.connector)
        return own

    @property
    def pulls(self) -> BaseModel | None:
        """What `pull:` says, where the connector has a folder to look into and company.yaml states it."""
        return getattr(self, "pull", None)

    @property
    def folders(self) -> Mapping[str, tuple[PurePath, bool]]:
        """The folders of this machine that are used, by key, and whether we look into them."""
        found: Mapping[str, tuple[PurePath, bool]] = getattr(self.settings, "folders", {})
        return found


class Company(Model):
    """The whole of company.yaml. `organisations` is its `company:`; the first is the default."""

    organisations: dict[Name, Organisation] = Field(alias="company", min_length=1)
    systems: dict[Name, System] = Field(default_factory=dict)
    routes: dict[DocumentClass, Name] = Field(default_factory=dict)
    calendars: dict[Name, Calendar] = Field(default_factory=dict)
    defaults: Standing = Standing()
    channels: dict[Name, Channel] = Field(default_factory=dict)
    contacts: dict[Name, Text] = Field(default_factory=dict)

    def organisation(self, name: str | None = None) -> Organisation:
        """The one named, else the first."""
        return self.organisations[name] if name else next(iter(self.organisations.values()))

    def route(self, document_class: str) -> str | None:
        """The system that takes this kind of business document."""
        return self.routes.get(document_class) or self.routes.get("*")


def system_kind(connector: str, settings: type[BaseModel], pull: type[BaseModel] | None) -> type[System]:
    """System with this connector's key, and with `pull` where there is a folder it may speak of."""
    fields: dict[str, Any] = {connector: (settings, ...)}
    if pull is not None and "from_" in settings.model_fields:
        fields["pull"] = (pull | None, None)
    kind = create_model(f"{connector}_system", __base__=System, **fields)
    kind.connector = connector
    return kind


def company_type(ways: Ways, connectors: Mapping[str, type[BaseModel]]) -> type[Company]:
    """Company with the channels and systems these tables describe."""
    return _company_type(tuple(sorted(ways.items())), tuple(sorted(connectors.items())))


@lru_cache(maxsize=8)
def _company_type(
    ways: tuple[tuple[str, Way], ...], connectors: tuple[tuple[str, type[BaseModel]], ...]
) -> type[Company]:
    pull = way.pull if (way := dict(ways).get(FOLDER)) else None
    kinds = {name: system_kind(name, settings, pull) for name, settings in connectors}
    channels: Any = dict[Name, channel_type(dict(ways))]  # type: ignore[misc]  # made at run time
    systems: Any = dict[Name, union_by_key(kinds)]  # type: ignore[misc]
    return create_model(
        "Company",
        __base__=Company,
        channels=(channels, Field(default_factory=dict)),
        systems=(systems, Field(default_factory=dict)),
    )
