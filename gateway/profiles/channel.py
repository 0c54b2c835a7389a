"""A channel: how bytes travel, over exactly one protocol, whose settings its own module describes.

`channel_type` turns the table of protocols into the type of one channel: a union told apart by the protocol's key.
Whether a protocol takes `pull:` and `push:` beside its key, and what may stand there, is its row's word too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import ModuleType
from typing import Annotated, Any, ClassVar, Union

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, create_model

from gateway.profiles.file_names import PLAIN
from gateway.profiles.words import Elapsed, Hours, Model, Word, listed

SharedName = Annotated[str, Word("a channel of company.yaml", r"company\.[A-Za-z0-9][\w.-]*", "company.van")]

Ends = Mapping[str, tuple[str, PurePath | None]]


@dataclass(frozen=True, slots=True)
class Way:
    """A protocol's row: the model of its settings, and those of `pull:` and `push:` where it fetches or puts files."""

    settings: type[BaseModel]
    pull: type[BaseModel] | None = None
    push: type[BaseModel] | None = None


Ways = Mapping[str, Way]


def way_of(module: ModuleType) -> Way:
    """The row of a protocol's module: its `Settings`, and its `Pull` and `Push` as far as it has them."""
    return Way(module.Settings, getattr(module, "Pull", None), getattr(module, "Push", None))


class Channel(Model):
    """What all channels have. `protocol` is its key in the profile, `settings` what stands under it."""

    protocol: ClassVar[str] = ""
    retry: tuple[Elapsed, ...] | None = Field(default=None, description="waits between attempts to send")
    quiet: Annotated[
        tuple[Hours, ...], BeforeValidator(listed, json_schema_input_type=Hours | list[Hours])
    ] = Field(default=(), description="times of the week when nothing is sent or fetched")

    @property
    def settings(self) -> BaseModel:
        own: BaseModel = getattr(self, self.protocol)
        return own

    @property
    def shared(self) -> str | None:
        """The company's channel this one stands for, without `company.`"""
        return None

    @property
    def pulls(self) -> BaseModel | None:
        """What `pull:` says, where the protocol has it and the profile states it."""
        return getattr(self, "pull", None)

    @property
    def pushes(self) -> BaseModel | None:
        """What `push:` says, where the protocol has it and the profile states it."""
        return getattr(self, "push", None)

    @property
    def sends(self) -> bool:
        """Whether documents can leave over it: as its settings say, else where `push` is known and stated."""
        said = getattr(self.settings, "sends", None)
        if said is None:
            return self.pushes is not None or "push" not in type(self).model_fields
        return bool(said) or self.pushes is not None

    @property
    def receives(self) -> bool:
        """Whether documents can come by it: where `pull` is known, only if it is stated."""
        return self.pulls is not None or "pull" not in type(self).model_fields

    @property
    def file_name(self) -> str:
        """The pattern that names what is sent over it."""
        stated = getattr(self.pushes, "name", None) or getattr(self.settings, "named", None)
        return str(stated or PLAIN)

    @property
    def ends(self) -> Ends:
        """Where `pull:` and `push:` lead, where that is a folder of this machine: (its key, the folder if stated)."""
        found: Ends = getattr(self.settings, "ends", {})
        return found

    def grounds(self) -> Iterator[tuple[str, str, PurePath]]:
        """The folders of this machine that are used: (`pull` or `push`, the key that names it, the folder)."""
        for way, (key, folder) in self.ends.items():
            below = getattr(getattr(self, way, None), "from_" if way == "pull" else "to", None)
            if folder is not None and below is not None:
                yield way, key, PurePath(folder, below)


class SharedChannel(Channel):
    """A mailbox of company.yaml that several partners use: `van: company.van`."""

    protocol: ClassVar[str] = "mailbox"
    mailbox: SharedName

    @property
    def settings(self) -> BaseModel:
        return self

    @property
    def shared(self) -> str | None:
        return self.mailbox.removeprefix("company.")

    @property
    def sends(self) -> bool:
        return True

    @property
    def ends(self) -> Ends:
        return {}


def channel_type(ways: Ways) -> Any:
    """The type of one channel; each protocol of the table is one of its kinds."""
    kinds = {name: channel_kind(name, way) for name, way in ways.items()}
    return union_by_key({"mailbox": SharedChannel, **kinds}, short="mailbox")


def channel_kind(protocol: str, way: Way) -> type[Channel]:
    """Channel with this protocol's key, and with `pull` and `push` as its row describes them."""
    fields: dict[str, Any] = {protocol: (way.settings, ...)}
    for key, model in (("pull", way.pull), ("push", way.push)):
        if model is not None:
            fields[key] = (model | None, None)
    kind = create_model(f"{protocol}_channel", __base__=Channel, **fields)
    kind.protocol = protocol
    return kind


def union_by_key(kinds: Mapping[str, type[BaseModel]], short: str = "") -> Any:
    """One of several models, told apart by which key is there; text alone stands under `short`."""

    def told_by(value: Any) -> str:
        if not isinstance(value, dict):
            return "<none>"
        found = [key for key in kinds if key in value]
        return f"<{found[0]}>" if len(found) == 1 else "<none>"

    def widened(value: Any) -> Any:
        return {short: value} if short and isinstance(value, str) else value

    tagged = [Annotated[kind, Tag(f"<{key}>")] for key, kind in kinds.items()]
    union: Any = Annotated[Union[tuple(tagged)], Discriminator(told_by)]  # noqa: UP007  # known only at run time
    return Annotated[union, BeforeValidator(widened)]
