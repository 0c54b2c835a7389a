"""One document being written: values go through here into slots, and every refusal is collected by field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

from gateway.faults import Code, Fault, Place
from gateway.guides.model import Seat
from gateway.guides.tree import LoopNode
from gateway.maps import spelling
from gateway.maps.answers import Originals, Unanswered
from gateway.maps.grow import Growth
from gateway.maps.locate import Slot
from gateway.maps.model import Spot
from gateway.maps.prove import FIRST, Echoed
from gateway.maps.read import Path, spoken

Wanted = dict[str, Any]
"""What a block shall say, by field, as reading gives it."""


class Writing(Growth):
    """One document being written: what was made, and every refusal."""

    def __init__(self, fresh: bool, forbidden: str = "", originals: Originals | None = None) -> None:
        super().__init__(fresh)
        self.forbidden = forbidden
        self.faults: list[Fault] = []
        self.originals = originals
        self._echoing = False
        self._echoed: set[tuple[int, Seat]] = set()
        """Of a segment the `id` of its elements, and a seat in it."""
        self._missing: set[tuple[str, str | None]] = set()

    def echoed(self, tree: LoopNode) -> frozenset[Echoed]:
        """Where something was echoed, by the segments' numbers in the tree."""
        if not self._echoed:
            return frozenset()
        numbers = {id(node.elements): number for number, node in enumerate(tree.segments(), FIRST)}
        return frozenset((numbers[at], seat) for at, seat in self._echoed if at in numbers)

    @contextmanager
    def echoing(self) -> Iterator[None]:
        """What is put while the block runs is echoed, and every segment that is made."""
        self._echoing, before = True, len(self.made)
        yield
        self._echoing = False
        for segment in islice(self.made.values(), before, None):
            self._echoed |= {(id(segment.elements), Seat(at)) for at in range(len(segment.elements))}

    def missing(self, unanswered: Unanswered, spot: Spot) -> None:
        """An original that cannot be had: told once, at the first place that needs it."""
        if (unanswered.field, unanswered.came) in self._missing:
            return
        self._missing.add((unanswered.field, unanswered.came))
        place = replace(_placed(spot), field=unanswered.field or None)
        self.faults.append(Fault(unanswered.code, place, unanswered.came, unanswered.expected))

    def refuse(
        self,
        path: Path,
        spot: Spot | None,
        value: Any,
        expected: str,
        hint: str | None = None,
        code: Code = Code.NOT_WRITABLE,
    ) -> None:
        place = Place(field=spoken(path))
        if spot is not None:
            place = replace(_placed(spot), field=spoken(path))
        came = None if value is None else str(value)
        self.faults.append(Fault(code, place, came, expected, hint=hint))

    def put(self, spot: Spot, slot: Slot | None, value: Any, path: Path) -> bool:
        """Writes the value into the slot, or refuses it; True when it stands there."""
        if slot is None and spot.place.qualified:
            expected = f"{spot.place.text}; what stands beside it says another"
            hint = "let what stands beside it say so, or give the value an entry of its own"
            self.refuse(path, spot, value, expected, hint, Code.NOT_CARRIED)
            return False
        if slot is None:
            self.refuse(path, spot, value, f"room in {spot.place.spec.tag}; there is none left")
            return False
        try:
            texts = spelling.write(spot, value, slot.texts or ("",))
        except ValueError as error:
            self.refuse(path, spot, value, str(error), getattr(error, "hint", None))
            return False
        if clash := next((sign for sign in self.forbidden if any(sign in text for text in texts)), None):
            expected = f"data without {clash!r}, a separator of the document"
            self.refuse(path, spot, value, expected, "replace the sign in the value")
            return False
        self.fill(slot, spot.place, texts)
        if self._echoing:
            self._echoed |= {(id(slot.segment.elements), at) for at in (*slot.seats, *slot.qualifiers)}
        return True

    def seat(self, elements: list[str], at: Seat, text: str) -> None:
        super().seat(elements, at, text)
        if self._echoing:
            self._echoed.add((id(elements), at))


def _placed(spot: Spot) -> Place:
    at = spot.place
    name = at.spec.uses[at.element - 1].name
    label = at.spec.label(at.element)
    return Place(segment=at.spec.tag, element=at.element, component=at.component, name=name, label=label)
