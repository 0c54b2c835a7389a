"""One document being written: values go through here into slots, and every refusal is collected by field."""

from __future__ import annotations

from typing import Any

from gateway.faults import Code, Fault, Place
from gateway.maps import spelling
from gateway.maps.grow import Growth
from gateway.maps.locate import Slot
from gateway.maps.model import Spot
from gateway.maps.read import Path, spoken

Wanted = dict[str, Any]
"""What a block shall say, by field, as reading gives it."""


class Writing(Growth):
    """One document being written: what was made, and every refusal."""

    def __init__(self, fresh: bool, forbidden: str = "") -> None:
        super().__init__(fresh)
        self.forbidden = forbidden
        self.faults: list[Fault] = []

    def refuse(
        self, path: Path, spot: Spot | None, value: Any, expected: str, hint: str | None = None
    ) -> None:
        place = Place(field=spoken(path))
        if spot is not None:
            at = spot.place
            name = at.spec.uses[at.element - 1].name
            place = Place(
                field=spoken(path), segment=at.spec.tag, element=at.element, component=at.component, name=name
            )
        came = None if value is None else str(value)
        self.faults.append(Fault(Code.NOT_WRITABLE, place, came, expected, hint=hint))

    def put(self, spot: Spot, slot: Slot | None, value: Any, path: Path) -> bool:
        """Writes the value into the slot, or refuses it; True when it stands there."""
        if slot is None:
            self.refuse(path, spot, value, f"room in {spot.place.spec.tag}; there is none left")
            return False
        try:
            texts = spelling.write(spot, value, slot.texts or ("",))
        except ValueError as error:
            self.refuse(path, spot, value, str(error))
            return False
        if clash := next((sign for sign in self.forbidden if any(sign in text for text in texts)), None):
            expected = f"data without {clash!r}, a separator of the document"
            self.refuse(path, spot, value, expected, "replace the sign in the value")
            return False
        self.fill(slot, spot.place, texts)
        return True
