"""The guide's functions also sort and read: each bound segment is hung into the node of its open loop.

Where a map takes a segment for one part and nothing else, the part itself is made here, while its elements are at
hand, and hung in the segment's stead; a loop's first segment leaves its own values in the node's second slot.
"""

from __future__ import annotations

from gateway.guides.compile import slotted
from gateway.guides.generate import Exceeded, Source
from gateway.guides.model import Position, Seat
from gateway.maps.compile_blocks import Blocks, Function
from gateway.maps.compile_places import BLANKED
from gateway.maps.compile_plan import ahead, own
from gateway.maps.compile_values import SMALL, alike, read_spot
from gateway.maps.model import Block, Part, Value, Words


class Sorting:
    """The hook of a map's machine. `S` holds the open node of each depth, from `first` on."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.layout = blocks.layout
        self.first = 0
        self.reading: dict[Position, Own] = {}

    def counts(self, position: Position) -> bool:
        """What is sorted is counted where it is hung; the levels of a tree, which hang in many places, are not."""
        return position.tree is None and position in self.layout.slots

    def opens(self, position: Position, source: Source) -> None:
        self.reading.pop(position, None)
        block = self.blocks.ready.get(position) or self.blocks.heads.get(position)
        if block is None:
            return
        reading = self.reading[position] = Own(self.blocks, block, position, source)
        reading.begin()

    def element(self, position: Position, number: int, variable: str, test: str, source: Source) -> bool:
        reading = self.reading.get(position)
        return reading is not None and reading.takes(number, variable, test)

    def closes(self, position: Position, source: Source) -> None:
        reading = self.reading.get(position)
        if reading is None:
            if not _opens_level(position):
                source.add("return e")
            return
        reading.end()
        if position in self.blocks.heads:
            return
        with reading.nest():
            reading.open(f"if {reading.said(reading.block, 'd')}:")
            reading.finish(reading.block, "d")
            source.add(f"return {reading.made(reading.block, 'd')}")

    def lasts(self, position: Position) -> bool:
        """What a loop's first segment says by itself grows into the whole part: that is made for each document."""
        return position not in self.blocks.heads

    def hangs(self, position: Position, source: Source) -> bool:
        at, loop = len(source.lines), position.parent
        if loop is not None and loop.parent is not None and position.index == 0:
            self._open_loop(loop, position, source)
        elif position in self.blocks.ready:
            source.add("if v is None: return")
            self._hang(position, "v", source)
        else:
            self._hang(position, "v", source)
        return len(source.lines) > at

    def _open_loop(self, loop: Position, head: Position, source: Source) -> None:
        if loop not in self.layout.templates:
            return
        source.add(f"x = {source.constant(self.layout.templates[loop])}[:]")
        if loop.tree is not None:
            self._open_level(loop, head, source)
            return
        source.add("x[0] = e; x[1] = d" if head in self.blocks.heads else "x[0] = v")
        source.add(f"S[{self.first + head.depth}] = x")
        self._hang(loop, "x", source)

    def _open_level(self, loop: Position, head: Position, source: Source) -> None:
        """A level is hung into its parent, where the machine knows it."""
        source.add("x[0] = e; t.node = x")
        source.add(f"S[{self.first + head.depth}] = x")
        nested = self.layout.nested.get(loop)
        source.add("if t.parent is None:")
        source.depth += 1
        self._hang(loop, "x", source)
        source.depth -= 1
        if nested is not None:
            source.add(f"elif t.parent.node[{nested}] is None: t.parent.node[{nested}] = [x]")
            source.add(f"else: t.parent.node[{nested}].append(x)")

    def _hang(self, child: Position, what: str, source: Source) -> None:
        slot = self.layout.slots.get(child)
        if slot is None:
            return
        source.add(f"p = S[{self.first + child.depth}]")
        source.add(f"l = p[{slot}]")
        source.add(f"if l is None: p[{slot}] = [{what}]")
        if slotted(child) and child.tree is None:
            source.add(f"elif len(l) == {child.max}: raise {source.constant(Exceeded)}")
        source.add(f"else: l.append({what})")


def _opens_level(position: Position) -> bool:
    return position.index == 0 and position.parent is not None and position.parent.tree is not None


class Own(Function):
    """A segment's own bindings, read element by element as the machine comes to them."""

    def __init__(self, blocks: Blocks, block: Block, position: Position, source: Source) -> None:
        super().__init__(blocks, block, source)
        if position.spec is None:
            raise ValueError(f"{position.path} has no segment")
        self.spec = position.spec
        self.parts: list[tuple[Part, str, str]] = []
        self.singles: dict[int, list[tuple[Value, str]]] = {}
        self.pairs: dict[int, list[tuple[Seat, Seat, Words, str]]] = {}

    def begin(self) -> None:
        self.add(f"d = {self.fresh(self.block)}")
        self._plan(self.block, "d")

    def _plan(self, block: Block, d: str) -> None:
        for binding in block.bindings:
            if isinstance(binding, Value) and own(binding) and binding.reading:
                number = binding.reading.spots[0].place.element
                self.singles.setdefault(number, []).append((binding, d))
            elif isinstance(binding, Part) and ahead(binding):
                inner = self.new("d")
                self.add(f"{inner} = {self.fresh(binding.block)}")
                self._plan(binding.block, inner)
                self.parts.append((binding, d, inner))
            elif isinstance(binding, Words) and d != "d" and (pair := binding.spots[0].place.pair):
                for qualifier, value in pair.pairs.seats:
                    self.pairs.setdefault(value.element, []).append((qualifier, value, binding, d))

    def takes(self, number: int, variable: str, test: str) -> bool:
        """Writes what is bound to the element, whose value the variable holds."""
        found, pairs = self.singles.get(number, []), self.pairs.get(number, [])
        if len(found) == 1 and not pairs and self._at_once(*found[0], number, variable, test):
            return True
        if found or pairs:
            self.add(test)
        for binding, d in found:
            with self.nest():
                self._value(binding, d, variable)
        for qualifier, value, words, d in pairs:
            with self.nest():
                self._pair(qualifier, value, words, d, variable)
        return bool(found or pairs)

    def _at_once(self, binding: Value, d: str, number: int, variable: str, test: str) -> bool:
        """A code's word or a small number by one look-up: what is remembered has passed the test before."""
        known = self._remembered(binding, number, variable)
        if known is None:
            return False
        x, (memory, found) = self.new("x"), known
        self.add(f"{x} = {memory}.get({variable})")
        self.add(f"if {x} is None:")
        self.add(f"    {test}")
        self.add(f"    {x} = {found}")
        put = f"{d}[{self.const(binding.name)}] = {x}"
        self.add(f"if {x} is not None: {put}" if binding.reading and binding.reading.spots[0].codecs else put)
        return True

    def _remembered(self, binding: Value, number: int, variable: str) -> tuple[str, str] | None:
        """The memory of what this very element may hold, and what reads the rest; None for free text."""
        spot, element = binding.reading.spots[0] if binding.reading else None, self.spec.element(Seat(number))
        if spot is None or spot.place.also or element.type in BLANKED or self._inside(spot.place.seat):
            return None
        if spot.codecs and element.codes is not None:
            memory, found = self.memo((id(self.spec), number, alike(spot)), read_spot(spot))
            return memory, f"{found}({variable})"
        if (number_of := self.decimal(spot, variable)) and element.min <= 1 and element.max >= 3:
            return self.const(SMALL), number_of
        return None

    def _inside(self, seat: Seat) -> bool:
        """Whether the value is one component among others."""
        return seat.component is not None and self.layout.composites

    def _text(self, seat: Seat, variable: str) -> str:
        """The value without the blanks that fill up; where it may be empty, under an `if` that it is there."""
        blank = self.spec.element(seat).type in BLANKED
        if not blank and not self._inside(seat):
            return variable
        text = self.new("w")
        self.add(f"{text} = {self.inner(variable, seat.component)}" + (".rstrip(' ')" if blank else ""))
        self.open(f"if {text}:")
        return text

    def _value(self, binding: Value, d: str, variable: str) -> None:
        if binding.reading is None:
            return
        spot = binding.reading.spots[0]
        text = self._text(spot.place.seat, variable)
        if spot.place.also:
            texts = [text, *(self.beside(other, spot.place, "e") for other in spot.place.also)]
            moment = self.new("w")
            self.add(f"{moment} = ({', '.join(texts)},)")
            text = moment
        found, sure = self.read(spot, text, self.new("x"))
        put = f"{d}[{self.const(binding.name)}] = {found}"
        self.add(put if sure else f"if {found} is not None: {put}")

    def _pair(self, qualifier: Seat, value: Seat, words: Words, d: str, variable: str) -> None:
        pair = words.spots[0].place.pair
        q, word = f"v{qualifier.element}", self.new("c")
        if self._inside(qualifier):
            inner, q = self.inner(q, qualifier.component), self.new("q")
            self.add(f"{q} = {inner}")
        besides = f" and {q} not in {self.const(pair.but)}" if pair and pair.but else ""
        self.open(f"if {q}{besides}:")
        text = self._text(value, variable)
        self.look_up(self.word_memo(words), q, word)
        if not words.many:
            self.open(f"if {word} not in {d}:")
        found, sure = self.read(words.spots[0], text, self.new("x"))
        put = f"{d}.setdefault({word}, []).append({found})" if words.many else f"{d}[{word}] = {found}"
        self.add(put if sure else f"if {found} is not None: {put}")

    def end(self) -> None:
        """Makes the parts, the innermost first."""
        for binding, outer, inner in self.parts:
            with self.nest():
                self.open(f"if {self.said(binding.block, inner)}:")
                self.finish(binding.block, inner)
                self.add(f"{outer}[{self.const(binding.name)}] = {self.made(binding.block, inner)}")
