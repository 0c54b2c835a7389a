"""Tree -> canonical object: the interpreter, exact, with the place of everything that is wrong.

It says the same as the compiled reader and is slower; what it says with a fault, only it can say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from gateway.faults import Code, Fault, Place
from gateway.guides.tree import LoopNode, SegmentNode
from gateway.maps import compute, spelling
from gateway.maps.ground import needs, standing
from gateway.maps.locate import Scope, Slot, code_of, each_slot, filled, instances, slots
from gateway.maps.model import Binding, Block, Fixed, Instances, Part, Source, Spot, Value, Values, Words

Path = tuple[str | int, ...]
Origin = tuple[SegmentNode, int | None, int | None]


@dataclass(slots=True)
class Reading:
    """What is learned on the way: faults, where each field came from, and the slots that were used.

    A field's origin is a segment and its element and component; most are never asked for their address.
    """

    faults: list[Fault] = field(default_factory=list)
    origins: dict[Path, Origin] = field(default_factory=dict)
    used: list[tuple[Spot, Slot]] = field(default_factory=list)
    _standing: dict[int, frozenset[int]] = field(default_factory=dict)

    def standing(self, node: LoopNode) -> frozenset[int]:
        """The positions filled directly in the loop; a document is read as it stands, so each is asked once."""
        found = self._standing.get(id(node))
        if found is None:
            found = self._standing[id(node)] = standing(node)
        return found

    def fault(self, code: Code, path: Path, slot: Slot, expected: str | None = None) -> None:
        place = replace(_place(slot), field=spoken(path))
        came = slot.texts[0] if slot.texts else None
        spec = slot.segment.position.spec if slot.segment.position is not None else None
        self.faults.append(
            Fault(code, place, spec.shown(slot.seats[0].element, came) if spec else came, expected)
        )

    def value(self, spot: Spot, slot: Slot, path: Path) -> Any:
        """The slot's value, or None with a fault where it cannot be read; a note where a code has no word."""
        try:
            value = spelling.read(spot, slot.texts)
        except ValueError as error:
            self.fault(Code.VALUE, path, slot, str(error))
            self.origins[path] = _origin(slot)
            return None
        if value is None:
            return None
        if (strange := spelling.stranger(spot, slot.texts)) is not None:
            codec, text = strange
            self.fault(codec.remark, path, slot, codec.wanted(text))
        self.origins.setdefault(path, _origin(slot))
        self.used.append((spot, slot))
        return value


def read_object(root: Block, tree: LoopNode) -> tuple[Any, list[Fault]]:
    """The object, None where it cannot be one; and every fault and note."""
    reading = Reading()
    values = read_block(root, Scope(tree), reading, ())
    try:
        found = root.model.model_validate(values) if root.model else values
    except ValidationError as error:
        reading.faults += _refused(error, root, reading)
        found = None
    return found, reading.faults


NAMING = frozenset({"number", "purpose", "release", "order", "shipment"})
"""The fields by which people and the ledger call a document."""


def read_names(root: Block, tree: LoopNode) -> dict[str, Any]:
    """Of a document that is no object: what names it, as far as it can be read."""
    scope, reading = Scope(tree), Reading()
    named = [one for one in root.bindings if one.name in NAMING and isinstance(one, Value | Part)]
    found = {one.name: READERS[type(one)](one, scope, reading, (one.name,)) for one in named}
    return {name: value for name, value in found.items() if value is not None}


def names_in(found: Any) -> dict[str, Any]:
    """The same of an object that was read, though its document is none."""
    named: dict[str, Any] = found.model_dump(include=NAMING, exclude_defaults=True)
    return named


def read_block(block: Block, scope: Scope, reading: Reading, path: Path) -> dict[str, Any]:
    """What the bindings find, by field; fields without a value are absent. Nothing found is an empty dict."""
    values: dict[str, Any] = {}
    there = reading.standing(scope.node)
    for binding, needed in zip(block.bindings, needs(block), strict=True):
        if needed is not None and needed.isdisjoint(there):
            continue
        if isinstance(binding, Instances) and binding.instead and binding.name in values:
            continue
        value = READERS[type(binding)](binding, scope, reading, (*path, binding.name))
        if isinstance(binding, Words):
            values |= {word: found for word, found in value.items() if word not in values}
        elif value is not None:
            values[binding.name] = value
    if values or not path:
        complete(block, values)
        reading.faults += compute.remarks(block, scope, values)
    return values


def complete(block: Block, values: dict[str, Any]) -> None:
    """Defaults and fixed values: they belong to a part that is there, and bring none."""
    for binding in block.bindings:
        if isinstance(binding, Fixed):
            values[binding.name] = binding.value
        elif isinstance(binding, Value) and binding.reading and binding.reading.default is not None:
            values.setdefault(binding.name, binding.reading.default)


def _value(binding: Value, scope: Scope, reading: Reading, path: Path) -> Any:
    for spot, slot in filled(binding.reading, scope) if binding.reading else ():
        value = reading.value(spot, slot, path)
        if value is not None or path in reading.origins:
            return value
    return None


def _values(binding: Values, scope: Scope, reading: Reading, path: Path) -> Any:
    source = binding.reading
    found = [reading.value(spot, slot, path) for spot, slot in all_filled(source, scope)] if source else []
    kept = [value for value in found if value is not None]
    if binding.lines and source:
        return source.join.join(kept) or None
    return kept or None


def all_filled(source: Source, scope: Scope) -> list[tuple[Spot, Slot]]:
    """The slots of a list: those of the first alternative that has any."""
    for spot in source.spots:
        found = [(spot, slot) for slot in slots(spot.place, scope) if slot.texts]
        if found:
            return found
    return []


def _words(binding: Words, scope: Scope, reading: Reading, path: Path) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for spot, slot in each_slot(binding.spots, scope):
        code = code_of(spot.place, slot)
        if not slot.texts or not code:
            continue
        word = binding.codes.read(code)
        if word in values and not binding.many:
            continue
        value = reading.value(spot, slot, (*path[:-1], word))
        if not binding.codes.knows(code):
            reading.fault(Code.WORD_UNKNOWN, (*path[:-1], word), slot, f"a word for {code}")
        if value is not None:
            values[word] = [*values.get(word, ()), value] if binding.many else value
    return values


def _part(binding: Part, scope: Scope, reading: Reading, path: Path) -> Any:
    if binding.listed:
        found = read_block(binding.block, scope, reading, (*path, 0))
        return [found] if found else None
    return read_block(binding.block, scope, reading, path) or None


def read_instances(binding: Instances, scope: Scope, reading: Reading, path: Path) -> Any:
    found: list[dict[str, Any]] = []
    for inner in instances(binding, scope):
        at = (*path, len(found)) if binding.many else path
        if inner.segment is not None:
            reading.origins.setdefault(at, (inner.segment, None, None))
        value = read_block(binding.block, inner, reading, at)
        if value and not binding.many:
            return value
        if value:
            found.append(value)
    return found or None


READERS: dict[type[Any], Callable[[Any, Scope, Reading, Path], Any]] = {
    Value: _value,
    Values: _values,
    Words: _words,
    Fixed: lambda binding, scope, reading, path: None,
    Part: _part,
    Instances: read_instances,
}


def spoken(path: Path) -> str:
    """`lines[2].price.amount`, as JSON's users count: from 0."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _place(slot: Slot) -> Place:
    return _address(_origin(slot))


def _origin(slot: Slot) -> Origin:
    return (slot.segment, *slot.seats[0])


def _address(origin: Origin) -> Place:
    segment, element, component = origin
    return segment.place(element, component)


def _refused(error: ValidationError, root: Block, reading: Reading) -> list[Fault]:
    """pydantic's findings, each at the element the field is bound to. What is already a fault is not said again."""
    said = {fault.place.field for fault in reading.faults if not fault.is_note}
    faults = []
    for one in error.errors(include_url=False, include_context=False):
        path: Path = tuple(one["loc"])
        if spoken(path) in said:
            continue
        missing = one["type"] == "missing"
        code = Code.FIELD_MISSING if missing else Code.VALUE
        came = None if missing else str(one["input"])
        faults.append(Fault(code, _bound(path, root, reading), came, None if missing else one["msg"].lower()))
    return faults


def _bound(path: Path, root: Block, reading: Reading) -> Place:
    """Where the field came from; where it did not come, the element the map looks for, near the scope's segment."""
    known = next((path[:end] for end in range(len(path), -1, -1) if path[:end] in reading.origins), ())
    near = _address(reading.origins[known]) if known in reading.origins else Place()
    binding = _said_by(_binding(path, root))
    if known == path or not isinstance(binding, Value | Values) or not binding.reading:
        return replace(near, field=spoken(path))
    place = binding.reading.spots[0].place
    name = place.spec.uses[place.element - 1].name
    at = near if near.segment == place.spec.tag else Place(line=near.line, offset=near.offset)
    label = place.spec.label(place.element)
    return replace(
        at, label=label, segment=place.spec.tag, element=place.element, name=name, field=spoken(path)
    )


def _said_by(binding: Binding | None) -> Binding | None:
    """What first says something of a part."""
    while isinstance(binding, Part) and binding.block.bindings:
        binding = binding.block.bindings[0]
    return binding


def _binding(path: Path, block: Block) -> Binding | None:
    found: Binding | None = None
    for step in (step for step in path if isinstance(step, str)):
        found = next((one for one in block.bindings if one.name == step), None)
        if not isinstance(found, Part | Instances):
            return found
        block = found.block
    return found
