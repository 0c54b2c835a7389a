"""Entries + guide + canonical model -> resolved blocks. All that cannot stand is found, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.canonical import Field, fields
from gateway.canonical import Part as CanonicalPart
from gateway.guides.model import Guide
from gateway.maps import expression
from gateway.maps.bind_own import Own
from gateway.maps.bind_values import Tables, is_part
from gateway.maps.codecs import Codes
from gateway.maps.entries import Entry, Text
from gateway.maps.exclusions import places_of, settle
from gateway.maps.model import (
    Binding,
    Block,
    Instances,
    Part,
    Place,
    Words,
)
from gateway.maps.places import Misfit
from gateway.maps.resolve import Ground, ground_of, resolve_scope
from gateway.marked_yaml import Path, close

ONE_WAY = {"read", "write"}


class Binder(Own):
    """Binds the blocks of one map. Faults go to the text, with their place."""

    def __init__(self, text: Text, guide: Guide, tables: Tables) -> None:
        super().__init__(text, guide, tables)
        self.blocks: dict[tuple[Any, ...], Block] = {}
        self.origins: dict[tuple[int, str], Path] = {}
        self.grounds: dict[int, Ground] = {}

    def root(self, model: type[CanonicalPart]) -> Block:
        """The document's block, with the map's constants and computed elements."""
        entry = self.text.entry(("fields",))
        if isinstance(entry.value, list):
            self.text.misfit(("fields",), _unbound("fields", entry.value))
        elif not isinstance(entry.value, dict):
            self.text.fault(("fields",), "the map binds nothing", fix="fields: {number: BEG03, ...}")
        document = {
            name: self.text.entry((name,)) for name in ("constants", "computed") if name in self.text.data
        }
        whole = Entry({**(entry.value if isinstance(entry.value, dict) else {}), **document}, entry.path)
        return self.scope(whole, model, Ground(self.guide.root))

    def scope(self, entry: Entry, model: type[CanonicalPart], ground: Ground) -> Block:
        """A block with a scope of its own: its `[*]` places mean what no other binding of the scope names.

        The same lines on the same ground are the same block, so that it may stand under itself: all levels of a tree
        are one ground. Elsewhere each scope has a block of its own.
        """
        known = (_lines_of(entry), model, ground)
        if known not in self.blocks:
            block = self.blocks[known] = Block(model)
            self.grounds[id(block)] = ground
            self.fill(block, self.text.used(entry), model, ground)
            settle(block)
            if ground.loop is None or ground.loop.tree is None:
                del self.blocks[known]
            return block
        return self.blocks[known]

    def fill(self, block: Block, entry: Entry, model: type[CanonicalPart], ground: Ground) -> None:
        """Binds every field of the entry into the block."""
        known = fields(model)
        found: list[Binding | None] = []
        for name, below in entry.fields():
            if name not in known:
                self.text.fault(
                    below.path, f"{model.__name__} has no field {name}", fix=close(name, known), key=True
                )
                continue
            self.origins[id(block), name] = below.path
            if isinstance(below.value, list):
                found += self.alternatives(name, known[name], below, ground)
            else:
                found.append(self.binding(name, known[name], below, ground))
        block.bindings = tuple(binding for binding in found if binding is not None)
        block.unbound = frozenset(known) - {binding.name for binding in block.bindings}
        block.constants = self.constants(entry.get("constants"), ground)
        block.computed = self.computed(entry.get("computed"), model, ground)

    def binding(self, name: str, field: Field, entry: Entry, ground: Ground) -> Binding | None:
        """One field's binding; None where it cannot stand, which is then a fault."""
        try:
            return self._binding(name, field, entry, ground)
        except Misfit as misfit:
            self.text.misfit(entry.path, misfit)
            return None

    def _binding(self, name: str, field: Field, entry: Entry, ground: Ground) -> Binding:
        if isinstance(entry.value, str):
            return self.simple(name, field, entry.value, ground)
        if not isinstance(entry.value, dict):
            raise _unbound(name, entry.value)
        if set(entry.value) <= ONE_WAY and entry.value:
            return self.one_way(name, field, entry, ground)
        if entry.get("in") or entry.get("each"):
            return self.instances(name, field, entry, ground)
        if field.holds in ("mapping", "mapping of lists"):
            return Part(name, self.mapping(field, entry, ground), field.required)
        repeats = Misfit(
            f"{name} is a list", fix=f"write each: and the segment that repeats, or {name}: PLACE"
        )
        if field.holds == "list" and not is_part(field):
            raise repeats
        if not is_part(field):
            raise Misfit(f"{name} is one value", fix=f"write {name}: PLACE")
        block = Block(field.type)
        self.fill(block, self.text.used(entry), field.type, ground)
        if field.holds == "list" and any(map(_repeats, _places_in(block))):
            raise repeats
        return Part(name, block, field.required, listed=field.holds == "list")

    # -- scopes

    def alternatives(self, name: str, field: Field, entry: Entry, ground: Ground) -> list[Binding | None]:
        """A list of `in:` or `each:`: the first of them that finds anything is read, the first is written."""
        if not entry.value or not all(
            isinstance(one.value, dict) and (one.get("in") or one.get("each")) for one in entry.value
        ):
            self.text.misfit(entry.path, _unbound(name, entry.value))
            return []
        first, *others = (self.binding(name, field, one, ground) for one in entry.value)
        return [first, *(replace(one, instead=True) for one in others if isinstance(one, Instances))]

    def instances(self, name: str, field: Field, entry: Entry, ground: Ground) -> Binding:
        many = entry.get("each") is not None
        where = entry.get("each") or entry.get("in")
        if many != (field.holds == "list") or not is_part(field):
            says = {"list": "a list", "one": "one part" if is_part(field) else "one value"}.get(
                field.holds, "a mapping"
            )
            raise Misfit(f"{name} is {says}", fix="each: makes a list of parts, in: makes one part")
        if where is None or not isinstance(where.value, str):
            raise Misfit(f"{name}: in: and each: name a segment", fix="each: PO1")
        place = resolve_scope(where.value, ground, self.guide)
        block = self.scope(entry, field.type, ground_of(place, ground))
        used = self.text.used(entry)
        key, bound = used.get("key"), [name for name, _ in used.fields()]
        if key is not None and key.value not in bound:
            self.text.fault(key.path, f"the key {key.value} is not bound", fix=close(key.value, bound))
        return Instances(
            name,
            place,
            block,
            many,
            key.value if key else None,
            place.spec.groups if many else None,
            field.required,
        )

    def mapping(self, field: Field, entry: Entry, ground: Ground) -> Block:
        """word -> value: words bound by themselves, and `"*"` for all others."""
        block = Block(None)
        held = replace(field, holds="list" if field.holds == "mapping of lists" else "one", required=False)
        words = dict(entry.fields())
        rest = words.pop("*", None)
        if "" in words:
            raise Misfit(f"{field.name}: a word is empty", fix="give it a name")
        found = [self.binding(word, held, below, ground) for word, below in words.items()]
        self.origins |= {(id(block), word): below.path for word, below in entry.fields()}
        if rest is not None:
            found.append(self.words(field, rest, frozenset(words), ground))
        block.bindings = tuple(binding for binding in found if binding is not None)
        return block

    def words(self, field: Field, entry: Entry, taken: frozenset[str], ground: Ground) -> Binding | None:
        """The `"*"` of a mapping: `REF[*] | codes(references)`."""
        try:
            return self._words(field, entry, taken, ground)
        except Misfit as misfit:
            self.text.misfit(entry.path, misfit)
            return None

    def _words(self, field: Field, entry: Entry, taken: frozenset[str], ground: Ground) -> Words:
        parsed = expression.parse(entry.value) if isinstance(entry.value, str) else None
        if not isinstance(parsed, expression.Expression) or parsed.default or parsed.required:
            raise Misfit('"*" takes a place with [*]', fix='"*": REF[*] | codes(references)')
        bare = replace(parsed, codecs=parsed.codecs[1:])
        table = self.codec(parsed.codecs[0]) if parsed.codecs else None
        if not isinstance(table, Codes):
            raise Misfit('"*" needs the table of its words', fix=f"{parsed.text} | codes({field.name})")
        used, plain = self.codecs(bare, None), replace(field, words=None)
        spots = tuple(self.spot(one, plain, used, ground) for one in bare.alternatives)
        if not all(spot.place.any_code for spot in spots):
            raise Misfit('"*" takes a place with [*]: all that no other binding names', fix="REF[*]")
        return Words(spots, table.without(taken), taken, field.holds == "mapping of lists")


def _lines_of(entry: Entry) -> Path:
    """Where the lines of a block stand: the part's, where the entry has none of its own."""
    use, own = entry.get("use"), set(entry.value) - {"in", "each", "use", "key"}
    return ("parts", str(use.value)) if use is not None and not own else entry.path


def _unbound(name: str, value: Any) -> Misfit:
    """Why what stands at a field binds nothing: it is nothing, or a list, which `- ` made of it."""
    value = _plain(value)
    if not isinstance(value, list):
        return Misfit(f"{name}: says nothing", fix="give it a place, or remove the line")
    what = f"{name}: a list stands here"
    why = "`- ` and [ ] make lists, and those hold only `each:` or `in:` that stand in for one another"
    keys = [f"`{key}: {below}`" for item in value if isinstance(item, dict) for key, below in item.items()]
    places = [item for item in value if isinstance(item, str)]
    if keys:
        return Misfit(what, why, f"leave the dash away: {keys[0]}")
    return Misfit(
        what, why, f"write {name}: {' or '.join(places) or 'PLACE'}, one place and what stands in for it"
    )


def _plain(value: Any) -> Any:
    """What was written, without the places of it."""
    if isinstance(value, Entry):
        return _plain(value.value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def _places_in(block: Block) -> Iterator[Place]:
    """The places of its bindings, parts opened."""
    return (place for binding in block.flat() for place in places_of(binding))


def _repeats(place: Place) -> bool:
    """Whether the guide lets there be several of it in the scope."""
    return any(step.loop.max > 1 for step in place.steps) or (not place.own and place.position.max > 1)
