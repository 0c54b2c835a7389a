"""A map, resolved: every place is a position of the guide, every value a pair of conversions. Frozen rows to walk.

Reading, writing, the load checks, the residue and the compiled reader all walk these rows and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.canonical import Part as CanonicalPart
from gateway.guides.model import Element, Groups, Pairs, Position, Seat, SegmentSpec
from gateway.maps.codecs import Codec
from gateway.maps.moments import Timing
from gateway.maps.values import Conversion


@dataclass(frozen=True, slots=True)
class Test:
    """The seat holds one of these codes, the first of which is written; without codes, anything but nothing."""

    seat: Seat
    codes: tuple[str, ...] = ()

    def passes(self, code: str) -> bool:
        return code in self.codes if self.codes else bool(code)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which segments of a position are meant: all tests pass, and none of `but` does (those others name).

    Of those that open a loop only the ones whose loop has a segment where `holding` leads from it, or none if that is
    `lacked`. `first` and `last` count the segments that are left, from 1.
    """

    tests: tuple[Test, ...] = ()
    but: tuple[tuple[Test, ...], ...] = ()
    first: int = 1
    last: int | None = None
    holding: tuple[Position, ...] = ()
    lacked: bool = False

    @property
    def counts(self) -> bool:
        return self.first > 1 or self.last is not None

    @property
    def any_code(self) -> bool:
        """`[*]`: some qualifier may be anything."""
        return any(not test.codes for test in self.tests)


@dataclass(frozen=True, slots=True)
class PairOf:
    """The value beside a qualifier: one of `codes`, the first is written; without codes, any but those in `but`."""

    pairs: Pairs
    codes: tuple[str, ...] = ()
    but: frozenset[str] = frozenset()

    def passes(self, code: str) -> bool:
        return code in self.codes if self.codes else bool(code) and code not in self.but


@dataclass(frozen=True, slots=True)
class Step:
    """Into a loop whose first segment the filter fits; `nested` from one level of a tree into those that lie in it."""

    loop: Position
    only: Filter = Filter()
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One position of the guide, seen from a scope: go `up` scopes, step into loops, take the segments that fit.

    With `own` the segment is the one that opened the last step's loop, or without steps the scope's own. `element` is
    where the value stands (0 for a scope), `last` the last element of `N301..02`, `component` and `last_component`
    likewise; `also` are a moment's further seats. A `pair` stands wherever its qualifier does; `qualified` are
    the seats beside it that must hold one of their codes (`TD503[2]`); those in `shared` are fields as well.
    """

    text: str
    position: Position
    own: bool = False
    up: int = 0
    steps: tuple[Step, ...] = ()
    only: Filter = Filter()
    element: int = 0
    last: int = 0
    component: int | None = None
    last_component: int | None = None
    also: tuple[Seat, ...] = ()
    pair: PairOf | None = None
    qualified: tuple[Test, ...] = ()
    shared: frozenset[Seat] = frozenset()
    repeats: bool = False

    @property
    def spec(self) -> SegmentSpec:
        if self.position.spec is None:
            raise TypeError(f"{self.text}: the position has no segment")
        return self.position.spec

    @property
    def lower(self) -> bool:
        """Whether it means levels of the tree in which the scope itself is one."""
        return self.own and bool(self.steps) and self.steps[0].nested and self.steps[-1].nested

    @property
    def any_code(self) -> bool:
        """Reads `[*]`: the qualifier is not said by the place."""
        filters = [step.only for step in self.steps] + [self.only]
        return any(one.any_code for one in filters) or (self.pair is not None and not self.pair.codes)

    @property
    def seat(self) -> Seat:
        """Where the value stands, of several the first."""
        return Seat(self.element, self.component)

    @property
    def seats(self) -> Iterator[Seat]:
        """The elements, or components, that it counts through."""
        for element in range(self.element, self.last + 1):
            for component in range(self.component or 0, (self.last_component or 0) + 1):
                yield Seat(element, component or None)

    @property
    def word_seat(self) -> Seat | None:
        """The seat that holds the word of a `[*]` place, None where the pairs do."""
        if self.pair is not None:
            return None
        filters = [self.only, *(step.only for step in self.steps[::-1])]
        return next(test.seat for one in filters for test in one.tests if not test.codes)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place and how a value is spelled there: the codecs, then the guide's type against the canonical type.

    `elements` are the guide's rows: one, or those of a moment, which has a `timing` and no `conversion`.
    """

    place: Place
    elements: tuple[Element, ...]
    conversion: Conversion | None
    codecs: tuple[Codec, ...] = ()
    timing: Timing | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What a binding's text says in one direction: the alternatives in order, and the value without any.

    `join` stands between the values of one text of several lines; `wrap` is the width such a text is written in.
    With `required` a valid document may be without it, and is then a fault all the same.
    """

    text: str
    spots: tuple[Spot, ...]
    default: Any = None
    join: str = "\n"
    wrap: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """One field, one value. `writing` is None for a binding marked as read only."""

    name: str
    reading: Source | None
    writing: Source | None
    required: bool = False

    @property
    def one_way(self) -> bool:
        return self.reading is not self.writing


@dataclass(frozen=True, slots=True)
class Values:
    """One field, all values: a list, or with `lines` one text of several lines."""

    name: str
    reading: Source | None
    writing: Source | None
    lines: bool = False
    required: bool = False

    @property
    def one_way(self) -> bool:
        return self.reading is not self.writing


@dataclass(frozen=True, slots=True)
class Words:
    """The rest of a mapping: every qualifier that no other binding names, its word by `codes`, and its value(s).

    `taken` are the words bound by themselves; a code of theirs that this binding meets keeps its raw form. Where the
    map names several places all of them are read; a new word goes to the first that has room.
    """

    spots: tuple[Spot, ...]
    codes: Codec
    taken: frozenset[str] = frozenset()
    many: bool = False
    name: str = "*"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A field that always reads as this value."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Part:
    """A canonical part, or a mapping, bound in the same scope as the block around it.

    `listed` where the field is a list, of which the scope has room for one.
    """

    name: str
    block: Block
    required: bool = False
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Instances:
    """`in:` (one) and `each:` (many): a scope of its own per segment, loop or group of elements the place finds.

    `instead` of those before it of the same name, where these find nothing.
    """

    name: str
    place: Place
    block: Block
    many: bool = False
    key: str | None = None
    groups: Groups | None = None
    required: bool = False
    instead: bool = False


Binding = Value | Values | Words | Fixed | Part | Instances


@dataclass(frozen=True, slots=True)
class Constant:
    """Written beside bound values of a segment that is created; `alone` creates its segment in a new document."""

    place: Place
    text: str
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """`count(lines)`, `sum(lines.quantity)`, `position`, `running`: what the document itself adds up to.

    `counted` is the place of `count(HL)`, which counts segments, or the levels of a tree however deep they lie.
    """

    spot: Spot
    function: str
    path: tuple[str, ...] = ()
    counted: Place | None = None

    @property
    def total(self) -> bool:
        """Whether there is one number for all slots."""
        return bool(self.path) or self.counted is not None


@dataclass(frozen=True, slots=True)
class Echo:
    """Where the object says nothing at the place `text`, `binding` writes what the document answered has at `path`.

    Reading does not know of it. A whole mapping is echoed `besides` the words that have an echo of their own.
    """

    text: str
    path: tuple[str, ...]
    binding: Value | Values | Words
    besides: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Block:
    """The bindings of one canonical part (`model`) or mapping (`model` None), in the map's order.

    A block may stand under itself (parts that contain themselves), so it is filled after it is made; compare by
    identity, and do not change it once the map is loaded.
    """

    model: type[CanonicalPart] | None
    bindings: tuple[Binding, ...] = ()
    constants: tuple[Constant, ...] = ()
    computed: tuple[Computed, ...] = ()
    echoes: tuple[Echo, ...] = ()
    unbound: frozenset[str] = field(default_factory=frozenset)
    needs: tuple[frozenset[int] | None, ...] | None = field(default=None, repr=False)
    """Kept by `ground.needs`."""
    filling: Any = field(default=None, repr=False)
    """Kept by `draft.filling`."""

    def flat(self) -> Iterator[Binding]:
        """The bindings of this scope, parts opened, mappings too; scopes below are not entered."""
        for binding in self.bindings:
            if isinstance(binding, Part):
                yield from binding.block.flat()
            else:
                yield binding
