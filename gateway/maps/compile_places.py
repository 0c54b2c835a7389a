"""Where a place is, as Python source over nodes of sorted segments: `locate.py`, unrolled.

A node is a list: the segment that opened its loop, then a slot per bound child, None or a list of segments or nodes.
A level of a tree has a slot more for the levels that lie in it.
Segments are lists of elements that a strict machine has let pass: no repetitions, no notes, and where the map looks
at no second component, none of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.formats.segment import COMPONENT
from gateway.guides.generate import Source
from gateway.guides.model import Position, Seat, SegmentSpec
from gateway.maps.model import Filter, PairOf, Place, Step, Test

BLANKED = ("AN", "B")
"""Types whose values may end in blanks; the strict machine lets no other value do so."""


class Unsupported(Exception):
    """The map uses what this compiler does not write; its documents are read by the interpreter."""


class Layout:
    """Which positions are bound, and the slot of each in the node of its loop. Slot 0 is the opening segment.

    `composites`: some place looks at a second component, so elements are taken apart.
    """

    def __init__(self, composites: bool) -> None:
        self.composites = composites
        self.slots: dict[Position, int] = {}
        self.templates: dict[Position, list[Any]] = {}
        self.nested: dict[Position, int] = {}

    def template(self, loop: Position) -> list[Any]:
        """An empty node of the loop; nodes are copies of it."""
        if loop not in self.templates:
            self.templates[loop] = [None]
            if loop.parent is not None:
                self.slot(loop)
        return self.templates[loop]

    def slot(self, child: Position) -> int:
        if child not in self.slots:
            if child.parent is None:
                raise Unsupported(child.path)
            template = self.template(child.parent)
            self.slots[child] = len(template)
            template.append(None)
        return self.slots[child]

    def entry(self, step: Step) -> int:
        """The slot of what a step goes into, in the node it comes from."""
        if not step.nested:
            return self.slot(step.loop)
        if step.loop not in self.nested:
            template = self.template(step.loop)
            self.nested[step.loop] = len(template)
            template.append(None)
        return self.nested[step.loop]


def least(spec: SegmentSpec) -> int:
    """The last mandatory element: every good segment is at least that long."""
    return max((at for at, use in enumerate(spec.uses, 1) if use.required), default=0)


def component_of(text: str, number: int) -> str:
    """The component of that number, counted from 1; empty where there are not so many."""
    parts = text.split(COMPONENT)
    return parts[number - 1] if number <= len(parts) else ""


def holding(slots: list[int]) -> Callable[[list[Any]], bool]:
    """Whether a node has anything in those slots, one within the other."""
    first, rest = slots[0], slots[1:]
    if not rest:
        return lambda node: bool(node[first])
    inner = holding(rest)
    return lambda node: any(map(inner, node[first] or ()))


def single(place: Place) -> bool:
    """Whether there is one slot at most, so that the first value is the only one."""
    once = (place.own and not place.steps) or (not place.own and place.position.max == 1)
    steps = all(step.loop.max == 1 for step in place.steps)
    one = place.last == place.element and place.last_component == place.component
    return once and steps and place.pair is None and one


class Places:
    """Writes what it takes to come to a place, from the scope of `node` and its own segment `e` of length `n`."""

    def __init__(self, source: Source, layout: Layout, first_of_group: int | None) -> None:
        self.source = source
        self.layout = layout
        self.first_of_group = first_of_group
        self.sure = ""  # the slot that lines around are known to have found filled
        self.count = 0

    # -- lines

    def add(self, line: str) -> None:
        self.source.add(line)

    def open(self, line: str) -> None:
        """What follows stands under this line, until the nest around it ends."""
        self.add(line)
        self.source.depth += 1

    @contextmanager
    def nest(self) -> Iterator[None]:
        depth = self.source.depth
        yield
        self.source.depth = depth

    def new(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def const(self, value: Any) -> str:
        return self.source.constant(value)

    # -- slots

    @contextmanager
    def text(self, place: Place, until: str | None = None, coded: bool = False) -> Iterator[tuple[str, str]]:
        """Inside, the text of a slot that is not empty, and with `coded` the qualifier a `[*]` place met there.

        `until` names a variable that holds a value once no more slots are wanted.
        """
        with self.segments(place) as (owner, s):
            if place.pair is not None:
                found = self._pairs(place, place.pair, s)
            else:
                for test in place.qualified:
                    self.open(f"if {self.test(test, s, place.spec)}:")
                code = self._code(place, owner, s) if coded else ""
                found = self._element(place, s), code
            if until is not None:
                self.open(f"if {until} is None:")
            yield found

    def _element(self, place: Place, s: str) -> str:
        """Opens what it takes to have the slot's text in a variable, which it names."""
        v, at = self.new("v"), self._at(place.element, place)
        if place.last > place.element:
            at = self.new("i")
            self.open(f"for {at} in range({place.element}, min({place.last + 1}, {self._size(s)})):")
        elif self._shifts(place.element, place) or place.element > least(place.spec):
            self.open(f"if {self._size(s)} > {at}:")
        blanks = any(place.spec.element(seat).type in BLANKED for seat in place.seats)
        if (place.last_component or 0) > (place.component or 0):
            span = f"{(place.component or 1) - 1}:{place.last_component}"
            self.open(f"for {v} in {s}[{at}].split({COMPONENT!r})[{span}]:")
            self.add(f"{v} = {v}.rstrip(' ')" if blanks else "pass")
        else:
            self.add(
                f"{v} = {self.inner(f'{s}[{at}]', place.component)}" + (".rstrip(' ')" if blanks else "")
            )
        self.open(f"if {v}:")
        if place.also:
            texts = [v, *(self.beside(seat, place, s) for seat in place.also)]
            self.add(f"{v} = ({', '.join(texts)},)")
        return v

    def inner(self, text: str, component: int | None) -> str:
        """A component of an element's text, as an expression."""
        if component is None or not self.layout.composites:
            return text
        if component == 1:
            return f"{text}.partition({COMPONENT!r})[0]"
        return f"{self.const(component_of)}({text}, {component})"

    def beside(self, seat: Seat, place: Place, s: str) -> str:
        """A moment's time or zone, empty where the segment ends before it."""
        at = self._at(seat.element, place)
        text = f"{self.inner(f'{s}[{at}]', seat.component)}{_stripped(place.spec, seat)}"
        return text if seat.element == place.element else f"({text} if {self._size(s)} > {at} else '')"

    def _pairs(self, place: Place, pair: PairOf, s: str) -> tuple[str, str]:
        """Opens a loop over the pairs whose qualifier passes."""
        q, v, pairs = self.new("q"), self.new("v"), pair.pairs
        if any(place.spec.element(at).type in BLANKED for at, _ in pairs.seats):
            raise Unsupported(place.text)
        code, inner = pairs.components or (None, None)
        i, beyond = self.new("i"), pairs.qualifier + pairs.step * pairs.count
        self.open(f"for {i} in range({pairs.qualifier}, min({beyond}, {self._size(s)}), {pairs.step}):")
        self.add(f"{q} = {self.inner(f'{s}[{i}]', code)}")
        wanted = self.among(q, pair.codes) if pair.codes else q
        self.open(
            f"if {wanted} and {q} not in {self.const(pair.but)}:"
            if pair.but and not pair.codes
            else f"if {wanted}:"
        )
        away = pairs.value - pairs.qualifier
        inside = f" if {self._size(s)} > {i} + {away} else ''" if away > 0 else ""
        self.add(f"{v} = {self.inner(f'{s}[{i} + {away}]', inner)}.rstrip(' '){inside}")
        self.open(f"if {v}:")
        return v, q

    def _code(self, place: Place, owner: str, s: str) -> str:
        """The qualifier a `[*]` place met: the segment's own, or that of the loop it stands in."""
        code, own = self.new("q"), place.own or place.only.any_code
        if not own:
            s = self.new("h")
            self.add(f"{s} = {owner}[0]")
        spec = place.spec if own or not place.steps else _head(place.steps[-1].loop)
        if (seat := place.word_seat) is None:
            raise Unsupported(place.text)
        self.add(f"{code} = {self.element(seat, s, spec)}")
        return code

    # -- segments

    @contextmanager
    def segments(self, place: Place) -> Iterator[tuple[str, str]]:
        """Inside, the names of a node and of a segment in it, for every segment the place means."""
        filters = (place.only, *(step.only for step in place.steps))
        mixed = any(only.counts and (only.tests or only.but or only.holding) for only in filters)
        if mixed or (place.own and place.only.counts):
            raise Unsupported(place.text)
        with self.nest():
            if place.own and not place.steps:
                node, own = (
                    ("node", "e") if not place.up else (f"up{'[2]' * (place.up - 1)}[{i}]" for i in (0, 1))
                )
                self.filter(place.only, own, place.spec)
                yield node, own
                return
            if place.up:
                raise Unsupported(place.text)
            node = "node"
            for step in place.steps:
                node = self.enter(node, step)
            s = self.new("s")
            if place.own:
                self.add(f"{s} = {node}[0]")
            else:
                if (
                    place.position.parent is not None
                    and place.position.parent.parent
                    and not place.position.index
                ):
                    raise Unsupported(place.text)
                self._all(node, self.layout.slot(place.position), place.position, s, place.only)
                self.filter(place.only, s, place.spec)
            yield node, s

    def guard(self, place: Place) -> str | None:
        """An expression that is false where the document has nothing of the place; None where there is none."""
        if place.up or (place.own and not place.steps):
            return None
        at = self.layout.entry(place.steps[0]) if place.steps else self.layout.slot(place.position)
        return f"node[{at}]"

    def enter(self, node: str, step: Step) -> str:
        """Opens a loop over the nodes of a step."""
        inner, head = self.new("o"), self.new("h")
        self.layout.template(step.loop)
        self._all(node, self.layout.entry(step), step.loop, inner, step.only)
        if step.only.tests or step.only.but:
            self.add(f"{head} = {inner}[0]")
            self.filter(step.only, head, _head(step.loop))
        if step.only.holding:
            held = self.const(holding([self.layout.slot(one) for one in step.only.holding]))
            self.open(f"if {'not ' if step.only.lacked else ''}{held}({inner}):")
        return inner

    def _all(self, node: str, at: int, child: Position, name: str, only: Filter) -> None:
        """Opens a loop over the segments or nodes there; where there is one at most, it is named without a loop."""
        slot = f"{node}[{at}]"
        if slot != self.sure:
            self.open(f"if {slot}:")
        if only.counts:
            self.open(f"for {name} in {slot}[{only.first - 1}:{only.last or ''}]:")
        elif child.max == 1:
            self.add(f"{name} = {slot}[0]")
        else:
            self.open(f"for {name} in {slot}:")

    # -- conditions

    def filter(self, only: Filter, s: str, spec: SegmentSpec) -> None:
        """Opens an `if` for the tests, and none of the exclusions."""
        wanted = [self.test(test, s, spec) for test in only.tests]
        alone: dict[Seat, list[str]] = {}
        for tests in only.but:
            if len(tests) == 1 and tests[0].codes:
                alone.setdefault(tests[0].seat, []).extend(tests[0].codes)
            else:
                wanted.append(f"not ({' and '.join(self.test(test, s, spec) for test in tests)})")
        for seat, codes in alone.items():
            wanted.append(f"{self.element(seat, s, spec)} not in {self.const(frozenset(codes))}")
        if wanted:
            self.open(f"if {' and '.join(wanted)}:")

    def test(self, test: Test, s: str, spec: SegmentSpec) -> str:
        text = self.element(test.seat, s, spec)
        return self.among(text, test.codes) if test.codes else text

    def among(self, text: str, codes: tuple[str, ...]) -> str:
        return f"{text} == {self.const(codes[0])}" if len(codes) == 1 else f"{text} in {self.const(codes)}"

    def element(self, seat: Seat, s: str, spec: SegmentSpec) -> str:
        """The text there as an expression."""
        number = seat.element
        text = f"{self.inner(f'{s}[{number}]', seat.component)}{_stripped(spec, seat)}"
        return text if number <= least(spec) else f"({text} if {self._size(s)} > {number} else '')"

    def _size(self, s: str) -> str:
        return "n" if s == "e" else f"len({s})"

    def _at(self, number: int, place: Place) -> str:
        return f"{number} + g" if self._shifts(number, place) else str(number)

    def _shifts(self, number: int, place: Place) -> bool:
        """Whether the element moves with the group of elements the block is read for."""
        first = self.first_of_group
        own = place.own and not place.steps and not place.up
        return own and first is not None and place.element >= first


def _stripped(spec: SegmentSpec, seat: Seat) -> str:
    return ".rstrip(' ')" if spec.element(seat).type in BLANKED else ""


def _head(loop: Position) -> SegmentSpec:
    spec = loop.children[0].spec
    if spec is None:
        raise Unsupported(loop.path)
    return spec
