"""Resolved blocks -> Python source: one function per block, from sorted segments to the canonical part.

It is the interpreter of `read.py`, unrolled: the same places, in the same order, with the same first match. Where the
interpreter would say anything at all, the function raises `Declined`. Codes and words are bound as constants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from gateway.guides.generate import Source
from gateway.guides.model import Groups
from gateway.maps.compile_objects import constructor, saying_nothing
from gateway.maps.compile_places import Unsupported, single
from gateway.maps.compile_plan import Plan, scalar
from gateway.maps.compile_totals import counting, totalling
from gateway.maps.compile_values import MEMO, Declined, Memos, Readings, alike, read_spot
from gateway.maps.model import (
    Binding,
    Block,
    Filter,
    Fixed,
    Instances,
    Part,
    Place,
    Value,
    Values,
    Words,
)

ROOT = "block_0"

Read = Callable[[list[Any]], Any]


class Blocks(Plan):
    """The functions so far and those still to write; a block that contains itself is written once."""

    def __init__(self, root: Block) -> None:
        super().__init__(root)
        self.source = Source()
        self.names: dict[int, str] = {}
        self.waiting: list[tuple[Block, str, str]] = []
        self.memos: Memos = {}
        self.known: dict[int, dict[Any, Any]] = {}
        self.name(root, "the document")

    def name(self, block: Block, title: str) -> str:
        if id(block) not in self.names:
            self.names[id(block)] = f"block_{len(self.names)}"
            self.waiting.append((block, self.names[id(block)], title))
        return self.names[id(block)]

    def write(self) -> Source:
        """The source of every block's function. Raises Unsupported."""
        while self.waiting:
            block, name, title = self.waiting.pop()
            Function(self, block).write(name, title)
        return self.source

    def run(self, name: str) -> Read:
        """The root's function, ready to call with the document's node: the object, or a dict to validate."""
        names: dict[str, Any] = dict(self.source.constants)
        exec(compile(self.source.text, name, "exec"), names)  # noqa: S102
        found: Callable[..., Any] = names[ROOT]
        return lambda node: found(node, None)

    def extras(self, block: Block, words: tuple[str, str]) -> str:
        """The arguments a block's function takes beside its node and segment."""
        up = f", {words[0]}" if self.outward else ""
        return up + (f", {words[1]}" if id(block) in self.groups else "")


class Function(Readings):
    """One block's function; `d` holds what was read so far."""

    def __init__(self, writing: Blocks, block: Block, source: Source | None = None) -> None:
        first = writing.groups.get(id(block))
        super().__init__(source or writing.source, writing.layout, first, writing.memos)
        self.writing = writing
        self.block = block
        self.declined = self.const(Declined)

    def write(self, name: str, title: str) -> None:
        root = name == ROOT
        self.add(f"# {title}")
        with self.nest():
            extras = self.writing.extras(self.block, ("up=None", "g"))
            self.open(f"def {name}(node, e{extras}):")
            if known := self.repeats():
                self.add("k = tuple(e)")
                self.add(f"o = {known}.get(k)")
                self.add("if o is not None: return o")
            ahead = self.writing.ahead.get(id(self.block))
            self.add(f"d = {self.fresh(self.block)}" if ahead is None else "d = node[1]")
            if not root:
                self.add("n = len(e)")
            rest = [one for one in self.block.bindings if ahead is None or not ahead(one)]
            self.bindings(rest, "d", fresh=ahead is None)
            if not root:
                self.add(f"if not ({self.said(self.block, 'd')}): return None")
            self.finish(self.block, "d")
            made = self.made(self.block, "d")
            if known:
                self.add(f"if len({known}) < {MEMO}: {known}[k] = {made}")
            self.add(f"return {made}")
        self.add("")

    def fresh(self, block: Block) -> str:
        """The dict that a part begins as, with every field; a mapping begins empty."""
        return f"{self.const(saying_nothing(block.model))}.copy()" if block.model else "{}"

    def said(self, block: Block, d: str) -> str:
        """Whether anything was read into the dict, as an expression."""
        return f"any({d}.values()) or {d} != {self.const(saying_nothing(block.model))}" if block.model else d

    def repeats(self) -> str | None:
        """The memory of parts made of one segment alone, and of nothing that could be changed.

        Terms, packing, carriers repeat from order to order; being frozen, one part serves for all.
        """
        if self.writing.outward or id(self.block) in self.writing.groups:
            return None
        memory = self.writing.known.setdefault(id(self.block), {})
        return self.const(memory) if self.block.model and scalar(self.block) else None

    def made(self, block: Block, d: str) -> str:
        """The name of the part made of the dict; a mapping is its dict."""
        if block.model is None:
            return d
        constructor(block.model, d, self.source)
        return "o"

    def bindings(self, bindings: Sequence[Binding], d: str, fresh: bool) -> None:
        first = bindings[0] if fresh and bindings else None
        for guard, together in groupby(bindings, self.guards):
            with self.nest():
                if guard:
                    self.open(f"if {guard}:")
                for binding in together:
                    self.sure = guard
                    with self.nest():
                        WRITERS[type(binding)](self, binding, d, binding is first)
        self.sure = ""

    def guards(self, binding: Binding) -> str:
        """What must be in the document for the binding to find anything; empty where that takes a closer look."""
        if isinstance(binding, Part | Fixed):
            return ""
        reading = [binding.reading] if isinstance(binding, Value | Values) else []
        places = [spot.place for source in reading if source for spot in source.spots]
        places += [binding.place] if isinstance(binding, Instances) else []
        places += [spot.place for spot in binding.spots] if isinstance(binding, Words) else []
        guards = [self.guard(place) for place in places]
        return "" if None in guards else " or ".join(dict.fromkeys(filter(None, guards)))

    def finish(self, block: Block, d: str) -> None:
        """Defaults and fixed values, then what the document says of itself."""
        for one in block.bindings:
            if isinstance(one, Fixed):
                self.add(f"{d}[{self.const(one.name)}] = {self.const(one.value)}")
            elif isinstance(one, Value) and one.reading is not None and one.reading.default is not None:
                name, default = self.const(one.name), self.const(one.reading.default)
                self.add(f"if {d}[{name}] is None: {d}[{name}] = {default}")
            elif _is_demanded(one):
                self.add(f"if {d}[{self.const(one.name)}] is None: raise {self.declined}")
        for constant in block.constants:
            with self.text(constant.place) as (text, _):
                self.add(f"if {text} != {self.const(constant.text)}: raise {self.declined}")
        for computed in block.computed:
            if not computed.total or computed.spot.place.also:
                raise Unsupported(computed.function)
            right = f"{self.const(totalling(computed))}({d})"
            with self.text(computed.spot.place) as (text, _):
                x = self.new("x")
                self.look_up(self.memo(alike(computed.spot), read_spot(computed.spot)), text, x)
                if computed.counted is not None:
                    right = self.counted(computed.counted)
                self.add(f"if {x} != {right}: raise {self.declined}")

    def counted(self, place: Place) -> str:
        """The name of how many segments there are at the place: of a tree, its levels, or what lies in them."""
        count, trees = (
            self.new("c"),
            [at for at, step in enumerate(place.steps) if step.loop.tree is not None],
        )
        self.add(f"{count} = 0")
        if not trees:
            with self.segments(place):
                self.add(f"{count} += 1")
            return count
        step, inner = place.steps[trees[-1]], place.steps[trees[-1] + 1 :]
        if (
            place.up
            or step.only.holding
            or any(only != Filter() for only in (place.only, *(one.only for one in inner)))
        ):
            raise Unsupported(place.text)
        with self.nest():
            node = "node"
            for before in place.steps[: trees[-1]]:
                node = self.enter(node, before)
            first, below = self.layout.entry(step), self.layout.entry(replace(step, nested=True))
            slots = [self.layout.entry(one) for one in inner]
            slots += [] if place.own else [self.layout.slot(place.position)]
            found = counting(step.only, below, slots)
            self.add(f"{count} += {self.const(found)}({node}[{first}])")
        return count

    # -- bindings

    def value(self, binding: Value, d: str, fresh: bool) -> None:
        """The first slot that has a value, alternative by alternative."""
        spots = binding.reading.spots if binding.reading else ()
        put = f"{d}[{self.const(binding.name)}]"
        x = self.new("x")
        if len(spots) == 1 and single(spots[0].place):
            with self.text(spots[0].place) as (text, _):
                found, sure = self.read(spots[0], text, x)
                self.add(f"{put} = {found}" if sure else f"if {found} is not None: {put} = {found}")
            return
        self.add(f"{x} = None")
        for spot in spots:
            with self.text(spot.place, x) as (text, _):
                found, _ = self.read(spot, text, x)
                self.add(f"{x} = {found}")
        self.add(f"if {x} is not None: {put} = {x}")

    def values(self, binding: Values, d: str, fresh: bool) -> None:
        """All slots of the first alternative that has any."""
        source = binding.reading
        if source is None:
            return
        found, some, x = self.new("l"), self.new("t"), self.new("x")
        self.add(f"{found} = []; {some} = 0")
        for number, spot in enumerate(source.spots, 1):
            with self.nest():
                if number > 1:
                    self.open(f"if {some} in (0, {number}):")
                with self.text(spot.place) as (text, _):
                    self.add(f"{some} = {number}")
                    value, sure = self.read(spot, text, x)
                    self.add(f"{'' if sure else f'if {value} is not None: '}{found}.append({value})")
        whole = f"{self.const(source.join)}.join({found})" if binding.lines else found
        self.add(f"if {found}: {d}[{self.const(binding.name)}] = {whole}")

    def words(self, binding: Words, d: str, fresh: bool) -> None:
        """Every qualifier nobody else names: its word, its value. Words bound before it keep theirs."""
        w, x, word = self.new("w") if not fresh else d, self.new("x"), self.new("c")
        memo = self.word_memo(binding)
        if not fresh:
            self.add(f"{w} = {{}}")
        for spot in binding.spots:
            with self.text(spot.place, coded=True) as (text, code):
                if spot.place.pair is None:
                    self.open(f"if {code}:")
                self.look_up(memo, code, word)
                if not binding.many:
                    self.open(f"if {word} not in {w}:")
                value, sure = self.read(spot, text, x)
                put = (
                    f"{w}.setdefault({word}, []).append({value})"
                    if binding.many
                    else f"{w}[{word}] = {value}"
                )
                self.add(put if sure else f"if {value} is not None: {put}")
        if not fresh:
            self.open(f"for {word} in {w}:")
            self.add(f"if {word} not in {d}: {d}[{word}] = {w}[{word}]")

    def part(self, binding: Part, d: str, fresh: bool) -> None:
        inner = self.new("d")
        self.add(f"{inner} = {self.fresh(binding.block)}")
        self.bindings(binding.block.bindings, inner, fresh=True)
        self.open(f"if {self.said(binding.block, inner)}:")
        self.finish(binding.block, inner)
        made = self.made(binding.block, inner)
        self.add(f"{d}[{self.const(binding.name)}] = {f'[{made}]' if binding.listed else made}")

    def instances(self, binding: Instances, d: str, fresh: bool) -> None:
        """`in:` is the first instance that says anything, `each:` every one that does."""
        groups, many = binding.groups, binding.many
        if binding.instead:
            self.open(f"if not {d}[{self.const(binding.name)}]:")
        if binding.place.position in self.writing.ready:
            whole = f"node[{self.layout.slot(binding.place.position)}]"
            self.add(f"{d}[{self.const(binding.name)}] = {whole}{'' if many else '[0]'}")
            return
        name = self.writing.name(binding.block, f"{binding.name}: {binding.place.text}")
        found, y, g = self.new("l"), self.new("y"), self.new("g")
        self.add(f"{found} = {'[]' if many else 'None'}")
        with self.segments(binding.place) as (owner, s):
            if not many:
                self.open(f"if {found} is None:")
            if groups is not None:
                self.each_group(groups, s, g)
            outer = ("up" if binding.place.lower else "(node, e, up)") if self.writing.outward else ""
            self.add(f"{y} = {name}({owner}, {s}{self.writing.extras(binding.block, (outer, g))})")
            self.add(f"if {y} is not None: {found}.append({y})" if many else f"{found} = {y}")
        self.add(f"if {found}: {d}[{self.const(binding.name)}] = {found}")

    def each_group(self, groups: Groups, s: str, g: str) -> None:
        """Opens a loop over the groups of elements that hold anything; `g` is how far each is off the first."""
        end = f"min({groups.count * groups.size}, len({s}) - {groups.first})"
        self.open(f"for {g} in range(0, {end}, {groups.size}):")
        rest = f" or any({s}[{groups.first + 1} + {g}:{groups.first + groups.size} + {g}])"
        self.open(f"if {s}[{groups.first} + {g}]{rest if groups.size > 1 else ''}:")


def _is_demanded(one: Binding) -> bool:
    """Whether the object needs it where the guide lets a document be without."""
    if isinstance(one, Part):
        return one.required
    return isinstance(one, Value) and one.reading is not None and one.reading.required


WRITERS: dict[type[Any], Callable[[Function, Any, str, bool], None]] = {
    Value: Function.value,
    Values: Function.values,
    Words: Function.words,
    Fixed: lambda function, binding, d, fresh: function.add("pass"),
    Part: Function.part,
    Instances: Function.instances,
}
