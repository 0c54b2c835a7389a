"""A guide as a state machine of generated functions: the fast verdict, the same as the exact reader's.

A state is the stack of open loops; a step is (the position's function, the next state). States and functions come
into being when a document first needs them, so that a guide costs nothing until it is used. How a segment finds
its place is asked of `place.py`; what it may hold, of `generate.py`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from gateway.faults import rejecting
from gateway.formats.segment import COMPONENT, Segment
from gateway.guides.check import check_segment
from gateway.guides.compile_levels import Follow, following
from gateway.guides.generate import Exceeded, Hook, NoHook, Source, function, hanging
from gateway.guides.model import UNBOUNDED, Guide, Position, SegmentSpec
from gateway.guides.place import Frame, Stack, enter, find, opening, parse, skipped


class Accepts(Protocol):
    """True if and only if `parse` finds no rejecting fault in these segments.

    They are lists of tag and elements, or texts still undivided, with what divides their elements.
    """

    def __call__(self, segments: Segments, element: str | None = None) -> bool: ...


Elements = list[str]
Segments = Sequence[Any]
Slots = list[Any]
State = dict[Any, Any]
Known = dict[Any, Any]
Check = Callable[..., Any]
Hang = Callable[[Any, Slots], Any]


class Step(NamedTuple):
    """What a segment goes through: `check` makes of it what is hung; what `lasts` may be hung again.

    Where it does not last, `check` is given the slots too, and hangs what it makes itself.
    """

    check: Check
    hang: Hang | None
    lasts: bool
    state: State


COUNTED_IN_STATES = 50
"""Segments with a larger maximum, and all loops that repeat, are counted in slots instead of states."""

KEPT = 128
STACK, STEPS, END = 0, 1, None
"""Keys of a state beside its tags, which are text: its stack, and whether the document may end here."""

SEPARATORS = 8
"""Element separators of which the segments are remembered; then that memory starts anew."""

MEMO = 2000
"""Segments remembered of each state at most; then that memory starts anew."""

_kept: OrderedDict[int, tuple[Guide, Accepts]] = OrderedDict()


class Rejected(Exception):
    """A segment has a fault that rejects, or no place."""


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
    return "\n\n".join(Machine(guide, hook, composites=hook is None).texts())


def by_tag(guide: Guide) -> bool:
    """Whether a tag alone says where a segment goes: it stands with the same constants everywhere, as `UNS[S]` does.

    Only such guides become state machines.
    """
    return all(len(found) == 1 for found in _constants(guide).values())


def _constants(guide: Guide) -> dict[str, set[tuple[str, ...]]]:
    """With which constants a tag stands in the guide."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for place in guide.root.walk():
        found.setdefault(place.tag, set()).add(place.constants)
    return found


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


def _exceed(elements: Elements) -> None:
    """An unusual level of a tree: the exact reader shall see it, for all that follow hang by it."""
    raise Exceeded


class Machine:
    """The states of one guide, with one hook's lines in its functions.

    `slots` is how many counters a document needs in front of its slots; a hook may use those behind them. Positions
    for which `counts` is true are counted by the hook. Only with `composites` is one of several components usual, so
    that a hook need not know how to take them apart. In the slots `trees` the levels of each tree are followed.
    """

    def __init__(
        self,
        guide: Guide,
        hook: Hook | None = None,
        unusual: Callable[[SegmentSpec], Callable[[Elements], None]] = exactly,
        strict: bool = False,
        counts: Callable[[Position], bool] = lambda position: False,
        composites: bool = False,
    ) -> None:
        self.strict = strict
        self.composites = composites
        self.constants = {tag: min(found) for tag, found in _constants(guide).items()}
        self.counts = counts
        self.guide = guide
        self.hook = hook or NoHook()
        self.shared = hook is None
        self.unusual = unusual
        self.counter: dict[Position, int] = {}
        self.resets: dict[Position, tuple[int, int]] = {}
        self.slots = 0
        self._count(guide.root)
        self.trees: list[int] = []
        self.follow: dict[Position, Follow] = {}
        for loop in guide.root.children:
            if loop.tree is not None:
                self.trees.append(self.slots)
                self.follow[loop] = following(loop.tree, self.slots)
                self.slots += 1
        self.states: dict[Stack, State] = {}
        self.functions: dict[Any, tuple[Check, Hang | None]] = {}
        self.readings: dict[str, Callable[[Segments, Slots], bool]] = {}
        self.start = self._state(opening(guide))

    def walker(self) -> Callable[[Segments, Slots, str | None], bool]:
        """Walks a document: whether it may end where it does. Raises Rejected where there is no step, and what its
        functions raise.
        """
        start, step_of, readings = self.start, self.step, self.readings

        def walk(segments: Segments, slots: Slots, element: str | None) -> bool:
            if element is not None:
                reading = readings.get(element) or self._reading(element)
                return reading(segments, slots)
            state = start
            for elements in segments:
                check, hang, lasts, then = state.get(elements[0]) or step_of(state, elements[0])
                if lasts:
                    value = check(elements)
                    if hang is not None:
                        hang(value, slots)
                else:
                    check(elements, slots)
                state = then
            return bool(state[END])

        return walk

    def _reading(self, element: str) -> Callable[[Segments, Slots], bool]:
        if len(self.readings) >= SEPARATORS:
            self.readings.clear()
        found = self.readings[element] = Remembered(self, element).walker()
        return found

    def step(self, state: State, tag: str) -> Step:
        """The step for a tag this state has not seen yet. One with counters is for the exact reader."""
        if COMPONENT in tag:
            raise Exceeded
        stack: Stack = state[STACK]
        found = find(stack, [tag, *self.constants.get(tag, ())])
        if found is None or skipped(stack, *found):
            raise Rejected
        child = stack[found[0]].loop.children[found[1]]
        then = self._state(self._normal(enter(stack, *found)))
        head = child.children[0] if child.is_loop else child
        step = state[tag] = Step(*self._functions(child), self._lasts(head), then)
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
        reset, follow = self.resets.get(child), self.follow.get(child)
        hang = partial(hanging, head, lines, self.hook, count, reset, follow)
        whole = None if self._lasts(head) else hang
        unusual = _exceed if follow else self.unusual(head.spec)
        function(head, head.spec, name, lines, unusual, self.hook, self.strict, whole, self.composites)
        lines.add("")
        if not whole:
            at = len(lines.lines)
            lines.add(f"def hang_{name[3:]}(v, S):")
            lines.depth += 1
            if not hang():
                del lines.lines[at:]
        return name, lines

    def texts(self) -> Iterator[str]:
        """The source of every function there could be."""
        return (self.written(child)[1].text for child in _segments(self.guide.root))

    def _functions(self, child: Position) -> tuple[Check, Hang | None]:
        """Positions that only validate share one function per segment spec."""
        head = child.children[0] if child.is_loop else child
        slots = (self.counter, self.resets, self.follow)
        alike = self.shared and not any(child in known for known in slots)
        key: Any = id(head.spec) if alike else child
        if key not in self.functions:
            name, lines = self.written(child)
            names: dict[str, Any] = dict(lines.constants)
            exec(compile(lines.text, f"<guide {self.guide.id} {child.path}>", "exec"), names)  # noqa: S102
            self.functions[key] = names[name], names.get(f"hang_{name[3:]}")
        return self.functions[key]

    def _lasts(self, head: Position) -> bool:
        """A level's number and parent are the document's own."""
        opens = head.index == 0 and head.parent in self.follow
        return not opens and self.hook.lasts(head)

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


class Remembered:
    """The states again, for texts divided by one separator: what is in them is looked at when it comes first.

    Of one partner's orders half the segments are the same as in the order before: its parties, terms, articles.
    A segment is remembered when it comes the second time, so that those that never come again cost little.
    """

    def __init__(self, machine: Machine, element: str) -> None:
        self.machine = machine
        self.element = element
        self.known: dict[int, Known] = {}
        self.once: set[str] = set()

    def walker(self) -> Callable[[Sequence[Any], Slots], bool]:
        start, element, step_of, notice = self._of(self.machine.start), self.element, self._step, self._notice

        def walk(texts: Sequence[str], slots: Slots) -> bool:
            known = start
            for text in texts:
                found = known.get(text)
                if found is not None:
                    hang, value, known = found
                    if hang is not None:
                        hang(value, slots)
                    continue
                elements = text.split(element)
                check, hang, lasts, following = known[STEPS].get(elements[0]) or step_of(known, elements[0])
                if lasts:
                    value = check(elements)
                    if hang is not None:
                        hang(value, slots)
                    notice(known, text, (hang, value, following))
                else:
                    check(elements, slots)
                known = following
            return bool(known[STACK][END])

        return walk

    def _of(self, state: State) -> Known:
        """The state's texts; under STACK stands the state, under STEPS its steps."""
        return self.known.setdefault(id(state), {STACK: state, STEPS: {}})

    def _step(self, known: Known, tag: str) -> tuple[Check, Hang | None, bool, Known]:
        state = known[STACK]
        check, hang, lasts, following = state.get(tag) or self.machine.step(state, tag)
        found = known[STEPS][tag] = (check, hang, lasts, self._of(following))
        return found

    def _notice(self, known: Known, text: str, found: tuple[Hang | None, Any, Known]) -> None:
        """Remembers a segment that comes the second time."""
        if text in self.once:
            if len(known) >= MEMO:
                kept = {key: known[key] for key in (STACK, STEPS)}
                known.clear()
                known.update(kept)
            known[text] = found
        else:
            if len(self.once) >= MEMO:
                self.once.clear()
            self.once.add(text)


def _accepts(guide: Guide) -> Accepts:
    def exact(segments: Segments, element: str | None = None) -> bool:
        divided = segments if element is None else (text.split(element) for text in segments)
        return not rejecting(parse(guide, map(Segment, divided))[1])

    if not by_tag(guide):
        return exact
    machine = Machine(guide, composites=True)
    walk, slots = machine.walker(), machine.slots

    def accepts(segments: Segments, element: str | None = None) -> bool:
        try:
            return walk(segments, [0] * slots, element)
        except Rejected:
            return False
        except Exceeded:
            return exact(segments, element)

    return accepts


def _segments(loop: Position) -> Iterator[Position]:
    """What has a function: every segment, and a loop for its first one."""
    for child in loop.children[1 if loop.parent else 0 :]:
        yield child
        yield from _segments(child)
