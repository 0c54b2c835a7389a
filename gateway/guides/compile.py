"""A guide as a state machine of generated functions: the fast verdict, the same as the exact reader's.

A state is the stack of open loops; a step is (the position's function, the next state). States and functions come
into being when a document first needs them, so that a guide costs nothing until it is used. How a segment finds
its place is asked of `place.py`; what it may hold, of `generate.py`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from gateway.faults import rejecting
from gateway.formats.segment import Segment
from gateway.guides.check import check_segment
from gateway.guides.generate import Exceeded, Hook, NoHook, Source, function
from gateway.guides.model import UNBOUNDED, Guide, Position, SegmentSpec
from gateway.guides.place import Frame, Stack, enter, find, opening, parse, skipped

Accepts = Callable[[list[list[str]]], bool]
"""True if and only if `parse` finds no rejecting fault in these segments."""

Elements = list[str]
Slots = list[Any]
State = dict[Any, Any]
Step = tuple[Callable[[Elements, Slots], Any], State]

COUNTED_IN_STATES = 50
"""Segments with a larger maximum, and all loops that repeat, are counted in slots instead of states."""

KEPT = 128
STACK, END = 0, None
"""Keys of a state beside its tags, which are text: its stack, and whether the document may end here."""

_kept: OrderedDict[int, tuple[Guide, Accepts]] = OrderedDict()


class Rejected(Exception):
    """A segment has a fault that rejects."""


def compiled(guide: Guide) -> Accepts:
    """The guide's fast verdict. Made once per guide, in parts, as documents need them."""
    kept = _kept.get(id(guide))
    if kept is None:
        kept = _kept[id(guide)] = (guide, _accepts(guide))
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return kept[1]


def source(guide: Guide, hook: Hook | None = None) -> str:
    """Every function the guide would compile to, as Python a person can read."""
    return "\n\n".join(Machine(guide, hook).texts())


def by_tag(guide: Guide) -> bool:
    """Whether a tag alone says where a segment goes; only such guides become state machines."""
    return not any(place.constants for place in guide.root.walk())


def slotted(position: Position) -> bool:
    """Whether the position is counted while reading, for states would be too many."""
    least = 1 if position.is_loop else COUNTED_IN_STATES
    return least < position.max < UNBOUNDED


def exactly(spec: SegmentSpec) -> Callable[[Elements], None]:
    """The exact check of one segment, for what the generated code finds unusual."""

    def unusual(elements: Elements) -> None:
        if rejecting(check_segment(Segment(elements), spec)):
            raise Rejected

    return unusual


class Machine:
    """The states of one guide, with one hook's lines in its functions.

    `slots` is how many counters a document needs in front of its slots; a hook may use those behind them. Positions
    for which `counts` is true are counted by the hook.
    """

    def __init__(
        self,
        guide: Guide,
        hook: Hook | None = None,
        unusual: Callable[[SegmentSpec], Callable[[Elements], None]] = exactly,
        strict: bool = False,
        counts: Callable[[Position], bool] = lambda position: False,
    ) -> None:
        self.strict = strict
        self.counts = counts
        self.guide = guide
        self.hook = hook or NoHook()
        self.shared = hook is None
        self.unusual = unusual
        self.counter: dict[Position, int] = {}
        self.resets: dict[Position, tuple[int, int]] = {}
        self.slots = 0
        self._count(guide.root)
        self.states: dict[Stack, State] = {}
        self.functions: dict[Any, Callable[[Elements, Slots], Any]] = {}
        self.start = self._state(opening(guide))

    def walker(self) -> Callable[[list[Elements], Slots], bool]:
        """Walks a document: True at a good end, False where there is no step; raises what its functions raise."""
        start, grow = self.start, self.grow

        def walk(segments: list[Elements], slots: Slots) -> bool:
            state = start
            for elements in segments:
                try:
                    run, state = state[elements[0]]
                except KeyError:
                    step = grow(state, elements[0])
                    if step is None:
                        return False
                    run, state = step
                run(elements, slots)
            return bool(state[END])

        return walk

    def grow(self, state: State, tag: str) -> Step | None:
        """The step for a tag this state has not seen yet; None where it has none without a fault."""
        stack: Stack = state[STACK]
        found = find(stack, [tag])
        if found is None or skipped(stack, *found):
            return None
        child = stack[found[0]].loop.children[found[1]]
        following = self._state(self._normal(enter(stack, *found)))
        step = state[tag] = (self._function(child), following)
        return step

    def written(self, child: Position) -> tuple[str, Source]:
        """The name and source of the function for a segment, or for a loop's first one."""
        head = child.children[0] if child.is_loop else child
        if head.spec is None:
            raise ValueError(f"{head.path} has no segment")
        lines = Source()
        name = f"at_{head.path.replace('/', '_')}"
        lines.add(f"# {child.path}: {head.spec.name}")
        slot = self.counter.get(child)
        count = (slot, child.max) if slot is not None else None
        unusual = self.unusual(head.spec)
        reset = self.resets.get(child)
        function(head, head.spec, name, lines, unusual, self.hook, count, reset, self.strict)
        return name, lines

    def texts(self) -> Iterator[str]:
        """The source of every function there could be."""
        return (self.written(child)[1].text for child in _segments(self.guide.root))

    def _function(self, child: Position) -> Callable[[Elements, Slots], Any]:
        """Positions that only validate share one function per segment spec."""
        head = child.children[0] if child.is_loop else child
        alike = self.shared and child not in self.counter and child not in self.resets
        key: Any = id(head.spec) if alike else child
        if key not in self.functions:
            name, lines = self.written(child)
            names: dict[str, Any] = dict(lines.constants)
            exec(compile(lines.text, f"<guide {self.guide.id} {child.path}>", "exec"), names)  # noqa: S102
            self.functions[key] = names[name]
        return self.functions[key]

    def _state(self, stack: Stack) -> State:
        state = self.states.get(stack)
        if state is None:
            state = self.states[stack] = {STACK: stack, END: not skipped(stack, -1, 0)}
        return state

    def _normal(self, stack: Stack) -> Stack:
        """The stack without what slots count, or nobody needs to: so that states stay few."""
        return tuple(Frame(loop, cursor, self._times(loop, cursor, times)) for loop, cursor, times in stack)

    def _times(self, loop: Position, cursor: int, times: int) -> int:
        child = loop.children[cursor]
        return 1 if slotted(child) or child.max == UNBOUNDED else times

    def _count(self, loop: Position) -> None:
        """Gives slots to the children counted outside states, side by side, and so through all loops."""
        begin = self.slots
        for child in loop.children:
            if slotted(child) and not self.counts(child):
                self.counter[child] = self.slots
                self.slots += 1
        if self.slots > begin and loop.parent is not None:
            self.resets[loop] = (begin, self.slots)
        for child in loop.children:
            if child.is_loop:
                self._count(child)


def _accepts(guide: Guide) -> Accepts:
    def exact(segments: list[Elements]) -> bool:
        return not rejecting(parse(guide, map(Segment, segments))[1])

    if not by_tag(guide):
        return exact
    machine = Machine(guide)
    walk, slots = machine.walker(), machine.slots

    def accepts(segments: list[Elements]) -> bool:
        try:
            return walk(segments, [0] * slots)
        except Rejected:
            return False
        except Exceeded:
            return exact(segments)

    return accepts


def _segments(loop: Position) -> Iterator[Position]:
    """What has a function: every segment, and a loop for its first one."""
    for child in loop.children[1 if loop.parent else 0 :]:
        yield child
        yield from _segments(child)
