"""Entries + guide + canonical model -> resolved blocks. All that cannot stand is found, each with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.canonical import Field, Moment, fields
from gateway.canonical import Part as CanonicalPart
from gateway.guides.model import Guide
from gateway.maps import codecs, expression
from gateway.maps.codecs import Codec, Codes, Join, Wrap
from gateway.maps.entries import Entry, Text
from gateway.maps.exclusions import settle
from gateway.maps.model import (
    Binding,
    Block,
    Computed,
    Constant,
    Fixed,
    Instances,
    Part,
    Place,
    Source,
    Spot,
    Value,
    Values,
    Words,
)
from gateway.maps.places import Misfit
from gateway.maps.resolve import Ground, element_of, ground_of, resolve, resolve_scope
from gateway.maps.values import conversion, fitting
from gateway.marked_yaml import Path, close

ONE_WAY = {"read", "write"}
FUNCTION = re.compile(r"(?P<name>count|sum|position|running)(?:\((?P<path>[a-z_.]+)\))?")
COUNT = re.compile(r"count\((?P<place>[A-Z].*)\)")


@dataclass(frozen=True, slots=True)
class Tables:
    """What codecs look things up in: `codes:` of the map over its standard's, and the partner's cross references."""

    standard: str
    codes: Mapping[str, Codes]
    lookups: Mapping[str, Codec]


class Binder:
    """Binds the blocks of one map. Faults go to the text, with their place."""

    def __init__(self, text: Text, guide: Guide, tables: Tables) -> None:
        self.text = text
        self.guide = guide
        self.tables = tables
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
        if field.holds == "list":
            raise Misfit(
                f"{name} is a list", fix=f"write each: and the segment that repeats, or {name}: PLACE"
            )
        if not _is_part(field):
            raise Misfit(f"{name} is one value", fix=f"write {name}: PLACE")
        block = Block(field.type)
        self.fill(block, self.text.used(entry), field.type, ground)
        return Part(name, block, field.required)

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
        if many != (field.holds == "list") or not _is_part(field):
            says = {"list": "a list", "one": "one part" if _is_part(field) else "one value"}.get(
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
        if not isinstance(parsed, expression.Expression) or len(parsed.alternatives) != 1 or parsed.default:
            raise Misfit('"*" takes one place with [*]', fix='"*": REF[*] | codes(references)')
        bare = replace(parsed, codecs=parsed.codecs[1:])
        table = self.codec(parsed.codecs[0]) if parsed.codecs else None
        if not isinstance(table, Codes):
            raise Misfit('"*" needs the table of its words', fix=f"{parsed.text} | codes({field.name})")
        spot = self.spot(bare.alternatives[0], replace(field, words=None), self.codecs(bare, None), ground)
        if not spot.place.any_code:
            raise Misfit('"*" takes a place with [*]: all that no other binding names', fix="REF[*]")
        return Words(spot, table.without(taken), taken, field.holds == "mapping of lists")

    # -- values

    def simple(self, name: str, field: Field, text: str, ground: Ground) -> Binding:
        if field.holds in ("mapping", "mapping of lists") or _is_part(field):
            says = (
                "a list of parts"
                if field.holds == "list"
                else "a part"
                if field.holds == "one"
                else "a mapping"
            )
            raise Misfit(f"{name} is {says}, not a value", fix="bind its fields beneath it")
        parsed = expression.parse(text)
        if isinstance(parsed, expression.Constant):
            return Fixed(name, self.literal(field, parsed.text))
        source = self.source(field, parsed, ground)
        if any(isinstance(codec, Join | Wrap) for codec in self.codecs(parsed, field)):
            raise Misfit(f"{name}: join and wrap have no way back", fix="write {read: ..., write: ...}")
        return _shaped(name, field, source, source)

    def one_way(self, name: str, field: Field, entry: Entry, ground: Ground) -> Binding:
        """`{read: ..., write: ...}`: the two directions apart, either may be missing."""
        sources: dict[str, Source] = {}
        for way, below in entry.value.items():
            parsed = expression.parse(below.value) if isinstance(below.value, str) else None
            if not isinstance(parsed, expression.Expression):
                raise Misfit(f"{name}: {way}: takes a place", fix=f"{way}: BEG03")
            wrong = Wrap if way == "read" else Join
            if any(isinstance(codec, wrong) for codec in self.codecs(parsed, field)):
                raise Misfit(f"{name}: {wrong.__name__.lower()} cannot {way}", fix="join reads, wrap writes")
            sources[way] = self.source(field, parsed, ground)
        return _shaped(name, field, sources.get("read"), sources.get("write"))

    def source(self, field: Field, parsed: expression.Expression, ground: Ground) -> Source:
        used = self.codecs(parsed, field)
        kept = tuple(codec for codec in used if not isinstance(codec, Join | Wrap))
        spots = tuple(self.spot(parts, field, kept, ground) for parts in parsed.alternatives)
        joins = [codec.separator for codec in used if isinstance(codec, Join)]
        wraps = [codec.width for codec in used if isinstance(codec, Wrap)]
        default = self.literal(field, parsed.default) if parsed.default is not None else None
        if default is not None and not field.required:
            why = "absent would read as the default, so absent could never be written"
            raise Misfit(f"{field.name}: a default on an optional field", why, "remove the default")
        return Source(parsed.text, spots, default, joins[0] if joins else "\n", wraps[0] if wraps else None)

    def spot(self, parts: tuple[str, ...], field: Field, used: tuple[Codec, ...], ground: Ground) -> Spot:
        place, *also = [resolve(part, ground, self.guide) for part in parts]
        if field.type is Moment:
            return self.moment(place, also, used)
        if also:
            what = f"{' + '.join(parts)}: only a moment is made of several places"
            raise Misfit(what, fix=f"bind one place; {' or '.join(parts)} takes the first that has a value")
        pair = conversion(element_of(place), field.type)
        if pair is None:
            of = element_of(place)
            why = f"{place.text} is {of.name}, type {of.type}; {field.name} is {field.type.__name__}"
            raise Misfit(
                f"{field.name}: these types do not meet", why, "bind another element, or another field"
            )
        return Spot(place, (element_of(place),), pair, used)

    def moment(self, place: Place, also: list[Place], used: tuple[Codec, ...]) -> Spot:
        """`DTM[002]` where the guide says which elements are its moment, or `SCH06 + SCH07`."""
        stated = place.spec.moment or ()
        further = tuple(other.element for other in also)
        if not also and stated and stated[0] == place.element and place.pair is None:
            further = stated[1:]
        if any(
            replace(o, text="", element=0, last=0) != replace(place, text="", element=0, last=0) for o in also
        ):
            what = f"{place.text}: date and time of one moment stand in one segment"
            raise Misfit(what, fix=f"name the time in {place.spec.tag}, or leave it away")
        rows = tuple(element_of(replace(place, element=element)) for element in (place.element, *further))
        wanted = ("DT", "TM", "ID", "N0")
        if (
            used
            or len(rows) > len(wanted)
            or any(row.type not in (kind, "AN") for row, kind in zip(rows, wanted, strict=False))
        ):
            raise Misfit(
                f"{place.text}: a moment is a date, a time, a zone and perhaps a century",
                fix="DTM[002], or SCH06 + SCH07",
            )
        return Spot(replace(place, also=further), rows, None)

    def codecs(self, parsed: expression.Expression, field: Field | None) -> tuple[Codec, ...]:
        """The codecs as written; a word type without `codes` uses the table of its name."""
        used = tuple(self.codec(call) for call in parsed.codecs)
        if field is None or field.words is None or any(isinstance(codec, Codes) for codec in used):
            return used
        return (*used, self.codec(f"codes({field.words})"))

    def codec(self, call: str) -> Codec:
        try:
            name, arguments = codecs.call(call)
            if name not in ("codes", "lookup"):
                return codecs.plain(name, arguments)
        except ValueError as error:
            raise Misfit(str(error), fix=f"known: {', '.join(codecs.NAMES)}") from None
        known: Mapping[str, Codec] = self.tables.codes if name == "codes" else self.tables.lookups
        table = ",".join(arguments)
        try:
            if table in known:
                return known[table]
        except ValueError as error:
            raise Misfit(str(error), fix=f"mend the table {table}") from None
        raise Misfit(f"no table {table}", fix=f"{close(table, known)}, or add it under codes:")

    def literal(self, field: Field, text: str) -> Any:
        if not text:
            raise Misfit(f"{field.name}: an empty value says nothing", fix="give it one, or remove the line")
        try:
            return TypeAdapter(field.type).validate_python(text)
        except ValidationError:
            what = f"{field.name}: {text} is no {field.type.__name__}"
            raise Misfit(what, fix="write a value of that type, or remove it") from None

    # -- what the map writes by itself

    def constants(self, entry: Entry | None, ground: Ground) -> tuple[Constant, ...]:
        found = []
        for text, value, path in _said(entry):
            try:
                place = resolve(text, ground, self.guide)
                found.append(Constant(place, fitting(str(value), element_of(place))))
            except ValueError as error:
                self.text.fault(path, f"{text} cannot hold {value}", fix=f"it takes {error}")
            except Misfit as misfit:
                self.text.misfit(path, misfit, key=True)
        return tuple(found)

    def computed(
        self, entry: Entry | None, model: type[CanonicalPart], ground: Ground
    ) -> tuple[Computed, ...]:
        found = []
        for text, value, path in _said(entry):
            try:
                found.append(self.formula(text, str(value), model, ground))
            except Misfit as misfit:
                self.text.misfit(path, misfit)
        return tuple(found)

    def formula(self, text: str, value: str, model: type[CanonicalPart], ground: Ground) -> Computed:
        if counted := COUNT.fullmatch(value):
            place = resolve_scope(counted["place"], ground, self.guide)
            return Computed(self.spot((text,), Field(text, int), (), ground), "count", counted=place)
        match = FUNCTION.fullmatch(value)
        if match is None or (match["path"] is None) != (match["name"] in ("position", "running")):
            raise Misfit(
                f"{value}: this is not computed",
                fix="count(lines), count(HL), sum(lines.quantity), position, running",
            )
        path = tuple(match["path"].split(".")) if match["path"] else ()
        last = _followed(model, path, value)
        kind = last.type if match["name"] == "sum" and last is not None else int
        held = Field(text, kind)
        return Computed(self.spot((text,), held, (), ground), match["name"], path)


def _lines_of(entry: Entry) -> Path:
    """Where the lines of a block stand: the part's, where the entry has none of its own."""
    use, own = entry.get("use"), set(entry.value) - {"in", "each", "use", "key"}
    return ("parts", str(use.value)) if use is not None and not own else entry.path


def _said(entry: Entry | None) -> list[tuple[str, Any, Path]]:
    data = entry.value if entry is not None else None
    if isinstance(data, dict) and entry is not None:
        return [
            (key, value.value if isinstance(value, Entry) else value, (*entry.path, key))
            for key, value in data.items()
        ]
    return []


def _followed(model: type[CanonicalPart], path: tuple[str, ...], text: str) -> Field | None:
    found: Field | None = None
    for name in path:
        known = fields(model)
        if name not in known:
            raise Misfit(f"{text}: {model.__name__} has no field {name}", fix=close(name, known))
        found, model = known[name], known[name].type
    return found


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


def _is_part(field: Field) -> bool:
    return hasattr(field.type, "model_fields")


def _shaped(name: str, field: Field, reading: Source | None, writing: Source | None) -> Value | Values:
    """A list takes all values of its place; so does one text, as lines, where the place goes on with `..`."""
    spans = any(spot.place.repeats for source in (reading, writing) if source for spot in source.spots)
    if field.holds == "list":
        return Values(name, reading, writing, lines=False, required=field.required)
    if spans:
        if field.type is not str:
            raise Misfit(f"{name}: .. takes a list or a text", fix="leave the dots away")
        return Values(name, reading, writing, lines=True, required=field.required)
    return Value(name, reading, writing, field.required)
