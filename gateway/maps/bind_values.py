"""What stands behind a field's colon -> spots: places of the guide, codecs, and the pair of types that meet there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.canonical import Field, Moment
from gateway.guides.model import Composite, Guide, Seat
from gateway.maps import codecs, expression
from gateway.maps.codecs import Codec, Codes, Join, Wrap
from gateway.maps.entries import Entry, Text
from gateway.maps.model import Binding, Fixed, Place, Source, Spot, Value, Values
from gateway.maps.moments import APART, DAY, FORMATTED, WHOLE
from gateway.maps.places import Misfit
from gateway.maps.resolve import Ground, element_of, resolve
from gateway.maps.values import conversion
from gateway.marked_yaml import close


@dataclass(frozen=True, slots=True)
class Tables:
    """What codecs look things up in: `codes:` of the map over its standard's, and the partner's cross references."""

    standard: str
    codes: Mapping[str, Codes]
    lookups: Mapping[str, Codec]


class Spots:
    """Binds values of one map. What cannot stand is raised as Misfit."""

    def __init__(self, text: Text, guide: Guide, tables: Tables) -> None:
        self.text = text
        self.guide = guide
        self.tables = tables

    def simple(self, name: str, field: Field, text: str, ground: Ground) -> Binding:
        if field.holds in ("mapping", "mapping of lists") or is_part(field):
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
        if parsed.required and not field.required:
            why = "a document may be without it, and then says nothing of it"
            raise Misfit(f"{field.name}: required on an optional field", why, "remove `required`")
        join, wrap = joins[0] if joins else "\n", wraps[0] if wraps else None
        return Source(parsed.text, spots, default, join, wrap, parsed.required)

    def spot(self, parts: tuple[str, ...], field: Field, used: tuple[Codec, ...], ground: Ground) -> Spot:
        place, *also = [resolve(part, ground, self.guide) for part in parts]
        if field.type in (Moment, date) and not also and (spot := self.formatted(place, field, used)):
            return spot
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

    def formatted(self, place: Place, field: Field, used: tuple[Codec, ...]) -> Spot | None:
        """Where the guide says which component spells the moment beside it; of a date field it is the day."""
        of = place.spec.uses[place.element - 1].of
        if used or not isinstance(of, Composite) or of.moment is None or of.moment[0] != place.component:
            return None
        format = Seat(place.element, of.moment[1])
        rows = element_of(place), element_of(replace(place, component=format.component))
        return Spot(
            replace(place, also=(format,)), rows, None, (), FORMATTED if field.type is Moment else DAY
        )

    def moment(self, place: Place, also: list[Place], used: tuple[Codec, ...]) -> Spot:
        """`DTM[002]` where the guide says which elements are its moment, or `SCH06 + SCH07`."""
        if element_of(place).type == "TS" and not also and not used:
            return Spot(place, (element_of(place),), None, (), WHOLE)
        stated = place.spec.moment or ()
        further = tuple(Seat(other.element, other.component) for other in also)
        if not also and stated and stated[0] == place.element and place.pair is None:
            further = tuple(map(Seat, stated[1:]))
        if any(
            replace(o, text="", element=0, last=0) != replace(place, text="", element=0, last=0) for o in also
        ):
            what = f"{place.text}: date and time of one moment stand in one segment"
            raise Misfit(what, fix=f"name the time in {place.spec.tag}, or leave it away")
        seats = (place.seat, *further)
        rows = tuple(element_of(replace(place, element=at, component=inner)) for at, inner in seats)
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
        return Spot(replace(place, also=further), rows, None, (), APART)

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


def is_part(field: Field) -> bool:
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
