"""What may a segment hold? One segment against its spec: every element, component, repetition and condition.

Nothing here knows where the segment stands; `place.py` asks once a place is found. All faults are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.faults import Code, Fault
from gateway.formats.segment import COMPONENT, REPETITION, Segment
from gateway.guides.model import Composite, Element, Rule, SegmentSpec, Use
from gateway.guides.spelling import coded, spelled, spelled_as

SEPARATORS = COMPONENT + REPETITION


def check_segment(segment: Segment, spec: SegmentSpec, loop: str | None = None) -> list[Fault]:
    """Everything wrong with the segment's elements, in their order; then its conditions."""
    checking = _Checking(segment, spec, loop)
    checking.run()
    return checking.faults


def broken(rule: Rule, has: Callable[[int], bool]) -> int | None:
    """The number at which a relational condition of X12.6 is broken, None while it holds."""
    present = [number for number in rule.at if has(number)]
    if rule.holds(sum(1 << number for number in present)):
        return None
    if rule.kind == "E":
        return present[1]
    return next(number for number in rule.at if number not in present)


def unmet(spec: SegmentSpec, place: str, elements: Sequence[str]) -> int | None:
    """The element a required place (`PO1[UP]`, `N104`) is missing at, None when it is there."""
    inside = place[len(spec.tag) :]
    if inside.startswith("["):
        wanted = inside.strip("[]")
        pairs = list(spec.pairs.places) if spec.pairs else []
        code, value = (spec.pairs.components if spec.pairs else None) or (1, 1)
        if any(_part(elements, q, code) == wanted and _part(elements, v, value) for q, v in pairs):
            return None
        return next((q for q, _ in pairs if not _get(elements, q)), pairs[0][0] if pairs else 1)
    return None if _get(elements, int(inside)) else int(inside)


SAYS: dict[str, str] = {
    "P": "all or none of {all}",
    "R": "at least one of {all}",
    "E": "only one of {all}",
    "C": "{rest} where {first} is sent",
    "L": "at least one of {rest} where {first} is sent",
}


def _get(elements: Sequence[str], number: int) -> str:
    return elements[number] if number < len(elements) else ""


def _part(elements: Sequence[str], number: int, component: int) -> str:
    """A component of the element; a simple element is its own first."""
    parts = _get(elements, number).split(COMPONENT)
    return parts[component - 1] if component <= len(parts) else ""


def _condition(rule: Rule, names: list[str]) -> str:
    """`P0304: both or neither of N103 (...), N104 (...)`."""
    pair = rule.kind == "P" and len(names) == 2
    says = "both or neither of {all}" if pair else SAYS[rule.kind]
    words = says.format(all=", ".join(names), first=names[0], rest=", ".join(names[1:]))
    return f"{rule}: {words}"


class _Checking:
    """One segment under examination. Trailing empty elements are noted once and then not looked at."""

    def __init__(self, segment: Segment, spec: SegmentSpec, loop: str | None) -> None:
        self.segment = segment
        self.spec = spec
        self.loop = loop
        self.faults: list[Fault] = []
        elements = segment.elements
        end = len(elements)
        while end > 1 and not elements[end - 1]:
            end -= 1
        self.elements = elements[:end]
        if end < len(elements):
            self.fault(Code.TRAILING_SEPARATORS, end, None, f"{end - 1} elements")

    def fault(
        self,
        code: Code,
        element: int,
        came: str | None,
        expected: str | None,
        component: int | None = None,
        repetition: int | None = None,
        name: str | None = None,
    ) -> None:
        uses = self.spec.uses
        known = name or (uses[element - 1].name if 0 < element <= len(uses) else None)
        place = self.segment.place(element, component, known, self.loop)
        if self.spec.named and place.label is None:
            place = replace(place, label=self.spec.label(element))
        if repetition is not None:
            place = replace(place, repetition=repetition)
        self.faults.append(Fault(code, place, self.spec.shown(element, came), expected))

    def run(self) -> None:
        most, there = len(self.spec.uses), len(self.elements)
        for number, use in enumerate(self.spec.uses, 1):
            text = self.elements[number] if number < there else ""
            if text or use.required:
                self._element(number, use, text)
        if extra := [number for number in range(most + 1, len(self.elements)) if self.elements[number]]:
            self.fault(Code.TOO_MANY_ELEMENTS, extra[0], self.elements[extra[0]], f"at most {most} elements")
        if self.spec.rules:
            self._rules()
        for place in self.spec.require:
            if (missing := unmet(self.spec, place, self.elements)) is not None:
                self.fault(Code.ELEMENT_MISSING, missing, None, place)

    def _element(self, number: int, use: Use, text: str) -> None:
        if not text.strip(SEPARATORS):
            if use.required:
                self.fault(Code.ELEMENT_MISSING, number, None, use.name)
            if text:
                self.fault(Code.TRAILING_SEPARATORS, number, text, "nothing")
            return
        if isinstance(use.of, Element) and use.of.type == "B":
            self._value(number, use.of, text)
            return
        parts = text.split(REPETITION)
        if len(parts) > use.repeat:
            expected = f"at most {use.repeat}" if use.repeat > 1 else "one value"
            self.fault(Code.TOO_MANY_REPETITIONS, number, text, expected)
        for index, part in enumerate(parts, 1):
            if part:
                self._part(number, use.of, part, index if len(parts) > 1 else None)

    def _part(self, number: int, of: Element | Composite, text: str, repetition: int | None) -> None:
        """One repetition: a value, or a composite's components."""
        if isinstance(of, Composite):
            self._composite(number, of, text.split(COMPONENT), repetition)
        elif COMPONENT in text:
            self.fault(Code.TOO_MANY_COMPONENTS, number, text, "a single value", repetition=repetition)
        else:
            self._value(number, of, text, None, repetition)

    def _composite(self, number: int, of: Composite, parts: list[str], repetition: int | None) -> None:
        most = len(of.components)
        for index, use in enumerate(of.components, 1):
            text = parts[index - 1] if index <= len(parts) else ""
            if text and isinstance(use.of, Element):
                self._value(number, use.of, text, index, repetition, of.is_listed(index, parts))
            elif use.required and not text:
                self.fault(Code.ELEMENT_MISSING, number, None, use.name, index, repetition, use.name)
        if any(parts[most:]):
            expected = f"at most {most} components"
            self.fault(Code.TOO_MANY_COMPONENTS, number, parts[most], expected, most + 1, repetition)
        if len(parts) > 1 and not parts[-1]:
            expected = "no empty components at the end"
            self.fault(Code.TRAILING_SEPARATORS, number, None, expected, len(parts), repetition)
        if of.moment is not None and max(of.moment) <= len(parts):
            stated, format = of.moment
            text = parts[stated - 1]
            if text and (wrong := spelled_as(text, parts[format - 1])) is not None:
                name = of.components[stated - 1].name
                self.fault(wrong[0], number, text, wrong[1], stated, repetition, name)
        for rule in of.rules:
            at = broken(rule, lambda at: at <= len(parts) and parts[at - 1] != "")
            if at is not None:
                names = [f"component {n} ({of.components[n - 1].name})" for n in rule.at]
                code = Code.EXCLUSION if rule.kind == "E" else Code.CONDITION
                self.fault(code, number, None, _condition(rule, names), at, repetition)

    def _value(
        self,
        number: int,
        of: Element,
        text: str,
        component: int | None = None,
        repetition: int | None = None,
        listed: bool = True,
    ) -> None:
        wrong = spelled(text, of) or (coded(text, of) if listed or of.closed else None)
        if wrong is not None:
            name = of.name if component else None
            self.fault(wrong[0], number, text, wrong[1], component, repetition, name)

    def _rules(self) -> None:
        known = self.elements[: len(self.spec.uses) + 1]
        present = sum([1 << number for number, text in enumerate(known) if text.strip(SEPARATORS)])
        for rule in self.spec.rules:
            if not rule.holds(present):
                self._rule(rule)

    def _rule(self, rule: Rule) -> None:
        def has(number: int) -> bool:
            return _get(self.elements, number).strip(SEPARATORS) != ""

        number = broken(rule, has)
        if number is None:
            return
        tag, uses = self.segment.tag, self.spec.uses
        names = [f"{tag}{at:02d} ({uses[at - 1].name})" for at in rule.at]
        code = Code.EXCLUSION if rule.kind == "E" else Code.CONDITION
        self.fault(code, number, _get(self.elements, number) or None, _condition(rule, names))
