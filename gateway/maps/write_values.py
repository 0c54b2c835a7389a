"""One field's value, or all of a list or mapping, into the slots of its places: changed where it stands, else added.

A value that cannot stay where it was found moves to the first alternative that holds it; one that is gone is cleared
from all of them, or the next would be read.
"""

from __future__ import annotations

from typing import Any

from gateway.guides.tree import SegmentNode
from gateway.maps import spelling
from gateway.maps.align import surviving
from gateway.maps.locate import Scope, Slot, code_of, each_slot, filled, set_text, slots
from gateway.maps.model import Place, Source, Spot, Value, Values, Words
from gateway.maps.read import Path, all_filled
from gateway.maps.writing import Wanted, Writing

UNREADABLE = object()


def put_value(binding: Value, wanted: Wanted, scope: Scope, writing: Writing, path: Path) -> None:
    value = wanted.get(binding.name)
    if binding.writing is None or (value is None and writing.is_new(scope)):
        return
    found = _first(binding.reading or binding.writing, scope)
    now = found[2] if found else None
    if found is None and binding.reading and not writing.is_new(scope):
        now = binding.reading.default
    if now == value or (now is UNREADABLE and value is None):
        return
    if value is None:
        _clear(binding.writing, scope, writing)
        return
    if binding.one_way:
        found = _first(binding.writing, scope)
    spot, slot = _seat(binding.writing, found, value, scope, writing)
    writing.put(spot, slot, value, path)


def _seat(
    source: Source, found: tuple[Spot, Slot, Any] | None, value: Any, scope: Scope, writing: Writing
) -> tuple[Spot, Slot | None]:
    """Where the value was found; else, or where it cannot stay there, the first alternative that takes it.

    Where none takes it, the one whose refusal is told.
    """
    here = found[:2] if found is not None else None
    if len(source.spots) == 1:
        return here or (source.spots[0], writing.room(source.spots[0].place, scope))
    able = [spot for spot in source.spots if spelling.holds(spot, value)]
    if here is not None:
        if not able or spelling.holds(here[0], value, here[1].texts):
            return here
        _clear(source, scope, writing)
    for spot in able:
        if (slot := writing.room(spot.place, scope)) is not None:
            return spot, slot
    return (able[0], None) if able else (source.spots[0], writing.room(source.spots[0].place, scope))


def _clear(source: Source, scope: Scope, writing: Writing) -> None:
    """Nothing is left in any of the alternatives, or the next would be read."""
    for spot, slot in list(filled(source, scope)):
        writing.clear(slot, spot.place, scope)


def _first(source: Source, scope: Scope) -> tuple[Spot, Slot, Any] | None:
    """The slot that gives the field its value when read, and that value."""
    for spot, slot in filled(source, scope):
        value = _said(spot, slot)
        if value is not None:
            return spot, slot, value
    return None


def _said(spot: Spot, slot: Slot) -> Any:
    try:
        return spelling.read(spot, slot.texts)
    except ValueError:
        return UNREADABLE


def put_values(binding: Values, wanted: Wanted, scope: Scope, writing: Writing, path: Path) -> None:
    source, value = binding.writing, wanted.get(binding.name)
    if source is None or (not value and writing.is_new(scope)):
        return
    if binding.reading is not None and _now(binding, binding.reading, scope) == value:
        return
    new = lines_of(source, value) if binding.lines else list(value or ())
    old = all_filled(source, scope)
    spot = _holding(source, old[0][0] if old else source.spots[0], new)
    if old and (not new or spot is not old[0][0]):
        _clear(source, scope, writing)
        old = []
    _sequence(spot, [slot for _, slot in old], new, scope, writing, path)


def _holding(source: Source, preferred: Spot, values: list[Any]) -> Spot:
    """That place, if it can hold every value or none of the others can; else the first that can."""
    able = (one for one in (preferred, *source.spots) if all(spelling.holds(one, value) for value in values))
    return next(able, preferred)


def _now(binding: Values, source: Source, scope: Scope) -> Any:
    """What the field reads as; None where nothing stands."""
    said = [_said(spot, slot) for spot, slot in all_filled(source, scope)]
    said = [value for value in said if value is not None and value is not UNREADABLE]
    return (source.join.join(said) if binding.lines else said) or None


def lines_of(source: Source, text: str | None) -> list[str]:
    """A text as the values it is written in."""
    if not text:
        return []
    if source.wrap is None:
        return text.split(source.join)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        lines[-1:] = [longer] if len(longer) <= source.wrap or not lines[-1] else [lines[-1], word]
    return lines


def _sequence(
    spot: Spot, there: list[Slot], new: list[Any], scope: Scope, writing: Writing, path: Path
) -> None:
    """The values, in order, into the slots that are there and then into new ones; slots too many are cleared."""
    place = spot.place
    spans = place.last > place.element or (place.last_component or 0) > (place.component or 0)
    kept, gone = surviving(there, [_said(spot, slot) for slot in there], new, spans)
    for at, value in enumerate(new):
        if at < len(kept) and _said(spot, kept[at]) == value:
            continue
        slot = kept[at] if at < len(kept) else writing.room(place, scope)
        writing.put(spot, slot, value, (*path, at))
    for slot in gone:
        writing.clear(slot, place, scope)


def put_words(binding: Words, wanted: Wanted, scope: Scope, writing: Writing, path: Path) -> None:
    words = {word: value for word, value in wanted.items() if word not in binding.taken}
    if not words and writing.is_new(scope):
        return
    there: dict[str, list[tuple[Spot, Slot]]] = {}
    for spot, slot in each_slot(binding.spots, scope):
        code = code_of(spot.place, slot) if slot.texts else ""
        said = _said(spot, slot) if code else None
        if said is not None and said is not UNREADABLE:  # a period among moments says nothing, and stays
            there.setdefault(binding.codes.read(code), []).append((spot, slot))
    for word, standing in there.items():
        if word not in words:
            for spot, slot in standing:
                writing.clear(slot, spot.place, scope)
    for word, value in words.items():
        values = value if binding.many else [value]
        standing = there.get(word, [])
        _word(
            binding,
            word,
            standing if binding.many else standing[:1],
            values,
            scope,
            writing,
            (*path[:-1], word),
        )


def _word(
    binding: Words,
    word: str,
    there: list[tuple[Spot, Slot]],
    new: list[Any],
    scope: Scope,
    writing: Writing,
    path: Path,
) -> None:
    """One word's values into the slots with its code and then into new ones that get it."""
    kept, gone = surviving(there, [_said(*one) for one in there], new, False)
    for at, value in enumerate(new):
        if at < len(kept):
            if _said(*kept[at]) != value:
                writing.put(*kept[at], value, path)
            continue
        _new_word(binding, word, value, scope, writing, path)
    for spot, slot in gone:
        writing.clear(slot, spot.place, scope)


def _new_word(binding: Words, word: str, value: Any, scope: Scope, writing: Writing, path: Path) -> None:
    """One more pair, or segment, with the word's code as its qualifier."""
    try:
        code = binding.codes.write(word)
    except ValueError as error:
        writing.refuse(path, None, word, str(error))
        return
    for spot in binding.spots[:-1]:
        slot = writing.room(spot.place, scope) if spot.place.pair is not None else None
        if slot is not None:
            _new_pair(spot, slot, code, value, writing, path)
            return
    spot, place = binding.spots[-1], binding.spots[-1].place
    if place.pair is not None:
        _new_pair(spot, writing.room(place, scope), code, value, writing, path)
        return
    found = writing.segment(place, scope, apart=True)
    head = found.segment if place.own or place.only.any_code else found.owner.head
    if seat := place.word_seat:
        set_text(head, seat, code)
    slot = next(iter(_slots_of(place, scope, found.segment)), None)
    if slot is None:
        writing.refuse(path, spot, word, "a word that no other field of the map has taken")
    else:
        writing.put(spot, slot, value, path)


def _new_pair(spot: Spot, slot: Slot | None, code: str, value: Any, writing: Writing, path: Path) -> None:
    if writing.put(spot, slot, value, path) and slot is not None:
        set_text(slot.segment, slot.qualifiers[0], code)


def _slots_of(place: Place, scope: Scope, segment: SegmentNode) -> list[Slot]:
    """The place's slots in that one segment; none when the place does not mean it."""
    return [slot for slot in slots(place, scope) if slot.segment is segment]
