"""Everything that was declared at one moment, frozen: company, partners, and the text of every file they came from.

The digest identifies the texts, so the ledger stores each snapshot once and any node can build it again from there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.errors import SetupError, SetupFault
from gateway.profiles.company import Company
from gateway.profiles.partner import Partner
from gateway.profiles.secrets import PREFIX, Secrets

COMPANY = "company.yaml"
PROFILES = "profiles/"
TEMPLATES = "templates/"
MAPS = "maps/"
TABLES = "tables/"
GUIDES = "guides/"


def map_text(texts: Mapping[str, str], name: str) -> str | None:
    """`acme/850` is `maps/acme/850.yaml`; a table is asked for as the file it is, `tables/acme.csv`.

    `guides/acme/orders` is a guide of the partner's own, `guides/acme/orders.yaml`.
    """
    if name.startswith(GUIDES):
        return texts.get(f"{name}.yaml")
    return texts.get(name if name.startswith(TABLES) else f"{MAPS}{name}.yaml")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`texts` are all files under partners/ by their path there (`profiles/acme.yaml`, `maps/acme/850.yaml`)."""

    company: Company
    partners: Mapping[str, Partner]
    texts: Mapping[str, str]
    environment: str
    digest: str

    @property
    def test(self) -> bool:
        """Whether all of this is a rehearsal: any environment that is not production."""
        return self.environment not in ("", "production")

    def map_text(self, name: str) -> str | None:
        """The text of a partner's map, or of a table its maps look into; see `map_text`."""
        return map_text(self.texts, name)

    def resolve(self, reference: str, secrets: Secrets) -> str:
        """What a reference of a profile leads to: a secret, or the text of a file under partners/."""
        if reference.startswith(PREFIX):
            return secrets.resolve(reference)
        if reference not in self.texts:
            raise SetupError(f"resolving {reference}: there is no such file under partners/")
        return self.texts[reference]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading gave. `snapshot` is None only when there is no company to speak for; `faults` are in file order.

    `kept` names the partners that go on in the version of the last good snapshot.
    """

    snapshot: Snapshot | None
    faults: tuple[SetupFault, ...]
    kept: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Nothing but warnings."""
        return all(fault.warning for fault in self.faults)


def digest_of(texts: Mapping[str, str], environment: str) -> str:
    told = json.dumps({"environment": environment, "files": dict(texts)}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


def snapshot_of(
    company: Company, partners: Mapping[str, Partner], texts: Mapping[str, str], environment: str
) -> Snapshot:
    ordered = MappingProxyType({name: partners[name] for name in sorted(partners)})
    return Snapshot(
        company, ordered, MappingProxyType(dict(texts)), environment, digest_of(texts, environment)
    )
