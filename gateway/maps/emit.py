"""Resolved blocks -> Python source: one function per block, reading nodes of sorted segments into a plain dict.

It is the interpreter of `read.py`, unrolled: the same places, in the same order, with the same first match. Where the
interpreter would say anything at all, the function raises `Declined`. Names and codes are bound as constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.guides.generate import Source
from gateway.guides.model import Composite, Element, Position, SegmentSpec
from gateway.maps import compute, spelling
from gateway.maps.codecs import Codec
from gateway.maps.exclusions import places_of
from gateway.maps.model import (
    Block,
    Computed,
    Filter,
    Fixed,
    Instances,
    PairOf,
    Part,
    Place,
    Spot,
    Test,
    Value,
    Values,
    Words,
)

MEMO = 20_000
BLANKED = ("AN", "B")
"""Types whose values may end in blanks; the strict machine lets no other value do so."""


class Declined(Exception):
    """There is something to say about this document: the exact reader shall say it."""


class Unsupported(Exception):
    """The map uses what this compiler does not write; its documents are read by the interpreter."""


class Layout:
    """Which positions are bound, and the slot of each in the node of its loop. Slot 0 is the opening segment."""

    def __init__(self) -> None:
        self.slots: dict[Position, int] = {}
        self.templates: dict[Position, list[Any]] = {}

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


Read = Callable[[list[Any], list[str] | None, Any, int], dict[str, Any]]


def run(root: Block, layout: Layout, name: str) -> Read:
    """The root's function, ready to call: (node, segment, outer scope, shift) -> field values."""
    text = blocks(root, layout)
    names: dict[str, Any] = dict(text.constants)
    exec(compile(text.text, name, "exec"), names)  # noqa: S102
    found: Read = names[ROOT]
    return found


def blocks(root: Block, layout: Layout) -> Source:
    """The source of every block's function; the root's is `block_0`. Raises Unsupported."""
    writing = _Blocks(layout, root)
    writing.name(root, "the document")
    while writing.waiting:
        block, name, title = writing.waiting.pop()
        _Function(writing, block).write(name, title)
    return writing.source


class _Blocks:
    """The functions so far and those still to write; a block that contains itself is written once."""

    def __init__(self, layout: Layout, root: Block) -> None:
        self.layout = layout
        self.source = Source()
        self.names: dict[int, str] = {}
        self.shifts: dict[int, int] = {}
        self.waiting: list[tuple[Block, str, str]] = []
        self.memos: dict[Any, tuple[dict[Any, Any], Callable[[Any], Any]]] = {}
        self.outward = False
        self._look(root, set())

    def name(self, block: Block, title: str) -> str:
        if id(block) not in self.names:
            self.names[id(block)] = f"block_{len(self.names)}"
            self.waiting.append((block, self.names[id(block)], title))
        return self.names[id(block)]

    def grouped(self, block: Block, place: Place) -> bool:
        """Whether the element moves with the group of elements the block is read for."""
        return place.element >= self.shifts.get(id(block), place.element + 1)

    def _look(self, block: Block, seen: set[int]) -> None:
        """Finds out which blocks are read per group of elements, and whether any place looks outward."""
        if id(block) in seen:
            return
        seen.add(id(block))
        for binding in block.flat():
            self.outward = self.outward or any(place.up for place in places_of(binding))
            if isinstance(binding, Instances):
                if binding.groups is not None:
                    self.shifts[id(binding.block)] = binding.groups.first
                self._look(binding.block, seen)
        places = [one.place for one in block.constants] + [one.spot.place for one in block.computed]
        self.outward = self.outward or any(place.up for place in places)


def remembering(read: Callable[[Any], Any]) -> tuple[dict[Any, Any], Callable[[Any], Any]]:
    """(what was read before, how to read what was not): values of documents repeat."""
    memo: dict[Any, Any] = {}

    def found(text: Any) -> Any:
        value = read(text)
        if value is not None:
            if len(memo) >= MEMO:
                memo.clear()
            memo[text] = value
        return value

    return memo, found


def _read_spot(spot: Spot) -> Callable[[Any], Any]:
    """The interpreter's own reading of one spot; a code without a word is its to remark on."""

    def read(given: Any) -> Any:
        texts = given if isinstance(given, tuple) else (given,)
        value = spelling.read(spot, texts)
        if value is not None and not spelling.known(spot, texts):
            raise Declined
        return value

    return read


def _read_word(codec: Codec) -> Callable[[str], str]:
    def read(code: str) -> str:
        if not codec.knows(code):
            raise Declined
        return codec.read(code)

    return read


def _wrong_total(computed: Computed) -> Callable[[dict[str, Any], str], bool]:
    def wrong(values: dict[str, Any], text: str) -> bool:
        return bool(spelling.read(computed.spot, (text,)) != compute.total(computed, values))

    return wrong


class _Function:
    """One block's function: `e` is its own segment, `n` that segment's length, `d` what was read so far."""

    def __init__(self, writing: _Blocks, block: Block) -> None:
        self.writing = writing
        self.source = writing.source
        self.block = block
        self.count = 0
        self.declined = self.const(Declined)

    # -- words of the source

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

    # -- the function

    def write(self, name: str, title: str) -> None:
        self.add(f"# {title}")
        with self.nest():
            self.open(f"def {name}(node, e, up, g):")
            self.add("d = {}")
            self.add("n = len(e) if e else 0")
            self.bindings(self.block, "d")
            with self.nest():
                if name != ROOT and _ends(self.block):
                    self.open("if d:")
                self.finish(self.block, "d")
            self.add("return d")
        self.add("")

    def bindings(self, block: Block, d: str) -> None:
        for binding in block.bindings:
            WRITERS[type(binding)](self, binding, d)

    def finish(self, block: Block, d: str) -> None:
        """Defaults and fixed values, then what the document says of itself."""
        for one in block.bindings:
            if isinstance(one, Fixed):
                self.add(f"{d}[{self.const(one.name)}] = {self.const(one.value)}")
            elif isinstance(one, Value) and one.reading is not None and one.reading.default is not None:
                self.add(f"{d}.setdefault({self.const(one.name)}, {self.const(one.reading.default)})")
        for constant in block.constants:
            with self.text(constant.place) as (text, _):
                self.add(f"if {text} != {self.const(constant.text)}: raise {self.declined}")
        for computed in block.computed:
            if not computed.path or computed.spot.place.also:
                raise Unsupported(computed.function)
            wrong = self.const(_wrong_total(computed))
            with self.text(computed.spot.place) as (text, _):
                self.add(f"if {wrong}({d}, {text}): raise {self.declined}")

    # -- bindings

    def value(self, binding: Value, d: str) -> None:
        """The first slot that has a value, alternative by alternative."""
        spots = binding.reading.spots if binding.reading else ()
        x = self.new("x")
        if not (len(spots) == 1 and _single(spots[0].place)):
            self.add(f"{x} = None")
            for spot in spots:
                with self.nest():
                    self.open(f"if {x} is None:")
                    with self.text(spot.place, x) as (text, _):
                        self.read(spot, text, x)
            self.add(f"if {x} is not None: {d}[{self.const(binding.name)}] = {x}")
            return
        with self.text(spots[0].place) as (text, _):
            if self.read(spots[0], text, x):
                self.add(f"{d}[{self.const(binding.name)}] = {x}")
            else:
                self.add(f"if {x} is not None: {d}[{self.const(binding.name)}] = {x}")

    def values(self, binding: Values, d: str) -> None:
        """All slots of the first alternative that has any."""
        source = binding.reading
        if source is None:
            return
        found, some, x = self.new("l"), self.new("t"), self.new("x")
        self.add(f"{found} = []; {some} = 0")
        for number, spot in enumerate(source.spots, 1):
            with self.nest():
                self.open(f"if {some} in (0, {number}):")
                with self.text(spot.place) as (text, _):
                    self.add(f"{some} = {number}")
                    self.read(spot, text, x)
                    self.add(f"if {x} is not None: {found}.append({x})")
        whole = f"{self.const(source.join)}.join({found})" if binding.lines else found
        self.add(f"if {found}: {d}[{self.const(binding.name)}] = {whole}")

    def words(self, binding: Words, d: str) -> None:
        """Every qualifier nobody else names: its word, its value."""
        w, x, word = self.new("w"), self.new("x"), self.new("c")
        memo = self.memo(("word", binding.codes), _read_word(binding.codes))
        self.add(f"{w} = {{}}")
        with self.text(binding.spot.place, coded=True) as (text, code):
            self.open(f"if {code}:")
            self.look_up(memo, code, word)
            if not binding.many:
                self.open(f"if {word} not in {w}:")
            self.read(binding.spot, text, x)
            put = f"{w}.setdefault({word}, []).append({x})" if binding.many else f"{w}[{word}] = {x}"
            self.add(f"if {x} is not None: {put}")
        with self.nest():
            self.open(f"for {word} in {w}:")
            self.add(f"if {word} not in {d}: {d}[{word}] = {w}[{word}]")

    def part(self, binding: Part, d: str) -> None:
        inner = self.new("d")
        self.add(f"{inner} = {{}}")
        self.bindings(binding.block, inner)
        with self.nest():
            self.open(f"if {inner}:")
            self.finish(binding.block, inner)
            self.add(f"{d}[{self.const(binding.name)}] = {inner}")

    def instances(self, binding: Instances, d: str) -> None:
        """`in:` is the first instance that says anything, `each:` every one that does."""
        groups, many = binding.groups, binding.many
        name = self.writing.name(binding.block, f"{binding.name}: {binding.place.text}")
        found, y, g = self.new("l"), self.new("y"), self.new("g")
        self.add(f"{found} = {'[]' if many else 'None'}")
        with self.segments(binding.place) as (owner, s):
            if not many:
                self.open(f"if {found} is None:")
            if groups is not None:
                end = f"min({groups.count * groups.size}, len({s}) - {groups.first})"
                self.open(f"for {g} in range(0, {end}, {groups.size}):")
                self.open(f"if any({s}[{groups.first} + {g}:{groups.first + groups.size} + {g}]):")
            outer = "(node, e, up, g)" if self.writing.outward else "None"
            self.add(f"{y} = {name}({owner}, {s}, {outer}, {g if groups else 0})")
            self.add(f"if {y}: {found}.append({y})" if many else f"if {y}: {found} = {y}")
        self.add(f"if {found}: {d}[{self.const(binding.name)}] = {found}")

    # -- values

    def memo(self, key: Any, read: Callable[[Any], Any]) -> tuple[str, str]:
        """The names of a memory and of what fills it."""
        if key not in self.writing.memos:
            self.writing.memos[key] = remembering(read)
        memo, found = self.writing.memos[key]
        return self.const(memo), self.const(found)

    def look_up(self, memo: tuple[str, str], text: str, x: str) -> None:
        self.add(f"{x} = {memo[0]}.get({text})")
        self.add(f"if {x} is None: {x} = {memo[1]}({text})")

    def read(self, spot: Spot, text: str, x: str) -> bool:
        """`x` = the value of the text, None where the codecs leave nothing; True where they always leave some."""
        if spot.conversion is not None and not spot.codecs and spot.conversion.name.endswith(" str"):
            self.add(f"{x} = {text}")
            return True
        self.look_up(self.memo(_alike(spot), _read_spot(spot)), text, x)
        return not spot.codecs

    # -- places

    @contextmanager
    def text(self, place: Place, until: str | None = None, coded: bool = False) -> Iterator[tuple[str, str]]:
        """Inside, the text of a slot that is not empty, and with `coded` the qualifier a `[*]` place met there.

        `until` names a variable that holds a value once no more slots are wanted.
        """
        with self.segments(place) as (owner, s):
            if until is not None:
                self.open(f"if {until} is None:")
            if place.pair is not None:
                found = self._pairs(place, place.pair, s)
                if until is not None:
                    self.open(f"if {until} is None:")
                yield found
                return
            if place.qualified is not None:
                self.open(f"if {self.test(place.qualified, s, place.spec)}:")
            code = self._code(place, owner, s) if coded else ""
            shown = self._element(place, s)
            if until is not None and place.last > place.element:
                self.open(f"if {until} is None:")
            yield shown, code

    def _element(self, place: Place, s: str) -> str:
        """Opens what it takes to have the element's text in a variable, which it names."""
        if (place.component or 1) > 1:
            # A document with a second component declines before it comes here.
            self.open("if False:")
            return s
        v, at = self.new("v"), str(place.element)
        size = "n" if s == "e" else f"len({s})"
        if place.last > place.element:
            at = self.new("i")
            self.open(f"for {at} in range({place.element}, min({place.last + 1}, {size})):")
        elif place.own and not place.up and not place.steps and self.writing.grouped(self.block, place):
            at = f"{place.element} + g"
            self.open(f"if {size} > {at}:")
        elif place.element > least(place.spec):
            self.open(f"if {size} > {at}:")
        blanks = any(_leaf(place.spec, at).type in BLANKED for at in range(place.element, place.last + 1))
        self.add(f"{v} = {s}[{at}]" + (".rstrip(' ')" if blanks else ""))
        self.open(f"if {v}:")
        if place.also:
            texts = [v] + [self._beside(other, place, s) for other in place.also]
            self.add(f"{v} = ({', '.join(texts)},)")
        return v

    def _beside(self, element: int, place: Place, s: str) -> str:
        """A moment's time or zone, empty where the segment ends before it."""
        size = "n" if s == "e" else f"len({s})"
        at = f"{element} + g" if self.writing.grouped(self.block, place) and place.own else str(element)
        blanks = ".rstrip(' ')" if _leaf(place.spec, element).type in BLANKED else ""
        return f"({s}[{at}]{blanks} if {size} > {at} else '')"

    def _pairs(self, place: Place, pair: PairOf, s: str) -> tuple[str, str]:
        """Opens a loop over the pairs whose qualifier passes."""
        q, v, pairs = self.new("q"), self.new("v"), pair.pairs
        if any(_leaf(place.spec, at).type in BLANKED for at, _ in pairs.places):
            raise Unsupported(place.text)
        end = max(pairs.qualifier, pairs.value) + pairs.step * (pairs.count - 1) + 1
        slices = [f"{s}[{at}:{end}:{pairs.step}]" for at in (pairs.qualifier, pairs.value)]
        self.open(f"for {q}, {v} in zip({', '.join(slices)}):")
        if pair.codes:
            self.open(f"if {self.among(q, pair.codes)}:")
        else:
            self.open(f"if {q} and {q} not in {self.const(pair.but)}:" if pair.but else f"if {q}:")
        self.add(f"{v} = {v}.rstrip(' ')")
        self.open(f"if {v}:")
        return v, q

    def _code(self, place: Place, owner: str, s: str) -> str:
        """The qualifier a `[*]` place met: the segment's own, or that of the loop it stands in."""
        code, own = self.new("q"), place.own or place.only.any_code
        if not own:
            s = self.new("h")
            self.add(f"{s} = {owner}[0]")
        spec = place.spec if own or not place.steps else _head(place.steps[-1].loop)
        self.add(f"{code} = {self.element(place.word_element, s, spec)}")
        return code

    @contextmanager
    def segments(self, place: Place) -> Iterator[tuple[str, str]]:
        """Inside, the names of a node and of a segment in it, for every segment the place means."""
        with self.nest():
            node, own = "node", "e"
            for number in range(place.up):
                node, own = (
                    ("up[0]", "up[1]") if not number else (f"up{'[2]' * number}[0]", f"up{'[2]' * number}[1]")
                )
            if place.own and not place.steps:
                if place.only.counts or place.up > 1:
                    raise Unsupported(place.text)
                self.filter(place.only, own, place.spec)
                yield node, own
                return
            for step in place.steps:
                if place.up:
                    raise Unsupported(place.text)
                node = self._enter(node, step.loop, step.only)
            if place.own:
                s = self.new("s")
                self.add(f"{s} = {node}[0]")
                yield node, s
                return
            if place.up or (place.position.index == 0 and place.position.depth):
                raise Unsupported(place.text)
            s = self.new("s")
            self._all(f"{node}[{self.writing.layout.slot(place.position)}]", s)
            self._counted(place.only, s, s, place.spec)
            yield node, s

    def _enter(self, node: str, loop: Position, only: Filter) -> str:
        """Opens a loop over the nodes of a step."""
        inner, head = self.new("o"), self.new("h")
        self.writing.layout.template(loop)
        self._all(f"{node}[{self.writing.layout.slot(loop)}]", inner)
        if only.tests or only.but:
            self.add(f"{head} = {inner}[0]")
        self._counted(only, inner, head, _head(loop))
        return inner

    def _all(self, children: str, name: str) -> None:
        self.open(f"if {children}:")
        self.open(f"for {name} in {children}:")

    def _counted(self, only: Filter, item: str, segment: str, spec: SegmentSpec) -> None:
        if only.counts:
            raise Unsupported("by occurrence")
        self.filter(only, segment, spec)

    def filter(self, only: Filter, s: str, spec: SegmentSpec) -> None:
        """Opens an `if` for the tests, and none of the exclusions."""
        wanted = [self.test(test, s, spec) for test in only.tests]
        for tests in only.but:
            wanted.append(f"not ({' and '.join(self.test(test, s, spec) for test in tests)})")
        if wanted:
            self.open(f"if {' and '.join(wanted)}:")

    def test(self, test: Test, s: str, spec: SegmentSpec) -> str:
        text = self.element(test.element, s, spec)
        return self.among(text, test.codes) if test.codes else text

    def among(self, text: str, codes: tuple[str, ...]) -> str:
        return f"{text} == {self.const(codes[0])}" if len(codes) == 1 else f"{text} in {self.const(codes)}"

    def element(self, number: int, s: str, spec: SegmentSpec) -> str:
        """The element's text as an expression, in parentheses where it needs some."""
        blanks = ".rstrip(' ')" if _leaf(spec, number).type in BLANKED else ""
        if number <= least(spec):
            return f"{s}[{number}]{blanks}"
        return f"({s}[{number}]{blanks} if len({s}) > {number} else '')"


ROOT = "block_0"
WRITERS: dict[type[Any], Callable[[_Function, Any, str], None]] = {
    Value: _Function.value,
    Values: _Function.values,
    Words: _Function.words,
    Fixed: lambda function, binding, d: None,
    Part: _Function.part,
    Instances: _Function.instances,
}


def least(spec: SegmentSpec) -> int:
    """The last mandatory element: every good segment is at least that long."""
    return max((at for at, use in enumerate(spec.uses, 1) if use.required), default=0)


def _head(loop: Position) -> SegmentSpec:
    spec = loop.children[0].spec
    if spec is None:
        raise Unsupported(loop.path)
    return spec


def _leaf(spec: SegmentSpec, number: int) -> Element:
    of = spec.uses[number - 1].of
    while isinstance(of, Composite):
        of = of.components[0].of
    return of


def _single(place: Place) -> bool:
    """One slot at most, so that the first value is the only one."""
    return place.own and not place.steps and place.pair is None and place.last == place.element


def _ends(block: Block) -> bool:
    defaults = (one for one in block.bindings if isinstance(one, Value) and one.reading)
    fixed = any(isinstance(one, Fixed) for one in block.bindings)
    stated = any(one.reading.default is not None for one in defaults if one.reading)
    return bool(fixed or stated or block.constants or block.computed)


def _alike(spot: Spot) -> Any:
    """What two spots share when they read every text alike."""
    kinds = tuple((element.type, element.max) for element in spot.elements)
    return (spot.conversion and spot.conversion.name, spot.codecs, kinds)
