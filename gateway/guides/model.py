"""A guide, loaded: what a document may look like, as frozen rows. No reading of documents happens here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from gateway.formats.records.layout import Layout
from gateway.guides.forms import Form

UNBOUNDED = 1 << 60


class Seat(NamedTuple):
    """Where one value stands in a segment: element, and component where that is a composite; None is all of it."""

    element: int
    component: int | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A row of the data element dictionary: `353, Transaction Set Purpose Code, ID, 2..2`.

    `type` is X12's: AN ID N0..N9 R DT TM B, and A for letters alone; EDIFACT's an and n are AN (ID where there are
    codes) and R. `marks` are what an R may have as decimal mark. `form` is how a record's field spells the type; TS is
    then a moment in one text, `202611280930`. `secret` values are shown to nobody. `codes` maps code to name, None
    where no list is declared; a code outside it is a note, unless `closed` (a partner's list), then a fault.
    """

    id: str
    name: str
    type: str
    min: int
    max: int
    codes: Mapping[str, str] | None = None
    closed: bool = False
    marks: str = "."
    form: Form | None = None
    secret: bool = False

    def plain(self, text: str) -> str:
        """The text as X12 spells the type. Raises ValueError with what was expected."""
        return self.form.read(text) if self.form is not None else text

    def formed(self, text: str) -> str:
        """X12's text as the element spells it."""
        return self.form.write(text) if self.form is not None else text


OWN_LISTS = ("", "6")
"""What 3055 says of a code of the standard's own list: nothing, or UN/ECE."""


@cache
def _bits(numbers: tuple[int, ...]) -> int:
    return sum(1 << number for number in numbers)


@dataclass(frozen=True, slots=True)
class Rule:
    """A relational condition: `kind` is P, R, E, C or L, `at` the element (or component) numbers it joins."""

    kind: str
    at: tuple[int, ...]

    def holds(self, present: int) -> bool:
        """Whether it holds for the elements that are there: bit n of `present` is element n."""
        joined = _bits(self.at)
        found, first = present & joined, present & (1 << self.at[0])
        if self.kind == "P":
            return found in (0, joined)
        if self.kind == "R":
            return found != 0
        if self.kind == "E":
            return found & (found - 1) == 0
        return not first or (found == joined if self.kind == "C" else found != first)

    def __str__(self) -> str:
        return self.kind + "".join(f"{number:02d}" for number in self.at)


@dataclass(frozen=True, slots=True)
class Composite:
    """Components under one element: `C001, Composite Unit of Measure`.

    `moment` are the components of a moment and of the code for how it is spelled (`C507`: 2380 by 2379). `agencies`
    maps a coded component to the one that says whose list its code is of, where that is said (3055).
    """

    id: str
    name: str
    components: tuple[Use, ...]
    rules: tuple[Rule, ...] = ()
    moment: tuple[int, int] | None = None
    agencies: Mapping[int, int] = field(default_factory=dict)

    def is_listed(self, component: int, parts: Sequence[str]) -> bool:
        """Whether the standard's own list is meant: no other agency's."""
        agency = self.agencies.get(component)
        return agency is None or agency > len(parts) or parts[agency - 1] in OWN_LISTS


@dataclass(frozen=True, slots=True)
class Use:
    """An element or composite at its position in a segment (or component in a composite)."""

    of: Element | Composite
    required: bool = False
    repeat: int = 1

    @property
    def name(self) -> str:
        return self.of.name


@dataclass(frozen=True, slots=True)
class Pairs:
    """Qualifier and value side by side: `PO1` has them from 6 (qualifier) and 7 (value), ten times.

    Where both stand in one composite, `components` are theirs: `PIA` has five from 2 on, qualifier 2, value 1.
    """

    qualifier: int
    value: int
    count: int
    step: int = 2
    components: tuple[int, int] | None = None

    @property
    def places(self) -> Iterator[tuple[int, int]]:
        """(qualifier's, value's) element number of each pair."""
        return ((self.qualifier + n * self.step, self.value + n * self.step) for n in range(self.count))

    @property
    def seats(self) -> Iterator[tuple[Seat, Seat]]:
        """(qualifier's, value's) seat of each pair."""
        code, inner = self.components or (None, None)
        return ((Seat(qualifier, code), Seat(value, inner)) for qualifier, value in self.places)


@dataclass(frozen=True, slots=True)
class Groups:
    """Elements that repeat as a block inside one segment: `SDQ` from 3 on, by 2, ten times."""

    first: int
    size: int
    count: int


@dataclass(frozen=True, slots=True)
class Tree:
    """How a segment says where its loop hangs: the elements of its number, its parent's, its level and child flag.

    `levels` says which levels may lie in which, where the guide does; of those in `closed` an agreement says it. Those
    in `top` need no parent.
    """

    id: int
    parent: int
    level: int | None = None
    children: int | None = None
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    top: frozenset[str] = frozenset()

    def holds(self, parent: str | None, level: str) -> bool:
        """Whether the level may lie in that one, or at the top; of one without a code nothing is known."""
        if not self.levels or not level or parent == "":
            return True
        return level in (self.top if parent is None else self.levels.get(parent, ()))

    @property
    def elements(self) -> tuple[int, ...]:
        """Those that say nothing but where the loop hangs: a writer fills them."""
        return tuple(at for at in (self.id, self.parent, self.children) if at)


HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class SegmentSpec:
    """What a segment may hold. `qualifier`, `value`, `qualified`, `pairs` give `REF[DP]` its meaning in a map.

    `uses[0]` is element 01. `component` is the value's in its composite, the first where it is None. `moment` are the
    element numbers of date, time, zone and century where the segment states a moment. `qualified` maps a seat to
    those that qualify it (`N104` by `N103`). `require` lists places a layer asks for (`PO1[UP]`). `qualifiers`
    are all of them where there are several (`MEA[PD,WD]`), `qualifier` the first; one that is a composite means its
    first component. `tree` is how loops that such segments open can hang in one another. `named` is a record's, whose
    elements go by name: `LIN.qty`.
    """

    tag: str
    name: str
    uses: tuple[Use, ...]
    rules: tuple[Rule, ...] = ()
    qualifier: int | None = None
    value: int | None = None
    component: int | None = None
    moment: tuple[int, ...] | None = None
    qualified: Mapping[Seat, tuple[Seat, ...]] = field(default_factory=dict)
    pairs: Pairs | None = None
    groups: Groups | None = None
    require: tuple[str, ...] = ()
    qualifiers: tuple[int, ...] = ()
    source: str | None = None
    tree: Tree | None = None
    named: bool = False

    def address(self, element: int) -> str:
        """`BEG03`, or `LIN.qty` where elements go by name."""
        label = self.label(element)
        return f"{self.tag}{element:02d}" if label is None else f"{self.tag}.{label}"

    def shown(self, element: int | None, text: str | None) -> str | None:
        """The element's text as people may see it: of a secret, that there is one."""
        of = self.uses[element - 1].of if element and element <= len(self.uses) else None
        return HIDDEN if text and isinstance(of, Element) and of.secret else text

    def label(self, element: int | None) -> str | None:
        """What the element is called where elements go by name."""
        return self.uses[element - 1].of.id if self.named and element and element <= len(self.uses) else None

    def seat(self, element: int) -> Seat:
        """The element's; of a composite that of its first component."""
        return Seat(element, 1 if isinstance(self.uses[element - 1].of, Composite) else None)

    def always(self, seat: Seat) -> bool:
        """Whether the segment, or the composite once it stands, is not complete without a value there."""
        use = self.uses[seat.element - 1]
        inner = (
            use.of.components[seat.component - 1] if isinstance(use.of, Composite) and seat.component else use
        )
        return inner.required

    def element(self, seat: Seat) -> Element:
        """The row of the element or component that stands there; a composite's is its first component's."""
        of = self.uses[seat.element - 1].of
        while isinstance(of, Composite):
            of = of.components[(seat.component or 1) - 1].of
        return of


@dataclass(slots=True, eq=False)
class Position:
    """One place in the guide's structure: a segment, or a loop whose first child is the segment that opens it.

    Compared by identity. `index` is its place among `parent.children`; `path` reads `PO1/PID`; the root has no tag.
    `behind` is what a layer's `allow` gave a loop: after the child at this index, these earlier ones may still come.
    The loops of a `tree` hang in one another, though they follow one another in the document.
    """

    tag: str
    required: bool
    max: int
    spec: SegmentSpec | None
    name: str | None = None
    area: str = "heading"
    constants: tuple[str, ...] = ()
    parent: Position | None = None
    index: int = 0
    children: tuple[Position, ...] = ()
    behind: dict[int, tuple[int, ...]] = field(default_factory=dict)
    tree: Tree | None = None

    @property
    def is_loop(self) -> bool:
        return bool(self.children)

    @property
    def numbered(self) -> tuple[int, ...]:
        """Of the segment that opens a tree's loop, the elements that say nothing but where it hangs."""
        tree = self.parent.tree if self.parent is not None and self.index == 0 else None
        return tree.elements if tree is not None else ()

    @property
    def path(self) -> str:
        """Loops down to this position, by their first segments; the root's is empty."""
        if self.parent is None:
            return ""
        parent = self.parent.path
        own = self.tag
        return f"{parent}/{own}" if parent else own

    @property
    def loop(self) -> str | None:
        """The path of the loop it stands in; None for the document's own segments."""
        return (self.parent.path or None) if self.parent is not None else None

    @property
    def depth(self) -> int:
        """Loops around this position; 0 for the root's own children."""
        return 0 if self.parent is None or self.parent.parent is None else self.parent.depth + 1

    def walk(self) -> Iterator[Position]:
        """This position and all below it, in the guide's order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Guide:
    """A transaction set's guide with its layers applied.

    `id` is `x12/004010/850`, `set` `850`, `version` `004010`, `group` the functional identifier code (`PO`). Of EDIFACT
    the set is the message type (`ORDERS`), the version its directory (`D96A`).
    `segments` are the specs the structure uses; `known` every tag the standard's segment table names.
    `deviations` count what a partner layer widened. `digest` identifies the text it was loaded from. `layout` is what a
    file of records is read by.
    """

    id: str
    name: str
    set: str
    version: str
    group: str
    root: Position
    segments: Mapping[str, SegmentSpec]
    known: frozenset[str]
    deviations: tuple[str, ...] = ()
    digest: str = ""
    layout: Layout | None = None

    @property
    def standard(self) -> str:
        """As identities and formats name it: `x12`, `edifact`, and of records `fixed` or `csv`."""
        return self.layout.format if self.layout is not None else self.id.partition("/")[0]

    @property
    def counters(self) -> bool:
        """Whether a tag may say which of its nested groups it begins, `LIN:1:2` (ISO 9735 before version 4)."""
        return self.standard == "edifact"

    @property
    def positional(self) -> bool:
        """Whether a segment means what its place in the message says, and nothing else (ISO 9735)."""
        return self.standard == "edifact"
