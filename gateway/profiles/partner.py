"""A partner, as `partners/profiles/NAME.yaml` says it: who they are, how bytes travel, what is exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BeforeValidator, Field, create_model

from gateway.profiles.channel import Channel, Way, Ways, channel_type
from gateway.profiles.company import Identified
from gateway.profiles.standing import (
    Acknowledge,
    Duplicates,
    Envelope,
    Incomplete,
    Names,
    OneDeadline,
    Standing,
    Validation,
)
from gateway.profiles.words import DocumentKey, MapName, Model, Name, Pattern, Text, Word

Incoming = Literal["hold", "note", "reject"]
Outgoing = Literal["hold", "note"]
D = TypeVar("D")
HOLD: Any = "hold"
Stage = Literal["draft", "testing", "live", "suspended"]
Template = Annotated[str, Word("a template", r"templates/[A-Za-z0-9][\w-]*", "templates/us-retailer")]
Batch = Annotated[
    str,
    Word(
        "when a batch leaves",
        r"each|run|[1-9]\d{0,5} ?[smhd]|(?:[01]\d|2[0-3]):[0-5]\d",
        'each or run or 15m or "17:00"',
    ),
]
Order = Annotated[str, Word("a field documents are kept in order by", r"[a-z]\w*(?:\.\w+)*", "number")]


class When(Model):
    """What an arrival must show for an entry to hold; `*` and `?` stand for what may vary."""

    version: Pattern | None = None
    association: Pattern | None = None
    group: Pattern | None = None
    file: Pattern | None = None
    topic: Pattern | None = None

    @property
    def stated(self) -> dict[str, str]:
        return {key: value for key, value in self if value is not None}


class Differs(Model, Generic[D]):
    """What becomes of a document that does not agree with the order it answers, or with itself."""

    order: D = Field(HOLD, description="it answers an order that is not known")
    quantity: D = Field(HOLD, description="it says more than its order, or other lines")
    total: D = Field(HOLD, description="its money does not add up")


class Entry(Model):
    """What is agreed about one document type, in either direction."""

    map: MapName
    over: Names = Field(default=(), description="the channels it travels over")
    as_: Name | None = Field(default=None, alias="as", description="which of us, where we are several")
    expect: dict[DocumentKey, OneDeadline] = Field(
        default_factory=dict, description="what must follow, until when"
    )
    validation: Validation | None = Field(default=None, alias="validate")


class Receive(Entry):
    """What they send us."""

    acknowledge: Acknowledge | None = None
    duplicates: Duplicates = Duplicates()
    incomplete: Incomplete | None = None
    order: Order | None = None
    differs: Differs[Incoming] = Differs[Incoming]()
    route: Name | None = Field(
        None, description="the system that takes it, where company.yaml's routes do not fit"
    )
    when: When = When()


class Send(Entry):
    """What we send them."""

    batch: Batch = Field(
        "each", description="one interchange for each, for what a system hands over together, or at a time"
    )
    envelope: Envelope = Envelope()
    differs: Differs[Outgoing] = Differs[Outgoing]()


def entry(value: Any) -> Any:
    return {"map": value} if isinstance(value, str) else value


OneReceive = Annotated[Receive, BeforeValidator(entry, json_schema_input_type=MapName | Receive)]
OneSend = Annotated[Send, BeforeValidator(entry, json_schema_input_type=MapName | Send)]


class Partner(Identified, Standing):
    """The whole of a profile, templates and environment applied. `name` is for people, `partner` is the key."""

    partner: Name
    name: Text | None = None
    stage: Stage = "testing"
    as_: Name | None = Field(default=None, alias="as")
    contacts: dict[Name, Text] = Field(default_factory=dict)
    accounts: dict[Name, Text] = Field(default_factory=dict, description="their number in our systems")
    channels: dict[Name, Channel] = Field(default_factory=dict)
    receive: dict[DocumentKey, OneReceive] = Field(default_factory=dict)
    send: dict[DocumentKey, OneSend] = Field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether anything travels at all: their channels are open while testing and live."""
        return self.stage in ("testing", "live")

    @property
    def title(self) -> str:
        return self.name or self.partner

    def claims(self) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
        """What only one partner can be known by: (standard or protocol, name, its place in the profile)."""
        for standard, identities in self.identities.items():
            for number, identity in enumerate(identities):
                yield standard, identity, ("identities", standard, number)
        for name, channel in self.channels.items():
            login = getattr(channel.settings, "user", None)
            if channel.protocol.startswith("our_") and login:
                yield channel.protocol, login, ("channels", name, channel.protocol, "user")

    def entries(self) -> Iterator[tuple[str, str, Entry]]:
        """All that is agreed: (`receive` or `send`, its key, the entry)."""
        yield from (("receive", key, entry) for key, entry in self.receive.items())
        yield from (("send", key, entry) for key, entry in self.send.items())

    def sending(self) -> dict[str, Channel]:
        """The channels documents can leave over."""
        return {name: channel for name, channel in self.channels.items() if channel.sends}


def partner_type(ways: Ways) -> type[Partner]:
    """Partner with the channels this table describes."""
    return _partner_type(tuple(sorted(ways.items())))


@lru_cache(maxsize=8)
def _partner_type(ways: tuple[tuple[str, Way], ...]) -> type[Partner]:
    channels: Any = dict[Name, channel_type(dict(ways))]  # type: ignore[misc]  # made at run time
    return create_model("Partner", __base__=Partner, channels=(channels, Field(default_factory=dict)))
