"""Where the fields of each record stand, and how records make documents and batches: all a reader must be told.

Files of records do not say what they are, as an ISA or a UNB does; so a layout comes with the guide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

SAIDS = ("sender", "receiver", "control", "date", "time", "test")
OPEN = 1 << 20
"""The last column of a field that has none."""


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a record's type is known: these columns, from 1, hold this text. Of a row `first` is the cell."""

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, and in a fixed record its columns, counted from 1.

    A field whose `last` is `OPEN` goes on to the record's end. `cell` is its number in a row that has no heading for
    it, from 1. `right` when it is filled up on the left, with `fill`. `whole` when a record may not end inside it.
    `packed` is binary: two digits a byte, the sign in the last half. Where it holds a text of `nothing`, it holds
    nothing. A `secret` one is shown to nobody. Where it is `signed` a last column of its own is
    the sign's, blank where there is none.
    """

    name: str
    first: int = 0
    last: int = 0
    heading: str = ""
    cell: int = 0
    right: bool = False
    fill: str = " "
    whole: bool = False
    packed: bool = False
    required: bool = False
    nothing: tuple[str, ...] = ()
    secret: bool = False
    signed: bool = False

    @property
    def width(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class RecordType:
    """One type of record. Without marks it is the type of whatever no other's marks fit.

    Where it is `first` it is the file's first record, whatever that holds. `by` are the elements, from 1, by which rows
    are one: a level of a row, not a row of its own.
    """

    tag: str
    fields: tuple[Field, ...]
    marks: tuple[Mark, ...] = ()
    by: tuple[int, ...] = ()
    first: bool = False

    @property
    def size(self) -> int:
        """The columns that its marks and fields have, without one that is open."""
        fields = (field.last for field in self.fields if field.last < OPEN)
        return max((*fields, *(mark.last for mark in self.marks)), default=0)

    @property
    def open(self) -> bool:
        return any(field.last == OPEN for field in self.fields)


@dataclass(frozen=True, slots=True)
class Said:
    """An element of a record of the envelope that says something of the batch; `as_` is the text that says yes.

    `write` makes its text of X12's, `20261128` or `0930`, raising ValueError.
    """

    tag: str
    element: int
    as_: str = ""
    write: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Total:
    """An element of an enveloping record that adds up the documents: how many records of a type, or the sum of a field.

    `summed` is the element of `of` that is added, 0 where records are counted. `read` makes the number of the text of
    a field, raising ValueError; `write` the text of the total.
    """

    tag: str
    element: int
    of: str
    summed: int = 0
    read: Callable[[str], Decimal] = Decimal
    read_total: Callable[[str], Decimal] = Decimal
    write: Callable[[Decimal], str] = str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What envelops the documents: records before and behind them, what they say, what they add up.

    `required` are those that must be there. What is not said is empty.
    """

    leading: tuple[str, ...] = ()
    trailing: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    sender: Said | None = None
    receiver: Said | None = None
    control: Said | None = None
    date: Said | None = None
    time: Said | None = None
    test: Said | None = None
    totals: tuple[Total, ...] = ()

    def told(self) -> Batch:
        """The same without what makes texts and numbers of each other."""
        saids = {name: getattr(self, name) for name in SAIDS}
        mute = {name: replace(one, write=str) for name, one in saids.items() if one is not None}
        return replace(self, totals=(), **mute)


@dataclass(frozen=True, eq=False)
class Layout:
    """One file's layout: `format` is `fixed` or `csv`, `name` its guide's.

    `head` is the record that begins a document, `inside` are all that stand in one. `length` is how many characters
    every record has, where that is fixed; without `lines` records follow one another with nothing between. Where one
    row holds several records, `levels` are their types, from the document's down.
    """

    format: str
    name: str
    records: tuple[RecordType, ...]
    head: str
    inside: frozenset[str]
    batch: Batch = field(default_factory=Batch)
    encoding: str = "utf-8"
    length: int | None = None
    lines: bool = True
    delimiter: str = ","
    header: bool = True
    levels: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """What it says of a file that was read may go to another process; how texts are made is not told there."""
        return _told, ({**vars(self), "batch": self.batch.told()},)

    @property
    def code(self) -> str:
        """What kind of document it is: the last part of the name."""
        return self.name.rpartition("/")[2]

    @cached_property
    def first(self) -> RecordType | None:
        """The type of the file's first record, where that is told by nothing else."""
        return next((record for record in self.records if record.first), None)

    @cached_property
    def types(self) -> dict[str, RecordType]:
        return {record.tag: record for record in self.records}


def _told(stated: dict[str, Any]) -> Layout:
    return Layout(**{name: value for name, value in stated.items() if name in Layout.__dataclass_fields__})
