"""What a map writes by itself: `constants:` and `computed:` of a scope, resolved."""

from __future__ import annotations

import re
from typing import Any

from gateway.canonical import Field, fields
from gateway.canonical import Part as CanonicalPart
from gateway.maps.bind_values import Spots
from gateway.maps.entries import Entry
from gateway.maps.model import Computed, Constant
from gateway.maps.places import Misfit
from gateway.maps.resolve import Ground, element_of, resolve, resolve_scope
from gateway.maps.values import fitting
from gateway.marked_yaml import Path, close

FUNCTION = re.compile(r"(?P<name>count|sum|position|running)(?:\((?P<path>[a-z_.]+)\))?")
COUNT = re.compile(r"count\((?P<place>[A-Z].*)\)")


class Own(Spots):
    """Binds what a scope writes by itself. Faults go to the text, with their place."""

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
