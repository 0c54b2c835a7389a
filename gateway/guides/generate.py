"""Python source for one position of a guide: a function over a segment's elements that returns when all is usual.

What else a segment does, to its document's slots, is a function of its own where what was found good in one document
need not be looked at in the next.

What the first lets pass, the exact check lets pass too; whatever else it meets it hands to `unusual`, which knows. So
the generated code never has to be complete, only sound. Values of a guide are bound as constants, never spliced in.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

from gateway.formats.segment import COMPONENT
from gateway.guides.check import broken, unmet
from gateway.guides.model import OWN_LISTS, Composite, Element, Position, Rule, SegmentSpec, Use
from gateway.guides.spelling import FORMATS, NUMBER, coded, real_date, real_time, spelled, spelled_as

MEMO = 20_000
"""Dates, times and unlisted codes seen and found good, of each kind at most; then that memory starts anew."""

SEEN: dict[tuple[str, int, int], set[str]] = {}

KEPT = 512
"""Composites' functions at most."""

_composites: OrderedDict[tuple[int, bool], tuple[Composite, Callable[[str], bool]]] = OrderedDict()


class Exceeded(Exception):
    """A counted position came once too often here; only the exact reader knows whether it fits elsewhere."""


class Hook(Protocol):
    """What a map adds to the functions. Each method may write lines; each sees the position it is asked for."""

    def opens(self, position: Position, source: Source) -> None:
        """At the function's start: `e` are the elements, `n` their number."""

    def element(self, position: Position, number: int, variable: str, test: str, source: Source) -> bool:
        """Where the element has a value, in `variable`. Returns whether anything was written.

        `test` is the line that sends a bad value away. What is written begins with it, or knows that it would pass.
        """

    def closes(self, position: Position, source: Source) -> None:
        """At the function's end, when every element is good; where what it makes lasts, it may return that."""

    def hangs(self, position: Position, source: Source) -> bool:
        """Where `S` is the document's slots, and `v` what lasts; `t` is a tree's level. Returns whether it wrote."""

    def lasts(self, position: Position) -> bool:
        """Whether what is made may be hung into many documents; else one function both makes and hangs it."""


class NoHook:
    """Validation alone."""

    def opens(self, position: Position, source: Source) -> None:
        return

    def element(self, position: Position, number: int, variable: str, test: str, source: Source) -> bool:
        return False

    def closes(self, position: Position, source: Source) -> None:
        return

    def hangs(self, position: Position, source: Source) -> bool:
        return False

    def lasts(self, position: Position) -> bool:
        return True


class Source:
    """Lines being written, and the constants they name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0
        self.constants: dict[str, Any] = {}
        self._named: dict[int, str] = {}

    def add(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def constant(self, value: Any) -> str:
        """The name the value is bound to; the same object keeps its name."""
        name = self._named.get(id(value))
        if name is None:
            name = self._named[id(value)] = f"K{len(self._named)}"
            self.constants[name] = value
        return name

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def remembered(of: Element) -> tuple[set[str], Callable[[str], bool]]:
    """The good values seen of such elements, and the test of one that was not: values of documents repeat."""
    if of.form is not None:
        return _remembered_formed(of)
    seen = SEEN.setdefault((of.type, of.min, of.max), set())
    right = {"DT": real_date, "TM": real_time}.get(of.type, _printable)

    def good(text: str) -> bool:
        if not of.min <= len(text) <= of.max or not right(text):
            return False
        if len(seen) >= MEMO:
            seen.clear()
        seen.add(text)
        return True

    return seen, good


def _remembered_formed(of: Element) -> tuple[set[str], Callable[[str], bool]]:
    """The same for an element that has a form of its own."""
    seen: set[str] = set()
    plainly = of.form.plainly if of.form is not None and of.codes is None else None

    def good(text: str) -> bool:
        usual = plainly is not None and len(text) <= of.max and plainly.fullmatch(text)
        if not usual and (spelled(text, of) is not None or (of.closed and coded(text, of) is not None)):
            return False
        if len(seen) >= MEMO:
            seen.clear()
        seen.add(text)
        return True

    return seen, good


def _printable(text: str) -> bool:
    return text.isprintable() and text[-1] != " "


def function(
    position: Position,
    spec: SegmentSpec,
    name: str,
    source: Source,
    unusual: Callable[[list[str]], None],
    hook: Hook,
    strict: bool = False,
    hang: Callable[[], bool] | None = None,
    composites: bool = False,
) -> None:
    """Writes `def name(e)` for a segment at its position. With `strict` whatever would earn a note is unusual too.

    With `hang` it is `def name(e, S)`, and does at its end what that writes. Without `composites` one that has more
    than its first component is unusual.
    """
    _Function(position, spec, source, unusual, hook, strict, composites).write(name, hang)


def hanging(
    position: Position,
    source: Source,
    hook: Hook,
    count: tuple[int, int] | None = None,
    reset: tuple[int, int] | None = None,
    follow: Callable[..., Any] | None = None,
) -> bool:
    """Writes what a segment does to its document's slots, `S`; False where it does nothing.

    `count` is (slot, maximum) of a position counted while reading, `reset` the slots that a loop opening here clears,
    `follow` what makes of the first segment of a tree's loop the level `t`.
    """
    if count is not None:
        source.add(f"S[{count[0]}] += 1")
        source.add(f"if S[{count[0]}] > {count[1]}: raise {source.constant(Exceeded)}")
    if reset is not None:
        zeros = source.constant([0] * (reset[1] - reset[0]))
        source.add(f"S[{reset[0]}:{reset[1]}] = {zeros}")
    if follow is not None:
        source.add(f"t = {source.constant(follow)}(e, S)")
    hung = hook.hangs(position, source)
    return bool(count or reset or follow or hung)


class _Function:
    def __init__(
        self,
        position: Position,
        spec: SegmentSpec,
        source: Source,
        unusual: Callable[[list[str]], None],
        hook: Hook,
        strict: bool,
        composites: bool,
    ) -> None:
        self.strict = strict
        self.composites = composites
        self.position = position
        self.spec = spec
        self.source = source
        self.hook = hook
        self.slow = f"return {source.constant(unusual)}(e)"
        self.most = len(spec.uses)
        self.pairs = _own_pairs(spec)
        self.least = max((at for at, use in enumerate(spec.uses, 1) if use.required), default=0)

    def write(self, name: str, hang: Callable[[], bool] | None) -> None:
        add = self.source.add
        add(f"def {name}(e, S):" if hang else f"def {name}(e):")
        self.source.depth += 1
        add("n = len(e)")
        if constants := list(
            self.position.constants
        ):  # what else may stand here, or elsewhere, is not known here
            wanted, exceeded = self.source.constant(constants), self.source.constant(Exceeded)
            add(f"if e[1:{1 + len(constants)}] != {wanted}: raise {exceeded}")
        short = f" or n <= {self.least}" if self.least else ""
        trailing = " or not e[-1]" if self.strict else ""
        add(f"if n > {self.most + 1}{short}{trailing}: {self.slow}")
        self.hook.opens(self.position, self.source)
        self._elements(1)
        for rule in self.spec.rules:
            if rule.kind == "R":
                self._rule(rule, 0)
        if self.spec.require:
            add(f"if {self.source.constant(_unmet(self.spec))}(e): {self.slow}")
        self.hook.closes(self.position, self.source)
        if hang:
            hang()
        self.source.depth -= 1

    def _elements(self, number: int) -> None:
        """Element by element; behind the last mandatory one each stands in an `if n > number` of its own."""
        if number > self.most:
            return
        if number in self.pairs:
            self._pair(number)
            return
        optional = number > self.least
        if optional:
            self.source.add(f"if n > {number}:")
            self.source.depth += 1
        self._element(number, self.spec.uses[number - 1])
        self._elements(number + 1)
        for rule in self.spec.rules:
            if _level(rule) == number:
                self._rule(rule, number)
        if optional:
            self.source.depth -= 1

    def _pair(self, number: int) -> None:
        """Two neighbours under a P of their own: both, checked at once, or neither."""
        add, (one, other) = self.source.add, (f"v{number}", f"v{number + 1}")
        add(f"if n > {number + 1}:")
        self.source.depth += 1
        add(f"{one} = e[{number}]")
        add(f"{other} = e[{number + 1}]")
        add(f"if {one} and {other}:")
        self.source.depth += 1
        self._value(number)
        self._value(number + 1)
        self.source.depth -= 1
        add(f"elif {one} or {other}: {self.slow}  # P{number:02d}{number + 1:02d}")
        self._elements(number + 2)
        self.source.depth -= 1
        add(f"elif n > {number} and e[{number}]: {self.slow}")

    def _element(self, number: int, use: Use) -> None:
        add, variable = self.source.add, f"v{number}"
        add(f"{variable} = e[{number}]")
        if use.required:
            add(f"if not {variable}: {self.slow}")
            self._value(number)
            return
        add(f"if {variable}:")
        self.source.depth += 1
        self._value(number)
        self.source.depth -= 1

    def _value(self, number: int) -> None:
        """A value that is there: whether it is good, and what the hook makes of it."""
        use, v = self.spec.uses[number - 1], f"v{number}"
        bad = bad_value(use, v, self.source, self.strict, self.composites)
        test = f"if {bad}: {self.slow}"
        if not self.hook.element(self.position, number, f"v{number}", test, self.source):
            self.source.add(test)

    def _rule(self, rule: Rule, known: int) -> None:
        """A condition; `known` is the element this block already knows to be inside the segment."""
        gone = {
            at: f"(not v{at})" if at <= max(self.least, known) else f"(n <= {at} or not v{at})"
            for at in rule.at
        }
        first, rest = gone[rule.at[0]], [gone[at] for at in rule.at[1:]]
        self.source.add(f"if {BROKEN[rule.kind](first, rest)}: {self.slow}  # {rule}")


BROKEN: dict[str, Callable[[str, list[str]], str]] = {
    "P": lambda first, rest: " or ".join(f"{first} is not {other}" for other in rest),
    "R": lambda first, rest: " and ".join([first, *rest]),
    "E": lambda first, rest: f"{' + '.join([first, *rest])} < {len(rest)}",
    "C": lambda first, rest: f"not {first} and ({' or '.join(rest)})",
    "L": lambda first, rest: f"not {first} and {' and '.join(rest)}",
}
"""Each kind of condition, broken, in terms of "element is absent"."""


def _own_pairs(spec: SegmentSpec) -> frozenset[int]:
    """The first of each two optional neighbours that one P joins and no other condition names."""
    named = [at for rule in spec.rules for at in rule.at]
    return frozenset(
        rule.at[0]
        for rule in spec.rules
        if rule.kind == "P"
        and len(rule.at) == 2
        and rule.at[1] == rule.at[0] + 1
        and all(named.count(at) == 1 and not _required_from(spec, at) for at in rule.at)
    )


def _required_from(spec: SegmentSpec, number: int) -> bool:
    """Whether this element or one behind it is mandatory."""
    return any(use.required for use in spec.uses[number - 1 :])


def _level(rule: Rule) -> int:
    """The element a condition needs: while the segment ends before it, the condition holds. R needs none."""
    if rule.kind == "R":
        return 0
    return rule.at[0] if rule.kind in "CL" else min(rule.at)


def bad_value(use: Use, variable: str, source: Source, strict: bool = False, composites: bool = False) -> str:
    """An expression that is false only for a non-empty value the exact check accepts as it stands."""
    if isinstance(use.of, Composite):
        if composites and not use.of.rules:
            return f"{source.constant(_taken_apart(use.of, strict))}({variable})"
        return _bad_composite(use.of, variable, source, strict)
    return bad_element(use.of, variable, source, strict)


def _bad_composite(of: Composite, variable: str, source: Source, strict: bool) -> str:
    """A composite sent as its first component alone is usual, where its other components allow that."""
    first = of.components[0]
    alone = not any(use.required for use in of.components[1:])
    if not alone or any(broken(rule, lambda at: at == 1) for rule in of.rules):
        return "True"
    return bad_value(first, variable, source, strict)


def _taken_apart(of: Composite, strict: bool) -> Callable[[str], bool]:
    """Whether a composite is unusual, its components looked at one by one."""
    kept = _composites.get((id(of), strict))
    if kept is None:
        kept = _composites[id(of), strict] = (of, _components(of, strict))
        while len(_composites) > KEPT:
            _composites.popitem(last=False)
    return kept[1]


def _components(of: Composite, strict: bool) -> Callable[[str], bool]:
    source = Source()
    source.add("def bad(v):")
    source.depth += 1
    source.add(f"if v[-1] == {COMPONENT!r}: return True")
    source.add(f"c = v.split({COMPONENT!r})")
    source.add("n = len(c)")
    least = max((at for at, use in enumerate(of.components, 1) if use.required), default=1)
    source.add(f"if n > {len(of.components)}{f' or n < {least}' if least > 1 else ''}: return True")
    for at, use in enumerate(of.components):
        if at >= least:
            source.add(f"if n == {at}: return False")
        source.add(f"v = c[{at}]")
        bad = bad_value(use, "v", source, strict)
        agency = of.agencies.get(at + 1)
        if agency is not None and isinstance(use.of, Element) and use.of.codes and not use.of.closed:
            plain = bad_element(replace(use.of, codes=None, type="AN"), "v", source, strict)
            bad = f"({plain}) if n >= {agency} and c[{agency - 1}] not in {OWN_LISTS!r} else ({bad})"
        source.add(f"if not v or {bad}: return True" if use.required else f"if v and ({bad}): return True")
        if of.moment is not None and at + 1 == max(of.moment):
            stated, format = (f"c[{number - 1}]" for number in of.moment)
            source.add(f"if {stated} and {source.constant(_misspelled)}({stated}, {format}): return True")
    source.add("return False")
    names: dict[str, Any] = dict(source.constants)
    exec(compile(source.text, f"<composite {of.id}>", "exec"), names)  # noqa: S102
    found: Callable[[str], bool] = names["bad"]
    return found


def _misspelled(text: str, format: str) -> bool:
    """Whether a moment is not as its format says; those found good are remembered."""
    seen = SEEN.setdefault((format, 0, 0), set()) if format in FORMATS else None
    if seen is None or text in seen:
        return False
    if spelled_as(text, format) is not None:
        return True
    if len(seen) >= MEMO:
        seen.clear()
    seen.add(text)
    return False


def bad_element(of: Element, v: str, source: Source, strict: bool = False) -> str:
    """The same for a simple element."""
    if of.form is not None or of.type in ("DT", "TM") or (of.type == "ID" and of.codes is None):
        seen, good = map(source.constant, remembered(of))
        return f"{v} not in {seen} and not {good}({v})"
    if of.type == "A":
        return f"not {v}.isalpha() or {_wrong_length(of.min, of.max, v)}"
    if of.type in ("AN", "ID", "B"):
        wrong = f"{_wrong_length(of.min, of.max, v)} or not {v}.isprintable()"
        if of.codes is None:
            return wrong
        fit = source.constant(_usual(of.type, of.min, of.max, tuple(of.codes)))
        return f"{v} not in {fit}" if of.closed or strict else f"{v} not in {fit} and ({wrong})"
    if of.type == "R":
        # One character may be the decimal point, which is not counted.
        least = of.min if of.min <= 1 else of.min + len(of.marks)
        if len(of.marks) == 1:
            digits = f"{v}.isdecimal() or {v}.replace('.', '', 1).isdecimal()"
        else:
            digits = f"{v}.isdecimal() or {source.constant(NUMBER.fullmatch)}({v})"
        return f"not ({digits}) or {_wrong_length(least, of.max, v)} or not {v}.isascii()"
    return f"not {v}.isdecimal() or {_wrong_length(of.min, of.max, v)} or not {v}.isascii()"


@lru_cache(maxsize=1024)
def _usual(type: str, least: int, most: int, codes: tuple[str, ...]) -> frozenset[str]:
    """The codes that the exact check takes as they stand. The elements of many guides have the same."""
    of = Element("", "", type, least, most)
    return frozenset(code for code in codes if code == code.rstrip(" ") != "" and spelled(code, of) is None)


def _wrong_length(least: int, most: int, v: str) -> str:
    if least <= 1:
        return f"len({v}) > {most}"
    return f"len({v}) != {most}" if least == most else f"not {least} <= len({v}) <= {most}"


def _unmet(spec: SegmentSpec) -> Callable[[list[str]], bool]:
    return lambda elements: any(unmet(spec, place, elements) is not None for place in spec.require)
