"""The envelope of what we write, whatever its syntax: who writes to whom and how, before anything is numbered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from gateway.formats.writing import SetWriter


@dataclass(frozen=True, slots=True)
class Numbers:
    """The control numbers of one interchange with one functional group, where its sets stand in one."""

    interchange: int
    group: int


class Kind(NamedTuple):
    """What sets are: the document's code, the code of groups that hold such, and the version."""

    set: str
    group: str
    version: str


@dataclass(frozen=True, slots=True)
class Envelope(ABC):
    """Who writes to whom, and how. Identities are `qualifier/id`; group identities default to the ids alone."""

    standard: ClassVar[str]
    extension: ClassVar[str] = "edi"
    """What the name of a file of it ends with, where nobody says otherwise."""

    sender: str
    receiver: str
    test: bool = False
    charset: str = "auto"
    line_end: str = ""
    group_sender: str = ""
    group_receiver: str = ""

    @classmethod
    @abstractmethod
    def like(cls, came: Any, group: Any, found: Any) -> Envelope:
        """The envelope that a set came in, for writing it once more."""

    @property
    def usage(self) -> str:
        return "T" if self.test else "P"

    @property
    @abstractmethod
    def writer(self) -> SetWriter: ...

    @property
    @abstractmethod
    def delimiters(self) -> Any:
        """The signs it is written with; `forbidden` are those that data cannot hold."""

    @property
    @abstractmethod
    def grouped(self) -> bool:
        """Whether its sets stand in a group."""

    @abstractmethod
    def control(self, number: int) -> str:
        """The interchange's control number as it is written."""

    @abstractmethod
    def interchange(self, numbers: Numbers, at: datetime, kind: Kind, sets: Sequence[bytes]) -> bytes:
        """One interchange of these sets, in one group where they stand in one."""

    @property
    def group_ends(self) -> tuple[str, str]:
        """Who writes to whom as a group says it."""
        ends = (self.group_sender, self.sender), (self.group_receiver, self.receiver)
        sender, receiver = (of_group or of_all.rpartition("/")[2] for of_group, of_all in ends)
        return sender, receiver
