"""A small house for tests: a company, one good partner, and protocols of our own that only these tests know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

from pydantic import BaseModel, ConfigDict, Field, field_validator

from gateway import maps
from gateway.profiles import Secrets, Surroundings, Way
from gateway.profiles.authentication import Authentication
from gateway.profiles.load import settle
from gateway.profiles.snapshot import Loaded, Snapshot
from gateway.profiles.words import Elapsed, HostKey, Secret, Url


class Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pull(Plain):
    from_: str = Field(default=".", alias="from")
    match: str = "*"
    every: Elapsed | None = None
    ready: str = "stable"
    done: str = "delete"
    bad: str = "error"


class Push(Plain):
    to: str = "."
    name: str = "<document>_<control>.edi"


class Sftp(Plain):
    host: str
    port: int = Field(default=22, ge=1, le=65535)
    user: str
    key: Secret | None = None
    password: Secret | None = None
    host_key: HostKey

    @field_validator("host")
    @classmethod
    def one_word(cls, value: str) -> str:
        if " " in value:
            raise ValueError("is not a host; write its name or address")
        return value


class OurSftp(Plain):
    user: str
    keys: str | None = None
    password: Secret | None = None


class Files(Plain):
    to: str
    from_: str | None = Field(default=None, alias="from")

    @property
    def folders(self) -> dict[str, tuple[PurePath, bool]]:
        found = {"to": (PurePath(self.to), False)}
        return found if self.from_ is None else found | {"from": (PurePath(self.from_), True)}


class Rest(Plain):
    url: Url
    auth: Authentication = Authentication()


class Folder(Plain):
    in_: str | None = Field(default=None, alias="in")
    out: str | None = None

    @property
    def ends(self) -> dict[str, tuple[str, PurePath | None]]:
        return {"pull": ("in", folder(self.in_)), "push": ("out", folder(self.out))}


def folder(stated: str | None) -> PurePath | None:
    return None if stated is None else PurePath(stated)


PROTOCOLS = {"sftp": Way(Sftp, Pull, Push), "our_sftp": Way(OurSftp), "folder": Way(Folder, Pull, Push)}
CONNECTORS = {"files": Files, "rest": Rest}
MAPS = (
    "x12/004010/850",
    "x12/005010/850",
    "x12/004010/855",
    "x12/004010/856",
    "x12/004010/810",
    "x12/005010/810",
    "x12/004010/997",
    "edifact/D96A/ORDERS",
)
SECRETS = {
    "GATEWAY_SECRET_ACME_SFTP": "s3cr3t",
    "GATEWAY_SECRET_ERP_TOKEN": "t0k3n",
    "GATEWAY_SECRET_AS2_2026": "k",
}

AROUND = Surroundings(
    PROTOCOLS,
    CONNECTORS,
    MAPS,
    guide_of=maps.guide_name,
    samples=("acme",),
    secrets=Secrets(environment=SECRETS),
)

COMPANY = """\
company:
  main:
    name: Northwind Distribution
    identities: {x12: 12/8475551234}
  west:
    name: Northwind West
    identities: {x12: 12/8475551299}
systems:
  erp: {files: {to: var/erp}}
  wms: {files: {to: var/wms}, test: true}
routes: {PurchaseOrder: erp, "*": erp}
calendars:
  us: {timezone: America/Chicago}
contacts: {operations: ops@northwind.example}
channels:
  van:
    our_sftp: {user: van, keys: keys/van.pub}
"""

ACME = """\
partner: acme
stage: live
identities: {x12: 01/012345678}
channels:
  drop:
    sftp: {host: sftp.acme.example, user: hub, key: secret:acme/sftp, host_key: "SHA256:abcdefghijklmnopqrstuvwxyz"}
    pull: {from: /out}
    push: {to: /in}
receive:
  850: x12/004010/850
send:
  856: x12/004010/856
"""

GOOD = {
    "company.yaml": COMPANY,
    "profiles/acme.yaml": ACME,
    "keys/van.pub": "ssh-ed25519 AAAA van\n",
    "keys/bolt.pub": "ssh-ed25519 AAAA bolt\n",
}


def load(
    texts: Mapping[str, str | None],
    around: Surroundings = AROUND,
    previous: Snapshot | None = None,
    **more: object,
) -> Loaded:
    """The good house with some of its files changed, added, or (None) taken away."""
    changed = {**GOOD, **texts}
    files = {name: text for name, text in changed.items() if text is not None}
    around = replace(around, **more) if more else around
    return settle(files, [], around, previous.texts if previous else {})


def snapshot(texts: Mapping[str, str | None] | None = None, **more: object) -> Snapshot:
    """A house without a fault."""
    loaded = load(texts or {}, **more)
    assert loaded.sound, "\n".join(map(str, loaded.faults))
    assert loaded.snapshot is not None
    return loaded.snapshot
