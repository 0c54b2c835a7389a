"""Templates that engineers write into YAML: Jinja2 in its immutable sandbox, and bounded by what may stand in one.

A template names values, picks parts of them, and filters them: no loops, calls, assignments or multiplications. So
what it costs grows with its own length and that of its values, and no clock is needed to end it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.errors import SetupError
from gateway.marked_yaml import close

LONGEST = 2_000
"""Characters of a template."""

LARGEST = 64 << 10
"""Characters of what one gives, and of every value on the way there."""

FILTERS = (
    "default",
    "first",
    "int",
    "last",
    "length",
    "lower",
    "replace",
    "string",
    "trim",
    "truncate",
    "upper",
)

ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Filter,
    nodes.Keyword,
    nodes.Test,
    nodes.CondExpr,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Concat,
)
"""The parts of Jinja2's language that a template is made of."""

Written = Callable[[Any], Any]
"""How a value is written where it stands in a template: percent-encoded in a path, as it is elsewhere."""


class Missing(jinja2.Undefined):
    """What has no value, nor has anything in it. It is false, has no text, and `default` takes its place."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or f"there is no value {self._undefined_name}"

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, step: Any) -> Missing:  # type: ignore[override]  # of jinja2 it is one that always fails
        if self._undefined_hint:  # why it may not be looked at is told, whatever was sought in it
            return self
        return Missing(name=f"{self._undefined_name}.{step}", exc=self._undefined_exception)

    def _no_text(self, *_: Any) -> Any:
        self._fail_with_undefined_error()

    __str__ = __iter__ = __len__ = _no_text


class TooLong(Exception):
    """Something grew beyond `LARGEST`."""


class Template:
    """One template. Raises SetupError when it is none, or says more than it may."""

    def __init__(self, source: str, written: Written | None = None) -> None:
        self.source = source
        self._compiled = _compiled(source, written)

    def render(self, values: Mapping[str, Any]) -> str:
        """The text for these values. Raises SetupError when one is missing or it grows too long."""
        try:
            return "".join(_bounded(self._compiled.generate(dict(values))))
        except TooLong:
            raise SetupError(f"filling in {self.source!r}: more than {LARGEST} characters") from None
        except (jinja2.TemplateError, TypeError, ValueError, OverflowError) as error:
            raise SetupError(f"filling in {self.source!r}: {error}") from None

    @property
    def names(self) -> frozenset[str]:
        """The values it names."""
        return frozenset(meta.find_undeclared_variables(_parsed(self.source)))

    @property
    def places(self) -> tuple[tuple[str | int | None, ...], ...]:
        """The values it names, each with the steps it takes into them; None is a step only the values know."""
        parsed, found = _parsed(self.source), dict[tuple[str | int | None, ...], None]()
        inner = {id(part.node) for part in _steps_of(parsed)}
        for part in (*parsed.find_all(nodes.Name), *_steps_of(parsed)):
            if id(part) not in inner and (steps := _steps(part)):
                found[steps] = None
        return tuple(found)


def _steps_of(parsed: nodes.Node) -> list[nodes.Getattr | nodes.Getitem]:
    return [*parsed.find_all(nodes.Getattr), *parsed.find_all(nodes.Getitem)]


def _steps(part: nodes.Node) -> tuple[str | int | None, ...]:
    """`buyer.id` -> buyer, id; nothing where it begins with anything but a name."""
    if isinstance(part, nodes.Name):
        return (part.name,)
    if not isinstance(part, nodes.Getattr | nodes.Getitem):
        return ()
    around = _steps(part.node)
    if isinstance(part, nodes.Getattr):
        return (*around, part.attr) if around else ()
    if isinstance(part.arg, nodes.Slice):  # of a list or text, again one
        return around
    step = part.arg.value if isinstance(part.arg, nodes.Const) else None
    return (*around, step if isinstance(step, str | int) else None) if around else ()


def _bounded(parts: Iterator[str]) -> Iterator[str]:
    left = LARGEST
    for part in parts:
        left -= len(part)
        if left < 0:
            raise TooLong
        yield part


def _kept_short(name: str) -> Callable[..., Any]:
    """Jinja2's own filter, whose result may not grow without bound."""
    original: Callable[..., Any] = jinja2.filters.FILTERS[name]

    def short(*given: Any, **named: Any) -> Any:
        found = original(*given, **named)
        if isinstance(found, str) and len(found) > LARGEST:
            raise TooLong
        return found

    return functools.update_wrapper(short, original)  # with its mark that it wants the environment


def _environment(written: Written | None) -> ImmutableSandboxedEnvironment:
    found = ImmutableSandboxedEnvironment(
        undefined=Missing, finalize=written, autoescape=False, keep_trailing_newline=True
    )
    found.filters = {name: _kept_short(name) for name in FILTERS}
    found.globals = {}
    return found


@lru_cache(maxsize=256)
def _compiled(source: str, written: Written | None) -> jinja2.Template:
    parsed = _parsed(source)
    return _environment(written).from_string(parsed)


@lru_cache(maxsize=256)
def _parsed(source: str) -> nodes.Template:
    if len(source) > LONGEST:
        raise SetupError(f"reading a template: more than {LONGEST} characters")
    try:
        parsed = _environment(None).parse(source)
    except jinja2.TemplateError as error:
        raise SetupError(f"reading the template {source!r}: {error}") from None
    for part in parsed.find_all(nodes.Node):
        if not isinstance(part, ALLOWED):
            what = type(part).__name__.lower()
            raise SetupError(f"reading the template {source!r}: {what} may not stand in one")
        if isinstance(part, nodes.Filter) and part.name not in FILTERS:
            raise SetupError(
                f"reading the template {source!r}: no filter {part.name}; {close(part.name, FILTERS)}"
            )
    return parsed
