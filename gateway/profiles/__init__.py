"""Who we are and who our partners are: YAML under partners/ -> one frozen snapshot, or every fault at once.

To add a key: one field in the model that has it (`company`, `partner`, `standing`), its use in `agreements`, a rule
in `check` if other files must agree, a row in the tests' table of broken profiles. To add a protocol or a connector:
nothing here; `app` hands in what their modules export (`way_of`), and a row of `foreseen` goes.
"""

from gateway.profiles.agreements import (
    Address,
    Agreement,
    DuplicatePolicy,
    address_of,
    channel_out,
    receiving,
    sending,
    system_for,
    withheld,
)
from gateway.profiles.calendars import leaves, until
from gateway.profiles.channel import Channel, Way, way_of
from gateway.profiles.company import Company
from gateway.profiles.house import Surroundings
from gateway.profiles.load import load, restore
from gateway.profiles.partner import Partner
from gateway.profiles.schema import schema
from gateway.profiles.secrets import Secrets
from gateway.profiles.senders import expects_tests, organisation_of, partners_on, sender_of
from gateway.profiles.snapshot import Loaded, Snapshot
from gateway.profiles.watch import watch

__all__ = [
    "Address",
    "Agreement",
    "Channel",
    "Company",
    "DuplicatePolicy",
    "Loaded",
    "Partner",
    "Secrets",
    "Snapshot",
    "Surroundings",
    "Way",
    "address_of",
    "channel_out",
    "expects_tests",
    "leaves",
    "load",
    "organisation_of",
    "partners_on",
    "receiving",
    "restore",
    "schema",
    "sender_of",
    "sending",
    "system_for",
    "until",
    "watch",
    "way_of",
    "withheld",
]
