"""What a partner's `guide:` section changes: narrowing is free, widening is counted as a deviation.

BEG03: {max: 15}                  an element: min, max, codes, type, required, repeat
PO1/PID05: {required: true}       only inside that loop
N1: {max: 5, require: [N104]}     a segment or loop: max, required, require
levels: {O: T P, P: I}            which levels of a tree may lie in these, and no others
allow: ["PO1: PID before PO3"]    what may also come earlier
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.errors import SetupFault
from gateway.faults import shown
from gateway.guides.dictionary import Dictionary
from gateway.guides.levels import agree
from gateway.guides.model import UNBOUNDED, Composite, Element, Position, SegmentSpec, Use
from gateway.marked_yaml import Marked, Path, close

ELEMENT_KEYS = ("min", "max", "codes", "type", "required", "repeat", "name")
SEGMENT_KEYS = ("max", "required", "require")
ALLOW = re.compile(r"(?:(?P<loop>[A-Z0-9/]+): )?(?P<early>[A-Z0-9]+) before (?P<late>[A-Z0-9]+)")
TYPE = re.compile(r"AN|ID|N[0-9]|R|DT|TM|B")
DATES = {"date(yyMMdd)": 6, "date(yyyyMMdd)": 8}
NUMBER = re.compile(r"[0-9]{1,30}")
MOST = 999_999_999
"""Of characters, and of repetitions."""
TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Layer:
    """A partner's `guide:` section, with its marks: `Layer(map_text.at(("guide",)))`."""

    marked: Marked


@dataclass(slots=True)
class _Target:
    """What a key of a layer names: `PO1/REF02` is the element 2 of REF in the loop PO1."""

    path: str
    tag: str
    element: int | None = None
    component: int | None = None


def narrowed(
    tables: Dictionary, layers: Sequence[Layer], faults: list[SetupFault]
) -> tuple[dict[str, SegmentSpec], list[str]]:
    """The segment table with what the layers say of a segment wherever it stands, and the deviations."""
    specs = dict(tables.segments)
    deviations: list[str] = []
    for layer in layers:
        change = _Change(layer.marked, tables.known, faults, deviations)
        change.malformed()
        for key, wanted, target in change.targets():
            if not target.path:
                specs[target.tag] = change.spec(specs[target.tag], key, wanted, target)
    return specs, deviations


def apply(
    root: Position, tags: frozenset[str], layers: Sequence[Layer], faults: list[SetupFault]
) -> list[str]:
    """What the layers say of positions: maxima, requirement, one loop's own segments, and `allow`."""
    deviations: list[str] = []
    for layer in layers:
        change = _Change(layer.marked, tags, faults, deviations)
        for key, wanted, target in change.targets():
            places = [place for place in root.walk() if _named(place, target)]
            if not places:
                known = {place.path for place in root.walk() if place.path}
                change.fault(
                    (key,), f"{key}: the guide has no such place", close(target.path or key, known), key=True
                )
            for place in places:
                change.position(place, key, wanted, target)
        change.allow(root)
        deviations += agree(root, layer.marked, faults)
    return deviations


def _named(place: Position, target: _Target) -> bool:
    """A loop is meant by its first segment: of the two positions with that tag, the loop's own is it."""
    if place.tag != target.tag or (place.parent is not None and place.parent.tag and place.index == 0):
        return False
    path = f"{target.path}/{target.tag}" if target.path else target.tag
    return place.path == path or (not target.path and place.path.endswith(f"/{path}"))


class _Change:
    """One layer being applied; `tags` are all the segment table knows."""

    def __init__(
        self, marked: Marked, tags: frozenset[str], faults: list[SetupFault], deviations: list[str]
    ) -> None:
        self.marked = marked
        self.tags = tags
        self.faults = faults
        self.deviations = deviations

    def fault(self, path: Path, what: str, fix: str = "", key: bool = False) -> None:
        self.faults.append(self.marked.fault(path, what, fix=fix, key=key))

    def targets(self) -> Iterator[tuple[str, dict[str, Any], _Target]]:
        """Every key with what it wants of which place. Keys that name none are passed over."""
        data = self.marked.data
        for key, wanted in data.items() if isinstance(data, dict) else ():
            target = _target(key, self.tags)
            if target is not None and isinstance(wanted, dict):
                yield key, wanted, target

    def malformed(self) -> None:
        """A fault for every key that `targets` passes over."""
        data = self.marked.data
        if data is not None and not isinstance(data, dict):
            self.fault((), "the guide layer is not a mapping", "write `BEG03: {max: 15}` lines")
            return
        for key, wanted in (data or {}).items():
            if key == "allow":
                if not isinstance(wanted, list):
                    self.fault((key,), "allow: not a list", 'write ["PO1: PID before PO3"]')
            elif key != "levels" and _target(key, self.tags) is None:
                self.fault((key,), f"{key}: no such segment or element", close(key[:3], self.tags), key=True)
            elif not isinstance(wanted, dict):
                self.fault((key,), f"{key}: not a mapping", "write `BEG03: {max: 15}`")

    # -- specs

    def spec(self, spec: SegmentSpec, key: str, wanted: dict[str, Any], target: _Target) -> SegmentSpec:
        """The segment's spec with one key of the layer applied."""
        self._known(key, wanted, ELEMENT_KEYS if target.element else SEGMENT_KEYS)
        if target.element is None:
            required = self._require(spec, key, wanted.get("require") or [])
            return replace(spec, require=spec.require + required) if required else spec
        if not 1 <= target.element <= len(spec.uses):
            last = len(spec.uses)
            fix = f"name one up to {spec.tag}{last:02d}"
            self.fault((key,), f"{key}: {spec.tag} has {last} elements", fix, key=True)
            return spec
        uses = list(spec.uses)
        uses[target.element - 1] = self._use(uses[target.element - 1], key, wanted, target.component)
        return replace(spec, uses=tuple(uses))

    def _use(self, use: Use, key: str, wanted: dict[str, Any], component: int | None) -> Use:
        if component is None:
            if isinstance(use.of, Composite):
                return self._requirement(use, key, wanted)
            return self._requirement(replace(use, of=self._element(use.of, key, wanted)), key, wanted)
        if not isinstance(use.of, Composite) or not 1 <= component <= len(use.of.components):
            count = len(use.of.components) if isinstance(use.of, Composite) else 0
            fix = (
                f"{use.name} has {count} components"
                if count
                else f"{use.name} has none; leave -{component:02d} away"
            )
            self.fault((key,), f"{key}: there is no such component", fix, key=True)
            return use
        parts = list(use.of.components)
        parts[component - 1] = self._use(parts[component - 1], key, wanted, None)
        return replace(use, of=replace(use.of, components=tuple(parts)))

    def _requirement(self, use: Use, key: str, wanted: dict[str, Any]) -> Use:
        required = self._truth(key, wanted, use.required)
        if use.required and not required:
            self.deviations.append(f"{key}: optional instead of mandatory")
        repeat = self._count(key, "repeat", wanted, use.repeat)
        if repeat > use.repeat:
            self.deviations.append(f"{key}: {repeat} repetitions instead of {use.repeat}")
        return replace(use, required=required, repeat=repeat)

    def _element(self, element: Element, key: str, wanted: dict[str, Any]) -> Element:
        kind, least, most = self._type(element, key, wanted)
        least, most = self._count(key, "min", wanted, least), self._count(key, "max", wanted, most)
        if least > most:
            what = f"{key}: shortest {least} is longer than longest {most}"
            self.fault((key,), what, "correct min: or max:")
        if least < element.min or most > element.max:
            self.deviations.append(f"{key}: {least}..{most} instead of {element.min}..{element.max}")
        changed = replace(
            element, type=kind, min=least, max=most, name=str(wanted.get("name") or element.name)
        )
        return self._closed(changed, key, wanted) if "codes" in wanted else changed

    def _type(self, element: Element, key: str, wanted: dict[str, Any]) -> tuple[str, int, int]:
        text = wanted.get("type")
        if text is None:
            return element.type, element.min, element.max
        if text in DATES:
            kind, least, most = "DT", DATES[text], DATES[text]
        elif TYPE.fullmatch(str(text)):
            kind, least, most = str(text), element.min, element.max
        else:
            fix = f"known: AN, ID, N0..N9, R, DT, TM, B, {', '.join(DATES)}"
            self.fault((key, "type"), f"{key}: no such type {text}", fix)
            return element.type, element.min, element.max
        if kind != element.type:
            self.deviations.append(f"{key}: {text} instead of {element.type}")
        return kind, least, most

    def _closed(self, element: Element, key: str, wanted: dict[str, Any]) -> Element:
        """A list closes the standard's: these and no others, with the standard's names where it has them."""
        codes = wanted["codes"]
        if not isinstance(codes, list | dict) or not codes:
            self.fault((key, "codes"), f"{key}: not a list of codes", "write `codes: [DP, IA, ZZ]`")
            return element
        for at, code in enumerate(codes):
            if not element.min <= len(str(code)) <= element.max:
                what = f"{key}: {shown(str(code))} can never come, it has {len(str(code))} characters"
                fix = f"{key} has {element.min}..{element.max}"
                self.fault((key, "codes", code if isinstance(codes, dict) else at), what, fix)
        known = element.codes or {}
        names = {
            str(code): str((codes[code] if isinstance(codes, dict) else None) or known.get(str(code), ""))
            for code in codes
        }
        if element.codes is not None and (more := sorted(set(names) - set(known))):
            self.deviations.append(f"{key}: codes the standard does not list: {', '.join(more)}")
        return replace(element, codes=names, closed=True)

    def _require(self, spec: SegmentSpec, key: str, places: Any) -> tuple[str, ...]:
        found = []
        for at, place in enumerate(places if isinstance(places, list) else [places]):
            if _requirable(spec, str(place)):
                found.append(str(place))
            else:
                fix = f'write "{spec.tag}01"' + (f' or "{spec.tag}[UP]"' if spec.pairs else "")
                self.fault((key, "require", at), f"{key}: {place} is no place in {spec.tag}", fix)
        return tuple(found)

    # -- positions

    def position(self, place: Position, key: str, wanted: dict[str, Any], target: _Target) -> None:
        """One position with one key of the layer applied."""
        head = place.children[0] if place.is_loop else place
        if target.path and head.spec is not None:
            head.spec = self.spec(head.spec, key, wanted, target)
        if target.element is not None:
            return
        required = self._truth(key, wanted, place.required)
        if place.required and not required:
            self.deviations.append(f"{key}: optional instead of mandatory")
        most = self._count(key, "max", wanted, place.max)
        if most > place.max:
            self.deviations.append(f"{key}: {wanted['max']} times instead of {place.max}")
        place.required, place.max = required, most

    def allow(self, root: Position) -> None:
        """`PO1: PID before PO3`: PO3 is still in place after PID."""
        data = self.marked.data
        lines = data.get("allow") if isinstance(data, dict) else None
        for at, line in enumerate(lines if isinstance(lines, list) else []):
            match = ALLOW.fullmatch(str(line))
            places = root.walk() if match else iter(())
            loop = next((place for place in places if match and place.path == (match["loop"] or "")), None)
            early = _child(loop, match["early"]) if match else None
            late = _child(loop, match["late"]) if match else None
            if loop is None or early is None or late is None:
                self.fault(("allow", at), f"{line}: no such places", 'write "PO1: PID before PO3"')
                continue
            loop.behind[early] = (*loop.behind.get(early, ()), late)
            self.deviations.append(f"allow: {line}")

    # -- values

    def _known(self, key: str, wanted: dict[str, Any], known: tuple[str, ...]) -> None:
        for word in wanted:
            if word not in known:
                self.fault((key, word), f"{key}: unknown key {word}", close(word, known), key=True)

    def _truth(self, key: str, wanted: dict[str, Any], now: bool) -> bool:
        text = wanted.get("required")
        if text is not None and text not in TRUTH:
            self.fault(
                (key, "required"), f"{key}: required is true or false, not {text}", "write true or false"
            )
        return TRUTH.get(text, now) if isinstance(text, str) else now

    def _count(self, key: str, word: str, wanted: dict[str, Any], now: int) -> int:
        text = wanted.get(word)
        if text is None:
            return now
        if text == "*" and word != "min":
            return UNBOUNDED
        if isinstance(text, str) and NUMBER.fullmatch(text) and 1 <= int(text) <= MOST:
            return int(text)
        fix = f"write a number from 1 to {MOST}" + ("" if word == "min" else ", or *")
        wanted_is = f"1 to {MOST}" if NUMBER.fullmatch(str(text)) else "a number"
        self.fault((key, word), f"{key}: {word} is {wanted_is}, not {text}", fix)
        return now


def _target(key: str, tags: frozenset[str]) -> _Target | None:
    """`PO1/REF02-01` taken apart; None where no tag is named."""
    path, _, name = key.rpartition("/")
    name, _, component = name.partition("-")
    if component and not (component.isascii() and component.isdecimal()):
        return None
    if name[-2:].isascii() and name[-2:].isdecimal() and name[:-2] in tags:
        return _Target(path, name[:-2], int(name[-2:]), int(component) if component else None)
    return _Target(path, name) if name in tags and not component else None


def _requirable(spec: SegmentSpec, place: str) -> bool:
    inside = place[len(spec.tag) :] if place.startswith(spec.tag) else ""
    if inside.startswith("[") and inside.endswith("]"):
        return spec.pairs is not None and len(inside) > 2
    return inside.isascii() and inside.isdecimal() and 1 <= int(inside) <= len(spec.uses)


def _child(loop: Position | None, tag: str) -> int | None:
    children = loop.children if loop is not None else ()
    return next((child.index for child in children if child.tag == tag and child.index), None)
